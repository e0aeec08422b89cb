"""Settings at which nobody looks."""

import pytest

import seqtest
from seqtest.errors import UnplayableScenario
from seqtest.exchange import Response

EXCHANGE = "client -> api : GET /x\napi --> client : 200"
GUARDED = f"""participant client
participant api
alt api.formt = short
  {EXCHANGE}
else api.formt = long
  {EXCHANGE}
end"""


def indifferent(request):
    return 200


class Choosing(seqtest.Actor):
    """Reads its settings when it answers."""

    def handle(self, request):
        return Response(200, body=str(self.part.settings.get("formt")).encode())


def of_part(part):
    wanted = {**part.settings}

    def app(environ, start_response):
        start_response("200 OK", [])
        return [str(wanted).encode()]

    return app


@pytest.mark.parametrize("case", [0, 1])
def test_a_guard_at_which_nobody_looks_is_an_error(drawn, case: int) -> None:
    """Both cases would be the same run, and one of the two ways untested."""
    with pytest.raises(UnplayableScenario) as caught:
        drawn(GUARDED, case, api=indifferent)

    finding = caught.value.finding
    assert (finding.code, str(finding.span)) == ("SQ374", f"flow.puml:{4 + 3 * case}:{5 + case}")


@pytest.mark.parametrize("player", [Choosing, of_part])
def test_a_guard_that_the_participants_code_reads_is_kept(drawn, player) -> None:
    """An Actor, or what a function of `part` makes."""
    assert drawn(GUARDED, api=player).is_kept


def test_a_guard_that_reads_another_setting_is_an_error(drawn) -> None:
    """To look at some setting is not to look at this one."""
    with pytest.raises(UnplayableScenario):
        drawn(GUARDED.replace("formt", "form"), api=Choosing)


@pytest.mark.parametrize("asked", ["{formt}", "{api.formt}"])
def test_a_guard_that_the_flow_asks_for_is_kept(drawn, asked: str) -> None:
    """Its arrows differ then."""
    text = GUARDED.replace(": 200", f": 200\nnote left : f = {asked}")

    assert drawn(text, api=lambda request: {"f": "short"}).is_kept


def test_a_guard_of_a_scripted_participant_is_words(drawn) -> None:
    """What the drawing says for it is what differs."""
    assert drawn(GUARDED.replace("api.formt", "client.formt"), api=indifferent).is_kept


@pytest.mark.parametrize(("participant", "line"), [("api", "formt = 1"), ("client", "formt = 1"), ("api", "a.b = 1")])
def test_a_setting_that_nobody_reads_is_told(drawn, participant: str, line: str) -> None:
    """A warning at its line: the drawing may be meant for another cast."""
    verdict = drawn(f"note over {participant} : {line}\n{EXCHANGE}", api=indifferent)

    (warning,) = verdict.warnings
    assert (warning.code, warning.severity, warning.span.line) == ("SQ375", "warning", 2)


@pytest.mark.parametrize(
    "line",
    [
        "access_token.format = jwt",
        "users.alice.password = looking-glass",
        "allows = localhost",
        "url = {own}\nown = https://api.example",
    ],
)
def test_a_setting_that_somebody_reads_is_not_told(drawn, line: str) -> None:
    """By some kind of actor, as a secret, by seqtest itself, by another setting."""
    text = f"note over api\n{line}\nend note\n{EXCHANGE}\nnote left : [x = {{api.url}}]"

    assert drawn(text, api=indifferent).warnings == ()


def test_a_setting_that_only_another_case_asks_for_is_not_told(drawn) -> None:
    """Each case is a run of its own."""
    text = f"note over client : n = 1\nalt one\n{EXCHANGE}\nelse two\n{EXCHANGE.replace('/x', '/{n}')}\nend"

    assert drawn(text, api=indifferent).warnings == ()


def test_a_setting_that_its_own_code_reads_is_not_told(drawn) -> None:
    """An Actor's settings are its own affair."""
    assert drawn(f"note over api : formt = 1\n{EXCHANGE}", api=Choosing).warnings == ()
