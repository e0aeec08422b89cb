"""What holds for the expansion of any drawing."""

from hypothesis import given, settings
from hypothesis import strategies as st

from seqtest.diagram import CombinedFragment, Diagram, Message, Operand, Participant
from seqtest.scenario.expand import expand

GUARDS = st.sampled_from(["ok", "bad", "", "Token expired!", "a/b", "ok 2", "ключ"])
ITEMS = st.recursive(
    st.just("message"),
    lambda inner: st.tuples(
        st.sampled_from(["alt", "opt", "break", "loop", "par", "critical", "group"]),
        st.lists(st.tuples(GUARDS, st.lists(inner, max_size=3)), min_size=1, max_size=3),
    ),
    max_leaves=10,
)


def drawn(plans, count) -> tuple:
    """Items as planned; each message has a label of its own."""
    items = []
    for plan in plans:
        if plan == "message":
            count.append(len(count))
            items.append(Message("a", "b", f"m{count[-1]}"))
            continue
        operator, operands = plan
        if operator not in ("alt", "par"):
            operands = operands[:1]
        made = [Operand("1..2" if operator == "loop" else guard, drawn(inner, count)) for guard, inner in operands]
        items.append(CombinedFragment(operator, tuple(made)))
    return tuple(items)


def is_without_critical_in_lanes(plans, is_critical=False, is_lane=False) -> bool:
    return all(
        plan == "message"
        or (
            not (plan[0] == "critical" and is_critical and is_lane)
            and all(
                is_without_critical_in_lanes(inner, is_critical or plan[0] == "critical", is_lane or plan[0] == "par")
                for _, inner in plan[1]
            )
        )
        for plan in plans
    )


@settings(max_examples=80, deadline=None)
@given(st.lists(ITEMS, min_size=1, max_size=4).filter(is_without_critical_in_lanes))
def test_expansion_keeps_its_promises(plans) -> None:
    """Every message is in some case; ids are unique and plain; a step comes only after earlier ones."""
    count: list[int] = []
    diagram = Diagram("d", (Participant("a", "a"), Participant("b", "b")), drawn(plans, count))
    scenarios = expand(diagram)
    ids = [scenario.id for scenario in scenarios]

    assert {step.text for one in scenarios for step in one.steps} == {f"m{number}" for number in count}
    assert len(set(ids)) == len(ids)
    assert all(id.isascii() and id.strip() == id and not set(id) & set(" []:") for id in ids)
    for scenario in scenarios:
        assert [step.index for step in scenario.steps] == list(range(len(scenario.steps)))
        assert all(before < step.index for step in scenario.steps for before in step.after)


@settings(max_examples=20, deadline=None)
@given(st.lists(ITEMS, min_size=1, max_size=3).filter(is_without_critical_in_lanes))
def test_combinations_hold_every_single_case(plans) -> None:
    """With all combinations there are at least the cases that there are without, each with the same steps."""
    diagram = Diagram("d", (Participant("a", "a"), Participant("b", "b")), drawn(plans, []))
    ways = {tuple(step.text for step in one.steps) for one in expand(diagram)}
    every = expand(diagram, combinations=True)

    assert ways <= {tuple(step.text for step in one.steps) for one in every}
    assert len({one.id for one in every}) == len(every)
