"""Guards about values that a row or a `ref` gives."""

import pytest

TABLE = """
participant a
loop each row
  note across
    |= n |= kind |
    | 1 | odd |
    | 2 | even |
    | 3 | odd |
  end note
{}
end
"""


def way(*operands: str) -> str:
    lines = [
        f"{'alt' if not index else 'else'} {guard}\n a -> b : way {index} of {{n}}, {{kind}}\n"
        for index, guard in enumerate(operands)
    ]
    return TABLE.format("".join(lines) + "end")


def told(cases) -> list[tuple[str, list[str]]]:
    return [(one.id, [step.text.partition(" of")[0] for step in one.steps]) for one in cases]


@pytest.mark.parametrize("guards", [("kind = odd", "kind = even"), ("{kind} = odd", ""), ("kind != even", "else")])
def test_a_row_takes_the_operand_whose_guard_is_true_of_it(cases, guards) -> None:
    """A case for each row, and none in which a row does what is drawn for another one."""
    found = told(cases(way(*guards)))

    assert found == [("1", ["way 0"]), ("2", ["way 1"]), ("3", ["way 0"])]


def test_operands_in_words_are_cases_of_the_rows_that_nothing_else_is_true_of(cases) -> None:
    """Words may be brought about, so each is a case; but not where a guard is true."""
    found = told(cases(way("kind = even", "in time", "too late")))

    assert [id for id, _ in found] == ["1/in-time", "1/too-late", "2", "3/in-time", "3/too-late"]


def test_opt_is_entered_by_the_rows_that_it_is_for(cases) -> None:
    """And passed by in all others."""
    found = told(cases(TABLE.format("opt kind = odd\n a -> b : extra\nend\na -> b : {n}")))

    assert found == [("1", ["extra", "{n}"]), ("2", ["{n}"]), ("3", ["extra", "{n}"])]


def test_what_the_rows_decide_nobody_brings_about(cases) -> None:
    """Neither a guard of the user's is asked for, nor is a choice left to a bound participant."""
    (first, *_) = cases(way("kind = odd", "kind = even"))

    assert first.givens == ()
    assert [choice.is_free for choice in first.choices] == [True, False]


def test_a_flow_that_is_used_branches_by_what_it_is_given(cases) -> None:
    """`ref` gives values as a row does."""
    used = "alt kind = odd\na -> b : odd\nelse kind = even\na -> b : even\nend\na -> b : {kind}"
    found = cases("participant a\nref over a\nsub.puml\nkind = even\nend ref", {"sub.puml": used})

    assert [[step.text for step in one.steps if step.text] for one in found] == [["even", "{kind}"]]


def test_an_operand_that_no_row_takes_is_refused(refused) -> None:
    """What is drawn and never played would look tested."""
    findings = refused(way("kind = odd", "kind = even", "kind = prime"))

    assert [(one.code, one.why) for one in findings] == [("SQ319", "no row has such a value")]


def test_a_row_without_an_operand_is_refused(refused) -> None:
    """Nothing would happen in its case."""
    assert {one.code for one in refused(way("kind = odd"))} == {"SQ319"}


def test_a_guard_about_nearly_a_column_is_refused(refused) -> None:
    """As words it would choose nothing."""
    findings = refused(way("knd = odd", ""))

    assert [(one.code, one.label) for one in findings] == [("SQ328", "did you mean `kind`?")]


def test_types_count_as_in_any_value(cases) -> None:
    """`1` is a number, and `"1"` a text."""
    found = told(cases(way("n = 1", "n in 2, 3")))

    assert found == [("1", ["way 0"]), ("2", ["way 1"]), ("3", ["way 1"])]


@pytest.mark.parametrize(
    ("drawing", "guards"),
    [
        ("ref over a\nsub.puml[n-1]\nn = 2\nend ref", ("n = 1", "n = 2")),
        ("alt a.n = 2\nref over a : sub.puml[a-n-1]\nend", ("a.n = 1", "a.n = 2")),
    ],
)
def test_a_named_case_that_cannot_hold_is_refused(refused, drawing, guards) -> None:
    """Another one than the named one would be played, and look like it."""
    used = f"participant a\nalt {guards[0]}\na -> b : one\nelse {guards[1]}\na -> b : two\nend\na -> b : {{n}}"
    findings = refused(f"participant a\n{drawing}", {"sub.puml": used})

    assert [(one.code, one.span.line) for one in findings] == [("SQ319", 3 if "\nsub" in drawing else 4)]
