"""Which folder a document's project is, where its sources can be read, and what moment it is."""

import os
from datetime import UTC, datetime
from pathlib import Path

MARKS = ("pyproject.toml", "pytest.ini", "tox.ini", "setup.cfg", ".git")


def root_above(folder: Path) -> Path:
    """The nearest folder from there upwards that looks like a project's; the folder itself when none does."""
    folder = folder.resolve()
    return next(
        (place for place in (folder, *folder.parents) if any((place / mark).exists() for mark in MARKS)), folder
    )


def address(template: str, file: str, line: int) -> str:
    """`https://host/blob/main/{path}#L{line}` filled in."""
    return template.replace("{path}", file).replace("{line}", str(line))


def moment() -> datetime:
    """Now; for builds that are to be reproduced what SOURCE_DATE_EPOCH says (reproducible-builds.org)."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    return datetime.fromtimestamp(int(epoch), UTC) if epoch.isdigit() else datetime.now(UTC)
