"""Prints docs/reference/conformance.md: which clauses of which specification hold, and which tests show it.

    python tools/conformance.py > docs/reference/conformance.md

The clauses of a test are those that its docstring or its named cases cite ("RFC 6749 section 5.2",
"Core section 3.1.3.7"); what the clauses are about, and what is left out, is `conformance.toml` beside this file.
"""

import ast
import re
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("tests/actors", "tests/auth")
TABLE = Path(__file__).with_name("conformance.toml")

Clause = tuple[str, str]
"""A specification's short name and a section in it: ("RFC 6749", "5.2")."""

_SECTION = r"(?:\d{1,2}(?!\d)(?:\.\d+)*|[A-Z](?:\.\d+)+)"
_LIST = rf"{_SECTION}(?:(?:, | and ){_SECTION})*"
_SPEC = (
    r"RFC \d{4}|(?:OpenID Connect )?(?:Core|Discovery)\b|(?:RP-Initiated|Back-Channel|Front-Channel) Logout|CIBA\b|"
    r"saml-bindings-2\.0|"
    r"\b\d{4}(?= \d+\.\d)"
)
_CITED = re.compile(
    rf"(?P<spec>{_SPEC})(?: (?:[Ss]ections? )?(?P<list>{_LIST})(?!\w)| appendix (?P<appendix>[A-Z](?:\.\d+)*))?"
    rf"|\b[Ss]ections? (?P<bare>{_LIST})"
)
_CASE = re.compile(rf"(?:RFC \d{{4}}|Core) {_SECTION}: ")


def _short(spec: str) -> str:
    spec = spec.removeprefix("OpenID Connect ")
    return f"RFC {spec}" if spec.isdigit() else spec


def cited(text: str, home: str = "") -> list[Clause]:
    """The clauses that the text cites; a bare section is one of the specification named before it, else of `home`."""
    found, spec = [], home
    for match in _CITED.finditer(" ".join(text.split())):
        spec = _short(match["spec"]) if match["spec"] else spec
        if match["appendix"]:
            found.append((spec, f"appendix {match['appendix']}"))
        found += [(spec, section) for section in re.findall(_SECTION, match["list"] or match["bare"] or "")]
    return found


def clauses_by_test(root: Path = ROOT) -> dict[str, list[Clause]]:
    """Test ("tests/actors/test_dpop.py::test_nonces") → the clauses it cites, in order, each once."""
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    paths = (path for folder in FOLDERS for path in sorted((root / folder).glob("test_*.py")))
    found: dict[str, list[Clause]] = {}
    for path in paths:
        where = path.relative_to(root).as_posix()
        tree = ast.parse(path.read_text(encoding="utf-8"))
        named = re.search(_SPEC, ast.get_docstring(tree) or "")
        home = _short(named[0]) if named else ""
        constants = _constants(tree)
        for test in tree.body:
            if isinstance(test, ast.FunctionDef) and test.name.startswith("test_"):
                name = f"{where}::{test.name}"
                texts = [ast.get_docstring(test) or "", *_cases(test, constants)]
                clauses = [clause for text in texts for clause in cited(text, table["home"].get(name, home))]
                found[name] = list(dict.fromkeys(clauses))
    return found


def _constants(tree: ast.Module) -> dict[str, ast.stmt]:
    """The module's tables by name."""
    found: dict[str, ast.stmt] = {}
    for node in tree.body:
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {target.id: node for target in targets if isinstance(target, ast.Name)}
    return found


def _cases(test: ast.FunctionDef, constants: dict[str, ast.stmt]) -> Iterator[str]:
    """The names of the test's cases that cite a clause."""
    for decorator in test.decorator_list:
        for node in ast.walk(decorator):
            held = constants.get(node.id) if isinstance(node, ast.Name) else node
            for part in ast.walk(held) if held else ():
                if isinstance(part, ast.Constant) and isinstance(part.value, str) and _CASE.match(part.value):
                    yield part.value.partition(":")[0]


def problems(table: dict[str, Any], by_test: dict[str, list[Clause]]) -> list[str]:
    """What does not fit: a cited clause that the table lacks, a row without a test, a test that there is not."""
    rows = {(name, section) for name, spec in table["spec"].items() for section in spec["clauses"]}
    shown = {clause for clauses in by_test.values() for clause in clauses}
    return [
        *(f"{name} cites {spec or 'nothing known'} {section}, which has no row" for name, clauses in by_test.items()
          for spec, section in clauses if (spec, section) not in rows),
        *(f"{spec} {section} has a row and no test" for spec, section in sorted(rows - shown)),
        *(f"{name} {section} is refused and has no row" for name, spec in table["spec"].items()
          for section in spec.get("refused", ()) if section not in spec["clauses"]),
        *(f"{name} is no test" for name in table["home"] if name not in by_test),
    ]  # fmt: skip


def page(table: dict[str, Any], by_test: dict[str, list[Clause]]) -> str:
    """The page, as Markdown."""
    tests: dict[Clause, list[str]] = defaultdict(list)
    for name, clauses in by_test.items():
        for clause in clauses:
            tests[clause].append(name)
    lines = [
        "# Conformance", "",
        "This page is printed by `tools/conformance.py` from what the tests cite; a test compares them. A clause is",
        "listed when a test shows it. *Refused* means that the built-in actors turn it down on purpose.", "",
    ]  # fmt: skip
    for name, spec in table["spec"].items():
        lines += [
            f"## {name}: {spec['title']}",
            "",
            "| section | about | status | tests |",
            "| --- | --- | --- | --- |",
        ]
        for section, about in spec["clauses"].items():
            status = "refused" if section in spec.get("refused", ()) else "implemented"
            shown = ", ".join(f"`{Path(where).stem}::{test}`" for where, test in map(_split, tests[name, section]))
            lines.append(f"| {section} | {about} | {status} | {shown} |")
        lines.append("")
    lines += ["## Refused on purpose", "", "| what | why |", "| --- | --- |"]
    lines += [f"| {what} | {why} |" for what, why in table["refused"].items()]
    lines += ["", "## Left out", "", "| what | why |", "| --- | --- |"]
    lines += [f"| {what} | {why} |" for what, why in table["left_out"].items()]
    lines += ["", "## By test", "", "| test | clauses |", "| --- | --- |"]
    lines += [
        f"| `{name.removeprefix('tests/')}` | {', '.join(' '.join(clause) for clause in clauses)} |"
        for name, clauses in by_test.items() if clauses
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _split(name: str) -> tuple[str, str]:
    where, _, test = name.partition("::")
    return where, test


if __name__ == "__main__":
    read, collected = tomllib.loads(TABLE.read_text(encoding="utf-8")), clauses_by_test()
    if wrong := problems(read, collected):
        sys.exit("\n".join(wrong))
    sys.stdout.write(page(read, collected))
