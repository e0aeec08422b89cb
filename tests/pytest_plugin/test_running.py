"""Cases among pytest's own options: choosing, stopping, repeating, reporting."""

import gc
import re
import xml.etree.ElementTree as ElementTree

import pytest


@pytest.fixture
def branches(project, write, drawings):
    """Three cases, of which the last fails."""
    write("flows/branches.puml", drawings.branches)
    return project


@pytest.mark.parametrize(
    ("words", "passed"),
    [("greeting and there", 2), ("nothing", 1), ("client", 2), ("Greeting", 2), ("api and not nothing", 1)],
)
def test_k_finds_guards_participants_and_stages(branches, words: str, passed: int) -> None:
    """`-k` matches words of the guard, of participants and of the stage."""
    outcomes = branches.runpytest("-k", f"({words}) and not wrong").parseoutcomes()

    assert outcomes.get("passed") == passed


def test_m_finds_all_cases(branches) -> None:
    """Every case has the mark `seqtest`, which is registered."""
    branches.makepyfile("def test_it(): pass")

    branches.runpytest("-m", "seqtest", "--strict-markers").assert_outcomes(passed=2, failed=1, deselected=1)
    branches.runpytest("--markers").stdout.fnmatch_lines(["@pytest.mark.seqtest:*"])


def test_x_stops_at_the_first_failure(branches, write, drawings) -> None:
    """`-x` leaves the rest unrun."""
    write("flows/later.puml", drawings.hello)

    branches.runpytest("-x").assert_outcomes(passed=2, failed=1)


def test_lf_runs_what_failed(branches) -> None:
    """`--lf` chooses the failed case alone, and it fails again."""
    branches.runpytest()
    result = branches.runpytest("--lf", "-v")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["flows/branches.puml::the-drawing-is-wrong FAILED*"])


def test_tb_line_is_one_line(branches) -> None:
    """pytest writes it; a junitxml file has the whole text all the same."""
    out = branches.runpytest("--tb=line", "--junitxml=out.xml").stdout.str()

    # The summary's lines are whole under CI and cut to the terminal's width elsewhere.
    above, _, _ = out.partition("short test summary info")
    assert above.count("failed[SQ550]: `text` is not as drawn") == 1
    assert "branches.puml:14: failed[SQ550]" in out
    assert "`text` is not as drawn" in (branches.path / "out.xml").read_text()


@pytest.mark.parametrize("colour", ["no", "yes"])
def test_tb_line_is_one_line_of_a_worker_too(branches, colour: str) -> None:
    """pytest-xdist's controller writes it once, and whole."""
    out = branches.runpytest_subprocess(
        "-p", "xdist", "-n", "2", "--tb=line", f"--color={colour}", "--junitxml=out.xml"
    ).stdout.str()

    above, _, _ = out.partition("short test summary info")
    assert above.count("failed[SQ550]: `text` is not as drawn") == 1
    assert "branches.puml:14: failed[SQ550]: `text` is not as drawn" in above
    assert "expected:" not in above
    assert "`text` is not as drawn" in (branches.path / "out.xml").read_text()


def test_sw_goes_on_where_it_stopped(branches) -> None:
    """`--sw` begins with the case that failed."""
    branches.runpytest("--sw")

    branches.runpytest("--sw").assert_outcomes(failed=1, deselected=2)


def test_v_names_cases(branches) -> None:
    """`-v` prints node ids."""
    branches.runpytest("-v").stdout.fnmatch_lines(["flows/branches.puml::nothing-is-there PASSED*"])


def test_a_failure_names_the_arrow(branches) -> None:
    """The text has line and column, what was expected and what came, and no line of the framework's code."""
    result = branches.runpytest()

    result.stdout.fnmatch_lines(
        [
            "failed[[]SQ*",
            "*--> flows/branches.puml:14:*",
            "*expected:*goodbye*",
            "*got:*hello*",
            "*pytest *branches.puml::the-drawing-is-wrong*",
        ]
    )
    text = result.stdout.str()
    assert "seqtest/pytest_plugin" not in text
    assert "seqtest/run" not in text
    assert "Traceback" not in text
    result.stdout.fnmatch_lines(["FAILED flows/branches.puml::the-drawing-is-wrong - failed[[]SQ*"])


