"""The login and consent pages: forms that only the browser which they were made for can send."""

import re
from typing import Any
from urllib.parse import urlencode

import pytest

from seqtest.exchange import Response
from seqtest.user_agent.html import Form, read_page

HOSTILE = "\"><script>alert(1)</script>'&"
MORE = {"clients.web.redirect_uri": "https://web.test/cb", "clients.app.redirect_uri": "com.example.app:/cb"}
REQUEST = {
    "response_type": "code",
    "client_id": "web",
    "redirect_uri": "https://web.test/cb",
    "scope": "openid email read",
    "state": "s",
    "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    "code_challenge_method": "S256",
}
RIGHT = {"login": "alice", "password": "wonderland"}


class Visitor:
    """A browser on its way through the provider's pages."""

    def __init__(self, stage: Any) -> None:
        self.agent = stage.browser()
        self.place = ""

    def begin(self, **change: str) -> Response:
        answer: Response = self.agent.send("GET", f"/authorize?{urlencode({**REQUEST, **change})}")
        self.place = answer.headers.get("Location") or ""
        return answer

    def page(self) -> Response:
        answer: Response = self.agent.send("GET", self.place)
        return answer

    def answer(self, **form: str) -> Response:
        answer: Response = self.agent.send("POST", self.place, form)
        return answer


@pytest.fixture
def visitor(stage: Any, auth: Any) -> Visitor:
    auth({**MORE, "consent": "required"})
    return Visitor(stage)


def form_of(page: Response) -> Form:
    (found,) = read_page(page.body, "https://auth.test/", None).forms
    return found


def test_a_person_can_read_and_fill_in_the_login_page(visitor: Visitor) -> None:
    """One form, a label for each field, the names that password managers know, and nothing that needs a script."""
    visitor.begin(login_hint="alice@example.org")
    page = visitor.page()
    text = page.body.decode()
    form = form_of(page)

    assert form.field_names() == ["csrf", "login", "password"]
    assert form.named("login")[0].value == "alice@example.org"
    for field, hint in (("login", "username"), ("password", "current-password")):
        assert f'<label for="{field}">' in text
        assert f'id="{field}"' in text
        assert f'autocomplete="{hint}"' in text
    assert '<html lang="en">' in text
    assert "<main>" in text
    assert "<script" not in text


def test_a_wrong_password_is_told_to_everybody(visitor: Visitor) -> None:
    """By an alert that both fields point to; the name stays, the password does not (no 401: that wants a challenge)."""
    visitor.begin()
    page = visitor.answer(login="alice", password="looking-glass")
    text = page.body.decode()

    assert (page.status, page.headers.get("WWW-Authenticate")) == (403, None)
    assert '<p id="problem" role="alert">The name or the password is wrong.</p>' in text
    assert text.count('aria-describedby="problem" aria-invalid="true"') == 2
    assert [control.value for control in form_of(page).controls[1:3]] == ["alice", ""]
    assert "looking-glass" not in text
    assert visitor.answer(**RIGHT).status == 303


def test_what_is_shown_is_text(visitor: Visitor) -> None:
    """Whatever comes: the hint, the name, scopes."""
    visitor.begin(login_hint=HOSTILE)
    pages = [visitor.page(), visitor.answer(login=HOSTILE, password="x")]

    for page in pages:
        assert b"<script" not in page.body
        assert form_of(page).named("login")[0].value == HOSTILE


def test_the_consent_page_says_who_asks_for_what(visitor: Visitor) -> None:
    """Scopes in words where OpenID Connect has them; the first button says yes, the second no."""
    visitor.begin()
    visitor.answer(**RIGHT)
    text = visitor.page().body.decode()

    assert "May web do this for you?" in text
    assert re.findall("<li>(.*?)</li>", text) == ["Know who you are", "See your e-mail address", "read"]
    assert [control.value for control in form_of(visitor.page()).named("consent")] == ["allow", "deny"]


def test_no_is_no(visitor: Visitor) -> None:
    """RFC 6749 section 4.1.2.1; and a page that was answered is gone."""
    visitor.begin()
    visitor.answer(**RIGHT)
    answer = visitor.answer(consent="deny")

    assert "error=access_denied" in (answer.headers.get("Location") or "")
    assert "state=s" in (answer.headers.get("Location") or "")
    assert visitor.answer(consent="allow").status == 400


