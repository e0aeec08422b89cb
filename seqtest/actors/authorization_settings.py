"""The settings of `<<authorization-server>>`: the reference page is printed from this table."""

from seqtest.actors.allowances import AUTHORIZATION_SERVER, rows
from seqtest.actors.settings import (
    Setting,
    Table,
    anything,
    audience,
    boolean,
    cookie_prefix,
    count,
    json_web_keys,
    one_of,
    seconds,
    seconds_or_none,
    text,
    url,
    words,
    x509,
)
from seqtest.auth.jwe import ENCRYPTIONS
from seqtest.auth.keys import ALGORITHMS, ENCRYPTION_ALGORITHMS, PUBLIC_KEY_ALGORITHMS
from seqtest.auth.oauth import CLIENT_AUTHENTICATION_METHODS

GRANTS = (
    "authorization_code",
    "refresh_token",
    "client_credentials",
    "password",
    "urn:ietf:params:oauth:grant-type:device_code",
    "urn:ietf:params:oauth:grant-type:token-exchange",
    "urn:openid:params:grant-type:ciba",
)

ENDPOINTS = {
    "token": ("/token", "/oauth/token", "/oauth2/token"),
    "revocation": ("/revoke", "/oauth/revoke", "/oauth2/revoke"),
    "introspection": ("/introspect", "/oauth/introspect", "/oauth2/introspect"),
    "jwks": ("/jwks", "/oauth/jwks", "/.well-known/jwks.json"),
    "authorization": ("/authorize", "/oauth/authorize", "/oauth2/authorize"),
    "userinfo": ("/userinfo", "/oauth/userinfo"),
    "end_session": ("/logout", "/oauth/logout", "/session/end"),
    "pushed_request": ("/par", "/oauth/par", "/oauth2/par"),
    "device_authorization": ("/device_authorization", "/oauth/device_authorization", "/oauth2/device_authorization"),
    "device": ("/device", "/oauth/device"),
    "backchannel_authentication": ("/bc-authorize", "/oauth/bc-authorize", "/ciba"),
    "registration": ("/register", "/oauth/register", "/clients"),
    "authentication_device": ("/confirm", "/oauth/confirm"),
}
"""Endpoint → its paths; metadata names the first."""

