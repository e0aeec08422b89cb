"""The grammars as parsers. What they mean is in the `.lark` files; their LALR tables lie beside them, made once.

`python -m seqtest.syntax.grammar` makes the tables anew after a change. A table that is not this grammar's, or
another Lark's, is not used: the grammar is then read and its table made on the spot, with the same result some tenths
of a second later.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

import lark
from lark import Lark
from lark.grammar import Rule
from lark.lexer import TerminalDef

STARTS = {
    "sequence": ["statement", "other", "parameter"],
    "pieces": ["arrow", "left_gate", "right_gate", "link"],
    "mermaid": ["line"],
    "promise": ["line", "label", "template", "moment"],
    "style": ["style"],
    "preprocessor": ["directive", "value", "arguments", "parameters"],
}


def parser(name: str, transformer: Any) -> Lark:
    """The parser of `<name>.lark`, with the actions that `transformer` has for its rules."""
    grammar = _file(f"{name}.lark").read_text(encoding="utf-8")
    tables = _file(f"{name}.tables.json")
    if tables.is_file():
        stored = json.loads(tables.read_text(encoding="utf-8"))
        if stored["key"] == key(name, grammar):
            data, memo = _restored(stored["data"]), _by_number(stored["memo"])
            restored: Lark = Lark._load_from_dict(data, memo, transformer=transformer)  # type: ignore[no-untyped-call]
            return restored
    return _built(name, grammar, transformer=transformer)


def key(name: str, grammar: str) -> str:
    """What a table belongs to: the grammar, its starts and the Lark that made it."""
    version = ".".join(lark.__version__.split(".")[:2])
    return hashlib.sha256(f"{version} {STARTS[name]} {grammar}".encode()).hexdigest()


def tables_of(name: str) -> str:
    """The text of `<name>.tables.json`."""
    grammar = _file(f"{name}.lark").read_text(encoding="utf-8")
    data, memo = _built(name, grammar).memo_serialize([TerminalDef, Rule])
    return json.dumps({"key": key(name, grammar), "data": data, "memo": memo}, separators=(",", ":")) + "\n"


def _built(name: str, grammar: str, **more: Any) -> Lark:
    return Lark(grammar, parser="lalr", start=STARTS[name], maybe_placeholders=False, **more)


def _restored(data: Any) -> Any:
    """JSON's keys are texts; a table's are numbers."""
    table = data["parser"]["parser"]
    table["tokens"] = _by_number(table["tokens"])
    table["states"] = {int(state): _by_number(actions) for state, actions in table["states"].items()}
    return data


def _by_number(values: dict[str, Any]) -> dict[int, Any]:
    return {int(number): value for number, value in values.items()}


def _file(name: str) -> Path:
    return Path(__file__).with_name(name)


if __name__ == "__main__":
    for grammar_name in STARTS:
        _file(f"{grammar_name}.tables.json").write_text(tables_of(grammar_name), encoding="utf-8")
