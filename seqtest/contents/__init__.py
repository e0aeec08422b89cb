"""Contents: what an arrow's promises mean for a message that is sent, recognized, learnt from and checked."""

from seqtest.contents.compile import compile
from seqtest.contents.contents import Contents
from seqtest.contents.context import Context, KeySource
from seqtest.contents.ledger import Ledger
from seqtest.contents.report import Report
from seqtest.contents.settings import DEFAULT_URL, resolve_settings, urls_of

__all__ = [
    "DEFAULT_URL",
    "Contents",
    "Context",
    "KeySource",
    "Ledger",
    "Report",
    "compile",
    "resolve_settings",
    "urls_of",
]
