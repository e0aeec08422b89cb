"""Tokens that somebody made on purpose, two hundred for each reader: refused, and never by a 5xx or an exception.

`test_malformed_tokens` throws noise. Here each has one thought behind it: a signature that is not the issuer's, or the
issuer's own signature over what is no token.
"""

import json
import random
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from urllib.parse import urlencode

import pytest

from seqtest.actors.gateway import Gateway
from seqtest.actors.resource_server import ResourceServer
from seqtest.auth import base64url, jwe, jwt, pkce
from seqtest.auth.keys import Key, make_key, pem, public_jwk
from seqtest.exchange import Headers, Request, Response

MALLORY = make_key("ES256", "mallory", "mallory")
SIGNER = make_key("ES256", "sig", "web")
ENC = make_key("ECDH-ES", "enc", "api")
COUNT = 200


def encoded(value: Any) -> str:
    return base64url.encode(value if isinstance(value, bytes) else json.dumps(value).encode())


def by(key: Key, header: Any, claims: Any) -> str:
    """Signed rightly by the key, whatever the two parts say; either may be the very bytes."""
    signing_input = f"{encoded(header)}.{encoded(claims)}"
    return f"{signing_input}.{base64url.encode(jwt.signature_of(signing_input, key))}"


def written(claims: dict[str, Any], more: str) -> bytes:
    """The claims as JSON with more members behind them, as they stand."""
    return f"{json.dumps(claims)[:-1]}, {more}}}".encode()


Made = tuple[str, "str | Callable[[], str]"]
"""What it is, and its text, which is signed when it is asked for."""


def forged(good: str, key: Key, dice: random.Random) -> Iterator[Made]:
    """What the issuer's key did not sign, with what it is."""
    first, second, third = good.split(".")
    token = jwt.read(good)
    header, claims = dict(token.header), dict(token.claims)
    kid = key.kid
    for alg in ("none", "None", "NONE", "nOnE", "none ", ""):
        yield f"alg {alg!r}", f"{encoded({**header, 'alg': alg})}.{second}."
        yield f"alg {alg!r}, signature kept", f"{encoded({**header, 'alg': alg})}.{second}.{third}"
    for alg in ("es256", "Es256", "ES256 ", "ES256K", "rs256", "HS256", "HS384", "PS256", "EdDSA", "ES384", "RS1"):
        if alg != key.alg:
            yield f"alg {alg!r}", f"{encoded({**header, 'alg': alg})}.{second}.{third}"
    for size in (0, 1, 63, 64, 65, 96, 132, 256, 512):
        yield f"a signature of {size} zeros", f"{first}.{second}.{base64url.encode(bytes(size))}"
        yield f"a signature of {size} ones", f"{first}.{second}.{base64url.encode(bytes([255]) * size)}"
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    for r, s in ((0, 1), (1, 0), (order, order), (order, 1), (order + 1, order + 1)):
        yield "r or s out of range", f"{first}.{second}.{base64url.encode(r.to_bytes(32) + s.to_bytes(32))}"
    jwk = public_jwk(MALLORY)
    for own in (
        {"jwk": jwk},
        {"jwk": jwk, "kid": kid},
        {"jku": "https://mallory.test/jwks"},
        {"jku": "https://mallory.test/jwks", "kid": kid},
        {"x5u": "https://mallory.test/cert.pem"},
        {"x5c": ["MIIB"]},
        {"x5t": "AAAA"},
        {"x5t#S256": "AAAA"},
        {"kid": kid},
        {"kid": MALLORY.kid},
    ):
        yield f"a stranger's, with {', '.join(own)}", partial(by, MALLORY, {**header, "alg": "ES256", **own}, claims)
    paths = (
        "../../../../dev/null",
        "/dev/null",
        "' or '1'='1",
        "x'; drop table keys; --",
        "\x00",
        "",
        "*",
        f"{kid}\x00",
    )
    for path in (
        *paths,
        f"{kid}/",
        f" {kid}",
        f"{kid} ",
        "%2e%2e/k",
        "k" * 5000,
        "é",
        "http://mallory.test/",
        "${jndi:x}",
    ):
        yield f"kid {path[:20]!r}", partial(by, MALLORY, {**header, "alg": "ES256", "kid": path}, claims)
        yield (
            f"kid {path[:20]!r}, HMAC with nothing",
            partial(by, _hmac(b""), {**header, "alg": "HS256", "kid": path}, claims),
        )
    for secret in (b"", b"secret", pem(key).encode(), json.dumps(public_jwk(key)).encode(), str(kid).encode()):
        yield "HMAC with what everybody knows", partial(by, _hmac(secret), {**header, "alg": "HS256"}, claims)
    for change in (
        {"sub": "mallory"},
        {"exp": 9_999_999_999},
        {"aud": "*"},
        {"iss": ""},
        {"admin": True},
        {"scope": "all"},
    ):
        yield f"{', '.join(change)} changed", f"{first}.{encoded({**claims, **change})}.{third}"
    for tail in (".", "..", "=", "==", " ", "\n", "A", ".A", ".e30", "%00", "\x00", "?", "#", ";x", ",x"):
        yield f"{tail!r} at the end", f"{good}{tail}"
    for place, part in enumerate((first, second, third)):
        for pad in ("=", "==", "\n", " "):
            parts = [first, second, third]
            parts[place] = part + pad
            yield f"{pad!r} behind part {place + 1}", ".".join(parts)
        parts = [first, second, third]
        plain = part.replace("-", "+").replace("_", "/")
        # As many for each token: where no letter differs, padding is what makes it plain base64.
        parts[place] = plain if plain != part else f"{part}="
        yield f"plain base64 in part {place + 1}", ".".join(parts)
    yield "unused bits", f"{first}.{second}.{_with_unused_bits(third)}"
    for _ in range(30):
        at = dice.randrange(len(third) - 1)
        letter = dice.choice([one for one in "ABCDwxyz0189-_" if one != third[at]])
        yield f"letter {at} of the signature", f"{first}.{second}.{third[:at]}{letter}{third[at + 1 :]}"


