"""The report as files."""

import builtins
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from seqtest.errors import Finding, Unanswerable
from seqtest.render.html.case import Case, case_of_error
from seqtest.render.html.report import Report, diff, exchanges, files, find, missing, named, prose
from seqtest.render.plot import Bars, Line, bars, lines

Written = Callable[..., Path]


def made(cases: list[Case], **more: Any) -> dict[str, str]:
    return dict(files(Report(cases, "project", **more)))


def test_there_is_a_page_for_each_case(local: list[Case], opaque: list[Case]) -> None:
    """An index that leads to each of them, and shared assets."""
    found = made([*local, *opaque])
    pages = [name for name in found if name.startswith("flows/")]

    assert len(pages) == len(local) + len(opaque)
    assert {"index.html", "times.js", "assets/report.css", "assets/report.js", "assets/picture.css"} <= set(found)
    assert all(f'href="{page}"' in found["index.html"] for page in pages)


def test_equal_runs_give_equal_bytes(play: Callable[..., list[Case]], local: list[Case], opaque: list[Case]) -> None:
    """Whatever the order in which the cases came, and however long they took; `times.js` alone may differ."""
    folder = Path(__file__).parents[2] / "diagrams"
    again = [*play(folder / "opaque-token.puml"), *reversed(play(folder / "jwt-local.puml"))]
    one, other = made([*local, *opaque], real={"x": 1.0}), made(again, made_at="2026-01-31T12:00:00Z")

    assert {name for name in one if one[name] != other[name]} == {"times.js"}


def test_no_address_is_fetched(local: list[Case], broken: list[Case]) -> None:
    """Nothing in any file is loaded from a host, and no script stands in a page."""
    for name, text in made([*local, *broken]).items():
        loaded = re.findall(r'(?:src|href)="([^"]*)"', text) + re.findall(r"url\(([^)]*)\)|@import", text)

        assert [address for address in loaded if re.match(r"https?:|//", address)] == [], name
        assert re.findall(r"<script(?! src=)", text) == [], name
        assert re.findall(r"\son\w+=", text) == [], name


def test_what_is_wrong_comes_first(local: list[Case], broken: list[Case]) -> None:
    """Files in which a case is not kept stand on top of the index, though their names come later."""
    index = made([*local, *broken])["index.html"]

    assert re.findall(r'class="path">([^<]*)', index) == ["broken.puml", "jwt-local.puml"]
    assert "6 of 12 cases not kept" in index


def test_names_of_pages_are_names_of_files() -> None:
    """Whatever is in a node id; two that differ in case only do not share a page."""
    ids = ["a/B.puml::x", "a/b.puml::x", "../../etc/passwd::x", "con.puml::ä ö", "x" * 500, "<script>", ".."]
    slugs = [entry.slug for entry in named([error_case(id) for id in ids])]

    assert len({slug.casefold() for slug in slugs}) == len(ids)
    assert all(re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}", slug) for slug in slugs)


def error_case(id: str, text: str = "wrong") -> Case:
    return case_of_error([Finding("SQ101", text)], id=id, file=id.partition("::")[0], name=id)


def test_opaque_tokens_are_set_beside_jwts(local: list[Case], opaque: list[Case]) -> None:
    """The flow that asks for each call beside the one that does not, with numbers, plots and words."""
    found = made([*local, *opaque])
    (name,) = [name for name in found if name.startswith("compare/")]
    page = found[name]

    assert f'href="{name}"' in found["index.html"]
    assert "opaque-token: token is good is chattier: each call after the login takes 6 messages against 2" in page
    assert page.count('<svg class="plot"') == 4
    assert re.search(r'<th scope="row">HTTP round trips</th><td>3</td><td>2</td><td>−1</td>', page)
    assert "time, real" not in page


def test_an_encrypted_token_is_not_opaque(local: list[Case], opaque: list[Case]) -> None:
    """A token that nobody but its reader can open is no opaque one, and is set beside nothing unasked."""
    text = json.dumps(opaque).replace('\\"access_token\\": \\"', '\\"access_token\\": \\"eyJ')

    assert any(name.startswith("compare/") for name in made([*local, *opaque]))
    assert not any(name.startswith("compare/") for name in made([*local, *json.loads(text)]))


def test_two_cases_can_be_asked_for(local: list[Case], opaque: list[Case]) -> None:
    """By node id or by file; what is not there is said."""
    pairs = [("jwt-local.puml::no-token", "opaque-token.puml"), ("nowhere.puml", "jwt-local.puml")]
    report = Report([*local, *opaque], pairs=pairs)

    assert [name for name in dict(files(report)) if "no-token--" in name] == [
        "compare/jwt-local.puml-no-token--opaque-token.puml-token-is-good.html"
    ]
    assert missing(report) == ["nowhere.puml"]
    assert find(named(local), "jwt-local.puml").case["name"] == "token is good"  # type: ignore[union-attr]  # it is there


