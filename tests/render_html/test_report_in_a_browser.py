"""The report in a real browser, from `file://`: every page is watched for requests, dialogs and complaints."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from seqtest.errors import Finding
from seqtest.render.html.case import Case, case_of_error

pytestmark = pytest.mark.browser

Written = Callable[..., Path]
REAL = {"jwt-local.puml::token-is-good": 0.25}
HOSTILE = (
    "<script>alert(1)</script>",
    "</script></style></svg></title><script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "[[javascript:alert(1) click]]",
    "&lt;script&gt;alert(1)&lt;/script&gt; &#x3c;img src=x onerror=alert(1)&#x3e;",
    "{{ 7 * 7 }}",
    "\u202eevil\u2066 \u2028\u2029",
    "x" * 10_000,
)
TWICE = """
() => {
  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
  return ids.filter((id, at) => ids.indexOf(id) !== at);
}
"""
NAMELESS = """
() => [...document.querySelectorAll("button, a, input")]
  .filter((element) => !(element.textContent.trim() || element.ariaLabel || element.labels?.length)).length
"""
SCHEMES = """
() => [...document.querySelectorAll("a")]
  .every((a) => ["file:", "http:", "https:", "mailto:"].includes(new URL(a.href.baseVal ?? a.href, location).protocol))
