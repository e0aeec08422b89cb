"""Switches: each refusal holds without its switch, and is gone with it."""

import base64
import hmac
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from seqtest.actors.allowances import TABLES, Allowance
from seqtest.actors.authorization_server import AuthorizationServer
from seqtest.actors.authorization_settings import GRANTS
from seqtest.actors.gateway import Gateway
from seqtest.actors.resource_server import ResourceServer
from seqtest.actors.unswitched import NOTHING_TO_SWITCH, SAME
from seqtest.auth import base64url, basic, certificate, jwe, jwt, pkce
from seqtest.auth.keys import make_key, pem, public_jwk, secret_key, thumbprint, verification_jwk
from seqtest.errors import UnplayableScenario
from seqtest.exchange import Headers, Request, Response

KEY = make_key("RS256", "k1", "auth")
RS512 = make_key("RS512", "k5", "auth")
MALLORY = make_key("RS256", "m1", "mallory")
ISSUER = "https://auth.example"
Attack = Callable[[Any, dict[str, Any]], bool]
"""Binds an actor with the settings (among them the switch, or not) and attacks it; whether it was let in."""


# Resource server


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


# Gateway


class Upstream:
    """Answers 200 and keeps the headers and the URL that came."""

    def __init__(self) -> None:
        self.headers: list[tuple[str, str]] = []
        self.url = ""

    def __call__(self, message: Any) -> Response:
        self.headers, self.url = [(name.lower(), value) for name, value in message.headers], message.url
        return Response(200)


def through(stage: Any, switch: dict[str, Any], *headers: tuple[str, str], path: str = "/", **more: Any) -> Upstream:
    """A request through a gateway; the upstream's URL is empty when nothing came there."""
    stage.settings["auth"] = {"issuer": ISSUER}
    stage.kinds["auth"] = "authorization-server"
    stage.scripted_keys["auth"] = [KEY]
    stage.scripted["up"] = upstream = Upstream()
    drawn = {"upstream": "up", "jwt.main.issuer": ISSUER, "jwt.main.outputClaimToHeaders": SUB}
    stage.bind("gw", Gateway, {**drawn, **{name.replace("__", "."): value for name, value in more.items()}, **switch})
    sent(stage, path, *headers, who="gw")
    return upstream


SUB = [{"header": "x-sub", "claim": "sub"}]


def unknown_issuer(stage: Any, switch: dict[str, Any]) -> bool:
    text = token(stage, iss="https://evil.example")
    return through(stage, switch, ("Authorization", f"Bearer {text}")).url != ""


def spoofed(name: str) -> Attack:
    def attack(stage: Any, switch: dict[str, Any]) -> bool:
        return (name, "mallory") in through(stage, switch, (name, "mallory")).headers

    return attack


def hop_by_hop(stage: Any, switch: dict[str, Any]) -> bool:
    good = ("Authorization", f"Bearer {token(stage)}")
    return "x-sub" not in dict(through(stage, switch, good, ("Connection", "x-sub")).headers)


def odd_path(stage: Any, switch: dict[str, Any]) -> bool:
    rules = [{"to": [{"operation": {"paths": ["/admin*"]}}]}]
    policy: dict[str, Any] = {"policies__a__action": "DENY", "policies__a__rules": rules}
    return through(stage, switch, path="/x/../admin", **policy).url != ""


def two_tokens(stage: Any, switch: dict[str, Any]) -> bool:
    good = ("Authorization", f"Bearer {token(stage)}")
    return through(stage, switch, good, path=f"/?access_token={token(stage, key=MALLORY)}").url != ""


def keys_down(stage: Any, switch: dict[str, Any]) -> bool:
    stage.scripted["auth"] = lambda message: Response(500)
    text = token(stage, key=MALLORY)
    return through(stage, switch, ("Authorization", f"Bearer {text}"), jwks="fetched").url != ""


def leaked(stage: Any, switch: dict[str, Any]) -> bool:
    good = ("Authorization", f"Bearer {token(stage)}")
    return "authorization" in dict(through(stage, switch, good).headers)


def injected(stage: Any, switch: dict[str, Any]) -> bool:
    text = token(stage, sub="a\r\nX-Admin: 1")
    return ("x-sub", "a\r\nX-Admin: 1") in through(stage, switch, ("Authorization", f"Bearer {text}")).headers


def at_gateway(make: Callable[[Any], str], **more: Any) -> Attack:
    """A token that the gateway should not let through."""

    def attack(stage: Any, switch: dict[str, Any]) -> bool:
        return through(stage, switch, ("Authorization", f"Bearer {make(stage)}"), **more).url != ""

    return attack


def tampered_text(stage: Any) -> str:
    read = jwt.read(token(stage))
    return jwt.changed(read, claims={**read.claims, "sub": "124"}).text


def other_use(stage: Any, switch: dict[str, Any]) -> bool:
    stage.published["auth"] = [{**public_jwk(KEY), "use": "enc"}]
    return at_gateway(token)(stage, switch)


def cross_issuer(stage: Any, switch: dict[str, Any]) -> bool:
    """Another issuer that is trusted, too, signs as the first one."""
    stage.settings["other"] = {"issuer": "https://other.example"}
    stage.kinds["other"] = "authorization-server"
    stage.scripted_keys["other"] = [MALLORY]
    return at_gateway(lambda one: token(one, key=MALLORY), jwt__second__issuer="https://other.example")(stage, switch)


