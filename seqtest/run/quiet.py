"""Background traffic: requests that a `quiet` setting allows any number of times undrawn."""

import json
from fnmatch import fnmatchcase
from urllib.parse import urlsplit

from seqtest.contents.context import Context
from seqtest.diagram.expectation import RequestLine
from seqtest.exchange import Headers, Message, Request, Response
from seqtest.scenario import Script

_JSON = Headers((("Content-Type", "application/json"),))


def is_quiet(script: Script, context: Context, receiver: str, message: Message) -> bool:
    """Whether the receiver's `quiet` setting names the request and no arrow draws it: once drawn, it is exact."""
    if not isinstance(message, Request):
        return False
    patterns = _patterns(context, receiver)
    if not patterns:
        return False
    path = _path(context, receiver, message.url)
    if not any(method == message.method and fnmatchcase(path, pattern) for method, pattern in patterns):
        return False
    return not any(
        step.kind == "request" and step.receiver == receiver and _draws(step.expectation, message.method, path)
        for step in script.scenario.steps
    )


def quiet_answer(context: Context, receiver: str, message: Message) -> Response | None:
    """A scripted participant's own answer: its keys (RFC 7517) or its metadata (RFC 8414); None for the rest."""
    if not isinstance(message, Request) or message.method not in ("GET", "HEAD"):
        return None
    path = _path(context, receiver, message.url)
    if path.startswith("/.well-known/") and not path.endswith(("jwks.json", "/jwks")):
        body = _metadata(context, receiver)
    elif context.keys.public(receiver):
        body = {"keys": _public(context, receiver)}
    else:
        return None
    return Response(200, _JSON, json.dumps(body).encode())


def _metadata(context: Context, receiver: str) -> dict[str, object]:
    settings = context.settings.get(receiver, {})
    url = context.urls[receiver]
    keys = next((path for _, path in _patterns(context, receiver) if "jwks" in path), "/jwks")
    drawn = {name.removeprefix("metadata."): value for name, value in settings.items() if name.startswith("metadata.")}
    return {
        "issuer": settings.get("issuer", url),
        "authorization_endpoint": f"{url}/auth",
        "token_endpoint": f"{url}/token",
        "jwks_uri": url + keys,
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": sorted(
            {str(key.get("alg", "RS256")) for key in _public(context, receiver)}
        ),
        **drawn,
    }


def _public(context: Context, receiver: str) -> list[dict[str, object]]:
    # A shared secret verifies as well, and must not leave the process.
    return [key for key in context.keys.public(receiver) if key.get("kty") != "oct"]


def _patterns(context: Context, receiver: str) -> list[tuple[str, str]]:
    text = str(context.settings.get(receiver, {}).get("quiet", ""))
    pairs = [part.split(None, 1) for part in text.split(",") if part.strip()]
    return [(pair[0], pair[1].strip()) for pair in pairs if len(pair) == 2]


def _path(context: Context, receiver: str, url: str) -> str:
    path = urlsplit(url).path or "/"
    base = urlsplit(context.urls.get(receiver, "")).path.rstrip("/")
    return path.removeprefix(base) if base else path


def _draws(expectation: object, method: str, path: str) -> bool:
    line = getattr(expectation, "line", None)
    if not isinstance(line, RequestLine) or line.method != method:
        return False
    target = "".join(part if isinstance(part, str) else "*" for part in line.target.parts).partition("?")[0]
    if "://" in target:
        target = urlsplit(target).path
    # `GET {Location}` may go anywhere: it draws no path.
    return target != "*" and fnmatchcase(path, target)