def _hmac(secret: bytes) -> Key:
    return Key("h", "HS256", secret)


def _with_unused_bits(part: str) -> str:
    """Another spelling of the same bytes, for a decoder that is not strict."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return part[:-1] + letters[letters.index(part[-1]) ^ 1] if len(part) % 4 else f"{part}A"


NO_TEXT: tuple[Any, ...] = (1, 0, -1.5, True, False, [], ["x"], [["x"]], {}, {"x": 1}, None)
NO_TIME: tuple[Any, ...] = (
    "",
    "soon",
    "9999999999",
    "1e9",
    True,
    [],
    [9_999_999_999],
    [[1]],
    {},
    {"x": 1},
    None,
    -1,
    -1e300,
)


def misshapen(good: str, key: Key, texts: tuple[str, ...]) -> Iterator[Made]:
    """What the issuer's own key signed, and what is no token all the same. `texts`: the claims that must be texts."""
    token = jwt.read(good)
    header, claims = dict(token.header), dict(token.claims)
    for name in texts:
        for value in NO_TEXT:
            yield f"{name} = {value!r}", partial(by, key, header, {**claims, name: value})
    for name in ("exp", "nbf", "iat"):
        for value in NO_TIME:
            yield f"{name} = {value!r}", partial(by, key, header, {**claims, name: value})
        for literal in ("NaN", "Infinity", "-Infinity", "1e400", "-1e400", "0x7f", "01", "1_000", "+1", "9" * 5000):
            yield (
                f"{name} = {literal[:12]}",
                partial(by, key, header, written(_without(claims, name), f'"{name}": {literal}')),
            )
    for value in ({}, {"x": 1}, 1, True, [1], [["api"]], [None], [{}], [], None, "") if "aud" in claims else ():
        yield f"aud = {value!r}", partial(by, key, header, {**claims, "aud": value})
    for name in claims:
        yield f"{name} twice", partial(by, key, header, written(claims, f'"{name}": {json.dumps(claims[name])}'))
    yield "alg twice", partial(by, key, written(header, f'"alg": "{key.alg}"'), claims)
    for crit in ([], ["exp"], ["b64"], ["x"], "b64", {}, None, [1], True):
        yield f"crit = {crit!r}", partial(by, key, {**header, "crit": crit}, claims)
    yield "b64", partial(by, key, {**header, "b64": False, "crit": ["b64"]}, claims)
    for value in (1, [], {}, True):
        yield f"kid = {value!r}", partial(by, key, {**header, "kid": value}, claims)
        yield f"alg = {value!r}", partial(by, key, {**header, "alg": value}, claims)
    for body in (
        b"",
        b"[]",
        b"null",
        b"1",
        b'"x"',
        b"{",
        b"{}{}",
        b"\xff",
        b"\xef\xbb\xbf{}",
        b"[" * 9000,
        b'{"a":' * 9000,
    ):
        yield f"the payload {body[:9]!r}", partial(by, key, header, body)
        yield f"the header {body[:9]!r}", partial(by, key, body, claims)
    yield "half a surrogate pair", partial(by, key, header, written(claims, '"x": "\\ud800"'))
    yield "UTF-16", partial(by, key, header, json.dumps(claims).encode("utf-16"))


