"""Options of a run, read once by a front door from its command line, the ini file and the environment."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import field

from seqtest.dataclass import dataclass

VARIABLE_PREFIX = "SEQTEST_VAR_"
FILE_PATTERNS = ("*.puml", "*.plantuml", "*.pu", "*.wsd")
"""Files that are looked at when met in a folder; `.iuml` files are meant for `!include` and only read when named.

The pytest plugin repeats them as the default of its option, since it does not load this module before it met a diagram.
"""


class BadOption(ValueError):
    """An option that cannot be understood; the text says what it should look like."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a run is given from outside the diagrams."""

    binds: Mapping[str, str] = field(default_factory=dict)
    """Participant id → `module:attribute`, or a base URL."""
    told: Mapping[str, str] = field(default_factory=dict)
    """`{name}` → its text, from the command line: stronger than a fixture."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """`{name}` → its text, from the ini file: weaker than a fixture."""
    seed: int = 0
    """Ids, keys and codes are made from it: equal seeds make equal runs."""
    start: float | None = None
    """Seconds since the epoch at which every run starts; None: when it starts."""
    patterns: tuple[str, ...] = FILE_PATTERNS
    hosts: tuple[str, ...] = ()
    """Hosts beside this machine's loopback whose live servers may be called; `*.example` is a pattern."""
    ca: str | None = None
    """A file of certificates that live servers are trusted by, in the place of the system's."""
    wait_seconds: float | None = None
    """How long the delays of a case with a live server may be together; None: as long as a run says."""
    timeout_seconds: float | None = None
    """How long a participant may take over one message, 0 for ever; None: as long as a run says."""
    lints: tuple[str, ...] = ()
    """Which lints of hygiene speak: names, `-name`, `all`, `none`, over those that are on by themselves."""
    skips_waits: bool = False
    """Whether a case with longer delays is skipped; else it is an error."""


def pairs(texts: Iterable[str], option: str, wanted: str = "NAME=VALUE") -> dict[str, str]:
    """`name=value` texts as a mapping; a later one wins. Raises BadOption for a text without a name or a `=`."""
    found: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise BadOption(f"{option} wants {wanted}, got {text!r}")
        found[name.strip()] = value.strip()
    return found


def moment(text: str) -> float | None:
    """An ISO 8601 moment as seconds since the epoch, UTC where it names no zone; None for an empty text."""
    if not text:
        return None
    from datetime import UTC, datetime

    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        raise BadOption(f"seqtest_start wants a moment such as 2026-01-31T12:00:00Z, got {text!r}") from None
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp()


def targets(texts: Iterable[str], option: str) -> dict[str, str]:
    """`name=module:attribute` and `name=https://host` texts as a mapping. Raises BadOption for anything else."""
    wanted = "NAME=MODULE:ATTRIBUTE or NAME=URL"
    found = pairs(texts, option, wanted)
    for name, target in found.items():
        if "://" in target:
            from seqtest.actors.remote import slip_in

            slip = slip_in(target)
            if slip:
                raise BadOption(f"error[SQ455]: {option} {name}: {slip}")
            continue
        module, colon, attribute = target.partition(":")
        if not (colon and module and attribute):
            raise BadOption(f"error[SQ455]: {option} wants {wanted}, got {name}={target}")
        if attribute.partition("/")[0].isdecimal():
            meant = f"did you mean {name}=http://{target}?"
            raise BadOption(f"error[SQ455]: {option} wants {wanted}, got {name}={target}; {meant}")
    return found


def lints(words: Iterable[str]) -> tuple[str, ...]:
    """The words, when each names a lint. Raises BadOption for one that does not."""
    found = tuple(words)
    if found:
        from seqtest.hygiene.table import NoLint, chosen

        try:
            chosen(found)
        except NoLint as problem:
            raise BadOption(str(problem)) from None
    return found


def seconds(text: str, option: str) -> float | None:
    """A number of seconds, or None for an empty text. Raises BadOption for anything else."""
    if not text:
        return None
    try:
        found = float(text)
    except ValueError:
        found = -1.0
    if not 0 <= found < float("inf"):
        raise BadOption(f"{option} wants a number of seconds, got {text!r}")
    return found


def from_environment(name: str, environment: Mapping[str, str] = os.environ) -> str | None:
    """The value that the environment has for `{name}`: `SEQTEST_VAR_PASSWORD` for `{password}`."""
    value = environment.get(VARIABLE_PREFIX + name)
    return value if value is not None else environment.get(VARIABLE_PREFIX + name.upper())
