"""Contents: what an arrow's promises mean for a message that is sent, recognized, learnt from and checked."""

from seqtest.contents.compile import compile
from seqtest.contents.contents import Contents
from seqtest.contents.context import Context, KeySource
from seqtest.contents.ledger import Ledger
from seqtest.contents.report import Report
from seqtest.contents.settings import default_url, resolve_settings, urls_of

__all__ = [
    "Contents",
    "Context",
    "KeySource",
    "Ledger",
    "Report",
    "compile",
    "default_url",
    "resolve_settings",
    "urls_of",
]