TABLE = Table(
    Setting("issuer", text, "`iss` of all tokens (RFC 8414 section 2). Default: the base address."),
    Setting(
        "like",
        one_of("keycloak"),
        "`keycloak`: the addresses and claims of Keycloak, with `users.*.roles` as realm roles, and with `upn` and "
        "`groups` for the scope `microprofile-jwt`. Default: the addresses and claims of the RFCs.",
    ),
    Setting("realm", text, "The realm in those addresses.", "master"),
    Setting("users.*.password", text, "The user's password. A user without one cannot log in by password."),
    Setting("users.*.sub", text, "`sub` of the user's tokens. Default: the user's name."),
    Setting("users.*.disabled", boolean, "Whether the account is disabled from the start."),
    Setting(
        "users.*.*",
        anything,
        "Any other attribute of the user, such as `name` or `email`: a claim about the user.",
    ),
    Setting("clients.*.secret", text, "The client's secret. Without secret and keys the client is a public one."),
    Setting(
        "clients.*.authentication",
        one_of(*CLIENT_AUTHENTICATION_METHODS),
        "The only way in which it may prove itself. Default: any that its secret or keys allow.",
    ),
    Setting("clients.*.jwks", json_web_keys, "Its public keys, such as `{client.jwks}`, for private_key_jwt."),
    Setting(
        "clients.*.grants",
        words,
        "The grant types it may use; `password` here turns that grant on, for this client. Default: those of `grants`.",
    ),
    Setting("clients.*.scope", words, "The scope it may ask for, and gets when it asks for none. Default: any."),
    Setting("clients.*.redirect_uri", words, "Where the browser may be sent back to; compared character by character."),
    Setting("clients.*.redirect_uris", words, "Several of them."),
    Setting("clients.*.post_logout_redirect_uri", words, "Where the browser may be sent after logging out."),
    Setting("clients.*.backchannel_logout_uri", url, "Where the client is told that a session is over: an arrow."),
    Setting(
        "clients.*.frontchannel_logout_uri",
        url,
        "What the page after logging out opens in a hidden frame, so that the client ends its own session.",
    ),
    Setting(
        "clients.*.frontchannel_logout_session_required",
        boolean,
        "Whether that address gets `iss` and `sid`.",
        "true",
    ),
    Setting(
        "clients.*.certificate",
        x509,
        "That of its connections, such as `{client.certificate}`, for self_signed_tls_client_auth (RFC 8705).",
    ),
    Setting(
        "clients.*.tls_client_auth_subject_dn",
        text,
        "The subject of its certificates, such as `CN=client`, which `mtls.ca` issues, for tls_client_auth.",
    ),
    Setting(
        "clients.*.tls_client_certificate_bound_access_tokens",
        boolean,
        "Whether its tokens are bound to the certificate of the connection, however it authenticates.",
        "false",
    ),
    Setting(
        "clients.*.request_object_signing_alg",
        one_of(*ALGORITHMS),
        "The only algorithm of its request objects. Default: any that its keys or its secret are for.",
    ),
    Setting(
        "clients.*.require_signed_request_object", boolean, "Whether it must send a signed request object.", "false"
    ),
    Setting(
        "clients.*.id_token_encrypted_response_alg",
        one_of(*ENCRYPTION_ALGORITHMS),
        "ID tokens for it are signed, then encrypted in this way to its key in `clients.*.jwks` whose `use` is `enc`.",
    ),
    Setting(
        "clients.*.id_token_encrypted_response_enc",
        one_of(*ENCRYPTIONS),
        "How their content is encrypted.",
        ENCRYPTIONS[0],
    ),
    Setting(
        "clients.*.userinfo_signed_response_alg",
        one_of(*PUBLIC_KEY_ALGORITHMS),
        "What signs UserInfo for it, which then is a JWT (OpenID Connect Core section 5.3.2). Default: JSON.",
    ),
    Setting(
        "clients.*.exchange",
        words,
        "The audiences for which it may exchange tokens (RFC 8693); the first one when it names none. Default: none.",
    ),
    Setting(
        "clients.*.audience",
        words,
        "As a resource server it may ask about tokens for this audience only. Default: all.",
    ),
    Setting(
        "grants",
        words,
        "The grant types that are on. Default: all that there are, "
        f"`{' '.join(name for name in GRANTS if name != 'password')}`; and `password` (legacy, RFC 9700 section 2.4) "
        "where `users.*.password` is drawn and nobody logs in on a page: no client has a `redirect_uri`, none may "
        "register itself.",
    ),
    Setting("scopes", words, "The scope there is; another is `invalid_scope`. Default: any well-formed one."),
    Setting("access_token.format", one_of("jwt", "opaque"), "Self-contained (RFC 9068) or a random text.", "jwt"),
    Setting("access_token.alg", one_of(*ALGORITHMS), "What signs access tokens.", "RS256"),
    Setting(
        "access_token.aud",
        audience,
        "The audience of access tokens. Default: the address of each `<<resource-server>>` in the "
        "diagram, else the issuer.",
    ),
    Setting(
        "access_token.claims",
        words,
        "Attributes of the user that access tokens have, such as `upn groups`; introspection tells them, too.",
    ),
    Setting(
        "access_token.typ",
        one_of("at+jwt", "JWT"),
        "`typ` in the header of JWT access tokens; `JWT` is what servers older than RFC 9068 write.",
        "at+jwt",
    ),
    Setting(
        "access_token.encrypt_to",
        json_web_keys,
        "Keys such as `{api.jwks}`: JWT access tokens are encrypted to the first one that is for encryption.",
    ),
    Setting("access_token.enc", one_of(*ENCRYPTIONS), "How their content is encrypted.", ENCRYPTIONS[0]),
    Setting("access_token.lifetime", seconds, "How long an access token is good.", "5 minutes"),
    Setting(
        "refresh_token.issue",
        boolean,
        "Whether refresh tokens are handed out. Default: with JWT access tokens, which cannot be called "
        "back, and when any `refresh_token` setting is drawn.",
    ),
    Setting("refresh_token.format", one_of("opaque", "jwt"), "A random text or a signed one.", "opaque"),
    Setting("refresh_token.alg", one_of(*ALGORITHMS), "What signs JWT refresh tokens. Default: as access tokens."),
    Setting(
        "refresh_token.lifetime", seconds_or_none, "How long a refresh token is good; `none`: there is none.", "30 days"
    ),
    Setting(
        "refresh_token.rotation",
        boolean,
        "Whether each use gives a new one; the old one seen again revokes the family (RFC 9700 section 4.14.2).",
        "true",
    ),
    Setting("id_token.alg", one_of(*ALGORITHMS), "What signs ID tokens. Default: as access tokens."),
    Setting("id_token.lifetime", seconds, "How long an ID token is good.", "5 minutes"),
    Setting("acr", text, "`acr` of ID tokens: how sure a log-in here is, such as `urn:example:loa:1`. Default: none."),
    Setting("code.lifetime", seconds, "How long an authorization code is good.", "1 minute"),
    Setting(
        "pkce",
        one_of("required", "optional"),
        "Whether an authorization request needs a `code_challenge`; S256 is the only method.",
        "required",
    ),
    Setting(
        "throttle.attempts",
        count,
        "After so many failures in a row nobody is let in by that user name, or as that client, for a while: 429 "
        "(RFC 6749 sections 2.3.1 and 4.3.2). `0`: never.",
        "10",
    ),
    Setting("throttle.wait", seconds, "For how long.", "1 minute"),
    Setting(
        "par",
        one_of("required", "optional"),
        "Whether an authorization request must be pushed first (RFC 9126).",
        "optional",
    ),
    Setting(
        "registration",
        one_of("closed", "open"),
        "`open`: clients may register themselves (RFC 7591).",
        "closed",
    ),
    Setting(
        "registration.token",
        text,
        "The initial access token with which clients may register themselves; without it nobody may.",
    ),
    Setting(
        "request_object",
        one_of("optional", "required"),
        "Whether an authorization request must be a signed request object (RFC 9101).",
        "optional",
    ),
    Setting(
        "dpop",
        one_of("optional", "required"),
        "Whether each access token must be bound to a key (RFC 9449); a request with a proof gets a bound one anyway.",
        "optional",
    ),
    Setting("dpop.nonce", boolean, "Whether proofs need a nonce of the server.", "false"),
    Setting("mtls.ca", x509, "The certificate of the authority that issues those of clients (RFC 8705)."),
    Setting("device.lifetime", seconds, "How long a device may wait for its user (RFC 8628).", "10 minutes"),
    Setting("device.interval", seconds, "How long it waits between two questions.", "5 seconds"),
    Setting("ciba.lifetime", seconds, "How long a client may wait for a user that it named (CIBA).", "2 minutes"),
    Setting("ciba.interval", seconds, "How long it waits between two questions.", "5 seconds"),
    Setting(
        "cors.origins",
        words,
        "Origins whose scripts may call the token, revocation, UserInfo, PAR, device and registration endpoints, "
        "besides those of the clients' `redirect_uri`. Keys and metadata anybody's may read; the authorization "
        "endpoint is for no script.",
    ),
    Setting(
        "cookie_prefix",
        cookie_prefix,
        "What the names of its cookies begin with: servers at one host see each other's, on any port (RFC 6265 "
        "section 8.5). Default: nothing; with `seqtest serve` the participant's name.",
    ),
    Setting("consent", one_of("implied", "required"), "Whether the user is asked what the client may do.", "implied"),
    Setting(
        "assertion.audience",
        one_of("issuer", "issuer or token endpoint"),
        "What `aud` of a client assertion must be (RFC 7523 section 3). But for `issuer`, the PAR and the CIBA "
        "endpoint may be named at themselves, too.",
        "issuer or token endpoint",
    ),
    Setting("key", one_of(*ALGORITHMS), "The algorithm of the signing key; the same as `access_token.alg`."),
    Setting(
        "keys.*",
        one_of(*ALGORITHMS),
        "A signing key by its `kid`; the first one drawn that fits signs. Default: one key for each algorithm in use.",
    ),
    Setting("key.secret", text, "The HMAC secret of `key`, where it must be a certain one."),
    Setting("key.pem", text, "The private key of `key` as PEM."),
    Setting("keys.*.secret", text, "The HMAC secret of that key."),
    Setting("keys.*.pem", text, "The private key of that key as PEM."),
    Setting(
        "endpoints.*",
        text,
        "The path of an endpoint: `endpoints.token = /token`. Default: each at several usual paths; "
        "metadata names the first.",
    ),
    Setting(
        "user_store",
        text,
        "The participant that knows the users: `find user alice` is an arrow to it. Default: the settings.",
    ),
    Setting(
        "token_store",
        text,
        "The participant that keeps opaque tokens: `save token …`, `find token …` are arrows to it. "
        "Default: kept inside.",
    ),
    Setting(
        "revocation_list",
        text,
        "The participant that keeps revoked refresh tokens: `revoke …` and, at refresh, `is … revoked` "
        "are arrows to it. Default: kept inside.",
    ),
    *rows(AUTHORIZATION_SERVER),
)
"""With no `clients.*` any `client_id`, or none, is a public client, and any secret is wrong. With no `users.*` and
no `user_store` there is nobody to log in. Introspection always asks for client authentication, so it needs a client."""
