"""Origins and sites, as browsers tell them apart (RFC 6265bis section 5.2, HTML's "schemelessly same site")."""

from functools import lru_cache
from ipaddress import ip_address
from typing import Any
from urllib.parse import urljoin, urlsplit

RESERVED = frozenset(("test", "example", "invalid", "localhost", "local"))
"""Top-level names that nobody can register (RFC 2606, RFC 6762): each name below one is a site of its own."""
_PORTS = {"http": 80, "https": 443}


INVALID = "about:invalid"
"""Where a browser is led by what is no URL: nowhere."""


def joined(base: str, text: str) -> str:
    """The address that a redirect, a link or a form names, relative to where it stands."""
    try:
        url = urljoin(base, text)
        urlsplit(url).port  # noqa: B018  # its number is read here: what has none that can be is no URL either
    except ValueError:
        return INVALID
    return url


def host_of(url: str) -> str:
    """The host in lower case; empty when there is none."""
    return (urlsplit(url).hostname or "").rstrip(".")


def origin_of(url: str) -> str:
    """Scheme, host and port as the header `Origin` has them (RFC 6454 section 6.1)."""
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if parts.hostname and ":" in parts.hostname else parts.hostname or ""
    port = "" if parts.port in (None, _PORTS.get(parts.scheme)) else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"


def is_address(host: str) -> bool:
    """Whether the host is an IP address, which has no domain around it."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def is_trustworthy(url: str) -> bool:
    """Whether cookies that are `Secure` go there: HTTPS, and this very machine (Secure Contexts section 3.1)."""
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    if parts.scheme == "https" or host == "localhost" or host.endswith(".localhost"):
        return True
    return is_address(host) and ip_address(host).is_loopback


def is_public_suffix(host: str) -> bool:
    """Whether anybody may register names below it, as below `com` or `co.uk`."""
    if is_address(host):
        return False
    labels = host.split(".")
    if labels[-1] in RESERVED:
        return len(labels) == 1
    return bool(_suffixes().is_public(host))


def site_of(url: str) -> str:
    """Scheme and registrable domain: `https://shop.example` of `https://www.shop.example/cart`."""
    host = host_of(url)
    labels = host.split(".")
    if is_address(host) or len(labels) == 1:
        domain = host
    elif labels[-1] in RESERVED:
        domain = ".".join(labels[-2:])
    else:
        domain = _suffixes().privatesuffix(host) or host
    return f"{urlsplit(url).scheme}://{domain}"


@lru_cache(maxsize=1)
def _suffixes() -> Any:
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList()
