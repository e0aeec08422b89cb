"""From a directive's words to its node: the actions behind `preprocessor.lark`."""

import json
import math
from typing import Any

from seqtest.syntax import directives as nodes
from seqtest.syntax.directives import Expression

Words = list[Any]


class _Routine(tuple[str, str, str]):
    """Keyword, name and raw signature, whose defaults are read by the caller."""


class Directives:
    """One method a rule of the grammar."""

    def directive(self, words: Words) -> Any:
        return words[0]

    def assign(self, words: Words) -> nodes.Assign:
        scope = next((word.lower() for word in words if getattr(word, "type", "") == "SCOPE"), "")
        at = next(index for index, word in enumerate(words) if getattr(word, "type", "") == "ASSIGN")
        return nodes.Assign(str(words[at - 1]), tuple(words[-1]), scope, words[at] == "?=")

    def define(self, words: Words) -> nodes.Define:
        rest = {word.type: str(word) for word in words[2:]}
        return nodes.Define(str(words[1]), rest.get("TEXT", ""), _parameters(rest.get("PARAMETERS")))

    def define_long(self, words: Words) -> nodes.Define:
        return nodes.Define(
            str(words[1]), "", _parameters(str(words[2]) if len(words) > 2 else None) or (), is_long=True
        )

    def undefine(self, words: Words) -> nodes.Undefine:
        return nodes.Undefine(str(words[1]))

    def if_(self, words: Words) -> nodes.If:
        return nodes.If(tuple(words[1]))

    def if_defined(self, words: Words) -> nodes.If:
        return nodes.If(defined=words[1], is_defined=words[0].lower() == "!ifdef")

    def else_if(self, words: Words) -> nodes.If:
        return nodes.If(tuple(words[1]), is_else=True)

    def else_(self, words: Words) -> nodes.Else:
        return nodes.Else()

    def end(self, words: Words) -> nodes.End:
        return nodes.End("".join(words[0][1:].split()).lower())

    def while_(self, words: Words) -> nodes.While:
        return nodes.While(tuple(words[1]))

    def for_each(self, words: Words) -> nodes.ForEach:
        return nodes.ForEach(str(words[1]), tuple(words[3]))

    def procedure(self, words: Words) -> _Routine:
        return _Routine((str(words[0]), str(words[1]), str(words[2])))

    function = procedure

    def short_function(self, words: Words) -> tuple[_Routine, Expression]:
        return self.procedure(words), tuple(words[-1])

    def return_(self, words: Words) -> nodes.Return:
        return nodes.Return(tuple(words[-1]) if len(words) > 1 else None)

    def include(self, words: Words) -> nodes.Include:
        return nodes.Include(str(words[1]), words[0].lower())

    def include_sub(self, words: Words) -> nodes.IncludeSub:
        return nodes.IncludeSub(str(words[1]))

    def start_sub(self, words: Words) -> nodes.StartSub:
        return nodes.StartSub(str(words[1]).strip())

    def log(self, words: Words) -> nodes.Quiet:
        return nodes.Quiet()

    dump = log

    def assert_(self, words: Words) -> nodes.Assert:
        return nodes.Assert(tuple(words[1]), str(words[2]) if len(words) > 2 else "")

    def exit(self, words: Words) -> nodes.Exit:
        return nodes.Exit()

    # Names that are asked for

    def named(self, words: Words) -> nodes.Named:
        return nodes.Named(words[0].partition("(")[0].strip())

    def denied(self, words: Words) -> nodes.Denied:
        return nodes.Denied(words[0])

    def both(self, words: Words) -> nodes.Joined:
        return nodes.Joined(tuple(words), is_all=True)

    def either(self, words: Words) -> nodes.Joined:
        return nodes.Joined(tuple(words), is_all=False)

    # Values: lists while they grow, so that a long one is not copied at each operator

    def several(self, words: Words) -> Words:
        for more in words[1:]:
            words[0] += more
        return words[0]  # type: ignore[no-any-return]  # the rules below make lists

    row = several

    def operation(self, words: Words) -> Words:
        result: Words = words[0]
        for operator, right in zip(words[1::2], words[2::2], strict=True):
            result += right
            result.append(str(operator))
        return result

    def number(self, words: Words) -> Words:
        return [nodes.Literal(int(words[0]) if len(words[0]) < 12 else math.inf)]

    def string(self, words: Words) -> Words:
        return [nodes.Literal(str(words[0][1:-1]))]

    def plain(self, words: Words) -> Words:
        return [nodes.Plain(str(words[0]))]

    def call(self, words: Words) -> Words:
        name, _, arguments = str(words[0]).partition("(")
        return [nodes.Call(name.strip(), arguments[:-1])]

    def json(self, words: Words) -> Words:
        return [nodes.Literal(words[0])]

    def scalar(self, words: Words) -> Any:
        return json.loads(words[0], strict=False)

    def array(self, words: Words) -> Words:
        return words

    def pair(self, words: Words) -> tuple[str, Any]:
        return self.scalar(words), words[1]

    def object(self, words: Words) -> dict[str, Any]:
        return dict(words)

    def argument(self, words: Words) -> nodes.Argument:
        return nodes.Argument(tuple(words[-1]), words[0][:-1].rstrip() if len(words) > 1 else None)

    def arguments(self, words: Words) -> tuple[nodes.Argument, ...]:
        return tuple(words)

    def parameter(self, words: Words) -> nodes.Parameter:
        return nodes.Parameter(str(words[0]), tuple(words[1]) if len(words) > 1 else None)

    def parameters(self, words: Words) -> tuple[nodes.Parameter, ...]:
        return tuple(words)


def _parameters(text: str | None) -> tuple[nodes.Parameter, ...] | None:
    """Those of a macro, `(a, b="x")`, whose defaults are texts; None when there are no parentheses."""
    if text is None:
        return None
    found = []
    for part in text[1:-1].split(","):
        name, sign, default = map(str.strip, part.partition("="))
        if name:
            found.append(nodes.Parameter(name, (nodes.Literal(default.strip("\"'")),) if sign else None))
    return tuple(found)
