"""Which texts are another kind of PlantUML diagram: a folder or a document of drawings is rarely all sequences."""

import re
from collections.abc import Iterator

_OTHER_START = re.compile(r"^[ \t]*@start(?!uml\b)\w+", re.MULTILINE)
_OTHER_STATEMENT = re.compile(
    r"^[ \t]*(?:(?:abstract\s+)?class|interface|enum|annotation|object|state|component|package|node|usecase|rectangle"
    r"|artifact|cloud|folder|frame|storage|agent|map|clock|robust|concise|binary|namespace|start|stop|:[^:]*;|\[\*\]|\[[^\]>]+\]"
    r"|\(\w[^)]*\)|left to right direction|top to bottom direction)(?=[\s\"{<]|$)"
    r"|^[ \t]*!include\w*\s.*C4_(?!Sequence)\w+"
    # The lines between classes, and those with a direction of the page in them.
    r"|^[^:\n]*\s(?:<\|[-.]{1,9}|[-.]{1,9}\|>|[*o]-{1,9}|-{1,9}[*o]|\.{1,9}>|<\.{1,9}|-{1,9}(?:up|down|left|right|[udlr])-{0,9}>)\s",
    re.MULTILINE,
)
_SEQUENCE = re.compile(
    r"^[ \t]*(?:participant|alt|opt|loop|par|(?:de)?activate|autonumber|ref over|return|note over)\b"
    r"|^[ \t]*==.*==[ \t\r]*$",
    re.MULTILINE,
)
_BLOCKS = tuple(
    (re.compile(opener, re.IGNORECASE), re.compile(closer, re.IGNORECASE))
    for opener, closer in (
        (r"[hr]?note\b[^:]*$", r"end ?[hr]?note$"),
        (r"/'(?!.*'/)", r".*'/$"),
        (r"skinparam\b.*\{$", r"\}$"),
    )
)


def is_another_kind(text: str) -> bool:
    """Whether it is that of a class, state, activity … diagram and nothing in it is a sequence's.

    To be asked only of texts that do not read as sequences. In doubt the answer is no: a broken flow must not be left
    alone.
    """
    if "@startuml" not in text and _OTHER_START.search(text):
        return True
    plain = "\n".join(_without_blocks(text))
    return bool(_OTHER_STATEMENT.search(plain)) and not _SEQUENCE.search(plain)


def _without_blocks(text: str) -> Iterator[str]:
    """The lines that are no text of a note, comment or skinparam."""
    rows = [row.strip() for row in text.split("\n")]
    index = 0
    unclosed: set[re.Pattern[str]] = set()
    while index < len(rows):
        row = rows[index]
        index += 1
        closer = next((closer for opener, closer in _BLOCKS if opener.match(row)), None)
        if closer is None or closer in unclosed:
            yield row
            continue
        end = next((at for at in range(index, len(rows)) if closer.match(rows[at])), None)
        if end is None:
            unclosed.add(closer)
        else:
            index = end + 1
