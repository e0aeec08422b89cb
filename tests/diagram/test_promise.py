"""What labels and note lines promise, and which lines are refused."""

import math

import pytest

from seqtest.diagram.expectation import (
    ActionLine,
    Call,
    Expectation,
    Moment,
    New,
    Plain,
    Promise,
    Reference,
    RequestLine,
    StatusLine,
    Template,
)
from seqtest.diagram.model import Message, Note, TextLine
from seqtest.diagram.promise import expect, note_promises
from seqtest.diagram.read import read as read_drawing
from seqtest.errors import Finding, UnreadableDiagram
from seqtest.source import Source, Span

PREFIX = "client -> auth : "


def drawn(label: str, *lines: str, stereotypes: tuple[str, ...] = ()) -> Message:
    text = f"{PREFIX}{label}\nnote left\n" + "".join(f"  {line}\n" for line in lines) + "end note\n"
    source = Source("flow.puml", text)
    spans = [
        Span.at(source, 3 + at, 3 + len(line) - len(line.lstrip()), len(line.strip())) for at, line in enumerate(lines)
    ]
    note = Note(
        "left", tuple(TextLine(line, span) for line, span in zip(lines, spans, strict=True)), stereotypes=stereotypes
    )
    notes = (note,) if lines else ()
    return Message("client", "auth", label, notes=notes, text_span=Span.at(source, 1, len(PREFIX) + 1, len(label)))


def read(label: str, *lines: str) -> Expectation:
    return expect(drawn(label, *lines))


def one(line: str, label: str = "200 OK") -> Promise:
    (promise,) = read(label, line).promises
    return promise


def below(parent: str, *lines: str, label: str = "200 OK") -> tuple[Promise, ...]:
    (promise,) = read(label, parent, *(f"  {line}" for line in lines)).promises
    return promise.children


def refusal(label: str, *lines: str) -> Finding:
    with pytest.raises(UnreadableDiagram) as caught:
        read(label, *lines)
    assert len(caught.value.findings) == 1
    return caught.value.finding


def plain(value: object, text: str | None = None) -> Plain:
    return Plain(value, str(value) if text is None else text)


# ---- Labels ----


@pytest.mark.parametrize(
    ("label", "method", "target"),
    [
        ("POST /oauth/token", "POST", "/oauth/token"),
        ("1. GET /users/123", "GET", "/users/123"),
        ("(14b) GET /x", "GET", "/x"),
        ("2.3: DELETE /x", "DELETE", "/x"),
        ("HTTP GET /x", "GET", "/x"),
        ("GET https://api.example/x?a=b", "GET", "https://api.example/x?a=b"),
        ("GET /x HTTP/1.1", "GET", "/x"),
    ],
)
def test_method_and_target_are_a_request(label: str, method: str, target: str) -> None:
    """A step number and the protocol's name in front change nothing."""
    assert read(label).line == RequestLine(method, Template((target,)))


def test_target_may_hold_values() -> None:
    """Braces in a target are values, alone or inside a path."""
    assert read("GET {Location}").line == RequestLine("GET", Template((Reference(("Location",)),)))
    assert read("GET /interaction/{new uid}").line == RequestLine("GET", Template(("/interaction/", New("uid"))))


@pytest.mark.parametrize(
    ("label", "statuses", "reason"),
    [
        ("200 OK", ("200",), "OK"),
        ("401 or 403", ("401", "403"), ""),
        ("4xx or 5XX", ("4xx", "5xx"), ""),
        ("HTTP/1.1 404 Not Found", ("404",), "Not Found"),
        ("401 Unauthorized or 403 Forbidden", ("401", "403"), "Forbidden"),
        ("302 Moved Temporarily", ("302",), "Moved Temporarily"),
        ("(3) 200 ok", ("200",), "ok"),
    ],
)
def test_a_status_is_a_response(label: str, statuses: tuple[str, ...], reason: str) -> None:
    """Statuses and classes, joined by `or`, with the reason phrase of one of them."""
    assert read(label).line == StatusLine(statuses, reason)


