"""Where reports and saved runs are written: made, made anew, and never over anything that is neither."""

import json
import os
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from seqtest.errors import Finding, Unanswerable
from seqtest.render.html.saved import KIND

MANIFEST = "seqtest-report.json"
"""Says that a folder is a report, and which of its files are the report's own."""
FORMAT = 1
HEAD = f'{{"kind":"{KIND}",'.encode()
"""How a saved run begins."""


def check(folder: Path) -> None:
    """Raises Unanswerable for a place where a report would be written over something else."""
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise Unanswerable(_refused(folder, "it is no folder"))
    if not folder.is_dir():
        return
    try:
        is_empty = not any(folder.iterdir())
    except OSError as problem:
        raise Unanswerable(_refused(folder, problem.strerror or str(problem))) from None
    if not is_empty and not (folder / MANIFEST).is_file():
        raise Unanswerable(_refused(folder, f"it has files, and no {MANIFEST} that would say that they are a report's"))
    if not is_empty:
        _own_files(folder)


def write(folder: Path, files: Iterable[tuple[str, str]]) -> None:
    """Write the report's files, and take away those of an earlier report in its place; all else is left alone.

    Raises Unanswerable when the folder is no report's, or cannot be written.
    """
    check(folder)
    old = _own_files(folder) if folder.is_dir() else []
    written: list[str] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _mark(folder, old)
        for name, text in files:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            _replace(path, text)
            written.append(name)
        for name in sorted({*old} - {*written}):
            (folder / name).unlink(missing_ok=True)
        _mark(folder, written)
    except OSError as problem:
        raise Unanswerable(_refused(folder, problem.strerror or str(problem))) from None


def check_file(path: Path) -> None:
    """Raises Unanswerable for a place where a saved run would be written over something else."""
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise Unanswerable(_refused_file(path, "it is no file"))
    try:
        with path.open("rb") as file:
            head = file.read(len(HEAD))
    except FileNotFoundError:
        return
    except OSError as problem:
        raise Unanswerable(_refused_file(path, problem.strerror or str(problem))) from None
    if head not in (b"", HEAD):
        raise Unanswerable(_refused_file(path, "it has a text that is no saved run"))


def replace_file(path: Path, text: str) -> None:
    """Write a saved run, whole. Raises Unanswerable when something else is there, or it cannot be written."""
    check_file(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, text)
    except OSError as problem:
        raise Unanswerable(_refused_file(path, problem.strerror or str(problem))) from None


def _replace(path: Path, text: str) -> None:
    """The whole file or none of it; through no link, whatever stands there."""
    part = path.with_name(f".{path.name[-200:]}.part")
    part.write_text(text, encoding="utf-8", newline="\n")
    os.replace(part, path)


def _mark(folder: Path, files: Iterable[str]) -> None:
    value = {"format": FORMAT, "files": sorted(files)}
    _replace(folder / MANIFEST, json.dumps(value, indent=1) + "\n")


def _own_files(folder: Path) -> list[str]:
    """What the report that is there wrote. Raises Unanswerable for a list that was not made by this tool."""
    path = folder / MANIFEST
    if not path.exists():
        return []
    try:
        names = json.loads(path.read_text(encoding="utf-8"))["files"]
        own = [name for name in names if _is_inside(name)]
    except (OSError, ValueError, KeyError, TypeError):
        raise Unanswerable(_refused(folder, f"its {MANIFEST} cannot be understood")) from None
    if len(own) != len(names):
        raise Unanswerable(_refused(folder, f"its {MANIFEST} names files outside of it"))
    return own


def _is_inside(name: str) -> bool:
    path = PurePosixPath(name)
    return bool(path.parts) and not path.is_absolute() and ".." not in path.parts and "\\" not in name


def _refused(folder: Path, got: str) -> Finding:
    return Finding(
        "SQ467",
        f"no report can be written to {folder}",
        got=got,
        expected="a folder that is empty, not there yet, or an earlier report",
        why="nothing but a report is ever overwritten",
        do="name another folder",
    )


def _refused_file(path: Path, got: str) -> Finding:
    return Finding(
        "SQ482",
        f"no run can be saved in {path}",
        got=got,
        expected="a file that is not there yet, or an earlier saved run",
        why="nothing but a saved run is ever overwritten",
        do="name another file",
    )