GATEWAY: dict[str, Attack] = {
    "jwt_alg_none": at_gateway(lambda stage: token(stage, key=None)),
    "jwt_alg_none_case": at_gateway(with_signature("nOnE", b"")),
    "jwt_alg_none_signed": at_gateway(with_signature("none", b"left on")),
    "jwt_rs_to_hs_public_key": at_gateway(lambda stage: token(stage, {"kid": "k1"}, secret_key(pem(KEY).encode()))),
    "jwt_signature_stripped": at_gateway(lambda stage: token(stage).rpartition(".")[0] + "."),
    "jwt_signature_truncated": at_gateway(cut_short(8), jwt__main__jwks={"keys": [verification_jwk(SHARED)]}),
    "jwt_payload_tampered": at_gateway(tampered_text),
    "jwt_psychic_signature": at_gateway(with_signature("ES256", bytes(64))),
    "jwt_ecdsa_der_signature": at_gateway(in_der, jwt__main__jwks={"keys": [public_jwk(CURVE)]}),
    "jwt_hmac_empty_key": at_gateway(by_empty_secret),
    "jwt_jwk_header": at_gateway(lambda stage: token(stage, {"jwk": public_jwk(MALLORY)}, MALLORY)),
    "jwt_x5c_header": at_gateway(with_certificate),
    "jwt_key_wrong_use": other_use,
    "jwt_kid_unknown": at_gateway(lambda stage: token(stage, {"kid": "nobody"})),
    "jwt_crit_unknown": at_gateway(lambda stage: token(stage, {"crit": ["exp2"], "exp2": 1})),
    "jwt_json_serialization": each(*(at_gateway(make) for make in (flattened, general, polyglot))),
    "claim_exp_past": at_gateway(lambda stage: token(stage, exp=1)),
    "claim_nbf_future": at_gateway(lambda stage: token(stage, nbf=9_999_999_999)),
    "jwt_kid_cross_issuer": cross_issuer,
    "gw_audience_status": at_gateway(lambda stage: token(stage, aud="other"), jwt__main__audiences="api"),
    "gw_unknown_issuer": unknown_issuer,
    "gw_identity_header_spoof": spoofed("x-sub"),
    "gw_header_alias": spoofed("x_sub"),
    "gw_hop_by_hop": hop_by_hop,
    "gw_path_normalization": odd_path,
    "gw_two_tokens": two_tokens,
    "gw_jwks_down": keys_down,
    "gw_original_token_leak": leaked,
    "gw_claim_header_injection": injected,
}


# Authorization server

CALLBACK = "https://web.test/cb"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
AUTHORIZE = {
    "response_type": "code",
    "client_id": "web",
    "redirect_uri": CALLBACK,
    "scope": "openid",
    "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    "code_challenge_method": "S256",
}
SIGNER = make_key("ES256", "s1", "signer")


class Server:
    """An authorization server under attack."""

    def __init__(self, stage: Any, switch: dict[str, Any], **more: Any) -> None:
        self.stage = stage
        drawn = {
            "clients.web.secret": "tea-party",
            "clients.web.redirect_uri": CALLBACK,
            "clients.web.scope": "openid read",
            "clients.other.secret": "croquet",
            "clients.other.redirect_uri": CALLBACK,
            "clients.api.secret": "s",
            "clients.api.exchange": "https://orders.example",
            "clients.api.audience": "https://other.example",
            "clients.spa.authentication": "none",
            "clients.poster.secret": "post",
            "clients.poster.authentication": "client_secret_post",
            "clients.signer.jwks": [public_jwk(SIGNER)],
            "clients.lone.secret": "x",
            "clients.lone.grants": "authorization_code",
            "clients.several.authentication": "none",
            "clients.several.redirect_uris": f"{CALLBACK} https://other.test/cb",
            "users.alice.password": "wonderland",
            "grants": " ".join(GRANTS),
            "access_token.alg": "ES256",
            "refresh_token.lifetime": "1 hour",
        }
        stage.bind("auth", AuthorizationServer, {**drawn, **more, **switch})

    def token(self, auth: tuple[str, str] | None = ("web", "tea-party"), **form: Any) -> Response:
        answer: Response = self.stage.post("auth", "/token", form, auth=auth)
        return answer

    def log_in(self, **change: Any) -> Response:
        return self.token(**{"grant_type": "password", "username": "alice", "password": "wonderland", **change})

    def tokens(self) -> dict[str, str]:
        found: dict[str, str] = self.stage.json(self.log_in())
        return found

    def refresh(self, text: str, auth: tuple[str, str] = ("web", "tea-party"), **more: Any) -> bool:
        return self.token(auth, grant_type="refresh_token", refresh_token=text, **more).status == 200

    def authorize(self, query: str = "", **change: Any) -> Response:
        wanted = {name: value for name, value in {**AUTHORIZE, **change}.items() if value is not None}
        answer: Response = self.stage.get("auth", f"/authorize?{urlencode(wanted)}{query}")
        return answer

    def is_asked(self, query: str = "", **change: Any) -> bool:
        """Whether the request leads to the log-in page."""
        return (self.authorize(query, **change).headers.get("Location") or "").startswith("/interaction/")

    def back(self, **change: Any) -> Response:
        answer: Response = self.stage.interact(self.authorize(**change))
        return answer

    def forged(self) -> bool:
        """Whether a log-in that another site made up, without the page's token and cookie, brings a code."""
        page = self.authorize().headers.get("Location")
        answer = self.stage.post("auth", page, {"login": "alice", "password": "wonderland"})
        return "code=" in (answer.headers.get("Location") or "")

    def state_of(self, **change: Any) -> str:
        """`state` in the response."""
        return parse_qs(urlsplit(self.back(**change).headers.get("Location") or "").query).get("state", [""])[0]

    def code(self, **change: Any) -> str:
        return (self.back(**change).headers.get("Location") or "").partition("code=")[2].partition("&")[0]

    def id_token(self) -> str:
        form = {"grant_type": "authorization_code", "code": self.code(), "redirect_uri": CALLBACK}
        found: str = self.stage.json(self.token(code_verifier=VERIFIER, **form))["id_token"]
        return found

    def redeem(self, code: str, auth: tuple[str, str] | None = ("web", "tea-party"), **change: Any) -> bool:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
        return self.token(auth, **{n: v for n, v in {**form, **change}.items() if v is not None}).status == 200

    def is_active(self, text: str, auth: tuple[str, str] | None = ("web", "tea-party"), **more: str) -> bool:
        answer = self.stage.post("auth", "/introspect", {"token": text, **more}, auth=auth)
        return answer.status == 200 and self.stage.json(answer)["active"] is True

    def raw(self, body: str, path: str = "/token", **headers: str) -> bool:
        fields = {"Content-Type": "application/x-www-form-urlencoded", **headers}
        request = Request("POST", f"https://auth.test{path}", Headers(fields.items()), body.encode())
        found: int = self.stage.actors["auth"].handle(request).status
        return found == 200

    def assertion(self, **change: Any) -> str:
        now = int(self.stage.clock.now())
        claims = {"iss": "signer", "sub": "signer", "aud": "https://auth.test", "exp": now + 60, "jti": "j", **change}
        return jwt.sign({}, claims, SIGNER)

    def asserted(self, text: str) -> bool:
        kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        form = {"grant_type": "client_credentials", "client_assertion_type": kind, "client_assertion": text}
        return self.token(None, **form).status == 200


