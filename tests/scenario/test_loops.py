"""`loop`: how often, and for which rows."""

import pytest

BODY = "\na -> b : GET /x\nb --> a : 200\nend\n"
TABLE = """
loop each user
  note across
    |= name |= secret |
    | alice | {alice_secret} |
    | bob   | b0b |
  end note
  a -> b : hello {name} with {secret}
end
"""


@pytest.mark.parametrize("guard", ["3 times", "3", "3x", "(3)", "three times", "3 Times", "[3 times]"])
def test_number_of_turns_is_unrolled(only, guard) -> None:
    """`loop 3 times` draws its arrows three times."""
    scenario = only(f"loop {guard}{BODY}")

    assert [step.after for step in scenario.steps] == [(), (0,), (1,), (2,), (3,), (4,)]
    assert scenario.optional == ()


@pytest.mark.parametrize(("guard", "turns"), [("once", 1), ("twice", 2), ("0 times", 0)])
def test_turns_in_words(only, guard, turns) -> None:
    """`once` and `twice` are numbers too."""
    assert len(only(f"loop {guard}{BODY}").steps) == 2 * turns


@pytest.mark.parametrize("guard", ["1..3 times", "1..3", "(1,3)", "1 to 3 times", "1-3 times"])
def test_range_of_turns_may_be_left_out(only, guard) -> None:
    """What a range allows beyond its least number is there and may be left out, turn by turn."""
    scenario = only(f"loop {guard}{BODY}")

    assert [(one.loop, one.iteration, one.steps) for one in scenario.optional] == [(0, 1, (2, 3)), (0, 2, (4, 5))]
    assert [step.iteration for step in scenario.steps] == [((0, turn),) for turn in (0, 0, 1, 1, 2, 2)]


def test_ranges_in_each_other(only) -> None:
    """An inner range is another loop in each turn of the outer one."""
    scenario = only("loop 0..2 times\nloop 0..1 times\na -> b : x\nend\nend")

    assert [step.iteration for step in scenario.steps] == [((0, 0), (1, 0)), ((0, 1), (2, 0))]
    assert len(scenario.optional) == 4


@pytest.mark.parametrize("guard", ["until approved", "", "3 retries left", "while n < 3", "5..2 times", "every minute"])
def test_guard_in_words_is_refused(refused, guard) -> None:
    """Nobody can ask a guard in words how often; the finding says what to write."""
    (finding,) = refused(f"loop {guard}{BODY}")

    assert finding.code == "SQ304"
    assert "loop 3 times" in finding.do


def test_too_many_turns_are_refused(refused) -> None:
    """A loop beyond the limit is an error, not a long wait."""
    assert [finding.code for finding in refused(f"loop 0..11 times{BODY}", loop_limit=10)] == ["SQ305"]


def test_loops_in_loops_end_at_the_size_limit(refused) -> None:
    """Loops that multiply are stopped, also where each is short."""
    text = "loop 1000 times\n" * 4 + "a -> b : x\n" + "end\n" * 4

    assert [finding.code for finding in refused(text, size_limit=5_000)] == ["SQ305"]


def test_empty_loops_in_loops_end_too(refused) -> None:
    """Turns cost something even when nothing is drawn in them."""
    text = "participant a\n" + "loop 1000 times\n" * 4 + "end\n" * 4

    assert [finding.code for finding in refused(text, size_limit=5_000)] == ["SQ305"]


def test_case_for_each_row(cases) -> None:
    """`loop each` with a table is a case a row, called after its first cell."""
    alice, bob = cases(TABLE)

    assert (alice.id, bob.id) == ("alice", "bob")
    assert bob.steps[0].given["name"].text == "bob"
    assert bob.steps[0].given["secret"].text == "b0b"
    assert [part.path for part in alice.steps[0].given["secret"].parts] == [("alice_secret",)]


def test_rows_are_no_givens(cases) -> None:
    """A row needs nobody to bring it about."""
    assert [one.givens for one in cases(TABLE)] == [(), ()]


def test_columns_end_with_the_loop(cases) -> None:
    """Behind the loop its columns are not given any more."""
    assert dict(cases(TABLE + "a -> b : bye")[0].steps[1].given) == {}


