"""Which items of two sequences belong together: equal ones first, then those that are alike."""

from collections.abc import Callable, Iterator, Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Any

Key = tuple[Any, ...]
Pair = tuple[int | None, int | None]
ALIKE = 0.5
"""How alike two items have to be to be one that has changed."""
_LARGEST = 20_000
"""Comparisons for which likeness is worth its time; beyond, what is not equal is taken out and put in."""


def align(old: Sequence[Key], new: Sequence[Key], likeness: Callable[[Key, Key], float]) -> Iterator[Pair]:
    """Pairs of indices in the order of both; None where there is no counterpart."""
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for word, a, b, c, d in matcher.get_opcodes():
        if word == "equal":
            yield from zip(range(a, b), range(c, d), strict=True)
        else:
            yield from _alike(old, new, range(a, b), range(c, d), likeness)


def _alike(
    old: Sequence[Key], new: Sequence[Key], left: range, right: range, likeness: Callable[[Key, Key], float]
) -> Iterator[Pair]:
    """The pairing of two stretches with the greatest likeness altogether."""
    rows, columns = len(left), len(right)
    if not rows or not columns or rows * columns > _LARGEST:
        yield from ((index, None) for index in left)
        yield from ((None, index) for index in right)
        return
    found = [[likeness(old[i], new[j]) for j in right] for i in left]
    best = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    for i in reversed(range(rows)):
        for j in reversed(range(columns)):
            paired = found[i][j] + best[i + 1][j + 1] if found[i][j] >= ALIKE else 0.0
            best[i][j] = max(paired, best[i + 1][j], best[i][j + 1])
    i = j = 0
    while i < rows or j < columns:
        is_pair = i < rows and j < columns and found[i][j] >= ALIKE
        if is_pair and best[i][j] == found[i][j] + best[i + 1][j + 1]:
            yield left[i], right[j]
            i, j = i + 1, j + 1
        elif i < rows and (j == columns or best[i][j] == best[i + 1][j]):
            yield left[i], None
            i += 1
        else:
            yield None, right[j]
            j += 1


@lru_cache(maxsize=1 << 14)
def ratio(one: str, other: str) -> float:
    """How alike two texts are, 0 to 1."""
    if one == other:
        return 1.0
    matcher = SequenceMatcher(None, one[:400], other[:400], autojunk=False)
    return matcher.ratio() if matcher.quick_ratio() >= 0.3 else 0.0
