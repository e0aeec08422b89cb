"""Who plays a participant: the command line, the ini file, conftest files, stereotypes."""

import pytest

OTHER_APP = """\
def other(environ, start_response):
    start_response("200 OK", [("Content-Type", "application/json")])
    return [b'{"text": "other"}']
"""
SAYS_OTHER = """\
@startuml other
participant client
participant api
client -> api : GET /hello
api --> client : 200 OK {text: other}
@enduml
"""


def test_a_function_says_who_plays(project, write, drawings) -> None:
    """What a marked function of the conftest returns plays the participant."""
    write("hello.puml", drawings.hello)

    project.runpytest().assert_outcomes(passed=1)


def test_its_parameters_are_fixtures(bare, write) -> None:
    """The function is given the fixtures that it names, and yield fixtures are cleaned up after the case."""
    write(
        "conftest.py",
        "import pytest, seqtest\n"
        "@pytest.fixture\n"
        "def text():\n"
        '    yield b\'{"text": "other"}\'\n'
        "    print('CLEANED')\n"
        "@seqtest.plays('api')\n"
        "def api(text, tmp_path):\n"
        "    assert tmp_path.is_dir()\n"
        "    def app(environ, start_response):\n"
        "        start_response('200 OK', [('Content-Type', 'application/json')])\n"
        "        return [text]\n"
        "    return app\n",
    )
    write("other.puml", SAYS_OTHER)

    result = bare.runpytest("-s")

    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*CLEANED*"])


def test_the_nearest_conftest_wins(project, write, drawings) -> None:
    """A conftest in a folder replaces the binding of the one above, for that folder."""
    write("hello.puml", drawings.hello)
    write("sub/conftest.py", "import seqtest\n" + OTHER_APP + "@seqtest.plays('api')\ndef api():\n    return other\n")
    write("sub/other.puml", SAYS_OTHER)

    project.runpytest().assert_outcomes(passed=2)


def test_a_nearer_conftest_leaves_a_participant_scripted(project, write, drawings) -> None:
    """What it names is spoken for by the drawings below its folder, and by those only."""
    write("hello.puml", drawings.hello)
    write("sub/conftest.py", "import seqtest\nseqtest.scripted('api')\n")
    write("sub/hello.puml", drawings.hello)

    result = project.runpytest()

    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["1 drawing without a bound participant was left alone"])
    project.runpytest("sub/hello.puml").assert_outcomes(errors=1)


def test_a_scripted_participant_that_is_nowhere_drawn_is_an_error(project, write, drawings) -> None:
    """Else the one that is meant would stay bound."""
    write("hello.puml", drawings.hello)
    write("sub/conftest.py", "import seqtest\nseqtest.scripted('apy')\n")
    write("sub/hello.puml", drawings.hello)

    result = project.runpytest()

    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(['error[[]SQ454]: seqtest.scripted("apy") in sub/conftest.py:*did you mean `api`?'])


def test_an_actor_class_plays(bare, write) -> None:
    """A marked Actor class needs no function, and a new instance plays each case."""
    write(
        "conftest.py",
        "import seqtest\n"
        "@seqtest.plays('clerk')\n"
        "class Clerk(seqtest.Actor):\n"
        "    def __init__(self, part):\n"
        "        super().__init__(part)\n"
        "        self.asked = 0\n"
        "    @seqtest.on('count')\n"
        "    def count(self):\n"
        "        self.asked += 1\n"
        "        return self.asked\n",
    )
    flow = "@startuml {0}\nboss -> clerk : count\nclerk --> boss : 1\n@enduml\n"
    write("first.puml", flow.format("first"))
    write("second.puml", flow.format("second"))

    bare.runpytest().assert_outcomes(passed=2)


def test_a_stereotype_is_the_weakest(project, write) -> None:
    """Where a conftest and a stereotype both say who plays, the conftest's choice does."""
    write(
        "hello.puml",
        "@startuml\nparticipant client\nparticipant api <<resource-server>>\n"
        "client -> api : GET /hello\napi --> client : 200 OK {text: hello}\n@enduml\n",
    )

    project.runpytest().assert_outcomes(passed=1)


