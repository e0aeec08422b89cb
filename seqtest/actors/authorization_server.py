"""`<<authorization-server>>`: OAuth 2.0 and OpenID Connect as a server in production has them.

The table of its endpoints, and what an administrator does. What it is and remembers is in `provider`; each endpoint has
a module of its own.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from seqtest.actors import (
    authorize,
    browser_based,
    ciba,
    device,
    introspection,
    logout,
    metadata,
    openid,
    pushed,
    registration,
    revocation,
    stores,
    token_endpoint,
)
from seqtest.actors.actor import on
from seqtest.actors.authorize import INTERACTION
from seqtest.actors.oauth_error import OAuthError
from seqtest.actors.provider import Provider
from seqtest.actors.web import NO_STORE, Endpoint, json_response
from seqtest.auth.keys import jwks
from seqtest.exchange import Result

if TYPE_CHECKING:
    from werkzeug.wrappers import Request as WebRequest
    from werkzeug.wrappers import Response as WebResponse


def _jwks(server: Provider, request: "WebRequest") -> "WebResponse":
    """RFC 7517 section 5: public keys only, so nothing of HMAC keys."""
    return json_response(jwks(server.keyring.published()), 200, {"Cache-Control": "public, max-age=300"})


METHODS: Mapping[str, Mapping[str, Endpoint]] = {
    "token": {"POST": token_endpoint.token},
    "revocation": {"POST": revocation.revoke},
    "introspection": {"POST": introspection.introspect},
    "jwks": {"GET": _jwks},
    "metadata": {"GET": metadata.metadata},
    "authorization": {"GET": authorize.authorize, "POST": authorize.authorize},
    "interaction": {"GET": authorize.interact, "POST": authorize.interact},
    "userinfo": {"GET": openid.userinfo, "POST": openid.userinfo},
    "end_session": {"GET": logout.end_session, "POST": logout.end_session},
    "pushed_request": {"POST": pushed.push},
    "device_authorization": {"POST": device.authorize},
    "backchannel_authentication": {"POST": ciba.authenticate},
    "authentication_device": {"GET": ciba.page, "POST": ciba.page},
    "registration": {"POST": registration.register},
    "registered_client": {"GET": registration.manage, "PUT": registration.manage, "DELETE": registration.manage},
    "device": {"GET": device.page, "POST": device.page},
}
"""Endpoint → method → what answers."""


def _as_allowed(server: Provider, request: "WebRequest", response: "WebResponse") -> "WebResponse":
    """The answer without the fields that a switch does without, and with those that it adds."""
    if "authz_clickjacking" in server.allows:
        for name in ("Content-Security-Policy", "X-Frame-Options"):
            response.headers.pop(name, None)
    if "authz_cors" in server.allows and request.path in server.paths["authorization"]:
        response.headers["Access-Control-Allow-Origin"] = request.headers.get("Origin", "*")
    return response


class AuthorizationServer(Provider):
    """An authorization server that issues, introspects and revokes tokens, as strictly as the RFCs ask."""

    def route(self, path: str) -> Mapping[str, Endpoint] | None:
        name = self._endpoint(path)
        if name == "token" and "token_endpoint_get" in self.allows:
            return {**METHODS[name], "GET": token_endpoint.token}
        return METHODS.get(name)

    def _endpoint(self, path: str) -> str:
        """The name of what is there; empty for nothing."""
        for name, paths in self.paths.items():
            if path in paths:
                return name
        if path.startswith(INTERACTION):
            return "interaction"
        if self.has_registration and path.rpartition("/")[0] in self.paths["registration"]:
            return "registered_client"
        return "metadata" if path in metadata.paths(self.issuer) else ""

    def respond(self, request: "WebRequest") -> "WebResponse":
        """The route's answer; a refusal as RFC 6749 section 5.2 words it, and 503 when a store cannot answer."""
        if "Origin" not in request.headers:
            return self._respond(request)
        endpoint = self._endpoint(request.path)
        methods = METHODS.get(endpoint, {})
        is_asked_of = endpoint in browser_based.PUBLIC or endpoint in browser_based.OF_CLIENTS
        if is_asked_of and request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
            return browser_based.preflight(self, endpoint, ", ".join(sorted(methods)), request)
        answer = self._respond(request)
        browser_based.dress(self, endpoint, request, answer)
        return answer

    def _respond(self, request: "WebRequest") -> "WebResponse":
        try:
            return _as_allowed(self, request, super().respond(request))
        except OAuthError as refusal:
            return refusal.response(self.issuer)
        except stores.StoreFailed:
            return json_response({"error": "temporarily_unavailable"}, 503, {**NO_STORE, "Retry-After": "1"})

    # Actions of an administrator, and the state

    @on("disable {username}")
    def disable(self, username: str) -> Result:
        """The account may do nothing more; its refresh tokens are revoked, introspection knows at once."""
        return self._administer(username, True)

    @on("enable {username}")
    def enable(self, username: str) -> Result:
        """The account may be used again; what was revoked stays so."""
        return self._administer(username, False)

    def _administer(self, username: str, is_disabled: bool) -> Result:
        if self.users.user_store is None and self.users.known(username) is None:
            return Result(error="UnknownUser")
        self.users.disabled[username] = is_disabled
        if is_disabled:
            self.sessions.end_all(username)
            for grant in self.tokens.grants_of(username):
                self.tokens.revoke_grant(grant, with_access_tokens=False)
        return Result("disabled" if is_disabled else "enabled")

    @on("log out {username}")
    def log_out(self, username: str) -> Result:
        """All the user's tokens are revoked, as far as this server is asked about them."""
        self.sessions.end_all(username)
        for grant in self.tokens.grants_of(username):
            self.tokens.revoke_grant(grant)
        return Result("logged out")

    @on("rotate keys")
    def rotate_keys(self) -> Result:
        """From now on a new key signs; the old ones stay published."""
        return Result(self.keyring.rotate(self.access_alg))

    @on("withdraw key {kid}")
    def withdraw_key(self, kid: str) -> Result:
        """The key is published no more."""
        if not self.keyring.withdraw(kid):
            return Result(error="UnknownKey")
        return Result("withdrawn")

    def state(self) -> Mapping[str, Any]:
        """`issued`, `revoked`, `active`: the tokens themselves; `disabled`: user names; `kids`."""
        issued = list(self.tokens)
        revoked = [record for record in issued if record.is_revoked or record.is_told or record.grant.is_revoked]
        return {
            "issued": [record.text for record in issued],
            "revoked": [record.text for record in revoked],
            "active": [record.text for record in issued if self.tokens.is_live(record) and not record.is_told],
            "disabled": [name for name, is_disabled in self.users.disabled.items() if is_disabled],
            "kids": self.keyring.kids(),
        }
