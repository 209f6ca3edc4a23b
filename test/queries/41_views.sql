-- ordered
SELECT r.month, r.orders, r.revenue, o.customer, o.total
FROM revenue_by_month r
LEFT JOIN open_orders o
  ON date_trunc('month', o.placed_at, 'UTC')::date = r.month
  AND o.total > 3800
ORDER BY r.month, o.total, o.id;
