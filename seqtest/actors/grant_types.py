"""Which grant types a server has, and which client may use which. The password grant is legacy: on request only."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from seqtest.actors.authorization_settings import GRANTS
from seqtest.actors.oauth_error import OAuthError

if TYPE_CHECKING:
    from seqtest.actors.registered_client import Client
    from seqtest.actors.settings import Settings

LEGACY = "password"
OFF = (
    "the password grant is legacy and off here: name it in the setting `grants`, or in the client's `clients.*.grants`"
)


class GrantTypes:
    """The grant types of one server."""

    __slots__ = ("everybody", "supported")

    def __init__(self, settings: "Settings", clients: Mapping[str, "Client"], has_registration: bool) -> None:
        """`clients` are those that are drawn; others register themselves and cannot turn a grant on."""
        is_drawn = "grants" in settings
        drawn = settings["grants"] if is_drawn else _by_default(settings, clients, has_registration)
        self.everybody: tuple[str, ...] = drawn
        """What a client may use that names none."""
        named = () if is_drawn else (grant for client in clients.values() for grant in client.grants or ())
        self.supported: tuple[str, ...] = tuple(dict.fromkeys((*self.everybody, *named)))

    def refusal(self, client: "Client", grant_type: str) -> OAuthError | None:
        """Why the client may not use the grant type (RFC 6749 section 5.2); None when it may."""
        if grant_type not in self.supported or grant_type not in GRANTS:
            reason = OFF if grant_type == LEGACY else "the server does not support this grant type"
            return OAuthError("unsupported_grant_type", reason)
        if grant_type in (self.everybody if client.grants is None else client.grants):
            return None
        is_off = grant_type == LEGACY and client.grants is None
        return OAuthError("unauthorized_client", OFF if is_off else "the client may not use this grant type")

    def may_use(self, client: "Client", grant_type: str) -> bool:
        """Whether the client may use the grant type."""
        return self.refusal(client, grant_type) is None


def _by_default(settings: "Settings", clients: Mapping[str, "Client"], has_registration: bool) -> tuple[str, ...]:
    """All, and `password` where users' passwords are drawn and no browser can be sent back from a log-in page."""
    users: Mapping[str, Mapping[str, Any]] = settings.named("users")
    has_page = has_registration or any(client.redirect_uris for client in clients.values())
    is_asked_for = not has_page and any("password" in user for user in users.values())
    return tuple(name for name in GRANTS if name != LEGACY or is_asked_for)
