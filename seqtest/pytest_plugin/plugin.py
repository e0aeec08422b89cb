"""The hooks pytest calls. They only hand over: a session without diagrams must not pay for seqtest."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the golden-file switch and the `seqtest` group of options."""
    group = parser.getgroup("seqtest", "sequence diagrams as tests")
    group.addoption(
        "--seqtest-var",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a value from outside the diagrams: {NAME} in a drawing",
    )
