"""From a line's words to its node: the actions behind `sequence.lark`."""

import re
from collections.abc import Sequence
from typing import Any

from seqtest.syntax.reader import Token
from seqtest.syntax.tree import (
    Autoactivate,
    Autonumber,
    Branch,
    Constraint,
    Declaration,
    DelayLine,
    DividerLine,
    EndBox,
    EndGroup,
    FurnitureLine,
    LifeLine,
    MessageLine,
    NewPageLine,
    Node,
    NoteLine,
    OpenBox,
    OpenGroup,
    Piece,
    Reference,
    ReturnLine,
    Setting,
    SpaceLine,
    UrlOf,
    Who,
)

Words = list[Any]
"""What a rule matched: tokens, and what the rules inside made."""


class _Label(tuple[Piece]):
    """What stands behind a line's colon."""


class _Place(tuple[str, tuple[Who, ...], bool]):
    """A note's position, its participants, and whether it hangs on a message."""


def _piece(token: Token) -> Piece:
    return Piece(str(token), token.start_pos or 0)


def _name(token: Token) -> str:
    """PlantUML takes an en dash for a hyphen, so that two names which differ in one are of one participant."""
    return _unquoted(token).replace("\u2013", "-")


def _referred(who: Who) -> Sequence[Who]:
    """Behind `ref over` PlantUML takes an `@` outside quotes for a gap between names."""
    if "@" not in who.code or who.end - who.at > len(who.code):
        return (who,)
    found = re.finditer(r"[^@]+", who.code)
    return [Who(match[0], None, who.at + match.start(), who.at + match.end()) for match in found]


def _unquoted(token: Token) -> str:
    return str(token[1:-1]) if token.type in ("QUOTED", "BOX_QUOTED") else str(token)


def _word(words: Words, *types: str) -> str:
    """The keyword among a rule's words, in lower case."""
    return next(str(word).lower() for word in words if type(word) is Token and word.type in types)


def _first(words: Words, *types: str) -> Token | None:
    for word in words:
        if type(word) is Token and word.type in types:
            return word
    return None


def _optional(words: Words, *types: str) -> Piece | None:
    token = _first(words, *types)
    return None if token is None else _piece(token)


def _trimmed(piece: Piece | None) -> Piece | None:
    """The piece without blanks at its end."""
    return None if piece is None else Piece(piece.text.rstrip(), piece.at)


def _blanks_behind(piece: Piece) -> str:
    return piece.text[len(piece.text.rstrip()) :]


def _every(words: Words, name: str) -> tuple[Piece, ...]:
    return tuple(_piece(word) for word in words if type(word) is Token and word.type == name)


def _made(words: Words, kind: type) -> Any:
    return next((word for word in words if type(word) is kind), None)


def _label(words: Words) -> Piece | None:
    label = _made(words, _Label)
    return None if label is None else label[0]


def _anchor(words: Words, name: str) -> str | None:
    token = _first(words, name)
    return None if token is None else str(token[1:-1])


class _Ended(tuple[Who, str]):
    """A message's end with the anchor that hugs it."""


