"""A scripted browser in drawn flows: cookies, redirects, forms and links, against applications of the user's own."""

import re
import secrets
import time
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask, Response, redirect, request, session

from seqtest import api
from seqtest.auth.jwt import sign
from seqtest.auth.keys import make_key
from seqtest.diagram.read import read
from seqtest.errors import Diagnostic
from seqtest.exchange import Headers
from seqtest.exchange import Response as Answer
from seqtest.source import Source
from seqtest.verdict import Verdict

HEAD = "participant browser <<browser>>\nparticipant web\n"


def play(text: str, case: int = 0, outside: Callable[[str], Any] = api.nowhere, **bindings: Any) -> Verdict:
    """The verdict on one case of a drawing with a browser."""
    diagram = read(Source("flow.puml", f"@startuml flow\n{HEAD}{text}\n@enduml\n"))[0]
    return api.play(api.ready(api.cases(diagram)[case], bindings, outside=outside))


def codes(verdict: Verdict) -> list[str]:
    return [finding.code for finding in verdict.failures]


def says(verdict: Verdict) -> str:
    return "\n".join(finding.message for finding in verdict.failures)


def shop() -> Flask:
    """A login form as web frameworks make them: a CSRF token, a session cookie, a redirect to where one came from."""
    app = Flask("shop")
    app.secret_key = "for tests"
    app.config.update(TESTING=True, SESSION_COOKIE_SECURE=True, SESSION_COOKIE_SAMESITE="Lax")

    @app.get("/login")
    def form():
        session["csrf"] = secrets.token_urlsafe(16)
        return f"""<form method="post"><input type="hidden" name="csrf" value="{session["csrf"]}">
          <input name="login"><input name="password" type="password">
          <input type="checkbox" name="stay" value="yes"><button>Log in</button></form>
          <a href="/forgot?from=login">Forgot?</a>"""

    @app.post("/login")
    def check():
        if request.form["csrf"] != session.pop("csrf", None) or request.headers.get("Referer") != request.url:
            return "another form", 403
        if request.form["password"] != "wonderland":
            return "try again", 401
        session["user"] = request.form["login"]
        return redirect("/me")

    @app.get("/me")
    def me():
        return {"name": session["user"]} if "user" in session else ("", 401)

    @app.get("/forgot")
    def forgot():
        return "ask " + request.args["from"]

    @app.post("/logout")
    def log_out():
        session.clear()
        return ""

    return app


LOGIN = """
browser -> web : GET /login
web --> browser : 200
note left : form.login present
browser -> web : POST {form}
note right
  login = alice
  password = wonderland
end note
web --> browser : 302 Found
"""


def test_a_browser_logs_in_with_a_form() -> None:
    """The hidden token and the session cookie go along though nobody draws them."""
    verdict = play(LOGIN + "browser -> web : GET {Location}\nweb --> browser : 200 OK {name: alice}", web=shop())

    assert verdict.is_kept, says(verdict)
    assert (verdict.arrows_seen, verdict.under_test) == (6, ("web",))


@pytest.mark.parametrize(
    ("line", "status"),
    [("csrf = wrong", 403), ("csrf absent", 400), ("password = x", 401), ("Referer: https://evil.test/", 403)],
)
def test_what_a_form_would_not_send_can_be_drawn(line: str, status: int) -> None:
    """Another value, a field left out, a header."""
    lines = ["login = alice", line] if "password" in line else ["login = alice", "password = wonderland", line]
    note = "\n".join(f"  {one}" for one in lines)
    text = f"""
browser -> web : GET /login
web --> browser : 200
browser -> web : POST {{form}}
note right
{note}
end note
web --> browser : {status}
"""
    assert play(text, web=shop()).is_kept


