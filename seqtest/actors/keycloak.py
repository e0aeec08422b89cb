"""What makes an authorization server look like Keycloak: its addresses below a realm, and the claims of its tokens."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from seqtest.actors.tokens import Grant

MICROPROFILE_SCOPE = "microprofile-jwt"
"""The client scope that brings `upn` and `groups` (MicroProfile JWT 2.1), built into Keycloak."""


def endpoints(realm: str) -> dict[str, tuple[str, ...]]:
    """Endpoint → its one path."""
    base = f"/realms/{realm}/protocol/openid-connect"
    return {
        "token": (f"{base}/token",),
        "revocation": (f"{base}/revoke",),
        "introspection": (f"{base}/token/introspect",),
        "jwks": (f"{base}/certs",),
        "authorization": (f"{base}/auth",),
        "userinfo": (f"{base}/userinfo",),
        "end_session": (f"{base}/logout",),
        "pushed_request": (f"{base}/ext/par/request",),
        "device_authorization": (f"{base}/auth/device",),
        "device": (f"/realms/{realm}/device",),
        "backchannel_authentication": (f"{base}/ext/ciba/auth",),
        "registration": (f"/realms/{realm}/clients-registrations/openid-connect",),
        "authentication_device": (f"{base}/ext/ciba/confirm",),
    }


def claims(grant: "Grant", scope: tuple[str, ...], fields: Mapping[str, Any]) -> dict[str, Any]:
    """The claims of an access token beside the usual ones; `fields` are the user's, `roles` those of the realm."""
    roles = _listed(fields.get("roles"))
    found: dict[str, Any] = {"typ": "Bearer", "azp": grant.client_id, "realm_access": {"roles": roles}}
    if grant.username is not None:
        found["preferred_username"] = grant.username
    if MICROPROFILE_SCOPE in scope:
        found |= {"upn": fields.get("upn", grant.username or grant.sub), "groups": roles}
    found |= {name: fields[name] for name in ("name", "email") if name in fields and _is_asked(name, scope)}
    return found


def _is_asked(name: str, scope: tuple[str, ...]) -> bool:
    return ("profile" if name == "name" else name) in scope


def _listed(value: Any) -> list[str]:
    from seqtest.actors.settings import words

    return [] if value is None else list(words(value))
