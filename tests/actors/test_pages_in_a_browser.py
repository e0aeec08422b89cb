"""The provider's pages in a real browser, against `seqtest serve` on this machine."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests

from seqtest.auth import jwt, pkce
from seqtest.cli.serving import Servers, scenario_of, serve
from seqtest.source import Source

pytestmark = pytest.mark.browser
DIAGRAM = """\
@startuml
participant web
participant op <<openid-provider>>
note over op
  users.alice.password = wonderland
  users.alice.sub = "123"
  clients.web.secret = tea-party
  clients.web.redirect_uri = http://127.0.0.1/jwks
  id_token.alg = ES256
  consent = required
end note
web -> op : GET /jwks
op --> web : 200
@enduml
"""
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"


@pytest.fixture(scope="module")
def servers() -> Iterator[Servers]:
    with serve(scenario_of(Source("pages.puml", DIAGRAM)), {}) as found:
        yield found


@pytest.fixture
def op(servers: Servers) -> str:
    """The provider's address. Where the browser is sent back to is there, too: any page that answers 200 will do."""
    (served,) = servers.served
    return served.url


def address(op: str, **change: str) -> str:
    wanted = {
        "response_type": "code",
        "client_id": "web",
        "redirect_uri": f"{op}/jwks",
        "scope": "openid email",
        "state": "s",
        "nonce": "n",
        "code_challenge": pkce.S256(VERIFIER),
        "code_challenge_method": "S256",
        **change,
    }
    return f"{op}/oauth/authorize?{urlencode(wanted)}"


def came_back(page: Any, op: str) -> dict[str, str]:
    """With what the browser was sent back to the client."""
    page.wait_for_url(f"{op}/jwks?*")
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def log_in(page: Any, password: str = "wonderland") -> None:
    page.get_by_label("Name").fill("alice")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()


def test_a_person_logs_in_and_consents(open_page: Any, op: str) -> None:
    """By labels and buttons, without a script; the code is good, and the next log-in needs no password."""
    page = open_page(address(op), java_script_enabled=False)
    log_in(page)
    assert page.get_by_role("heading").inner_text() == "May web do this for you?"
    assert page.get_by_role("listitem").all_inner_texts() == ["Know who you are", "See your e-mail address"]
    page.get_by_role("button", name="Allow").click()
    back = came_back(page, op)

    form = {
        "grant_type": "authorization_code",
        "code": back["code"],
        "redirect_uri": f"{op}/jwks",
        "code_verifier": VERIFIER,
    }
    tokens = requests.post(f"{op}/token", data=form, auth=("web", "tea-party"), timeout=5).json()
    keys = requests.get(f"{op}/jwks", timeout=5).json()
    assert jwt.verify(tokens["id_token"], keys).claims["nonce"] == "n"
    page.goto(address(op))
    assert page.get_by_role("heading").inner_text() == "May web do this for you?"


def test_a_wrong_password_and_no_consent(open_page: Any, op: str) -> None:
    """The page says what is wrong, keeps the name, and takes the right password; no is told to the client."""
    page = open_page(address(op), may_complain=True)
    log_in(page, "looking-glass")
    assert page.get_by_role("alert").inner_text() == "The name or the password is wrong."
    assert page.get_by_label("Name").input_value() == "alice"
    assert page.get_by_label("Password").input_value() == ""
    page.get_by_label("Password").fill("wonderland")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Deny").click()

    assert came_back(page, op)["error"] == "access_denied"


def test_the_policy_lets_the_style_in_and_nothing_else(open_page: Any, op: str) -> None:
    """The page is laid out, the browser has nothing to complain of, and a script that got in would not run."""
    page = open_page(address(op))

    assert page.evaluate("getComputedStyle(document.querySelector('button')).backgroundColor") == "rgb(21, 24, 31)"
    page.evaluate("document.body.append(Object.assign(document.createElement('script'), {text: 'window.ran = 1'}))")
    assert page.evaluate("window.ran") is None
    assert any("Content Security Policy" in said for said in open_page.wrong)
    open_page.wrong.clear()


def test_the_cookies_are_out_of_reach_of_scripts(open_page: Any, op: str) -> None:
    """`document.cookie` shows none; the session's is for the whole site, the interaction's for its page."""
    page = open_page(address(op))
    log_in(page)
    page.get_by_role("button", name="Allow").wait_for()
    held = {cookie["name"]: cookie for cookie in page.context.cookies()}

    assert page.evaluate("document.cookie") == ""
    assert {name: (one["path"].split("/")[1], one["httpOnly"], one["sameSite"]) for name, one in held.items()} == {
        "interaction": ("interaction", True, "Lax"),
        "op_session": ("", True, "Lax"),
    }