@pytest.mark.parametrize(
    "arguments", [["--seqtest-bind", "api=other:other"], ["-o", "seqtest_bind=api=other:other"]], ids=["option", "ini"]
)
def test_the_command_line_is_stronger_than_a_conftest(project, write, arguments) -> None:
    """`module:attribute` by option or ini file replaces the conftest's binding."""
    write("other.py", OTHER_APP)
    write("other.puml", SAYS_OTHER)
    project.syspathinsert()

    project.runpytest(*arguments).assert_outcomes(passed=1)
    project.runpytest().assert_outcomes(failed=1)


def test_an_option_is_stronger_than_the_ini_file(project, write) -> None:
    """Of two such bindings the command line's counts."""
    write("other.py", OTHER_APP)
    write("other.puml", SAYS_OTHER)
    project.syspathinsert()

    result = project.runpytest("-o", "seqtest_bind=api=nowhere:nothing", "--seqtest-bind", "api=other:other")

    result.assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("target", "words"),
    [("nowhere:app", "ModuleNotFoundError"), ("other:othr", "did you mean `other`?")],
)
def test_what_cannot_be_imported_is_an_error(project, write, target: str, words: str) -> None:
    """The case ends in an error that says what was looked for."""
    write("other.py", OTHER_APP)
    write("other.puml", SAYS_OTHER)
    project.syspathinsert()

    result = project.runpytest("--seqtest-bind", f"api={target}")

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"error[[]SQ453]: `{target}` cannot play `api`"])
    assert words in result.stdout.str()


@pytest.mark.parametrize("target", ["https://api.example?a=b", "app", ":app", "module:", ""])
def test_what_is_no_module_and_attribute_is_a_wrong_command_line(project, target: str) -> None:
    """It says what is wanted, and what of a base URL is none."""
    result = project.runpytest("--seqtest-bind", f"api={target}")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert ("a query or fragment" if "://" in target else "wants NAME=MODULE:ATTRIBUTE") in result.stderr.str()


@pytest.mark.parametrize(
    ("binding", "words"),
    [
        ("api=localhost:8080/base", "did you mean api=http://localhost:8080/base?"),
        ("api", "wants NAME=MODULE:ATTRIBUTE or NAME=URL, got 'api'"),
    ],
)
def test_an_address_without_a_scheme_is_no_module(project, binding: str, words: str) -> None:
    """A host and a port look like a module and an attribute, which no attribute's name can be."""
    result = project.runpytest("--seqtest-bind", binding)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert words in result.stderr.str()


def test_a_misspelt_conftest_binding_is_an_error(project, write, drawings) -> None:
    """Else the participant would be scripted, and the drawing green or left alone. It is told once, at its line."""
    write("hello.puml", drawings.hello.replace("api", "apis").replace("participant apis", "participant apis"))

    result = project.runpytest()

    result.assert_outcomes(errors=1)
    text, _, _ = result.stdout.str().partition("short test summary info")
    assert text.count("did you mean `apis`?") == 1
    assert "--> conftest.py:11:1" in text


def test_a_misspelt_option_is_an_error_and_the_flows_run(project, write, drawings) -> None:
    """The name of an option's binding is a participant of a collected diagram."""
    write("hello.puml", drawings.hello)

    result = project.runpytest("--seqtest-bind", "apy=other:other")

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["error[[]SQ454]: --seqtest-bind apy*did you mean `api`?"])


def test_a_misspelt_ini_binding_is_an_error(project, write, drawings) -> None:
    """So is the ini file's."""
    write("hello.puml", drawings.hello)

    result = project.runpytest("-o", "seqtest_bind=apy=other:other")

    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["error[[]SQ454]: seqtest_bind = apy*did you mean `api`?"])


def test_a_misspelt_binding_is_told_when_cases_are_listed(project, write, drawings) -> None:
    """`--collect-only` runs nothing and fails all the same."""
    write("hello.puml", drawings.hello)

    result = project.runpytest("--collect-only", "--seqtest-bind", "apy=other:other")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stdout.fnmatch_lines(["*hello*", "ERROR: error[[]SQ454]: --seqtest-bind apy*"])