def test_other_scripted_parties_send_only_drawn_cookies() -> None:
    """Without the stereotype nothing is kept: the same two requests are nobody's session."""
    after = "X -> web : GET /me\nweb --> X : 200"

    assert play(LOGIN + after.replace("X", "browser"), web=shop()).is_kept
    assert codes(play("participant other\n" + LOGIN + after.replace("X", "other"), web=shop())) == ["SQ532"]


@pytest.mark.parametrize(
    ("arrow", "note", "message"),
    [
        ("POST {form}", "logn = alice", "no field `logn`"),
        ("POST {form}", "stay = no", "`stay` cannot be `no`"),
        ("POST {form}", "logn absent", "no field `logn`"),
        ("POST {form}", "csrf : uuid", "`csrf` is no uuid"),
        ("POST {form}", "login = alice\n  nothing else", "`csrf`, `password` came"),
        ("GET {form}", "", "sent with POST"),
        ('POST {form "consent"}', "", "no form `consent`"),
        ('GET {link "Forgotten"}', "", "no link `Forgotten`"),
        ("GET {Location}", "", "no redirect"),
        ("GET /me", "cookie.sid present", "does not send the cookie `sid`: it was never set"),
        ("GET /me", "cookie.sid : opaque", "does not send the cookie `sid`: it was never set"),
        ("GET /me", "cookie.session absent", "the cookie `session` is there"),
        ("GET /me", "Cookie absent", "is there"),
    ],
)
def test_what_a_browser_cannot_do_is_red(arrow: str, note: str, message: str) -> None:
    """Nothing is made up where the page, the redirect or the jar has nothing."""
    verdict = play(
        f"""
browser -> web : GET /login
web --> browser : 200
browser -> web : {arrow}
{f"note right{chr(10)}  {note}{chr(10)}end note" if note else ""}
web --> browser : 2xx
""",
        web=shop(),
    )

    assert not verdict.is_kept
    assert message in says(verdict)


def test_what_a_form_holds_is_kept_where_no_value_is_drawn() -> None:
    """`csrf : opaque` checks the hidden token that is sent; `as` makes it known."""
    text = LOGIN.replace("login = alice\n", "login = alice\n  csrf : opaque as token\n")
    again = "browser -> web : POST /login\nnote right : csrf = {token}\nweb --> browser : 400 or 403"

    assert play(text + again, web=shop()).is_kept


def test_a_link_is_followed() -> None:
    """To where the page says, query and all."""
    text = """
browser -> web : GET /login
web --> browser : 200
browser -> web : GET {link "Forgot?"}
note right : from = login
web --> browser : 200
note left : body contains login
"""
    assert play(text, web=shop()).is_kept
    assert not play(text.replace("from = login", "from = elsewhere"), web=shop()).is_kept


def test_a_redirect_goes_where_the_arrow_points_or_fails() -> None:
    """`{Location}` is the last redirect, drawn or not; its host must be the receiver's."""

    def web(asked):
        return "", 302, {"Location": "https://evil.test/x"}

    text = """
participant other
browser -> web : GET /x
web --> browser : 302
browser -> {} : GET {{Location}}
{} --> browser : 200
"""

    assert codes(play(text.format("other", "other"), web=web)) == ["SQ568"]
    assert play(text.format("evil", "evil"), web=web, evil=lambda asked: 200).is_kept


def test_a_redirect_is_relative_to_what_was_asked() -> None:
    """RFC 9110 section 10.2.2; the fragment stays at home."""

    def web(asked):
        return ("", 302, {"Location": "b?c=1#top"}) if asked.url.endswith("/a/x") else (asked.url, 200)

    text = """
browser -> web : GET /a/x
web --> browser : 302
browser -> web : GET {Location}
note right : c = 1
web --> browser : 200
"""

    assert play(text + "note left : body = https://web.test/a/b?c=1", web=web).is_kept


