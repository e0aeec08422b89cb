"""What pytest collects of a folder with drawings, what it leaves alone, and what is an error."""

import pytest


def ids(result: pytest.RunResult) -> list[str]:
    return [line for line in result.outlines if "::" in line and " " not in line]


def test_drawings_are_collected_by_themselves(project, write, drawings) -> None:
    """No wrapper module is needed: a bound drawing's cases are items in drawn order."""
    write("flows/branches.puml", drawings.branches)
    write("flows/hello.puml", drawings.hello)

    result = project.runpytest("flows", "--collect-only", "-q")

    assert ids(result) == [
        "flows/branches.puml::the-greeting-is-there",
        "flows/branches.puml::nothing-is-there",
        "flows/branches.puml::the-drawing-is-wrong",
        "flows/hello.puml::hello",
    ]


def test_endings_may_be_in_capitals(project, write, drawings) -> None:
    """A drawing that is collected where names have no case is collected everywhere."""
    write("flows/HELLO.PUML", drawings.hello)

    assert ids(project.runpytest("flows", "--collect-only", "-q")) == ["flows/HELLO.PUML::hello"]


def test_ids_do_not_depend_on_line_numbers(project, write, drawings) -> None:
    """Lines put above and between do not rename a case."""
    write("a.puml", drawings.branches)
    before = ids(project.runpytest("--collect-only", "-q"))
    write("a.puml", drawings.branches.replace("participant client\n", "\n' a comment\n\nparticipant client\n"))

    assert ids(project.runpytest("--collect-only", "-q")) == before


def test_several_diagrams_stand_between(project, write, drawings) -> None:
    """Where a file holds several diagrams, their names stand between the file and the case."""
    write("two.puml", drawings.hello + "\n" + drawings.hello.replace("startuml hello", "startuml again"))

    result = project.runpytest("--collect-only", "-q")

    assert ids(result) == ["two.puml::hello::hello", "two.puml::again::again"]


def test_an_id_runs_its_case_alone(project, write, drawings) -> None:
    """A node id chooses a diagram of several, and a case of it."""
    write("two.puml", drawings.hello + "\n" + drawings.branches)

    project.runpytest("two.puml::branches::nothing-is-there").assert_outcomes(passed=1)
    project.runpytest("two.puml::hello").assert_outcomes(passed=1)


def test_nested_operands_have_a_path(project, write) -> None:
    """An operand in an operand is chosen by both guards."""
    write(
        "nested.puml",
        "@startuml\nclient -> api : GET /hello\napi --> client : 200 OK\nalt outer\n"
        "alt inner\nclient -> api : GET /hello\napi --> client : 200 OK\n"
        "else other\nclient -> api : GET /x\napi --> client : 404 Not Found\nend\n"
        "else\nclient -> api : GET /y\napi --> client : 404 Not Found\nend\n@enduml\n",
    )

    result = project.runpytest("--collect-only", "-q")

    assert ids(result) == ["nested.puml::outer/inner", "nested.puml::outer/other", "nested.puml::else"]
    project.runpytest("nested.puml::outer/other").assert_outcomes(passed=1)


def test_two_diagrams_of_one_name_are_an_error(project, write, drawings) -> None:
    """They could not be told apart on a command line."""
    write("two.puml", drawings.hello + "\n" + drawings.hello)

    result = project.runpytest()

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["error[[]SQ451]: `hello` is there twice", "*two.puml:*"])


def test_a_drawing_that_binds_nobody_is_left_alone(project, write, drawings) -> None:
    """Met in a folder it is no test, and the summary counts it."""
    write("doc/plain.puml", drawings.plain)
    write("doc/other.puml", drawings.plain)
    write("hello.puml", drawings.hello)

    result = project.runpytest()

    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["2 drawings without a bound participant were left alone"])


def test_a_folder_of_plain_drawings_is_no_pass(bare, write, drawings) -> None:
    """With nothing else to run, pytest says that no test was there."""
    write("plain.puml", drawings.plain)

    result = bare.runpytest()

    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED
    result.stdout.fnmatch_lines(["1 drawing without a bound participant was left alone"])


@pytest.mark.parametrize("argument", ["plain.puml", "plain.puml::alice"])
def test_a_named_drawing_that_binds_nobody_is_an_error(bare, write, drawings, argument: str) -> None:
    """Named on the command line it was meant to be tested."""
    write("plain.puml", drawings.plain)

    result = bare.runpytest(argument)

    assert result.ret not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
    result.stdout.fnmatch_lines(["error[[]SQ450]: nobody plays a participant*", "*--> plain.puml:1:1"])


def test_who_could_be_bound_is_named_as_drawn(bare, write) -> None:
    """The advice can be copied."""
    write("plain.puml", '@startuml\nparticipant client\nclient -> "Auth server" : 1. Log in\n@enduml\n')

    result = bare.runpytest("plain.puml")

    assert "@seqtest.plays(\"Auth server\") in conftest.py, or by --seqtest-bind 'Auth server=module:app'" in str(
        result.stdout
    )


def test_a_flow_that_cannot_be_played_is_an_error(project, write) -> None:
    """A request without an answer is found at collection, at its line."""
    write("half.puml", "@startuml\nclient -> api : GET /hello\n@enduml\n")

    result = project.runpytest()

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["error[[]SQ3*", "*--> half.puml:2:*"])


