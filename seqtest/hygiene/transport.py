"""Lints about how messages travel: addresses, fields, cookies, caches."""

import re
from urllib.parse import urlsplit

from seqtest.hygiene.exchange import (
    ADDRESS,
    COOKIES,
    CORS,
    FAILED,
    FIELDS,
    FORM,
    GRANTED,
    PAGE,
    PLAIN,
    Exchange,
    Fault,
    Faults,
    History,
    token,
)
from seqtest.hygiene.rule import exchange_lint
from seqtest.pattern import pattern
from seqtest.user_agent.cookies import Refused, parse

_NEVER_IN_URLS = (
    "access_token",
    "refresh_token",
    "id_token",
    "password",
    "client_secret",
    "code_verifier",
    "device_code",
)


@exchange_lint(
    "SQ701",
    ADDRESS,
    why="addresses end up in histories, logs and `Referer` fields (RFC 9700 section 4.3.2, RFC 6749 section 2.3.1)",
    do="send it in a field or a form",
    is_drawn=True,
)
def token_in_url(exchange: Exchange, history: History) -> Faults:
    found = [] if exchange.is_refused else [name for name in _NEVER_IN_URLS if name in exchange.asked.query]
    for name in found:
        yield Fault(f"`{name}` stands in the address of a request", exchange.at, f"{exchange.asked.path}?{name}=…")
    if exchange.answered is not None:
        for name in _NEVER_IN_URLS:
            if name in exchange.answered.location:
                yield Fault(f"`{name}` stands in the address of a redirect", exchange.answered_at, "Location: …")


@exchange_lint(
    "SQ702",
    PLAIN,
    why="each endpoint needs TLS (RFC 6749 sections 3.1.2.1 and 3.2, RFC 9700 section 2.6)",
    do="draw `url = https://…`",
    is_drawn=True,
)
def http_url(exchange: Exchange, history: History) -> Faults:
    parts = urlsplit(exchange.asked.url)
    if parts.scheme == "http" and not _is_loopback(parts.hostname or ""):
        yield Fault(f"{exchange.receiver} is called without TLS", exchange.at, f"http://{parts.hostname}")


