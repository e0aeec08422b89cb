"""Readings that once were too kind: what a run must not take for proof."""

from pathlib import Path
from typing import Any

import pytest

from seqtest.auth.jwt import read, sign
from seqtest.auth.keys import make_key
from seqtest.auth.pkce import S256
from seqtest.errors import UnplayableScenario
from seqtest.exchange import Headers, Request, Result


def codes(failures: Any) -> list[str]:
    return [failure.code for failure in failures]


def self_signed(**claims: Any) -> str:
    """A stranger's token that brings the stranger's key."""
    key = make_key("ES256", "", "stranger")
    jwk = {name: value for name, value in key.public_jwk.items() if name != "kid"}
    return sign({"typ": "dpop+jwt", "jwk": jwk}, claims, key)


@pytest.mark.parametrize("below", [(), ("  signed by client",)])
def test_only_a_dpop_proof_is_verified_with_the_key_it_brings(kit: Any, below: tuple[str, ...]) -> None:
    """An access token that calls itself a proof is as good as unsigned."""
    flow = kit.answer_flow("access_token : jwt", *below, auth_keys=False)
    flow.told(0)
    report = flow.came(1, kit.json({"access_token": self_signed(sub="admin")}))
    assert codes(report.failures) == ["SQ470"]


def test_a_reused_verifier_is_not_new(kit: Any) -> None:
    """Equal challenges come of equal verifiers (RFC 7636 section 4.1: one for each authorization request)."""
    line = "client -> auth : POST /par\n"
    line += "note right : code_challenge = {S256(new code_verifier)}\nauth --> client : 200 OK\n"
    for second, found in (("b" * 43, []), ("a" * 43, ["SQ554"])):
        flow = kit.flow(line * 2, bound=("client",))
        assert codes(flow.came(0, kit.form(code_challenge=S256("a" * 43))).failures) == []
        flow.told(1)
        assert codes(flow.came(2, kit.form(code_challenge=S256(second))).failures) == found


STATE = "note over auth\n  issuer = https://auth.test\nend note\nclient -> auth : POST /x\nnote right : token = abcd\n"


@pytest.mark.parametrize("line", ["token = abcd", "issuer = https://auth.test"])
def test_the_drawing_does_not_answer_for_the_state_of_somebody_real(kit: Any, line: str) -> None:
    """What was drawn or set is not what the participant kept."""
    flow = kit.flow(f"{STATE}auth --> client : 200 OK\nnote over auth : {line}")
    flow.told(0)
    name, _, value = line.partition(" = ")
    assert codes(flow.came(2, Result(fields={name: value})).failures) == []
    assert codes(flow.came(2, Result(fields={})).failures) == ["SQ551"]


def test_absent_of_a_misspelt_state_is_no_pass(kit: Any) -> None:
    """`revokedd absent` would hold whatever was revoked."""
    flow = kit.flow(f"{STATE}auth --> client : 200 OK\nnote over auth : revokedd absent")
    flow.told(0)
    report = flow.came(2, Result(fields={"revoked": []}))
    assert codes(report.failures) == ["SQ567"]
    assert "`revoked`" in report.failures[0].do
    assert codes(flow.came(2, Result(fields={"sessions": []})).failures) == []


def test_nothing_else_closes_the_returned_value_too(kit: Any) -> None:
    """An action's answer that is drawn without a value has none."""
    flow = kit.flow("client -> auth : go\nauth --> client\nnote right : nothing else")
    flow.told(0)
    assert codes(flow.came(1, Result()).failures) == []
    assert codes(flow.came(1, Result("undrawn")).failures) == ["SQ557"]


