"""Istio's `RequestAuthentication` and `AuthorizationPolicy` as values, read from their usual YAML or from settings.

What a resource says and this reader does not understand is refused by name, never passed over: a rule that nobody
applies would look like one that holds.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field
from typing import Any, Literal

from seqtest.dataclass import dataclass

Action = Literal["CUSTOM", "ALLOW", "DENY", "AUDIT"]
ACTIONS = ("CUSTOM", "ALLOW", "DENY", "AUDIT")
PlaceKind = Literal["header", "param", "cookie"]

HARMLESS = frozenset(
    {"ConfigMap", "Deployment", "DestinationRule", "Gateway", "HTTPRoute", "Namespace", "Service", "ServiceAccount"}
    | {"ServiceEntry", "Sidecar", "VirtualService"}
)
"""Kinds that may stand in the same file and decide nothing about tokens."""

SPACED = ("scope", "permission")
"""Claims whose text is a list with blanks, unless `spaceDelimitedClaims` names others."""


class BadResource(ValueError):
    """A resource that cannot be applied; the text says where in it and why."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a token may stand."""

    kind: PlaceKind
    name: str
    prefix: str = ""


DEFAULT_PLACES = (Place("header", "Authorization", "Bearer "), Place("param", "access_token"))
"""Without `fromHeaders`, `fromParams` and `fromCookies`; any of these takes their place."""


@dataclass(frozen=True, slots=True)
class JwtRule:
    """One of `spec.jwtRules`: whose tokens are taken, from where, and what is handed on."""

    issuer: str
    audiences: frozenset[str] = frozenset()
    """Any of them will do; empty: `aud` is not looked at."""
    places: tuple[Place, ...] = DEFAULT_PLACES
    jwks: tuple[Mapping[str, Any], ...] | None = field(default=None, repr=False)
    jwks_uri: str | None = None
    trusts: str | None = None
    """The participant whose keys these are, where a setting says so."""
    payload_header: str | None = None
    claim_headers: tuple[tuple[str, str], ...] = ()
    """Header → claim; dots lead into objects."""
    forwards_token: bool = False
    spaced_claims: tuple[str, ...] = SPACED


@dataclass(frozen=True, slots=True)
class Match:
    """Values of which one must match, and values of which none may."""

    key: str
    values: tuple[str, ...] = ()
    not_values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """One of `spec.rules`: some source, and some operation, and all conditions."""

    sources: tuple[tuple[Match, ...], ...] = ()
    operations: tuple[tuple[Match, ...], ...] = ()
    conditions: tuple[Match, ...] = ()


@dataclass(frozen=True, slots=True)
class Policy:
    """An `AuthorizationPolicy`."""

    name: str
    action: Action
    rules: tuple[Rule, ...]
    provider: str | None = None
    """Of CUSTOM: the name of who is asked, `spec.provider.name`."""


SOURCE_FIELDS = {"requestPrincipals": "request.auth.principal"}
OPERATION_FIELDS = {"hosts": "host", "methods": "method", "paths": "path"}
"""Field of a resource → the attribute of a request; its `not…` twin is read, too."""

_ATTRIBUTES = ("request.auth.principal", "request.auth.audiences", "request.auth.presenter")
_INDEXED = ("request.headers", "request.auth.claims")


def read_documents(documents: Sequence[Any], labels: Mapping[str, str]) -> tuple[list[JwtRule], list[Policy]]:
    """The rules and policies of a YAML file's documents that are for a workload with these labels.

    Without labels every resource is. Raises BadResource.
    """
    rules: list[JwtRule] = []
    policies: list[Policy] = []
    for document in documents:
        if document is None:
            continue
        kind, name, spec = _resource(document)
        if kind in HARMLESS or not _is_selected(spec, labels, f"{kind} {name}"):
            continue
        if kind == "RequestAuthentication":
            _only(spec, frozenset({"jwtRules", "selector"}), f"{kind} {name}")
            rules += jwt_rules(spec.get("jwtRules", []), f"{kind} {name}")
        elif kind == "AuthorizationPolicy":
            policies.append(policy(name, spec))
        else:
            raise BadResource(f"{kind} {name} is neither a RequestAuthentication nor an AuthorizationPolicy")
    return rules, policies


