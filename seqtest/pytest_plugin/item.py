"""A case of a diagram as a pytest item: set up from the conftest's offers, played, and reported at its arrow."""

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from os import PathLike
from typing import TYPE_CHECKING, Any, Literal

import pytest

from seqtest import api
from seqtest.actors.remote import is_base_url
from seqtest.dataclass import dataclass
from seqtest.errors import Diagnostic, Finding, TakesTooLong, Unanswerable
from seqtest.pytest_plugin import blame, failing, options, report
from seqtest.pytest_plugin.conftests import Offer
from seqtest.pytest_plugin.imports import imported
from seqtest.scenario import Scenario
from seqtest.settings import Settings, from_environment
from seqtest.source import Span

if TYPE_CHECKING:
    from seqtest.hygiene.rule import Lint
    from seqtest.run.live import Reach

DETAILS: Mapping[str, Literal["short", "line"]] = {"short": "short", "line": "line", "no": "line"}


@dataclass(frozen=True, slots=True)
class Plays:
    """What the conftest files offer the cases of one diagram."""

    factories: Mapping[str, Offer]
    givens: Mapping[str, Offer]
    known_givens: frozenset[str]
    """Guards that the conftest files can make true, of other cases too."""

    @property
    def fixtures(self) -> tuple[str, ...]:
        """Fixtures that any of them asks for, each once."""
        offers = (*self.factories.values(), *self.givens.values())
        return tuple(dict.fromkeys(name for offer in offers for name in offer.fixtures))