def _without(claims: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in claims.items() if key != name}


def bearer(who: str, path: str) -> Callable[[Any, str], Response]:
    def send(stage: Any, text: str) -> Response:
        # What no header field can carry never comes as far as a token; it is sent percent-encoded instead.
        value = "".join(letter if "!" <= letter <= "~" else f"%{ord(letter):02X}" for letter in text)
        request = Request("GET", f"https://{who}.test{path}", Headers([("Authorization", f"Bearer {value}")]))
        found: Response = stage.actors[who].handle(request)
        return found

    return send


@pytest.fixture
def server(stage: Any, auth: Any) -> Any:
    found = auth({"clients.signer.jwks": [public_jwk(SIGNER)], "access_token.aud": "api", "throttle.attempts": 0})
    stage.bind("api", ResourceServer, {"trusts": "auth", "issuer": "https://auth.example", "audience": "api"})
    drawn = {"trusts": "auth", "issuer": "https://auth.example", "audience": "api", "keys.enc": "ECDH-ES"}
    stage.bind("sealed", ResourceServer, drawn)
    stage.actors["sealed"]._verifier.decryption = [ENC]
    asks = {"introspection": "auth", "client_id": "users", "client_secret": "pool-of-tears"}
    stage.bind("asking", ResourceServer, {"issuer": "https://auth.example", "audience": "api", **asks})
    stage.scripted["up"] = lambda message: Response(200)
    rule = {"issuer": "https://auth.example", "trusts": "auth", "audiences": "api"}
    settings = {f"jwt.main.{name}": value for name, value in rule.items()}
    stage.bind("gw", Gateway, {"upstream": "up", **settings})
    return found


def introspect(stage: Any, text: str) -> Response:
    answer = stage.post("auth", "/introspect", {"token": text}, auth=("web", "tea-party"))
    is_active = answer.status == 200 and stage.json(answer)["active"]
    # Not active is how this endpoint refuses.
    return answer if is_active or answer.status >= 500 else Response(401)


def assertion(stage: Any, text: str) -> Response:
    kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    form = {"grant_type": "client_credentials", "client_assertion_type": kind, "client_assertion": text}
    found: Response = stage.post("auth", "/token", form)
    return found


def sealed(stage: Any, text: str) -> Response:
    """Encrypted to the right reader, so that it is what stands inside that counts."""
    return bearer("sealed", "/users/123")(stage, jwe.encrypt(text, public_jwk(ENC), "A128GCM"))