def test_nobody_can_frame_the_page(open_page: Any, op: str, tmp_path: Any) -> None:
    """In a page of somebody else it stays empty."""
    (tmp_path / "frame.html").write_text(f'<iframe src="{address(op)}"></iframe>'.replace("&", "&amp;"))
    page = open_page((tmp_path / "frame.html").as_uri(), may_complain=True)

    assert "Log in" not in page.frames[1].content()


def test_the_cursor_waits_where_it_is_needed(open_page: Any, op: str) -> None:
    """In the name at first; after a wrong password there, with the problem read out and named by the fields."""
    page = open_page(address(op), may_complain=True)
    page.locator("input[name=login]:focus").wait_for()
    log_in(page, "wrong")
    page.locator("input[name=password]:focus").wait_for()
    problem = page.get_by_role("alert")
    assert problem.inner_text() == "The name or the password is wrong."
    field = page.get_by_label("Password")
    assert (field.get_attribute("aria-invalid"), field.get_attribute("aria-describedby")) == ("true", "problem")
    assert page.get_by_label("Name").input_value() == "alice"


CONTRAST = """() => {
  const rgb = text => text.match(/[\\d.]+/g).slice(0, 3).map(Number);
  const light = text => rgb(text).map(v => v / 255).map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const ratio = (a, b) => (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
  const paper = getComputedStyle(document.body).backgroundColor;
  return [...document.querySelectorAll("h1, label, p, button, input, li")].map(one => {
    const style = getComputedStyle(one);
    const behind = style.backgroundColor === "rgba(0, 0, 0, 0)" ? paper : style.backgroundColor;
    return ratio(light(style.color), light(behind));
  });
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["", "/device", "/logout", "/oauth/authorize?client_id=nobody"])
def test_pages_can_be_read(open_page: Any, op: str, scheme: str, path: str) -> None:
    """WCAG 1.4.3 and 1.4.10: enough contrast by day and by night, and nothing to scroll sideways on a phone."""
    page = open_page(
        address(op) if not path else f"{op}{path}",
        may_complain="nobody" in path,
        color_scheme=scheme,
        viewport={"width": 320, "height": 640},
    )
    ratios = page.evaluate(CONTRAST)

    assert ratios
    assert min(ratios) >= 4.5
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)"
    assert dark is (scheme == "dark")


SPA = """\
@startuml
participant shop
participant evil
participant op <<openid-provider>>
note over op
  users.alice.password = wonderland
  users.alice.name = Alice
  clients.shop.redirect_uri = {shop.url}/
  id_token.alg = ES256
end note
shop -> op : GET /jwks
op --> shop : 200
@enduml
"""
SCRIPT = """async ([op, form]) => {
  const metadata = await (await fetch(`${op}/.well-known/openid-configuration`)).json();
  const answer = await fetch(metadata.token_endpoint, {method: "POST", body: new URLSearchParams(form)});
  const tokens = await answer.json();
  const headers = {Authorization: `Bearer ${tokens.access_token}`};
  const user = await (await fetch(metadata.userinfo_endpoint, {headers})).json();
  const refused = await fetch(metadata.userinfo_endpoint, {headers: {Authorization: "Bearer x"}});
  return [user.name, refused.headers.get("WWW-Authenticate").slice(0, 6)];
}"""


def test_an_application_in_the_browser(open_page: Any) -> None:
    """A script of the client's origin redeems its code, asks UserInfo and reads a challenge; another's may not."""

    def page_of(request: Any) -> Any:
        return "<!doctype html><title>shop</title><link rel=icon href=data:,>", 200, {"Content-Type": "text/html"}

    with serve(scenario_of(Source("spa.puml", SPA)), {"shop": page_of, "evil": page_of}) as found:
        url = {one.participant: one.url for one in found.served}
        wanted = address(url["op"], client_id="shop", redirect_uri=f"{url['shop']}/", scope="openid profile")
        page = open_page(wanted, may_complain=True)
        log_in(page)
        page.wait_for_url(f"{url['shop']}/?*")
        form = {
            "grant_type": "authorization_code",
            "client_id": "shop",
            "code": parse_qs(urlsplit(page.url).query)["code"][0],
            "redirect_uri": f"{url['shop']}/",
            "code_verifier": VERIFIER,
        }
        seen = page.evaluate(SCRIPT, [url["op"], form])
        # On 127.0.0.1 any port is the client's (RFC 8252 section 7.3); by this name it is somebody else.
        other = open_page(f"{url['evil']}/".replace("127.0.0.1", "localhost"), may_complain=True)
        blocked = other.evaluate("op => fetch(`${op}/token`, {method: 'POST'}).then(() => 1, () => 0)", url["op"])

    assert seen == ["Alice", "Bearer"]
    assert blocked == 0
