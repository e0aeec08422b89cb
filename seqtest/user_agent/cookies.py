"""A browser's cookies: what it keeps of `Set-Cookie`, and what it sends where (RFC 6265bis, "rfc6265bis" below).

Nothing here asks the time or keeps state: a jar is a value, and each answer makes the next one.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import UTC, datetime
from typing import Literal
from urllib.parse import urlsplit

from seqtest.dataclass import dataclass
from seqtest.exchange import NOTHING
from seqtest.pattern import pattern
from seqtest.user_agent.site import host_of, is_address, is_public_suffix, is_trustworthy

SameSite = Literal["Strict", "Lax", "None", "Default"]
MOST_BYTES = 4096
"""Of a cookie's name and value together (section 5.6)."""
MOST_BYTES_OF_AN_ATTRIBUTE = 1024
LONGEST_SECONDS = 400 * 24 * 3600
"""The upper limit of a cookie's life (section 5.5)."""


@dataclass(frozen=True, slots=True)
class Cookie:
    """One cookie as it is kept."""

    name: str
    value: str = field(repr=False)
    domain: str
    path: str
    is_host_only: bool
    """Set without `Domain`: it goes to this very host only."""
    is_secure: bool
    is_http_only: bool
    same_site: SameSite
    expires: float | None
    """Seconds since the epoch; None for a cookie that lives as long as the browser."""

    @property
    def key(self) -> tuple[str, str, bool, str]:
        """What a later cookie must share to replace this one."""
        return self.name, self.domain, self.is_host_only, self.path

    def is_for(self, url: str) -> bool:
        """Whether host, path and scheme are its own."""
        host, path = host_of(url), urlsplit(url).path or "/"
        is_there = host == self.domain if self.is_host_only else domain_match(host, self.domain)
        return is_there and path_match(path, self.path) and (not self.is_secure or is_trustworthy(url))

    def goes(self, is_same_site: bool, is_safe_navigation: bool) -> bool:
        """Whether `SameSite` lets it go along (section 5.8.3). What says nothing is `Lax`."""
        if is_same_site or self.same_site == "None":
            return True
        return self.same_site in ("Lax", "Default") and is_safe_navigation


class Refused(Exception):
    """A cookie that a browser does not keep; the message says why."""


