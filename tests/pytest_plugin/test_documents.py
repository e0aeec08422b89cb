"""Flows in documents: blocks of Markdown, reStructuredText and AsciiDoc, when the ini file asks for them."""

import pytest

MARKDOWN = """\
# Our API

It greets:

```plantuml
{hello}```

An illustration, which nobody plays:

```plantuml
Alice -> Bob : hi
```

And the same in Mermaid:

```mermaid
sequenceDiagram
  participant api
  client->>api: GET /nothing
  api-->>client: 404 Not Found
```

A class diagram:

```plantuml
class User
```
"""
OPTION = ("-o", "seqtest_documents=*.md *.rst *.adoc")


@pytest.fixture
def document(project, write, drawings):
    """A document with two flows, an illustration and a class diagram."""
    write("doc.md", MARKDOWN.format(hello=drawings.hello))
    return project


def test_documents_are_opted_in(document) -> None:
    """Without the option a document is prose."""
    assert document.runpytest().ret == pytest.ExitCode.NO_TESTS_COLLECTED


def test_blocks_are_flows(document) -> None:
    """Each block that binds somebody is run, PlantUML and Mermaid; others are left alone and counted."""
    result = document.runpytest("-v", *OPTION)

    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["doc.md::hello::hello PASSED*", "doc.md::doc-3::doc PASSED*"])
    result.stdout.fnmatch_lines(["1 drawing without a bound participant was left alone"])


def test_lines_are_the_documents(document, write, drawings) -> None:
    """A broken promise is shown at its line of the document, which the report's location names too."""
    write("doc.md", MARKDOWN.format(hello=drawings.hello.replace("= hello", "= goodbye")))

    result = document.runpytest(*OPTION)

    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*--> doc.md:13:*", "13 |   text = goodbye"])
    result.stdout.fnmatch_lines(["*pytest 'doc.md::hello::hello'*"])


def test_a_block_that_cannot_be_read_is_an_error(document, write, drawings) -> None:
    """At its line of the document, met in a folder too."""
    write("doc.md", MARKDOWN.format(hello=drawings.broken))

    result = document.runpytest(*OPTION)

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*--> doc.md:8:8", "ERROR doc.md::unreadable*"])


def test_a_named_document_may_hold_illustrations(document) -> None:
    """Named, it is an error only when nothing in it is bound."""
    document.runpytest("doc.md", *OPTION).assert_outcomes(passed=2)


def test_a_named_document_that_binds_nobody_is_an_error(bare, write) -> None:
    """It was named to be tested, and there is nothing to test."""
    write("doc.md", "```plantuml\nAlice -> Bob : hi\n```\n")

    result = bare.runpytest("doc.md", *OPTION)

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["error[[]SQ450*"])


def test_a_document_without_drawings_is_prose(project, write) -> None:
    """Nothing is collected of it, and nothing said."""
    write("doc.md", "# Hello\n\nNo drawing.\n")

    assert project.runpytest(*OPTION).ret == pytest.ExitCode.NO_TESTS_COLLECTED


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "doc.rst",
            "Title\n=====\n\n.. uml::\n   :caption: x\n\n   @startuml hello\n   client -> api : GET /hello\n"
            "   api --> client : 200 OK\n   @enduml\n\nMore.\n",
        ),
        (
            "doc.adoc",
            "= Title\n\n[plantuml]\n----\n@startuml hello\nclient -> api : GET /hello\n"
            "api --> client : 200 OK\n@enduml\n----\n",
        ),
    ],
    ids=["reStructuredText", "AsciiDoc"],
)
def test_other_documents(project, write, name: str, text: str) -> None:
    """Directives and blocks of other languages for documents."""
    write(name, text)

    result = project.runpytest("-v", *OPTION)

    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines([f"{name}::hello::hello PASSED*"])


def test_bindings_of_documents_alone_are_no_strangers(project, write, drawings) -> None:
    """A conftest's participant that only a document draws is drawn."""
    write("doc.md", MARKDOWN.format(hello=drawings.hello))
    write("other.puml", "@startuml\nparticipant x <<token-store>>\n[-> x : hi\n@enduml\n")

    assert project.runpytest("doc.md", *OPTION).ret == pytest.ExitCode.OK
