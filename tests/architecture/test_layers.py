"""The layers of the package, as import-linter holds them."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def contracts() -> list[dict]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]


def _parts() -> set[str]:
    return {
        path.stem for path in (ROOT / "seqtest").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
    }


def test_contracts_are_kept() -> None:
    """Upper layers import lower ones, only syntax imports Lark and only auth imports the JOSE library."""
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_every_part_has_a_layer(contracts: list[dict]) -> None:
    """A new folder of the package stands in the list of layers."""
    layers = next(contract for contract in contracts if contract["type"] == "layers")
    named = {part.strip(" ()") for layer in layers["layers"] for part in layer.split("|")}

    assert layers["exhaustive"] is True
    assert _parts() - {"__init__"} <= named


@pytest.mark.parametrize(("library", "home"), [("lark", "syntax"), ("jwt", "auth"), ("joserfc", "auth")])
def test_one_part_alone_imports_a_library(contracts: list[dict], library: str, home: str) -> None:
    """Every part but the library's home is forbidden to import it."""
    contract = next(contract for contract in contracts if library in contract.get("forbidden_modules", ()))
    held = {module.removeprefix("seqtest.") for module in contract["source_modules"]}

    assert _parts() - {"__init__", home} <= held
    assert home not in held
