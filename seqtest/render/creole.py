"""Creole, the markup inside PlantUML's texts: what is bold, a link, a list, a table, not how it is painted.

`runs` reads one line; `label` and `blocks` read a text of several, in which lists, trees, tables, headings and rules
count too. Markup that is not known or not closed is text and shown as written.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from typing import Literal, NamedTuple

from seqtest.pattern import pattern
from seqtest.render.markup import visible


class Icon(NamedTuple):
    """A picture in a text: `$sprite` or `&icon`."""

    name: str
    scale: float = 1.0


class Style(NamedTuple):
    """How a run of text looks beyond its place's own font."""

    bold: bool = False
    italic: bool = False
    mono: bool = False
    strike: bool = False
    underline: bool = False
    wavy: bool = False
    color: str | None = None
    """A name or `#rrggbb`, as written."""
    back: str | None = None
    size: int | None = None
    """Font size in pixels."""
    shift: Literal["", "sub", "sup"] = ""
    url: str | None = None
    tooltip: str | None = None
    icon: Icon | None = None
    """Stands in place of the text, which is shown when there is no such picture."""


PLAIN = Style()


class Run(NamedTuple):
    """Text in one style."""

    text: str
    style: Style = PLAIN


class Line(NamedTuple):
    """One line of text; a heading of `level` 1 or more, or an item of a list `level` deep with its `marker`."""

    runs: tuple[Run, ...]
    kind: Literal["text", "heading", "item"] = "text"
    level: int = 0
    marker: str = ""
    """`•`, or the number of an item."""
    align: Literal["", "left", "center", "right"] = ""


class Rule(NamedTuple):
    """A line across the text, with words in its middle or none. `mark` is `-`, `=`, `.` or `_`."""

    mark: str
    runs: tuple[Run, ...] = ()


class Cell(NamedTuple):
    lines: tuple[tuple[Run, ...], ...]
    is_head: bool = False
    color: str | None = None


class Table(NamedTuple):
    rows: tuple[tuple[Cell, ...], ...]


class Branch(NamedTuple):
    """One line of a tree, `level` 1 or more deep."""

    level: int
    runs: tuple[Run, ...]


class Tree(NamedTuple):
    """Lines that begin with `|_`."""

    branches: tuple[Branch, ...]


Block = Line | Rule | Table | Tree

_MAYBE_MARKED = pattern(r"\*\*|//|\"\"|--|__|~|<|\[\[|&#")
_MARK = pattern(
    r"""
      (?P<wavy>~~(?P<wavy_text>[^~]+)~~)
    | ~(?P<escaped>\*\*|//|\"\"|--|__|[<\[\]*\#/"\-._])
    | \*\*(?P<bold>.+?)\*\*
    | (?<!:)//(?P<italic>.+?)(?<!:)//
    | \"\"(?P<mono>.+?)\"\"
    | --(?P<strike>.+?)--
    | __(?P<underline>.+?)__
    | \[\[(?P<link>[^\[\]]+|"[^"]*"[^\]]*)\]\]
    | &\#(?P<decimal>\d{1,7});
    | <[Uu]\+(?P<code>[0-9A-Fa-f]{4,6})>
    | <<\s?(?P<guillemets>(?:<&\w+>|[^<>])+?)\s?>>
    | <:(?P<emoji>[\w+-]+):>
    | <(?P<icon>[$&][\w.\-/]+)(?P<look>(?:[*,{][^<>]*)?)>
    | <(?P<tag>/?(?i:b|i|u|s|w|plain|del|strike|color|back|size|font|sub|sup)\b[^<>]*)>
    """,
    re.VERBOSE,
)
_CODE_POINT = pattern(r"1f[0-9a-f]{3}$|2[0-9a-f]{3}$", re.IGNORECASE)
_DELIMITED = ("bold", "italic", "mono", "strike", "underline")
_TAG = pattern(r"(/?)(\w+)[\s:]*(.*)$", re.DOTALL)
_SWITCHES = {
    "b": "bold",
    "i": "italic",
    "u": "underline",
    "s": "strike",
    "w": "wavy",
}
_SAME_TAG = {"del": "s", "strike": "s"}
"""Either closes the other."""
_FONT_ATTRIBUTE = pattern(r"(color|size)\s*=\s*[\"']?([#\w]+)[\"']?", re.IGNORECASE)
_COLOR = pattern(r"#?\w+$")
_LINK = pattern(
    r"\s*(?:\"(?P<quoted>[^\"]+)\"|(?P<url>[^\s{\"]+))?\s*(?:\{(?P<tip>[^}]*)\})?\s*(?P<label>.*?)\s*$", re.DOTALL
)


