"""The picture for terminals: lifelines, arrows, notes and frames in Unicode, in a width that is given.

First the columns are measured (`measure`), with labels wrapped more and more narrowly until the whole fits; then the
rows are painted downwards. A picture that fits no way is told as a list instead.
"""

from seqtest.diagram import Diagram
from seqtest.render.grid import Grid, Style, cut, plain, width_of, wrap
from seqtest.render.measure import Layout, Placed, lay_out
from seqtest.render.picture import (
    ArrowRow,
    CloseRow,
    Column,
    ElseRow,
    LifeRow,
    NoteRow,
    OpenRow,
    Picture,
    RuleRow,
    State,
    picture_of_diagram,
)

MARKS: dict[State, tuple[str, str]] = {
    "": (" ", ""),
    "passed": ("✓", "passed"),
    "failed": ("✗", "failed"),
    "told": ("·", "dim"),
    "not reached": ("○", "dim"),
    "unexpected": ("!", "unexpected"),
}
LINES: dict[State, tuple[str, str]] = {"not reached": ("·", "·"), "unexpected": ("━", "╍")}
HEADS = {"filled": ("◄", "►"), "open": ("<", ">"), "cross": ("✕", "✕"), "none": ("─", "─")}


def draw_diagram(diagram: Diagram, *, width: int = 100, style: Style = plain) -> str:
    """The drawing as text, at most `width` columns wide."""
    return draw(picture_of_diagram(diagram), width=width, style=style)


def draw(picture: Picture, *, width: int = 100, style: Style = plain) -> str:
    """The picture as text, at most `width` columns wide; as a list of its messages where columns cannot fit."""
    layout = lay_out(picture, width)
    if layout is None:
        return tell(picture, width=width, style=style)
    return _Painter(picture, layout).paint().text(style)


