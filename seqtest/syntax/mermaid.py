"""Mermaid's sequence diagrams, read into the same marks as PlantUML's; what has no counterpart is kept as it is."""

import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from html import unescape
from typing import TYPE_CHECKING, Any

from seqtest.dataclass import replace
from seqtest.errors import Finding
from seqtest.source import Source
from seqtest.syntax import tree as marks
from seqtest.syntax.colors import DIGITS
from seqtest.syntax.lines import cut, physical_line
from seqtest.syntax.reader import Unexpected
from seqtest.syntax.tree import Line, Node, Piece, Statement, SyntaxTree, Who

if TYPE_CHECKING:
    from seqtest.syntax.reader import Reader

ARROWS: Mapping[str, str] = {
    "->": "->",
    "-->": "-->",
    "->>": "->",
    "-->>": "-->",
    "<<->>": "<->",
    "<<-->>": "<-->",
    "-x": "->x",
    "--x": "-->x",
    "-)": "->>",
    "--)": "-->>",
    "-|\\": "-\\",
    "-|/": "-/",
    "--|\\": "--\\",
    "--|/": "--/",
    "-\\\\": "-\\\\",
    "-//": "-//",
    "--\\\\": "--\\\\",
    "--//": "--//",
    "\\|-": "\\-",
    "/|-": "/-",
    "\\|--": "\\--",
    "/|--": "/--",
    "\\\\-": "\\\\-",
    "//-": "//-",
    "\\\\--": "\\\\--",
    "//--": "//--",
}
"""Mermaid's arrows as PlantUML's. Its `->` has no head; a message has a receiver, so it is read as a call."""

KINDS: Mapping[str, str] = {
    "actor": "actor",
    "boundary": "boundary",
    "control": "control",
    "entity": "entity",
    "database": "database",
    "collections": "collections",
    "queue": "queue",
}
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_TYPE = re.compile(r"""["']?type["']?\s*:\s*["'](\w+)["']""")
_ENTITY = re.compile(r"#(\d{1,7}|[A-Za-z][A-Za-z0-9]{1,30});")
_ENTITY_OR_END = re.compile(rf"{_ENTITY.pattern}|;")
_RGB = re.compile(r"rgba?\(\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})\s*(?:,\s*([\d.]{1,9})\s*)?\)", re.IGNORECASE)
_LINK = re.compile(r"link\s++([^:]++):([^@]*+)@\s*+(\S++)$", re.IGNORECASE)
_LINKS = re.compile(r"links\s++([^:]++):\s*+\{\s*+\"([^\"]*+)\"\s*+:\s*+\"([^\"\s]++)\"", re.IGNORECASE)
_DESCRIPTION = re.compile(r"accDescr\s*\{", re.IGNORECASE)
_WRAPPED = re.compile(r"(?:no)?wrap:\s*", re.IGNORECASE)
"""Whether a text is broken into lines is Mermaid's business."""
_NUMBER = re.compile(r"[0-9]{1,9}$")
_GROUPS = {"rect": "group", "par_over": "par2"}


def parse_mermaid(source: Source) -> SyntaxTree:
    """The tree of a `sequenceDiagram`. A line that cannot be read is in it as `Unread`."""
    rows = source.text.removeprefix("\ufeff").split("\n")
    lines = [physical_line(source, number, row) for number, row in enumerate(rows, source.first_line)]
    statements = tuple(_statements(lines))
    return SyntaxTree("", statements, source, lines[0], lines[-1])


def _statements(lines: list[Line]) -> Iterator[Statement]:
    open_: list[str] = []
    destroyed: list[Statement] = []
    parts = list(_parts(lines))
    has_title = any(line.text.startswith("title") for line in parts)
    for line in parts:
        if has_title and line.text[:8].lower() == "acctitle":
            continue  # for screen readers, beside the title that is drawn
        node = _node(line, open_)
        if node is None:
            continue
        if isinstance(node, marks.Setting):
            line = replace(line, text=node.text)
        statement = Statement(node, line)
        if isinstance(node, marks.LifeLine) and node.kind == "destroy":
            # Mermaid says `destroy` before the last message, PlantUML behind it.
            destroyed.append(statement)
            continue
        yield statement
        if isinstance(node, marks.MessageLine):
            yield from destroyed
            destroyed.clear()
    yield from destroyed


