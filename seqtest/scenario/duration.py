"""Durations as people write them: `5 minutes`, `1 h 30 min`, `half an hour`."""

import re
from collections.abc import Mapping
from functools import cache

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0

UNITS: Mapping[float, tuple[str, ...]] = {
    0.001: ("ms", "msec", "msecs", "millisecond", "milliseconds"),
    1.0: ("s", "sec", "secs", "second", "seconds"),
    MINUTE: ("m", "min", "mins", "minute", "minutes"),
    HOUR: ("h", "hr", "hrs", "hour", "hours"),
    DAY: ("d", "day", "days"),
    7 * DAY: ("w", "wk", "week", "weeks"),
    30 * DAY: ("month", "months"),
    365 * DAY: ("y", "yr", "year", "years"),
}
"""Seconds → the words for them. A month has 30 days and a year 365."""

NUMBERS: Mapping[str, float] = {
    "half a": 0.5, "half an": 0.5, "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6,
    "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "fifteen": 15, "twenty": 20,
    "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "ninety": 90,
}  # fmt: skip

_SECONDS = {word: seconds for seconds, words in UNITS.items() for word in words}
UNIT_WORDS = "|".join(sorted(_SECONDS, key=len, reverse=True))
_NUMBER_WORDS = "|".join(sorted(NUMBERS, key=len, reverse=True))
_PART = rf"(?:(\d+(?:\.\d+)?)\s*|\b({_NUMBER_WORDS})\s+)({UNIT_WORDS})\b"
_ONE = rf"(?:\d+(?:\.\d+)?\s*|\b(?:{_NUMBER_WORDS})\s+)(?:{UNIT_WORDS})\b"
_PHRASE = rf"(?<![\w.,:/+-]){_ONE}(?:(?:\s*,)?(?:\s+and)?\s*{_ONE})*"


@cache
def _part() -> re.Pattern[str]:
    """A number with its unit. Long to compile, and most drawings wait for nothing."""
    return re.compile(_PART, re.IGNORECASE)


@cache
def _phrase() -> re.Pattern[str]:
    """A duration within other words."""
    return re.compile(_PHRASE, re.IGNORECASE)


def seconds(text: str) -> float | None:
    """The seconds in a text that is a duration from end to end; None when it is not."""
    words = " ".join(text.split())
    return _total(words) if _phrase().fullmatch(words) else None


def _total(phrase: str) -> float:
    return sum(
        (float(digits) if digits else NUMBERS[word.lower()]) * _SECONDS[unit.lower()]
        for digits, word, unit in _part().findall(phrase)
    )


def split(text: str) -> tuple[list[float], str]:
    """The seconds of every duration in a text, and the words around them."""
    words = " ".join(text.split())
    return [_total(phrase) for phrase in _phrase().findall(words)], _phrase().sub(" ", words)


def in_units(seconds: float) -> str:
    """A length of time in its largest unit or two: `1 minute`, `2 hours 5 minutes`."""
    left = round(abs(seconds))
    pieces: list[str] = []
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second")):
        count, left = divmod(left, size)
        if count:
            pieces.append(f"{count} {unit}{'s' if count > 1 else ''}")
        if len(pieces) == 2:
            break
    return " ".join(pieces) or "0 seconds"
