"""DPoP at a server (RFC 9449): proofs are good once, and with a nonce where one is wanted."""

from collections.abc import Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Any

from seqtest.actors.allowances import Allowed
from seqtest.actors.bearer import ProofRefusal, Refusal
from seqtest.actors.certificates import check_certificate
from seqtest.actors.oauth_error import OAuthError
from seqtest.auth import base64url, dpop
from seqtest.dataclass import dataclass

if TYPE_CHECKING:
    from werkzeug.wrappers import Request as WebRequest

    from seqtest.actors.actor import Part

WINDOW = 60
"""Seconds by which `iat` may be off (section 11.1 asks for a short time)."""
NONCE_SECONDS = 300


_OVERLOOKED = {
    "dpop_wrong_htm": "htm",
    "dpop_wrong_htu": "htu",
    "dpop_wrong_ath": "ath",
    "dpop_proof_alg": "alg",
    "dpop_private_jwk": "jwk",
    "dpop_proof_typ": "typ",
    "dpop_iat_window": "iat",
}
"""Switch → what it overlooks."""


class WantsNonce(Exception):
    """The proof has no nonce, or an old one (sections 8 and 9); `nonce` is the one to use."""

    def __init__(self, nonce: str) -> None:
        super().__init__("the proof needs the server's nonce")
        self.nonce = nonce


@dataclass(slots=True)
class Proofs:
    """The proofs that one server has seen in one run."""

    part: "Part"
    wants_nonce: bool
    allows: Allowed
    _seen: dict[tuple[str, str], float] = field(default_factory=dict, repr=False)
    _nonces: dict[str, float] = field(default_factory=dict, repr=False)

    def of(self, request: "WebRequest", access_token: str | None = None) -> str | None:
        """The thumbprint of the key that the request proves to hold; None without a proof.

        Raises BadProof and WantsNonce.
        """
        text = request.headers.get("DPoP")
        if text is None:
            return None
        if "," in text:
            self.allows.refuse("dpop_two_headers", dpop.BadProof("the DPoP field is there twice"))
            text = text.partition(",")[0]
        now = self.part.clock.now()
        found = dpop.read(
            text.strip(),
            request.method,
            request.base_url,
            now=now,
            window_seconds=WINDOW,
            access_token=access_token,
            overlooks=[part for name, part in _OVERLOOKED.items() if name in self.allows] if self.allows else (),
        )
        self._check_nonce(found, now)
        if self._seen.get((found.jkt, found.jti), 0) > now:
            self.allows.refuse("dpop_proof_replay", dpop.BadProof("`jti` was used before"))
        self._seen[found.jkt, found.jti] = found.iat + 2 * WINDOW
        return found.jkt

    def _check_nonce(self, found: dpop.Proof, now: float) -> None:
        if not self.wants_nonce or self._nonces.get(found.nonce or "", 0) > now:
            return
        if "dpop_nonce" in self.allows:
            return
        nonce = base64url.encode(self.part.random.randbytes(16))
        self._nonces[nonce] = now + NONCE_SECONDS
        raise WantsNonce(nonce)


def proven_key(request: "WebRequest", proofs: Proofs) -> str | None:
    """The thumbprint of the key that a client proves to hold (section 5); None without a proof. Raises OAuthError."""
    try:
        return proofs.of(request)
    except dpop.BadProof as problem:
        raise OAuthError("invalid_dpop_proof", str(problem)) from None
    except WantsNonce as wanted:
        raise OAuthError("use_dpop_nonce", str(wanted), DPoP_Nonce=wanted.nonce) from None


def check_proof(request: "WebRequest", text: str, claims: Mapping[str, Any], proofs: Proofs) -> None:
    """Section 7: a token that is bound to a key is good with a proof by that key, and never as a bearer token.

    One that is bound to a certificate is good over its connections. Raises Refusal.
    """
    check_certificate(request, claims, proofs.allows)
    cnf = claims.get("cnf")
    jkt = cnf.get("jkt") if isinstance(cnf, Mapping) else None
    if not request.headers.get("Authorization", "").strip().lower().startswith("dpop "):
        if jkt is not None or str(claims.get("token_type", "")).lower() == "dpop":
            proofs.allows.refuse("dpop_downgrade_bearer", Refusal("invalid_token", "the token needs a proof"))
        return
    if jkt is None:
        proofs.allows.refuse("auth_scheme_wrong", ProofRefusal("invalid_token", "the token is not bound to a key"))
        return
    try:
        proven = proofs.of(request, text)
    except dpop.BadProof as problem:
        raise ProofRefusal("invalid_dpop_proof", str(problem)) from None
    except WantsNonce as wanted:
        raise ProofRefusal("use_dpop_nonce", str(wanted), wanted.nonce) from None
    if proven is None:
        proofs.allows.refuse("dpop_proof_missing", ProofRefusal("invalid_dpop_proof", "there is no DPoP proof"))
    elif proven != jkt:
        proofs.allows.refuse("dpop_key_mismatch", ProofRefusal("invalid_token", "the proof is by another key"))
