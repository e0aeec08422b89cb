"""The tables that lie beside the grammars, and the reader that goes by them."""

import random
from importlib.resources import files
from typing import Any

import lark
import pytest
from lark.exceptions import UnexpectedCharacters, UnexpectedToken

from seqtest.syntax import grammar
from seqtest.syntax.reader import END, Token, Tree, Unexpected


def _text(name: str) -> str:
    return files("seqtest.syntax").joinpath(name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", grammar.STARTS)
def test_tables_belong_to_their_grammar(name: str) -> None:
    """After a change of a grammar its tables are made anew: `python -m seqtest.syntax.grammar`."""
    assert f'"key":"{grammar.key(name, _text(f"{name}.lark"))}"' in _text(f"{name}.tables.json")


@pytest.mark.parametrize("name", grammar.STARTS)
def test_tables_are_what_lark_makes(name: str) -> None:
    """Each grammar is LALR without a conflict, and its tables have the same bytes whenever they are made."""
    if not lark.__version__.startswith("1.3."):
        pytest.skip("the tables were made by Lark 1.3")
    assert grammar.as_text(grammar.tables_of(name)) == _text(f"{name}.tables.json")


def test_lines_are_read_without_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables of another grammar are not used: the grammar is then read itself, to the same result."""
    kept = grammar.reader("promise").parse("iss = {issuer}", start="line")
    monkeypatch.setattr(grammar, "key", lambda name, text: "another")
    grammar._tables.cache_clear()
    try:
        assert grammar.reader("promise").parse("iss = {issuer}", start="line") == kept
    finally:
        grammar._tables.cache_clear()


TEXTS = {
    ("sequence", "statement"): (
        "client -> server ++ : GET /",
        'participant "Web client" as client <<browser>> order 3 #Red',
        "[-> a",
        "a ->] : x",
        "a -> b ** #red",
        "note over a, b #Red",
        "/ note left of a : text",
        'autonumber 10 5 "<b>[000]"',
        "alt#Gold #LightBlue Successful case",
        "ref over a, b : text",
        "== Log in ==",
        "...5 minutes later...",
        "||45||",
        "{start} a -> b : x",
        "{start} <-> {end} : 5 s",
        "& a -> b",
        "create control c",
        "return 200",
        "title a title",
        "end note",
        "a ->",
        "a -> b c",
        "note over",
        "note over a,",
        "",
        "   ",
        "-",
        "§",
        "a -> b : \t",
        "autonumber what",
        'box "x" #Red green',
        "participant a as",
        "ref over",
    ),
    ("pieces", "arrow"): ("->", "-[#red,dashed]>", "<<-->>", "o\\\\--x", "(10)<-", "-[", "->>>", "", "-[#]>"),
    ("pieces", "link"): ("[[https://a.example{tip} words]]", "[[]]", '[["a b"]]', "[[a", "[[a]] b"),
    ("mermaid", "line"): (
        "a->>b: hi",
        "participant a as Alice",
        "Note over a,b: text",
        "a-",
        "loop",
        "rect rgb(0,0,0)",
    ),
    ("promise", "line"): (
        "a.b[0] = {new x}",
        "iss present as issuer",
        "nothing else",
        "exp : integer e.g. 5",
        "a > 5",
        "a =",
        "a ==",
        "= 5",
        "Cache-Control: no-store",
        "signed by auth",
        "body matches schema s.json",
        "a[",
        "a[x]",
        "",
    ),
    ("promise", "label"): (
        "POST /oauth/token",
        "200 OK",
        "1. HTTP GET /a HTTP/1.1\\na = 5",
        "302 or 303",
        "log in",
        "",
    ),
    ("promise", "moment"): ("now + 5 minutes", "iat", "now + ", "now 5", "5"),
    ("preprocessor", "directive"): (
        "!$a = 5 + 2 * (3 - 1)",
        "!procedure $x($a, $b=5)",
        "!ifdef A && !B",
        "!include <x/y>",
        '!if ($a == "x")',
        "!$a =",
        "!foreach $x in",
        "!unknown",
    ),
    ("style", "style"): ("sequenceDiagram {\n a red\n}\n", "a {", "}", ""),
}


@pytest.mark.parametrize(("name", "start", "text"), [(*key, text) for key, texts in TEXTS.items() for text in texts])
def test_reads_as_lark_does(name: str, start: str, text: str) -> None:
    """The same tree of the same words at the same places; and where Lark is surprised, the same surprise."""
    assert _read(grammar.Reader(grammar._tables(name), None), start, text) == _read(_larks(name), start, text)


@pytest.mark.parametrize("name", grammar.STARTS)
def test_reads_mistakes_as_lark_does(name: str) -> None:
    """The same for three hundred texts with characters too many, too few or of another text, at every start."""
    chance = random.Random(20261129)
    texts = [text for (_, _), each in TEXTS.items() for text in each if text]
    ours = grammar.Reader(grammar._tables(name), None)
    for _ in range(300):
        text = chance.choice(texts)
        for _ in range(chance.randint(1, 3)):
            at, other = chance.randrange(len(text) + 1), chance.choice(texts)
            begin = chance.randrange(len(other))
            text = text[:at] + other[begin : begin + chance.choice((0, 1, 8))] + text[at + chance.randint(0, 1) :]
        for start in grammar.STARTS[name]:
            assert _read(ours, start, text) == _read(_larks(name), start, text), (start, text)


def _read(reader: Any, start: str, text: str) -> Any:
    try:
        return _plain(reader.parse(text, start=start))
    except Unexpected as failure:
        return failure.at, failure.found, failure.expected
    except UnexpectedToken as failure:
        at = len(text) if failure.token.type == END else failure.token.start_pos
        return at, failure.token.type, failure.expected - {"<END-OF-FILE>"}
    except UnexpectedCharacters as failure:
        return failure.pos_in_stream, None, failure.allowed


_MADE: dict[str, lark.Lark] = {}


def _larks(name: str) -> lark.Lark:
    if name not in _MADE:
        starts = grammar.STARTS[name]
        _MADE[name] = lark.Lark(_text(f"{name}.lark"), parser="lalr", start=starts, maybe_placeholders=False)
    return _MADE[name]


def _plain(node: Any) -> Any:
    """A tree as tuples; words that belong to no rule of a name of their own are a list."""
    if isinstance(node, lark.Token | Token):
        return (node.type, str(node), node.start_pos, node.end_pos)
    if isinstance(node, lark.Tree | Tree):
        if str(node.data).startswith("_"):
            return [_plain(child) for child in node.children]
        return (str(node.data), [_plain(child) for child in node.children])
    return [_plain(child) for child in node]
