"""`alt`, `opt`, `break`: which cases there are, and what they are called."""

import pytest

from seqtest.diagram import CombinedFragment, Diagram, Message, Operand, Participant
from seqtest.scenario.expand import expand


def named(scenarios):
    return [scenario.id for scenario in scenarios]


def texts(scenario):
    return [step.text for step in scenario.steps]


def alt(*guards):
    return (
        "\n".join(f"{'else' if index else 'alt'} {guard}\na -> b : {guard}" for index, guard in enumerate(guards))
        + "\nend\n"
    )


def test_diagram_that_does_not_branch_has_its_own_name(cases) -> None:
    """One case, called after what follows `@startuml`."""
    (scenario,) = cases("@startuml Log in\na -> b : hi\n@enduml")

    assert (scenario.id, scenario.name) == ("log-in", "Log in")


def test_unnamed_diagram_is_called_after_its_file(cases) -> None:
    """Without a name behind `@startuml` the file's name does."""
    assert named(cases("a -> b : hi")) == ["flow"]


def test_case_for_each_operand(cases) -> None:
    """Each operand has a case, which holds what is around it too."""
    scenarios = cases("a -> b : before\n" + alt("Token is fresh", "token has expired") + "a -> b : after")

    assert named(scenarios) == ["token-is-fresh", "token-has-expired"]
    assert [texts(one) for one in scenarios] == [
        ["before", "Token is fresh", "after"],
        ["before", "token has expired", "after"],
    ]


def test_names_are_for_people(cases) -> None:
    """A case's name is its guard as drawn."""
    assert [one.name for one in cases(alt("Token is fresh", "äöü"))] == ["Token is fresh", "äöü"]


def test_empty_guard_is_called_by_its_word(cases) -> None:
    """An `else` without a guard is the case `else`."""
    assert named(cases(alt("ok", ""))) == ["ok", "else"]


def test_repeated_guard_is_numbered(cases) -> None:
    """Two operands with one guard are two cases with two ids."""
    assert named(cases(alt("bad", "bad", "bad"))) == ["bad", "bad-2", "bad-3"]


def test_number_of_a_repeated_guard_never_meets_a_guard(cases) -> None:
    """`bad-2` may also be a guard of its own."""
    assert named(cases(alt("bad", "bad", "bad 2"))) == ["bad", "bad-2", "bad-2-2"]


@pytest.mark.parametrize("guard", ["[ok]", "a::b", "a b", "ключ", "令牌", "a/b", "[]", "x" * 200])
def test_ids_are_plain_ascii(cases, guard) -> None:
    """No blank, bracket, colon or letter beyond ASCII reaches an id, and none is empty."""
    for scenario in cases(alt(guard, "other")):
        assert scenario.id
        assert set(scenario.id) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


def test_letters_beyond_ascii_keep_ids_apart(cases) -> None:
    """Two guards in another script are two readable-enough ids, whatever stands around them."""
    first, second = named(cases(alt("ключ", "замок")))

    assert first != second
    assert not first.endswith("-2")


def test_nested_guards_are_joined(cases) -> None:
    """`outer/inner` names a case in a case."""
    scenarios = cases("alt outer\nalt inner\na -> b : 1\nelse other\na -> b : 2\nend\nelse rest\na -> b : 3\nend")

    assert named(scenarios) == ["outer/inner", "outer/other", "rest"]
    assert [texts(one) for one in scenarios] == [["1"], ["2"], ["3"]]


def test_one_place_at_a_time(cases) -> None:
    """Two branchings make a case for each operand, not for each pair; all others take the first operand."""
    scenarios = cases(alt("a1", "a2") + alt("b1", "b2"))

    assert named(scenarios) == ["a1", "a2", "b2"]
    assert [texts(one) for one in scenarios] == [["a1", "b1"], ["a2", "b1"], ["a1", "b2"]]


def test_all_combinations_on_demand(cases) -> None:
    """Every pair of operands is a case when asked for."""
    scenarios = cases(alt("a1", "a2") + alt("b1", "b2"), combinations=True)

    assert named(scenarios) == ["a1+b1", "a1+b2", "a2+b1", "a2+b2"]
    assert [texts(one) for one in scenarios] == [["a1", "b1"], ["a1", "b2"], ["a2", "b1"], ["a2", "b2"]]


