-- ordered
SELECT country,
  percentile_cont(0.25) WITHIN GROUP (ORDER BY credit::float8) AS quarter,
  percentile_disc(ARRAY[0.1, 0.9]) WITHIN GROUP (ORDER BY credit) AS tails,
  mode() WITHIN GROUP (ORDER BY tags[1]) AS common,
  rank(500.0) WITHIN GROUP (ORDER BY credit DESC) AS would_be,
  dense_rank(date '1980-01-01') WITHIN GROUP (ORDER BY born) AS young,
  percent_rank(100.0) WITHIN GROUP (ORDER BY credit) AS low
FROM customers
GROUP BY country
ORDER BY country;
