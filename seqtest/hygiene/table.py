"""The lints by name: what each is called, its code, the clause it comes from, and whether it is on by itself."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from seqtest.errors import did_you_mean
from seqtest.hygiene import grants, tokens, transport
from seqtest.hygiene.exchange import Exchange, Faults, History


@dataclass(frozen=True, slots=True)
class Lint:
    """One row."""

    code: str
    name: str
    look: Callable[[Exchange, History], Faults] | None
    """Looks at one exchange; None for a lint of the drawing's text or settings."""
    why: str
    """The clause, in one sentence."""
    do: str
    is_on: bool = True
    """Whether it speaks without having been asked for."""
    reads_tokens: bool = False
    """Whether it looks at nothing but the tokens of an exchange, so that one without any need not be shown to it."""
    is_drawn: bool = False
    """Whether what is drawn tells enough, so that `seqtest check` says it, too."""


LINTS = (
    Lint("SQ701", "token-in-url", transport.token_in_url,
         "addresses end up in histories, logs and `Referer` fields (RFC 9700 section 4.3.2, RFC 6749 section 2.3.1)",
         "send it in a field or a form", is_drawn=True),
    Lint("SQ702", "http-url", transport.http_url,
         "each endpoint needs TLS (RFC 6749 sections 3.1.2.1 and 3.2, RFC 9700 section 2.6)",
         "draw `url = https://…`", is_drawn=True),
    Lint("SQ703", "no-store-missing", transport.no_store_missing,
         "a response with a token must have it (RFC 6749 section 5.1)", "answer with `Cache-Control: no-store`"),
    Lint("SQ704", "pragma-missing", transport.pragma_missing,
         "RFC 6749 section 5.1 asks for it; later documents dropped it", "answer with `Pragma: no-cache`", is_on=False),
    Lint("SQ705", "token-too-big", tokens.token_too_big,
         "servers refuse longer fields with a 400 or 431, and browsers drop longer cookies",
         "put less into the token: fewer roles, an opaque token, or ES256 in the place of RS256"),
    Lint("SQ706", "cookie-flags", transport.cookie_flags,
         "a cookie that opens a session is a bearer token (RFC 6750 section 5.3)",
         "set it with `Secure; HttpOnly; SameSite=Lax`"),
    Lint("SQ707", "cors-wildcard", transport.cors_wildcard,
         "browsers refuse `*` with cookies, and do not take it for Authorization (Fetch, sections 3.3.3 and 3.3.5)",
         "name the origin and the fields"),
    Lint("SQ708", "authz-cors", transport.authz_cors,
         "browsers go there by redirect, so no script needs to read it (RFC 9700 section 2.6)",
         "leave CORS to the token endpoint and the metadata"),
    Lint("SQ709", "challenge-missing", transport.challenge_missing,
         "a 401 must carry a challenge (RFC 9110 section 15.5.2)", "answer with `WWW-Authenticate`"),
    Lint("SQ710", "error-verbose", transport.error_verbose,
         "what an error shows helps who attacks (CWE-209)", "log it, and answer with a code"),
    Lint("SQ711", "referrer-policy", transport.referrer_policy,
         "the address goes to whatever the page loads (RFC 9700 section 4.2.4)",
         "answer with `Referrer-Policy: no-referrer`", is_on=False),
    Lint("SQ712", "code-left-in-url", transport.code_left_in_url,
         "the code stays in the history and goes out as `Referer` (RFC 9700 section 4.2.4)",
         "redirect to an address without it"),
    Lint("SQ713", "secret-in-jwt", tokens.secret_in_jwt,
         "a signed token is not encrypted: anybody can read it (RFC 7519 section 12)",
         "leave the claim out, or encrypt the token (JWE)", reads_tokens=True),
    Lint("SQ714", "pii-in-access-token", tokens.pii_in_access_token,
         "who calls an API need not know who the user is (RFC 9068 section 6)",
         "hand it out at UserInfo, or use opaque or encrypted tokens", reads_tokens=True),
    Lint("SQ715", "long-lived-access-token", tokens.long_lived_access_token,
         "a bearer token should be good for an hour at most (RFC 6750 section 5.3)",
         "make it shorter and use refresh tokens"),
    Lint("SQ716", "exp-missing", tokens.exp_missing,
         "an access token must expire (RFC 9068 section 2.2), and its client should know when (RFC 6749 section 5.1)",
         "add `exp` and `expires_in`"),
    Lint("SQ717", "aud-missing", tokens.aud_missing,
         "without an audience each API takes the tokens of all others (RFC 9068 section 2.2, RFC 9700 section 2.3)",
         "name the API in `aud`", reads_tokens=True),
    Lint("SQ718", "aud-broad", tokens.aud_broad,
         "each API that gets a token can use it at the others (RFC 9700 section 2.3)",
         "ask for a token for each, or exchange it", is_on=False),
    Lint("SQ719", "claims-9068", tokens.claims_9068,
         "the JWT profile for access tokens has them all (RFC 9068 section 2)", "add them",
         is_on=False, reads_tokens=True),
    Lint("SQ720", "time-order", tokens.time_order, "the claims contradict each other (RFC 7519 section 4.1)",
         "look at what computes them", reads_tokens=True),
    Lint("SQ721", "alg-none", tokens.alg_none, "anybody can make such a token (RFC 8725 section 3.2)", "sign it",
         reads_tokens=True),
    Lint("SQ722", "alg-hs-across-parties", tokens.alg_hs_across_parties,
         "who can verify an HMAC can make one, so the two sides need not trust each other only with a key pair",
         "sign with RS256 or ES256", reads_tokens=True),
    Lint("SQ723", "alg-deprecated", tokens.alg_deprecated, "RFC 8725 section 3.2", "use RS256, ES256 or EdDSA",
         reads_tokens=True),
    Lint("SQ724", "key-header-in-token", tokens.key_header_in_token,
         "a reader might believe it (OpenID Connect Core section 2)", "name the key by `kid`", reads_tokens=True),
    Lint("SQ725", "jwks-private", tokens.jwks_private,
         "whoever has them can sign (RFC 7517 section 9.2)", "publish the public parts alone, and replace the key"),
    Lint("SQ726", "key-weak", tokens.key_weak, "RSA needs 2048 bits (RFC 7518 section 3.3)", "make a longer key"),
    Lint("SQ727", "refresh-to-rs", grants.refresh_to_rs,
         "a refresh token is for its authorization server alone (RFC 6749 section 1.5)", "send the access token"),
    Lint("SQ728", "id-token-to-rs", grants.id_token_to_rs,
         "an ID token says who logged in, not what may be done (RFC 9068 section 4)", "send the access token"),
    Lint("SQ729", "refresh-not-rotated", grants.refresh_not_rotated,
         "that of a public client must change with each use, or be bound to a key (RFC 9700 section 2.2.2)",
         "hand out a new one each time"),
    Lint("SQ730", "introspection-open", grants.introspection_open,
         "who asks about tokens must say who it is (RFC 7662 section 2.1)", "authenticate the caller"),
    Lint("SQ731", "basic-not-encoded", grants.basic_not_encoded,
         "name and secret are form-encoded first (RFC 6749 section 2.3.1)",
         "encode them, as `{basic(client_id, client_secret)}` does"),
    Lint("SQ732", "implicit-used", grants.implicit_used,
         "tokens in addresses leak (RFC 9700 section 2.1.2)", "use the code flow with PKCE", is_drawn=True),
    Lint("SQ733", "pkce-missing", grants.pkce_missing,
         "public clients must use it, others should (RFC 9700 section 2.1.1)",
         "draw `code_challenge = {S256(new code_verifier)}`", is_drawn=True),
    Lint("SQ734", "pkce-plain", grants.pkce_plain, "RFC 9700 section 2.1.1", "use S256", is_drawn=True),
    Lint("SQ735", "csrf-missing", grants.csrf_missing,
         "one of them must be there (RFC 9700 section 2.1)", "draw `state = {new state}`", is_drawn=True),
    Lint("SQ736", "nonce-missing", grants.nonce_missing,
         "it ties the ID token to this log-in (OpenID Connect Core section 3.2.2.1, RFC 9700 section 2.1.1)",
         "draw `nonce = {new nonce}`", is_drawn=True),
    Lint("SQ737", "ropc-used", grants.ropc_used,
         "the password grant must not be used (RFC 9700 section 2.4)", "use the code flow", is_on=False, is_drawn=True),
    Lint("SQ738", "secret-in-diagram", None,
         "a drawing is read by more people than a secret is for (CWE-798)",
         "write `{name}`, and give its value by a fixture, an option or the environment", is_drawn=True),
    Lint("SQ739", "redirect-wildcard", None,
         "such an address is compared character by character (RFC 9700 section 2.1)", "register it whole",
         is_drawn=True),
    Lint("SQ740", "clock-skew", None,
         "a few minutes at most (RFC 7519 section 4.1.4)", "set the clocks", is_drawn=True),
    Lint("SQ741", "browser-storage", None,
         "any script of the origin can read it", "keep tokens in a backend, behind an `HttpOnly` cookie",
         is_drawn=True),
    Lint("SQ742", "cookie-refused", transport.cookie_refused,
         "browsers drop such a cookie without a word (RFC 6265bis section 5.7)",
         "set it as its attributes, its prefix and its address ask for"),
)  # fmt: skip
"""Named as in the catalogue of attacks."""

BY_NAME: Mapping[str, Lint] = {lint.name: lint for lint in LINTS}


class NoLint(ValueError):
    """A name that no lint has; the text says so."""


def chosen(words: Iterable[str] = ()) -> tuple[Lint, ...]:
    """The lints that speak: those that are on, then word by word `name`, `-name`, `all`, `none`. Raises NoLint."""
    on = {lint.name for lint in LINTS if lint.is_on}
    for word in words:
        name = word.removeprefix("-").replace("_", "-")
        if word in ("all", "none"):
            on = set(BY_NAME) if word == "all" else set()
        elif name not in BY_NAME:
            near = did_you_mean(name, list(BY_NAME))
            raise NoLint(f"there is no lint `{name}`; {near or 'there are ' + ', '.join(BY_NAME)}")
        elif word.startswith("-"):
            on.discard(name)
        else:
            on.add(name)
    return tuple(lint for lint in LINTS if lint.name in on)
