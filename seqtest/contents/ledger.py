"""What a run has shown so far, message by message in the order in which it happened.

It knows what was seen (`unique`, `{new x}`), which equations are open, and which secrets must not turn up where they
are not drawn. Everything is an index: a message costs the same whether it is the tenth or the ten-thousandth.
"""

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Any

from seqtest.contents.context import Context
from seqtest.contents.holder import wire_name
from seqtest.contents.leaves import Leaf
from seqtest.contents.opener import TokenHolder
from seqtest.contents.promised import Promised
from seqtest.contents.report import Notes
from seqtest.contents.scope import Open, Scope
from seqtest.contents.secrets import Secrets
from seqtest.contents.signature import check_signature
from seqtest.contents.text import text_of
from seqtest.contents.tokens import TokenError, token_of
from seqtest.contents.validity import check_validity
from seqtest.contents.view import View
from seqtest.dataclass import dataclass
from seqtest.diagram.expectation import Promise
from seqtest.errors import Finding


def _is_leaf(value: Any) -> bool:
    """Whether it is found among the texts of a message."""
    return isinstance(value, (str, int, float)) and not isinstance(value, bool)


_WORD = re.compile(r"[\w.~+/=-]+")


@dataclass(frozen=True, slots=True)
class Seen:
    """A message as the ledger takes note of it."""

    view: View
    speaker: str
    receiver: str
    is_tested: bool
    """A bound participant sent it."""
    leaves: Sequence[Leaf]
    undrawn: Sequence[Leaf]
    """Those of its texts that no promise draws."""
    drawn: Promised


