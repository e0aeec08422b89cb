"""`seqtest compare --tokens`: sizes of one content in several formats."""

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from seqtest.auth import formats, jwt
from seqtest.auth.keys import make_key


def test_table(seqtest: Any) -> None:
    """A line a format, smallest first, with bars that grow."""
    result = seqtest("compare", "--tokens")
    rows = [line for line in result.stdout.splitlines() if "█" in line]

    assert result.exit_code == 0
    assert [line.split("  ")[0].strip() for line in rows] == [one.name for one in formats.encodings(formats.EXAMPLE)]
    assert [line.count("█") for line in rows] == sorted(line.count("█") for line in rows)


def test_claims_of_ones_own(seqtest: Any, folder: Path) -> None:
    """From a JWT on the command line, in a file, or a JSON file; its text is not shown."""
    claims = {"sub": "alice", "data": "x" * 6000}
    token = jwt.sign({}, claims, make_key("HS256"))
    (folder / "token.jwt").write_text(token + "\n")
    (folder / "claims.json").write_text(json.dumps(claims))
    found = [seqtest("compare", "--tokens", given) for given in (token, "token.jwt", "claims.json")]

    sizes = [[line.split("█")[0] for line in one.stdout.splitlines() if line.startswith("JWT")] for one in found]

    assert sizes[0] == sizes[1] == sizes[2] != []
    assert "xxx" not in found[0].stdout
    assert "Too big for one cookie (4096 bytes): SWT, HMAC-SHA256, JWT" in found[0].stdout


def test_formats_and_plot(seqtest: Any, folder: Path) -> None:
    """JSON, Markdown, and an SVG with a bar for each format."""
    sizes = json.loads(seqtest("compare", "--tokens", "--format", "json").stdout)
    assert {"format": "JWT, RS256", "bytes": 633} in sizes
    assert "| JWT, RS256 | 633 |" in seqtest("compare", "--tokens", "--format", "markdown").stdout
    assert seqtest("compare", "--tokens", "--plot", "sizes.svg").exit_code == 0
    root = ElementTree.fromstring((folder / "sizes.svg").read_text())
    bars = [element for element in root if element.tag.endswith("rect") and element.get("height") == "18"]

    assert len(bars) == len(sizes)
    assert float(bars[0].get("width", 0)) < float(bars[-1].get("width", 0))


def test_slips(seqtest: Any, folder: Path) -> None:
    """What holds no claims is exit code 3; two files, or none without --tokens, a wrong command line."""
    (folder / "list.json").write_text("[1]")
    for given in ("missing.json", "list.json", "eyJ.x.y"):
        assert seqtest("compare", "--tokens", given).exit_code == 3
    assert seqtest("compare", "--tokens", "a", "b").exit_code == 2
    assert seqtest("compare").exit_code == 2
    assert seqtest("compare", "a.puml").exit_code == 2
    assert seqtest("compare", "a.puml", "b.puml", "--plot", "x.svg").exit_code == 2
