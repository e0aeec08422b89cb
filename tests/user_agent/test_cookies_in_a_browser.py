"""The same answers to a real browser and to ours: both send the same cookies back."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from seqtest.user_agent.cookies import CookieJar

pytestmark = pytest.mark.browser
NOW = 4_000_000_000.0  # later than any clock: what has a date in the past is over, and Max-Age counts from here

FIELDS = [
    "plain=1",
    "root=1; Path=/",
    "deep=1; Path=/account/deep",
    "elsewhere=1; Path=/other",
    "folder=1; Path=/account/",
    "relative=1; Path=account",
    "domain=1; Domain=shop.localhost; Path=/",
    "dotted=1; Domain=.shop.localhost; Path=/",
    "foreign=1; Domain=bank.localhost",
    "suffix=1; Domain=localhost",
    "secure=1; Secure; Path=/",
    "none=1; SameSite=None; Path=/",
    "nonesecure=1; SameSite=None; Secure; Path=/",
    "strict=1; SameSite=Strict; Path=/",
    "odd=1; SameSite=Odd; Path=/",
    "gone=1; Max-Age=0; Path=/",
    "long=1; Max-Age=1000; Path=/",
    "negative=1; Max-Age=-5; Path=/",
    "past=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/",
    "past2=1; Expires=Sunday, 06-Nov-94 08:49:37 GMT; Path=/",
    "nodate=1; Expires=whenever; Path=/",
    "twice=1; Path=/", "twice=2; Path=/",
    "back=1; Path=/", "back=; Path=/; Max-Age=0",
    "both=1; Max-Age=100; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/",
    "lastpath=1; Path=/other; Path=/",
    "quoted=\"a b\"; Path=/",
    "equal=a=b; Path=/",
    "nameless; Path=/",
    "=empty; Path=/",
    " spaced = x ; Path=/",
    "__Secure-a=1; Path=/",
    "__Secure-b=1; Secure; Path=/",
    "__Host-a=1; Secure; Path=/account",
    "__Host-b=1; Secure; Path=/",
    "__Host-c=1; Secure; Path=/; Domain=shop.localhost",
    "__HOST-d=1; Path=/",
    "big=" + "x" * 4094,
    "fits=" + "x" * 4092,
    "longattribute=1; Path=/" + "y" * 1100,
]  # fmt: skip
PATHS = ["/account/login", "/account", "/account/deep/er", "/accounts", "/other/x", "/"]


@pytest.fixture
def server() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """A server that sets all the cookies at `/account/login?set`, and what it was sent: host and path, cookies."""
    seen: list[tuple[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append((f"{self.headers['Host']}{self.path}", self.headers.get("Cookie") or ""))
            self.send_response(200)
            if self.path.endswith("?set"):
                for field in FIELDS:
                    self.send_header("Set-Cookie", field)
            self.send_header("Content-Type", "text/plain")
            self.end_headers()

        def log_message(self, *arguments: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as found:
        threading.Thread(target=found.serve_forever, daemon=True).start()
        yield f"localhost:{found.server_port}", seen
        found.shutdown()


def test_cookies_are_those_of_a_real_browser(server: tuple[str, list[tuple[str, str]]], chromium: Any) -> None:
    """What is kept, where it goes, and in which order."""
    host, seen = server
    context = chromium.new_context()
    page = context.new_page()
    start = f"http://shop.{host}/account/login?set"
    page.goto(start)
    asked = [f"http://{name}.{host}{path}" for name in ("shop", "www.shop", "bank") for path in PATHS]
    for url in asked:
        page.goto(url)
    context.close()
    theirs = {f"http://{place}": cookies for place, cookies in seen}

    jar = CookieJar().receive(FIELDS, start, NOW)
    ours = {url: "; ".join(f"{n}={v}" if n else v for n, v in jar.send(url, NOW)) for url in asked}

    assert {url: theirs[url] for url in asked} == ours
