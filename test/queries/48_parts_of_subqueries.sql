-- ordered
-- mixed: make_interval is called by named arguments
SELECT make_interval(hours => q.d % 48) AS hours, q.c, w.until
FROM (SELECT a, b, c, coalesce(a, b) AS d FROM pairs
      ORDER BY c LIMIT 20 OFFSET 3) q
JOIN (SELECT room, max(upper(during)) + make_interval(hours => 2) AS until
      FROM bookings GROUP BY room) w ON w.room = 'room ' || q.d
ORDER BY q.c;
