"""Messages become steps, and requests meet their answers."""

import pytest

EXCHANGE = """
    client -> auth : POST /token
    auth --> client : 200 OK
"""


def kinds(scenario):
    return [step.kind for step in scenario.steps]


def orders(scenario):
    return [step.after for step in scenario.steps]


def test_request_and_response_know_each_other(only) -> None:
    """A request's step names its answer's, and the answer's names the request's."""
    request, response = only(EXCHANGE).steps

    assert (request.kind, request.sender, request.receiver) == ("request", "client", "auth")
    assert (response.kind, response.sender, response.receiver) == ("response", "auth", "client")
    assert (request.call, request.answer, response.call, response.answer) == (0, 1, 0, None)


def test_sequence_is_a_chain(only) -> None:
    """Each step of a plain drawing comes after the one above it."""
    assert orders(only(EXCHANGE + EXCHANGE)) == [(), (0,), (1,), (2,)]


def test_status_is_a_response_whatever_the_dashes(only) -> None:
    """Sloppy drawings answer with a solid arrow."""
    assert kinds(only("client -> auth : GET /x\nauth -> client : 200")) == ["request", "response"]


def test_dotted_text_is_the_result_of_the_innermost_action(only) -> None:
    """`db --> users : Alice` answers `users -> db : find user`."""
    scenario = only("a -> b : one\na -> b : two\nb --> a : second\nb --> a : first")

    assert kinds(scenario) == ["action", "action", "result", "result"]
    assert [step.call for step in scenario.steps] == [0, 1, 1, 0]


def test_dotted_text_that_answers_nothing_is_an_action(only) -> None:
    """Drawings for people are full of dotted arrows; they are no errors."""
    assert kinds(only("b --> a : by the way")) == ["action"]


def test_response_passes_over_actions_within_the_request(only) -> None:
    """An action that nobody answers does not hide the request around it."""
    scenario = only("a -> b : GET /x\na -> b : wait a moment\nb --> a : 200")

    assert scenario.steps[2].call == 0


def test_innermost_open_request_is_answered_first(only) -> None:
    """Two open requests between the same two are answered from the inside out."""
    scenario = only("a -> b : GET /outer\na -> b : GET /inner\nb --> a : 404\nb --> a : 200")

    assert [step.answer for step in scenario.steps] == [3, 2, None, None]


def test_prose_alone_expands(only) -> None:
    """A drawing in words is expanded as it stands."""
    assert kinds(only("Alice -> Bob : hello\nBob --> Alice : hi\nBob -> Bob : thinks")) == [
        "action",
        "result",
        "action",
    ]


def test_request_without_response_is_refused(refused) -> None:
    """A drawn request must have a drawn answer."""
    (finding,) = refused("client -> auth : POST /token\nclient -> api : GET /x\napi --> client : 200")

    assert finding.code == "SQ301"
    assert str(finding.span) == "flow.puml:2:1"


def test_answer_in_words_is_pointed_at(refused) -> None:
    """Where a request's answer is drawn in words, the finding shows these words."""
    (finding,) = refused("client -> auth : POST /token\nauth --> client : a token")

    assert finding.code == "SQ301"
    assert [str(span) for span, _ in finding.also] == ["flow.puml:3:19"]


def test_response_without_request_is_refused(refused) -> None:
    """A response that answers nothing is drawn at the wrong place."""
    (finding,) = refused("auth --> client : 200 OK")

    assert (finding.code, str(finding.span)) == ("SQ302", "flow.puml:2:19")


def test_response_to_somebody_else_is_refused(refused) -> None:
    """A response goes to the one who asked; the finding shows who did."""
    findings = refused("client -> auth : GET /x\nauth --> api : 200")

    assert {finding.code for finding in findings} == {"SQ301", "SQ302"}
    assert findings[0].also[0][0].line == 2


def test_second_response_is_refused(refused) -> None:
    """A request is answered once."""
    assert [finding.code for finding in refused(EXCHANGE + "auth --> client : 200 OK")] == ["SQ302"]


def test_all_that_is_wrong_is_said_at_once(refused) -> None:
    """One run of the reader shows every unanswered request."""
    findings = refused("a -> b : GET /1\na -> c : GET /2")

    assert [finding.span.line for finding in findings] == [2, 3]


def test_asynchronous_request_needs_no_answer(only) -> None:
    """`->>` has a predecessor, and only the end of the drawing behind it."""
    scenario = only("a -> b : GET /x\nb --> a : 200\na ->> c : POST /log\na -> b : GET /y\nb --> a : 200")

    assert [step.is_async for step in scenario.steps] == [False, False, True, False, False]
    assert orders(scenario) == [(), (0,), (1,), (1,), (3,)]


def test_end_of_fragment_waits_for_asynchronous_messages(only) -> None:
    """What follows a fragment comes after the asynchronous messages in it."""
    scenario = only("group g\na ->> b : POST /log\na -> c : hello\nend\na -> c : bye")

    assert orders(scenario) == [(), (), (1, 0)]


def test_asynchronous_request_with_a_drawn_answer_waits(only) -> None:
    """Who draws the answer of a `->>` means a request that is waited for."""
    scenario = only("a ->> b : GET /x\nb -> c : hello\nb -->> a : 200")

    assert [step.is_async for step in scenario.steps] == [False, False, False]
    assert orders(scenario) == [(), (0,), (1,)]


