"""What an author's `skinparam`, `<style>` and `hide` lines ask for, as far as it changes what is seen."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import Literal

from seqtest.dataclass import dataclass
from seqtest.diagram import Diagram, Verbatim
from seqtest.render.svg.glyphs import Glyphs, glyphs_of
from seqtest.render.svg.typeset import Font

_WORDS = re.compile(r"[\s:]+")
_STEREOTYPE = re.compile(r"<<\s*([^<>]*?)\s*>>")
_ALIGNMENTS: Mapping[str, Literal["left", "center", "right"]] = {"left": "left", "center": "center", "right": "right"}
_MOST_PADDING = 400
_SMALLEST, _LARGEST = 8, 40
"""Font sizes that somebody may ask for."""


@dataclass(frozen=True, slots=True)
class Looks:
    """`skin` maps lower-case names to values: `participantbackgroundcolor`, or `participantbackgroundcolor<<web>>`."""

    has_tails: bool = True
    hides_stereotypes: bool = False
    skin: Mapping[str, str] = field(default_factory=dict)
    glyphs: Glyphs | None = None

    def number(self, name: str, most: int = _MOST_PADDING) -> int:
        """A parameter's pixels, 0 when it is not given."""
        value = self.skin.get(name, "")
        return min(int(value), most) if value.isdigit() else 0

    def word(self, name: str) -> str:
        return self.skin.get(name, "").lower()

    def color(self, what: str, part: str, stereotypes: tuple[str, ...] = ()) -> str | None:
        """The colour of an element's part (`backgroundcolor`, `bordercolor`, `fontcolor`); stereotypes are stronger."""
        for name in stereotypes:
            found = self.skin.get(f"{what}{part}<<{name.lower()}>>") or self.skin.get(f"{part}<<{name.lower()}>>")
            if found:
                return found
        found = self.skin.get(what + part)
        if found is None and part == "fontcolor" and self.skin:
            return self.skin.get("defaultfontcolor") or self.skin.get("fontcolor")
        return found

    def font(self, base: Font, what: str) -> Font:
        """The font of an element: the theme's with the drawing's sprites, set as somebody asked for."""
        if self.glyphs is not None:
            base = base._replace(glyphs=self.glyphs)
        if not self.skin:
            return base
        size = self.skin.get(f"{what}fontsize") or self.skin.get("defaultfontsize") or self.skin.get("fontsize", "")
        if size.isdigit():
            base = base._replace(size=min(max(int(size), _SMALLEST), _LARGEST))
        align = self._alignment(what)
        if align is not None:
            base = base._replace(align=align)
        style = self.word(f"{what}fontstyle")
        return base._replace(is_bold="bold" in style, is_italic="italic" in style) if style else base

    def _alignment(self, what: str) -> Literal["left", "center", "right"] | None:
        own = (f"{what}textalignment", f"{what}horizontalalignment")
        names = (*own, "messagealign", "defaulttextalignment") if what == "arrow" else (*own, "defaulttextalignment")
        return _ALIGNMENTS.get(next(filter(None, map(self.word, names)), ""))


def looks_of(diagram: Diagram) -> Looks:
    """All such lines of a drawing, later ones stronger."""
    tails, stereotypes = True, False
    skin: dict[str, str] = {}
    for item in diagram.walk():
        if not isinstance(item, Verbatim):
            continue
        words = item.text.lower().split()
        if item.keyword in ("hide", "show") and len(words) > 1:
            is_hidden = words[0] == "hide"
            if words[1] == "footbox":
                tails = not is_hidden
            elif words[1].startswith("stereotype"):
                stereotypes = is_hidden
        elif item.keyword == "footbox" and len(words) > 1:
            tails = words[1] == "on"
        elif item.keyword == "skinparam":
            skin.update(_skinparam(item.text))
        elif item.keyword.startswith("<style"):
            skin.update(_style(item.text.split("\n")[1:-1]))
    if skin.get("style", "").lower() == "strictuml":
        tails = False
    return Looks(tails, stereotypes, skin, glyphs_of(diagram))


def _skinparam(text: str) -> Iterator[tuple[str, str]]:
    lines = text.split("\n")
    first = lines[0].strip()[len("skinparam") :].strip()
    if len(lines) == 1:
        yield from _pair(first, [])
        return
    prefixes = [first.rstrip("{ \t")]
    for line in lines[1:]:
        line = line.strip()
        if line.endswith("{"):
            prefixes.append(line.rstrip("{ \t"))
        elif line == "}":
            prefixes = prefixes[:-1]
        elif line:
            yield from _pair(line, prefixes)


def _pair(line: str, prefixes: list[str]) -> Iterator[tuple[str, str]]:
    stereotypes = [name for part in (*prefixes, line) for name in _STEREOTYPE.findall(part)]
    words = _STEREOTYPE.sub(" ", line).split(None, 1)
    if len(words) < 2:
        return
    name = "".join(_STEREOTYPE.sub("", prefix).strip() for prefix in prefixes) + words[0]
    suffix = f"<<{stereotypes[-1].lower()}>>" if stereotypes else ""
    yield _plain_name(name.lower()) + suffix, words[1].strip()


def _plain_name(name: str) -> str:
    """`sequenceArrowColor` and `arrowColor`, `sequenceParticipantPadding` and `participantPadding` say the same."""
    return name.removeprefix("sequence")


_SELECTORS = {"group": "groupbody", "groupheader": "group", "activationbox": "lifeline", "separator": "divider"}
"""Names in `<style>` that skinparam has another word for."""


def _style(lines: list[str]) -> Iterator[tuple[str, str]]:
    open_selectors: list[str] = []
    for line in lines:
        line = line.strip()
        while line:
            head, brace, rest = line.partition("{")
            if brace and "}" not in head:
                open_selectors.append(head.strip())
                line = rest.strip()
                continue
            head, brace, rest = line.partition("}")
            yield from _property(head, open_selectors)
            if brace and open_selectors:
                open_selectors.pop()
            line = rest.strip() if brace else ""


def _property(line: str, selectors: list[str]) -> Iterator[tuple[str, str]]:
    words = _WORDS.split(line.strip().rstrip(";"), maxsplit=1)
    if len(words) < 2 or not words[1]:
        return
    name = words[0].lower().replace("linecolor", "bordercolor")
    classes = [selector[1:].lower() for selector in selectors if selector.startswith(".")]
    plain = [
        s.lower()
        for s in selectors
        if not s.startswith(".") and s.lower() not in ("sequencediagram", "document", "root")
    ]
    for what in plain[-1].split(",") if plain else [""]:
        what = what.strip()
        key = _SELECTORS.get(what, what) if what != "group" or name == "backgroundcolor" else what
        if key == "arrow" and name == "bordercolor":
            name = "color"
        yield key + name + (f"<<{classes[-1]}>>" if classes else ""), words[1].strip()
