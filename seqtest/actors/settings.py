"""Settings of the built-in actors: each a row of a table that names, reads and documents it.

The reference page of the docs is printed from the same tables.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from textwrap import fill
from typing import Any
from urllib.parse import urlsplit

from seqtest.dataclass import dataclass, replace
from seqtest.errors import Finding, UnplayableScenario, did_you_mean
from seqtest.source import Span

Reader = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Setting:
    """One row: the path as drawn (`*` stands for a name), how its value is read, and what it means."""

    path: str
    read: Reader
    documentation: str
    default: Any = None
    """As it would be drawn; None for nothing."""


COMMON = (
    Setting("url", lambda value: text(value), "The base address; the default is `https://<participant>.test`."),
    Setting(
        "lint.*",
        lambda value: boolean(value),
        "`lint.token_in_url = off` leaves a lint of hygiene out of the messages that it sends and gets.",
    ),
    Setting("quiet", lambda value: text(value), "Requests that may happen any number of times without being drawn."),
)
"""Settings that every participant has; whoever plays the scenario reads them."""


COOKIE_LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.")


class BadValue(ValueError):
    """The value is none of what the setting takes; the text says what it takes."""


def text(value: Any) -> str:
    """Any scalar as text: `users.alice.sub = 123` is the text `123`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, int, float)):
        return str(value)
    raise BadValue("a text")


def cookie_prefix(value: Any) -> str:
    """What may begin a cookie's name (RFC 6265 section 4.1.1)."""
    found = text(value)
    if not set(found) <= COOKIE_LETTERS:
        raise BadValue("letters, digits, `_`, `-` and `.`")
    return found


def boolean(value: Any) -> bool:
    known = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in known:
        return known[value.lower()]
    raise BadValue("`true` or `false`")


def count(value: Any) -> int:
    """A whole number, 0 or more."""
    found = text(value)
    if found.isascii() and found.isdigit() and len(found) < 10:
        return int(found)
    raise BadValue("a number")


def seconds(value: Any) -> int:
    """A duration in whole seconds; a bare number is seconds."""
    from seqtest.scenario import duration

    found = float(value) if _is_number(value) else duration.seconds(value) if isinstance(value, str) else None
    if found is None or found < 0:
        raise BadValue("a duration such as `5 minutes`")
    return int(found)


def seconds_or_none(value: Any) -> int:
    """A duration as `seconds` reads it, or `none`, which is 0: such a thing is not handed out at all."""
    return 0 if value in ("none", None) else seconds(value)


def _is_number(value: Any) -> bool:
    return (isinstance(value, (int, float)) and not isinstance(value, bool)) or (
        isinstance(value, str) and re.fullmatch(r"\d+(\.\d+)?", value) is not None
    )


def url(value: Any) -> str:
    """An absolute address without a fragment."""
    found = text(value)
    parts = urlsplit(found)
    if not (parts.scheme and parts.netloc) or "#" in found or re.search(r"\s", found):
        raise BadValue("an absolute address such as `https://web.example/bye`, without `#`")
    return found


def words(value: Any) -> tuple[str, ...]:
    """Words separated by blanks or commas, or a JSON array of texts."""
    if isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value):
        return tuple(value)
    return tuple(re.split(r"[\s,]+", text(value).strip())) if text(value).strip() else ()


def audience(value: Any) -> str | list[str]:
    """One audience as text, several as a list."""
    found = words(value)
    return found[0] if len(found) == 1 else list(found)


def one_of(*names: str) -> Reader:
    """A reader that takes one of the names."""

    def read(value: Any) -> str:
        if value in names:
            return str(value)
        raise BadValue(" or ".join(f"`{name}`" for name in names))

    return read


def x509(value: Any) -> bytes:
    """A certificate's DER, from `{client.certificate}`, base64 or PEM."""
    from seqtest.auth.certificate import read

    try:
        return read(text(value))
    except ValueError:
        raise BadValue("a certificate, such as `{client.certificate}`") from None


def json_web_keys(value: Any) -> list[dict[str, Any]]:
    """A JWK Set, a list of JWKs or one JWK, as a value or as JSON text."""
    import json

    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            raise BadValue("a JWK Set, such as `{client.jwks}`") from None
    if isinstance(value, Mapping):
        value = value.get("keys", [value])
    if not isinstance(value, (list, tuple)) or not all(isinstance(jwk, Mapping) and "kty" in jwk for jwk in value):
        raise BadValue("a JWK Set, such as `{client.jwks}`")
    return [dict(jwk) for jwk in value]


def anything(value: Any) -> Any:
    """The value as drawn, with its JSON type."""
    return value


class BadSettings(UnplayableScenario):
    """Settings that an actor does not have, or values that they do not take. Where they are drawn it does not know."""

    def __init__(self, findings: Mapping[str, Finding]) -> None:
        super().__init__(*findings.values())
        self._by_path = dict(findings)

    def at(self, spans: Mapping[str, Span | None]) -> UnplayableScenario:
        """The same at the places where the settings are drawn (path → span)."""
        return UnplayableScenario(
            *(replace(finding, span=finding.span or spans.get(path)) for path, finding in self._by_path.items())
        )


