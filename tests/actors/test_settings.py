from typing import Any

import pytest

from seqtest.actors import settings
from seqtest.actors.authorization_server import AuthorizationServer
from seqtest.actors.client import Client
from seqtest.actors.resource_server import ResourceServer
from seqtest.actors.token_store import TokenStore
from seqtest.errors import UnplayableScenario
from seqtest.source import Source, Span


@pytest.mark.parametrize("cls", [AuthorizationServer, ResourceServer, TokenStore, Client])
def test_tables_are_documented(cls: Any) -> None:
    """Each setting has a sentence of documentation, and every actor has `url` and `quiet`."""
    assert {"url", "quiet"} <= set(cls.settings_table)
    assert all(text.strip().endswith(".") for text in cls.settings_table.values())


def test_unknown_setting(stage: Any) -> None:
    """A setting that the actor does not have is an error that lists those it has and guesses what was meant."""
    with pytest.raises(UnplayableScenario) as raised:
        stage.add("auth", AuthorizationServer, access_token__lifetme="5 minutes")
    finding = raised.value.finding

    assert finding.code == "SQ380"
    assert finding.message == "`auth` has no setting `access_token.lifetme`"
    assert "`access_token.lifetime`" in finding.expected
    assert finding.do == "did you mean `access_token.lifetime`?"


def test_all_of_them_at_once(stage: Any) -> None:
    """Every wrong line is reported, not only the first."""
    with pytest.raises(UnplayableScenario) as raised:
        stage.bind("auth", AuthorizationServer, {"x": 1, "access_token.lifetime": "soon", "access_token.alg": "none"})

    assert [finding.code for finding in raised.value.findings] == ["SQ380", "SQ381", "SQ381"]


def test_placed(stage: Any) -> None:
    """Whoever knows where the settings stand can say so in the same finding."""
    span = Span.at(Source("a.puml", "colour = red"), 1, 1, 12)
    with pytest.raises(settings.BadSettings) as raised:
        stage.add("auth", AuthorizationServer, colour="red", grants=7.5, key="x")
    placed = raised.value.at({"colour": span, "key": None})

    assert [(finding.code, finding.span) for finding in placed.findings] == [("SQ380", span), ("SQ381", None)]


def test_checked_before_the_run_with_their_places() -> None:
    """The same check without an actor points at the line."""
    span = Span.at(Source("a.puml", "note over auth : colour = red"), 1, 18, 12)
    (finding,) = settings.unknown(
        AuthorizationServer.settings_table, ["colour", "users.a.b.password"], "auth", {"colour": span}
    )

    assert finding.span == span


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("access_token.lifetime", "five"),
        ("access_token.lifetime", True),
        ("access_token.lifetime", -1),
        ("access_token.format", "JWT"),
        ("access_token.alg", "RS265"),
        ("refresh_token.rotation", "maybe"),
        ("clients.web.jwks", "{client.jwks}"),
        ("clients.web.jwks", {"keys": [1]}),
        ("issuer", ["x"]),
        ("endpoints.token", "token"),
        ("endpoints.tokn", "/token"),
    ],
)
def test_bad_values(stage: Any, path: str, value: Any) -> None:
    """A value that the setting does not take is an error, and is not repeated: it may be a secret."""
    with pytest.raises(UnplayableScenario) as raised:
        stage.bind("auth", AuthorizationServer, {path: value})

    assert raised.value.finding.code in ("SQ381", "SQ384")


def test_secrets_are_not_repeated(stage: Any) -> None:
    """A wrong value of a secret is not in the message."""
    with pytest.raises(UnplayableScenario) as raised:
        stage.bind("auth", AuthorizationServer, {"clients.web.secret": ["tea-party"]})

    assert "tea-party" not in str(raised.value)


@pytest.mark.parametrize(
    ("read", "value", "expected"),
    [
        (settings.seconds, "5 minutes", 300),
        (settings.seconds, 90, 90),
        (settings.seconds, "90", 90),
        (settings.seconds, "1 h 30 min", 5400),
        (settings.words, "a b, c", ("a", "b", "c")),
        (settings.words, ["a", "b c"], ("a", "b c")),
        (settings.words, "", ()),
        (settings.audience, "a", "a"),
        (settings.audience, "a b", ["a", "b"]),
        (settings.boolean, "Yes", True),
        (settings.boolean, False, False),
        (settings.text, 123, "123"),
        (settings.text, True, "true"),
        (settings.json_web_keys, '{"kty":"RSA"}', [{"kty": "RSA"}]),
        (settings.json_web_keys, {"keys": [{"kty": "RSA"}]}, [{"kty": "RSA"}]),
    ],
)
def test_reading(read: Any, value: Any, expected: Any) -> None:
    """Values are read as text or with their JSON types."""
    assert read(value) == expected


def test_names_with_dots(stage: Any) -> None:
    """A user or a client may have dots in the name, or quotes around it."""
    server = stage.bind(
        "auth",
        AuthorizationServer,
        {"users.alice@example.org.password": "x", 'users."bob".password': "y", "clients.https://c.example.secret": "z"},
    )

    assert server.users.names() == ["alice@example.org", "bob"]
    assert server.clients.get("https://c.example").secret == "z"


def test_defaults_and_repr(stage: Any) -> None:
    """What is not drawn has the documented default; a repr shows names and no values."""
    server = stage.add("auth", AuthorizationServer, users__alice__password="wonderland")

    assert server.settings["access_token.lifetime"] == 300
    assert "access_token.lifetime" not in server.settings
    assert repr(server.settings) == "Settings(auth: users.alice.password)"
    with pytest.raises(KeyError):
        server.settings["nothing"]


def test_a_slip_of_a_setting_is_told_where_it_stands() -> None:
    """Its neighbour is named under the line; the many switches of mistakes are listed as one, unless one is meant."""
    drawn = ["trust", "allow.jwt_alg_nine"]
    slip, switch = settings.unknown(ResourceServer.settings_table, drawn, "api")

    assert slip.label == "did you mean `trusts`?"
    assert "`allow.*`" in slip.expected
    assert "`allow.jwt_alg_none`" not in slip.expected
    assert "`allow.jwt_alg_none`" in switch.expected
    (far,) = settings.unknown(ResourceServer.settings_table, ["zzz"], "api")
    assert far.label == "no such setting"
