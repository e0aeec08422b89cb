"""Where everything in a text picture stands, in terminal columns.

Labels set the distance between lifelines. They are wrapped at a cap that is lowered until the picture fits the width;
arrows that span several columns use all the room that these have.
"""

from collections.abc import Iterator, Sequence

from seqtest.dataclass import dataclass
from seqtest.render.grid import cut, width_of, wrap
from seqtest.render.picture import ArrowRow, CloseRow, NoteRow, OpenRow, Picture, Remark, RuleRow

CAPS = (
    (44, 56), (36, 44), (30, 38), (30, 30), (26, 34), (26, 26),
    (22, 30), (22, 22), (18, 26), (15, 24), (12, 22), (9, 18),
)  # fmt: skip
"""The widths at which labels and notes are wrapped, widest first."""
MARGIN = 34
"""Columns that what a run found would like to have at the right."""
LEAST_MARGIN = 20


@dataclass(frozen=True, slots=True)
class Placed:
    """Lines of text at a column; `width` is that of the longest."""

    x: int
    width: int
    lines: tuple[str, ...]


NOWHERE = Placed(0, 0, ())


@dataclass(frozen=True, slots=True)
class Layout:
    width: int
    gutter: int
    body: tuple[int, int]
    """First and last column of the drawing itself, between gutter and margin."""
    x: tuple[int, ...]
    """Where each lifeline runs."""
    names: tuple[tuple[str, ...], ...]
    labels: dict[int, tuple[str, ...]]
    """Row → the lines of its label."""
    remarks: dict[int, tuple[Placed, ...]]
    """Row → its remarks in their order; one without lines has no place."""
    boxes: dict[int, Placed]
    """Row of a note → its box, borders not counted in the width."""
    frames: dict[int, tuple[int, int]]
    """Row that opens a frame → its left and right side."""


def lay_out(picture: Picture, width: int) -> Layout | None:
    """The places of a picture in that width; None when even the narrowest labels do not fit."""
    margin = any(remark.side == "margin" and remark.lines for _, remark in _remarks(picture))
    if margin:
        for caps in CAPS[:8]:
            layout = _Measure(picture, width, *caps).layout()
            if layout is not None and width - layout.body[1] - 3 >= MARGIN:
                return layout
    for caps in CAPS:
        layout = _Measure(picture, width, *caps).layout()
        if layout is not None:
            return layout
    return None


def _remarks(picture: Picture) -> Iterator[tuple[int, Remark]]:
    for number, row in enumerate(picture.rows):
        if isinstance(row, ArrowRow):
            for remark in row.remarks:
                yield number, remark


