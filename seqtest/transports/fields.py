"""Header fields that an application wants to send."""

import re

_NO_FIELD = re.compile(r"[\0\r\n]")


def check_header(name: object, value: object) -> None:
    """What servers refuse to send, or should: a line end would begin another field, or another response.

    Raises TypeError and ValueError.
    """
    if not isinstance(name, str) or not isinstance(value, str):
        raise TypeError(f"the response's header {name!r}: {value!r} is not text")
    if _NO_FIELD.search(value) or _NO_FIELD.search(name):
        raise ValueError(f"the response's header {name!r} holds a line end or NUL: {value!r}")
    if not value.isascii():
        try:
            value.encode("latin-1")
        except UnicodeEncodeError:
            raise ValueError(f"the response's header {name!r} is not in Latin-1 (PEP 3333): {value!r}") from None