@lru_cache(maxsize=8192)
def runs(text: str, style: Style = PLAIN) -> tuple[Run, ...]:
    """The line's text in runs of one style; markup that stays open reaches to the end of the line."""
    text = visible(text)
    if not _MAYBE_MARKED.search(text):
        return (Run(text, style),) if text else ()
    return tuple(_read(text, style))


def _read(text: str, style: Style) -> list[Run]:
    found: list[Run] = []
    tags: list[tuple[str, Style]] = []
    """Open tags, each with the style before it."""
    begin = at = 0
    while match := _MARK.search(text, at):
        at = match.end()
        inner = _inner(match, style)
        if inner is None:
            changed = _tag(match["tag"], style, tags)
            if changed is None:
                continue
            inner = []
            after = changed
        else:
            after = style
        if match.start() > begin:
            found.append(Run(text[begin : match.start()], style))
        found += inner
        begin, style = at, after
    if begin < len(text):
        found.append(Run(text[begin:], style))
    return _joined(found)


def _joined(found: list[Run]) -> list[Run]:
    joined: list[Run] = []
    for run in found:
        if joined and joined[-1].style == run.style and run.style.icon is None:
            joined[-1] = Run(joined[-1].text + run.text, run.style)
        elif run.text:
            joined.append(run)
    return joined


def _inner(match: re.Match[str], style: Style) -> list[Run] | None:
    """What a mark shows; None for a tag."""
    if match["escaped"]:
        return [Run(match["escaped"], style)]
    if match["wavy"]:
        return _read(match["wavy_text"], style._replace(wavy=True))
    for name in _DELIMITED:
        if match[name]:
            return _read(match[name], style._replace(**{name: True}))  # type: ignore[arg-type]  # boolean fields
    if match["guillemets"]:
        return [Run("\u00ab", style), *_read(match["guillemets"], style), Run("\u00bb", style)]
    if match["link"]:
        return _link(match["link"], style)
    if match["emoji"]:
        return [Run(_emoji(match["emoji"]), style)]
    if match["icon"]:
        return [Run(match[0], _icon(match["icon"], match["look"], style))]
    code = int(match["decimal"]) if match["decimal"] else int(match["code"], 16) if match["code"] else None
    if code is None:
        return None
    return [Run(visible(chr(code)) if code < 0x110000 else match[0], style)]


def _emoji(name: str) -> str:
    """The character of that code, short name or Unicode name; the name between colons when there is none."""
    if _CODE_POINT.match(name):
        return visible(chr(int(name, 16)))
    from rich.emoji import Emoji  # its table of short names is large, and seldom needed

    written = f":{name}:"
    found = Emoji.replace(written)
    if found != written:
        return found
    try:
        return unicodedata.lookup(name.replace("_", " "))
    except KeyError:
        return written


_ICON_SCALE = pattern(r"(?:\*|scale\s*=\s*)(\d{1,2}(?:\.\d{1,2})?)")
_ICON_COLOR = pattern(r"color\s*=\s*(#?\w+)", re.IGNORECASE)


def _icon(name: str, look: str, style: Style) -> Style:
    """A picture's style; `look` is what stands behind its name: `*2` or `,scale=2,color=red`."""
    scale, color = _ICON_SCALE.search(look), _ICON_COLOR.search(look)
    larger = min(max(float(scale[1]), 0.1), 10.0) if scale else 1.0
    return style._replace(icon=Icon(name, larger), color=color[1] if color else style.color)


def _link(text: str, style: Style) -> list[Run]:
    parts = _LINK.match(text)
    if parts is None:
        return [Run(text, style)]
    url = parts["quoted"] or parts["url"] or ""
    style = style._replace(url=url or None, tooltip=parts["tip"])
    return _read(parts["label"] or url or parts["tip"] or "", style)