def test_answer_belongs_to_the_request_that_waits(only) -> None:
    """Between a request that waits and a `->>` below it, the response is the first one's."""
    scenario = only("a -> b : GET /x\na ->> b : POST /log\nb --> a : 200")

    assert [step.answer for step in scenario.steps] == [2, None, None]


def test_lost_request_has_no_answer(only) -> None:
    """`->x` never arrives, so nothing answers it."""
    (step,) = only("a ->x b : GET /x").steps

    assert (step.kind, step.is_lost, step.answer) == ("request", True, None)


def test_lost_answer_answers_its_request(only) -> None:
    """`-->x` is the answer that gets lost."""
    request, response = only("a -> b : GET /x\nb -->x a : 200 OK").steps

    assert (request.answer, response.is_lost, response.kind) == (1, True, "response")


def test_gates_are_parties(only) -> None:
    """What comes from outside has a gate as its sender, one each side."""
    scenario = only("[-> a : GET /x\na ->] : GET https://other.example/y\na <--] : 200\n[<-- a : 200")

    assert [(step.sender, step.receiver) for step in scenario.steps] == [("[", "a"), ("a", "]"), ("]", "a"), ("a", "[")]


def test_path_to_a_gate_is_refused(refused) -> None:
    """Outside the drawing nobody has an address, so a request to there needs a whole URL."""
    findings = refused("a ->] : GET /y\na <--] : 200")

    assert [finding.code for finding in findings] == ["SQ323"]


def test_several_receivers_are_asked_side_by_side(only) -> None:
    """`a -> b & c` is one step for each, none before the other, and each answer waits for its own only."""
    scenario = only("a -> b & c : GET /x\nb --> a : 200\nc --> a : 200\na -> b : done")

    assert [step.receiver for step in scenario.steps] == ["b", "c", "a", "a", "b"]
    assert orders(scenario) == [(), (), (0,), (1,), (2, 3)]


def test_parallel_message_has_no_order_with_the_one_above(only) -> None:
    """`& a -> c` happens together with the message above it."""
    assert orders(only("a -> b : one\na -> b : two\n& a -> c : three\na -> b : four")) == [(), (0,), (0,), (1, 2)]


def test_return_answers_the_one_who_activated(only) -> None:
    """`return` is the response to the request whose bar it ends."""
    scenario = only("a -> b ++ : GET /x\nb -> c ++ : GET /y\nreturn 404\nreturn 200")

    assert [step.answer for step in scenario.steps] == [3, 2, None, None]


def test_return_that_skips_an_open_request_is_refused(refused) -> None:
    """`return` goes where the bars say; another request of the same participant must not be open by then."""
    findings = refused("a -> b ++ : GET /x\nc -> b : GET /y\nreturn 200\nb --> c : 200")

    assert [finding.code for finding in findings] == ["SQ303"]


def test_return_of_a_value_skips_no_open_request_either(refused) -> None:
    """The value of an action is not returned before the request within it is answered."""
    findings = refused("a -> b ++ : log in\nc -> b : GET /y\nreturn done\nb --> c : 200")

    assert [finding.code for finding in findings] == ["SQ303"]


def test_arrow_both_ways_is_refused_for_a_request(refused) -> None:
    """`<->` cannot be a request."""
    assert "SQ324" in [finding.code for finding in refused("a <-> b : GET /x\nb --> a : 200")]


def test_hidden_arrow_is_not_there(only) -> None:
    """An arrow that the picture does not show is no step."""
    assert only("a -[hidden]> b : GET /x").steps == ()


def test_number_and_text_are_kept(only) -> None:
    """A step knows what autonumber shows and the label as written."""
    step = only("autonumber 7\na -> b : hello").steps[0]

    assert (step.number, step.text, step.span.line) == ("7", "hello", 3)


@pytest.mark.parametrize("text", ["note left: lost\na -> b : hi", "alt x\na -> b : hi"])
def test_slip_of_the_drawing_is_an_error(refused, text) -> None:
    """What a picture forgives, such as an `alt` that is never closed, a run does not."""
    assert {finding.severity for finding in refused(text)} == {"error"}


def test_every_unreadable_label_is_reported(refused) -> None:
    """Labels are read before anything else, so all that cannot be are shown together."""
    findings = refused("a -> b : GET /x\nb --> a : 200 Not Found\na -> b : GET /x\nb --> a : 404 OK")

    assert [finding.span.line for finding in findings] == [3, 5]


def test_parallel_asynchronous_messages_start_together(only) -> None:
    """`& a ->> c` comes after what the message above it comes after."""
    assert orders(only("a -> b : one\na -> b : two\n& a ->> c : three")) == [(), (0,), (0,)]


def test_parallel_answers_come_in_any_order(only) -> None:
    """Two answers drawn in one row wait for their own requests, not for each other."""
    scenario = only("a -> b : GET /x\na -> c : GET /y\nb --> a : 200\n& c --> a : 200\na -> b : done")

    assert set(scenario.steps[3].after) >= {1}
    assert 2 not in scenario.steps[3].after
    assert set(scenario.steps[4].after) == {2, 3}
