"""For seqtest's own tests: golden files, pytest run inside pytest, and pages in a real browser."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

# A pytest inside of pytest forgets what it imported; cryptography, which is partly Rust, breaks when imported twice.
import cryptography.hazmat.primitives.asymmetric.padding
import cryptography.hazmat.primitives.serialization.pkcs12
import cryptography.x509.oid  # noqa: F401
import pytest

# Nor does one half of a browser that is there twice know the exceptions of the other one.
import seqtest.user_agent.agent  # noqa: F401

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, Page, Route

pytest_plugins = ["pytester"]

CASES = Path(__file__).parent / "tests/cases"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--accept", action="store_true", help="rewrite golden files with what the tests made")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A warning of a flow of ours is a failure."""
    strict = pytest.mark.filterwarnings("error::seqtest.pytest_plugin.item.FlowWarning")
    for item in items:
        if item.path.suffix == ".puml":
            item.add_marker(strict)


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Holds a text against a file below tests/cases: `golden("messages/SQ450.txt", text)`."""

    def check(name: str, text: str) -> None:
        path = CASES / name
        if request.config.getoption("--accept"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert path.exists(), f"{path} is missing: run pytest --accept and look at what it writes"
        assert text == path.read_text(encoding="utf-8")

    return check


SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
HERE = ("127.0.0.1", "localhost", "::1")


@pytest.fixture(scope="module")
def chromium() -> "Iterator[Browser]":
    """Chromium without a window; a test that asks for it has the mark `browser`.

    One for each module: while it is there, the thread has an event loop in which `asyncio.run` refuses to work.
    """
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("no Chromium: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, headless=True, args=SWITCHES)
        yield browser
        browser.close()


class Opener:
    """Opens addresses in fresh, watched windows: `open_page(url, color_scheme="dark")`.

    `wrong` is what a page did that it should not: it asked another host than this machine for something, showed a
    dialog, complained in the console. With `may_complain` the last is allowed, as for a page that answers 401. More
    keywords are those of Playwright's `new_context`.
    """

    def __init__(self, browser: "Browser") -> None:
        self.wrong: list[str] = []
        self._browser = browser
        self._contexts: list[BrowserContext] = []

    def __call__(self, url: str, *, may_complain: bool = False, **options: Any) -> "Page":
        context = self._browser.new_context(**options)
        self._contexts.append(context)
        context.route("**/*", self._route)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("dialog", self._dialog)
        page.on("pageerror", lambda error: self.wrong.append(f"script: {error}"))
        if not may_complain:
            page.on("console", self._console)
        page.goto(url)
        return page

    def close(self) -> None:
        for context in self._contexts:
            context.close()

    def _route(self, route: "Route") -> None:
        address = urlsplit(route.request.url)
        if address.scheme in ("file", "data", "blob", "about") or address.hostname in HERE:
            route.continue_()
        else:
            self.wrong.append(f"asked for {route.request.url}")
            route.abort()

    def _dialog(self, dialog: "Dialog") -> None:
        self.wrong.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _console(self, said: "ConsoleMessage") -> None:
        if said.type == "error":
            self.wrong.append(f"console: {said.text}")


@pytest.fixture
def open_page(chromium: "Browser") -> Iterator[Opener]:
    """Opens pages, and fails the test at its end when one of them did what it should not."""
    opener = Opener(chromium)
    yield opener
    opener.close()
    assert opener.wrong == []
