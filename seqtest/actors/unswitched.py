"""Known attacks that have no switch of their own, and why: the rest of the table in `seqtest.actors.allowances`."""

from collections.abc import Mapping

SAME: Mapping[str, tuple[str, ...]] = {
    "jwt-key-swap": ("jwt_payload_tampered",),
    "jwt-signature-bit-flip": ("jwt_payload_tampered",),
    "jwt-signature-spliced": ("jwt_payload_tampered",),
    "jwt-header-tampered": ("jwt_payload_tampered",),
    "jwt-b64-false": ("jwt_payload_tampered",),
    "claim-exp-boundary": ("claim_exp_past",),
    "claim-aud-array-foreign": ("claim_aud_wrong",),
    "id-token-as-access-token": ("typ_wrong", "claim_aud_wrong", "scope_missing_client_claim"),
    "other-jwt-as-access-token": ("typ_wrong", "claim_aud_wrong", "scope_missing_client_claim"),
    "introspection-jwt-as-token": ("typ_wrong", "claim_exp_missing", "claim_sub_missing", "scope_missing_client_claim"),
    "refresh-token-as-access-token": ("introspection_inactive",),
    "opaque-tampered": ("introspection_inactive",),
    "token-revoked": ("introspection_inactive",),
    "redirect-uri-authority": ("redirect_uri_mismatch",),
    "redirect-uri-scheme": ("redirect_uri_mismatch",),
    "par-client-auth": ("client_auth_missing",),
    "code-replay-race": ("code_replay",),
    "refresh-reuse-race": ("refresh_reuse_after_rotation",),
    "cb-code-injection": ("idt_nonce_wrong",),
    "cb-mixup-endpoint": ("cb_iss_wrong",),
    "gw-cors-origin": ("cors_origin",),
}
"""Attack → the switches that take away what refuses it."""

NOTHING_TO_SWITCH: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "The text is no token, or its JSON is none. To believe it would take a second, lenient reader, and there is "
        "none.",
        (
            "jwt-alg-invalid", "jwt-signature-part-missing", "jwt-kid-type", "jwt-crit-malformed", "claim-encoding",
            "claim-json-abuse", "bearer-garbage", "token-noncanonical-bits", "token-whitespace",
        ),
    ),
    (
        "`kid` is compared with the names of keys. It opens no file and no database.",
        ("jwt-kid-traversal", "jwt-kid-injection"),
    ),
    (
        "Libraries check that a point is on its curve, and that a key in a set is one; a switch cannot reach that.",
        ("jwt-jwe-invalid-curve", "jwks-poisoned"),
    ),
    (
        "It costs the server time or memory, and lets nobody in. To take the limit away would only slow the run.",
        (
            "jwt-kid-flood", "jwt-jwe-zip-bomb", "jwt-jwe-p2c", "jwt-nested-depth", "token-oversized",
            "token-many-dots",
        ),
    ),
    (
        "What it abuses is never looked at, nor followed: an address in the token (`jku` counts with its own switch "
        "alone), a method or an address in a header of another name, a fragment, an e-mail address in the place of "
        "`sub`, where a redirect or a refusal of an API points.",
        (
            "jwt-x5u-header", "jwt-jku-allowlist-bypass", "method-override-header", "gw-forwarded-uri-spoof",
            "client-redirect-host", "client-challenge-phish", "client-follows-redirect", "cb-code-in-fragment",
            "idt-email-takeover",
        ),
    ),
    (
        "There is nothing to hand out: no user has said yes, or nobody was ever given that code.",
        ("device-before-approval", "code-tampered"),
    ),
    (
        "The actors have no such thing: a change of password, a consent that is taken back, a hybrid flow, a cache "
        "of introspection, a client that tries again with the same code or proves a key.",
        (
            "refresh-after-password-change", "refresh-consent-withdrawn", "idt-c-hash-wrong",
            "introspection-cache-stale", "client-code-reuse", "client-dpop-nonce",
        ),
    ),
    (
        "Requests come to an actor parsed, and a token's certificate from the transport: the socket's server and TLS "
        "are what is attacked.",
        (
            "gw-header-whitespace", "gw-request-smuggling", "gw-host-case", "gw-websocket-upgrade",
            "mtls-header-forged",
        ),
    ),
    (
        "The drawing itself says whether it works: which participants call each other, which settings they have, "
        "which keys and which rules.",
        (
            "jwt-hmac-weak-secret", "authz-auto-approve", "verb-tampering", "gw-no-policy", "gw-verb-policy",
            "gw-bypass-direct", "gw-token-places", "gw-payload-not-verified", "gw-preflight-bypass", "gw-clock-skew",
        ),
    ),
    (
        "It is about the words of errors and pages. They hold no secret and no markup of others, and none is put in.",
        ("error-leaks-secret", "gw-error-body-leak", "authz-error-injection"),
    ),
    (
        "Nothing is refused: servers must, or may, take it.",
        (
            "authz-open-redirect-error", "jti-replay", "claim-exp-far-future", "claim-iat-future",
            "loopback-port-variance", "code-consumed-by-bad-request", "pkce-challenge-reuse", "revoke-unknown-token",
            "token-response-scope", "gw-preflight-auth", "gw-cors-wildcard-authorization",
        ),
    ),
)  # fmt: skip
"""Why there is nothing to switch off, and for which attacks."""
