"""The whole way from a diagram to a picture."""

from collections.abc import Mapping, Sequence

from seqtest.diagram import Diagram
from seqtest.render.svg.layout import lay_out
from seqtest.render.svg.mark import Extra, Mark
from seqtest.render.svg.paint import paint
from seqtest.render.svg.theme import Scheme
from seqtest.source import DrawnAt


def draw(
    diagram: Diagram,
    *,
    marks: Mapping[DrawnAt, Mark] | None = None,
    extras: Sequence[Extra] = (),
    scheme: Scheme = "auto",
    prefix: str = "",
    is_interactive: bool = False,
) -> str:
    """The diagram as one SVG document; the same diagram gives the same text.

    `marks` says, by where an item is drawn (`Span.item`), what became of it in a run; `extras` are messages that nobody
    drew. `scheme` "auto" follows the viewer's light or dark mode. `prefix` begins every id and every class of an
    author's colour, for several pictures in one page. With `is_interactive` each message takes the focus and can be
    pointed at.
    """
    return paint(diagram, lay_out(diagram, marks, extras), scheme, prefix, is_interactive)
