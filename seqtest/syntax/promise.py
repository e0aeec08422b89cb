"""Labels, note lines and values, read by `promise.lark` into marks: what stands where, not yet what it means.

A text is read once however often it is drawn. Every mark keeps its columns in the text that it was read from, so that
an error can point into the drawing.
"""

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from seqtest.pattern import pattern
from seqtest.syntax.reader import END, Token, Unexpected

if TYPE_CHECKING:
    from seqtest.syntax.reader import Reader

Start = Literal["line", "label", "template", "moment"]

UNIT_SECONDS = {
    "ms": 0.001, "millisecond": 0.001, "milliseconds": 0.001,
    "s": 1.0, "sec": 1.0, "secs": 1.0, "second": 1.0, "seconds": 1.0,
    "m": 60.0, "min": 60.0, "mins": 60.0, "minute": 60.0, "minutes": 60.0,
    "h": 3600.0, "hour": 3600.0, "hours": 3600.0,
    "d": 86400.0, "day": 86400.0, "days": 86400.0,
    "week": 604800.0, "weeks": 604800.0,
    "month": 2592000.0, "months": 2592000.0,
    "year": 31536000.0, "years": 31536000.0,
}  # fmt: skip


class Mark(NamedTuple):
    """A piece of a text: what kind it is, what it holds, and the columns (from 0) where it stands."""

    kind: str
    parts: tuple[Any, ...] = ()
    start: int = 0
    end: int = 0

    def part(self, kind: str) -> "Mark | None":
        """The first mark of that kind that it holds."""
        for part in self.parts:
            if type(part) is Mark and part.kind == kind:
                return part
        return None

    def one(self, kind: str) -> "Mark":
        """The same where the grammar says that there is one. Raises LookupError when it does not."""
        found = self.part(kind)
        if found is None:
            raise LookupError(f"{self.kind} holds no {kind}")
        return found

    def text(self, kind: str, default: str = "") -> str:
        """The word that the first mark of that kind stands for."""
        found = self.part(kind)
        return default if found is None else found.parts[0]


class Misread(Exception):
    """A text that is not what it should be; columns count from 0 in that text."""

    def __init__(self, message: str, start: int, end: int, expected: str = "", do: str = "") -> None:
        super().__init__(message)
        self.message, self.start, self.end, self.expected, self.do = message, start, end, expected, do

    def moved(self, offset: int) -> "Misread":
        """The same, for a text that begins `offset` columns further right."""
        return Misread(self.message, self.start + offset, self.end + offset, self.expected, self.do)


_READ: dict[tuple[Start, str], Mark] = {}


def read(text: str, start: Start) -> Mark:
    """The text as marks. Raises Misread."""
    found = _READ.get((start, text))
    if found is None:
        found = _READ[start, text] = _marks(_tree(text, start))
    return found


@cache
def _reader() -> "Reader":
    from seqtest.syntax.grammar import reader

    return reader("promise")


def _tree(text: str, start: Start) -> Any:
    try:
        return _reader().parse(text, start=start)
    except Unexpected as surprise:
        raise _explained(text, start, surprise) from None


def _marks(tree: Any) -> Mark:
    def mark(node: Any) -> Mark:
        if isinstance(node, Token):
            return Mark(node.type, (str(node),), node.start_pos, node.end_pos)
        parts = tuple(mark(child) for child in node.children)
        start = parts[0].start if parts else 0
        return Mark(node.data, parts, start, parts[-1].end if parts else 0)

    return mark(tree)


EXPECTED_ON_A_LINE = (
    "a value (`=`, `!=`, `in`, `contains` …), a type (` : jwt`), `present`, `absent`, `unique` or `as name`"
)

_ELEMENT = pattern(r"\[\d+\]")