def test_a_status_may_be_a_value() -> None:
    """`{status}` is a response whose status is known from elsewhere, as from a table's row."""
    assert read("{status}").line == StatusLine((), "", Reference(("status",)))


@pytest.mark.parametrize("label", ["find user {id}", "Alice", "log in", "POST-process it", "12 apples", "{user}"])
def test_anything_else_is_an_action(label: str) -> None:
    """What is neither a request nor a response is an action or what it gave back."""
    assert isinstance(read(label).line, ActionLine)


def test_prose_may_hold_any_braces() -> None:
    """An action whose braces are no values is taken as it is written: most drawings are prose."""
    assert read("send {a: 1, b}").line == ActionLine(Template(("send {a: 1, b}",)))


@pytest.mark.parametrize(
    "label", ["200 items found", "200 OK and more", "200 OK!", "200: OK", "401 Forbidden", "204 [1]"]
)
def test_text_behind_a_status_is_refused(label: str) -> None:
    """Only that status's reason phrase, braces and a location may follow: anything else would be a check never made."""
    assert refusal(label).code == "SQ245"


def test_the_reason_phrase_of_another_status_is_named() -> None:
    """A reason phrase that contradicts the status says whose it is."""
    finding = refusal("401 Forbidden")

    assert "403" in finding.message
    assert finding.expected == "Unauthorized"
    assert str(finding.span) == "flow.puml:1:22"


def test_text_behind_a_target_is_refused() -> None:
    """A request's fields stand in braces or on lines of their own, not loosely behind the target."""
    assert refusal("POST /token code={code}").code == "SQ245"


def test_an_element_of_the_body_has_a_name() -> None:
    """Brackets alone are an optional line's."""
    assert refusal("200 OK", "[0].name = a").do == "of a body that is an array write `json[0].name = a`"


@pytest.mark.parametrize("order", [1, -1])
def test_a_redirect_that_is_drawn_twice_is_closed_where_one_of_the_two_is(order: int) -> None:
    """`nothing else` below the first is said of the fields below the second, too."""
    lines = (["Location: /error", "  a = 1", "  nothing else"], ["Location: /error", "  b = 2"])
    (promise,) = read("302 Found", *(line for drawn in lines[::order] for line in drawn)).promises

    assert {str(child.path[0]) for child in promise.children} == {"a", "b"}
    assert promise.is_closed


def test_a_redirect_in_the_label_and_in_the_note_is_one() -> None:
    """The note says more of it; of a header that may come twice both are meant."""
    (promise,) = read("302 Found → /error", "Location: /error", "  message = no", "  nothing else").promises
    twice = read("200 OK", "Link: </a>", "Link: </a>").promises

    assert [str(child.path[0]) for child in promise.children] == ["message"]
    assert promise.is_closed
    assert len(twice) == 2


@pytest.mark.parametrize("label", ["302 Found Location: /x/{new uid}", "302 → /x/{new uid}"])
def test_a_location_may_stand_in_the_label(label: str) -> None:
    """`→` is the same as `Location:`."""
    (promise,) = read(label).promises

    assert (promise.place, promise.path, promise.values) == ("header", ("Location",), (Template(("/x/", New("uid"))),))


def test_braces_hold_note_lines() -> None:
    """In unquoted braces `name: value` is a value, a type's name a type, a lone name present."""
    promises = read("200 OK {access_token: jwt, expires_in: 300, error absent, user_id, sub: {sub}}").promises

    assert [(promise.path[0], promise.operator) for promise in promises] == [
        ("access_token", "type"),
        ("expires_in", "="),
        ("error", "absent"),
        ("user_id", "present"),
        ("sub", "="),
    ]
    assert promises[1].values == (plain(300),)
    assert promises[4].values == (Template((Reference(("sub",)),)),)


def test_braces_with_quoted_names_are_json() -> None:
    """JSON's strings stay strings and its numbers numbers."""
    promises = read('200 OK {"active": true, "sub": "1", "roles": ["a"]}').promises

    assert [promise.values[0] for promise in promises] == [
        Plain(True, "true", is_typed=True),
        Plain("1", '"1"', is_quoted=True),
        Plain(["a"], '["a"]', is_typed=True),
    ]


