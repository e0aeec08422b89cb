"""A verdict as JSON."""

import json
from collections.abc import Callable

from seqtest.errors import Finding
from seqtest.render.json_trace import json_of_run
from seqtest.verdict import Verdict

Run = Callable[..., Verdict]


def test_the_whole_run_is_there(run: Run) -> None:
    """Verdict, what it proved, each step's state, and each message as it went by."""
    value = json.loads(json_of_run(run()))

    assert value["is_kept"] is True
    assert value["proved"] == {"arrows_seen": 4, "arrows_told": 1, "checks_made": 4, "under_test": ["auth"]}
    assert [step["state"] for step in value["steps"]] == ["told", "passed", "passed", "told", "passed", "passed"]
    assert [step["number"] for step in value["steps"]] == ["1", "2", "3", None, "4", "5"]
    assert value["happened"][2]["answers"] == 1
    assert value["happened"][2]["text"] == "200 OK"
    assert value["happened"][3]["kind"] == "told"
    assert value["happened"][5]["seconds"] == 5.0


def test_failures_have_their_place(run: Run) -> None:
    """Code, file, line, expected and got of each failure."""
    failure = json.loads(json_of_run(run(failures={2: Finding("SQ540", "x", expected="300", got="600")})))["failures"][
        0
    ]

    assert (failure["code"], failure["file"], failure["line"]) == ("SQ540", "flows/login.puml", 14)
    assert (failure["expected"], failure["got"], failure["severity"]) == ("300", "600", "failed")


def test_equal_runs_give_equal_bytes(run: Run) -> None:
    """Nothing in it is measured or depends on the machine."""
    assert json_of_run(run()) == json_of_run(run())


def test_no_secret_is_in_it(run: Run, secrets: tuple[str, ...]) -> None:
    """Headers, bodies and findings are masked."""
    text = json_of_run(run(failures={2: Finding("SQ540", f"got {secrets[0]}", detail=secrets[1])}))

    assert [secret for secret in secrets if secret in text] == []
