"""What OpenID Connect adds to an authorization request: hints, `claims`, `max_age`, `acr_values`, locales.

The sections are those of OpenID Connect Core 1.0.
"""

import json
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from seqtest.auth import jwt, pkce
from seqtest.auth.keys import make_key
from seqtest.exchange import Response

CALLBACK, VERIFIER, WEB = "https://web.test/cb", "v" * 43, ("web", "tea-party")
REQUEST = {
    "client_id": "web",
    "redirect_uri": CALLBACK,
    "response_type": "code",
    "scope": "openid",
    "state": "s",
    "code_challenge": pkce.S256(VERIFIER),
    "code_challenge_method": "S256",
}
SETTINGS = {
    "clients.web.redirect_uri": CALLBACK,
    "clients.other.redirect_uri": "https://other.test/cb",
    "users.alice.email": "alice@example.com",
    "users.alice.nickname": "Al",
    "users.bob.sub": "456",
    "acr": "urn:example:loa:1",
}


class Visit:
    """One browser at the authorization endpoint of `auth`."""

    def __init__(self, stage: Any) -> None:
        self.stage = stage
        self.agent = stage.browser()

    def ask(self, **change: Any) -> Response:
        answer: Response = self.agent.send("GET", f"/authorize?{urlencode({**REQUEST, **change})}")
        return answer

    def log_in(self, name: str = "alice", password: str = "wonderland", **change: Any) -> dict[str, str]:
        """Through the log-in page, and back at the client with these parameters."""
        page = self.ask(**change)
        assert is_page(page), page.headers
        return sent(self.agent.send("POST", page.headers.get("Location"), {"login": name, "password": password}))

    def tokens(self, code: str, who: tuple[str, str] = WEB, **change: str) -> dict[str, Any]:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
        found: dict[str, Any] = self.stage.json(self.stage.post("auth", "/token", {**form, **change}, auth=who))
        return found


def is_page(answer: Response) -> bool:
    return (answer.headers.get("Location") or "").startswith("/interaction/")


def sent(answer: Response) -> dict[str, str]:
    """The parameters with which the browser goes back."""
    assert (answer.headers.get("Location") or "").startswith("https://")
    return {n: v[0] for n, v in parse_qs(urlsplit(answer.headers.get("Location") or "").query).items()}


@pytest.fixture
def visit(stage: Any, auth: Any) -> Visit:
    auth(SETTINGS)
    return Visit(stage)


@pytest.fixture
def hint(visit: Visit) -> str:
    """An ID token of alice, whose browser stays logged in."""
    text: str = visit.tokens(visit.log_in()["code"])["id_token"]
    return text


def test_a_hint_at_who_is_logged_in(stage: Any, visit: Visit, hint: str) -> None:
    """Core section 3.1.2.1: with `id_token_hint` of the very user `prompt=none` succeeds, an expired hint too."""
    stage.clock.advance(10_000)

    assert "code" in sent(visit.ask(prompt="none", id_token_hint=hint))
    assert "code" in sent(visit.ask(id_token_hint=hint))


def test_a_hint_at_somebody_else(stage: Any, visit: Visit, hint: str) -> None:
    """Core section 3.1.2.1: `login_required` with `prompt=none`; else the page, where only the named one gets on."""
    bob = Visit(stage)
    bob.log_in("bob", "builder")

    assert sent(bob.ask(prompt="none", id_token_hint=hint))["error"] == "login_required"
    back = bob.log_in("bob", "builder", id_token_hint=hint)
    assert (back["error"], back["state"], back["iss"]) == ("login_required", "s", "https://auth.example")
    assert "code" not in back
    assert "code" in bob.log_in("alice", "wonderland", id_token_hint=hint)


def test_a_log_in_by_somebody_else_opens_no_session(visit: Visit, stage: Any, hint: str) -> None:
    """Who was refused because of the hint is not logged in."""
    stranger = Visit(stage)
    stranger.log_in("bob", "builder", id_token_hint=hint)

    assert is_page(stranger.ask())


def test_hints_that_are_none(stage: Any, visit: Visit, hint: str) -> None:
    """A hint that this provider did not sign for this client is `invalid_request`."""
    claims = dict(jwt.read(hint).claims)
    other = {"client_id": "other", "redirect_uri": "https://other.test/cb"}
    back = Visit(stage).log_in("bob", "builder", **other)
    foreign = visit.tokens(back["code"], ("other", "croquet"), redirect_uri=other["redirect_uri"])["id_token"]
    by_mallory = jwt.sign({}, claims, make_key("ES256", "auth-es256", "mallory"))

    for wrong in ("x", "a.b.c", by_mallory, foreign, hint[:-2]):
        back = sent(visit.ask(id_token_hint=wrong))
        assert back["error"] == "invalid_request", wrong[:20]
        assert "code" not in back


def asked(visit: Visit, claims: Any, **change: Any) -> dict[str, Any]:
    """What UserInfo and the ID token of a fresh log-in say when these claims are asked for."""
    tokens = visit.tokens(visit.log_in(claims=json.dumps(claims), prompt="login", **change)["code"])
    userinfo = visit.stage.json(visit.stage.get("auth", "/userinfo", f"Bearer {tokens['access_token']}"))
    return {"userinfo": userinfo, "id_token": jwt.read(tokens["id_token"]).claims, "tokens": tokens}


def test_claims_one_by_one(visit: Visit, stage: Any) -> None:
    """Core section 5.5: each place gets what was asked for there and no more; what nobody knows is left out."""
    found = asked(visit, {"userinfo": {"email": {"essential": True}, "phone": None}, "id_token": {"nickname": None}})

    assert found["userinfo"] == {"sub": "123", "email": "alice@example.com"}
    assert found["id_token"]["nickname"] == "Al"
    assert {"email", "phone"}.isdisjoint(found["id_token"])
    document = stage.json(stage.get("auth", "/.well-known/openid-configuration"))
    assert document["claims_parameter_supported"] is True


