"""Switches that take one refusal away, to model a broken peer: `allow.code_replay = true` in a note over the actor.

Each has the name of the attack that it lets in, with `_` for `-`. Everything else stays as strict as it is.
"""

from collections.abc import Iterable

from seqtest.actors.settings import Setting, Settings, boolean
from seqtest.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Allowance:
    """One switch."""

    name: str
    lets_in: str
    """What is accepted, as the end of a sentence that begins with "Accepts"."""

    @property
    def attack(self) -> str:
        """The name of the attack that it lets in."""
        return self.name.replace("_", "-")


class Allowed(frozenset[str]):
    """The names of the switches that are on."""

    def refuse(self, name: str, refusal: Exception) -> None:
        """Raise the refusal, unless the switch of that name lets it in."""
        if name not in self:
            raise refusal


NOTHING = Allowed()
"""No switch is on."""


def rows(*tables: Iterable[Allowance]) -> tuple[Setting, ...]:
    """The switches as rows of a table of settings."""
    return tuple(Setting(f"allow.{one.name}", boolean, f"Accepts {one.lets_in}.") for table in tables for one in table)


def allowed(settings: Settings) -> Allowed:
    """What the settings switch on."""
    return Allowed(name for name, is_on in settings.below("allow").items() if is_on)


SIGNATURES = (
    Allowance("jwt_alg_none", "unsigned tokens"),
    Allowance("jwt_alg_none_case", "unsigned tokens whose `alg` is another spelling of none"),
    Allowance("jwt_alg_none_signed", "tokens whose `alg` is none and that have a signature, whatever it is"),
    Allowance("jwt_rs_to_hs_public_key", "an HMAC whose secret is the issuer's public key as PEM"),
    Allowance("jwt_signature_stripped", "a token whose signature is empty"),
    Allowance("jwt_signature_truncated", "an HMAC that was cut short: no more of it is compared than is there"),
    Allowance("jwt_payload_tampered", "any signature: none is looked at"),
    Allowance("jwt_psychic_signature", "an ECDSA signature of zeros"),
    Allowance("jwt_ecdsa_der_signature", "an ECDSA signature in DER, as TLS and X.509 have it"),
    Allowance("jwt_hmac_empty_key", "an HMAC whose secret is empty"),
    Allowance("jwt_jwk_header", "a signature by the key that the token itself brings"),
    Allowance("jwt_x5c_header", "a signature by the certificate that the token itself brings"),
    Allowance("jwt_key_wrong_use", "a signature by a key that is published for something else"),
    Allowance("jwt_kid_unknown", "a `kid` that no key has, with any key of the issuer"),
    Allowance("jwt_crit_unknown", "an extension in `crit` that is not understood"),
    Allowance(
        "jwt_json_serialization",
        "a token in the JSON form of JWS, by its first signature; claims between two dots in it come before those that "
        "are signed",
    ),
    Allowance("claim_exp_past", "expired tokens"),
    Allowance("claim_nbf_future", "tokens that are not good yet"),
)
"""What whoever verifies tokens by itself may be lenient with."""

PROOFS = (
    Allowance("dpop_proof_missing", "a request without the DPoP proof that it needs"),
    Allowance("dpop_proof_replay", "a DPoP proof that was used before"),
    Allowance("dpop_wrong_htm", "a DPoP proof for another method"),
    Allowance("dpop_wrong_htu", "a DPoP proof for another address"),
    Allowance("dpop_proof_alg", "a DPoP proof that is not signed"),
    Allowance("dpop_private_jwk", "a DPoP proof that shows the private key"),
    Allowance("dpop_proof_typ", "any other JWT as a DPoP proof, if it is signed by the key that it brings"),
    Allowance("dpop_two_headers", "two DPoP proofs; the first one counts"),
    Allowance("dpop_iat_window", "a DPoP proof of any time"),
    Allowance("dpop_nonce", "a DPoP proof without the server's nonce"),
)
"""What a server of DPoP may be lenient with."""

