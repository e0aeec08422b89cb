"""Which files hold another kind of PlantUML diagram: a folder of drawings is rarely all sequences."""

import re
from pathlib import Path

_OTHER_START = re.compile(r"^\s*@start(?!uml\b)\w+", re.MULTILINE)
_OTHER_STATEMENT = re.compile(
    r"^\s*(?:(?:abstract\s+)?class|interface|enum|annotation|object|state|component|package|node|usecase|rectangle"
    r"|artifact|cloud|folder|frame|storage|agent|map|clock|robust|concise|binary|namespace|start|stop|:[^:]*;|\[\*\]|\[[^\]>]+\]"
    r"|\(\w[^)]*\))(?=[\s\"{<]|$)",
    re.MULTILINE,
)
_SEQUENCE = re.compile(
    r"^\s*(?:participant|actor|boundary|control|alt|opt|loop|activate|autonumber|ref over)\b", re.MULTILINE
)
_BLOCKS = re.compile(
    r"^\s*(?:note\b[^:\n]*\n.*?^\s*end ?note|/'.*?'/|skinparam\b[^\n]*\{.*?^\s*\})", re.MULTILINE | re.DOTALL
)


def is_another_kind(path: Path) -> bool:
    """Whether the file's text is that of a class, state, activity … diagram and nothing in it is a sequence's.

    Asked only of files that do not read as sequences. In doubt the answer is no: a broken flow must not be left alone.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False
    if "@startuml" not in text and _OTHER_START.search(text):
        return True
    plain = _BLOCKS.sub("", text)
    return bool(_OTHER_STATEMENT.search(plain)) and not _SEQUENCE.search(plain)
