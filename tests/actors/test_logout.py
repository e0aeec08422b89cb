"""RP-Initiated Logout 1.0, Back-Channel Logout 1.0 and Front-Channel Logout 1.0, by clause."""

import html
import re
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from seqtest.auth import jwt
from seqtest.auth.keys import make_key
from seqtest.errors import UnplayableScenario
from seqtest.exchange import Response

CALLBACK = "https://web.test/cb"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
BYE = "https://web.test/bye?a=b"
MORE = {
    "clients.web.redirect_uri": CALLBACK,
    "clients.web.post_logout_redirect_uri": BYE,
    "clients.web.backchannel_logout_uri": "https://web.test/over",
    "clients.other.redirect_uri": CALLBACK,
    "clients.other.backchannel_logout_uri": "https://other.test/over",
}
SECRETS = {"web": "tea-party", "other": "croquet"}


class Clients:
    """What `web` and `other` were told over the back channel."""

    def __init__(self, status: int = 200) -> None:
        self.status = status
        self.told: list[tuple[str, dict[str, Any]]] = []

    def __call__(self, message: Any) -> Response:
        (text,) = parse_qs(message.body.decode())["logout_token"]
        self.told.append((message.url, {"typ": jwt.read(text).header["typ"], **jwt.read(text).claims}))
        return Response(self.status)


