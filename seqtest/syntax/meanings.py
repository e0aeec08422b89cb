"""What an arrow's and a link's text mean."""

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Literal

from seqtest.dataclass import dataclass

if TYPE_CHECKING:
    from seqtest.syntax.reader import Reader

LINE_STYLES = frozenset({"dotted", "dashed", "bold", "hidden"})


@dataclass(frozen=True, slots=True)
class ArrowParts:
    """An arrow's pieces from left to right, as written."""

    left_border: str = ""
    left_mark: str = ""
    left_head: str = ""
    dashes: int = 0
    styles: tuple[str, ...] = ()
    ends_in_style: bool = False
    """No dash stands behind the styles."""
    right_head: str = ""
    right_mark: str = ""
    right_border: str = ""
    slant: int = 0


@dataclass(frozen=True, slots=True)
class LinkParts:
    url: str
    tooltip: str | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True)
class ArrowMeaning:
    """What an arrow draws, once it is known which way it goes."""

    is_reversed: bool
    """The sender is the right-hand end."""
    head: str
    tail: str
    is_dotted: bool
    is_hidden: bool
    color: str | None
    circle_at_start: bool
    circle_at_end: bool
    slant: int
    border: Literal["left", "right"]
    """Which border a gate's arrow touches."""
    is_short: bool
    unknown_styles: tuple[str, ...] = ()
    is_broken_off: bool = False
    """It comes from the border, or goes to it, by a style without a dash: `A <-[#red]]`, which PlantUML refuses."""


@lru_cache(maxsize=4096)
def arrow_meaning(text: str, kind: Literal["arrow", "left_gate", "right_gate"]) -> ArrowMeaning | None:
    """What the arrow means; None when nothing in it says which way it goes."""
    return _meaning(_reader().parse(text, start=kind), kind)


@lru_cache(maxsize=1024)
def link_parts(text: str) -> LinkParts:
    """The parts of `[[url{tooltip} label]]`."""
    return _reader().parse(text, start="link")  # type: ignore[no-any-return]  # its action makes them


def _meaning(parts: ArrowParts, kind: str) -> ArrowMeaning | None:
    both_crossed = parts.left_mark == parts.right_mark == "x"
    if parts.right_head or both_crossed:
        is_reversed = False
    elif parts.left_head:
        is_reversed = True
    elif "x" in (parts.left_mark, parts.right_mark):
        is_reversed = False
    else:
        return None
    right, left = (parts.right_head, parts.right_mark), (parts.left_head, parts.left_mark)
    end, start = (left, right) if is_reversed else (right, left)
    colors = [style for style in parts.styles if style.startswith("#")]
    border = {"": kind[:-5], "?": kind[:-5], "[": "left", "]": "right"}[parts.left_border or parts.right_border]
    return ArrowMeaning(
        is_reversed=is_reversed,
        head="cross" if end[1] == "x" else _head(end[0] or ">") + _half(parts),
        tail="cross" if start[1] == "x" else _head(start[0]) if start[0] else "none",
        is_dotted=parts.dashes > 1 or "dotted" in parts.styles or "dashed" in parts.styles,
        is_hidden="hidden" in parts.styles,
        color=colors[-1] if colors else None,
        circle_at_start=start[1] == "o",
        circle_at_end=end[1] == "o",
        slant=parts.slant,
        border="left" if border == "left" else "right",
        is_short="?" in (parts.left_border, parts.right_border),
        unknown_styles=tuple(style for style in parts.styles if style[0] != "#" and style not in LINE_STYLES),
        is_broken_off=kind != "arrow" and is_reversed and parts.ends_in_style,
    )


def _head(text: str) -> str:
    return "open" if len(text) == 2 else "filled"


def _half(parts: ArrowParts) -> str:
    """The half of the head that a slash leaves; with slashes at both ends the lower one is asked for last."""
    if "/" in parts.right_head or "\\" in parts.left_head:
        return "-bottom"
    if "\\" in parts.right_head or "/" in parts.left_head:
        return "-top"
    return ""


@cache
def _reader() -> "Reader":
    from seqtest.syntax.grammar import reader
    from seqtest.syntax.pieces import Pieces

    return reader("pieces", Pieces())
