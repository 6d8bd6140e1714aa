"""Horizontal bars on a logarithmic scale as plain SVG; the picture brings its background, light or dark.

A row is (label, value, bar, met, note). Bars start at 1; a tick stands where the row's bar is; red rows miss theirs.
"""
import math
from xml.sax.saxutils import escape

ROW, TOP, LEFT, PLOT, RIGHT = 20, 74, 340, 400, 170
STYLE = """
svg { --page: #ffffff; --ink: #1f2328; --soft: #59636e; --line: #d1d9e0;
  --met: #1a7f37; --missed: #cf222e; --free: #6e7781; }
@media (prefers-color-scheme: dark) {
  svg { --page: #0d1117; --ink: #f0f6fc; --soft: #9198a1; --line: #3d444d;
    --met: #3fb950; --missed: #f85149; --free: #8b949e; }
}
text { font: 12px system-ui, sans-serif; fill: var(--ink); }
.title { font-size: 15px; font-weight: 600; }
.soft { fill: var(--soft); }
.red { fill: var(--missed); font-weight: 600; }
.line { stroke: var(--line); }
.one { stroke: var(--ink); }
.tick { stroke: var(--ink); stroke-width: 2; }
.page { fill: var(--page); } .met { fill: var(--met); } .missed { fill: var(--missed); } .free { fill: var(--free); }
"""
KINDS = {True: "met", False: "missed", None: "free"}


def powers(values):
    """The powers of two that enclose the values and 1."""
    logs = [math.log2(value) for value in values if value] + [0.0]
    return list(range(math.floor(min(logs)), math.ceil(max(logs)) + 1 or 1))


def scale(value, exponents):
    first, last = exponents[0], exponents[-1]
    return LEFT + PLOT * (math.log2(value) - first) / max(last - first, 1)


def text(x, y, content, kind="", anchor="start"):
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}">{escape(content)}</text>'


def line(x, top, bottom, kind):
    return f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top}" y2="{bottom}" class="{kind}"/>'


def grid(exponents, bottom):
    parts = []
    for exponent in exponents:
        x = scale(2.0**exponent, exponents)
        parts += [
            line(x, TOP - 6, bottom, "one" if exponent == 0 else "line"),
            text(x, TOP - 12, f"{2.0**exponent:g}", "soft", "middle"),
        ]
    return parts


def bar(row, y, exponents):
    label, value, least, met, note = row
    parts = [text(LEFT - 10, y + 13, label, "red" if met is False else "", "end")]
    if value:
        left, right = sorted((scale(1.0, exponents), scale(value, exponents)))
        width, height = max(right - left, 1), ROW - 7
        place = f'x="{left:.1f}" y="{y + 3}" width="{width:.1f}" height="{height}"'
        parts.append(f'<rect {place} rx="2" class="{KINDS[met]}"/>')
    if least:
        parts.append(line(scale(least, exponents), y + 1, y + ROW - 2, "tick"))
    value_text = f"{value:.2f}" if value else "–"
    return [*parts, text(LEFT + PLOT + 10, y + 13, f"{value_text}  {note}", "red" if met is False else "soft")]


def chart(title, subtitle, rows):
    """The whole picture as text."""
    exponents = powers([value for _, found, least, _, _ in rows for value in (found, least)])
    bottom = TOP + ROW * len(rows)
    parts = [
        f'<rect width="{LEFT + PLOT + RIGHT}" height="{bottom + 12}" class="page"/>',
        text(12, 22, title, "title"),
        text(12, 40, subtitle, "soft"),
    ]
    parts += grid(exponents, bottom)
    for number, row in enumerate(rows):
        parts += bar(row, TOP + ROW * number, exponents)
    width, height = LEFT + PLOT + RIGHT, bottom + 12
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{escape(title)}">'
    return "\n".join([head, f"<style>{STYLE}</style>", *parts, "</svg>", ""])
