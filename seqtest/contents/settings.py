"""Settings as drawn, with the values in their braces filled in."""

import random
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from seqtest.contents.context import Context, KeySource
from seqtest.contents.scope import Scope, Unknown
from seqtest.diagram.expectation import Moment, Plain, Promise, Reference, Value, expressions
from seqtest.errors import Finding, UnplayableScenario, from_outside
from seqtest.exchange import NOTHING
from seqtest.scenario import Scenario, Step
from seqtest.trace import Bindings


def default_url(participant: str) -> str:
    """The address of a participant that draws none: its code as a label of a host name (RFC 1123), below `test`."""
    label = re.sub(r"[^a-z0-9]+", "-", participant.lower()).strip("-")
    return f"https://{label or 'x' + ''.join(f'{ord(character):x}' for character in participant)}.test"


class _DrawnKeys:
    """The keys that can be known before anybody plays."""

    def __init__(self, resolver: "_Resolver") -> None:
        self.resolver = resolver

    def public(self, participant: str) -> list[dict[str, Any]]:
        from seqtest.auth.keyring import is_key_setting, keys_of

        drawn = self.resolver.drawn.get(participant, {})
        own = {
            path: self.resolver.resolve(participant, promise) for path, promise in drawn.items() if is_key_setting(path)
        }
        keys = [dict(key.public_jwk) for key in keys_of(participant, own)]
        if not keys:
            raise Unknown(f"{participant}.jwks", f"no key of `{participant}` is drawn: `key = ES256`")
        return keys

    def private(self, participant: str, kid: str | None, alg: str | None) -> Any:
        return None

    def decryption(self, participant: str) -> list[Any]:
        return []


def resolve_settings(
    scenario: Scenario,
    outside: Callable[[str], Any],
    keys: KeySource | None = None,
    urls: Mapping[str, str] = NOTHING,
) -> dict[str, dict[str, Any]]:
    """Participant → dotted path → value. A setting may use outer values, other settings and public ones.

    `urls` are the addresses of participants that have one outside the drawing: each takes the place of its `url`.
    `keys` answers `{client.jwks}`, by default from the keys that settings make. Raises UnplayableScenario for a setting
    that has no value, or is made of itself.
    """
    resolver = _Resolver(scenario, outside, keys)
    for participant, url in urls.items():
        resolver.resolved[participant]["url"] = url
    findings: list[Finding] = []
    for participant, promises in scenario.settings.items():
        for promise in _flat(promises):
            try:
                resolver.resolve(participant, promise)
            except UnplayableScenario as error:
                findings += error.findings
    if findings:
        raise UnplayableScenario(*findings)
    return resolver.resolved


def path_of(promise: Promise, prefix: str = "") -> str:
    """The dotted path of a setting."""
    return prefix + ".".join(str(step) for step in promise.path)


def _flat(promises: tuple[Promise, ...], prefix: tuple[Any, ...] = ()) -> list[Promise]:
    """Settings with those of indented blocks under their whole paths."""
    from seqtest.dataclass import replace

    found: list[Promise] = []
    for promise in promises:
        path = (*prefix, *promise.path) if prefix else promise.path
        if promise.children:
            found += _flat(promise.children, path)
        else:
            found.append(replace(promise, path=path) if prefix else promise)
    return found


_NO_DICE = random.Random(0)  # noqa: S311  # settings make nothing up
"""Seeding takes longer than resolving."""


