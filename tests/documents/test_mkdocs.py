"""Real builds with MkDocs."""

import logging
import xml.etree.ElementTree as ET
from pathlib import Path
from types import SimpleNamespace

import pytest

pytest.importorskip("mkdocs")
from mkdocs.commands.build import build as mkdocs_build
from mkdocs.config import load_config
from mkdocs.exceptions import Abort

from seqtest.documents.mkdocs import SeqtestPlugin

BLOCK = "# Flows\n\n```seqtest ../flows/login.puml\n{}```\n\nAfter.\n"
pytestmark = pytest.mark.filterwarnings("ignore")  # of MkDocs' dependencies


@pytest.fixture
def build(project: Path):  # type: ignore[no-untyped-def]
    """Build the site; gives the index page."""

    def run(text: str, repo_url: str = "", **options: object) -> str:
        (project / "docs/index.md").write_text(text)
        (project / "mkdocs.yml").write_text("site_name: x\n")
        config = load_config(
            str(project / "mkdocs.yml"),
            plugins=[{"seqtest": options}],
            site_dir=str(project / "site"),
            repo_url=repo_url or None,
        )
        config.plugins.on_startup(command="build", dirty=False)
        mkdocs_build(config)
        return (project / "site/index.html").read_text()

    return run


def test_a_flow_is_shown(build) -> None:
    """The picture stands in the page with its caption and source; Markdown leaves it alone."""
    page = build(BLOCK.format(":caption: How to <b>log in</b>\n:code:\n"))
    svg = page[page.index('<svg xmlns="http://www.w3.org/2000/svg" class="sq"') :]
    svg = svg[: svg.index("</svg>") + 6]

    ET.fromstring(svg)
    assert 'id="seqtest-flow-1-0-msg1"' in svg
    assert "How to &lt;b&gt;log in&lt;/b&gt;" in page
    assert "participant &quot;Web client&quot; as client" in page
    assert "<p>After.</p>" in page
    assert ".seqtest-picture" in page


def test_a_run_is_shown_with_verdict_and_date(build, monkeypatch: pytest.MonkeyPatch) -> None:
    """And a link to the source in the site's repository."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1000000000")
    page = build(BLOCK.format(":run:\n"), repo_url="https://github.com/o/r")

    assert "✓ 2 cases kept" in page
    assert '<time datetime="2001-09-09T01:46:40+00:00">2001-09-09 01:46 UTC</time>' in page
    assert 'href="https://github.com/o/r/blob/HEAD/flows/login.puml#L1"' in page


def test_a_red_flow_fails_the_build(build, spoil, project: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Before any page is written; the warning is at the broken promise."""
    spoil()
    with pytest.raises(Abort):
        build(BLOCK.format(":run:\n"))

    assert not (project / "site/index.html").exists()
    assert any(r.levelno == logging.WARNING and "flows/login.puml:29" in r.getMessage() for r in caplog.records)


def test_a_red_flow_may_be_let_pass(build, spoil) -> None:
    """When the configuration says so."""
    spoil()

    assert "✗ 1 of 2 cases failed" in build(BLOCK.format(":run:\n"), fail=False)


def test_a_scenario_is_shown_as_it_ran(build) -> None:
    """Its picture has marks."""
    page = build(BLOCK.format(":scenario: password-is-wrong\n"))

    assert 'data-state="passed"' in page
    assert "✓ kept" in page


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (":nonsense:\n", "index.md:3: `:nonsense:` is no option of seqtest"),
        (":run: yes\n", ":run: takes no value"),
        (":scenario:\n", ":scenario: wants a value"),
        (":scheme: red\n", ":scheme: is one of auto, light, dark"),
        (":committed: none.svg\n", "docs/none.svg is missing"),
        (":diagram: other\n", "there is no diagram other"),
    ],
)
def test_a_slip_fails_the_build(build, lines: str, words: str, caplog: pytest.LogCaptureFixture) -> None:
    """And is told at its place."""
    with pytest.raises(Abort):
        build(BLOCK.format(lines))

    assert words in caplog.text


def test_a_block_that_is_shown_is_left_alone(build) -> None:
    """Inside another fence it is an example; other languages are not ours."""
    page = build("````md\n```seqtest ../flows/none.puml\n```\n````\n\n```python\nseqtest = 1\n```\n")

    assert "seqtest ../flows/none.puml" in page
    assert 'class="seqtest ' not in page
    assert ".seqtest-picture" not in page


def test_serving_watches_the_flows(build, project: Path) -> None:
    """And what they include."""
    plugin = SeqtestPlugin()
    plugin.site.files = {project / "flows/login.puml"}
    watched: list[str] = []
    server = SimpleNamespace(watch=watched.append)

    plugin.on_serve(server, config=None, builder=None)  # type: ignore[arg-type]  # a server that only listens

    assert watched == [str(project / "flows/login.puml")]
