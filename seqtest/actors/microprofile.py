"""MicroProfile JWT's configuration (2.1, "Mapping MP-JWT Tokens" and "Configuration") as settings of a resource server.

`mp.jwt.…` may be drawn as it stands in `microprofile-config.properties`, or be read from that file.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from seqtest.actors.actor import Part
from seqtest.actors.files import NoFile, text_of
from seqtest.actors.settings import BadSettings, BadValue, Setting, anything, json_web_keys, text
from seqtest.auth import base64url
from seqtest.auth.keys import BadKey, pem_jwk
from seqtest.errors import Finding, did_you_mean

PREFIX = "mp.jwt."
KEY = "mp-jwt"
"""The `kid` of the key that `mp.jwt.decrypt.key.location` names."""

Translated = dict[str, Any]


def _same(path: str) -> Callable[[Part, str], Translated]:
    return lambda part, value: {path: value}


def _seconds(path: str) -> Callable[[Part, str], Translated]:
    def read(part: Part, value: str) -> Translated:
        if not (value.isascii() and value.isdigit()):
            raise BadValue("a number of seconds")
        return {path: f"{value} seconds"}

    return read


def _one_of(path: str, *allowed: str) -> Callable[[Part, str], Translated]:
    def read(part: Part, value: str) -> Translated:
        if value not in allowed:
            raise BadValue(" or ".join(allowed))
        return {path: value}

    return read


def _audiences(part: Part, value: str) -> Translated:
    return {"audience": " ".join(word.strip() for word in value.split(","))}


def _public_key(part: Part, value: str) -> Translated:
    """PEM, a JWK, a JWK Set, or one of the latter as base64url."""
    return {"jwks": _public_keys(value)}


def _public_keys(value: str) -> list[dict[str, Any]]:
    written = value.strip()
    try:
        if written.startswith("-----BEGIN"):
            return [pem_jwk(written)]
        if not written.startswith(("{", "[")):
            written = base64url.decode(written.rstrip("=")).decode()
        found = json_web_keys(json.loads(written))
    except (ValueError, BadKey, BadValue):
        raise BadValue("a public key: PEM, a JWK or a JWK Set") from None
    if any(jwk.get("kty") == "oct" for jwk in found):
        raise BadValue("a public key, not a shared secret")
    return found


def _public_key_at(part: Part, value: str) -> Translated:
    if value.startswith(("http://", "https://")):
        return {"jwks_uri": value}
    return {"jwks": _public_keys(_at(part, value))}


def _decryption_key_at(part: Part, value: str) -> Translated:
    pem = _at(part, value)
    # Without `mp.jwt.decrypt.key.algorithm` both are taken.
    return {
        f"keys.{KEY}": "RSA-OAEP-256",
        f"keys.{KEY}.pem": pem,
        f"keys.{KEY}-1": "RSA-OAEP",
        f"keys.{KEY}-1.pem": pem,
    }


def _at(part: Part, value: str) -> str:
    try:
        return text_of(part, re.sub(r"^(classpath:|file:(//)?)", "", value).lstrip("/"))
    except NoFile as problem:
        raise BadValue(f"the place of a key; {problem}") from None


PROPERTIES: Mapping[str, tuple[str, Callable[[Part, str], Translated]]] = {
    "verify.issuer": ("`issuer`", _same("issuer")),
    "verify.audiences": ("`audience`, separated by commas", _audiences),
    "verify.publickey": ("`jwks`: a public key as PEM, JWK or JWK Set", _public_key),
    "verify.publickey.location": ("`jwks_uri` for an address; or a file with a public key", _public_key_at),
    "verify.publickey.algorithm": ("`algorithms`. Default: `RS256`", _one_of("algorithms", "RS256", "ES256")),
    "verify.token.age": ("`token_age`, in seconds", _seconds("token_age")),
    "verify.clock.skew": ("`leeway`, in seconds", _seconds("leeway")),
    "token.header": ("`token_header`", _one_of("token_header", "Authorization", "Cookie")),
    "token.cookie": ("`token_cookie`", _same("token_cookie")),
    "decrypt.key.location": ("a file with the private key (PEM) of `keys.*`", _decryption_key_at),
    "decrypt.key.algorithm": ("which of the two algorithms that key is for", lambda part, value: {}),
}
"""Property without its prefix → what it says here, and how."""

ROWS = (
    Setting("config", text, "A `microprofile-config.properties` beside the diagram or below the current folder."),
    *(
        Setting(f"{PREFIX}{name}", anything, f"MicroProfile's name for {words}.")
        for name, (words, _) in PROPERTIES.items()
    ),
)


def translated(part: Part) -> Mapping[str, Any]:
    """The settings with MicroProfile's names replaced by ours; the same where none is drawn. Raises BadSettings."""
    drawn = part.settings
    if "config" not in drawn and not any(path.startswith(PREFIX) for path in drawn):
        return drawn
    origin: dict[str, str] = {}
    found: dict[str, Any] = {path: value for path, value in drawn.items() if not path.startswith(PREFIX)}
    for path, value in _properties(part).items():
        more = _read(part, path, value)
        for name, held in more.items():
            if name in found:
                raise _bad(part, path, f"`{name}` once: {origin.get(name, 'it is drawn by that name')} says it, too")
            found[name] = held
            origin[name] = f"`{path}`"
    chosen = _properties(part).get(f"{PREFIX}decrypt.key.algorithm")
    if chosen is not None:
        _choose(part, found, str(chosen))
    found.setdefault("algorithms", "RS256")
    found.setdefault("profile", "microprofile")
    return found


