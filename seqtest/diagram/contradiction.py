"""Lines of one message that cannot all hold: one of them would be sent and the other passed over, or none ever pass."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations

from seqtest.diagram.expectation import Plain, Promise, Template, Value
from seqtest.errors import Finding

SINGLE_VALUED = frozenset((
    "age", "authorization", "content-length", "content-location", "content-type", "date", "etag", "expires", "from",
    "host", "if-modified-since", "if-range", "if-unmodified-since", "last-modified", "location", "max-forwards",
    "proxy-authorization", "referer", "retry-after", "server", "user-agent",
    "access-control-allow-credentials", "access-control-allow-origin", "access-control-max-age", "content-disposition",
    "dpop", "dpop-nonce", "client-cert", "origin", "strict-transport-security", "x-content-type-options",
))  # fmt: skip
"""Headers that a sender must not send twice (RFC 9110 5.3; RFC 9449 4.3 and 8, RFC 9440, RFC 6454, Fetch)."""
REPEATABLE = frozenset(("query", "form", "fragment"))
"""Places where a name may stand several times: drawn twice, it comes twice."""


def contradictions(promises: Sequence[Promise], may_repeat: bool = False) -> list[Finding]:
    """Each pair of lines of one level of which one breaks the other, and each example that breaks its own line.

    `may_repeat`: bare fields are those of a request, which may hold one twice.
    """
    by_path: dict[object, list[Promise]] = {}
    for promise in promises:
        if promise.place != "signature":
            name = tuple(str(step).lower() for step in promise.path) if promise.place == "header" else promise.path
            by_path.setdefault((promise.place, name), []).append(promise)
    return _wrong_examples(promises) + [
        _finding(one, other)
        for lines in by_path.values()
        if len(lines) > 1
        for one, other in combinations(lines, 2)
        if _clash(one, other, _is_single(one, may_repeat))
    ]


def _wrong_examples(promises: Sequence[Promise]) -> list[Finding]:
    found = []
    for promise in promises:
        text = None if promise.example is None else _text(promise.example)
        if text is not None and _breaks([text], promise):
            found.append(
                Finding(
                    "SQ252",
                    "this example contradicts its own line",
                    promise.span,
                    why="a scripted sender would send it, and what is drawn would not be what happened",
                    do="write one behind `e.g.` of which the line is true",
                )
            )
    return found


def kept_twice(promises: Iterator[Promise]) -> list[Finding]:
    """Names under which two values of one message are kept."""
    first: dict[str, Promise] = {}
    found = []
    for promise in promises:
        if promise.name is None:
            continue
        other = first.setdefault(promise.name, promise)
        if other is not promise:
            found.append(_finding(other, promise, f"`{promise.name}` would be two values at once"))
    return found


def _is_single(promise: Promise, may_repeat: bool) -> bool:
    if promise.place == "header":
        return str(promise.path[0]).lower() in SINGLE_VALUED
    return promise.place not in REPEATABLE and not (may_repeat and promise.place == "field")


def _clash(one: Promise, other: Promise, is_single: bool) -> bool:
    if "absent" in (one.operator, other.operator):
        return one.operator != other.operator
    if one.operator == other.operator == "=" and not is_single:
        return False
    allowed, others = _allowed(one), _allowed(other)
    if allowed is not None and others is not None:
        return not any(_same(value, held) for value in allowed for held in others)
    if allowed is not None:
        return _breaks(allowed, other)
    return _breaks(others, one) if others is not None else _is_empty_range(one, other)


def _allowed(promise: Promise) -> list[str] | None:
    """The only texts that keep the promise; None where they cannot be told from the drawing."""
    if promise.operator not in ("=", "in"):
        return None
    texts = [_text(value) for value in promise.values]
    return None if any(text is None for text in texts) else [text for text in texts if text is not None]


def _text(value: Value) -> str | None:
    if isinstance(value, Plain):
        return value.value if value.is_quoted else value.text
    if isinstance(value, Template) and all(isinstance(part, str) for part in value.parts):
        return "".join(str(part) for part in value.parts)
    return None


def _same(one: str, other: str) -> bool:
    numbers = _number(one), _number(other)
    return one == other or (None not in numbers and numbers[0] == numbers[1])


def _number(text: str) -> float | None:
    return float(text) if re.fullmatch(r"-?\d{1,300}(\.\d+)?", text, re.ASCII) else None


def _words(text: str) -> list[str]:
    return text.replace(",", " ").split()


def _has_words(text: str, wanted: str) -> bool:
    held, looked_for = _words(text), _words(wanted)
    return any(held[at : at + len(looked_for)] == looked_for for at in range(len(held)))


def _ordered(holds: Callable[[float, float], bool]) -> Callable[[str, str], bool]:
    def compare(text: str, wanted: str) -> bool:
        one, other = _number(text), _number(wanted)
        return other is None or (one is not None and holds(one, other))

    return compare


_HOLDS: Mapping[str, Callable[[str, str], bool]] = {
    "!=": lambda text, wanted: not _same(text, wanted),
    "<": _ordered(lambda one, other: one < other),
    "<=": _ordered(lambda one, other: one <= other),
    ">": _ordered(lambda one, other: one > other),
    ">=": _ordered(lambda one, other: one >= other),
    "starts with": str.startswith,
    "matches": lambda text, wanted: re.fullmatch(wanted, text) is not None,
    "contains": lambda text, wanted: text.startswith("[") or _has_words(text, wanted),
    "lacks": lambda text, wanted: text.startswith("[") or not _has_words(text, wanted),
}


def _breaks(allowed: Sequence[str], other: Promise) -> bool:
    """Whether no allowed value keeps the other promise."""
    holds = _HOLDS.get(other.operator)
    wanted = _text(other.values[0]) if holds is not None and other.place != "body" else None
    if wanted is not None and other.place == "header" and other.operator in ("contains", "lacks"):
        wanted, allowed = wanted.replace(";", " "), [text.replace(";", " ") for text in allowed]
    return holds is not None and wanted is not None and not any(holds(text, wanted) for text in allowed)


def _is_empty_range(one: Promise, other: Promise) -> bool:
    low, high = (one, other) if one.operator in (">", ">=") else (other, one)
    if low.operator not in (">", ">=") or high.operator not in ("<", "<="):
        return False
    least, most = (_number(_text(promise.values[0]) or "") for promise in (low, high))
    if least is None or most is None:
        return False
    return least > most or (least == most and (low.operator, high.operator) != (">=", "<="))


def _finding(one: Promise, other: Promise, message: str = "these two lines cannot both hold") -> Finding:
    return Finding(
        "SQ252",
        message,
        other.span,
        label="against the line above",
        why="a message is sent as drawn and checked as drawn, and no message can be both",
        do="take one of them out",
        also=((one.span, "drawn here"),) if one.span is not None else (),
    )