def test_a_number_too_large_for_a_computer_is_read_inside_json_as_alone() -> None:
    """It is infinite, a value that JSON has no word for; a label that draws it is read all the same."""
    promises = read('200 OK {"a": 1e999, "b": {"c": [1e999]}}').promises

    assert [one.values[0].value for one in promises if isinstance(one.values[0], Plain)] == [
        math.inf,
        {"c": [math.inf]},
    ]


@pytest.mark.parametrize(
    "label",
    [
        '200 OK {"a": 1',
        '200 OK {"a": 1, "a": 2}',
        '200 OK {"a": b}',
        "200 OK {a,, b}",
        "200 OK {a: {b: 1}}",
        "200 OK {error in a, b}",
    ],
)
def test_broken_braces_are_refused(label: str) -> None:
    """Braces that are neither JSON nor note lines are an error, never prose."""
    assert refusal(label).code in ("SQ250", "SQ245")


def test_empty_braces_are_an_empty_object() -> None:
    """`200 OK {}` promises that the body is an empty object."""
    (promise,) = read("200 OK {}").promises

    assert (promise.place, promise.values) == ("body", (Plain({}, "{}"),))


def test_a_form_encoded_line_works() -> None:
    """`\\n` begins a note line, and a form's pairs are decoded."""
    promises = read(r"POST /token\ngrant_type=password&username=al%20ice&code={code}").promises

    assert [promise.path for promise in promises] == [("grant_type",), ("username",), ("code",)]
    assert promises[1].values == (Plain("al ice", "al%20ice", is_quoted=True),)
    assert promises[2].values == (Template((Reference(("code",)),)),)
    assert str(promises[0].span) == "flow.puml:1:31"


def test_label_lines_are_note_lines() -> None:
    """A header may stand in the label."""
    (promise,) = read(r"GET /orders\nAuthorization: Bearer {access_token}").promises

    assert promise.place == "header"


# ---- Header or field ----


def test_a_colon_without_a_blank_is_a_header() -> None:
    """A header's value is raw: numbers stay text."""
    promise = one("Retry-After: 5")

    assert (promise.place, promise.path, promise.values) == ("header", ("Retry-After",), (Plain("5", "5"),))


@pytest.mark.parametrize(
    "line", ["access_token: jwt", "error: invalid_grant", "Authorization: jwt", "DPoP: jwt", "x.y: 1", "foo:"]
)
def test_what_only_looks_like_a_header_is_refused(line: str) -> None:
    """A lower-case name without a hyphen, or a type as value, was meant as something else."""
    assert refusal("200 OK", line).code == "SQ241"


def test_a_refused_header_says_what_to_write() -> None:
    """The suggestion is the line that was meant."""
    assert refusal("200 OK", "access_token: jwt").do == "write `access_token : jwt`"
    assert refusal("200 OK", "error: invalid_grant").do == "write `error = invalid_grant`"


@pytest.mark.parametrize(
    ("line", "place", "path"),
    [
        ("Authorization absent", "header", ("Authorization",)),
        ("x-user absent", "header", ("x-user",)),
        ("header.authorization absent", "header", ("authorization",)),
        ("query.a absent", "query", ("a",)),
        ("form.a absent", "form", ("a",)),
        ("json.Name absent", "json", ("Name",)),
        ("cookie.session absent", "cookie", ("session",)),
        ("body contains x", "body", ()),
        ("user.roles[0] absent", "field", ("user", "roles", 0)),
        ("keys[*].d absent", "field", ("keys", None, "d")),
        ('"https://app.example/roles" absent', "field", ("https://app.example/roles",)),
        ('"Odd-Name" absent', "field", ("Odd-Name",)),
        ('events["http://x/y"] absent', "field", ("events", "http://x/y")),
        ("signature absent", "field", ("signature",)),
    ],
)
def test_where_a_name_leads(line: str, place: str, path: tuple[object, ...]) -> None:
    """A capital or a hyphen makes a header, a prefix says it outright, quotes make a field."""
    promise = one(line, "POST /x")

    assert (promise.place, promise.path) == (place, path)


