"""Whose tokens are verified against which keys, and who may sign with what."""

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from seqtest.actors.actor import Actor
from seqtest.actors.application import is_built_in
from seqtest.diagram.expectation import Plain, Promise
from seqtest.errors import Finding, UnplayableScenario
from seqtest.exchange import Request, Response
from seqtest.scenario import Scenario

if TYPE_CHECKING:
    from seqtest.auth.keys import Key

METADATA = ("/.well-known/openid-configuration", "/.well-known/oauth-authorization-server")
"""Where an application says where its keys are (OpenID Connect Discovery 1.0 section 4, RFC 8414 section 3)."""

Fetch = Callable[[str, Request], Response | None]
"""Ask the application that plays a participant, without an arrow."""


def drawn_keys(scenario: Scenario) -> dict[str, dict[str, Any]]:
    """The settings that make keys, before the others are resolved: `clients.svc.jwks = {client.jwks}` asks for them.

    Raises UnplayableScenario for what is no algorithm.
    """
    found: dict[str, dict[str, Any]] = {}
    for participant, promises in scenario.settings.items():
        for promise in promises:
            if not promise.path or promise.path[0] not in ("key", "keys") or not promise.values:
                continue
            value = promise.values[0]
            if isinstance(value, Plain):
                path = ".".join(str(step) for step in promise.path)
                _check_algorithm(path, value.text, promise)
                found.setdefault(participant, {})[path] = value.value
    return found


def _check_algorithm(path: str, name: str, promise: Promise) -> None:
    from seqtest.auth.keyring import is_part_of_a_key
    from seqtest.auth.keys import KEY_ALGORITHMS

    if not is_part_of_a_key(path) and name not in KEY_ALGORITHMS:
        raise UnplayableScenario(
            Finding(
                "SQ414",
                f"`{path}` makes no key: `{name[:8]}` is no algorithm",
                promise.value_span or promise.span,
                expected="one of " + ", ".join(KEY_ALGORITHMS),
                why="`key = ES256` and `keys.k1 = RS256` make keys; `keys.k1.secret = …` says which one it really is",
            )
        )


class RunKeys:
    """The keys of one run's participants: from settings, from who plays them, from where an application shows them."""

    def __init__(
        self,
        settings: Mapping[str, Mapping[str, Any]],
        urls: Mapping[str, str],
        players: Mapping[str, Actor],
        fetch: Fetch,
    ) -> None:
        self._settings = settings
        self._urls = urls
        self._players = players
        self._fetch = fetch
        self._published: dict[str, list[dict[str, Any]]] = {}
        self._places: dict[str, str] = {}
        self._seen: dict[str, list[dict[str, Any]]] = {}
        self._is_over = False
        self.answers: dict[tuple[str, str], Response] = {}
        """Participant and URL → what it showed there, to anybody who asks."""

    def public(self, participant: str) -> list[dict[str, Any]]:
        """JWKs (RFC 7517) that the participant's tokens are verified against, shared secrets too; empty for none.

        After the run those that it ever had: a token of the run stays rightly signed when its key is withdrawn later.
        """
        if self._is_over and participant in self._seen:
            return self._seen[participant]
        settings = self._settings.get(participant, {})
        if "jwks" in settings:
            return _as_keys(settings["jwks"])
        player = self._players.get(participant)
        made = [dict(key.jwk) for key in self._made(participant)]
        if player is None:
            return made
        shown = made or player.public_jwks()
        if shown or is_built_in(player):
            return shown
        if participant not in self._published:
            self._published[participant] = self._ask(participant, settings.get("jwks_uri"))
        return self._published[participant]

    def private(self, participant: str, kid: str | None, alg: str | None) -> Any:
        """A `seqtest.auth.keys.Key` to sign with; None when the participant has none or does not hand it out."""
        player = self._players.get(participant)
        held = player.private_key(kid, alg) if player is not None else None
        if held is not None:
            return held
        for key in self._made(participant):
            if kid in (None, key.kid) and alg in (None, key.alg) and not key.is_for_encryption:
                return key
        return None

    def decryption(self, participant: str) -> "list[Key]":
        """The keys that open what is encrypted to the participant; empty when it has none."""
        player = self._players.get(participant)
        held = player.decryption_keys() if player is not None else []
        return [*held, *(key for key in self._made(participant) if key.is_for_encryption)]

    def remember(self, participant: str) -> None:
        """Note the keys that the participant has now: it may rotate them before the run is over."""
        self._published.pop(participant, None)
        seen = self._seen.setdefault(participant, [])
        seen += [key for key in self.public(participant) if key not in seen]

    def close(self) -> None:
        """The run is over: from now on all keys count that were noted."""
        self._is_over = True

    def _made(self, participant: str) -> "list[Key]":
        """The keys that settings make; of somebody real only those that say which key it really is."""
        settings = self._settings.get(participant, {})
        if "key" not in settings and not any(path.startswith("keys.") for path in settings):
            return []
        from seqtest.auth.keyring import keys_of, real_keys_of

        return (real_keys_of if participant in self._players else keys_of)(participant, settings)

    def _ask(self, participant: str, jwks_uri: Any) -> list[dict[str, Any]]:
        base = self._urls[participant]
        if jwks_uri is None:
            jwks_uri = self._places.get(participant)
        if jwks_uri is None:
            for path in METADATA:
                jwks_uri = (self._get(participant, base + path) or {}).get("jwks_uri")
                if jwks_uri:
                    break
        if not jwks_uri:
            self._places[participant] = ""  # it has none, and need not be asked at each token
            return []
        url = self._places[participant] = str(jwks_uri)
        # Only the path counts: behind a proxy an application may name an address that is not the one it has here.
        path = urlsplit(url).path if "://" in url and not url.startswith(base) else url.removeprefix(base)
        return _as_keys(self._get(participant, base + "/" + path.lstrip("/")) or {})

    def _get(self, participant: str, url: str) -> dict[str, Any] | None:
        answer = self._fetch(participant, Request("GET", url))
        if answer is None or answer.status != 200:
            return None
        try:
            body = json.loads(answer.body)
        except ValueError:
            return None
        self.answers[participant, url] = answer
        return body if isinstance(body, dict) else None


def _as_keys(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return []
    keys = value.get("keys", []) if isinstance(value, Mapping) else value
    return [dict(key) for key in keys if isinstance(key, Mapping)] if isinstance(keys, list | tuple) else []