def test_a_diagram_file_that_cannot_be_opened_disturbs_nobody_else(project, write, drawings) -> None:
    """A dangling link and a folder named like a diagram are passed over where names are looked for."""
    write("hello.puml", drawings.hello)
    (project.path / "dangling.puml").symlink_to(project.path / "nowhere")
    (project.path / "folder.puml").mkdir()

    result = project.runpytest("hello.puml", "-o", "seqtest_bind=apy=other:other")

    result.assert_outcomes(passed=1, errors=1)
    assert "SQ454" in result.stdout.str()


def test_a_value_that_no_drawing_asks_for_is_an_error(project, write, drawings) -> None:
    """A misspelt `--seqtest-var` would leave the value to be had from elsewhere."""
    write("hello.puml", drawings.hello.replace("text = hello", "text = {greeting}"))

    right = project.runpytest("--seqtest-var", "greeting=hello")
    wrong = project.runpytest("--seqtest-var", "greetng=hello", "--seqtest-var", "greeting=hello")

    right.assert_outcomes(passed=1)
    wrong.assert_outcomes(passed=1, errors=1)
    wrong.stdout.fnmatch_lines(["error[[]SQ457]: --seqtest-var greetng:*did you mean `greeting`?"])


def test_a_part_of_the_folder_may_be_run(project, write, drawings) -> None:
    """A binding for a diagram that was not chosen is no misspelling."""
    write("hello.puml", drawings.hello)
    write("plain.puml", "@startuml\nparticipant auth <<token-store>>\n[-> auth : hi\n@enduml\n")
    write("sub/conftest.py", "import seqtest\n@seqtest.plays('db')\ndef db():\n    return None\n")
    write("sub/a.puml", drawings.hello)
    write("sub/b.puml", "@startuml\ndb -> api : GET /hello\napi --> db : 200 OK\n@enduml\n")

    assert project.runpytest("sub/a.puml").ret == pytest.ExitCode.OK


def test_sessions_without_drawings_are_not_bothered(project) -> None:
    """Bindings in a conftest are no error when only Python tests are run."""
    project.makepyfile("def test_it(): pass")

    project.runpytest("--override-ini", "seqtest_bind=x=y:z").assert_outcomes(passed=1)


def test_a_mark_on_a_fixture_is_refused(bare, write, drawings) -> None:
    """A fixture that carries the mark would go unheard."""
    write("conftest.py", "import pytest, seqtest\n@pytest.fixture\n@seqtest.plays('api')\ndef api():\n    return 1\n")
    write("hello.puml", drawings.hello)

    result = bare.runpytest()

    assert result.ret != 0
    assert "is a fixture and a seqtest factory at once" in result.stdout.str() + result.stderr.str()


def test_a_mark_above_a_fixture_is_refused(bare, write) -> None:
    """So is one in the other order."""
    write("conftest.py", "import pytest, seqtest\n@seqtest.plays('api')\n@pytest.fixture\ndef api():\n    return 1\n")

    result = bare.runpytest()

    assert "marks a plain function or a class, not a fixture" in result.stderr.str() + result.stdout.str()


API = "import seqtest\n@seqtest.plays('api')\ndef api():\n    return lambda request: {'text': 'hello'}\n"


@pytest.mark.parametrize(
    ("rival", "names"),
    [
        ("@seqtest.plays('api')\ndef auth():\n    return None\n", "`api` and `auth` both play `api`"),
        ("seqtest.scripted('api')\n", "`api` and seqtest.scripted both play `api`"),
    ],
)
def test_two_in_one_conftest_for_one_participant_are_refused(bare, write, drawings, rival: str, names: str) -> None:
    """The mark of one was meant for somebody else, who would be scripted without a word."""
    write("conftest.py", API + rival)
    write("hello.puml", drawings.hello)

    result = bare.runpytest()

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert names in result.stdout.str() + result.stderr.str()


@pytest.mark.parametrize(
    "wrapper",
    ["functools.cache", "functools.partial", "(lambda function: type('Maker', (), {'__call__': function})())"],
)
def test_a_mark_above_what_is_no_function_is_refused(bare, write, wrapper: str) -> None:
    """Only functions and classes are asked; what else carried the mark would go unheard."""
    write("conftest.py", f"import functools, seqtest\n@seqtest.plays('api')\n@{wrapper}\ndef api():\n    return 1\n")

    result = bare.runpytest()

    assert "@seqtest.plays marks a plain function or a class, not a value of type" in (
        result.stdout.str() + result.stderr.str()
    )