def test_asked_claims_take_no_usual_ones_place(visit: Visit) -> None:
    """Whatever is asked for, `iss`, `sub` and the others say what they always say, and secrets stay inside."""
    wanted = {"sub": None, "iss": None, "aud": None, "password": None, "disabled": None}
    found = asked(visit, {"id_token": wanted, "userinfo": wanted})

    assert (found["id_token"]["sub"], found["id_token"]["iss"], found["id_token"]["aud"]) == (
        "123", "https://auth.example", "web",
    )  # fmt: skip
    assert "password" not in found["id_token"]
    assert found["userinfo"] == {"sub": "123"}


def test_consent_names_what_is_asked_for(stage: Any, auth: Any) -> None:
    """Who is asked for his consent sees the claims, too."""
    auth({**SETTINGS, "consent": "required"})
    visit = Visit(stage)
    page = visit.ask(claims='{"userinfo": {"birthdate": null}, "id_token": {"nickname": null}}')
    consent = visit.agent.send("POST", page.headers.get("Location"), {"login": "alice", "password": "wonderland"})
    shown = visit.agent.send("GET", consent.headers.get("Location")).body

    assert all(word in shown for word in (b"birthdate", b"nickname"))


def test_claims_stay_after_a_refresh(visit: Visit, stage: Any) -> None:
    """Core section 12.2: the next ID token and UserInfo have them as well."""
    tokens = asked(visit, {"userinfo": {"email": None}, "id_token": {"nickname": None}})["tokens"]
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    renewed = stage.json(stage.post("auth", "/token", form, auth=WEB))

    assert jwt.read(renewed["id_token"]).claims["nickname"] == "Al"
    assert "email" in stage.json(stage.get("auth", "/userinfo", f"Bearer {renewed['access_token']}"))


def test_claims_of_a_certain_user(visit: Visit, hint: str) -> None:
    """Core section 5.5.1: a value of `sub` names who must log in, as a hint does; both must agree."""
    alice, bob = ({"id_token": {"sub": {"value": sub}}} for sub in ("123", "456"))

    assert "code" in sent(visit.ask(claims=json.dumps(alice), prompt="none"))
    assert sent(visit.ask(claims=json.dumps(bob), prompt="none"))["error"] == "login_required"
    either = {"id_token": {"sub": {"values": ["456", "123"]}}}
    assert "code" in sent(visit.ask(claims=json.dumps(either), prompt="none"))
    assert sent(visit.ask(claims=json.dumps(bob), id_token_hint=hint))["error"] == "invalid_request"


def test_how_sure_a_log_in_must_be(visit: Visit) -> None:
    """Core section 5.5.1.1: an essential `acr` that cannot be had fails; a voluntary one and `acr_values` do not."""

    def acr(**said: Any) -> str:
        return json.dumps({"id_token": {"acr": said}})

    high = "urn:example:loa:9"
    assert sent(visit.ask(claims=acr(essential=True, value=high)))["error"] == "unmet_authentication_requirements"
    assert sent(visit.ask(claims=acr(essential=True, values=[high])))["error"] == "unmet_authentication_requirements"
    for good in (
        {"claims": acr(essential=True, values=[high, "urn:example:loa:1"])},
        {"claims": acr(essential=True)},
        {"claims": acr(value=high)},
        {"acr_values": high},
    ):
        code = visit.log_in(prompt="login", **good)["code"]
        assert jwt.read(visit.tokens(code)["id_token"]).claims["acr"] == "urn:example:loa:1"


@pytest.mark.parametrize(
    "claims",
    [
        "", "x", "[]", "1", '"x"', "null", "[" * 5000, '{"userinfo": []}', '{"userinfo": {"email": 1}}',
        '{"id_token": {"acr": {"essential": "yes"}}}', '{"id_token": {"acr": {"values": "x"}}}',
        '{"id_token": {"acr": {"value": "x", "values": ["x"]}}}', '{"id_token": {}, "id_token": {}}',
    ],
)  # fmt: skip
def test_claims_that_cannot_be_read(visit: Visit, claims: str) -> None:
    """Each is `invalid_request`; an empty parameter is none (RFC 6749 section 3.1)."""
    answer = visit.ask(claims=claims)

    if claims == "":
        assert is_page(answer)
    else:
        assert sent(answer)["error"] == "invalid_request"


def test_what_a_provider_may_pass_over(visit: Visit) -> None:
    """Core section 3.1.2.1: languages and shapes of pages that there are not fail nobody; `login_hint` is filled in."""
    more = {"ui_locales": "fr-CA fr", "claims_locales": "de", "display": "touch", "login_hint": "alice", "unknown": "x"}
    page = visit.ask(**more)

    assert is_page(page)
    assert b'value="alice"' in visit.agent.send("GET", page.headers.get("Location")).body


def test_no_age_at_all(visit: Visit, hint: str) -> None:
    """Core section 3.1.2.1: `max_age=0` asks for a log-in, though the last one was this very second."""
    assert "code" in sent(visit.ask(max_age="1"))
    assert is_page(visit.ask(max_age="0"))
    assert sent(visit.ask(max_age="0", prompt="none"))["error"] == "login_required"


def test_choosing_an_account(visit: Visit, hint: str) -> None:
    """Core section 3.1.2.1: `select_account` shows the page to who is logged in; another value is `invalid_request`."""
    assert is_page(visit.ask(prompt="select_account"))
    assert is_page(visit.ask(prompt="login consent"))
    assert sent(visit.ask(prompt="sure"))["error"] == "invalid_request"
