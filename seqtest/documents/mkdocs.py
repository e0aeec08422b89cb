"""The MkDocs plugin `seqtest`: a fenced block `seqtest` shows a flow, and runs it when asked to.

What is wrong with a flow is a warning at its place, and the build fails before any page is written.
"""

import logging
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mkdocs.config import config_options
from mkdocs.config.base import Config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.livereload import LiveReloadServer
from mkdocs.plugins import BasePlugin
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

from seqtest.documents.page import STYLE, html
from seqtest.documents.project import address, moment, root_above
from seqtest.documents.show import show
from seqtest.documents.shown import Shown, Trouble, Wanted

log = logging.getLogger("mkdocs.plugins.seqtest")
_FENCED = re.compile(
    r"^(?P<fence>`{3,}|~{3,})(?P<info>[^\n]*)\n(?P<lines>.*?)^(?P=fence)[ \t]*$", re.MULTILINE | re.DOTALL
)
"""Every fenced block, so that one of ours inside another, which shows how to write it, is left alone."""
_OURS = re.compile(r"\s*seqtest\s+(\S+)\s*")
_OPTION = re.compile(r":(?P<name>[a-z]+):(?P<value>.*)")
SCHEMES = ("auto", "light", "dark")
FLAGS = ("run", "annotated", "code")
VALUES = ("diagram", "scenario", "committed", "scheme", "caption")
_PLACE = "seqtest-flow-{}"


class SeqtestConfig(Config):  # type: ignore[no-untyped-call]  # mkdocs has types, but for this
    """What `mkdocs.yml` says."""

    root = config_options.Type(str, default="")
    source_url = config_options.Type(str, default="")
    scheme = config_options.Choice(SCHEMES, default="auto")
    run = config_options.Type(bool, default=False)
    fail = config_options.Type(bool, default=True)


@dataclass
class _Site:
    """One build."""

    figures: dict[str, str] = field(default_factory=dict)
    """Placeholder → HTML."""
    troubles: list[Trouble] = field(default_factory=list)
    files: set[Path] = field(default_factory=set)


class SeqtestPlugin(BasePlugin[SeqtestConfig]):  # type: ignore[no-untyped-call]  # as above
    """Shows flows, and fails the build when one is red, unreadable, or a kept rendering is stale."""

    def __init__(self) -> None:
        self.site = _Site()

    def on_pre_build(self, *, config: MkDocsConfig) -> None:
        self.site = _Site()

    def on_page_markdown(self, markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
        """Each block becomes a placeholder, which Markdown leaves alone."""
        folder = Path(page.file.abs_src_path or config.docs_dir).parent

        def put(match: re.Match[str]) -> str:
            ours = _OURS.fullmatch(match["info"])
            if ours is None:
                return match[0]
            line = markdown.count("\n", 0, match.start()) + 1
            place = f"{page.file.src_uri}:{line}"
            name = _PLACE.format(len(self.site.figures) + 1)
            self.site.figures[name] = self.figure(ours[1], match["lines"], folder, place, config, f"{name}-")
            return f'<div id="{name}"></div>'

        return _FENCED.sub(put, markdown)

    def figure(self, file: str, lines: str, folder: Path, place: str, config: MkDocsConfig, prefix: str) -> str:
        options, wrong = _options(lines)
        for words in wrong:
            self.tell(Trouble(place, words))
        root = (
            Path(config.config_file_path or ".").parent / self.config.root if self.config.root else root_above(folder)
        )
        shown = show(_wanted(folder, file, root, options, self.config, prefix))
        for trouble in shown.troubles:
            self.tell(trouble)
        self.site.files.update(shown.dependencies)
        link = self.link(shown, config)
        return html(shown, moment(), caption=options.get("caption", ""), link=link, has_code="code" in options)

    def link(self, shown: Shown, config: MkDocsConfig) -> str:
        """To the source: where the plugin's options say, or in the site's repository."""
        template = self.config.source_url
        if not template and config.repo_url:
            template = f"{config.repo_url.rstrip('/')}/blob/HEAD/{{path}}#L{{line}}"
        return address(template, shown.file, shown.line) if template else ""

    def tell(self, trouble: Trouble) -> None:
        self.site.troubles.append(trouble)
        log.warning("%s: %s", trouble.place, trouble.message)

    def on_page_content(self, html: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
        """The placeholders become figures."""
        for name in re.findall(r'<div id="(seqtest-flow-\d+)"></div>', html):
            html = html.replace(f'<div id="{name}"></div>', self.site.figures.get(name, ""))
        return html

    def on_env(self, env: Any, /, *, config: MkDocsConfig, files: Files) -> Any:
        """All pages are read and none is written."""
        if self.site.troubles and self.config.fail:
            places = sorted({f"{trouble.place}: {trouble.message.splitlines()[0]}" for trouble in self.site.troubles})
            raise PluginError("flows in the documents do not hold (fail: false lets them pass)\n" + "\n".join(places))
        return env

    def on_post_page(self, output: str, *, page: Page, config: MkDocsConfig) -> str:
        """The few rules that figures need, on pages that have one."""
        if 'class="seqtest ' not in output:
            return output
        return output.replace("</head>", f"<style>\n{STYLE}</style>\n</head>", 1)

    def on_serve(self, server: LiveReloadServer, /, *, config: MkDocsConfig, builder: Any) -> LiveReloadServer:
        """`mkdocs serve` builds again when a flow, or what it includes, is saved."""
        for file in sorted(self.site.files):
            server.watch(str(file))
        return server


def _options(lines: str) -> tuple[dict[str, str], list[str]]:
    """`:name: value` lines, and what is wrong with the others."""
    options: dict[str, str] = {}
    wrong: list[str] = []
    for line in filter(None, (line.strip() for line in lines.splitlines())):
        match = _OPTION.fullmatch(line)
        if match is None or match["name"] not in (*FLAGS, *VALUES):
            wrong.append(f"`{line}` is no option of seqtest: {', '.join(f':{name}:' for name in (*FLAGS, *VALUES))}")
        elif match["name"] in FLAGS and match["value"].strip():
            wrong.append(f":{match['name']}: takes no value")
        elif match["name"] in VALUES and not match["value"].strip():
            wrong.append(f":{match['name']}: wants a value")
        elif match["name"] == "scheme" and match["value"].strip() not in SCHEMES:
            wrong.append(f":scheme: is one of {', '.join(SCHEMES)}")
        else:
            options[match["name"]] = match["value"].strip()
    return options, wrong


def _wanted(folder: Path, file: str, root: Path, options: dict[str, str], config: SeqtestConfig, prefix: str) -> Wanted:
    scheme = options.get("scheme", config.scheme)
    return Wanted(
        file=folder / file,
        root=root.resolve(),
        diagram=options.get("diagram", ""),
        scenario=options.get("scenario", ""),
        is_run="run" in options or config.run,
        is_annotated="annotated" in options,
        committed=(folder / options["committed"]).resolve() if "committed" in options else None,
        scheme=scheme,  # type: ignore[arg-type]  # one of the three, checked where it was read
        prefix=prefix,
    )