"""
CONTRAST = """
() => {
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((v) => v / 255).map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const parse = (text) => (text.match(/[\\d.]+/g) || []).map(Number);
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = parse(getComputedStyle(at).backgroundColor);
      if (color.length === 3 || color[3] === 1) return color.slice(0, 3);
    }
    return [255, 255, 255];
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || element.closest("svg") || !element.checkVisibility()) continue;
    const style = getComputedStyle(element);
    const [one, other] = [luminance(parse(style.color).slice(0, 3)), luminance(behind(element))];
    const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    const isLarge = parseFloat(style.fontSize) >= 24;
    const words = walker.currentNode.textContent.trim().slice(0, 40);
    if (ratio < (isLarge ? 3 : 4.5)) found.push(`${words}: ${ratio.toFixed(2)}`);
  }
  return found;
}
"""


def shown(page: Any) -> list[str]:
    return [row.inner_text().split("\n")[0] for row in page.locator(".row:visible .name").all()]


def page_of(folder: Path, name: str) -> str:
    return next(path for path in sorted((folder / "flows").iterdir()) if name in path.name).as_uri()


@pytest.fixture
def report(written: Written, local: list[Case], broken: list[Case], opaque: list[Case]) -> Path:
    """A report of kept and broken cases, and of a drawing that cannot be read."""
    unreadable = case_of_error(
        [Finding("SQ101", "this is not an arrow")], id="bad.puml::unreadable", file="bad.puml", name="unreadable"
    )
    return written([*local, *broken, *opaque, unreadable], real=REAL, made_at="2026-01-31T12:00:00Z")


@pytest.fixture
def index(report: Path) -> str:
    return (report / "index.html").as_uri()


def test_every_page_opens(open_page: Any, report: Path) -> None:
    """From `file://`, each page: nothing is fetched, nothing complains, each has a heading and landmarks."""
    page = open_page("about:blank")
    for path in sorted(report.rglob("*.html")):
        page.goto(path.as_uri())

        assert page.locator("h1").count() == 1
        assert page.locator("main").count() == page.locator("header").count() == page.locator("footer").count() == 1
        assert page.evaluate("document.documentElement.lang") == "en"
        assert page.evaluate(TWICE) == []
        assert page.evaluate(NAMELESS) == 0


def test_search(open_page: Any, index: str) -> None:
    """Words of the title, the guard, the file and the failure; a count is said; the address keeps it."""
    page = open_page(index)
    page.keyboard.press("/")
    page.keyboard.type("broken expired")

    assert shown(page) == ["token has expired"]
    assert page.locator("#found").inner_text() == "1 of 15 cases"
    page.reload()
    assert shown(page) == ["token has expired"]
    page.fill("#search", "no such flow anywhere")
    assert shown(page) == []
    page.click("#reset")
    assert len(shown(page)) == 15


def test_filter(open_page: Any, index: str) -> None:
    """By state: a click, or `f` for what is not kept."""
    page = open_page(index)
    page.click('[data-show="passed"]')
    assert len(shown(page)) == 8
    assert page.locator('[data-show="passed"]').get_attribute("aria-pressed") == "true"
    page.click('[data-show="all"]')
    page.keyboard.press("f")
    assert len(shown(page)) == 7
    page.keyboard.press("f")
    assert len(shown(page)) == 15


def test_the_index_by_keyboard(open_page: Any, index: str) -> None:
    """`j` and `k` go from case to case, Enter opens it, `u` leads back, `]` to the next."""
    page = open_page(index)
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("j")
    name = page.evaluate("document.activeElement.querySelector('.name').textContent")

    def press(key: str) -> str:
        """The title that it leads to, once that page is loaded: before, its script listens to no keys."""
        with page.expect_navigation(wait_until="load"):
            page.keyboard.press(key)
        return page.title()

    first = press("Enter")
    assert name in first
    assert press("]") != first
    assert press("[") == first
    press("u")
    assert page.url.endswith("/index.html")


def test_real_times_are_put_in(open_page: Any, index: str, report: Path) -> None:
    """From `times.js`; without that file the pages are whole and say nothing of them."""
    page = open_page(index)
    assert "250 ms" in page.locator(".row .time").all_inner_texts()

    (report / "times.js").unlink()
    page = open_page(index, may_complain=True)
    assert set(page.locator(".row .time").all_inner_texts()) == {""}
    page.fill("#search", "broken")
    assert len(shown(page)) == 6


def test_an_arrow_shows_what_it_said(open_page: Any, report: Path) -> None:
    """Clicked: request and answer as on the wire, the token opened with clause and check; one exchange at a time."""
    page = open_page(page_of(report, "jwt-local.puml-token-is-good"))
    page.click('.canvas .message[data-occurrences="1"]')

    assert page.locator(".exchange:visible").count() == 1
    text = page.locator(".exchange:visible").inner_text()
    assert "POST /oauth/token" in text
    assert '"token_type": "Bearer"' in text
    assert "RFC 7519 section 4.1.4" in text
    assert "checked: exp = iat + 5 minutes" in text
    assert "ES256, verified" in text
    assert page.locator('.message[aria-current="true"]').get_attribute("data-occurrences") == "1"
    assert page.url.endswith("#m1")
    page.click('.canvas .message[data-occurrences="2"]')
    assert "GET /users/123" in page.locator(".exchange:visible").inner_text()


def test_arrows_by_keyboard(open_page: Any, report: Path) -> None:
    """Each is a button in the tab order; `j`, `k` step, `n` goes to what failed, Enter chooses."""
    page = open_page(page_of(report, "broken.puml-token-has-expired"))
    current = lambda: page.locator('.message[aria-current="true"]').get_attribute("data-occurrences")  # noqa: E731

    assert current() == "1"
    page.keyboard.press("n")
    assert current() == "4"
    page.keyboard.press("k")
    assert page.evaluate("document.activeElement.getAttribute('role')") == "button"
    page.focus('.message[data-occurrences="0"]')
    page.keyboard.press("Enter")
    assert current() == "0"
    page.keyboard.press("j")
    assert current() == "1"
    page.keyboard.press("j")
    assert current() == "3"  # what was not reached is passed over


def test_an_arrow_in_a_loop_shows_every_round(
    open_page: Any, written: Written, play: Callable[..., list[Case]], tmp_path: Path
) -> None:
    """Three rounds, three exchanges; one that is asked for by its own address is the one that is chosen."""
    path = tmp_path / "loop.puml"
    path.write_text("@startuml\nloop 3 times\nclient -> api : GET /x\napi --> client : 200 OK\nend\n@enduml\n")
    report = written(play(path, bindings={"api": lambda message: {}}))
    page = open_page(page_of(report, "loop"))
    page.click('.canvas .message[data-occurrences="1 3 5"]')

    assert page.locator(".exchange:visible").count() == 3
    page.goto(page.url.partition("#")[0] + "#m4")
    assert page.locator(".half.is-chosen").get_attribute("id") == "m4"
    assert page.locator('.message[aria-current="true"]').get_attribute("data-occurrences") == "0 2 4"


def test_an_arrow_that_was_not_reached_says_so(open_page: Any, report: Path) -> None:
    """There is nothing to show, and that is said."""
    page = open_page(page_of(report, "jwt-local.puml-token-is-good"))
    page.locator('.canvas .message[data-state="not reached"]').first.click()

    assert page.locator("#unreached").is_visible()
    assert page.locator(".exchange:visible").count() == 0


def test_a_failure_is_shown_at_once(open_page: Any, report: Path) -> None:
    """The page opens at what is wrong: expected and got with their difference, and the failing line of the source."""
    page = open_page(page_of(report, "broken.puml-token-is-good"))

    assert page.locator(".half.is-chosen").get_attribute("class") == "half s-failed is-chosen"
    assert page.locator(".is-chosen del").first.inner_text() == "1769861100"
    assert page.locator(".is-chosen ins").first.inner_text() == "1769861220"
    page.keyboard.press("s")
    assert page.locator(".source .is-wrong").first.is_visible()
    assert "exp = iat + 5 minutes" in page.locator(".source .is-wrong").first.inner_text()
    page.click(".finding .place a >> nth=0")
    assert re.search(r"#L\d+$", page.url)


def test_help(open_page: Any, index: str) -> None:
    """`?` opens the keys, Escape closes them; the other keys rest meanwhile."""
    page = open_page(index)
    page.keyboard.press("?")
    assert page.locator("#help").is_visible()
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") != "search"
    page.keyboard.press("Escape")
    assert not page.locator("#help").is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read(open_page: Any, report: Path, scheme: str) -> None:
    """Contrast of at least 4.5 (WCAG 2.2 AA) on every page, light and dark."""
    page = open_page("about:blank", color_scheme=scheme)
    names = ("index.html", "flows/broken.puml-token-has-expired.html", "flows/bad.puml-unreadable.html")
    for path in [*(report / name for name in names), *(report / "compare").iterdir()]:
        page.goto(path.as_uri())

        assert page.evaluate(CONTRAST) == [], path.name


def test_dark_mode(open_page: Any, index: str, report: Path) -> None:
    """By the system's scheme; the button turns it over for page and picture, and it is kept."""
    paper = "getComputedStyle(document.body).backgroundColor"
    canvas = "getComputedStyle(document.querySelector('.sq .page')).fill"
    page = open_page(index, color_scheme="dark")
    assert page.evaluate(paper) == "rgb(21, 24, 31)"

    page.goto(page_of(report, "jwt-local.puml-token-is-good"))
    assert page.evaluate(canvas) == "rgb(21, 24, 31)"
    page.keyboard.press("t")
    assert (page.evaluate(paper), page.evaluate(canvas)) == ("rgb(255, 255, 255)", "rgb(255, 255, 255)")
    page.reload()
    assert page.evaluate(paper) == "rgb(255, 255, 255)"
    page = open_page(page_of(report, "jwt-local.puml-token-is-good"), color_scheme="light")
    page.click("#theme")
    assert page.evaluate(canvas) == "rgb(21, 24, 31)"