class _Measure:
    """One try at one cap."""

    def __init__(self, picture: Picture, width: int, cap: int, note_cap: int) -> None:
        self.picture = picture
        self.width = width
        self.cap = cap
        self.note_cap = note_cap
        self.names = tuple(
            tuple(wrap(column.name, max(6, min(22, cap)))) if column.name else () for column in picture.columns
        )
        self.halves = [(max(map(width_of, names), default=0) + 4) // 2 for names in self.names]
        self.gutter = self._gutter()

    def _gutter(self) -> int:
        arrows = [row for row in self.picture.rows if isinstance(row, ArrowRow)]
        number = max((width_of(row.number) for row in arrows), default=0)
        has_state = any(row.state for row in arrows)
        return (2 if has_state else 0) + (min(number, 8) + 2 if number else 0) if has_state or number else 0

    def layout(self) -> Layout | None:
        x = self._columns()
        labels = {
            number: self._label(row, x) for number, row in enumerate(self.picture.rows) if isinstance(row, ArrowRow)
        }
        boxes = dict(self._boxes(x))
        notes = dict(self._notes(x))
        frames, left, right = self._frames(x, labels, boxes, notes)
        shift = self.gutter - left
        body = (self.gutter, right + shift)
        if body[1] + 1 > self.width:
            return None
        moved = {n: tuple(_move(place, shift) for place in places) for n, places in notes.items()}
        return Layout(
            self.width,
            self.gutter,
            body,
            tuple(place + shift for place in x),
            self.names,
            labels,
            {**moved, **self._margins(body, moved)},
            {number: _move(place, shift) for number, place in boxes.items()},
            {number: (low + shift, high + shift) for number, (low, high) in frames.items()},
        )

    # Columns --------------------------------------------------------------------------------------------------

    def _columns(self) -> list[int]:
        needs = self._needs()
        x: list[int] = []
        for column in range(len(self.picture.columns)):
            place = x[-1] + self.halves[column - 1] + self.halves[column] + 2 if x else 0
            for (low, high), need in needs.items():
                if high == column:
                    place = max(place, x[low] + need)
            x.append(place)
        return x

    def _needs(self) -> dict[tuple[int, int], int]:
        """Columns from lifeline to lifeline that the labels between them ask for."""
        needs: dict[tuple[int, int], int] = {}
        last = len(self.picture.columns) - 1
        for row in self.picture.rows:
            if not isinstance(row, ArrowRow):
                continue
            low, high = sorted((row.sender, row.receiver))
            lines = [line for text in row.lines for line in wrap(text, self.cap)]
            widest = max(map(width_of, lines), default=0)
            need = widest + (6 if len(lines) == 1 else 2) + (self.halves[row.receiver] if row.creates else 0)
            if low == high:
                high, need = low + 1, widest + 7
            if high <= last:
                needs[low, high] = max(needs.get((low, high), 5), need)
        return needs

    def _label(self, row: ArrowRow, x: list[int]) -> tuple[str, ...]:
        room = abs(x[row.sender] - x[row.receiver]) - 7
        return tuple(line for text in row.lines for line in wrap(text, max(self.cap, room)))

    # Notes ----------------------------------------------------------------------------------------------------

    def _boxes(self, x: list[int]) -> Iterator[tuple[int, Placed]]:
        for number, row in enumerate(self.picture.rows):
            if not isinstance(row, NoteRow):
                continue
            low, high = x[row.first], x[row.last]
            lines = tuple(piece for text in row.lines for piece in wrap(text, max(self.note_cap, high - low)))
            inner = max(
                max(map(width_of, lines), default=0) + 2, width_of(row.tab) + 3, high - low + 3 if low < high else 0
            )
            left = (low + high) // 2 - (inner + 1) // 2
            yield number, Placed(max(left, -self.halves[0] if row.first == 0 else 0), inner, lines)

    def _notes(self, x: list[int]) -> Iterator[tuple[int, tuple[Placed, ...]]]:
        for number, row in enumerate(self.picture.rows):
            if isinstance(row, ArrowRow):
                yield number, tuple(self._beside(row, remark, x) for remark in row.remarks)

    def _beside(self, row: ArrowRow, remark: Remark, x: list[int]) -> Placed:
        if remark.side == "margin":
            return NOWHERE
        lines = tuple(piece for text in remark.lines for piece in wrap(text, self.note_cap))
        width = max(map(width_of, lines), default=0)
        low, high = sorted((x[row.sender], x[row.receiver]))
        if remark.side == "left":
            return Placed(low - width - 4, width, lines)
        loop = 7 + max((width_of(line) for text in row.lines for line in wrap(text, self.cap)), default=0)
        return Placed(high + (loop if low == high else 2), width, lines)

    def _margins(self, body: tuple[int, int], notes: dict[int, tuple[Placed, ...]]) -> dict[int, tuple[Placed, ...]]:
        """What a run found, wrapped into the margin; without one what failed stands below its arrow."""
        room = self.width - body[1] - 3
        found: dict[int, tuple[Placed, ...]] = {}
        for number, row in enumerate(self.picture.rows):
            if isinstance(row, ArrowRow) and any(remark.side == "margin" for remark in row.remarks):
                found[number] = tuple(
                    self._in_margin(remark, body[1] + 3, room) if remark.side == "margin" else place
                    for remark, place in zip(row.remarks, notes[number], strict=True)
                )
        return found

    def _in_margin(self, remark: Remark, x: int, room: int) -> Placed:
        if room < LEAST_MARGIN:
            if remark.role == "dim":
                return NOWHERE
            x, room = self.gutter + 2, self.width - self.gutter - 2
        if remark.role == "dim":
            lines = tuple(cut(text, room) for text in remark.lines)
        else:
            lines = tuple(piece for text in remark.lines for piece in wrap(text, room))
        return Placed(x, max(map(width_of, lines), default=0), lines)

    # Frames ---------------------------------------------------------------------------------------------------

    def _frames(
        self,
        x: list[int],
        labels: dict[int, tuple[str, ...]],
        boxes: dict[int, Placed],
        notes: dict[int, tuple[Placed, ...]],
    ) -> tuple[dict[int, tuple[int, int]], int, int]:
        """The sides of each frame, and the first and last column of the whole."""
        lowest = min((place - half for place, half in zip(x, self.halves, strict=True)), default=0)
        highest = max((place + half for place, half in zip(x, self.halves, strict=True)), default=0)
        rules = [width_of(row.text) for row in self.picture.rows if isinstance(row, RuleRow)]
        highest = max(highest, lowest + min(max(rules, default=0), 60) + 8)
        frames: dict[int, tuple[int, int]] = {}
        middle = (lowest + highest) // 2
        stack: list[list[int]] = [[lowest, highest, -1]]
        for number, row in enumerate(self.picture.rows):
            if isinstance(row, OpenRow):
                stack.append([middle, middle, number, width_of(row.operator) + min(width_of(row.guard), 50) + 8, 0])
            elif isinstance(row, CloseRow):
                inner = stack.pop()
                sides = self._sides(inner, x)
                frames[inner[2]] = sides
                _widen(stack[-1], *sides)
            else:
                extent = self._extent(row, number, x, labels, boxes, notes)
                if extent:
                    _widen(stack[-1], *extent)
        return frames, stack[0][0], stack[0][1]

    @staticmethod
    def _sides(inner: Sequence[int], x: list[int]) -> tuple[int, int]:
        left, right = inner[0] - 2, max(inner[1] + 2, inner[0] - 2 + inner[3])
        return left - (left in x), right + (right in x)

    def _extent(
        self,
        row: object,
        number: int,
        x: list[int],
        labels: dict[int, tuple[str, ...]],
        boxes: dict[int, Placed],
        notes: dict[int, tuple[Placed, ...]],
    ) -> tuple[int, int] | None:
        if isinstance(row, NoteRow):
            return boxes[number].x, boxes[number].x + boxes[number].width + 1
        if not isinstance(row, ArrowRow):
            return None
        low, high = sorted((x[row.sender], x[row.receiver]))
        if low == high:
            high += 5 + max(map(width_of, labels[number]), default=0)
        for remark, place in zip(row.remarks, notes[number], strict=True):
            if remark.side != "margin" and place.lines:
                low, high = min(low, place.x), max(high, place.x + place.width + 3)
        return low, high


def _widen(extent: list[int], low: int, high: int) -> None:
    if len(extent) == 5 and not extent[4]:
        extent[0], extent[1], extent[4] = low, high, 1
        return
    extent[0], extent[1] = min(extent[0], low), max(extent[1], high)


def _move(place: Placed, shift: int) -> Placed:
    return Placed(place.x + shift, place.width, place.lines) if place.lines or place.width else place