@pytest.mark.parametrize(
    "schema",
    ['{"properties": {"a": {"$ref": "#/nowhere"}}}', '{"$ref": "https://127.0.0.1:9/x"}', '{"$ref": "#"}'],
)
def test_a_schema_that_refers_to_nothing_proves_nothing(
    kit: Any, schema: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is an error with the line that names it, and nothing is fetched."""
    pytest.importorskip("jsonschema")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "s.json").write_text(schema)
    assert codes(kit.check("matches schema s.json", kit.json({"a": 1}))) == ["SQ472"]


def test_a_proof_in_its_header_still_brings_its_key(kit: Any) -> None:
    """RFC 9449 section 4.3."""
    request = Request("POST", "https://auth.test/token", Headers([("DPoP", self_signed(htm="POST"))]))
    assert kit.check_request("DPoP : jwt", request, "htm = POST") == []


BUT = "client -> auth : POST /token\nauth --> client : 200 OK\nnote left : access_token : jwt\n"


def changed(kit: Any, *lines: str, before: str = "") -> Any:
    """The token that a scripted client sends to auth."""
    note = "".join(f"    {line}\n" for line in lines)
    flow = kit.flow(
        f"{before}{BUT}client -> auth : GET /me\nnote left\n"
        f"  Authorization: Bearer {{access_token}} but\n{note}end note\n"
        "auth --> client : 401",
        outside={"secret": "public-text"},
    )
    flow.compose(0)
    flow.came(1, kit.json({"access_token": kit.token(sub="alice", exp=kit.now + 300)}))
    return read(flow.compose(2).headers.get("Authorization").removeprefix("Bearer "))


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        (("sub = alice", "signature kept"), "SQ370"),
        (("sub = alice", "signed by mallory"), "SQ370"),
        (("nbf absent", "signature kept"), "SQ370"),
        (("signature kept",), "SQ370"),
        (("sub = mallory", "signed with {secret}"), "SQ371"),
    ],
)
def test_a_change_that_changes_nothing_is_an_error(kit: Any, lines: tuple[str, ...], code: str) -> None:
    """Else the genuine token would be sent, or one that is refused for its header alone."""
    with pytest.raises(UnplayableScenario) as caught:
        changed(kit, *lines)
    assert caught.value.finding.code == code


def test_somebody_else_signs_with_the_key_he_has(kit: Any) -> None:
    """The token's `kid` is its issuer's, and stays."""
    after = changed(kit, "exp = now - 1 minute", "signed by client", before="note over client : key = RS256\n")
    assert after.header["kid"] == "k1"
    assert after.claims["exp"] == kit.now - 60


@pytest.mark.parametrize("line", ["a", "a present", "a unique", "a as b", "o.x", "l[*]"])
def test_null_is_not_there(kit: Any, line: str) -> None:
    """A member that is null holds nothing; who wants it draws `= null`."""
    whole: dict[str, Any] = {"a": "x", "o": {"x": 1}, "l": [1, 2]}
    empty: dict[str, Any] = {"a": None, "o": {"x": None}, "l": [1, None]}

    assert codes(kit.check(line, kit.json(whole))) == []
    assert codes(kit.check(line, kit.json(empty))) == ["SQ551"]


def test_null_may_be_drawn_and_is_not_absent(kit: Any) -> None:
    """`= null` is exactly that; `absent` is not."""
    assert codes(kit.check("a = null", kit.json({"a": None}))) == []
    assert codes(kit.check("a = null", kit.json({"a": "null"}))) == ["SQ553"]
    assert codes(kit.check("a absent", kit.json({"a": None}))) == ["SQ552"]


@pytest.mark.parametrize("name", ["DPoP-Nonce", "Access-Control-Allow-Origin", "Strict-Transport-Security"])
def test_headers_that_come_once(kit: Any, name: str) -> None:
    """Two of them say two things, or nothing: clients differ in what they make of it."""
    twice = kit.json({})
    headers = type(twice.headers)([*twice.headers, (name, "x"), (name, "x")])

    assert codes(kit.check(f"{name} present", kit.replace(twice, headers=headers))) == ["SQ564"]
    assert codes(kit.check("X-Other absent", kit.replace(twice, headers=headers))) == ["SQ564"]
