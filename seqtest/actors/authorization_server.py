"""`<<authorization-server>>`: RFC 6749, 6750, 7009, 7662, 8414, 9068 as a server in production has them.

Endpoints and their refusals are here; how tokens are made and found is in `tokens`, the grants are in `grants`.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from seqtest.actors import device, grants, keycloak, logout, openid, stores, token_exchange
from seqtest.actors.actor import Part, on
from seqtest.actors.allowances import allowed
from seqtest.actors.authorization_settings import ENDPOINTS, TABLE
from seqtest.actors.authorize import INTERACTION, FrontChannel
from seqtest.actors.clients import Client, Clients, registered
from seqtest.actors.device import Devices
from seqtest.actors.keyring import Keyring
from seqtest.actors.oauth_error import OAuthError
from seqtest.actors.parameters import credentials, needed, read_form
from seqtest.actors.proofs import Proofs, WantsNonce
from seqtest.actors.pushed import Pushed
from seqtest.actors.settings import Settings
from seqtest.actors.throttle import Throttle
from seqtest.actors.tokens import Grant, Recipe, Record, TokenKind, Tokens
from seqtest.actors.users import Users
from seqtest.actors.web import NO_STORE, WebActor, json_response
from seqtest.auth.dpop import PROOF_ALGORITHMS, BadProof
from seqtest.auth.keyring import is_part_of_a_key
from seqtest.auth.keys import ALGORITHMS, Key, jwks, verification_jwk
from seqtest.errors import Finding, UnplayableScenario, did_you_mean
from seqtest.exchange import Result

if TYPE_CHECKING:
    from werkzeug.wrappers import Request as WebRequest
    from werkzeug.wrappers import Response as WebResponse

METHODS: Mapping[str, Mapping[str, str]] = {
    "token": {"POST": "token_endpoint"},
    "revocation": {"POST": "revocation_endpoint"},
    "introspection": {"POST": "introspection_endpoint"},
    "jwks": {"GET": "jwks_endpoint"},
    "metadata": {"GET": "metadata_endpoint"},
    "authorization": {"GET": "authorization_endpoint", "POST": "authorization_endpoint"},
    "interaction": {"GET": "interaction_endpoint", "POST": "interaction_endpoint"},
    "userinfo": {"GET": "userinfo_endpoint", "POST": "userinfo_endpoint"},
    "end_session": {"GET": "end_session_endpoint", "POST": "end_session_endpoint"},
    "pushed_request": {"POST": "pushed_request_endpoint"},
    "device_authorization": {"POST": "device_authorization_endpoint"},
    "device": {"GET": "device_endpoint", "POST": "device_endpoint"},
}
"""Endpoint → method → name of the method that answers."""


GRANTS = {
    **grants.GRANTS,
    device.GRANT_TYPE: device.device_code,
    token_exchange.GRANT_TYPE: token_exchange.token_exchange,
}
"""Grant type → what answers it."""


class AuthorizationServer(WebActor):
    """An authorization server that issues, introspects and revokes tokens, as strictly as the RFCs ask."""

    settings_table: ClassVar[Mapping[str, str]] = TABLE.documentation()

    def __init__(self, part: Part) -> None:
        super().__init__(part)
        self.settings = Settings(TABLE, part.settings, part.participant)
        self.is_keycloak = self.settings["like"] == "keycloak"
        own_path = f"/realms/{self.settings['realm']}" if self.is_keycloak else ""
        self.issuer: str = self.settings["issuer"] or part.url + own_path
        self.paths = self._endpoint_paths()
        self.allows = allowed(self.settings)
        self.users = Users(part, self.settings.named("users"), self.settings["user_store"])
        attempts = 0 if "client_auth_bruteforce" in self.allows else self.settings["throttle.attempts"]
        self.throttle = Throttle(self.now, attempts, self.settings["throttle.wait"])
        drawn = registered(self.settings.named("clients"))
        self.clients = Clients(part, drawn, self._assertion_audiences(), self.allows, self.throttle)
        self.tokens = Tokens(part, self.issuer, self.settings["token_store"], self.settings["revocation_list"])
        self.front = FrontChannel(self)
        self.pushed = Pushed(self)
        self.proofs = Proofs(part, self.settings["dpop.nonce"], self.allows)
        self.devices = Devices(self)
        typ = "JWT" if self.is_keycloak else "at+jwt"
        if "access_token.typ" in self.settings:
            typ = self.settings["access_token.typ"]
        self.access_recipe = self._recipe("access_token", typ, self.access_alg)
        self.refresh_recipe = self._recipe(
            "refresh_token", "rt+jwt", self.settings["refresh_token.alg"] or self.access_alg
        )
        self.keyring = Keyring(self.id, part.settings, self._needed_algs())

    # What the settings say

    @property
    def access_alg(self) -> str:
        if "access_token.alg" in self.settings:
            return str(self.settings["access_token.alg"])
        named = [alg for path, alg in self.settings.below("keys").items() if not is_part_of_a_key(path)]
        return str(self.settings["key"] or (named[0] if named else self.settings["access_token.alg"]))

    @property
    def audience(self) -> str | list[str]:
        """`aud` of access tokens that were asked for no resource."""
        drawn = self.settings["access_token.aud"]
        if drawn:
            return list(drawn) if isinstance(drawn, list) else str(drawn)
        servers = [name for name, kind in self.part.peers.items() if kind == "resource-server"]
        urls = [self.part.network.url(name) for name in servers]
        return urls if len(urls) > 1 else (urls or [self.issuer])[0]

    @property
    def issues_refresh_tokens(self) -> bool:
        if self.refresh_recipe.lifetime_seconds == 0:
            return False
        if "refresh_token.issue" in self.settings:
            return bool(self.settings["refresh_token.issue"])
        return self.access_recipe.is_jwt or self.settings.has_any("refresh_token")

    @property
    def rotates(self) -> bool:
        return bool(self.settings["refresh_token.rotation"])

    def _recipe(self, kind: TokenKind, typ: str, alg: str) -> Recipe:
        is_jwt = self.settings[f"{kind}.format"] == "jwt"
        return Recipe(kind, is_jwt, self.settings[f"{kind}.lifetime"], typ, alg, self.signing_key)

    def signing_key(self, alg: str) -> Key:
        """The key in use for an algorithm."""
        return self.keyring.signing(alg)

    def _assertion_audiences(self) -> tuple[str, ...]:
        if self.settings["assertion.audience"] == "issuer":
            return (self.issuer,)
        return (self.issuer, *(f"{self.part.url}{path}" for path in self.paths["token"]))

    def _endpoint_paths(self) -> dict[str, tuple[str, ...]]:
        paths = keycloak.endpoints(self.settings["realm"]) if self.is_keycloak else dict(ENDPOINTS)
        for name, path in self.settings.below("endpoints").items():
            if name not in paths or not path.startswith("/"):
                raise UnplayableScenario(_no_endpoint(self.id, name, path))
            paths[name] = (path,)
        return paths

    def access_claims(self, grant: Grant, scope: tuple[str, ...]) -> dict[str, Any]:
        """The claims of an access token beside those that every one has."""
        user = self.users.known(grant.username) if grant.username is not None else None
        fields = user.public() if user is not None else {}
        found = keycloak.claims(grant, scope, fields) if self.is_keycloak else {}
        return found | {name: fields[name] for name in self.settings["access_token.claims"] or () if name in fields}

    # Keys

    def _needed_algs(self) -> list[str]:
        """The algorithms in use: of what is opaque none, of ID tokens only where a browser can be sent back."""
        algs = [recipe.alg for recipe in (self.access_recipe, self.refresh_recipe) if recipe.is_jwt]
        if any(client.redirect_uris for client in self.clients) or "id_token.alg" in self.settings:
            algs.append(openid.id_token_alg(self))
        return list(dict.fromkeys(algs or [self.access_alg]))

    def public_jwks(self) -> list[dict[str, Any]]:
        """What tokens of this server verify against; of HMAC keys the secret, so not for publishing as it is."""
        return [verification_jwk(key) for key in self.keyring.published()]

    def private_key(self, kid: str | None, alg: str | None) -> Key | None:
        """The key of that id and algorithm; without both the one that signs access tokens."""
        return self.keyring.signing(self.access_alg) if kid is None and alg is None else self.keyring.find(kid, alg)

    # HTTP

    def route(self, path: str) -> Mapping[str, str] | None:
        for name, paths in self.paths.items():
            if path in paths:
                return METHODS.get(name)
        if path.startswith(INTERACTION):
            return METHODS["interaction"]
        return METHODS["metadata"] if path in self.metadata_paths() else None

    def metadata_paths(self) -> tuple[str, ...]:
        """RFC 8414 section 3.1: the well-known string goes between the host and the issuer's path."""
        from urllib.parse import urlsplit

        path = urlsplit(self.issuer).path.rstrip("/")
        names = ("oauth-authorization-server", "openid-configuration")
        # OpenID Connect Discovery section 4.1 appends it instead.
        return (
            *(f"/.well-known/{name}{tail}" for name in names for tail in dict.fromkeys((path, ""))),
            f"{path}/.well-known/openid-configuration",
        )

    def respond(self, request: "WebRequest") -> "WebResponse":
        """The route's answer; a refusal as RFC 6749 section 5.2 words it, and 503 when a store cannot answer."""
        try:
            return super().respond(request)
        except OAuthError as refusal:
            return refusal.response(self.issuer)
        except stores.StoreFailed:
            return json_response({"error": "temporarily_unavailable"}, 503, {**NO_STORE, "Retry-After": "1"})

    def token_endpoint(self, request: "WebRequest") -> "WebResponse":
        """RFC 6749 section 3.2."""
        form = read_form(request, self.allows)
        client = self._with_key(request, self.clients.authenticate(credentials(request, form)))
        grant_type = needed(form, "grant_type")
        answer = GRANTS.get(grant_type)
        if answer is None or grant_type not in self.settings["grants"]:
            raise OAuthError("unsupported_grant_type", "the server does not support this grant type")
        if client.grants is not None and grant_type not in client.grants:
            raise OAuthError("unauthorized_client", "the client may not use this grant type")
        headers = {} if "response_cacheable" in self.allows else NO_STORE
        targets = request.form.getlist("resource")
        if grant_type == token_exchange.GRANT_TYPE:
            targets += request.form.getlist("audience")
        return json_response(answer(self, client, form, targets), 200, headers)

    def _with_key(self, request: "WebRequest", client: Client) -> Client:
        """The client with the key that it proves to hold (RFC 9449 section 5). Raises OAuthError."""
        try:
            jkt = self.proofs.of(request)
        except BadProof as problem:
            raise OAuthError("invalid_dpop_proof", str(problem)) from None
        except WantsNonce as wanted:
            raise OAuthError("use_dpop_nonce", str(wanted), DPoP_Nonce=wanted.nonce) from None
        if jkt is None and self.settings["dpop"] == "required":
            raise OAuthError("invalid_dpop_proof", "there is no DPoP proof")
        return replace(client, jkt=jkt)

    def revocation_endpoint(self, request: "WebRequest") -> "WebResponse":
        """RFC 7009: 200 for each well-formed request, also about a token that nobody knows."""
        form = read_form(request, self.allows)
        client = self.clients.authenticate(credentials(request, form))
        record = self.tokens.find(needed(form, "token"))
        if record is not None:
            if record.grant.client_id != client.client_id:
                # Section 2.1: the request is refused, and the client is told.
                self.allows.refuse(
                    "revoke_foreign_token", OAuthError("invalid_grant", "the token was issued to another client")
                )
            if "revoke_no_effect" not in self.allows:
                self._revoke(record)
        return json_response(None, 200, NO_STORE)

    def _revoke(self, record: Record) -> None:
        """Section 2.1: with a refresh token go the access tokens of its grant; an access token goes alone."""
        if record.kind == "refresh_token":
            if self.tokens.is_live(record):
                self.tokens.revoke_grant(record.grant)
        else:
            self.tokens.revoke(record)

    def introspection_endpoint(self, request: "WebRequest") -> "WebResponse":
        """RFC 7662: what is known of a live token; of any other nothing but that it is not active."""
        form = read_form(request, self.allows)
        client = self.clients.authenticate(credentials(request, form))
        if client.is_public:
            # Section 2.1: the endpoint must ask for authorization, against token scanning.
            self.allows.refuse(
                "introspect_unauthenticated", OAuthError("invalid_client", "introspection needs client authentication")
            )
        record = self.tokens.find(needed(form, "token"))
        if record is None or not self._is_active(record, client):
            return json_response({"active": False}, 200, NO_STORE)
        return json_response({"active": True, **record.fields(self.issuer)}, 200, NO_STORE)

    def _is_active(self, record: Record, client: Client) -> bool:
        if "introspect_dead_token" in self.allows:
            return True
        if not self.tokens.is_live(record) or record.is_told:
            return False
        username = record.grant.username
        user = self.users.known(username) if username is not None else None
        if user is not None and user.is_disabled:
            return False
        if record.kind == "refresh_token":
            # A refresh token is no business of a resource server: told "active" it might let it in.
            return record.grant.client_id == client.client_id
        audience = [record.aud] if isinstance(record.aud, str) else record.aud
        is_for_it = not client.audience or any(name in client.audience for name in audience)
        return is_for_it or "introspect_foreign" in self.allows

    def end_session_endpoint(self, request: "WebRequest") -> "WebResponse":
        """RP-Initiated Logout 1.0 section 2."""
        return logout.end_session(self, request)

    def pushed_request_endpoint(self, request: "WebRequest") -> "WebResponse":
        """RFC 9126 section 2."""
        return self.pushed.push(request)

    def device_authorization_endpoint(self, request: "WebRequest") -> "WebResponse":
        """RFC 8628 section 3.1."""
        return self.devices.authorize(request)

    def device_endpoint(self, request: "WebRequest") -> "WebResponse":
        """The page where the user of a device types its code."""
        return self.devices.page(request)

    def authorization_endpoint(self, request: "WebRequest") -> "WebResponse":
        """RFC 6749 section 3.1."""
        return self.front.authorize(request)

    def interaction_endpoint(self, request: "WebRequest") -> "WebResponse":
        """The pages where the user logs in and consents."""
        return self.front.interact(request)

    def userinfo_endpoint(self, request: "WebRequest") -> "WebResponse":
        """OpenID Connect Core section 5.3."""
        return openid.userinfo(self, request)

    def jwks_endpoint(self, request: "WebRequest") -> "WebResponse":
        """RFC 7517 section 5: public keys only, so nothing of HMAC keys."""
        return json_response(jwks(self.keyring.published()), 200, {"Cache-Control": "public, max-age=300"})

    def metadata_endpoint(self, request: "WebRequest") -> "WebResponse":
        """RFC 8414 section 2."""
        return json_response(self.metadata())

    def metadata(self) -> dict[str, Any]:
        """The document that describes this server."""
        methods = ["client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt"]
        if self.clients.is_open or any(client.is_public for client in self.clients):
            methods.append("none")
        url = self.part.url
        document: dict[str, Any] = {
            "issuer": self.issuer,
            "token_endpoint": url + self.paths["token"][0],
            "revocation_endpoint": url + self.paths["revocation"][0],
            "introspection_endpoint": url + self.paths["introspection"][0],
            "jwks_uri": url + self.paths["jwks"][0],
            "authorization_endpoint": url + self.paths["authorization"][0],
            "pushed_authorization_request_endpoint": url + self.paths["pushed_request"][0],
            "require_pushed_authorization_requests": self.settings["par"] == "required",
            "device_authorization_endpoint": url + self.paths["device_authorization"][0],
            "dpop_signing_alg_values_supported": list(PROOF_ALGORITHMS),
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
            **openid.discovery(self),
            "grant_types_supported": [name for name in self.settings["grants"] if name in GRANTS],
            "token_endpoint_auth_methods_supported": methods,
            "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        }
        if self.settings["scopes"]:
            document["scopes_supported"] = list(self.settings["scopes"])
        return document

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
            self.front.end_sessions(username)
            for grant in self.tokens.grants_of(username):
                self.tokens.revoke_grant(grant, with_access_tokens=False)
        return Result("disabled" if is_disabled else "enabled")

    @on("log out {username}")
    def log_out(self, username: str) -> Result:
        """All the user's tokens are revoked, as far as this server is asked about them."""
        self.front.end_sessions(username)
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


def _no_endpoint(participant: str, name: str, path: str) -> Finding:
    is_known = name in ENDPOINTS
    return Finding(
        "SQ384",
        f"`endpoints.{name}` of `{participant}` is no endpoint" if not is_known else "an endpoint needs a path",
        expected="a path that begins with `/`" if is_known else f"one of {', '.join(ENDPOINTS)}",
        got=f"`{path}`" if is_known else f"`{name}`",
        do=did_you_mean(name, list(ENDPOINTS)) if not is_known else f"write `endpoints.{name} = /{path}`",
    )
