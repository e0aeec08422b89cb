"""From a layout to SVG: shapes in painting order, each with what a program or a screen reader wants to know of it."""

from collections.abc import Callable
from dataclasses import field
from typing import Any

from seqtest.dataclass import dataclass
from seqtest.diagram import Diagram
from seqtest.render.creole import plain
from seqtest.render.markup import escape, visible
from seqtest.render.svg.arrows import paint_arrow, paint_badge
from seqtest.render.svg.colors import is_gradient
from seqtest.render.svg.elements import hit_box, line_of, occurrences_of, rectangle, state_of, stroke, tooltip
from seqtest.render.svg.figures import FIGURES
from seqtest.render.svg.ink import Ink
from seqtest.render.svg.letters import line_boxes, linked, paint_text
from seqtest.render.svg.letters import number as n
from seqtest.render.svg.mark import Mark, State
from seqtest.render.svg.plan import FOLD, HEXAGON
from seqtest.render.svg.rows import TAB_SLANT
from seqtest.render.svg.shapes import (
    Arrow,
    Band,
    Bar,
    BareFrame,
    Caption,
    Cross,
    Frame,
    FrameEnd,
    Ground,
    Head,
    LaneStart,
    Layout,
    Lifeline,
    Mainframe,
    Measure,
    NoteBox,
    PageBreak,
    Pause,
    Rect,
    Reference,
    Remark,
    Text,
)
from seqtest.render.svg.theme import Scheme, grayed, style_sheet

DEEPEST = 60
"""Frames nested deeper than this are no groups inside groups any more: XML readers refuse very deep documents."""
_ROUND = ' rx="4"'


def paint(diagram: Diagram, layout: Layout, scheme: Scheme, prefix: str, is_interactive: bool) -> str:
    """The picture as an SVG document."""
    painter = _Painter(diagram, prefix, is_interactive, Ink(prefix))
    painter.layout(layout)
    body = "".join(painter.out)
    rect = layout.rect
    title = visible(plain_title(diagram))
    box = f"{n(rect.x - 0.5)} {n(rect.y - 0.5)} {n(rect.width)} {n(rect.height)}"
    definitions = painter.ink.definitions()
    if layout.is_gray:
        definitions = grayed(definitions)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="sq" data-diagram-type="SEQUENCE" width="{n(rect.width)}" '
        f'height="{n(rect.height)}" viewBox="{box}" role="graphics-document document" '
        f'aria-labelledby="{prefix}title" aria-describedby="{prefix}desc" xml:space="preserve">'
        f'<title id="{prefix}title">{escape(title)}</title><desc id="{prefix}desc">{escape(_summary(diagram))}</desc>'
        f"<style>{style_sheet(scheme, painter.ink.rules(), layout.is_gray)}</style>{definitions}"
        f"{body}</svg>\n"
    )


def plain_title(diagram: Diagram) -> str:
    """The title's words, else the diagram's name."""
    title = diagram.title
    return (" ".join(plain(line) for line in title.split("\n")) if title else diagram.name) or "Sequence diagram"


def _summary(diagram: Diagram) -> str:
    names = ", ".join(plain(p.name) or p.id for p in diagram.participants)
    count = sum(1 for _ in diagram.messages())
    return visible(f"Sequence diagram of {count} message{'' if count == 1 else 's'} between {names}.")


