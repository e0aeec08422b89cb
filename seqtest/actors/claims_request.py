"""The `claims` parameter of an authorization request: claims that are asked for one by one (Core section 5.5)."""

import json
from collections.abc import Mapping
from typing import Any

from seqtest.dataclass import dataclass

PLACES = ("userinfo", "id_token")


class BadClaimsRequest(ValueError):
    """The parameter cannot be read; the text says why, without values."""


@dataclass(frozen=True, slots=True)
class ClaimsRequest:
    """What is asked for beside the scope."""

    userinfo: tuple[str, ...] = ()
    """Names of claims that UserInfo shall have."""
    id_token: tuple[str, ...] = ()
    """Those that the ID token shall have."""
    subs: tuple[str, ...] = ()
    """Whose they must be, any of them; empty for whoever logs in."""
    acrs: tuple[str, ...] = ()
    """One of them must be how the user logs in: `acr` is essential; empty where it is not."""


def read(text: str) -> ClaimsRequest:
    """The parameter's meaning. Raises BadClaimsRequest."""
    try:
        value = json.loads(text, object_pairs_hook=_unique)
    except (ValueError, RecursionError):
        raise BadClaimsRequest("claims is no JSON with each name once") from None
    if not isinstance(value, dict):
        raise BadClaimsRequest("claims is no JSON object")
    found = {place: _claims(value.get(place), place) for place in PLACES}
    asked = {**found["userinfo"], **found["id_token"]}
    subs = tuple(dict.fromkeys(one for place in PLACES for one in _values(found[place].get("sub"))))
    acr = asked.get("acr") or {}
    return ClaimsRequest(
        tuple(found["userinfo"]), tuple(found["id_token"]), subs, _values(acr) if acr.get("essential") is True else ()
    )


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found


def _claims(value: Any, place: str) -> dict[str, Mapping[str, Any]]:
    """Claim → what is said of it; a name alone has null."""
    if value is None:
        return {}
    if not isinstance(value, dict) or not all(one is None or isinstance(one, dict) for one in value.values()):
        raise BadClaimsRequest(f"{place} in claims is no object of objects")
    for one in filter(None, value.values()):
        if not isinstance(one.get("essential", False), bool) or not isinstance(one.get("values", []), list):
            raise BadClaimsRequest(f"{place} in claims says of a claim what is not understood")
        if "value" in one and "values" in one:
            raise BadClaimsRequest(f"{place} in claims has value and values of one claim")
    return {name: one or {} for name, one in value.items()}


def _values(said: Mapping[str, Any] | None) -> tuple[str, ...]:
    """The texts that a claim may have; empty for any."""
    found = (said or {}).get("values", [said["value"]] if said and "value" in said else [])
    return tuple(str(one) for one in found)
