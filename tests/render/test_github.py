"""Workflow commands and Markdown for GitHub: what is escaped, and what is left out."""

from seqtest.errors import Finding
from seqtest.render.github import LARGEST_DIAGRAM, LARGEST_SUMMARY, Failed, Place, annotation, summary

PLACE = Place("flows/a.puml", 3, 5, 9)


def test_a_command_has_one_line() -> None:
    """Line ends, percent signs, colons and commas cannot end it or begin another; controls are shown."""
    finding = Finding("SQ550", "a,b: 100%\n::error::x\r", expected="one\x1b[31m", got="two")
    line = annotation(finding, Place("a,b:c.puml", 3, 5, 9), "n")

    assert line == (
        "::error title=SQ550 in n,file=a%2Cb%3Ac.puml,line=3,col=5,endColumn=9"
        "::a,b: 100%25%0A::error::x%0Aexpected: one�[31m%0Agot: two"
    )


def test_a_warning_is_one() -> None:
    """And without a line it is at the file."""
    assert annotation(Finding("SQ240", "w", severity="warning"), Place("a.puml"), "n").startswith(
        "::warning title=SQ240 in n,file=a.puml::w"
    )


def test_words_are_words_and_fences_hold() -> None:
    """Markup in a case's name is shown; a text with fences stands in a longer one."""
    failed = Failed("<img src=x>*b*[l](u)", Place("a b.puml", 2), (), "```\n````\nend", "")
    text = summary(0, "", [failed], {"GITHUB_SERVER_URL": "https://h", "GITHUB_REPOSITORY": "o/r", "GITHUB_SHA": "c"})

    assert "#### &lt;img src=x&gt;\\*b\\*\\[l\\]\\(u\\)" in text
    assert "`````text\n```\n````\nend\n`````\n" in text
    assert "[a b.puml:2](https://h/o/r/blob/c/a%20b.puml#L2)" in text


def test_a_file_with_a_strange_name_is_not_linked() -> None:
    """Nothing in it becomes part of an address."""
    text = summary(0, "", [Failed("n", Place("a)(javascript:x.puml", 2), (), "t")], {
        "GITHUB_SERVER_URL": "https://h", "GITHUB_REPOSITORY": "o/r", "GITHUB_SHA": "c"})  # fmt: skip

    assert "](" not in text
    assert "a\\)\\(javascript:x.puml:2" in text


def test_what_github_would_refuse_is_left_out() -> None:
    """A diagram that it does not draw, and cases beyond a summary's size, which are counted."""
    large = Failed("large", PLACE, (), "t", "x" * (LARGEST_DIAGRAM + 1))
    many = [Failed(f"n{number}", PLACE, (), "t" * 50_000, "d") for number in range(40)]

    assert "mermaid" not in summary(0, "", [large], {})
    text = summary(0, "", many, {})
    assert len(text.encode()) <= LARGEST_SUMMARY + 100
    assert text.endswith("more, in the log\n")
