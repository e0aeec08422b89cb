"""From a file to its cases: what is collected, what is left alone, and what is an error."""

import shlex
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from seqtest import api
from seqtest.dataclass import replace
from seqtest.diagram import Diagram
from seqtest.errors import Diagnostic, Finding, UnreadableDiagram
from seqtest.pytest_plugin import conftests, failing, options, report, unreadable
from seqtest.pytest_plugin.cache import Shelf
from seqtest.pytest_plugin.item import FlowItem, Plays
from seqtest.pytest_plugin.other import is_another_kind
from seqtest.source import Span
from seqtest.syntax.notation import notation_of

DRAWN = pytest.StashKey[dict[Path, frozenset[str]]]()
"""File → the participants of its diagrams, of all that were read."""


class DiagramFile(pytest.File):
    """A file of diagrams; below it the cases, or the diagrams when it holds several."""

    def collect(self) -> Iterable[pytest.Item | pytest.Collector]:
        """Its cases in drawn order."""
        report.tally(self.config).files += 1
        self.config.stash[options.HAS_MET_DIAGRAMS] = True
        return unreadable.collected(self, self._nodes)

    def _nodes(self) -> unreadable.Nodes:
        try:
            shelf = Shelf(self.path, failing.shown_path(self.path, self.config), self.config)
        except UnreadableDiagram:
            if not self.is_named and not self.is_document and is_another_kind(self.path):
                report.tally(self.config).other += 1
                return []
            raise
        diagrams = shelf.diagrams
        drawn = self.config.stash.setdefault(DRAWN, {})
        drawn[self.path] = frozenset(p.id for diagram in diagrams for p in diagram.participants)
        must_bind = self.is_named and not (self.is_document and any(is_bound(self, diagram) for diagram in diagrams))
        if len(diagrams) == 1 and not self.is_document:
            items = list(cases(self, diagrams[0], shelf, must_bind))
            shelf.keep()
            return [*items]
        refuse_duplicates((api.diagram_id(diagram, self.path), diagram.span) for diagram in diagrams if diagram.name)
        return [
            OneOfSeveral.from_parent(self, name=name, diagram=diagram, shelf=shelf, must_bind=must_bind)
            for name, diagram in zip(api.diagram_names(diagrams, self.path), diagrams, strict=True)
        ]

    def teardown(self) -> None:
        """Behind its last case: what they shared would be looked at by the garbage collector again and again."""
        api.forget()

    @property
    def is_named(self) -> bool:
        """Whether it was named on the command line, rather than met in a folder."""
        return self.session.isinitpath(self.path)

    @property
    def is_document(self) -> bool:
        """Whether the drawings are blocks of a document. Those that bind nobody may illustrate it, beside its flows."""
        return notation_of(self.path.name) == "document"

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        return failing.uncollected(super().repr_failure, excinfo)


class OneOfSeveral(pytest.Collector):
    """A diagram in a file that holds several."""

    def __init__(self, diagram: Diagram, shelf: Shelf, must_bind: bool, **rest: Any) -> None:
        super().__init__(**rest)
        self.diagram = diagram
        self._shelf = shelf
        self._must_bind = must_bind

    def collect(self) -> Iterable[pytest.Item | pytest.Collector]:
        """Its cases in drawn order."""
        return unreadable.collected(self, self._nodes)

    def _nodes(self) -> unreadable.Nodes:
        items = list(cases(self, self.diagram, self._shelf, self._must_bind))
        self._shelf.keep()
        return [*items]

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        return failing.uncollected(super().repr_failure, excinfo)


def is_bound(parent: pytest.Collector, diagram: Diagram) -> bool:
    """Whether somebody plays in the diagram, or a stereotype nearly says so."""
    try:
        return bool(api.bound(diagram, {*options.settings(parent.config).binds, *_factories(parent)}))
    except Diagnostic:
        return True


def _factories(parent: pytest.Collector) -> dict[str, conftests.Offer]:
    """What the conftest files offer, but for what a stronger binding takes."""
    binds = options.settings(parent.config).binds
    offers = conftests.factories(parent.config, parent.path)
    return {name: offer for name, offer in offers.items() if name not in binds}


def cases(parent: pytest.Collector, diagram: Diagram, shelf: Shelf, must_bind: bool) -> Iterator[FlowItem]:
    """The cases of a diagram; none when nobody is bound in it and its file was only met.

    Raises Diagnostic for a drawing that cannot be played, or that must bind somebody and binds nobody.
    """
    config, path = parent.config, parent.path
    factories = _factories(parent)
    explicit = {*options.settings(config).binds, *factories}
    if not api.bound(diagram, explicit) and not _is_bound_by_use(diagram, shelf, explicit, must_bind):
        if must_bind:
            raise UnreadableDiagram(_nobody(diagram))
        report.tally(config).left_alone += 1
        return
    scenarios = shelf.cases(diagram)
    refuse_duplicates((scenario.id, diagram.span) for scenario in scenarios)
    givens = conftests.givens(config, path)
    for scenario in scenarios:
        drawn = {participant.id for participant in scenario.participants}
        guards = {given.text for given in scenario.givens}
        plays = Plays(
            {name: offer for name, offer in factories.items() if name in drawn},
            {text: offer for text, offer in givens.items() if text in guards},
            frozenset(givens),
        )
        yield FlowItem.from_parent(parent, name=scenario.id, scenario=scenario, plays=plays)


def _is_bound_by_use(diagram: Diagram, shelf: Shelf, explicit: Collection[str], must_bind: bool) -> bool:
    """Whether somebody plays in a flow that the drawing uses. What it uses need not be there for words to be words.

    Raises Diagnostic where somebody has to play and the flows cannot be had.
    """
    if not api.uses_flows(diagram):
        return False
    try:
        scenarios = shelf.cases(diagram)
    except Diagnostic:
        if must_bind:
            raise
        return False
    everybody = {one.id: one for scenario in scenarios for one in scenario.participants}
    return bool(api.bound(replace(diagram, participants=tuple(everybody.values())), explicit))


def refuse_duplicates(names: Iterable[tuple[str, Span | None]]) -> None:
    """Raises Diagnostic when two have one name: they could not be told apart on a command line."""
    seen: dict[str, Span | None] = {}
    for name, span in names:
        if name in seen:
            first = seen[name]
            raise UnreadableDiagram(
                Finding(
                    "SQ451",
                    f"`{name}` is there twice",
                    span,
                    label="again here",
                    why="a case is chosen by its name: pytest file.puml::name",
                    do="give each diagram a name of its own behind @startuml, and each operand its own guard",
                    also=((first, "first here"),) if first is not None and first != span else (),
                )
            )
        seen[name] = span


def _nobody(diagram: Diagram) -> Finding:
    names = ", ".join(participant.id for participant in diagram.participants)
    one = diagram.participants[-1].id if diagram.participants else "auth"
    return Finding(
        "SQ450",
        "nobody plays a participant of this drawing, so there is nothing to test",
        diagram.span,
        got=f"{names}: all scripted" if names else "no participant",
        why="arrows between scripted participants are told, not tested",
        do="bind one: by a stereotype (`participant auth <<authorization-server>>`), "
        f'by @seqtest.plays("{one}") in conftest.py, or by --seqtest-bind {shlex.quote(f"{one}=module:app")}',
    )