RESOURCE_SERVER = (
    *SIGNATURES,
    Allowance("jwt_alg_family_swap", "each algorithm of the issuer's keys, whatever `algorithms` says"),
    Allowance("jwt_jku_header", "a signature by a key from the address that the token itself names"),
    Allowance("jwt_key_withdrawn", "a key that the issuer publishes no more"),
    Allowance("jwt_jwe_unsigned", "an encrypted token that nobody has signed"),
    Allowance("claim_exp_missing", "tokens without `exp`"),
    Allowance("claim_exp_string", "times as text"),
    Allowance("claim_exp_wrong_type", "times that are no numbers: they do not count"),
    Allowance("claim_iat_missing", "tokens without `iat`"),
    Allowance("claim_iat_too_old", "tokens that are older than `token_age`"),
    Allowance("scope_missing_client_claim", "tokens without `client_id` or `jti`"),
    Allowance("claim_aud_wrong", "tokens for somebody else"),
    Allowance("claim_aud_missing", "tokens without `aud`"),
    Allowance("claim_aud_substring", "an audience that contains the right one"),
    Allowance("claim_aud_type", "an object as `aud`: its names count"),
    Allowance("claim_iss_wrong", "another issuer in `iss`, if the signature is good"),
    Allowance("claim_iss_missing", "tokens without `iss`"),
    Allowance("claim_iss_near_miss", "an `iss` that begins with the right one"),
    Allowance("claim_iss_array", "several issuers in `iss`, if the right one is among them"),
    Allowance("claim_sub_missing", "tokens without `sub`"),
    Allowance("claim_sub_type", "a `sub` that is no text"),
    Allowance("claim_duplicate", "a claim that stands twice; the last one counts"),
    Allowance("typ_wrong", "tokens that do not say that they are access tokens, such as ID tokens"),
    Allowance("groups_type", "`groups` as one text with commas"),
    Allowance("sub_swapped", "anybody's token at `/users/<sub>`"),
    Allowance("client_sub_collision", "a client's own token at `/users/<sub>` of a user with its name"),
    Allowance("scope_insufficient", "tokens whose scope is too small"),
    Allowance("scope_prefix_match", "a scope word that begins with the needed one"),
    Allowance("no_token", "requests without a token"),
    Allowance("auth_scheme_wrong", "a token under another scheme"),
    Allowance("auth_header_duplicate", "two tokens in `Authorization`; the first one counts"),
    Allowance("token_in_query", "a token in the query, as `access_token`"),
    Allowance("token_in_body_get", "a token in the body, as `access_token`, with any method"),
    Allowance("token_in_cookie", "a token in a cookie `access_token`"),
    Allowance("token_padded", "`=` at the end of a token's parts"),
    Allowance("token_two_methods", "a second token beside the one in `Authorization`"),
    Allowance("csrf_cookie", "a request by cookie from any site"),
    Allowance("cors_origin", "scripts of any origin, with cookies"),
    Allowance("dpop_downgrade_bearer", "a token that is bound to a key, sent as a bearer token"),
    *PROOFS,
    Allowance("dpop_wrong_ath", "a DPoP proof for another token"),
    Allowance("dpop_key_mismatch", "a DPoP proof by another key than the token's"),
    Allowance("mtls_wrong_cert", "a token that is bound to a certificate, over any connection"),
    Allowance("introspection_inactive", "tokens that introspection calls inactive"),
    Allowance("introspection_failure", "any token while the introspection endpoint fails"),
    Allowance(
        "introspection_wrong_audience",
        "tokens for or by somebody else, or of another type, as introspection tells",
    ),
)

GATEWAY = (
    *SIGNATURES,
    Allowance("jwt_kid_cross_issuer", "one issuer's token signed by another one's key"),
    Allowance("gw_audience_status", "tokens for another audience"),
    Allowance("gw_unknown_issuer", "tokens of an issuer that no rule has: they pass as nobody's"),
    Allowance("gw_identity_header_spoof", "headers of its own that come from outside"),
    Allowance("gw_header_alias", "the same in another spelling, with `_`"),
    Allowance("gw_hop_by_hop", "a `Connection` that names the gateway's own headers: they are not added"),
    Allowance("gw_path_normalization", "a path in any spelling: policies see it as it came"),
    Allowance("gw_two_tokens", "one good token beside bad ones"),
    Allowance("gw_jwks_down", "any token while the keys cannot be fetched"),
    Allowance("gw_original_token_leak", "that the upstream gets the token, whatever the rule says"),
    Allowance("gw_claim_header_injection", "a claim with line ends in a header: it is sent as it is"),
)

