"""Whether an access token is good for a resource server: checked here (RFC 9068), or asked of its issuer (RFC 7662)."""

import json
from collections.abc import Sequence
from dataclasses import field
from typing import Any
from urllib.parse import urlencode

from seqtest.actors import signatures
from seqtest.actors.actor import Part
from seqtest.actors.allowances import NOTHING, Allowed
from seqtest.actors.claims import Claims, InvalidToken, Rules, check_audience, check_claims, check_types, time_of
from seqtest.auth import basic, jwe, jwt
from seqtest.auth.keys import Key
from seqtest.dataclass import dataclass
from seqtest.errors import Finding, Unanswerable
from seqtest.exchange import Headers, Request, Response


class CannotTell(Exception):
    """The issuer could not be asked: the answer is 503, never a guess."""


def issuer_of(part: Part, server: str) -> str:
    """What `iss` is in the tokens of that participant, as an operator of both would have configured it."""
    network = part.network
    drawn = network.setting(server, "issuer")
    if not drawn and network.setting(server, "like") == "keycloak":
        return f"{network.url(server)}/realms/{network.setting(server, 'realm') or 'master'}"
    return str(drawn or network.url(server))


class LocalVerifier:
    """Verifies JWTs by itself: with keys it was configured with, or keys that it fetches and keeps."""

    def __init__(
        self,
        part: Part,
        rules: Rules,
        keys: "ConfiguredKeys | FetchedKeys | InlineKeys",
        decryption: Sequence[Key] = (),
    ) -> None:
        """With `decryption` keys a token must be encrypted to one of them."""
        self.part = part
        self.rules = rules
        self.keys = keys
        self.decryption = decryption

    def claims(self, text: str) -> Claims:
        """The claims of a good token. Raises InvalidToken and CannotTell."""
        try:
            token, is_signed = self._read(text)
            if is_signed:
                self._verify(token)
        except jwt.TokenError as reason:
            raise InvalidToken(str(reason)) from None
        return check_claims(token, self.rules, self.part.clock.now())

    def _verify(self, token: jwt.Token) -> None:
        allows = self.rules.allows
        try:
            signatures.verify(token, self.keys.for_token(token), self.rules.algorithms, allows)
        except jwt.TokenError:
            if "jwt_jku_header" not in allows or not isinstance(token.header.get("jku"), str):
                raise
            jwt.verify(token, _keys_at(self.part, token.header["jku"]), self.rules.algorithms)

    def _read(self, text: str) -> tuple[jwt.Token, bool]:
        """The token, out of the encrypted one where there are keys for it. Raises TokenError.

        False beside it: nobody signed it, and a switch lets it in.
        """
        allows = self.rules.allows
        if "token_padded" in allows:
            text = ".".join(part.rstrip("=") for part in text.split("."))
        if not self.decryption:
            return signatures.read(text, allows, takes_last="claim_duplicate" in allows), True
        opened = jwe.decrypt(text, self.decryption)
        if jwt.looks_like_jwt(opened.text):
            return jwt.read(opened.text), True
        # RFC 8725 section 3.3: anybody can encrypt to a public key, so only a signature inside says whose it is.
        problem = jwt.TokenError("what is encrypted is no signed token")
        self.rules.allows.refuse("jwt_jwe_unsigned", problem)
        return jwt.Token({"alg": "none", "typ": "at+jwt"}, jwe.claims(opened), "", b""), False


def _keys_at(part: Part, url: str) -> list[dict[str, Any]]:
    """The keys at any address of the drawing. Raises TokenError."""
    owner = part.network.participant(url)
    try:
        return _keys_of(part.network.call(part.participant, owner, Request("GET", url))) if owner is not None else []
    except (OSError, ValueError) as problem:
        raise jwt.TokenError(f"the keys at `jku` cannot be had: {problem}") from None


@dataclass(slots=True)
class InlineKeys:
    """Keys that are drawn themselves."""

    keys: list[dict[str, Any]]

    def for_token(self, token: jwt.Token) -> list[dict[str, Any]]:
        return self.keys