def test_a_class_brings_nothing_about(bare, write) -> None:
    """It would never be made."""
    write("conftest.py", "import seqtest\n@seqtest.given('tired')\nclass Tired: ...\n")

    result = bare.runpytest()

    assert "@seqtest.given marks a plain function, not a class" in result.stdout.str() + result.stderr.str()


@pytest.mark.parametrize(
    ("mark", "name"),
    [
        ("@functools.cache\n@seqtest.plays('mail')\ndef mail():\n    return 1\n", "mail"),
        ("class Players:\n    @seqtest.plays('mail')\n    def mail(self):\n        return 1\n", "Players.mail"),
        ("@seqtest.plays('mail')\ndef mail():\n    return 1\nmail = None\n", "mail"),
        ("@str\n@seqtest.given('tired')\ndef tired():\n    return 1\n", "tired"),
    ],
    ids=["wrapped", "in a class", "name taken", "given"],
)
def test_a_mark_that_goes_unheard_is_refused(bare, write, drawings, mark: str, name: str) -> None:
    """What carries it is none of the conftest's functions and classes, so the participant would be scripted."""
    write("conftest.py", "import functools, seqtest\n" + API + mark)
    write("hello.puml", drawings.hello)

    result = bare.runpytest()

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert f"marks `{name}`, which this file does not have" in result.stderr.str()
    assert "conftests.py" not in result.stdout.str()


def test_a_decorator_that_makes_a_function_keeps_the_mark(bare, write, drawings) -> None:
    """`functools.wraps` hands it on."""
    api = API.replace("@seqtest", "def again(f):\n    return functools.wraps(f)(lambda: f())\n@again\n@seqtest")
    write("conftest.py", "import functools\n" + api)
    write("hello.puml", drawings.hello)

    bare.runpytest().assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("guard", "is_known"),
    [
        ("the greeting is there", True),
        ("the greetng is there", False),
        ("made up elsewhere", True),
        ("the room is empty", True),
    ],
)
def test_a_given_whose_guard_is_drawn_nowhere_is_an_error(bare, write, drawings, guard: str, is_known: bool) -> None:
    """Of other diagrams of the folder, and of parts of diagrams, the text counts."""
    write("conftest.py", f'import seqtest\n@seqtest.given("{guard}")\ndef brought_about(): ...\n{API}')
    write("hello.puml", drawings.branches.rpartition("else the drawing")[0] + "end\n@enduml\n")
    write("part.iuml", "alt made up elsewhere\n")
    write("other.puml", drawings.plain.replace("@enduml", "opt the **room** is empty\nAlice -> Bob : x\nend\n@enduml"))

    result = bare.runpytest("hello.puml::the-greeting-is-there")

    result.assert_outcomes(passed=1, errors=not is_known)
    if not is_known:
        result.stdout.fnmatch_lines(["*[[]SQ454[]]*greetng*did you mean `the greeting is there`?*", "*conftest.py:2:*"])


def test_a_mark_in_a_module_of_tests_is_an_error(bare, write, drawings) -> None:
    """No drawing looks there; the tests and flows beside it run."""
    write("conftest.py", API)
    write("hello.puml", drawings.hello)
    write("test_it.py", "import seqtest\n@seqtest.plays('client')\ndef client():\n    return 1\ndef test_it(): ...\n")

    result = bare.runpytest()

    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(['*@seqtest.plays("client") stands in a module of tests*', "*test_it.py:2:*"])


def test_one_factory_under_two_names_is_no_slip(bare, write, drawings) -> None:
    """It is the same one."""
    write("conftest.py", API + "again = api\n")
    write("hello.puml", drawings.hello)

    bare.runpytest().assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("mark", "words"),
    [
        ("@seqtest.plays", 'TypeError: @seqtest.plays wants a text: write @seqtest.plays("api")'),
        ("@seqtest.given", 'TypeError: @seqtest.given wants a text: write @seqtest.given("api")'),
        ("@seqtest.play('api')", "AttributeError: module 'seqtest' has no attribute 'play'; did you mean `plays`?"),
    ],
)
def test_a_slip_of_a_mark_is_told_at_its_line(bare, write, mark: str, words: str) -> None:
    """A mark without its text, and a misspelt one, say what to write and show no line of ours."""
    write("conftest.py", f"import seqtest\n{mark}\ndef api():\n    return 1\n")

    result = bare.runpytest()

    text = result.stdout.str() + result.stderr.str()
    assert words in text
    assert "conftest.py:2: in <module>" in text
    assert "marks.py" not in text
    assert "seqtest/__init__.py" not in text


