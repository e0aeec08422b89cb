"""A diagram becomes its scenarios: one for each way on at every place where it branches."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from seqtest.dataclass import replace
from seqtest.diagram import Diagram
from seqtest.diagram.lint import nearly_declared
from seqtest.errors import Finding, UnplayableScenario
from seqtest.scenario.explore import Explorer
from seqtest.scenario.flow import Expect, Library, Promises, Read, path_of, project_root, read_file
from seqtest.scenario.names import plain, slug
from seqtest.scenario.notes import settings_of
from seqtest.scenario.place import Budget
from seqtest.scenario.scenario import Scenario
from seqtest.scenario.walk import Case

LOOP_LIMIT = 1_000
SIZE_LIMIT = 1_000_000


def expand(
    diagram: Diagram,
    *,
    root: str | Path | None = None,
    loop_limit: int = LOOP_LIMIT,
    size_limit: int = SIZE_LIMIT,
    combinations: bool = False,
    read: Read = read_file,
    expect: Expect | None = None,
    note_promises: Promises | None = None,
) -> list[Scenario]:
    """Every operand in at least one scenario, in drawn order; with `combinations` every combination of them.

    Without them, a scenario takes the first operand everywhere but at the place that it is for (`opt` is entered,
    `break` is not). Interaction uses read files below `root` only; `size_limit` bounds all scenarios together.

    Raises UnreadableDiagram for labels and notes that cannot be read, UnplayableScenario with all else that is wrong.
    """
    if expect is None or note_promises is None:
        from seqtest.diagram import promise

        expect, note_promises = expect or promise.expect, note_promises or promise.note_promises
    flows = Library(expect, note_promises, read, cache(lambda: project_root(diagram, root)))
    explorer = Explorer(flows, Budget(size_limit, size_limit), loop_limit, combinations)
    cases = explorer.cases(flows.flow(diagram))
    _raise_all(diagram, cases)
    return [_scenario(diagram, case) for case in cases]


def _misspelt(diagram: Diagram) -> list[Finding]:
    """Participants that an arrow made appear, under nearly another one's name."""
    return [replace(finding, severity="error") for finding in nearly_declared(diagram)]


def _raise_all(diagram: Diagram, cases: Sequence[Case]) -> None:
    """Cases share most of what is wrong with them; each thing is said once."""
    found: dict[tuple[object, ...], Finding] = {}
    for case in cases:
        for finding in case.walk.findings:
            place = (finding.span.path, finding.span) if finding.span else None
            found.setdefault((finding.code, finding.message, place), finding)
    if found:
        # What follows from a name written wrongly comes after it.
        raise UnplayableScenario(*_misspelt(diagram), *found.values())


def _scenario(diagram: Diagram, case: Case) -> Scenario:
    walk = case.walk
    own = {participant.id for participant in diagram.participants}
    joined = [participant for id, participant in walk.participants.items() if id not in own]
    options = [met.way.option for met in walk.met if not met.is_named]
    guards = [plain(option.text) for option in options if option.text and not option.passes_by]
    return Scenario(
        id=case.id or slug(diagram.name) or slug(Path(path_of(diagram)).stem) or "flow",
        name=case.name or diagram.name or plain(diagram.title or "") or Path(path_of(diagram)).stem or "flow",
        diagram=diagram,
        participants=(*diagram.participants, *joined),
        steps=tuple(walk.steps),
        settings=settings_of(walk),
        optional=tuple(walk.optional),
        givens=tuple(given for given in walk.givens if given.before < len(walk.steps)),
        choices=walk.choices(),
        tags=tuple(dict.fromkeys((*guards, *walk.stages))),
    )
