"""`seqtest run`: the same items as pytest's, with exit codes of its own."""

from pathlib import Path


def test_kept_flows_exit_with_0(login, seqtest) -> None:
    """All promises kept."""
    result = seqtest("run", login)

    assert result.exit_code == 0
    assert "2 cases kept" in result.stdout


def test_the_folder_diagrams_is_run_when_nothing_is_named(login, seqtest) -> None:
    """Without a file or folder, `diagrams` is meant."""
    (Path("other.puml")).write_text(login.read_text().replace("startuml login", "startuml other"))

    result = seqtest("run", "-q")

    assert "2 passed" in result.stdout


def test_a_broken_promise_exits_with_1(login, seqtest) -> None:
    """A promise broken, whatever else is wrong."""
    login.write_text(login.read_text().replace("expires_in = 300", "expires_in = 600"))

    assert seqtest("run").exit_code == 1


def test_an_unreadable_diagram_exits_with_3_and_the_others_run(login, broken, seqtest) -> None:
    """An unreadable file does not keep the others from running."""
    result = seqtest("run")

    assert result.exit_code == 3
    assert "2 passed" in result.stdout
    assert "broken.puml:3:" in result.stdout


def test_a_broken_promise_weighs_more_than_an_unreadable_diagram(login, broken, seqtest) -> None:
    """Of several exit codes the one that says most about the system under test is given."""
    login.write_text(login.read_text().replace("expires_in = 300", "expires_in = 600"))

    assert seqtest("run").exit_code == 1


def test_no_answer_exits_with_4(login, seqtest) -> None:
    """An actor that cannot be had is no broken promise."""
    assert seqtest("run", "--seqtest-bind", "auth=nowhere:app").exit_code == 4


def test_nothing_to_run_exits_with_4(login, seqtest) -> None:
    """No case chosen is no answer."""
    assert seqtest("run", "-k", "nonsense").exit_code == 4


def test_a_wrong_option_exits_with_2(login, seqtest) -> None:
    """pytest's usage errors are wrong command lines."""
    assert seqtest("run", "--no-such-option").exit_code == 2
    assert seqtest("run", "nowhere.puml").exit_code == 2


def test_pytests_options_are_passed_on(login, seqtest) -> None:
    """`-k` and the like mean what they mean to pytest."""
    result = seqtest("run", "-k", "wrong", "-v")

    assert "login.puml::password-is-wrong PASSED" in result.stdout
    assert "1 deselected" in result.stdout


def test_no_warning_of_its_own(login, seqtest) -> None:
    """Being imported before pytest is nothing that a user should read about."""
    assert "warnings summary" not in seqtest("run").stdout
