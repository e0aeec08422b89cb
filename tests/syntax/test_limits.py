"""What is too large or too deep is an error with a place; what is only odd takes no longer than its length."""

import contextlib
import sys
import time

import pytest

from seqtest.diagram.lint import lint
from seqtest.diagram.read import read
from seqtest.errors import UnreadableDiagram
from seqtest.source import Source

SECONDS = 2 if sys.gettrace() is None else 8
"""Of the processor; what counts lines slows them down several times."""


def code_of(text: str) -> str:
    """The first finding's code, empty when the text can be read."""
    try:
        read(Source("flow.puml", f"@startuml\n{text}\n@enduml\n"))
    except UnreadableDiagram as refused:
        return refused.finding.code
    return ""


@pytest.mark.parametrize(
    ("what", "text", "code"),
    [
        ("groups", "alt x\n" * 10_000 + "A -> B\n" + "end\n" * 10_000, "SQ112"),
        ("directives", "!if 1\n" * 10_000 + "A -> B\n" + "!endif\n" * 10_000, "SQ124"),
        ("parentheses", "A -> B\n!$x = " + "(" * 10_000 + "1" + ")" * 10_000, ""),
        ("calls", "A -> B\n!$x = 1\n!$y = " + "%strlen(" * 10_000 + ")" * 10_000, "SQ120"),
        ("boxes", "box x\n" * 10_000 + "participant A", ""),
    ],
)
def test_ten_thousand_deep(what: str, text: str, code: str) -> None:
    """Nesting 10,000 deep is read or refused, never a crash."""
    assert code_of(text) == code


ODD = {
    "one long name": "A" * 64_000,
    "words without an arrow": "A b " * 16_000,
    "blanks behind a name": "A" + " " * 64_000 + "x",
    "blanks behind a keyword": "left" + " " * 64_000 + "x",
    "blanks in a setting": "skinparam" + " " * 64_000 + "{x",
    "blanks in a divider": "==" + " " * 64_000 + "x",
    "blanks in a delay": "..." + " " * 64_000 + "x",
    "links never closed": "A -> B " + "[[x " * 16_000,
    "stereotypes never closed": "A -> B " + "<<" * 32_000,
    "notes never closed": "A -> B\n" + "note right\n" * 6_000,
    "calls never closed": "!$x = 1\nA -> B : " + "%strlen('" * 7_000,
    "comments never closed": "A -> B\n" + "/'\n" * 20_000,
    "quotes": '"' * 64_000,
    "dashes": "- " * 32_000,
    "braces": "A -> B\n!$x = " + "{" * 64_000,
    "a pattern that runs for years": f'A -> B\n!$x = %splitstr_regex("{"a" * 60}!", "(a+)+$")',
    "a file with a long name": "A -> B\n!include " + "a" * 64_000,
    "a file with a name that is none": "A -> B\n!include a\0b",
    "a call never closed": "A -> B\n%f(" + "a" * 64_000,
    "blanks behind an activation": "A -> B\nactivate A " + " " * 64_000 + "!",
    "blanks in a link": "A -> B [[" + " " * 64_000 + "!",
    "a colour of one long word": "A -> B #" + "_" * 64_000 + "!",
    "a note's colour of one long word": "note left #" + "_" * 64_000 + "!",
    "many values behind one another": "A -> B\n!foreach $i in " + "n " * 32_000,
    "many empty texts as one argument": "A -> B : %strlen(" + '"' * 64_000 + ")",
    "a long value in a loop that never ends": "A -> B\n!while 1\n!$x = " + "a " * 31_000 + "\n!endwhile",
    "a long sum in a loop": "A -> B\n!foreach $i in ["
    + ",".join("1" * 400)
    + "]\n!$x = "
    + "1+" * 31_000
    + "1\n!endfor",
    "a page of one long number": "page 1" + "1" * 64_000 + "!",
    "a line continued": "A -> B : " + "x \\\n" * 16_000 + "y",
}


@pytest.mark.parametrize("what", ODD)
def test_odd_text_takes_no_longer_than_its_length(what: str) -> None:
    """64 KB of anything is read or refused within a second or so of the processor."""
    begun = time.process_time()
    code_of(ODD[what])

    assert time.process_time() - begun < SECONDS


def test_a_long_value_in_a_short_loop_is_read() -> None:
    """Only what is followed over and over is refused."""
    assert code_of("!foreach $i in [1, 2, 3]\n!$x = " + "a " * 31_000 + "\nA -> B : $x\n!endfor") == ""
    assert code_of("A -> B\n!while 1\n!$x = " + "a " * 31_000 + "\n!endwhile") == "SQ124"


@pytest.mark.parametrize("group", ["alt x\nA -> A\nend\n", "alt x\nA -> A ++\nelse\nA -> A --\nend\n"])
def test_many_bars_before_many_groups_are_checked_quickly(group: str) -> None:
    """Who is active behind a group is worked out without comparing each bar with each."""
    text = "@startuml\n" + "activate A\n" * 2_500 + group * (30_000 // len(group)) + "@enduml\n"
    (diagram,) = read(Source("bars.puml", text))
    begun = time.process_time()
    found = lint(diagram)

    assert time.process_time() - begun < SECONDS
    assert any(finding.code == "SQ220" for finding in found)


ODD_IN_MERMAID = {
    "blanks in a link": "link A: " + " " * 64_000 + "!",
    "blanks before a link's text": "links " + " " * 64_000 + "!",
    "blanks behind a name": "A" + " " * 64_000 + "!",
    "blanks behind a receiver": "A->>B" + " " * 64_000 + "!",
    "names of many words": "A " * 32_000,
    "dashes": "A" + "-" * 64_000 + "!",
    "arrows": "A->>" * 16_000 + ": x",
    "parentheses": "A(" * 32_000,
    "a number of many digits": "autonumber " + "1" * 64_000,
    "a digit that is no number": "autonumber ²",
    "semicolons": "A->>B: x;" * 7_000,
}


@pytest.mark.parametrize("what", ODD_IN_MERMAID)
def test_odd_mermaid_takes_no_longer_than_its_length(what: str) -> None:
    """64 KB of anything is read or refused within a second or so of the processor."""
    begun = time.process_time()
    with contextlib.suppress(UnreadableDiagram):
        read(Source("flow.mmd", f"sequenceDiagram\nA->>B: x\n{ODD_IN_MERMAID[what]}\n"))

    assert time.process_time() - begun < SECONDS


@pytest.mark.parametrize(
    "fence", ["```mermaid\n", "```plantuml\nA -> B\n", "> ```mermaid\n> sequenceDiagram\n> A->>B: x\n"]
)
def test_blank_lines_of_a_document_take_no_longer_than_their_number(fence: str) -> None:
    """60,000 blank lines in a fence are passed over within a second or so of the processor."""
    begun = time.process_time()
    read(Source("flow.md", fence + "\n" * 60_000))

    assert time.process_time() - begun < SECONDS


def test_growth_is_linear() -> None:
    """Eight times the messages take about eight times as long, not sixty-four times."""

    def seconds(count: int) -> float:
        text = "\n".join(f"A -> B : {count} {number}\nnote right\n  x = {number}\nend note" for number in range(count))
        begun = time.process_time()
        code_of(text)
        return time.process_time() - begun

    seconds(100)

    assert seconds(4000) < 30 * seconds(500)
