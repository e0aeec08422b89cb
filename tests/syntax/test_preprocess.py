"""The preprocessor: what is left of a text, and where it says that it was written."""

from pathlib import Path

import pytest

from seqtest.diagram import Diagram
from seqtest.diagram.read import read
from seqtest.errors import UnreadableDiagram
from seqtest.source import Source


def drawn(body: str, path: str = "flow.puml") -> Diagram:
    return read(Source(path, f"@startuml\n{body}\n@enduml\n"))[0]


def labels(body: str) -> list[str]:
    return [message.text for message in drawn(body).messages()]


def refused(body: str) -> tuple[str, int]:
    with pytest.raises(UnreadableDiagram) as caught:
        drawn(body)
    span = caught.value.finding.span
    return caught.value.finding.code, span.line if span else 0


TEXTS = [
    ("a variable", '!$x = "1"\nA -> B : $x', ["1"]),
    ("a variable is a whole word", '!$x = "1"\nA -> B : $xy', ["$xy"]),
    ("an unknown variable stays", "A -> B : $x", ["$x"]),
    ("numbers are added", "!$x = 2 + 3 * 2\nA -> B : $x", ["8"]),
    ("whole division", "!$x = 7 / 2\nA -> B : $x", ["3"]),
    ("texts are joined", '!$x = "a" + 1\nA -> B : $x', ["a1"]),
    ("a first value stays", '!$x = "1"\n!$x ?= "2"\nA -> B : $x', ["1"]),
    ("a macro", "!define SRV Server\nA -> B : SRV", ["Server"]),
    ("a macro with parameters", "!define SAY(a, b) a says b\nA -> B : SAY(x, y)", ["x says y"]),
    ("glue", '!$x = "a"\nA -> B : $x##_b', ["a_b"]),
    ("undef", '!$x = "1"\n!undef $x\nA -> B : $x', ["$x"]),
    ("if and else", "!if 1 == 2\nA -> B : no\n!elseif 1 == 1\nA -> B : yes\n!else\nA -> B : no\n!endif", ["yes"]),
    ("an else behind an else", "!if 0\n!else\nA -> B : a\n!else\nA -> B : b\n!endif", ["a", "b"]),
    ("an elseif behind an else", "!if 0\n!else\nA -> B : a\n!elseif 1\nA -> B : b\n!endif", ["a", "b"]),
    ("text behind an end", "!if 1\nA -> B : a\n!endif of it", ["a"]),
    ("an end in capitals", "!if 1\nA -> B : a\n!ENDIF\nA -> B : b", ["a", "b"]),
    ("a procedure closed as a function", "!procedure $p()\nA -> B : a\n!endfunction\n$p()", ["a"]),
    ("a body that is never called", "!procedure $p()\n!endif\n!endprocedure\nA -> B : a", ["a"]),
    ("ifdef", "!define X\n!ifdef X\nA -> B : yes\n!endif\n!ifndef X\nA -> B : no\n!endif", ["yes"]),
    ("if inside if", "!if 1\n!if 0\nA -> B : no\n!endif\nA -> B : yes\n!endif", ["yes"]),
    ("while", "!$i = 0\n!while $i < 3\nA -> B : $i\n!$i = $i + 1\n!endwhile", ["0", "1", "2"]),
    ("foreach", "!foreach $i in [1, 2]\nA -> B : $i\n!endfor", ["1", "2"]),
    ("json", '!$a = {"k": [1, {"l": "x"}]}\nA -> B : $a.k[1].l', ["x"]),
    ("json over several lines", '!$a = {\n"k": 1\n}\nA -> B : $a.k', ["1"]),
    (
        "a procedure",
        '!procedure $p($x, $y="d")\nA -> B : $x $y\n!endprocedure\n$p("1")\n$p($y="2", $x="3")',
        ["1 d", "3 2"],
    ),
    ("an unquoted procedure", "!unquoted procedure $p($x)\nA -> B : $x\n!endprocedure\n$p(two words)", ["two words"]),
    ("a function", '!function $f($x)\n!return $x + "!"\n!endfunction\nA -> B : $f("a")', ["a!"]),
    ("a short function", "!function $f($x) return $x + 1\nA -> B : $f(2)", ["3"]),
    ("a short function with its mark", "!function $f($x) !return $x + 1\nA -> B : $f(2)", ["3"]),
    (
        "a function that calls itself",
        "!function $f($n)\n!if $n < 2\n!return 1\n!endif\n!return $n * $f($n - 1)\n!endfunction\nA -> B : $f(5)",
        ["120"],
    ),
    ("a built-in", 'A -> B : %upper("ab")%strlen("abc")', ["AB3"]),
    ("a break of the text", "A -> B : one%newline()two", ["one\\ntwo"]),
    ("a break of the source", "A -> B : one%breakline()B -> A : two", ["one", "two"]),
    (
        "raw arguments in quotes",
        "!unquoted procedure m($a, $b=x)\nA -> B : [$a] [$b]\n!endprocedure\nm(\"q\", 'r')",
        ["[q] [r]"],
    ),
    (
        "a comma in quotes",
        '!unquoted procedure m($a, $b=x)\nA -> B : [$a] [$b]\n!endprocedure\nm("a, b", c)',
        ["[a, b] [c]"],
    ),
    (
        "an empty argument in quotes",
        '!unquoted procedure m($a, $b=x)\nA -> B : [$a] [$b]\n!endprocedure\nm("", y)',
        ["[] [y]"],
    ),
    (
        "a name and quotes",
        '!unquoted procedure m($a, $b=x)\nA -> B : [$a] [$b]\n!endprocedure\nm($b="y, z", $a=w)',
        ["[w] [y, z]"],
    ),
    (
        "blanks in quotes",
        '!unquoted procedure m($a, $b=x)\nA -> B : [$a] [$b]\n!endprocedure\nm(" q ", r)',
        ["[ q ] [r]"],
    ),
    (
        "raw arguments in parentheses",
        "!unquoted procedure m($a, $b=x)\nA -> B : [$a] [$b]\n!endprocedure\nm((x, y), z)",
        ["[(x, y)] [z]"],
    ),
    (
        "calls as raw arguments",
        '!unquoted procedure m($a, $b=x)\nA -> B : [$a] [$b]\n!endprocedure\nm(%upper("x, y"), z)',
        ["[X, Y] [z]"],
    ),
    ("a macro's argument in quotes", '!define M(p, q) A -> B : [p] [q]\nM("a, b", c)', ["[a, b] [c]"]),
    ("of several values the last", "!$x = some words here\n!$y = 1, 2 3\nA -> B : $x $y", ["here 3"]),
    ("an operator behind several values", '!$x = a + b c\n!$y = "a" b + 1 * 2\nA -> B : $x $y', ["bc b2"]),
    ("a decimal is a number and a text", "!$x = 1.5\nA -> B : $x", [".5"]),
    ("operators on texts", '!$x = a-b + 7 * "c"\n!$y = 8/"d"\nA -> B : $x $y', ["ab7*c 8/d"]),
    ("minus", "!$x = 5 -2\n!$y = 5 - -2\n!$z = (-5)/2\nA -> B : $x $y $z", ["3 7 -2"]),
    ("a question of several values", "!if 0 1\nA -> B : yes\n!endif", ["yes"]),
    ("an argument of several values", "!procedure $p($x)\nA -> B : $x\n!endprocedure\n$p(a b)", ["b"]),
    ("a word with a dot", "!$n = 3\n!$x = $n.x\n!$y = a.b.c\nA -> B : $x $y", ["3.x a.b.c"]),
    ("numbers are of 32 bits", "!$x = 2147483647 + 1\nA -> B : $x", ["-2147483648"]),
    ("comparisons before equality", "!if 1 < 2 == 1\nA -> B : yes\n!endif", ["yes"]),
    ("a number out of JSON is a text", '!$o = {"n": 3, "z": 0}\n!$x = $o.n + 1\nA -> B : $x %mod($o.n, 2)', ["31 0"]),
    ("a zero out of JSON holds", '!$o = {"z": 0}\n!if $o.z\nA -> B : yes\n!endif', ["yes"]),
    (
        "an array's members are texts",
        "!foreach $i in [1, 2]\n!$x = $i + 1\nA -> B : $x $i.\n!endfor",
        ["11 1.", "21 2."],
    ),
    ("an index by a variable", '!$i = 1\n!$x = [5, {"a": "b"}]\nA -> B : $x[$i].a $x[0]', ["b 5"]),
    ("an object's member that is not there", '!$x = {"a": 1}\nA -> B : <$x.b>', ["<>"]),
    ("an object's dot", '!$x = {"a": 1}\nA -> B : $x. and $x##.', ['and {"a":1}.']),
    ("glue behind a member", '!$x = {"a": "b"}\nA -> B : $x.a##c', ["bc"]),
    ("JSON put into JSON", '!$o = {"n": 3}\nA -> B : %json_add($o, "m", $o.n)', ['{"n":3,"m":3}']),
    ("types of JSON", '!$o = {"n": 3}\nA -> B : %get_json_type($o.n) %size($o.n) %size($o)', ["number 0 1"]),
    ("JSON of a text", 'A -> B : <%str2json("{")> %str2json("[1,2]")', ["<> [1,2]"]),
    ("a text of digits is no number", 'A -> B : %substr("abc", "1") %dec2hex("255")', ["abc 0"]),
    ("features", 'A -> B : %feature("theme") %feature("x") %boolval("TRUE") %boolval(0)', ["1 0 1 0"]),
    ("a date", 'A -> B : %date("yyyy-MM-dd HH:mm", 1700000000)', ["2023-11-14 22:13"]),
    (
        "a date in all its letters",
        'A -> B : %date("hh:mm a yy M d D E EEEE MMMM S SSS Z X w u G k K F W L LLL z", 1700000000)',
        ["10:13 PM 23 11 14 318 Tue Tuesday November 0 000 +0000 Z 46 2 AD 22 10 2 3 11 Nov UTC"],
    ),
    ("quotes in a date", "A -> B : %date(\"'day' d ''yy\", 86400)", ["day 2 '70"]),
    (
        "dark for light",
        'A -> B : %reverse_hsluv_color("#123456") %reverse_hsluv_color("white") %reverse_hsluv_color("#DDAA33")',
        ["#5FA2F1 #767676 #57410E"],
    ),
    (
        "light for dark",
        'A -> B : %reverse_hsluv_color("#0000FF") %reverse_hsluv_color("black") %reverse_hsluv_color("#808080")',
        ["#AEAEFF #767676 #252525"],
    ),
    ("lighter", 'A -> B : %lighten("red", 20) %lighten("#123456", 50)', ["#FF3333 #1B4E81"]),
    ("darker", 'A -> B : %darken("red", 20) %darken("#aabbcc", 10)', ["#CC0000 #93A8BE"]),
    ("dark names", 'A -> B : %is_dark("navy") %is_light("white") %reverse_color("red")', ["1 1 #00FFFF"]),
    ("a colour with alpha", "A -> B : %hsl_color(120, 100, 25, 50)", ["#80008000"]),
    (
        "a call has no blank before its parenthesis",
        "!define M(a) <a>\nA -> B : M (x) M(x) %upper (x)",
        ["M (x) <x> %upper (x)"],
    ),
    ("a macro's default", '!define M(a, b="d e") a b\nA -> B : M(x)', ["x d e"]),
    ("splitting drops what is empty", 'A -> B : %splitstr(",a,,b,", ",")', ['["a","b"]']),
    ("splitting by a pattern", 'A -> B : %splitstr_regex(",a,,b,,", ",")', ['["","a","","b"]']),
    ("one of several", "A -> B : %xor(1, 1, 1) %xor(0, 1) %nxor(1, 1) %mod(-7, 3)", ["0 1 1 -1"]),
    ("an unknown built-in stays", "A -> B : %nobody(1)", ["%nobody(1)"]),
    ("exit", "A -> B : one\n!exit\nA -> B : two", ["one"]),
    ("log is silent", "!log hello\nA -> B : one", ["one"]),
    ("assert that holds", "!assert 1 == 1 : fine\nA -> B : one", ["one"]),
    ("a called function", '!function $f($x)\n!return $x\n!endfunction\nA -> B : %call_user_func("$f", "y")', ["y"]),
    ("variables asked for", '!$x = 1\nA -> B : %variable_exists("$x")%variable_exists("$y")', ["10"]),
    ("the environment is not read", 'A -> B : [%getenv("HOME")]', ["[]"]),
    ("a local stays local", '!$x = "g"\n!procedure $p()\n!local $x = "l"\n!endprocedure\n$p()\nA -> B : $x', ["g"]),
]