@dataclass(frozen=True, slots=True)
class CookieJar:
    """All cookies of one browser, the oldest first."""

    cookies: tuple[Cookie, ...] = ()
    refused: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    """Name → why the latest cookie of that name was not kept."""

    def receive(self, fields: Iterable[str], url: str, now: float, *, is_foreign: bool = False) -> "CookieJar":
        """The jar after an answer from `url` with these `Set-Cookie` fields.

        `is_foreign`: another site's script asked, so that a cookie with `SameSite` is not kept (section 5.7).
        """
        jar = self
        for text in fields:
            name = text.partition("=")[0].strip()
            try:
                jar = jar._with(parse(text, url, now), url, now, is_foreign)
            except Refused as reason:
                jar = CookieJar(jar.cookies, {**jar.refused, name: str(reason)})
        return jar

    def _with(self, cookie: Cookie, url: str, now: float, is_foreign: bool) -> "CookieJar":
        if is_foreign and cookie.same_site != "None":
            raise Refused("a request of another site set it, and it is not `SameSite=None`")
        if not cookie.is_secure and not is_trustworthy(url) and self._has_secure(cookie):
            raise Refused("a cookie of that name came over HTTPS, and plain HTTP may not replace it")
        refused = {name: reason for name, reason in self.refused.items() if name != cookie.name}
        is_over = cookie.expires is not None and cookie.expires <= now
        kept = [held for held in self.cookies if held.key != cookie.key or not is_over]
        if not is_over:
            at = next((index for index, held in enumerate(kept) if held.key == cookie.key), None)
            # Section 5.7 step 23: it takes the place in time of the one that it replaces.
            kept[len(kept) if at is None else at : len(kept) if at is None else at + 1] = [cookie]
        return CookieJar(tuple(kept), refused)

    def _has_secure(self, cookie: Cookie) -> bool:
        return any(
            held.is_secure
            and held.name == cookie.name
            and (domain_match(held.domain, cookie.domain) or domain_match(cookie.domain, held.domain))
            and path_match(cookie.path, held.path)
            for held in self.cookies
        )

    def send(
        self, url: str, now: float, *, is_same_site: bool = True, is_safe_navigation: bool = True
    ) -> list[tuple[str, str]]:
        """Names and values that go to `url`: longer paths first, then older ones (section 5.8.3)."""
        going = [
            cookie
            for cookie in self.cookies
            if (cookie.expires is None or cookie.expires > now)
            and cookie.is_for(url)
            and cookie.goes(is_same_site, is_safe_navigation)
        ]
        going.sort(key=lambda cookie: -len(cookie.path))
        return [(cookie.name, cookie.value) for cookie in going]

    def why_not(self, name: str, url: str, now: float) -> str:
        """Why no cookie of that name goes to `url`."""
        held = next((cookie for cookie in self.cookies if cookie.name == name), None)
        if held is None:
            return self.refused.get(name, "it was never set")
        if held.expires is not None and held.expires <= now:
            return "it has expired"
        if not held.is_for(url):
            where = held.domain if held.is_host_only else f"{held.domain} and names below it"
            return f"it is for {where}, path {held.path}" + (", over HTTPS" if held.is_secure else "")
        return f"it is `SameSite={held.same_site}`, and another site sends the browser here".replace(
            "SameSite=Default", "SameSite=Lax"
        )


def parse(text: str, url: str, now: float) -> Cookie:
    """A `Set-Cookie` field that came from `url` (sections 5.6 and 5.7). Raises Refused."""
    if _CONTROL.search(text):
        raise Refused("it holds a control character")
    pair, *others = text.split(";")
    name, equal, value = pair.partition("=")
    if not equal:
        name, value = "", pair
    name, value = name.strip(" \t"), value.strip(" \t")
    if not name and not value:
        raise Refused("it has neither a name nor a value")
    if len(name.encode()) + len(value.encode()) > MOST_BYTES:
        raise Refused(f"name and value are longer than {MOST_BYTES} bytes")
    attributes = _attributes(others)
    host, domain, is_host_only = host_of(url), attributes.get("domain", "").removeprefix(".").lower(), True
    if domain and is_public_suffix(domain):
        if domain != host:
            raise Refused(f"`Domain={domain}` would reach everybody below that name")
        domain = ""
    if domain:
        if not domain_match(host, domain):
            raise Refused(f"`Domain={domain}` is not around {host}")
        host, is_host_only = domain, False
    path = attributes.get("path", "")
    cookie = Cookie(
        name,
        value,
        host,
        path if path.startswith("/") else default_path(url),
        is_host_only,
        "secure" in attributes,
        "httponly" in attributes,
        _same_site(attributes.get("samesite", "")),
        _expires(attributes, now),
    )
    _check_promises(cookie, url, attributes)
    return cookie


def _attributes(pieces: Iterable[str]) -> dict[str, str]:
    """By name in lower case; of several the last one counts, and one that is too long does not."""
    found: dict[str, str] = {}
    for piece in pieces:
        name, _, value = piece.partition("=")
        if len(value.strip(" \t").encode()) <= MOST_BYTES_OF_AN_ATTRIBUTE:
            found[name.strip(" \t").lower()] = value.strip(" \t")
    return found


