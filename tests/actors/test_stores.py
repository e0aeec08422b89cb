"""Look-ups as arrows, and the token store that answers them."""

from typing import Any

import pytest

from seqtest.actors import stores
from seqtest.actors.token_store import TokenStore
from seqtest.auth import jwt
from seqtest.errors import UnplayableScenario
from seqtest.exchange import Lost, Result

WEB, USERS = ("web", "tea-party"), ("users", "pool-of-tears")
JWT_REFRESH = {"refresh_token.format": "jwt", "refresh_token.rotation": False, "revocation_list": "blacklist"}


def arrows(stage: Any, store: str) -> list[str]:
    return [text for _, receiver, text in stage.calls if receiver == store]


def refresh(stage: Any, token: str) -> Any:
    return stage.post("auth", "/token", {"grant_type": "refresh_token", "refresh_token": token}, auth=WEB)


def revoke(stage: Any, token: str) -> Any:
    return stage.post("auth", "/revoke", {"token": token}, auth=WEB)


def introspect(stage: Any, token: str) -> Any:
    return stage.json(stage.post("auth", "/introspect", {"token": token}, auth=USERS))


def test_nothing_is_asked_when_nothing_is_drawn(stage: Any, auth: Any) -> None:
    """Without a store all is kept inside, and no arrow appears."""
    auth()
    body = stage.log_in()
    refresh(stage, body["refresh_token"])
    introspect(stage, body["access_token"])
    revoke(stage, body["refresh_token"])

    assert stage.calls == []


# Users


def test_user_store(stage: Any, auth: Any) -> None:
    """Each log-in and each refresh looks the user up; what the store says comes before the settings."""
    auth({"user_store": "db"})
    stage.scripted["db"] = lambda message: Result("Alice", {"sub": "777", "disabled": False})
    body = stage.log_in()

    assert jwt.read(body["access_token"]).claims["sub"] == "777"
    assert refresh(stage, body["refresh_token"]).status == 200
    assert arrows(stage, "db") == ["find user alice", "find user alice"]


@pytest.mark.parametrize(
    "answer",
    [
        Result("not found"),
        Result(None),
        Result(""),
        Result("Nobody"),
        Result(error="UserNotFound"),
        Result("Alice", {"disabled": True}),
        Result("Alice", {"disabled": "true"}),
        Result("Alice", {"password": "another"}),
    ],
)
def test_users_the_store_does_not_let_in(stage: Any, auth: Any, answer: Result) -> None:
    """A user whom the store does not know, has disabled, or knows by another password gets no token."""
    auth({"user_store": "db"})
    stage.scripted["db"] = lambda message: answer
    form = {"grant_type": "password", "username": "alice", "password": "wonderland"}

    assert stage.json(stage.post("auth", "/token", form, auth=WEB))["error"] == "invalid_grant"


def test_store_that_fails(stage: Any, auth: Any) -> None:
    """When the store raises or cannot be reached, the server is unavailable: 503, and no token."""
    auth({"user_store": "db"})
    form = {"grant_type": "password", "username": "alice", "password": "wonderland"}
    stage.scripted["db"] = lambda message: Result(error="OperationalError")
    assert stage.post("auth", "/token", form, auth=WEB).status == 503

    def lose(message: Any) -> Any:
        raise ConnectionError("lost")

    stage.scripted["db"] = lambda message: Lost()
    assert stage.post("auth", "/token", form, auth=WEB).status == 503
    stage.scripted["db"] = lose
    answer = stage.post("auth", "/token", form, auth=WEB)
    assert (answer.status, answer.headers.get("Cache-Control")) == (503, "no-store")


