"""How Sphinx's writers put a picture into their output: SVG, PDF, or text."""

from hashlib import sha256
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.util import logging

from seqtest.errors import Unanswerable

logger = logging.getLogger(__name__)


class seqtest_picture(nodes.General, nodes.Element):
    """A picture: `svg`, the same as `text`, and its `title`."""


def html(writer: Any, node: seqtest_picture) -> None:
    writer.body.append(f'<div class="seqtest-picture">{node["svg"].strip()}</div>\n')
    raise nodes.SkipNode


def latex(writer: Any, node: seqtest_picture) -> None:
    """As PDF beside the document; as text when the extra for it is not there, which is told."""
    from seqtest.render.pdf import pdf

    try:
        made = pdf(node["svg"], node["title"])
    except Unanswerable as error:
        logger.warning("%s", error, location=node, type="seqtest")
        body = node["text"].replace(r"\end{sphinxVerbatim}", "")
        writer.body.append(f"\n\\begin{{sphinxVerbatim}}\n{_plain(body)}\n\\end{{sphinxVerbatim}}\n")
        raise nodes.SkipNode from None
    name = f"seqtest-{sha256(node['svg'].encode()).hexdigest()[:16]}.pdf"
    Path(writer.builder.outdir, name).write_bytes(made)
    writer.body.append(
        f"\n\\noindent\\sphinxincludegraphics[width=\\linewidth,height=.85\\textheight,keepaspectratio]{{{name}}}\n"
    )
    raise nodes.SkipNode


def _plain(text: str) -> str:
    return text.replace("\\", r"\PYGZbs{}").replace("{", r"\PYGZob{}").replace("}", r"\PYGZcb{}")


def text(writer: Any, node: seqtest_picture) -> None:
    writer.new_state(0)
    writer.add_text(node["text"])
    writer.end_state(wrap=False)
    raise nodes.SkipNode


def other(writer: Any, node: seqtest_picture) -> None:
    """Manual pages and whatever else: a literal block."""
    block = nodes.literal_block(node["text"], node["text"])
    block.walkabout(writer)
    raise nodes.SkipNode


def _nothing(writer: Any, node: seqtest_picture) -> None:
    """Every visitor has skipped the departure."""


def writers() -> dict[str, Any]:
    """Writer → visitor and departure, as `Sphinx.add_node` takes them."""
    found = {"html": html, "latex": latex, "text": text, "man": other, "texinfo": other}
    return {name: (visit, _nothing) for name, visit in found.items()}
