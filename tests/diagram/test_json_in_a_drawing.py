"""JSON as it stands: behind a label, over the label's lines, in a note."""

import time

import pytest

from seqtest.diagram.block import Line
from seqtest.diagram.braces import json_of_note
from seqtest.diagram.expectation import Expectation, Plain, Reference, RequestLine, Template
from seqtest.diagram.promise import expect, note_promises
from seqtest.diagram.read import read as read_source
from seqtest.errors import Finding, UnreadableDiagram
from seqtest.source import Source

PERSON = {("name",): "alice", ("age",): 3, ("address",): {"city": "Oxford", "rooms": [1, 2]}}
PERSON_LINES = (
    "{",
    '  "name": "alice",',
    '  "age": 3, "address": {',
    '    "city": "Oxford",',
    '    "rooms": [1,',
    "      2]",
    "  }",
    "}",
)


def read(label: str, *lines: str) -> Expectation:
    text = "".join(f"  {line}\n" for line in lines)
    note = f"note right\n{text}end note\n" if lines else ""
    (diagram,) = read_source(Source("flow.puml", f"@startuml\nclient -> auth : {label}\n{note}@enduml\n"))
    (message,) = diagram.messages()
    return expect(message)


def values(expectation: Expectation) -> dict[object, object]:
    return {one.path: one.values[0].value for one in expectation.promises if isinstance(one.values[0], Plain)}


def refusal(label: str, *lines: str) -> Finding:
    with pytest.raises(UnreadableDiagram) as caught:
        read(label, *lines)
    (finding,) = caught.value.findings
    return finding


def is_json(label: str, *lines: str) -> bool:
    line = read(label, *lines).line
    assert isinstance(line, RequestLine)
    return line.is_json


@pytest.mark.parametrize(
    "label",
    [
        r'{"name": "alice", "age": 3, "address": {"city": "Oxford", "rooms": [1, 2]}}',
        r'{\n  "name": "alice",\n  "age": 3,\n  "address": {"city": "Oxford",\n "rooms": [1, 2]}\n}',
        r'\n{"name": "alice", "age": 3, "address": {"city": "Oxford", "rooms": [1, 2]}}',
        r'\n{\n"name": "alice", "age": 3, "address": {\n\n"city": "Oxford", "rooms": [1, 2]}}',
    ],
)
def test_json_in_a_label_may_go_on_over_its_lines(label: str) -> None:
    """However it is broken, it says the same, of a request and of an answer."""
    assert values(read(f"POST /users {label}")) == values(read(f"201 Created {label}")) == PERSON


def test_a_break_in_a_string_is_a_letter_of_it() -> None:
    """JSON has a word for a line's end, and it stands in the string."""
    assert values(read(r'200 OK {"text": "one\ntwo"}\nx = 1')) == {("text",): "one\ntwo", ("x",): 1}


def test_lines_of_a_label_stand_around_its_json() -> None:
    """A header before it, a check behind it."""
    assert values(read(r'POST /users\nX-Trace: 7\n{\n"name": "alice"\n}\nid = 1')) == {
        ("X-Trace",): "7",
        ("name",): "alice",
        ("id",): 1,
    }


def test_json_in_a_note_is_as_in_a_label() -> None:
    """Over as many lines as it needs, between other lines."""
    expectation = read("201 Created", "Cache-Control: no-store", *PERSON_LINES, "id = 1")

    assert values(expectation) == {("Cache-Control",): "no-store", **PERSON, ("id",): 1}
    assert values(read("201 Created", '{"name": "alice"}')) == {("name",): "alice"}


def test_members_in_a_note_stand_where_they_are_drawn() -> None:
    """So a broken one is shown in its line."""
    spans = {one.path[0]: one.value_span for one in read("201 Created", *PERSON_LINES).promises}

    assert {name: (span.line, span.column) for name, span in spans.items() if span} == {
        "name": (5, 13),
        "age": (6, 12),
        "address": (6, 26),
    }


def test_a_text_in_json_may_hold_values() -> None:
    """Their place is known, too."""
    (promise,) = read("200 OK", "{", '  "sub": "{id}"', "}").promises

    (value,) = promise.values
    assert isinstance(value, Template)
    assert value.parts == ("", Reference(("id",)))
    assert isinstance(value.parts[1], Reference)
    assert str(value.parts[1].span) == "flow.puml:5:14"


@pytest.mark.parametrize("label", ['POST /x {"a": 1}', r'PUT /x\n{"a": 1}', 'PATCH /x {"a": 1}', "POST /x {}"])
def test_the_body_of_a_request_with_json_is_json(label: str) -> None:
    """Whoever draws braces with quoted names means no form."""
    assert is_json(label)
    assert is_json(label.split()[0] + " /x", *(label.split("x", 1)[1].strip().removeprefix(r"\n"),))