def test_tb_says_how_much(branches) -> None:
    """`long` has a picture, `short` the findings alone, `line` a line, `no` nothing."""
    said = {
        style: branches.runpytest(f"--tb={style}").stdout.str() for style in ("long", "short", "line", "no", "native")
    }

    assert "what happened" in said["long"]
    assert "what happened" in said["native"]
    assert "what happened" not in said["short"]
    assert "expected:" in said["short"]
    assert "expected:" not in said["line"]
    assert "branches.puml:14: failed[SQ" in said["line"]
    assert "branches.puml:14" not in said["no"]
    assert len(said["no"]) < len(said["line"]) < len(said["short"]) < len(said["long"])


def test_the_command_repeats_the_case(branches) -> None:
    """The command in a failure's text runs that case alone."""
    text = branches.runpytest().stdout.str()
    node = text.split("pytest '", 1)[1].split("'", 1)[0]

    branches.runpytest(node).assert_outcomes(failed=1)


def test_the_location_is_the_arrows(branches) -> None:
    """Reports carry the 0-based line of the failing arrow, else of the first."""
    items, recorder = branches.inline_genitems("flows"), branches.inline_run("flows")
    reports = {
        report.nodeid.split("::")[1]: report.location
        for report in recorder.getreports("pytest_runtest_logreport")
        if report.when == "call"
    }

    assert [item.reportinfo()[1] for item in items[0]] == [5, 8, 11]
    assert reports["nothing-is-there"][:2] == ("flows/branches.puml", 8)
    assert reports["the-drawing-is-wrong"][:2] == ("flows/branches.puml", 13)


def test_junitxml(branches) -> None:
    """A test case each, with file, line and what was proved; the failure's message is short."""
    branches.runpytest("--junitxml=report.xml", "-o", "junit_family=xunit1")

    cases = {case.get("name"): case for case in ElementTree.parse(branches.path / "report.xml").iter("testcase")}
    properties = {p.get("name"): p.get("value") for p in cases["nothing-is-there"].iter("property")}
    assert list(cases) == ["the-greeting-is-there", "nothing-is-there", "the-drawing-is-wrong"]
    assert (cases["the-drawing-is-wrong"].get("file"), cases["the-drawing-is-wrong"].get("line")) == (
        "flows/branches.puml",
        "13",
    )
    assert properties["seqtest.arrows_seen"] == "2"
    assert properties["seqtest.under_test"] == "api"
    assert len(cases["the-drawing-is-wrong"].find("failure").get("message").splitlines()) == 1


def test_junitxml_has_places_in_its_newer_form(branches) -> None:
    """xunit2 has no attributes for file and line, so they are properties; a failure's line is its arrow's."""
    branches.runpytest("--junitxml=report.xml", "-o", "junit_family=xunit2", "--color=yes")

    cases = {case.get("name"): case for case in ElementTree.parse(branches.path / "report.xml").iter("testcase")}
    places = {
        name: tuple(p.get("value") for p in case.iter("property") if p.get("name") in ("seqtest.file", "seqtest.line"))
        for name, case in cases.items()
    }
    assert places["nothing-is-there"] == ("flows/branches.puml", "9")
    assert places["the-drawing-is-wrong"] == ("flows/branches.puml", "14")
    assert "#x1B" not in cases["the-drawing-is-wrong"].find("failure").text


COLOURED = "\x1b[1;31mfailed[SQ"


@pytest.mark.parametrize("more", [(), ("-p", "xdist", "-n", "2")], ids=["alone", "xdist"])
def test_failures_have_the_terminals_colours(branches, write, drawings, more: tuple[str, ...]) -> None:
    """A terminal with colours shows them in our text, errors included; one without has not a single escape code."""
    write("flows/broken.puml", drawings.broken)

    coloured = branches.runpytest("--color=yes", *more).stdout.str()
    plain = branches.runpytest("--color=no", *more).stdout.str()

    assert coloured.count(COLOURED) == 1
    assert "\x1b[1;31merror[SQ101]" in coloured
    assert "\x1b[1;36m── what happened" in coloured
    assert "\x1b" not in plain
    assert "── what happened" in plain


def test_xdist_runs_the_same_cases(branches, write, drawings) -> None:
    """`-n 2` finds the same cases, keeps the failure's words and adds up the summary."""
    write("plain.puml", drawings.plain)

    result = branches.runpytest("-p", "xdist", "-n", "2")

    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["*--> flows/branches.puml:14:*"])
    result.stdout.fnmatch_lines(["2 cases kept: 4 arrows seen, * made; under test: api", "1 drawing * left alone"])
    result.stdout.fnmatch_lines(["FAILED flows/branches.puml::the-drawing-is-wrong - failed[[]SQ*"])


