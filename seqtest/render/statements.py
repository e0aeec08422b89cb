"""Statements as canonical PlantUML: one line each, blanks where they read best, keywords in lower case."""

from collections.abc import Callable, Mapping
from typing import Any

from seqtest.syntax import tree as marks
from seqtest.syntax.tree import Node, Piece, Who


def written(node: Node) -> str | None:
    """The node as a line; None for one that is kept as it was written."""
    write = WRITERS.get(type(node))
    return None if write is None else " ".join(part for part in write(node) if part)


def name(who: Who) -> str:
    """A participant as a line names it, with the text that it is given there."""
    if who.text is not None:
        return f'"{who.text}" as {who.code}'
    if who.code.startswith('"'):
        # The quotes are part of the name: only `url of` names somebody so.
        return who.code
    return who.code if is_plain(who.code) else f'"{who.code}"'


def is_plain(code: str) -> bool:
    """Whether a name needs no quotes."""
    return bool(code) and all(char.isalnum() or char in "_.@" for char in code)


def _text(piece: Piece | None) -> str:
    return "" if piece is None else piece.text


def _texts(pieces: tuple[Piece, ...]) -> str:
    return " ".join(piece.text for piece in pieces)


def _label(piece: Piece | None) -> str:
    return "" if piece is None else f": {piece.text}".rstrip()


def _divider(node: marks.DividerLine) -> list[str]:
    if node.text is None:
        return ["===="]
    return [f"== {node.text.text}{node.behind}==" if node.behind else f"=={node.text.text}=="]


def _delay(node: marks.DelayLine) -> list[str]:
    if node.text is None:
        return ["..."]
    is_even = len(node.before) == len(node.behind)
    return [f"... {node.text.text} ..." if is_even else f"...{node.before}{node.text.text}{node.behind}..."]


def _declaration(node: marks.Declaration) -> list[str]:
    return [
        "create" if node.is_create else "",
        node.kind,
        _declared(node.who),
        _texts(node.stereotypes),
        "" if node.order is None else f"order {node.order}",
        _text(node.link),
        _text(node.color),
        "[" if node.is_open else "",
    ]


def _declared(who: Who) -> str:
    """The name in a declaration, where a plain text needs no quotes and may have them."""
    if who.text is not None and not who.is_quoted and is_plain(who.text):
        return f"{who.text} as {who.code}"
    return name(who)


def _message(node: marks.MessageLine) -> list[str]:
    return [
        "&" if node.is_parallel else "",
        f"{{{node.row}}}" if node.row else "",
        _end(node.left, node.start),
        node.arrow.text,
        "" if node.right is None else name(node.right),
        " ".join(f"& {piece.text}" for piece in node.more) + (f"{{{node.stop}}}" if node.stop and node.more else ""),
        *_behind(node),
    ]


def _end(who: Who | None, anchor: str | None) -> str:
    return "" if who is None else name(who) + (f"{{{anchor}}}" if anchor else "")


def _behind(node: marks.MessageLine) -> list[str]:
    return [_text(node.suffix), _text(node.color), _texts(node.stereotypes), _text(node.link), _label(node.label)]


def _anchored_message(node: marks.MessageLine) -> list[str]:
    parts = _message(node)
    if node.stop and not node.more:
        parts[4] += f"{{{node.stop}}}"
    return parts


def _life(node: marks.LifeLine) -> list[str]:
    if node.who is None:
        return [node.kind]
    if node.is_short:
        return [node.who.code, "++" if node.kind == "activate" else "--", _text(node.color)]
    return [node.kind, name(node.who), _text(node.color), _text(node.border)]


def _returned(node: marks.ReturnLine) -> list[str]:
    return ["&" if node.is_parallel else "", "return", _text(node.color), _text(node.text)]


def _open_group(node: marks.OpenGroup) -> list[str]:
    label = f"[{_text(node.text)}]" if node.has_label else _text(node.text)
    return [
        "&" if node.is_parallel else "",
        node.operator + _text(node.tab_color),
        _text(node.color),
        _text(node.title).rstrip(),
        label,
    ]


def _note(node: marks.NoteLine) -> list[str]:
    of = "" if node.is_on_message or node.position in ("over", "across") else "of"
    parts = [
        "&" if node.is_parallel else "",
        "/" if node.is_aligned else "",
        node.shape,
        node.position,
        of,
        ", ".join(map(name, node.participants)),
        _texts(node.stereotypes),
        _text(node.color),
        _text(node.link),
    ]
    # `note right: text` for a message's, `note over client : text` for one that stands by itself.
    line = " ".join(part for part in parts if part)
    return [line + _label(node.text)] if node.is_on_message else [line, _label(node.text)]


def _reference(node: marks.Reference) -> list[str]:
    # Here PlantUML takes an `@` for a gap between names.
    who = ", ".join(f'"{who.code}"' if "@" in who.code else name(who) for who in node.participants)
    return ["ref" + _text(node.tab_color), "over", who, _text(node.link), _text(node.color), _label(node.text)]


def _furniture(node: marks.FurnitureLine) -> list[str]:
    return [node.alignment or "", node.kind, _text(node.text)]


def _box(node: marks.OpenBox) -> list[str]:
    title = ""
    if node.title is not None:
        is_open = node.behind and not node.is_quoted
        title = f"{node.title.text}{node.behind[1:]}" if is_open else f'"{node.title.text}{node.behind}"'
    return ["box", title, _texts(node.stereotypes), _text(node.color)]


def _autonumber(node: marks.Autonumber) -> list[str]:
    command = "" if node.command == "start" else node.command
    return ["autonumber", command, _text(node.number), _text(node.step), _text(node.format), node.letter or ""]


WRITERS: Mapping[type, Callable[[Any], list[str]]] = {
    marks.Declaration: _declaration,
    marks.MessageLine: _anchored_message,
    marks.LifeLine: _life,
    marks.ReturnLine: _returned,
    marks.OpenGroup: _open_group,
    marks.Branch: lambda node: [node.keyword, _text(node.color), _text(node.text)],
    marks.EndGroup: lambda node: ["end", _text(node.text)],
    marks.NoteLine: _note,
    marks.Reference: _reference,
    marks.DividerLine: _divider,
    marks.DelayLine: _delay,
    marks.SpaceLine: lambda node: ["|||" if node.pixels is None else f"||{node.pixels}||"],
    marks.NewPageLine: lambda node: ["newpage", _text(node.title)],
    marks.Constraint: lambda node: [f"{{{node.start}}} <-> {{{node.stop}}}", _label(node.text)],
    marks.OpenBox: _box,
    marks.EndBox: lambda node: ["end box"],
    marks.Autonumber: _autonumber,
    marks.Autoactivate: lambda node: ["autoactivate", "on" if node.is_on else "off"],
    marks.FurnitureLine: _furniture,
    marks.UrlOf: lambda node: ["url of", name(node.who), "is", node.link.text],
}
