"""Flows ready to be walked: diagrams whose labels and notes are read, and the files that interaction uses name."""

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import field
from pathlib import Path

from seqtest.dataclass import dataclass, replace
from seqtest.diagram import CombinedFragment, Diagram, InteractionUse, Message, Note
from seqtest.diagram.expectation import Expectation, Promise
from seqtest.errors import Finding, UnplayableScenario, UnreadableDiagram

Read = Callable[[str], Sequence[Diagram]]
Expect = Callable[[Message], Expectation]
Promises = Callable[[Note], tuple[Promise, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class Flow:
    """A diagram with what its messages and notes promise, by `id()` of the item: equal items may differ in place."""

    diagram: Diagram
    path: str
    expectations: Mapping[int, Expectation]
    promises: Mapping[int, tuple[Promise, ...]]


@dataclass(slots=True)
class Library:
    """The flows of one expansion, each read once."""

    expect: Expect
    note_promises: Promises
    read: Read
    find_root: Callable[[], Path]
    """Only interaction uses need the root."""
    files: dict[str, Sequence[Diagram]] = field(default_factory=dict)
    flows: dict[int, Flow] = field(default_factory=dict)

    @property
    def root(self) -> Path:
        """Files above it are not read."""
        return self.find_root()

    def open(self, path: str) -> Sequence[Diagram]:
        """The diagrams of a file. Raises OSError and UnreadableDiagram."""
        if path not in self.files:
            self.files[path] = self.read(path)
        return self.files[path]

    def is_inside(self, path: str) -> bool:
        """Whether the file lies below the project root, links followed."""
        return Path(path).resolve().is_relative_to(self.root.resolve())

    def flow(self, diagram: Diagram) -> Flow:
        """The diagram, its labels and notes read. Raises UnreadableDiagram, and UnplayableScenario for its slips."""
        if id(diagram) not in self.flows:
            self.flows[id(diagram)] = self._prepare(diagram)
        return self.flows[id(diagram)]

    def _prepare(self, diagram: Diagram) -> Flow:
        if diagram.slips:
            raise UnplayableScenario(*(replace(slip, severity="error") for slip in diagram.slips))
        findings: list[Finding] = []
        expectations: dict[int, Expectation] = {}
        promises: dict[int, tuple[Promise, ...]] = {}
        for item in diagram.walk():
            try:
                if isinstance(item, Message) and not item.arrow.is_hidden:
                    expectations[id(item)] = self.expect(item)
                elif isinstance(item, Note) and item.participants:
                    promises[id(item)] = self.note_promises(item)
                elif isinstance(item, CombinedFragment | InteractionUse):
                    findings += self._notes_at_no_arrow(item.notes)
            except UnreadableDiagram as error:
                findings += error.findings
        if findings:
            raise UnreadableDiagram(*findings)
        return Flow(diagram, path_of(diagram), expectations, promises)

    def _notes_at_no_arrow(self, notes: Collection[Note]) -> list[Finding]:
        return [
            Finding(
                "SQ325",
                "this note hangs on a frame, not on an arrow, so its lines check nothing",
                note.span,
                do="put it below the arrow it is about, or write `note left <<prose>>`",
            )
            for note in notes
            if self.note_promises(note)
        ]


def path_of(diagram: Diagram) -> str:
    """The file that a diagram comes from, as its user knows it; empty for a text without a file."""
    return diagram.source.path if diagram.source else ""


def beside(flow: Flow, name: str) -> str:
    """The path of a file that a flow names: paths are relative to the flow's own file."""
    return os.path.normpath(os.path.join(os.path.dirname(flow.path), name))


def project_root(diagram: Diagram, root: str | Path | None) -> Path:
    """The folder that interaction uses may not leave: the one given, else the current one, else the diagram's own."""
    if root is not None:
        return Path(root)
    here = Path.cwd()
    own = Path(path_of(diagram) or ".").resolve().parent
    return here if own.is_relative_to(here.resolve()) else own


def read_file(path: str) -> Sequence[Diagram]:
    """Late import: only diagrams with interaction uses read more than one file, and only then is the parser needed."""
    from seqtest.diagram.read import read

    return read(path)
