"""A diagram in the short notation of plantuml_cases.txt, as words that can be compared in any order."""

import re

from seqtest.diagram import (
    CombinedFragment,
    Delay,
    Diagram,
    Divider,
    DurationConstraint,
    InteractionUse,
    Item,
    LifeEvent,
    Link,
    Message,
    NewPage,
    Note,
    Operand,
    Participant,
    Space,
)

COLORS = {
    "red": "ff0000",
    "blue": "0000ff",
    "pink": "ffc0cb",
    "gold": "ffd700",
    "fff": "ffffff",
}
ESCAPES = {"\\n": "⏎", "\\r": "⏎", "\\l": "⏎", "\\t": "\t", "\\\\": "\\"}


def words(text: str) -> list[str]:
    """A step's words: quoted texts and notes in one piece."""
    found = re.findall(
        r'\{note [^{}]*(?:\{[^{}]*\}[^{}]*)*\}|\{[hr]note [^{}]*\}|\S*"(?:[^"]|"(?=[^ ;\]}]))*"|<<.*>>|\S+', text
    )
    return sorted(re.sub(r"<< ?(.*?) ?>>", r"<<\1>>", word.strip()) for word in found if word.strip())


def shown(text: str) -> str:
    """What is drawn of a text written on one line."""
    return re.sub(r"\\[nrlt\\]", lambda match: ESCAPES[match[0]], text)


def color(text: str | None) -> str:
    if text is None:
        return ""
    if re.search(r"[-/|\\]", text[1:]):
        return " gradient"
    name = text[1:].lower()
    if name == "transparent":
        return " transparent"
    digits = COLORS.get(name, name)
    return f" #{digits[6:]}{digits[:6]}" if len(digits) == 8 else f" #{digits}"


def link(value: Link | None) -> str:
    if value is None:
        return ""
    tip = f" tip={value.tooltip}" if value.tooltip else ""
    label = f" lab={value.label}" if value.label and value.label != value.url else ""
    return f" url={value.url}{tip}{label}"


def participant(value: Participant, diagram: Diagram) -> str:
    kind = "" if value.kind == "participant" else f"{value.kind} "
    text = "⏎".join(line.text for line in value.lines) if value.lines else shown(value.name)
    said = f' "{text}"' if text != value.id else ""
    order = f" order={value.order}" if value.order else ""
    box = f' box="{diagram.boxes[value.box].title or ""}"' if value.box is not None else ""
    marks = (
        " ".join(map(stereotype, value.stereotypes))
        if any("(" in name for name in value.stereotypes)
        else "".join(map(stereotype, value.stereotypes))
    )
    return f"{kind}{value.id}{said}{' ' + marks if marks else ''}{order}{color(value.color)}{link(value.link)}{box}"


def stereotype(text: str) -> str:
    """`(C,#ADD1B2) Test` as `<<Test>> spot=C #add1b2`."""
    spot = re.match(r"\((\w),\s*#?(\w+)\)\s*(.*)", text)
    if spot is None:
        return f"<<{text}>>"
    said = f"<<{spot[3]}>> " if spot[3] else ""
    return f"{said}spot={spot[1]} #{COLORS.get(spot[2], spot[2].lower())}"


def participants(diagram: Diagram) -> str:
    return "[" + ", ".join(participant(value, diagram) for value in diagram.participants) + "]"


def note(value: Note) -> str:
    text = "⏎".join(line.text if value.is_block else shown(line.text) for line in value.lines)
    at = f" {','.join(value.participants)}" if value.participants else ""
    marks = "".join(f"<<{name}>>" for name in value.stereotypes)
    parallel = " &" if value.is_parallel else ""
    said = f'{value.shape} {value.position}{at} "{text}"{" " + marks if marks else ""}'
    return f"{said}{color(value.color)}{link(value.link)}{parallel}"


