"""A participant that runs elsewhere: a server behind a base URL.

Only what passes us is seen: requests to it and its answers. What it does besides, whom it asks and how its clock goes
stays its own.
"""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import ClassVar
from urllib.parse import urlsplit

from seqtest.actors.actor import Actor, Part
from seqtest.dataclass import dataclass
from seqtest.exchange import Request, Response
from seqtest.intercepts.speaker import by_ourselves


class Unreachable(ConnectionError):
    """No response could be had. The text says why, without a word of what was sent."""


@dataclass(frozen=True, slots=True)
class Live:
    """Bind a participant to a running server: `return seqtest.Live("https://127.0.0.1:8443", ca="certificate.pem")`."""

    url: str
    """Its base URL: takes the place of the `url` in its settings."""
    ca: str | None = None
    """A file of certificates (PEM) that are trusted in the place of the system's."""
    timeout_seconds: float = 10.0
    """How long an answer may take, from the request to the last byte."""
    is_verified: bool = True
    """Whether its certificate must be good. Without that, anybody may answer in its place."""

    def __call__(self, part: Part) -> "Remote":
        return Remote(part, self)


class Remote(Actor):
    """Carries each request to the server and its answer back."""

    is_elsewhere: ClassVar[bool] = True

    def __init__(self, part: Part, live: Live) -> None:
        super().__init__(part)
        self.live = live

    def handle(self, request: Request) -> Response:
        """The server's answer. Raises Unreachable when there is none."""
        from seqtest.transports.http import NoResponse, call

        live = self.live
        try:
            with by_ourselves():
                return call(request, ca=live.ca, is_verified=live.is_verified, timeout_seconds=live.timeout_seconds)
        except NoResponse as problem:
            raise Unreachable(str(problem)) from None


def is_base_url(text: object) -> bool:
    """Whether a binding is meant as a base URL."""
    return isinstance(text, str) and "://" in text


def slip_in(url: str) -> str:
    """Why the text is no base URL that can be called, in words that do not repeat its secrets; empty when it is one."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as problem:
        return f"no base URL: {problem}"
    if parts.scheme not in ("http", "https"):
        return f"the scheme `{parts.scheme}` is neither http nor https"
    if not parts.hostname:
        return "no host in it"
    if "@" in parts.netloc:
        return "a name or password in it: draw the credentials at their arrow"
    if parts.query or parts.fragment:
        return "a query or fragment in it: a base URL is a scheme, a host and perhaps a port and a path"
    return ""


def is_allowed(url: str, hosts: Sequence[str]) -> bool:
    """Whether the URL's host may be called: this machine's loopback, or one of `hosts` (patterns, `*.example`)."""
    host = (urlsplit(url).hostname or "").rstrip(".")
    return _is_loopback(host) or any(fnmatchcase(host, pattern.lower()) for pattern in hosts)


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):  # RFC 6761 section 6.3
        return True
    from ipaddress import ip_address

    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
