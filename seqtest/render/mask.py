"""The one place that masks secrets: whatever is rendered passes through a `Masker` before it is laid out.

Two nets, one behind the other: the values that this run used as secrets (collected from its messages, settings and
bindings, in the spellings that a form, a URL, JSON or Basic credentials give them), and shapes that are secrets
wherever they turn up (a JWT, a PEM block, a Bearer or Basic credential).
"""

import base64
import binascii
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from html import escape, unescape
from typing import Any
from urllib.parse import parse_qsl, quote, quote_plus, unquote_plus, urlsplit

from seqtest.diagram.expectation import Plain, Promise, Template
from seqtest.exchange import Action, Headers, Message, Request, Response, Result
from seqtest.scenario import Scenario
from seqtest.trace import Trace
from seqtest.verdict.verdict import Verdict

SECRET_NAMES = frozenset(
    {
        "actor_token",
        "assertion",
        "auth_req_id",
        "authorization",
        "client_assertion",
        "client_secret",
        "code",
        "code_verifier",
        "cookie",
        "device_code",
        "dpop",
        "id_token",
        "id_token_hint",
        "logout_token",
        "otp",
        "passcode",
        "passwd",
        "password",
        "pin",
        "private_key",
        "proxy_authorization",
        "request_uri",
        "samlart",
        "samlresponse",
        "saml_response",
        "secret",
        "session",
        "session_id",
        "set_cookie",
        "signature",
        "signaturevalue",
        "subject_token",
        "token",
        "totp",
        "user_code",
    }
)
PRIVATE_JWK = frozenset(("d", "p", "q", "dp", "dq", "qi", "k"))
"""The private members of a JWK (RFC 7518 section 6); elsewhere these letters mean other things."""
SECRET_ENDINGS = ("password", "_secret", "_token", "_verifier", "_assertion", "private_key", "api_key")
PUBLIC_WORDS = frozenset(
    {
        "jwt",
        "jwe",
        "opaque",
        "string",
        "integer",
        "uuid",
        "url",
        "timestamp",
        "base64url",
        "none",
        "true",
        "false",
        "null",
        "present",
        "absent",
        "bearer",
        "basic",
    }
)
SHORTEST = 4
"""A shorter secret is masked in its own field only: hidden everywhere it would take ordinary words with it."""