def test_what_is_drawn_of_a_redirect_is_checked() -> None:
    """A server that loses `state` is found where the browser goes on."""

    def web(asked):
        return ("", 302, {"Location": "/cb?state=other"}) if asked.url.endswith("/x") else 200

    text = """
browser -> web : GET /x
web --> browser : 302
browser -> web : GET {Location}
note right : state = right
web --> browser : 200
"""

    assert codes(play(text, web=web)) == ["SQ550"]


@pytest.mark.parametrize(("status", "method"), [(302, "GET"), (303, "GET"), (301, "GET"), (307, "POST"), (308, "POST")])
def test_the_method_after_a_redirect(status: int, method: str) -> None:
    """307 and 308 send the form again, password and all (RFC 9110 section 15.4.8); the others ask with GET."""

    def web(asked):
        if asked.url.endswith("/b"):
            return f"{asked.method} {asked.body.decode()}"
        if asked.method == "GET":
            return "<form method=post><input name=password></form>", 200, {"Content-Type": "text/html"}
        return "", status, {"Location": "/b"}

    text = """
browser -> web : GET /a
web --> browser : 200
browser -> web : POST {form}
note right : password = wonderland
web --> browser : 3xx
browser -> web : X {Location}
web --> browser : 200
note left : body = 
"""
    kept = {"GET": "GET ", "POST": "POST password=wonderland"}
    for tried in kept:
        drawn = text.replace("X {", f"{tried} {{").replace("body = ", f'body = "{kept[tried]}"')
        verdict = play(drawn, web=web)
        assert verdict.is_kept is (tried == method), says(verdict)


SITES = """
participant evil
browser -> web : GET /start
web --> browser : 200
browser -> evil : GET /
evil --> browser : 200
browser -> web : X
web --> browser : 200
note left : body = Y
"""


@pytest.mark.parametrize(
    ("arrow", "came"),
    [
        ("GET /x", "default lax none strict"),  # typed in
        ('GET {link "go"}', "default lax none"),
        ("POST {form}", "none"),
        ("GET /x\nnote right : Origin: https://evil.test", "none"),  # a script of the page
        ("GET /x\nnote right : Origin: https://api.web.test", "default lax none strict"),  # the same site
    ],
)
def test_cookies_and_other_sites(arrow: str, came: str) -> None:
    """`SameSite` keeps cookies away from what another site sends (RFC 6265bis section 5.8.3)."""

    def web(asked):
        if asked.url.endswith("/start"):
            attributes = {
                "strict": "SameSite=Strict",
                "lax": "SameSite=Lax",
                "none": "SameSite=None",
                "default": "Path=/",
            }
            fields = [("Set-Cookie", f"{name}=1; Secure; {text}") for name, text in attributes.items()]
            return "", 200, [("Content-Type", "text/html"), *fields]
        return " ".join(sorted(pair.split("=")[0] for pair in (asked.headers.get("Cookie") or "").split("; ")))

    def evil(asked):
        page = '<a href="https://web.test/x">go</a><form method=post action="https://web.test/x"></form>'
        return page, 200, {"Content-Type": "text/html"}

    verdict = play(SITES.replace("X", arrow).replace("Y", f'"{came}"'), web=web, evil=evil)

    assert verdict.is_kept, says(verdict)


def test_a_cookie_expires_on_the_runs_clock() -> None:
    """Nobody waits for it."""

    def web(asked):
        return 200 if asked.headers.get("Cookie") else ("", 401, {"Set-Cookie": "a=1; Max-Age=60"})

    ask = "browser -> web : GET /\nweb --> browser : {}\n"

    assert play(ask.format(401) + "... 50 seconds later ...\n" + ask.format(200), web=web).is_kept
    assert play(ask.format(401) + "... 70 seconds later ...\n" + ask.format(401), web=web).is_kept


def test_a_cookie_that_a_browser_refuses_says_why() -> None:
    """The server believes that it is set."""

    def web(asked):
        return "", 200, {"Set-Cookie": "a=1; SameSite=None"}

    text = """
browser -> web : GET /
web --> browser : 200
browser -> web : GET /
note right : cookie.a present
web --> browser : 200
"""

    assert "`SameSite=None` needs `Secure`" in says(play(text, web=web))