def server(attack: Callable[[Server], bool], **more: Any) -> Attack:
    drawn = {name.replace("__", "."): value for name, value in more.items()}
    return lambda stage, switch: attack(Server(stage, switch, **drawn))


def replayed(one: Server) -> bool:
    code = one.code()
    return one.redeem(code) and one.redeem(code)


def expired_code(one: Server) -> bool:
    code = one.code()
    one.stage.clock.advance(3600)
    return one.redeem(code)


def brute_force(one: Server) -> bool:
    guesses = [one.log_in(password="guess").status for _ in range(10)]
    guesses += [one.token(("web", "guess"), grant_type="client_credentials").status for _ in range(10)]
    assert guesses == [400] * 10 + [401] * 10
    user = one.token(("other", "croquet"), grant_type="password", username="alice", password="wonderland").status
    client = one.token(grant_type="client_credentials").status
    assert {user, client} <= {200, 429}
    assert user == client
    return user == 200


def replayed_assertion(one: Server) -> bool:
    text = one.assertion()
    return one.asserted(text) and one.asserted(text)


def disabled(one: Server) -> bool:
    one.stage.act("auth", "disable alice")
    return one.log_in().status == 200


def reused(one: Server) -> bool:
    text = one.tokens()["refresh_token"]
    return one.refresh(text) and one.refresh(text)


def after_log_out(one: Server) -> bool:
    text = one.tokens()["refresh_token"]
    one.stage.act("auth", "log out alice")
    return one.refresh(text)


def disabled_refresh(one: Server) -> bool:
    text = one.tokens()["refresh_token"]
    one.stage.actors["auth"].users.disabled["alice"] = True
    return one.refresh(text)


def expired_refresh(one: Server) -> bool:
    text = one.tokens()["refresh_token"]
    one.stage.clock.advance(3601)
    return one.refresh(text)


def revoked(auth: tuple[str, str]) -> Callable[[Server], bool]:
    def attack(one: Server) -> bool:
        """Whether the token is dead afterwards."""
        text = one.tokens()["refresh_token"]
        one.stage.post("auth", "/revoke", {"token": text}, auth=auth)
        return not one.refresh(text)

    return attack


def dead(one: Server) -> bool:
    text = one.tokens()["access_token"]
    one.stage.clock.advance(3600)
    return one.is_active(text)


def device(one: Server, client_id: str = "spa") -> str:
    """The code of a device whose user has said yes."""
    answer = one.stage.json(one.stage.post("auth", "/device_authorization", {"client_id": client_id}))
    form = {"user_code": answer["user_code"], "login": "alice", "password": "wonderland", "consent": "allow"}
    assert one.stage.post("auth", "/device", form).status == 200
    found: str = answer["device_code"]
    return found


def polled(one: Server, code: str, **more: Any) -> bool:
    kind = "urn:ietf:params:oauth:grant-type:device_code"
    form = {"grant_type": kind, "device_code": code, "client_id": "spa", **more}
    return one.token(None, **form).status == 200


SECRET = b"tea-party" * 4


def request_object(key: Any) -> str:
    return jwt.sign({}, {**AUTHORIZE, "aud": "https://auth.test", "state": "inside"}, key)


def impatient(one: Server) -> bool:
    answer = one.stage.json(one.stage.post("auth", "/device_authorization", {"client_id": "spa"}))
    assert not polled(one, answer["device_code"])
    form = {"user_code": answer["user_code"], "login": "alice", "password": "wonderland", "consent": "allow"}
    one.stage.post("auth", "/device", form)
    return polled(one, answer["device_code"])


def used_device(one: Server) -> bool:
    code = device(one)
    assert polled(one, code)
    one.stage.clock.advance(5)
    return polled(one, code)


def pushed_twice(one: Server) -> bool:
    form = {name: value for name, value in AUTHORIZE.items() if name != "client_id"}
    uri = one.stage.json(one.stage.post("auth", "/par", form, auth=("web", "tea-party")))["request_uri"]
    path = "/authorize?" + urlencode({"client_id": "web", "request_uri": uri})
    return [one.stage.get("auth", path).status for _ in range(2)] == [303, 303]


