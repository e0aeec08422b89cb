"""`matches schema user.json`: a JSON Schema beside the diagram. `jsonschema` comes with `seqtest[schema]`."""

import json
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from seqtest.contents.holder import Unreadable
from seqtest.contents.kinds import KINDS
from seqtest.contents.report import Notes
from seqtest.contents.scope import MISSING
from seqtest.contents.text import shown, without_secrets
from seqtest.contents.view import View
from seqtest.diagram.expectation import Promise
from seqtest.syntax.promise import loads


class NoSchema(Exception):
    """The schema cannot be had; the message is a plain reason."""

    def __init__(self, message: str, do: str = "") -> None:
        super().__init__(message)
        self.do = do


def check_schema(promise: Promise, value: Any, view: View | None, word: str, notes: Notes) -> None:
    """Hold a value, or the JSON body where the promise is about the whole, against its schema."""
    span = promise.value_span or promise.span
    try:
        validator = _validator(_file_of(promise))
        held = value if view is None else view.json
        if held is MISSING:
            raise Unreadable("there is no body")
        fault = _first_fault(validator, held, _file_of(promise).name)
    except NoSchema as error:
        notes.error("SQ472", str(error), span, why="a schema that cannot be read proves nothing", do=error.do)
        return
    except Unreadable as error:
        notes.fail("SQ556", str(error), span)
        return
    if fault is not None:
        place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in fault.absolute_path)
        got = shown(without_secrets(fault.instance, str(next(reversed(fault.absolute_path), ""))))
        notes.fail(
            "SQ566",
            f"{word} does not match the schema: `{fault.validator}` is broken at `{place.lstrip('.') or 'the whole'}`",
            span,
            expected=f"{fault.validator}: {shown(fault.validator_value)}",
            got=got,
        )


def _first_fault(validator: Any, held: Any, name: str) -> Any:
    """The first broken rule in the order of paths; None when all hold. Raises NoSchema for a schema that breaks off."""
    from referencing.exceptions import Unresolvable

    try:
        faults = sorted(validator.iter_errors(held), key=lambda error: list(map(str, error.absolute_path)))
    except Unresolvable as error:
        raise NoSchema(
            f"`{name}` refers to `{error.ref}`, which is not in it", "put what `$ref` names into the same file"
        ) from None
    except re.error as error:
        raise NoSchema(f"`{name}` has a pattern that is none: {error}") from None
    except RecursionError:
        raise NoSchema(f"`{name}` refers to itself without an end") from None
    return faults[0] if faults else None


def _file_of(promise: Promise) -> Path:
    """The schema's path, relative to the diagram; it stays below the diagram's folder or the folder of the run."""
    name = promise.values[0].text if hasattr(promise.values[0], "text") else ""
    source = promise.span.source if promise.span is not None else None
    folder = Path(source.path).parent if source is not None else Path()
    path = (folder / name).resolve()
    if Path(name).is_absolute() or not any(path.is_relative_to(root.resolve()) for root in (folder, Path())):
        raise NoSchema(f"`{name}` is not below the diagram's folder", "keep schemas beside their diagrams")
    return path


def _validator(path: Path) -> Any:
    try:
        return _loaded(path, path.stat().st_mtime_ns)
    except OSError:
        raise NoSchema(
            f"there is no file `{path.name}` beside the diagram", "write its path relative to the diagram"
        ) from None


@lru_cache(maxsize=32)
def _loaded(path: Path, modified: int) -> Any:
    try:
        from jsonschema import FormatChecker, SchemaError
        from jsonschema.validators import validator_for
        from referencing import Registry
    except ImportError:
        raise NoSchema("schemas need the package `jsonschema`", "`pip install 'seqtest[schema]'`") from None
    try:
        schema = loads(path.read_text(encoding="utf-8"))
    except (ValueError, json.JSONDecodeError) as error:
        raise NoSchema(f"`{path.name}` is no JSON: {error}") from None
    kind = validator_for(schema)
    try:
        kind.check_schema(schema)
    except SchemaError as error:
        raise NoSchema(f"`{path.name}` is no JSON Schema: {error.message}") from None
    checker = FormatChecker()
    checker.checkers = {**_FORMATS, **checker.checkers}
    unchecked = next((one for one in _formats_in(schema) if one in _STANDARD and one not in checker.checkers), None)
    if unchecked is not None:
        do = "`pip install 'jsonschema[format-nongpl]'`, or take it out of the schema"
        raise NoSchema(f"`{path.name}` asks for the format `{unchecked}`, which nothing here can check", do)
    # An empty registry: nothing is fetched from a network.
    return kind(schema, format_checker=checker, registry=Registry())


_STANDARD = frozenset((
    "date", "date-time", "duration", "time", "email", "idn-email", "hostname", "idn-hostname", "ipv4", "ipv6", "iri",
    "iri-reference", "json-pointer", "regex", "relative-json-pointer", "uri", "uri-reference", "uri-template", "uuid",
))  # fmt: skip
"""The formats that JSON Schema defines (Validation section 7.3); any other is somebody's own note."""
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[\x21-\x7e]+")
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOSTNAME = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*")


def _spelled(is_one: Callable[[str], bool]) -> tuple[Callable[[Any], bool], tuple[type[Exception], ...]]:
    # A format is about texts; of anything else another rule speaks.
    return (lambda value: not isinstance(value, str) or is_one(value)), ()


_FORMATS = {
    "date-time": _spelled(lambda text: KINDS["timestamp"](text, False)),
    "uri": _spelled(lambda text: _URI.fullmatch(text) is not None),
    "hostname": _spelled(lambda text: _HOSTNAME.fullmatch(text) is not None),
}
"""Those that `jsonschema` checks with other packages alone; where they are installed, theirs count."""


def _formats_in(schema: Any) -> Iterator[str]:
    stack = [schema]
    while stack:
        held = stack.pop()
        if isinstance(held, dict):
            if isinstance(held.get("format"), str):
                yield held["format"]
            stack += held.values()
        elif isinstance(held, list):
            stack += held