def _parts(lines: list[Line]) -> Iterator[Line]:
    """Lines without front matter and comments, cut at semicolons."""
    front = 0
    is_description = False
    for line in lines:
        if is_description or _DESCRIPTION.match(line.text):
            is_description = "}" not in line.text
            continue
        if line.text.rstrip() == "---" and front < 2 and (front or line is lines[0]):
            front += 1
            continue
        if front == 1:
            if line.text.startswith("title:"):
                yield cut(line, 0, len(line.text))
            continue
        if line.text.startswith("%%") or not line.text.strip():
            continue
        begin = 0
        signs = (match.start() for match in _ENTITY_OR_END.finditer(line.text) if match[0] == ";")
        for end in (*signs, len(line.text)):
            part = cut(line, begin, end)
            if part.text:
                yield part
            begin = end + 1


def _node(line: Line, open_: list[str]) -> Node | None:
    """What the line says in PlantUML's terms; None for the heading."""
    try:
        rule, words = read_line(line.text)
    except Unexpected as failure:
        return marks.Unread(_told(line, failure.at))
    if rule in ("group", "box"):
        open_.append(rule)
    if rule == "end" and open_ and open_.pop() == "box":
        return marks.EndBox()
    make = MAKERS.get(rule)
    return None if make is None else make(words)


def _told(line: Line, at: int) -> Finding:
    """Why a line cannot be read, and what was meant where that can be told."""
    kind = _OTHER_KIND.match(line.text)
    if kind:
        message = f"`{kind[0]}` is another kind of Mermaid's diagrams"
        return Finding("SQ130", message, line.span(0, kind.end()), expected="`sequenceDiagram` on the first line")
    arrow = _NO_ARROW.match(line.text)
    if arrow:
        do = "write `->>` for a request and `-->>` for its reply"
        return Finding("SQ130", f"`{arrow[1]}` is no arrow of Mermaid", line.span(*arrow.span(1)), do=do)
    if ":" not in line.text and _ARROW.search(line.text):
        do = "write `: ` and the text behind the receiver; a colon alone will do"
        return Finding(
            "SQ130", "a message of Mermaid has a text", line.span(len(line.text)), label="expected `:`", do=do
        )
    is_cut = line.places[0].column > len(line.lead) + 1
    return Finding(
        "SQ130",
        "this line is no statement of a Mermaid diagram",
        line.span(at if at < len(line.text) else 0),
        expected="an arrow such as `client->>server: GET /`, or a keyword such as `participant`, `alt` or `Note over`",
        do="a `;` ends a statement: write `#59;` for the sign itself" if is_cut else "",
    )


_OTHER_KIND = re.compile(
    r"(?:flowchart|graph|classDiagram|stateDiagram(?:-v2)?|erDiagram|journey|gantt|pie|quadrantChart|requirementDiagram"
    r"|gitGraph|mindmap|timeline|C4\w+|sankey-beta|xychart-beta|block-beta|zenuml)(?=\s|;|$)"
)
_NO_ARROW = re.compile(r"[^\s:=<>~.\-→⇒⟶]++\s*+(=+>+|<=+|[→⇒⟶]|~+>|\.+>|-{1,2}>{3,}|-{3,}>+|<-{1,2})\s*\w")
_ARROW = re.compile(r"--?(?:>>?|x|\))")


@lru_cache(maxsize=4096)
def read_line(text: str) -> tuple[str, tuple[Any, ...]]:
    """The rule that a line follows, and its words. Raises Unexpected."""
    tree: Any = _reader().parse(text, start="line").children[0]
    words = tuple(word if not hasattr(word, "children") else word.children[0] for word in tree.children)
    return str(tree.data), words


@cache
def _reader() -> "Reader":
    from seqtest.syntax.grammar import reader

    return reader("mermaid")


def _found(words: tuple[Any, ...], kind: str) -> Any:
    return next((word for word in words if word.type == kind), None)


def _who(token: Any) -> Who:
    """A name as a code that PlantUML could write: it may be quoted there."""
    return Who(str(token).strip(), None, token.start_pos, token.end_pos)


def _text(words: tuple[Any, ...]) -> Piece | None:
    token = _found(words, "TEXT")
    if token is None:
        return None
    wrapped = _WRAPPED.match(token)
    begin = wrapped.end() if wrapped else 0
    text = _BREAK.sub(r"\\n", _ENTITY.sub(_decoded, token[begin:]))
    return Piece(text, token.start_pos + begin) if text else None