AUTHORIZATION_SERVER = (
    Allowance("redirect_uri_mismatch", "any address to send the browser back to"),
    Allowance("redirect_uri_prefix", "an address that begins with a registered one"),
    Allowance(
        "redirect_uri_missing", "a request without `redirect_uri` where several are registered; the first counts"
    ),
    Allowance("authz_client_unknown", "a client that nobody registered, as a public one, at any address"),
    Allowance("authz_response_type", "any `response_type`, as if it were `code`"),
    Allowance("authz_scope_escalation", "a scope wider than what the client may ask for"),
    Allowance("authz_params_duplicate", "parameters that stand twice; the first one counts"),
    Allowance("authz_state_echo", "a response without `state`: it is not sent"),
    Allowance("authz_iss_missing", "a response without `iss`: it is not sent"),
    Allowance("authz_redirect_307", "a redirect that sends the form on: 307 instead of 303"),
    Allowance("authz_consent_csrf", "a login or a consent that its own page did not send"),
    Allowance("authz_clickjacking", "that its pages are shown in frames of others"),
    Allowance("authz_cors", "scripts of any origin at the authorization endpoint"),
    Allowance("pkce_challenge_missing", "an authorization request without `code_challenge`, also of a public client"),
    Allowance("pkce_plain_downgrade", "`code_challenge_method = plain`"),
    Allowance("pkce_method_unknown", "a `code_challenge_method` that there is not, as if it were `plain`"),
    Allowance("code_replay", "a code that was used before"),
    Allowance("code_expired", "a code that is too old"),
    Allowance("code_other_client", "another client's code"),
    Allowance("code_redirect_uri_mismatch", "another `redirect_uri` at the token endpoint"),
    Allowance("pkce_verifier_missing", "a code without its `code_verifier`"),
    Allowance("pkce_verifier_wrong", "a wrong `code_verifier`"),
    Allowance("pkce_downgrade", "a `code_verifier` for a request that had no challenge"),
    Allowance("client_auth_missing", "a confidential client by its name alone"),
    Allowance("client_auth_wrong", "a wrong client secret"),
    Allowance("client_auth_two_methods", "two ways of client authentication at once; the first counts"),
    Allowance("client_auth_in_query", "secrets in the request URI"),
    Allowance("client_auth_method_switch", "another way of client authentication than the registered one"),
    Allowance("client_auth_bruteforce", "guesses without end"),
    Allowance("client_assertion_none", "a client assertion with any signature, or none"),
    Allowance("client_assertion_claims", "a client assertion whose claims are wrong"),
    Allowance("client_assertion_replay", "a client assertion that was used before"),
    Allowance("token_params_duplicate", "parameters that stand twice at the token endpoint; the first one counts"),
    Allowance("token_endpoint_get", "GET at the token endpoint"),
    Allowance("token_endpoint_content_type", "a form under any Content-Type"),
    Allowance("grant_type_confusion", "a grant type that the client is not registered for"),
    Allowance("ropc_wrong_password", "any password of a user that there is"),
    Allowance("ropc_user_enumeration", "that its answer tells which users there are"),
    Allowance("user_disabled_token", "the log-in of a disabled user"),
    Allowance("response_cacheable", "that token answers are cached: no `Cache-Control: no-store`"),
    Allowance("refresh_reuse_after_rotation", "a refresh token that was used before"),
    Allowance("refresh_other_client", "another client's refresh token"),
    Allowance("refresh_after_logout", "a refresh token that was revoked"),
    Allowance("refresh_disabled_user", "the refresh token of a disabled user"),
    Allowance("refresh_scope_upscoping", "a scope wider than what was granted"),
    Allowance("refresh_resource_widening", "a resource that was not asked for, or that the server does not know"),
    Allowance("refresh_expired", "an expired refresh token"),
    Allowance("access_token_as_refresh", "an access token where a refresh token belongs"),
    Allowance("request_uri_reuse", "a pushed request that was used before"),
    Allowance("par_request_uri_inside", "a `request_uri` in a pushed request: it does not count"),
    Allowance("request_object_unsigned", "a request object with any signature, or none"),
    Allowance("request_uri_param_override", "parameters beside a request object: they come before those in it"),
    Allowance(
        "request_uri_ssrf",
        "any `request_uri`: the request object is fetched from whoever is drawn at that address, redirects and all",
    ),
    Allowance("device_poll_too_fast", "a device, or a client over the back channel, that asks too often"),
    Allowance("device_code_other_client", "another client's device code or auth_req_id"),
    Allowance("device_user_code_guess", "guesses of a user's code without end"),
    Allowance("device_code_replay", "a device code or auth_req_id that was used before"),
    Allowance("exchange_subject_invalid", "a dead token as the one to exchange"),
    Allowance("exchange_target_forbidden", "an exchange for any target"),
    Allowance("exchange_upscope", "a scope wider than that of the token to exchange"),
    Allowance("exchange_actor_rules", "an actor that `may_act` does not name"),
    Allowance("refresh_dpop_key_changed", "a refresh token without the key that it is bound to"),
    Allowance("code_dpop_jkt_mismatch", "a code without the key that it is bound to"),
    *PROOFS,
    Allowance("mtls_wrong_cert", "any certificate of a client that proves itself by one"),
    Allowance("revoke_unauthenticated", "a revocation by nobody"),
    Allowance("revoke_foreign_token", "that one client revokes another's token"),
    Allowance("revoke_hint_wrong", "that a token is not looked for where a wrong `token_type_hint` says it is not"),
    Allowance("revoke_no_effect", "a revocation, and nothing is revoked"),
    Allowance("logout_hint_missing", "a log-out that nobody asked the user about"),
    Allowance("logout_hint_foreign", "an `id_token_hint` with any signature"),
    Allowance("logout_redirect_mismatch", "any address to send the browser to after logging out"),
    Allowance("registration_open", "registration without the initial access token"),
    Allowance("introspect_unauthenticated", "introspection by a public client"),
    Allowance("introspect_foreign", "introspection of tokens for another audience"),
    Allowance("introspect_dead_token", "tokens that are dead: they are called active"),
)

