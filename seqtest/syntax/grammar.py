"""The grammars as readers. What they mean is in the `.lark` files; their LALR tables, made by Lark, lie beside them.

`python -m seqtest.syntax.grammar` makes the tables anew after a change. A table that is not this grammar's is not used:
it is then made on the spot, with the same result some tenths of a second later.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from zlib import crc32

from seqtest.syntax.reader import Reader

STARTS = {
    "sequence": ["statement", "other", "parameter"],
    "pieces": ["arrow", "left_gate", "right_gate", "link"],
    "mermaid": ["line"],
    "promise": ["line", "label", "template", "moment"],
    "style": ["style"],
    "preprocessor": ["directive", "value", "arguments", "parameters"],
}


def reader(name: str, actions: object = None) -> Reader:
    """The reader of `<name>.lark`, with the actions for its rules: a method for each, called with the rule's words."""
    return Reader(_tables(name), actions)


@cache
def _tables(name: str) -> Mapping[str, Any]:
    grammar = _file(f"{name}.lark").read_text(encoding="utf-8")
    tables = _file(f"{name}.tables.json")
    if tables.is_file():
        stored: Mapping[str, Any] = json.loads(tables.read_text(encoding="utf-8"))
        if stored["key"] == key(name, grammar):
            return stored
    return tables_of(name)


def key(name: str, grammar: str) -> str:
    """What tables belong to: the grammar and its starts. A slip is to be noticed, nobody is to be kept out."""
    text = f"{STARTS[name]} {grammar}"
    return f"{len(text)} {crc32(text.encode()):08x}"


def tables_of(name: str) -> dict[str, Any]:
    """What `<name>.tables.json` holds."""
    from lark import Lark
    from lark.parsers.lalr_analysis import Shift

    grammar = _file(f"{name}.lark").read_text(encoding="utf-8")
    made: Any = Lark(grammar, parser="lalr", start=STARTS[name], maybe_placeholders=False).parser
    table, contextual = made.parser.parser.parse_table, made.lexer
    starts, ends = table.start_states, table.end_states
    # States and rules are numbered as they are met from the starts: Lark's own numbers differ from run to run.
    order = [starts[start] for start in STARTS[name]]
    number = {state: place for place, state in enumerate(order)}
    rules: dict[Any, int] = {}
    lexers: dict[int, int] = {}
    kinds: list[Any] = []
    rows = []
    for state in order:  # grows
        row = {}
        for symbol, (action, argument) in sorted(table.states[state].items()):
            if action is not Shift:
                row[symbol] = -1 - rules.setdefault(argument, len(rules))
                continue
            if argument not in number:
                number[argument] = len(order)
                order.append(argument)
            row[symbol] = number[argument]
        rows.append(row)
    for lexer in (*(contextual.lexers[state] for state in order), contextual.root_lexer):
        if id(lexer) not in lexers:
            lexers[id(lexer)] = len(kinds)
            kinds.append(_kinds(lexer))
    return {
        "key": key(name, grammar),
        "starts": {start: [number[starts[start]], number[ends[start]]] for start in STARTS[name]},
        "terminals": {terminal.name: terminal.pattern.to_regexp() for terminal in contextual.root_lexer.terminals},
        "ignored": sorted(contextual.root_lexer.ignore_types),
        "lexers": kinds,
        "any": lexers[id(contextual.root_lexer)],
        "lexer_of_state": [lexers[id(contextual.lexers[state])] for state in order],
        "rules": [_shape(rule) for rule in rules],
        "rows": rows,
    }


def as_text(tables: Mapping[str, Any]) -> str:
    """The tables as they lie in their file: equal ones have equal bytes."""
    return json.dumps(tables, separators=(",", ":"), sort_keys=True) + "\n"


def _kinds(lexer: Any) -> list[Any]:
    """The terminals that a lexer looks for, in their order; for a name, those that it is when it is spelled so."""
    names = [terminal.name for terminal in lexer.scanner.terminals]  # makes the callbacks, too
    keywords = {name: [word.name for word in unless.scanner.terminals] for name, unless in lexer.callback.items()}
    return [names, keywords]


def _shape(rule: Any) -> list[Any]:
    """The fields of a `reader.Rule`, with its action by name."""
    kept = [
        [place, not symbol.is_term and symbol.name.startswith("_")]
        for place, symbol in enumerate(rule.expansion)
        if not (symbol.is_term and symbol.filter_out)
    ]
    is_whole = len(kept) == len(rule.expansion) and not any(is_list for _, is_list in kept)
    return [
        rule.origin.name,
        rule.alias or rule.origin.name,
        len(rule.expansion),
        None if is_whole else kept,
        bool(rule.options.expand1 and not rule.alias),
    ]


def _file(name: str) -> Path:
    return Path(__file__).with_name(name)


if __name__ == "__main__":
    for grammar_name in STARTS:
        _file(f"{grammar_name}.tables.json").write_text(as_text(tables_of(grammar_name)), encoding="utf-8")
