"""A picture as PDF, by Typst (extra `pdf`): one page as large as the picture, its text can be searched and copied.

Typst runs no script and fetches nothing; its program is the few lines below, and the fonts come with seqtest.
"""

from typing import TYPE_CHECKING

from seqtest.errors import Finding, Unanswerable
from seqtest.render.png import FONTS
from seqtest.render.seal import seal

if TYPE_CHECKING:
    from types import ModuleType

_PAGE = b"""\
#set document(title: sys.inputs.title, keywords: sys.inputs.seal, date: none)
#set page(width: auto, height: auto, margin: 0pt)
#image(bytes(sys.inputs.svg), format: "svg", alt: sys.inputs.title)
"""


def pdf(svg: str, title: str) -> bytes:
    """The PDF of an SVG that was drawn with `scheme` "light" or "dark".

    Raises Unanswerable when the extra is not installed or the picture cannot be drawn.
    """
    typst = _typst()
    inputs = {"svg": svg, "title": title, "seal": seal(svg)}
    try:
        made = typst.compile(_PAGE, font_paths=[str(FONTS)], sys_inputs=inputs)
    except typst.TypstError as error:
        raise Unanswerable(Finding("SQ465", "this picture cannot be made into a PDF", detail=str(error))) from error
    return bytes(made)


def _typst() -> "ModuleType":
    try:
        import typst
    except ImportError:
        finding = Finding("SQ464", "PDF pictures need Typst", do='install it: pip install "seqtest[pdf]"')
        raise Unanswerable(finding) from None
    return typst
