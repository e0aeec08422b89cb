"""What a client knows of its provider, configured or discovered (Discovery 1.0, RFC 8414)."""

import json
from collections.abc import Mapping
from dataclasses import field
from typing import Any
from urllib.parse import urlsplit

from seqtest.actors.access import CannotTell, ConfiguredKeys, FetchedKeys, issuer_of
from seqtest.actors.actor import Part
from seqtest.actors.allowances import Allowed
from seqtest.actors.id_tokens import Distrusted, Expected
from seqtest.actors.settings import Settings
from seqtest.auth import jwt
from seqtest.auth.keys import ALGORITHMS, secret_key, verification_jwk
from seqtest.dataclass import dataclass
from seqtest.exchange import Request, Response

WELL_KNOWN = "/.well-known/openid-configuration"
KEY_SECONDS, COOLDOWN_SECONDS = 600, 60


class NoMetadata(Exception):
    """The provider's metadata cannot be had, or are not to be believed; the message is a plain reason."""


@dataclass(slots=True)
class KnownProvider:
    """One provider, for one client in one run."""

    part: Part
    settings: Settings
    participant: str
    allows: Allowed
    _metadata: Mapping[str, Any] | None = None
    _keys: ConfiguredKeys | FetchedKeys | None = field(default=None, repr=False)

    @property
    def issuer(self) -> str:
        return str(self.settings["issuer"] or issuer_of(self.part, self.participant))

    @property
    def names_itself(self) -> bool:
        """Whether `iss` must come back with a code (RFC 9207 section 2.3): as it says, else as is drawn."""
        if self.settings["discovery"] and "response_iss" not in self.settings:
            return self._found().get("authorization_response_iss_parameter_supported") is True
        return bool(self.settings["response_iss"] == "required")

    def endpoint(self, name: str) -> str:
        """The absolute address of an endpoint, such as `token_endpoint`. Raises NoMetadata."""
        if self.settings["discovery"] and name not in self.settings:
            found = self._found().get(name)
            if not isinstance(found, str):
                raise NoMetadata(f"the provider's metadata have no {name}")
            return found
        drawn = str(self.settings[name])
        return f"{self.part.network.url(self.participant)}{drawn}" if drawn.startswith("/") else drawn

    def has(self, name: str) -> bool:
        """Whether there is such an endpoint."""
        return not self.settings["discovery"] or name in self.settings or name in self._found()

    def expected(self, text: Any, client_id: str, secret: str | None, now: float) -> Expected:
        """What a token for the client must hold. Raises NoMetadata, and Unanswerable when there are no keys at all."""
        keys = self._keys_for(text)
        drawn = frozenset(self.settings["id_token_alg"] or ())
        symmetric = [alg for alg in drawn if alg in ALGORITHMS and ALGORITHMS[alg].is_symmetric]
        if symmetric and secret is not None:
            # Core section 10.1: an HMAC's key is the client's secret.
            keys = [*keys, *({**verification_jwk(secret_key(secret.encode(), alg)), "kid": None} for alg in symmetric)]
            keys = [{name: held for name, held in jwk.items() if held is not None} for jwk in keys]
        asymmetric = frozenset(name for name, one in ALGORITHMS.items() if not one.is_symmetric)
        leeway = self.settings["leeway"]
        return Expected(self.issuer, client_id, drawn or asymmetric, keys, now, leeway, self.allows)

    def _keys_for(self, text: Any) -> list[dict[str, Any]]:
        if self._keys is None:
            url = self.endpoint("jwks_uri") if self.settings["discovery"] or self.settings["jwks_uri"] else None
            self._keys = (
                ConfiguredKeys(self.part, self.participant)
                if url is None
                else FetchedKeys(self.part, self.participant, url, KEY_SECONDS, COOLDOWN_SECONDS)
            )
        try:
            return self._keys.for_token(jwt.read(text))
        except jwt.TokenError as problem:
            raise Distrusted(str(problem)) from None
        except CannotTell as problem:
            raise NoMetadata(str(problem)) from None

    def _found(self) -> Mapping[str, Any]:
        if self._metadata is None:
            self._metadata = self._discovered()
        return self._metadata

    def _discovered(self) -> Mapping[str, Any]:
        url = self.issuer.rstrip("/") + WELL_KNOWN
        try:
            answer = self.part.network.call(self.part.participant, self.participant, Request("GET", url))
            document = json.loads(answer.body) if isinstance(answer, Response) and answer.status == 200 else None
        except (OSError, ValueError):
            document = None
        if not isinstance(document, dict):
            raise NoMetadata("the provider's metadata cannot be had")
        if document.get("issuer") != self.issuer:
            # Discovery section 4.3, RFC 8414 section 3.3.
            self.allows.refuse("metadata_issuer_mismatch", NoMetadata("the metadata are another issuer's"))
        if urlsplit(self.issuer).scheme == "https":
            plain = [name for name, held in document.items() if _is_plain_endpoint(name, held)]
            if plain:
                self.allows.refuse("metadata_http_downgrade", NoMetadata(f"{plain[0]} is without TLS"))
        return document


def _is_plain_endpoint(name: str, held: Any) -> bool:
    is_address = name.endswith("_endpoint") or name == "jwks_uri"
    return is_address and isinstance(held, str) and urlsplit(held).scheme != "https"
