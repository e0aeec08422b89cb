"""Diagrams inside documents, with the document's own lines."""

import re

import pytest

from seqtest.diagram import Diagram
from seqtest.diagram.read import read
from seqtest.errors import UnreadableDiagram
from seqtest.source import Source


def place(diagram: Diagram) -> tuple[int, int]:
    (message,) = diagram.messages()
    assert message.span is not None
    return message.span.line, message.span.column


MARKDOWN = """# Login

```plantuml
@startuml login
A -> B : one
@enduml
```

Text with `A -> B`.

- in a list

  ~~~puml
  A -> B : two
  ~~~

```python
A -> B
```

```mermaid
sequenceDiagram
    A->>B: three
```

```mermaid
flowchart TD
  A --> B
```

```plantuml
class Account
```
"""


def test_markdown() -> None:
    """Fences of PlantUML and Mermaid are read; other languages and other kinds of diagrams are not."""
    diagrams = read(Source("README.md", MARKDOWN))

    assert [message.text for diagram in diagrams for message in diagram.messages()] == ["one", "two", "three"]
    assert [place(diagram) for diagram in diagrams] == [(5, 1), (14, 3), (23, 5)]


def test_restructured_text() -> None:
    """The content of `.. uml::` is a diagram; its options are not."""
    text = "Login\n=====\n\n.. uml::\n   :caption: x\n\n   A -> B : one\n\nText.\n"
    (diagram,) = read(Source("login.rst", text))

    assert place(diagram) == (7, 4)


def test_asciidoc() -> None:
    """A block marked `[plantuml]` is a diagram."""
    text = "= Login\n\n[plantuml, login, svg]\n.Title\n----\nA -> B : one\n----\n\nText.\n"
    (diagram,) = read(Source("login.adoc", text))

    assert place(diagram) == (6, 1)


@pytest.mark.parametrize(
    "fence",
    [
        "```plantuml\nA -> B\n```",
        "``` PlantUML\nA -> B\n```",
        '```plantuml format="png" title="x"\nA -> B\n```',
        "```plantuml {width=30}\nA -> B\n```",
        "```plantuml:login.svg\nA -> B\n```",
        "```{.plantuml #login}\nA -> B\n```",
        '```{#login .plantuml caption="x"}\nA -> B\n```',
        "```{uml}\n:caption: x\n\nA -> B\n```",
        "```kroki-plantuml\nA -> B\n```",
        "~~~~ puml\nA -> B\n~~~~~",
        "1. one\n   ```plantuml\n   A -> B\n   ```",
        "- ```plantuml\n  A -> B\n  ```",
        "> ```plantuml\n> A -> B\n> note right\n>   text\n> end note\n> ```",
        "> ```plantuml\n> A -> B\nno quotation",
        "```plantuml\nA -> B\n@enduml\n```",
        "::: mermaid\nsequenceDiagram\nA->>B: x\n:::",
        "```mermaid\n---\ntitle: x\n---\nsequenceDiagram\nA->>B: x\n```",
    ],
)
def test_a_fence_of_markdown(fence: str) -> None:
    """Whatever stands beside the language and around the fence, its arrow is found at its own place."""
    text = f"# Title\n\n{fence}\n\nwords\n"
    (diagram,) = read(Source("README.md", text))
    (message,) = diagram.messages()
    row = next(index for index, row in enumerate(text.split("\n"), 1) if re.search(r"\bA\W+B\b", row))

    assert message.span is not None
    assert message.span.line == row
    assert text.split("\n")[row - 1][message.span.column - 1] == "A"


@pytest.mark.parametrize(
    "shown",
    [
        "````\n```plantuml\nA => B\n```\n````",
        "```text\n@startuml\nA => B\n@enduml\n```",
        "```plantuml-example\nA => B\n```",
        "```plantuml\nleft to right direction\nactor A\n(B) as b\nA -- b\n```",
        "```plantuml\n!include https://example.com/C4_Context.puml\nPerson(a, 'A')\n```",
        "```plantuml\nA <|-- B\nA : method()\n```",
    ],
)
def test_what_a_document_only_shows(shown: str) -> None:
    """Neither a fence that is shown as text nor a drawing of another kind is a sequence diagram."""
    assert read(Source("README.md", f"{shown}\n")) == []


def test_options_over_several_lines() -> None:
    """An option of a directive may go on, and is none of the diagram's lines."""
    text = ".. uml::\n   :caption: long\n      caption\n   :width: 80\n\n   A -> B : one\n"
    (diagram,) = read(Source("login.rst", text))

    assert place(diagram) == (6, 4)


@pytest.mark.parametrize(
    "block",
    [
        "[plantuml]\n....\nA -> B\n....",
        "[plantuml%interactive,format=svg]\n--\nA -> B\n--",
        '["plantuml", "login", "png"]\n----\nA -> B\n----',
        "[plantuml#id.role]\n[.big]\n.Title\n-----\nA -> B\n-----",
        "Old title\n---------\n\ntext\n\n[uml]\n----\nA -> B\n----",
    ],
)
def test_a_block_of_asciidoc(block: str) -> None:
    """Delimiters of each sort, attributes and titles between: the arrow is found."""
    (diagram,) = read(Source("login.adoc", f"= Doc\n\n{block}\n\nText.\n"))

    assert [(message.sender, message.receiver) for message in diagram.messages()] == [("A", "B")]


def test_a_block_that_is_shown_is_no_diagram() -> None:
    """Inside another block `[plantuml]` is text."""
    assert read(Source("login.adoc", "= Doc\n\n----\n[plantuml]\n....\nA => B\n....\n----\n")) == []


def test_error_in_a_fence_has_the_documents_line() -> None:
    """An unreadable line in a fence is told at its line of the document."""
    with pytest.raises(UnreadableDiagram) as caught:
        read(Source("README.md", "# x\n\n```plantuml\nA -> B\nendalt\n```\n"))

    span = caught.value.finding.span
    assert span is not None
    assert (span.path, span.line, span.text) == ("README.md", 5, "endalt")


def test_document_without_diagrams() -> None:
    """A document without fences has no diagrams, and that is no error."""
    assert read(Source("README.md", "# Words\n")) == []