@pytest.mark.parametrize(("what", "body", "expected"), TEXTS, ids=[row[0] for row in TEXTS])
def test_text(what: str, body: str, expected: list[str]) -> None:
    """What is left for the drawing is what PlantUML leaves."""
    assert labels(body) == expected


SLIPS = [
    ("an if that holds", "A -> B : a\n!if 1\nA -> B : b", ["a", "b"], 3),
    ("an if that does not hold", "A -> B : a\n!if 0\nA -> B : b", ["a"], 3),
    ("an else", "A -> B : a\n!if 0\nA -> B : b\n!else\nA -> B : c", ["a", "c"], 3),
    ("a while goes round once", "A -> B : a\n!while 1\nA -> B : b", ["a", "b"], 3),
    ("a foreach goes round once", "A -> B : a\n!foreach $x in [1, 2]\nA -> B : $x", ["a", "1"], 3),
    ("a procedure swallows the rest", "A -> B : a\n!procedure $p()\nA -> B : b", ["a"], 3),
    ("an end of a procedure without one", "A -> B : a\n!endprocedure\nA -> B : b", ["a", "b"], 3),
    ("an else with a question", "!if 0\n!else if 0\nA -> B : a\n!endif", ["a"], 3),
]


@pytest.mark.parametrize(("what", "body", "expected", "line"), SLIPS, ids=[row[0] for row in SLIPS])
def test_slip(what: str, body: str, expected: list[str], line: int) -> None:
    """What PlantUML lets pass is drawn as it draws it, and told at its line."""
    diagram = drawn(body)

    assert [message.text for message in diagram.messages()] == expected
    assert [(slip.code, slip.span.line if slip.span else 0) for slip in diagram.slips] == [("SQ125", line)]


