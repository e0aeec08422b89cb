"""Values that cross a border: from one part of a message to another, into a flow that a `ref` uses, and out of it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from seqtest import api
from seqtest.errors import Diagnostic
from seqtest.verdict import Verdict

# A participant that is a browser, one that shows a code to somebody, and the flow in which that somebody types it.
TYPES_IT = """
participant browser <<browser>>
participant op
browser -> op ++ : GET /device
op --> browser -- : 200 OK
browser -> op ++ : POST {form}
note right : user_code = {user_code}
op --> browser -- : 200 OK
"""
SHOWS_IT = """
actor Alice as alice
participant tv
participant browser <<browser>>
participant op
tv -> op ++ : POST /start
op --> tv -- : 200 OK
note left : user_code : opaque
tv -> alice : show {user_code}
par alice
  ref over browser, op
    types.puml
    user_code = {user_code}
  end ref
else the TV
  tv -> op ++ : POST /token
  op --> tv -- : 400 Bad Request
  note left : error = authorization_pending
end
"""
PAGE = '<form method="post" action="/device"><input name="user_code"><button>Go</button></form>'


def play(folder: Path, text: str, files: Mapping[str, str] | None = None, **bindings: Any) -> Verdict:
    """The verdict on a drawing beside these."""
    for name, held in {"flow.puml": text, **(files or {})}.items():
        (folder / name).write_text(f"@startuml {name.partition('.')[0]}\n{held}\n@enduml\n")
    (diagram,) = api.read(folder / "flow.puml")
    return api.play(api.ready(api.cases(diagram, root=folder)[0], bindings))


def codes(verdict: Verdict) -> list[str]:
    return [failure.code for failure in verdict.failures]


class Provider:
    """Hands out a code, and is pleased with it."""

    def __init__(self, page: str = PAGE, error: str = "authorization_pending") -> None:
        self.page, self.error = page, error

    def __call__(self, request: Any) -> Any:
        if request.url.endswith("/start"):
            return {"user_code": "WDJB-MJHT"}
        if request.url.endswith("/token"):
            return {"error": self.error}, 400
        if request.method == "GET":
            return self.page, 200, {"Content-Type": "text/html"}
        return "thanks" if request.body == b"user_code=WDJB-MJHT" else ("no", 400)


def test_what_a_ref_is_given_comes_from_around_the_flow(tmp_path: Path) -> None:
    """Somebody read it off the TV: the browser itself was never sent it. A form and a `par` do well together."""
    pytest.importorskip("lxml")
    files = {"types.puml": TYPES_IT}

    assert play(tmp_path, SHOWS_IT, files, op=Provider()).is_kept
    assert codes(play(tmp_path, SHOWS_IT, files, op=Provider(error="slow_down"))) == ["SQ550"]
    assert codes(play(tmp_path, SHOWS_IT, files, op=Provider(page="<p>nothing</p>"))) == ["SQ568"]


def test_a_ref_is_given_only_what_somebody_knows(tmp_path: Path) -> None:
    """A gap is still found before anything runs."""
    with pytest.raises(Diagnostic) as caught:
        play(
            tmp_path, SHOWS_IT.replace("{user_code}\n  end", "{other}\n  end"), {"types.puml": TYPES_IT}, op=Provider()
        )

    assert [finding.code for finding in caught.value.findings] == ["SQ360"]


INNER = "web -> op : POST /token\nop --> web : 200 OK\nnote left : id_token : opaque\n"
HANDED = """
participant browser
participant other
participant web
participant op
ref over {}, web, op
  inner.puml
  id_token as mine
end ref
browser -> op : GET /logout
note right : id_token_hint = {{mine}}
op --> browser : 200 OK
"""


def test_what_a_ref_hands_out_is_known_to_those_it_lies_over(tmp_path: Path) -> None:
    """And to those who knew it inside; to nobody else."""
    seen: list[str] = []

    def op(request: Any) -> Any:
        seen.append(request.url)
        return {"id_token": "abcdefgh"}

    assert play(tmp_path, HANDED.format("browser"), {"inner.puml": INNER}, op=op).is_kept
    assert seen[1].endswith("?id_token_hint=abcdefgh")
    with pytest.raises(Diagnostic) as caught:
        play(tmp_path, HANDED.format("other"), {"inner.puml": INNER}, op=op)
    assert [finding.code for finding in caught.value.findings] == ["SQ360"]


SAME = "client -> auth : GET /x\nauth --> client : 200 OK\nnote left\n  a as user\n  b = {user}\nend note\n"


def test_a_name_given_above_in_the_same_message(tmp_path: Path) -> None:
    """`sub as user_id` in one token, `sub = {user_id}` in the next: both of one answer."""
    assert play(tmp_path, SAME, auth=lambda request: {"a": "1", "b": "1"}).is_kept
    assert codes(play(tmp_path, SAME, auth=lambda request: {"a": "1", "b": "2"})) == ["SQ550"]
    assert codes(play(tmp_path, SAME, auth=lambda request: {"b": "2"})) == ["SQ551", "SQ561"]


def test_a_scripted_sender_sends_what_it_named_above(tmp_path: Path) -> None:
    """The same value twice."""
    seen: list[bytes] = []
    text = (
        "client -> auth : POST /x\nnote right\n  a : opaque\n  a as user\n  b = {user}\nend note\nauth --> client : 200"
    )

    assert play(tmp_path, text, auth=lambda request: seen.append(request.body) or 200).is_kept
    first, second = (part.partition(b"=")[2] for part in seen[0].split(b"&"))
    assert first == second


def test_a_value_known_before_comes_first(tmp_path: Path) -> None:
    """`{x}` is the latest value before this message, whatever this one calls so."""
    answers = [{"a": "1", "b": "1"}, {"a": "2", "b": "1"}]

    assert play(tmp_path, SAME * 2, auth=lambda request: answers.pop(0)).is_kept


def test_a_name_given_below_is_not_known_yet(tmp_path: Path) -> None:
    """Read from top to bottom."""
    with pytest.raises(Diagnostic) as caught:
        play(tmp_path, SAME.replace("a as user\n  b = {user}", "b = {user}\n  a as user"), auth=lambda request: 200)

    assert [finding.code for finding in caught.value.findings] == ["SQ360"]
