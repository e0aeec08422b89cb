"""What a sender can send and what can be tested, arrow by arrow: nothing that looks like a check is passed over."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from difflib import get_close_matches
from http import HTTPMethod, HTTPStatus
from typing import Any

from seqtest.diagram.block import opens
from seqtest.diagram.expectation import (
    ActionLine,
    Call,
    Expectation,
    New,
    Page,
    Promise,
    Reference,
    RequestLine,
    Template,
    expressions,
)
from seqtest.errors import Finding, did_you_mean
from seqtest.pattern import pattern
from seqtest.scenario.drawn import Read
from seqtest.scenario.scenario import Step
from seqtest.scenario.script import Script
from seqtest.source import Span

NEEDS_EXAMPLE = frozenset(("matches", "contains", "lacks", "<", ">", "!="))
"""Comparisons that many values keep."""
Settings = Mapping[str, Mapping[str, Any]]


def check_step(
    step: Step, said: Read, script: Script, participants: Collection[str], settings: Settings
) -> Iterator[Finding]:
    """Promises that cannot be sent by a scripted sender, or tested on a bound one."""
    expectation = said.expectation
    is_scripted = not script.is_bound(step.sender)
    page = _page_of(expectation)
    if page is not None:
        yield from _browses(step, script, page, expectation)
    # What a browser brings along from a page or a redirect is checked, not made.
    is_brought = page is not None or (step.sender in script.user_agents and _is_redirect(expectation))
    if script.is_bound(step.sender) or script.is_bound(step.receiver):
        yield from _hidden_check(step, expectation)
        yield from _method(expectation)
        yield from _fragment(expectation)
    if is_scripted and script.is_bound(step.receiver) and not is_brought:
        yield from _sendable(expectation.promises, expectation)
    checked = {
        id(child)
        for promise in said.promises
        if promise.children and _is_passed_on(promise)
        for child in promise.children
    }
    for promise in said.promises:
        if promise.is_tampered and not is_scripted:
            yield Finding(
                "SQ363",
                f"`but` changes what a scripted sender sends, and `{step.sender}` is bound",
                promise.span,
                do="take `but` off to check the token, or leave the sender to the diagram",
            )
        if promise.operator == "signed by":
            is_made = is_scripted and not is_brought and id(promise) not in checked
            yield from _signer(promise, step, script, participants, settings, is_made)
        if not is_scripted:
            if said.new:
                yield from _lone_equation(promise)
        elif not is_brought and _has_to_be_signed(promise, expectation) and not _has_key(settings.get(step.sender, {})):
            yield _no_key(step.sender, promise.span)
        if promise.operator == "openapi":
            yield Finding(
                "SQ247", "`matches openapi` cannot be tested yet", promise.span, why="it comes in a later version"
            )


_OF_HTTP = tuple(HTTPMethod.__members__)


def _method(expectation: Expectation) -> Iterator[Finding]:
    """Methods of extensions are none of ours; one that is nearly a method of HTTP is a slip."""
    line = expectation.line
    if not isinstance(line, RequestLine) or line.method in _OF_HTTP:
        return
    near = get_close_matches(line.method, _OF_HTTP, n=1, cutoff=0.75)
    if near:
        yield Finding(
            "SQ364",
            f"`{line.method}` is no method of HTTP",
            expectation.span,
            label=f"did you mean `{near[0]}`?",
            why="RFC 9110 section 9: the method is what is asked for",
            do=f"write `{near[0]}`",
        )


def _fragment(expectation: Expectation) -> Iterator[Finding]:
    """What stands behind `#` in a drawn target: nobody sends it, so nobody could look at it."""
    line = expectation.line
    parts = line.target.parts if isinstance(line, RequestLine) else ()
    at = next((number for number, part in enumerate(parts) if isinstance(part, str) and "#" in part), None)
    if at is not None:
        rest = str(parts[at]).partition("#")[2] + "…" * (at + 1 < len(parts))
        yield Finding(
            "SQ364",
            f"`#{rest}` in a target is not sent, so it would not be tested",
            expectation.span,
            why="RFC 9110 section 7.1: a request's target has no fragment",
            do="leave it out (a `#` of the path itself is `%23`); "
            "where a `Location` leads to it, draw it there: `fragment.name = value`",
        )


def _page_of(expectation: Expectation) -> Page | None:
    line = expectation.line
    first = line.target.parts[:1] if isinstance(line, RequestLine) else ()
    return first[0] if first and isinstance(first[0], Page) else None


def _is_redirect(expectation: Expectation) -> bool:
    """`GET {Location}`."""
    line = expectation.line
    return isinstance(line, RequestLine) and line.target == Template((Reference(("Location",)),))


def _browses(step: Step, script: Script, page: Page, expectation: Expectation) -> Iterator[Finding]:
    """`{form}` and `{link}` are a browser's, and a link is followed with GET."""
    if step.sender not in script.user_agents:
        is_bound = script.is_bound(step.sender)
        yield Finding(
            "SQ376",
            f"`{step.sender}` shows no page, so it has no `{{{page.kind}}}`",
            page.span or expectation.span,
            label="only a browser has pages",
            do=f"draw the path that `{step.sender}` has to ask for" if is_bound else
            f"give it the stereotype: `participant {step.sender} <<browser>>`",
        )  # fmt: skip
    elif page.kind == "link" and getattr(expectation.line, "method", "") != "GET":
        yield Finding("SQ376", "a link is followed with GET", expectation.span, do='write `GET {link "…"}`')