def test_a_diagram_that_a_procedure_swallows_is_refused_with_the_reason() -> None:
    """A diagram of which nothing is left says what took its lines."""
    with pytest.raises(UnreadableDiagram) as caught:
        drawn("!procedure $p()\nA -> B")

    assert [finding.code for finding in caught.value.findings] == ["SQ125", "SQ111"]


def test_an_end_with_a_slip_in_it_is_shown() -> None:
    """What may have been meant as the end of a procedure is pointed at."""
    (slip,) = drawn("A -> B\n!procedure $p()\nA -> B\n!endprocdure\nA -> B").slips

    assert [(span.line, words) for span, words in slip.also] == [(5, "meant as its end?")]


REFUSED = [
    ("a directive that nothing opened", "A -> B\n!endif", "SQ125", 3),
    ("a part that nothing closes", "A -> B\n!startsub X\nA -> B", "SQ125", 3),
    ("a part in a part", "A -> B\n!startsub X\n!startsub Y\n!endsub\n!endsub", "SQ125", 4),
    ("a denial", "A -> B\n!if !1\n!endif", "SQ120", 3),
    ("a return of nothing", "!function $f()\n!return\n!endfunction\nA -> B : $f()", "SQ120", 3),
    ("a word in capitals", "A -> B\n!IF 1\n!endif", "SQ120", 3),
    ("a function without a value", "A -> B\n!function $f()\nA -> B\n!endfunction", "SQ120", 5),
    ("a short function with a slip in its value", "A -> B\n!function $f() return 1 ;\nA -> B : $f()", "SQ120", 3),
    (
        "a slip behind a call",
        "!function $f()\n!return 1\n!endfunction\nA -> B : $f() %size([1, 2])",
        "SQ120",
        5,
    ),
    ("a function with a slip in its return", "A -> B\n!function $f()\n!retrn 1\n!endfunction", "SQ120", 4),
    ("a procedure with a value", "A -> B\n!procedure $p()\n!return 1\n!endprocedure", "SQ120", 4),
    ("an endless loop", "A -> B\n!while 1\n!endwhile", "SQ124", 3),
    ("a procedure that calls itself without end", "!procedure $p()\n$p()\n!endprocedure\n$p()", "SQ124", 3),
    ("an argument too many", "!procedure $p()\nA -> B\n!endprocedure\n$p(1)", "SQ120", 5),
    ("an argument too few", "!procedure $p($x)\nA -> B\n!endprocedure\n$p()", "SQ120", 5),
    (
        "text behind a quoted raw argument",
        '!unquoted procedure m($a, $b=x)\nA -> B : [$a] [$b]\n!endprocedure\nm("q" x, r)',
        "SQ120",
        5,
    ),
    (
        "a comma in quotes that do not begin",
        '!unquoted procedure m($a, $b=x)\nA -> B : [$a] [$b]\n!endprocedure\nm(a "b, c" d, e)',
        "SQ120",
        5,
    ),
    (
        "a comma in brackets",
        "!unquoted procedure m($a, $b=x)\nA -> B : [$a] [$b]\n!endprocedure\nm({a, b}, c)",
        "SQ120",
        5,
    ),
    (
        "a quote that never closes in a raw argument",
        '!unquoted procedure m($a, $b=x)\nA -> B : [$a] [$b]\n!endprocedure\nm("q, r)',
        "SQ120",
        5,
    ),
    ("JSON as an argument", '!procedure $p($x)\nA -> B\n!endprocedure\n$p({"a":1})', "SQ120", 5),
    ("an array as an argument", "!procedure $p($x)\nA -> B\n!endprocedure\n$p([1, 2])", "SQ120", 5),
    ("JSON as a built-in's argument", "A -> B : %size([1, 2, 3])", "SQ120", 2),
    ("a number in JSON beyond reason", "!$x = [" + "9" * 5_000 + "]\nA -> B", "SQ120", 2),
    ("a variable inside JSON", '!$n = 1\n!$x = {"a": $n}\nA -> B', "SQ120", 3),
    ("JSON with more behind it", '!$x = {"a": 1} + "b"\nA -> B', "SQ120", 2),
    ("quotes of another kind in JSON", "!$x = {'a': 1}\nA -> B", "SQ120", 2),
    ("an array on several lines behind a question", "!if [1,\n2]\nA -> B\n!endif", "SQ120", 2),
    ("a parameter that is none", '!procedure $p($x)\nA -> B\n!endprocedure\n$p($y="a")', "SQ120", 5),
    ("a comparison that names an argument", "!procedure $p($x)\nA -> B\n!endprocedure\n$p(a == b)", "SQ120", 5),
    ("a function that is none", "!$x = $nobody(1)\nA -> B", "SQ120", 2),
    ("a function that is none, behind what decides", "!if 0 && nobody()\n!endif\nA -> B", "SQ120", 2),
    ("a sign without a number", "!$n = 1\n!$x = -$n\nA -> B", "SQ120", 3),
    ("a number of 32 bits", "!$x = 2147483648\nA -> B", "SQ120", 2),
    ("an index beyond the end", "!$x = [1]\nA -> B : $x[1]", "SQ120", 3),
    ("an index that is a name", '!$x = {"a": 1}\nA -> B : $x["a"]', "SQ120", 3),
    ("a member of a text", '!$x = {"a": "b"}\nA -> B : see $x.a.', "SQ120", 3),
    ("a truth value in a text", '!$x = {"a": true}\n!$y = $x.a\nA -> B : $y', "SQ120", 4),
    ("a call in a text that never closes", 'A -> B : %upper("x"', "SQ120", 2),
    ("a place before the beginning", 'A -> B : %substr("abc", -1)', "SQ120", 2),
    ("a length below zero", 'A -> B : %substr("abc", 1, -1)', "SQ120", 2),
    ("a remainder of nothing", "A -> B : %mod(7, 0)", "SQ120", 2),
    ("a number that is none", 'A -> B : %intval("7x")', "SQ120", 2),
    ("a truth value that is none", 'A -> B : %boolval("no")', "SQ120", 2),
    ("a colour that is none", 'A -> B : %darken("nosuch", 10)', "SQ120", 2),
    ("JSON that is none", 'A -> B : %json_add("x", "y", 1)', "SQ120", 2),
    ("a date's letter that is none", 'A -> B : %date("n", 1)', "SQ120", 2),
    ("a date's quote that never closes", 'A -> B : %date("\'q", 1)', "SQ120", 2),
    ("a date of three arguments", 'A -> B : %date("yyyy", 1, 2)', "SQ120", 2),
    ("a division by zero", "A -> B\n!$x = 1 / 0", "SQ120", 3),
    (
        "a final routine defined again",
        "!final procedure $p()\n!endprocedure\n!procedure $p()\n!endprocedure",
        "SQ120",
        4,
    ),
    ("an assertion that fails", "A -> B\n!assert 1 == 2", "SQ123", 3),
    ("a file that is not there", "A -> B\n!include nowhere.puml", "SQ121", 3),
    ("a local outside", "!local $x = 1\nA -> B", "SQ120", 2),
]


