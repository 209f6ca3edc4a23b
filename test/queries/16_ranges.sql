-- ordered
SELECT a.id, b.id, a.days * b.days AS common, a.days + b.days AS together,
  upper(a.days) - lower(a.days) AS length, lower_inc(a.days) AS inclusive,
  a.seats -|- b.seats AS adjacent, a.price @> 5.0 AS five,
  isempty(a.seats) AS empty, range_merge(a.seats, b.seats) AS merged
FROM bookings a JOIN bookings b
  ON a.room = b.room AND a.days && b.days AND a.id < b.id
ORDER BY a.id, b.id;
