"""Attacks on a resource server, one for each of its switches; and tokens for those on others."""

import base64
import hmac
import json
from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from seqtest.actors.resource_server import ResourceServer
from seqtest.auth import base64url, certificate, jwe, jwt, pkce
from seqtest.auth.keys import make_key, pem, public_jwk, secret_key, thumbprint
from seqtest.exchange import Headers, Request, Response

KEY = make_key("RS256", "k1", "auth")
RS512 = make_key("RS512", "k5", "auth")
MALLORY = make_key("RS256", "m1", "mallory")
ISSUER = "https://auth.example"
Attack = Callable[[Any, dict[str, Any]], bool]
"""Binds an actor with the settings (among them the switch, or not) and attacks it; whether it was let in."""


def token(stage: Any, header: dict[str, Any] | None = None, key: Any = KEY, **change: Any) -> str:
    now = int(stage.clock.now())
    claims = {"iss": ISSUER, "sub": "123", "aud": "api", "client_id": "web", "iat": now, "exp": now + 300, "jti": "j"}
    found = {name: value for name, value in {**claims, **change}.items() if value is not None}
    return jwt.sign({"typ": "at+jwt", **(header or {})}, found, key)


def api(stage: Any, switch: dict[str, Any], **more: Any) -> None:
    stage.settings["auth"] = {"issuer": ISSUER}
    stage.scripted_keys["auth"] = [KEY, RS512]
    drawn = {"trusts": "auth", "audience": "api", **{name.replace("__", "."): value for name, value in more.items()}}
    stage.bind("api", ResourceServer, {**drawn, **switch})


def sent(stage: Any, path: str = "/users/123", *headers: tuple[str, str], who: str = "api") -> bool:
    answer: Response = stage.actors[who].handle(Request("GET", f"https://{who}.test{path}", Headers(headers)))
    return answer.status == 200


def with_token(header: dict[str, Any] | None = None, key: Any = KEY, path: str = "/users/123", **change: Any) -> Attack:
    def attack(stage: Any, switch: dict[str, Any]) -> bool:
        api(stage, switch)
        return sent(stage, path, ("Authorization", f"Bearer {token(stage, header, key, **change)}"))

    return attack


def stripped(stage: Any, switch: dict[str, Any]) -> bool:
    api(stage, switch)
    text = token(stage).rpartition(".")[0] + "."
    return sent(stage, "/users/123", ("Authorization", f"Bearer {text}"))


def tampered(stage: Any, switch: dict[str, Any]) -> bool:
    api(stage, switch)
    read = jwt.read(token(stage))
    text = jwt.changed(read, claims={**read.claims, "sub": "124"}).text
    return sent(stage, "/users/124", ("Authorization", f"Bearer {text}"))


def rs_to_hs(stage: Any, switch: dict[str, Any]) -> bool:
    api(stage, switch)
    text = token(stage, {"kid": "k1"}, secret_key(pem(KEY).encode()))
    return sent(stage, "/users/123", ("Authorization", f"Bearer {text}"))


def family_swap(stage: Any, switch: dict[str, Any]) -> bool:
    api(stage, switch, algorithms="RS256")
    return sent(stage, "/users/123", ("Authorization", f"Bearer {token(stage, key=RS512)}"))


def encrypted_unsigned(stage: Any, switch: dict[str, Any]) -> bool:
    api(stage, switch, keys__enc="ECDH-ES")
    claims = json.dumps(jwt.read(token(stage)).claims)
    text = jwe.encrypt(claims, stage.actors["api"].public_jwks()[0])
    return sent(stage, "/users/123", ("Authorization", f"Bearer {text}"))


def scope(granted: str) -> Attack:
    def attack(stage: Any, switch: dict[str, Any]) -> bool:
        api(stage, switch, scope="orders:write")
        return sent(stage, "/orders", ("Authorization", f"Bearer {token(stage, scope=granted)}"))

    return attack


def groups(stage: Any, switch: dict[str, Any]) -> bool:
    api(stage, switch, profile="microprofile", roles__GET="admin")
    return sent(stage, "/orders", ("Authorization", f"Bearer {token(stage, groups='user,admin')}"))


def request(path: str, *headers: tuple[str, str]) -> Attack:
    """`{}` stands for a good token."""

    def attack(stage: Any, switch: dict[str, Any]) -> bool:
        api(stage, switch)
        good = token(stage)
        return sent(stage, path.format(good), *((name, value.format(good)) for name, value in headers))

    return attack


