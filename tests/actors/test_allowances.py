"""Switches: each refusal holds without its switch, and is gone with it."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from attacks.authorization_server import AUTHORIZATION_SERVER, replayed, reused
from attacks.client import CLIENT, signed_in
from attacks.gateway import GATEWAY
from attacks.provider import AUTHORIZE, Server, server
from attacks.resource_server import (
    CURVE,
    KEY,
    MALLORY,
    RESOURCE_SERVER,
    SHARED,
    Attack,
    by,
    flattened,
    from_another_origin,
    introspected,
    token,
    with_signature,
    with_text,
    with_token,
)
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from seqtest.actors.allowances import TABLES, Allowance
from seqtest.actors.unswitched import NOTHING_TO_SWITCH, SAME
from seqtest.auth import jwt
from seqtest.auth.keys import make_key
from seqtest.errors import UnplayableScenario

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
