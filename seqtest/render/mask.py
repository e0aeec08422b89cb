"""The one place that masks secrets: whatever is rendered passes through a `Masker` before it is laid out.

Two nets, one behind the other: the values that this run used as secrets (collected from its messages, settings and
bindings, in the spellings that a form, a URL, JSON or Basic credentials give them), and shapes that are secrets
wherever they turn up (a JWT, a PEM block, a Bearer or Basic credential).
"""

import base64
import json
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from html import escape
from itertools import accumulate
from typing import Any
from urllib.parse import quote, quote_plus

from seqtest.diagram.expectation import Plain, Promise, Template
from seqtest.exchange import Message, Response, Result
from seqtest.render.carried import carried, in_structure, is_count, is_error, of_field, password_fields
from seqtest.render.secret_names import SECRET_NAMES, is_secret_name
from seqtest.scenario import Scenario
from seqtest.trace import Trace
from seqtest.verdict.verdict import Verdict

SHORTEST = 4
"""A shorter secret is masked in its own field only: hidden everywhere it would take ordinary words with it."""

_SHAPES = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY(?: BLOCK)?-----.*?(?:-----END [A-Z ]*PRIVATE KEY(?: BLOCK)?-----|\Z)"
    r"|\bLS0tLS1CRUdJTi(?:BQUklWQVRF|BSU0EgUFJJVkFURS|BFQyBQUklWQVRF)[\w+/=\s-]*"
    r"|\beyJ[\w-]{4,}\.[\w-]+(?:\.[\w-]*){1,3}"
    r"|(?<=://)[^\s/:@]*:[^\s/@]+(?=@)"
    r"|(?:(?<=\bBearer )|(?<=\bDPoP ))(?![\w-]+=[^=\s])[\w.~+/=-]{9,}|(?<=\bBasic )(?![\w-]+=[^=\s])[\w+/=-]{4,}",
    re.DOTALL,
)
_LITERAL = re.compile(
    r"(?i)(\b[\w.-]*(?:password|passwd|secret)\s*=(?!=)\s*)(?!\{|\s)(\S[^\n]*?)(?=\s*$)", re.MULTILINE
)
_COOKIE = re.compile(r"(?:(?<==)|(?<![^;])\s*(?![^;=]*=))[^;,\s]+")
_RUN = re.compile(r"[\w+/-]{8,}")
"""Without such a run there is no base64 in a text that a secret could be in."""
_BREAK = re.compile(r"[ \t]*\r?\n[ \t]*")
ACROSS = 12
"""A secret is looked for across the ends of lines when it has so many characters."""
LONGEST_INSIDE = 256
"""A longer secret is not looked for inside what was encoded together with other text."""
_HALVES = "surrogatepass"
"""JSON may hold half a character."""
_AS_A_VALUE = r"""(?:(?<=[=:"'])|(?<=[=:] )){}(?!["']?\s*[=:])"""


def shown(secret: str) -> str:
    """What may be seen of a secret: a quarter of it, at most its first eight characters."""
    return f"{secret[: min(8, len(secret) // 4)]}…"


class Masker:
    """Hides the secrets of one run in any text. Mask before cutting or wrapping: a cut secret is no longer found."""

    __slots__ = ("_encoded", "_pattern", "_shown", "names", "secrets")

    def __init__(
        self, secrets: Iterable[str] = (), shown: Callable[[str], str] = shown, names: Iterable[str] = ()
    ) -> None:
        """`names` are fields that hold secrets though their names do not say so."""
        self._shown = shown
        self.names = frozenset(names)
        self.secrets = frozenset(secret for secret in secrets if len(secret) >= SHORTEST)
        self._pattern = _any_of(spelling for secret in self.secrets for spelling in _spellings(secret))
        self._encoded = _any_of(
            spelling for secret in self.secrets for spelling in _in_base64(secret.encode("utf-8", _HALVES))
        )

    def text(self, text: str) -> str:
        """The text with every secret cut down to what may be seen of it."""
        text = _SHAPES.sub(lambda match: self._shown(match[0]), text)
        if self._pattern is None:
            return text
        text = self._pattern.sub(lambda match: self._shown(match[0]), text)
        if self._encoded is not None and _RUN.search(text):
            text = self._encoded.sub(lambda match: self._shown(match[0]), text)
        return self._across_lines(text, self._pattern) if "\n" in text else text

    def _across_lines(self, text: str, pattern: re.Pattern[str]) -> str:
        """The text without the secrets that the ends of lines cut in two."""
        breaks = list(_BREAK.finditer(text))
        whole = _BREAK.sub("", text)
        gone = [0, *accumulate(found.end() - found.start() for found in breaks)]
        starts = [found.start() - before for found, before in zip(breaks, gone, strict=False)]
        shown, at = [], 0
        for match in pattern.finditer(whole):
            first, last = bisect_right(starts, match.start()), bisect_left(starts, match.end())
            if first < last and match.end() - match.start() >= ACROSS:
                shown += [text[at : match.start() + gone[first]], self._shown(match[0])]
                at = match.end() + gone[last]
        return "".join([*shown, text[at:]])

    def value(self, name: str, value: Any) -> str:
        """The value of a field as text, hidden altogether when the field is one for secrets."""
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
        is_secret = name in self.names or is_secret_name(name)
        if not is_secret or is_error(name, text) or is_count(name, value):
            return self.text(text)
        scheme, blank, credentials = text.partition(" ")
        if name.lower().endswith("authorization") and blank:
            return f"{scheme} {self.text(self._shown(credentials))}"
        if name.lower() in ("cookie", "set-cookie"):
            return self.text(
                _COOKIE.sub(lambda match: self._shown(match[0]), text, count=0 if name.lower() == "cookie" else 1)
            )
        return self.text(self._shown(text))

    def source(self, text: str) -> str:
        """A note or label as its author wrote it: what `text` hides, and literal passwords and client secrets."""
        # The literals first: what is cut already would be cut once more.
        return self.text(_LITERAL.sub(lambda match: match[1] + self._shown(match[2]), text))

    def in_words(self) -> "Masker":
        """The same with a word for each secret: for text that is read again, where `{{…` would be markup."""
        return Masker(self.secrets, lambda secret: "hidden", self.names)


