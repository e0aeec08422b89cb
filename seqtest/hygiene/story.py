"""Lints about the story that a drawing tells: what follows a log-out, and who believes whom."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from seqtest.hygiene.exchange import Fault, Faults
from seqtest.hygiene.rule import drawing_lint
from seqtest.pattern import pattern

if TYPE_CHECKING:
    from seqtest.diagram.expectation import Promise
    from seqtest.hygiene.drawing import Drawing
    from seqtest.scenario import Scenario, Step


_OPENID = pattern(r"\bid_token\b|\buserinfo\b|\bopenid\b", re.IGNORECASE)
_BY_EMAIL = pattern(
    r"\b(?:find|look\s?up|load|get|fetch|select|search)\b.*"
    r"(?:\b(?:by|with|where|whose)\b.*\be-?mail\b|\{[^}]*\be_?mail\b[^}]*\})",
    re.IGNORECASE,
)
_EMAIL_PARAMETER = pattern(r"[?&]e-?mail=\{[^}]*\be_?mail\b[^}]*\}", re.IGNORECASE)


@drawing_lint(
    "SQ748",
    why="an address changes hands, and not every provider verifies it (OpenID Connect Core section 5.7)",
    do="find the user by `iss` and `sub`",
)
def email_as_key(drawing: "Drawing") -> Faults:
    if not drawing.says(_OPENID):
        return
    for _, step in drawing.steps:
        pattern = {"action": _BY_EMAIL, "request": _EMAIL_PARAMETER}.get(step.kind)
        # A provider may have its own users log in by address.
        if pattern is None or drawing.is_kind(step.sender, "authorization-server", "openid-provider"):
            continue
        if pattern.search(step.text) or (step.kind == "request" and _looks_up_by_email(step)):
            yield Fault(f"{step.sender} finds the user by e-mail address", step.span, who=(step.sender, step.receiver))


def _looks_up_by_email(step: "Step") -> bool:
    is_get = step.text.lstrip().upper().startswith("GET ")
    return is_get and any(
        one.path[-1:] in (("email",), ("e-mail",)) and one.place in ("field", "query") and "email" in _names(one)
        for one in _promises(step)
    )


_IDENTITY = pattern(
    r"x-(?:forwarded-(?:user|email|groups|preferred-username)|auth-request-.+|(?:remote-|authenticated-)?user(?:-?id|-.+)?"
    r"|jwt-payload|consumer-.+|credential-.+|email|groups|roles|sub|userinfo|ms-client-principal.*|amzn-oidc-.+)"
    r"|remote-user|oidc[_-]claim.*|cf-access-authenticated-user-email",
    re.IGNORECASE,
)
_PROTECTED = pattern(r"\bm?TLS\b|\bmutual\b|Client-Cert|certificate|\bstrip|\bsigned by\b|mesh", re.IGNORECASE)


@drawing_lint(
    "SQ749",
    why="whoever reaches the upstream, or is let through, says himself who he is (RFC 9700 section 4.13)",
    do="draw that the gateway drops such a field from outside, or protect the link (mutual TLS, a signed token)",
)
def gateway_header_trust(drawing: "Drawing") -> Faults:
    asked = {step.receiver for _, step in drawing.steps if step.kind == "request"}
    cleaned = {
        (step.receiver, name.lower()) for _, step in drawing.steps if step.kind == "request" for name in _headers(step)
    }
    for scenario, step in drawing.steps:
        if step.kind != "request" or step.sender not in asked or _is_refused(scenario, step):
            continue
        names = [name for name in _headers(step, sent=True) if _IDENTITY.fullmatch(name)]
        if not names or "authorization" in map(str.lower, _headers(step, sent=True)):
            continue
        is_clean = all((step.sender, name.lower()) in cleaned for name in names)
        is_gateway = drawing.is_kind(step.sender, "gateway")
        if not (is_clean or is_gateway or drawing.says(_PROTECTED)):
            yield Fault(
                f"{step.receiver} believes {step.sender} who the user is, by `{names[0]}` alone",
                step.span,
                who=(step.sender, step.receiver),
            )


_LOGOUT = pattern(r"/(?:[\w-]+/)*(?:log-?out|sign-?out|end-?session|session/end)\b", re.IGNORECASE)
_LOGS_OUT = pattern(r"\b(?:logs?|signs?)[ -]?out\b", re.IGNORECASE)
_REVOCATION = pattern(r"\brevo(?:ke|ked|kes|cation)\b|\blogout_token\b|back-?channel[-_ ]?logout", re.IGNORECASE)


@drawing_lint(
    "SQ750",
    why="who has the refresh token goes on (RFC 9700 section 4.14.2, Back-Channel Logout section 2.7)",
    do="revoke the refresh token, or have the provider end it",
)
def logout_without_revocation(drawing: "Drawing") -> Faults:
    if drawing.says(_REVOCATION):
        return
    for scenario in drawing.scenarios:
        issuers = _issuers_of_refresh_tokens(scenario)
        for step in scenario.steps if issuers else ():
            if not _is_logout(step) or _is_refused(scenario, step):
                continue
            # Who issued the token ends it when the log-out reaches it, by itself or by a redirect.
            later = (one for one in scenario.steps[step.index :] if _is_logout(one) or "{Location}" in one.text)
            if issuers.isdisjoint(one.receiver for one in later) and not _shows_it_dead(scenario, step):
                who = (step.sender, step.receiver)
                yield Fault("after a log-out the refresh token is as good as before", step.span, who=who)


def _is_logout(step: "Step") -> bool:
    pattern = {"request": _LOGOUT, "action": _LOGS_OUT}.get(step.kind)
    return pattern is not None and pattern.search(step.text) is not None


def _issuers_of_refresh_tokens(scenario: "Scenario") -> set[str]:
    return {
        step.sender
        for step in scenario.steps
        for one in _promises(step)
        if step.kind == "response" and one.path[-1:] == ("refresh_token",) and one.operator != "absent"
    }


def _shows_it_dead(scenario: "Scenario", logout: "Step") -> bool:
    """Whether a refresh after the log-out is refused."""
    return any(
        step.kind == "request"
        and _is_refused(scenario, step)
        and any(one.path == ("grant_type",) and _value(one) == "refresh_token" for one in _promises(step))
        for step in scenario.steps[logout.index + 1 :]
    )


@drawing_lint(
    "SQ751",
    why="a signed token that is verified without asking anybody is good until it expires, whatever was revoked",
    do="draw 200 until `exp`, have the API ask (introspection), or have it told (a list, back-channel logout)",
)
def replay_window(drawing: "Drawing") -> Faults:
    for scenario in drawing.scenarios:
        ended: Step | None = None
        for step in scenario.steps:
            if step.kind == "delay":
                ended = None
            elif step.kind in ("request", "action") and (_is_logout(step) or _revokes(step)):
                ended = None if _is_refused(scenario, step) else step
            elif ended is not None and _is_refused_bearer(scenario, step) and _is_local(drawing, scenario, step, ended):
                words = f"{step.receiver} asks nobody about its tokens, so this one is good until it expires"
                yield Fault(words, step.span, who=(step.sender, step.receiver))


def _revokes(step: "Step") -> bool:
    return step.kind == "request" and re.search(r"/revo(?:ke|cation)\b", step.text) is not None


def _is_refused_bearer(scenario: "Scenario", step: "Step") -> bool:
    """Whether a token that was drawn before, unchanged, is drawn as dead."""
    return (
        step.kind == "request"
        and _status(scenario, step) == "401"
        and any(
            one.path == ("Authorization",) and not one.is_tampered and one.type_name == "Bearer" and _names(one)
            for one in _promises(step)
        )
    )


def _is_local(drawing: "Drawing", scenario: "Scenario", call: "Step", ended: "Step") -> bool:
    """Whether the API takes JWTs, and nobody tells it anything between the two."""
    api = call.receiver
    between = scenario.steps[ended.index : call.index]
    is_told = any(api in (one.sender, one.receiver) for one in between if not _headers_have_bearer(one))
    until = call.answer if call.answer is not None else call.index
    asks = any(one.sender == api for one in scenario.steps[call.index : until] if one.kind in ("request", "action"))
    told = drawing.by_participant.get(api, {})
    is_jwt = any(
        one.path[-1:] == ("access_token",) and one.type_name == "jwt"
        for step in scenario.steps
        for one in _promises(step)
    )
    return is_jwt and not is_told and not asks and "introspection" not in told and not drawing.says(_LISTS)


_LISTS = pattern(r"introspect|\b(?:deny|block|black)[ _-]?list|revocation[ _]list", re.IGNORECASE)


def _headers_have_bearer(step: "Step") -> bool:
    return step.kind == "response" or "authorization" in map(str.lower, _headers(step))


# Steps


def _promises(step: "Step") -> "tuple[Promise, ...]":
    return step.expectation.promises if step.expectation is not None else ()


def _headers(step: "Step", sent: bool = False) -> Iterator[str]:
    """The names of the header fields that are drawn; `sent`: without those that are absent."""
    for one in _promises(step):
        if one.place == "header" and not (sent and one.operator == "absent"):
            yield str(one.path[0])


def _value(promise: "Promise") -> str:
    from seqtest.hygiene.drawing import value_of

    return value_of(promise)


def _names(promise: "Promise") -> set[str | int]:
    """The last names of what stands in braces: `sub` of `{id_token.sub}`."""
    from seqtest.diagram.expectation import Reference, expressions

    return {
        one.path[-1]
        for value in promise.values
        for one in expressions(value)
        if isinstance(one, Reference) and one.path
    }


def _status(scenario: "Scenario", step: "Step") -> str:
    """The status of the answer as drawn; empty for none, or several."""
    from seqtest.diagram.expectation import StatusLine

    answer = scenario.steps[step.answer] if step.answer is not None else None
    line = answer.expectation.line if answer is not None and answer.expectation is not None else None
    return line.statuses[0] if isinstance(line, StatusLine) and len(line.statuses) == 1 else ""


def _is_refused(scenario: "Scenario", step: "Step") -> bool:
    return _status(scenario, step)[:1] in ("4", "5")
