"""What one authorization server is and remembers in one run: its settings, users, clients, keys and tokens.

The endpoints stand above it, each a function of a provider and a request; `authorization_server` has their table.
"""

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any, ClassVar

from seqtest.actors import keycloak
from seqtest.actors.actor import Part
from seqtest.actors.allowances import allowed
from seqtest.actors.authorization_settings import ENDPOINTS, TABLE
from seqtest.actors.clients import Clients
from seqtest.actors.codes import Codes, Interaction, Wanted
from seqtest.actors.grant_types import GrantTypes
from seqtest.actors.keyring import Keyring
from seqtest.actors.proofs import Proofs
from seqtest.actors.registered_client import encryption_key, registered
from seqtest.actors.sessions import COOKIE, Sessions
from seqtest.actors.settings import Settings
from seqtest.actors.throttle import Throttle
from seqtest.actors.tokens import Grant, Recipe, TokenKind, Tokens
from seqtest.actors.users import Users
from seqtest.actors.web import WebActor
from seqtest.auth import jwe
from seqtest.auth.keyring import is_part_of_a_key
from seqtest.auth.keys import ALGORITHMS, Key, verification_jwk
from seqtest.dataclass import dataclass
from seqtest.errors import Finding, UnplayableScenario, did_you_mean


@dataclass(slots=True)
class Waiting:
    """A request whose user answers elsewhere: a device's (RFC 8628), or one over the back channel (CIBA)."""

    client_id: str
    scope: tuple[str, ...]
    exp: float
    interval: int
    user_code: str = field(default="", repr=False)
    username: str | None = None
    """The only one who may answer; None for whoever knows the code."""
    message: str = ""
    """What the user sees on both of his screens."""
    asked_at: float | None = None
    grant: Grant | None = None
    is_denied: bool = False
    is_used: bool = False


@dataclass(frozen=True, slots=True)
class Registration:
    """What a client has registered of itself (RFC 7591)."""

    metadata: Mapping[str, Any]
    secret: str | None = field(repr=False)
    access_token: str = field(repr=False)
    """Its proof of being that client (RFC 7592 section 3)."""
    issued_at: int


