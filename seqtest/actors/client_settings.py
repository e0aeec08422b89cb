"""Settings of `<<client>>`."""

from seqtest.actors.allowances import CLIENT, rows
from seqtest.actors.settings import Setting, Table, boolean, cookie_prefix, count, one_of, seconds, text, words
from seqtest.auth.keys import PUBLIC_KEY_ALGORITHMS

TABLE = Table(
    Setting("auth", text, "The participant that issues its tokens. Default: the only `<<authorization-server>>`."),
    Setting("api", text, "The participant that it calls. Default: the only `<<resource-server>>`."),
    Setting("client_id", text, "Its name at the authorization server. Default: the participant's id."),
    Setting("client_secret", text, "Its secret; without one it is a public client."),
    Setting("scope", words, "The scope that it asks for; `openid` is added when a browser logs in."),
    Setting("password", text, "The password of whoever logs in without saying one."),
    Setting("users.*.password", text, "The password of one user."),
    Setting("issuer", text, "What `iss` must be. Default: the `issuer` of its authorization server."),
    Setting("discovery", boolean, "Whether it asks the issuer for its metadata and keys (an arrow each).", "false"),
    Setting("authorization_endpoint", text, "The path or address of the authorization endpoint.", "/oauth/authorize"),
    Setting("token_endpoint", text, "The path or address of the token endpoint.", "/oauth/token"),
    Setting("revocation_endpoint", text, "The path or address of the revocation endpoint.", "/oauth/revoke"),
    Setting(
        "device_authorization_endpoint",
        text,
        "The path or address of the device authorization endpoint.",
        "/oauth/device_authorization",
    ),
    Setting("userinfo_endpoint", text, "The path or address of UserInfo.", "/userinfo"),
    Setting("end_session_endpoint", text, "The path or address of the provider's log-out.", "/logout"),
    Setting("jwks_uri", text, "Where to fetch the provider's keys (an arrow). Default: nobody is asked."),
    Setting(
        "cookie_prefix",
        cookie_prefix,
        "What the names of its cookies begin with: servers at one host see each other's, on any port (RFC 6265 "
        "section 8.5). Default: nothing; with `seqtest serve` the participant's name.",
    ),
    Setting("redirect_uri", text, "Where browsers come back to. Default: `/cb` of its own address."),
    Setting(
        "post_logout_redirect_uri", text, "Where browsers come back to from logging out. Default: `/logged-out` here."
    ),
    Setting("response_iss", one_of("required", "optional"), "Whether `iss` must come back (RFC 9207).", "required"),
    Setting("id_token_alg", words, "The algorithms of ID tokens. Default: those that the provider's keys are for."),
    Setting("max_age", count, "How long ago the user may have logged in, in seconds."),
    Setting("prompt", words, "What the provider is told to ask the user."),
    Setting("userinfo", boolean, "Whether it asks UserInfo at log-in.", "false"),
    Setting(
        "userinfo_signed_response_alg",
        one_of(*PUBLIC_KEY_ALGORITHMS),
        "The only algorithm of UserInfo, which then must be signed (OpenID Connect Core section 5.3.2). Default: JSON.",
    ),
    Setting("leeway", seconds, "How far the issuer's clock may be off.", "0 seconds"),
    Setting(
        "refresh",
        one_of("when refused", "when expired"),
        "`when refused`: after a 401. `when expired`: before a call, once `expires_in` is over; then also after a 401.",
        "when refused",
    ),
    *rows(CLIENT),
)