def test_two_browsers_are_two_jars() -> None:
    """What one got, the other does not send."""
    text = "participant other <<user-agent>>\n" + LOGIN + "other -> web : GET /me\nweb --> other : 401"

    assert play(text, web=shop()).is_kept


def test_a_told_page_is_what_the_flow_needs() -> None:
    """Between scripted parties nothing tests the form; what it sends is known, and the redirect leads to the client."""
    text = """
participant op
browser -> web : GET /login
web --> browser : 303
browser -> op : GET {Location}
op --> browser : 200
browser -> op : POST {form}
note right : login = alice
op --> browser : 303
note left
  Location: {web.url}/cb
    code = {new code}
    who = {login}
end note
browser -> web : GET {Location}
web --> browser : 200
note left : body = "alice"
"""

    def web(asked):
        if "/login" in asked.url:
            return "", 303, {"Location": "https://op.test/authorize"}
        return re.findall(r"who=(\w+)", asked.url)[0]

    verdict = play(text, web=web)

    assert verdict.is_kept, says(verdict)


def test_a_drawn_page_has_the_drawn_fields_only() -> None:
    """A scripted server that draws `form.login` makes a page with that field."""
    text = """
participant op
browser -> op : GET /
op --> browser : 200
note left
  form.login present
  form.csrf = t0ken
end note
browser -> op : POST {form}
note right : X = alice
op --> browser : 200
browser -> web : GET /
web --> browser : 200
"""
    assert play(text.replace("X", "login"), web=lambda asked: 200).is_kept
    assert "no field `user`" in says(play(text.replace("X", "user"), web=lambda asked: 200))


def test_form_fields_of_a_page_are_checked() -> None:
    """Value, presence, and that there is a page at all."""

    def answer(body: str, kind: str = "text/html") -> Callable[[Any], Any]:
        return lambda asked: (body, 200, {"Content-Type": kind})

    text = "browser -> web : GET /\nweb --> browser : 200\nnote left : {}"
    page = answer("<form><input name=a value=1><input name=b><select name=c><option>x</select></form>")

    for line in ("form.a = 1", "form.b present", "form.c = x", "form.d absent", "form.a matches /\\d/"):
        assert play(text.format(line), web=page).is_kept, line
    for line in ("form.a = 2", "form.d present", "form.b absent", "form.a : uuid"):
        assert not play(text.format(line), web=page).is_kept, line
    assert codes(play(text.format("form.a absent"), web=answer("{}", "application/json"))) == ["SQ556"]


def test_the_browsers_own_page_can_be_rebound() -> None:
    """A browser that is bound is no scripted one: it asks by itself."""
    text = "browser -> web : GET /\nweb --> browser : 200"
    diagram = read(Source("flow.puml", f"@startuml\n{HEAD}{text}\n@enduml\n"))[0]

    ready = api.ready(api.cases(diagram)[0], {"browser": lambda action: None, "web": lambda asked: 200})

    assert ready.script.user_agents == frozenset()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("participant client\nclient -> web : POST {form}\nweb --> client : 200", "SQ376"),
        ("web -> client : GET {link}\nclient --> web : 200", "SQ376"),
        ('browser -> web : POST {link "x"}\nweb --> browser : 200', "SQ376"),
        ("browser -> web : POST /a/{form}\nweb --> browser : 200", "SQ244"),
        ("browser -> web : POST /a\nnote right : a = {form}\nweb --> browser : 200", "SQ244"),
    ],
)
def test_pages_are_browsers_alone(text: str, code: str) -> None:
    """Found before anything runs."""
    with pytest.raises(Diagnostic) as raised:
        play(text, web=lambda asked: 200)

    assert code in [finding.code for finding in raised.value.findings]


