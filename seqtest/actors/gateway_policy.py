"""What Istio's authorization policies say of a request: CUSTOM before DENY before ALLOW; without an ALLOW all pass."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from seqtest.actors.gateway_tokens import Identity, claim_at
from seqtest.actors.istio import Match, Policy, Rule, pattern

Attributes = Mapping[str, Sequence[str]]
"""Attribute of a request → its values; empty for one that it does not have."""


class View:
    """What policies may look at of one request."""

    def __init__(
        self, method: str, host: str, path: str, headers: Mapping[str, Sequence[str]], identity: Identity | None
    ) -> None:
        """`headers` by name in lower case; `path` as normalized, without query."""
        self.headers = headers
        self.identity = identity
        self._plain = {"method": [method], "host": [host], "path": [path]}

    def values(self, key: str) -> list[str]:
        """The attribute's values; empty when the request does not have it."""
        if key in self._plain:
            return self._plain[key]
        if key.startswith("request.headers["):
            return list(self.headers.get(key[len("request.headers[") : -1].lower(), ()))
        return self._of_token(key)

    def _of_token(self, key: str) -> list[str]:
        if self.identity is None:
            return []
        claims = self.identity.claims
        if key == "request.auth.principal":
            return [self.identity.principal] if self.identity.principal else []
        if key == "request.auth.audiences":
            return _texts(claims.get("aud"))
        if key == "request.auth.presenter":
            return _texts(claims.get("azp"))
        path = re.findall(r"\[([^\]]*)\]", key)
        found = claim_at(claims, path)
        if isinstance(found, str) and len(path) == 1 and path[0] in self.identity.rule.spaced_claims:
            return found.split(" ")
        return _texts(found)


def _texts(found: Any) -> list[str]:
    """Istio matches texts and lists of texts only."""
    if isinstance(found, str):
        return [found]
    return [item for item in found if isinstance(item, str)] if isinstance(found, list) else []


def providers(policies: Sequence[Policy], view: View) -> list[str]:
    """Whom the CUSTOM policies that match want asked, each once, in drawn order."""
    return list(dict.fromkeys(one.provider for one in policies if one.provider is not None and _matches(one, view)))


def is_allowed(policies: Sequence[Policy], view: View) -> bool:
    """Whether the request passes those that decide themselves."""
    if any(one.action == "DENY" and _matches(one, view) for one in policies):
        return False
    allowing = [one for one in policies if one.action == "ALLOW"]
    return not allowing or any(_matches(one, view) for one in allowing)


def _matches(policy: Policy, view: View) -> bool:
    return any(_rule_matches(rule, view) for rule in policy.rules)


def _rule_matches(rule: Rule, view: View) -> bool:
    sides = all(
        not side or any(all(_holds(match, view) for match in matches) for matches in side)
        for side in (rule.sources, rule.operations)
    )
    return sides and all(_holds(match, view) for match in rule.conditions)


def _holds(match: Match, view: View) -> bool:
    values = view.values(match.key)
    if match.key == "host":
        # RFC 9110 section 4.2.3: a host compares without case.
        values = [value.lower() for value in values]
    wanted = not match.values or any(pattern(text)(value) for text in _cased(match.values, match) for value in values)
    return wanted and not any(pattern(text)(value) for text in _cased(match.not_values, match) for value in values)


def _cased(texts: Sequence[str], match: Match) -> Sequence[str]:
    return [text.lower() for text in texts] if match.key == "host" else texts
