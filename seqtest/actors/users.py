"""The users of an authorization server: from its settings, or looked up in a database of their own."""

import hmac
from collections.abc import Mapping
from dataclasses import field
from typing import Any

from seqtest.actors import stores
from seqtest.actors.actor import Part
from seqtest.dataclass import dataclass

PRIVATE_FIELDS = frozenset({"password", "password_hash", "secret", "disabled"})
"""Fields of a user that no answer hands out."""


@dataclass(frozen=True, slots=True)
class User:
    """Somebody with an account."""

    username: str
    sub: str
    is_disabled: bool
    password: str | None = field(repr=False, default=None)
    fields: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def public(self) -> dict[str, Any]:
        """What others may see: neither the password nor whether the account is disabled."""
        return {name: value for name, value in self.fields.items() if name not in PRIVATE_FIELDS}


class Users:
    """Find users by name. With a user store each look-up is an arrow, and what it says comes before the settings."""

    def __init__(self, part: Part, drawn: Mapping[str, Mapping[str, Any]], user_store: str | None) -> None:
        self.part = part
        self.user_store = user_store
        self.disabled: dict[str, bool] = {}
        """What administrators have said since the run began."""
        self._drawn = drawn

    def names(self) -> list[str]:
        return list(self._drawn)

    def known(self, username: str) -> User | None:
        """The user as the settings have it; asks nobody."""
        fields = self._drawn.get(username)
        return None if fields is None else self._user(username, dict(fields))

    def by_sub(self, sub: str) -> User | None:
        """The user of the settings with that `sub`; asks nobody."""
        found = (self.known(name) for name in self._drawn)
        return next((user for user in found if user is not None and user.sub == sub), None)

    def find(self, username: str) -> User | None:
        """The user, by look-up where there is a user store: an arrow `find user alice`."""
        if self.user_store is None:
            return self.known(username)
        found = stores.find(self.part, self.user_store, f"user {username}")
        return (
            None if found is None else self._user(username, {**self._drawn.get(username, {}), **_said(found, username)})
        )

    def _user(self, username: str, fields: dict[str, Any]) -> User:
        password = fields.get("password")
        disabled = self.disabled.get(username, stores_true(fields.get("disabled", False)))
        sub = str(fields.get("sub", username))
        return User(username, sub, disabled, None if password is None else str(password), fields)

    def check_password(self, user: User | None, password: str) -> bool:
        """Whether the user exists and this is the password; a wrong name takes no other time than a wrong password."""
        expected = user.password if user is not None and user.password is not None else None
        same = hmac.compare_digest((expected or "").encode(), password.encode("utf-8", "surrogatepass"))
        return same and expected is not None


def _said(found: stores.Found, username: str) -> dict[str, Any]:
    fields = dict(found.fields)
    return fields if not found.text else {"name": found.text, **fields}


def stores_true(value: Any) -> bool:
    """Whether a field that a store gave, with or without a JSON type, says yes."""
    return value is True or (isinstance(value, str) and value.strip().lower() in {"true", "yes", "1"}) or value == 1
