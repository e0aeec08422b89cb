"""`par` and `critical`: what comes before what."""


def orders(scenario):
    return [step.after for step in scenario.steps]


LANES = """
a -> b : before
par one
  a -> b : GET /1
  b --> a : 200
else two
  a -> c : GET /2
  c --> a : 200
end
a -> b : after
"""


def test_lanes_fork_and_join(only) -> None:
    """Lanes start after the same step and are all over before the next one."""
    assert orders(only(LANES)) == [(), (0,), (1,), (0,), (3,), (2, 4)]


def test_steps_know_their_lane(only) -> None:
    """A step names the `par` and its operand; outside it is in none."""
    assert [step.lane for step in only(LANES).steps] == [(), ((0, 0),), ((0, 0),), ((0, 1),), ((0, 1),), ()]


def test_also_is_a_lane(only) -> None:
    """`also` separates lanes as `else` does, in `par2` too."""
    for word in ("par", "par2"):
        assert orders(only(f"{word}\na -> b : 1\nalso\na -> c : 2\nelse\na -> d : 3\nend")) == [(), (), ()]


def test_empty_lane_holds_nothing_back(only) -> None:
    """A lane without arrows does not weaken what the others have to do."""
    assert orders(only("a -> b : 0\npar\na -> b : 1\nelse\nend\na -> b : 2")) == [(), (0,), (1,)]


def test_empty_par_is_no_gap(only) -> None:
    """A `par` without arrows leaves the order as it is."""
    assert orders(only("a -> b : 0\npar\nelse\nend\na -> b : 2")) == [(), (0,)]


def test_lanes_in_lanes(only) -> None:
    """A `par` in a lane forks and joins within it."""
    scenario = only("par\npar\na -> b : 1\nelse\na -> b : 2\nend\na -> b : 3\nelse\na -> b : 4\nend\na -> b : 5")

    assert orders(scenario) == [(), (), (0, 1), (), (2, 3)]
    assert scenario.steps[1].lane == ((0, 0), (1, 1))


def test_each_lane_answers_its_own_requests(only) -> None:
    """The same request in two lanes is answered in each by its own response."""
    scenario = only("par\na -> b : GET /x\nb --> a : 200\nelse\na -> b : GET /x\nb --> a : 400\nend")

    assert [step.answer for step in scenario.steps] == [1, None, 3, None]


def test_request_of_another_lane_is_not_answered(refused) -> None:
    """A response does not answer what another lane asked, as long as that lane may still be going on."""
    findings = refused("par\na -> b : GET /x\nelse\nb --> a : 200\nend")

    assert {finding.code for finding in findings} == {"SQ301", "SQ302"}


def test_lane_may_answer_what_was_asked_before(only) -> None:
    """One lane answers the caller while the other goes on working."""
    scenario = only("a -> b : GET /x\npar\nb --> a : 202\nelse\nb -> c : GET /y\nc --> b : 200\nend")

    assert scenario.steps[0].answer == 1


def test_requests_of_lanes_may_be_answered_behind(only) -> None:
    """Two requests sent at once may be answered after both were sent."""
    scenario = only("par\na -> b : GET /x\nelse\na -> c : GET /y\nend\nb --> a : 200\nc --> a : 200")

    assert [step.answer for step in scenario.steps] == [2, 3, None, None]


def test_asynchronous_message_ends_with_its_lane(only) -> None:
    """What follows a `par` comes after the asynchronous messages of its lanes."""
    scenario = only("par\na ->> b : 1\nelse\na -> c : 2\nend\na -> d : 3")

    assert set(scenario.steps[2].after) == {0, 1}


def test_critical_has_a_number(only) -> None:
    """Steps of one `critical` share its number, and others have none."""
    scenario = only("a -> b : 0\ncritical\na -> b : 1\na -> b : 2\nend\ncritical\na -> b : 3\nend")

    assert [step.critical for step in scenario.steps] == [None, 0, 0, 1]


def test_critical_in_critical_is_one(only) -> None:
    """What is at one go already need not be once more."""
    scenario = only("critical\na -> b : 1\ncritical\na -> b : 2\nend\nend")

    assert [step.critical for step in scenario.steps] == [0, 0]


def test_critical_in_a_lane_of_critical_is_refused(refused) -> None:
    """That would need two kinds of one go at a time."""
    findings = refused("critical\npar\ncritical\na -> b : 1\nend\nelse\na -> b : 2\nend\nend")

    assert [finding.code for finding in findings] == ["SQ321"]


def test_fragment_side_by_side_is_refused(refused) -> None:
    """`& par` is not ignored."""
    assert [finding.code for finding in refused("a -> b : 1\n& par\na -> b : 2\nend")] == ["SQ322"]