@pytest.mark.parametrize(("what", "body", "code", "line"), REFUSED, ids=[row[0] for row in REFUSED])
def test_refusal(what: str, body: str, code: str, line: int) -> None:
    """What cannot be followed is refused at its own line."""
    assert refused(body) == (code, line)


def test_doubling_macros_stop_at_a_limit() -> None:
    """Text that doubles itself is refused before it fills the memory."""
    doubling = "\n".join(f"!define D{number + 1} D{number} D{number}" for number in range(40))

    code, _ = refused(f"!define D0 xxxxxxxxxx\n{doubling}\nA -> B : D40")

    assert code == "SQ124"


def test_deep_nesting_of_expressions_is_told() -> None:
    """An expression nested beyond reason is an error, not a crash."""
    code, line = refused("!$x = " + "[" * 60_000 + "]" * 60_000 + "\nA -> B : $x")

    assert (code, line) == ("SQ124", 3)


def test_include_has_the_places_of_its_file(tmp_path: Path) -> None:
    """A line from an included file points into that file; a second inclusion is repeated."""
    (tmp_path / "part.puml").write_text("@startuml\nB -> A : from part\n@enduml\n")
    flow = tmp_path / "flow.puml"
    flow.write_text("@startuml\nA -> B : own\n!include part.puml\n!include part.puml\n@enduml\n")

    spans = [message.span for message in read(flow)[0].messages() if message.span]

    assert [(Path(span.path).name, span.line) for span in spans] == [
        ("flow.puml", 2),
        ("part.puml", 2),
        ("part.puml", 2),
    ]


