"""What is shown of a flow, as HTML."""

from datetime import datetime

from seqtest.documents.shown import Shown
from seqtest.render.markup import escape, href, visible

SIGNS = {"drawn": "", "kept": "✓", "failed": "✗", "error": "!"}


def html(shown: Shown, when: datetime, *, caption: str = "", link: str = "", has_code: bool = False) -> str:
    """A figure: the pictures, the caption with verdict, date and the link to the source, then the source."""
    parts = [f'<figure class="seqtest seqtest-{shown.state}">']
    for picture in shown.pictures:
        name = f'<div class="seqtest-case">{_text(picture.name)}</div>' if len(shown.pictures) > 1 else ""
        parts.append(f'{name}<div class="seqtest-picture">{picture.svg.strip()}</div>')
    parts.append(f"<figcaption>{_caption(shown, when, caption, link)}</figcaption>")
    if has_code and shown.source:
        parts.append(f'<pre class="seqtest-code"><code class="language-plantuml">{escape(shown.source)}</code></pre>')
    return "".join([*parts, "</figure>"])


def _caption(shown: Shown, when: datetime, caption: str, link: str) -> str:
    address = href(link) if link else None
    file = f"<code>{_text(shown.file)}</code>"
    parts = [_text(caption)] if caption else []
    if shown.words:
        parts.append(
            f'<span class="seqtest-verdict">{SIGNS[shown.state]} {_text(shown.words)}</span> '
            f'<time datetime="{when.isoformat(timespec="seconds")}">{day(when)}</time>'
        )
    parts.append(f'<a href="{escape(address)}">{file}</a>' if address else file)
    return " · ".join(parts)


def _text(text: str) -> str:
    return escape(visible(text))


def day(when: datetime) -> str:
    """`29 November 2026` in figures that every reader knows the order of."""
    return when.strftime("%Y-%m-%d %H:%M UTC")


STYLE = """\
.seqtest { margin: 1.5em 0; }
.seqtest-picture { overflow-x: auto; }
.seqtest-picture > svg { max-width: max(100%, 60rem); height: auto; }
.seqtest figcaption, .seqtest-caption { font-size: .85em; }
.seqtest-case { font-weight: bold; margin: .6em 0 .2em; }
.seqtest-kept .seqtest-verdict { color: #1a7f37; }
.seqtest-failed .seqtest-verdict, .seqtest-error .seqtest-verdict { color: #c3202f; font-weight: bold; }
@media (prefers-color-scheme: dark) {
  .seqtest-kept .seqtest-verdict { color: #56c271; }
  .seqtest-failed .seqtest-verdict, .seqtest-error .seqtest-verdict { color: #ff7b85; }
}
"""