def test_fixtures_named_like_participants_are_not_taken(project, write, drawings) -> None:
    """Other plugins have fixtures `client` and `api`; they bind nobody."""
    write("conftest.py", "import pytest\n@pytest.fixture\ndef api():\n    raise RuntimeError('asked for')\n")
    write("hello.puml", drawings.hello)

    assert project.runpytest().ret == pytest.ExitCode.NO_TESTS_COLLECTED


def test_a_factory_that_raises_is_an_error(bare, write, drawings) -> None:
    """The user's own frames are shown and none of pytest's or ours, and what was being made for which drawing."""
    write("conftest.py", "import seqtest\n@seqtest.plays('api')\ndef api():\n    raise RuntimeError('no database')\n")
    write("hello.puml", drawings.hello)

    result = bare.runpytest()

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["error[[]SQ458]: RuntimeError while making `api` for hello.puml"])
    result.stdout.fnmatch_lines(['*conftest.py", line 4, in api', "*RuntimeError: no database*"])
    assert "item.py" not in result.stdout.str()
    assert "FlowFailed" not in result.stdout.str()


def test_a_factory_with_an_unknown_fixture_is_an_error(bare, write, drawings) -> None:
    """The user's own function is shown, with a suggestion."""
    write("conftest.py", "import seqtest\n@seqtest.plays('api')\ndef api(tmp_pth):\n    return 1\n")
    write("hello.puml", drawings.hello)

    result = bare.runpytest()

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        [
            "error[[]SQ459]: there is no fixture `tmp_pth`, wanted while making `api` for hello.puml",
            "  --> conftest.py:3:1",
            "3 | def api(tmp_pth):",
            "*did you mean `tmp_path`?",
        ]
    )
    assert "item.py" not in result.stdout.str()


@pytest.mark.parametrize("error", ["KeyError", "RuntimeError"])
def test_a_fixture_that_raises_is_an_error_where_it_is_drawn(project, write, drawings, error: str) -> None:
    """It is not passed over for the environment's value, whatever it raises."""
    write("sub/conftest.py", f"import pytest\n@pytest.fixture\ndef greeting():\n    raise {error}('no vault')\n")
    write("sub/hello.puml", drawings.hello.replace("text = hello", "text = {greeting}"))

    result = project.runpytest()

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        [
            f"error[[]SQ458]: {error} while asking the fixture `greeting` for line 8",
            "*--> sub/hello.puml:8:10",
            '*conftest.py", line 4, in greeting',
        ]
    )
    assert "item.py" not in result.stdout.str()


def test_a_module_that_fails_when_imported_is_told_with_its_line(project, write) -> None:
    """Of a module that is there the place at which it failed is named."""
    write("other.py", "def make():\n    return 1 / 0\n\napp = make()\n")
    write("other.puml", SAYS_OTHER)
    project.syspathinsert()

    result = project.runpytest("--seqtest-bind", "api=other:app")

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(['*other.py", line 4, in <module>', '*other.py", line 2, in make'])


def test_a_factory_that_returns_nobody_is_an_error(bare, write, drawings) -> None:
    """A forgotten `return` would leave the participant scripted, and green."""
    write("conftest.py", "import seqtest\n@seqtest.plays('api')\ndef api():\n    pass\n")
    write("hello.puml", drawings.hello)

    result = bare.runpytest()

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["error[[]SQ456]: `api` returned nobody to play `api`"])


def test_autouse_fixtures_run(project, write, drawings) -> None:
    """A case is set up like any test function."""
    write(
        "sub/conftest.py",
        "import pytest\n@pytest.fixture(autouse=True)\ndef around():\n    print('AROUND')\n    yield\n",
    )
    write("sub/hello.puml", drawings.hello)

    project.runpytest("-s").stdout.fnmatch_lines(["*AROUND*"])
