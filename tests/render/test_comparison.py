"""The table of a comparison."""

import json
from dataclasses import replace

import pytest

from seqtest.render.comparison import as_json, as_markdown, as_text, in_words, lines
from seqtest.render.grid import width_of
from seqtest.verdict.compare import Comparison, Cost, Measured, MessageSize

LOCAL = Measured(
    "jwt-local", True, Cost(4, 2, 0, 2500), {"users": 1, "auth": 1},
    (MessageSize("client -> auth : POST /token", 1000), MessageSize("client -> users : GET /users/123", 1500)),
    {"access_token": 712}, 1424, 0.004, 0.0021, 5, Cost(2, 1, 0, 1000), Cost(2, 1, 0, 1500), 1,
)  # fmt: skip
OPAQUE = Measured(
    "opaque-token", True, Cost(8, 3, 1, 3210), {"users": 1, "auth": 2, "db": 1},
    (
        MessageSize("client -> auth : POST /token", 1000),
        MessageSize("users -> auth : POST /introspect", 710),
        MessageSize("client -> users : GET /users/123", 1500),
    ),
    {"access_token": 43}, 129, 0.008, 0.0042, 5, Cost(2, 1, 0, 1000), Cost(6, 2, 1, 2210), 1,
)  # fmt: skip
COMPARISON = Comparison((OPAQUE, LOCAL))


def row(text: str, title: str, occurrence: int = 0) -> list[str]:
    found = [line for line in text.split("\n") if line.strip().startswith(title)][occurrence]
    return found.split(title)[1].split()


def test_the_table_shows_both_and_the_difference() -> None:
    """Each count of either flow stands side by side with how far they are apart."""
    text = as_text(COMPARISON)

    assert row(text, "messages") == ["8", "4", "−4"]
    assert row(text, "HTTP round trips") == ["3", "2", "−1"]
    assert row(text, "calls to users") == ["1", "1", "="]
    assert row(text, "bytes on the wire") == ["3,210", "2,500", "−710"]
    assert row(text, "bytes of the access_token") == ["43", "712", "+669"]


def test_what_one_flow_does_not_have_is_a_dash() -> None:
    """A participant or message that only one flow has is not counted as zero."""
    text = as_text(COMPARISON)

    assert row(text, "calls to db") == ["1", "–", "–"]
    assert row(text, "users -> auth : POST /introspect") == ["710", "–", "–"]


def test_calls_after_one_login_are_added_up() -> None:
    """For ten calls the login counts once."""
    text = as_text(COMPARISON)
    after = text[text.index("one login and 10 calls") :]

    assert row(after, "messages") == ["62", "22", "−40"]


def test_the_answer_is_given_in_words() -> None:
    """Which flow is chattier and by how much, also for each further call."""
    assert in_words(COMPARISON) == (
        "opaque-token is chattier: each call after the login takes 6 messages against 2 (3.0×), and 2,210 bytes "
        "against 1,500. The whole runs: 8 messages against 4, with 1 and 1 such calls."
    )


def test_without_a_login_the_whole_runs_decide() -> None:
    """Where there is no login to take away, all messages are compared."""
    bare = replace(OPAQUE, per_call=None, login=None)

    assert in_words(Comparison((bare, LOCAL))) == "opaque-token is chattier: 8 messages against 4 (2.0×)."


def test_even_flows_are_said_to_be_even() -> None:
    """There is no chattier one where there is none."""
    assert "Neither flow is chattier: 4 messages against 4." in as_text(Comparison((LOCAL, LOCAL)))


def test_a_broken_flow_is_warned_of() -> None:
    """Numbers of a broken run carry a warning."""
    assert "opaque-token broke a promise" in in_words(Comparison((replace(OPAQUE, is_kept=False), LOCAL)))


@pytest.mark.parametrize("width", [60, 80, 100, 140])
def test_the_table_keeps_its_width(width: int) -> None:
    """Long names are cut, numbers never."""
    long = replace(OPAQUE, name="a-very-long-name-of-a-flow-" * 4)
    table = as_text(Comparison((long, LOCAL)), width=width).split("\n\nboth")[0]

    assert (
        max(width_of(line) for line in table.split("\n") if "chattier" not in line and "Counted" not in line) <= width
    )
    assert "3,210" in table


def test_markdown_is_a_table() -> None:
    """Every row has four cells, and names cannot break out of theirs."""
    text = as_markdown(Comparison((replace(OPAQUE, name="a|b<script>"), LOCAL)))
    rows = [line for line in text.split("\n") if line.startswith("|")]

    assert all(line.replace("\\|", "").count("|") == 5 for line in rows)
    assert "<script>" not in text


def test_json_has_the_numbers() -> None:
    """The same numbers for other programs, the same bytes every time."""
    value = json.loads(as_json(COMPARISON))

    assert value["chattier"] == "opaque-token"
    assert value["flows"][0]["total"]["messages"] == 8
    assert value["for_calls"][1]["flows"][1]["messages"] == 22
    assert as_json(COMPARISON) == as_json(COMPARISON)


def test_messages_of_several_flows_stand_in_one_row() -> None:
    """Each flow's own messages stay in their order, before the common one that follows them, else at the end."""
    third = replace(
        LOCAL,
        name="third",
        messages=(
            MessageSize("browser -> op : GET /authorize", 7),
            MessageSize("client -> users : GET /users/123", 8),
            MessageSize("client -> users : GET /users/123", 9),
        ),
    )
    rows = [line for line in lines(Comparison((LOCAL, OPAQUE, third))) if " : " in line.title]

    assert [(row.title.split(" : ")[1], row.values) for row in rows] == [
        ("POST /token", (1000, 1000, None)),
        ("POST /introspect", (None, 710, None)),
        ("GET /authorize", (None, None, 7)),
        ("GET /users/123", (1500, 1500, 8)),
        ("GET /users/123", (None, None, 9)),
    ]


def test_of_several_flows_the_chattiest_is_named() -> None:
    """Beside it the one with the fewest messages; the table has no difference, and Markdown a column for each."""
    third = replace(LOCAL, name="third", per_call=Cost(4, 2, 0, 9))
    comparison = Comparison((third, OPAQUE, LOCAL))

    assert in_words(comparison) == (
        "opaque-token is the chattiest: each call after the login takes 6 messages against 2 of jwt-local, the fewest "
        "(3.0×), and 2,210 bytes against 1,500."
    )
    assert row(as_text(comparison), "messages") == ["4", "8", "4"]
    assert "| messages | 4 | 8 | 4 |" in as_markdown(comparison)
    assert "difference" not in as_text(comparison) + as_markdown(comparison)


def test_where_one_has_no_calls_the_whole_runs_decide() -> None:
    """What cannot be said of each is said of none."""
    bare = replace(LOCAL, name="bare", per_call=None)

    assert "8 messages against 4 of jwt-local, the fewest (2.0×)" in in_words(Comparison((LOCAL, OPAQUE, bare)))
    assert "each call after the login" not in as_text(Comparison((LOCAL, OPAQUE, bare)))
