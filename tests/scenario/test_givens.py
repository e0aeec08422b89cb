"""Values handed from flow to flow."""

from seqtest.diagram.expectation import Call, Moment, New, Plain, Reference, Template
from seqtest.scenario.givens import give

ALICE = Plain("alice", "alice")
USER = Template((Reference(("user",)),))
GREETING = Template(("hello ", Reference(("user",))))


def given(value, **around):
    """What a name stands for inside, when `around` is what the flow around has been given."""
    return give(around, {"x": value})["x"]


def test_values_around_go_on() -> None:
    """What the outer flow was given holds inside too, unless given anew."""
    assert give({"a": ALICE, "b": ALICE}, {"b": USER}) == {"a": ALICE, "b": USER}


def test_whole_value_is_replaced_with_its_type() -> None:
    """`{name}` alone becomes what the name stands for, as it is."""
    number = Plain(3, "3")

    assert given(Template((Reference(("n",)),)), n=number) is number
    assert given(Template((Reference(("when",)),)), when=Moment("now", 5)) == Moment("now", 5)


def test_text_is_put_into_text() -> None:
    """Within other text a name becomes the text it stands for."""
    mail = Template((Reference(("name",)), "@x.example"))

    assert given(mail, name=ALICE) == Template(("alice", "@x.example"))
    assert given(mail, name=GREETING) == Template((*GREETING.parts, "@x.example"))
    assert given(mail, name=Plain("123", '"123"', is_quoted=True)) == Template(("123", "@x.example"))


def test_members_are_reached_through_the_name() -> None:
    """`{token.sub}` is the member of what `token` stands for."""
    assert given(Template((Reference(("t", "sub")),)), t=USER) == Template((Reference(("user", "sub")),))


def test_member_of_what_has_none_stays() -> None:
    """A member of a plain value is left for the finding that nobody knows it."""
    member = Template((Reference(("t", "sub")),))

    assert given(member, t=ALICE) == member


def test_arguments_are_replaced() -> None:
    """A name in a function's arguments is replaced, however deep."""
    call = Template((Call("S256", (Call("basic", (Reference(("name",)), Reference(("other",)))),)),))

    assert given(call, name=ALICE) == Template((Call("S256", (Call("basic", (ALICE, Reference(("other",)))),)),))
    assert given(call, name=USER) == Template((Call("S256", (Call("basic", (*USER.parts, Reference(("other",)))),)),))
    assert given(call, name=GREETING) == call


def test_other_values_stay() -> None:
    """What does not speak of a given name is not touched."""
    fresh = Template((New("state"), Reference(("unknown",))))

    assert given(fresh, name=ALICE) == fresh
    assert given(ALICE, name=USER) is ALICE