# ---- Lines ----


@pytest.mark.parametrize(
    ("line", "operator", "values"),
    [
        ("a = b c", "=", (plain("b c"),)),
        ("a=b", "=", (plain("b"),)),
        ("a != 3", "!=", (plain(3),)),
        ("a <= 300", "<=", (plain(300),)),
        ("a in x, y z", "in", (plain("x"), plain("y z"))),
        ("a contains users:read", "contains", (plain("users:read"),)),
        ("a lacks {t}", "lacks", (Template((Reference(("t",)),)),)),
        ("a starts with /x", "starts with", (plain("/x"),)),
        ("a matches /[0-9]{6}/", "matches", (plain("[0-9]{6}"),)),
        ("matches = 3", "=", (plain(3),)),
        ("in = 3", "=", (plain(3),)),
        ('a = "3"', "=", (Plain("3", '"3"', True),)),
        ("a = {}", "=", (Plain({}, "{}"),)),
        ('a = ["x", 1]', "=", (Plain(["x", 1], '["x", 1]'),)),
        ("a = null", "=", (Plain(None, "null"),)),
        ("a = now - 1 hour 30 minutes", "=", (Moment("now", -5400.0),)),
        ("a <= iat + 5 minutes", "<=", (Moment("iat", 300.0),)),
        ("a = expired", "=", (plain("expired"),)),
        ("a = {op.url}/auth", "=", (Template((Reference(("op", "url")), "/auth")),)),
        ('a = "{x}"', "=", (Template(("", Reference(("x",)))),)),
        (
            'a = {basic("web", secret)}',
            "=",
            (Template((Call("basic", (Plain("web", '"web"', True), Reference(("secret",)))),)),),
        ),
        ("a = {S256(new v)}", "=", (Template((Call("S256", (New("v"),)),)),)),
        ("a = x but", "=", (plain("x but"),)),
    ],
)
def test_comparisons(line: str, operator: str, values: tuple[object, ...]) -> None:
    """Each comparison with the value that it compares to."""
    promise = one(line)

    assert (promise.operator, promise.values) == (operator, values)


def test_words_types_and_names() -> None:
    """Types stand behind ` : `, words and new names behind the path."""
    assert one("a : base64url json").type_name == "base64url json"
    assert one("a : jwt as T").name == "T"
    assert one("a as T").operator == "present"
    assert one("a as T").name == "T"
    assert one("a unique").operator == "unique"
    assert one("a").operator == "present"


def test_an_example_stands_behind_e_g() -> None:
    """What a scripted sender sends where a comparison alone does not say it."""
    promise = one("user_code matches /[A-Z]{4}-[A-Z]{4}/ e.g. WDJB-MJHT")

    assert promise.example == plain("WDJB-MJHT")


def test_brackets_make_a_line_optional() -> None:
    """`[line]` is the same line, allowed to be missing."""
    promise = one("[interval = 5]")

    assert promise.is_optional
    assert promise.values == (plain(5),)
    assert str(promise.span) == "flow.puml:3:4"


def test_nothing_else_closes_each_level() -> None:
    """At the left edge it closes the message, indented the block."""
    expectation = read("200 OK", "access_token : jwt", "  sub = a", "  nothing else", "nothing else")

    assert expectation.is_closed
    assert expectation.promises[0].is_closed
    assert not read("200 OK", "a = b").is_closed


