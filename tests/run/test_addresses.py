"""Which address belongs to whom."""

import pytest

from seqtest.diagram import Participant
from seqtest.errors import UnplayableScenario
from seqtest.run.addresses import addresses

PEOPLE = [Participant("auth", "auth"), Participant("Web_Client", "Web"), Participant("api", "api")]


def test_the_default_is_the_code_below_test() -> None:
    """As a host name's label."""
    assert addresses(PEOPLE, {}).urls["Web_Client"] == "https://web-client.test"


@pytest.mark.parametrize(
    ("url", "whose"),
    [
        ("https://auth.example/token?x=1", "auth"),
        ("https://AUTH.example:443/", "auth"),
        ("https://auth.example/api/v1", "api"),
        ("https://auth.example/apis", "auth"),
        ("http://auth.example/", None),
        ("https://auth.example:8443/", None),
        ("https://auth.test/", None),
    ],
)
def test_the_longest_base_path_wins(url, whose) -> None:
    """Scheme, host, port and whole path segments count."""
    settings = {"auth": {"url": "https://auth.example/"}, "api": {"url": "https://auth.example/api"}}

    assert addresses(PEOPLE, settings).participant(url) == whose


def test_one_address_of_two_is_an_error() -> None:
    """Nobody could tell whom a call is for."""
    settings = {"auth": {"url": "https://one.example"}, "api": {"url": "https://one.example/"}}

    with pytest.raises(UnplayableScenario) as raised:
        addresses(PEOPLE, settings)
    assert raised.value.finding.code == "SQ408"


@pytest.mark.parametrize("url", ["auth.example", "ftp://x.example", "https://", "https://x.example/?a=1"])
def test_what_is_no_base_address_is_an_error(url) -> None:
    """A scheme, a host, perhaps a port and a path."""
    with pytest.raises(UnplayableScenario) as raised:
        addresses(PEOPLE, {"auth": {"url": url}})
    assert raised.value.finding.code == "SQ407"