def introspected(body: dict[str, Any], status: int = 200) -> Attack:
    def attack(stage: Any, switch: dict[str, Any]) -> bool:
        stage.settings["auth"] = {"issuer": ISSUER}
        stage.scripted["auth"] = lambda message: Response(status, Headers(), json.dumps(body).encode())
        stage.bind("api", ResourceServer, {"introspection": "auth", "audience": "api", **switch})
        return sent(stage, "/orders", ("Authorization", "Bearer opaque"))

    return attack


def proof(stage: Any, key: Any, text: str, jti: str = "p1", header: dict[str, Any] | None = None, **change: Any) -> str:
    claims = {"jti": jti, "htm": "GET", "htu": "https://api.test/orders", "iat": int(stage.clock.now())}
    shown = public_jwk(key) if key is not None else {}
    full = {"typ": "dpop+jwt", "jwk": {n: v for n, v in shown.items() if n not in ("kid", "alg", "use")}}
    return jwt.sign({**full, **(header or {})}, {**claims, "ath": pkce.S256(text), **change}, key)


def bound(scheme: str, by: Any = MALLORY, times: int = 1) -> Attack:
    """A token that is bound to `MALLORY`, with as many times the same proof by a key."""

    def attack(stage: Any, switch: dict[str, Any]) -> bool:
        api(stage, switch)
        text = token(stage, cnf={"jkt": thumbprint(public_jwk(MALLORY))})
        headers = [("Authorization", f"{scheme} {text}"), ("DPoP", proof(stage, by, text))]
        return [sent(stage, "/orders", *headers) for _ in range(times)] == [True] * times

    return attack


def forged(stage: Any, switch: dict[str, Any]) -> bool:
    """A form of another site with the user's cookie."""
    api(stage, switch, token_header="either")
    headers = Headers([("Origin", "https://evil.example"), ("Cookie", f"Bearer={token(stage)}")])
    answer: Response = stage.actors["api"].handle(Request("POST", "https://api.test/orders", headers))
    return answer.status == 200


def from_another_origin(stage: Any, switch: dict[str, Any]) -> bool:
    """A script of another site that reads what the user's cookie gets."""
    api(stage, switch, token_header="either", cors__origins="https://shop.example", cors__credentials=True)
    headers = Headers([("Origin", "https://evil.example"), ("Cookie", f"Bearer={token(stage)}")])
    answer = stage.actors["api"].handle(Request("GET", "https://api.test/orders", headers))
    return (
        answer.headers.get("Access-Control-Allow-Origin"),
        answer.headers.get("Access-Control-Allow-Credentials"),
    ) == (
        "https://evil.example",
        "true",
    )


def over_another_connection(stage: Any, switch: dict[str, Any]) -> bool:
    api(stage, switch)
    text = token(stage, cnf={"x5t#S256": certificate.thumbprint(certificate.of_key(KEY))})
    shown = certificate.field_value(certificate.of_key(MALLORY))
    return sent(stage, "/orders", ("Authorization", f"Bearer {text}"), ("Client-Cert", shown))


def with_text(make: Callable[[Any], str], path: str = "/users/123", **more: Any) -> Attack:
    """A token that is made by hand."""

    def attack(stage: Any, switch: dict[str, Any]) -> bool:
        api(stage, switch, **more)
        return sent(stage, path, ("Authorization", f"Bearer {make(stage)}"))

    return attack


def with_signature(alg: str, signature: bytes) -> Callable[[Any], str]:
    def make(stage: Any) -> str:
        first, second, _ = token(stage, {"alg": alg}).split(".")
        return f"{first}.{second}.{base64url.encode(signature)}"

    return make


def by_empty_secret(stage: Any) -> str:
    text = token(stage, {"alg": "HS256"}).rpartition(".")[0]
    return f"{text}.{base64url.encode(hmac.digest(b'', text.encode(), 'sha256'))}"


def with_certificate(stage: Any) -> str:
    shown = base64.b64encode(certificate.of_key(MALLORY)).decode()
    return token(stage, {"x5c": [shown], "kid": "k1"}, MALLORY)


def wrong_use(stage: Any, switch: dict[str, Any]) -> bool:
    api(stage, switch)
    stage.published["auth"] = [{**public_jwk(KEY), "use": "enc"}]
    return sent(stage, "/users/123", ("Authorization", f"Bearer {token(stage)}"))


def keys_elsewhere(stage: Any, switch: dict[str, Any]) -> bool:
    """The address of the token's own key is asked, and believed."""
    keys = json.dumps({"keys": [public_jwk(MALLORY)]}).encode()
    stage.scripted["mallory"] = lambda message: Response(200, Headers(), keys)
    api(stage, switch)
    text = token(stage, {"jku": "https://mallory.test/keys"}, MALLORY)
    return sent(stage, "/users/123", ("Authorization", f"Bearer {text}"))


