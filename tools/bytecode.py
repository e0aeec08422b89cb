"""A step of the build: compiles the modules of an editable installation, as pip does for any other one.

Without it the first command of a checkout compiles what it loads, and so does each one where PYTHONDONTWRITEBYTECODE is
set.
"""

from compileall import compile_dir
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Bytecode(BuildHookInterface[Any]):
    """Found by hatchling, which is told of this file in pyproject.toml."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            compile_dir(Path(self.root, "seqtest"), quiet=2)