def fetched(one: Server) -> bool:
    """The server calls whom the attacker wants, by way of a redirect, and goes on with what it gets."""
    body = request_object(secret_key(SECRET)).encode()
    one.stage.scripted["outer"] = lambda message: Response(302, Headers([("Location", "https://inner.test/object")]))
    one.stage.scripted["inner"] = lambda message: Response(200, Headers(), body)
    is_asked = one.is_asked(request_uri="https://outer.test/", state=None)
    called = [("auth", "outer", "GET https://outer.test/"), ("auth", "inner", "GET https://inner.test/object")]
    assert one.stage.calls == (called if is_asked else [])
    return is_asked


ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"


def exchanged(one: Server, subject: str, **more: Any) -> bool:
    kind = "urn:ietf:params:oauth:grant-type:token-exchange"
    form = {"grant_type": kind, "subject_token": subject, "subject_token_type": ACCESS_TOKEN, **more}
    return one.token(("api", "s"), **form).status == 200


def dead_subject(one: Server) -> bool:
    text = one.tokens()["access_token"]
    one.stage.clock.advance(3600)
    return exchanged(one, text)


def other_actor(one: Server) -> bool:
    actor = one.stage.json(one.token(("other", "croquet"), grant_type="client_credentials"))["access_token"]
    return exchanged(one, one.tokens()["access_token"], actor_token=actor, actor_token_type=ACCESS_TOKEN)


def at_token(one: Server, key: Any, jti: str, **form: str) -> Response:
    text = proof(one.stage, key, "", jti, htm="POST", htu="https://auth.test/token")
    headers = {"DPoP": text}
    answer: Response = one.stage.post("auth", "/token", {"client_id": "spa", **form}, None, **headers)
    return answer


USER = {"grant_type": "password", "username": "alice", "password": "wonderland"}


def key_changed(one: Server) -> bool:
    text = one.stage.json(at_token(one, MALLORY, "p1", **USER))["refresh_token"]
    return at_token(one, RS512, "p2", grant_type="refresh_token", refresh_token=text).status == 200


def replayed_proof(one: Server) -> bool:
    return [at_token(one, MALLORY, "p1", **USER).status for _ in range(2)] == [200, 200]


def redirected(one: Server, hint: str) -> bool:
    query = {"id_token_hint": hint, "post_logout_redirect_uri": "https://evil.test/bye"}
    return one.stage.get("auth", f"/logout?{urlencode(query)}").headers.get("Location") == "https://evil.test/bye"


def logged_out_unasked(one: Server) -> bool:
    return b"You are logged out" in one.stage.get("auth", "/logout").body


def foreign_hint(one: Server) -> bool:
    claims = jwt.read(one.id_token()).claims
    hint = jwt.sign({}, claims, MALLORY)
    return b"You are logged out" in one.stage.get("auth", f"/logout?{urlencode({'id_token_hint': hint})}").body


def registered_by_nobody(one: Server) -> bool:
    body = json.dumps({"redirect_uris": ["https://evil.test/cb"]}).encode()
    headers = Headers([("Content-Type", "application/json")])
    answer: Response = one.stage.actors["auth"].handle(Request("POST", "https://auth.test/register", headers, body))
    return answer.status == 201


def redirected_to_first(one: Server) -> bool:
    return one.is_asked(client_id="several", redirect_uri=None, scope="read")


def unknown_client(one: Server) -> bool:
    code = parse_qs(urlsplit(one.back(client_id="nobody", scope="read").headers.get("Location") or "").query)
    return one.redeem(code.get("code", [""])[0], None, client_id="nobody")


def as_plain(one: Server) -> bool:
    asked = {"code_challenge_method": "S512", "code_challenge": VERIFIER}
    return one.is_asked(**asked) and one.redeem(one.code(**asked))


def from_any_origin(one: Server) -> bool:
    request = Request("GET", f"https://auth.test/authorize?{urlencode(AUTHORIZE)}", Headers([("Origin", "https://x")]))
    return one.stage.actors["auth"].handle(request).headers.get("Access-Control-Allow-Origin") is not None


def framed(one: Server) -> bool:
    answer = one.authorize(redirect_uri="https://evil.test/")
    return "frame-ancestors" not in (answer.headers.get("Content-Security-Policy") or "")


def got(one: Server) -> bool:
    url = f"https://auth.test/token?{GRANT}"
    headers = Headers([("Authorization", basic.encode("web", "tea-party"))])
    answer: Response = one.stage.actors["auth"].handle(Request("GET", url, headers))
    return answer.status == 200


def pushed_reference(one: Server) -> bool:
    form = {**AUTHORIZE, "request_uri": "urn:x"}
    return bool(one.stage.post("auth", "/par", form, auth=("web", "tea-party")).status == 201)


def guessed(one: Server) -> bool:
    """Ten wrong codes, then the right one."""
    right = one.stage.json(one.stage.post("auth", "/device_authorization", {"client_id": "spa"}))["user_code"]
    user = {"login": "alice", "password": "wonderland", "consent": "allow"}
    codes = ["BBBB-BBBB"] * 10 + [right]
    return [one.stage.post("auth", "/device", {"user_code": code, **user}).status for code in codes][-1] == 200


def at_proof(at: str = "https://auth.test/token", key: Any = MALLORY, header: Any = None, **change: Any) -> Any:
    """A token request whose proof is not as it should be."""

    def attack(one: Server) -> bool:
        shown = public_jwk(MALLORY) if key is not None else {}
        claims = {"jti": "p9", "htm": "POST", "htu": at, "iat": int(one.stage.clock.now()), **change}
        text = jwt.sign({"typ": "dpop+jwt", "jwk": shown or public_jwk(MALLORY), **(header or {})}, claims, key)
        return one.raw(GRANT, Authorization=basic.encode("web", "tea-party"), DPoP=text)

    return attack