_SHAPES = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"
    r"|\beyJ[\w-]{4,}\.[\w-]+(?:\.[\w-]*){1,3}"
    r"|(?<=://)[^\s/:@]*:[^\s/@]+(?=@)"
    r"|(?<=\bBearer )[\w.~+/=-]{9,}|(?<=\bDPoP )[\w.~+/=-]{9,}|(?<=\bBasic )[\w+/=-]{4,}",
    re.DOTALL,
)
_LITERAL = re.compile(
    r"(?i)(\b[\w.-]*(?:password|passwd|secret)\s*=(?!=)\s*)(?!\{|\s)(\S[^\n]*?)(?=\s*$)", re.MULTILINE
)
# Fields of other bodies than JSON and forms: their names, and what they hold.
_INPUT = re.compile(r"<(?:input|button)\b[^<>]*>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""\b(name|value)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_ELEMENT = re.compile(r"<(?:[\w.-]+:)?([\w.-]+)(?:\s[^<>]*)?>\s*([^<]*[^<\s])\s*</")
_PART = re.compile(
    r'^content-disposition:\s*form-data;[^\r\n]*?\bname="([^"\r\n]*)"[^\r\n]*\r?\n(?:[^\r\n]+\r?\n)*\r?\n(.*?)\r?\n--',
    re.IGNORECASE | re.MULTILINE | re.DOTALL,
)
_COOKIE = re.compile(r"(?<==)[^;,\s]+")
_WORDS = re.compile(r"[a-z]{2,}(?:_[a-z]{2,})+|[A-Z]{2,}(?:_[A-Z]{2,})+")
_AS_A_VALUE = r"""(?:(?<=[=:"'])|(?<=[=:] )){}(?!["']?\s*[=:])"""


def is_secret_name(name: str) -> bool:
    """Whether a field, header or setting of that name holds a secret; a dotted path is judged by its last part."""
    last = name.rsplit(".", 1)[-1].lower().replace("-", "_")
    return last in SECRET_NAMES or last.endswith(SECRET_ENDINGS)


def _is_error_code(name: str, value: str) -> bool:
    """`code = token_not_valid`: words, as APIs name their errors; an authorization code is random (RFC 6749 10.10)."""
    return name.lower() == "code" and _WORDS.fullmatch(value) is not None


def shown(secret: str) -> str:
    """What may be seen of a secret: a quarter of it, at most its first eight characters."""
    return f"{secret[: min(8, len(secret) // 4)]}…"


class Masker:
    """Hides the secrets of one run in any text. Mask before cutting or wrapping: a cut secret is no longer found."""

    __slots__ = ("_pattern", "_shown", "secrets")

    def __init__(self, secrets: Iterable[str] = (), shown: Callable[[str], str] = shown) -> None:
        self._shown = shown
        self.secrets = frozenset(secret for secret in secrets if len(secret) >= SHORTEST)
        spellings = {spelling for secret in self.secrets for spelling in _spellings(secret)}
        ordered = sorted(spellings, key=lambda text: (-len(text), text))
        self._pattern = re.compile("|".join(map(_found_by, ordered))) if ordered else None

    def text(self, text: str) -> str:
        """The text with every secret cut down to what may be seen of it."""
        text = _SHAPES.sub(lambda match: self._shown(match[0]), text)
        return self._pattern.sub(lambda match: self._shown(match[0]), text) if self._pattern else text

    def value(self, name: str, value: Any) -> str:
        """The value of a field as text, hidden altogether when the field is one for secrets."""
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
        if not is_secret_name(name) or _is_error_code(name, text):
            return self.text(text)
        scheme, blank, credentials = text.partition(" ")
        if name.lower().endswith("authorization") and blank:
            return f"{scheme} {self.text(self._shown(credentials))}"
        if name.lower() in ("cookie", "set-cookie"):
            return self.text(
                _COOKIE.sub(lambda match: self._shown(match[0]), text, count=0 if name.lower() == "cookie" else 1)
            )
        return self.text(self._shown(text))

    def source(self, text: str) -> str:
        """A note or label as its author wrote it: what `text` hides, and literal passwords and client secrets."""
        return _LITERAL.sub(lambda match: match[1] + self._shown(match[2]), self.text(text))

    def in_words(self) -> "Masker":
        """The same with a word for each secret: for text that is read again, where `{{…` would be markup."""
        return Masker(self.secrets, lambda secret: "hidden")


def masker_of(verdict: Verdict, more: Iterable[str] = ()) -> Masker:
    """A masker that knows every secret of the run, and `more` (values from outside that no message carried)."""
    return Masker({*secrets_of_scenario(verdict.script.scenario), *secrets_of_trace(verdict.trace), *more})


def secrets_of_message(message: Message | Response | Result) -> Iterator[str]:
    """The secrets in one message or answer."""
    yield from _in_content(message)


def secrets_of_trace(trace: Trace) -> Iterator[str]:
    """The secrets in the messages of a run and in what its participants learnt."""
    for occurrence in trace.occurrences:
        if occurrence.content is not None:
            yield from _in_content(occurrence.content)
    if trace.occurrences:
        last = trace.occurrences[-1].bindings
        yield from _in_structure(dict(last.values))
        for values in last.known.values():
            yield from _in_structure(dict(values))


def secrets_of_scenario(scenario: Scenario) -> Iterator[str]:
    """The secrets that are written out in the drawing: in settings, and in contents."""
    for promises in scenario.settings.values():
        yield from _in_promises(promises)
    for step in scenario.steps:
        if step.expectation is not None:
            yield from _in_promises(step.expectation.walk())


def _in_promises(promises: Iterable[Promise]) -> Iterator[str]:
    for promise in promises:
        name = next((part for part in reversed(promise.path) if isinstance(part, str)), "")
        for value in promise.values:
            if isinstance(value, Plain) and isinstance(value.value, (dict, list)):
                yield from _in_structure({name: value.value})
        if promise.operator == "type" or not is_secret_name(name):
            continue
        for value in promise.values:
            literal = ""
            if isinstance(value, Plain):
                literal = value.value if isinstance(value.value, str) else value.text
            if isinstance(value, Template) and len(value.parts) == 1 and isinstance(value.parts[0], str):
                literal = value.parts[0]
            yield from _secret(name, literal)


def _in_content(content: Message | Response | Result | Any) -> Iterator[str]:
    match content:
        case Request(_, url, headers, body):
            yield from _in_url(url)
            yield from _in_http(headers, body)
        case Response(_, headers, body):
            yield from _in_http(headers, body)
        case Action(_, fields):
            yield from _in_structure(dict(fields))
        case Result(value, fields):
            yield from _in_structure(dict(fields))
            yield from _in_structure(value)


def _in_http(headers: Headers, body: bytes) -> Iterator[str]:
    for name, value in headers:
        if is_secret_name(name):
            yield from _secret(name, value)
        elif name.lower() in ("location", "referer", "content-location"):
            yield from _in_url(value)
    text = body.decode("utf-8", "replace").strip()
    if text[:1] in ("{", "["):
        try:
            yield from _in_structure(json.loads(text))
        except (ValueError, RecursionError):
            return
    elif text[:1] == "<":
        yield from _in_markup(text)
    elif text[:2] == "--":
        yield from _of_secret_names(_PART.findall(text))
    elif "=" in text and "\n" not in text:
        yield from _in_pairs(text)


def _in_markup(text: str) -> Iterator[str]:
    """What the fields of a page's forms hold, and elements of XML."""
    for field in _INPUT.findall(text):
        found = {name.lower(): unescape(a or b or c) for name, a, b, c in _ATTRIBUTE.findall(field)}
        yield from _of_secret_names([(found.get("name", ""), found.get("value", ""))])
    yield from _of_secret_names((name, unescape(value)) for name, value in _ELEMENT.findall(text))


def _of_secret_names(pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
    for name, value in pairs:
        if is_secret_name(name):
            yield from _secret(name, value)


def _in_url(url: str) -> Iterator[str]:
    try:
        parts = urlsplit(url)
    except ValueError:
        return
    yield from _in_pairs(parts.query)
    yield from _in_pairs(parts.fragment)


def _in_pairs(text: str) -> Iterator[str]:
    yield from _of_secret_names(parse_qsl(text, keep_blank_values=True))


def _in_structure(value: Any) -> Iterator[str]:
    stack: list[tuple[str, Any]] = [("", value)]
    while stack:
        name, item = stack.pop()
        if isinstance(item, Mapping):
            stack.extend((str(key), member) for key, member in item.items())
            if "kty" in item:
                yield from (str(item[key]) for key in PRIVATE_JWK & item.keys())
        elif isinstance(item, list | tuple):
            stack.extend((name, member) for member in item)
        elif name and item is not None and not isinstance(item, bool) and is_secret_name(name):
            yield from _secret(name, str(item))


def _secret(name: str, value: str) -> Iterator[str]:
    """The secret in a field's value: credentials without their scheme, cookies without their names."""
    lowered = name.lower()
    if lowered in ("cookie", "set-cookie"):
        pieces = value.split(";")[: 1 if lowered == "set-cookie" else None]
        yield from (piece.partition("=")[2].strip() for piece in pieces)
    elif lowered.endswith("authorization"):
        scheme, _, credentials = value.strip().partition(" ")
        yield credentials.strip()
        if scheme.lower() == "basic":
            yield from _basic_password(credentials.strip())
    elif value.lower() not in PUBLIC_WORDS and not _is_error_code(lowered, value):
        yield value


def _found_by(spelling: str) -> str:
    """What finds it. A password that is itself the name of a field (`secret`) is one where it stands as a value only:
    hidden elsewhere, it would take the names of fields with it, and give itself away."""
    pattern = re.escape(spelling)
    return _AS_A_VALUE.format(pattern) if spelling.lower() in SECRET_NAMES else pattern


def _basic_password(credentials: str) -> Iterator[str]:
    try:
        decoded = base64.b64decode(credentials, validate=True).decode()
    except (binascii.Error, ValueError):
        return
    password = decoded.partition(":")[2]
    # RFC 6749 section 2.3.1: a client's credentials are form-encoded inside Basic.
    yield from (password, unquote_plus(password))


def _spellings(secret: str) -> set[str]:
    encoded = base64.b64encode(secret.encode()).decode()
    return {
        secret,
        quote(secret, safe=""),
        quote(secret),
        quote_plus(secret),
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        escape(secret),
        *(
            [encoded, encoded.rstrip("="), encoded.replace("+", "-").replace("/", "_").rstrip("=")]
            if len(secret) > 5
            else ()
        ),
    }
