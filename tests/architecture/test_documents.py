"""The documents say what is so."""

import re
import subprocess
from pathlib import Path

import pytest

from seqtest.cli.new import FIRST_FLOW

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)#:\s]+)(?:#[^)]*)?\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    """Each link to a file of the project has its file."""
    missing = [target for target in LINK.findall(page.read_text()) if not (page.parent / target).exists()]

    assert missing == []


def test_the_readmes_flow_is_what_new_writes() -> None:
    """What the README shows as the first flow is the first flow."""
    block = (ROOT / "README.md").read_text().split("```plantuml\n")[1].split("```")[0]

    assert block == FIRST_FLOW.format(id="login", title="login")


def test_every_decision_is_listed() -> None:
    """The list of decisions has each page."""
    listed = LINK.findall((ROOT / "docs/decisions/README.md").read_text())

    assert sorted(listed) == sorted(p.name for p in (ROOT / "docs/decisions").glob("[0-9]*.md"))


def test_every_change_note_has_a_kind() -> None:
    """A change note is one sentence or several, in a file `<topic>.<kind>.md`."""
    for note in (ROOT / "docs/changes").iterdir():
        assert re.fullmatch(r"[a-z0-9-]+\.(added|changed|fixed|removed|security)\.md", note.name)
        assert note.read_text().strip().endswith(".")


def test_ci_is_a_script_that_bash_can_read() -> None:
    """`.ci/run` stops at the first command that fails."""
    script = ROOT / ".ci/run"

    assert "set -euo pipefail" in script.read_text()
    assert subprocess.run(["bash", "-n", script], check=False).returncode == 0