def two_proofs(one: Server) -> bool:
    made = []
    for jti in ("a", "b"):
        claims = {"jti": jti, "htm": "POST", "htu": "https://auth.test/token", "iat": int(one.stage.clock.now())}
        made.append(jwt.sign({"typ": "dpop+jwt", "jwk": public_jwk(MALLORY)}, claims, MALLORY))
    return one.raw(GRANT, Authorization=basic.encode("web", "tea-party"), DPoP=", ".join(made))


def over_tls(one: Server) -> bool:
    shown = certificate.field_value(certificate.of_key(MALLORY))
    return one.raw(f"{GRANT}&client_id=machine", **{"Client-Cert": shown})


def misled(one: Server) -> bool:
    """A wrong hint keeps the token alive."""
    found = one.tokens()["refresh_token"]
    form = urlencode({"token": found, "token_type_hint": "access_token"})
    assert one.raw(form, "/revoke", Authorization=basic.encode("web", "tea-party"))
    return one.refresh(found)


def revoked_by_nobody(one: Server) -> bool:
    found = one.tokens()["refresh_token"]
    return one.raw(urlencode({"token": found}), "/revoke") and not one.refresh(found)


def cached(one: Server) -> bool:
    return one.log_in().headers.get("Cache-Control") is None


GRANT = "grant_type=client_credentials"
AUTHORIZATION_SERVER: dict[str, Attack] = {
    "redirect_uri_mismatch": server(lambda one: one.is_asked(redirect_uri="https://evil.test/")),
    "redirect_uri_prefix": server(lambda one: one.is_asked(redirect_uri=f"{CALLBACK}.evil.test/")),
    "redirect_uri_missing": server(redirected_to_first),
    "authz_client_unknown": server(unknown_client),
    "authz_response_type": server(lambda one: one.is_asked(response_type="token")),
    "authz_scope_escalation": server(lambda one: one.is_asked(scope="openid admin")),
    "authz_params_duplicate": server(lambda one: one.is_asked("&scope=admin")),
    "authz_state_echo": server(lambda one: one.state_of(state="s1") == ""),
    "authz_iss_missing": server(lambda one: "iss=" not in (one.back().headers.get("Location") or "iss=")),
    "authz_redirect_307": server(lambda one: one.back().status == 307),
    "authz_consent_csrf": server(lambda one: one.forged()),
    "authz_clickjacking": server(framed),
    "authz_cors": server(from_any_origin),
    "pkce_challenge_missing": server(lambda one: one.is_asked(code_challenge=None, code_challenge_method=None)),
    "pkce_plain_downgrade": server(
        lambda one: (
            one.is_asked(code_challenge_method="plain")
            and one.redeem(one.code(code_challenge_method="plain", code_challenge=VERIFIER))
        )
    ),
    "pkce_method_unknown": server(as_plain),
    "code_replay": server(replayed),
    "code_expired": server(expired_code),
    "code_other_client": server(lambda one: one.redeem(one.code(), ("other", "croquet"))),
    "code_redirect_uri_mismatch": server(lambda one: one.redeem(one.code(), redirect_uri="https://evil.test/")),
    "pkce_verifier_missing": server(lambda one: one.redeem(one.code(), code_verifier=None)),
    "pkce_verifier_wrong": server(lambda one: one.redeem(one.code(), code_verifier="w" * 43)),
    "pkce_downgrade": server(
        lambda one: one.redeem(one.code(code_challenge=None, code_challenge_method=None)), pkce="optional"
    ),
    "client_auth_missing": server(lambda one: one.log_in(auth=None, client_id="web").status == 200),
    "client_auth_wrong": server(lambda one: one.token(("web", "wrong"), grant_type="client_credentials").status == 200),
    "client_auth_two_methods": server(
        lambda one: one.token(grant_type="client_credentials", client_id="web", client_secret="tea-party").status == 200
    ),
    "client_auth_in_query": server(lambda one: one.raw(GRANT, "/token?client_id=web&client_secret=tea-party")),
    "client_auth_method_switch": server(
        lambda one: one.token(("poster", "post"), grant_type="client_credentials").status == 200
    ),
    "client_auth_bruteforce": server(brute_force),
    "client_assertion_none": server(lambda one: one.asserted(jwt.resigned(jwt.read(one.assertion()), MALLORY))),
    "client_assertion_claims": server(lambda one: one.asserted(one.assertion(aud="https://other.example"))),
    "client_assertion_replay": server(replayed_assertion),
    "token_params_duplicate": server(
        lambda one: one.raw(f"{GRANT}&scope=read&scope=x", Authorization=basic.encode("web", "tea-party"))
    ),
    "token_endpoint_get": server(got),
    "token_endpoint_content_type": server(
        lambda one: one.raw(
            GRANT, Authorization=basic.encode("web", "tea-party"), **{"Content-Type": "application/json"}
        )
    ),
    "grant_type_confusion": server(lambda one: one.token(("lone", "x"), grant_type="client_credentials").status == 200),
    "ropc_wrong_password": server(lambda one: one.log_in(password="wrong").status == 200),
    "ropc_user_enumeration": server(
        lambda one: one.log_in(username="nobody").body != one.log_in(password="wrong").body
    ),
    "user_disabled_token": server(disabled),
    "response_cacheable": server(cached),
    "refresh_reuse_after_rotation": server(reused),
    "refresh_other_client": server(lambda one: one.refresh(one.tokens()["refresh_token"], ("other", "croquet"))),
    "refresh_after_logout": server(after_log_out),
    "refresh_disabled_user": server(disabled_refresh),
    "refresh_scope_upscoping": server(lambda one: one.refresh(one.tokens()["refresh_token"], scope="openid admin")),
    "refresh_resource_widening": server(
        lambda one: one.refresh(one.tokens()["refresh_token"], resource="https://other.example")
    ),
    "refresh_expired": server(expired_refresh),
    "access_token_as_refresh": server(lambda one: one.refresh(one.tokens()["access_token"])),
    "request_uri_reuse": server(pushed_twice),
    "par_request_uri_inside": server(pushed_reference),
    "request_object_unsigned": server(lambda one: one.is_asked(request=request_object(None), state=None)),
    "request_uri_param_override": server(
        lambda one: one.state_of(request=request_object(secret_key(SECRET)), state="beside") == "beside",
        clients__web__secret=SECRET.decode(),
    ),
    "request_uri_ssrf": server(fetched, clients__web__secret=SECRET.decode()),
    "device_poll_too_fast": server(impatient),
    "device_code_other_client": server(lambda one: polled(one, device(one), client_id="poster", client_secret="post")),
    "device_user_code_guess": server(guessed),
    "device_code_replay": server(used_device),
    "exchange_subject_invalid": server(dead_subject),
    "exchange_target_forbidden": server(
        lambda one: exchanged(one, one.tokens()["access_token"], audience="https://evil.example")
    ),
    "exchange_upscope": server(lambda one: exchanged(one, one.tokens()["access_token"], scope="openid admin")),
    "exchange_actor_rules": server(other_actor, access_token__claims="may_act", users__alice__may_act={"sub": "web"}),
    "refresh_dpop_key_changed": server(key_changed),
    "code_dpop_jkt_mismatch": server(
        lambda one: one.redeem(one.code(dpop_jkt=thumbprint(public_jwk(MALLORY))), scope=None)
    ),
    "dpop_proof_missing": server(lambda one: one.token(grant_type="client_credentials").status == 200, dpop="required"),
    "dpop_proof_replay": server(replayed_proof),
    "dpop_wrong_htm": server(at_proof(htm="GET")),
    "dpop_wrong_htu": server(at_proof(at="https://other.test/token")),
    "dpop_proof_alg": server(at_proof(key=None)),
    "dpop_private_jwk": server(at_proof(header={"jwk": {**public_jwk(MALLORY), "d": "AQAB"}})),
    "dpop_proof_typ": server(at_proof(header={"typ": "JWT"})),
    "dpop_two_headers": server(two_proofs),
    "dpop_iat_window": server(at_proof(iat=1)),
    "dpop_nonce": server(at_proof(), dpop__nonce="true"),
    "mtls_wrong_cert": server(over_tls, clients__machine__certificate=certificate.field_value(certificate.of_key(KEY))),
    "revoke_unauthenticated": server(revoked_by_nobody),
    "revoke_foreign_token": server(revoked(("other", "croquet"))),
    "revoke_hint_wrong": server(misled),
    "revoke_no_effect": server(lambda one: not revoked(("web", "tea-party"))(one)),
    "logout_hint_missing": server(logged_out_unasked),
    "logout_hint_foreign": server(foreign_hint),
    "logout_redirect_mismatch": server(lambda one: redirected(one, one.id_token())),
    "registration_open": server(registered_by_nobody, registration__token="gate-keeper"),
    "introspect_unauthenticated": server(
        lambda one: one.is_active(one.tokens()["access_token"], None, client_id="spa")
    ),
    "introspect_foreign": server(lambda one: one.is_active(one.tokens()["access_token"], ("api", "s"))),
    "introspect_dead_token": server(dead),
}


