"""The Sphinx extension `seqtest.documents.sphinx`: the directive `seqtest` shows a flow, and runs it when asked to.

What is wrong with a flow is a warning at its place, and the build fails at its end: a red flow, an unreadable one, a
stale rendering. It is kept with the document, so that a build that reads nothing again fails as well.
"""

import posixpath
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata, OptionSpec

from seqtest import __version__
from seqtest.documents.page import SIGNS, STYLE, day
from seqtest.documents.project import address, moment, root_above
from seqtest.documents.show import show
from seqtest.documents.shown import Picture, Shown, Trouble, Wanted
from seqtest.documents.sphinx_picture import seqtest_picture, writers

logger = logging.getLogger(__name__)
SCHEMES = ("auto", "light", "dark")


class SeqtestDirective(SphinxDirective):
    """`.. seqtest:: flows/login.puml`: its picture, what became of it, and its source."""

    required_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar[OptionSpec] = {
        "diagram": directives.unchanged_required,
        "scenario": directives.unchanged_required,
        "run": directives.flag,
        "annotated": directives.flag,
        "code": directives.flag,
        "committed": directives.path,
        "scheme": lambda text: directives.choice(text, SCHEMES),
        "caption": directives.unchanged_required,
        "name": directives.unchanged,
        "class": directives.class_option,
    }

    def run(self) -> list[nodes.Node]:
        shown = show(self.wanted())
        for file in shown.dependencies:
            self.env.note_dependency(str(file))
        records = _records(self.env)
        record = records.setdefault(self.env.docname, {"troubles": [], "is_run": False})
        record["is_run"] = record["is_run"] or bool(shown.words)
        record["troubles"] += shown.troubles
        for trouble in shown.troubles:
            _warn(trouble, self.get_location())
        return self.figure(shown)

    def wanted(self) -> Wanted:
        options, config = self.options, self.env.config
        root = Path(self.env.srcdir, config.seqtest_root) if config.seqtest_root else root_above(Path(self.env.srcdir))
        committed = options.get("committed")
        return Wanted(
            file=Path(self.env.relfn2path(self.arguments[0])[1]),
            root=root.resolve(),
            diagram=options.get("diagram", ""),
            scenario=options.get("scenario", ""),
            is_run="run" in options or config.seqtest_run,
            is_annotated="annotated" in options,
            committed=Path(self.env.relfn2path(committed)[1]).resolve() if committed else None,
            scheme=options.get("scheme", config.seqtest_scheme),
            prefix=f"seqtest-{nodes.make_id(self.env.docname)}-{self.env.new_serialno('seqtest')}-",
        )

    def figure(self, shown: Shown) -> list[nodes.Node]:
        """The pictures with their caption, then the source when it is asked for."""
        figure = nodes.figure(classes=["seqtest", f"seqtest-{shown.state}", *self.options.get("class", ())])
        self.set_source_info(figure)
        for picture in shown.pictures:
            if len(shown.pictures) > 1:
                figure += nodes.paragraph("", picture.name, classes=["seqtest-case"])
            figure += self.picture(picture, shown)
        if not shown.pictures:
            figure += nodes.paragraph("", shown.troubles[0].message.splitlines()[0], classes=["seqtest-case"])
        if "caption" in self.options:
            inline, messages = self.parse_inline(self.options["caption"])
            caption = nodes.caption(self.options["caption"], "", *inline, *messages)
            self.set_source_info(caption)
            figure += caption
        figure += self.legend(shown)
        self.add_name(figure)
        if "code" not in self.options or not shown.source:
            return [figure]
        code = nodes.literal_block(shown.source, shown.source, language="text", linenos=True)
        self.set_source_info(code)
        return [figure, code]

    def picture(self, picture: Picture, shown: Shown) -> nodes.Element:
        return seqtest_picture(svg=picture.svg, text=picture.text, title=shown.title)

    def legend(self, shown: Shown) -> nodes.legend:
        """The verdict, its date, and where the source can be read."""
        line = nodes.paragraph(classes=["seqtest-caption"])
        if shown.words:
            words = f"{SIGNS[shown.state]} {shown.words}"
            line += [nodes.inline(words, words, classes=["seqtest-verdict"]), nodes.Text(f" {day(moment())} · ")]
        line += self.link(shown)
        return nodes.legend("", line)

    def link(self, shown: Shown) -> nodes.Node:
        """To the source where the configuration says it can be read, else to a copy of it."""
        file = nodes.literal(shown.file, shown.file)
        template = self.env.config.seqtest_source_url
        if template:
            return nodes.reference("", "", file, refuri=address(template, shown.file, shown.line))
        if not shown.source:
            return file
        target = posixpath.normpath(self.arguments[0].replace("\\", "/"))
        return addnodes.download_reference("", "", file, reftarget=target, refdoc=self.env.docname, refexplicit=True)


