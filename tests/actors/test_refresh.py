"""Refresh tokens: RFC 6749 section 6, RFC 9700 section 4.14."""

from typing import Any

import pytest

from seqtest.auth import jwt

WEB = ("web", "tea-party")


def refresh(stage: Any, token: str, auth: tuple[str, str] | None = WEB, **more: str) -> Any:
    return stage.post("auth", "/token", {"grant_type": "refresh_token", "refresh_token": token, **more}, auth=auth)


def refused(stage: Any, answer: Any, error: str = "invalid_grant") -> bool:
    return answer.status == 400 and stage.json(answer)["error"] == error and "access_token" not in stage.json(answer)


@pytest.mark.parametrize("form", ["opaque", "jwt"])
def test_rotation(stage: Any, auth: Any, form: str) -> None:
    """Each use gives a new access and a new refresh token for the same user and scope."""
    auth({"refresh_token.format": form})
    first = stage.log_in(scope="a b")
    stage.clock.advance(360)
    second = stage.json(refresh(stage, first["refresh_token"]))

    old, new = (jwt.read(body["access_token"]).claims for body in (first, second))
    assert (new["sub"], new["scope"], new["client_id"]) == (old["sub"], old["scope"], old["client_id"])
    assert (new["iat"], new["jti"] != old["jti"]) == (old["iat"] + 360, True)
    assert second["refresh_token"] != first["refresh_token"]


def test_reuse_revokes_the_family(stage: Any, auth: Any) -> None:
    """An old refresh token seen again is theft: the one in use dies, too (RFC 9700 section 4.14.2)."""
    auth()
    first = stage.log_in()["refresh_token"]
    other = stage.log_in()["refresh_token"]
    second = stage.json(refresh(stage, first))["refresh_token"]

    assert refused(stage, refresh(stage, first))
    assert refused(stage, refresh(stage, second))
    assert refresh(stage, other).status == 200


def test_without_rotation(stage: Any, auth: Any) -> None:
    """Without rotation the same refresh token works again, and no new one is handed out."""
    auth({"refresh_token.rotation": "false"})
    token = stage.log_in()["refresh_token"]

    assert "refresh_token" not in stage.json(refresh(stage, token))
    assert refresh(stage, token).status == 200


def test_jwt_refresh_token(stage: Any, auth: Any) -> None:
    """A JWT refresh token is signed, addressed to its issuer, and does not call itself an access token."""
    server = auth({"refresh_token.format": "jwt", "refresh_token.lifetime": "1 day"})
    token = jwt.verify(stage.log_in()["refresh_token"], server.public_jwks())

    assert token.header["typ"] == "rt+jwt"
    assert token.claims["exp"] - token.claims["iat"] == 86_400
    assert (token.claims["aud"], token.claims["sub"]) == ("https://auth.example", "123")


def test_another_clients_token(stage: Any, auth: Any) -> None:
    """A refresh token belongs to the client that it was issued to, and its try does no harm (RFC 6749 section 6)."""
    auth()
    token = stage.log_in()["refresh_token"]

    assert refused(stage, refresh(stage, token, ("other", "croquet")))
    assert refresh(stage, token).status == 200


def test_client_must_authenticate(stage: Any, auth: Any) -> None:
    """A confidential client proves itself at each refresh (RFC 6749 section 6)."""
    auth()
    answer = refresh(stage, stage.log_in()["refresh_token"], None, client_id="web")

    assert (answer.status, stage.json(answer)["error"]) == (401, "invalid_client")


def test_expired(stage: Any, auth: Any) -> None:
    """A refresh token is good before its end and not at it."""
    auth({"refresh_token.lifetime": "1 hour", "refresh_token.rotation": False})
    token = stage.log_in()["refresh_token"]
    stage.clock.advance(3599)
    assert refresh(stage, token).status == 200

    stage.clock.advance(1)
    assert refused(stage, refresh(stage, token))


def test_scope(stage: Any, auth: Any) -> None:
    """A refresh may narrow the scope, never widen it; the new refresh token keeps the whole (RFC 6749 section 6)."""
    auth()
    token = stage.log_in(scope="a b")["refresh_token"]
    for wider in ("a b c", "c", 'a"'):
        assert refused(stage, refresh(stage, token, scope=wider), "invalid_scope")
    narrow = stage.json(refresh(stage, token, scope="a"))

    assert narrow["scope"] == "a"
    assert stage.json(refresh(stage, narrow["refresh_token"]))["scope"] == "a b"


@pytest.mark.parametrize("kind", ["access token", "garbage", "tampered", "re-signed", "unsigned"])
def test_other_tokens(stage: Any, auth: Any, kind: str) -> None:
    """What is no refresh token of this server, letter by letter, is refused."""
    server = auth({"refresh_token.format": "jwt"})
    body = stage.log_in()
    token = jwt.read(body["refresh_token"])
    changed = jwt.changed(token, claims={**token.claims, "sub": "mallory"})
    made = {
        "access token": body["access_token"],
        "garbage": "garbage",
        "tampered": changed.text,
        "re-signed": jwt.resigned(changed, server.private_key(None, None)),
        "unsigned": jwt.sign({}, token.claims, None),
    }

    assert refused(stage, refresh(stage, made[kind]))


def test_disabled_user(stage: Any, auth: Any) -> None:
    """A disabled user's refresh is refused, also with what was issued before; enabling brings nothing back."""
    auth()
    token = stage.log_in()["refresh_token"]
    stage.act("auth", "disable alice")
    assert refused(stage, refresh(stage, token))

    stage.act("auth", "enable alice")
    assert refused(stage, refresh(stage, token))
    assert stage.log_in()


def test_logged_out_user(stage: Any, auth: Any) -> None:
    """After a log-out on the server all of the user's refresh tokens are dead, and nobody else's."""
    auth()
    alice, bob = stage.log_in()["refresh_token"], stage.log_in("bob", "builder")["refresh_token"]
    stage.act("auth", "log out alice")

    assert refused(stage, refresh(stage, alice))
    assert refresh(stage, bob).status == 200


def test_actions_on_nobody(stage: Any, auth: Any) -> None:
    """Disabling somebody who does not exist is an error, not a success."""
    auth()

    assert stage.act("auth", "disable nobody").error == "UnknownUser"
    assert stage.act("auth", "disable alice").value == "disabled"
    assert stage.actors["auth"].state()["disabled"] == ["alice"]


def test_a_second_use_meanwhile(stage: Any, auth: Any) -> None:
    """A use that comes while the first one is still being answered is a reuse."""
    from seqtest.exchange import Result

    auth({"user_store": "db"})
    stage.scripted["db"] = lambda message: Result("Alice")
    token = stage.log_in()["refresh_token"]
    inner: list[Any] = []

    def look_up(message: Any) -> Result:
        if not inner:
            inner.append(None)
            inner.append(refresh(stage, token))
        return Result("Alice")

    stage.scripted["db"] = look_up
    outer = refresh(stage, token)

    assert inner[1].status == 200
    assert refused(stage, outer)


def test_a_race_has_one_winner(stage: Any, auth: Any) -> None:
    """Of many uses of one refresh token at once one is the first."""
    from concurrent.futures import ThreadPoolExecutor

    server = auth()
    record = server.tokens.find(stage.log_in()["refresh_token"])
    with ThreadPoolExecutor(8) as pool:
        firsts = list(pool.map(server.tokens.use, [record] * 200))

    assert firsts.count(True) == 1
