"""What importing seqtest costs those who do not use it."""

import os
import runpy
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

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


DRAWING = """@startuml
client -> auth : GET /
auth --> client : 200 OK
@enduml
"""


def test_what_a_picture_loads(tmp_path: Path) -> None:
    """`seqtest render` of a drawing loads what reads and draws it: nothing that plays, nothing for other inputs."""
    (tmp_path / "flow.puml").write_text(DRAWING)
    arguments = ["render", str(tmp_path / "flow.puml"), "--format", "svg", "--output", str(tmp_path / "flow.svg")]
    loaded = _loaded_by(
        f"import atexit; atexit.register(lambda: print(*(set(sys.modules) - before))); "
        f"from seqtest.cli.main import main; main({arguments!r})"
    )

    assert (tmp_path / "flow.svg").exists()
    assert {"seqtest.render.svg.paint", "seqtest.syntax.parse"} <= loaded
    assert loaded & {*HEAVY, "difflib", "lxml", "tempfile", "xml", "zipfile"} == {"click"}
    parts = {name.split(".")[1] for name in loaded if name.startswith("seqtest.")}
    assert parts == {
        *(
            "api",
            "cli",
            "dataclass",
            "diagram",
            "errors",
            "exchange",
            "pattern",
            "render",
            "settings",
            "source",
            "syntax",
        )
    }
    assert not loaded & {
        "seqtest.render.svg.drawing",
        "seqtest.syntax.documents",
        "seqtest.syntax.kinds",
        "seqtest.syntax.mermaid",
        "seqtest.syntax.preprocess",
    }


def test_what_a_green_run_of_a_known_drawing_loads(tmp_path: Path) -> None:
    """A run of a drawing that has not changed loads no parser, no HTTP library and nothing that renders."""
    (tmp_path / "conftest.py").write_text(
        "import sys, seqtest\n"
        "@seqtest.plays('auth')\n"
        "def auth():\n"
        "    def app(environ, start_response):\n"
        "        start_response('200 OK', [])\n"
        "        return [b'']\n"
        "    return app\n"
        "def pytest_unconfigure():\n"
        "    open('loaded.txt', 'w').write(' '.join(sys.modules))\n"
    )
    (tmp_path / "flow.puml").write_text(DRAWING)
    for _ in range(2):
        run = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "seqtest.pytest_plugin.plugin", "."],
            cwd=tmp_path,
            env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert "1 passed" in run.stdout, run.stdout + run.stderr

    loaded = set((tmp_path / "loaded.txt").read_text().split())
    assert "seqtest.run.play" in loaded
    assert loaded & {*HEAVY, "lxml", "yaml", "jinja2"} == {"time_machine"}
    parts = {".".join(name.split(".")[:3]) for name in loaded if name.startswith("seqtest.")}
    assert not {name for name in parts if name.startswith(("seqtest.cli", "seqtest.render"))}
    assert {name.removeprefix("seqtest.diagram.") for name in parts if name.startswith("seqtest.diagram.")} == {
        *("block", "contradiction", "expectation", "lint", "model")
    }
    assert not parts & {
        *("seqtest.scenario.expand", "seqtest.syntax.parse", "seqtest.syntax.kinds"),
        *("seqtest.syntax.meanings", "seqtest.syntax.tree", "seqtest.user_agent.agent"),
    }


@pytest.mark.parametrize(("version", "is_compiled"), [("editable", True), ("standard", False)])
def test_an_editable_installation_is_compiled(
    version: str, is_compiled: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`pip install -e` compiles the modules; any other installation is compiled by pip itself."""
    interface: Any = ModuleType("interface")  # stands for hatchling's, which is there while something is built
    interface.BuildHookInterface = {Any: object}
    for name in ("hatchling", "hatchling.builders", "hatchling.builders.hooks", "hatchling.builders.hooks.plugin"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    monkeypatch.setitem(sys.modules, "hatchling.builders.hooks.plugin.interface", interface)
    (tmp_path / "seqtest").mkdir()
    (tmp_path / "seqtest" / "one.py").write_text("")

    step = runpy.run_path(str(Path(__file__).parents[2] / "tools" / "bytecode.py"))["Bytecode"]()
    step.root = str(tmp_path)
    step.initialize(version, {})
    assert bool(list(tmp_path.glob("seqtest/__pycache__/one.*.pyc"))) == is_compiled
