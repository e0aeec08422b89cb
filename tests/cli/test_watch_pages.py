"""The pages of `seqtest watch`: what is served, to whom, and what listeners are told."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from seqtest.cli.watch_pages import Pages
from seqtest.errors import Finding
from seqtest.render.html.case import Case, case_of_error
from seqtest.render.html.report import Report

HERE = "http://127.0.0.1:8000"


def case(name: str, words: str = "this is not an arrow") -> Case:
    return case_of_error([Finding("SQ101", words)], id=f"a.puml::{name}", file="a.puml", name=name)


def report(*cases: Case, problem: str = "") -> Report:
    return Report(cases, "project", is_watched=True, problem=problem)


@pytest.fixture
def pages() -> Pages:
    found = Pages(8000, "run")
    found.show(report(case("one"), case("two")), "2 of 2 cases not kept", "broken")
    return found


def get(pages: Pages, path: str = "/", **more: Any) -> TestResponse:
    return Client(pages).get(path, base_url=more.pop("base_url", HERE), **more)


def events(pages: Pages, since: str) -> Iterator[dict[str, Any]]:
    """What a listener is told, an event each."""
    for part in pages.events(since):
        for block in part.decode().strip().split("\n\n"):
            lines = dict(line.split(": ", 1) for line in block.split("\n"))
            yield {"event": lines["event"], "id": lines.get("id"), **json.loads(lines["data"])}


def test_pages_and_what_they_share(pages: Pages) -> None:
    """With their kinds; a page knows its version."""
    page = get(pages)

    assert page.status_code == 200
    assert page.content_type == "text/html; charset=utf-8"
    assert 'data-version="run-1"' in page.text
    assert "connect-src 'self'" in page.text
    assert get(pages, "/assets/report.js").content_type == "text/javascript; charset=utf-8"
    assert get(pages, "/assets/watch.js").status_code == 200
    assert get(pages, "/flows/a.puml-one.html").status_code == 200
    assert Client(pages).head("/", base_url=HERE).data == b""


@pytest.mark.parametrize("path", ["/nothing.html", "/../../etc/passwd", "/flows/%2e%2e/index.html", "/favicon.ico"])
def test_what_is_no_page_is_not_there(pages: Pages, path: str) -> None:
    """Names are looked up among the pages, never among files."""
    assert get(pages, path).status_code == 404


@pytest.mark.parametrize(
    "host",
    ["http://evil.example", "http://evil.example:8000", "http://127.0.0.1", "http://127.0.0.1:9", "http://[::1]:8000"],
)
@pytest.mark.parametrize("path", ["/", "/events", "/times.js"])
def test_other_names_are_refused(pages: Pages, host: str, path: str) -> None:
    """A name that somebody lets lead to 127.0.0.1 is not ours: its pages would count as ours."""
    found = get(pages, path, base_url=host)

    assert found.status_code == 421
    assert "project" not in found.text
    assert get(pages, base_url="http://localhost:8000").status_code == 200


@pytest.mark.parametrize(
    ("site", "dest", "status"),
    [
        ("cross-site", "script", 403),
        ("cross-site", "iframe", 403),
        ("same-site", "empty", 403),
        ("same-origin", "script", 200),
        ("none", "document", 200),
        ("cross-site", "document", 200),
    ],
)
def test_other_sites_are_given_nothing(pages: Pages, site: str, dest: str, status: int) -> None:
    """No script, frame or answer; a link may lead here."""
    found = get(pages, "/times.js", headers={"Sec-Fetch-Site": site, "Sec-Fetch-Dest": dest})

    assert found.status_code == status
    assert found.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "frame-ancestors 'none'" in found.headers["Content-Security-Policy"]


def test_nothing_is_taken(pages: Pages) -> None:
    assert Client(pages).post("/", base_url=HERE).status_code == 405


def test_a_listener_hears_what_has_changed_for_him(pages: Pages) -> None:
    """Pages that anybody has seen and that are other ones now; those that are the same are not named."""
    for path in ("/", "/flows/a.puml-one.html", "/flows/a.puml-two.html"):
        get(pages, path)
    listener = events(pages, "run-1")
    assert next(listener) == {
        "event": "done", "id": "run-1", "words": "2 of 2 cases not kept", "state": "broken", "changed": [],
    }  # fmt: skip
    pages.running("a.puml")
    assert next(listener) == {"event": "running", "id": None, "what": "a.puml"}
    pages.show(report(case("one", "another word"), case("two")), "still 2", "broken")

    assert next(listener) == {
        "event": "done", "id": "run-2", "words": "still 2", "state": "broken",
        "changed": ["flows/a.puml-one.html", "index.html"],
    }  # fmt: skip


def test_what_was_missed_is_told(pages: Pages) -> None:
    """A page that was made two sessions ago hears of the changes of both."""
    get(pages, "/flows/a.puml-one.html")
    pages.show(report(case("one", "another word"), case("two")), "x", "broken")
    get(pages, "/flows/a.puml-two.html")
    pages.show(report(case("one", "another word"), case("two", "another word")), "y", "broken")

    assert next(events(pages, "run-1"))["changed"] == ["flows/a.puml-one.html", "flows/a.puml-two.html"]
    assert next(events(pages, "run-2"))["changed"] == ["flows/a.puml-two.html"]


@pytest.mark.parametrize("since", ["", "other-1", "run-7", "run-x", "nonsense"])
def test_a_page_of_another_run_is_loaded_anew(pages: Pages, since: str) -> None:
    """Whatever it was made of, it was not this."""
    assert next(events(pages, since))["changed"] is None


def test_a_page_that_is_gone_says_so(pages: Pages) -> None:
    """It was seen, so its reader is told; what is there in its place listens on, and so learns when it is back."""
    get(pages, "/flows/a.puml-two.html")
    pages.show(report(case("one")), "x", "broken")
    gone = get(pages, "/flows/a.puml-two.html")
    pages.show(report(case("one"), case("two")), "x", "broken")

    assert next(events(pages, "run-1"))["changed"] == ["flows/a.puml-two.html"]
    assert (gone.status_code, "There is no such page" in gone.text) == (404, True)
    assert "assets/watch.js" in gone.text
    assert next(events(pages, "run-2"))["changed"] == ["flows/a.puml-two.html"]


def test_before_the_first_session_is_over() -> None:
    """The page says that the flows are running, and is told when they are through."""
    pages = Pages(8000, "run")
    pages.running("all flows")
    waiting = get(pages)
    listener = events(pages, "run-0")

    assert (waiting.status_code, "The flows are running" in waiting.text) == (200, True)
    assert get(pages, "/assets/report.css").status_code == 200
    assert next(listener)["event"] == "running"
    pages.show(report(case("one")), "x", "broken")
    assert next(listener)["changed"] == ["index.html"]


def test_every_page_shows_why_nothing_could_be_run(pages: Pages) -> None:
    """As text, whatever it holds."""
    pages.show(report(case("one"), problem="<script>alert(1)</script>"), "x", "problem")

    for path in ("/", "/flows/a.puml-one.html"):
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in get(pages, path).text


def test_listeners_are_let_go(pages: Pages) -> None:
    """So that the command can end."""
    listener = events(pages, "run-1")
    next(listener)
    pages.close()

    assert list(listener) == []
