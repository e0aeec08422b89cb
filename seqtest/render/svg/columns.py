"""Where the lifelines stand: as far left as every text between two of them allows."""

from collections.abc import Mapping, Sequence
from dataclasses import field
from itertools import pairwise

from seqtest.dataclass import dataclass
from seqtest.diagram import Box
from seqtest.render.svg import theme
from seqtest.render.svg.plan import LEFT, MessageRow, NoteRow, Plan, ReferenceRow
from seqtest.render.svg.typeset import Paragraph, label

GAP = 16
"""Between two heads."""
BOX_PADDING = 8
"""From a box's edge to the heads in it, at each level."""
ARROW_ROOM = 30
"""What an arrow needs beyond its label: 8 before, 8 behind, the head, some air."""
LOOP = 36
"""How far a self message goes out."""
DISTANCE = 8
"""From an arrow's end or a lifeline to the note beside it."""
BAR = 5
"""Half a bar's width, and how far each further bar stands to the right."""


@dataclass(frozen=True, slots=True)
class BoxSpan:
    """A box with the columns it holds. `depth`: 0 for an outermost one; `inner`: how many levels are inside it."""

    box: Box
    first: int
    last: int
    depth: int
    inner: int
    title: Paragraph


@dataclass(frozen=True, slots=True)
class Columns:
    """The lifelines' x, and that of the borders."""

    xs: tuple[float, ...]
    halves: tuple[float, ...]
    """How far each reaches to both sides: half its head, or more for a box's title."""
    left: float
    right: float
    boxes: tuple[BoxSpan, ...] = ()

    def x(self, column: int) -> float:
        """A lifeline's place; a border's for the columns beyond the first and last."""
        if column == LEFT:
            return self.left
        return self.right if column >= len(self.xs) else self.xs[column]


@dataclass(slots=True)
class _Distances:
    """The least distance between two columns, for each pair that something connects."""

    least: dict[tuple[int, int], float] = field(default_factory=dict)

    def need(self, one: int, other: int, distance: float) -> None:
        pair = (one, other) if one < other else (other, one)
        if distance > self.least.get(pair, 0):
            self.least[pair] = distance

    def solve(self, first: int, last: int) -> list[float]:
        """Each column at the least x that keeps all distances to the columns on its left."""
        by_right: dict[int, list[tuple[int, float]]] = {}
        for (one, other), distance in self.least.items():
            by_right.setdefault(other, []).append((one, distance))
        xs: list[float] = []
        for column in range(first, last + 1):
            xs.append(
                max(
                    (xs[one - first] + distance for one, distance in by_right.get(column, ()) if one >= first),
                    default=0.0,
                )
            )
        return xs


def place_columns(plan: Plan) -> Columns:
    """Solve all distances from left to right; what a wide label pushes is everything right of its right end."""
    count = len(plan.participants)
    boxes = box_spans(plan)
    has_left, has_right = plan.has_left_gate, plan.has_right_gate
    distances = _Distances()
    halves = _halves(plan, boxes)
    _need_room(distances, plan, boxes, halves)
    for above, row in pairwise(plan.rows):
        if type(above) is NoteRow and type(row) is NoteRow and (row.spec.note.is_aligned or row.spec.note.is_parallel):
            _need_notes(distances, above, row)
    for row in plan.rows:
        if type(row) is MessageRow:
            if row.extra is None:
                _need_message(distances, plan, row)
        elif type(row) is ReferenceRow and len(row.columns) > 1:
            distances.need(row.columns[0], row.columns[-1], row.text.width - 30)
        elif type(row) is ReferenceRow and row.columns[0] < count - 1:
            distances.need(row.columns[0], row.columns[0] + 1, row.text.width)
    first, last = (LEFT if has_left else 0), (count if has_right else count - 1)
    xs = distances.solve(first, last)
    middle = tuple(round(x) for x in (xs[1:] if has_left else xs)[:count])
    left = round(xs[0]) if has_left else middle[0] - halves[0] - GAP
    right = round(xs[-1]) if has_right else middle[-1] + halves[-1] + GAP
    return Columns(middle, halves, left, right, boxes)


def _halves(plan: Plan, boxes: Sequence[BoxSpan]) -> tuple[float, ...]:
    """Half the room of each column: its head's, or what the title of a box around it alone needs."""
    halves = [head.width / 2 for head in plan.heads]
    for box in reversed(boxes):
        if box.first == box.last:
            halves[box.first] = max(halves[box.first], _title_room(box) / 2)
    return tuple(halves)


