"""What the rows of a table say is what their cases send and expect."""

from collections.abc import Callable

import pytest
import requests

from seqtest.verdict import Verdict

STATUSES = """
participant client
participant api
loop each row
note across
  |= way |= status |
  | /one | 2xx |
  | /two | 401 or 403 |
  | /three | 403 Forbidden |
  | /four | 403 |
end note
client -> api : GET {way}
api --> client : {status}
end
"""


@pytest.mark.parametrize(("case", "status"), [(0, 204), (1, 403), (2, 403), (3, 403)])
def test_the_status_of_a_row_is_all_that_a_label_can_be(drawn: Callable[..., Verdict], case: int, status: int) -> None:
    """A class, several, one with its reason phrase."""
    assert drawn(STATUSES, case, api=lambda request: status).is_kept

    broken = drawn(STATUSES, case, api=lambda request: 404)
    assert [finding.code for finding in broken.failures] == ["SQ532"]


def test_another_status_than_the_row_says_is_told_with_the_value(drawn: Callable[..., Verdict]) -> None:
    """`{status}` alone would say nothing."""
    broken = drawn(STATUSES, 1, api=lambda request: 404)

    assert broken.failures[0].expected == "401 or 403 (`{status}`)"


def test_a_scripted_participant_answers_the_first_status_of_a_row(drawn: Callable[..., Verdict]) -> None:
    """As it does with those of a label."""
    came: list[int] = []

    def client(action: object) -> str:
        came.append(requests.get("https://api.test/two", timeout=5).status_code)
        return "ok"

    kept = drawn(STATUSES.replace("client -> api", "[-> client : go\nclient -> api"), 1, client=client)

    assert kept.is_kept, kept.failures
    assert came == [401]