class Table:
    """The rows of one kind of actor, with those that every participant has."""

    __slots__ = ("_found", "rows")

    def __init__(self, *rows: Setting) -> None:
        self.rows: Mapping[str, Setting] = {row.path: row for row in (*rows, *COMMON)}
        self._found: dict[str, Setting | None] = {}

    def row(self, path: str) -> Setting | None:
        """The row that a drawn path belongs to."""
        if path not in self._found:
            self._found[path] = self.rows.get(path) or self.rows.get(_pattern_of(path, self.rows) or "")
        return self._found[path]

    def documentation(self) -> dict[str, str]:
        """The table as `Actor.settings_table` has it: path → sentence, with the default at its end."""
        return {
            row.path: row.documentation + (f" Default: `{row.default}`." if row.default is not None else "")
            for row in self.rows.values()
        }


class Settings:
    """What is drawn over one participant, read by a table; what is not drawn has the table's default."""

    __slots__ = ("_defaults", "_participant", "_table", "_values")

    def __init__(self, table: Table, values: Mapping[str, Any], participant: str) -> None:
        """Raises BadSettings with a finding for each name or value that the table does not take."""
        self._table = table
        self._participant = participant
        self._values: dict[str, Any] = {}
        self._defaults: dict[str, Any] = {}
        """Those that were asked for, read once."""
        findings: dict[str, Finding] = {}
        for path, value in values.items():
            row = table.row(path)
            if row is None:
                findings[path] = unknown(table.rows, [path], participant)[0]
                continue
            try:
                self._values[path] = row.read(value)
            except BadValue as wanted:
                findings[path] = _bad_value(participant, path, str(wanted))
        if findings:
            raise BadSettings(findings)

    def __getitem__(self, path: str) -> Any:
        """The value, or the row's default. Raises KeyError for a path that no row has."""
        if path in self._values:
            return self._values[path]
        if path not in self._defaults:
            row = self._table.rows[path]
            self._defaults[path] = None if row.default is None else row.read(row.default)
        return self._defaults[path]

    def __contains__(self, path: str) -> bool:
        """Whether it is drawn."""
        return path in self._values

    def has_any(self, prefix: str) -> bool:
        """Whether something below the prefix is drawn: `refresh_token`."""
        return any(path.startswith(f"{prefix}.") for path in self._values)

    def below(self, prefix: str) -> dict[str, Any]:
        """Settings `<prefix>.<name>` by name, in drawn order."""
        start = f"{prefix}."
        return {path[len(start) :]: value for path, value in self._values.items() if path.startswith(start)}

    def named(self, prefix: str) -> dict[str, dict[str, Any]]:
        """Settings `<prefix>.<name>.<attribute>` by name; a name may hold dots, an attribute may not."""
        found: dict[str, dict[str, Any]] = {}
        for path, value in self.below(prefix).items():
            name, _, attribute = path.rpartition(".")
            found.setdefault(_unquoted(name), {})[_unquoted(attribute)] = value
        return found

    def __repr__(self) -> str:
        return f"Settings({self._participant}: {', '.join(self._values)})"


def _unquoted(name: str) -> str:
    return name[1:-1] if len(name) > 1 and name[0] == name[-1] == '"' else name


def _pattern_of(path: str, patterns: Iterable[str]) -> str | None:
    """The pattern with `*` that the path fits; of several the one with most of it written out."""
    fitting = [pattern for pattern in patterns if "*" in pattern and _expression(pattern).fullmatch(path)]
    return max(fitting, key=lambda pattern: (-pattern.count("*"), len(pattern)), default=None)


def _expression(pattern: str) -> re.Pattern[str]:
    return re.compile(".+".join(re.escape(piece) for piece in pattern.split("*")))


def unknown(
    table: Mapping[str, Any], settings: Iterable[str], participant: str, spans: Mapping[str, Span] | None = None
) -> list[Finding]:
    """A finding for each drawn path that the table (path → anything) does not have; it lists those that it has."""
    return [
        Finding(
            "SQ380",
            f"`{participant}` has no setting `{path}`",
            span=(spans or {}).get(path),
            label=did_you_mean(path, list(table)) or "no such setting",
            expected=fill(
                f"one of {', '.join(f'`{name}`' for name in _listed(path, table))}", 100, break_on_hyphens=False
            ),
            got=f"`{path}`",
            why="a setting that nobody reads would look like one that holds",
            do=did_you_mean(path, list(table)) or "take it out, or write one of those listed",
        )
        for path in settings
        if path not in table and _pattern_of(path, table) is None
    ]


def _listed(path: str, table: Iterable[str]) -> Iterable[str]:
    """The settings to choose from: the many that begin with the same word as others by that word alone."""
    first = path.partition(".")[0]
    return dict.fromkeys(
        f"{group}.*" if (group := name.partition(".")[0]) in _LONG_GROUPS and group != first else name for name in table
    )


_LONG_GROUPS = ("allow", "mp")


def _bad_value(participant: str, path: str, wanted: str) -> Finding:
    # The value is not shown: it may be a secret.
    return Finding(
        "SQ381",
        f"`{path}` of `{participant}` cannot have this value",
        label="not a value for it",
        expected=wanted,
        do=f"write `{path} = …` with {wanted}",
    )
