"""Which names of fields are names of secrets, in whatever way APIs write them: `client_secret`, `clientSecret`."""

import re
from functools import lru_cache

SECRET_NAMES = frozenset(
    {
        "access_key",
        "actor_token",
        "assertion",
        "auth_req_id",
        "authorization",
        "bearer",
        "client_assertion",
        "client_secret",
        "code",
        "code_verifier",
        "cookie",
        "credential",
        "csrf",
        "device_code",
        "dpop",
        "dpop_proof",
        "encryption_key",
        "hmac_key",
        "id_token",
        "id_token_hint",
        "jsessionid",
        "jwt",
        "logout_token",
        "otp",
        "pass",
        "passcode",
        "passphrase",
        "passwd",
        "password",
        "phpsessid",
        "pin",
        "private_key",
        "proxy_authorization",
        "pw",
        "pwd",
        "request_uri",
        "samlart",
        "samlresponse",
        "secret",
        "secret_key",
        "session",
        "session_id",
        "session_key",
        "set_cookie",
        "shared_key",
        "signature",
        "signaturevalue",
        "signing_key",
        "subject_token",
        "ticket",
        "token",
        "totp",
        "user_code",
        "x_auth",
        "xsrf",
    }
)
SECRET_ENDINGS = (
    "password",
    "secret",
    "token",
    "verifier",
    "assertion",
    "passphrase",
    "privatekey",
    "apikey",
    "accesskey",
)
"""Of a name without what divides its words; such an ending is one of words run together, too: `csrfmiddlewaretoken`."""
CODES = frozenset(
    {
        "access",
        "activation",
        "auth",
        "authorization",
        "backup",
        "confirmation",
        "invite",
        "login",
        "mfa",
        "otp",
        "pairing",
        "pin",
        "recovery",
        "reset",
        "scratch",
        "security",
        "sms",
        "time",
        "totp",
        "verification",
    }
)
"""What a secret `…_code` is for; others are those of errors, countries and currencies."""
_SQUEEZED = frozenset(name.replace("_", "") for name in SECRET_NAMES)
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^\W\d_]+")
_OF_A_FORM = re.compile(r"[.\[\]]+")
_BESIDE = frozenset({"again", "confirm", "confirmation", "hash", "pem", "plain", "raw", "repeat", "text", "value"})
"""Words behind a name that leave it a secret's: `password_confirmation`, `tokenValue`."""


@lru_cache(maxsize=4096)
def is_secret_name(name: str) -> bool:
    """Whether a field, header or setting of that name holds a secret; a path is judged by its last name."""
    pieces = [piece for piece in _OF_A_FORM.split(name) if piece and not piece.isdigit()]
    words = [word.lower() for word in _WORDS.findall(pieces[-1])] if pieces else []
    while len(words) > 1 and (words[-1].isdigit() or words[-1] in _BESIDE):
        words.pop()
    if not words:
        return False
    joined = "_".join(words)
    return _is_one(joined) or (joined.endswith("s") and joined != "codes" and _is_one(joined[:-1]))


def _is_one(joined: str) -> bool:
    squeezed = joined.replace("_", "")
    if (
        squeezed in _SQUEEZED
        or (joined.startswith("x_") and squeezed[1:] in _SQUEEZED)
        or squeezed.endswith(SECRET_ENDINGS)
    ):
        return True
    *before, last = joined.split("_")
    return last == "code" and bool(before) and before[-1] in CODES