def message(value: Message) -> list[str]:
    arrow, gate = value.arrow, value.gate
    border = "" if gate is None else ("?" if gate.is_short else "") + {"left": "[", "right": "]"}[gate.side]
    more = "".join(f"+{code}" for code in value.more_receivers)
    head = {"filled": "", "cross": " head=x"}.get(arrow.head, f" head={arrow.head}")
    tail = {"none": "", "cross": " tail=x"}.get(arrow.tail, f" tail={arrow.tail}")
    marks = "".join(f"<<{name}>>" for name in value.stereotypes)
    parts = [
        f"msg {value.sender or border}>{value.receiver or border}{more}",
        f' "{shown(value.text)}"' if value.text else "",
        " dotted" if arrow.is_dotted else "",
        " hidden" if arrow.is_hidden else "",
        head,
        tail,
        " o-end" if arrow.circle_at_end else "",
        " o-start" if arrow.circle_at_start else "",
        " rev" if arrow.is_reversed and not value.is_return and gate is None else "",
        f" slant={arrow.slant}" if arrow.slant else "",
        color(arrow.color),
        f" num={value.number}" if value.number is not None else "",
        " &" if value.is_parallel else "",
        "".join(f" {{{kind}}}={name}" for kind, name in value.anchors),
        link(value.link),
        f" {marks}" if marks else "",
        "".join(f" {{{note(each)}}}" for each in value.notes),
    ]
    before = [life(event) for event in value.life if event.kind == "create"]
    return [*before, "".join(parts), *(life(event) for event in value.life if event.kind != "create")]


def life(event: LifeEvent) -> str:
    border = f" border={color(event.border).strip()}" if event.border else ""
    return f"{event.kind} {event.participant}{color(event.color)}{border}"


def fragment(value: CombinedFragment) -> list[str]:
    steps: list[str] = []
    for index, operand in enumerate(value.operands):
        steps.append(branch(operand) if index else opening(value, operand))
        for item in operand.items:
            steps += item_steps(item)
    if value.is_closed:
        steps.append("close" + "".join(f" {{{note(each)}}}" for each in value.notes))
    return steps


def opening(value: CombinedFragment, operand: Operand) -> str:
    tab, guard = value.operator, operand.guard
    if value.operator == "group":
        tab, guard = (value.title, guard) if guard else ("group", value.title or "group")
    label = f' "{guard}"' if guard else ""
    colors = "".join(
        f" {name}={color(text).strip()}" for name, text in (("tab", value.tab_color), ("body", value.color)) if text
    )
    return f'open "{tab}"{label}{colors}{" &" if value.is_parallel else ""}'


def branch(operand: Operand) -> str:
    guard = f' "{operand.guard}"' if operand.guard else ""
    body = f" body={color(operand.color).strip()}" if operand.color else ""
    return f"branch {operand.keyword}{guard}{body}"


def item_steps(item: Item) -> list[str]:
    if isinstance(item, Message):
        return message(item)
    if isinstance(item, CombinedFragment):
        return fragment(item)
    if isinstance(item, Note):
        return [note(item)]
    if isinstance(item, LifeEvent):
        return [life(item)]
    if isinstance(item, InteractionUse):
        text = "⏎".join(line.text if item.is_block else shown(line.text) for line in item.lines)
        notes = "".join(f" {{{note(each)}}}" for each in item.notes)
        return [f'ref {",".join(item.participants)} "{text}"{color(item.color)}{link(item.link)}{notes}']
    if isinstance(item, Divider):
        return [f'divider "{shown(item.text)}"']
    if isinstance(item, Delay):
        return [f'delay "{shown(item.text)}"']
    if isinstance(item, Space):
        return [f"space {item.pixels or 25}"]
    if isinstance(item, NewPage):
        return ["newpage" + (f' "{item.title}"' if item.title else "")]
    if isinstance(item, DurationConstraint):
        return [f'span {{{item.start}}}-{{{item.end}}} "{shown(item.text)}"']
    return []


def steps_of(diagram: Diagram) -> list[str]:
    return [step for item in diagram.items for step in item_steps(item)]
