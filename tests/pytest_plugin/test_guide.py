"""The guide to binding one's own application: what it shows is run."""

import re
from pathlib import Path

import pytest

GUIDE = Path(__file__).parents[2] / "docs/guides/bind-your-app.md"


def block(words: str) -> str:
    """The code block of the guide that holds these words, without its indentation."""
    fences = re.findall(r"^( *)```\w+\n(.*?)^\1```", GUIDE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return next(re.sub(f"^{indent}", "", text, flags=re.MULTILINE) for indent, text in fences if words in text)


@pytest.fixture
def guided(bare, write) -> pytest.Pytester:
    """The guide's server with a shared secret, and its Actor with `handle`."""
    write("conftest.py", block("def signing_key") + "\n\n" + block("def handle"))
    write("shared.puml", block("@startuml shared-secret"))
    return bare


def test_what_the_guide_shows_passes(guided) -> None:
    """The token signed with a shared secret is verified, and the class answers with `handle`."""
    result = guided.runpytest()

    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*under test: auth, api"])


def test_another_secret_fails(guided, write) -> None:
    """The signature is verified with the secret that the drawing names."""
    write(
        "shared.puml", block("@startuml shared-secret").replace("{signing_key}", "another-secret-of-some-32-characters")
    )

    guided.runpytest().assert_outcomes(failed=1)


def test_what_the_guide_leaves_scripted_is(guided, write) -> None:
    """Below the folder of the guide's second conftest the drawing speaks for `api`."""
    write("sub/conftest.py", block("seqtest.scripted"))
    write("sub/shared.puml", block("@startuml shared-secret"))

    result = guided.runpytest("sub")

    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*under test: auth"])
