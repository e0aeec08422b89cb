"""A token of a message opened as plain data: each member with its meaning, and whether the drawing checked it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypedDict

from seqtest.auth.claims import CLAIMS, HEADER, Meaning
from seqtest.diagram.expectation import Promise
from seqtest.render.grid import clean, cut
from seqtest.render.mask import Masker, shown
from seqtest.render.token import in_words, is_moment, moment, tokens_in
from seqtest.render.wire import Content
from seqtest.scenario import Step
from seqtest.trace import Occurrence
from seqtest.verdict import StepVerdict

MOST = 5
"""Tokens of one message that are opened."""


class Member(TypedDict):
    """`state`: what became of the drawing's check of it, `passed`, `failed` or empty where there is none."""

    name: str
    value: str
    date: str
    meaning: str
    clause: str
    state: str
    drawn: str
    """The line of the drawing that checks it."""


class Opened(TypedDict):
    """`life` is set where the token has a beginning and an end: begin, end and now in seconds since the epoch."""

    field: str
    text: str
    problem: str
    """Why it cannot be opened; empty for a token."""
    header: list[Member]
    claims: list[Member]
    signature: str
    signature_state: str
    life: tuple[float, float, float] | None


def opened_tokens(
    content: Content, occurrence: Occurrence, step: Step | None, became: StepVerdict | None, masker: Masker
) -> list[Opened]:
    """The JWTs in a message, opened; signatures are never shown."""
    found = list(tokens_in(content))[:MOST]
    return [_opened(name, token, occurrence.at, _promise_of(name, step), became, masker) for name, token in found]


def _promise_of(field: str, step: Step | None) -> Promise | None:
    """The promise about the field that the token came in."""
    promises: Sequence[Promise] = step.expectation.promises if step is not None and step.expectation is not None else ()
    for promise in promises:
        if promise.path and str(promise.path[0]).lower() == field.lower() and not promise.is_tampered:
            return promise
    return None


def _opened(
    field: str, token: str, now: float, promise: Promise | None, became: StepVerdict | None, masker: Masker
) -> Opened:
    from seqtest.auth.jwt import TokenError, read

    opened: Opened = {
        "field": clean(field),
        "text": shown(token),
        "problem": "",
        "header": [],
        "claims": [],
        "signature": "",
        "signature_state": "",
        "life": None,
    }
    try:
        read_token = read(token)
    except TokenError as error:
        opened["problem"] = clean(str(error))
        return opened
    lines = _Lines(promise, became, masker)
    opened["header"] = list(_members(read_token.header, HEADER, now, lines))
    opened["claims"] = list(_members(read_token.claims, CLAIMS, now, lines))
    opened["signature"], opened["signature_state"] = lines.signature(str(read_token.header.get("alg", "none")))
    begin, end = read_token.claims.get("iat"), read_token.claims.get("exp")
    if isinstance(begin, int | float) and isinstance(end, int | float) and 0 < begin < end < 1e11:
        opened["life"] = (float(begin), float(end), now)
    return opened


class _Lines:
    """The lines of the drawing that check the token, and what became of them."""

    def __init__(self, promise: Promise | None, became: StepVerdict | None, masker: Masker) -> None:
        self.masker = masker
        self.is_drawn = promise is not None and promise.type_name.startswith("jwt")
        self.children = promise.children if promise is not None else ()
        self.is_judged = became is not None and became.checks > 0
        failures = became.failures if became is not None else ()
        self.broken = {finding.span.line for finding in failures if finding.span is not None}
        self.codes = {finding.code for finding in failures}

    def of(self, name: str) -> tuple[str, str]:
        """State and words of the check of a member."""
        for child in self.children:
            if child.path and child.path[0] == name and child.span is not None and child.place != "signature":
                words = clean(self.masker.source(child.span.text.strip()))
                state = "failed" if child.span.line in self.broken else "passed" if self.is_judged else ""
                return state, cut(words, 200)
        return "", ""

    def signature(self, alg: str) -> tuple[str, str]:
        """What is to be said about the signature, and its state."""
        if any(child.place == "signature" and child.operator == "unchecked" for child in self.children):
            return f"{alg}, unchecked: the drawing says so", ""
        if not self.is_drawn or not self.is_judged:
            return f"{alg}, not looked at here", ""
        if "SQ562" in self.codes:
            return f"{alg}, does not verify", "failed"
        if "SQ470" in self.codes:
            return f"{alg}, there are no keys to verify it with", "failed"
        return f"{alg}, verified", "passed"


def _members(
    members: Mapping[str, Any], meanings: Mapping[str, Meaning], now: float, lines: _Lines
) -> Iterator[Member]:
    for name, value in members.items():
        meaning = meanings.get(name, Meaning("", ""))
        state, drawn = lines.of(name)
        date = f"{moment(value)}, {in_words(name, value, now)}" if is_moment(name, value) else ""
        text = cut(clean(lines.masker.value(name, value)), 500)
        yield {
            "name": clean(name),
            "value": text,
            "date": date,
            "meaning": meaning.words,
            "clause": meaning.clause,
            "state": state,
            "drawn": drawn,
        }
