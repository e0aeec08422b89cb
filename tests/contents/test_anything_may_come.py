"""Whatever a bound participant sends is a verdict, never a crash."""

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seqtest.exchange import Headers, Request, Response

LINES = (
    "Cache-Control: no-store",
    "Content-Type: application/json; charset=utf-8",
    "WWW-Authenticate: Bearer",
    "  error = invalid_token",
    "[Location: {client.url}/cb]",
    "  state = {new state}",
    "[cookie.session : opaque]",
    "  HttpOnly",
    "a : jwt",
    "  exp = iat + 5 minutes",
    "  sub = a",
    "  nothing else",
    "b : base64url json",
    "  x = 1",
    "c contains x",
    "d.e[0].f <= now",
    "g[*].h unique",
    "i matches /x+/",
    "j : uuid",
    "k in 1, 2",
    "body lacks secret",
    "nothing else",
)
NAMES = ("Cache-Control", "Content-Type", "WWW-Authenticate", "Location", "Set-Cookie", "Cookie", "Authorization", "X")
TEXTS = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        ["eyJhbGciOiJub25lIn0.e30.", "a.b.c", "Bearer x", "application/json", "http://[::1", '="', "%zz", "a=b; c"]
    ),
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abcdefghijk"), inner, max_size=4),
    max_leaves=8,
)
HEADERS = st.lists(st.tuples(st.sampled_from(NAMES), TEXTS), max_size=5).map(Headers)


def _kit() -> Any:
    # The fixtures' own kit, outside of a fixture: Hypothesis calls the test many times.
    path = Path(__file__).with_name("conftest.py")
    spec = importlib.util.spec_from_file_location("contents_kit", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Kit()


@pytest.fixture(scope="module")
def flows() -> Any:
    kit = _kit()
    answer = kit.answer_flow(*LINES)
    answer.told(0)
    lines = [line for line in LINES if "json" not in line and "x = 1" not in line]
    return answer, kit.request_flow(*lines, label="POST /token/{new x}?q={new q}")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    HEADERS,
    VALUES.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=30),
    st.integers(100, 599),
)
def test_any_answer_is_judged(flows: Any, headers: Headers, body: bytes, status: int) -> None:
    """Fitting, learning and checking all end."""
    flow = flows[0]
    response = Response(status, headers, body)

    flow[1].status_fits(response)
    flow[1].fits(response, flow.bindings)
    flow[1].capture(response, flow.bindings, flow.request_of(1))
    report = flow[1].check(response, flow.bindings, flow.request_of(1), flow.ledger)
    assert report.failures
    assert all(failure.span is not None for failure in report.failures)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(HEADERS, st.binary(max_size=30), TEXTS)
def test_any_request_is_judged(flows: Any, headers: Headers, body: bytes, tail: str) -> None:
    """The same for what a bound client sends, whatever its URL."""
    flow = flows[1]
    request = Request("POST", f"https://auth.test/token/{tail}", headers, body)

    if flow[0].fits(request, flow.bindings) is not None:
        flow[0].capture(request, flow.bindings, None)
        assert flow[0].check(request, flow.bindings, None, flow.ledger).failures
