"""Cases of a session kept as JSON, so that pages can be made of them later: by another process, on another machine.

What comes back is somebody else's file: its shape is checked member by member, and the one thing in it that is markup,
the picture, may hold nothing but what our own pictures are made of.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from pathlib import Path, PurePosixPath
from typing import Any, TypedDict

from seqtest import __version__
from seqtest.dataclass import dataclass
from seqtest.errors import Finding, Unanswerable
from seqtest.render.html.case import Case
from seqtest.render.html.foreign import misfit, picture_problem
from seqtest.verdict.compare import Measured

FORMAT = 1
"""Raised when a member changes its meaning or goes away."""
KIND = "seqtest saved run"


@dataclass(frozen=True, slots=True)
class Saved:
    """What a session found out, but for where it was."""

    cases: Sequence[Case]
    name: str = ""
    not_run: int = 0
    real: Mapping[str, float] = field(default_factory=dict)
    """Node id → seconds that the case really took."""
    made_at: str = ""
    documents: Sequence[str] = ()
    """Patterns of names of files that hold drawings, as the session had them."""


class _File(TypedDict):
    """The file's members; `real` and `made_at` are all in it that equal runs do not have in common."""

    kind: str
    format: int
    seqtest: str
    name: str
    made_at: str
    not_run: int
    documents: list[str]
    real: dict[str, float]
    cases: list[Case]


def dumps(saved: Saved) -> str:
    """As a text that `loads` reads."""
    value: _File = {
        "kind": KIND,
        "format": FORMAT,
        "seqtest": __version__,
        "name": saved.name,
        "made_at": saved.made_at,
        "not_run": saved.not_run,
        "documents": list(saved.documents),
        "real": dict(saved.real),
        "cases": list(saved.cases),
    }
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n"


def load(path: Path) -> Saved:
    """Read a file that `--seqtest-save` wrote. Raises Unanswerable for any other, and for one that cannot be read."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise _refused(path, problem.strerror or str(problem)) from None
    except (ValueError, RecursionError):
        raise _refused(path, "it is not JSON") from None
    return of_value(value, path)


def of_value(value: Any, path: Path) -> Saved:
    """The same of what JSON gave."""
    if not isinstance(value, dict) or value.get("kind") != KIND:
        is_trace = isinstance(value, dict) and {"proved", "steps", "happened"} <= set(value)
        got = "what `seqtest render --run --format json` writes: one run, without its page" if is_trace else ""
        raise _refused(path, got or f'it has no "kind": "{KIND}"')
    if value.get("format") != FORMAT:
        raise _refused(
            path, f"format {value.get('format')!r} of seqtest {value.get('seqtest')}; this one reads {FORMAT}"
        )
    wrong = misfit(value, _File)
    if wrong:
        raise _refused(path, wrong)
    for case in value["cases"]:
        wrong = picture_problem(case["svg"]) if "svg" in case else ""
        wrong = wrong or (misfit(case["measured"], Measured, ".measured") if "measured" in case else "")
        if wrong:
            raise _refused(path, f"case {case['id']}: {wrong}")
    return Saved(
        value["cases"],
        value["name"],
        value["not_run"],
        value["real"],
        value["made_at"],
        tuple(value["documents"]),
    )


def merged(found: Sequence[tuple[Path, Saved]]) -> Saved:
    """Several files as one session. Raises Unanswerable when two of them have the same case."""
    origin: dict[str, Path] = {}
    for path, saved in found:
        for case in saved.cases:
            first = origin.setdefault(case["id"], path)
            if first is not path:
                raise _refused(path, f"case {case['id']} is in {first}, too")
    names = dict.fromkeys(saved.name for _, saved in found)
    return Saved(
        [case for _, saved in found for case in saved.cases],
        next(iter(names), "") if len(names) == 1 else "",
        sum(saved.not_run for _, saved in found),
        {id: took for _, saved in found for id, took in saved.real.items()},
        max((saved.made_at for _, saved in found), default=""),
    )


def refuse_stale(found: Iterable[tuple[Path, Saved]], root: Path) -> None:
    """Raises Unanswerable when a drawing is not what it was in that run, or is not below `root` at all."""
    for path, saved in found:
        for case in saved.cases:
            for name, digest in case.get("made_of", {}).items():
                state = _state(root, name, digest)
                if state:
                    raise Unanswerable(
                        Finding(
                            "SQ469",
                            f"{path} shows drawings as they were, not as they are",
                            got=f"{name} {state}",
                            expected=f"the {name} that case {case['id']} was played from",
                            do="run the flows again, or take the run as it was: --stale",
                        )
                    )


def digest_of(path: Path) -> str:
    """SHA-256 of a file's bytes; empty for one that cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def _state(root: Path, name: str, digest: str) -> str:
    """What is wrong with the file; empty for one that is as it was."""
    pure = PurePosixPath(name)
    if pure.is_absolute() or ".." in pure.parts or not (root / name).is_file():
        return f"is not in {root}"
    return "" if digest_of(root / name) == digest else "has changed since"


def _refused(path: Path, got: str) -> Unanswerable:
    return Unanswerable(
        Finding(
            "SQ468",
            f"no report can be made from {path}",
            got=got,
            expected="a file that `pytest --seqtest-save FILE` wrote",
            do="run the flows with --seqtest-save FILE, and give that FILE",
        )
    )
