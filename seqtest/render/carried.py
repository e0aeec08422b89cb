"""The secrets that a message carries, found by the names of their fields wherever those stand.

Bodies, queries, headers and words of actions are read as what they look like, one inside the other: JSON in a form, an
address in JSON, a form of a page, a line `name = value` of a log. Read leniently: what is taken for a secret and is
none is hidden, and that is all.
"""

import base64
import binascii
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from html import unescape
from traceback import format_exception_only
from typing import Any
from urllib.parse import parse_qsl, unquote_plus, urlsplit

from seqtest.contents.inputs import inputs
from seqtest.exchange import Action, Answer, Headers, Message, Request, Response, Result
from seqtest.render.secret_names import is_secret_name

PRIVATE_JWK = frozenset(("d", "p", "q", "dp", "dq", "qi", "k"))
"""The private members of a JWK (RFC 7518 section 6); elsewhere these letters mean other things."""
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
        "required",
        "optional",
        "bearer",
        "basic",
        "dpop",
    }
)
DEEPEST = 5
"""So often one text is read inside another."""
Named = frozenset[str]

_ELEMENT = re.compile(
    r"<(?:[\w.-]+:)?([\w.-]+)(?:\s[^<>]*)?>\s*(?:<!\[CDATA\[(.{0,500}?)\]\]>|([^<]*[^<\s]))\s*</", re.DOTALL
)
_BOUNDARY = re.compile(r"\r?\n--")
_PART = re.compile(
    r"""^content-disposition:\s*form-data;[^\r\n]{0,200}?\bname=(?:"([^"\r\n]*)"|([^\s;"]+))[^\r\n]*\r?\n"""
    r"""(?:[^\r\n]+\r?\n){0,20}\r?\n""",
    re.IGNORECASE | re.MULTILINE,
)
_QUOTED = r""""((?:[^"\\\n]|\\.)*)"|'((?:[^'\\\n]|\\.)*)'"""
_BARE = r"""[^\s"'&;,<>(){}\[\]\\"""
"""A character of a value without quotes: what such a class begins with."""
_ASSIGNED = re.compile(
    rf"""(?<![\w.\[\]-])(?:\\?(["'])([\w.\[\]-]{{2,64}})\\?\1|([A-Za-z_][\w.\[\]-]{{1,63}}))"""
    rf"""[ \t]*(?:=(?!=)|:|(?(1),|:))[ \t]*(?:{_QUOTED}|\\"([^"\\]*)\\"|({_BARE}=]++(?:=+(?!{_BARE}]))?)(?!=))"""
)
"""`name=value`, `"name": "value"`, `('name', 'value')`, whatever stands around it."""
_LINE = re.compile(r"^[ \t-]*([A-Za-z_][\w.-]{1,63}):[ \t]+(\S+)[ \t]*$", re.MULTILINE)
"""A line of YAML."""
_FORM = re.compile(r"[\w.%+\[\]-]+=")
_ADDRESS = re.compile(r"[\w.+-]*:?/\S+|\?\S+")
_ADDRESSES = re.compile(r"""(?<![\w/])(?:[A-Za-z][\w.+-]*:)?/[^\s"'<>?#]*[?#][^\s"'<>]+""")
_SCHEME = re.compile(r"\b(?:Bearer|DPoP|Token) +(?![\w-]+=[^=\s])([\w.~+/=-]{9,})")
_WORD = re.compile(r"[A-Za-z]+(?:[_-][A-Za-z]+)*|\d{1,6}")
"""In prose behind `token:` this is a word of it."""
_MAY_BE_A_WORD = re.compile(r"pass|secret", re.IGNORECASE)
_RANDOM = re.compile(r"(?=[\w~.-]*\d)(?=[\w~.-]*[A-Za-z])[\w~.-]{16,}")
_OPAQUE = re.compile(r"(?<![\w~.-])(?=[\w-]*\d)(?=[\w-]*[a-z])(?=[\w-]*[A-Z])[\w-]{32,}(?![\w~.-])")
_STATE = re.compile(r"(?=.*\d)(?=.*[a-z])(?=.*[A-Z])[\w.~+/=-]{16,}")
"""What a page hides in a field: a token against forged forms, a server's own state. An id in hexadecimal is none."""
_SHOWN = ("challenge", "client_id", "nonce", "state", "uri", "url")
"""Ends of names of hidden fields that say what a flow is about."""
_TELLING = re.compile(
    r"token|password|passwd|secret|session|reset|magic|verif|invit|confirm|activat|\bcode", re.IGNORECASE
)
"""The segment of a path before a secret."""
_INHERIT = frozenset({"access", "content", "current", "data", "id", "new", "old", "raw", "refresh", "text", "value"})
"""Members that say no more than the object which they are in: `{"token": {"value": …}}`."""
_ERROR_CODE = re.compile(r"[a-z]{2,}(?:_[a-z]{2,})+|[A-Z]{2,}(?:_[A-Z]{2,})+|[1-5]\d\d")
_SENTENCE = re.compile(r"[A-Z][a-z]*(?:,? [A-Za-z]{1,15}){2,}[.!]")
_OF_WORDS = re.compile(r"pass|pw|phrase|secret", re.IGNORECASE)
"""In the names of what people make up, which may be a sentence."""


