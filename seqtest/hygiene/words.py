"""Lints about what a drawing says before it is run: its settings, and its words."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from seqtest.hygiene.exchange import Fault, Faults
from seqtest.hygiene.rule import drawing_lint
from seqtest.pattern import pattern

if TYPE_CHECKING:
    from seqtest.hygiene.drawing import Drawing

_SECRETS: Mapping[str, re.Pattern[str]] = {
    "a signed token": pattern(r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{16,}"),
    "a private key": pattern(r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----|\"d\"\s*:\s*\"[\w-]{20,}\""),
    "a name and a password": pattern(r"\bAuthorization:\s*Basic\s+[A-Za-z0-9+/]{12,}={0,2}", re.IGNORECASE),
}
_STORAGE = pattern(r"\b(?:localStorage|sessionStorage)\b")


@drawing_lint(
    "SQ738",
    why="a drawing is read by more people than a secret is for (CWE-798)",
    do="write `{name}`, and give its value by a fixture, an option or the environment",
)
def secret_in_diagram(drawing: "Drawing") -> Faults:
    for what, shape in _SECRETS.items():
        for span in drawing.spans(shape):
            yield Fault(f"{what} is written into the drawing", span)


@drawing_lint(
    "SQ741",
    why="any script of the origin can read it",
    do="keep tokens in a backend, behind an `HttpOnly` cookie",
)
def browser_storage(drawing: "Drawing") -> Faults:
    for span in drawing.spans(_STORAGE):
        yield Fault("a token is kept where scripts can read it", span)


@drawing_lint(
    "SQ739",
    why="such an address is compared character by character (RFC 9700 section 2.1)",
    do="register it whole",
)
def redirect_wildcard(drawing: "Drawing") -> Faults:
    for who, path, value, span in drawing.settings:
        if path.endswith((".redirect_uri", ".redirect_uris")) and "*" in value:
            yield Fault("a redirect address is registered with a pattern in it", span, value, (who,))


@drawing_lint(
    "SQ740",
    why="a few minutes at most (RFC 7519 section 4.1.4)",
    do="set the clocks",
)
def clock_skew(drawing: "Drawing") -> Faults:
    from seqtest.scenario import duration

    for who, path, value, span in drawing.settings:
        seconds = duration.seconds(value) if path.rpartition(".")[2] in ("leeway", "clock_skew") else None
        if seconds is not None and seconds > 300:
            yield Fault("a verifier takes tokens long after they have expired", span, f"{path} = {value}", (who,))
