"""A picture as a Mermaid sequence diagram, which GitHub and many wikis show as it stands."""

import re
from collections.abc import Iterator

from seqtest.diagram import Diagram
from seqtest.render.happened import picture_of_run
from seqtest.render.mask import Masker, masker_of
from seqtest.render.picture import (
    ArrowRow,
    CloseRow,
    ElseRow,
    LifeRow,
    NoteRow,
    OpenRow,
    Picture,
    Row,
    RuleRow,
    State,
    picture_of_diagram,
)
from seqtest.verdict import Verdict

MARKS: dict[State, str] = {"passed": "✓ ", "failed": "✗ ", "not reached": "○ ", "unexpected": "! ", "told": "", "": ""}
TINTS: dict[State, str] = {"failed": "rgb(255, 205, 210)", "unexpected": "rgb(255, 224, 178)"}
ARROWS = {"filled": ("->>", "-->>"), "open": ("-)", "--)"), "cross": ("-x", "--x"), "none": ("->", "-->")}
GROUP_TINT = "rgb(245, 245, 245)"
FRAMES = {"alt": "else", "par": "and", "par2": "and", "critical": "option"}
"""Frames with several lanes, and the word that begins the next one."""
PLAIN_FRAMES = frozenset(("opt", "loop", "break"))

_SPECIAL = re.compile(r"[#;<>&%{}\\`\"]")
_END = re.compile(r"\b([eE])(nd)\b")


def mermaid_of_run(verdict: Verdict, *, masker: Masker | None = None) -> str:
    """What happened, each arrow marked, secrets masked."""
    return mermaid(picture_of_run(verdict, masker or masker_of(verdict)))


def mermaid_of_diagram(diagram: Diagram) -> str:
    """The drawing, nothing played."""
    return mermaid(picture_of_diagram(diagram))


def mermaid(picture: Picture) -> str:
    """The picture as Mermaid source, ending in a line end."""
    lines = ["sequenceDiagram"]
    if picture.title:
        lines.insert(0, f"---\ntitle: {_quoted(picture.title)}\n---")
    lines += [f"    participant p{n} as {escaped(c.name or '○')}" for n, c in enumerate(picture.columns)]
    return "\n".join([*lines, *_Writer(picture).lines()]) + "\n"


def escaped(*lines: str) -> str:
    """Text that Mermaid shows as it is; lines are kept apart."""
    texts = (_SPECIAL.sub(lambda match: f"#{ord(match[0])};", line) for line in lines)
    # Mermaid takes the bare word for the end of a frame.
    return "<br/>".join(_END.sub(lambda match: f"#{ord(match[1])};{match[2]}", text) for text in texts)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


class _Writer:
    """One picture on its way to Mermaid's lines."""

    def __init__(self, picture: Picture) -> None:
        self.picture = picture
        self.active = [0] * len(picture.columns)
        self.frames: list[str] = []

    def lines(self) -> Iterator[str]:
        for row in self.picture.rows:
            depth = len(self.frames)
            for line in self._row(row):
                yield "    " * (1 + min(depth, len(self.frames))) + line

    def _row(self, row: Row) -> Iterator[str]:
        match row:
            case ArrowRow():
                yield from self._arrow(row)
            case NoteRow():
                tab = f"{row.tab} " if row.tab else ""
                lines = (f"{MARKS[row.state]}{tab}{row.lines[0] if row.lines else ''}", *row.lines[1:])
                yield f"Note over p{row.first},p{row.last}: {escaped(*lines)}"
            case RuleRow():
                mark = "=" * 2 if row.kind == "divider" else "…"
                yield self._across(f"{mark} {row.text} {mark}")
            case OpenRow():
                yield from self._open(row.operator, row.guard)
            case ElseRow():
                yield from self._else(row)
            case CloseRow():
                self.frames.pop()
                yield "end"
            case LifeRow():
                yield from self._live(row.events)

    def _open(self, operator: str, guard: str) -> Iterator[str]:
        self.frames.append(operator)
        if operator in FRAMES or operator in PLAIN_FRAMES:
            yield f"{operator.replace('par2', 'par')} {escaped(guard)}".rstrip()
            return
        # A group or reference: Mermaid has no frame that claims nothing, but it can tint one.
        yield f"rect {GROUP_TINT}"
        yield self._across(f"{operator} {guard}".rstrip())

    def _else(self, row: ElseRow) -> Iterator[str]:
        operator = self.frames[-1]
        if operator in FRAMES:
            yield f"{FRAMES[operator]} {escaped(row.guard)}".rstrip()
        elif operator in PLAIN_FRAMES:
            yield "end"
            yield f"{operator} {escaped(row.guard)}".rstrip()
        else:
            yield self._across(row.guard)

    def _across(self, text: str) -> str:
        return f"Note over p0,p{max(0, len(self.picture.columns) - 1)}: {escaped(text)}"

    def _arrow(self, row: ArrowRow) -> Iterator[str]:
        number = f"{row.number} " if row.number else ""
        head, *rest = row.lines or ("",)
        text = escaped(f"{MARKS[row.state]}{number}{head}".rstrip() or " ", *rest)
        arrow = f"p{row.sender}{ARROWS[row.head][row.is_dotted]}p{row.receiver}: {text}"
        tint = TINTS.get(row.state)
        lines = [arrow, *self._remarks(row)]
        yield from (f"rect {tint}", *(f"    {line}" for line in lines), "end") if tint else lines
        yield from self._live(row.life)

    @staticmethod
    def _remarks(row: ArrowRow) -> Iterator[str]:
        low, high = sorted((row.sender, row.receiver))
        for remark in row.remarks:
            if not remark.lines:
                continue
            match remark.side:
                case "left":
                    place = f"left of p{low}"
                case "right":
                    place = f"right of p{high}"
                case _:
                    place = f"over p{low},p{high}"
            yield f"Note {place}: {escaped(*remark.lines)}"

    def _live(self, events: tuple[tuple[str, int], ...]) -> Iterator[str]:
        for kind, column in events:
            if kind == "activate":
                self.active[column] += 1
                yield f"activate p{column}"
            elif kind == "deactivate" and self.active[column]:
                self.active[column] -= 1
                yield f"deactivate p{column}"
