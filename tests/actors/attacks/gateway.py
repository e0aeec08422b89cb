"""Attacks on a gateway, one for each of its switches."""

from collections.abc import Callable
from typing import Any

from attacks.resource_server import (
    CURVE,
    ISSUER,
    KEY,
    MALLORY,
    SHARED,
    Attack,
    by_empty_secret,
    cut_short,
    each,
    flattened,
    general,
    in_der,
    polyglot,
    sent,
    token,
    with_certificate,
    with_signature,
)

from seqtest.actors.gateway import Gateway
from seqtest.auth import jwt
from seqtest.auth.keys import pem, public_jwk, secret_key, verification_jwk
from seqtest.exchange import Response


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
