"""Which files hold another kind of PlantUML diagram."""

from pathlib import Path


def is_another_kind(path: Path) -> bool:
    """Whether the file's text is that of another kind. Asked of files that do not read as sequences."""
    from seqtest.syntax import kinds

    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False
    return kinds.is_another_kind(text)
