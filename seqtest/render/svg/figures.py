"""The figures of the eight kinds of participants, as SVG elements with the classes they are given."""

from collections.abc import Callable

from seqtest.render.svg.letters import number as n
from seqtest.render.svg.shapes import Rect

Figure = Callable[[Rect, str, str], str]
"""`figure(rect, classes of what is filled, classes of what is only a line)`."""


def box(r: Rect, fill: str, line: str) -> str:
    return f'<rect class="{fill}" x="{n(r.x)}" y="{n(r.y)}" width="{n(r.width)}" height="{n(r.height)}" rx="4"/>'


def actor(r: Rect, fill: str, line: str) -> str:
    x, y = r.x + r.width / 2, r.y
    return (
        f'<circle class="{fill}" cx="{n(x)}" cy="{n(y + 8)}" r="7.5"/>'
        f'<path class="{line}" d="M{n(x)} {n(y + 15.5)}v19M{n(x - 13)} {n(y + 22)}h26M{n(x - 11)} {n(y + 50)}'
        f'L{n(x)} {n(y + 34.5)}L{n(x + 11)} {n(y + 50)}"/>'
    )


def boundary(r: Rect, fill: str, line: str) -> str:
    x, y = r.x + r.width / 2, r.y + r.height / 2
    return (
        f'<path class="{line}" d="M{n(x - 17)} {n(y - 12)}v24M{n(x - 17)} {n(y)}h12"/>'
        f'<circle class="{fill}" cx="{n(x + 6)}" cy="{n(y)}" r="12"/>'
    )


def control(r: Rect, fill: str, line: str) -> str:
    x, y = r.x + r.width / 2, r.y + 20
    return (
        f'<circle class="{fill}" cx="{n(x)}" cy="{n(y)}" r="12"/>'
        f'<path class="{line}" d="M{n(x + 5)} {n(y - 17)}L{n(x - 1)} {n(y - 12)}L{n(x + 5)} {n(y - 7)}"/>'
    )


def entity(r: Rect, fill: str, line: str) -> str:
    x, y = r.x + r.width / 2, r.y + 13
    return (
        f'<circle class="{fill}" cx="{n(x)}" cy="{n(y)}" r="12"/><path class="{line}" d="M{n(x - 12)} {n(y + 15)}h24"/>'
    )


def database(r: Rect, fill: str, line: str) -> str:
    x, y, w, h, cap = r.x, r.y + 5, r.width, r.height - 10, 7
    return (
        f'<path class="{fill}" d="M{n(x)} {n(y)}v{n(h)}c0 {cap} {n(w)} {cap} {n(w)} 0v{n(-h)}'
        f'c0 {-cap} {n(-w)} {-cap} {n(-w)} 0z"/>'
        f'<path class="{line}" d="M{n(x)} {n(y)}c0 {cap} {n(w)} {cap} {n(w)} 0"/>'
    )


def queue(r: Rect, fill: str, line: str) -> str:
    x, y, w, h = r.x + 6, r.y, r.width - 12, r.height
    return (
        f'<path class="{fill}" d="M{n(x)} {n(y)}h{n(w)}c8 0 8 {n(h)} 0 {n(h)}h{n(-w)}c-8 0 -8 {n(-h)} 0 {n(-h)}z"/>'
        f'<path class="{line}" d="M{n(x + w)} {n(y)}c-8 0 -8 {n(h)} 0 {n(h)}"/>'
    )


def collections(r: Rect, fill: str, line: str) -> str:
    rear = Rect(r.x + 4, r.y, r.width - 4, r.height - 4)
    front = Rect(r.x, r.y + 4, r.width - 4, r.height - 4)
    return box(rear, fill, line) + box(front, fill, line)


FIGURES: dict[str, Figure] = {
    "participant": box,
    "actor": actor,
    "boundary": boundary,
    "control": control,
    "entity": entity,
    "database": database,
    "queue": queue,
    "collections": collections,
}