@pytest.mark.parametrize(
    "lines",
    [
        "a -> b : x",
        "note across : each one",
        "note across\n|= name |\nend note",
        "note across\n|= name |= pw |\n| alice |\nend note",
        "note across\n|= name |\nalice\nend note",
    ],
)
def test_each_without_a_whole_table_is_refused(refused, lines) -> None:
    """No table, no rows, a short row or a line that is none: nothing is guessed."""
    assert [finding.code for finding in refused(f"participant a\nloop each row\n{lines}\nend")] == ["SQ307"]


def test_cell_that_cannot_be_read_is_refused(refused) -> None:
    """A cell is read as strictly as a note line's value, and shown at its place."""
    findings = refused("participant a\nloop each row\nnote across\n|= name |\n| {name |\nend note\na -> b : x\nend")

    assert [finding.span.line for finding in findings] == [6]


def test_column_that_is_no_name_is_refused(refused) -> None:
    """A column's head is the name of a value."""
    findings = refused("participant a\nloop each row\nnote across\n|= a.b |\n| x |\nend note\na -> b : x\nend")

    assert [finding.code for finding in findings] == ["SQ307"]


def test_column_that_nothing_asks_for_is_refused(refused) -> None:
    """`expected` reads like a check, and would be none."""
    rows = "|= name |= expected |\n| alice | 200 |"
    findings = refused(f"participant a\nloop each row\nnote across\n{rows}\nend note\na -> b : {{name}}\nend")

    assert [(one.code, one.span.line, one.span.column) for one in findings] == [("SQ327", 5, 10)]


@pytest.mark.parametrize(
    "body",
    [
        "a -> b : {x}",
        "a -> b : hello\n... {x} later ...",
        "loop {x} times\na -> b : hello\nend",
        "opt x = 2\na -> b : hello\nend\na -> b : bye",
        "ref over a : sub.puml",
        "ref over a\nsub.puml\nx = {x}\nend ref",
    ],
)
def test_column_is_asked_for_wherever_its_value_may_stand(cases, body) -> None:
    """In an arrow, a delay, a guard, or in a flow that is used in the loop."""
    rows = "|= name |= x |\n| alice | 2 minutes |" if "later" in body else "|= name |= x |\n| alice | 2 |"
    table = f"participant a\nloop each row\nnote across\n{rows}\nend note\n{body}\nend"

    assert cases(table, {"sub.puml": "a -> b : {x}"})


def test_column_of_prose_is_no_value(only) -> None:
    """What begins with `//` is prose, in a table as in a note."""
    rows = "|= name |= //why |\n| alice | {since} is no value |"
    scenario = only(f"participant a\nloop each row\nnote across\n{rows}\nend note\na -> b : {{name}}\nend")

    assert list(scenario.steps[0].given) == ["name"]


def test_two_columns_of_one_name_are_refused(refused) -> None:
    """Only one of them could count."""
    rows = "|= name |= name |\n| alice | bob |"
    findings = refused(f"participant a\nloop each row\nnote across\n{rows}\nend note\na -> b : {{name}}\nend")

    assert [finding.code for finding in findings] == ["SQ307"]


def test_loop_and_delay_take_what_the_row_gives(cases) -> None:
    """`loop {n} times` and `... {wait} later ...` differ from row to row."""
    rows = "|= n |= wait |\n| 1 | 5 minutes |\n| 2 | an hour |"
    body = "loop {n} times\na -> b : hello\nend\n... {wait} later ..."
    found = cases(f"participant a\nloop each row\nnote across\n{rows}\nend note\n{body}\nend")

    assert [len(one.steps) for one in found] == [2, 3]
    assert [(one.steps[-1].pause.seconds, one.steps[-1].text) for one in found] == [
        (300, "5 minutes later"),
        (3600, "an hour later"),
    ]


def test_delay_with_a_name_that_nothing_gives_is_refused(refused) -> None:
    """As words it would take no time, and every check of an expiry behind it would be worthless."""
    findings = refused("a -> b : GET /x\nb --> a : 200 {expires_in: 5}\n... {expires_in} seconds later ...")

    assert [finding.code for finding in findings] == ["SQ315"]


def test_delay_takes_what_a_setting_says(only) -> None:
    """`{auth.code.lifetime}` is drawn once, and waited for."""
    scenario = only(
        "participant auth\nnote over auth : code.lifetime = 1 minute\na -> auth : go\n... {auth.code.lifetime} ..."
    )

    assert scenario.steps[-1].pause.seconds == 60
