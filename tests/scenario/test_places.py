"""Stages, delays, notes at participants, births and deaths."""

import pytest


def stages(scenario):
    return [(step.text, step.stage) for step in scenario.steps]


def settings(scenario):
    return {
        participant: {".".join(map(str, promise.path)): promise.values[0].text for promise in promises}
        for participant, promises in scenario.settings.items()
    }


def test_dividers_and_groups_are_stages(only) -> None:
    """A divider counts from where it is drawn, a group as long as it is open."""
    scenario = only(
        "a -> b : 0\n== One ==\na -> b : 1\ngroup Two\na -> b : 2\nend\na -> b : 3\npartition Four\na -> b : 4\nend"
    )

    assert stages(scenario) == [("0", ""), ("1", "One"), ("2", "Two"), ("3", "One"), ("4", "Four")]
    assert scenario.tags == ("One", "Two", "Four")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("5 minutes later", 300),
        ("after 1 h 30 min", 5_400),
        ("250 ms", 0.25),
        ("half an hour", 1_800),
        ("an hour later", 3_600),
        ("two days and 3 hours", 183_600),
        ("1.5 weeks", 907_200),
        ("90s", 90),
    ],
)
def test_delay_takes_its_time(only, text, seconds) -> None:
    """A duration in a delay is the time that passes."""
    step = only(f"a -> b : x\n...{text}...\na -> b : y").steps[1]

    assert (step.kind, step.pause.seconds, step.pause.is_at_least) == ("delay", seconds, False)
    assert step.after == (0,)


def test_delay_of_at_least(only) -> None:
    """`at least` lets a bound party wait longer."""
    assert only("a -> b : x\n... at least 5 seconds ...").steps[1].pause.is_at_least


@pytest.mark.parametrize("text", ["", "later", "the next day", "second attempt"])
def test_delay_in_words_takes_no_time(only, text) -> None:
    """A delay without a number is prose."""
    assert len(only(f"a -> b : x\n...{text}...\na -> b : y").steps) == 2


@pytest.mark.parametrize(
    "text",
    ["3 retries", "5-10 minutes", "1,5 hours", "-5 minutes", "5 minutes, 3 times", "a few minutes later", "at most 1 h",
     "5 minutes earlier", "a day ago", "5 parsecs", "10:30", "an hour and a half", "5 minutes or so, then 1 day"],
)  # fmt: skip
def test_delay_that_is_no_duration_is_refused(refused, text) -> None:
    """What looks like a time and cannot be read as one is never passed over."""
    (finding,) = refused(f"a -> b : x\n...{text}...\na -> b : y")

    assert (finding.code, finding.span.line) == ("SQ315", 3)


def test_notes_above_the_first_arrow_are_settings(only) -> None:
    """A note over a participant above the first arrow sets it up; below it, it checks its state."""
    scenario = only("note over b\nissuer = x\nusers.alice.sub = 1\nend note\na -> b : hi\nnote over b : n = 2")

    assert settings(scenario) == {"b": {"issuer": "x", "users.alice.sub": "1"}}
    assert [(step.kind, step.sender) for step in scenario.steps] == [("action", "a"), ("state", "b")]
    assert [promise.path for promise in scenario.steps[1].expectation.promises] == [("n",)]


def test_note_over_two_is_for_both(only) -> None:
    """Settings of a note over two participants are each one's."""
    assert settings(only("note over a, b : x = 1\na -> b : hi")) == {"a": {"x": "1"}, "b": {"x": "1"}}


def test_prose_note_is_nothing(only) -> None:
    """A note marked as prose sets nothing and checks nothing."""
    scenario = only("note over a <<prose>>\nwords\nend note\na -> b : hi\nnote over b : // words")

    assert (settings(scenario), len(scenario.steps)) == ({}, 1)


@pytest.mark.parametrize("line", ["x present", "x >= 3", "token : jwt", "[x = 1]", "x as y"])
def test_setting_that_is_none_is_refused(refused, line) -> None:
    """A setting is `name = value`; a check has nothing to check up there."""
    assert [finding.code for finding in refused(f"note over b : {line}\na -> b : hi")] == ["SQ316"]


def test_setting_drawn_twice_differently_is_refused(refused) -> None:
    """There is one value of each setting."""
    (finding,) = refused("note over b : n = 1\nnote over b : n = 2\na -> b : hi")

    assert (finding.code, finding.span.line, finding.also[0][0].line) == ("SQ313", 3, 2)


def test_note_across_is_prose(only) -> None:
    """A note across belongs to nobody, so words in it are words."""
    assert len(only("note across : all of this, in words\na -> b : hi").steps) == 1


def test_note_across_with_checks_is_refused(refused) -> None:
    """Lines there that read like checks would never run."""
    assert [finding.code for finding in refused("note across : issuer = x\na -> b : hi")] == ["SQ320"]


def test_note_at_a_frame_is_refused(refused) -> None:
    """A note behind `end` hangs on the frame; its checks belong to no arrow."""
    findings = refused("group g\na -> b : GET /x\nb --> a : 200\nend\nnote right : active = true")

    assert [finding.code for finding in findings] == ["SQ325"]


def test_use_after_destroy_is_refused(refused) -> None:
    """Who was destroyed in a flow that this one uses neither sends nor gets anything behind it."""
    (finding,) = refused("ref over a, b : in.puml\na -> b : still there?", {"in.puml": "a -> b : hi\ndestroy b"})

    assert (finding.code, str(finding.span), str(finding.also[0][0])) == ("SQ317", "flow.puml:3:1", "in.puml:3:1")


def test_create_before_use(only) -> None:
    """Creating a participant at its first message is what every run does anyway."""
    assert len(only("create b\na -> b : hi\na -> c ** : hello").steps) == 2


def test_create_of_one_that_is_there_is_refused(refused) -> None:
    """A new instance in the middle of a run cannot be had yet."""
    findings = refused("ref over a, b : in.puml\ncreate b\na -> b : x", {"in.puml": "a -> b : hi"})

    assert [finding.code for finding in findings] == ["SQ318"]


def test_looks_are_no_steps(only) -> None:
    """Spaces, activations, pages and skins mean nothing for a run."""
    scenario = only(
        "skinparam monochrome true\na -> b : 1\n|||\nactivate b\ndeactivate b\nnewpage\nhide footbox\na -> b : 2"
    )

    assert len(scenario.steps) == 2
