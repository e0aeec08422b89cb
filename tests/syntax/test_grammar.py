"""The tables that lie beside the grammars."""

from importlib.resources import files

import lark
import pytest

from seqtest.syntax import grammar
from seqtest.syntax.parse import read_line


@pytest.mark.parametrize("name", grammar.STARTS)
def test_tables_belong_to_their_grammar(name: str) -> None:
    """After a change of a grammar its tables are made anew: `python -m seqtest.syntax.grammar`."""
    if not lark.__version__.startswith("1.3."):
        pytest.skip("the tables were made by Lark 1.3")
    folder = files("seqtest.syntax")
    key = grammar.key(name, folder.joinpath(f"{name}.lark").read_text(encoding="utf-8"))

    assert f'"key":"{key}"' in folder.joinpath(f"{name}.tables.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", grammar.STARTS)
def test_grammar_is_lalr(name: str) -> None:
    """Each grammar makes LALR tables without a conflict."""
    assert grammar.tables_of(name)


def test_lines_are_read_without_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    """With another Lark the grammar is read itself, to the same result."""
    from seqtest.syntax.statements import Statements

    monkeypatch.setattr(grammar, "key", lambda name, text: "another")
    built = grammar.parser("sequence", Statements())

    assert built.parse("client -> server ++ : GET /", start="statement") == read_line("client -> server ++ : GET /")
