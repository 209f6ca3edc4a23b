-- ordered
SELECT sensor, at, state & B'0110' AS masked, state << 1 AS shifted,
  get_bit(state, 0) AS bit, bit_count(state) AS bits, state::int AS number,
  host(source) AS host, masklen(source) AS mask, set_masklen(source, 16),
  source << inet '10.1.0.0/16' AS inside, source + 3 AS third,
  spread * 2 AS double, justify_interval(spread) AS justified
FROM readings
WHERE source <<= inet '10.2.0.0/24' AND state > B'1000'
ORDER BY sensor, at;