@dataclass(slots=True)
class _Painter:
    diagram: Diagram
    prefix: str
    is_interactive: bool
    ink: Ink
    out: list[str] = field(default_factory=list)
    depth: int = 0
    names: list[str] = field(default_factory=list)
    """Each participant's shown name without markup, escaped."""
    colored: list[tuple[Rect, str | None]] = field(default_factory=list)
    """Areas that are not the page, lower ones first: their colour as written, None for a box in the theme's."""
    lifelines: list[float] = field(default_factory=list)
    """Where they stand."""

    def layout(self, layout: Layout) -> None:
        whole = Rect(layout.rect.x - 1, layout.rect.y - 1, layout.rect.width + 2, layout.rect.height + 2)
        page = self.ink.area(layout.page) if layout.page else ""
        if page:
            self.colored.append((whole, layout.page))
        self.out.append(rectangle(f"page {page}".rstrip(), whole))
        if layout.mainframe is not None:
            self.mainframe(layout.mainframe)
        for ground in layout.grounds:
            self.ground(ground)
        for event in layout.events:
            if isinstance(event, Frame):
                self.lanes(event)
        for lifeline in layout.lifelines:
            self.lifelines.append(lifeline.x)
            self.names.append(escape(visible(plain(lifeline.participant.name) or lifeline.participant.id)))
            self.lifeline(lifeline)
        for bar in layout.bars:
            self.bar(bar)
        for remark in layout.remarks:
            x1, y1, x2, y2 = remark.lead
            self.out.append(f'<path class="lead" d="M{n(x1)} {n(y1)}H{n(x2 - 10)}L{n(x2)} {n(y2)}"/>')
        tops = [head for head in layout.heads if head.role == "head"]
        for head in tops:
            self.head(head)
        for event in layout.events:
            _PAINT[type(event)](self, event)
        for head in layout.heads:
            if head.role == "tail":
                self.head(head)
        for caption in layout.captions:
            self.caption(caption)
        for remark in layout.remarks:
            self.remark(remark)

    def text(self, text: Text) -> None:
        paint_text(self.out, text, self.ink)

    def on_lines(self, text: Text) -> None:
        """A text that lifelines may run through: the colour behind it keeps them off its lines.

        Half on one colour and half on another that would be a stain, so there is none.
        """
        for left, top, right, bottom in line_boxes(text.paragraph):
            r = Rect(left + text.x - 2, top + text.y, right - left + 4, bottom - top)
            if any(r.x < x < r.right for x in self.lifelines):
                name = self.behind(r)
                if name is not None:
                    self.out.append(rectangle(name, r))
        self.text(text)

    def behind(self, r: Rect) -> str | None:
        """The class of the colour on which all of it is; None where there are several."""
        for area, color in reversed(self.colored):
            if area.x < r.right and r.x < area.right and area.y < r.bottom and r.y < area.bottom:
                is_inside = area.x <= r.x and r.right <= area.right and area.y <= r.y and r.bottom <= area.bottom
                if not is_inside or is_gradient(color):
                    return None
                return f"under {self.ink.area(color)}" if color else "under-box"
        return "under"

    def words(self, color: str | None) -> str:
        """The class of words in an author's colour on the page."""
        name = self.ink.text(color, None, None) if color else ""
        return f" {name}" if name else ""

    def ground(self, ground: Ground) -> None:
        own = self.ink.area(ground.color, ground.line)
        self.colored.append((ground.rect, ground.color if own else None))
        name = f"box {own}".rstrip()
        place = f' data-line="{ground.data_line}"' if ground.data_line else ""
        words = self.words(ground.ink)
        self.out.append(f'<g class="participant-box{words}"{place}>{rectangle(name, ground.rect, _ROUND)}')
        if ground.text is not None:
            self.text(ground.text)
        self.out.append("</g>")

    def lanes(self, frame: Frame) -> None:
        for number, lane in enumerate(frame.lanes):
            name = self.ink.area(lane.color) if lane.color else ""
            if name:
                height = lane.height if number < len(frame.lanes) - 1 else frame.rect.bottom - lane.y
                area = Rect(frame.rect.x, lane.y, frame.rect.width, height)
                self.colored.append((area, lane.color))
                self.out.append(rectangle(name, area))

    def lifeline(self, lifeline: Lifeline) -> None:
        number = lifeline.column + 1
        code = escape(visible(lifeline.participant.id))
        self.out.append(
            f'<g class="participant-lifeline" id="{self.prefix}part{number}-lifeline" data-entity-uid="part{number}" '
            f'data-qualified-name="{code}">'
        )
        y = lifeline.top
        own = self.ink.stroke(lifeline.color)
        name = f"lifeline {own}".rstrip()
        for top, bottom in lifeline.pauses:
            self.out.append(stroke(name, lifeline.x, y, lifeline.x, top))
            self.out.append(stroke(f"{name} pause", lifeline.x, top, lifeline.x, bottom))
            y = bottom
        self.out.append(stroke(name, lifeline.x, y, lifeline.x, lifeline.bottom) + "</g>")

    def bar(self, bar: Bar) -> None:
        name = self.ink.surface(bar.color, bar.line)[0] if bar.color or bar.line else ""
        self.out.append(rectangle(f"bar {name}".rstrip(), bar.rect))

    def head(self, head: Head) -> None:
        participant = head.participant
        number = head.column + 1
        name, base, words = self.ink.surface(head.color, head.line, head.ink)
        code = escape(visible(participant.id))
        kind = "tail" if head.role == "tail" else "head"
        hidden = ' aria-hidden="true"' if kind == "tail" else ""
        is_inside = participant.kind in ("participant", "collections", "queue")
        on_words = (f" {words}" if words else "") if is_inside else self.words(head.ink)
        self.out.append(
            f'<g class="participant participant-{kind}{on_words}" '
            f'id="{self.prefix}part{number}-{kind}" data-entity-uid="part{number}" data-qualified-name="{code}" '
            f'data-kind="{participant.kind}"{line_of(participant.span)}{hidden}>'
        )
        start = len(self.out)
        figure = FIGURES[participant.kind]
        self.out.append(figure(head.figure, f"h {name}".rstrip(), f"hl {name}".rstrip() if head.line else "hl"))
        if head.spot:
            spot = head.spot
            name = f"hl {self.ink.fill(spot.color)}".rstrip()
            self.out.append(f'<g class="dk"><circle class="{name}" cx="{n(spot.x)}" cy="{n(spot.y)}" r="10"/>')
            paint_text(self.out, spot.letter, self.ink)
            self.out.append("</g>")
        for text in head.texts:
            paint_text(self.out, text, self.ink, base if is_inside else None)
        self.link(start, participant.link)
        self.out.append("</g>")

    def link(self, start: int, link: Any) -> None:
        """What was painted since then becomes a link."""
        if link is not None and link.url and not any("<a " in part for part in self.out[start:]):
            painted = "".join(self.out[start:])
            del self.out[start:]
            self.out.append(linked(painted, link.url, link.tooltip))

    def arrow(self, arrow: Arrow) -> None:
        message = arrow.message
        one, other = self.end(arrow.sender, arrow.receiver), self.end(arrow.receiver, arrow.sender)
        state = state_of(arrow.state) + occurrences_of(arrow.occurrences)
        look = _LOOKS.get(arrow.state, "")
        focus = ' tabindex="0"' if self.is_interactive else ""
        identity = f' id="{self.prefix}msg{arrow.number}"' if arrow.number else ""
        name = f"message{self.words(arrow.ink)}{look}"
        self.out.append(
            f'<g class="{name}"{identity} data-entity-1="{one}" data-entity-2="{other}"'
            f'{line_of(message.span)}{state}{focus} role="graphics-symbol" aria-label="{self.spoken(arrow)}">'
        )
        start = len(self.out)
        if arrow.detail:
            self.out.append(tooltip(arrow.detail))
        if self.is_interactive or arrow.detail:
            self.out.append(hit_box(arrow))
        paint_arrow(self.out, arrow, self.ink)
        if arrow.text is not None and not message.arrow.is_hidden:
            self.on_lines(arrow.text)
        if arrow.state:
            paint_badge(self.out, arrow.state, arrow.x1, arrow.y1)
        self.link(start, message.link)
        self.out.append("</g>")

    def end(self, column: int, other: int) -> str:
        """PlantUML's uid of an end; a border's is that of the other end."""
        return f"part{(column if 0 <= column < len(self.names) else other) + 1}"

    def spoken(self, arrow: Arrow) -> str:
        """`3: client to auth: POST /token, failed`."""
        message = arrow.message
        names = [self.names[c] if 0 <= c < len(self.names) else "outside" for c in (arrow.sender, arrow.receiver)]
        number = f"{escape(visible(message.number))}: " if message.number else ""
        pieces = arrow.text.paragraph.pieces if arrow.text is not None else ()
        said = plain(message.text) if arrow.number else " ".join(piece.text for piece in pieces)
        words = escape(said)
        state = f", {arrow.state}" if arrow.state else ""
        return f"{number}{names[0]} to {names[1]}{f': {words}' if words else ''}{state}"

    def note(self, box: NoteBox) -> None:
        name, base, words = self.ink.surface(box.color, box.line, box.ink)
        self.out.append(
            f'<g class="note{f" {words}" if words else ""}{_note_look(box)}" data-shape="{box.note.shape}"'
            f"{line_of(box.note.span)}{state_of(box.state)}>"
        )
        start = len(self.out)
        r, filled, h = box.rect, f"n {name}".rstrip(), box.rect.height / 2
        if box.note.shape == "rnote":
            self.out.append(rectangle(filled, r))
        elif box.note.shape == "hnote":
            self.out.append(
                f'<path class="{filled}" d="M{n(r.x)} {n(r.y + h)}l{HEXAGON} {n(-h)}H{n(r.right - HEXAGON)}'
                f'l{HEXAGON} {n(h)}l{-HEXAGON} {n(h)}H{n(r.x + HEXAGON)}z"/>'
            )
        else:
            self.out.append(
                f'<path class="{filled}" d="M{n(r.x)} {n(r.y)}H{n(r.right - FOLD)}l{FOLD} {FOLD}'
                f'V{n(r.bottom)}H{n(r.x)}z"/>'
                f'<path class="nl" d="M{n(r.right - FOLD)} {n(r.y)}v{FOLD}h{FOLD}"/>'
            )
        paint_text(self.out, box.text, self.ink, base)
        if box.state != "not reached":
            paint_badge(self.out, box.state, r.x, r.y)
        self.link(start, box.note.link)
        self.out.append("</g>")

    def bare(self, frame: Frame | BareFrame) -> None:
        self.depth += 1
        if self.depth <= DEEPEST:
            operator = frame.fragment.operator
            self.out.append(f'<g class="fragment" data-operator="{operator}"{line_of(frame.fragment.span)}>')

    def frame(self, frame: Frame) -> None:
        self.bare(frame)
        self.out.append(rectangle(f"f {self.ink.stroke(frame.line)}".rstrip(), frame.rect, _ROUND))
        self.tab(frame.tab, frame.tab_color, frame.texts, frame.line)
        self.lane(LaneStart(frame, 0))

    def lane(self, start: LaneStart) -> None:
        frame, number = start.frame, start.number
        lane = frame.lanes[number]
        look = _LOOKS.get(lane.state, "")
        name = f"guard{self.words(frame.ink)}{look}"
        self.out.append(f'<g class="{name}"{line_of(frame.fragment.operands[number].span)}{state_of(lane.state)}>')
        if number:
            line = f"f {self.ink.stroke(frame.line)}".rstrip()
            self.out.append(stroke(f"{line} else", frame.rect.x, lane.y, frame.rect.right, lane.y))
        if lane.text is not None:
            self.on_lines(lane.text)
        self.out.append("</g>")

    def tab(self, r: Rect, color: str | None, texts: tuple[Text, ...], line: str | None = None) -> None:
        name, base, words = self.ink.surface(color, line)
        path = f"M{n(r.x)} {n(r.y)}H{n(r.right)}V{n(r.bottom - TAB_SLANT)}l{-TAB_SLANT} {TAB_SLANT}H{n(r.x)}z"
        self.out.append(f'<g class="tab {words}"><path class="{f"ft {name}".rstrip()}" d="{path}"/>')
        for text in texts:
            paint_text(self.out, text, self.ink, base)
        self.out.append("</g>")

    def frame_end(self, end: FrameEnd) -> None:
        if self.depth <= DEEPEST:
            self.out.append("</g>")
        self.depth -= 1

    def reference(self, reference: Reference) -> None:
        mark = reference.mark
        look = _LOOKS.get(mark.state, "") if mark is not None else ""
        became = self.became(reference, mark) if mark is not None else ""
        self.out.append(f'<g class="ref{self.words(reference.ink)}{look}"{line_of(reference.use.span)}{became}>')
        start = len(self.out)
        if mark is not None and mark.detail:
            self.out.append(tooltip(mark.detail))
        name = self.ink.area(reference.color, reference.line)
        self.out.append(rectangle(f"rf {name}".rstrip(), reference.rect, _ROUND))
        if mark is not None and (self.is_interactive or mark.detail):
            self.out.append(rectangle("hit", reference.rect))
        self.tab(reference.tab, reference.tab_color, (reference.tab_text,), reference.line)
        self.text(reference.text)
        if mark is not None:
            paint_badge(self.out, mark.state, reference.rect.x, reference.rect.y)
        self.link(start, reference.use.link)
        self.out.append("</g>")

    def became(self, reference: Reference, mark: Mark) -> str:
        """What is said of a flow that was used, as of a message."""
        words = escape(" ".join(plain(line.text) for line in reference.use.lines))
        focus = ' tabindex="0"' if self.is_interactive else ""
        label = f' role="graphics-symbol" aria-label="ref: {words}, {mark.state}"'
        return f"{state_of(mark.state)}{occurrences_of(mark.occurrences)}{focus}{label}"

    def band(self, band: Band) -> None:
        y = band.rect.y + band.rect.height / 2
        name, base, words = self.ink.surface(band.color, band.line, band.ink)
        self.out.append(f'<g class="divider{f" {words}" if words else ""}"{line_of(band.divider.span)}>')
        line = f"d {self.ink.stroke(band.line)}".rstrip()
        for at in (y - 1.5, y + 1.5):
            self.out.append(stroke(line, band.rect.x, at, band.rect.right, at))
        if band.title is not None:
            self.out.append(rectangle(f"db {name}".rstrip(), band.title, _ROUND))
            paint_text(self.out, band.text, self.ink, base)
        self.out.append("</g>")

    def pause(self, pause: Pause) -> None:
        if not pause.text.paragraph.is_empty:
            name = f"delay{_LOOKS.get(pause.state, '')}"
            self.out.append(f'<g class="{name}"{line_of(pause.delay.span)}{state_of(pause.state)}>')
            self.on_lines(pause.text)
            self.out.append("</g>")

    def page(self, page: PageBreak) -> None:
        y = page.rect.y + page.rect.height / 2
        self.out.append(f'<g class="newpage"{line_of(page.page.span)}>')
        if page.text is None:
            self.out.append(stroke("d dot", page.rect.x, y, page.rect.right, y))
        else:
            middle, half = page.rect.x + page.rect.width / 2, page.text.paragraph.width / 2 + 8
            self.out.append(stroke("d dot", page.rect.x, y, middle - half, y))
            self.out.append(stroke("d dot", middle + half, y, page.rect.right, y))
            self.text(page.text)
        self.out.append("</g>")

    def cross(self, cross: Cross) -> None:
        x, y = cross.x, cross.y
        self.out.append(f'<path class="cross" d="M{n(x - 8)} {n(y - 8)}l16 16M{n(x - 8)} {n(y + 8)}l16 -16"/>')

    def measure(self, measure: Measure) -> None:
        x, y1, y2 = measure.x, measure.y1, measure.y2
        self.out.append(f'<g class="duration"{line_of(measure.constraint.span)}>')
        for y, reach in ((y1, measure.reach[0]), (y2, measure.reach[1])):
            self.out.append(stroke("lead", x - 4, y, reach, y))
        self.out.append(
            f'<path class="a" d="M{n(x)} {n(y1)}V{n(y2)}M{n(x - 4)} {n(y1 + 6)}L{n(x)} {n(y1)}L{n(x + 4)} {n(y1 + 6)}'
            f'M{n(x - 4)} {n(y2 - 6)}L{n(x)} {n(y2)}L{n(x + 4)} {n(y2 - 6)}"/>'
        )
        self.text(measure.text)
        self.out.append("</g>")

    def mainframe(self, frame: Mainframe) -> None:
        self.out.append('<g class="mainframe">' + rectangle("f", frame.rect, _ROUND))
        self.tab(frame.tab, None, (frame.text,))
        self.out.append("</g>")

    def caption(self, caption: Caption) -> None:
        quiet = " quiet" if caption.kind in ("header", "footer") else ""
        place = f' data-line="{caption.data_line}"' if caption.data_line else ""
        name, base, words = self.ink.surface(caption.color, caption.line, caption.ink)
        if caption.rect is None:
            base, words = None, self.words(caption.ink).strip()
        self.out.append(f'<g class="{caption.kind}{quiet}{f" {words}" if words else ""}"{place}>')
        if caption.rect is not None:
            self.out.append(rectangle(f"lg {name}".rstrip(), caption.rect, _ROUND))
        paint_text(self.out, caption.text, self.ink, base)
        self.out.append("</g>")

    def remark(self, remark: Remark) -> None:
        name = {"not reached": "skipped", "told": "skipped"}.get(remark.state, remark.state)
        self.out.append(f'<g class="remark">{rectangle(f"remark-{name}", remark.rect, _ROUND)}')
        self.text(remark.text)
        self.out.append("</g>")


_LOOKS: dict[State | None, str] = {"not reached": " faded"}


def _note_look(box: NoteBox) -> str:
    """What was not reached is faded, unless its author chose the colours; what failed has its border in red."""
    if box.state == "failed":
        return " broken"
    return " faded" if box.state == "not reached" and not (box.color or box.line or box.ink) else ""


_PAINT: dict[type, Callable[[_Painter, Any], None]] = {
    Arrow: _Painter.arrow,
    NoteBox: _Painter.note,
    Frame: _Painter.frame,
    BareFrame: _Painter.bare,
    LaneStart: _Painter.lane,
    FrameEnd: _Painter.frame_end,
    Reference: _Painter.reference,
    Band: _Painter.band,
    Pause: _Painter.pause,
    PageBreak: _Painter.page,
    Head: _Painter.head,
    Cross: _Painter.cross,
    Measure: _Painter.measure,
}