@pytest.mark.parametrize(
    ("line", "code", "column"),
    [
        ("This is prose", "SQ240", 8),
        ("a == b", "SQ240", 5),
        ("a =~ b", "SQ240", 5),
        ("a is b", "SQ240", 5),
        ("a =", "SQ240", 6),
        ("a matches x", "SQ240", 13),
        ("keys[0]: jwt", "SQ240", 10),
        ("a absent as b", "SQ240", 15),
        ("[nothing else]", "SQ240", 4),
        ("a : jwtt", "SQ242", 7),
        ("Cache-Control : no-store", "SQ242", 19),
        ("a = {b", "SQ244", 7),
        ("a = {b c}", "SQ244", 7),
        ("a = iat + 5 minuts", "SQ244", 15),
        ("a = iat + five", None, 0),
        ("a = [b]", "SQ244", 7),
        ('a = "b" c', "SQ244", 7),
        ("a = {S25(b)}", "SQ248", 8),
        ("a = {S256(b, c)}", "SQ248", 8),
        ("a matches /[/", "SQ249", 14),
        ("signed by client", "SQ246", 3),
        ("signature kept", "SQ246", 3),
        ("a = {form}", "SQ244", 8),
        ('a = {link "Forgot?"}', "SQ244", 8),
    ],
)
def test_a_line_that_cannot_be_understood_is_refused(line: str, code: str | None, column: int) -> None:
    """Never prose, and the error points at what is wrong."""
    if code is None:
        code, column = "SQ244", 7
    finding = refusal("200 OK", line)

    assert finding.code == code
    assert str(finding.span) == f"flow.puml:3:{column}"


def test_every_wrong_line_is_named() -> None:
    """One reading names all faults of an arrow, the label's too."""
    with pytest.raises(UnreadableDiagram) as caught:
        read("200 OKAY", "a == b", "c : d", "e = f")

    assert [finding.code for finding in caught.value.findings] == ["SQ245", "SQ240", "SQ242"]


def test_prose_is_marked() -> None:
    """Italics and a `<<prose>>` note are no checks; the same words without the mark are refused."""
    assert read("200 OK", "// all is well").promises == ()
    assert expect(drawn("200 OK", "all is well", stereotypes=("prose",))).promises == ()
    assert refusal("200 OK", "all is well").code == "SQ240"


# ---- Indentation ----


def test_below_a_token_stand_claims_and_jose_fields() -> None:
    """JOSE's own names are the header's, all others claims, and a prefix says it outright."""
    children = below("access_token : jwt", "alg = RS256", "sub = a", "jose.sub = b", "claims.alg = c", "cnf.jkt = d")

    assert [(child.place, child.path) for child in children] == [
        ("jose", ("alg",)),
        ("claims", ("sub",)),
        ("jose", ("sub",)),
        ("claims", ("alg",)),
        ("claims", ("cnf", "jkt")),
    ]


@pytest.mark.parametrize(
    ("parent", "line", "place"),
    [
        ("Location: {op.url}/auth", "state = {new state}", "query"),
        ("Location: /cb", "fragment.access_token present", "fragment"),
        ("WWW-Authenticate: Bearer", "error = invalid_token", "parameter"),
        ("cookie.session : opaque", "HttpOnly", "parameter"),
        ("user : object", "name = Alice", "field"),
        ("user", "name = Alice", "field"),
        ("Authorization: Bearer {access_token}", "sub = a", "claims"),
        ("DPoP : jwt", "htm = GET", "claims"),
    ],
)
def test_what_a_block_belongs_to(parent: str, line: str, place: str) -> None:
    """The line above says what the lines below it are about."""
    (child,) = below(parent, line)

    assert child.place == place


@pytest.mark.parametrize(
    "parent", ["scope = openid", "access_token : opaque", "Cache-Control: no-store", "error absent", "nothing else"]
)
def test_lines_below_anything_else_are_refused(parent: str) -> None:
    """What holds nothing has nothing below it."""
    finding = refusal("200 OK", parent, "  foo = 1")

    assert finding.code == "SQ243"
    assert str(finding.span) == "flow.puml:4:5"


def test_crooked_indentation_is_refused() -> None:
    """A line between two levels could belong to either."""
    assert (
        refusal("200 OK", "access_token : jwt", "    sub = a", "  aud = b").message == "this line is indented crookedly"
    )


# ---- Signatures and changes ----


def test_a_changed_token_has_changes_and_a_signature_line() -> None:
    """`but` makes the lines below it changes."""
    (promise,) = read(
        "GET /x", "Authorization: Bearer {t} but", "  sub = mallory", "  aud absent", "  signature kept"
    ).promises

    assert promise.is_tampered
    assert promise.children[2].operator == "kept"


