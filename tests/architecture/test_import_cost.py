"""What importing seqtest costs those who do not use it."""

import subprocess
import sys

import pytest

HEAVY = ("lark", "requests", "responses", "rich", "click", "cryptography", "jwt", "werkzeug", "httpx", "time_machine")


def _loaded_by(statement: str) -> set[str]:
    code = f"import sys; before = set(sys.modules); {statement}; print(*(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_importing_seqtest_loads_nothing_else() -> None:
    """`import seqtest` loads no library and no other part of seqtest."""
    loaded = _loaded_by("import seqtest")

    assert not loaded & set(HEAVY)
    assert {name for name in loaded if name.startswith("seqtest.")} == set()


def test_a_part_of_seqtest_is_not_looked_up_among_its_names() -> None:
    """`from seqtest import api` asks for an attribute first: no hint is made up for that, no near name looked for."""
    assert "difflib" not in _loaded_by("from seqtest import api")


def test_importing_the_plugin_loads_no_library() -> None:
    """The plugin's own modules are all that pytest's start pays for."""
    loaded = _loaded_by("import pytest; before = set(sys.modules); import seqtest.pytest_plugin.plugin")

    assert not loaded & set(HEAVY)
    assert {name for name in loaded if name.startswith("seqtest.")} == {
        "seqtest.pytest_plugin",
        "seqtest.pytest_plugin.hookspecs",
        "seqtest.pytest_plugin.options",
        "seqtest.pytest_plugin.plugin",
    }


@pytest.mark.parametrize(
    "name", ["Action", "Actor", "Headers", "Request", "Response", "Result", "given", "on", "plays", "scripted", "tap"]
)
def test_public_names_are_there(name: str) -> None:
    """Every public name is found when it is first used, and documented."""
    import seqtest

    assert name in seqtest.__all__
    assert getattr(seqtest, name).__doc__


def test_unknown_name_is_an_attribute_error() -> None:
    """A name that seqtest does not have is refused as by any module."""
    import seqtest

    with pytest.raises(AttributeError, match="nonsense"):
        _ = seqtest.nonsense


def test_the_plugin_looks_for_the_same_files_as_the_command(pytestconfig: pytest.Config) -> None:
    """The plugin's default patterns, which it repeats so as not to load the settings, are the settings'."""
    from seqtest.settings import FILE_PATTERNS

    assert tuple(pytestconfig.getini("seqtest_files")) == FILE_PATTERNS
