"""Lints about who sends what to whom, and about requests for authorization."""

import re
from collections.abc import Mapping
from urllib.parse import unquote

from seqtest.auth import base64url
from seqtest.hygiene.exchange import (
    AUTHORIZATION,
    BEARER,
    FIELDS,
    FORM,
    GRANTED,
    UNKNOWN,
    Exchange,
    Fault,
    Faults,
    History,
)
from seqtest.hygiene.rule import exchange_lint


@exchange_lint(
    "SQ727",
    FORM | BEARER,
    why="a refresh token is for its authorization server alone (RFC 6749 section 1.5)",
    do="send the access token",
)
def refresh_to_rs(exchange: Exchange, history: History) -> Faults:
    for value in (exchange.asked.form.get("refresh_token"), exchange.asked.form.get("token"), exchange.asked.bearer):
        issuer = history.refresh_tokens.get(value or "")
        if issuer is not None and issuer != exchange.receiver and not exchange.is_refused:
            yield Fault(f"{exchange.receiver} gets a refresh token that is for {issuer} alone", exchange.at)


@exchange_lint(
    "SQ728",
    BEARER,
    why="an ID token says who logged in, not what may be done (RFC 9068 section 4)",
    do="send the access token",
)
def id_token_to_rs(exchange: Exchange, history: History) -> Faults:
    if exchange.asked.bearer in history.id_tokens and not exchange.is_refused:
        yield Fault(f"an ID token opens {exchange.receiver}: it is for the client alone", exchange.at)


@exchange_lint(
    "SQ729",
    GRANTED,
    why="that of a public client must change with each use, or be bound to a key (RFC 9700 section 2.2.2)",
    do="hand out a new one each time",
)
def refresh_not_rotated(exchange: Exchange, history: History) -> Faults:
    answered, form = exchange.answered, exchange.asked.form
    if answered is None or form.get("grant_type") != "refresh_token" or "access_token" not in answered.fields:
        return
    is_public = not exchange.asked.has_client_authentication and exchange.asked.headers.get("DPoP") is None
    if is_public and answered.fields.get("refresh_token", form.get("refresh_token")) == form.get("refresh_token"):
        yield Fault("a public client keeps its refresh token after using it", exchange.answered_at)


@exchange_lint(
    "SQ730",
    FIELDS,
    why="who asks about tokens must say who it is (RFC 7662 section 2.1)",
    do="authenticate the caller",
)
def introspection_open(exchange: Exchange, history: History) -> Faults:
    answered, asked = exchange.answered, exchange.asked
    is_open = not asked.has_client_authentication and not asked.bearer
    if answered is not None and "active" in answered.fields and "token" in asked.form and is_open:
        yield Fault("anybody may ask about tokens: the caller does not say who it is", exchange.at)


@exchange_lint(
    "SQ731",
    FORM,
    why="name and secret are form-encoded first (RFC 6749 section 2.3.1)",
    do="encode them, as `{basic(client_id, client_secret)}` does",
)
def basic_not_encoded(exchange: Exchange, history: History) -> Faults:
    scheme, _, rest = (exchange.asked.headers.get("Authorization") or "").partition(" ")
    if scheme.lower() != "basic" or "grant_type" not in exchange.asked.form or exchange.is_refused:
        return
    try:
        credentials = base64url.decode(rest.strip().rstrip("=").replace("+", "-").replace("/", "_")).decode()
    except ValueError:
        return
    for part in credentials.partition(":")[::2]:
        if not re.fullmatch(r"[A-Za-z0-9*._+-]*", re.sub(r"%[0-9A-Fa-f]{2}", "", part)):
            yield Fault("HTTP Basic with characters that are not form-encoded", exchange.at, _kinds(unquote(part)))
            return


def _kinds(part: str) -> str:
    return "a character such as " + next(one for one in part if not re.match(r"[A-Za-z0-9*._+-]", one))


def _authorization(exchange: Exchange) -> Mapping[str, str]:
    """The parameters of an authorization request that was not refused, pushed or not."""
    parameters = exchange.asked.parameters
    if "response_type" not in parameters or exchange.is_refused or "request" in parameters:
        return {}
    if exchange.answered is not None and "error" in exchange.answered.location:
        return {}
    return parameters


@exchange_lint(
    "SQ732",
    AUTHORIZATION,
    why="tokens in addresses leak (RFC 9700 section 2.1.2)",
    do="use the code flow with PKCE",
    is_drawn=True,
)
def implicit_used(exchange: Exchange, history: History) -> Faults:
    if "token" in _authorization(exchange).get("response_type", "").split():
        yield Fault("the implicit flow: an access token comes in the address", exchange.at)


@exchange_lint(
    "SQ733",
    AUTHORIZATION,
    why="public clients must use it, others should (RFC 9700 section 2.1.1)",
    do="draw `code_challenge = {S256(new code_verifier)}`",
    is_drawn=True,
)
def pkce_missing(exchange: Exchange, history: History) -> Faults:
    found = _authorization(exchange)
    if "code" in found.get("response_type", "").split() and "code_challenge" not in found:
        yield Fault("a code is asked for without PKCE: no `code_challenge`", exchange.at)


@exchange_lint(
    "SQ734",
    AUTHORIZATION,
    why="RFC 9700 section 2.1.1",
    do="use S256",
    is_drawn=True,
)
def pkce_plain(exchange: Exchange, history: History) -> Faults:
    found = _authorization(exchange)
    if "code_challenge" in found and found.get("code_challenge_method", "plain") not in ("S256", UNKNOWN):
        yield Fault("PKCE with `plain`: who sees the request can use the code", exchange.at)


@exchange_lint(
    "SQ735",
    AUTHORIZATION,
    why="one of them must be there (RFC 9700 section 2.1)",
    do="draw `state = {new state}`",
    is_drawn=True,
)
def csrf_missing(exchange: Exchange, history: History) -> Faults:
    found = _authorization(exchange)
    if found and not {"state", "code_challenge", "nonce"} & set(found):
        yield Fault("nothing ties the answer to this browser: no `state`, PKCE or `nonce`", exchange.at)


@exchange_lint(
    "SQ736",
    AUTHORIZATION,
    why="it ties the ID token to this log-in (OpenID Connect Core section 3.2.2.1, RFC 9700 section 2.1.1)",
    do="draw `nonce = {new nonce}`",
    is_drawn=True,
)
def nonce_missing(exchange: Exchange, history: History) -> Faults:
    found = _authorization(exchange)
    is_openid = "openid" in found.get("scope", "").split()
    comes_in_front = "id_token" in found.get("response_type", "").split()
    if is_openid and "nonce" not in found and (comes_in_front or "code_challenge" not in found):
        yield Fault("an ID token is asked for without a `nonce`", exchange.at)


@exchange_lint(
    "SQ737",
    FORM,
    why="the password grant must not be used (RFC 9700 section 2.4)",
    do="use the code flow",
    is_on=False,
    is_drawn=True,
)
def ropc_used(exchange: Exchange, history: History) -> Faults:
    if exchange.asked.form.get("grant_type") == "password" and not exchange.is_refused:
        yield Fault("the client sees the user's password", exchange.at, "grant_type = password")
