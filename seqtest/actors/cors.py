"""An API that scripts of other origins may call (the Fetch standard, "HTTP extensions"), and its defence of cookies."""

import hmac
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from seqtest.actors.allowances import Allowed
from seqtest.actors.settings import Setting, Settings, boolean, one_of, seconds, words
from seqtest.actors.web import json_response
from seqtest.errors import Finding, UnplayableScenario

if TYPE_CHECKING:
    from werkzeug.wrappers import Request as WebRequest
    from werkzeug.wrappers import Response as WebResponse

ROWS = (
    Setting(
        "cors.origins",
        words,
        "The origins whose scripts may call it, such as `https://shop.example`, each as it is; `*`: any, without "
        "cookies. Default: none but its own.",
    ),
    Setting("cors.credentials", boolean, "Whether cookies may come with such calls.", "false"),
    Setting("cors.methods", words, "The methods that a preflight allows.", "GET HEAD POST PUT PATCH DELETE"),
    Setting(
        "cors.headers",
        words,
        "The request's fields that a preflight allows.",
        "Authorization Content-Type DPoP X-CSRF-Token",
    ),
    Setting("cors.expose", words, "The response's fields that scripts may read.", "WWW-Authenticate DPoP-Nonce"),
    Setting("cors.max_age", seconds, "How long a browser keeps the answer to a preflight.", "10 minutes"),
    Setting(
        "csrf",
        one_of("origin", "double_submit"),
        "What a request by cookie must show before it changes anything. `origin`: an `Origin` that is its own or one "
        "of `cors.origins`. `double_submit`: the cookie `csrf_token` again in the field `X-CSRF-Token`.",
        "origin",
    ),
)

_SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
"""RFC 9110 section 9.2.1."""
_PREFLIGHT_VARY = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"


class Cors:
    """What the settings say about other origins."""

    def __init__(self, settings: Settings, url: str, allows: Allowed, participant: str) -> None:
        """Raises UnplayableScenario for settings that no browser would follow."""
        self._settings = settings
        self._origins = frozenset(settings["cors.origins"] or ())
        self._own = origin_of(url)
        self._allows = allows
        if "*" in self._origins and settings["cors.credentials"]:
            raise UnplayableScenario(_wildcard(participant))
        slips = sorted(one for one in self._origins if one not in ("*", "null") and origin_of(one) != one)
        if slips:
            raise UnplayableScenario(_no_origin(participant, slips[0]))

    @property
    def is_on(self) -> bool:
        return bool(self._origins) or self._is_reflecting

    def preflight(self, request: "WebRequest") -> "WebResponse | None":
        """The answer to a preflight, which carries no token and needs none; None for any other request."""
        wanted = request.headers.get("Access-Control-Request-Method")
        origin = request.headers.get("Origin")
        if not self.is_on or request.method != "OPTIONS" or wanted is None or origin is None:
            return None
        asked = {name.strip().lower() for name in request.headers.get("Access-Control-Request-Headers", "").split(",")}
        methods, headers = self._settings["cors.methods"], self._settings["cors.headers"]
        is_good = self._is_allowed(origin) and wanted in methods and asked - {""} <= {name.lower() for name in headers}
        if not is_good:
            return json_response({"error": "cors"}, 403, {"Vary": _PREFLIGHT_VARY})
        answer = json_response(None, 204, self._fields(origin))
        answer.headers["Vary"] = _PREFLIGHT_VARY
        answer.headers["Access-Control-Allow-Methods"] = ", ".join(methods)
        answer.headers["Access-Control-Allow-Headers"] = ", ".join(headers)
        answer.headers["Access-Control-Max-Age"] = str(self._settings["cors.max_age"])
        return answer

    def dress(self, request: "WebRequest", answer: "WebResponse") -> None:
        """Let the origin's script see the answer, a refusal too; caches learn that it depends on the origin."""
        if not self.is_on:
            return
        if not self._is_open:
            answer.vary.add("Origin")
        origin = request.headers.get("Origin")
        if origin is None or not self._is_allowed(origin):
            return
        for name, value in self._fields(origin).items():
            answer.headers[name] = value
        exposed = [name for name in self._settings["cors.expose"] if name in answer.headers]
        if exposed:
            answer.headers["Access-Control-Expose-Headers"] = ", ".join(exposed)

    def is_forged(self, request: "WebRequest") -> bool:
        """Whether a request with a cookie may be one that another site had the browser send (RFC 6750 section 5.3)."""
        if request.method in _SAFE or "csrf_cookie" in self._allows:
            return False
        if self._settings["csrf"] == "double_submit":
            cookie, field = request.cookies.get("csrf_token", ""), request.headers.get("X-CSRF-Token", "")
            return not cookie or not hmac.compare_digest(cookie.encode(), field.encode())
        origin = request.headers.get("Origin")
        return origin is None or not (origin == self._own or self._is_allowed(origin))

    @property
    def _is_open(self) -> bool:
        return "*" in self._origins

    def _is_allowed(self, origin: str) -> bool:
        return self._is_open or origin in self._origins or self._is_reflecting

    @property
    def _is_reflecting(self) -> bool:
        return "cors_origin" in self._allows

    def _fields(self, origin: str) -> dict[str, str]:
        # Exactly the origin, and `*` only where no cookie may come along.
        found = {"Access-Control-Allow-Origin": "*" if self._is_open else origin}
        if self._settings["cors.credentials"] or self._is_reflecting:
            found["Access-Control-Allow-Credentials"] = "true"
        return found


def origin_of(url: str) -> str:
    """The origin of a URL as `Origin` names it (RFC 6454 section 6.2): scheme, host, a port that is not the usual."""
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        return ""
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    return f"{parts.scheme}://{parts.hostname or ''}" + (f":{port}" if port not in (None, usual) else "")


def _wildcard(participant: str) -> Finding:
    return Finding(
        "SQ393",
        f"`{participant}` lets any origin call it with cookies",
        expected="the origins by name: `cors.origins = https://shop.example`",
        got="`cors.origins = *` with `cors.credentials = true`",
        why="browsers refuse `Access-Control-Allow-Origin: *` where cookies come along (Fetch, section 3.3.5)",
        do="name the origins, or leave the cookies out",
    )


def _no_origin(participant: str, got: str) -> Finding:
    return Finding(
        "SQ394",
        f"`{got}` in `cors.origins` of `{participant}` is no origin",
        expected="a scheme, a host and perhaps a port, in small letters: https://shop.example",
        got=got,
        why="an `Origin` field has no path and no slash at its end, so this would never fit (RFC 6454 section 6.2)",
    )