CLIENT = (
    Allowance("cb_state_missing", "a browser that comes back without `state`"),
    Allowance("cb_state_wrong", "a browser that comes back with another `state`"),
    Allowance("cb_login_csrf", "a browser that comes back though it began no log-in here"),
    Allowance("cb_iss_wrong", "an authorization response of another issuer, or of none"),
    Allowance("cb_error_response", "a code beside an error"),
    Allowance("idt_alg_none", "unsigned ID tokens"),
    Allowance("idt_signature_invalid", "ID tokens with any signature"),
    Allowance("idt_aud_wrong", "ID tokens for another client, or for others too"),
    Allowance("idt_iss_wrong", "ID tokens of another issuer, if the signature is good"),
    Allowance("idt_azp_wrong", "ID tokens whose `azp` is another client"),
    Allowance("idt_expired", "ID tokens that have expired, or are of long ago"),
    Allowance("idt_nonce_wrong", "ID tokens of another log-in: any `nonce`, or none"),
    Allowance("idt_at_hash_wrong", "an ID token beside another access token than its own"),
    Allowance("idt_auth_time_old", "a log-in that is longer ago than `max_age`"),
    Allowance("idt_sub_reassigned", "another person's ID token at a refresh"),
    Allowance("userinfo_sub_mismatch", "UserInfo of somebody else"),
    Allowance("metadata_issuer_mismatch", "metadata of another issuer"),
    Allowance("metadata_http_downgrade", "endpoints without TLS in the metadata of an issuer with TLS"),
    Allowance("token_response_type", "any `token_type`"),
    Allowance("refresh_rotation_ignored", "that it goes on with the refresh token that it had first"),
    Allowance("client_device_slowdown", "`slow_down`: it asks as often as before"),
    Allowance("token_response_malformed", "an `expires_in` that is no number of seconds"),
    Allowance("client_open_redirect", "any address to go on to after logging in"),
    Allowance("session_fixation", "the session that a browser had before it logged in: its cookie stays"),
    Allowance("logout_token_invalid", "logout tokens of anybody, for anybody"),
    Allowance("logout_token_replay", "a logout token that was used before"),
    Allowance("logout_idt_confusion", "an ID token as a logout token, and the other way round"),
)

TABLES = {
    "client": CLIENT,
    "authorization-server": AUTHORIZATION_SERVER,
    "resource-server": RESOURCE_SERVER,
    "gateway": GATEWAY,
}
"""Kind → its switches."""