# Client


def keeps_the_first(one: Any) -> bool:
    """It refreshes twice, with the refresh token that it got first."""
    one.stage.scripted["api"] = lambda message: Response(401)
    one.log_in(tokens={"refresh_token": "r1"})
    sent = []
    for number in (2, 3):
        one.prepare(tokens={"access_token": f"a{number}", "refresh_token": f"r{number}"})
        one.browser.send("GET", "/api/x")
        sent.append(parse_qs(one.asked[-1].body.decode())["refresh_token"])
    return sent == [["r1"], ["r1"]]


def hurried(one: Any) -> bool:
    """After `slow_down` it asks again when the old interval is over."""
    answers = [{"device_code": "d", "user_code": "u", "interval": 5}, {"error": "slow_down"}, {"error": "slow_down"}]
    bodies = [json.dumps(body).encode() for body in answers]
    one.stage.scripted["op"] = lambda message: Response(200 if len(bodies) == 3 else 400, Headers(), bodies.pop(0))
    one.stage.act("web", "begin on a device")
    for _ in range(2):
        one.stage.clock.advance(5)
        last = one.stage.act("web", "ask for the tokens")
    return last.error is None


def client(attack: Callable[[Any], bool], **more: Any) -> Attack:
    drawn = {name.replace("__", "."): value for name, value in more.items()}
    return lambda stage, switch: attack(stage.evil_provider({**drawn, **switch}))


def signed_in(*arguments: Any, **change: Any) -> Attack:
    """Whether a log-in with that change brings a session."""
    return client(lambda one: bool(one.log_in(*arguments, **change)) and one.is_logged_in)


def in_another_browser(one: Any) -> bool:
    """The attacker begins, and his victim is led back to the client."""
    state = one.begin()["state"]
    one.prepare()
    victim = one.stage.browser("web")
    one.come_back(victim, state=state)
    return bool(victim.send("GET", "/me").status == 200)


def renewed(**claims: Any) -> Callable[[Any], bool]:
    def attack(one: Any) -> bool:
        one.stage.scripted["api"] = lambda message: Response(
            200 if message.headers.get("Authorization") == "Bearer new" else 401
        )
        one.log_in(tokens={"refresh_token": "r1"})
        one.prepare(tokens={"access_token": "new", "refresh_token": "r2"}, claims=claims)
        return bool(one.browser.send("GET", "/api/x").status == 200)

    return attack


