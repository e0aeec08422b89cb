"""Trace: what really happened, message by message."""

from seqtest.trace.bindings import Bindings
from seqtest.trace.trace import Occurrence, Trace

__all__ = ["Bindings", "Occurrence", "Trace"]