def _tag(tag: str, style: Style, tags: list[tuple[str, Style]]) -> Style | None:
    """The style behind a tag; None when the tag closes nothing or says nothing, and so is text."""
    parts = _TAG.match(tag)
    if parts is None:
        return None
    name, value = parts[2].lower(), parts[3].strip()
    name = _SAME_TAG.get(name, name)
    if parts[1]:
        for index in range(len(tags) - 1, -1, -1):
            if tags[index][0] == name:
                before = tags[index][1]
                del tags[index:]
                return before
        return None
    changed = _opened(name, value, style)
    if changed is not None:
        tags.append((name, style))
    return changed


def _opened(name: str, value: str, style: Style) -> Style | None:
    if name in _SWITCHES:
        is_colored = name in "usw" and _COLOR.match(value)
        return style._replace(**{_SWITCHES[name]: True}) if not value or is_colored else None  # type: ignore[arg-type]  # boolean fields
    if name == "plain":
        return PLAIN
    if name in ("sub", "sup"):
        return style._replace(shift=name)  # type: ignore[arg-type]  # one of the two
    if name == "size" and value.isdigit():
        return style._replace(size=_size(value))
    if name in ("color", "back") and _COLOR.match(value):
        return style._replace(**{name: value})  # type: ignore[arg-type]  # colour fields
    if name == "font":
        found = {key.lower(): word for key, word in _FONT_ATTRIBUTE.findall(value)}
        if not found:
            return style._replace(mono=True) if re.match(r"mono|courier", value, re.IGNORECASE) else style
        size = _size(found["size"]) if found.get("size", "").isdigit() else style.size
        return style._replace(color=found.get("color", style.color), size=size)
    return None


def _size(digits: str) -> int:
    return min(max(int(digits[:4]), 6), 72)


_BREAK = pattern(r"\\(\\|n|r|l|t)")


def split(text: str) -> list[tuple[str, Literal["", "left", "right"]]]:
    """A one-line text at its `\\n`, `\\l` and `\\r`, each with how these set it; `\\\\` is a backslash, `\\t` a tab."""
    if "\\" not in text:
        return [(text, "")]
    lines: list[tuple[str, Literal["", "left", "right"]]] = []
    line, begin = "", 0
    for match in _BREAK.finditer(text):
        line += text[begin : match.start()]
        begin = match.end()
        if match[1] in "\\t":
            line += "\\" if match[1] == "\\" else "\t"
            continue
        lines.append((line, {"n": "", "l": "left", "r": "right"}[match[1]]))  # type: ignore[arg-type]  # three words
        line = ""
    return [*lines, (line + text[begin:], lines[-1][1] if lines else "")]


_RULE = pattern(r"(?!\.{3}$)([-=._])\1++(?:(?P<words>(?:(?!\1\1).)*)\1\1++)?$")
_RULE_OF_LABEL = pattern(r"([-=.])\1(?P<words>(?:(?!\1).)*)\1\1$")
_BULLET = pattern(r"(\*+)(?:\s+(?P<words>.+)|(?P<word>[^*]+))$")
_NUMBERED = pattern(r"(#+)\s*([^#\s].*)$")
_HEADING = pattern(r"(=+)\s*([^=].*)$")
_ROW_COLOR = pattern(r"<(#\w+)(?:,#?\w+)?>(?=\|)")
_BRANCH = pattern(r"( *)\|_(.*)$")
_CELL_COLOR = pattern(r"<(#\w+)(?:,#?\w+)?>")
DEEPEST = 20
"""Levels of lists and trees; what is deeper stands there."""
_VERBATIM = {"<code>": "</code>", "{{": "}}"}


def label(text: str) -> tuple[Block, ...]:
    """A one-line text as written: a label, a name, a guard. A rule in it is four marks, or words between two pairs."""
    return _read_blocks(split(text), _RULE_OF_LABEL)


def blocks(lines: Sequence[str]) -> tuple[Block, ...]:
    """A text of several lines (a note, a legend, a title), in which a rule is as long as one likes."""
    return _read_blocks([(line, "") for line in lines], _RULE)


