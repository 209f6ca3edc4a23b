-- ordered
SELECT sensor, at, at AT TIME ZONE 'Europe/Berlin' AS berlin,
  wall AT TIME ZONE 'America/New_York' AS new_york,
  date_trunc('day', at) AS day, date_trunc('day', at, 'Asia/Kolkata') AS india,
  extract(hour FROM at) AS hour, at::date AS date,
  at + interval '1 day' AS tomorrow, at > wall AS later,
  to_char(at, 'YYYY-MM-DD HH24:MI:SS TZH') AS shown, wall::timestamptz AS cast
FROM readings
WHERE at::date BETWEEN date '2025-03-28' AND date '2025-04-02'
  OR extract(month FROM at) = 11
ORDER BY sensor, at;
