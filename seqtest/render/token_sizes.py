"""Sizes of tokens side by side: a table with bars, JSON, Markdown, and a plot as SVG."""

import json
from collections.abc import Sequence
from html import escape

from seqtest.auth.formats import COOKIE, HEADER, Encoded


def as_text(found: Sequence[Encoded], *, width: int = 100) -> str:
    """A line a form: name, bytes, times the smallest, and a bar."""
    name_width = max(len(one.name) for one in found)
    room = max(10, width - name_width - 22)
    most = max(one.size for one in found)
    lines = [f"{'':<{name_width}}  {'bytes':>6}  {'times':>6}"]
    for one in found:
        bar = "█" * max(1, round(room * one.size / most))
        lines.append(f"{one.name:<{name_width}}  {one.size:>6}  {one.size / found[0].size:>6.1f}  {bar}")
    return "\n".join([*lines, "", *remarks(found)])


def remarks(found: Sequence[Encoded]) -> list[str]:
    """What the sizes mean where they travel."""
    lines = []
    limits = {f"one cookie ({COOKIE} bytes)": COOKIE, f"many a server's header fields ({HEADER} bytes)": HEADER}
    for words, limit in limits.items():
        big = [one.name for one in found if one.is_in_use and one.size > limit]
        lines.append(f"Too big for {words}: {', '.join(big) or 'none'}.")
    return lines


def as_json(found: Sequence[Encoded]) -> str:
    """A list of `{"format", "bytes"}`."""
    return json.dumps([{"format": one.name, "bytes": one.size} for one in found], indent=2)


def as_markdown(found: Sequence[Encoded]) -> str:
    """A table."""
    rows = [f"| {one.name} | {one.size} | {one.size / found[0].size:.1f} |" for one in found]
    return "\n".join(["| format | bytes | times the smallest |", "| --- | ---: | ---: |", *rows])


ROW, LEFT, ROOM = 26, 260, 480


def as_svg(found: Sequence[Encoded]) -> str:
    """Horizontal bars, as an image of its own."""
    most = max(one.size for one in found)
    height = ROW * len(found) + 50
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + ROOM + 90}" height="{height}" role="img" '
        'font-family="sans-serif" font-size="14">',
        "<title>Bytes of a token with the same content in several formats</title>",
        '<rect width="100%" height="100%" fill="#ffffff"/><text x="10" y="24" fill="#181818">Bytes on the wire</text>',
    ]
    for index, one in enumerate(found):
        y = 40 + ROW * index
        size = round(ROOM * one.size / most, 1)
        parts.append(
            f'<text x="{LEFT - 10}" y="{y + 15}" text-anchor="end" fill="#181818">{escape(one.name)}</text>'
            f'<rect x="{LEFT}" y="{y + 2}" width="{size}" height="18" fill="#3f6fa8"/>'
            f'<text x="{LEFT + size + 6}" y="{y + 15}" fill="#181818">{one.size}</text>'
        )
    return "".join([*parts, "</svg>\n"])