def test_block_of_a_file_by_name_and_number(tmp_path: Path) -> None:
    """`!include file!name` takes the block of that id or name, `!include file!1` the second one."""
    (tmp_path / "parts.puml").write_text(
        "@startuml(id=ONE)\nA -> B : one\n@enduml\n@startuml two\nA -> B : two\n@enduml\n"
    )
    flow = tmp_path / "flow.puml"
    flow.write_text("@startuml\n!include parts.puml!ONE\n!include parts.puml!two\n!include parts.puml!1\n@enduml\n")

    assert [message.text for message in read(flow)[0].messages()] == ["one", "two", "two"]


def test_includesub_takes_the_marked_part(tmp_path: Path) -> None:
    """Only what stands between `!startsub` and `!endsub` of that name comes in."""
    (tmp_path / "parts.puml").write_text(
        "@startuml\nA -> B : before\n!startsub S\nA -> B : inside\n!endsub\nA -> B : behind\n@enduml\n"
    )
    flow = tmp_path / "flow.puml"
    flow.write_text("@startuml\n!includesub parts.puml!S\n@enduml\n")

    assert [message.text for message in read(flow)[0].messages()] == ["inside"]


def test_files_that_include_each_other_stop(tmp_path: Path) -> None:
    """A circle of includes is refused."""
    (tmp_path / "a.puml").write_text("@startuml\n!include b.puml\nA -> B\n@enduml\n")
    (tmp_path / "b.puml").write_text("!include a.puml\n")

    with pytest.raises(UnreadableDiagram) as caught:
        read(tmp_path / "a.puml")

    assert caught.value.finding.code == "SQ122"


