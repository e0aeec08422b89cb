"""Whose keys a token must verify against, and what is said when it does not."""

import re
from typing import TYPE_CHECKING, Any

from seqtest.auth.jwt import TokenError, signature_of, verify
from seqtest.contents.opener import TokenHolder
from seqtest.contents.report import Notes
from seqtest.contents.scope import Scope

if TYPE_CHECKING:
    from seqtest.contents.clause import Clause
    from seqtest.contents.ledger import Ledger
    from seqtest.diagram.expectation import Promise


def check_signature(clause: "Clause", token: TokenHolder, scope: Scope, notes: Notes, ledger: "Ledger") -> None:
    """Every token read as `jwt` is verified; `signature unchecked` says that it is meant not to be."""
    promise = clause.promise
    line = next((child for child in promise.children if child.place == "signature"), None)
    if line is not None and line.operator == "unchecked":
        return
    notes.checks += 1
    span = (line or promise).value_span or (line or promise).span
    if line is not None and line.operator == "signed with":
        _verify_with_secret(scope.text(line.values[0]), token, clause, notes, span)
        return
    if line is not None:
        issuer = scope.text(line.values[0])
        if issuer not in scope.context.participants:
            notes.error("SQ470", f"`{issuer}` is no participant, so it has no keys to verify with", span)
            return
    else:
        issuer = issuer_of(token, scope, ledger)
    _verify(issuer, token, clause, scope, notes, ledger, span)


def _keys_to_draw(token: TokenHolder) -> str:
    """The settings that would give keys for this very token."""
    alg, kid = str(token.token.header.get("alg")), token.token.header.get("kid")
    if not alg.startswith("HS"):
        return f"`key = {alg if alg[:2] in ('RS', 'ES', 'PS', 'Ed') else 'RS256'}` or `jwks_uri = …`"
    name = kid if isinstance(kid, str) and re.fullmatch(r"[\w-]{1,40}", kid) else "k1"
    return f"`keys.{name} = {alg}` and `keys.{name}.secret = {{…}}`"


def issuer_of(token: TokenHolder, scope: Scope, ledger: "Ledger") -> str:
    """The participant whose `issuer` the token names; else who sent it first; else who speaks."""
    named = token.token.claims.get("iss")
    settings, urls = scope.context.settings, scope.context.urls
    if isinstance(named, str):
        for participant, own in settings.items():
            if own.get("issuer") == named:
                return participant
        for participant, url in urls.items():
            if url == named and "issuer" not in settings.get(participant, {}):
                return participant
    return ledger.origins.get(token.text, scope.speaker)


def _verify(
    issuer: str, token: TokenHolder, clause: "Clause", scope: Scope, notes: Notes, ledger: "Ledger", span: Any
) -> None:
    brings_key = is_proof(clause.promise)
    key = (token.text, issuer, brings_key)
    if key not in ledger.verified:
        public = [jwk for jwk in scope.context.keys.public(issuer) if jwk.get("use") != "enc"]
        jwks = public or (_own_key(token) if brings_key else [])
        if not jwks:
            notes.error(
                "SQ470",
                f"there are no keys of `{issuer}` to verify {clause.described()} with",
                span,
                why="a token that cannot be verified is no proof of anything",
                do=f"draw {_keys_to_draw(token)} over `{issuer}`, or `signature unchecked` below the token",
            )
            return
        try:
            verify(token.token, jwks)
            ledger.verified[key] = None
        except TokenError as error:
            ledger.verified[key] = str(error)
    reason = ledger.verified[key]
    if reason is not None:
        notes.fail(
            "SQ562",
            f"the signature of {clause.described()} does not verify: {reason}",
            span,
            expected=f"signed by {issuer}",
            why="RFC 7515 section 5.2: a token that does not verify is invalid",
        )


def is_proof(promise: "Promise") -> bool:
    """Whether a DPoP proof is drawn: any other token that brings a key is a stranger's (RFC 9449 section 4.1).

    One of which a line says who signed it is verified with that one's keys, as every token.
    """
    if any(child.place == "signature" for child in promise.children):
        return False
    if promise.place == "header" and str(promise.path[0]).lower() == "dpop":
        return True
    return any(
        child.place == "jose" and child.path == ("typ",) and child.operator == "=" and _text(child) == "dpop+jwt"
        for child in promise.children
    )


def _text(promise: "Promise") -> str:
    return str(getattr(promise.values[0], "text", ""))


def _own_key(token: TokenHolder) -> list[dict[str, Any]]:
    """The key that a DPoP proof brings with it, which is what it is verified with (RFC 9449 section 4.3)."""
    header = token.token.header
    jwk = header.get("jwk")
    return [jwk] if header.get("typ") == "dpop+jwt" and isinstance(jwk, dict) else []


def _verify_with_secret(secret: str, token: TokenHolder, clause: "Clause", notes: Notes, span: Any) -> None:
    import hmac

    from seqtest.auth.keys import ALGORITHMS, secret_key

    alg = str(token.token.header.get("alg"))
    algorithm = ALGORITHMS.get(alg)
    if algorithm is None or not algorithm.is_symmetric:
        notes.fail("SQ562", f"{clause.described()} is signed with {alg}, which no shared secret makes", span)
    elif not hmac.compare_digest(
        signature_of(token.token.signing_input, secret_key(secret.encode(), alg), alg), token.token.signature
    ):
        notes.fail("SQ562", f"the signature of {clause.described()} is not made with the drawn secret", span)