def test_combinations_take_each_turn_on_its_own(cases) -> None:
    """With all combinations a branching in a loop is one in every turn."""
    text = "loop 2 times\n" + alt("x", "y") + "end"

    assert [texts(one) for one in cases(text)] == [["x", "x"], ["y", "y"]]
    assert len(cases(text, combinations=True)) == 4


def test_case_lists_what_it_is_about(cases) -> None:
    """Guards and stages are words by which a case is found."""
    assert cases("== Log in ==\n" + alt("good", "bad"))[1].tags == ("bad", "Log in")


def test_opt_with_and_without(cases) -> None:
    """An `opt` is a case with it and one without."""
    scenarios = cases("opt cached\na -> b : 1\nend\na -> b : 2")

    assert named(scenarios) == ["cached", "without-cached"]
    assert [texts(one) for one in scenarios] == [["1", "2"], ["2"]]


def test_break_ends_its_case(cases) -> None:
    """A `break` is a case that ends there and one that does not enter; other cases do not enter."""
    scenarios = cases("break down\na -> b : sorry\nend\n" + alt("x", "y"))

    assert named(scenarios) == ["down", "x", "y"]
    assert [texts(one) for one in scenarios] == [["sorry"], ["x"], ["y"]]


def test_break_within_other_fragments_ends_the_whole_case(cases) -> None:
    """What follows the fragments around a `break` does not happen either."""
    scenarios = cases("group g\nloop 2 times\nbreak down\na -> b : sorry\nend\na -> b : work\nend\nend\na -> b : after")

    assert [texts(one) for one in scenarios] == [["sorry"], ["work", "work", "after"]]


def test_break_only_diagram_has_both_names(cases) -> None:
    """Where nothing but a `break` branches, the other case says that it is without."""
    assert named(cases("a -> b : x\nbreak down\na -> b : y\nend")) == ["down", "without-down"]


def test_branch_inside_one_operand_only_counts_there(cases) -> None:
    """Branchings in an operand that a case does not take do not multiply it."""
    scenarios = cases("alt x\na -> b : x\nelse y\nopt z\na -> b : z\nend\na -> b : y\nend")

    assert named(scenarios) == ["x", "y/z", "y/without-z"]


def test_else_where_nothing_branches_is_refused(refused) -> None:
    """PlantUML accepts `else` in an `opt`; it means nothing there."""
    for word in ("opt x", "loop 2 times", "critical", "group g", "break x"):
        (finding,) = refused(f"{word}\na -> b : 1\nelse\na -> b : 2\nend")
        assert (finding.code, finding.span.line) == ("SQ306", 4)


def test_guard_that_is_a_setting_sets_it(cases) -> None:
    """`alt auth.format = opaque` makes that setting in its case, whatever the note says."""
    text = "note over auth : format = jwt\nalt auth.format = opaque\na -> auth : 1\nelse\na -> auth : 2\nend"
    opaque, other = cases(text)

    assert [promise.values[0].text for promise in opaque.settings["auth"]] == ["opaque"]
    assert [promise.values[0].text for promise in other.settings["auth"]] == ["jwt"]
    assert opaque.givens == ()


def test_settings_of_guards_agree_within_a_case(cases) -> None:
    """Two branchings on one setting take the same side, and `else` is the other side."""
    branch = "alt auth.format = opaque\na -> auth : {0}1\nelse auth.format = jwt\na -> auth : {0}2\nend\n"
    scenarios = cases("participant auth\n" + branch.format("x") + branch.format("y"))

    assert [texts(one) for one in scenarios] == [["x1", "y1"], ["x2", "y2"]]


def test_guard_no_case_can_reach_is_refused(refused) -> None:
    """An operand that every case contradicts would never be tested."""
    findings = refused(
        "participant auth\nalt auth.n = 1\na -> auth : x\nend\nalt auth.n = 2\na -> auth : y\nelse\na -> auth : z\nend"
    )

    assert [(finding.code, finding.span.line) for finding in findings] == [("SQ319", 6)]


