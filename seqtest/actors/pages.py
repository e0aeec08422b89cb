"""The authorization server's own pages: plain HTML forms that a browser, or a drawn request, can fill in."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import field
from hashlib import sha256
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from seqtest.actors.web import NO_STORE
from seqtest.dataclass import dataclass
from seqtest.exchange import NOTHING

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as WebResponse

STYLE = (
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:24rem;margin:10vh auto;padding:0 1rem;color:#15181f;"
    "background:#fff}h1{font-size:1.25rem}label,input{display:block;width:100%;box-sizing:border-box;font:inherit}"
    "input{margin:.25rem 0 1rem;padding:.5rem;border:1px solid #596273;border-radius:.25rem}"
    "button{font:inherit;padding:.5rem 1rem;margin:0 .5rem 0 0;border:1px solid #15181f;border-radius:.25rem;"
    "background:#15181f;color:#fff}button.plain{background:#fff;color:#15181f}"
    "[role=alert]{border-left:.25rem solid #b3261e;padding-left:.75rem}"
)
POLICY = {
    "default-src": "'none'",
    "style-src": f"'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}'",
    "base-uri": "'none'",
    # RFC 9700 section 4.16: nobody may show these pages in a frame of his own.
    "frame-ancestors": "'none'",
}
PAGE_HEADERS = {
    **NO_STORE,
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


@dataclass(frozen=True, slots=True)
class Asking:
    """What every page of one interaction needs."""

    action: str
    """Where its form goes."""
    csrf: str = field(repr=False)
    """Only the page that this server made for this browser has it."""
    client_id: str
    redirect_uri: str
    """Where the browser goes in the end; browsers hold `form-action` against redirects, too."""

    def form(self, inside: str) -> str:
        """The form around some HTML."""
        hidden = f'<input type="hidden" name="csrf" value="{escape(self.csrf)}">'
        return f'<form method="post" action="{escape(self.action)}">{hidden}{inside}</form>'

    @property
    def policy(self) -> dict[str, str]:
        """Where the form may lead."""
        return {"form-action": f"'self' {_source(self.redirect_uri)}"}


def page(
    title: str, body: str, status: int = 200, head: str = "", policy: Mapping[str, str] = NOTHING
) -> "WebResponse":
    """A page; `body` and `head` are HTML, `title` is text, `policy` are more lines of the Content-Security-Policy."""
    from werkzeug.wrappers import Response as WebResponse

    text = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><title>{escape(title)}</title>'
        f"<style>{STYLE}</style>{head}</head><body><main><h1>{escape(title)}</h1>{body}</main></body></html>"
    )
    lines = {"form-action": "'self'", **POLICY, **policy}
    headers = {**PAGE_HEADERS, "Content-Security-Policy": "; ".join(f"{name} {held}" for name, held in lines.items())}
    return WebResponse(text, status, headers, mimetype="text/html")


def error_page(message: str, status: int = 400) -> "WebResponse":
    """A refusal that must not be sent anywhere (RFC 6749 section 4.1.2.1)."""
    return page("This request cannot be answered", f'<p role="alert">{escape(message)}</p>', status)


def login_page(asking: Asking, login: str, message: str = "", status: int = 200) -> "WebResponse":
    """Asks for `login` and `password`; `message` says what is wrong with the last ones."""
    described = ' aria-describedby="problem" aria-invalid="true"' if message else ""
    inside = (
        f'<label for="login">Name</label><input id="login" name="login" autocomplete="username" autocapitalize="none"'
        f' spellcheck="false" required value="{escape(login)}"{described}>'
        f'<label for="password">Password</label><input id="password" name="password" type="password"'
        f' autocomplete="current-password" required{described}><button>Log in</button>'
    )
    problem = f'<p id="problem" role="alert">{escape(message)}</p>' if message else ""
    title = f"Log in to go on to {asking.client_id}"
    return page(title, problem + asking.form(inside), status, policy=asking.policy)


SCOPES = {
    "openid": "Know who you are",
    "profile": "See your name",
    "email": "See your e-mail address",
    "address": "See your address",
    "phone": "See your telephone number",
    "offline_access": "Do so while you are away",
}
"""What the scopes of OpenID Connect mean to a person (Core section 5.4)."""


def consent_page(asking: Asking, username: str, scope: Sequence[str]) -> "WebResponse":
    """Asks whether the client may have the scope: `consent` is `allow` or `deny`."""
    items = "".join(f"<li>{escape(SCOPES.get(word, word))}</li>" for word in scope)
    buttons = (
        '<button name="consent" value="allow">Allow</button>'
        '<button name="consent" value="deny" class="plain">Deny</button>'
    )
    body = f"<p>You are logged in as {escape(username)}.</p><ul>{items}</ul>{asking.form(buttons)}"
    return page(f"May {asking.client_id} do this for you?", body, policy=asking.policy)


WAIT = 2
"""Seconds that a browser has for the frames before it goes on."""


def logged_out_page(frames: Sequence[str], back: str | None) -> "WebResponse":
    """Says so; opens the frames that log out elsewhere (Front-Channel Logout 1.0 section 3), then goes `back`."""
    opened = "".join(f'<iframe src="{escape(url)}" hidden></iframe>' for url in frames)
    link = f'<p><a href="{escape(back)}">Go on</a></p>' if back is not None else ""
    head = f'<meta http-equiv="refresh" content="{WAIT};url={escape(back)}">' if back is not None else ""
    policy = {"frame-src": " ".join(dict.fromkeys(map(_source, frames)))} if frames else {}
    return page("Logged out", f"<p>You are logged out.</p>{opened}{link}", head=head, policy=policy)


def _source(url: str) -> str:
    """An address as a policy names it: its origin, or the scheme of an app of one's own (RFC 8252 section 7.1)."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else f"{parts.scheme}:"