READERS: dict[str, tuple[Callable[[Any, str], Response], tuple[str, ...]]] = {
    "resource server": (bearer("api", "/users/123"), ("iss", "sub", "jti", "client_id", "scope")),
    "resource server, encrypted": (sealed, ("iss", "sub", "jti", "client_id", "scope")),
    "resource server that asks": (bearer("asking", "/users/123"), ("iss", "sub", "jti", "client_id", "scope")),
    "gateway": (bearer("gw", "/"), ("iss",)),
    "introspection": (introspect, ("iss", "sub", "jti", "client_id", "scope")),
    "UserInfo": (bearer("auth", "/userinfo"), ("iss", "sub", "jti", "client_id", "scope")),
    "client assertion": (assertion, ("iss", "sub", "jti", "aud")),
}


def good_one(stage: Any, server: Any, reader: str) -> tuple[str, Key]:
    """A token that the reader takes, and the key that signed it."""
    if reader == "client assertion":
        claims = {
            "iss": "signer",
            "sub": "signer",
            "aud": "https://auth.example",
            "jti": "j",
            "iat": int(stage.clock.now()),
        }
        return jwt.sign({}, {**claims, "exp": claims["iat"] + 60}, SIGNER), SIGNER
    return stage.log_in(scope="openid a")["access_token"], server.signing_key("ES256")


def all_of(good: str, key: Key, texts: tuple[str, ...], seed: int = 11) -> list[Made]:
    return [*forged(good, key, random.Random(seed)), *misshapen(good, key, texts)]


def text_of(made: Made) -> str:
    return made[1] if isinstance(made[1], str) else made[1]()


@pytest.mark.parametrize("reader", READERS)
def test_forged_tokens(stage: Any, server: Any, reader: str) -> None:
    """Each is refused with a 4xx; the good one that they are made of is taken before and after."""
    send, texts = READERS[reader]
    good, key = good_one(stage, server, reader)
    if reader != "client assertion":
        assert send(stage, good).status == 200

    wrong = all_of(good, key, texts)
    answers = [(made[0], send(stage, text_of(made)).status) for made in wrong]
    taken = [(words, status) for words, status in answers if not 400 <= status < 500]

    assert taken == []
    assert len(wrong) > COUNT
    assert send(stage, good).status == 200


def test_forged_id_tokens(stage: Any) -> None:
    """The relying party believes none of them: the log-in ends with 400, and nobody is logged in."""
    evil = stage.evil_provider()
    key = stage.scripted_keys["op"][0]
    count = len(all_of(evil.id_token(), key, ("iss", "sub")))
    taken = []
    for index in range(count):
        wanted = evil.begin()
        made = all_of(evil.id_token(), key, ("iss", "sub"))[index]
        evil.prepare(tokens={"id_token": text_of(made)})
        answer = evil.come_back(state=wanted["state"])
        if (answer.status, evil.is_logged_in) != (400, False):
            taken.append((made[0], answer.status))

    assert taken == []
    assert count > COUNT
    assert evil.log_in().status == 303
    assert evil.is_logged_in


def test_forged_logout_tokens(stage: Any) -> None:
    """None of them logs anybody out: 400, and the session lives (Back-Channel Logout section 2.6)."""
    evil = stage.evil_provider()
    evil.log_in()
    key = stage.scripted_keys["op"][0]
    count = len(all_of(evil.logout_token(), key, ("iss", "jti")))
    taken = []
    for index in range(count):
        made = all_of(evil.logout_token(jti=f"j-{index}"), key, ("iss", "jti"))[index]
        answer = evil.browser.send("POST", "/backchannel-logout", {"logout_token": text_of(made)})
        if (answer.status, evil.is_logged_in) != (400, True):
            taken.append((made[0], answer.status))
            evil.log_in()

    assert taken == []
    assert count > COUNT
    assert evil.browser.send("POST", "/backchannel-logout", {"logout_token": evil.logout_token()}).status == 200
    assert not evil.is_logged_in