def _resource(document: Any) -> tuple[str, str, Mapping[str, Any]]:
    if not isinstance(document, Mapping) or not isinstance(document.get("kind"), str):
        raise BadResource("a document is no resource: it has no `kind`")
    kind = document["kind"]
    metadata = document.get("metadata") or {}
    name = str(metadata.get("name", "")) if isinstance(metadata, Mapping) else ""
    version = document.get("apiVersion")
    if kind not in HARMLESS and not str(version).startswith("security.istio.io/"):
        raise BadResource(f"{kind} {name}: `apiVersion` is {version}, not security.istio.io/v1")
    spec = document.get("spec") or {}
    return kind, name, _mapping(spec, f"{kind} {name}: spec")


def _is_selected(spec: Mapping[str, Any], labels: Mapping[str, str], where: str) -> bool:
    selector = _mapping(spec.get("selector") or {}, f"{where}: selector")
    wanted = _mapping(selector.get("matchLabels") or {}, f"{where}: selector.matchLabels")
    return not labels or all(labels.get(name) == str(value) for name, value in wanted.items())


def jwt_rules(found: Any, where: str) -> list[JwtRule]:
    """`spec.jwtRules`. Raises BadResource."""
    return [_jwt_rule(_mapping(rule, at), at) for rule, at in _items(found, f"{where}: jwtRules")]


def _jwt_rule(rule: Mapping[str, Any], where: str) -> JwtRule:
    _only(rule, _RULE_FIELDS, where)
    issuer = _text(rule.get("issuer"), f"{where}.issuer")
    places = tuple(_places(rule, where)) or DEFAULT_PLACES
    output = rule.get("outputPayloadToHeader")
    uri = rule.get("jwksUri", rule.get("jwks_uri"))
    return JwtRule(
        issuer,
        frozenset(_texts(rule.get("audiences", []), f"{where}.audiences")),
        places,
        _inline_keys(rule.get("jwks"), f"{where}.jwks"),
        None if uri is None else _text(uri, f"{where}.jwksUri"),
        rule.get("trusts"),
        None if output is None else _text(output, f"{where}.outputPayloadToHeader"),
        tuple(_claim_headers(rule.get("outputClaimToHeaders", []), f"{where}.outputClaimToHeaders")),
        _yes(rule.get("forwardOriginalToken", False), f"{where}.forwardOriginalToken"),
        tuple(_texts(rule.get("spaceDelimitedClaims", list(SPACED)), f"{where}.spaceDelimitedClaims")),
    )


_RULE_FIELDS = frozenset(
    {"issuer", "audiences", "jwks", "jwksUri", "jwks_uri", "fromHeaders", "fromParams", "fromCookies", "trusts"}
    | {"outputPayloadToHeader", "outputClaimToHeaders", "forwardOriginalToken", "spaceDelimitedClaims", "timeout"}
)


def _places(rule: Mapping[str, Any], where: str) -> Iterator[Place]:
    for header, at in _items(rule.get("fromHeaders", []), f"{where}.fromHeaders"):
        if isinstance(header, str):
            yield Place("header", header, "Bearer " if header.lower() == "authorization" else "")
            continue
        _only(_mapping(header, at), frozenset({"name", "prefix"}), at)
        yield Place("header", _text(header.get("name"), f"{at}.name"), str(header.get("prefix", "")))
    for name in _texts(rule.get("fromParams", []), f"{where}.fromParams"):
        yield Place("param", name)
    for name in _texts(rule.get("fromCookies", []), f"{where}.fromCookies"):
        yield Place("cookie", name)


def _claim_headers(found: Any, where: str) -> Iterator[tuple[str, str]]:
    for pair, at in _items(found, where):
        _only(_mapping(pair, at), frozenset({"header", "claim"}), at)
        yield _text(pair.get("header"), f"{at}.header"), _text(pair.get("claim"), f"{at}.claim")


def _inline_keys(found: Any, where: str) -> tuple[Mapping[str, Any], ...] | None:
    from seqtest.actors.settings import BadValue, json_web_keys

    if found is None:
        return None
    try:
        return tuple(json_web_keys(found))
    except BadValue:
        raise BadResource(f"{where} is no JWK Set") from None


def policy(name: str, spec: Mapping[str, Any]) -> Policy:
    """The `spec` of an AuthorizationPolicy; an empty one lets nobody in. Raises BadResource."""
    where = f"AuthorizationPolicy {name}"
    _only(spec, frozenset({"action", "provider", "rules", "selector"}), where)
    action = spec.get("action", "ALLOW")
    if action not in ACTIONS:
        raise BadResource(f"{where}: the action {action} is not played; there are {', '.join(ACTIONS)}")
    provider = None
    if action == "CUSTOM":
        provider = _provider(spec.get("provider"), f"{where}.provider")
    elif "provider" in spec:
        raise BadResource(f"{where}: a provider belongs to the action CUSTOM")
    rules = tuple(_rule(_mapping(rule, at), at) for rule, at in _items(spec.get("rules") or [], f"{where}: rules"))
    return Policy(name, action, rules, provider)


