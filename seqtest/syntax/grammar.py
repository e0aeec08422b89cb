"""The grammars as parsers. The only place that builds Lark's tables; what they mean is in the `.lark` files."""

from functools import lru_cache
from importlib.resources import files
from typing import Any

from lark import Lark

STARTS = {
    "sequence": ["statement", "other", "parameter"],
    "pieces": ["arrow", "left_gate", "right_gate", "link"],
    "preprocessor": ["directive", "expression", "arguments", "parameters"],
}


def parser(name: str, transformer: Any) -> Lark:
    """The parser of `<name>.lark`, with the actions that `transformer` has for its rules."""
    return Lark(_text(name), parser="lalr", start=STARTS[name], transformer=transformer, maybe_placeholders=False)


@lru_cache
def _text(name: str) -> str:
    return files("seqtest.syntax").joinpath(f"{name}.lark").read_text(encoding="utf-8")