def test_files_above_the_project_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An include that leaves the folder is refused, though the file is there."""
    inner = tmp_path / "project"
    inner.mkdir()
    (tmp_path / "secret.puml").write_text("A -> B\n")
    (inner / "flow.puml").write_text("@startuml\n!include ../secret.puml\n@enduml\n")
    monkeypatch.chdir(inner)

    with pytest.raises(UnreadableDiagram, match="outside the project"):
        read(inner / "flow.puml")


def test_library_is_kept_and_told() -> None:
    """An include of PlantUML's library stays in the drawing, with a warning."""
    diagram = drawn("!include <C4/C4_Sequence>\nA -> B")

    assert [finding.code for finding in diagram.slips] == ["SQ126"]
    assert "!include <C4/C4_Sequence>" in [getattr(item, "text", "") for item in diagram.items]


def test_a_library_is_told_before_the_lines_that_use_it() -> None:
    """That it is not read is why they cannot be."""
    with pytest.raises(UnreadableDiagram) as caught:
        read(Source("c4.puml", '@startuml\n!include <C4/C4_Sequence>\nPerson(u, "User")\nu -> u : x\n@enduml\n'))

    assert [(finding.code, finding.severity) for finding in caught.value.findings] == [
        ("SQ126", "error"),
        ("SQ102", "error"),
    ]