def _provider(found: Any, where: str) -> str:
    if isinstance(found, str):
        return _text(found, where)
    _only(_mapping(found, where), frozenset({"name"}), where)
    return _text(found.get("name"), f"{where}.name")


def _rule(rule: Mapping[str, Any], where: str) -> Rule:
    _only(rule, frozenset({"from", "to", "when"}), where)
    return Rule(
        tuple(_side(rule.get("from", []), "source", SOURCE_FIELDS, f"{where}.from")),
        tuple(_side(rule.get("to", []), "operation", OPERATION_FIELDS, f"{where}.to")),
        tuple(_condition(_mapping(one, at), at) for one, at in _items(rule.get("when", []), f"{where}.when")),
    )


def _side(found: Any, member: str, fields: Mapping[str, str], where: str) -> Iterator[tuple[Match, ...]]:
    for item, at in _items(found, where):
        _only(_mapping(item, at), frozenset({member}), at)
        inner = _mapping(item.get(member), f"{at}.{member}")
        twins = {name: f"not{name[0].upper()}{name[1:]}" for name in fields}
        _only(inner, frozenset({*fields, *twins.values()}), f"{at}.{member}")
        matches = tuple(
            Match(
                attribute,
                _patterns(inner, name, f"{at}.{member}"),
                _patterns(inner, twins[name], f"{at}.{member}"),
            )
            for name, attribute in fields.items()
            if name in inner or twins[name] in inner
        )
        if not matches:
            raise BadResource(f"{at}.{member} is empty")
        yield matches


def _condition(found: Mapping[str, Any], where: str) -> Match:
    _only(found, frozenset({"key", "values", "notValues"}), where)
    key = _text(found.get("key"), f"{where}.key")
    if key not in _ATTRIBUTES and not (key.endswith("]") and key.startswith(tuple(f"{name}[" for name in _INDEXED))):
        known = ", ".join((*_ATTRIBUTES, *(f"{name}[…]" for name in _INDEXED)))
        raise BadResource(f"{where}: the key {key} is not played; there are {known}")
    values, not_values = (_patterns(found, name, where) for name in ("values", "notValues"))
    if not values and not not_values:
        raise BadResource(f"{where} has neither values nor notValues")
    return Match(key, values, not_values)


def _patterns(found: Mapping[str, Any], name: str, where: str) -> tuple[str, ...]:
    texts = tuple(_texts(found.get(name, []), f"{where}.{name}"))
    if name in found and not texts:
        raise BadResource(f"{where}.{name} is empty")
    strange = [text for text in texts if name in ("paths", "notPaths") and "{" in text]
    if strange:
        raise BadResource(f"{where}.{name}: the template {strange[0]} is not played; write a `*` at one end")
    return texts


def pattern(text: str) -> Callable[[str], bool]:
    """Whether a value is the text; `*` alone is any value that there is, at one end it stands for any characters."""
    if text == "*":
        return lambda value: value != ""
    if text.endswith("*"):
        return lambda value: value.startswith(text[:-1])
    if text.startswith("*"):
        return lambda value: value.endswith(text[1:])
    return lambda value: value == text


def _mapping(found: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(found, Mapping):
        raise BadResource(f"{where} is no object")
    return found


def _items(found: Any, where: str) -> list[tuple[Any, str]]:
    if not isinstance(found, list | tuple):
        raise BadResource(f"{where} is no list")
    return [(item, f"{where}[{index}]") for index, item in enumerate(found)]


def _text(found: Any, where: str) -> str:
    if not isinstance(found, str) or not found:
        raise BadResource(f"{where} is missing or no text")
    return found


def _yes(found: Any, where: str) -> bool:
    if not isinstance(found, bool):
        raise BadResource(f"{where} is neither true nor false")
    return found


def _texts(found: Any, where: str) -> list[str]:
    return [_text(item, at) for item, at in _items(found, where)]


def _only(found: Mapping[str, Any], known: frozenset[str], where: str) -> None:
    strange = [str(name) for name in found if name not in known]
    if strange:
        raise BadResource(f"{where}: `{strange[0]}` is not played; there are {', '.join(sorted(known))}")