def check_nesting(step: Step, script: Script) -> Iterator[Finding]:
    """A bound participant that answers before it is answered itself: it would have to go on without the answer."""
    if step.kind != "response" or not script.is_bound(step.sender) or step.call is None:
        return
    for asked in script.scenario.steps[step.call + 1 : step.index]:
        if (
            asked.kind == "request"
            and asked.sender == step.sender
            and not (asked.is_async or asked.is_lost)
            and asked.lane == step.lane
            and asked.answer is not None
            and asked.answer > step.index
        ):
            yield Finding(
                "SQ303",
                f"`{step.sender}` answers `{step.receiver}` while it still waits for `{asked.receiver}`",
                step.span,
                label="wrong nesting",
                why="who asks waits for the answer, unless the arrow is `->>`",
                do=f"draw the answer of `{asked.receiver}` above this arrow, or ask with `->>` and draw none",
                also=((asked.span, "asked here"),) if asked.span is not None else (),
            )


_METHODS = "|".join(method.value for method in HTTPMethod)
_HIDDEN_REQUEST = pattern(rf"(?:^|(?<=[\s(:,])|(?<=\d[.)]))({_METHODS})\s+(\S+)")
_SPELT_REQUEST = pattern(rf"(?<!\w)({_METHODS})(?:\s+|\s*[:=(]\s*)(/\S*|https?://\S+)")
_MARKUP = pattern(r"<[^<>]*>|\*\*|__|~~|\"\"|(?<!:)//|(?<![\w-])--|--(?![\w-])")
_AROUND = pattern(r"[\"'`\[\]]|&[lg]t;")
_STATUS = pattern(r"(?<![\w.-])([1-5]\d\d)(?![\w-]|\.\d)(?:\s+(\w[\w' -]*))?")
_BEFORE_STATUS = pattern(
    r"(?:^|\b(?:https?|status|code|returns?|responds?|answers?|replies|with|error|response|http/\d(?:\.\d)?))\s*[:=]?\s*$",
    re.I,
)


def _hidden_check(step: Step, expectation: Expectation) -> Iterator[Finding]:
    """An action whose text holds a method and a target, or a status: it looks like a check and would not run."""
    if not isinstance(expectation.line, ActionLine) or not expectation.line.text.parts:
        return
    text = "".join(part if isinstance(part, str) else "{}" for part in expectation.line.text.parts)
    # What answers an action is compared as its value, whatever it says.
    lower = "" if step.kind == "result" else lower_request(text)
    if lower:
        yield lower_method(expectation.span, lower)
        return
    bare, is_value = _MARKUP.sub("", text), step.kind == "result"
    request = None if is_value else _HIDDEN_REQUEST.search(text) or _SPELT_REQUEST.search(_AROUND.sub(" ", bare))
    if request is not None:
        target = request[2] if request[2].startswith(("/", "http", "{")) else f"/{request[2]}"
        if target.endswith(")") and "(" not in target:
            target = target[:-1]
        yield _hidden(expectation, "a request", f"begin the label with it: `{request[1]} {target}`")
        return
    status = None if is_value else _hidden_status(text) or _hidden_status(bare)
    if status is not None:
        yield _hidden(expectation, "a status", f"begin the label with it: `{status}`")
        return
    if "{" in text.replace("{}", ""):
        yield Finding(
            "SQ364",
            "the braces in this action hold no value",
            expectation.span,
            label="`{name}` would be one",
            why="what looks like a check and is none would never be tested",
            do="write `{name}` with a name that is known, or put the fields into a note",
        )


_LOWER_REQUEST = pattern(r"\s*([A-Za-z]+)\s+((?:/|https?://|\{\}).*)", re.DOTALL)


def lower_request(text: str) -> str:
    """The request that an action would be with its method in capitals; empty for any other action."""
    match = _LOWER_REQUEST.match(text)
    if match is None or match[1].isupper() or match[1].upper() not in _OF_HTTP:
        return ""
    return f"{match[1].upper()} {match[2].rstrip()}"


def lower_method(span: Span | None, request: str) -> Finding:
    """The error for `get /jwks`."""
    return Finding(
        "SQ364",
        "this is no request: methods are written in capitals",
        span,
        label="read as an action",
        why="RFC 9110 section 9.1: a method's name is case-sensitive",
        do=f"write `{request}`",
    )


def _hidden_status(text: str) -> str | None:
    """A number that is meant as a status: its reason phrase follows, or a word that announces one stands before it."""
    for match in _STATUS.finditer(text):
        try:
            phrase = HTTPStatus(int(match[1])).phrase.lower()
        except ValueError:
            continue
        if (match[2] or "").lower().startswith(phrase) or _BEFORE_STATUS.search(text[: match.start()]):
            return match[1]
    return None