def test_arguments_point_at_their_use() -> None:
    """A value put in stands at the place of its variable in the procedure's line."""
    diagram = drawn('!procedure $go($what)\nA -> B : do $what\n!endprocedure\n$go("it")')
    (message,) = diagram.messages()

    assert message.text_span is not None
    assert (message.text, message.text_span.line, message.text_span.column) == ("do it", 3, 10)


def test_nothing_is_evaluated_as_python() -> None:
    """Text that would be Python is text."""
    assert labels('!$x = "__import__"\nA -> B : $x("os")') == ['__import__("os")']


def test_world_is_not_asked_and_that_is_told() -> None:
    """The date, chance and the environment give fixed values, each with a warning."""
    diagram = drawn('A -> B : [%date()%random()%getenv("HOME")]')

    assert [message.text for message in diagram.messages()] == ["[0]"]
    assert [finding.code for finding in diagram.slips] == ["SQ127", "SQ127", "SQ127"]


def test_json_is_loaded_from_the_project(tmp_path: Path) -> None:
    """`%load_json` reads a file beside the diagram; one that is not there is told, and is the default or empty."""
    (tmp_path / "users.json").write_text('{"name": "alice"}')
    flow = tmp_path / "flow.puml"
    flow.write_text('@startuml\n!$u = %load_json("users.json")\nA -> B : $u.name %file_exists("none.json")\n@enduml\n')

    assert [message.text for message in read(flow)[0].messages()] == ["alice 0"]
    diagram = drawn('!$u = %load_json("none.json")\nA -> B : $u')
    assert [message.text for message in diagram.messages()] == ["{}"]
    assert [slip.code for slip in diagram.slips] == ["SQ121"]
    assert labels('!$u = %load_json("none.json", "d")\nA -> B : $u') == ["d"]
