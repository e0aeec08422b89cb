"""Moments written as `%date` writes them: by Java's date patterns, in UTC and in English."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

_PARTS = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']+", re.DOTALL)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
DEFAULT = "EEE MMM dd HH:mm:ss z yyyy"


def moment(seconds: int, pattern: str = DEFAULT) -> str:
    """The moment, in seconds since 1970. Raises ValueError for what is no pattern."""
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    out, end = [], 0
    for part in _PARTS.finditer(pattern):
        if part.start() != end:
            break
        end = part.end()
        if part[1] is not None:
            out.append(part[1].replace("''", "'") or "'")
        elif part[2] is None:
            out.append(part[0])
        elif part[2] in _LETTERS:
            out.append(_LETTERS[part[2]](at, len(part[0])))
        else:
            raise ValueError(f"`{part[2]}` is no letter of a date pattern")
    if end != len(pattern):
        raise ValueError(f"a quote is never closed in `{pattern[end:]}`")
    return "".join(out)


def _number(of: Callable[[datetime], int]) -> Callable[[datetime, int], str]:
    return lambda at, width: f"{of(at):0{width}}"


def _year(year: int, width: int) -> str:
    return f"{year % 100:02}" if width == 2 else f"{year:0{width}}"


def _name(name: str, width: int) -> str:
    return name if width > 3 else name[:3]


def _month(at: datetime, width: int) -> str:
    return _name(_MONTHS[at.month - 1], width) if width > 2 else f"{at.month:0{width}}"


def _sunday(day: datetime) -> int:
    """Days since the last Sunday."""
    return day.isoweekday() % 7


def _week(at: datetime) -> tuple[int, int]:
    """The American week's year and number: a week begins on Sunday, the first one holds the first of January."""
    saturday = at + timedelta(days=6 - _sunday(at))
    return saturday.year, (saturday.timetuple().tm_yday + 6) // 7


def _zone(at: datetime, width: int) -> str:
    return "Coordinated Universal Time" if width > 3 else "UTC"


_LETTERS: Mapping[str, Callable[[datetime, int], str]] = {
    "G": lambda at, width: "AD",
    "y": lambda at, width: _year(at.year, width),
    "Y": lambda at, width: _year(_week(at)[0], width),
    "M": _month,
    "L": _month,
    "w": _number(lambda at: _week(at)[1]),
    "W": _number(lambda at: (at.day + _sunday(at.replace(day=1)) + 6) // 7),
    "D": _number(lambda at: at.timetuple().tm_yday),
    "d": _number(lambda at: at.day),
    "F": _number(lambda at: (at.day + 6) // 7),
    "E": lambda at, width: _name(_DAYS[at.weekday()], width),
    "u": _number(lambda at: at.isoweekday()),
    "a": lambda at, width: "AM" if at.hour < 12 else "PM",
    "H": _number(lambda at: at.hour),
    "k": _number(lambda at: at.hour or 24),
    "K": _number(lambda at: at.hour % 12),
    "h": _number(lambda at: at.hour % 12 or 12),
    "m": _number(lambda at: at.minute),
    "s": _number(lambda at: at.second),
    "S": _number(lambda at: at.microsecond // 1000),
    "z": _zone,
    "Z": lambda at, width: "+0000",
    "X": lambda at, width: "Z",
}
