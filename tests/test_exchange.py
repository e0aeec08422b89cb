"""What passes between participants, as an actor of one's own reads it."""

import pytest

from seqtest.exchange import Headers

FIELDS = Headers([("Content-Type", "text/plain"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")])


def test_header_fields_are_found_by_name() -> None:
    """As in `requests`, `httpx` and web frameworks: without case, and the first of several."""
    assert FIELDS["content-type"] == "text/plain"
    assert FIELDS["SET-COOKIE"] == "a=1"
    assert "content-type" in FIELDS
    assert "Authorization" not in FIELDS
    with pytest.raises(KeyError, match="Authorization"):
        FIELDS["Authorization"]


def test_header_fields_are_pairs_in_order() -> None:
    """By number, as a slice, and each pair is in them."""
    assert FIELDS[0] == ("Content-Type", "text/plain")
    assert FIELDS[1:] == (("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"))
    assert ("Set-Cookie", "b=2") in FIELDS
    assert ("set-cookie", "b=2") not in FIELDS
