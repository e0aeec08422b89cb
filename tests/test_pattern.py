"""Patterns that are compiled late."""

import re

import pytest

from seqtest.pattern import pattern


def test_it_is_the_pattern() -> None:
    """What a compiled pattern can do, this one can, with the flags that it was given."""
    late, made = pattern(r"(a)|B", re.IGNORECASE), re.compile(r"(a)|B", re.IGNORECASE)

    assert late.match("A")[0] == "A"  # type: ignore[index]
    assert late.match("A")[0] == "A"  # type: ignore[index]  # now its own method
    assert late.fullmatch("ab") is None
    assert late.sub("x", "abc") == made.sub("x", "abc")
    assert (late.pattern, late.flags, late.groups) == (made.pattern, made.flags, made.groups)


def test_it_is_compiled_when_it_is_used() -> None:
    """One that nobody can compile is noticed by who uses it, no sooner."""
    wrong = pattern("(")
    with pytest.raises(re.error, match="missing"):
        wrong.match("a")


def test_what_a_pattern_does_not_have() -> None:
    """An unknown name is an attribute error that speaks of a pattern."""
    with pytest.raises(AttributeError, match="Pattern"):
        pattern("a").matches("a")  # type: ignore[attr-defined]