def test_without_lxml_a_page_is_an_error_that_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """And never a pass."""
    import sys

    from seqtest.user_agent.html import read_page

    read_page.cache_clear()
    monkeypatch.setitem(sys.modules, "lxml", None)
    text = "browser -> web : GET /login\nweb --> browser : 200\n"
    submitted = play(text + "browser -> web : POST {form}\nweb --> browser : 2xx", web=shop())
    checked = play(text + "note left : form.nothing absent", web=shop())

    assert "seqtest[browser]" in "".join(finding.do for finding in submitted.failures)
    assert "seqtest[browser]" in says(checked)


def test_a_page_with_two_forms() -> None:
    """The one that has the drawn fields; by name; else which one is meant is asked."""

    def web(asked):
        if asked.method == "POST":
            return asked.body.decode()
        forms = (
            "<form name=a method=post><input name=x></form><form id=b method=post><input name=y><input name=z></form>"
        )
        return Response(forms).get_data(), 200, {"Content-Type": "text/html"}

    def verdict(target: str, note: str) -> Verdict:
        lines = f"note right : {note}\n" if note else ""
        return play(
            "browser -> web : GET /\nweb --> browser : 200\n"
            f"browser -> web : POST {target}\n{lines}web --> browser : 200",
            web=web,
        )

    assert verdict("{form}", "y = 1").is_kept
    assert verdict('{form "b"}', "").is_kept
    assert verdict('{form "a"}', "x = 1").is_kept
    assert "2 forms" in says(verdict("{form}", ""))
    assert "2 forms" in says(verdict("{form}", "q = 1"))
    assert "no field `y`" in says(verdict('{form "a"}', "y = 1"))


def test_a_redirect_draws_no_quiet_request() -> None:
    """`GET {Location}` may go anywhere: what is quiet at its receiver stays so."""

    def web(asked):
        from requests import get

        return ("", 302, {"Location": "/b"}) if asked.url.endswith("/a") else get("https://op.test/jwks").status_code

    text = """
participant op
note over op
  key = RS256
  quiet = GET /jwks
end note
browser -> web : GET /a
web --> browser : 302
browser -> web : GET {Location}
web --> browser : 200
browser -> op : GET /b
op --> browser : 302
note left : Location: /c
browser -> op : GET {Location}
op --> browser : 200
"""
    verdict = play(text, web=web)

    assert verdict.is_kept, says(verdict)


@pytest.mark.parametrize(
    "text",
    [
        "participant rp <<relying-party>>\nbrowser -> rp : GET /login\nrp --> browser : 303",
        "participant rp <<relying-party>>\nuser -> rp : get a token\nrp --> user : got one",
    ],
)
def test_what_an_actor_of_ours_misses_is_no_answer_of_its(text: str) -> None:
    """A relying party that is not told of a provider says so: an error at the arrow, not a 500."""
    (finding,) = play(text, web=lambda asked: 200).failures

    assert (finding.code, finding.severity) == ("SQ387", "error")
    assert finding.span is not None


# ---- Tokens that a browser brings along ------------------------------------------------------------------------------

BROUGHT = """participant op
note over op : jwks_uri = /keys
browser -> op : GET /authorize
op --> browser : {status}
browser -> web : {leads}
note left
  response : jwt
    iss = https://op.test
    sub = alice
{line}
end note
web --> browser : 200
"""
FORM = BROUGHT.replace("{status}", "200").replace("{leads}", "POST {form}")
REDIRECT = BROUGHT.replace("{status}", "302").replace("{leads}", "GET {Location}")


