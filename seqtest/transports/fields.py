"""Header fields that an application wants to send."""

import re

_NO_FIELD = re.compile(r"[\0\r\n]")


def check_header(name: object, value: object) -> None:
    """What servers refuse to send, or should: a line end would begin another field, or another response.

    Raises TypeError and ValueError.
    """
    if not isinstance(name, str) or not isinstance(value, str):
        kind = type(name if not isinstance(name, str) else value).__name__
        raise TypeError(f"the response's header {name!r} is not text: there is {kind}")
    found = _NO_FIELD.search(value)
    if found is not None or _NO_FIELD.search(name):
        place = "" if found is None else _place(found.start(), value)
        raise ValueError(f"the response's header {name!r} holds a line end or NUL{place}")
    if not value.isascii():
        try:
            value.encode("latin-1")
        except UnicodeEncodeError as wrong:
            place = f"{value[wrong.start]!r}{_place(wrong.start, value)}"
            raise ValueError(f"the response's header {name!r} is not in Latin-1 (PEP 3333): {place}") from None


def _place(index: int, value: str) -> str:
    """Where it is. The value itself may be a session's cookie, which nobody has seen yet and so nobody would hide."""
    return f" at character {index + 1} of {len(value)}"
