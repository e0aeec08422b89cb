"""Flows of documents are played in processes of their own, forked from one that is warm."""

import os
import threading
from pathlib import Path

import pytest

from seqtest.documents import player
from seqtest.documents.player import played

forks = pytest.mark.skipif(not player.CAN_FORK, reason="needs fork")


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch):
    """No warm process is left over from another test, or for one."""
    monkeypatch.setattr(player, "_nursery", None)
    yield
    if player._nursery is not None:
        player._nursery.stop()


@pytest.mark.parametrize("can_fork", [pytest.param(True, marks=forks), False])
def test_both_ways_find_the_same(login: Path, project: Path, monkeypatch: pytest.MonkeyPatch, can_fork: bool) -> None:
    """Forked, or started anew."""
    monkeypatch.setattr(player, "CAN_FORK", can_fork)
    found = played(login, project, "x-")

    assert [case["names"] for case in found["cases"]] == [["password-is-right"], ["password-is-wrong"]]
    assert found["obstacles"] == []
    assert (player._nursery is not None) == can_fork


@forks
def test_one_process_is_warmed_and_each_run_is_a_fork_of_it(login: Path, project: Path) -> None:
    """What a run loads and changes is not there for the next one, which has the application as it stands then."""
    (project / "flows/conftest.py").write_text("import os\nprint('ran in', os.getpid(), flush=True)\n")
    played(login, project, "x-")
    first = player._nursery
    (project / "flows/conftest.py").write_text("raise ImportError('changed')\n")
    second = played(login, project, "x-")

    assert player._nursery is first
    assert second["cases"] == []
    assert "ImportError: changed" in second["obstacles"][0]


@forks
@pytest.mark.parametrize("end", ["os._exit(7)", "os.kill(os.getpid(), 9)", "raise SystemExit(3)"])
def test_a_run_that_breaks_off_is_told_and_the_next_one_runs(login: Path, project: Path, end: str) -> None:
    """With its exit code and what it said last."""
    conftest = project / "flows/conftest.py"
    conftest.write_text(f"import os\nprint('last words', flush=True)\n{end}\n")
    broken = played(login, project, "x-")
    conftest.unlink()

    assert broken["cases"] == []
    assert "exit code" in broken["obstacles"][0]
    assert len(played(login, project, "x-")["cases"]) == 2


@forks
def test_the_environment_is_that_of_each_run(login: Path, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not of the moment at which the first one was played."""
    (project / "flows/conftest.py").write_text(
        "import os\nif os.environ.get('STOP'):\n    raise ImportError('stopped')\n"
    )
    assert len(played(login, project, "x-")["cases"]) == 2
    monkeypatch.setenv("STOP", "1")

    assert "stopped" in played(login, project, "x-")["obstacles"][0]


@pytest.mark.parametrize("can_fork", [pytest.param(True, marks=forks), False])
def test_a_run_that_takes_too_long_is_given_up(login, project, monkeypatch, can_fork: bool) -> None:
    """The process that hangs is ended, and so is the warm one; the next run has another."""
    monkeypatch.setattr(player, "CAN_FORK", can_fork)
    monkeypatch.setattr(player, "TIMEOUT_SECONDS", 0.01)
    (project / "flows/conftest.py").write_text("import threading\nthreading.Event().wait()\n")

    assert "took longer" in played(login, project, "x-")["obstacles"][0]
    assert player._nursery is None


@forks
def test_a_warm_process_that_died_is_replaced(login: Path, project: Path) -> None:
    """The run that finds it gone starts Python anew."""
    played(login, project, "x-")
    assert player._nursery is not None
    os.killpg(player._nursery._process.pid, 9)
    player._nursery._process.wait()

    assert len(played(login, project, "x-")["cases"]) == 2
    assert len(played(login, project, "x-")["cases"]) == 2


@forks
def test_who_was_forked_itself_has_a_warm_process_of_its_own(login: Path, project: Path) -> None:
    """Sphinx reads documents in several processes; two must not talk through one pipe."""
    played(login, project, "x-")
    first = player._nursery
    assert first is not None
    first.pid += 1  # as it is in a fork
    played(login, project, "x-")
    first.pid -= 1
    first.stop()  # else it would be ended with the program

    assert player._nursery is not first


def test_stopping_twice_is_once(login: Path, project: Path) -> None:
    """At the end of the program, whatever was stopped before."""
    if not player.CAN_FORK:
        pytest.skip("needs fork")
    played(login, project, "x-")
    assert player._nursery is not None
    threads = threading.active_count()
    player._nursery.stop()
    player._nursery.stop()
    player._nursery = None

    assert threading.active_count() == threads