def test_forged_request_objects(stage: Any, server: Any, auth: Any) -> None:
    """None of them begins a log-in (RFC 9101 section 6.3): the browser stays, or goes back with an error."""
    place = "https://web.test/cb"
    auth({"clients.signer.jwks": [public_jwk(SIGNER)], "clients.signer.redirect_uri": place})
    now = int(stage.clock.now())
    claims = {"iss": "signer", "aud": "https://auth.example", "client_id": "signer", "response_type": "code"}
    claims |= {"redirect_uri": place, "scope": "openid", "code_challenge": "x" * 43, "code_challenge_method": "S256"}
    good = jwt.sign({}, {**claims, "exp": now + 60, "nbf": now, "iat": now, "sub": "s", "jti": "j"}, SIGNER)

    def begins(text: str) -> bool:
        answer = stage.get("auth", "/authorize?" + urlencode({"client_id": "signer", "request": text}))
        assert answer.status in (303, 400)
        return "/interaction/" in (answer.headers.get("Location") or "")

    assert begins(good)
    wrong = all_of(good, SIGNER, ("iss", "client_id", "response_type", "redirect_uri"))
    assert [made[0] for made in wrong if begins(text_of(made))] == []


def test_forged_proofs(stage: Any, server: Any) -> None:
    """None of them opens what is bound to a key (RFC 9449 section 4.3); good ones do, before and after."""
    jwk = {name: value for name, value in public_jwk(SIGNER).items() if name not in ("kid", "alg", "use")}
    token_url, place = "https://auth.test/token", "https://auth.test/userinfo"

    def proof(number: int, method: str = "GET", url: str = place, token: str | None = None) -> str:
        claims = {"jti": f"j-{number}", "htm": method, "htu": url, "iat": int(stage.clock.now())}
        ath = {"ath": pkce.S256(token)} if token is not None else {}
        return jwt.sign({"typ": "dpop+jwt", "jwk": jwk}, {**claims, **ath}, SIGNER)

    form = {"grant_type": "password", "username": "alice", "password": "wonderland", "scope": "openid"}
    answer = stage.post("auth", "/token", form, auth=("web", "tea-party"), DPoP=proof(0, "POST", token_url))
    token = stage.json(answer)["access_token"]

    def ask(text: str) -> int:
        value = "".join(letter if "!" <= letter <= "~" else f"%{ord(letter):02X}" for letter in text)
        headers = Headers([("Authorization", f"DPoP {token}"), ("DPoP", value)])
        status: int = server.handle(Request("GET", place, headers)).status
        return status

    texts = ("jti", "htm", "htu", "ath")
    assert ask(proof(1, token=token)) == 200
    count = len(all_of(proof(2, token=token), SIGNER, texts))
    taken = []
    for index in range(count):
        made = all_of(proof(index + 2, token=token), SIGNER, texts)[index]
        if (status := ask(text_of(made))) not in (400, 401):
            taken.append((made[0], status))

    assert taken == []
    assert count > COUNT
    assert ask(proof(count + 2, token=token)) == 200


def test_equal_seeds_give_equal_forgeries() -> None:
    """What differs from run to run is ECDSA's own randomness in what a stranger signs, and nothing else."""
    key = make_key("RS256", "k", "x")
    good = jwt.sign({}, {"iss": "i", "sub": "s", "aud": "a", "exp": 1}, key)

    def made(seed: int) -> list[str]:
        return [text_of(made).rpartition(".")[0] for made in all_of(good, key, ("iss",), seed)]

    def signatures(seed: int) -> list[str]:
        return [text_of(made) for made in all_of(good, key, ("iss",), seed) if made[0].startswith("letter")]

    assert made(1) == made(1)
    assert signatures(1) == signatures(1) != signatures(2)
