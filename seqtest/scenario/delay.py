"""Delays: how much time `... 6 minutes later ...` lets pass."""

import re

from seqtest.diagram import Delay
from seqtest.errors import Finding
from seqtest.scenario.duration import UNIT_WORDS, split
from seqtest.scenario.scenario import Pause

_AT_LEAST = re.compile(r"\b(?:at least|more than|over|longer than|no less than|minimum)\b|[>≥]", re.IGNORECASE)
_AT_MOST = re.compile(r"\b(?:at most|up to|less than|within|under|no more than|maximum|before)\b|[<≤]", re.IGNORECASE)
_BACK = re.compile(r"\b(?:earlier|ago|back in time)\b", re.IGNORECASE)
_VAGUE = re.compile(rf"\b(?:few|some|several|many|couple of)\s+(?:{UNIT_WORDS})\b", re.IGNORECASE)
_IN_BRACES = re.compile(r"\{\s*[\w.]+\s*\}")

DO = "write a duration (`... 5 minutes later ...`, `... at least 90 s ...`), or words, which take no time"


def pause(delay: Delay) -> Pause | Finding | None:
    """The time that a delay takes; None for prose, which takes none; a finding when it looks like a time and is not."""
    if _IN_BRACES.search(delay.text):
        return _finding(delay, "no row, `ref` or setting (`{auth.code.lifetime}`) gives what stands in braces")
    durations, around = split(delay.text)
    if re.search(r"\d", around):
        return _finding(delay, "the number is no duration")
    if _VAGUE.search(around):
        return _finding(delay, "how long is that?")
    if not durations:
        return None
    if len(durations) > 1 or re.search(r"\bhalf\b", around):
        return _finding(delay, "more than one duration")
    if _AT_MOST.search(around):
        return _finding(delay, "a flow cannot wait for at most so long: it waits, or it does not")
    if _BACK.search(around):
        return _finding(delay, "time does not go back")
    return Pause(durations[0], is_at_least=bool(_AT_LEAST.search(around)))


def _finding(delay: Delay, label: str) -> Finding:
    return Finding(
        "SQ315",
        "this delay looks like a time and cannot be read as one",
        delay.span,
        label=label,
        why="a delay whose time is misread would make every later check of an expiry worthless",
        do=DO,
    )
