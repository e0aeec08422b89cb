"""Our words for a parser's surprise."""

import re
import unicodedata
from collections.abc import Sequence

from seqtest.dataclass import replace
from seqtest.errors import Finding, did_you_mean
from seqtest.syntax.explain_directive import kept_directive, unknown_directive
from seqtest.syntax.reader import Unexpected
from seqtest.syntax.slips import SLIPS, Slip
from seqtest.syntax.surprise import expected, meant, position
from seqtest.syntax.tree import Declaration, FurnitureLine, Line, Node, NoteLine, Reference, Setting

LONGEST = 600
"""Characters of a line that are looked at for a known slip."""

KEYWORDS = [
    "participant",
    "actor",
    "boundary",
    "control",
    "entity",
    "database",
    "collections",
    "queue",
    "create",
    "activate",
    "deactivate",
    "destroy",
    "return",
    "note",
    "hnote",
    "rnote",
    "alt",
    "else",
    "opt",
    "loop",
    "par",
    "break",
    "critical",
    "group",
    "end",
    "ref",
    "box",
    "autonumber",
    "autoactivate",
    "title",
    "caption",
    "header",
    "footer",
    "legend",
    "mainframe",
    "skinparam",
    "scale",
    "hide",
    "newpage",
    "partition",
    "also",
]


def explain(line: Line, failure: Unexpected) -> Finding:
    """Why a line cannot be read, what would be, and what was meant where that can be told."""
    text = line.text[:LONGEST]
    known = _unseen(line, text) or unknown_directive(line) or kept_directive(line)
    if known is not None:
        return known
    at = position(line, failure)
    for slip in SLIPS:
        match = slip.pattern.match(text)
        if match:
            return _told(line, slip, match)
    return _unexpected(line, at, failure)


def _told(line: Line, slip: Slip, match: re.Match[str]) -> Finding:
    start, end = match.span(slip.at)
    if start < 0:
        start, end = match.span()
    groups = [group or "" for group in (match[0], *match.groups())]

    def words(text: str) -> str:
        return re.sub(r"\{(\d)\}", lambda number: groups[int(number[1])].strip(), text)

    got = line.text[start:end].strip()
    return Finding(
        slip.code,
        words(slip.message),
        line.span(start, max(end, start + 1)),
        label=f"got `{got}`, expected {words(slip.expected)}" if got and slip.expected and len(got) < 30 else "",
        expected="" if got and len(got) < 30 else words(slip.expected),
        do=words(slip.do).strip(),
    )


def _unexpected(line: Line, at: int, failure: Unexpected) -> Finding:
    fitting = expected(failure) if at else ""
    first = re.match(r"[&/\s]*([\w@!]+)", line.text)
    is_sent = first is not None and re.match(r"\s*[^\s\w\"“”]", line.text[first.end() :]) is not None
    is_name = first is not None and len(first[1]) < 4 and not first[1].islower()
    is_known = first is None or is_sent or is_name or first[1].lower() in KEYWORDS
    near = _with_a_sign(line.text) if first is None or is_known else did_you_mean(first[1].lower(), KEYWORDS)
    rest = line.text[at:]
    got = re.match(r"\S+|$", rest)
    shown = got[0][:30] if got and got[0] else "the end of the line"
    if at == 0 or near:
        mermaid = "this is Mermaid: give the file a name that ends in `.mmd`" if _MERMAID.match(line.text) else ""
        return Finding(
            "SQ102",
            "this line is no statement of a sequence diagram",
            line.span(at if not near else 0, len(line.text)),
            expected="an arrow such as `client -> server : GET /`, or a keyword such as `participant`, `alt` or `note`",
            do=mermaid or near or _with_an_arrow(line.text),
        )
    return Finding(
        "SQ102",
        f"`{shown}` does not belong here" if got and got[0] else "something is missing at the end of this line",
        line.span(min(at, len(line.text)), len(line.text)) if got and got[0] else line.span(len(line.text)),
        label=f"expected {fitting}" if fitting else "",
        do=did_you_mean(shown.rstrip(":,").lower(), meant(failure)),
    )