class Ledger:
    """One run's book. The judge feeds it through `Contents.check`, in order."""

    def __init__(self, context: Context, values: Mapping[str, Any] | None = None) -> None:
        self.context = context
        self.seen: set[str] = set()
        self.secrets = Secrets(context)
        self.verified: dict[tuple[str, str, bool], str | None] = {}
        """(token, participant, whether the key that it brings counts) → why its
        signature does not hold, None when it does."""
        self.brought: set[str] = set()
        """What browsers brought along that was promised to be new."""
        self.tested: set[str] = set()
        """The tokens that a line was about."""
        self.origins: dict[str, str] = {}
        """Token → who sent it first."""
        self._drawn: list[Promised] = []
        self._open: dict[str, list[tuple[Open, Promise]]] = {}
        """Name → the equations that wait for a value of it: an abandoned request leaves its own behind."""
        self._new: list[Any] = []
        """What the message at hand promises to be new, which may stand where no leaf of it is: in what is encrypted."""
        self._structures: set[str] = set()
        """Objects, arrays and truth values that were promised to be new."""
        for value in (values or {}).values():
            self._remember(value)

    # Asked by clauses.

    def is_fresh(self, value: Any, scope: Scope) -> bool:
        """Whether nobody has seen the value before this message."""
        self._new.append(value)
        if text_of(value) in (self.seen if _is_leaf(value) else self._structures):
            return False
        return not any(known == value and type(known) is type(value) for known in scope.bindings.values.values())

    def signature(self, clause: Any, token: TokenHolder, scope: Scope, notes: Notes) -> None:
        """Hold a token's signature against its issuer's keys, and its times against the clock."""
        self.tested.add(token.text)
        check_signature(clause, token, scope, notes, self)
        if token.text not in self.seen:
            check_validity(clause, token, scope, notes)

    def opened(self, equation: Open, promise: Promise) -> None:
        """An equation that must hold once its name is seen."""
        self._open.setdefault(equation.name, []).append((equation, promise))

    @property
    def has_open(self) -> bool:
        """Whether any equation waits for its value."""
        return bool(self._open)

    @property
    def named(self) -> Set[str]:
        """Names that the drawing gave to values with `as`."""
        return frozenset[str]().union(*(one.named for one in self._drawn))

    # Fed by messages.

    def see(self, message: "Seen", notes: Notes, span: Any) -> None:
        """Take note of a message, and of the secrets in it that nobody drew."""
        found = message.leaves
        between = (message.speaker, message.receiver)
        self._drawn.append(message.drawn)
        if message.is_tested:
            self.secrets.look_for(message.undrawn, message.view, between, notes, span)
        self.secrets.read_page(message.view.content, message.receiver)
        self.secrets.learn(found, message.undrawn, message.drawn, between, notes)
        for _, _, text, _ in found:
            if text not in self.seen:
                self._remember_text(text)
            if "eyJ" in text and text.count(".") == 2 and text not in self.origins:
                self._remember_token(text.rsplit(" ", 1)[-1], message.speaker)
        self.remember_new()

    def remember_new(self) -> None:
        """What a message or a state promised to be new is known from now on."""
        for value in self._new:
            if _is_leaf(value):
                self._remember_text(text_of(value))
            else:
                self._structures.add(text_of(value))
        self._new.clear()

    def _remember_text(self, text: str) -> None:
        if text in self.seen:
            return  # and so are the words in it
        self.seen.add(text)
        if not text.isalnum():
            self.seen.update(_WORD.findall(text))

    def _remember(self, value: Any) -> None:
        if isinstance(value, str):
            self._remember_text(value)
        elif isinstance(value, Mapping):
            for held in value.values():
                self._remember(held)
        elif isinstance(value, (list, tuple)):
            for held in value:
                self._remember(held)
        elif value is not None and not isinstance(value, (bool, Open)):
            self.seen.add(str(value))

    def _remember_token(self, text: str, speaker: str) -> None:
        if text in self.origins:
            return
        self.origins[text] = speaker
        try:
            self._remember(token_of(text).claims)
        except TokenError:
            return

    def check_equations(self, learnt: Mapping[str, Any], scope: Scope, notes: Notes, span: Any) -> None:
        """Values that came for names of which only an equation was known."""
        for name, value in learnt.items():
            waiting = self._open.get(name)
            if waiting is None or isinstance(value, Open):
                continue
            left = [one for one in waiting if not one[0].holds_of(value, scope)]
            latest = scope.bindings.values.get(name)
            if len(left) == len(waiting) and not isinstance(latest, Open):
                continue  # a value that was seen before is spoken of again
            notes.checks += 1
            equation = waiting[-1][0]
            if len(left) == len(waiting):
                left.pop()
                notes.fail(
                    "SQ558",
                    f"`{name}` is not the one that `{equation.call.function}` was made of",
                    span,
                    expected=f"{equation.call.function}({name}) = {str(equation.value)[:8]}…",
                    got=f"{str(value)[:8]}…",
                    why="RFC 7636 section 4.6: the verifier must give the challenge"
                    if equation.call.function == "S256"
                    else "",
                )
            if left:
                self._open[name] = left
            else:
                del self._open[name]

    def close(self) -> Iterator[Finding]:
        """What stayed open at the end of the run."""
        for name, promise in (
            (equation.name, promise) for waiting in self._open.values() for equation, promise in waiting
        ):
            yield Finding(
                "SQ559",
                f"`{name}` was never seen, so what it promises was never tested",
                promise.value_span or promise.span,
                "failed",
                "still open at the end",
                do=f"draw `{name} = {{{name}}}` where it is sent; "
                f"in a flow that ends before, `{wire_name(promise.path)} present`",
            )


class Brought:
    """The judge of what somebody passes on, or a browser brings along: others handed it out before."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def is_fresh(self, value: Any, scope: Scope) -> bool:
        """Whether it was not brought before: that it was seen where it comes from is no wonder."""
        brought, text = self._ledger.brought, text_of(value)
        is_new = text not in brought
        brought.add(text)
        return is_new

    def opened(self, equation: Open, promise: Promise) -> None:
        return

    def signature(self, clause: Any, token: TokenHolder, scope: Scope, notes: Notes) -> None:
        """Of a token in a page or a redirect that no line was about, this is where it is handed out."""
        is_first = token.text not in self._ledger.tested
        self._ledger.signature(clause, token, scope, notes)
        if is_first and token.text in self._ledger.seen:
            check_validity(clause, token, scope, notes)
