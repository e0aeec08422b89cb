"""`seqtest compare --tokens`: sizes of one content in several formats."""

import json
import re
import zlib
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from seqtest.auth import formats, jwt
from seqtest.auth.keys import make_key


def test_table(seqtest: Any) -> None:
    """A line a format, smallest first, with bars that grow; below it how each grows, and what the limits are."""
    result = seqtest("compare", "--tokens")
    rows = [line for line in result.stdout.splitlines() if "█" in line]

    assert result.exit_code == 0
    assert [line.split("  ")[0].strip() for line in rows] == [one.name for one in formats.encodings(formats.EXAMPLE)]
    assert [line.count("█") for line in rows] == sorted(line.count("█") for line in rows)
    assert ["JWT, ES256", "438", "654", "1,614", "5,214", "154", "325", "666"] in [
        re.split(r"  +", line) for line in result.stdout.splitlines()
    ]
    assert "16 KB: all header fields in Node.js." in result.stdout


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
    assert "over 4 KB as SWT, HMAC-SHA256, JWT, HS256" in found[0].stdout
    assert "over 4 KB as opaque" not in found[0].stdout


def test_formats_and_plot(seqtest: Any, folder: Path) -> None:
    """JSON, Markdown, and an SVG with a bar and a name for each format."""
    sizes = json.loads(seqtest("compare", "--tokens", "--format", "json").stdout)
    rsa = next(one for one in sizes["tokens"] if one["format"] == "JWT, RS256")
    assert rsa == {
        "format": "JWT, RS256", "raw": 472, "encoded": 633, "authorization": 657, "form": 646, "query": 647,
    }  # fmt: skip
    growth = next(one for one in sizes["growth"] if one["format"] == "JWT, RS256")
    assert growth["authorization"]["200"] == 5470
    assert growth["too_many_roles"] == {"4096": 143, "8192": 314, "16384": 655}
    assert (
        "| JWT, RS256 | 472 | 633 | 657 | 646 | 647 |" in seqtest("compare", "--tokens", "--format", "markdown").stdout
    )
    assert seqtest("compare", "--tokens", "--plot", "sizes.svg").exit_code == 0
    root = ElementTree.fromstring((folder / "sizes.svg").read_text())
    bars = [element for element in root.iter() if element.tag.endswith("rect") and element.get("rx")]
    words = "\n".join(element.text or "" for element in root.iter() if element.tag.endswith("text"))

    assert len(bars) == len(sizes["tokens"])
    assert float(bars[0].get("width", 0)) < float(bars[-1].get("width", 0))
    assert all(one["format"] in words for one in sizes["tokens"])
    assert "16 KB" in words


def test_a_picture_for_those_who_show_no_svg(seqtest: Any, folder: Path) -> None:
    """By its name it is a PNG."""
    pytest.importorskip("resvg_py")
    assert seqtest("compare", "--tokens", "--plot", "sizes.png").exit_code == 0

    assert (folder / "sizes.png").read_bytes().startswith(b"\x89PNG")


def test_slips(seqtest: Any, folder: Path) -> None:
    """What holds no claims is exit code 3; two files, or none without --tokens, a wrong command line."""
    (folder / "list.json").write_text("[1]")
    (folder / "text.json").write_text('{"exp": "soon", "iat": []}')
    (folder / "deep.json").write_text("[" * 100_000)
    (folder / "binary.jwt").write_bytes(b"\xff\xfe")
    for given in ("missing.json", "list.json", "eyJ.x.y", "deep.json", "binary.jwt", ".", "text.json"):
        result = seqtest("compare", "--tokens", given)
        assert (result.exit_code, result.stdout) == (3, ""), given
        assert "Traceback" not in result.stderr
    assert seqtest("compare", "--tokens", "a", "b").exit_code == 2
    assert seqtest("compare").exit_code == 2
    assert seqtest("compare", "a.puml").exit_code == 2


def test_where_no_picture_can_be_written(seqtest: Any, folder: Path) -> None:
    """Another suffix, and a place that is an input, are wrong command lines; the input stays as it was."""
    (folder / "claims.svg").write_text("{}")
    assert seqtest("compare", "--tokens", "--plot", "sizes.gif").exit_code == 2
    assert seqtest("compare", "--tokens", "claims.svg", "--plot", "claims.svg").exit_code == 2
    assert (folder / "claims.svg").read_text() == "{}"
    (folder / "file").write_text("x")
    result = seqtest("compare", "--tokens", "--plot", "file/sizes.svg")
    assert (result.exit_code, "cannot be written" in result.stderr) == (1, True)


ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/explanation/token-formats.md"


def test_the_page_shows_what_is_measured(seqtest: Any, folder: Path, request: pytest.FixtureRequest) -> None:
    """Tables and picture of `docs/explanation/token-formats.md` are the command's; `pytest --accept` writes them."""
    pytest.importorskip("signxml")
    if "ng" in zlib.ZLIB_RUNTIME_VERSION:
        pytest.skip("another zlib deflates to other sizes")
    picture = PAGE.with_suffix(".svg")
    tables = seqtest("compare", "--tokens", "--format", "markdown", "--plot", "sizes.svg").stdout
    if request.config.getoption("--accept"):
        before, _, rest = PAGE.read_text().partition("<!-- measured -->\n")
        _, _, after = rest.partition("<!-- end -->")
        PAGE.write_text(f"{before}<!-- measured -->\n{tables}<!-- end -->{after}")
        picture.write_text(Path("sizes.svg").read_text())

    assert tables in PAGE.read_text()
    assert picture.read_text() == Path("sizes.svg").read_text()