def _read_blocks(lines: Sequence[tuple[str, Literal["", "left", "right"]]], rule: re.Pattern[str]) -> tuple[Block, ...]:
    found: list[Block] = []
    numbers: list[int] = []
    closer: str | None = None
    for line, align in lines:
        bare = line.strip()
        if closer is not None:
            if bare.lower() == closer:
                closer = None
            else:
                found.append(Line((Run(visible(line), _CODE),)))
        elif (row := _row(bare)) is not None:
            found.append(Table((row,)))
        elif branch := _BRANCH.match(line):
            found.append(Tree((Branch(min(len(branch[1]) // 2 + 1, DEEPEST), runs(branch[2].strip())),)))
        elif len(bare) > 1 and not bare.strip("|"):
            # A row without cells (`|||`) is room, as between messages.
            found.append(Line(()))
        elif bare.lower() in _VERBATIM:
            closer = _VERBATIM[bare.lower()]
        else:
            block = _block(line, bare, numbers, rule)
            found.append(block._replace(align=align) if align and isinstance(block, Line) else block)
    return tuple(_put_together(found))


def _put_together(found: Sequence[Block]) -> Iterator[Block]:
    """Rows one below the other are a table, branches a tree."""
    for kind, group in groupby(found, type):
        if kind is Table:
            yield Table(tuple(row for each in group if isinstance(each, Table) for row in each.rows))
        elif kind is Tree:
            yield Tree(tuple(branch for each in group if isinstance(each, Tree) for branch in each.branches))
        else:
            yield from group


_CODE = Style(mono=True)


def _block(line: str, bare: str, numbers: list[int], rules: re.Pattern[str]) -> Block:
    """A line by itself; `numbers` are those of the lists' items so far, which go on behind other lines."""
    first = bare[:1]
    if not first or first not in "*#=-._":
        return Line(runs(line.rstrip()))
    if rule := rules.match(bare):
        return Rule(first, runs((rule["words"] or "").strip()))
    if first == "#" and (item := _NUMBERED.match(bare)):
        level = min(len(item[1]), DEEPEST)
        del numbers[level:]
        numbers += [0] * (level - len(numbers))
        numbers[-1] += 1
        return Line(runs(item[2]), "item", level, f"{numbers[-1]}.")
    if first == "*" and (item := _BULLET.match(bare)):
        return Line(runs(item["words"] or item["word"]), "item", min(len(item[1]), DEEPEST), "•")
    if first == "=" and (heading := _HEADING.match(bare)):
        return Line(runs(heading[2]), "heading", len(heading[1]))
    return Line(runs(line.rstrip()))


def _row(bare: str) -> tuple[Cell, ...] | None:
    """The cells of a table's row, which may have a colour before its first bar."""
    color = _ROW_COLOR.match(bare)
    cells = bare[color.end() :] if color else bare
    is_row = cells.startswith("|") and cells.endswith("|") and cells.strip("|")
    return _cells(cells, color[1] if color else None) if is_row else None


def _cells(line: str, color: str | None) -> tuple[Cell, ...]:
    cells: list[Cell] = []
    for text in _split_cells(line.strip("|")):
        is_head = text.startswith("=")
        text = text[1:] if is_head else text
        own = _CELL_COLOR.match(text.strip())
        if own:
            text = text.strip()[own.end() :]
        style = Style(bold=True) if is_head else PLAIN
        shown = tuple(runs(piece.strip(), style) for piece, _ in split(text))
        cells.append(Cell(shown, is_head, own[1] if own else color))
    return tuple(cells)


def _split_cells(line: str) -> list[str]:
    """At each `|` that stands outside a link."""
    return re.split(r"\|(?![^\[\]]*\]\])", line)


def plain(text: str) -> str:
    """A one-line text without its markup, on one line."""
    return " ".join(" ".join("".join(map(_said, line)) for block in label(text) for line in _lines(block)).split())


def said(line: str) -> str:
    """A line without the markup inside it."""
    return "".join(map(_said, runs(line)))


def _lines(block: Block) -> Iterator[tuple[Run, ...]]:
    if isinstance(block, Table):
        yield from (line for row in block.rows for cell in row for line in cell.lines)
    elif isinstance(block, Tree):
        yield from (branch.runs for branch in block.branches)
    elif isinstance(block, Line) and block.marker:
        yield Run(f"{block.marker} "), *block.runs
    else:
        yield block.runs


def _said(run: Run) -> str:
    return f" {run.style.icon.name[1:]} " if run.style.icon else run.text