@pytest.mark.parametrize("label", ['GET /x {"a": 1}', 'DELETE /x {"a": 1}', "POST /x {a: 1}", r"POST /x\na=1&b=2"])
def test_other_requests_are_not_json(label: str) -> None:
    """The fields of some are in the query, and names without quotes are note lines."""
    assert not is_json(label)


@pytest.mark.parametrize(
    ("lines", "message", "place"),
    [
        (("{", '  "a": 1,', "  b: 2", "}"), "Expecting property name", "flow.puml:6:5"),
        (("{", '  "a": 1', '  "b": 2', "}"), "Expecting ',' delimiter", "flow.puml:6:5"),
        (("{", '  "a": 1'), "Expecting ',' delimiter", "flow.puml:5:10"),
        (("{", '  "a": 1,', '  "a": 2', "}"), "the member `a` stands twice", "flow.puml:4:3"),
        (('{"a": 1}, x',), "Extra data", "flow.puml:4:11"),
        (('{"a": ' + "[" * 200_000 + "]" * 200_000 + "}",), "nested too deep", "flow.puml:4:3"),
    ],
)
def test_broken_json_in_a_note_is_refused_where_it_is_broken(lines: tuple[str, ...], message: str, place: str) -> None:
    """What JSON's reader says, in the drawing's line and column."""
    finding = refusal("200 OK", *lines)

    assert (finding.code, str(finding.span)) == ("SQ250", place)
    assert message in finding.message
    assert "`name = value`" in finding.do


def test_broken_json_in_a_label_is_refused_where_it_is_broken() -> None:
    """The columns are those of the label's line."""
    finding = refusal(r'POST /x\n{\n"a": 1\n"b": 2}')

    assert (finding.code, str(finding.span)) == ("SQ250", "flow.puml:2:38")


@pytest.mark.parametrize(
    ("held", "line"),
    [
        ('{"user": {"id": "{sub}"}}', "user.id = {sub}"),
        ('{"users": [{}, {"id": ["{sub}"]}]}', "users[1].id[0] = {sub}"),
    ],
)
def test_a_value_deeper_inside_is_refused(held: str, line: str) -> None:
    """It would be sent and compared as the text `{sub}`."""
    for finding in (refusal(f"200 OK {held}"), refusal("200 OK", held)):
        assert "`{sub}`" in finding.message
        assert f"`{line}`" in finding.do
    assert values(read('200 OK {"page": {"link": "https://x/{id}"}}')) == {("page",): {"link": "https://x/{id}"}}


def test_json_is_no_line_below_another_one() -> None:
    """What stands below a token or an object are lines."""
    assert refusal("200 OK", "user : object", '  {"a": 1}').code == "SQ240"


def test_a_participant_is_not_set_up_with_json() -> None:
    """At a participant stand settings and states, a line for each."""
    text = '@startuml\nparticipant auth\nnote over auth\n  {"a": 1}\nend note\n@enduml\n'
    (diagram,) = read_source(Source("flow.puml", text))
    (note,) = [item for item in diagram.items if type(item).__name__ == "Note"]

    with pytest.raises(UnreadableDiagram) as caught:
        note_promises(note)
    assert caught.value.finding.code == "SQ240"


def test_prose_may_hold_json_over_lines() -> None:
    """The text of an action is as it is written."""
    (part,) = read(r'tell {\n"a": 1}').line.text.parts  # type: ignore[union-attr]
    assert part == 'tell { "a": 1}'


def test_reading_a_long_object_grows_linearly() -> None:
    """Eight times the members, a line for each, take about eight times as long, not sixty-four times."""

    def seconds(count: int) -> float:
        members = [Line(f'"m{number}": {number},', None) for number in range(count)]
        begun = time.process_time()
        promises, rest, findings = json_of_note([Line("{", None), *members, Line('"last": 0', None), Line("}", None)])
        took = time.process_time() - begun
        assert (len(promises), rest, findings) == (count + 1, [], [])
        return took

    seconds(100)

    assert seconds(8000) < 30 * seconds(1000)


def test_a_text_that_is_not_closed_ends_with_its_line() -> None:
    """So the object ends where its brace is, and what stands below it is read."""
    with pytest.raises(UnreadableDiagram) as caught:
        read("POST /users", "{", '"name": "alice', "}", "age == 3")

    assert [finding.code for finding in caught.value.findings] == ["SQ250", "SQ240"]


def test_a_member_has_one_value_and_a_field_of_a_form_may_have_several() -> None:
    """What the body is decides, by the drawn `Content-Type` before all else."""
    assert refusal('POST /x {"a": 1}', "a = 2").code == "SQ252"
    assert refusal("POST /x", "json.b = 1", "a = 1", "a = 2").code == "SQ252"
    form = "Content-Type: application/x-www-form-urlencoded"
    assert not read('POST /x {"a": 1}', form, "a = 2").draws_json
    assert read("POST /x", "Content-Type: application/merge-patch+json; charset=utf-8", "a = 1").draws_json
    assert refusal("POST /x", "Content-Type: application/merge-patch+json", "a = 1", "a = 2").code == "SQ252"
