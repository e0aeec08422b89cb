"""An arrow reads both ways: what a scripted sender sends as drawn is what the same drawing finds kept."""

from typing import Any

import pytest

KEY = (
    "note over client : keys.c1 = ES256\nnote over auth\n  keys.k1 = ES256\n  issuer = https://auth.example\nend note\n"
)
OUTSIDE = {"password": "wonderland-1", "secret": "a-shared-secret-of-some-length", "id": "7"}

REQUESTS = """
POST /token
  grant_type = password
  username = al ice
  password = {password}
  n <= 3

POST /token
  Content-Type: application/json
  n = 3
  user.name = A
  roles[0] = x
  on = true
  x = null

POST /token?a=1&b={id}
  c = 2
  query.d = 4
  nothing else

GET /users/{id}
  state = {new state}
  Authorization: Basic {basic(id, password)}
  X-Trace: {new trace}/x

GET /users/{new uid}/x?q={new q}
  cookie.session : opaque
  Accept in text/html, text/plain

POST /par
  code_challenge = {S256(new code_verifier)}
  code_challenge_method = S256

POST /token
  resource = a
  resource = b
  t : uuid
  u : url
  i : integer
  b : boolean
  s unique

POST /token
  client_assertion : jwt
    alg = ES256
    sub = 1
    iat = now
    exp = iat + 1 minute
    jti = {new jti}
    signed by client

POST /token
  DPoP : jwt
    typ = dpop+jwt
    jwk = {client.jwk}
    htm = POST
    htu = {auth.url}/token
    iss absent

POST /token
  t : jwt
    alg = HS256
    signed with {secret}

POST /users {"name": "alice", "age": 3, "on": true, "in": {"a": [1]}, "id": "{id}"}
  roles[0] = x

POST /users {}

PUT /users\\n{\\n"name": "al\\nice"\\n}
  X-Trace: 7

POST /form {"a": "x", "b": 2}
  Content-Type: application/x-www-form-urlencoded

GET /users {"name": "alice", "id": "{id}"}

POST /users
  body = {"a": [1]}

POST /token
  Content-Type: application/json
  sub <= 3
  scope > 3 e.g. 4
  fa : base64url json
  X-Reset = now + 5 minutes
  header.x-since <= now

POST /token
  claims : json
    userinfo : object
      name = null
"""
ANSWERS = """
200 OK
  Cache-Control: no-store
  token_type = Bearer
  expires_in = 300
  access_token : opaque
  sub = 123
  nothing else

200 OK
  access_token : jwt
    typ = at+jwt
    aud = api
    sub = 123
    scope contains a e.g. a b
    cnf.jkt = x
  id_token : jwt
    at_hash = {at_hash(access_token)}
    nonce = {new n}

302 Found
  Location: {client.url}/cb
    code = {new code}
    state = {id}
    nothing else

303
  Location: /interaction/{new uid}?x={id}

401 Unauthorized
  WWW-Authenticate: Bearer
    error = invalid_token
    scope = "a b"

200 OK
  cookie.session : opaque
    HttpOnly
    SameSite = Lax
  body = hello world
  body contains world

200 OK
  user : object
    name = A
    nothing else
  p : base64url json
    sub = 1
  keys[0].kid = a
  keys[*].d absent

200 OK {"a": [1, {"b": null}], "c": "{id}"}

200 OK {}

200 OK
  {
    "a": [1, {"b": null}],
    "c": "{id}"
  }
  d = 1

200 OK {access_token: uuid, expires_in: 300, x}

2xx
  [interval = 5]
  exp = now + 5 minutes
  nbf <= now
  aud = api
  e in a, b
  f starts with /x
  g matches /[0-9]+/ e.g. 12
"""
ACTION = """
save {new token} of {id}
  limit = 3
  name = A b
"""


def arrows(text: str) -> list[tuple[str, tuple[str, ...]]]:
    pieces = [piece.splitlines() for piece in text.strip().split("\n\n")]
    return [(label, tuple(line[2:] for line in lines)) for label, *lines in pieces]


@pytest.mark.parametrize(("label", "lines"), arrows(REQUESTS))
def test_a_request_reads_both_ways(kit: Any, label: str, lines: tuple[str, ...]) -> None:
    """Sent by a scripted client, seen from a bound one."""
    content = kit.request_flow(*lines, label=label, before=KEY, bound=("auth",), outside=OUTSIDE).compose(0)

    reader = kit.request_flow(*lines, label=label, before=KEY, bound=("client",), outside=OUTSIDE)
    assert reader[0].fits(content, reader.bindings) == 0
    report = reader.came(0, content)
    assert report.failures == ()
    assert report.checks > 0


def test_an_action_reads_both_ways(kit: Any) -> None:
    """Its text with the values, and its fields."""
    ((label, lines),) = arrows(ACTION)
    note = "".join(f"  {line}\n" for line in lines)
    text = f"{KEY}client -> auth : {label}\nnote left\n{note}end note\nauth --> client : done"
    content = kit.flow(text, bound=("auth",), outside=OUTSIDE).compose(0)

    reader = kit.flow(text, bound=("client",), outside=OUTSIDE)
    assert reader[0].fits(content, reader.bindings) == 0
    assert reader.came(0, content).failures == ()


@pytest.mark.parametrize(("label", "lines"), arrows(ANSWERS))
def test_an_answer_reads_both_ways(kit: Any, label: str, lines: tuple[str, ...]) -> None:
    """Sent by a scripted server, seen from a bound one."""
    more = {"label": label, "before": KEY, "outside": OUTSIDE, "auth_keys": False}
    sender = kit.answer_flow(*lines, bound=("client",), **more)
    sender.came(0, kit.form())
    content = sender.compose(1)

    reader = kit.answer_flow(*lines, bound=("auth",), **more)
    reader.told(0)
    assert reader[1].status_fits(content)
    report = reader.came(1, content)
    assert report.failures == ()
    assert report.checks > len([line for line in lines if not line.startswith(" ")]) - 1


@pytest.mark.parametrize(("label", "lines"), [*arrows(REQUESTS), *arrows(ANSWERS)])
def test_both_ends_learn_the_same_either_way(kit: Any, label: str, lines: tuple[str, ...]) -> None:
    """What a message makes known does not depend on who is scripted."""
    is_answer = not label.split()[0].isalpha()
    make = kit.answer_flow if is_answer else kit.request_flow
    more = {"label": label, "before": KEY, "outside": OUTSIDE, "auth_keys": False}
    step = 1 if is_answer else 0
    sender = make(*lines, bound=("client",) if is_answer else ("auth",), **more)
    reader = make(*lines, bound=("auth",) if is_answer else ("client",), **more)
    if is_answer:
        sender.came(0, kit.form())
        reader.told(0)

    reader.came(step, sender.compose(step))

    open_names = {name for name, value in reader.bindings.values.items() if type(value).__name__ == "Open"}
    assert {**sender.bindings.values, **dict.fromkeys(open_names)} == {
        **reader.bindings.values,
        **dict.fromkeys(open_names),
    }
