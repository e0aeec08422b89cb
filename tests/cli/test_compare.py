"""`seqtest compare`: two flows side by side."""

import json
import re
import shutil
from pathlib import Path

import pytest


@pytest.fixture
def opaque(login: Path) -> Path:
    """The same flow with an opaque token."""
    path = login.with_name("opaque.puml")
    text = login.read_text().replace("startuml login", "startuml opaque").replace("format = jwt", "format = opaque")
    lines = [line for line in text.splitlines() if not line.startswith("      ") and "alg =" not in line]
    path.write_text("\n".join(lines).replace("access_token : jwt", "access_token : opaque") + "\n")
    return path


def test_the_table_has_both(login, opaque, seqtest) -> None:
    """A column each and the difference, from the first case of each file."""
    result = seqtest("compare", "--runs", "1", login, opaque)

    assert result.exit_code == 0
    assert "bytes of the access_token" in result.stdout
    assert "took the case password-is-right, one of 2" in result.stderr


def test_a_case_can_be_named(login, opaque, seqtest) -> None:
    """FILE::CASE chooses."""
    result = seqtest("compare", "--runs", "1", f"{login}::password-is-wrong", f"{opaque}::password-is-wrong")

    assert result.exit_code == 0
    assert "took the case" not in result.stderr
    assert "access_token" not in result.stdout


def test_as_json(login, opaque, seqtest) -> None:
    """`--format json` has the numbers."""
    result = seqtest("compare", "--runs", "2", "--format", "json", login, opaque)

    value = json.loads(result.stdout)
    assert value["flows"][0]["name"] == "login [password is right]"
    assert value["flows"][0]["runs"] == 2


def test_as_markdown(login, opaque, seqtest) -> None:
    """`--format markdown` is a table for a page."""
    assert "| --- |" in seqtest("compare", "--runs", "1", "--format", "markdown", login, opaque).stdout


def test_a_broken_flow_says_so(login, opaque, seqtest) -> None:
    """Numbers of a broken run are shown with a caution, and the exit code is 1."""
    opaque.write_text(opaque.read_text().replace("expires_in = 300", "expires_in = 600"))

    result = seqtest("compare", "--runs", "1", login, opaque)

    assert result.exit_code == 1
    assert "broke a promise" in " ".join(result.stdout.split())


def test_what_cannot_be_read_is_no_comparison(login, broken, seqtest) -> None:
    """The file's error is shown and nothing is compared."""
    result = seqtest("compare", login, broken)

    assert result.exit_code == 3
    assert "broken.puml:3:" in result.stderr
    assert result.stdout == ""


def test_a_missing_file_is_a_wrong_command_line(login, seqtest) -> None:
    """Exit code 2."""
    assert seqtest("compare", login, "nowhere.puml").exit_code == 2


def test_more_than_two(login, opaque, seqtest) -> None:
    """A column for each, under a letter; no difference; the answer names the chattiest and the calmest."""
    third = opaque.with_name("third.puml")
    third.write_text(opaque.read_text().replace("startuml opaque", "startuml third"))
    result = seqtest("compare", "--runs", "1", login, opaque, f"{third}::password-is-wrong")
    table = result.stdout.splitlines()

    assert result.exit_code == 0
    assert table[:3] == [
        "A  login [password is right]",
        "B  opaque [password is right]",
        "C  third [password is wrong]",
    ]
    assert table[4].split() == ["A", "B", "C"]
    assert next(line for line in table if line.startswith("messages")).split() == ["messages", "2", "2", "2"]
    assert "No flow is the chattiest: 2 messages against 2, 2." in result.stdout
    assert "difference" not in result.stdout
    value = json.loads(seqtest("compare", "--runs", "1", "--format", "json", login, opaque, third).stdout)
    assert [flow["name"].split()[0] for flow in value["flows"]] == ["login", "opaque", "third"]


def test_a_picture(login, opaque, seqtest, folder: Path) -> None:
    """`--plot` draws the bars of each flow, with their names."""
    assert seqtest("compare", "--runs", "1", "--plot", "flows.svg", login, opaque).exit_code == 0

    drawn = (folder / "flows.svg").read_text()
    assert "login [password is right]</text>" in drawn
    assert "opaque [password is right]</text>" in drawn
    assert "on the wire" in drawn


