"""`<<resource-server>>`: an API behind bearer tokens (RFC 6750)."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import unquote

from seqtest.actors import cors, microprofile, stores
from seqtest.actors.access import (
    CannotTell,
    ConfiguredKeys,
    FetchedKeys,
    InlineKeys,
    Introspection,
    LocalVerifier,
    SignedAnswers,
    issuer_of,
)
from seqtest.actors.actor import Part
from seqtest.actors.allowances import RESOURCE_SERVER, allowed, rows
from seqtest.actors.bearer import Refusal, bearer_token
from seqtest.actors.claims import Claims, InvalidToken, Rules, groups_of
from seqtest.actors.keyring import bad_key
from seqtest.actors.proofs import Proofs, check_proof
from seqtest.actors.settings import (
    Setting,
    Settings,
    Table,
    anything,
    boolean,
    json_web_keys,
    one_of,
    seconds,
    text,
    words,
)
from seqtest.actors.users import PRIVATE_FIELDS
from seqtest.actors.web import WebActor, json_response
from seqtest.auth.keyring import keys_of
from seqtest.auth.keys import ALGORITHMS, ENCRYPTION_ALGORITHMS, PUBLIC_KEY_ALGORITHMS, BadKey, Key, public_jwk
from seqtest.errors import Finding, UnplayableScenario

if TYPE_CHECKING:
    from werkzeug.wrappers import Request as WebRequest
    from werkzeug.wrappers import Response as WebResponse

TABLE = Table(
    Setting("trusts", text, "The participant whose JWTs are verified here, with its keys and no arrow to it."),
    Setting("issuer", text, "What `iss` must be. Default: the `issuer` of the participant that is trusted."),
    Setting(
        "jwks",
        json_web_keys,
        "The issuer's public keys themselves, as a JWK Set. With `issuer` nobody in the diagram need be trusted.",
    ),
    Setting(
        "jwks_uri",
        text,
        "Where to fetch the keys, such as `/jwks`: an arrow, its answer is kept for a while. Default: nobody is asked.",
    ),
    Setting("jwks_lifetime", seconds, "How long fetched keys are kept.", "10 minutes"),
    Setting("jwks_cooldown", seconds, "How long after a fetch for an unknown `kid` there is no other.", "1 minute"),
    Setting("introspection", text, "The participant that is asked about each token (RFC 7662), instead of `trusts`."),
    Setting("introspection_endpoint", text, "The path or address of that endpoint.", "/oauth/introspect"),
    Setting(
        "introspection_signed_response_alg",
        one_of(*PUBLIC_KEY_ALGORITHMS),
        "The only algorithm of its answers, which are then asked for as signed JWTs (RFC 9701). Default: JSON.",
    ),
    Setting(
        "client_id", text, "Its own name as a client of the introspection endpoint. Default: the participant's id."
    ),
    Setting("client_secret", text, "Its secret there."),
    Setting(
        "audience",
        words,
        "What `aud` must name. Default: the `access_token.aud` of the server it trusts or asks, else its own address.",
    ),
    Setting(
        "typ",
        one_of("at+jwt", "any"),
        "`at+jwt`: only tokens that say that they are access tokens (RFC 9068). `any`: others, too.",
        "at+jwt",
    ),
    Setting(
        "profile",
        one_of("rfc9068", "microprofile"),
        "Which rules a JWT is held against. `microprofile`: MicroProfile JWT 2.1, so RS256 or ES256, `iss`, `iat`, "
        "`exp` and a name in `upn`, `preferred_username` or `sub`; `aud` only where `audience` is drawn, any `typ`.",
        "rfc9068",
    ),
    Setting("token_age", seconds, "How long after `iat` a token is taken. Default: as long as `exp` says."),
    Setting(
        "token_header",
        one_of("Authorization", "Cookie", "either"),
        "Where the token stands. `either`: in one of the two, and not in both.",
        "Authorization",
    ),
    Setting("token_cookie", text, "The cookie with the token, where it may stand in one.", "Bearer"),
    Setting(
        "session_endpoint",
        text,
        "Where a token is exchanged for the cookie, such as `/session`: POST sets it, DELETE clears it. "
        "Default: nowhere.",
    ),
    Setting(
        "cookie.same_site", one_of("Strict", "Lax", "None"), "When a browser sends the cookie from other sites.", "Lax"
    ),
    *cors.ROWS,
    Setting(
        "roles.*",
        words,
        'Who may: one of these must be in the token\'s groups, else 403. `roles."GET /authors" = user admin`.',
    ),
    Setting("groups_path", text, "The claim with the groups; `/` leads into objects: `realm_access/roles`.", "groups"),
    Setting("resources.*", anything, 'What a request gets: `resources."GET /authors" = [{"name": "Carroll"}]`.'),
    Setting("algorithms", words, "The algorithms that are accepted. Default: all that the keys are for."),
    Setting("leeway", seconds, "How far the issuer's clock may be off.", "0 seconds"),
    Setting("scope", words, "The scope that each request needs."),
    Setting(
        "scopes.*", words, 'The scope that some need: `scopes.DELETE = admin`, `scopes."GET /users/*" = users:read`.'
    ),
    Setting(
        "users.*.*", anything, "What `GET /users/<sub>` gives of that user beside `sub`, such as `users.123.name`."
    ),
    Setting("users.*.sub", text, "The `sub` of a user whose settings are drawn under another name."),
    Setting("users.*.disabled", boolean, "Not handed out."),
    Setting("user_store", text, "The participant that knows the users: `find user 123` is an arrow to it."),
    Setting("realm", text, "The realm of its challenges. Default: its own address."),
    Setting(
        "keys.*",
        one_of(*ENCRYPTION_ALGORITHMS),
        "A key by its `kid`; with one, only tokens are taken that are encrypted to it and signed inside (RFC 7516).",
    ),
    Setting("keys.*.pem", text, "The private key of that key as PEM."),
    Setting("dpop.nonce", boolean, "Whether DPoP proofs need a nonce of this server (RFC 9449 section 9).", "false"),
    *microprofile.ROWS,
    *rows(RESOURCE_SERVER),
)
"""`GET /users/<sub>` gives the user whose token it is, to others it is 403. Any other path gives `{}`."""

MICROPROFILE_ALGORITHMS = ("RS256", "ES256")
"""MicroProfile JWT 2.1, "Required MP-JWT Headers"."""

_USER_PATH = re.compile(r"/users/([^/]+)")


class Forged(Exception):
    """A request with a cookie that another site may have had the browser send."""


class ResourceServer(WebActor):
    """An API that lets nobody in without a good access token."""

    settings_table: ClassVar[Mapping[str, str]] = TABLE.documentation()

    def __init__(self, part: Part) -> None:
        super().__init__(part)
        self.settings = Settings(TABLE, microprofile.translated(part), part.participant)
        self.allows = allowed(self.settings)
        self.is_microprofile = self.settings["profile"] == "microprofile"
        self.realm: str = self.settings["realm"] or part.url
        self._verifier = self._make_verifier()
        self.cors = cors.Cors(self.settings, part.url, self.allows, part.participant)
        self.proofs = Proofs(part, self.settings["dpop.nonce"], self.allows)

    # What the settings say

    def _make_verifier(self) -> LocalVerifier | Introspection:
        trusts, asks = self.settings["trusts"], self.settings["introspection"]
        servers = [name for name, kind in self.part.peers.items() if kind == "authorization-server"]
        if trusts and asks:
            raise UnplayableScenario(_two_ways(self.id))
        if not trusts and not asks and len(servers) == 1:
            trusts = servers[0]
        if not trusts and not asks and "://" in str(self.settings["jwks_uri"] or ""):
            trusts = self.part.network.participant(self.settings["jwks_uri"])
        if asks:
            return self._introspection(asks)
        if trusts or (self.settings["jwks"] and self.settings["issuer"]):
            return self._local(trusts)
        raise UnplayableScenario(_no_way(self.id))

    def decryption_keys(self) -> list[Key]:
        try:
            return keys_of(self.id, {f"keys.{name}": value for name, value in self.settings.below("keys").items()})
        except BadKey as problem:
            raise UnplayableScenario(bad_key(self.id, "keys", str(problem))) from None

    def public_jwks(self) -> list[dict[str, Any]]:
        """What tokens for it are encrypted to."""
        return [public_jwk(key) for key in self.decryption_keys()]

    def _audiences(self, server: str | None) -> frozenset[str]:
        if self.is_microprofile:
            return frozenset(self.settings["audience"] or ())
        theirs = self.part.network.setting(server, "access_token.aud") if server else None
        drawn = self.settings["audience"] or words(theirs or "")
        return frozenset(drawn or (self.part.url,))

    def _issuer(self, server: str | None) -> str:
        return self.settings["issuer"] or issuer_of(self.part, server or "")

    def _local(self, server: str | None) -> LocalVerifier:
        rules = Rules(
            self._issuer(server),
            self._audiences(server),
            self.settings["typ"] == "any",
            self.settings["algorithms"] or (MICROPROFILE_ALGORITHMS if self.is_microprofile else tuple(ALGORITHMS)),
            self.settings["leeway"],
            self.is_microprofile,
            self.settings["token_age"],
            self.allows,
        )
        return LocalVerifier(self.part, rules, self._keys(server), self.decryption_keys())

    def _keys(self, server: str | None) -> ConfiguredKeys | FetchedKeys | InlineKeys:
        if self.settings["jwks"] or server is None:
            return InlineKeys(self.settings["jwks"] or [])
        url = self.settings["jwks_uri"]
        if not url:
            return ConfiguredKeys(self.part, server)
        return FetchedKeys(
            self.part,
            server,
            f"{self.part.network.url(server)}{url}" if url.startswith("/") else url,
            self.settings["jwks_lifetime"],
            self.settings["jwks_cooldown"],
            "jwt_key_withdrawn" in self.allows,
        )

    def _introspection(self, server: str) -> Introspection:
        url = self.settings["introspection_endpoint"]
        return Introspection(
            self.part,
            server,
            f"{self.part.network.url(server)}{url}" if url.startswith("/") else url,
            self.settings["client_id"] or self.id,
            self.settings["client_secret"],
            self._issuer(server),
            self._audiences(server),
            self.settings["leeway"],
            self.allows,
            SignedAnswers(alg, self._keys(server))
            if (alg := self.settings["introspection_signed_response_alg"])
            else None,
        )

    # HTTP

    def respond(self, request: "WebRequest") -> "WebResponse":
        """The resource for a good token; else a challenge, or 503 when it cannot be told whether the token is good."""
        preflight = self.cors.preflight(request)
        if preflight is not None:
            return preflight
        answer = self._respond(request)
        self.cors.dress(request, answer)
        return answer

    def _respond(self, request: "WebRequest") -> "WebResponse":
        try:
            is_session = request.path == self.settings["session_endpoint"]
            if is_session and request.method == "DELETE":
                return self._without_session(request)
            claims = self._claims(request)
            if is_session and request.method == "POST":
                return self._session(request)
            self._check_scope(request, claims)
            if not self._has_role(request, claims):
                return json_response({"error": "forbidden"}, 403, {"Cache-Control": "no-store"})
            return self.resource(request, claims)
        except Refusal as refusal:
            return refusal.response(self.realm)
        except Forged:
            return json_response({"error": "csrf"}, 403, {"Cache-Control": "no-store"})
        except (CannotTell, stores.StoreFailed):
            return json_response({"error": "temporarily_unavailable"}, 503, {"Retry-After": "1"})

    def _claims(self, request: "WebRequest") -> Claims:
        try:
            text = self._token(request)
            claims = self._verifier.claims(text)
            check_proof(request, text, claims, self.proofs)
            return claims
        except Refusal as refusal:
            if refusal.error is None and "no_token" in self.allows:
                return {}
            raise
        except InvalidToken as reason:
            raise Refusal("invalid_token", str(reason)) from None

    def _token(self, request: "WebRequest") -> str:
        place = self.settings["token_header"]
        found = request.cookies.getlist(self.settings["token_cookie"]) if place != "Authorization" else []
        if place == "Authorization" or (place == "either" and not found):
            return bearer_token(request, self.allows)
        if not found:
            raise Refusal(None)
        if len(found) > 1 or (place == "either" and "Authorization" in request.headers):
            self.allows.refuse("token_two_methods", Refusal("invalid_request", "the token is there twice"))
        if self.cors.is_forged(request):
            raise Forged
        return found[0]

    def _session(self, request: "WebRequest") -> "WebResponse":
        """The token of the request as a cookie that no script can read."""
        answer = json_response(None, 204, {"Cache-Control": "no-store"})
        self._set_cookie(answer, self._token(request), None)
        return answer

    def _without_session(self, request: "WebRequest") -> "WebResponse":
        if self.cors.is_forged(request):
            raise Forged
        answer = json_response(None, 204, {"Cache-Control": "no-store"})
        self._set_cookie(answer, "", 0)
        return answer

    def _set_cookie(self, answer: "WebResponse", value: str, max_age: int | None) -> None:
        answer.set_cookie(
            self.settings["token_cookie"],
            value,
            max_age=max_age,
            secure=True,
            httponly=True,
            samesite=self.settings["cookie.same_site"],
        )

    def _has_role(self, request: "WebRequest", claims: Claims) -> bool:
        """Whether the caller has one of the roles of each drawn method and path that the request fits."""
        held = groups_of(claims, self.settings["groups_path"], self.allows)
        return all(
            not held.isdisjoint(roles)
            for drawn, roles in self.settings.below("roles").items()
            if _fits(drawn.strip('"'), request.method, request.path)
        )

    def _check_scope(self, request: "WebRequest", claims: Claims) -> None:
        needed = self.needed_scope(request.method, request.path)
        granted = claims.get("scope", "").split(" ")
        missing = [word for word in needed if word not in granted]
        if "scope_prefix_match" in self.allows:
            missing = [word for word in missing if not any(one.startswith(word) for one in granted)]
        if missing and not ("no_token" in self.allows and not claims):
            self.allows.refuse(
                "scope_insufficient", Refusal("insufficient_scope", "the token's scope is too small", needed)
            )

    def needed_scope(self, method: str, path: str) -> tuple[str, ...]:
        """The scope for a request: that of all, and of each drawn method and path that it fits."""
        found = list(self.settings["scope"] or ())
        for drawn, scope in self.settings.below("scopes").items():
            if _fits(drawn.strip('"'), method, path):
                found += scope
        return tuple(dict.fromkeys(found))

    def resource(self, request: "WebRequest", claims: Claims) -> "WebResponse":
        """What a good token gets. A subclass may have other resources."""
        for drawn, body in self.settings.below("resources").items():
            if _fits(drawn.strip('"'), request.method, request.path):
                return json_response(body)
        match = _USER_PATH.fullmatch(request.path)
        if match is None:
            return json_response({})
        wanted, sub = unquote(match[1]), claims.get("sub")
        if not self._is_own(wanted, claims):
            return json_response({"error": "forbidden"}, 403, {"Cache-Control": "no-store"})
        if sub is None or wanted not in (sub, claims.get("username")):
            sub = wanted
        if self.settings["user_store"]:
            return self._looked_up(self.settings["user_store"], wanted)
        return json_response(
            {"id": int(sub) if sub.isdecimal() and sub.isascii() else sub, "sub": sub, **self._drawn(sub)}
        )

    def _is_own(self, wanted: str, claims: Claims) -> bool:
        sub = claims.get("sub")
        # RFC 9700 section 4.15: a client's own token, whose `sub` is its name, is no user's.
        is_client = sub is not None and sub == claims.get("client_id") and "client_sub_collision" not in self.allows
        is_users = sub is not None and wanted in (sub, claims.get("username"))
        return not is_client and (is_users or "sub_swapped" in self.allows)

    def _looked_up(self, store: str, wanted: str) -> "WebResponse":
        found = stores.find(self.part, store, f"user {wanted}")
        if found is None:
            return json_response({"error": "not_found"}, 404)
        fields = {"name": found.text, **found.fields} if found.text else dict(found.fields)
        return json_response(_public(fields))

    def _drawn(self, sub: str) -> dict[str, Any]:
        for name, fields in self.settings.named("users").items():
            if fields.get("sub", name) == sub:
                return _public(fields)
        return {}


def _public(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name not in PRIVATE_FIELDS}


def _fits(drawn: str, method: str, path: str) -> bool:
    wanted, _, pattern = drawn.partition(" ")
    if wanted.startswith("/"):
        wanted, pattern = "", drawn
    expression = ".*".join(re.escape(piece) for piece in pattern.strip().split("*"))
    return wanted in ("", method) and (not pattern or re.fullmatch(expression, path) is not None)


def _two_ways(participant: str) -> Finding:
    return Finding(
        "SQ385",
        f"`{participant}` has both `trusts` and `introspection`",
        expected="one of them",
        why="a token is verified here or asked about, and the drawing must say which",
        do=f"take out one of the two lines over `{participant}`",
    )


def _no_way(participant: str) -> Finding:
    return Finding(
        "SQ386",
        f"`{participant}` does not know whose tokens to let in",
        expected="`trusts = …` or `introspection = …` over it",
        why="there is not exactly one `<<authorization-server>>` in the diagram that could be meant",
        do=f"draw `note over {participant} : trusts = auth`",
    )
