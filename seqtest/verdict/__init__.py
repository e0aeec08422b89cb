"""Verdict: whether the promises were kept."""

from seqtest.verdict.verdict import StepVerdict, Verdict

__all__ = ["StepVerdict", "Verdict"]