def _is_loopback(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.") or host.endswith(".localhost")


_NOT_STORED = ("access_token", "refresh_token", "id_token", "device_code", "request_uri", "active")


@exchange_lint(
    "SQ703",
    FIELDS | FORM,
    why="a response with a token must have it (RFC 6749 section 5.1), one to a logout token should "
    "(Back-Channel Logout section 2.8)",
    do="answer with `Cache-Control: no-store`",
)
def no_store_missing(exchange: Exchange, history: History) -> Faults:
    answered = exchange.answered
    if answered is None or answered.status >= 300:
        return
    found = [name for name in _NOT_STORED if name in answered.fields]
    if (
        exchange.asked.form.get("logout_token")
        and "no-store" not in (answered.headers.get("Cache-Control") or "").lower()
    ):
        yield Fault("an answer to a logout token may be cached: no `Cache-Control: no-store`", exchange.answered_at)
    if found and "no-store" not in (answered.headers.get("Cache-Control") or "").lower():
        yield Fault(f"a response with `{found[0]}` may be cached: no `Cache-Control: no-store`", exchange.answered_at)


@exchange_lint(
    "SQ704",
    GRANTED,
    why="RFC 6749 section 5.1 asks for it; later documents dropped it",
    do="answer with `Pragma: no-cache`",
    is_on=False,
)
def pragma_missing(exchange: Exchange, history: History) -> Faults:
    answered = exchange.answered
    if (
        answered is not None
        and "access_token" in answered.fields
        and "no-cache" not in (answered.headers.get("Pragma") or "")
    ):
        yield Fault("a token response has no `Pragma: no-cache`", exchange.answered_at)


@exchange_lint(
    "SQ709",
    FAILED,
    why="a 401 must carry a challenge (RFC 9110 section 15.5.2)",
    do="answer with `WWW-Authenticate`",
)
def challenge_missing(exchange: Exchange, history: History) -> Faults:
    answered = exchange.answered
    if answered is None or answered.status != 401 or "html" in (answered.headers.get("Content-Type") or ""):
        return  # a page with a form says itself how to come in
    if answered.headers.get("WWW-Authenticate") is None:
        yield Fault("a 401 does not say how to come in: no `WWW-Authenticate`", exchange.answered_at)


_VERBOSE = pattern(
    rb"Traceback \(most recent call last\)|\bat (?:java|org|com|sun)\.[\w.$]+\(|SQLSTATE|ORA-\d{5}"
    rb"|syntax error at or near|-----BEGIN [A-Z ]*PRIVATE KEY|System\.\w+Exception"
)


@exchange_lint(
    "SQ710",
    FAILED,
    why="what an error shows helps who attacks (CWE-209)",
    do="log it, and answer with a code",
)
def error_verbose(exchange: Exchange, history: History) -> Faults:
    answered = exchange.answered
    if answered is not None and answered.status >= 400 and (found := _VERBOSE.search(answered.body)):
        yield Fault(
            "an error shows the inside of the server", exchange.answered_at, found[0][:24].decode("latin-1") + " …"
        )


_SESSION = pattern(r"sess|sid\b|token|auth|bearer|jwt|login", re.IGNORECASE)


@exchange_lint(
    "SQ706",
    COOKIES,
    why="a cookie that opens a session is a bearer token (RFC 6750 section 5.3)",
    do="set it with `Secure; HttpOnly; SameSite=Lax`",
)
def cookie_flags(exchange: Exchange, history: History) -> Faults:
    answered = exchange.answered
    for text in answered.headers.get_all("Set-Cookie") if answered is not None else ():
        pair, *attributes = (part.strip() for part in text.split(";"))
        name, _, value = pair.partition("=")
        has = {attribute.partition("=")[0].lower(): attribute.partition("=")[2] for attribute in attributes}
        if not value or has.get("max-age") == "0" or not (_SESSION.search(name) or token(value) is not None):
            continue
        missing = [one for one in ("Secure", "HttpOnly", "SameSite") if one.lower() not in has]
        if missing:
            yield Fault(f"the cookie `{name}` lacks {', '.join(missing)}", exchange.answered_at)


@exchange_lint(
    "SQ742",
    COOKIES,
    why="browsers drop such a cookie without a word (RFC 6265bis section 5.7)",
    do="set it as its attributes, its prefix and its address ask for",
)
def cookie_refused(exchange: Exchange, history: History) -> Faults:
    answered = exchange.answered
    for text in answered.headers.get_all("Set-Cookie") if answered is not None else ():
        try:
            parse(text, exchange.asked.url, 0.0)
        except Refused as reason:
            name = text.partition("=")[0].strip()
            yield Fault(f"no browser keeps the cookie `{name}`: {reason}", exchange.answered_at)


@exchange_lint(
    "SQ707",
    CORS,
    why="browsers refuse `*` with cookies, and do not take it for Authorization (Fetch, sections 3.3.3 and 3.3.5)",
    do="name the origin and the fields",
)
def cors_wildcard(exchange: Exchange, history: History) -> Faults:
    answered = exchange.answered
    if answered is None:
        return
    origin = answered.headers.get("Access-Control-Allow-Origin")
    if origin in ("*", "null") and (answered.headers.get("Access-Control-Allow-Credentials") or "").lower() == "true":
        yield Fault("any origin may call with cookies", exchange.answered_at, f"Access-Control-Allow-Origin: {origin}")
    asks = (exchange.asked.headers.get("Access-Control-Request-Headers") or "").lower()
    if answered.headers.get("Access-Control-Allow-Headers") == "*" and "authorization" in asks:
        yield Fault(
            "`*` does not allow the field Authorization", exchange.answered_at, "Access-Control-Allow-Headers: *"
        )


@exchange_lint(
    "SQ708",
    CORS,
    why="browsers go there by redirect, so no script needs to read it (RFC 9700 section 2.6)",
    do="leave CORS to the token endpoint and the metadata",
)
def authz_cors(exchange: Exchange, history: History) -> Faults:
    answered = exchange.answered
    is_authorization = "response_type" in exchange.asked.query
    if is_authorization and answered is not None and answered.headers.get("Access-Control-Allow-Origin") is not None:
        yield Fault("the authorization endpoint answers scripts of other origins", exchange.answered_at)


@exchange_lint(
    "SQ711",
    PAGE,
    why="the address goes to whatever the page loads (RFC 9700 section 4.2.4)",
    do="answer with `Referrer-Policy: no-referrer`",
    is_on=False,
)
def referrer_policy(exchange: Exchange, history: History) -> Faults:
    answered = exchange.answered
    is_page = answered is not None and "html" in (answered.headers.get("Content-Type") or "") and answered.status < 300
    if answered is None or not is_page or answered.headers.get("Referrer-Policy") is not None:
        return
    if "code" in exchange.asked.query or b'type="password"' in answered.body:
        yield Fault("a page with a log-in or a code has no `Referrer-Policy`", exchange.answered_at)


@exchange_lint(
    "SQ712",
    PAGE,
    why="the code stays in the history and goes out as `Referer` (RFC 9700 section 4.2.4)",
    do="redirect to an address without it",
)
def code_left_in_url(exchange: Exchange, history: History) -> Faults:
    answered = exchange.answered
    query = exchange.asked.query
    if answered is None or answered.status >= 300 or "code" not in query or "state" not in query:
        return
    if "html" in (answered.headers.get("Content-Type") or ""):
        yield Fault("a page is shown while the code still stands in its address", exchange.answered_at)
