"""Every way in which a drawn answer can come out wrong turns its flow red: flows of `diagrams/`, broken as they run."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from seqtest import api
from seqtest.exchange import Headers, Request, Response
from seqtest.scenario import Scenario, Step

DIAGRAMS = Path(__file__).parents[2] / "diagrams"
FLOWS = [
    *sorted(DIAGRAMS.glob("*.puml")),
    DIAGRAMS / "refresh/rotation-reuse.puml",
    DIAGRAMS / "openid-connect/code-pkce.puml",
    DIAGRAMS / "token-exchange/token-exchange.puml",
]
START = 1_767_225_600.0
Change = Callable[[Response], Response]


def with_body(answer: Response, body: Any, *, is_raw: bool = False) -> Response:
    headers = [pair for pair in answer.headers if pair[0].lower() != "content-length"]
    return Response(answer.status, Headers(headers), body if is_raw else json.dumps(body).encode())


def without(answer: Response, name: str) -> Response:
    return Response(answer.status, Headers(pair for pair in answer.headers if pair[0].lower() != name), answer.body)


def twice(answer: Response, name: str) -> Response:
    pair = next(pair for pair in answer.headers if pair[0].lower() == name)
    return Response(answer.status, Headers([*answer.headers, (name, pair[1] + "x")]), answer.body)


def other(value: Any) -> Any:
    """A value of the same type that is not it; far enough for what has a leeway."""
    if isinstance(value, bool):
        return not value
    return value + 600 if isinstance(value, int | float) else f"{value}x" if isinstance(value, str) else "x"


def changes(step: Step, answer: Response) -> Iterator[tuple[str, Change]]:
    """Ways to break what the arrow draws of its answer, by their names."""
    yield "another status", lambda one: Response(one.status + 13, one.headers, one.body)
    promises = step.expectation.promises if step.expectation is not None else ()
    drawn = [one for one in promises if not one.is_optional and one.operator != "absent" and one.path]
    for name in {str(one.path[0]).lower() for one in drawn if one.place == "header"}:
        yield f"no {name}", lambda one, name=name: without(one, name)
        if name in ("location", "content-type", "dpop-nonce"):
            yield f"{name} twice", lambda one, name=name: twice(one, name)
    fields = [one for one in drawn if one.place == "field" and len(one.path) == 1]
    try:
        held = json.loads(answer.body) if fields else None
    except ValueError:
        return
    if not isinstance(held, dict):
        return
    yield "no Content-Type", lambda one: without(one, "content-type")
    yield (
        "another Content-Type",
        lambda one: Response(
            one.status,
            Headers((n, "text/plain" if n.lower() == "content-type" else v) for n, v in one.headers),
            one.body,
        ),
    )
    yield "no body", lambda one: with_body(one, b"", is_raw=True)
    yield "half a body", lambda one: with_body(one, one.body[:-2], is_raw=True)
    yield "an array", lambda one: with_body(one, [json.loads(one.body)])
    for field in fields:
        name = str(field.path[0])
        if name not in held:
            continue
        yield (
            f"no {name}",
            lambda one, name=name: with_body(one, {k: v for k, v in json.loads(one.body).items() if k != name}),
        )
        yield f"null as {name}", lambda one, name=name: with_body(one, {**json.loads(one.body), name: None})
        yield (
            f"{name} twice",
            lambda one, name=name: with_body(one, one.body.rstrip()[:-1] + f', "{name}": 1}}'.encode(), is_raw=True),
        )
        if field.operator == "=":
            yield (
                f"another {name}",
                lambda one, name=name: with_body(
                    one, {**json.loads(one.body), name: other(json.loads(one.body)[name])}
                ),
            )
        if field.operator == "type" and field.type_name == "jwt":
            yield (
                f"a broken signature of {name}",
                lambda one, name=name: with_body(
                    one, {**json.loads(one.body), name: flipped(json.loads(one.body)[name])}
                ),
            )
            yield (
                f"an unsigned {name}",
                lambda one, name=name: with_body(
                    one,
                    {
                        **json.loads(one.body),
                        name: "eyJhbGciOiJub25lIn0." + json.loads(one.body)[name].split(".")[1] + ".",
                    },
                ),
            )


def flipped(token: str) -> str:
    head, body, signature = token.split(".")
    return f"{head}.{body}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}"


def played(case: Scenario, at: int = -1, change: Change = lambda one: one) -> tuple[list[Response], Any]:
    """The answers of bound participants, one of them changed; and the verdict."""
    ready = api.ready(case, {}, start=START)
    answers: list[Response] = []
    for player in ready.prepared.players.values():
        player.handle = answering(player.handle, answers, at, change)  # type: ignore[method-assign]  # this run's
    return answers, api.play(ready)


def answering(
    handle: Callable[[Request], Response], answers: list[Response], at: int, change: Change
) -> Callable[[Request], Response]:
    def answer(request: Request) -> Response:
        made = handle(request)
        answers.append(change(made) if len(answers) == at else made)
        return answers[-1]

    return answer


@pytest.mark.parametrize("path", FLOWS, ids=lambda path: path.stem)
def test_a_wrong_answer_turns_its_flow_red(path: Path) -> None:
    """Each of a bound participant's answers, each way to break what is drawn of it."""
    tried, survived = 0, []
    (diagram,) = api.read(path)
    for case in api.cases(diagram):
        answers, kept = played(case)
        assert kept.is_kept
        step_of = {id(one.content): one.step for one in kept.trace.occurrences}
        for at, answer in enumerate(answers):
            index = step_of.get(id(answer))
            if index is None:
                continue
            for name, change in changes(case.steps[index], answer):
                tried += 1
                if played(case, at, change)[1].is_kept:
                    survived.append(f"{path.name}::{case.id}, step {index}: {name}")

    assert tried > 10
    assert survived == []