class Browser:
    """A browser with its cookie."""

    def __init__(self, stage: Any) -> None:
        self.stage = stage
        self.agent = stage.browser()

    def send(self, method: str, path: str, form: Any = None) -> Response:
        return self.agent.send(method, path, form)  # type: ignore[no-any-return]

    def log_in(self, client_id: str = "web", scope: str = "openid", username: str = "alice") -> dict[str, Any]:
        query = {"response_type": "code", "client_id": client_id, "redirect_uri": CALLBACK, "scope": scope}
        query |= {"code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "code_challenge_method": "S256"}
        answer = self.send("GET", f"/authorize?{urlencode(query)}")
        place = answer.headers.get("Location") or ""
        if place.startswith("/interaction/"):
            password = {"alice": "wonderland", "bob": "builder"}[username]
            place = self.send("POST", place, {"login": username, "password": password}).headers.get("Location") or ""
        form = {"grant_type": "authorization_code", "code": parse_qs(urlsplit(place).query)["code"][0]}
        form |= {"redirect_uri": CALLBACK, "code_verifier": VERIFIER}
        found: dict[str, Any] = self.stage.json(
            self.stage.post("auth", "/token", form, auth=(client_id, SECRETS[client_id]))
        )
        return found

    def log_out(self, **query: str) -> Response:
        return self.send("GET", f"/logout?{urlencode(query)}")

    @property
    def is_logged_in(self) -> bool:
        query = {"response_type": "code", "client_id": "web", "redirect_uri": CALLBACK, "prompt": "none"}
        query |= {"code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "code_challenge_method": "S256"}
        return "code=" in (self.send("GET", f"/authorize?{urlencode(query)}").headers.get("Location") or "")


@pytest.fixture
def clients(stage: Any, auth: Any) -> Clients:
    auth(MORE)
    found = Clients()
    stage.scripted |= {"web": found, "other": found}
    stage.participant = lambda url: url.removeprefix("https://").partition(".test")[0]
    return found


def refresh(stage: Any, tokens: dict[str, Any], client_id: str = "web") -> int:
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    found: int = stage.post("auth", "/token", form, auth=(client_id, SECRETS[client_id])).status
    return found


def test_log_out_with_a_hint(stage: Any, clients: Clients) -> None:
    """Sections 2 and 3: the session ends, its refresh tokens too, and the browser goes to the registered address."""
    browser = Browser(stage)
    tokens = browser.log_in()
    answer = browser.log_out(id_token_hint=tokens["id_token"], post_logout_redirect_uri=BYE, state="x y")

    assert (answer.status, answer.headers.get("Location")) == (303, f"{BYE}&state=x+y")
    assert not browser.is_logged_in
    assert refresh(stage, tokens) == 400


def test_every_client_of_the_session_is_told(stage: Any, clients: Clients) -> None:
    """Back-Channel Logout sections 2.4 and 2.5; another browser's session stays."""
    browser, elsewhere = Browser(stage), Browser(stage)
    first, second = browser.log_in(), browser.log_in("other")
    kept = elsewhere.log_in()
    browser.log_out(id_token_hint=first["id_token"])
    sid = jwt.read(first["id_token"]).claims["sid"]

    assert [url for url, _ in clients.told] == ["https://web.test/over", "https://other.test/over"]
    for (_, claims), audience in zip(clients.told, ("web", "other"), strict=True):
        assert (claims["typ"], claims["iss"], claims["aud"]) == ("logout+jwt", "https://auth.example", audience)
        assert (claims["sub"], claims["sid"]) == ("123", sid)
        assert claims["events"] == {"http://schemas.openid.net/event/backchannel-logout": {}}
        assert claims["exp"] - claims["iat"] <= 120
        assert "nonce" not in claims
    assert clients.told[0][1]["jti"] != clients.told[1][1]["jti"]
    assert (refresh(stage, second, "other"), refresh(stage, kept)) == (400, 200)
    assert elsewhere.is_logged_in


def test_offline_access_outlives_the_session(stage: Any, clients: Clients) -> None:
    """Back-Channel Logout section 2.7."""
    browser = Browser(stage)
    tokens = browser.log_in(scope="openid offline_access")
    browser.log_out(id_token_hint=tokens["id_token"])

    assert refresh(stage, tokens) == 200


def test_a_client_that_fails_keeps_nobody_logged_in(stage: Any, clients: Clients) -> None:
    """Neither a lost message nor an error of one client stops the others from being told."""
    browser = Browser(stage)
    tokens = browser.log_in()
    browser.log_in("other")

    def lost(message: Any) -> Response:
        raise ConnectionError("lost")

    stage.scripted["web"] = lost
    browser.log_out(id_token_hint=tokens["id_token"])

    assert not browser.is_logged_in
    assert [url for url, _ in clients.told] == ["https://other.test/over"]


def test_an_expired_hint_is_a_hint(stage: Any, clients: Clients) -> None:
    """Section 4."""
    browser = Browser(stage)
    tokens = browser.log_in()
    stage.clock.advance(3600)

    assert b"You are logged out" in browser.log_out(id_token_hint=tokens["id_token"]).body


def test_a_hint_of_another_issuer_is_none(stage: Any, clients: Clients) -> None:
    """Section 4: whoever signed it, it must be one of this provider's."""
    browser = Browser(stage)
    claims = jwt.read(browser.log_in()["id_token"]).claims
    key = stage.actors["auth"].signing_key("ES256")
    for change in ({"iss": "https://other.example"}, {"iss": None}, {"sub": None}, {"aud": "nobody"}):
        found = {name: value for name, value in {**claims, **change}.items() if value is not None}
        assert browser.log_out(id_token_hint=jwt.sign({}, found, key)).status == 400
        assert browser.is_logged_in
    assert b"You are logged out" in browser.log_out(id_token_hint=jwt.sign({}, claims, key)).body


def test_without_a_hint_the_user_is_asked(stage: Any, clients: Clients) -> None:
    """Section 2: else any page could log him out. Another user's hint is no hint of his."""
    browser, other = Browser(stage), Browser(stage)
    browser.log_in()
    theirs = other.log_in(username="bob")["id_token"]
    for query in ({}, {"id_token_hint": theirs}):
        answer = browser.log_out(**query)
        assert b'name="confirm"' in answer.body
        assert browser.is_logged_in
    answer = browser.send("POST", "/logout", {"confirm": "yes"})

    assert b"You are logged out" in answer.body
    assert not browser.is_logged_in
    assert other.is_logged_in


@pytest.mark.parametrize(
    "change",
    [
        {"post_logout_redirect_uri": "https://evil.test/"},
        {"post_logout_redirect_uri": f"{BYE}.evil.test"},
        {"post_logout_redirect_uri": BYE, "id_token_hint": None},
        {"client_id": "other"},
        {"id_token_hint": "garbage"},
        {"id_token_hint": jwt.sign({}, {"iss": "https://auth.example", "sub": "123"}, make_key("ES256", "m"))},
    ],
)
def test_what_is_refused_is_shown_here(stage: Any, clients: Clients, change: dict[str, Any]) -> None:
    """Section 3: no redirect to what is not registered, or not sure; the session stays."""
    browser = Browser(stage)
    query = {"id_token_hint": browser.log_in()["id_token"], **change}
    answer = browser.log_out(**{name: value for name, value in query.items() if value is not None})

    assert (answer.status, answer.headers.get("Location")) == (400, None)
    assert browser.is_logged_in
    assert clients.told == []


def test_a_client_that_has_no_hint_names_itself(stage: Any, clients: Clients) -> None:
    """Sections 2 and 3: the user is asked, and then goes to that client's registered address and to no other."""
    browser = Browser(stage)
    browser.log_in()
    query = {"client_id": "web", "post_logout_redirect_uri": BYE, "state": "x"}
    assert browser.log_out(**{**query, "client_id": "other"}).status == 400
    assert browser.log_out(**{**query, "post_logout_redirect_uri": "https://evil.test/"}).status == 400
    answer = browser.log_out(**query)
    assert b'name="confirm"' in answer.body
    assert (answer.headers.get("Location"), browser.is_logged_in) == (None, True)
    browser.log_out(**query)
    answer = browser.send("POST", "/logout", {"confirm": "yes"})

    assert (answer.status, html.unescape(answer.headers.get("Location") or "")) == (303, f"{BYE}&state=x")
    assert not browser.is_logged_in


def test_access_tokens_are_no_hints(stage: Any, clients: Clients) -> None:
    """Its audience is no client."""
    browser = Browser(stage)

    assert browser.log_out(id_token_hint=browser.log_in()["access_token"]).status == 400


# Front-channel logout

FRONT = {
    **{name: value for name, value in MORE.items() if "backchannel" not in name},
    "clients.web.frontchannel_logout_uri": "https://web.test/over",
    "clients.other.frontchannel_logout_uri": "https://other.test/over?a=1",
}


def frames(answer: Response) -> list[str]:
    return [html.unescape(url) for url in re.findall(r'<iframe src="([^"]*)" hidden>', answer.body.decode())]


def test_each_client_has_a_frame(stage: Any, auth: Any) -> None:
    """Front-Channel Logout sections 2 and 3: `iss` and `sid` are added to what the address has; none is redirected."""
    auth(FRONT)
    browser = Browser(stage)
    first = browser.log_in()
    browser.log_in("other")
    sid = jwt.read(first["id_token"]).claims["sid"]
    answer = browser.log_out(id_token_hint=first["id_token"], post_logout_redirect_uri=BYE, state="x&y")
    sent = urlencode({"iss": "https://auth.example", "sid": sid})

    assert (answer.status, answer.headers.get("Location")) == (200, None)
    assert frames(answer) == [f"https://web.test/over?{sent}", f"https://other.test/over?a=1&{sent}"]
    policy = (answer.headers.get("Content-Security-Policy") or "").split("; ")
    assert {"default-src 'none'", "frame-ancestors 'none'", "frame-src https://web.test https://other.test"} <= {
        *policy
    }
    back = f"{BYE}&state=x%26y"
    assert re.findall(r'<a href="([^"]*)">', answer.body.decode()) == [html.escape(back)]
    assert f'content="2;url={html.escape(back)}"' in answer.body.decode()
    assert not browser.is_logged_in
    assert refresh(stage, first) == 400


def test_a_client_that_wants_no_session_gets_its_address_alone(stage: Any, auth: Any) -> None:
    """Front-Channel Logout section 2: `iss` and `sid` come both or not at all."""
    auth({**FRONT, "clients.web.frontchannel_logout_session_required": False})
    browser = Browser(stage)
    answer = browser.log_out(id_token_hint=browser.log_in()["id_token"])

    assert frames(answer) == ["https://web.test/over"]


def test_frames_are_for_the_session_alone(stage: Any, auth: Any) -> None:
    """A client of another browser's session is not told, and a log-out that is refused or asked about opens nothing."""
    auth(FRONT)
    browser, elsewhere = Browser(stage), Browser(stage)
    hint = browser.log_in()["id_token"]
    elsewhere.log_in("other")
    for query in (
        {},
        {"id_token_hint": "garbage"},
        {"id_token_hint": hint, "post_logout_redirect_uri": "https://x.test"},
    ):
        assert frames(browser.log_out(**query)) == []
    answer = browser.log_out(id_token_hint=hint)

    assert [urlsplit(url).netloc for url in frames(answer)] == ["web.test"]
    assert elsewhere.is_logged_in


def test_logging_out_ends_the_cookie(stage: Any, clients: Clients) -> None:
    """On the page as in the redirect."""
    browser = Browser(stage)
    hint = browser.log_in()["id_token"]

    assert "Max-Age=0" in (browser.log_out(id_token_hint=hint).headers.get("Set-Cookie") or "")


def test_metadata_tells_of_both_channels(stage: Any, auth: Any) -> None:
    """Front-Channel Logout section 3 and Back-Channel Logout section 2.1."""
    auth(FRONT)
    document = stage.json(stage.get("auth", "/.well-known/openid-configuration"))

    for channel in ("frontchannel", "backchannel"):
        assert document[f"{channel}_logout_supported"] is True
        assert document[f"{channel}_logout_session_supported"] is True


@pytest.mark.parametrize("channel", ["frontchannel", "backchannel"])
@pytest.mark.parametrize("bad", ["/over", "over", "https://web.test/over#x", "https:///over", "https://web.test/o ver"])
def test_where_to_tell_is_an_absolute_address(auth: Any, channel: str, bad: str) -> None:
    """Front-Channel Logout section 2: absolute, and without a fragment (SQ381)."""
    with pytest.raises(UnplayableScenario, match="SQ381"):
        auth({f"clients.web.{channel}_logout_uri": bad})
