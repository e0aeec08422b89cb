"""A drawing that cannot be played is an error of its own, and all other files run."""

import xml.etree.ElementTree as ElementTree

import pytest

HALF = "@startuml\nclient -> api : GET /hello\n@enduml\n"


@pytest.fixture
def mixed(project, write, drawings):
    """Two files that cannot be read around one whose case is kept."""
    write("a_broken.puml", drawings.broken)
    write("hello.puml", drawings.hello)
    write("z_broken.puml", drawings.broken)
    return project


def test_the_others_run(mixed) -> None:
    """One error a file, at its line and column, and the case between them is played."""
    result = mixed.runpytest()

    result.assert_outcomes(passed=1, errors=2)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*--> a_broken.puml:3:*", "3 | client => api : GET /hello", "   | *^^*"])
    result.stdout.fnmatch_lines(["ERROR a_broken.puml::unreadable - error[[]SQ1*", "ERROR z_broken.puml::unreadable*"])
    result.stdout.no_fnmatch_line("*Traceback*")


def test_what_cannot_be_played_or_binds_nobody_is_no_different(project, write, drawings) -> None:
    """A request without an answer, and a named drawing in which nobody is bound."""
    write("half.puml", HALF)
    write("plain.puml", drawings.plain)
    write("hello.puml", drawings.hello)

    result = project.runpytest("half.puml", "plain.puml", "hello.puml")

    result.assert_outcomes(passed=1, errors=2)
    result.stdout.fnmatch_lines(["ERROR half.puml::unreadable - error[[]SQ3*", "ERROR plain.puml::unreadable*SQ450*"])


def test_one_diagram_of_several(project, write, drawings) -> None:
    """The diagrams beside it in the file are played."""
    write("two.puml", drawings.hello + HALF.replace("@startuml", "@startuml half"))

    result = project.runpytest("-v")

    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["two.puml::half::unreadable ERROR*"])


def test_collecting_alone_says_it_too(mixed) -> None:
    """`--collect-only` runs nothing, and still shows what is wrong and fails."""
    result = mixed.runpytest("--collect-only", "-q")

    assert result.ret not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
    result.stdout.fnmatch_lines(["hello.puml::hello", "*--> a_broken.puml:3:*", "*--> z_broken.puml:3:*"])


@pytest.mark.parametrize("choice", [("-k", "hello"), ("-k", "not broken"), ("-m", "not seqtest"), ("-k", "nonsense")])
def test_no_choice_of_cases_hides_it(mixed, choice: tuple[str, str]) -> None:
    """Nobody knows which cases the file would have had, so `-k` and `-m` leave the error standing."""
    assert mixed.runpytest(*choice).parseoutcomes()["errors"] == 2


def test_it_can_be_left_out_by_name(mixed) -> None:
    """`--deselect` and `--ignore` name the file, and mean it."""
    result = mixed.runpytest("--deselect", "a_broken.puml", "--ignore", "z_broken.puml")

    result.assert_outcomes(passed=1, deselected=1)


@pytest.mark.parametrize("inner", ["unreadable", "token-expired", "login::token-expired"])
def test_an_id_that_is_asked_for_ends_in_the_error(mixed, inner: str) -> None:
    """Somebody who runs one case of a file that can no longer be read hears why, and not that there is no such case."""
    result = mixed.runpytest(f"a_broken.puml::{inner}", "-v")

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"a_broken.puml::{inner} ERROR*", "*--> a_broken.puml:3:*"])


def test_an_id_in_a_diagram_of_several(project, write, drawings) -> None:
    """The same for a case of the one diagram that cannot be played."""
    write("two.puml", drawings.hello + HALF.replace("@startuml", "@startuml half"))

    project.runpytest("two.puml::half::some-case").assert_outcomes(errors=1)
    project.runpytest("two.puml::half").assert_outcomes(errors=1)


def test_x_stops_at_it(mixed) -> None:
    """It stands before the cases, so `-x` ends with the first."""
    mixed.runpytest("-x").assert_outcomes(errors=1)


def test_lf_runs_it_again_and_its_cases_once_it_reads(mixed, write, drawings) -> None:
    """What was repaired is run whole by `--lf`, beside what still fails."""
    mixed.runpytest().assert_outcomes(passed=1, errors=2)
    mixed.runpytest("--lf").assert_outcomes(errors=2)
    write("a_broken.puml", drawings.branches)

    result = mixed.runpytest("--lf")

    result.assert_outcomes(passed=2, failed=1, errors=1)
    mixed.runpytest("--lf").assert_outcomes(failed=1, errors=1)


def test_xdist_has_the_same_errors(mixed) -> None:
    """The same words, once a file, under `-n 2`."""
    result = mixed.runpytest("-p", "xdist", "-n", "2")

    result.assert_outcomes(passed=1, errors=2)
    assert result.stdout.str().count("--> a_broken.puml:3:") == 1
    result.stdout.fnmatch_lines(["ERROR a_broken.puml::unreadable - error[[]SQ1*"])


def test_junitxml_has_an_error_a_file(mixed) -> None:
    """A test case with an error, whose message is short and whose text is whole."""
    mixed.runpytest("--junitxml=report.xml")

    suite = next(ElementTree.parse(mixed.path / "report.xml").iter("testsuite"))
    case = next(case for case in suite.iter("testcase") if case.get("classname") == "a_broken.puml")
    assert (suite.get("errors"), suite.get("failures"), suite.get("tests")) == ("2", "0", "3")
    assert case.get("name") == "unreadable"
    assert "error[SQ101]" in case.find("error").get("message")
    assert "--> a_broken.puml:3:8" in case.find("error").text


def test_its_location_is_its_line(mixed) -> None:
    """Reports carry the 0-based line at which the file cannot be read."""
    reports = mixed.inline_run("a_broken.puml").getreports("pytest_runtest_logreport")

    assert next(report.location[:2] for report in reports if report.failed) == ("a_broken.puml", 2)


def test_in_any_order(mixed) -> None:
    """Random order, and conftest hooks that choose among the cases, leave it standing."""
    mixed.makeconftest(
        (mixed.path / "conftest.py").read_text()
        + "\n\ndef pytest_collection_modifyitems(items):\n    items[:] = [i for i in items if 'hello' in i.name]\n"
    )

    mixed.runpytest("-p", "randomly").assert_outcomes(passed=1, errors=2)


def test_a_file_that_cannot_be_opened_is_one_too(mixed) -> None:
    """What the system says is told at the file, and costs nobody else their run."""
    from seqtest.pytest_plugin.unreadable import collected

    def refused():
        raise PermissionError(13, "Permission denied")

    (item,) = collected(mixed.getpathnode("hello.puml"), refused)

    assert item.name == "unreadable"
    with pytest.raises(pytest.fail.Exception, match=r"SQ190\]: .*hello.puml cannot be opened: Permission denied"):
        item.runtest()