class _Resolver:
    """Settings on the way to their values; each is resolved when it is first needed."""

    def __init__(self, scenario: Scenario, outside: Callable[[str], Any], keys: KeySource | None) -> None:
        self.resolved: dict[str, dict[str, Any]] = {participant.id: {} for participant in scenario.participants}
        self.drawn: dict[str, dict[str, Promise]] = {
            participant: {path_of(promise): promise for promise in _flat(promises)}
            for participant, promises in scenario.settings.items()
        }
        self.underway: list[tuple[str, str]] = []
        names = frozenset(participant.id for participant in scenario.participants)
        self.context = Context(names, frozenset(), {}, self.resolved, keys or _DrawnKeys(self), _NO_DICE, outside)

    def resolve(self, participant: str, promise: Promise) -> Any:
        path = path_of(promise)
        own = self.resolved.setdefault(participant, {})
        if path in own:
            return own[path]
        if (participant, path) in self.underway:
            raise UnplayableScenario(Finding("SQ369", f"the setting `{path}` is made of itself", promise.span))
        self.underway.append((participant, path))
        try:
            own[path] = self._value(participant, promise.values[0])
        except Unknown as unknown:
            raise UnplayableScenario(
                Finding(
                    "SQ368",
                    f"the setting `{path}` has no value: {unknown}",
                    promise.value_span or promise.span,
                    do="draw it as a setting"
                    + ("" if "." in unknown.name else f", or give it from outside: {from_outside(unknown.name)}"),
                )
            ) from None
        finally:
            self.underway.pop()
        return own[path]

    def _value(self, participant: str, value: Value) -> Any:
        if isinstance(value, Plain):
            # An application may add to what it is handed: the drawing's own array is the next case's, too.
            return deepcopy(value.value) if isinstance(value.value, (dict, list)) else value.value
        if isinstance(value, Moment):
            raise Unknown(value.base, "a setting is no time")
        for held in expressions(value):
            if isinstance(held, Reference):
                self._resolve_first(participant, held)
        return self._scope(participant).value(value)

    def _resolve_first(self, participant: str, reference: Reference) -> None:
        first, *rest = (str(step) for step in reference.path)
        if rest and first in self.resolved:
            if rest[0] == "url":
                self.context.urls[first] = self.url(first)  # type: ignore[index]  # this resolver's own dictionary
                return
            for end in range(len(rest), 0, -1):
                self._resolve_named(first, ".".join(rest[:end]))
        else:
            self._resolve_named(participant, first)

    def _resolve_named(self, participant: str, path: str) -> None:
        promise = self.drawn.get(participant, {}).get(path)
        if promise is not None:
            self.resolve(participant, promise)

    def url(self, participant: str) -> str:
        """The participant's address: the one it has outside, its setting, or the default."""
        if "url" in self.resolved[participant]:
            return str(self.resolved[participant]["url"]).rstrip("/")
        promise = self.drawn.get(participant, {}).get("url")
        value = self.resolve(participant, promise) if promise is not None else default_url(participant)
        return str(value).rstrip("/")

    def _scope(self, participant: str) -> Scope:
        return Scope(Step(0, "state", participant, participant), self.context, Bindings())


def urls_of(settings: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Participant → base address, without a slash at its end."""
    return {
        participant: str(own.get("url", default_url(participant))).rstrip("/") for participant, own in settings.items()
    }


READ = ("url", "issuer", "quiet", "key", "keys", "jwks", "jwks_uri", "allows", "background", "lint", "metadata")
"""Settings that are read of whoever plays the participant."""
_NEAR = 0.75
_QUIET = re.compile(r"[A-Z]+ +\S+")


def misspelt(scenario: Scenario, participants: Iterable[str]) -> list[Finding]:
    """Settings that look like ones that are read, and are not: of participants whose own code, or nobody, plays them.

    What the flow itself asks for as `{name}` is no mistake.
    """
    source = scenario.diagram.source
    text = source.text if source is not None else ""
    return [
        finding
        for participant in participants
        for promise in _flat(scenario.settings.get(participant, ()))
        for finding in _slips(participant, path_of(promise), promise, text)
    ]


@lru_cache(maxsize=256)
def _nearly_read(name: str) -> Sequence[str]:
    """The setting that is read and has nearly this name. The same few names stand in many drawings."""
    return get_close_matches(name, READ, n=1, cutoff=_NEAR) if name not in READ else []


def _slips(participant: str, path: str, promise: Promise, text: str) -> Iterator[Finding]:
    first, _, rest = path.partition(".")
    near = _nearly_read(first)
    if first == "key" and rest:
        near = ("keys",)
    if near and not re.search(rf"\{{[^{{}}\n]*\b{re.escape(first)}\b", text):
        yield Finding(
            "SQ372",
            f"nobody reads the setting `{path}` of `{participant}`",
            promise.span,
            label=f"did you mean `{near[0]}{'.' * bool(rest)}{rest}`?",
            why="a setting that nobody reads would look like one that holds",
            do="write it as it is read, or use another name for a value of the flow's own",
        )
    value = promise.values[0] if promise.values else None
    if path == "quiet" and isinstance(value, Plain):
        for part in value.text.split(","):
            if part.strip() and not _QUIET.fullmatch(part.strip()):
                yield Finding(
                    "SQ373",
                    f"`{part.strip()}` names no request that may be quiet",
                    promise.value_span or promise.span,
                    label="a method and a path: `GET /jwks`",
                    do=f"write `quiet = GET {part.strip()}`" if "/" in part else "write `quiet = GET /jwks`",
                )