def _warn(trouble: Trouble, fallback: str) -> None:
    # Sphinx takes a place without a line for the name of a document.
    place = trouble.place if ":" in trouble.place else fallback
    logger.warning("%s", trouble.message, location=place, type="seqtest")


def _records(env: BuildEnvironment) -> dict[str, dict[str, Any]]:
    """Document → what is wrong with its flows, and whether any was run."""
    records: dict[str, dict[str, Any]] = vars(env).setdefault("seqtest_records", {})
    return records


def forget(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    """The document is read again, or gone."""
    _records(env).pop(docname, None)


def merge(app: Sphinx, env: BuildEnvironment, docnames: Iterable[str], other: BuildEnvironment) -> None:
    """Another process has read these documents."""
    for name in docnames:
        if name in _records(other):
            _records(env)[name] = _records(other)[name]


def outdated(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> Sequence[str]:
    """Documents with a flow that is wrong, or that is run: what runs may have changed without its drawing."""
    is_again = app.config.seqtest_rerun == "always"
    return [name for name, found in _records(env).items() if found["troubles"] or (found["is_run"] and is_again)]


def finish(app: Sphinx, exception: Exception | None) -> None:
    """Fail the build when a flow in any document is wrong, read in this build or before."""
    if exception is not None or not app.config.seqtest_fail:
        return
    wrong = [trouble for record in _records(app.env).values() for trouble in record["troubles"]]
    if wrong:
        places = "\n".join(sorted({f"  {trouble.place}: {trouble.message.splitlines()[0]}" for trouble in wrong}))
        logger.error("flows in the documents do not hold (seqtest_fail = False lets them pass):\n%s", places)
        app.statuscode = 1


def style(app: Sphinx) -> None:
    """The few rules that figures need, as a file of the HTML output."""
    if app.builder.format == "html":
        folder = Path(app.doctreedir, "seqtest")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "seqtest.css").write_text(STYLE, encoding="utf-8")
        app.config.html_static_path.append(str(folder))
        app.add_css_file("seqtest.css")


def setup(app: Sphinx) -> ExtensionMetadata:
    """Called by Sphinx."""
    app.add_config_value("seqtest_root", "", "env", str)
    app.add_config_value("seqtest_source_url", "", "env", str)
    app.add_config_value("seqtest_scheme", "auto", "env", str)
    app.add_config_value("seqtest_run", False, "env", bool)
    app.add_config_value("seqtest_rerun", "always", "", str)
    app.add_config_value("seqtest_fail", True, "", bool)
    app.add_node(seqtest_picture, **writers())
    app.add_directive("seqtest", SeqtestDirective)
    app.connect("builder-inited", style)
    app.connect("env-purge-doc", forget)
    app.connect("env-merge-info", merge)
    app.connect("env-get-outdated", outdated)
    app.connect("build-finished", finish)
    return {"version": __version__, "env_version": 1, "parallel_read_safe": True, "parallel_write_safe": True}