def withdrawn(stage: Any, switch: dict[str, Any]) -> bool:
    published = [[public_jwk(KEY)], [public_jwk(RS512)]]
    stage.scripted["auth"] = lambda message: Response(200, Headers(), json.dumps({"keys": published.pop(0)}).encode())
    api(stage, switch, jwks_uri="/jwks")
    assert sent(stage, "/users/123", ("Authorization", f"Bearer {token(stage)}"))
    stage.clock.advance(601)
    return sent(stage, "/users/123", ("Authorization", f"Bearer {token(stage)}"))


def twice(stage: Any) -> str:
    """A token with two `sub`, signed well."""
    claims = json.dumps({**jwt.read(token(stage)).claims, "sub": "124"})
    first = token(stage).partition(".")[0]
    second = base64url.encode((claims[:-1] + ', "sub": "123"}').encode())
    text = f"{first}.{second}"
    return f"{text}.{base64url.encode(jwt.signature_of(text, KEY))}"


def in_the_body(stage: Any, switch: dict[str, Any]) -> bool:
    api(stage, switch)
    headers = Headers([("Content-Type", "application/x-www-form-urlencoded")])
    body = f"access_token={token(stage)}".encode()
    answer: Response = stage.actors["api"].handle(Request("GET", "https://api.test/orders", headers, body))
    return answer.status == 200


def proven(stage_key: Any = MALLORY, header: dict[str, Any] | None = None, **change: Any) -> Attack:
    """A token that is bound to `MALLORY`, with a proof that is not as it should be."""

    def attack(stage: Any, switch: dict[str, Any]) -> bool:
        api(stage, switch)
        text = token(stage, cnf={"jkt": thumbprint(public_jwk(MALLORY))})
        headers = [("Authorization", f"DPoP {text}")]
        return sent(stage, "/orders", *headers, ("DPoP", proof(stage, stage_key, text, header=header, **change)))

    return attack


def proofs(count: int, **more: Any) -> Attack:
    """None, or several with a comma between them."""

    def attack(stage: Any, switch: dict[str, Any]) -> bool:
        api(stage, switch, **more)
        text = token(stage, cnf={"jkt": thumbprint(public_jwk(MALLORY))})
        made = ", ".join(proof(stage, MALLORY, text, jti=f"p{number}") for number in range(count))
        return sent(stage, "/orders", ("Authorization", f"DPoP {text}"), *([("DPoP", made)] if made else []))

    return attack


SHARED = make_key("HS256", "h1", "shared")
CURVE = make_key("ES384", "e1", "auth")


def by(key: Any, make: Callable[[Any], str]) -> Attack:
    """A token of an issuer that has this key."""

    def attack(stage: Any, switch: dict[str, Any]) -> bool:
        api(stage, switch)
        stage.scripted_keys["auth"] = [key]
        return sent(stage, "/users/123", ("Authorization", f"Bearer {make(stage)}"))

    return attack


def each(*attacks: Attack) -> Attack:
    """Each of them, by itself; all are let in, or none."""

    def attack(stage: Any, switch: dict[str, Any]) -> bool:
        (found,) = {one(type(stage)(), switch) for one in attacks}
        return found

    return attack


def cut_short(count: int) -> Callable[[Any], str]:
    """A token of which so many bytes of the signature are left."""

    def make(stage: Any) -> str:
        whole = jwt.read(token(stage, key=SHARED))
        return jwt.encode(whole.header, whole.claims, whole.signature[:count])

    return make


def in_der(stage: Any) -> str:
    whole = jwt.read(token(stage, key=CURVE))
    r, s = (int.from_bytes(half, "big") for half in (whole.signature[:48], whole.signature[48:]))
    return jwt.encode(whole.header, whole.claims, encode_dss_signature(r, s))


def flattened(stage: Any) -> str:
    first, second, third = token(stage).split(".")
    return json.dumps({"protected": first, "payload": second, "signature": third})


def general(stage: Any) -> str:
    """Two signatures, the second one an attacker's."""
    first, second, third = token(stage).split(".")
    other = token(stage, key=MALLORY).split(".")
    signatures = [{"protected": first, "signature": third}, {"protected": other[0], "signature": other[2]}]
    return json.dumps({"payload": second, "signatures": signatures})


def polyglot(stage: Any) -> str:
    """Somebody else's good token, and claims of the attacker's own between two dots."""
    own = token(stage, sub="mallory").split(".")
    forged = token(stage).split(".")[1]
    return json.dumps({f"{own[0]}.{forged}.": "", "protected": own[0], "payload": own[1], "signature": own[2]})


