"""Diagrams inside documents, with the document's own lines."""

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
