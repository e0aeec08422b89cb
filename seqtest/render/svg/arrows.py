"""Painting an arrow: its line, its marks at both ends, its label."""

from collections.abc import Callable
from math import hypot

from seqtest.render.svg.ink import Ink
from seqtest.render.svg.letters import number as n
from seqtest.render.svg.mark import State
from seqtest.render.svg.shapes import Arrow

LENGTH, HALF = 9, 4.5
"""A head's length, and half its width."""
CIRCLE = 4
BADGE = 7

_States = dict[str, tuple[str, str]]
_STATE_CLASSES: _States = {"failed": ("sf", "failed"), "unexpected": ("su", "unexpected")}


def paint_arrow(out: list[str], arrow: Arrow, ink: Ink) -> None:
    """Line and heads; a hidden arrow is nothing."""
    look = arrow.message.arrow
    if look.is_hidden:
        return
    line, fill = "a", "af"
    if arrow.state in _STATE_CLASSES:
        line, fill = f"a {_STATE_CLASSES[arrow.state][0]}", _STATE_CLASSES[arrow.state][1]
    elif arrow.color:
        line, fill = f"a {ink.stroke(arrow.color)}".rstrip(), f"af {ink.stroke(arrow.color, True)}".rstrip()
    if look.is_dotted:
        line += " dot"
    if arrow.loop:
        _loop(out, arrow, line, fill)
        return
    _straight(out, arrow, arrow.x1, arrow.y1, arrow.x2, arrow.y2, line, fill)
    for x1, x2, y in arrow.more:
        _straight(out, arrow, x1, y, x2, y, line, fill)


def _straight(out: list[str], arrow: Arrow, x1: float, y1: float, x2: float, y2: float, line: str, fill: str) -> None:
    look = arrow.message.arrow
    length = hypot(x2 - x1, y2 - y1) or 1.0
    ux, uy = (x2 - x1) / length, (y2 - y1) / length
    marks: list[str] = []
    if look.circle_at_start:
        marks.append(_circle(x1, y1, fill))
        x1, y1 = x1 + ux * CIRCLE, y1 + uy * CIRCLE
    if look.circle_at_end:
        marks.append(_circle(x2, y2, fill))
        x2, y2 = x2 - ux * CIRCLE, y2 - uy * CIRCLE
    tip_x, tip_y = x2 - ux, y2 - uy
    back = _HEADS[look.head](marks, tip_x, tip_y, ux, uy, line, fill)
    front = 0.0
    if look.tail != "none":
        front = _HEADS[look.tail](marks, x1 + ux, y1 + uy, -ux, -uy, line, fill)
    start_x, start_y = x1 + ux * front, y1 + uy * front
    end_x, end_y = tip_x - ux * back, tip_y - uy * back
    out.append(f'<line class="{line}" x1="{n(start_x)}" y1="{n(start_y)}" x2="{n(end_x)}" y2="{n(end_y)}"/>')
    out += marks


def _loop(out: list[str], arrow: Arrow, line: str, fill: str) -> None:
    look = arrow.message.arrow
    side = 1.0 if arrow.loop > 0 else -1.0
    outer = (max if side > 0 else min)(arrow.x1, arrow.x2) + arrow.loop
    marks: list[str] = []
    tip = arrow.x2 + side
    start = arrow.x1
    if look.circle_at_start:
        marks.append(_circle(start, arrow.y1, fill))
        start += side * CIRCLE
    if look.circle_at_end:
        marks.append(_circle(arrow.x2, arrow.y2, fill))
        tip += side * CIRCLE
    back = _HEADS[look.head](marks, tip, arrow.y2, -side, 0.0, line, fill)
    front = _HEADS[look.tail](marks, start + side, arrow.y1, -side, 0.0, line, fill) if look.tail != "none" else 0.0
    radius = 4
    out.append(
        f'<path class="{line}" d="M{n(start + side * front)} {n(arrow.y1)}H{n(outer - side * radius)}'
        f"q{n(side * radius)} 0 {n(side * radius)} {radius}V{n(arrow.y2 - radius)}"
        f'q0 {radius} {n(-side * radius)} {radius}H{n(tip + side * back)}"/>'
    )
    out += marks


