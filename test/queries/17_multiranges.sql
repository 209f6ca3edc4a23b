-- ordered
SELECT room, range_agg(days) AS taken, range_intersect_agg(price) AS price,
  unnest(range_agg(days) - datemultirange(daterange('2025-02-01',
    '2025-03-01'))) AS outside,
  count(*) FILTER (WHERE closed @> days) AS never,
  count(*) FILTER (WHERE closed && days) AS sometimes
FROM bookings
GROUP BY room
ORDER BY room, outside;
