"""`matches schema`: a file beside the diagram."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

SCHEMA = {"type": "object", "required": ["sub"], "properties": {"sub": {"type": "string"}, "age": {"minimum": 18}}}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The diagram of these tests is `flow.puml` of the working folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "user.json").write_text(json.dumps(SCHEMA))
    return tmp_path


def codes(failures: Any) -> list[str]:
    return [failure.code for failure in failures]


def test_a_body_is_held_against_its_schema(kit: Any, folder: Path) -> None:
    """The finding names the member and the rule."""
    pytest.importorskip("jsonschema")

    assert kit.check("matches schema user.json", kit.json({"sub": "1"})) == []
    (failure,) = kit.check("matches schema user.json", kit.json({"sub": "1", "age": 3}))
    assert failure.code == "SQ566"
    assert "`minimum` is broken at `age`" in failure.message
    assert codes(kit.check("matches schema user.json", kit.json({}))) == ["SQ566"]


def test_a_field_may_have_a_schema(kit: Any, folder: Path) -> None:
    """Of its own."""
    pytest.importorskip("jsonschema")

    assert kit.check("user matches schema user.json", kit.json({"user": {"sub": "1"}})) == []
    assert codes(kit.check("user matches schema user.json", kit.json({"user": {}}))) == ["SQ566"]
    assert codes(kit.check("user matches schema user.json", kit.json({}))) == ["SQ551"]


@pytest.mark.parametrize("name", ["nothing.json", "../user.json", "/etc/passwd", "broken.json", "odd.json"])
def test_a_schema_that_cannot_be_had_is_an_error(kit: Any, folder: Path, name: str) -> None:
    """No file, outside of the folder, no JSON, no schema: none of them is a pass."""
    pytest.importorskip("jsonschema")
    (folder / "broken.json").write_text("{")
    (folder / "odd.json").write_text('{"type": "odd"}')

    (failure,) = kit.check(f"matches schema {name}", kit.json({"sub": "1"}))
    assert (failure.code, failure.severity) == ("SQ472", "error")


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("date-time", "2026-01-02T03:04:05Z", "tomorrow"),
        ("uri", "urn:ietf:params:oauth", "/relative"),
        ("hostname", "auth.example", "auth_example-"),
        ("email", "a@b.example", "nobody"),
        ("house-rule", "anything", None),
    ],
)
def test_a_format_is_checked(kit: Any, folder: Path, name: str, good: str, bad: str | None) -> None:
    """Those that most schemas have, without another package; a format of somebody's own is no rule."""
    pytest.importorskip("jsonschema")
    (folder / f"{name}.json").write_text(json.dumps({"properties": {"a": {"format": name}}}))

    assert kit.check(f"matches schema {name}.json", kit.json({"a": good})) == []
    assert kit.check(f"matches schema {name}.json", kit.json({"a": 5})) == []
    if bad is not None:
        assert codes(kit.check(f"matches schema {name}.json", kit.json({"a": bad}))) == ["SQ566"]


def test_a_format_that_nothing_checks_is_an_error(kit: Any, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`jsonschema` itself would pass over it."""
    jsonschema = pytest.importorskip("jsonschema")
    monkeypatch.setattr(jsonschema.FormatChecker, "checkers", {})
    (folder / "user.json").write_text(json.dumps({"anyOf": [{"items": {"format": "json-pointer"}}]}))

    (failure,) = kit.check("matches schema user.json", kit.json([]))
    assert failure.code == "SQ472"
    assert "`json-pointer`, which nothing here can check" in failure.message
    (folder / "other.json").write_text(json.dumps({"properties": {"format": {"type": "string"}}}))
    assert kit.check("matches schema other.json", kit.json({"format": "x"})) == []


def test_without_the_package_a_schema_is_an_error(kit: Any, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says what to install."""
    monkeypatch.setitem(sys.modules, "jsonschema", None)
    (folder / "user.json").write_text(json.dumps({**SCHEMA, "title": "unread so far"}))

    (failure,) = kit.check("matches schema user.json", kit.json({"sub": "1"}))
    assert failure.code == "SQ472"
    assert failure.do == "`pip install 'seqtest[schema]'`"


def test_openapi_is_an_error_too(kit: Any) -> None:
    """Not yet, and never a pass."""
    assert codes(kit.check("matches openapi users.yaml", kit.json({}))) == ["SQ247"]