def test_slips(login, opaque, seqtest, folder: Path) -> None:
    """One flow, seven, a folder, and a picture in place of an input are wrong command lines; no case is no answer."""
    for arguments in ([login], [login] * 7, [login, "."], [login, opaque, "--plot", "x.gif"]):
        result = seqtest("compare", *arguments)
        assert (result.exit_code, result.stdout) == (2, ""), arguments
    missing = seqtest("compare", f"{login}::nobody", opaque)
    assert (missing.exit_code, missing.stdout) == (4, "")
    assert "password-is-right" in missing.stderr
    none = seqtest("compare", "--runs", "1", "-k", "nothing-like-it", login, opaque)
    assert (none.exit_code, none.stdout) == (4, "")
    assert "nothing-like-it" in none.stderr
    plain = folder / "plain.puml"
    plain.write_text("@startuml\na -> b : hello\n@enduml\n")
    unbound = seqtest("compare", login, plain)
    assert (unbound.exit_code, unbound.stdout) == (4, "")
    assert "SQ450" in unbound.stderr


def test_what_holds_no_claims_is_named(seqtest, folder: Path) -> None:
    """A file that is not there, and one that is neither a JWT nor JSON."""
    (folder / "claims.json").write_text("@startuml")
    missing, other = (seqtest("compare", "--tokens", name) for name in ("nowhere.json", "claims.json"))

    assert (missing.exit_code, other.exit_code) == (3, 3)
    assert missing.stderr.startswith("nowhere.json is no JWT, and no file that can be opened: No such file")
    assert other.stderr == "claims.json is neither a JWT nor a JSON file of claims\n"


ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/explanation/flows-compared.md"
FLOWS = (
    "diagrams/opaque-token.puml::token-is-good",
    "diagrams/jwt-local.puml::token-is-good",
    "diagrams/jwt-refresh-revocation.puml::the-access-token-expires-the-client-refreshes",
    "diagrams/openid-connect/code-pkce.puml::the-code-and-its-verifier",
)


def rows_of(text: str) -> list[list[str]]:
    """The cells of a page's table, row by row."""
    lines = (line for line in text.splitlines() if line.startswith("| ") and "---" not in line)
    return [[cell.strip() for cell in line.strip("|").split(" |")] for line in lines]


def is_near(shown: str, measured: str) -> bool:
    """Bytes may be a twentieth off: a page that the provider shows has other words now and then."""
    try:
        one, other = (float(text.replace(",", "")) for text in (shown, measured))
    except ValueError:
        return shown == measured
    return abs(one - other) <= 0.05 * other


def test_the_page_shows_what_is_measured(seqtest, request, folder: Path) -> None:
    """Table and picture of `docs/explanation/flows-compared.md` are the command's; `pytest --accept` writes them."""
    target = folder / "flows.svg"
    shutil.copytree(ROOT / "diagrams", folder / "diagrams")
    result = seqtest("compare", "--runs", "1", "--format", "markdown", "--plot", target, *FLOWS)
    table = result.stdout.partition("| **bytes of each HTTP message**")[0]
    assert result.exit_code == 0, result.stderr
    # What was really measured is another number each time.
    table = "\n".join(line for line in table.splitlines() if not line.startswith("| time, real")) + "\n"
    if request.config.getoption("--accept"):
        before, _, rest = PAGE.read_text().partition("<!-- measured -->\n")
        _, _, after = rest.partition("<!-- end -->")
        PAGE.write_text(f"{before}<!-- measured -->\n{table}<!-- end -->{after}")
        PAGE.with_suffix(".svg").write_text(target.read_text())

    shown, measured = rows_of(PAGE.read_text()), rows_of(table)
    assert [row[0] for row in shown] == [row[0] for row in measured]
    for one, other in zip(shown, measured, strict=True):
        is_bytes = other[0].startswith("bytes")
        assert all(is_near(*pair) if is_bytes else pair[0] == pair[1] for pair in zip(one, other, strict=True)), other[
            0
        ]
    words = [
        re.findall(r">([^<>]*[a-z][^<>]*)</text>", text)
        for text in (PAGE.with_suffix(".svg").read_text(), target.read_text())
    ]
    assert words[0] == words[1] != []


def test_what_is_near() -> None:
    """A twentieth is, a tenth is not; what is no number must be the same."""
    assert is_near("1,000", "1,040")
    assert not is_near("1,000", "1,100")
    assert is_near("–", "–")
    assert not is_near("–", "1")


def test_words_with_a_secret_are_cut(tmp_path, seqtest) -> None:
    """A secret in a path, and what stands in words, is no more shown here than in a report."""
    note = "note right: password = wonderland-7\n"
    text = "@startuml {0}\nparticipant auth <<authorization-server>>\nclient -> auth : POST /{0}/wonderland-7\n" + note
    places = []
    for name in ("one", "two"):
        places.append(tmp_path / f"{name}.puml")
        places[-1].write_text(text.format(name) + "auth --> client : 404\n@enduml\n")
    for format in ("json", "text"):
        result = seqtest("compare", "--runs", "1", "--format", format, *places)
        assert result.exit_code == 0
        assert "POST /one/" in result.stdout
        assert "wonderland-7" not in result.stdout
