"""Lints about how messages travel: addresses, fields, cookies, caches."""

import re
from urllib.parse import urlsplit

from seqtest.hygiene.exchange import Exchange, Fault, Faults, History, token
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


def token_in_url(exchange: Exchange, history: History) -> Faults:
    found = [] if exchange.is_refused else [name for name in _NEVER_IN_URLS if name in exchange.asked.query]
    for name in found:
        yield Fault(f"`{name}` stands in the address of a request", exchange.at, f"{exchange.asked.path}?{name}=…")
    if exchange.answered is not None:
        for name in _NEVER_IN_URLS:
            if name in exchange.answered.location:
                yield Fault(f"`{name}` stands in the address of a redirect", exchange.answered_at, "Location: …")


def http_url(exchange: Exchange, history: History) -> Faults:
    parts = urlsplit(exchange.asked.url)
    if parts.scheme == "http" and not _is_loopback(parts.hostname or ""):
        yield Fault(f"{exchange.receiver} is called without TLS", exchange.at, f"http://{parts.hostname}")


def _is_loopback(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.") or host.endswith(".localhost")


_NOT_STORED = ("access_token", "refresh_token", "id_token", "device_code", "request_uri", "active")


def no_store_missing(exchange: Exchange, history: History) -> Faults:
    answered = exchange.answered
    if answered is None or answered.status >= 300 or not answered.fields:
        return
    found = [name for name in _NOT_STORED if name in answered.fields]
    if found and "no-store" not in (answered.headers.get("Cache-Control") or "").lower():
        yield Fault(f"a response with `{found[0]}` may be cached: no `Cache-Control: no-store`", exchange.answered_at)


def pragma_missing(exchange: Exchange, history: History) -> Faults:
    answered = exchange.answered
    if (
        answered is not None
        and "access_token" in answered.fields
        and "no-cache" not in (answered.headers.get("Pragma") or "")
    ):
        yield Fault("a token response has no `Pragma: no-cache`", exchange.answered_at)


def challenge_missing(exchange: Exchange, history: History) -> Faults:
    answered = exchange.answered
    if answered is None or answered.status != 401 or "html" in (answered.headers.get("Content-Type") or ""):
        return  # a page with a form says itself how to come in
    if answered.headers.get("WWW-Authenticate") is None:
        yield Fault("a 401 does not say how to come in: no `WWW-Authenticate`", exchange.answered_at)


_VERBOSE = re.compile(
    rb"Traceback \(most recent call last\)|\bat (?:java|org|com|sun)\.[\w.$]+\(|SQLSTATE|ORA-\d{5}"
    rb"|syntax error at or near|-----BEGIN [A-Z ]*PRIVATE KEY|System\.\w+Exception"
)


def error_verbose(exchange: Exchange, history: History) -> Faults:
    answered = exchange.answered
    if answered is not None and answered.status >= 400 and (found := _VERBOSE.search(answered.body)):
        yield Fault(
            "an error shows the inside of the server", exchange.answered_at, found[0][:24].decode("latin-1") + " …"
        )


_SESSION = re.compile(r"sess|sid\b|token|auth|bearer|jwt|login", re.IGNORECASE)


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


def cookie_refused(exchange: Exchange, history: History) -> Faults:
    answered = exchange.answered
    for text in answered.headers.get_all("Set-Cookie") if answered is not None else ():
        try:
            parse(text, exchange.asked.url, 0.0)
        except Refused as reason:
            name = text.partition("=")[0].strip()
            yield Fault(f"no browser keeps the cookie `{name}`: {reason}", exchange.answered_at)


def cors_wildcard(exchange: Exchange, history: History) -> Faults:
    answered = exchange.answered
    if answered is None:
        return
    origin = answered.headers.get("Access-Control-Allow-Origin")
    if origin == "*" and (answered.headers.get("Access-Control-Allow-Credentials") or "").lower() == "true":
        yield Fault("any origin may call with cookies", exchange.answered_at, "Access-Control-Allow-Origin: *")
    asks = (exchange.asked.headers.get("Access-Control-Request-Headers") or "").lower()
    if answered.headers.get("Access-Control-Allow-Headers") == "*" and "authorization" in asks:
        yield Fault(
            "`*` does not allow the field Authorization", exchange.answered_at, "Access-Control-Allow-Headers: *"
        )


def authz_cors(exchange: Exchange, history: History) -> Faults:
    answered = exchange.answered
    is_authorization = "response_type" in exchange.asked.query
    if is_authorization and answered is not None and answered.headers.get("Access-Control-Allow-Origin") is not None:
        yield Fault("the authorization endpoint answers scripts of other origins", exchange.answered_at)


def referrer_policy(exchange: Exchange, history: History) -> Faults:
    answered = exchange.answered
    is_page = answered is not None and "html" in (answered.headers.get("Content-Type") or "") and answered.status < 300
    if answered is None or not is_page or answered.headers.get("Referrer-Policy") is not None:
        return
    if "code" in exchange.asked.query or b'type="password"' in answered.body:
        yield Fault("a page with a log-in or a code has no `Referrer-Policy`", exchange.answered_at)


def code_left_in_url(exchange: Exchange, history: History) -> Faults:
    answered = exchange.answered
    query = exchange.asked.query
    if answered is None or answered.status >= 300 or "code" not in query or "state" not in query:
        return
    if "html" in (answered.headers.get("Content-Type") or ""):
        yield Fault("a page is shown while the code still stands in its address", exchange.answered_at)