class Statements:
    """One method a rule of the grammar."""

    def statement(self, words: Words) -> Node:
        return words[0]  # type: ignore[no-any-return]  # each rule below a statement makes a node

    # Names and labels

    def name(self, words: Words) -> Who:
        (token,) = words
        return Who(_name(token), None, token.start_pos, token.end_pos)

    sender = plain = name

    def text_as_code(self, words: Words) -> Who:
        text, _, code = words
        return Who(str(code), _name(text), text.start_pos, code.end_pos, text.type == "QUOTED")

    def code_as_text(self, words: Words) -> Who:
        code, _, text = words
        return Who(str(code), _name(text), code.start_pos, text.end_pos)

    def label(self, words: Words) -> _Label:
        return _Label((_piece(words[1]) if len(words) > 1 else Piece("", words[0].end_pos or 0),))

    # Participants

    def declaration(self, words: Words) -> Declaration:
        keyword = str(words[0]).lower().split(" ")
        order = _first(words, "INT")
        return Declaration(
            kind="participant" if keyword[-1] == "create" else keyword[-1],
            who=_made(words, Who),
            is_create=keyword[0] == "create",
            stereotypes=_every(words, "STEREOTYPE"),
            order=None if order is None else int(order),
            link=_optional(words, "LINK"),
            color=_optional(words, "COLOR"),
            is_open=_first(words, "BRACKET") is not None,
        )

    bracket_declaration = declaration

    def url_of(self, words: Words) -> UrlOf:
        who = _made(words, Who)
        # Quotes are part of the name here: PlantUML looks for nobody else.
        is_quoted = who.end - who.at > len(who.code)
        code = f'"{who.code}"' if is_quoted else who.code
        return UrlOf(Who(code, None, who.at, who.end), _piece(words[-1]))

    # Messages

    def end(self, words: Words) -> _Ended:
        return _Ended((words[0], str(words[1][1:-1])))

    def message(self, words: Words) -> MessageLine:
        ends = [word for word in words if type(word) in (Who, _Ended)]
        left = ends[0]
        return MessageLine(
            arrow=_piece(_first(words, "ARROW") or words[0]),
            left=left[0] if type(left) is _Ended else left,
            right=ends[1],
            label=_label(words),
            suffix=_optional(words, "SUFFIX"),
            color=_optional(words, "COLOR"),
            stereotypes=_every(words, "STEREOTYPE"),
            link=_optional(words, "LINK"),
            more=tuple(
                Piece(word.text[1:].lstrip(), word.end - len(word.text[1:].lstrip())) for word in _every(words, "MORE")
            ),
            row=_anchor(words, "ANCHOR"),
            start=left[1] if type(left) is _Ended else None,
            stop=_anchor(words, "END_ANCHOR"),
            is_parallel=_first(words, "PARALLEL") is not None,
        )

    def gate_tail(self, words: Words) -> Words:
        return words

    def from_left(self, words: Words) -> MessageLine:
        return self._gate(words, is_left=True)

    def from_right(self, words: Words) -> MessageLine:
        return self._gate(words, is_left=False)

    def _gate(self, words: Words, is_left: bool) -> MessageLine:
        who: Who = _made(words, Who)
        tail: Words = words[-1]
        return MessageLine(
            arrow=_piece(_first(words, "LEFT_GATE", "RIGHT_GATE") or words[0]),
            left=None if is_left else who,
            right=who if is_left else None,
            label=_label(tail),
            suffix=_optional(tail, "GATE_SUFFIX"),
            color=_optional(tail, "COLOR"),
            link=_optional(tail, "LINK"),
            row=_anchor(words, "ANCHOR"),
            is_parallel=_first(words, "PARALLEL") is not None,
        )

    # Life events, return

    def life(self, words: Words) -> LifeLine:
        first: Token = words[0]
        colors = _every(words, "COLOR")
        color = colors[0] if colors else None
        if first.type == "LIFE_NAME":
            kind = "activate" if words[1] == "++" else "deactivate"
            return LifeLine(kind, Who(str(first), None, first.start_pos or 0, first.end_pos or 0), color, is_short=True)
        return LifeLine(first.lower(), _made(words, Who), color, colors[1] if len(colors) > 1 else None)

    def returned(self, words: Words) -> ReturnLine:
        return ReturnLine(
            _optional(words, "TEXT"), _optional(words, "COLOR_THEN"), is_parallel=_first(words, "PARALLEL") is not None
        )

    def autoactivate(self, words: Words) -> Autoactivate:
        return Autoactivate(words[1].lower() == "on")

    # Groups

    def open_group(self, words: Words) -> OpenGroup:
        label = _first(words, "GROUP_LABEL")
        return OpenGroup(
            operator=_word(words, "GROUP", "GROUP_TITLED"),
            text=_optional(words, "TEXT") if label is None else Piece(str(label[1:-1]), (label.start_pos or 0) + 1),
            title=_optional(words, "GROUP_TITLE"),
            tab_color=_optional(words, "TAB_COLOR"),
            color=_optional(words, "BODY_COLOR"),
            has_label=label is not None,
            is_parallel=_first(words, "PARALLEL") is not None,
        )

    def branch(self, words: Words) -> Branch:
        return Branch(_word(words, "BRANCH"), _optional(words, "TEXT"), _optional(words, "BODY_COLOR"))

    def end_group(self, words: Words) -> EndGroup:
        return EndGroup(_optional(words, "TEXT"))

    # Notes and references

    def at_one(self, words: Words) -> _Place:
        return _Place((words[0].lower(), (words[-1],), False))

    def over_two(self, words: Words) -> _Place:
        return _Place(("over", (words[1], words[2]), False))

    def across(self, words: Words) -> _Place:
        return _Place(("across", (), False))

    def on_message(self, words: Words) -> _Place:
        return _Place((words[0].lower(), (), True))

    def note(self, words: Words) -> NoteLine:
        place: _Place = _made(words, _Place)
        return NoteLine(
            shape=_word(words, "NOTE"),
            position=place[0],
            participants=place[1],
            is_on_message=place[2],
            text=_label(words),
            stereotypes=_every(words, "STEREOTYPE"),
            color=_optional(words, "COLOR"),
            link=_optional(words, "LINK"),
            is_aligned=_first(words, "ALIGNED") is not None,
            is_parallel=_first(words, "PARALLEL") is not None,
        )

    def reference(self, words: Words) -> Reference:
        return Reference(
            participants=tuple(who for word in words if type(word) is Who for who in _referred(word)),
            text=_label(words),
            tab_color=_optional(words, "TAB_COLOR"),
            color=_optional(words, "COLOR"),
            link=_optional(words, "LINK"),
        )

    # Dividers, delays, spaces, pages, durations

    def divider(self, words: Words) -> DividerLine:
        text = _optional(words, "DIVIDER_TEXT")
        return DividerLine() if text is None else DividerLine(_trimmed(text), _blanks_behind(text))

    def delay(self, words: Words) -> DelayLine:
        text = _optional(words, "DELAY_TEXT")
        if text is None:
            return DelayLine()
        return DelayLine(_trimmed(text), " " * (text.at - words[0].end_pos), _blanks_behind(text))

    def space(self, words: Words) -> SpaceLine:
        pixels = _first(words, "PIXELS")
        return SpaceLine(None if pixels is None else int(pixels))

    def new_page(self, words: Words) -> NewPageLine:
        return NewPageLine(_optional(words, "TEXT_WITH_WORD"))

    def constraint(self, words: Words) -> Constraint:
        return Constraint(str(words[0][1:-1]), str(words[2][1:-1]), _label(words))

    # Boxes, numbering, furniture, settings

    def box(self, words: Words) -> OpenBox:
        token = _first(words, "BOX_QUOTED", "BOX_TITLE")
        title = None if token is None else Piece(_unquoted(token), token.start_pos or 0)
        return OpenBox(
            title=_trimmed(title),
            stereotypes=_every(words, "STEREOTYPE"),
            color=_optional(words, "COLOR"),
            behind="" if title is None else _blanks_behind(title),
            is_quoted=token is None or token.type == "BOX_QUOTED",
        )

    def end_box(self, words: Words) -> EndBox:
        return EndBox()

    def autonumber(self, words: Words) -> Autonumber:
        command = _first(words, "NUMBERING")
        letter = _first(words, "LETTER")
        return Autonumber(
            command="start" if command is None else command.lower(),
            number=_optional(words, "LEVELS"),
            step=_optional(words, "STEP"),
            format=_optional(words, "FORMAT"),
            letter=None if letter is None else str(letter),
        )

    def furniture(self, words: Words) -> FurnitureLine:
        alignment = _first(words, "ALIGNMENT")
        return FurnitureLine(
            _word(words, "FURNITURE", "RUNNING"),
            _optional(words, "TEXT_WITH_WORD"),
            None if alignment is None else alignment.lower(),
        )

    def setting(self, words: Words) -> Setting:
        return Setting(str(words[0]))

    def parameter(self, words: Words) -> Setting:
        return Setting(str(words[0]), is_open=words[0].endswith("{"))

    def open_setting(self, words: Words) -> Setting:
        return Setting(str(words[0]), is_open=True)
