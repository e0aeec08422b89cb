"""Addresses of a drawing that give way to those of sockets, wherever settings name them."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

Settings = Mapping[str, Mapping[str, Any]]


def origins(drawn: Mapping[str, str], settings: Settings, real: Mapping[str, str]) -> dict[str, str]:
    """Origin as drawn → as served: of the `url` and of the `issuer` of each participant that has a socket.

    `drawn` are all participants' addresses before anybody was served, `real` those on sockets. An origin that several
    share is nobody's.
    """
    owners: dict[str, set[str]] = {}
    for participant, url in drawn.items():
        for text in (url, str(settings.get(participant, {}).get("issuer") or "")):
            origin = _origin(text)
            if origin:
                owners.setdefault(origin, set()).add(participant)
    found = {}
    for origin, (owner, *others) in ((origin, sorted(names)) for origin, names in owners.items()):
        if not others and owner in real:
            found[origin] = _origin(real[owner])
    return found


def rebased(value: Any, moved: Mapping[str, str]) -> Any:
    """The value of a setting with the origins of its addresses moved; what only holds one somewhere stays."""
    if isinstance(value, str):
        origin = _origin(value)
        return moved[origin] + value[len(origin) :] if origin in moved else value
    if isinstance(value, Mapping):
        return {name: rebased(one, moved) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [rebased(one, moved) for one in value]
    return value


def _origin(text: str) -> str:
    """The scheme and the authority of an address as written; empty for what is none."""
    if not text.startswith(("http://", "https://")):
        return ""
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