def provider(key: Any, **claims: Any) -> Flask:
    """Its page posts a token by itself, and its redirect carries one; it publishes one key and signs with another."""
    app, published = Flask("provider"), make_key("ES256", "k1", "op")

    def token() -> str:
        now = int(time.time())
        own = {"iss": "https://op.test", "sub": "alice", "iat": now, "exp": now + 300, **claims}
        return sign({"kid": "k1"}, own, key or published)

    @app.get("/authorize")
    def authorize():
        if "form" in app.config:
            field = f'<input type="hidden" name="response" value="{token()}">'
            return f'<form method="post" action="https://web.test/cb">{field}<button>Go on</button></form>'
        return redirect(f"https://web.test/cb?response={token()}")

    app.add_url_rule("/keys", "keys", lambda: {"keys": [published.public_jwk]})
    return app


@pytest.mark.parametrize("text", [FORM, REDIRECT])
@pytest.mark.parametrize("line", ["", "    signed by op"])
def test_a_token_that_a_browser_brings_is_verified(text: str, line: str) -> None:
    """The page or the redirect said nothing of it, so this is where it is looked at; the browser makes none itself."""
    web = Flask("web")
    web.add_url_rule("/cb", "cb", lambda: "hello", methods=["GET", "POST"])

    def found(*arguments: Any, **claims: Any) -> list[str]:
        op = provider(*arguments, **claims)
        op.config.update({"form": True} if text is FORM else {})
        return codes(play(text.replace("{line}", line), op=op, web=web))

    assert found(None) == []
    assert found(make_key("ES256", "k1", "mallory")) == ["SQ562"]
    assert found(None, exp=1000) == ["SQ572"]
    assert found(None, sub="bob") == ["SQ550"]


def test_who_is_said_to_have_signed_what_a_browser_brings_is_a_participant() -> None:
    """A stranger has no keys to verify with."""
    with pytest.raises(Diagnostic, match="SQ367"):
        play(FORM.replace("{line}", "    signed by mallory"), op=provider(None), web=Flask("web"))


ODD = b"""<form action="http://["><button>Go on</button></form><a href="http://[">on</a>"""


@pytest.mark.parametrize("address", ["http://[", "https://web.test:99999/x", "https://web.test:x/"])
@pytest.mark.parametrize("leads", ["GET {Location}", "GET {form}", 'GET {link "on"}'])
def test_what_is_no_address_leads_a_browser_nowhere(address: str, leads: str) -> None:
    """A redirect, a form or a link that nobody can follow is the application's fault, and told so."""
    is_redirect = "Location" in leads
    body = ODD.replace(b"http://[", address.encode())
    headers = Headers([("Location", address)] if is_redirect else [("Content-Type", "text/html")])
    status = 302 if is_redirect else 200
    text = f"browser -> web : GET /x\nweb --> browser : {status}\n"

    def web(request: Any) -> Answer:
        return Answer(status, headers, b"" if is_redirect else body)

    assert play(text, web=web).is_kept
    assert codes(play(f"{text}browser -> web : {leads}\nweb --> browser : 200\n", web=web)) == ["SQ568"]


def test_an_answer_with_an_address_that_is_none_is_an_answer() -> None:
    """Whatever its status is."""
    text = "browser -> web : GET /x\nweb --> browser : 200\n"

    assert play(text, web=lambda request: Answer(200, Headers([("Location", "http://[")]))).is_kept


@pytest.mark.parametrize(("tokens", "found"), [(("a1", "b2"), []), (("a1", "a1"), ["SQ554"])])
def test_what_a_browser_brings_is_new_each_time(tokens: tuple[str, ...], found: list[str]) -> None:
    """`csrf unique`: the page showed it before, and no earlier form had it."""
    pages = iter(tokens)

    def web(request: Any) -> Answer:
        if request.method == "POST":
            return Answer(200)
        field = f'<input type="hidden" name="csrf" value="{next(pages)}">'
        page = f'<form method="post">{field}<button>Go on</button></form>'
        return Answer(200, Headers([("Content-Type", "text/html")]), page.encode())

    once = "browser -> web : GET /x\nweb --> browser : 200\nbrowser -> web : POST {form}\nnote left : csrf unique\n"
    text = (once + "web --> browser : 200\n") * 2

    assert codes(play(text, web=web)) == found
