"""The whole way from a file to its diagrams."""

from collections.abc import Sequence
from pathlib import Path

from seqtest.diagram.build import build
from seqtest.diagram.model import Diagram
from seqtest.errors import Finding, UnreadableDiagram
from seqtest.source import Source, Span
from seqtest.syntax.includes import FolderIncludes, decode
from seqtest.syntax.notation import Notation, notation_of
from seqtest.syntax.parse import parse
from seqtest.syntax.tree import SyntaxTree, Unread


def read(
    source: Source | str | Path, roots: Sequence[Path] = (), includes: FolderIncludes | None = None
) -> list[Diagram]:
    """Every diagram of a file (given by its path) or of a source, in order.

    The path's ending says what it holds: PlantUML, Mermaid (`.mmd`), or a document with fences of either. Files are
    included from below the file, the working directory and `roots`; `includes` is used in place of these and then knows
    which they were. Raises UnreadableDiagram with places, and OSError when there is no such file.
    """
    return [build(tree) for tree in read_trees(source, roots, includes)]


def read_part(source: Source) -> list[Diagram]:
    """The same of a source whose path is a document's, and whose text is that of one of its fences."""
    if notation_of(source.path) != "document":
        return read(source)
    words = source.text.split(None, 1)
    if words and words[0] == "sequenceDiagram":
        from seqtest.syntax.mermaid import parse_mermaid

        return [build(parse_mermaid(source))]
    return [build(tree) for tree in parse(source, FolderIncludes(()))]


def read_trees(
    source: Source | str | Path, roots: Sequence[Path] = (), includes: FolderIncludes | None = None
) -> list[SyntaxTree]:
    """The same, before it is known what the marks mean."""
    if not isinstance(source, Source):
        source = load(source)
    notation = notation_of(source.path)
    if notation == "document":
        from seqtest.syntax.documents import fences

        return [tree for kind, part in fences(source) for tree in _of_document(part, kind, roots, includes)]
    return _trees(source, notation, roots, includes)


def _trees(
    source: Source, notation: Notation, roots: Sequence[Path], includes: FolderIncludes | None
) -> list[SyntaxTree]:
    if notation == "mermaid":
        from seqtest.syntax.mermaid import parse_mermaid

        return [parse_mermaid(source)]
    return list(parse(source, includes or FolderIncludes(roots)))


def _of_document(
    part: Source, notation: Notation, roots: Sequence[Path], includes: FolderIncludes | None
) -> list[SyntaxTree]:
    """The trees of a fence; none when it holds another kind of diagram, which a document may show as well."""
    from seqtest.syntax.kinds import is_another_kind

    try:
        trees = _trees(part, notation, roots, includes)
    except UnreadableDiagram:
        if notation == "plantuml" and is_another_kind(part.text):
            return []
        raise
    if any(isinstance(each.node, Unread) for tree in trees for each in tree.statements) and is_another_kind(part.text):
        return []
    return trees


def load(path: str | Path, name: str | None = None, raw: bytes | None = None) -> Source:
    """The file as a source, called `name` or as it was given; `raw` is what it holds, where that is known.

    Bytes that are no UTF-8 are read as Latin-1, CR alone ends a line.

    Raises UnreadableDiagram for what is no text, or in UTF-16 or UTF-32.
    """
    if raw is None:
        raw = Path(path).read_bytes()
    if b"\0" in raw:
        is_unicode = raw.startswith((b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff"))
        raise UnreadableDiagram(
            Finding(
                "SQ192",
                "this file is in UTF-16 or UTF-32" if is_unicode else "this file is no text",
                Span.at(Source(name or str(path), ""), 1),
                expected="UTF-8",
                do="save it as UTF-8"
                if is_unicode
                else "name a drawing, or give this file another ending: `.puml` is for drawings",
            )
        )
    text = decode(raw)
    if "\r" in text and "\n" not in text:
        text = text.replace("\r", "\n")
    return Source(name or str(path), text)