def _check_promises(cookie: Cookie, url: str, attributes: Mapping[str, str]) -> None:
    """What a cookie's attributes and the prefix of its name promise (sections 4.1.3 and 5.7)."""
    if cookie.is_secure and not is_trustworthy(url):
        raise Refused("it is `Secure`, and came over plain HTTP")
    if cookie.same_site == "None" and not cookie.is_secure:
        raise Refused("`SameSite=None` needs `Secure`")
    prefix = (cookie.name or cookie.value).lower()
    if not cookie.name and prefix.startswith(("__secure-", "__host-", "__http-", "__host-http-")):
        raise Refused("it has no name, and its value reads like a name with a prefix")
    if prefix.startswith(("__secure-", "__host-", "__http-")) and not cookie.is_secure:
        raise Refused(f"the prefix of `{cookie.name}` needs `Secure`")
    if prefix.startswith(("__http-", "__host-http-")) and not cookie.is_http_only:
        raise Refused(f"the prefix of `{cookie.name}` needs `HttpOnly`")
    if prefix.startswith("__host-") and not (cookie.is_host_only and attributes.get("path") == "/"):
        raise Refused(f"the prefix of `{cookie.name}` needs `Path=/` and no `Domain`")


def _same_site(text: str) -> SameSite:
    known: dict[str, SameSite] = {"strict": "Strict", "lax": "Lax", "none": "None"}
    return known.get(text.lower(), "Default")


def _expires(attributes: Mapping[str, str], now: float) -> float | None:
    """`Max-Age` comes before `Expires`; what cannot be read is as if it were not there."""
    seconds = attributes.get("max-age", "")
    if _AGE.fullmatch(seconds):
        age = int(seconds[:12])
        return now + min(age, LONGEST_SECONDS) if age > 0 else float("-inf")
    moment = cookie_date(attributes.get("expires", ""))
    return None if moment is None else min(moment, now + LONGEST_SECONDS)


def cookie_date(text: str) -> float | None:
    """Section 5.1.1: a date in any of the spellings that servers use; None when it is none. Seconds since the epoch."""
    found: dict[str, tuple[int, ...]] = {}
    for token in _DELIMITER.split(text):
        for part, shape in _DATE_PARTS.items():
            match = shape.match(token)
            if match is not None and part not in found:
                month = "janfebmaraprmayjunjulaugsepoctnovdec".find(token[:3].lower()) // 3 + 1
                found[part] = (month,) if part == "month" else tuple(map(int, match.groups()))
                break
    if len(found) < len(_DATE_PARTS):
        return None
    (day,), (month,), (year,) = found["day"], found["month"], found["year"]
    if year < 100:
        year += 1900 if year >= 70 else 2000
    try:
        hour, minute, second = found["time"]
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC).timestamp() if year >= 1601 else None
    except (ValueError, OverflowError):
        return None


def domain_match(host: str, domain: str) -> bool:
    """Section 5.1.3: the same, or a name below it."""
    return host == domain or (host.endswith(f".{domain}") and not is_address(host))


def path_match(path: str, cookie_path: str) -> bool:
    """Section 5.1.4: the same, or below it."""
    return path == cookie_path or (
        path.startswith(cookie_path) and (cookie_path.endswith("/") or path[len(cookie_path)] == "/")
    )


def default_path(url: str) -> str:
    """Section 5.1.4: the folder of what was asked for."""
    path = urlsplit(url).path
    return path[: path.rindex("/")] or "/" if path.startswith("/") else "/"


_CONTROL = pattern(r"[\x00-\x08\x0a-\x1f\x7f]")
_AGE = pattern(r"-?\d+", re.ASCII)
_DELIMITER = pattern(r"[\x09\x20-\x2f\x3b-\x40\x5b-\x60\x7b-\x7e]+")
_DATE_PARTS = {
    "time": pattern(r"(\d{1,2}):(\d{1,2}):(\d{1,2})(?!\d)", re.ASCII),
    "day": pattern(r"(\d{1,2})(?!\d)", re.ASCII),
    "month": pattern(r"jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec", re.IGNORECASE),
    "year": pattern(r"(\d{2,4})(?!\d)", re.ASCII),
}
"""In the order in which a token is held against them; each is found once."""