def masker_of(verdict: Verdict, more: Iterable[str] = ()) -> Masker:
    """A masker that knows every secret of the run, and `more` (values from outside that no message carried)."""
    named = _password_fields(verdict.trace)
    held = (secret for values in verdict.held for secret in secrets_of_settings(values))
    found = {*secrets_of_scenario(verdict.script.scenario), *secrets_of_trace(verdict.trace), *held, *more}
    return Masker(found, names=named)


def secrets_of_message(message: Message | Response | Result) -> Iterator[str]:
    """The secrets in one message or answer."""
    yield from carried(message)


def secrets_of_trace(trace: Trace) -> Iterator[str]:
    """The secrets in the messages of a run and in what its participants learnt."""
    named = _password_fields(trace)
    for occurrence in (*trace.occurrences, *trace.let_by, *trace.untold):
        if occurrence.content is not None:
            yield from carried(occurrence.content, named)
    for _, answer in trace.published:
        yield from carried(answer, named)
    if trace.occurrences:
        last = trace.occurrences[-1].bindings
        yield from in_structure(dict(last.values), named)
        for values in last.known.values():
            yield from in_structure(dict(values), named)


def secrets_of_settings(values: Mapping[str, Any]) -> Iterator[str]:
    """The secrets among settings, by their paths, and among values from outside, by their names."""
    yield from in_structure({path: value for path, value in values.items() if not path.startswith("endpoints.")})


def _password_fields(trace: Trace) -> frozenset[str]:
    """What the pages of the run call the fields into which passwords are typed."""
    return frozenset(name for occurrence in trace.occurrences for name in password_fields(occurrence.content))


def secrets_of_scenario(scenario: Scenario) -> Iterator[str]:
    """The secrets that are written out in the drawing: in settings, and in contents."""
    for promises in scenario.settings.values():
        yield from _in_promises(promise for promise in promises if promise.path[:1] != ("endpoints",))
    for step in scenario.steps:
        if step.expectation is not None:
            yield from _in_promises(step.expectation.walk())


def _in_promises(promises: Iterable[Promise]) -> Iterator[str]:
    for promise in promises:
        name = next((part for part in reversed(promise.path) if isinstance(part, str)), "")
        for value in promise.values:
            if isinstance(value, Plain) and isinstance(value.value, (dict, list)):
                yield from in_structure({name: value.value})
        if promise.operator == "type" or not is_secret_name(name):
            continue
        for value in promise.values:
            literal = ""
            if isinstance(value, Plain):
                literal = value.value if isinstance(value.value, str) else value.text
            if isinstance(value, Template) and len(value.parts) == 1 and isinstance(value.parts[0], str):
                literal = value.parts[0]
            yield from of_field(name, literal)


def _any_of(spellings: Iterable[str]) -> re.Pattern[str] | None:
    """What finds any of them, the longest first; None when there are none."""
    ordered = sorted(set(spellings), key=lambda text: (-len(text), text))
    return re.compile("|".join(map(_found_by, ordered))) if ordered else None


def _found_by(spelling: str) -> str:
    """What finds it. A password that is itself the name of a field (`secret`) is one where it stands as a value only:
    hidden elsewhere, it would take the names of fields with it, and give itself away."""
    pattern = re.escape(spelling)
    return _AS_A_VALUE.format(pattern) if spelling.lower() in SECRET_NAMES else pattern


def _spellings(secret: str) -> set[str]:
    return {
        secret,
        quote(secret, safe="", errors=_HALVES),
        quote(secret, errors=_HALVES),
        quote_plus(secret, errors=_HALVES),
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        escape(secret),
    }


def _in_base64(secret: bytes) -> Iterator[str]:
    """A secret in base64: by itself; and, where other text is encoded with it, in three ways, by where it begins."""
    if len(secret) <= 5:
        return
    whole = base64.b64encode(secret).decode()
    inside = [
        base64.b64encode(bytes(before) + secret)[-(-before * 8 // 6) : (before + len(secret)) * 8 // 6].decode()
        for before in (range(3) if 2 * SHORTEST < len(secret) <= LONGEST_INSIDE else ())
    ]
    for text in (whole, whole.rstrip("="), *inside):
        yield from (text, text.replace("+", "-").replace("/", "_"))