@dataclass(slots=True)
class ConfiguredKeys:
    """The issuer's keys, as an operator has put them into the configuration: nobody is asked."""

    part: Part
    issuer: str

    def for_token(self, token: jwt.Token) -> list[dict[str, Any]]:
        """Raises Unanswerable when there are none: a refusal for that reason would prove nothing about the token."""
        keys = self.part.network.keys(self.issuer)
        if not keys:
            raise Unanswerable(no_keys(self.part.participant, self.issuer))
        return keys


@dataclass(slots=True)
class FetchedKeys:
    """The issuer's keys from its key endpoint: kept, and fetched again for a `kid` that is new."""

    part: Part
    issuer: str
    url: str
    lifetime_seconds: int
    cooldown_seconds: int
    """So long there is no second fetch for an unknown `kid`: else any caller could make it hammer the issuer."""
    keeps_old: bool = False
    """Whether a key that is published no more stays good."""
    _keys: list[dict[str, Any]] = field(default_factory=list)
    _fetched_at: float | None = None
    _asked_again_at: float | None = None

    def for_token(self, token: jwt.Token) -> list[dict[str, Any]]:
        """Raises CannotTell when there are no keys and none can be fetched."""
        now = self.part.clock.now()
        if self._fetched_at is None or now >= self._fetched_at + self.lifetime_seconds:
            self._fetch(now)
        elif self._is_unknown(token) and not self._is_cooling_down(now):
            self._asked_again_at = now
            self._fetch(now)
        return self._keys

    def _is_unknown(self, token: jwt.Token) -> bool:
        return token.kid is not None and all(jwk.get("kid") != token.kid for jwk in self._keys)

    def _is_cooling_down(self, now: float) -> bool:
        return self._asked_again_at is not None and now < self._asked_again_at + self.cooldown_seconds

    def _fetch(self, now: float) -> None:
        try:
            answer = self.part.network.call(self.part.participant, self.issuer, Request("GET", self.url))
            found = _keys_of(answer)
            self._keys = [*found, *(old for old in self._keys if old not in found)] if self.keeps_old else found
            self._fetched_at = now
        except (OSError, ValueError) as problem:
            # The old keys stay: a short outage of the issuer is no reason to refuse everybody.
            if not self._keys:
                raise CannotTell("the issuer's keys cannot be fetched") from problem


def _keys_of(answer: Any) -> list[dict[str, Any]]:
    if not isinstance(answer, Response) or answer.status != 200:
        raise ValueError("the key endpoint did not answer 200")
    document = json.loads(answer.body)
    if not isinstance(document, dict) or not isinstance(document.get("keys"), list):
        raise ValueError("the key endpoint's answer is no JWK Set")
    # A secret in a published set would let anybody sign; the set may hold what is no key (RFC 7517 section 5).
    return [jwk for jwk in document["keys"] if isinstance(jwk, dict) and jwk.get("kty") != "oct"]


SIGNED_ANSWER = "application/token-introspection+jwt"
"""RFC 9701 section 5; the header's `typ` is the same without `application/`."""


@dataclass(slots=True)
class SignedAnswers:
    """How answers of an introspection endpoint are signed (RFC 9701)."""

    alg: str
    keys: "ConfiguredKeys | FetchedKeys | InlineKeys"