def _choose(part: Part, found: dict[str, Any], algorithm: str) -> None:
    if algorithm not in ("RSA-OAEP", "RSA-OAEP-256"):
        raise _bad(part, f"{PREFIX}decrypt.key.algorithm", "RSA-OAEP or RSA-OAEP-256")
    for kid in (KEY, f"{KEY}-1"):
        if found.get(f"keys.{kid}") != algorithm:
            found.pop(f"keys.{kid}", None)
            found.pop(f"keys.{kid}.pem", None)


def _read(part: Part, path: str, value: Any) -> Translated:
    try:
        _, read = PROPERTIES[path.removeprefix(PREFIX)]
        return read(part, text(value) if not isinstance(value, Mapping | list) else json.dumps(value))
    except KeyError:
        known = [f"{PREFIX}{name}" for name in PROPERTIES]
        hint = did_you_mean(path, known)
        raise _bad(part, path, f"another name: there is no such property. {hint}".strip()) from None
    except BadValue as wanted:
        raise _bad(part, path, str(wanted)) from None


def _properties(part: Part) -> dict[str, Any]:
    """Of the file, and over them the drawn ones."""
    found: dict[str, Any] = {}
    if "config" in part.settings:
        try:
            found = {
                path: value
                for path, value in parsed(text_of(part, str(part.settings["config"]))).items()
                if path.startswith(PREFIX)
            }
        except NoFile as problem:
            raise _bad(part, "config", f"a file of properties; {problem}") from None
    return found | {path: value for path, value in part.settings.items() if path.startswith(PREFIX)}


def parsed(source: str) -> dict[str, str]:
    """The properties of a file in Java's form: `name = value`, `#` begins a comment, `\\` at the end goes on."""
    found: dict[str, str] = {}
    for line in re.sub(r"\\\r?\n[ \t]*", "", source).splitlines():
        match = re.fullmatch(r"\s*((?:\\.|[^\s=:#!\\])(?:\\.|[^\s=:\\])*)\s*[=:\s]\s*(.*)", line)
        if match:
            name, value = (_unescaped(piece) for piece in match.groups())
            found[name] = value.strip()
    return found


def _unescaped(piece: str) -> str:
    escapes = {"n": "\n", "t": "\t", "r": "\r"}
    return re.sub(r"\\(.)", lambda found: escapes.get(found[1], found[1]), piece)


def _bad(part: Part, path: str, wanted: str) -> BadSettings:
    finding = Finding("SQ381", f"`{path}` of `{part.participant}` cannot have this value", expected=wanted)
    return BadSettings({path: finding})