def test_token_store_as_user_store(stage: Any, auth: Any) -> None:
    """A token store answers by name or by `sub`; an account disabled there is disabled at the next look-up."""
    auth({"user_store": "db"})
    db = stage.bind("db", TokenStore, {"users.alice.sub": "123", "users.alice.name": "Alice"})
    assert stage.act("db", "find user 123") == stage.act("db", "find user alice")
    assert stage.act("db", "find user alice") == Result("Alice", {"sub": "123", "disabled": False})
    token = stage.log_in()["refresh_token"]

    assert stage.act("db", "disable alice").value == "disabled"
    assert db.state()["disabled"] == ["alice"]
    assert stage.json(refresh(stage, token))["error"] == "invalid_grant"
    assert stage.act("db", "enable alice").value == "enabled"
    assert stage.log_in()
    assert stage.act("db", "disable nobody").error == "UnknownUser"
    assert stage.act("db", "find user nobody").value == "not found"


# Opaque tokens


def test_opaque_tokens_are_looked_up(stage: Any, auth: Any) -> None:
    """An opaque token is saved once and found at each introspection; the store is also asked about what is unknown."""
    auth({"access_token.format": "opaque", "token_store": "tokens"})
    tokens = stage.add("tokens", TokenStore)
    token = stage.log_in(scope="users:read")["access_token"]

    assert introspect(stage, token)["active"]
    assert introspect(stage, token)["username"] == "alice"
    assert introspect(stage, "not-a-token") == {"active": False}
    assert arrows(stage, "tokens") == [f"save token {token}", *[f"find token {token}"] * 2, "find token not-a-token"]
    assert tokens.state()["tokens"] == [token]


def test_saved_fields(stage: Any, auth: Any) -> None:
    """The store is told whose token it is and until when."""
    auth({"access_token.format": "opaque", "token_store": "tokens"})
    stage.add("tokens", TokenStore)
    found = stage.act("tokens", f"find token {stage.log_in()['access_token']}")

    assert found.value == "found"
    assert (found.fields["sub"], found.fields["client_id"], found.fields["username"]) == ("123", "web", "alice")
    assert found.fields["exp"] - found.fields["iat"] == 300


@pytest.mark.parametrize("answer", [Result("not found"), Result("revoked"), Result("found", {"revoked": True})])
def test_what_the_store_says_holds(stage: Any, auth: Any, answer: Result) -> None:
    """A token that the store does not know, or has revoked, is not active, though this server issued it."""
    auth({"access_token.format": "opaque", "token_store": "tokens"})
    stage.scripted["tokens"] = lambda message: Result("saved")
    token = stage.log_in()["access_token"]
    stage.scripted["tokens"] = lambda message: answer

    assert introspect(stage, token) == {"active": False}


def test_revoked_in_the_store(stage: Any, auth: Any) -> None:
    """Revoking tells the store, for the refresh token and then for the access token of its grant."""
    auth({"access_token.format": "opaque", "refresh_token.format": "opaque", "token_store": "tokens"})
    tokens = stage.add("tokens", TokenStore)
    body = stage.log_in()
    stage.calls.clear()
    revoke(stage, body["refresh_token"])

    access, refresh_token = body["access_token"], body["refresh_token"]
    expected = [f"find token {refresh_token}", f"revoke token {refresh_token}", f"revoke token {access}"]
    assert arrows(stage, "tokens") == expected
    assert set(tokens.state()["revoked"]) == {access, refresh_token}
    assert stage.act("tokens", "revoke token nobody").value == "not found"


def test_jwts_are_not_saved(stage: Any, auth: Any) -> None:
    """A JWT needs no database: the store is not told and not asked."""
    auth({"token_store": "tokens", "refresh_token.format": "jwt"})
    body = stage.log_in()
    introspect(stage, body["access_token"])
    refresh(stage, body["refresh_token"])

    assert stage.calls == []


# The revocation list


def test_list_is_asked_at_refresh_only(stage: Any, auth: Any) -> None:
    """The list is asked when a token is refreshed, and at nothing else."""
    auth(JWT_REFRESH)
    stage.add("blacklist", TokenStore)
    body = stage.log_in()
    introspect(stage, body["access_token"])
    assert arrows(stage, "blacklist") == []

    assert refresh(stage, body["refresh_token"]).status == 200
    jti = jwt.read(body["refresh_token"]).claims["jti"]
    assert arrows(stage, "blacklist") == [f"is {jti} revoked"]


