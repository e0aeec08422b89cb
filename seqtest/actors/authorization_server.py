"""`<<authorization-server>>`: RFC 6749, 6750, 7009, 7662, 8414, 9068 as a server in production has them.

Endpoints and their refusals are here; how tokens are made and found is in `tokens`, the grants are in `grants`.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from seqtest.actors import grants, stores
from seqtest.actors.actor import Part, on
from seqtest.actors.authorization_settings import ENDPOINTS, TABLE
from seqtest.actors.clients import Client, Clients, registered
from seqtest.actors.oauth_error import OAuthError
from seqtest.actors.parameters import credentials, needed, read_form
from seqtest.actors.settings import Settings
from seqtest.actors.tokens import Recipe, Record, Tokens
from seqtest.actors.users import Users
from seqtest.actors.web import NO_STORE, WebActor, json_response
from seqtest.auth.keys import ALGORITHMS, Key, jwks, make_key, verification_jwk
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
}
"""Endpoint → method → name of the method that answers."""


class AuthorizationServer(WebActor):
    """An authorization server that issues, introspects and revokes tokens, as strictly as the RFCs ask."""

    settings_table: ClassVar[Mapping[str, str]] = TABLE.documentation()

    def __init__(self, part: Part) -> None:
        super().__init__(part)
        self.settings = Settings(TABLE, part.settings, part.participant)
        self.issuer: str = self.settings["issuer"] or part.url
        self.paths = self._endpoint_paths()
        self.users = Users(part, self.settings.named("users"), self.settings["user_store"])
        self.clients = Clients(part, registered(self.settings.named("clients")), self._assertion_audiences())
        self.tokens = Tokens(part, self.issuer, self.settings["token_store"], self.settings["revocation_list"])
        self.access_recipe = self._recipe("access_token", "at+jwt", self.access_alg)
        self.refresh_recipe = self._recipe("refresh_token", "rt+jwt", self.settings["refresh_token.alg"])
        self._withdrawn: set[str] = set()
        self._rotations = 0
        self._keys: list[Key] | None = None

    # What the settings say

    @property
    def access_alg(self) -> str:
        if "access_token.alg" in self.settings:
            return str(self.settings["access_token.alg"])
        named = list(self.settings.below("keys").values())
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
        if "refresh_token.issue" in self.settings:
            return bool(self.settings["refresh_token.issue"])
        return self.access_recipe.is_jwt or self.settings.has_any("refresh_token")

    @property
    def rotates(self) -> bool:
        return bool(self.settings["refresh_token.rotation"])

    def _recipe(self, kind: Any, typ: str, alg: str | None) -> Recipe:
        is_jwt = self.settings[f"{kind}.format"] == "jwt"
        return Recipe(
            kind, is_jwt, self.settings[f"{kind}.lifetime"], typ, lambda: self.signing_key(alg or self.access_alg)
        )

    def _assertion_audiences(self) -> tuple[str, ...]:
        if self.settings["assertion.audience"] == "issuer":
            return (self.issuer,)
        return (self.issuer, *(f"{self.part.url}{path}" for path in self.paths["token"]))

    def _endpoint_paths(self) -> dict[str, tuple[str, ...]]:
        paths = dict(ENDPOINTS)
        for name, path in self.settings.below("endpoints").items():
            if name not in paths or not path.startswith("/"):
                raise UnplayableScenario(_no_endpoint(self.id, name, path))
            paths[name] = (path,)
        return paths

    # Keys

    def keys(self) -> list[Key]:
        """All keys that are published, the newest last; made when first asked for."""
        if self._keys is None:
            self._keys = self._make_keys()
        return self._keys

    def _make_keys(self) -> list[Key]:
        named = self.settings.below("keys")
        if named:
            made = [make_key(alg, kid, self.id) for kid, alg in named.items()]
        else:
            algs = dict.fromkeys([self.access_alg, self._alg("refresh_token"), self._alg("id_token")])
            made = [make_key(alg, None, self.id) for alg in algs]
        for turn in range(1, self._rotations + 1):
            made.append(make_key(self.access_alg, f"{self.id}-{self.access_alg.lower()}-{turn + 1}", self.id))
        return [key for key in made if key.kid not in self._withdrawn]

    def _alg(self, kind: str) -> str:
        return str(self.settings[f"{kind}.alg"] or self.access_alg)

    def signing_key(self, alg: str) -> Key:
        """The key in use for an algorithm: the first drawn that fits, and after a rotation the newest."""
        fitting = [key for key in self.keys() if key.alg == alg]
        if not fitting:
            return make_key(alg, None, self.id)
        return fitting[-1 if self._rotations else 0]

    def public_jwks(self) -> list[dict[str, Any]]:
        """What tokens of this server verify against; of HMAC keys the secret, so not for publishing as it is."""
        return [verification_jwk(key) for key in self.keys()]

    def private_key(self, kid: str | None, alg: str | None) -> Key | None:
        """The key of that id, or of that algorithm, or the one that signs access tokens."""
        keys = self.keys()
        if kid is not None:
            keys = [key for key in keys if key.kid == kid]
        if alg in ALGORITHMS:
            keys = [key for key in keys if key.alg == alg] or ([] if kid else [make_key(str(alg), None, self.id)])
        if kid is None and alg is None:
            return self.signing_key(self.access_alg)
        return keys[0] if keys else None

    # HTTP

    def route(self, path: str) -> Mapping[str, str] | None:
        for name, paths in self.paths.items():
            if path in paths:
                return METHODS.get(name)
        return METHODS["metadata"] if path in self.metadata_paths() else None

    def metadata_paths(self) -> tuple[str, ...]:
        """RFC 8414 section 3.1: the well-known string goes between the host and the issuer's path."""
        from urllib.parse import urlsplit

        path = urlsplit(self.issuer).path.rstrip("/")
        return tuple(
            dict.fromkeys((f"/.well-known/oauth-authorization-server{path}", "/.well-known/oauth-authorization-server"))
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
        form = read_form(request)
        client = self.clients.authenticate(credentials(request, form))
        grant_type = needed(form, "grant_type")
        answer = grants.GRANTS.get(grant_type)
        if answer is None or grant_type not in self.settings["grants"]:
            raise OAuthError("unsupported_grant_type", "the server does not support this grant type")
        if client.grants is not None and grant_type not in client.grants:
            raise OAuthError("unauthorized_client", "the client may not use this grant type")
        return json_response(answer(self, client, form, request.form.getlist("resource")), 200, NO_STORE)

    def revocation_endpoint(self, request: "WebRequest") -> "WebResponse":
        """RFC 7009: 200 for each well-formed request, also about a token that nobody knows."""
        form = read_form(request)
        client = self.clients.authenticate(credentials(request, form))
        record = self.tokens.find(needed(form, "token"))
        if record is not None:
            if record.grant.client_id != client.client_id:
                # Section 2.1: the request is refused, and the client is told.
                raise OAuthError("invalid_grant", "the token was issued to another client")
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
        form = read_form(request)
        client = self.clients.authenticate(credentials(request, form))
        if client.is_public:
            # Section 2.1: the endpoint must ask for authorization, against token scanning.
            raise OAuthError("invalid_client", "introspection needs client authentication")
        record = self.tokens.find(needed(form, "token"))
        if record is None or not self._is_active(record, client):
            return json_response({"active": False}, 200, NO_STORE)
        return json_response({"active": True, **record.fields(self.issuer)}, 200, NO_STORE)

    def _is_active(self, record: Record, client: Client) -> bool:
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
        return not client.audience or any(name in client.audience for name in audience)

    def jwks_endpoint(self, request: "WebRequest") -> "WebResponse":
        """RFC 7517 section 5: public keys only, so nothing of HMAC keys."""
        return json_response(jwks(self.keys()), 200, {"Cache-Control": "public, max-age=300"})

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
            "response_types_supported": [],
            "grant_types_supported": [name for name in self.settings["grants"] if name in grants.GRANTS],
            "token_endpoint_auth_methods_supported": methods,
            "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        }
        if self.settings["scopes"]:
            document["scopes_supported"] = list(self.settings["scopes"])
        return document

    # Actions of an administrator, and the state

    @on("disable {username}")
    def disable(self, username: str) -> Result:
        """The account may do nothing more, and its refresh tokens are revoked; access tokens work until they expire."""
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
            for grant in self.tokens.grants_of(username):
                self.tokens.revoke_grant(grant, with_access_tokens=False)
        return Result("disabled" if is_disabled else "enabled")

    @on("log out {username}")
    def log_out(self, username: str) -> Result:
        """All the user's tokens are revoked, as far as this server is asked about them."""
        for grant in self.tokens.grants_of(username):
            self.tokens.revoke_grant(grant)
        return Result("logged out")

    @on("rotate keys")
    def rotate_keys(self) -> Result:
        """From now on a new key signs; the old ones stay published."""
        self._rotations += 1
        self._keys = None
        return Result(self.signing_key(self.access_alg).kid)

    @on("withdraw key {kid}")
    def withdraw_key(self, kid: str) -> Result:
        """The key is published no more."""
        if kid not in [key.kid for key in self.keys()]:
            return Result(error="UnknownKey")
        self._withdrawn.add(kid)
        self._keys = None
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
            "kids": [key.kid for key in self.keys()],
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
