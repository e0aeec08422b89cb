"""The page at `/` of an actor that is served and has none of its own: what it is, and what it can be asked."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class Place(Protocol):
    """A participant on its socket."""

    @property
    def participant(self) -> str: ...

    @property
    def kind(self) -> str: ...

    @property
    def url(self) -> str: ...


LINKS: Mapping[str, Sequence[tuple[str, str]]] = {
    "authorization-server": (
        ("/.well-known/openid-configuration", "its metadata, with all endpoints"),
        ("/jwks", "its public keys"),
        ("/device", "where a device's code is entered"),
    ),
    "client": (("/login", "log in"), ("/me", "who is logged in"), ("/logout", "log out")),
}
"""Kind → paths that a person may want to open, each with its words."""

NAMED: Mapping[str, str] = {"users": "Users", "clients": "Clients"}
"""Groups of settings whose names are shown, never their values."""


def page(one: Place, served: Sequence[Place], settings: Mapping[str, Any]) -> bytes:
    """The page, with names alone: no setting's value is on it."""
    lines = [f"<p><code>{escape(one.kind)}</code> of <code>seqtest serve</code>, at <code>{escape(one.url)}</code></p>"]
    links = LINKS.get(one.kind, ())
    if links:
        items = [f'<li><a href="{path}">{path}</a>: {words}</li>' for path, words in links]
        lines += ["<ul>", *items, "</ul>"]
    for group, title in NAMED.items():
        names = dict.fromkeys(path.split(".")[1] for path in settings if path.startswith(f"{group}."))
        if names:
            lines.append(f"<p>{title}: {', '.join(f'<code>{escape(name)}</code>' for name in names)}</p>")
    others = [other for other in served if other.participant != one.participant]
    if others:
        items = [
            f'<li><a href="{escape(other.url)}">{escape(other.participant)}</a>: {escape(other.kind)}</li>'
            for other in others
        ]
        lines += ["<h2>Beside it</h2>", "<ul>", *items, "</ul>"]
    name = escape(one.participant)
    return PAGE.format(name=name, body="\n".join(lines)).encode()


def with_page(app: "WSGIApplication", body: bytes) -> "WSGIApplication":
    """The application, with the page at `/` where it has nothing there."""

    def found(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD") or environ.get("PATH_INFO") != "/":
            return app(environ, start_response)
        begun: list[tuple[Any, ...]] = []

        def kept(*told: Any) -> Any:
            begun.append(told)

        answer = app(environ, kept)
        if not str(begun[0][0]).startswith("404"):
            start_response(*begun[0])
            return answer
        start_response("200 OK", [*HEADERS, ("Content-Length", str(len(body)))])
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else body]

    return found


HEADERS = (
    ("Content-Type", "text/html; charset=utf-8"),
    ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"),
    ("X-Content-Type-Options", "nosniff"),
)
PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{name}</title>
<style>
:root {{ color-scheme: light dark }}
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 40rem; margin: 2rem auto; padding: 0 1rem }}
code {{ overflow-wrap: anywhere }}
</style>
</head>
<body>
<main>
<h1>{name}</h1>
{body}
</main>
</body>
</html>
"""