@pytest.mark.parametrize("how", ["revocation endpoint", "disable alice", "log out alice"])
def test_what_puts_a_token_on_the_list(stage: Any, auth: Any, how: str) -> None:
    """Log-out and a disabled account put the refresh token's `jti` on the list, once, and refresh is refused."""
    server = auth(JWT_REFRESH)
    blacklist = stage.add("blacklist", TokenStore)
    token = stage.log_in()["refresh_token"]
    jti = jwt.read(token).claims["jti"]
    for _ in range(2):
        revoke(stage, token) if how == "revocation endpoint" else stage.act("auth", how)

    assert arrows(stage, "blacklist") == [f"revoke {jti}"]
    assert blacklist.state()["revoked"] == [jti]
    assert token in server.state()["revoked"]
    assert stage.json(refresh(stage, token))["error"] == "invalid_grant"
    assert arrows(stage, "blacklist")[1:] == [f"is {jti} revoked"]


def test_the_list_decides(stage: Any, auth: Any) -> None:
    """A scripted list that says `yes` refuses a token that nobody revoked, and one that says `no` lets it through."""
    auth(JWT_REFRESH)
    token = stage.log_in()["refresh_token"]
    for said, status in (("yes", 400), ("no", 200), (True, 400), (False, 200), ("not revoked", 200), ("revoked", 400)):
        stage.scripted["blacklist"] = lambda message, said=said: Result(said)
        assert refresh(stage, token).status == status


@pytest.mark.parametrize("said", ["maybe", "", None])
def test_an_answer_that_is_none(stage: Any, auth: Any, said: Any) -> None:
    """An answer that is neither yes nor no is never taken for one of them."""
    auth(JWT_REFRESH)
    token = stage.log_in()["refresh_token"]
    stage.scripted["blacklist"] = lambda message: Result(said)

    with pytest.raises(UnplayableScenario, match="SQ382"):
        refresh(stage, token)


def test_an_opaque_token_on_the_list(stage: Any, auth: Any) -> None:
    """An opaque refresh token is on the list by itself."""
    auth({"revocation_list": "blacklist"})
    stage.add("blacklist", TokenStore)
    token = stage.log_in()["refresh_token"]
    revoke(stage, token)

    assert arrows(stage, "blacklist") == [f"revoke {token}"]


def test_fields_as_answers(stage: Any) -> None:
    """A class of the user's may answer with fields alone, as a mapping or as fields of the result."""
    part = stage.add("auth", TokenStore).part
    for answer in (Result({"name": "Alice", "sub": "1"}), Result(None, {"name": "Alice", "sub": "1"})):
        stage.scripted["db"] = lambda message, answer=answer: answer
        found = stores.find(part, "db", "user alice")
        assert found is not None
        assert found.fields["sub"] == "1"
    stage.scripted["db"] = lambda message: Result(None, {"revoked": True})
    assert stores.is_revoked(part, "db", "x")


# SQLite


def test_database_in_a_file(stage: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file below the current folder keeps what it was told; one outside is refused."""
    monkeypatch.chdir(tmp_path)
    stage.add("tokens", TokenStore, database="kept.db")
    stage.act("tokens", "revoke j1")
    stage.add("tokens", TokenStore, database="kept.db")
    assert stage.act("tokens", "is j1 revoked").value == "yes"
    assert stage.act("tokens", "is j2 revoked").value == "no"

    for outside in ("../kept.db", "/tmp/kept.db", "."):
        with pytest.raises(UnplayableScenario, match="SQ383"):
            stage.add("tokens", TokenStore, database=outside)


def test_odd_words_are_data(stage: Any) -> None:
    """What looks like SQL is a name like any other."""
    store = stage.add("tokens", TokenStore)
    odd = "x'); drop table tokens; --"
    stage.act("tokens", f"save token {odd}", sub="1")

    assert stage.act("tokens", f"find token {odd}").fields == {"sub": "1"}
    assert store.state()["tokens"] == [odd]
    assert store.act(type("A", (), {"text": "make coffee", "fields": {}})()) is None