RESOURCE_SERVER: dict[str, Attack] = {
    "jwt_alg_none": with_token(key=None),
    "jwt_alg_none_case": with_text(with_signature("nOnE", b"")),
    "jwt_alg_none_signed": with_text(with_signature("none", b"left on")),
    "jwt_rs_to_hs_public_key": rs_to_hs,
    "jwt_signature_stripped": stripped,
    "jwt_signature_truncated": each(*(by(SHARED, cut_short(count)) for count in (31, 8, 1))),
    "jwt_payload_tampered": tampered,
    "jwt_psychic_signature": with_text(with_signature("ES256", bytes(64))),
    "jwt_ecdsa_der_signature": by(CURVE, in_der),
    "jwt_hmac_empty_key": with_text(by_empty_secret),
    "jwt_jwk_header": with_token({"jwk": public_jwk(MALLORY)}, MALLORY),
    "jwt_x5c_header": with_text(with_certificate),
    "jwt_key_wrong_use": wrong_use,
    "jwt_kid_unknown": with_token({"kid": "nobody"}),
    "jwt_crit_unknown": with_token({"crit": ["exp2"], "exp2": 1}),
    "jwt_json_serialization": each(*(with_text(make) for make in (flattened, general, polyglot))),
    "claim_exp_past": with_token(exp=1),
    "claim_nbf_future": with_token(nbf=9_999_999_999),
    "jwt_alg_family_swap": family_swap,
    "jwt_jku_header": keys_elsewhere,
    "jwt_key_withdrawn": withdrawn,
    "jwt_jwe_unsigned": encrypted_unsigned,
    "claim_exp_missing": with_token(exp=None),
    "claim_exp_string": with_token(exp="9999999999"),
    "claim_exp_wrong_type": with_token(exp=["never"]),
    "claim_iat_missing": with_token(iat=None),
    "claim_iat_too_old": with_text(lambda stage: token(stage, iat=int(stage.clock.now()) - 61), token_age="1 minute"),
    "scope_missing_client_claim": with_token(client_id=None),
    "claim_aud_wrong": with_token(aud="other"),
    "claim_aud_missing": with_token(aud=None),
    "claim_aud_substring": with_token(aud="not-the-api-you-want"),
    "claim_aud_type": with_token(aud={"api": 1}),
    "claim_iss_wrong": with_token(iss="https://evil.example"),
    "claim_iss_missing": with_token(iss=None),
    "claim_iss_near_miss": with_token(iss=f"{ISSUER}.evil.example"),
    "claim_iss_array": with_token(iss=["https://evil.example", ISSUER]),
    "claim_sub_missing": with_token(sub=None, path="/orders"),
    "claim_sub_type": with_token(sub=123, path="/orders"),
    "claim_duplicate": with_text(twice),
    "typ_wrong": with_token({"typ": "JWT"}),
    "groups_type": groups,
    "sub_swapped": with_token(path="/users/124"),
    "client_sub_collision": with_token(sub="web", path="/users/web"),
    "scope_insufficient": scope("orders:read"),
    "scope_prefix_match": scope("orders:writer"),
    "no_token": request("/orders"),
    "auth_scheme_wrong": request("/users/123", ("Authorization", "Token {}")),
    "auth_header_duplicate": request("/users/123", ("Authorization", "Bearer {}, Bearer x")),
    "token_in_query": request("/users/123?access_token={}"),
    "token_in_body_get": in_the_body,
    "token_in_cookie": request("/users/123", ("Cookie", "access_token={}")),
    "token_padded": request("/users/123", ("Authorization", "Bearer {}==")),
    "token_two_methods": request("/users/123?access_token=x", ("Authorization", "Bearer {}")),
    "csrf_cookie": forged,
    "cors_origin": from_another_origin,
    "dpop_downgrade_bearer": bound("Bearer"),
    "dpop_proof_missing": proofs(0),
    "dpop_proof_replay": bound("DPoP", times=2),
    "dpop_wrong_htm": proven(htm="POST"),
    "dpop_wrong_htu": proven(htu="https://other.test/orders"),
    "dpop_proof_alg": proven(None, {"jwk": public_jwk(MALLORY)}),
    "dpop_private_jwk": proven(header={"jwk": {**public_jwk(MALLORY), "d": "AQAB"}}),
    "dpop_proof_typ": proven(header={"typ": "JWT"}),
    "dpop_two_headers": proofs(2),
    "dpop_iat_window": proven(iat=1),
    "dpop_nonce": proofs(1, dpop__nonce="true"),
    "dpop_wrong_ath": proven(ath=pkce.S256("another token")),
    "dpop_key_mismatch": bound("DPoP", by=RS512),
    "mtls_wrong_cert": over_another_connection,
    "introspection_inactive": introspected({"active": False}),
    "introspection_failure": introspected({}, 500),
    "introspection_wrong_audience": introspected({"active": True, "sub": "1", "aud": "other"}),
}