def _circle(x: float, y: float, fill: str) -> str:
    return f'<circle class="{fill}" cx="{n(x)}" cy="{n(y)}" r="{CIRCLE}"/>'


_Head = Callable[[list[str], float, float, float, float, str, str], float]
"""Paints a head with its tip at a place, pointing along a unit vector; gives how far behind the tip the line ends."""


def _filled(out: list[str], x: float, y: float, ux: float, uy: float, line: str, fill: str) -> float:
    left, right = _corners(x, y, ux, uy)
    out.append(f'<path class="{fill}" d="M{n(x)} {n(y)}L{left}L{right}z"/>')
    return LENGTH - 1


def _open(out: list[str], x: float, y: float, ux: float, uy: float, line: str, fill: str) -> float:
    left, right = _corners(x, y, ux, uy)
    out.append(f'<path class="{line.removesuffix(" dot")}" d="M{left}L{n(x)} {n(y)}L{right}"/>')
    return 0.0


def _half(is_filled: bool, is_top: bool) -> _Head:
    def paint(out: list[str], x: float, y: float, ux: float, uy: float, line: str, fill: str) -> float:
        corners = _corners(x, y, ux, uy)
        corner = corners[0 if is_top == (ux > 0) else 1]
        if not is_filled:
            out.append(f'<path class="{line.removesuffix(" dot")}" d="M{corner}L{n(x)} {n(y)}"/>')
            return 0.0
        behind = f"{n(x - ux * LENGTH)} {n(y - uy * LENGTH)}"
        out.append(f'<path class="{fill}" d="M{n(x)} {n(y)}L{corner}L{behind}z"/>')
        return 1.0

    return paint


def _cross(out: list[str], x: float, y: float, ux: float, uy: float, line: str, fill: str) -> float:
    cx, cy = x - ux * 11, y - uy * 11
    path = f"M{n(cx - 5)} {n(cy - 5)}l10 10M{n(cx - 5)} {n(cy + 5)}l10 -10"
    out.append(f'<path class="{line.removesuffix(" dot")} wide" d="{path}"/>')
    return 11.0


def _nothing(out: list[str], x: float, y: float, ux: float, uy: float, line: str, fill: str) -> float:
    return 0.0


def _corners(x: float, y: float, ux: float, uy: float) -> tuple[str, str]:
    bx, by = x - ux * LENGTH, y - uy * LENGTH
    return f"{n(bx + uy * HALF)} {n(by - ux * HALF)}", f"{n(bx - uy * HALF)} {n(by + ux * HALF)}"


_HEADS: dict[str, _Head] = {
    "filled": _filled,
    "open": _open,
    "cross": _cross,
    "filled-top": _half(True, True),
    "filled-bottom": _half(True, False),
    "open-top": _half(False, True),
    "open-bottom": _half(False, False),
    "none": _nothing,
}

_BADGES: dict[str | None, tuple[str, str, float, float]] = {
    "passed": ("passed", "M{0} {1}l2.2 2.4l4 -4.6", -3.1, 0.2),
    "failed": ("failed", "M{0} {1}l5 5m0 -5l-5 5", -2.5, -2.5),
    "unexpected": ("unexpected", "M{0} {1}v4.4m0 2v.6", 0, -3.6),
    "not reached": ("skipped", "M{0} {1}h5.6", -2.8, 0),
}


def paint_badge(out: list[str], state: State | None, x: float, y: float) -> None:
    """What became of something, at that place: a tick, a cross, an exclamation mark or a dash."""
    if state not in _BADGES:
        return
    name, path, dx, dy = _BADGES[state]
    out.append(f'<circle class="{name} badge" cx="{n(x)}" cy="{n(y)}" r="{BADGE}"/>')
    out.append(f'<path class="badge-mark" d="{path.format(n(x + dx), n(y + dy))}"/>')
