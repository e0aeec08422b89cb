"""The examples of RFC 7515 appendix A beyond the two that `test_jwt` has: what verifies, and what is no token here."""

import json

import pytest

from seqtest.auth import base64url, jwt
from seqtest.auth.jwt import TokenError

PAYLOAD = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
RSA = {
    "kty": "RSA",
    "kid": "2010-12-29",
    "e": "AQAB",
    "n": "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS"
    "-pC"
    "gNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xs"
    "mtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ",
}
RS256 = (
    f"eyJhbGciOiJSUzI1NiJ9.{PAYLOAD}."
    "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZ"
    "cAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-e"
    "OkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"
)
EC521 = {
    "kty": "EC",
    "crv": "P-521",
    "x": "AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk",
    "y": "ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2",
}
ES512 = (
    "eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA."
    "AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-mZZqwqT2SI-KGDKB34XO0aw_7XdtAG8GaSwFKdCAPZgoXD2YBJZCPEX3xKpRwcdO"
    "O8KpEHwJjyqOgzDO7iKvU8vcnwNrmxYbSW9ERBXukOXolLzeO_Jn"
)
ES256 = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
GENERAL = {
    "payload": PAYLOAD,
    "signatures": [
        {"protected": "eyJhbGciOiJSUzI1NiJ9", "header": {"kid": "2010-12-29"}, "signature": RS256.split(".")[2]},
        {
            "protected": "eyJhbGciOiJFUzI1NiJ9",
            "header": {"kid": "e9bc097a-ce51-4036-9562-d2ade882db0d"},
            "signature": ES256,
        },
    ],
}
FLATTENED = {"payload": PAYLOAD, **GENERAL["signatures"][1]}  # type: ignore[dict-item]


def test_rs256() -> None:
    """RFC 7515 section A.2: RSASSA-PKCS1-v1_5; one letter changed, it is nobody's."""
    assert jwt.verify(RS256, [RSA]).claims["iss"] == "joe"
    with pytest.raises(TokenError, match="signature does not match"):
        jwt.verify(RS256.replace(".cC4h", ".cC4i"), [RSA])


def test_es512() -> None:
    """RFC 7515 section A.4: the signature is right, and the payload no JSON, so it is a JWS and no JWT."""
    signing_input, _, signature = ES512.rpartition(".")
    token = jwt.Token({"alg": "ES512"}, {}, signing_input, base64url.decode(signature))

    assert jwt.verify(token, [EC521]) is token
    with pytest.raises(TokenError, match="the payload is not JSON"):
        jwt.verify(ES512, [EC521])


def test_unsecured() -> None:
    """RFC 7515 section A.5: what nobody signed is readable, and good for nothing."""
    token = f"eyJhbGciOiJub25lIn0.{PAYLOAD}."

    assert jwt.read(token).claims["iss"] == "joe"
    with pytest.raises(TokenError, match="not signed"):
        jwt.verify(token, [RSA])


@pytest.mark.parametrize("document", [GENERAL, FLATTENED], ids=["general", "flattened"])
def test_json_serializations(document: dict[str, object]) -> None:
    """RFC 7515 sections A.6 and A.7: a JWT is compact (RFC 7519 section 1); nothing in JSON is one."""
    with pytest.raises(TokenError, match="three parts"):
        jwt.verify(json.dumps(document), [RSA])
