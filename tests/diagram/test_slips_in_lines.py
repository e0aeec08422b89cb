"""Lines that are nearly something: what they say instead of meaning another thing."""

import pytest

from seqtest.diagram.model import Message
from seqtest.diagram.promise import expect
from seqtest.diagram.read import read
from seqtest.errors import Finding, UnreadableDiagram
from seqtest.source import Source


def refused(label: str, line: str = "// prose") -> Finding:
    text = f"@startuml\nauth --> client : {label}\nnote left : {line}\n@enduml\n"
    (message,) = (item for item in read(Source("flow.puml", text))[0].items if isinstance(item, Message))
    with pytest.raises(UnreadableDiagram) as caught:
        expect(message)
    return caught.value.finding


@pytest.mark.parametrize(
    ("line", "do"), [("a <> 1", "`!=`"), ("a =< 0", "`<=`"), ("a < = 0", "`<=`"), ("a == 1", "`=`")]
)
def test_comparisons_of_other_languages_are_none(line: str, do: str) -> None:
    """They are not read as a shorter one before an odd value."""
    finding = refused("200 OK", line)

    assert finding.code == "SQ240"
    assert do in finding.do


def test_a_name_in_another_alphabet_is_quoted_or_refused() -> None:
    """`а` is Cyrillic here: `аccess_token absent` would hold of everything."""
    finding = refused("200 OK", "\u0430ccess_token absent")

    assert finding.code == "SQ240"
    assert "CYRILLIC SMALL LETTER A" in finding.message


def test_a_quoted_name_may_have_any_letters() -> None:
    """`"größe"` is meant."""
    text = '@startuml\nauth --> client : 200 OK\nnote left : "größe" = 3\n@enduml\n'
    (message,) = (item for item in read(Source("flow.puml", text))[0].items if isinstance(item, Message))

    assert expect(message).promises[0].path == ("größe",)


def test_a_word_that_is_nearly_a_type_is_an_error_in_a_label() -> None:
    """It would be compared as text."""
    finding = refused("200 OK {keys: arrey}")

    assert (finding.code, finding.label) == ("SQ242", "did you mean `array`?")


def test_text_for_a_function_stands_in_double_quotes() -> None:
    """And the error shows how the function is called."""
    finding = refused("200 OK", "Authorization: Basic {basic('api', secret)}")

    assert finding.code == "SQ244"
    assert "basic(client_id, client_secret)" in finding.do
