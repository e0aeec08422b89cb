"""The author's colours on their way into the style sheet: a class for each, with a value for light and one for dark."""

from dataclasses import field

from seqtest.dataclass import dataclass
from seqtest.render.svg import colors, theme
from seqtest.render.svg.colors import NOTHING, Paint, Rgb, contrast, legible, rgb
from seqtest.render.svg.glyphs import Glyph

LIGHT_PAGE, DARK_PAGE = theme.color(theme.LIGHT.page), theme.color(theme.DARK.page)
LIGHT_INK, DARK_INK = theme.color(theme.LIGHT.ink), theme.color(theme.DARK.ink)
ON_LIGHT, ON_DARK = theme.color(theme.INK_ON_LIGHT), theme.color(theme.INK_ON_DARK)
DARK_SHARE = 0.22
"""How much of an author's colour a large area keeps in the dark."""
DARK_TEXT_CONTRAST = 6.0
DARK_LINE_CONTRAST = 4.5
"""More than AA asks on the page (4.5 and 3), so that both are legible on the areas on it too."""
_ENDS = {"/": ("0", "0", "1", "1"), "\\": ("0", "1", "1", "0"), "|": ("0", "0", "1", "0"), "-": ("0", "0", "0", "1")}


@dataclass(slots=True)
class Ink:
    """Hands out classes, each colour's the same all over the picture."""

    prefix: str = ""
    classes: dict[tuple[str, str], str] = field(default_factory=dict)
    """Declarations in the light and in the dark → class."""
    gradients: dict[tuple[str, str, str], str] = field(default_factory=dict)
    glyphs: dict[str, str] = field(default_factory=dict)
    """A picture's elements → its id."""

    def rules(self) -> tuple[tuple[str, str, str], ...]:
        """Class, declarations in the light, in the dark."""
        return tuple((name, light, dark) for (light, dark), name in self.classes.items())

    def _class(self, light: str, dark: str) -> str:
        return self.classes.setdefault((light, dark), f"{self.prefix}c{len(self.classes)}")

    def _gradient(self, one: Rgb, other: Rgb, direction: str) -> str:
        key = str(one), str(other), direction
        return self.gradients.setdefault(key, f"{self.prefix}g{len(self.gradients)}")

    def definitions(self) -> str:
        """The gradients and pictures, as `<defs>`."""
        if not self.gradients and not self.glyphs:
            return ""
        found = [f'<g id="{name}" class="pic">{body}</g>' for body, name in self.glyphs.items()]
        for (one, other, direction), name in self.gradients.items():
            x1, y1, x2, y2 = _ENDS.get(direction, _ENDS["|"])
            found.append(
                f'<linearGradient id="{name}" x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}">'
                f'<stop stop-color="{one}"/><stop offset="1" stop-color="{other}"/></linearGradient>'
            )
        return f"<defs>{''.join(found)}</defs>"

    def glyph(self, glyph: Glyph) -> str:
        """The id of a picture, which is defined once however often it is shown."""
        return self.glyphs.setdefault(glyph.body, f"{self.prefix}i{len(self.glyphs)}")

    def surface(
        self, color: str | None, line: str | None = None, ink: str | None = None
    ) -> tuple[str, Rgb | None, str]:
        """A figure's or note's own colours: its class, what its text stands on (None: the theme's), text's class."""
        paint = colors.paint(color) if color else NOTHING
        border = paint.line or (rgb(line) if line else None)
        if paint.fill is None and border is None and not paint.is_transparent:
            return "", None, self._words(paint, ink, None)
        fill = self._fill(paint)
        stroke = "" if border is None else f"stroke:{border}"
        dark_stroke = (
            ""
            if border is None
            else f"stroke:{border if paint.fill else legible(border, DARK_PAGE, DARK_LINE_CONTRAST)}"
        )
        dash = "stroke-dasharray:4 3" if paint.is_dashed else ""
        name = self._class(_joined(fill, stroke, dash), _joined(fill, dark_stroke, dash))
        base = _middle(paint)
        return name, base, self._words(paint, ink, base)

    def _fill(self, paint: Paint) -> str:
        if paint.is_transparent:
            return "fill:none"
        if paint.fill is None:
            return ""
        if paint.second is not None:
            return f"fill:url(#{self._gradient(paint.fill, paint.second, paint.direction)})"
        return f"fill:{paint.fill}"

    def _words(self, paint: Paint, ink: str | None, base: Rgb | None) -> str:
        wanted = paint.text or (rgb(ink) if ink else None)
        if wanted is not None:
            return self._text_class(wanted, base)
        return "" if base is None else ink_on(base)

    def area(self, color: str | None, line: str | None = None) -> str:
        """A box's or an operand's ground, with the theme's ink on it."""
        paint = colors.paint(color) if color else NOTHING
        border = paint.line or (rgb(line) if line else None)
        fill = _middle(paint)
        if paint.is_transparent:
            return self._class("fill:none", "fill:none")
        if fill is None and border is None:
            return ""
        light = dark = ""
        if fill is not None and paint.second is not None and contrast(fill, LIGHT_INK) >= 7 and paint.fill:
            light = f"fill:url(#{self._gradient(paint.fill, paint.second, paint.direction)})"
        elif fill is not None:
            light = f"fill:{colors.ground(fill, LIGHT_INK, LIGHT_PAGE)}"
        if fill is not None:
            dark = f"fill:{colors.ground(fill, DARK_INK, DARK_PAGE, DARK_SHARE)}"
        if border is not None:
            light = _joined(light, f"stroke:{border}")
            dark = _joined(dark, f"stroke:{legible(border, DARK_PAGE, DARK_LINE_CONTRAST)}")
        return self._class(light, dark)

    def stroke(self, color: str | None, is_filled: bool = False) -> str:
        """An arrow's line, or its head."""
        found = rgb(color) if color else None
        if found is None:
            return ""
        dark = legible(found, DARK_PAGE, DARK_LINE_CONTRAST)
        if is_filled:
            return self._class(f"fill:{found};stroke:{found}", f"fill:{dark};stroke:{dark}")
        return self._class(f"stroke:{found}", f"stroke:{dark}")

    def fill(self, color: str) -> str:
        """A plain fill: behind text, a table's cell, a spot."""
        found = rgb(color)
        return "" if found is None else self._class(f"fill:{found}", f"fill:{found}")

    def text(self, color: str | None, back: str | None, base: Rgb | None) -> str:
        """A run's own colour, moved just as far as it takes to be legible on what is behind it."""
        behind = (rgb(back) if back else None) or base
        wanted = rgb(color) if color else None
        if wanted is not None:
            return self._text_class(wanted, behind)
        return ink_on(behind) if back and behind is not None else ""

    def _text_class(self, color: Rgb, base: Rgb | None) -> str:
        light = legible(color, base or LIGHT_PAGE)
        return self._class(f"fill:{light}", f"fill:{light if base else legible(color, DARK_PAGE, DARK_TEXT_CONTRAST)}")


def ink_on(base: Rgb) -> str:
    """The class of text on an author's fill."""
    return "dk" if contrast(ON_LIGHT, base) >= contrast(ON_DARK, base) else "lt"


def _middle(paint: Paint) -> Rgb | None:
    if paint.fill is None or paint.second is None:
        return paint.fill
    return colors.mix(paint.fill, paint.second, 0.5)


def _joined(*declarations: str) -> str:
    return ";".join(filter(None, declarations))
