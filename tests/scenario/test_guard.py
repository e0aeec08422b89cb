"""Guards: whether the diagram itself can choose, given who is bound."""

import pytest

from seqtest.scenario import Script
from seqtest.scenario.guard import check

ANSWERS = """
client -> auth : POST /token
alt right password
  auth --> client : 200
else wrong password
  auth --> client : 400
end
"""


@pytest.fixture
def checked(cases):
    """The findings of every case of a drawing, by case."""

    def findings(text, *bound, givens=()):
        return {
            one.id: [finding.code for finding in check(Script(one, frozenset(bound)), givens)] for one in cases(text)
        }

    return findings


def test_scripted_party_chooses(checked) -> None:
    """Where the diagram itself speaks first, it takes the operand that it plays."""
    assert checked(ANSWERS, "client") == {"right-password": [], "wrong-password": []}


def test_bound_party_cannot_be_told_what_to_answer(checked) -> None:
    """Two answers of a bound server to one request: nothing makes it give the one or the other."""
    assert checked(ANSWERS, "auth") == {"right-password": ["SQ326"], "wrong-password": ["SQ326"]}


def test_finding_stands_at_the_guard(cases) -> None:
    """The finding shows the guard, the other operand and who speaks."""
    (finding,) = check(Script(cases(ANSWERS)[1], frozenset({"auth"})), ())

    assert str(finding.span) == "flow.puml:6:6"
    assert [span.line for span, _ in finding.also] == [4, 7]
    assert '@seqtest.given("wrong password")' in finding.do


def test_given_of_the_user_chooses(checked) -> None:
    """What the user brings about for one operand makes it differ from the other."""
    found = checked(ANSWERS, "auth", givens=["wrong password"])

    assert found == {"right-password": [], "wrong-password": []}


def test_setting_chooses(checked) -> None:
    """A guard that is a setting makes its operand differ."""
    text = ANSWERS.replace("right password", "auth.users.alice.password = x")

    assert checked(text, "auth") == {"auth-users-alice-password-x": [], "wrong-password": []}


def test_what_was_sent_before_chooses(checked) -> None:
    """An operand in which the diagram sends something first differs from one in which it sends nothing."""
    text = "alt asked\nclient -> auth : ask\nauth -> db : find\nelse not asked\nauth -> db : tidy up\nend"

    assert checked(text, "auth") == {"asked": [], "not-asked": []}


def test_time_chooses(checked) -> None:
    """An operand that begins with a delay differs from one that does not."""
    text = "alt late\n... 5 minutes ...\nauth -> db : expire\nelse early\nauth -> db : keep\nend"

    assert checked(text, "auth") == {"late": [], "early": []}


ANSWERED = """
client -> auth : GET /x
alt answered
  auth -> db : GET /rows
  db --> auth : 200
  auth --> client : 200
else broken
  auth -> db : GET /rows
  db --> auth : 500
  auth --> client : 502
else lost
  auth ->x db : GET /rows
  auth --> client : 504
end
"""


def test_an_answer_chooses(checked) -> None:
    """The bound participant asks the same in each operand; what a scripted one answers makes the difference."""
    assert checked(ANSWERED, "auth") == {"answered": [], "broken": [], "lost": []}
    assert checked(ANSWERED.replace("500", "200"), "auth")["broken"] == ["SQ326"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("GET /rows\n  db --> auth : 500", "GET /others\n  db --> auth : 500"),
        ("GET /rows\n  db --> auth : 500", "GET /rows?a=1\n  db --> auth : 500"),
        (
            "GET /rows\n  db --> auth : 500",
            "GET /less\n  db --> auth : 204\n  auth -> db : GET /rows\n  db --> auth : 500",
        ),
    ],
    ids=["another request", "another query", "another one before it"],
)
def test_what_a_bound_party_decides_before_the_answer_chooses_nothing(checked, old: str, new: str) -> None:
    """It would have to know already what it will be answered."""
    text = ANSWERED.replace("else lost\n  auth ->x db : GET /rows\n  auth --> client : 504\n", "").replace(old, new)

    assert checked(text, "auth") == {"answered": ["SQ326"], "broken": ["SQ326"]}


def test_promises_that_one_operand_leaves_open_are_no_difference(checked) -> None:
    """Two values of one field are: the bound participant would have to choose."""
    more = ANSWERED.replace("GET /rows\n  db --> auth : 200", "GET /rows {a: 1}\n  db --> auth : 200")
    two = more.replace("GET /rows\n  db --> auth : 500", "GET /rows {a: 2}\n  db --> auth : 500")

    assert checked(more, "auth") == {"answered": [], "broken": [], "lost": []}
    assert checked(two, "auth")["answered"] == ["SQ326"]


def test_told_arrow_chooses_nothing(checked) -> None:
    """What scripted parties tell each other no bound party can notice."""
    text = "alt one\nclient -> user : hi\nauth -> db : 1\nelse two\nauth -> db : 2\nend"

    assert checked(text, "auth") == {"one": ["SQ326"], "two": ["SQ326"]}


def test_opt_of_a_bound_party_is_its_own_choice(checked) -> None:
    """An `opt` that a bound party begins may as well not happen."""
    text = (
        "client -> api : GET /x\nopt not cached\napi -> auth : GET /jwks\nauth --> api : 200\nend\napi --> client : 200"
    )

    assert checked(text, "api")["not-cached"] == ["SQ326"]
    assert checked(text, "auth")["not-cached"] == []


def test_case_named_by_an_interaction_use_is_chosen(cases) -> None:
    """Who writes `login.puml[ok]` has chosen."""
    (scenario,) = cases("ref over client, auth : in.puml[right password]", {"in.puml": ANSWERS})

    assert check(Script(scenario, frozenset({"auth"})), ()) == []


def test_alt_with_a_single_operand_is_no_choice(checked) -> None:
    """Where there is no other way, the one there is is taken."""
    assert checked("alt always\nauth -> db : 1\nend", "auth") == {"always": []}
