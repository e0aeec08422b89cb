"""Our Mermaid drawn by Mermaid itself in a real browser: hostile text is shown and runs nothing."""

import json
from pathlib import Path
from typing import Any

import pytest

from seqtest.diagram.read import read
from seqtest.render.mermaid import mermaid_of_diagram
from seqtest.source import Source

SCRIPT = Path(__file__).parent / "node/node_modules/mermaid/dist/mermaid.min.js"
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not SCRIPT.is_file(), reason="needs `npm install` in tests/render/node"),
]

HOSTILE = (
    "<script>alert(1)</script>",
    "</text></svg><script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "javascript:alert(1)",
    "click a call alert(1)",
    "%%{init: {'securityLevel': 'loose'}}%%",
    "end; alt x : y # ; -> {} []",
    "&lt;script&gt;alert(1)&lt;/script&gt; #lt;img src=x onerror=alert(1)#gt;",
    "a [U+202E] \u00e4 \u65e5",
)
PAGE = """<!doctype html><meta charset="utf-8"><div id="out"></div><script src="{script}"></script>
<script>
addEventListener("load", async () => {{
  mermaid.initialize({{ startOnLoad: false, securityLevel: {level} }});
  try {{
    const {{ svg }} = await mermaid.render("m", {text});
    document.getElementById("out").innerHTML = svg;
    console.log("drawn");
  }} catch (error) {{ console.log(`refused: ${{error}}`); }}
}});
</script>"""


def flow(text: str) -> str:
    """A drawing with the text wherever a drawing has text."""
    plain = text.replace('"', "")
    return (
        f'@startuml\ntitle {text}\nparticipant "{plain}" as a\nparticipant b\n== {text} ==\n'
        f"alt {text}\na -> b : {text}\nnote right : {text}\nelse {text}\nb --> a : {text}\nend\n"
        f"note over a : {text}\nref over a, b : {text}\n... {text} ...\n@enduml\n"
    )


@pytest.mark.parametrize("level", ["strict", "loose"])
def test_hostile_text_is_shown_and_runs_nothing(open_page: Any, tmp_path: Path, level: str) -> None:
    """In every field, with GitHub's own strict setting and where somebody trusts the text."""
    page = open_page("about:blank")
    for number, text in enumerate(HOSTILE):
        (diagram,) = read(Source("x.puml", flow(text)))
        path = tmp_path / f"{number}.html"
        drawn = json.dumps(mermaid_of_diagram(diagram)).replace("<", "\\u003c")
        path.write_text(PAGE.format(script=SCRIPT.as_uri(), level=json.dumps(level), text=drawn), encoding="utf-8")
        with page.expect_console_message(lambda said: said.text == "drawn" or said.text.startswith("refused")) as said:
            page.goto(path.as_uri())

        assert said.value.text == "drawn", text
        assert (
            page.evaluate("document.querySelectorAll('#out script, #out img, #out iframe, #out [onload]').length") == 0
        )
        shown = page.evaluate("[...document.querySelectorAll('#out text')].map((e) => e.textContent).join(' ')")
        assert "".join(text.split()) in "".join(shown.split()), text