_SURPRISES: tuple[tuple[re.Pattern[str], str, str], ...] = (
    (pattern(r"<>"), "there is no such comparison", "write `!=`"),
    (pattern(r"=<|<\s+="), "there is no such comparison", "write `<=`"),
    (pattern(r"==|=~|=>|<\s*[<>]|>\s*[<>=]"), "there is no such comparison", "write `=` with a blank behind it"),
    (pattern(r":\S"), "nothing may stand directly behind this colon", "write ` : type` or ` = value`"),
    (
        pattern(r":\s"),
        "only a header has its colon directly behind its name",
        "write ` = value`, or ` : type` for a type",
    ),
    (
        pattern(r"(?:=|!=|<=?|>=?|in|contains|lacks|starts with)\s*$"),
        "nothing stands behind it",
        'write `""` for empty text',
    ),
    (pattern(r"matches\b"), "a regular expression stands between slashes", "write `matches /[0-9]{6}/`"),
    (
        pattern(r"(?:is|equals|has|was|must|should|does|not)\b"),
        "this word compares nothing",
        "write `=`, `!=`, `contains`, `present` or `absent`",
    ),
)


def _explained(text: str, start: Start, surprise: Unexpected) -> Misread:
    at = surprise.at if surprise.found != END else len(text.rstrip())
    rest = text[at:]
    end = at + max(1, len(rest.split(None, 1)[0]) if rest.strip() else 1)
    if start == "line":
        for pattern, message, do in _SURPRISES:
            if pattern.match(rest):
                return Misread(message, at, end, EXPECTED_ON_A_LINE, do)
        if at == len(text.rstrip()):
            return Misread("the line ends too early", at, at + 1, "a value", 'write `""` for empty text')
        if _ELEMENT.match(rest) and at == 0:
            return Misread(
                "this line is no check",
                at,
                end,
                EXPECTED_ON_A_LINE,
                f"of a body that is an array write `json{rest.strip()}`",
            )
        return Misread(
            "this line is no check",
            at,
            end,
            EXPECTED_ON_A_LINE,
            "prose begins with `//`, or stands in a note with the stereotype `<<prose>>`",
        )
    if start == "template":
        opened = text.rfind("{", 0, at + 1)
        if re.search(r"\(.*'", text[max(opened, 0) :]):
            return Misread(
                "what a function is given is a name, or text in double quotes",
                at,
                end,
                'a name or `"…"`',
                'write for example `Basic {basic(client_id, client_secret)}`, or `{basic("api", secret)}`',
            )
        return Misread(
            "this is no value in braces",
            max(opened, 0),
            max(end, opened + 1),
            "`{name}`, `{name.claim}`, `{new name}` or `{function(name)}`",
            "write a name that is known here; a brace meant as text stands in quotes as `\\u007b`",
        )
    if start == "moment":
        return Misread(
            "this is no time",
            0,
            len(text),
            "`now`, `iat`, `exp`, `nbf` or `auth_time`, then `+` or `-` a duration",
            "write for example `iat + 5 minutes`",
        )
    return Misread(
        "this text has no meaning here",
        at,
        len(text.rstrip()),
        "`{…}`, or `\\n` and a note line",
        "put what the message holds into a note",
    )


# ---- Values ---------------------------------------------------------------------------------------------------------