def _hidden(expectation: Expectation, what: str, do: str) -> Finding:
    return Finding(
        "SQ364",
        f"this action's text holds {what}, which would not be tested",
        expectation.span,
        why="a label is a request or a response when it begins like one; anything else is an action",
        do=do,
    )


def _lone_equation(promise: Promise) -> Iterator[Finding]:
    """`{S256(new x)}` of a bound sender has to be the whole value: where it ends in a longer text cannot be known."""
    for value in promise.values:
        if isinstance(value, Template) and len(value.parts) > 1:
            for part in value.parts:
                if isinstance(part, Call) and any(isinstance(held, New) for held in expressions(part)):
                    yield Finding(
                        "SQ361",
                        "what is new inside a function has to stand alone",
                        promise.value_span or promise.span,
                        do="draw it as a field of its own: below a `Location:` its query fields are lines",
                    )


def _sendable(promises: Sequence[Promise], expectation: Expectation) -> Iterator[Finding]:
    drawn = {
        (promise.place, promise.path)
        for promise in promises
        if promise.operator in ("=", "in", "<=", ">=", "starts with", "type", "present", "unique")
        or promise.example is not None
    }
    for promise in promises:
        if promise.operator in NEEDS_EXAMPLE and promise.example is None and (promise.place, promise.path) not in drawn:
            yield Finding(
                "SQ365",
                f"a scripted sender cannot choose a value for `{promise.operator}`",
                promise.span,
                label="many values keep this",
                do=f"write one behind it: `{_line_of(promise)} e.g. value`",
            )
        elif _is_bare_jwe(promise):
            yield Finding(
                "SQ365",
                "a scripted sender cannot make up an encrypted token",
                promise.span,
                do="draw its claims below it, or write one behind it: `e.g. value`",
            )
        elif promise.operator in ("schema", "openapi"):
            yield Finding(
                "SQ365",
                "a scripted sender sends what is drawn, and a schema is no value",
                promise.span,
                do="draw the fields",
            )
        if promise.children and not promise.is_tampered and not _is_passed_on(promise):
            yield from _sendable(promise.children, expectation)


def _is_passed_on(promise: Promise) -> bool:
    """`Authorization: Bearer {access_token}`: the token is there already, and the lines below it are checks."""
    return promise.operator == "=" and not promise.is_tampered and opens(promise) == "token"


def _is_bare_jwe(promise: Promise) -> bool:
    is_jwe = promise.operator == "type" and promise.type_name == "jwe"
    return is_jwe and not promise.children and promise.example is None


def _line_of(promise: Promise) -> str:
    span = promise.span
    return span.text[span.column - 1 : span.end_column - 1] if span is not None else promise.operator


def _signer(
    promise: Promise, step: Step, script: Script, participants: Collection[str], settings: Settings, is_scripted: bool
) -> Iterator[Finding]:
    value = promise.values[0]
    signer = getattr(value, "text", "")
    if signer in participants:
        if is_scripted and not script.is_bound(signer) and not _has_key(settings.get(signer, {})):
            yield _no_key(signer, promise.value_span or promise.span)
    elif not is_scripted:
        yield Finding(
            "SQ367",
            f"`{signer}` is no participant, so it has no keys to verify with",
            promise.value_span or promise.span,
            label=did_you_mean(signer, tuple(participants)),
            do="a stranger's signature can only be made by a scripted sender",
        )
    elif near := get_close_matches(signer, tuple(participants), n=1, cutoff=0.75):
        yield Finding(
            "SQ367",
            f"`{signer}` is no participant, but nearly one",
            promise.value_span or promise.span,
            label=f"did you mean `{near[0]}`?",
            why="a stranger would sign the token, and a refusal of it would prove nothing else",
            do="write the participant's code, or for a stranger a name that is like nobody's",
        )


def _no_key(signer: str, span: Span | None) -> Finding:
    return Finding(
        "SQ367",
        f"`{signer}` has no private key to sign with",
        span,
        do=f"draw `key = ES256` in the settings of `{signer}`",
    )


def _has_to_be_signed(promise: Promise, expectation: Expectation) -> bool:
    """Whether a token has to be made, and by the sender's own key."""
    if promise.operator != "type" or promise.type_name != "jwt" or promise.example is not None:
        return False
    if any(
        one.operator == "=" and (one.place, one.path) == (promise.place, promise.path) for one in expectation.walk()
    ):
        return False
    return not any(
        child.place == "signature" or (child.place == "jose" and child.path == ("alg",) and _is_none(child))
        for child in promise.children
    )


def _is_none(promise: Promise) -> bool:
    return bool(promise.values) and getattr(promise.values[0], "text", "") == "none"


def _has_key(own: Mapping[str, Any]) -> bool:
    return any(path == "key" or path.startswith(("key.", "keys.")) for path in own)
