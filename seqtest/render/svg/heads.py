"""How large a participant's head is, and where its figure, name and stereotypes stand in it."""

import re
from collections.abc import Callable
from typing import Literal

from seqtest.dataclass import dataclass
from seqtest.diagram import Participant
from seqtest.render.svg import theme
from seqtest.render.svg.looks import Looks
from seqtest.render.svg.shapes import Head, Rect, Spot, Text
from seqtest.render.svg.typeset import Paragraph, label, note

_SPOT = re.compile(r"\(\s*(.)\s*(?:,\s*(#?\w+)\s*)?\)\s*(.*)$", re.DOTALL)
ICONS: dict[str, tuple[int, int]] = {
    "actor": (28, 52),
    "boundary": (42, 28),
    "control": (28, 34),
    "entity": (28, 30),
    "database": (34, 40),
}
"""Figures that stand above their name: width and height."""
SPOT_RADIUS = 10


@dataclass(frozen=True, slots=True)
class HeadSize:
    participant: Participant
    width: int
    height: int
    name: Paragraph
    stereotype: Paragraph
    spot: tuple[Paragraph, str] | None = None
    color: str | None = None
    line: str | None = None
    ink: str | None = None


def size_head(participant: Participant, looks: Looks) -> HeadSize:
    """Set the name and the stereotypes, and see how much room they take."""
    font = looks.font(theme.NAME, participant.kind)
    name = note([line.text for line in participant.lines], font) if participant.lines else label(participant.name, font)
    words, spot = _stereotype(participant, looks)
    width, height = max(name.width, words.width), name.height + words.height
    icon = ICONS.get(participant.kind)
    if spot:
        beside = name.width if icon else width
        width = max(width, beside + 2 * SPOT_RADIUS + 6)
        height = max(height, 2 * SPOT_RADIUS)
    if icon:
        width, height = max(width, icon[0]), height + icon[1] + 3
    else:
        width, height = max(width + 2 * _SIDE.get(participant.kind, 12), 48), max(height + 14, 30)
    what, stereotypes = participant.kind, participant.stereotypes
    is_plain = what == "participant"
    default = None if is_plain else looks.color("participant", "backgroundcolor", stereotypes)
    return HeadSize(
        participant,
        width + width % 2,
        height,
        name,
        words,
        spot,
        participant.color or looks.color(what, "backgroundcolor", stereotypes) or default,
        looks.color(what, "bordercolor", stereotypes),
        looks.color(what, "fontcolor", stereotypes),
    )


_SIDE = {"queue": 18, "collections": 14}


def _stereotype(participant: Participant, looks: Looks) -> tuple[Paragraph, tuple[Paragraph, str] | None]:
    shown: list[str] = []
    spot: tuple[Paragraph, str] | None = None
    for text in () if looks.hides_stereotypes else participant.stereotypes:
        match = _SPOT.match(text)
        if match:
            spot = label(match[1], theme.SPOT), match[2] or "#add1b2"
            text = match[3]
        if text:
            is_sprite = text[0] == "$" and looks.glyphs is not None and text[1:] in looks.glyphs.sprites
            shown.append(f"<{text}>" if is_sprite else f"«{text}»")
    return label("\\n".join(shown), looks.font(theme.STEREOTYPE, "stereotype")), spot


def place_head(size: HeadSize, column: int, x: float, top: float, role: Literal["head", "tail", "created"]) -> Head:
    """The head with its middle at x. Icons stand above their name at the top, below it at the bottom."""
    place = _place_icon if size.participant.kind in ICONS else _place_box
    return place(size, column, x, top, role)


_Place = Callable[[HeadSize, int, float, float, Literal["head", "tail", "created"]], Head]


def _texts(size: HeadSize, x: float, top: float) -> tuple[Text, ...]:
    texts: list[Text] = []
    for paragraph in (size.stereotype, size.name):
        if not paragraph.is_empty:
            texts.append(Text(x - paragraph.width / 2, top, paragraph))
        top += paragraph.height
    return tuple(texts)


def _place_icon(size: HeadSize, column: int, x: float, top: float, role: Literal["head", "tail", "created"]) -> Head:
    width, height = ICONS[size.participant.kind]
    text_height = size.name.height + size.stereotype.height
    is_tail = role == "tail"
    figure = Rect(x - width / 2, top + text_height + 3 if is_tail else top, width, height)
    texts = _texts(size, x, top if is_tail else top + height + 3)
    spot = None
    if size.spot:
        spot = _spot(size.spot, figure.right + SPOT_RADIUS + 2, figure.y + SPOT_RADIUS)
    rect = Rect(x - size.width / 2, top, size.width, size.height)
    return Head(column, size.participant, rect, figure, texts, spot, role, size.color, size.line, size.ink)


def _place_box(size: HeadSize, column: int, x: float, top: float, role: Literal["head", "tail", "created"]) -> Head:
    rect = Rect(x - size.width / 2, top, size.width, size.height)
    height = size.name.height + size.stereotype.height
    shift = SPOT_RADIUS + 3 if size.spot else 0
    texts = _texts(size, x + shift, top + (size.height - height) // 2)
    spot = None
    if size.spot:
        left = min(text.x for text in texts) if texts else x
        spot = _spot(size.spot, left - SPOT_RADIUS - 5, top + size.height / 2)
    return Head(column, size.participant, rect, rect, texts, spot, role, size.color, size.line, size.ink)


def _spot(spot: tuple[Paragraph, str], x: float, y: float) -> Spot:
    letter, color = spot
    return Spot(x, y, Text(x - letter.width / 2, y - letter.height / 2, letter), color)