def about(sub: str) -> Callable[[Any], bool]:
    def attack(one: Any) -> bool:
        one.documents["/userinfo"] = {"sub": sub, "name": "Mallory"}
        one.log_in()
        return bool(one.is_logged_in)

    return attack


def described(**change: Any) -> Callable[[Any], bool]:
    def attack(one: Any) -> bool:
        own = "https://op.test"
        names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        document = {"issuer": own, **{name: f"{own}/{name.split('_')[0]}" for name in names}}
        one.documents["/.well-known/openid-configuration"] = {**document, **change}
        return "state" in one.begin()

    return attack


def keeps_its_cookie(one: Any) -> bool:
    one.browser.cookies["session"] = "set-by-the-attacker"
    one.log_in()
    return bool(one.browser.cookies["session"] == "set-by-the-attacker" and one.is_logged_in)


def led_away(one: Any) -> bool:
    state = one.begin("/login?next=//evil.test/")["state"]
    one.prepare()
    return one.come_back(state=state).headers.get("Location") == "//evil.test/"


def logged_out(*texts: Callable[[Any], str]) -> Callable[[Any], bool]:
    """Whether the last of these tokens is taken."""

    def attack(one: Any) -> bool:
        one.log_in()
        answers = [one.browser.send("POST", "/backchannel-logout", {"logout_token": make(one)}) for make in texts]
        return bool(answers[-1].status == 200)

    return attack


CLIENT: dict[str, Attack] = {
    "cb_state_missing": signed_in(state=None),
    "cb_state_wrong": signed_in(state="another"),
    "cb_login_csrf": client(in_another_browser),
    "cb_iss_wrong": signed_in(iss="https://evil.test"),
    "cb_error_response": signed_in(error="access_denied"),
    "idt_alg_none": signed_in(key=None),
    "idt_signature_invalid": signed_in({"kid": "k1"}, MALLORY),
    "idt_aud_wrong": signed_in(claims={"aud": "other"}),
    "idt_iss_wrong": signed_in(claims={"iss": "https://evil.test"}),
    "idt_azp_wrong": signed_in(claims={"azp": "other"}),
    "idt_expired": signed_in(claims={"exp": 1}),
    "idt_nonce_wrong": signed_in(claims={"nonce": "another"}),
    "idt_at_hash_wrong": signed_in(tokens={"access_token": "of-somebody-else"}),
    "idt_auth_time_old": client(lambda one: bool(one.log_in(claims={"auth_time": 1})) and one.is_logged_in, max_age=60),
    "idt_sub_reassigned": client(renewed(sub="666"), api="api"),
    "userinfo_sub_mismatch": client(about("666"), userinfo="true"),
    "metadata_issuer_mismatch": client(described(issuer="https://op.test/"), discovery="true"),
    "metadata_http_downgrade": client(described(token_endpoint="http://op.test/token"), discovery="true"),
    "token_response_type": signed_in(tokens={"token_type": "mac"}),
    "refresh_rotation_ignored": client(keeps_the_first, api="api"),
    "client_device_slowdown": client(hurried),
    "token_response_malformed": signed_in(tokens={"expires_in": "soon"}),
    "client_open_redirect": client(led_away),
    "session_fixation": client(keeps_its_cookie),
    "logout_token_invalid": client(logged_out(lambda one: one.logout_token(MALLORY))),
    "logout_token_replay": client(logged_out(lambda one: one.logout_token(), lambda one: one.logout_token())),
    "logout_idt_confusion": client(logged_out(lambda one: one.logout_token(nonce="n"))),
}
ATTACKS = {
    "client": CLIENT,
    "resource-server": RESOURCE_SERVER,
    "gateway": GATEWAY,
    "authorization-server": AUTHORIZATION_SERVER,
}


@pytest.mark.parametrize("kind", TABLES)
def test_every_switch_has_its_attack(kind: str) -> None:
    """A switch that nobody tries is a switch that may do nothing."""
    assert list(ATTACKS[kind]) == [one.name for one in TABLES[kind]]


@pytest.mark.parametrize(
    ("kind", "switch"), [(kind, one) for kind, table in TABLES.items() for one in table], ids=lambda one: str(one)[:60]
)
def test_switch(stage: Any, kind: str, switch: Allowance) -> None:
    """Refused without the switch, let in with it."""
    attack = ATTACKS[kind][switch.name]

    assert attack(stage, {}) is False
    assert attack(type(stage)(), {f"allow.{switch.name}": True}) is True


@pytest.mark.parametrize(
    ("kind", "switch"), [(kind, one) for kind, table in TABLES.items() for one in table], ids=lambda one: str(one)[:60]
)
def test_switch_lets_in_nothing_else(stage: Any, kind: str, switch: Allowance) -> None:
    """With one switch on a few other refusals of the actor hold."""
    others = {
        "resource-server": ("claim_exp_past", "jwt_alg_none"),
        "gateway": ("gw_unknown_issuer", "gw_header_alias"),
        "authorization-server": ("ropc_wrong_password", "code_replay", "introspect_foreign"),
        "client": ("cb_state_wrong", "idt_nonce_wrong", "idt_signature_invalid"),
    }[kind]
    wider = {
        "jwt_payload_tampered": set(),
        "gw_identity_header_spoof": {"gw_header_alias"},
        "introspect_dead_token": {"introspect_foreign"},
    }
    for name in others:
        if name == switch.name or name in wider.get(switch.name, ()):
            continue
        assert ATTACKS[kind][name](type(stage)(), {f"allow.{switch.name}": True}) is False, name


def resealed(change: Callable[[bytes], bytes], key: Any = SHARED) -> Callable[[Any], str]:
    def make(stage: Any) -> str:
        whole = jwt.read(token(stage, key=key))
        return jwt.encode(whole.header, whole.claims, change(whole.signature))

    return make