class FlowItem(pytest.Function):
    """One way through a diagram.

    A pytest Function, so that fixtures, autouse ones included, marks, `--setup-plan` and other plugins see what they
    know. Nothing of a run stays on it: it may be run again.
    """

    def __init__(self, name: str, parent: Any, scenario: Scenario, plays: Plays, **rest: Any) -> None:
        names = plays.fixtures
        super().__init__(name, parent, callobj=_signed(names) if names else _flow, **rest)
        self.scenario = scenario
        self.plays = plays
        self.seqtest_failed_line: int | None = None
        self._ready: api.Ready | None = None
        self._told: dict[str, Any] = {}
        """Name → the value from outside, of those that were asked for in this run."""
        self.add_marker(pytest.mark.seqtest)
        self.extra_keyword_matches.update(_keywords(scenario))

    def setup(self) -> None:
        """Fixtures, then all that comes before the first arrow: what is missing there is an error, not a failure."""
        self.seqtest_failed_line = None
        self._told = {}
        self.user_properties[:] = [pair for pair in self.user_properties if not pair[0].startswith(report.PREFIX)]
        self.user_properties += report.place(failing.shown_path(self.path, self.config), api.first_line(self.scenario))
        with self._diagnostics_reported():
            self._fixtures()
        if self.config.getoption("setuponly", False):  # with --setup-plan the fixtures have no values
            return
        settings = options.settings(self.config)
        with self._diagnostics_reported(), self._long_waits_skipped(settings):
            self._ready = api.ready(
                self.scenario,
                self.bindings(),
                givens={text: partial(offer.call, self.funcargs) for text, offer in self.plays.givens.items()},
                known_givens=self.plays.known_givens,
                outside=self.outside,
                told=self._told,
                seed=settings.seed,
                start=settings.start,
                reach=self.reach(),
            )

    @contextmanager
    def _long_waits_skipped(self, settings: Settings) -> Iterator[None]:
        try:
            yield
        except TakesTooLong as problem:
            if not settings.skips_waits:
                raise
            pytest.skip(f"{problem.finding.message}; {problem.finding.why}")

    def _fixtures(self) -> None:
        try:
            super().setup()
        except pytest.FixtureLookupError as error:
            stack = {error.argname, getattr(error.request, "fixturename", None)}
            for name, offer in (*self.plays.factories.items(), *self.plays.givens.items()):
                if stack & {*offer.fixtures}:
                    raise blame.no_fixture(error, offer.target, self._making(name), self.config) from error
            raise

    def _making(self, participant: str) -> str:
        return f"making `{participant}` for {failing.shown_path(self.path, self.config)}"

    def runtest(self) -> None:
        """Play the case. Raises FlowFailed when a promise was broken or no answer could be had."""
        assert self._ready is not None  # noqa: S101  # setup() made it
        with self._diagnostics_reported():
            settings = options.settings(self.config)
            verdict = api.play(
                self._ready,
                command=self._command(),
                lints=_lints(settings),
                timeout_seconds=settings.timeout_seconds,
            )
        self.ihook.pytest_seqtest_verdict(item=self, verdict=verdict)
        self.user_properties += report.properties(verdict)
        for warning in verdict.warnings:
            self.warn(FlowWarning(f"{_place(warning)}[{warning.code}] {warning.message}; {warning.do}"))
        if not verdict.is_kept:
            finding = verdict.failures[0]
            self._mark_line(finding)
            text = api.failure_text(verdict, self._detail())
            is_coloured = failing.has_colours(self.config)
            coloured = api.failure_text(verdict, self._detail(), is_coloured=True) if is_coloured else None
            raise failing.FlowFailed(text, api.masked(finding, verdict), coloured=coloured)

    def teardown(self) -> None:
        if self._ready is not None:
            self._ready.prepared.let_go()
            self._ready = None
        super().teardown()

    @contextmanager
    def _diagnostics_reported(self) -> Iterator[None]:
        try:
            yield
        except Diagnostic as error:
            self._mark_line(error.finding)
            settings = options.settings(self.config)
            told = {**settings.variables, **settings.told, **self._told}
            error.findings = tuple(api.masked_error(error.findings, self.scenario, told))
            raise failing.FlowFailed(str(error), error.finding, error, failing.coloured(error, self.config)) from None

    def _command(self) -> str:
        """What replays just this case, from the folder in which pytest was started."""
        inner = self.nodeid.partition("::")[2]
        return f"pytest '{failing.shown_path(self.path, self.config)}::{inner}'"

    def outside(self, name: str) -> Any:
        """The value of `{name}` from outside: command line, fixture, ini file, environment. Raises KeyError."""
        settings = options.settings(self.config)
        if name in settings.told:
            return settings.told[name]
        found, value = self._fixture(name)
        if found:
            return value
        if name in settings.variables:
            return settings.variables[name]
        text = from_environment(name)
        if text is None:
            raise KeyError(name)
        return text

    def _fixture(self, name: str) -> tuple[bool, Any]:
        if name == "request":
            return False, None
        try:
            value = self._request.getfixturevalue(name)
        except pytest.FixtureLookupError as error:
            if error.argname != name:
                raise blame.no_fixture(error, self.outside, self._asking(name)[0], self.config) from error
            return False, None
        except Exception as error:
            raise blame.raised(error, *self._asking(name)) from error
        if not isinstance(value, (str, int, float, bool)):
            raise Unanswerable(
                Finding(
                    "SQ452",
                    f"the fixture `{name}` is no value for `{{{name}}}`",
                    self.scenario.diagram.span,
                    expected="a text, a number or a truth value",
                    got=type(value).__name__,
                    do=f"give the value another name, or pass it with --seqtest-var {name}=…",
                )
            )
        return True, value

    def _asking(self, name: str) -> tuple[str, Span | None]:
        """What is being done, and where the drawing wants it."""
        source = self.scenario.diagram.source
        for number, text in enumerate(source.text.split("\n") if source is not None else (), 1):
            column = text.find(f"{{{name}}}") + 1
            if column and source is not None:
                line = number + source.first_line - 1
                return f"asking the fixture `{name}` for line {line}", Span.at(source, line, column, len(name) + 2)
        return f"asking the fixture `{name}`", self.scenario.diagram.span

    def bindings(self) -> dict[str, Any]:
        """Participant → who plays it: conftest's offers, and over them the command line's and the ini file's."""
        binds = options.settings(self.config).binds
        ids = {participant.id for participant in self.scenario.participants}
        bindings = {name: self._player(name, offer) for name, offer in self.plays.factories.items()}
        bindings |= {
            name: target if is_base_url(target) else imported(name, target, self.config)
            for name, target in binds.items()
            if name in ids
        }
        return bindings

    def reach(self) -> "Reach | None":
        """What runs with live servers may do; None when nothing was said about it."""
        settings = options.settings(self.config)
        wait = settings.wait_seconds
        if not settings.hosts and settings.ca is None and wait is None:
            return None
        from seqtest.run.live import WAIT_SECONDS, Reach

        return Reach(settings.hosts, settings.ca, WAIT_SECONDS if wait is None else wait)

    def _player(self, participant: str, offer: Offer) -> Any:
        try:
            player = offer.call(self.funcargs)
        except Exception as error:
            raise blame.raised(error, self._making(participant)) from error
        if player is None:
            raise Unanswerable(
                Finding(
                    "SQ456",
                    f"`{offer.target.__name__}` returned nobody to play `{participant}`",
                    got="None",
                    why="a participant that nobody plays is scripted, and nothing of it is tested",
                    do="return an Actor class, a WSGI application, a base URL or a callable",
                )
            )
        return player

    def _mark_line(self, finding: Finding) -> None:
        span = finding.span
        path = failing.shown_path(self.path, self.config)
        if span is not None and span.path == path:
            self.seqtest_failed_line = span.line - 1
            kept = [pair for pair in self.user_properties if pair[0] not in report.PLACE]
            self.user_properties[:] = [*kept, *report.place(path, span.line)]

    def _detail(self) -> Literal["long", "short", "line"]:
        """How much of a failure is wanted, by `--tb`."""
        return DETAILS.get(self.config.getoption("tbstyle", "auto"), "long")

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException]) -> Any:  # type: ignore[override]
        return failing.placed(super().repr_failure(excinfo), excinfo.value)

    def reportinfo(self) -> tuple[PathLike[str] | str, int | None, str]:
        return self.path, api.first_line(self.scenario) - 1, self.name


def _lints(settings: Settings) -> "Sequence[Lint] | None":
    if not settings.lints:
        return None
    from seqtest.hygiene.table import chosen

    return chosen(settings.lints)


def _place(warning: Finding) -> str:
    return f"{warning.span}: " if warning.span is not None else ""


def load() -> None:
    """Load what plays a case, before the first one is set up; playing it would do so itself."""
    for name in ("seqtest.run.prepare", "seqtest.run.drive", "seqtest.run.travel", "seqtest.verdict.judge"):
        import_module(name)


class FlowWarning(pytest.PytestWarning):
    """Something about a flow that is no failure, and probably not meant."""


def _flow() -> None:
    """Stands for the case where pytest wants a function."""


def _signed(names: tuple[str, ...]) -> Callable[..., None]:
    """A function whose signature asks pytest for these fixtures."""

    def flow(**fixtures: object) -> None: ...

    parameters = [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY) for name in names]
    flow.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # what inspect reads first
    return flow


def _keywords(scenario: Scenario) -> set[str]:
    """Words that `-k` finds the case by: participants, guards and stages, whole and word by word."""
    texts = {scenario.name, *scenario.tags}
    for participant in scenario.participants:
        texts |= {participant.id, participant.name, *participant.stereotypes}
    return texts | {word for text in texts for word in text.split()}