def _title_room(box: BoxSpan) -> int:
    """What a box's title needs between the outer edges of its first and last column."""
    return box.title.width + 16 - 2 * BOX_PADDING * (box.inner + 1)


def _need_room(distances: _Distances, plan: Plan, boxes: Sequence[BoxSpan], halves: Sequence[float]) -> None:
    """Neighbours do not touch, nor the boxes' edges between them; a box is as wide as its title."""
    count = len(halves)
    padding = 2 * plan.looks.number("participantpadding")
    box_padding = plan.looks.number("boxpadding")
    edges: dict[int, int] = {}
    for box in boxes:
        for edge in (box.first, box.last + 1):
            edges[edge] = edges.get(edge, 0) + BOX_PADDING + 2 + box_padding
    for column in range(1, count):
        room = halves[column - 1] + halves[column] + GAP + padding + edges.get(column, 0)
        distances.need(column - 1, column, room)
    if count:
        distances.need(LEFT, 0, halves[0] + GAP + edges.get(0, 0))
        distances.need(count - 1, count, halves[-1] + GAP + edges.get(count, 0))
    for box in boxes:
        if box.first < box.last:
            distances.need(box.first, box.last, _title_room(box) - halves[box.first] - halves[box.last])


def _need_notes(distances: _Distances, one: NoteRow, other: NoteRow) -> None:
    """Two notes that stand beside each other, each at a lifeline of its own."""
    if len(one.columns) == len(other.columns) == 1 and one.columns != other.columns:
        left, right = sorted((one, other), key=lambda row: row.columns)
        distances.need(left.columns[0], right.columns[0], _reach(left)[1] + _reach(right)[0] + 3)


def _reach(row: NoteRow) -> tuple[float, float]:
    """How far a note is from its lifeline on the left, and on the right."""
    width, position = row.spec.width, row.spec.note.position
    if position == "left":
        return width + DISTANCE + (BAR if row.level else 0), 0
    if position == "right":
        return 0, width + DISTANCE + row.level * BAR
    return width / 2, width / 2


def _need_message(distances: _Distances, plan: Plan, row: MessageRow) -> None:
    sender, receiver = row.sender, row.receiver
    width: float = row.text.width
    sending, receiving = row.levels
    if sender == receiver:
        bars = max(sending, receiving) * BAR
        loop_room = max(LOOP + 10, width + 14)
        if row.is_loop_left:
            if sender > 0:
                distances.need(sender - 1, sender, loop_room + min(bars, BAR))
        elif sender < len(plan.heads) - 1:
            distances.need(sender, sender + 1, loop_room + bars)
        return
    gate = row.message.gate
    if gate is not None and gate.is_short:
        return
    is_rightward = sender < receiver
    left_level, right_level = (sending, receiving) if is_rightward else (receiving, sending)
    room: float = width + ARROW_ROOM + left_level * BAR + min(right_level, 1) * BAR
    if row.message.arrow.circle_at_end or row.message.arrow.head == "cross":
        room += 8
    if row.creates and 0 <= receiver < len(plan.heads):
        room += plan.heads[receiver].width / 2
    distances.need(sender, receiver, room)
    for other in row.more:
        if other != sender:
            distances.need(sender, other, ARROW_ROOM + 2 * BAR)


def box_spans(plan: Plan) -> tuple[BoxSpan, ...]:
    """The boxes that hold somebody, outer ones first."""
    boxes = plan.diagram.boxes
    members: dict[int, list[int]] = {}
    for column, participant in enumerate(plan.participants):
        index = participant.box
        while index is not None:
            members.setdefault(index, []).append(column)
            index = boxes[index].parent
    depths = {index: _depth(boxes, index) for index in members}
    font = plan.looks.font(theme.BOX, "box")
    inner = _inner(boxes, members)
    spans = [
        BoxSpan(boxes[i], min(columns), max(columns), depths[i], inner[i], label(boxes[i].title or "", font))
        for i, columns in members.items()
    ]
    return tuple(sorted(spans, key=lambda span: (span.depth, span.first)))


def _depth(boxes: Sequence[Box], index: int) -> int:
    depth = 0
    while (parent := boxes[index].parent) is not None:
        index = parent
        depth += 1
    return depth


def _inner(boxes: Sequence[Box], members: Mapping[int, list[int]]) -> dict[int, int]:
    """For each box how many levels of boxes are in it."""
    levels = dict.fromkeys(members, 0)
    for index in members:
        depth, parent = 1, boxes[index].parent
        while parent is not None:
            levels[parent] = max(levels[parent], depth)
            depth, parent = depth + 1, boxes[parent].parent
    return levels
