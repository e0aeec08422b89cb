"""Lints about what a flow leaves open: to other sites, to other servers, to whoever finds a token, and for how long."""

import re
from typing import TYPE_CHECKING

from seqtest.hygiene.exchange import (
    ADDRESS,
    BEARER,
    COOKIE,
    COOKIES,
    FORM,
    GRANTED,
    UNKNOWN,
    Asked,
    Exchange,
    Fault,
    Faults,
    History,
    token,
)
from seqtest.hygiene.rule import exchange_lint
from seqtest.pattern import pattern

if TYPE_CHECKING:
    from seqtest.hygiene.drawing import Drawing


@exchange_lint(
    "SQ743",
    ADDRESS,
    why="one server's code can be passed off as another's, which then redeems it (RFC 9700 section 2.1, RFC 9207)",
    do="send `iss` with each answer and compare it, or register an address of its own for each server",
)
def iss_missing(exchange: Exchange, history: History) -> Faults:
    location = exchange.answered.location if exchange.answered is not None else {}
    if exchange.answered is None or "code" not in location:
        return
    address = (exchange.answered.headers.get("Location") or "").partition("?")[0].partition("#")[0]
    senders = history.returns.setdefault(address, {})
    senders[exchange.receiver] = not {"iss", "id_token", "response"}.isdisjoint(location)
    if len(senders) > 1 and not all(senders.values()):
        both = " and ".join(sorted(senders))
        yield Fault(f"codes of {both} come to one address, and nothing says whose they are", exchange.answered_at)


def _is_native(address: str) -> bool:
    """Whether a redirect address is that of an application on its user's own device (RFC 8252 section 7)."""
    scheme, _, rest = address.partition(":")
    if scheme in ("http", "https"):
        return scheme == "http" and re.match(r"//(?:127\.0\.0\.1|\[::1\])(?:/|$)", rest) is not None
    return re.fullmatch(r"[a-z][a-z0-9+.-]*", scheme) is not None and rest != ""


def _secrets_told(drawing: "Drawing") -> Faults:
    secrets: dict[tuple[str, str], str] = {}
    addresses = {
        (one.who, one.path.rpartition(".")[0])
        for one in drawing.settings
        if one.path.endswith((".redirect_uri", ".redirect_uris")) and any(map(_is_native, one.value.split()))
    }
    for one in drawing.settings:
        client, _, last = one.path.rpartition(".")
        if last != "secret" or not client.startswith("clients.") or UNKNOWN in one.value:
            continue
        name = client.removeprefix("clients.")
        first = secrets.setdefault((one.who, one.value), name)
        if first != name:
            yield Fault(f"the clients {first} and {name} have one secret", one.span, who=(one.who,))
        if (one.who, client) in addresses:
            yield Fault(f"the client {name} is on its user's device, and has a secret", one.span, who=(one.who,))


@exchange_lint(
    "SQ744",
    FORM,
    why="what is on everybody's device is no secret, and one of two clients is none (RFC 8252 section 8.5)",
    do="leave the secret out and use PKCE, or register each installation",
    is_drawn=True,
    drawing=_secrets_told,
)
def public_client_secret(exchange: Exchange, history: History) -> Faults:
    asked = exchange.asked
    has_secret = "client_secret" in asked.form or ("grant_type" in asked.form and asked.is_basic)
    if not has_secret or exchange.is_refused:
        return
    if _is_native(asked.form.get("redirect_uri", "")):
        yield Fault(f"{exchange.sender} is on its user's device, and sends a client's secret", exchange.at)
    elif asked.headers.get("Origin") is not None or asked.headers.get("Sec-Fetch-Mode") is not None:
        yield Fault(f"{exchange.sender} is a browser, and sends a client's secret", exchange.at)


_REVOCATION = pattern(r"\brevo(?:ke|ked|kes|cation)\b|_list\b|\b(?:deny|block|black)[ _-]?list", re.IGNORECASE)


def _endless(drawing: "Drawing") -> Faults:
    for one in drawing.settings:
        is_endless = one.path == "refresh_token.lifetime" and one.value in ("none", "0", "never")
        if is_endless and not drawing.says(_REVOCATION):
            yield Fault("refresh tokens are good for ever, and nothing revokes them", one.span, who=(one.who,))


