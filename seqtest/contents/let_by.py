"""What a `quiet` setting let by: no arrow draws it, and no secret may be in it either."""

from typing import TYPE_CHECKING

from seqtest.contents.leaves import leaves
from seqtest.contents.report import Notes
from seqtest.contents.view import View
from seqtest.errors import Finding
from seqtest.exchange import Answer, Message
from seqtest.source import Span

if TYPE_CHECKING:
    from seqtest.contents.ledger import Ledger


def secrets_in(content: Message | Answer, ledger: "Ledger", span: Span | None, receiver: str = "") -> list[Finding]:
    """A finding for each kind of secret of the run in a message that nobody drew; `span` is where to point."""
    notes, view = Notes(), View(content)
    ledger.secrets.look_for(leaves(view), view, ("", receiver), notes, span)
    return notes.failures