def test_slips_of_a_plain_drawing_do_not_matter(bare, write) -> None:
    """A drawing that binds nobody may lack what only running needs."""
    write("plain.puml", "@startuml\nAlice -> Bob : GET /hello\nalt never closed\nAlice -> Bob : hi\n@enduml\n")

    assert bare.runpytest().ret == pytest.ExitCode.NO_TESTS_COLLECTED


@pytest.mark.parametrize(
    "text",
    [
        "@startuml\nclass User {\n  name : String\n}\nUser <|-- Admin\n@enduml\n",
        "@startuml\n[*] --> Idle\nIdle --> [*]\nstate Idle\n@enduml\n",
        "@startuml\nstart\n:read;\nstop\n@enduml\n",
        "@startmindmap\n* root\n** leaf\n@endmindmap\n",
        "@startjson\n{}\n@endjson\n",
    ],
)
def test_other_kinds_of_diagram_are_left_alone(bare, write, text: str) -> None:
    """A class, state, activity or mind map beside the flows is no error."""
    write("other.puml", text)

    result = bare.runpytest()

    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED, result.stdout.str()


def test_a_broken_flow_is_not_taken_for_another_kind(project, write) -> None:
    """A word of another kind of diagram in a sequence does not hide that it cannot be read."""
    write("broken.puml", "@startuml\nparticipant api\nclass Foo\nclient => api : GET /hello\n@enduml\n")

    project.runpytest().assert_outcomes(errors=1)


def test_files_to_include_are_read_when_named(project, write, drawings) -> None:
    """An .iuml file in a folder is somebody else's part; named, it is a flow like any other."""
    write("part.iuml", drawings.hello)

    assert project.runpytest().ret == pytest.ExitCode.NO_TESTS_COLLECTED
    project.runpytest("part.iuml").assert_outcomes(passed=1)


def test_patterns_are_an_option(project, write, drawings) -> None:
    """`seqtest_files` says which files hold drawings."""
    write("hello.seq", drawings.hello)
    write("hello.puml", drawings.hello)

    result = project.runpytest("-o", "seqtest_files=*.seq", "--collect-only", "-q")

    assert ids(result) == ["hello.seq::hello"]


def test_ignoring_works(project, write, drawings) -> None:
    """`--ignore`, `--deselect` and `collect_ignore` are pytest's and hold for drawings."""
    write("hello.puml", drawings.hello)
    write("sub/hello.puml", drawings.hello)
    write("sub/conftest.py", "collect_ignore = ['hello.puml']\n")

    assert ids(project.runpytest("--collect-only", "-q")) == ["hello.puml::hello"]
    assert ids(project.runpytest("--collect-only", "-q", "--ignore=hello.puml")) == []


def test_without_the_plugin_nothing_is_collected(project, write, drawings) -> None:
    """`-p no:seqtest` switches it off."""
    write("hello.puml", drawings.hello)
    project.makeini("[pytest]\n")

    assert project.runpytest("-p", "no:seqtest").ret == pytest.ExitCode.NO_TESTS_COLLECTED


def test_a_case_is_asked_for_by_its_guard(project, write, drawings) -> None:
    """Blanks in it may stand as they are drawn."""
    write("branches.puml", drawings.branches)

    project.runpytest("branches.puml::nothing is there").assert_outcomes(passed=1)


def test_a_case_that_there_is_not_is_an_error(project, write, drawings) -> None:
    """Those that there are, are listed with a suggestion, and what else was asked for runs."""
    write("branches.puml", drawings.branches)

    result = project.runpytest("branches.puml::nothing-is-their", "branches.puml::nothing-is-there")

    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(
        [
            "error[[]SQ448]: branches.puml has no case `nothing-is-their`",
            "*expected: the-greeting-is-there, nothing-is-there, the-drawing-is-wrong",
            "*did you mean `nothing-is-there`?",
        ]
    )
    assert project.runpytest("--collect-only", "branches.puml::nothing-is-their").ret != 0


STORY = """\
@startuml story
actor user
participant client
user -> client : begin
ref over client : {file}
client -> user : done
@enduml
"""


@pytest.mark.parametrize("place", ["", "story.puml"])
def test_a_drawing_in_which_only_a_flow_that_it_uses_binds_somebody_is_played(
    project, write, drawings, place: str
) -> None:
    """Met or named: the one that plays there is under test here, too."""
    write("hello.puml", drawings.hello)
    write("story.puml", STORY.format(file="hello.puml"))

    result = project.runpytest("-k", "story", *([place] if place else []))

    result.assert_outcomes(passed=1, deselected=0 if place else 1)
    result.stdout.fnmatch_lines(["1 case kept: 2 arrows seen, 2 told, *"])


@pytest.mark.parametrize("file", ["gone.puml", "plain.puml", "words"])
def test_a_drawing_that_uses_no_flow_with_somebody_in_it_is_left_alone(project, write, drawings, file: str) -> None:
    """A name of a file that is not there is words, too; named, the drawing is an error."""
    write("hello.puml", drawings.hello)
    write("plain.puml", drawings.plain)
    write("story.puml", STORY.format(file=file))

    project.runpytest().assert_outcomes(passed=1)
    result = project.runpytest("story.puml")

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*SQ309*" if file == "gone.puml" else "*SQ450*"])