def test_a_case_that_was_not_played_is_compared_with_nothing(local: list[Case]) -> None:
    """An unreadable drawing has no numbers."""
    assert missing(Report([*local, error_case("x.puml::unreadable")], pairs=[("x.puml", "jwt-local.puml")])) == [
        "x.puml"
    ]


def test_messages_stand_with_their_answers(opaque: list[Case]) -> None:
    """Nested calls too, each with its own."""
    pairs = [
        (exchange.request["label"], exchange.answer["label"] if exchange.answer else None)
        for exchange in exchanges(opaque[0]["messages"])
    ]

    assert pairs[0] == ("POST /oauth/token", "200 OK")
    assert ("GET /users/123", "200 OK") in pairs
    assert len(pairs) == 5


def test_what_a_ref_brought_has_no_line_of_this_page(
    play: Callable[..., list[Case]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its messages are told; they stand in another file, so no line of this one is theirs."""
    monkeypatch.chdir(tmp_path)
    call = "client -> api : GET /{0}\napi --> client : 200 OK\n@enduml\n"
    Path("used.puml").write_text("@startuml\n" + call.format("used"))
    Path("main.puml").write_text("@startuml\nref over client, api : used.puml\n" + call.format("own"))
    (case,) = play(Path("main.puml"), bindings={"api": lambda message: {}})

    assert [(message["label"], message["line"]) for message in case["messages"]] == [
        ("GET /used", None),
        ("200 OK", None),
        ("GET /own", 3),
        ("200 OK", 4),
    ]


def test_answers_point_to_whom_they_went(local: list[Case]) -> None:
    """The dashed arrow leads from sender to receiver, like the others."""
    page = made(local)["flows/jwt-local.puml-token-is-good.html"]

    assert "Auth server ⇢ Web client" in page
    assert "Web client → Auth server" in page


def test_diagrams_of_one_file_are_told_apart(local: list[Case], opaque: list[Case]) -> None:
    """Where a file has several, a case is named with its diagram's title."""
    one = {**local[0], "file": "both.md", "title": "Locally"}
    other = {**opaque[0], "file": "both.md", "title": "Asking"}
    index = made([one, other])["index.html"]  # type: ignore[list-item]  # cases with other titles

    assert '<span class="name">Asking: token is good</span>' in index
    assert '<span class="name">Locally: token is good</span>' in index


def test_a_difference_is_shown_word_by_word() -> None:
    """What is the same stays unmarked."""
    assert diff("exp = 1795", "exp = 1800") == [("same", "exp = ", "exp = "), ("changed", "1795", "1800")]
    assert diff("401 Unauthorized", "200 OK") == [("changed", "401 Unauthorized", "200 OK")]
    assert diff("a b", "a") == [("same", "a", "a"), ("changed", " b", "")]


def test_words_in_backticks_are_code_and_nothing_else_is_markup() -> None:
    """What a finding quotes is escaped inside and outside of them."""
    assert prose("`<b>` and <i>") == "<code>&lt;b&gt;</code> and &lt;i&gt;"


def test_plots_say_what_they_show() -> None:
    """A title for a screen reader, each number in words, names escaped."""
    drawn = bars("Bytes", [Bars("<a>", (10, 0))]).in_page()

    assert 'role="img" aria-label="Bytes"' in drawn
    assert "&lt;a&gt;" in drawn
    assert ">10</text>" in drawn
    assert ">0</text>" in drawn
    assert ">calls</text>" in lines("x", range(6), [Line([0] * 6, 0)], "calls").in_page()


def test_without_jinja_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, local: list[Case]) -> None:
    """The extra is named."""
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name == "jinja2":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(Unanswerable, match=r"SQ466[\s\S]*pip install 'seqtest\[report\]'"):
        list(files(Report(local)))


HOSTILE = (
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "javascript:alert(1)",
    "{{ 7 * 7 }} {% raw %}",
    "&lt;script&gt;&#60;",
    "\u2028\u202eevil\u2066\u0000",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_only_text(text: str, local: list[Case]) -> None:
    """In every field of a case, as it would come from another process."""

    def poisoned(value: Any, name: str = "") -> Any:
        if isinstance(value, dict):
            return {key: poisoned(member, key) for key, member in value.items()}
        if isinstance(value, list):
            return [poisoned(member, name) for member in value]
        keeps = name in ("state", "svg", "key", "signature_state")
        return value if keeps or not isinstance(value, str) else value + text

    found = made([poisoned(local[0]), poisoned(error_case("x.puml::y", text))])
    for name, page in found.items():
        if name.endswith(".html"):
            assert "<script>" not in page
            assert "<img" not in page
            assert not re.search(r'href="\s*javascript:', page)
            assert "49 {" not in page