def is_error(name: str, value: str) -> bool:
    """What an API says is wrong with a field, and no value of it: `csrf_token = The CSRF token is missing.`

    `code = token_not_valid`, `code = 400`: so APIs name their errors; an authorization code is random (RFC 6749 10.10).
    """
    if name.lower() == "code" and _ERROR_CODE.fullmatch(value) is not None:
        return True
    return _SENTENCE.fullmatch(value.strip('[]"')) is not None and _OF_WORDS.search(name) is None


def is_count(name: str, value: Any) -> bool:
    """`max_tokens = 4096`: how many there are."""
    return isinstance(value, int | float) and name.lower().endswith("s")


def carried(content: Message | Answer | Any, named: Named = frozenset()) -> Iterator[str]:
    """The secrets in a message or an answer; `named` are more names of fields that hold some."""
    match content:
        case Request(_, url, headers, body):
            yield from _in_url(url, named)
            yield from _in_http(headers, body, named)
        case Response(_, headers, body, cause):
            yield from _in_http(headers, body, named)
            yield from _in_error(cause)
        case Action(text, fields):
            yield from in_text(text)
            yield from _OPAQUE.findall(text)
            yield from in_structure(dict(fields), named)
        case Result(value, fields, _, cause):
            yield from in_structure(dict(fields), named)
            yield from in_structure(value, named)
            yield from _in_error(cause)


def _in_error(cause: BaseException | None) -> Iterator[str]:
    """What an application quotes when it fails, of a message perhaps that nobody else has seen."""
    if cause is not None:
        yield from in_text("".join(format_exception_only(cause)))


def password_fields(content: Any) -> Iterator[str]:
    """The names of the fields of a page into which passwords are typed, whatever they are called."""
    if isinstance(content, Response) and b"<" in content.body:
        for field in inputs(content.body.decode("utf-8", "replace")):
            if field.type == "password" and field.name:
                yield field.name


def _in_http(headers: Headers, body: bytes, named: Named) -> Iterator[str]:
    for name, value in headers:
        if is_secret_name(name):
            yield from of_field(name, value)
        elif name.lower() in ("location", "referer", "content-location"):
            yield from _in_url(value, named)
        else:
            yield from in_text(value, named)
    yield from in_text(body.decode("utf-8", "replace"), named)


def in_text(text: str, named: Named = frozenset(), depth: int = 0) -> Iterator[str]:
    """The secrets in a text of any kind."""
    text = text.strip().removeprefix("\ufeff")
    if depth > DEEPEST or len(text) < 5:
        return
    if text[:1] in ("{", "[", '"'):
        try:
            yield from in_structure(json.loads(text), named, depth + 1)
            return
        except (ValueError, RecursionError):
            pass
    if "=" in text and "\n" not in text:
        if _FORM.match(text):
            yield from _in_pairs(text, named, depth)
        elif _ADDRESS.fullmatch(text):
            yield from _in_url(text, named, depth)
    if "<" in text:
        yield from _in_markup(text, named)
    if "form-data" in text[:2000].lower():
        for part in _BOUNDARY.split(text):
            if (head := _PART.search(part)) is not None:
                yield from _of_pairs([(head[1] or head[2], part[head.end() :])], named, depth)
    if "=" in text or ":" in text or "," in text:
        yield from _assigned(text, named)
    if " " in text or "<" in text:
        yield from _SCHEME.findall(text)
        for address in _ADDRESSES.findall(text):
            yield from _in_url(unescape(address), named, depth)


def _assigned(text: str, named: Named) -> Iterator[str]:
    for _, quoted, plain, double, single, escaped, bare in _ASSIGNED.findall(text):
        name, value = quoted or plain, double or single or escaped or bare
        is_word = bool(bare) and (_WORD.fullmatch(bare) is not None or (not quoted and bare.startswith("$")))
        if not value or is_word or not (name in named or is_secret_name(name)):
            continue
        yield from of_field(name, value)
        if "%" in value or "+" in value:
            yield from of_field(name, unquote_plus(value))
        if "&" in value:
            yield from of_field(name, unescape(value))
        if "\\" in value:
            yield from of_field(name, value.replace('\\"', '"').replace("\\\\", "\\"))
    for name, value in _LINE.findall(text):
        if is_secret_name(name) and (_WORD.fullmatch(value) is None or _MAY_BE_A_WORD.search(name)):
            yield from of_field(name, value)