FORGED = {
    "no token": {"csrf": ""},
    "another token": {"csrf": "x" * 22},
    "the token of the login page": None,
}


@pytest.mark.parametrize("change", FORGED)
def test_a_form_that_the_page_did_not_make(visitor: Visitor, change: str) -> None:
    """RFC 6749 section 10.12: 4xx, and no code; the right form still works after it."""
    visitor.begin()
    login_token = form_of(visitor.page()).named("csrf")[0].value
    visitor.answer(**RIGHT)
    visitor.page()
    answer = visitor.answer(consent="allow", **(FORGED[change] or {"csrf": login_token}))

    assert (answer.status, answer.headers.get("Location")) == (403, None)
    assert "code=" in (visitor.answer(consent="allow").headers.get("Location") or "")


def test_a_page_is_for_the_browser_that_it_was_made_for(stage: Any, visitor: Visitor) -> None:
    """Another browser that is led to the page, token and all, gets no further."""
    visitor.begin()
    other = Visitor(stage)
    other.place = visitor.place

    assert other.answer(**RIGHT).status == 403
    assert other.agent.cookies == {}
    assert visitor.answer(**RIGHT).status == 303


def test_asking_changes_nothing(visitor: Visitor) -> None:
    """A GET with the answers in its query is no answer."""
    visitor.begin()
    visitor.page()
    hidden = visitor.agent.hidden
    answer = visitor.agent.send("GET", f"{visitor.place}?{urlencode({**RIGHT, **hidden})}")

    assert (answer.status, answer.headers.get("Location")) == (200, None)


def test_headers(visitor: Visitor) -> None:
    """No cache, no frame, no script, no other address than the client's (RFC 9700 section 4.16)."""
    visitor.begin()
    headers = visitor.page().headers
    policy = (headers.get("Content-Security-Policy") or "").split("; ")

    assert headers.get("Cache-Control") == "no-store"
    assert headers.get("X-Frame-Options") == "DENY"
    assert headers.get("X-Content-Type-Options") == "nosniff"
    assert {"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"} <= {*policy}
    assert "form-action 'self' https://web.test" in policy


def test_an_app_with_its_own_scheme(visitor: Visitor) -> None:
    """RFC 8252 section 7.1: the form may lead there."""
    visitor.begin(client_id="app", redirect_uri="com.example.app:/cb")

    assert "form-action 'self' com.example.app:;" in f"{visitor.page().headers.get('Content-Security-Policy')};"


@pytest.mark.parametrize(("scheme", "secure"), [("https", True), ("http", False)])
def test_the_interactions_cookie(stage: Any, auth: Any, scheme: str, secure: bool) -> None:
    """Out of reach of scripts and other sites, for its own page only; `Secure` unless all is plain."""
    server = auth(MORE)
    object.__setattr__(server.part, "url", f"{scheme}://auth.test")
    cookie = Visitor(stage).begin().headers.get("Set-Cookie") or ""

    assert cookie.startswith("interaction=")
    assert all(f"; {word}" in cookie for word in ("HttpOnly", "SameSite=Lax", "Path=/interaction/"))
    assert ("; Secure" in cookie) is secure


@pytest.mark.parametrize(
    ("prompt", "error"),
    [("create", "invalid_request"), ("none login", "invalid_request"), ("none", "login_required")],
)
def test_prompt(visitor: Visitor, prompt: str, error: str) -> None:
    """OpenID Connect Core sections 3.1.2.1 and 3.1.2.6."""
    assert f"error={error}" in (visitor.begin(prompt=prompt).headers.get("Location") or "")


@pytest.mark.parametrize("prompt", ["login", "select_account", "login consent"])
def test_prompt_asks_again(visitor: Visitor, prompt: str) -> None:
    """Whoever is logged in is asked for the password all the same."""
    visitor.begin()
    visitor.answer(**RIGHT)
    visitor.answer(consent="allow")
    visitor.begin(prompt=prompt)

    assert form_of(visitor.page()).field_names() == ["csrf", "login", "password"]
