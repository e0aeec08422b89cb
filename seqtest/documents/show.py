"""From what a document asks for to what it shows. A user's mistake is a trouble to tell, not an exception."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqtest import api
from seqtest.dataclass import dataclass, replace
from seqtest.diagram.read import load, read
from seqtest.documents.player import played
from seqtest.documents.shown import Picture, Shown, Trouble, Wanted
from seqtest.errors import Diagnostic, did_you_mean, lay_out
from seqtest.syntax.includes import FolderIncludes

if TYPE_CHECKING:
    from seqtest.diagram import Diagram

COMPARED = ("svg", "png", "pdf", "txt", "mermaid")
"""Forms of a kept rendering that depend on the drawing alone."""


def show(wanted: Wanted) -> Shown:
    """The flow with its pictures and verdict, or with what is wrong with it."""
    file = wanted.file.resolve()
    if not file.is_relative_to(wanted.root.resolve()):
        return _nothing(wanted.file.as_posix(), "is outside the project", f"the project is {wanted.root}")
    name = file.relative_to(wanted.root.resolve()).as_posix()
    if not file.is_file():
        return replace(_nothing(name, "there is no such file"), dependencies=(file,))
    includes = FolderIncludes((wanted.root,))
    shown = Shown(name, dependencies=(file,))
    try:
        source = replace(load(file), path=str(file))
        diagrams = read(source, includes=includes)
    except Diagnostic as error:
        found = tuple(Trouble(_place(wanted, str(f.span) if f.span else str(file)), lay_out(f)) for f in error.findings)
        return replace(shown, state="error", troubles=found, dependencies=(file, *includes.seen))
    shown = replace(shown, source=source.text, dependencies=(file, *includes.seen))
    names = api.diagram_names(diagrams, file)
    if wanted.diagram not in ("", *names) or not diagrams or (len(names) > 1 and not wanted.diagram):
        several = f"say which: {', '.join(names)}" if names else "there is no sequence diagram in it"
        near = did_you_mean(wanted.diagram, names) if wanted.diagram else ""
        return _with(
            shown, f"{name}: {f'there is no diagram {wanted.diagram}; ' if wanted.diagram else ''}{several} {near}"
        )
    diagram = diagrams[names.index(wanted.diagram) if wanted.diagram else 0]
    shown = replace(_drawn(shown, diagram, wanted), line=diagram.span.line if diagram.span else 1)
    shown = _compared(shown, diagram, wanted)
    return _ran(shown, wanted, file) if wanted.is_run or wanted.is_annotated or wanted.scenario else shown


def _nothing(name: str, *words: str) -> Shown:
    return Shown(name, state="error", troubles=(Trouble(name, f"{name} cannot be shown: {'; '.join(words)}"),))


def _with(shown: Shown, message: str) -> Shown:
    trouble = Trouble(f"{shown.file}:{shown.line}", message.strip())
    return replace(shown, state="error", troubles=(*shown.troubles, trouble))


def _place(wanted: Wanted, place: str) -> str:
    return place.removeprefix(f"{wanted.root.resolve()}/")


def _drawn(shown: Shown, diagram: "Diagram", wanted: Wanted) -> Shown:
    from seqtest.render.svg.draw import draw
    from seqtest.render.svg.paint import plain_title
    from seqtest.render.text import draw_diagram

    picture = Picture(draw(diagram, scheme=wanted.scheme, prefix=f"{wanted.prefix}0-"), draw_diagram(diagram))
    return replace(shown, title=plain_title(diagram), pictures=(picture,))


def _compared(shown: Shown, diagram: "Diagram", wanted: Wanted) -> Shown:
    """With a trouble when the kept rendering is not what is drawn now."""
    if wanted.committed is None:
        return shown
    from seqtest.cli.drawers import SUFFIXES, Drawn, Wish, of_diagram
    from seqtest.render.seal import is_current

    kept = wanted.committed
    shown = replace(shown, dependencies=(*shown.dependencies, kept))
    name = _place(wanted, str(kept))
    forms = [form for form in COMPARED if kept.suffix == f".{SUFFIXES[form]}"]
    if not forms or not kept.is_file():
        return _with(shown, f"{name} is {'missing' if forms else 'none of ' + ', '.join(COMPARED)}")
    try:
        made = of_diagram(Drawn(diagram, shown.file, str), Wish(forms[0]))
    except Diagnostic as error:
        return _with(shown, str(error))
    if not is_current(kept.read_bytes(), made if isinstance(made, bytes) or made.endswith("\n") else made + "\n"):
        return _with(
            shown, f"{name} is stale: {shown.file} shows something else now (seqtest render --format {forms[0]})"
        )
    return shown


@dataclass(frozen=True, slots=True)
class _Case:
    names: tuple[str, ...]
    is_kept: bool
    failures: Sequence[dict[str, Any]]
    picture: Picture

    @property
    def name(self) -> str:
        return self.names[-1]


def _ran(shown: Shown, wanted: Wanted, file: Path) -> Shown:
    found = played(file, wanted.root, wanted.prefix)
    cases = [_case(case) for case in found["cases"]]
    obstacles = [Trouble(shown.file, text) for text in found["obstacles"]]
    if wanted.diagram:
        cases = [case for case in cases if case.names[0] == wanted.diagram or len(case.names) == 1]
    known = [case.name for case in cases]
    if wanted.scenario:
        cases = [case for case in cases if case.name == wanted.scenario]
        if not cases and not obstacles:
            words = f"there is no case {wanted.scenario}: {', '.join(known)} {did_you_mean(wanted.scenario, known)}"
            return _with(shown, words)
    broken = [case for case in cases if not case.is_kept]
    troubles = [trouble for case in broken for trouble in _troubles(case, wanted, shown.file)]
    if not cases and not obstacles:
        obstacles.append(Trouble(shown.file, f"{shown.file}: no case was played"))
    if wanted.is_annotated or wanted.scenario:
        shown = replace(shown, pictures=tuple(case.picture for case in cases) or shown.pictures)
    return replace(
        shown,
        state="error" if obstacles or shown.state == "error" else "failed" if broken else "kept",
        words=_words(len(cases), len(broken), bool(obstacles)),
        troubles=(*shown.troubles, *obstacles, *troubles),
    )


def _words(count: int, broken: int, is_error: bool) -> str:
    if is_error:
        return "no answer could be had"
    if count == 1:
        return "failed" if broken else "kept"
    return f"{broken} of {count} cases failed" if broken else f"{count} cases kept"


def _case(case: dict[str, Any]) -> _Case:
    names = tuple(case["names"])
    return _Case(names, case["is_kept"], case["failures"], Picture(case["svg"], case["text"], names[-1]))


def _troubles(case: _Case, wanted: Wanted, file: str) -> Iterator[Trouble]:
    for failure in case.failures:
        place = f"{_place(wanted, failure['file'])}:{failure['line']}" if failure["file"] else file
        message = f"failed[{failure['code']}]: {failure['message']} (case {case.name})"
        for word in ("expected", "got"):
            if failure[word]:
                message += f"\n  {word}: {failure[word]}"
        yield Trouble(place, message)
    if not case.failures:
        yield Trouble(file, f"case {case.name} did not finish")
