"""What `seqtest render` can make: a function a format, of a drawing and of a run."""

import os
import re
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Literal

from seqtest.dataclass import dataclass

if TYPE_CHECKING:
    from seqtest.diagram import Diagram
    from seqtest.verdict import Verdict

Content = str | bytes
Engine = Literal["seqtest", "plantuml", "server", "jar", "command"]
"""Who draws; `plantuml` is whichever of the three behind it is at hand."""
SUFFIXES: Mapping[str, str] = {
    "txt": "txt",
    "puml": "puml",
    "svg": "svg",
    "png": "png",
    "pdf": "pdf",
    "mermaid": "mmd",
    "json": "json",
}
"""Format → the ending of a file that holds it."""
PICTURES = ("svg", "png")


def form_of(given: str | None, output: str | None, default: str, forms: Collection[str]) -> str:
    """The format that is wished for; where none is, the one that the ending of the result's file says."""
    if given is not None or output is None:
        return given or default
    ending = output.rpartition(".")[2].lower()
    return next((form for form in forms if ending == SUFFIXES.get(form)), default)


@dataclass(frozen=True, slots=True)
class Wish:
    """How somebody wants it."""

    form: str
    width: int = 100
    """Columns of a picture in text."""
    engine: Engine = "seqtest"
    server: str | None = None

    @property
    def suffix(self) -> str:
        return SUFFIXES[self.form]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A diagram on its way to a result."""

    diagram: "Diagram"
    file: str
    source: Callable[[], str]
    """It as PlantUML that needs no preprocessor."""


def of_diagram(drawn: Drawn, wish: Wish) -> Content:
    """A drawing in the format that is wished for. Raises Diagnostic."""
    if wish.form in PICTURES and wish.engine != "seqtest":
        return _by_plantuml(drawn.source(), wish)
    return DIAGRAMS[wish.form](drawn, wish)


def of_run(verdict: "Verdict", wish: Wish) -> Content:
    """What happened, in the format that is wished for. Raises Diagnostic."""
    if wish.form in PICTURES and wish.engine != "seqtest":
        return _by_plantuml(_run_source(verdict, wish), wish)
    return RUNS[wish.form](verdict, wish)


def _text(drawn: Drawn, wish: Wish) -> str:
    from seqtest.render.text import draw_diagram

    return draw_diagram(drawn.diagram, width=wish.width)


def _svg(drawn: Drawn, wish: Wish) -> str:
    from seqtest.render.svg.draw import draw

    return draw(drawn.diagram)


def _png(drawn: Drawn, wish: Wish) -> bytes:
    from seqtest.render.svg.draw import draw

    return _rasterised(draw(drawn.diagram, scheme="light"))


def _pdf(drawn: Drawn, wish: Wish) -> bytes:
    from seqtest.render.pdf import pdf
    from seqtest.render.svg.draw import draw
    from seqtest.render.svg.paint import plain_title

    return pdf(draw(drawn.diagram, scheme="light"), plain_title(drawn.diagram))


def _mermaid(drawn: Drawn, wish: Wish) -> str:
    from seqtest.render.mermaid import mermaid_of_diagram

    return mermaid_of_diagram(drawn.diagram)


def _json(drawn: Drawn, wish: Wish) -> str:
    from seqtest.render.json_model import model
    from seqtest.render.markup import json_text

    return json_text(model(drawn.diagram, drawn.file), indent=2)


def _run_text(verdict: "Verdict", wish: Wish) -> str:
    from seqtest.render.happened import draw_run

    return draw_run(verdict, width=wish.width)


def _run_source(verdict: "Verdict", wish: Wish) -> str:
    from seqtest.render.annotated import annotate

    return annotate(verdict)


def _run_svg(verdict: "Verdict", wish: Wish) -> str:
    from seqtest.render.pictured import draw_run_svg

    return draw_run_svg(verdict)


def _run_png(verdict: "Verdict", wish: Wish) -> bytes:
    from seqtest.render.pictured import draw_run_svg

    return _rasterised(draw_run_svg(verdict, scheme="light"))


def _run_pdf(verdict: "Verdict", wish: Wish) -> bytes:
    from seqtest.render.pdf import pdf
    from seqtest.render.pictured import draw_run_svg
    from seqtest.render.svg.paint import plain_title

    return pdf(draw_run_svg(verdict, scheme="light"), plain_title(verdict.script.scenario.diagram))


def _run_mermaid(verdict: "Verdict", wish: Wish) -> str:
    from seqtest.render.mermaid import mermaid_of_run

    return mermaid_of_run(verdict)


def _run_json(verdict: "Verdict", wish: Wish) -> str:
    from seqtest.render.json_trace import json_of_run

    return json_of_run(verdict)


def _rasterised(svg: str) -> bytes:
    from seqtest.render.png import rasterise

    size = re.match(r'<svg [^>]*?width="([\d.]+)" height="([\d.]+)"', svg)
    width, height = map(float, size.groups()) if size else (0.0, 0.0)
    return rasterise(svg, width=width, height=height)


def _by_plantuml(source: str, wish: Wish) -> bytes:
    from seqtest.render.external import draw

    environment = {**os.environ, "PLANTUML_SERVER": wish.server} if wish.server else os.environ
    engine = wish.engine
    if engine == "seqtest" or engine == "plantuml":
        return draw(source, wish.form, environment=environment)
    return draw(source, wish.form, engine=engine, environment=environment)


DIAGRAMS: Mapping[str, Callable[[Drawn, Wish], Content]] = {
    "txt": _text,
    "puml": lambda drawn, wish: drawn.source(),
    "svg": _svg,
    "png": _png,
    "pdf": _pdf,
    "mermaid": _mermaid,
    "json": _json,
}
RUNS: "Mapping[str, Callable[[Verdict, Wish], Content]]" = {
    "txt": _run_text,
    "puml": _run_source,
    "svg": _run_svg,
    "png": _run_png,
    "pdf": _run_pdf,
    "mermaid": _run_mermaid,
    "json": _run_json,
}
