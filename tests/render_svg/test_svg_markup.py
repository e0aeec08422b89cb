"""The one place that escapes."""

import pytest

from seqtest.render.markup import escape, href, visible


def test_what_has_a_meaning_in_xml_is_escaped() -> None:
    """Text with markup and both quotes is inert as content and as an attribute's value."""
    assert escape("<a href=\"x\" title='y'>&amp;") == "&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;amp;"


@pytest.mark.parametrize("character", ["\x00", "\x08", "\x1b", "\x7f", "\x9f", "\ud800", "\ufffe", "\u2028"])
def test_what_xml_cannot_hold_is_replaced(character: str) -> None:
    """Control characters, lone surrogates and line separators become a replacement character."""
    assert visible(f"a{character}b") == "a\ufffdb"


@pytest.mark.parametrize("character", ["\u202e", "\u2066", "\u200f", "\U000e0041"])
def test_what_steers_the_direction_of_writing_is_named(character: str) -> None:
    """A bidirectional override turns no text around: it is named."""
    assert visible(character) == f"[U+{ord(character):04X}]"


def test_scripts_of_the_world_stay_as_they_are() -> None:
    """Letters, combining marks, joiners of emoji and private-use icons are left alone."""
    text = "é Ж 日本 עברית 👩\u200d💻 e\u0301 \ue000"

    assert visible(text) == text


def test_tabs_and_invisible_hints() -> None:
    """A tab is four blanks; a soft hyphen and a zero-width space are nothing."""
    assert visible("a\tb\u00adc\u200bd") == "a    bcd"


@pytest.mark.parametrize(
    "url", ["http://a.example/x?y=1#z", "HTTPS://a.example", "mailto:a@b.example", "docs/x.html", "#top"]
)
def test_addresses_that_open_a_page_are_links(url: str) -> None:
    """http, https, mailto and relative addresses."""
    assert href(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\tscript:alert(1)",
        " \x01javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "file:///etc/passwd",
        "//evil.example/x",
        "\\\\evil.example\\x",
        "",
    ],
)
def test_addresses_that_do_more_are_no_links(url: str) -> None:
    """What could run code, read a file or leave by the page's own scheme is not followed."""
    assert href(url) is None
