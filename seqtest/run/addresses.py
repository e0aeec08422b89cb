"""Which address belongs to whom."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from seqtest.contents.settings import default_url
from seqtest.diagram import Participant
from seqtest.errors import Finding, UnplayableScenario

_PORTS = {"http": 80, "https": 443}


class Addresses:
    """The participants' base addresses, to be found by URL."""

    __slots__ = ("_by_host", "urls")

    def __init__(self, urls: Mapping[str, str]) -> None:
        self.urls = urls
        self._by_host: dict[tuple[str, str, int], list[tuple[str, str]]] = {}
        for participant, url in urls.items():
            parts = urlsplit(url)
            place = (parts.scheme, parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0))
            self._by_host.setdefault(place, []).append((parts.path.rstrip("/"), participant))
        for paths in self._by_host.values():
            paths.sort(key=lambda pair: -len(pair[0]))

    def participant(self, url: str) -> str | None:
        """Whose address the URL is: the longest base path wins. None when it is nobody's."""
        parts = urlsplit(url)
        place = (
            parts.scheme.lower(),
            (parts.hostname or "").lower(),
            parts.port or _PORTS.get(parts.scheme.lower(), 0),
        )
        path = parts.path or "/"
        for base, participant in self._by_host.get(place, ()):
            if not base or path == base or path.startswith(base + "/"):
                return participant
        return None

    def host(self, host: str, port: int | None) -> str | None:
        """The participant with an address on that host; on that port when it is known."""
        name = host.lower().rstrip(".")
        for (_, known, known_port), paths in self._by_host.items():
            if known == name and (port is None or port == known_port):
                return paths[0][1]
        return None


def addresses(participants: Iterable[Participant], settings: Mapping[str, Mapping[str, Any]]) -> Addresses:
    """Each participant's `url` setting, or `https://<code>.test`. Raises UnplayableScenario for one address of two."""
    urls: dict[str, str] = {}
    owners: dict[str, Participant] = {}
    for participant in participants:
        drawn = settings.get(participant.id, {}).get("url")
        url = str(drawn).rstrip("/") if drawn else default_url(participant.id)
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname or parts.query or parts.fragment:
            raise UnplayableScenario(
                Finding(
                    "SQ407",
                    f"`{url}` is no base address",
                    participant.span,
                    expected="a scheme, a host and perhaps a port and a path, such as https://auth.example",
                    got=url,
                )
            )
        if url in owners:
            raise UnplayableScenario(
                Finding(
                    "SQ408",
                    f"{owners[url].id} and {participant.id} have the same address",
                    participant.span,
                    got=url,
                    do=f"write another `url` in the settings of {participant.id}",
                )
            )
        owners[url] = participant
        urls[participant.id] = url
    return Addresses(urls)
