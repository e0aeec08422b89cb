"""Header fields that no server would send."""

from typing import Any

import pytest

from seqtest.transports.fields import check_header


@pytest.mark.parametrize(
    ("name", "value", "kind", "words"),
    [
        ("Set-Cookie", "sid=wonderland-1234\n; Path=/", ValueError, "holds a line end or NUL at character 20 of 28"),
        ("X-\r", "wonderland-1234", ValueError, "'X-\\\\r' holds a line end or NUL$"),
        ("Set-Cookie", "sid=wonderland-1234€", ValueError, r"not in Latin-1 \(PEP 3333\): '€' at character 20 of 20"),
        ("Set-Cookie", b"sid=wonderland-1234", TypeError, "is not text: there is bytes"),
        (None, "wonderland-1234", TypeError, "None is not text: there is NoneType"),
    ],
)
def test_what_is_wrong_is_said_without_the_value(name: Any, value: Any, kind: type[Exception], words: str) -> None:
    """It may be a secret, and as no response came of it nobody knows it as one."""
    with pytest.raises(kind, match=words) as raised:
        check_header(name, value)

    assert "wonderland" not in str(raised.value)


def test_what_may_be_sent() -> None:
    """Text in Latin-1 on one line."""
    check_header("X-Name", "café")
