"""Encrypted tokens: opened for whom they are encrypted to, closed to everybody else, made by a scripted sender."""

from typing import Any

import pytest

from seqtest.auth import jwe, jwt
from seqtest.auth.keys import make_key
from seqtest.contents.scope import Unknown
from seqtest.errors import Diagnostic

READER = "note over client\n  keys.enc = ECDH-ES\n  keys.old = RSA-OAEP-256\nend note\n"
KEY = make_key("ECDH-ES", "enc", "client")


def encrypted(kit: Any, **claims: Any) -> str:
    return jwe.encrypt(kit.token(**claims), KEY.public_jwk, "A256GCM")


def codes(failures: Any) -> list[str]:
    return [failure.code for failure in failures]


def test_lines_below_it_are_those_of_what_is_inside(kit: Any) -> None:
    """`alg` and `enc` are the encryption's, all else the signed token's, whose signature is verified."""
    body = kit.json({"t": encrypted(kit, sub="a", email="a@x")})
    good = ("alg = ECDH-ES", "enc = A256GCM", "cty = JWT", "kid = enc", "sub = a", "email = a@x", "signed by auth")
    bad = ("alg = RSA-OAEP", "enc = A128GCM", "sub = b", "email absent")

    assert kit.check("t : jwe", body, *good, before=READER) == []
    assert codes(kit.check("t : jwe", body, *bad, before=READER)) == ["SQ550", "SQ550", "SQ550", "SQ552"]


def test_nobody_else_can_open_it(kit: Any) -> None:
    """The receiver has no key, or another one; without lines below it nobody need open it."""
    body = kit.json({"t": encrypted(kit, sub="a")})
    (without,) = kit.check("t : jwe", body, "sub = a")
    (other,) = kit.check("t : jwe", body, "sub = a", before="note over client : keys.k = RSA-OAEP-256\n")

    assert (without.code, other.code) == ("SQ555", "SQ555")
    assert "`client` has no key that opens anything" in without.message
    assert "not this reader's" in other.message
    assert kit.check("t : jwe", body) == []
    assert codes(kit.check("t : jwt", body, before=READER)) == ["SQ555"]


def test_what_is_inside_must_be_signed_and_by_its_issuer(kit: Any) -> None:
    """RFC 8725 section 3.3: anybody can encrypt to a public key."""
    forged = jwe.encrypt(kit.token(make_key("ES256", "m", "mallory"), sub="a"), KEY.public_jwk)
    bare = jwe.encrypt('{"sub":"a"}', KEY.public_jwk)

    assert codes(kit.check("t : jwe", kit.json({"t": forged}), "sub = a", before=READER)) == ["SQ562"]
    (failure,) = kit.check("t : jwe", kit.json({"t": bare}), "sub = a", before=READER)
    assert "nobody vouches for it" in failure.message


def test_a_changed_token_cannot_be_read(kit: Any) -> None:
    """Each part counts: header, key, IV, ciphertext and tag."""
    parts = encrypted(kit, sub="a").split(".")
    for number in (0, 2, 3, 4):
        changed = [part[:-2] + ("AA" if part[-2:] != "AA" else "BA") if at == number else part
                   for at, part in enumerate(parts)]  # fmt: skip
        found = kit.check("t : jwe", kit.json({"t": ".".join(changed)}), "sub = a", before=READER)
        assert set(codes(found)) <= {"SQ553", "SQ555"}, number
        assert found, number


def sending(kit: Any, *lines: str, auth: str = "") -> Any:
    note = "".join(f"  {line}\n" for line in lines)
    before = f"{auth}note over client : key = ES256\n"
    return kit.flow(f"{before}client -> auth : POST /x\nnote right\n{note}end note\nauth --> client : 200 OK")


def test_a_scripted_sender_encrypts_to_the_receiver(kit: Any) -> None:
    """With the drawn encryption, or what a registration without one means."""
    lines = ("t : jwe", "  alg = ECDH-ES+A128KW", "  enc = A128GCM", "  sub = a", "u : jwe", "  sub = b")
    flow = sending(kit, *lines, auth="note over auth : keys.enc = ECDH-ES+A128KW\n")
    sent = dict(pair.split("=") for pair in flow.compose(0).body.decode().split("&"))
    keys = [make_key("ECDH-ES+A128KW", "enc", "auth")]
    first, second = jwe.decrypt(sent["t"], keys), jwe.decrypt(sent["u"], keys)

    assert (first.header["enc"], second.header["enc"]) == ("A128GCM", "A128CBC-HS256")
    assert jwt.verify(first.text, [make_key("ES256", None, "client").public_jwk]).claims["sub"] == "a"
    assert jwt.read(second.text).claims["sub"] == "b"


@pytest.mark.parametrize(
    ("line", "auth", "error"),
    [
        ("sub = a", "", "SQ471"),
        ("alg = ECDH-ES", "note over auth : keys.enc = RSA-OAEP-256\n", "SQ471"),
        ("typ = x", "note over auth : keys.enc = ECDH-ES\n", "`alg`, `enc` and `kid`"),
        ("enc = none", "note over auth : keys.enc = ECDH-ES\n", "no encryption with ECDH-ES and none"),
    ],
)
def test_what_a_scripted_sender_cannot_encrypt(kit: Any, line: str, auth: str, error: str) -> None:
    """Without such a key, with a header field of its own, in a way that there is not: nothing is sent."""
    flow = sending(kit, "t : jwe", f"  {line}", auth=auth)

    with pytest.raises(Exception, match=error) as caught:  # each is told as its own error
        flow.compose(0)
    assert isinstance(caught.value, (Unknown, Diagnostic))