@dataclass(slots=True)
class Introspection:
    """Asks the issuer about each token, each time."""

    part: Part
    server: str
    url: str
    client_id: str
    client_secret: str | None = field(repr=False)
    issuer: str
    audiences: frozenset[str]
    leeway_seconds: int = 0
    allows: Allowed = NOTHING
    signed: SignedAnswers | None = None
    """None for answers as JSON."""

    def claims(self, text: str) -> Claims:
        """The members of the introspection answer. Raises InvalidToken and CannotTell."""
        form = {"token": text}
        accepted = "application/json" if self.signed is None else SIGNED_ANSWER
        headers = [("Content-Type", "application/x-www-form-urlencoded"), ("Accept", accepted)]
        if self.client_secret is not None:
            headers.append(("Authorization", basic.encode(self.client_id, self.client_secret)))
        else:
            form["client_id"] = self.client_id
        request = Request("POST", self.url, Headers(headers), urlencode(form).encode())
        try:
            return self._read(self._ask(request))
        except CannotTell as problem:
            self.allows.refuse("introspection_failure", problem)
            return {}

    def _ask(self, request: Request) -> Any:
        try:
            return self.part.network.call(self.part.participant, self.server, request)
        except OSError as lost:
            raise CannotTell("the authorization server cannot be reached") from lost

    def _read(self, answer: Any) -> Claims:
        if not isinstance(answer, Response) or answer.status != 200:
            raise CannotTell("the authorization server did not say whether the token is good")
        claims = self._members(answer) if self.signed is None else self._signed_members(answer, self.signed)
        if claims.get("active") is not True:
            # RFC 7662 section 2.2: nothing but the boolean means yes.
            self.allows.refuse("introspection_inactive", InvalidToken("the token is not active"))
        check_types(claims, self.allows)
        self._check_times(claims)
        if "aud" in claims:
            check_audience(claims, self.audiences, self.allows, "introspection_wrong_audience")
        if claims.get("iss", self.issuer) != self.issuer:
            self.allows.refuse("introspection_wrong_audience", InvalidToken("`iss` is another issuer"))
        if str(claims.get("token_type", "Bearer")).lower() not in ("bearer", "dpop"):
            self.allows.refuse("introspection_wrong_audience", InvalidToken("the token is no bearer token"))
        return claims

    def _members(self, answer: Response) -> dict[str, Any]:
        try:
            claims = json.loads(answer.body)
        except ValueError:
            raise CannotTell("the introspection answer is no JSON") from None
        if not isinstance(claims, dict):
            raise CannotTell("the introspection answer is no JSON object")
        return claims

    def _signed_members(self, answer: Response, signed: SignedAnswers) -> dict[str, Any]:
        """RFC 9701 section 5: by the issuer, for this very server; whatever is not so tells nothing."""
        kind = (answer.headers.get("Content-Type") or "").partition(";")[0].strip().lower()
        if kind != SIGNED_ANSWER:
            raise CannotTell("the introspection answer is not signed")
        try:
            token = jwt.read(answer.body.decode("ascii"))
            if str(token.header.get("typ", "")).lower() != SIGNED_ANSWER.removeprefix("application/"):
                raise jwt.TokenError("`typ` is another")
            jwt.verify(token, signed.keys.for_token(token), (signed.alg,))
        except (jwt.TokenError, UnicodeDecodeError) as problem:
            raise CannotTell(f"the introspection answer cannot be believed: {problem}") from None
        aud, told = token.claims.get("aud"), token.claims.get("token_introspection")
        if token.claims.get("iss") != self.issuer or self.client_id not in (
            [aud] if isinstance(aud, str) else aud or ()
        ):
            raise CannotTell("the introspection answer is by or for somebody else")
        if not isinstance(told, dict):
            raise CannotTell("the introspection answer has no `token_introspection`")
        return told

    def _check_times(self, claims: Claims) -> None:
        now = self.part.clock.now()
        exp, nbf = (time_of(claims, name, self.allows) for name in ("exp", "nbf"))
        if exp is not None and now >= exp + self.leeway_seconds:
            self.allows.refuse("claim_exp_past", InvalidToken("the token has expired"))
        if nbf is not None and now < nbf - self.leeway_seconds:
            self.allows.refuse("claim_nbf_future", InvalidToken("the token is not good yet"))


def no_keys(participant: str, issuer: str) -> Finding:
    return Finding(
        "SQ480",
        f"`{participant}` trusts `{issuer}` and there are no keys of `{issuer}` to be had",
        expected=f"keys of `{issuer}`",
        got="none",
        why="every token would be refused, whatever it is",
        do=f"draw `note over {issuer} : keys.k1 = RS256`, or bind it to something that has keys",
    )
