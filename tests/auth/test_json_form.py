"""The JSON form of a JWS, as who takes it reads it."""

import json
from typing import Any

import pytest

from seqtest.auth import json_form, jwt
from seqtest.auth.keys import make_key, public_jwk

KEY = make_key("ES256", "k1", "auth")
FIRST, SECOND, THIRD = jwt.sign({}, {"sub": "alice"}, KEY).split(".")
FLAT = {"protected": FIRST, "payload": SECOND, "signature": THIRD}


@pytest.mark.parametrize(
    "form",
    [
        FLAT,
        {"payload": SECOND, "signatures": [{"protected": FIRST, "signature": THIRD}]},
        {**FLAT, "header": {"jku": "https://a.b.c/"}},
        {**FLAT, "header": {"x": "a.b"}},
    ],
)
def test_forms(form: dict[str, Any]) -> None:
    """Flattened, and general; dots in an unprotected header are no compact token."""
    text = json.dumps(form)

    assert json_form.is_json_form(text)
    assert jwt.verify(json_form.read(text), [public_jwk(KEY)]).claims == {"sub": "alice"}


def test_two_readings() -> None:
    """What stands between two dots counts, and the signature is over the rest."""
    other = jwt.sign({}, {"sub": "mallory"}, None).split(".")[1]
    text = json.dumps({f"{FIRST}.{other}.": "", **FLAT})

    assert jwt.verify(json_form.read(text), [public_jwk(KEY)]).claims == {"sub": "mallory"}


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[" * 100_000,
        "[]",
        "{}",
        '{"signatures": []}',
        '{"signatures": [1]}',
        json.dumps({**FLAT, "payload": 1}),
        json.dumps({**FLAT, "protected": "x"}),
        json.dumps({**FLAT, "signature": f"{THIRD}.x"}),
        json.dumps({**FLAT, "x": "y" * jwt.MAX_LENGTH}),
    ],
    ids=range(10),
)
def test_what_is_no_token(text: str) -> None:
    """A reason, never another exception."""
    with pytest.raises(jwt.TokenError):
        json_form.read(text)


def test_a_compact_token_is_not_in_json_form() -> None:
    """Nor can it look like that: `{` is no character of base64url."""
    assert not json_form.is_json_form(f"{FIRST}.{SECOND}.{THIRD}")