def _in_markup(text: str, named: Named) -> Iterator[str]:
    """What the fields of a page's forms hold, and elements of XML."""
    for name, kind, value in inputs(text):
        is_state = kind == "hidden" and _STATE.fullmatch(value) and not name.lower().endswith(_SHOWN)
        if kind == "password" or is_state or name in named or is_secret_name(name):
            yield from of_field(name, value)
    for name, data, value in _ELEMENT.findall(text):
        if is_secret_name(name):
            yield from of_field(name, unescape(value) or data)


def _in_url(url: str, named: Named, depth: int = 0) -> Iterator[str]:
    try:
        parts = urlsplit(url)
        password = parts.password
    except ValueError:
        return
    if password:
        yield password
        yield unquote_plus(password)
    before = ""
    for segment in parts.path.split("/"):
        if before and _TELLING.search(before) and _RANDOM.fullmatch(segment):
            yield segment
        before = segment
    if ";" in parts.path:
        yield from _assigned(parts.path, named)
    yield from _in_pairs(parts.query, named, depth)
    yield from _in_pairs(parts.fragment, named, depth)


def _in_pairs(text: str, named: Named, depth: int = 0) -> Iterator[str]:
    if text:
        yield from _of_pairs(parse_qsl(text, keep_blank_values=True), named, depth)


def _of_pairs(pairs: Iterable[tuple[str, str]], named: Named, depth: int) -> Iterator[str]:
    for name, value in pairs:
        if name in named or is_secret_name(name):
            yield from of_field(name, value)
        else:
            yield from in_text(value, named, depth + 1)


def in_structure(value: Any, named: Named = frozenset(), depth: int = 0) -> Iterator[str]:
    """The secrets in JSON, by the names of its members; in a list, and in what only says `value`, by those above."""
    stack: list[tuple[str, Any]] = [("", value)]
    while stack:
        name, item = stack.pop()
        is_secret = bool(name) and (name in named or is_secret_name(name))
        if isinstance(item, Mapping):
            above = name if is_secret else ""
            stack.extend(
                (above if above and str(key).lower() in _INHERIT else str(key), at) for key, at in item.items()
            )
            stack.extend(_told_by_name(item))
            if "kty" in item:
                yield from (str(item[key]) for key in PRIVATE_JWK & item.keys())
        elif isinstance(item, list | tuple):
            stack.extend((name, member) for member in item)
            if len(item) == 2 and all(isinstance(one, str) for one in item):
                stack.append((item[0], item[1]))
        elif is_secret and item is not None and not isinstance(item, bool):
            if not is_count(name, item):
                yield from of_field(name, str(item))
        elif isinstance(item, str):
            yield from in_text(item, named, depth)


def _told_by_name(item: Mapping[Any, Any]) -> Iterator[tuple[str, Any]]:
    """`{"name": "password", "value": …}`."""
    name = item.get("name", item.get("key", item.get("field")))
    if isinstance(name, str) and isinstance(item.get("value"), str):
        yield name, item["value"]


def of_field(name: str, value: str) -> Iterator[str]:
    """The secret in a field's value: credentials without their scheme, cookies without their names."""
    lowered = name.lower()
    if lowered in ("cookie", "set-cookie"):
        for piece in value.split(";")[: 1 if lowered == "set-cookie" else None]:
            before, equals, after = piece.strip().partition("=")
            held = after if equals else before
            yield held
            yield held.strip('"')
    elif lowered.endswith("authorization"):
        scheme, blank, credentials = value.strip().partition(" ")
        credentials = credentials.strip()
        yield credentials if blank or scheme.lower() in PUBLIC_WORDS else scheme
        if scheme.lower() == "basic":
            yield from _basic_password(credentials)
        elif scheme.lower() == "digest":
            yield from re.findall(r'\bresponse="([^"]+)"', credentials)
    elif value.lower() not in PUBLIC_WORDS and not is_error(lowered, value):
        yield value


def _basic_password(credentials: str) -> Iterator[str]:
    try:
        decoded = base64.b64decode(credentials, validate=True).decode()
    except (binascii.Error, ValueError):
        return
    password = decoded.partition(":")[2]
    # RFC 6749 section 2.3.1: a client's credentials are form-encoded inside Basic.
    yield from (password, unquote_plus(password))
