"""Reads a text by the tables of a grammar: an LALR(1) parser whose lexer looks for what the parser could take.

Lark makes the tables and none of it is loaded to read by them. Theory of operation. A state of the parser knows which
terminals it takes; these, tried in Lark's order, are one regular expression, compiled when a text first gets there. A
number in a state's row is the next state, or, below zero, the rule whose words are all there: they leave the stack, its
action makes something of them, and that is what the state below goes on with.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

END = "$END"


class Token(str):
    """A word of a text: its terminal, and the columns (from 0) where it stands."""

    __slots__ = ("end_pos", "start_pos", "type")
    type: str
    start_pos: int
    end_pos: int


class Tree(NamedTuple):
    """What a rule without an action makes."""

    data: str
    children: list[Any]


class Unexpected(Exception):
    """The grammar does not take a text."""

    def __init__(self, at: int, found: str | None, expected: frozenset[str]) -> None:
        super().__init__(f"{found or 'nothing'} at {at}, expected {', '.join(sorted(expected))}")
        self.at = at
        """The column (from 0) of the first character that does not fit; behind the last one when the text ended."""
        self.found = found
        """The terminal that stands there; None when no terminal of the grammar does."""
        self.expected = expected
        """The terminals that would have fitted."""


class Rule(NamedTuple):
    """What happens with the words of a rule when they are all there."""

    origin: str
    make: Callable[[list[Any]], Any]
    size: int
    kept: Sequence[tuple[int, bool]] | None
    """Which words its action gets, and whether a word is a list of words of its own; None: all, as they are."""
    is_plain: bool
    """A single word stands for the rule."""


class Lexer:
    """What can stand at a place."""

    def __init__(
        self, terminals: Mapping[str, str], names: Sequence[str], keywords: Mapping[str, Sequence[str]]
    ) -> None:
        pattern = "|".join(f"(?P<{name}>{terminals[name]})" for name in names)
        self.match = re.compile(pattern).match
        self._keywords = {
            name: re.compile("|".join(f"(?P<{word}>{terminals[word]})" for word in words)).fullmatch
            for name, words in keywords.items()
        }

    def kind(self, found: re.Match[str]) -> str:
        """The terminal that was found; a name that is a keyword is that."""
        name = found.lastgroup or ""
        keyword = self._keywords.get(name)
        if keyword is not None and (word := keyword(found[0])):
            return word.lastgroup or name
        return name


class Reader:
    """A grammar with its actions. `tables` are those that `grammar.tables_of` makes."""

    def __init__(self, tables: Mapping[str, Any], actions: object) -> None:
        self._tables = tables
        self._starts: Mapping[str, tuple[int, int]] = tables["starts"]
        self._rows: Sequence[Mapping[str, int]] = tables["rows"]
        self._ignored = frozenset(tables["ignored"])
        self._rules = [
            Rule(origin, _action(actions, name, origin), size, kept, is_plain)
            for origin, name, size, kept, is_plain in tables["rules"]
        ]
        self._lexers: list[Lexer | None] = [None] * len(tables["lexers"])

    def parse(self, text: str, start: str) -> Any:
        """What the actions make of the text. Raises Unexpected."""
        first, last = self._starts[start]
        rows, lexer_of_state, rules, ignored = self._rows, self._tables["lexer_of_state"], self._rules, self._ignored
        states, values = [first], []
        at, end = 0, len(text)
        while True:
            number = lexer_of_state[states[-1]]
            lexer = self._lexers[number] or self._lexer(number)
            kind = END
            while at < end:
                found = lexer.match(text, at)
                if found is None:
                    raise Unexpected(at, self._anything(text, at), self._taken(number))
                behind = found.end()
                kind = lexer.kind(found)
                if kind not in ignored:
                    break
                at, kind = behind, END
            while True:
                row = rows[states[-1]]
                step = row.get(kind)
                if step is None:
                    raise Unexpected(at, kind, frozenset(name for name in row if name.isupper()))
                if step >= 0:
                    token = Token(found[0])  # type: ignore[index]  # no table goes on behind the end
                    token.type, token.start_pos, token.end_pos = kind, at, behind
                    states.append(step)
                    values.append(token)
                    at = behind
                    break
                origin, make, size, kept, is_plain = rules[-1 - step]
                words: list[Any] = []
                if size:
                    words = values[-size:]
                    del values[-size:], states[-size:]
                if kept is not None:
                    shaped: list[Any] = []
                    for place, is_list in kept:
                        if is_list and not shaped:
                            shaped = words[place]  # nobody else's: a long list is not copied at each of its words
                        elif is_list:
                            shaped += words[place]
                        else:
                            shaped.append(words[place])
                    words = shaped
                values.append(words[0] if is_plain and len(words) == 1 else make(words))
                state = rows[states[-1]][origin]
                if state == last and kind == END:
                    return values[-1]
                states.append(state)

    def _lexer(self, number: int) -> Lexer:
        names, keywords = self._tables["lexers"][number]
        made = self._lexers[number] = Lexer(self._tables["terminals"], names, keywords)
        return made

    def _taken(self, number: int) -> frozenset[str]:
        return frozenset(self._tables["lexers"][number][0]) - self._ignored

    def _anything(self, text: str, at: int) -> str | None:
        """The terminal that stands there, whether it fits or not."""
        number = self._tables["any"]
        lexer = self._lexers[number] or self._lexer(number)
        found = lexer.match(text, at)
        return None if found is None else lexer.kind(found)


def _action(actions: object, name: str, origin: str) -> Callable[[list[Any]], Any]:
    """The actions' method of that name. Without one a helper rule gives its words, another one a tree."""
    method = getattr(actions, name, None)
    if method is not None:
        return method  # type: ignore[no-any-return]  # actions take words
    if origin.startswith("_"):
        return lambda words: words
    return lambda words: Tree(name, words)
