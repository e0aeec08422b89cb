"""Write seqtest/render/svg/open_iconic.json from the icons of the npm package `open-iconic` (its folder `svg`)."""

import json
import re
import sys
from pathlib import Path

TARGET = Path(__file__).parents[1] / "seqtest" / "render" / "svg" / "open_iconic.json"
_ICON = re.compile(
    r'<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8" viewBox="0 0 8 8">\s*'
    r'<path d="(?P<path>[^"]+)"(?: id="[^"]*")?'
    r'(?:\s+transform="translate\((?P<x>-?[\d.]+)(?: (?P<y>-?[\d.]+))?\)")?\s*/>\s*</svg>'
)


def main(folder: Path) -> None:
    icons = {}
    for file in sorted(folder.glob("*.svg")):
        match = _ICON.fullmatch(file.read_text(encoding="utf-8").strip())
        if match is None:
            raise SystemExit(f"{file}: not one path in a square of 8")
        icons[file.stem] = [float(match["x"] or 0), float(match["y"] or 0), match["path"]]
    rows = ",\n".join(f"{json.dumps(name)}: {json.dumps(icon)}" for name, icon in icons.items())
    TARGET.write_text(f"{{\n{rows}\n}}\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
