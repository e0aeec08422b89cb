"""The authorization server's own pages: plain HTML forms that a browser, or a drawn request, can fill in."""

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from seqtest.actors.web import NO_STORE

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as WebResponse

PAGE_HEADERS = {
    **NO_STORE,
    # RFC 9700 section 4.16: nobody may show these pages in a frame of his own.
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
}


def page(title: str, body: str, status: int = 200, head: str = "") -> "WebResponse":
    """A page; `body` and `head` are HTML, `title` is text."""
    from werkzeug.wrappers import Response as WebResponse

    text = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>{head}</head>'
        f"<body><h1>{escape(title)}</h1>{body}</body></html>"
    )
    return WebResponse(text, status, PAGE_HEADERS, mimetype="text/html")


def error_page(message: str) -> "WebResponse":
    """A refusal that must not be sent anywhere (RFC 6749 section 4.1.2.1)."""
    return page("This request cannot be answered", f"<p>{escape(message)}</p>", 400)


def login_page(action: str, client_id: str, hint: str, message: str = "") -> "WebResponse":
    """Asks for `login` and `password`; after a wrong password with a message."""
    return page(
        f"Log in to go on to {client_id}",
        (f'<p role="alert">{escape(message)}</p>' if message else "")
        + f'<form method="post" action="{escape(action)}">'
        + f'<label>Name <input name="login" autocomplete="username" value="{escape(hint)}"></label>'
        + '<label>Password <input name="password" type="password" autocomplete="current-password"></label>'
        + "<button>Log in</button></form>",
        401 if message else 200,
    )


def consent_page(action: str, client_id: str, scope: tuple[str, ...]) -> "WebResponse":
    """Asks whether the client may have the scope: `consent` is `allow` or `deny`."""
    items = "".join(f"<li>{escape(word)}</li>" for word in scope)
    return page(
        f"May {client_id} do this for you?",
        f'<ul>{items}</ul><form method="post" action="{escape(action)}">'
        + '<button name="consent" value="allow">Allow</button><button name="consent" value="deny">Deny</button></form>',
    )


WAIT = 2
"""Seconds that a browser has for the frames before it goes on."""


def logged_out_page(frames: Sequence[str], back: str | None) -> "WebResponse":
    """Says so; opens the frames that log out elsewhere (Front-Channel Logout 1.0 section 3), then goes `back`."""
    opened = "".join(f'<iframe src="{escape(url)}" hidden></iframe>' for url in frames)
    link = f'<p><a href="{escape(back)}">Go on</a></p>' if back is not None else ""
    head = f'<meta http-equiv="refresh" content="{WAIT};url={escape(back)}">' if back is not None else ""
    response = page("Logged out", f"<p>You are logged out.</p>{opened}{link}", head=head)
    if frames:
        origins = " ".join(dict.fromkeys(_origin(url) for url in frames))
        policy = f"{PAGE_HEADERS['Content-Security-Policy']}; frame-src {origins}"
        response.headers["Content-Security-Policy"] = policy
    return response


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