@pytest.mark.parametrize(
    "lines",
    [
        ("Authorization: Bearer {t} but",),
        ("Authorization: Bearer {t} but", "  sub = mallory"),
        ("Authorization: Bearer {t} but", "  sub contains m", "  signature kept"),
        ("Authorization: Bearer {t} but", "  signature kept", "  signed by auth"),
        ("Authorization: Bearer {t} but", "  signature unchecked"),
        ("Authorization: Bearer {t} but", "  signature kept", "  nothing else"),
        ("access_token : jwt", "  signature kept"),
        ("access_token : jwt", "  signature changed"),
        ("Location: {t} but", "  a = b"),
    ],
)
def test_a_change_that_is_none_is_refused(lines: tuple[str, ...]) -> None:
    """A changed token needs exactly one line about its signature, and only changes; others have no such line."""
    assert refusal("GET /x", *lines).code == "SQ246"


def test_a_signature_reads_both_ways() -> None:
    """`signed by`, `signed with` and `signature unchecked` stand below any token."""
    assert below("a : jwt", "signed by mallory")[0].values == (plain("mallory"),)
    assert below("a : jwt", "signed with {secret}")[0].operator == "signed with"
    assert below("a : jwt", "signature unchecked")[0].operator == "unchecked"


# ---- Notes at participants ----


def state(*lines: str) -> tuple[Promise, ...]:
    return note_promises(Note("over", tuple(TextLine(line) for line in lines), participants=("auth",)))


def test_a_note_at_a_participant_has_no_headers() -> None:
    """Names keep their capitals, and a header's colon is refused."""
    assert state("TA != {TB}")[0].place == "field"
    assert state("url = https://auth.example")[0].values == (plain("https://auth.example"),)
    with pytest.raises(UnreadableDiagram) as caught:
        state("issuer: https://auth.example")
    assert caught.value.finding.do == "write `issuer = https://auth.example`"


def test_a_note_at_a_participant_cannot_be_closed() -> None:
    """`nothing else` closes a message, which a participant is not."""
    with pytest.raises(UnreadableDiagram):
        state("nothing else")


def test_an_action_has_fields_and_no_headers() -> None:
    """A capital makes no header of an action's field, and a header's colon is refused."""
    assert one("Name = Alice", "find user 1").place == "field"
    assert read("find user 1", "a = 1", "nothing else").is_closed
    assert refusal("find user 1", "Authorization: Bearer x").code == "SQ241"


def test_a_response_has_no_query() -> None:
    """It would be sent nowhere and never come."""
    assert refusal("200 OK", "query.a = 1").code == "SQ240"


@pytest.mark.parametrize(
    ("value", "held"),
    [
        ('{"a": 1}', {"a": 1}),
        ('{"keys": [{"kty": "EC"}]}', {"keys": [{"kty": "EC"}]}),
        ('{"a": {"b": null}}', {"a": {"b": None}}),
    ],
)
def test_an_object_is_a_value(value: str, held: object) -> None:
    """JSON on one line, as arrays are."""
    (promise,) = read("200 OK", f"a = {value}").promises

    (value_,) = promise.values
    assert isinstance(value_, Plain)
    assert value_.value == held


def test_what_only_looks_like_an_object_is_none() -> None:
    """A member that stands twice, and a text in braces, are errors."""
    for value, why in (('{"b": 1, "b": 2}', "stands twice"), ('{"text"}', "no value in braces")):
        with pytest.raises(UnreadableDiagram, match=why):
            read("200 OK", f"a = {value}")


@pytest.mark.parametrize(
    "drawn",
    [
        "client -> auth : GET /x\nnote left : 'x = 2",
        "client -> auth : GET /x\\n'x = 2",
        "client -> auth : GET /x\nnote left : //why\\n'x = 2",
    ],
)
def test_a_comment_begins_a_line_of_the_file(drawn: str) -> None:
    """PlantUML draws it anywhere else, so it reads like a check."""
    (diagram,) = read_drawing(Source("flow.puml", f"@startuml\n{drawn}\n@enduml\n"))
    (message,) = (item for item in diagram.items if isinstance(item, Message))

    with pytest.raises(UnreadableDiagram, match="SQ240"):
        expect(message)