def test_xdist_reports_collection_errors(branches, write, drawings) -> None:
    """An unreadable file is an error with the same words under `-n 2`."""
    write("broken.puml", drawings.broken)

    result = branches.runpytest("-p", "xdist", "-n", "2")

    assert result.ret != 0
    result.stdout.fnmatch_lines(["*--> broken.puml:3:*"])


def test_xdist_reports_misspelt_bindings(branches) -> None:
    """A binding that reaches nobody is an error under `-n 2` as well, and the cases run."""
    result = branches.runpytest("-p", "xdist", "-n", "2", "--seqtest-bind", "apy=x:y")

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert result.parseoutcomes()["errors"] == 1
    assert "SQ454" in result.stdout.str()


def test_any_order(branches) -> None:
    """A case does not depend on those before it."""
    result = branches.runpytest("-p", "randomly", "-p", "randomly", "-v")

    result.assert_outcomes(passed=2, failed=1)


def test_a_case_may_run_again(branches) -> None:
    """Run twice in one session, a case has the same outcome and counts its own arrows only."""
    branches.makeconftest(
        (branches.path / "conftest.py").read_text()
        + "\n\n"
        + "from _pytest.runner import runtestprotocol\n"
        + "def pytest_runtest_protocol(item, nextitem):\n"
        + "    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)\n"
        + "    runtestprotocol(item, nextitem=item, log=False)\n"
        + "    for report in runtestprotocol(item, nextitem=nextitem, log=False):\n"
        + "        item.ihook.pytest_runtest_logreport(report=report)\n"
        + "    return True\n"
    )

    result = branches.runpytest()

    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["2 cases kept: 4 arrows seen, *"])


@pytest.mark.parametrize("option", ["--collect-only", "--setup-plan", "--setup-show", "--durations=3", "--fixtures"])
def test_options_that_look_at_items(branches, option: str) -> None:
    """Options that ask items for more than running them work."""
    result = branches.runpytest(option)

    assert result.ret in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)
    assert "INTERNALERROR" not in result.stdout.str()


def test_setup_plan_names_fixtures(project, write, drawings) -> None:
    """The fixtures of a factory are in the plan."""
    write("sub/conftest.py", "import seqtest\n@seqtest.plays('api')\ndef api(tmp_path):\n    pass\n")
    write("sub/hello.puml", drawings.hello)

    project.runpytest("--setup-plan").stdout.fnmatch_lines(["*hello.puml::hello*fixtures used:*tmp_path*"])


def test_marks_from_a_conftest(branches, write) -> None:
    """A conftest's hook may mark cases: skip and xfail are pytest's."""
    write(
        "flows/conftest.py",
        "import pytest\n"
        "def pytest_collection_modifyitems(items):\n"
        "    items[0].add_marker(pytest.mark.skip(reason='not now'))\n"
        "    items[2].add_marker(pytest.mark.xfail(strict=True))\n",
    )

    branches.runpytest().assert_outcomes(passed=1, skipped=1, xfailed=1)


def test_the_summary_says_what_was_proved(branches) -> None:
    """Kept cases alone are counted: arrows, checks and who was under test."""
    branches.runpytest().stdout.fnmatch_lines(
        ["=* seqtest =*", "2 cases kept: 4 arrows seen, * checks made; under test: api"]
    )


def test_a_bound_participant_without_an_arrow_is_warned_of(project, write) -> None:
    """It is not under test, whatever its binding looks like."""
    project.makeconftest(
        "import seqtest\n@seqtest.plays('a')\ndef a():\n    return lambda request: 200\n"
        "@seqtest.plays('b')\ndef b():\n    return lambda request: 200\n"
    )
    write("flow.puml", "@startuml\nparticipant b\nu -> a : GET /x\na --> u : 200 OK\n@enduml\n")

    result = project.runpytest()

    result.assert_outcomes(passed=1, warnings=1)
    result.stdout.fnmatch_lines(["*FlowWarning: *[[]SQ505[]] b is bound, and no arrow*", "*under test: a"])