class Provider(WebActor):
    """The state below the endpoints of an authorization server."""

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
        for client in drawn.values():
            if client.id_token_encrypted_response_alg is not None:
                _check_encryption(self.id, f"clients.{client.client_id}.jwks", client.encryption_key)
        self.grant_types = GrantTypes(self.settings, drawn, self.has_registration)
        audiences = self._assertion_audiences()
        self.clients = Clients(
            part, drawn, audiences, self.allows, self.throttle, self.has_registration, self.settings["mtls.ca"]
        )
        self.tokens = Tokens(part, self.issuer, self.settings["token_store"], self.settings["revocation_list"])
        self.cookie = f"{self.settings['cookie_prefix'] or ''}{COOKIE}"
        """The name of the cookie of who is logged in."""
        self.sessions = Sessions(self.now, self.tokens.random_text)
        self.codes = Codes()
        self.interactions: dict[str, Interaction] = {}
        self.pushed: dict[str, tuple[Wanted, float]] = {}
        """Requests that were handed in beforehand (RFC 9126), each with when it ends."""
        self.devices: dict[str, Waiting] = {}
        """By device code."""
        self.registrations: dict[str, Registration] = {}
        """By client_id."""
        self.backchannel: dict[str, Waiting] = {}
        """By `auth_req_id`."""
        self.proofs = Proofs(part, self.settings["dpop.nonce"], self.allows)
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
    def id_token_alg(self) -> str:
        """As drawn, else as access tokens; where those are HMAC, RS256: a client cannot verify with our secret."""
        drawn = self.settings["id_token.alg"]
        return str(drawn or ("RS256" if ALGORITHMS[self.access_alg].is_symmetric else self.access_alg))

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
    def has_registration(self) -> bool:
        """Whether clients may register themselves."""
        return self.settings["registration"] == "open" or self.settings["registration.token"] is not None

    @property
    def rotates(self) -> bool:
        return bool(self.settings["refresh_token.rotation"])

    def url(self, endpoint: str) -> str:
        """The address of an endpoint, as metadata names it."""
        return self.part.url + self.paths[endpoint][0]

    def _recipe(self, kind: TokenKind, typ: str, alg: str) -> Recipe:
        is_jwt = self.settings[f"{kind}.format"] == "jwt"
        encrypt = self._encryption() if kind == "access_token" and "access_token.encrypt_to" in self.settings else None
        return Recipe(kind, is_jwt, self.settings[f"{kind}.lifetime"], typ, alg, self.signing_key, encrypt)

    def _encryption(self) -> Callable[[str], str]:
        key = encryption_key(self.settings["access_token.encrypt_to"])
        _check_encryption(self.id, "access_token.encrypt_to", key)
        return lambda signed: jwe.encrypt(signed, key or {}, self.settings["access_token.enc"])

    def _assertion_audiences(self) -> tuple[str, ...]:
        return (self.issuer, *self.addresses_as_audience("token"))

    def addresses_as_audience(self, endpoint: str) -> tuple[str, ...]:
        """The addresses of an endpoint, where a client assertion may name one of them in the place of the issuer."""
        if self.settings["assertion.audience"] == "issuer":
            return ()
        return tuple([f"{self.part.url}{path}" for path in self.paths[endpoint]])

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

    def signing_key(self, alg: str) -> Key:
        """The key in use for an algorithm."""
        return self.keyring.signing(alg)

    def _needed_algs(self) -> list[str]:
        """The algorithms in use: of what is opaque none, of ID tokens only where a browser can be sent back."""
        algs = [recipe.alg for recipe in (self.access_recipe, self.refresh_recipe) if recipe.is_jwt]
        if any(client.redirect_uris for client in self.clients) or "id_token.alg" in self.settings:
            algs.append(self.id_token_alg)
        algs += [client.userinfo_signed_response_alg for client in self.clients if client.userinfo_signed_response_alg]
        return list(dict.fromkeys(algs or [self.access_alg]))

    def public_jwks(self) -> list[dict[str, Any]]:
        """What tokens of this server verify against; of HMAC keys the secret, so not for publishing as it is."""
        return [verification_jwk(key) for key in self.keyring.published()]

    def private_key(self, kid: str | None, alg: str | None) -> Key | None:
        """The key of that id and algorithm; without both the one that signs access tokens."""
        return self.keyring.signing(self.access_alg) if kid is None and alg is None else self.keyring.find(kid, alg)


def _check_encryption(participant: str, path: str, key: Mapping[str, Any] | None) -> None:
    """Raises UnplayableScenario when nothing can be encrypted: there is no key, or not the library."""
    if key is None:
        raise UnplayableScenario(
            Finding(
                "SQ395",
                f"`{path}` of `{participant}` has no key to encrypt to",
                expected="a key whose `use` is `enc` and whose `alg` is the one that is wanted",
                do="draw `keys.enc = RSA-OAEP-256` over the reader, and its keys here: `{client.jwks}`",
            )
        )
    try:
        jwe.check_library()
    except jwe.NoJwe as problem:
        raise UnplayableScenario(Finding("SQ395", f"`{participant}` cannot encrypt: {problem}")) from None


def _no_endpoint(participant: str, name: str, path: str) -> Finding:
    is_known = name in ENDPOINTS
    return Finding(
        "SQ384",
        f"`endpoints.{name}` of `{participant}` is no endpoint" if not is_known else "an endpoint needs a path",
        expected="a path that begins with `/`" if is_known else f"one of {', '.join(ENDPOINTS)}",
        got=f"`{path}`" if is_known else f"`{name}`",
        do=did_you_mean(name, list(ENDPOINTS)) if not is_known else f"write `endpoints.{name} = /{path}`",
    )
