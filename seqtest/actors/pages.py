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
    ":root{color-scheme:light dark;--ink:#15181f;--paper:#fff;--line:#596273;--wrong:#b3261e}"
    "@media(prefers-color-scheme:dark){:root{--ink:#e8eaf0;--paper:#15181f;--line:#98a1b3;--wrong:#ff8a80}}"
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:24rem;margin:10vh auto;padding:0 1rem;color:var(--ink);"
    "background:var(--paper);overflow-wrap:anywhere}h1{font-size:1.25rem}a{color:inherit}"
    "label,input{display:block;width:100%;box-sizing:border-box;font:inherit}"
    "input{margin:.25rem 0 1rem;padding:.5rem;border:1px solid var(--line);border-radius:.25rem;color:inherit;"
    "background:var(--paper)}input[aria-invalid]{border-color:var(--wrong)}"
    "button{font:inherit;padding:.5rem 1rem;margin:0 .5rem .5rem 0;border:1px solid var(--ink);border-radius:.25rem;"
    "background:var(--ink);color:var(--paper)}button.plain{background:var(--paper);color:var(--ink)}"
    ":focus-visible{outline:.1875rem solid #3b82f6;outline-offset:.125rem}"
    "[role=alert]{border-left:.25rem solid var(--wrong);padding-left:.75rem}"
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


PROBLEM = "problem"
"""The id of what is wrong with the fields that a page asks for again."""


def problem_text(message: str) -> str:
    """What is wrong, read out at once by a screen reader; empty for nothing."""
    return f'<p id="{PROBLEM}" role="alert">{escape(message)}</p>' if message else ""


def text_field(
    label: str, name: str, value: str = "", *, more: str = "", is_wrong: bool = False, is_first: bool = False
) -> str:
    """A labelled field that must be filled in; `more` are attributes as HTML."""
    wrong = f' aria-describedby="{PROBLEM}" aria-invalid="true"' if is_wrong else ""
    focus = " autofocus" if is_first else ""
    return (
        f'<label for="{name}">{escape(label)}</label>'
        f'<input id="{name}" name="{name}" value="{escape(value)}" required{more}{wrong}{focus}>'
    )


def credentials(login: str = "", *, is_wrong: bool = False, is_first: bool = True) -> str:
    """The fields `login` and `password`; where the name is known already the cursor waits in the password."""
    return text_field(
        "Name",
        "login",
        login,
        more=' autocomplete="username" autocapitalize="none" spellcheck="false"',
        is_wrong=is_wrong,
        is_first=is_first and not login,
    ) + text_field(
        "Password",
        "password",
        more=' type="password" autocomplete="current-password"',
        is_wrong=is_wrong,
        is_first=is_first and bool(login),
    )


CHOICE = (
    '<button name="consent" value="allow">Allow</button><button name="consent" value="deny" class="plain">Deny</button>'
)


def login_page(asking: Asking, login: str, message: str = "", status: int = 200) -> "WebResponse":
    """Asks for `login` and `password`; `message` says what is wrong with the last ones."""
    inside = f"{credentials(login, is_wrong=bool(message))}<button>Log in</button>"
    title = f"Log in to go on to {asking.client_id}"
    return page(title, problem_text(message) + asking.form(inside), status, policy=asking.policy)


SCOPES = {
    "openid": "Know who you are",
    "profile": "See your name",
    "email": "See your e-mail address",
    "address": "See your address",
    "phone": "See your telephone number",
    "offline_access": "Do so while you are away",
}
"""What the scopes of OpenID Connect mean to a person (Core section 5.4)."""


def scope_list(scope: Sequence[str]) -> str:
    """What a client wants to do, in words where there are some."""
    items = "".join(f"<li>{escape(SCOPES.get(word, word))}</li>" for word in scope)
    return f"<ul>{items}</ul>" if items else ""


def consent_page(asking: Asking, username: str, scope: Sequence[str]) -> "WebResponse":
    """Asks whether the client may have the scope: `consent` is `allow` or `deny`."""
    back = f"<p>You go on to {escape(_source(asking.redirect_uri))}.</p>"
    body = f"<p>You are logged in as {escape(username)}.</p>{scope_list(scope)}{back}{asking.form(CHOICE)}"
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