def test_print(open_page: Any, report: Path) -> None:
    """On paper every exchange and the source are shown, and no button."""
    page = open_page(page_of(report, "jwt-local.puml-token-is-good"))
    page.emulate_media(media="print")

    assert page.locator(".exchange:visible").count() == 2
    assert page.locator(".source").is_visible()
    assert page.locator("button:visible").count() == 0
    assert len(page.pdf()) > 10_000


def test_without_scripts(open_page: Any, report: Path, index: str) -> None:
    """Everything is there to read."""
    page = open_page(page_of(report, "jwt-local.puml-token-is-good"), java_script_enabled=False)
    assert page.locator(".exchange:visible").count() == 2
    assert page.locator(".source").is_visible()
    page.goto(index)
    assert len(page.locator(".row").all()) == 15


@pytest.mark.parametrize("width", [360, 768])
def test_narrow(open_page: Any, report: Path, width: int) -> None:
    """Nothing makes the page itself scroll sideways."""
    page = open_page("about:blank", viewport={"width": width, "height": 800})
    for path in sorted(report.rglob("*.html")):
        page.goto(path.as_uri())

        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path.name


def test_hostile_text_runs_nothing(
    open_page: Any, written: Written, play: Callable[..., list[Case]], tmp_path: Path
) -> None:
    """In labels, notes, titles, guards, headers and bodies of a real run, and in every field of a case."""
    cases: list[Case] = []
    for number, text in enumerate(HOSTILE):
        path = tmp_path / f"hostile{number}.puml"
        label = " ".join(text.replace("\u2028", " ").replace("\u2029", " ").split())
        path.write_text(
            f'@startuml h{number}\ntitle {label}\nparticipant "{label.replace(chr(34), "")[:400]}" as client\n'
            f"participant api\n== {label} ==\nopt {label}\nclient -> api : GET /x\n"
            f"note right\n//{label}\nend note\napi --> client : 200 OK\nend\n@enduml\n",
            encoding="utf-8",
        )
        body = {text: [text], "access_token": text}
        cases += play(path, bindings={"api": lambda message, body=body: body})
        cases.append(
            case_of_error(
                [Finding("SQ101", text, expected=text, got=text, why=text, do=text, detail=text)],
                id=f"{text}::x",
                file=text,
                name=text,
            )
        )
    report = written([*cases, *map(_poisoned, cases[:2])], pairs=[(cases[0]["id"], cases[2]["id"])])
    page = open_page("about:blank")
    for path in sorted(report.rglob("*.html")):
        page.goto(path.as_uri())

        assert page.locator("img, iframe, object, embed").count() == 0
        assert page.evaluate("[...document.scripts].every((s) => s.src && !s.textContent)")
        assert page.evaluate(SCHEMES)
        for arrow in page.locator(".canvas .message").all()[:2]:
            arrow.dispatch_event("click")
    index = page.goto((report / "index.html").as_uri())
    assert index is not None
    assert "<script>alert(1)</script>" in page.inner_text("#flows")