_MERMAID = re.compile(r"sequenceDiagram\b")
_NO_ARROW = re.compile(r"(\w[\w.@]*|\"[^\"]+\")(?:\s*[,=]\s*|\s+)(\w[\w.@]*|\"[^\"]+\")\s*:")
_UNSEEN = {"Cc", "Cf", "Zl", "Zp"}


def _unseen(line: Line, text: str) -> Finding | None:
    """A character before the label that nobody sees: it came with a copied text."""
    for at, char in enumerate(text.partition(":")[0]):
        if char != "\t" and unicodedata.category(char) in _UNSEEN:
            name = f"U+{ord(char):04X} ({unicodedata.name(char, 'a control character')})"
            # Windows-1252 has signs where ISO 8859-1 has these.
            sign = bytes([ord(char)]).decode("cp1252", "ignore") if 0x80 <= ord(char) < 0xA0 else ""
            return Finding(
                "SQ102",
                f"this line holds a character that nobody sees: {name}",
                line.span(at, at + 1),
                do=f"if `{sign}` is meant, save the file as UTF-8" if sign else "remove it, or write the line anew",
            )
    return None


def _with_an_arrow(text: str) -> str:
    """What `client server : GET /` lacks."""
    match = _NO_ARROW.match(text)
    return f"write the arrow: `{match[1]} -> {match[2]}`" if match else ""


def _with_a_sign(text: str) -> str:
    """What the first word may be without the signs in it: `skinpa]ram`."""
    word = (text.split() or [""])[0]
    letters = "".join(filter(str.isalpha, word)).lower()
    return f"did you mean `{letters}`?" if word.lower() != letters and letters in KEYWORDS and "-" not in word else ""


def never_closed(line: Line, node: Node, behind: Sequence[Line]) -> Finding:
    """A block without its last line: a note, a title, a skinparam …; `behind` is what may have been meant as that."""
    what, close = _block(node)
    meant = _nearly(close, behind)
    also = ", or write the text behind a colon on this line" if isinstance(node, NoteLine | Reference) else ""
    return Finding(
        "SQ103",
        f"this {what} is never closed",
        line.span(),
        label="opened here",
        expected=f"`{close}` on a line of its own, before `@enduml`",
        do=f"write `{close}` in line {meant.number}" if meant else f"add a line `{close}` below its text{also}",
        also=((meant.span(), "meant as its end?"),) if meant else (),
    )


def behind_a_legend(legend: Line, finding: Finding) -> Finding:
    """What is said of a line below `legend right`, which was meant as the legend's text."""
    return replace(
        finding,
        do=f"write `end legend` below the legend that line {legend.number} begins",
        also=((legend.span(), "a legend with only these words: it has no `end legend`"),),
    )


FARTHEST = 100
"""Lines below an opening one in which its end is looked for."""


def _nearly(word: str, lines: Sequence[Line]) -> Line | None:
    """The first line that is nearly the word; None where the block goes on past other ends."""
    from difflib import SequenceMatcher

    for line in lines:
        text = line.text.lower()
        if len(word) > 2 and abs(len(text) - len(word)) <= 2 and SequenceMatcher(None, text, word).ratio() >= 0.8:
            return line
    return None


def _block(node: Node) -> tuple[str, str]:
    match node:
        case NoteLine(shape=shape, is_on_message=on_message):
            return shape, "end note" if on_message else f"end {shape}"
        case Reference():
            return "ref", "end ref"
        case Declaration():
            return "participant", "]"
        case FurnitureLine(kind=kind):
            return kind, f"end {kind}"
        case Setting(text=text) if text.lower().startswith("<style"):
            return "style", "</style>"
        case Setting(text=text):
            return text.split()[0].rstrip("{").lower(), "</svg>" if "<svg" in text else "}"
    raise AssertionError(node)