_MOMENT = pattern(r"(?:now|iat|exp|nbf|auth_time)(?:\s*$|\s*[+-]\s*\d|\s+[+-]\s)")
_NUMBER = pattern(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?")
_WORDS: dict[str, object] = {"true": True, "false": False, "null": None, "{}": {}}


def value(text: str) -> Mark:
    """A value of a field: `plain` (value, text, is_quoted), `template` or `moment`. Raises Misread."""
    if _MOMENT.match(text):
        return moment(text)
    if text in _WORDS:
        return Mark("plain", (_WORDS[text], text, False), 0, len(text))
    if _NUMBER.fullmatch(text):
        return Mark("plain", (json.loads(text), text, False), 0, len(text))
    if text.startswith('"'):
        return _quoted(text)
    if text.startswith("[") and text.endswith("]"):
        return _array(text)
    if text.startswith('{"') and text.endswith("}"):
        return _object(text) or raw(text)
    return raw(text)


def raw(text: str) -> Mark:
    """A value that is text whatever it looks like, as a header's: `plain` or `template`."""
    if "{" not in text:
        return Mark("plain", (text, text, False), 0, len(text))
    return _template(text)


def moment(text: str) -> Mark:
    """`moment` (base, seconds)."""
    read_moment = read(text, "moment")
    base, sign, *duration = read_moment.parts if len(read_moment.parts) > 1 else (*read_moment.parts, None)
    seconds = 0.0
    for number, unit in zip(duration[::2], duration[1::2], strict=True):
        if unit.parts[0].lower() not in UNIT_SECONDS:
            raise Misread("this is no unit of time", unit.start, unit.end, "seconds, minutes, hours, days, weeks", "")
        seconds += float(number.parts[0]) * UNIT_SECONDS[unit.parts[0].lower()]
    is_back = sign is not None and sign.parts[0] == "-"
    return Mark("moment", (base.parts[0], -seconds if is_back else seconds), 0, len(text))


def _template(text: str) -> Mark:
    found = read(text, "template")
    return Mark("template", found.parts, 0, len(text))


def _quoted(text: str) -> Mark:
    try:
        held = loads(text)
    except ValueError:
        raise Misread(
            "this is no quoted text",
            0,
            len(text),
            '`"…"` to the end of the line',
            "quote the whole value, or nothing of it",
        ) from None
    if "{" in held and "\\u007b" not in text.lower():
        # The blank stands for the quote, so that columns are right; cut off again it leaves an empty part, which keeps
        # the value text whatever the type of what stands in the braces.
        first, *others = _template(f" {text[1:-1]}").parts
        plain = [first._replace(parts=(first.parts[0][1:],)), *others]
        parts = (part._replace(parts=(loads(f'"{part.parts[0]}"'),)) if part.kind == "TEXT" else part for part in plain)
        return Mark("template", tuple(parts), 0, len(text))
    return Mark("plain", (held, text, True), 0, len(text))


def _array(text: str) -> Mark:
    try:
        held = loads(text)
    except ValueError as error:
        raise Misread(f"this is no JSON array ({error})", 0, len(text), '`["a", "b"]`', "quote its strings") from None
    return Mark("plain", (held, text, False), 0, len(text))


def _object(text: str) -> Mark | None:
    """JSON with members; None for what only begins like it."""
    try:
        held = json.loads(text, parse_constant=_no_constant)
    except ValueError:
        return None
    try:
        held = loads(text)
    except ValueError as error:
        raise Misread(str(error), 0, len(text), "each member once", "") from None
    return Mark("plain", (held, text, False), 0, len(text))


def loads(text: str) -> Any:
    """JSON whose objects have each member once. Raises ValueError."""
    return json.loads(text, object_pairs_hook=unique_members, parse_constant=_no_constant)


def unique_members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object's members. Raises ValueError for a name that stands twice (RFC 7515 section 4)."""
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"the member `{next(name for name in names if names.count(name) > 1)}` stands twice")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def split(text: str, separator: str = ",") -> Iterator[tuple[int, str]]:
    """The trimmed pieces of a list with their columns; separators in quotes, brackets and braces do not count."""
    begin = 0
    for end in (*_separators(text, separator), len(text)):
        piece = text[begin:end]
        lead = len(piece) - len(piece.lstrip())
        yield begin + lead, piece.strip()
        begin = end + 1


def _separators(text: str, separator: str) -> Iterator[int]:
    depth, quote = 0, False
    for index, character in enumerate(text):
        if character == '"' and text[index - 1 : index] != "\\":
            quote = not quote
        elif quote:
            continue
        elif character in "{[(":
            depth += 1
        elif character in ")]}":
            depth -= 1
        elif character == separator and depth <= 0:
            yield index