class _Painter:
    """One picture on its grid, painted from the top."""

    def __init__(self, picture: Picture, layout: Layout) -> None:
        self.picture = picture
        self.layout = layout
        self.grid = Grid(layout.width)
        self.alive = [not (column.is_gate or column.is_created) for column in picture.columns]
        self.bars = [0] * len(picture.columns)
        self.frames: list[tuple[int, int]] = []

    def paint(self) -> Grid:
        if self.picture.title:
            line = self.grid.add_line()
            self.grid.put(
                line, self.layout.gutter, cut(self.picture.title, self.layout.width - self.layout.gutter), "bold"
            )
        self._heads(top=True)
        for number, row in enumerate(self.picture.rows):
            match row:
                case ArrowRow():
                    self._arrow(row, number)
                case NoteRow():
                    self._note(row, number)
                case RuleRow():
                    self._rule(row)
                case OpenRow():
                    self._open(row, number)
                case ElseRow():
                    self._else(row)
                case CloseRow():
                    self._close()
                case LifeRow():
                    self._live(row.events)
        self._heads(top=False)
        return self.grid

    # Lines ----------------------------------------------------------------------------------------------------

    def _line(self, *, lifeline: str = "") -> int:
        """A new line with what runs through every line: lifelines and the sides of the open frames."""
        line = self.grid.add_line()
        for column, x in enumerate(self.layout.x):
            if self.alive[column]:
                self.grid.put(line, x, lifeline or ("┃" if self.bars[column] else "│"), "dim")
        for left, right in self.frames:
            self.grid.put(line, left, "│", "dim")
            self.grid.put(line, right, "│", "dim")
        return line

    def _heads(self, *, top: bool) -> None:
        """The participants' names in boxes, those under test in heavy ones; at the foot only the lifelines' ends."""
        if not top:
            line = self.grid.add_line()
            for column, x in enumerate(self.layout.x):
                if self.alive[column]:
                    self.grid.put(line, x, "┻" if self.picture.columns[column].is_bound else "┴", "dim")
            return
        shown = [column for column, shape in enumerate(self.picture.columns) if not (shape.is_gate or shape.is_created)]
        height = max((len(self.layout.names[column]) for column in shown), default=0)
        for level in range(height + 2):
            line = self.grid.add_line()
            for column in shown:
                names = self.layout.names[column]
                self._head(column, line, level - (height - len(names)), len(names))

    def _head(self, column: int, line: int, level: int, height: int) -> None:
        names, x = self.layout.names[column], self.layout.x[column]
        inner = max(map(width_of, names), default=0) + 2
        left = x - (inner + 1) // 2
        heavy = self.picture.columns[column].is_bound
        corners, flat, side = ("┏┓┗┛┯", "━", "┃") if heavy else ("┌┐└┘┬", "─", "│")
        role = "bold" if heavy else ""
        if level == 0:
            self.grid.put(line, left, corners[0] + flat * inner + corners[1], role)
        elif 0 < level <= height:
            name = names[level - 1]
            space = inner - width_of(name)
            self.grid.put(line, left, side + " " * (space // 2) + name + " " * (space - space // 2) + side, role)
        elif level > height:
            self.grid.put(line, left, corners[2] + flat * inner + corners[3], role)
            self.grid.put(line, x, corners[4], role)

    def _gutter(self, line: int, state: State, number: str) -> None:
        mark, role = MARKS[state]
        if state:
            self.grid.put(line, 0, mark, role)
        if number:
            space = self.layout.gutter - 2
            self.grid.put(line, 2, cut(number, space).rjust(space - 1), "dim" if role != "failed" else role)

    # Rows -----------------------------------------------------------------------------------------------------

    def _arrow(self, row: ArrowRow, number: int) -> None:
        starts = [(kind, column) for kind, column in row.life if kind in ("activate", "create")]
        labels = self.layout.labels[number]
        top = len(self.grid.lines)
        line = self._self(row, labels) if row.sender == row.receiver else self._straight(row, labels)
        self._gutter(line, row.state, row.number)
        self._live(starts)
        self._live([event for event in row.life if event not in starts])
        self._remarks(row, number, line, top)

    def _straight(self, row: ArrowRow, labels: tuple[str, ...]) -> int:
        start, end = self.layout.x[row.sender], self.layout.x[row.receiver]
        right = end > start
        if row.creates:
            end += -self._half(row.receiver) if right else self._half(row.receiver)
        low, high = min(start, end), max(start, end)
        room = high - low - 1
        inline = labels if len(labels) == 1 and width_of(labels[0]) + 5 <= room else ()
        role = MARKS[row.state][1] if row.state not in ("passed",) else ""
        for text in labels if not inline else ():
            self.grid.put(self._line(), low + 1 + max(0, (room - width_of(text)) // 2), text, role)
        if row.creates:
            self._line_above_created(row.receiver)
        line = self._line()
        solid, dotted = LINES.get(row.state, ("─", "╌"))
        self.grid.put(line, low + 1, (dotted if row.is_dotted else solid) * room, role)
        for column, x in enumerate(self.layout.x):
            if low < x < high and self.alive[column] and not inline:
                self.grid.put(line, x, "┼", role)
        self._tip(row, line, start, end, right, role)
        if inline:
            self._inline(line, low, room, inline[0], right, role)
        if row.creates:
            self._created(row.receiver, line)
        return line

    def _tip(self, row: ArrowRow, line: int, start: int, end: int, right: bool, role: str) -> None:
        if row.head != "none":
            self.grid.put(line, end - 1 if right else end + 1, HEADS[row.head][right], role)
        if self.picture.columns[row.sender].is_gate:
            self.grid.put(line, start, "○", role)
        if self.picture.columns[row.receiver].is_gate:
            self.grid.put(line, end, "○", role)

    def _inline(self, line: int, low: int, room: int, text: str, right: bool, role: str) -> None:
        size = width_of(text) + 2
        left = low + 1 + (room - size) // 2
        # A column on the way stays visible where the label leaves it.
        for column, x in enumerate(self.layout.x):
            if low < x < low + room + 1 and self.alive[column]:
                self.grid.put(line, x, "┼", role)
        self.grid.put(line, left, f" {text} ", role if role else "")

    def _half(self, column: int) -> int:
        return (max(map(width_of, self.layout.names[column]), default=0) + 4) // 2

    def _line_above_created(self, column: int) -> None:
        line = self._line()
        self._head(column, line, 0, 1)

    def _created(self, column: int, line: int) -> None:
        name = (" ".join(self.layout.names[column]),)
        height = len(name)
        self._head(column, line, 1, height)
        self.alive[column] = True
        below = self._line()
        self._head(column, below, 2, height)

    def _self(self, row: ArrowRow, labels: tuple[str, ...]) -> int:
        x = self.layout.x[row.sender]
        role = MARKS[row.state][1] if row.state != "passed" else ""
        flat = LINES.get(row.state, ("─", "╌"))[row.is_dotted]
        first = self._line()
        self.grid.put(first, x + 1, flat * 2 + "╮", role)
        for index, text in enumerate(labels):
            line = first if index == 0 else self._line()
            if index:
                self.grid.put(line, x + 3, "│", role)
            self.grid.put(line, x + 5, text, role)
        last = self._line()
        self.grid.put(last, x + 1, HEADS[row.head][0] + flat + "╯", role)
        return first

    def _remarks(self, row: ArrowRow, number: int, line: int, top: int) -> None:
        """Notes hang beside the arrow from its line on; what a run found stands in the margin at the right."""
        for remark, place in zip(row.remarks, self.layout.remarks[number], strict=True):
            lines = place.lines
            below = remark.side == "margin" and place.x <= self.layout.body[1]
            start = line + 1 if below else line if remark.side == "margin" else max(top, line - (len(lines) - 1) // 2)
            for index, text in enumerate(lines):
                while start + index >= len(self.grid.lines):
                    self._line()
                if below:
                    self.grid.clear(start + index, self.layout.gutter)
                self._remark_line(remark.side, start + index, place, text, index, remark.role)

    def _remark_line(self, side: str, line: int, place: Placed, text: str, index: int, role: str) -> None:
        count = len(place.lines)
        edge = 0 if index == 0 else 2 if index == count - 1 else 1
        if side == "right":
            bracket = "╶" if count == 1 else "╭│╰"[edge]
            self.grid.put(line, place.x, f"{bracket} {text} ", role)
        elif side == "left":
            bracket = "╴" if count == 1 else "╮│╯"[edge]
            self.grid.put(line, place.x, f" {text}".ljust(place.width + 1) + f" {bracket}", role)
        else:
            self.grid.put(line, place.x, text, role)

    def _note(self, row: NoteRow, number: int) -> None:
        box = self.layout.boxes[number]
        left, inner, lines = box.x, box.width, box.lines
        role = MARKS[row.state][1] if row.state else ""
        tab = f" {row.tab} " if row.tab else ""
        top = self._line()
        corner = "┌┐└┘" if row.tab else "╭╮╰╯"
        self.grid.put(top, left, corner[0] + tab + "─" * (inner - width_of(tab)) + corner[1], role or "dim")
        if tab:
            self.grid.put(top, left + 1, tab, "bold")
        for text in lines:
            line = self._line()
            self.grid.put(line, left, "│" + " " * inner + "│", role or "dim")
            self.grid.put(line, left + 2, text, role)
        self.grid.put(self._line(), left, corner[2] + "─" * inner + corner[3], role or "dim")
        self._gutter(top + 1 if lines else top, row.state, "")

    def _rule(self, row: RuleRow) -> None:
        left, right = self.layout.body
        if row.kind == "delay":
            line = self._line(lifeline="┊")
            text = f" … {row.text} … " if row.text else " … "
            text = cut(text, right - left)
            self.grid.put(line, left + max(0, (right - left - width_of(text)) // 2), text, "heading")
            self._gutter(line, row.state if row.state != "passed" else "", "")
            return
        line = self._line()
        self.grid.put(line, left, "═" * (right - left + 1), "heading")
        for column, x in enumerate(self.layout.x):
            if self.alive[column]:
                self.grid.put(line, x, "╪", "heading")
        text = cut(f" {row.text} ", right - left - 4) if row.text else ""
        self.grid.put(line, left + max(0, (right - left + 1 - width_of(text)) // 2), text, "heading")

    def _open(self, row: OpenRow, number: int) -> None:
        left, right = self.layout.frames[number]
        line = self._line()
        self.grid.put(line, left, "┌" + "─" * (right - left - 1) + "┐", "dim")
        self.grid.put(line, left + 1, f" {row.operator} ", "bold")
        if row.guard:
            guard = cut(row.guard, right - left - width_of(row.operator) - 6)
            self.grid.put(line, left + 3 + width_of(row.operator) + 1, f" {guard} ")
        self.frames.append((left, right))

    def _else(self, row: ElseRow) -> None:
        left, right = self.frames[-1]
        line = self._line()
        self.grid.put(line, left, "├" + "╌" * (right - left - 1) + "┤", "dim")
        if row.guard:
            self.grid.put(line, left + 2, f" {cut(row.guard, right - left - 5)} ")

    def _close(self) -> None:
        left, right = self.frames.pop()
        line = self._line()
        self.grid.put(line, left, "└" + "─" * (right - left - 1) + "┘", "dim")

    def _live(self, events: list[tuple[str, int]] | tuple[tuple[str, int], ...]) -> None:
        for kind, column in events:
            if kind == "activate":
                self.bars[column] += 1
            elif kind == "deactivate":
                self.bars[column] = max(0, self.bars[column] - 1)
            elif kind == "create":
                self.alive[column] = True
            elif kind == "destroy":
                self._destroy(column)

    def _destroy(self, column: int) -> None:
        line = self._line()
        self.grid.put(line, self.layout.x[column], "╳", "bold")
        self.alive[column] = False
        self.bars[column] = 0


def tell(picture: Picture, *, width: int = 100, style: Style = plain) -> str:
    """The picture as a list, a message a line, for more participants than the width can hold."""
    lines: list[str] = [style(cut(picture.title, width), "bold")] if picture.title else []
    depth = 0
    for row in picture.rows:
        # Nested deeper than a third of the width is shown no further in: the words matter more.
        indent = "  " * min(depth, width // 6)
        match row:
            case ArrowRow():
                lines += _told(row, picture.columns, indent, width, style)
            case NoteRow():
                lines += _hung(" ".join(line.strip() for line in row.lines), f"{indent}     ", width, "dim", style)
            case RuleRow():
                lines += _hung(f"== {row.text} ==", f"{indent}     ", width, "heading", style)
            case OpenRow():
                lines += _hung(f"{row.operator} {row.guard}", f"{indent}     ", width, "bold", style)
                depth += 1
            case ElseRow():
                lines += _hung(f"else {row.guard}", f"{indent[2:]}     ", width, "bold", style)
            case CloseRow():
                depth -= 1
            case LifeRow():
                continue
    return "\n".join(line.rstrip() for line in lines)


def _told(row: ArrowRow, columns: tuple[Column, ...], indent: str, width: int, style: Style) -> list[str]:
    mark, role = MARKS[row.state]
    sender, receiver = (_short(columns[end]) for end in (row.sender, row.receiver))
    text = f"{sender} {'⇢' if row.is_dotted else '→'} {receiver}" + (f" : {' '.join(row.lines)}" if row.lines else "")
    wider = " " * max(0, min(width_of(row.number), 8) - 3)
    first, *rest = _hung(text, f"{indent}{wider}      ", width, "", plain)
    lines = [cut(f"{mark} {cut(row.number, 8):>3} {first[6 + len(wider) :]}", width), *rest]
    lines = [style(line, role if row.state != "passed" else "") for line in lines]
    for remark in row.remarks:
        lines += _hung("\n".join(remark.lines), f"{indent}        ", width, remark.role, style)
    return lines


def _short(column: Column) -> str:
    return column.name if column.name and width_of(column.name) <= 16 else column.id


def _hung(text: str, indent: str, width: int, role: str, style: Style) -> list[str]:
    room = max(8, width - len(indent))
    return [style(cut(indent + line, width), role) for line in wrap(text, room)]
