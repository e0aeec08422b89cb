import pytest

from seqtest.auth import basic, oauth, oidc, pkce
from seqtest.auth.keys import UnknownAlgorithm

VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_s256_vector() -> None:
    """The challenge of RFC 7636 appendix B comes out."""
    assert pkce.S256(VERIFIER) == CHALLENGE
    assert pkce.matches(VERIFIER, CHALLENGE, "S256")
    assert pkce.matches(VERIFIER, VERIFIER, "plain")


@pytest.mark.parametrize(
    ("verifier", "method"),
    [("x" * 43, "S256"), (VERIFIER, "plain"), (VERIFIER, "S512"), (VERIFIER, "s256"), ("short", "plain")],
)
def test_verifiers_that_do_not_match(verifier: str, method: str) -> None:
    """Another verifier, another method, or one that is too short match nothing (RFC 7636 section 4.6)."""
    assert not pkce.matches(verifier, CHALLENGE if verifier != "short" else "short", method)


@pytest.mark.parametrize("text", ["x" * 42, "x" * 129, "x" * 42 + "é", "x" * 42 + "+", "x" * 43 + "\n"])
def test_no_verifiers(text: str) -> None:
    """A verifier has 43 to 128 unreserved characters (RFC 7636 section 4.1)."""
    assert not pkce.is_code_verifier(text)


def test_half_hash_vectors() -> None:
    """The half hashes of OpenID Connect Core appendix A come out."""
    assert oidc.at_hash("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y") == "77QmUPtjPfzWtF2AnpK9RQ"
    assert (
        oidc.c_hash("Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk", "ES256") == "LDktKdoQak3Pk0cnXxCltA"
    )
    with pytest.raises(UnknownAlgorithm):
        oidc.at_hash("x", "none")


def test_basic_vectors() -> None:
    """The examples of RFC 6749 section 2.3.1 come out, and odd secrets survive."""
    assert basic.encode("s6BhdRkqt3", "gX1fBat3bV") == "Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW"
    assert basic.decode("basic  czZCaGRSa3F0MzpnWDFmQmF0M2JW") == ("s6BhdRkqt3", "gX1fBat3bV")
    assert basic.decode(basic.encode("https://c:1", "a:b %+é")) == ("https://c:1", "a:b %+é")


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("", id="empty"),
        pytest.param("Basic", id="scheme only"),
        pytest.param("Basic !!", id="no base64"),
        pytest.param("Basic d2ViOnjé", id="no ASCII"),
        pytest.param("Bearer abc", id="bearer"),
        pytest.param("Basic bm9jb2xvbg==", id="no colon"),
        pytest.param("Basic /zph", id="no UTF-8"),
        pytest.param("Basic JVo6YQ==", id="bad percent"),
        pytest.param("Basic JUZGOmE=", id="percent no UTF-8"),
    ],
)
def test_unreadable_basic(value: str) -> None:
    """What is no well-formed Basic credential is none."""
    assert basic.decode(value) is None


def test_scope_words() -> None:
    """A scope is words between single blanks of the RFC's characters (RFC 6749 section 3.3)."""
    assert oauth.scope_words("a b a") == ("a", "b")
    assert oauth.scope_words("") == ()
    for malformed in ("a  b", " a", "a ", 'a"b', "a\\b", "é", "a\tb"):
        assert oauth.scope_words(malformed) is None


def test_descriptions() -> None:
    """`error_description` never holds what RFC 6749 section 5.2 forbids."""
    assert oauth.description('a "b" \\ é\n') == "a 'b' ' ''"
    assert oauth.is_bearer_token("abc-._~+/==")
    assert not oauth.is_bearer_token("a b")