def test_guard_is_a_given_at_its_place(cases) -> None:
    """A guard in words must hold in front of the first step of its operand."""
    scenario = cases("a -> b : before\n" + alt("token expired", "x"))[0]

    assert [(given.text, given.before) for given in scenario.givens] == [("token expired", 1)]


def test_every_operand_is_in_some_case(cases) -> None:
    """Whatever the nesting, no drawn message is left out of all cases."""
    text = (
        "opt p\n"
        + alt("a", "b")
        + "break q\n"
        + alt("c", "d")
        + "end\nend\nalt r\nopt s\na -> b : s\nend\nelse\n"
        + alt("e", "f")
        + "end"
    )
    drawn = {text for one in cases(text) for text in texts(one)}

    assert drawn == {"a", "b", "c", "d", "s", "e", "f"}


def test_ids_are_unique(cases) -> None:
    """Alike branchings at different places have different ids."""
    ids = named(cases(alt("x", "y") * 3 + "group g\n" + alt("x", "y") + "end\nopt x\n" + alt("x", "y") + "end"))

    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("operator", ["group", "loop", "par", "critical", "opt"])
def test_deep_nesting_is_no_recursion(operator) -> None:
    """A thousand fragments in each other, deeper than Python recurses, are walked like any others."""
    guard = "1 times" if operator == "loop" else "g"
    item = Message("a", "b", "deep")
    for _ in range(1_000 if operator != "opt" else 200):
        item = CombinedFragment(operator, (Operand(guard, (item,)),))
    scenarios = expand(Diagram("deep", (Participant("a", "a"), Participant("b", "b")), (item,)))

    assert texts(scenarios[0]) == ["deep"]
    assert len(scenarios) == (201 if operator == "opt" else 1)


def test_explosion_is_refused(refused) -> None:
    """All combinations of many branchings are more than anybody runs; the error says so instead of never ending."""
    (finding,) = refused(alt("x", "y") * 12, combinations=True, size_limit=10_000)

    assert finding.code == "SQ305"
    assert "10,000" in finding.message


def test_branching_that_a_setting_rules_out_is_refused(refused) -> None:
    """Where the guards before leave no operand that could hold, that is said."""
    branch = "alt auth.n = {0}\na -> auth : x\nend\n"
    findings = refused("participant auth\n" + branch.format(1) + branch.format(2))

    assert "SQ319" in [finding.code for finding in findings]


def test_guard_that_only_looks_like_a_setting_is_a_guard(cases) -> None:
    """A setting names a participant; anything else with `=` in it is words."""
    scenario = cases("alt status.code = 200\na -> b : x\nend")[0]

    assert (scenario.settings, [given.text for given in scenario.givens]) == ({}, ["status.code = 200"])


def test_guard_whose_value_cannot_be_read_is_refused(refused) -> None:
    """A guard that sets something is read as strictly as a note line."""
    findings = refused("participant auth\nalt auth.n = {\na -> auth : x\nend")

    assert [finding.span.line for finding in findings] == [3]


def test_guard_that_is_a_check_is_a_guard(cases) -> None:
    """Only `=` sets something; a guard with another operator is words."""
    scenario = cases("participant auth\nalt auth.n matches /a=b/\na -> auth : x\nend")[0]

    assert (scenario.settings, len(scenario.givens)) == ({}, 1)


def test_guard_that_names_nearly_a_participant_is_refused(refused, cases) -> None:
    """As words it would choose nothing; a name that is near nobody's is words."""
    (finding,) = refused("participant auth\nalt auht.n = 1\na -> auth : x\nend")

    assert (finding.code, finding.label) == ("SQ328", "did you mean `auth`?")
    assert cases("participant auth\nalt role.n = 1\na -> auth : x\nend")[0].settings == {}


def test_blanks_in_a_guard_do_not_matter(cases) -> None:
    """A setting is one however its guard is spaced."""
    scenario = cases("participant auth\nalt [auth.n  =  1]\na -> auth : x\nend")[0]

    assert [promise.path for promise in scenario.settings["auth"]] == [("n",)]