def test_no_drawings_no_summary(project) -> None:
    """A session without drawings prints nothing of seqtest's."""
    project.makepyfile("def test_it(): pass")

    assert "seqtest =" not in project.runpytest().stdout.str()


def test_help_has_the_options(project) -> None:
    """`--help` shows the options in a group, and the ini options."""
    text = project.runpytest("--help").stdout.str()

    for name in ("--seqtest-bind", "--seqtest-var", "--seqtest-seed", "seqtest_bind", "seqtest_vars", "seqtest_files"):
        assert name in text


@pytest.mark.parametrize("setting", ["seqtest_seed=soon", "seqtest_start=tomorrow", "seqtest_bind=app"])
def test_a_wrong_ini_value_is_said_at_once(project, setting: str) -> None:
    """An ini option that cannot be understood ends the session before anything runs."""
    result = project.runpytest("-o", setting)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert setting.partition("=")[0] in result.stderr.str()


def test_a_verdict_can_be_looked_at(branches) -> None:
    """The hook `pytest_seqtest_verdict` gets every verdict, kept or broken."""
    branches.makeconftest(
        (branches.path / "conftest.py").read_text()
        + "\n\n"
        + "def pytest_seqtest_verdict(item, verdict):\n    print('VERDICT', item.name, verdict.is_kept)\n"
    )

    result = branches.runpytest("-s")

    result.stdout.fnmatch_lines(["*VERDICT nothing-is-there True*", "*VERDICT the-drawing-is-wrong False*"])


@pytest.mark.parametrize(("option", "is_frozen"), [("true", True), ("false", False)])
def test_what_was_collected_is_frozen(branches, write, option: str, is_frozen: bool) -> None:
    """The garbage collector does not look at what was collected, and seldom at all, unless the option says so."""
    write(
        "flows/conftest.py",
        "import gc\ndef pytest_runtest_setup(item):\n"
        "    print('FROZEN', gc.get_freeze_count() > 0, gc.get_threshold()[0] > 700)\n",
    )

    around = gc.get_threshold()
    gc.unfreeze()  # what the session around this one may have frozen
    gc.set_threshold(700, 10, 10)
    try:
        result = branches.runpytest("-s", "-o", f"seqtest_gc_freeze={option}")
        behind = gc.get_threshold()
    finally:
        gc.unfreeze()
        gc.set_threshold(*around)

    result.stdout.fnmatch_lines([f"*FROZEN {is_frozen} {is_frozen}*"])
    assert behind == (700, 10, 10)


def test_an_application_is_let_go_behind_its_case(branches) -> None:
    """What it has open, and the run that it was in, are not left to the garbage collector."""
    branches.makeconftest(
        "import gc, weakref\nimport seqtest\n\nalive = weakref.WeakSet()\n\n"
        "class Application:\n"
        "    def __call__(self, environ, start_response):\n"
        "        start_response('200 OK', [('Content-Type', 'application/json')])\n"
        '        return [b\'{"text": "hello"}\']\n\n'
        "@seqtest.plays('api')\ndef api():\n"
        "    gc.collect()\n    gc.disable()\n    made = Application()\n    alive.add(made)\n    return made\n\n"
        "def pytest_runtest_logfinish(nodeid):\n"
        "    runs = [one for one in gc.get_objects() if type(one).__module__ == 'seqtest.run.drive']\n"
        "    gc.enable()\n    print('ALIVE', len(alive), *runs)\n"
    )

    result = branches.runpytest_inprocess("-s", "-q", "-k", "nothing_is_there or nothing-is-there")

    assert re.findall(r"ALIVE .*", result.stdout.str()) == ["ALIVE 0"]


def test_what_cases_share_is_let_go_behind_them(branches, write) -> None:
    """What was compiled for a diagram is forgotten behind its last case, and not between two of them."""
    write(
        "flows/conftest.py",
        "from seqtest import api\n\ngenuine = api.forget\napi.forget = lambda: (print('FORGOT'), genuine())\n\n"
        "def pytest_runtest_teardown(item, nextitem):\n    print('TEARDOWN')\n\n"
        "def pytest_unconfigure():\n    api.forget = genuine\n",
    )

    result = branches.runpytest_inprocess("-s", "-q")

    told = re.findall("TEARDOWN|FORGOT", result.stdout.str())
    assert told == ["TEARDOWN", "TEARDOWN", "TEARDOWN", "FORGOT"]
