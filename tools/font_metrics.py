"""Makes what the picture needs to know of its fonts: the table of advance widths, and the small fonts for PNG.

    python tools/font_metrics.py FOLDER

FOLDER holds Arimo and Cousine as Google publishes them (Debian: `fonts-croscore`, OFL 1.1, no reserved font name);
needs fontTools. Arimo has the widths of Arial, Helvetica and Liberation Sans, Cousine those of Courier New and
Liberation Mono, so nearly every reader's machine has a font that fits the measured text.
"""

import sys
from collections import defaultdict
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

HERE = Path(__file__).resolve().parent.parent / "seqtest" / "render"
FACES = ("Arimo-Regular", "Arimo-Bold", "Arimo-Italic", "Arimo-BoldItalic", "Cousine-Regular", "Cousine-Bold")
MEASURED = [
    *range(0x20, 0x7F), *range(0xA0, 0x250), *range(0x370, 0x530), *range(0x1E00, 0x2000), *range(0x2010, 0x2028),
    *range(0x2030, 0x205F), *range(0x2070, 0x20D0), *range(0x2100, 0x2400), *range(0x2500, 0x2800),
]  # fmt: skip
SHIPPED = [*range(0x20, 0x7F), *range(0xA0, 0x180), *range(0x386, 0x460), *MEASURED[MEASURED.index(0x2010) :]]


def advances(path: Path) -> dict[int, int]:
    """Character → advance in 1/2048 of the font size."""
    font = TTFont(path)
    if font["head"].unitsPerEm != 2048:
        raise SystemExit(f"{path} has other units than the table")
    glyphs, widths = font.getBestCmap(), font["hmtx"]
    return {code: widths[glyphs[code]][0] for code in MEASURED if code in glyphs}


def table(name: str, widths: dict[int, int]) -> str:
    by_width: dict[int, str] = defaultdict(str)
    for code, width in sorted(widths.items()):
        by_width[width] += chr(code)
    rows = ["   "]
    for width, text in sorted(by_width.items()):
        entry = f" {width}: {text!a},"
        if len(rows[-1]) + len(entry) <= 118:
            rows[-1] += entry
        else:
            rows.append("   " + entry)
    return "\n".join([f"{name}: dict[int, str] = {{", *rows, "}"])


def main(folder: Path) -> None:
    regular, bold = advances(folder / "Arimo-Regular.ttf"), advances(folder / "Arimo-Bold.ttf")
    text = [
        '"""Advance widths in 1/2048 of the font size → the characters that have it."""',
        "# Made by tools/font_metrics.py.",
        "# fmt: off\n# ruff: noqa: E501",
        table("REGULAR", regular),
        table("BOLD", bold),
    ]
    (HERE / "svg" / "metrics.py").write_text("\n\n".join(text) + "\n", encoding="utf-8")
    for face in FACES:
        options = subset.Options(hinting=False, layout_features=["kern", "mark", "mkmk", "ccmp"], notdef_outline=True)
        font = subset.load_font(str(folder / f"{face}.ttf"), options)
        subsetter = subset.Subsetter(options)
        subsetter.populate(unicodes=SHIPPED)
        subsetter.subset(font)
        subset.save_font(font, str(HERE / "fonts" / f"{face}.ttf"), options)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
