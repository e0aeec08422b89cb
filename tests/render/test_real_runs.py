"""Every rendering of flows that are really played."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from seqtest import api
from seqtest.diagram.read import read
from seqtest.render.annotated import annotate
from seqtest.render.failure import failure, findings, sections
from seqtest.render.happened import draw_run
from seqtest.render.json_trace import json_of_run
from seqtest.render.mask import masker_of, secrets_of_scenario, secrets_of_trace
from seqtest.render.mermaid import mermaid_of_run
from seqtest.render.pictured import draw_run_svg
from seqtest.source import Source
from seqtest.verdict import Verdict

DIAGRAMS = Path(__file__).parents[2] / "diagrams"
FLOWS = ("password-login", "opaque-token", "jwt-local", "jwt-refresh-revocation")
START = 1_700_000_000.0

MIXED = """\
@startuml mixed
participant client
participant "Auth server" as auth <<authorization-server>>
database "Tokens" as tokens <<token-store>>
note over auth
  users.alice.password = wonderland
  users.alice.sub = "123"
  access_token.format = jwt
  access_token.alg = ES256
  token_store = tokens
end note
note over client : password = wonderland
group log in [twice]
loop 2 times
client -> auth ++ : POST /oauth/token
note right
  grant_type = password
  username = alice
  password = {password}
end note
auth -> tokens ++ : save token {new refresh_token}
tokens --> auth -- : saved
auth --> client -- : 200 OK {token_type: Bearer}
note left
  access_token : jwt
    alg = ES256
    sub = 123
    exp = iat + EXPIRY
end note
end
end
note over client
  access_token present
end note
@enduml
"""


@cache
def played(name: str) -> tuple[Verdict, ...]:
    """The verdict of each case of a flow in `diagrams/`."""
    diagram = read(str(DIAGRAMS / f"{name}.puml"))[0]
    return tuple(api.play(api.ready(case, {}, start=START)) for case in api.cases(diagram))


@cache
def mixed(expiry: str = "5 minutes") -> Verdict:
    diagram = read(Source("flows/mixed.puml", MIXED.replace("EXPIRY", expiry)))[0]
    return api.play(api.ready(api.cases(diagram)[0], {}, start=START))


@pytest.mark.parametrize("name", FLOWS)
@pytest.mark.parametrize("render", [draw_run, annotate, json_of_run, mermaid_of_run, draw_run_svg])
def test_no_rendering_of_a_real_run_holds_a_secret(name: str, render: Callable[[Verdict], str]) -> None:
    """Passwords, client secrets and tokens of the flows we ship are in no rendering of their runs."""
    for verdict in played(name):
        secrets = {*secrets_of_trace(verdict.trace), *secrets_of_scenario(verdict.script.scenario)}
        text = render(verdict)

        assert verdict.is_kept
        assert secrets
        assert [secret for secret in secrets if len(secret) > 6 and secret in text] == []


@pytest.mark.parametrize("name", FLOWS)
def test_annotated_real_runs_are_still_drawings(name: str) -> None:
    """What is annotated reads as the same messages between the same participants."""
    for verdict in played(name):
        before, after = verdict.script.scenario.diagram, read(Source("x.puml", annotate(verdict)))[0]

        assert [(m.sender, m.receiver) for m in after.messages()] == [(m.sender, m.receiver) for m in before.messages()]


def test_every_round_of_a_loop_is_drawn() -> None:
    """A run shows what happened: each round of a loop, inside the loop's frame."""
    text = draw_run(mixed(), width=140)

    assert mixed().is_kept, failure(mixed())
    assert text.count("POST /oauth/token") == 2
    assert text.count("save token") == 2
    assert "┌ group ─ log in" in text


def test_a_state_check_is_a_note_with_its_mark() -> None:
    """What a participant knows at the end is checked, and seen to be checked."""
    line = next(line for line in draw_run(mixed(), width=140).split("\n") if "access_token present" in line)

    assert line.startswith("✓")


def test_claims_are_annotated_below_their_token() -> None:
    """A token is opened where it is drawn opened."""
    text = annotate(mixed())

    assert "    alg = ES256 <color:#2E7D32>✓</color>" in text
    assert "    sub = 123 <color:#2E7D32>✓</color>" in text
    assert "    exp = iat + 5 minutes <color:#2E7D32>→ 1700000300 (2023-11-14 22:18:20)</color>" in text


def test_a_broken_claim_is_shown_with_its_token() -> None:
    """The claim's own line is at fault, and the token is opened with its times as dates."""
    verdict = mixed("10 minutes")
    text = failure(verdict)

    assert not verdict.is_kept
    assert "exp" in verdict.failures[0].message
    assert "2023-11-14 22:18:20 UTC, expires in 5 minutes" in text
    assert "wonderland" not in text
    assert "<color:#C62828>✗" in annotate(verdict)


def test_findings_stand_before_the_messages_at_fault() -> None:
    """The order in which one reads: what is wrong, what went by, the picture."""
    verdict = mixed("10 minutes")
    masker = masker_of(verdict)
    text = failure(verdict)
    title = next(iter(sections(verdict, masker))).title

    assert text.startswith(findings(verdict.failures[:1], masker=masker).split("\n")[0])
    assert text.index(verdict.failures[0].code) < text.index(f"── {title}") < text.index("── what happened")


def test_another_flows_arrows_stand_in_a_frame_of_their_own(tmp_path: Path) -> None:
    """What runs by reference is drawn with its arrows, under the name of its file."""
    (tmp_path / "login.puml").write_text(
        "@startuml login\nparticipant client\nparticipant auth <<authorization-server>>\n"
        "client -> auth : POST /oauth/token\nnote right\n  grant_type = password\nend note\n"
        "auth --> client : 400\n@enduml\n"
    )
    main = tmp_path / "main.puml"
    main.write_text(
        "@startuml main\nparticipant client\nparticipant auth <<authorization-server>>\n"
        "ref over client, auth : login.puml\n"
        "client -> auth : GET /nowhere\nauth --> client : 404\n@enduml\n"
    )
    case = api.cases(read(str(main))[0], root=tmp_path)[0]
    verdict = api.play(api.ready(case, {}, start=START))
    text = draw_run(verdict, width=160)

    assert verdict.is_kept, failure(verdict)
    assert text.index("┌ ref ─ login.puml ─") < text.index("POST /oauth/token")
    assert text.index("POST /oauth/token") < text.index("GET /nowhere")


def test_what_kept_a_call_from_coming_is_shown_whole() -> None:
    """An exception before a drawn call: its message at the arrow, its traceback below."""

    def api_app(request: object) -> int:
        raise LookupError("no such row")

    text = "client -> api : GET /x\napi -> db : GET /rows\ndb --> api : 200\napi --> client : 200"
    (diagram,) = read(Source("flow.puml", f"@startuml\n{text}\n@enduml\n"))
    shown = failure(api.play(api.ready(api.cases(diagram)[0], {"api": api_app})))

    assert "missing: api -> db : GET /rows" in shown
    assert (
        "api answered without it: 500 Internal Server Error, because the app raised LookupError: no such row (" in shown
    )
    assert "── api raised LookupError ──" in shown
    assert 'raise LookupError("no such row")' in shown