def _decoded(entity: re.Match[str]) -> str:
    """`#9829;` and `#quot;` are signs; a number that is none stays as written."""
    code = entity[1]
    text = unescape(f"&#{code};" if code.isdigit() else f"&{code};")
    return entity[0] if text.startswith("&") and text != "&" else text


def _colored(text: Piece | None) -> tuple[Piece | None, Piece | None]:
    """The colour at the beginning of a box's or a rectangle's text, as PlantUML writes it, and the rest."""
    if text is None:
        return None, None
    match = _RGB.match(text.text)
    word = match[0] if match else text.text.split()[0]
    if match:
        parts = [min(int(part), 255) for part in match.groups()[:3]]
        if match[4]:
            parts.append(min(round(float(match[4]) * 255), 255))
        color = "#" + "".join(f"{part:02x}" for part in parts)
    elif word.lower() in DIGITS or word.lower() == "transparent":
        color = f"#{word}"
    elif re.fullmatch(r"#(?:[0-9a-fA-F]{3}){1,2}", word):
        color = word
    else:
        return None, text
    rest = text.text[len(word) :].strip()
    return Piece(color, text.at), Piece(rest, text.at + len(word)) if rest else None


def _participant(words: tuple[Any, ...]) -> Node:
    name, text, settings = _who(_found(words, "NAME")), _text(words), _found(words, "SETTINGS")
    kind = str(_found(words, "KIND")).lower()
    written = _TYPE.search(settings) if settings else None
    who = Who(name.code, None if text is None else text.text, name.at, name.end)
    kind = KINDS.get(written[1], kind) if written else kind
    return marks.Declaration(kind, who, is_create=_found(words, "CREATE") is not None)


def _message(words: tuple[Any, ...]) -> Node:
    left, right = (word for word in words if word.type == "NAME")
    arrow, mark, text = _found(words, "ARROW"), _found(words, "MARK"), _text(words)
    suffix = None if mark is None else Piece("++" if mark == "+" else "--", mark.start_pos)
    label = text or Piece("", right.end_pos)
    return marks.MessageLine(Piece(ARROWS[str(arrow)], arrow.start_pos), _who(left), _who(right), label, suffix)


def _note(words: tuple[Any, ...]) -> Node:
    beside = _found(words, "BESIDE")
    position = "over" if beside is None else str(beside).split()[0].lower()
    who = tuple(_who(word) for word in words if word.type == "NAME")
    return marks.NoteLine("note", position, who, text=_text(words) or Piece(""))


def _group(words: tuple[Any, ...]) -> Node:
    word = str(words[0]).lower()
    color, text = _colored(_text(words)) if word == "rect" else (None, _text(words))
    return marks.OpenGroup(_GROUPS.get(word, word), text, color=color)


def _box(words: tuple[Any, ...]) -> Node:
    color, title = _colored(_text(words))
    return marks.OpenBox(title, color=color)


def _autonumber(words: tuple[Any, ...]) -> Node:
    text = _text(words)
    numbers = [] if text is None else [Piece(word, text.at) for word in text.text.split() if _NUMBER.match(word)]
    if text is not None and text.text.lower() == "off":
        return marks.Autonumber("stop")
    number, step = [*numbers, None, None][:2]
    return marks.Autonumber("start", number, step)


def _kept(words: tuple[Any, ...]) -> Node:
    """A link belongs to its participant. What nobody draws is kept as a comment."""
    text = str(words[0])
    match = _LINK.match(text) or _LINKS.match(text)
    if match is None:
        return marks.Setting(f"' {text}")
    label = f" {match[2].strip()}" if match[2].strip() else ""
    return marks.UrlOf(Who(match[1].strip(), None, match.start(1), match.end(1)), Piece(f"[[{match[3]}{label}]]"))


MAKERS: Mapping[str, Any] = {
    "title": lambda words: marks.FurnitureLine("title", _text(words)),
    "participant": _participant,
    "message": _message,
    "note": _note,
    "life": lambda words: marks.LifeLine(str(words[0]).lower(), _who(words[1])),
    "group": _group,
    "branch": lambda words: marks.Branch("else", _text(words)),
    "end": lambda words: marks.EndGroup(),
    "box": _box,
    "autonumber": _autonumber,
    "kept": _kept,
}
