"""Saved runs: what is taken back as it was, and what is refused."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from seqtest.errors import Unanswerable
from seqtest.render.html import saved
from seqtest.render.html.case import Case
from seqtest.render.html.foreign import misfit, picture_problem
from seqtest.render.html.report import Report, files
from seqtest.render.html.saved import Saved, digest_of, dumps, load, merged, refuse_stale

GOOD = '<svg xmlns="http://www.w3.org/2000/svg"><text>{}</text></svg>'


@pytest.fixture
def file(tmp_path: Path, local: list[Case]) -> Path:
    """A saved run of kept cases."""
    path = tmp_path / "run.json"
    path.write_text(dumps(Saved(local, "project", 2, {local[0]["id"]: 0.5}, "2026-01-31T12:00:00Z", ("*.puml",))))
    return path


def changed(file: Path, change: Any) -> Path:
    """The file with something else in it."""
    value = json.loads(file.read_text())
    change(value)
    file.write_text(json.dumps(value))
    return file


def refusal(path: Path) -> str:
    with pytest.raises(Unanswerable) as caught:
        load(path)
    assert caught.value.finding.code == "SQ468"
    return caught.value.finding.got


def test_what_was_saved_comes_back(file: Path, local: list[Case]) -> None:
    """The same pages are made of it, byte for byte."""
    found = load(file)

    assert (found.name, found.not_run, found.made_at, found.documents) == (
        "project",
        2,
        "2026-01-31T12:00:00Z",
        ("*.puml",),
    )
    assert dict(files(Report(found.cases, "x"))) == dict(files(Report(local, "x")))


def test_real_runs_of_all_kinds_are_taken(tmp_path: Path, local, broken, opaque) -> None:
    """Kept and broken cases alike: nothing that our own runs hold is refused."""
    path = tmp_path / "all.json"
    path.write_text(dumps(Saved([*local, *broken, *opaque])))

    assert len(load(path).cases) == len([*local, *broken, *opaque])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda v: v.pop("kind"), 'no "kind"'),
        (lambda v: v.update(format=99), "format 99"),
        (lambda v: v["cases"][0].pop("state"), ".cases[0].state is missing"),
        (lambda v: v["cases"][0].update(state="grand"), ".cases[0].state is a text"),
        (lambda v: v["cases"][0].update(line="1"), ".cases[0].line is a text, not a whole number"),
        (lambda v: v["cases"][0]["messages"][0].update(wire=[]), ".cases[0].messages[0].wire is a list"),
        (lambda v: v["cases"][0]["measured"].update(total={}, more=1), "more is unknown"),
        (lambda v: v["cases"][0].update(svg="<svg onload='x()'/>"), "its picture holds <svg>"),
        (lambda v: v.update(cases={}), ".cases is an object, not a list"),
    ],
)
def test_what_no_session_of_ours_wrote_is_refused(file: Path, change: Any, words: str) -> None:
    """With the member that does not fit."""
    assert words in refusal(changed(file, change))


def test_a_trace_of_one_run_is_named(tmp_path: Path) -> None:
    """What `seqtest render --run --format json` writes is told from any other JSON."""
    path = tmp_path / "trace.json"
    path.write_text('{"format": 1, "proved": {}, "steps": [], "happened": []}')

    assert "seqtest render --run --format json" in refusal(path)


@pytest.mark.parametrize(("text", "words"), [("<html>", "not JSON"), ("[" * 100_000, "not JSON"), ("[1]", "kind")])
def test_other_files_are_refused(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "other.json"
    path.write_text(text)

    assert words in refusal(path)
    assert "No such file" in refusal(tmp_path / "nowhere.json")


@pytest.mark.parametrize(
    "svg",
    [
        "<svg/>",
        "no picture",
        GOOD.format("<!-- x -->"),
        '<!DOCTYPE svg [<!ENTITY a "b">]>' + GOOD.format("&a;"),
        GOOD.replace("<text>", "<script>alert(1)</script><text>").format("x"),
        GOOD.replace("<svg ", '<svg onload="alert(1)" ').format("x"),
        GOOD.replace("<text>", "<foreignObject/><text>").format("x"),
        GOOD.replace("<text>", '<a href="javascript:alert(1)"/><text>').format("x"),
        GOOD.replace("<text>", '<a href=" JavaScript:alert(1)"/><text>').format("x"),
        GOOD.replace("<text>", '<a href="data:text/html,x"/><text>').format("x"),
        GOOD.replace("<text>", '<use href="http://evil.example/x.svg#a"/><text>').format("x"),
        GOOD.replace("<text>", '<rect style="fill:url(http://evil.example)"/><text>').format("x"),
        GOOD.replace("<text>", '<rect fill="url(//evil.example)"/><text>').format("x"),
        GOOD.replace("<text>", "<style>@import '//evil.example/x.css';</style><text>").format("x"),
        GOOD.replace("<text>", '<html:script xmlns:html="http://www.w3.org/1999/xhtml"/><text>').format("x"),
        GOOD.replace("<text>", '<a xmlns:x="http://www.w3.org/1999/xlink" x:href="javascript:x"/><text>').format("x"),
    ],
)
def test_a_picture_that_could_do_something_is_refused(svg: str) -> None:
    """Scripts, handlers, addresses that are fetched or run, other languages, entities."""
    assert picture_problem(svg) != ""


@pytest.mark.parametrize("link", ["https://example.org/a?b", "mailto:a@b.example", "#L3", "docs/x.html", "/x?y=a:b"])
def test_links_that_lead_somewhere_are_taken(link: str) -> None:
    assert picture_problem(GOOD.replace("<text>", f'<a href="{link}"/><text>').format("x")) == ""


def test_one_case_in_two_files_is_refused(file: Path, local: list[Case]) -> None:
    """Nobody knows which of them is the one to show; different cases are put together."""
    found = load(file)
    first, rest = Saved(local[:1], "a", 1), Saved(local[1:], "a", 2)

    assert len(merged([(Path("a.json"), first), (Path("b.json"), rest)]).cases) == len(local)
    assert merged([(Path("a.json"), first), (Path("b.json"), rest)]).not_run == 3
    with pytest.raises(Unanswerable, match=r"is in a\.json, too"):
        merged([(Path("a.json"), first), (file, found)])


def test_drawings_that_have_changed_are_refused(tmp_path: Path, local: list[Case]) -> None:
    """As they were they pass; changed, gone or outside the project they do not."""
    drawing = tmp_path / "flow.puml"
    drawing.write_text("@startuml\n@enduml\n")
    case = copy.deepcopy(local[0])
    case["made_of"] = {"flow.puml": digest_of(drawing)}
    found = [(Path("run.json"), Saved([case]))]

    refuse_stale(found, tmp_path)
    drawing.write_text("@startuml\nA -> B\n@enduml\n")
    with pytest.raises(Unanswerable, match=r"flow\.puml has changed since") as caught:
        refuse_stale(found, tmp_path)
    assert caught.value.finding.code == "SQ469"
    with pytest.raises(Unanswerable, match="is not in"):
        refuse_stale(found, tmp_path / "elsewhere")
    case["made_of"] = {"../flow.puml": digest_of(drawing)}
    with pytest.raises(Unanswerable, match="is not in"):
        refuse_stale(found, tmp_path)


def test_shapes() -> None:
    """Numbers are no booleans, tuples have their length, unions take any of theirs."""
    assert misfit(True, int) == "the file is true or false, not a whole number"
    assert misfit(1, float) == ""
    assert misfit(["a"], tuple[str, str]) == "the file is a list, not a list of 2"
    assert misfit(["a", "b"], tuple[str, str]) == ""
    assert misfit(None, int | None) == ""
    assert misfit("x", int | None) == "the file is a text, not a whole number or null"
    assert misfit({"a": "b"}, dict[str, int]) == ".a is a text, not a whole number"
    assert saved.FORMAT == 1