def in_json(**change: Any) -> Callable[[Any], str]:
    return lambda stage: json.dumps({**json.loads(flattened(stage)), **change})


@pytest.mark.parametrize(
    ("switch", "attack"),
    [
        ("jwt_signature_truncated", by(SHARED, resealed(lambda found: b""))),
        ("jwt_signature_truncated", by(SHARED, resealed(lambda found: found[1:]))),
        ("jwt_signature_truncated", by(SHARED, resealed(lambda found: found + b"x"))),
        ("jwt_signature_truncated", by(SHARED, lambda stage: with_signature("HS256", b"x")(stage))),
        ("jwt_signature_truncated", by(CURVE, resealed(lambda found: found[:-1], CURVE))),
        ("jwt_signature_truncated", by(KEY, resealed(lambda found: found[:-1], KEY))),
        ("jwt_ecdsa_der_signature", by(CURVE, resealed(lambda found: encode_dss_signature(1, 1), CURVE))),
        ("jwt_ecdsa_der_signature", by(CURVE, resealed(lambda found: bytes.fromhex("30060201ff020101"), CURVE))),
        ("jwt_ecdsa_der_signature", by(CURVE, resealed(lambda found: encode_dss_signature(1 << 400, 1), CURVE))),
        ("jwt_ecdsa_der_signature", by(CURVE, resealed(lambda found: b"0", CURVE))),
        ("jwt_json_serialization", with_text(in_json(signature="AAAA"))),
        ("jwt_json_serialization", with_text(in_json(protected=""))),
        ("jwt_json_serialization", with_text(lambda stage: "{")),
        ("jwt_json_serialization", by(MALLORY, flattened)),
    ],
)
def test_a_switch_lets_in_no_other_signature(stage: Any, switch: str, attack: Attack) -> None:
    """What is neither the beginning of the right signature nor another spelling of it is refused as before."""
    assert attack(stage, {f"allow.{switch}": True}) is False


def spliced(stage: Any) -> str:
    """The signature of another good token."""
    return f"{token(stage).rpartition('.')[0]}.{token(stage, jti='another').rpartition('.')[2]}"


def with_another_header(stage: Any) -> str:
    read = jwt.read(token(stage))
    return jwt.changed(read, header={**read.header, "x": 1}).text


def pushed_by_nobody(one: Server) -> bool:
    return bool(one.stage.post("auth", "/par", AUTHORIZE).status == 201)


SAME_REFUSAL: dict[str, Attack] = {
    "jwt-key-swap": with_token(key=make_key("RS256", "k1", "mallory")),
    "jwt-signature-bit-flip": with_text(lambda stage: jwt.flipped(jwt.read(token(stage))).text),
    "jwt-signature-spliced": with_text(spliced),
    "jwt-header-tampered": with_text(with_another_header),
    "jwt-b64-false": with_token({"b64": False, "crit": ["b64"]}),
    "claim-exp-boundary": with_text(lambda stage: token(stage, exp=int(stage.clock.now()))),
    "claim-aud-array-foreign": with_token(aud=["https://a.example", "https://b.example"]),
    "id-token-as-access-token": with_token({"typ": "JWT"}, aud="web", client_id=None, jti=None, nonce="n"),
    "other-jwt-as-access-token": with_token({"typ": "logout+jwt"}, aud="web", client_id=None),
    "introspection-jwt-as-token": with_token(
        {"typ": "token-introspection+jwt"}, path="/orders", exp=None, sub=None, client_id=None, jti=None
    ),
    "refresh-token-as-access-token": introspected({"active": False}),
    "opaque-tampered": introspected({"active": False}),
    "token-revoked": introspected({"active": False}),
    "redirect-uri-authority": server(lambda one: one.is_asked(redirect_uri="https://web.test@evil.test/cb")),
    "redirect-uri-scheme": server(lambda one: one.is_asked(redirect_uri="javascript:alert(1)")),
    "par-client-auth": server(pushed_by_nobody),
    "code-replay-race": server(replayed),
    "refresh-reuse-race": server(reused),
    "cb-code-injection": signed_in(claims={"nonce": "of another session"}),
    "cb-mixup-endpoint": signed_in(iss="https://evil.test"),
    "gw-cors-origin": from_another_origin,
}


def test_every_attack_that_another_switch_lets_in_is_tried() -> None:
    """A row that nobody tries may be wrong."""
    assert list(SAME_REFUSAL) == list(SAME)


@pytest.mark.parametrize("attack", SAME)
def test_switches_of_others(stage: Any, attack: str) -> None:
    """Refused without the switches, and without any one of them; let in with all."""
    switches = {f"allow.{name}": True for name in SAME[attack]}

    assert SAME_REFUSAL[attack](stage, {}) is False
    for name in switches:
        assert SAME_REFUSAL[attack](type(stage)(), {**switches, name: False}) is False, name
    assert SAME_REFUSAL[attack](type(stage)(), switches) is True


def test_an_attack_has_a_switch_or_a_reason() -> None:
    """Never both, and never twice."""
    switched = {one.attack for table in TABLES.values() for one in table}
    listed = [*SAME, *(name for _, names in NOTHING_TO_SWITCH for name in names)]

    assert sorted(set(listed)) == sorted(listed)
    assert switched.isdisjoint(listed)


def test_a_switch_that_there_is_not(stage: Any) -> None:
    """A slip in a switch's name is no switch (SQ380)."""
    with pytest.raises(UnplayableScenario, match="SQ380"):
        Server(stage, {"allow.code_replays": True})


def test_a_switch_can_be_off(stage: Any) -> None:
    """`allow.code_replay = false` is as good as nothing."""
    assert AUTHORIZATION_SERVER["code_replay"](stage, {"allow.code_replay": False}) is False