def _poisoned(case: Case) -> Any:
    """The case with markup in every text, as a broken worker might send it."""

    def poison(value: Any, name: str = "") -> Any:
        if isinstance(value, dict):
            return {key: poison(member, key) for key, member in value.items()}
        if isinstance(value, list):
            return [poison(member, name) for member in value]
        keeps = name in ("state", "svg", "key", "signature_state")
        return f"{value}{HOSTILE[2]}{HOSTILE[1]}" if isinstance(value, str) and not keeps else value

    return poison(case)


def test_a_script_in_a_page_would_not_run(open_page: Any, written: Written, local: list[Case]) -> None:
    """Even were markup to slip through, the page's own policy stops it: the console says so, nothing happens."""
    report = written(local)
    path = report / "flows/jwt-local.puml-no-token.html"
    path.write_text(
        path.read_text().replace("</main>", '<script>alert(1)</script><img src=x onerror="alert(2)"></main>')
    )
    open_page(path.as_uri())

    assert not [said for said in open_page.wrong if said.startswith("dialog")]
    assert any("Content Security Policy" in said for said in open_page.wrong)
    open_page.wrong.clear()


def test_a_flow_that_is_used_opens_all_its_messages(open_page: Any, written: Written, play: Any) -> None:
    """By a click on its box and by keyboard; a message in it leads back to the box."""
    path = Path(__file__).parents[2] / "diagrams/logout/rp-initiated.puml"
    page = open_page(page_of(written(play(path, name=str(path))[:1]), "with-a-hint"))
    box = page.locator(".canvas .ref")
    count = len((box.get_attribute("data-occurrences") or "").split())
    box.click()

    assert box.get_attribute("aria-current") == "true"
    assert page.locator(".exchange.is-open .half").count() == count > 5
    page.locator(".canvas .message").last.click()
    assert box.get_attribute("aria-current") is None
    box.focus()
    page.keyboard.press("Enter")
    assert page.locator(".exchange.is-open .half").count() == count
    page.goto(page.url.split("#")[0] + "#m3")
    assert box.get_attribute("aria-current") == "true"


INSIDE = """
() => [...document.querySelectorAll(".plot")].flatMap((plot) => {
  const room = plot.getBoundingClientRect();
  return [...plot.querySelectorAll("text")]
    .map((text) => [text.textContent, text.getBoundingClientRect()])
    .filter(([, box]) => box.left < room.left - 1 || box.right > room.right + 1)
    .map(([words]) => words);
})
"""
BROKEN_WORDS = """
() => [...document.querySelectorAll(".numbers tbody th[scope=row]")]
  .filter((cell) => cell.getClientRects()[0].height > 4 * parseFloat(getComputedStyle(cell).lineHeight))
  .map((cell) => cell.textContent)
"""


@pytest.mark.parametrize("width", [1300, 390])
def test_plots_and_numbers_can_be_read(open_page: Any, report: Path, width: int) -> None:
    """Whatever fonts there are, no word of a plot is cut; on a phone no word of the table is broken into letters."""
    (path,) = (report / "compare").glob("*opaque*")
    page = open_page(path.as_uri(), viewport={"width": width, "height": 800})

    assert page.locator(".plot text").count() > 10
    assert page.evaluate(INSIDE) == []
    assert page.evaluate(BROKEN_WORDS) == []
