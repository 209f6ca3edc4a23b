"""Curves over time as an SVG, without any package."""

WIDTH, HEIGHT, LEFT, TOP, GAP = 800, 200, 60, 30, 50
COLORS = ("#0969da", "#cf222e", "#1a7f37", "#8250df")


def _panel(title, curves, top):
    points = [point for curve in curves for point in curve]
    last = max((s for s, _ in points), default=1) or 1
    most = (max((v for _, v in points), default=1) or 1) * 1.1

    def place(s, value):
        return "%.1f,%.1f" % (LEFT + s / last * (WIDTH - LEFT - 20),
                              top + HEIGHT - value / most * HEIGHT)

    yield '<text x="%d" y="%d" font-weight="bold">%s</text>' % (
        LEFT, top - 8, title)
    for share in (0, 0.5, 1):
        y = top + HEIGHT - share / 1.1 * HEIGHT
        yield ('<path d="M%d %.1fH%d" stroke="#d0d7de"/><text x="%d" y="%.1f" '
               'text-anchor="end">%.3g</text>' % (
                   LEFT, y, WIDTH - 20, LEFT - 6, y + 4, share * most / 1.1))
    yield '<text x="%d" y="%d" text-anchor="end">%.0f s</text>' % (
        WIDTH - 20, top + HEIGHT + 16, last)
    for number, curve in enumerate(curves):
        yield ('<polyline fill="none" stroke="%s" points="%s"/>' % (
            COLORS[number % len(COLORS)],
            " ".join(place(*point) for point in curve)))


def draw(path, panels):
    """panels: (title, [curve, ...]), a curve: [(s, value), ...]."""
    lines = []
    for number, (title, curves) in enumerate(panels):
        lines += _panel(title, curves, TOP + number * (HEIGHT + GAP))
    with open(path, "w") as file:
        file.write('<svg xmlns="http://www.w3.org/2000/svg" width="%d" '
                   'height="%d" font-family="sans-serif" font-size="12">\n'
                   '<rect width="100%%" height="100%%" fill="white"/>\n%s\n'
                   "</svg>\n" % (WIDTH, TOP + len(panels) * (HEIGHT + GAP),
                                 "\n".join(lines)))
