"""Participants that run elsewhere: who may be called, what of them can be seen, and the world's time."""

from threading import Event
from time import time

from seqtest.actors.remote import Live, is_allowed
from seqtest.clock import Clock
from seqtest.dataclass import dataclass, replace
from seqtest.errors import Finding, TakesTooLong, Unanswerable
from seqtest.run.cast import Cast
from seqtest.run.refusal import drawn
from seqtest.scenario import Scenario

WAIT_SECONDS = 30.0
"""How long the drawn delays of a case with a live server may be together."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What the user allows a run with live servers."""

    hosts: tuple[str, ...] = ()
    """Hosts beside this machine's loopback that may be called; `*.example` is a pattern."""
    ca: str | None = None
    """A file of certificates that are trusted where a binding names none."""
    wait_seconds: float = WAIT_SECONDS


class WallClock(Clock):
    """The world's time: a delay is waited for."""

    is_virtual = False

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(0)

    def now(self) -> float:
        return time()

    def advance(self, seconds: float) -> None:
        if seconds < 0:
            raise ValueError("the clock cannot move backwards")
        Event().wait(seconds)  # time.sleep may be somebody's who moves a clock

    def tick(self, seconds: float) -> None:
        """The arrow itself has taken its time."""


def connected(cast: Cast, scenario: Scenario, reach: Reach) -> Cast:
    """The cast with what the user allows it.

    Raises Unanswerable for a server that may not be called and for arrows that nobody could see, TakesTooLong for
    delays that would have to be waited for too long.
    """
    live = frozenset(cast.live)
    if not live:
        return cast
    findings = _strangers(cast, scenario, reach) + _unseen(scenario, live)
    if findings:
        raise Unanswerable(*findings)
    _hold_to_the_limit(scenario, live, reach.wait_seconds)
    return _trusting(cast, reach)


def allowed(cast: Cast, scenario: Scenario, reach: Reach) -> Cast:
    """The same where nothing is played: raises Unanswerable for a server that may not be called."""
    findings = _strangers(cast, scenario, reach)
    if findings:
        raise Unanswerable(*findings)
    return _trusting(cast, reach)


def _strangers(cast: Cast, scenario: Scenario, reach: Reach) -> list[Finding]:
    spans = {participant.id: participant.span for participant in scenario.participants}
    return [
        replace(_not_allowed(name, one), span=spans[name])
        for name, one in cast.live.items()
        if not is_allowed(one.url, reach.hosts)
    ]


def _trusting(cast: Cast, reach: Reach) -> Cast:
    trusting = {name: replace(one, ca=one.ca or reach.ca) for name, one in cast.live.items()}
    return replace(cast, players={**cast.players, **trusting})


def _not_allowed(participant: str, live: Live) -> Finding:
    from urllib.parse import urlsplit

    host = urlsplit(live.url).hostname
    return Finding(
        "SQ419",
        f"{participant} is bound to {host}, which is not on this machine",
        got=live.url,
        why="nothing is sent to another machine unless the user says so",
        do=f"allow it: --seqtest-allow-host {host}, or the ini option seqtest_allow_hosts",
    )


def _unseen(scenario: Scenario, live: frozenset[str]) -> list[Finding]:
    """Messages that a live server sends: they would be waited for in vain."""
    return [
        Finding(
            "SQ420",
            f"nobody here sees what {step.sender} sends: {drawn(step)}",
            step.span,
            label=f"{step.sender} is a live server",
            why="only what passes seqtest can be checked: requests to a live server, and its answers",
            do=f"bind {step.sender} in process, or leave the arrow out where {step.sender} is live",
        )
        for step in scenario.steps
        if step.sender in live and step.kind in ("request", "action") and step.sender != step.receiver
    ]


def _hold_to_the_limit(scenario: Scenario, live: frozenset[str], limit: float) -> None:
    delays = [(step.pause.seconds, step) for step in scenario.steps if step.pause is not None]
    seconds = sum(pause for pause, _ in delays)
    if seconds <= limit:
        return
    _, longest = max(delays, key=lambda delay: delay[0])
    raise TakesTooLong(
        Finding(
            "SQ421",
            f"the case would have to wait {seconds:,.0f} seconds",
            longest.span,
            label="the longest delay",
            expected=f"at most {limit:,g} seconds",
            why=f"the clock of a live server ({', '.join(sorted(live))}) cannot be moved, so its delays are waited for",
            do="allow more with --seqtest-wait SECONDS, or let such cases be skipped with --seqtest-skip-waits",
        )
    )