@exchange_lint(
    "SQ745",
    GRANTED,
    why="a stolen one opens all that it ever did (RFC 9700 section 4.14.2)",
    do="let it expire when it is not used, or draw how it is revoked",
    drawing=_endless,
)
def refresh_no_end(exchange: Exchange, history: History) -> Faults:
    fields = exchange.answered.fields if exchange.answered is not None else {}
    if "refresh_token" not in fields:
        return
    read = token(fields["refresh_token"])
    told = [fields[name] for name in ("refresh_expires_in", "refresh_token_expires_in") if name in fields]
    is_endless = ("exp" not in read.claims if read is not None else False) or 0 in told
    if is_endless and not history.says(_REVOCATION):
        yield Fault("a refresh token is good for ever, and nothing revokes it", exchange.answered_at)


_DEFENCE = pattern(r"csrf|xsrf|\bSameSite\b|same_site|\bOrigin\b|Sec-Fetch|X-Requested-With", re.IGNORECASE)
_SAFE = ("GET", "HEAD", "OPTIONS")


def _cookies_taken(drawing: "Drawing") -> Faults:
    for one in drawing.settings:
        if one.path.endswith(".fromCookies") and not drawing.says(_DEFENCE):
            yield Fault(
                f"{one.who} takes tokens from cookies, whoever made the browser send them", one.span, who=(one.who,)
            )


@exchange_lint(
    "SQ746",
    COOKIE | COOKIES,
    why="a browser sends cookies along with whatever another site has it ask for (RFC 6750 section 5.3)",
    do="draw what keeps other sites out: `SameSite`, a token against CSRF, or a look at `Origin`",
    drawing=_cookies_taken,
)
def csrf_cookie_token(exchange: Exchange, history: History) -> Faults:
    asked, answered = exchange.asked, exchange.answered
    for text in answered.headers.get_all("Set-Cookie") if answered is not None else ():
        name, _, attributes = text.partition("=")
        found = re.search(r";\s*SameSite\s*=\s*(\w+)", attributes, re.IGNORECASE)
        history.cookies[name.strip()] = found[1].lower() if found else ""
    if asked.method in _SAFE or answered is None or exchange.is_refused or asked.headers.get("Authorization"):
        return
    if any(_DEFENCE.search(name) for name, _ in asked.headers if name != "Cookie") or _names_csrf(asked):
        return
    for pair in (asked.headers.get("Cookie") or "").split(";"):
        name, _, value = pair.strip().partition("=")
        is_open = history.cookies.get(name, "") not in ("lax", "strict")
        if is_open and (token(value) is not None or value in history.access_tokens) and not history.says(_DEFENCE):
            yield Fault(
                f"{exchange.receiver} acts on the token in the cookie `{name}`, whoever asked for it", exchange.at
            )


def _names_csrf(asked: Asked) -> bool:
    return any(re.search("csrf|xsrf", name, re.IGNORECASE) for name in asked.parameters)


_OPENID = frozenset({"openid", "profile", "email", "address", "phone", "offline_access"})


def _excess(history: History) -> Faults:
    needed: set[str] = set()
    telling = set()
    for who, settings in history.settings.items():
        words = [str(value) for path, value in settings.items() if path == "scope" or path.startswith("scopes.")]
        if words and any(who in places for places in history.calls.values()):
            telling.add(who)
        if "trusts" in settings or "introspection" in settings or who in telling:
            needed.update(word for value in words for word in value.split())
    for text, places in history.calls.items():
        excess = [word for word in history.scopes.get(text, "").split() if word not in needed | _OPENID]
        if excess and telling.issuperset(places):
            last = next(reversed(places))
            yield Fault(
                f"{last} gets a token for more than any API asks for: {', '.join(excess)}", places[last], who=(last,)
            )


@exchange_lint(
    "SQ747",
    BEARER | GRANTED,
    why="whoever gets hold of a token can do all that it is for (RFC 9700 section 2.3)",
    do="ask for the scope that the calls need",
    is_on=False,
    afterwards=_excess,
)
def scope_excess(exchange: Exchange, history: History) -> Faults:
    answered = exchange.answered
    if answered is not None and "access_token" in answered.fields:
        text = answered.fields["access_token"]
        read = token(text)
        scope = answered.fields.get("scope") or (read.claims.get("scope") if read is not None else None)
        if isinstance(text, str) and isinstance(scope, str):
            history.scopes[text] = scope
        history.issuers.add(exchange.receiver)
    if exchange.asked.bearer and not exchange.is_refused and exchange.receiver not in history.issuers:
        history.calls.setdefault(exchange.asked.bearer, {})[exchange.receiver] = exchange.at
    yield from ()
