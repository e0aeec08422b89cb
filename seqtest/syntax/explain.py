"""Our words for a parser's surprise."""

import re

from lark import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from seqtest.errors import Finding, did_you_mean
from seqtest.syntax.slips import SLIPS, Slip
from seqtest.syntax.tree import Declaration, FurnitureLine, Line, Node, NoteLine, Reference, Setting

LONGEST = 600
"""Characters of a line that are looked at for a known slip."""

WORDS = {
    "$END": "the end of the line",
    "ARROW": "an arrow such as `->`",
    "RIGHT_GATE": "an arrow to the border such as `->]`",
    "LEFT_GATE": "an arrow from the border such as `[->`",
    "NAME": "a name",
    "QUOTED": "a name in quotes",
    "TEXT": "a text",
    "TEXT_WITH_WORD": "a text",
    "COLON": "`:` and a text",
    "COLOR": "a colour such as `#LightBlue`",
    "STEREOTYPE": "a stereotype such as `<<browser>>`",
    "LINK": "a link such as `[[https://example.org]]`",
    "AS": "`as`",
    "ORDER": "`order`",
    "INT": "a number",
    "SUFFIX": "`++`, `--`, `**` or `!!`",
    "GATE_SUFFIX": "`++`, `--`, `**` or `!!`",
    "MORE": "`&` and one more receiver",
    "OF": "`of`",
    "BESIDE": "`left` or `right`",
    "OVER": "`over`",
    "ACROSS": "`across`",
    "ABOVE": "`top` or `bottom`",
    "SWITCH": "`on` or `off`",
    "LEVELS": "a number",
    "FORMAT": "a format in quotes",
    "NUMBERING": "`stop`, `resume` or `inc`",
    "IS": "`is`",
    "LIFE_MARK": "`++` or `--`",
    "COMMA": "`,` and one more participant",
    "PARAMETERS": "parameters in parentheses",
    "SIGNATURE": "parameters in parentheses",
    "VARIABLE": "a variable such as `$name`",
    "NUMBER": "a number",
    "STRING": 'a text in quotes such as `"text"`',
    "CALL": "a call such as `%strlen($name)`",
    "IN": "`in`",
    "ASSIGN": "`=`",
    "RPAR": "`)`",
    "RSQB": "`]`",
    "RBRACE": "`}`",
}
"""What a person calls the words of the grammar. Those that stand nowhere here are left unsaid."""

KEYWORDS = [
    "participant",
    "actor",
    "boundary",
    "control",
    "entity",
    "database",
    "collections",
    "queue",
    "create",
    "activate",
    "deactivate",
    "destroy",
    "return",
    "note",
    "hnote",
    "rnote",
    "alt",
    "else",
    "opt",
    "loop",
    "par",
    "break",
    "critical",
    "group",
    "end",
    "ref",
    "box",
    "autonumber",
    "autoactivate",
    "title",
    "caption",
    "header",
    "footer",
    "legend",
    "mainframe",
    "skinparam",
    "scale",
    "hide",
    "newpage",
    "partition",
    "also",
]

DIRECTIVES = [
    "define",
    "definelong",
    "undef",
    "if",
    "ifdef",
    "ifndef",
    "elseif",
    "else",
    "endif",
    "while",
    "endwhile",
    "foreach",
    "endfor",
    "procedure",
    "function",
    "endprocedure",
    "endfunction",
    "enddefinelong",
    "unquoted",
    "final",
    "return",
    "include",
    "include_many",
    "includesub",
    "startsub",
    "endsub",
    "log",
    "assert",
    "exit",
    "local",
    "global",
    "pragma",
    "theme",
    "option",
    "assume",
]

FORMS = {
    "assert": "`!assert $x == 1 : text`",
    "assume": "`!assume transparent dark`",
    "define": "`!define NAME text` or `!define NAME(a, b) text`",
    "definelong": "`!definelong NAME(a, b)`",
    "elseif": "`!elseif $x == 1`",
    "foreach": "`!foreach $x in [1, 2]`",
    "function": '`!function $name($a, $b = "x")`',
    "if": "`!if $x == 1`",
    "ifdef": "`!ifdef NAME`",
    "ifndef": "`!ifndef NAME`",
    "include": "`!include file.puml`",
    "includesub": "`!includesub file.puml!PART`",
    "option": "`!option name value`",
    "pragma": "`!pragma name value`",
    "procedure": '`!procedure $name($a, $b = "x")`',
    "return": '`!return $a + "text"`',
    "startsub": "`!startsub PART`",
    "theme": "`!theme name`",
    "undef": "`!undef NAME`",
    "while": "`!while $i < 3`",
}
"""How a directive is written."""


def explain(line: Line, failure: UnexpectedInput) -> Finding:
    """Why a line cannot be read, what would be, and what was meant where that can be told."""
    text = line.text[:LONGEST]
    directive = unknown_directive(line) or _kept_directive(line)
    if directive is not None:
        return directive
    at = position(line, failure)
    for slip in SLIPS:
        match = slip.pattern.match(text)
        if match:
            return _told(line, slip, match)
    return _unexpected(line, at, failure)


def _told(line: Line, slip: Slip, match: re.Match[str]) -> Finding:
    start, end = match.span(slip.at)
    if start < 0:
        start, end = match.span()
    groups = [group or "" for group in (match[0], *match.groups())]

    def words(text: str) -> str:
        return re.sub(r"\{(\d)\}", lambda number: groups[int(number[1])].strip(), text)

    got = line.text[start:end].strip()
    return Finding(
        slip.code,
        words(slip.message),
        line.span(start, max(end, start + 1)),
        label=f"got `{got}`, expected {words(slip.expected)}" if got and slip.expected and len(got) < 30 else "",
        expected="" if got and len(got) < 30 else words(slip.expected),
        do=words(slip.do).strip(),
    )


def _unexpected(line: Line, at: int, failure: UnexpectedInput) -> Finding:
    expected = _expected(failure) if at else ""
    first = re.match(r"[&/\s]*([\w@!]+)", line.text)
    is_sent = first is not None and re.match(r"\s*[^\s\w\"“”]", line.text[first.end() :]) is not None
    is_known = first is None or is_sent or first[1].lower() in KEYWORDS
    near = _with_a_sign(line.text) if first is None or is_known else did_you_mean(first[1].lower(), KEYWORDS)
    rest = line.text[at:]
    got = re.match(r"\S+|$", rest)
    shown = got[0][:30] if got and got[0] else "the end of the line"
    if at == 0 or near:
        return Finding(
            "SQ102",
            "this line is no statement of a sequence diagram",
            line.span(at if not near else 0, len(line.text)),
            expected="an arrow such as `client -> server : GET /`, or a keyword such as `participant`, `alt` or `note`",
            do=near,
        )
    return Finding(
        "SQ102",
        f"`{shown}` does not belong here" if got and got[0] else "something is missing at the end of this line",
        line.span(min(at, len(line.text)), len(line.text)) if got and got[0] else line.span(len(line.text)),
        label=f"expected {expected}" if expected else "",
    )


def _with_a_sign(text: str) -> str:
    """What the first word may be without the signs in it: `skinpa]ram`."""
    word = text.split()[0]
    letters = "".join(filter(str.isalpha, word)).lower()
    return f"did you mean `{letters}`?" if word.lower() != letters and letters in KEYWORDS and "-" not in word else ""


def _expected(failure: UnexpectedInput) -> str:
    names: set[str] = set(getattr(failure, "expected", None) or getattr(failure, "allowed", None) or ())
    known = [words for name, words in WORDS.items() if name in names and name != "$END"]
    unique = list(dict.fromkeys(known))
    if "$END" in names:
        unique.append("nothing more")
    return ", ".join(unique[:-1]) + " or " + unique[-1] if len(unique) > 1 else "".join(unique)


def position(line: Line, failure: UnexpectedInput) -> int:
    """The offset in the line at which the parser was surprised."""
    if isinstance(failure, UnexpectedToken) and failure.token.type == "$END":
        return len(line.text)
    if isinstance(failure, UnexpectedCharacters | UnexpectedToken):
        return min(failure.pos_in_stream or 0, len(line.text))
    return 0


def never_closed(line: Line, node: Node) -> Finding:
    """A block without its last line: a note, a title, a skinparam …"""
    what, close = _block(node)
    return Finding(
        "SQ103",
        f"this {what} is never closed",
        line.span(),
        label="opened here",
        expected=f"`{close}` on a line of its own, before `@enduml`",
        do=f"add a line `{close}` below its text"
        + (", or write the text behind a colon on this line" if isinstance(node, NoteLine | Reference) else ""),
    )


def _block(node: Node) -> tuple[str, str]:
    match node:
        case NoteLine(shape=shape, is_on_message=on_message):
            return shape, "end note" if on_message else f"end {shape}"
        case Reference():
            return "ref", "end ref"
        case Declaration():
            return "participant", "]"
        case FurnitureLine(kind=kind):
            return kind, f"end {kind}"
        case Setting(text=text) if text.lower().startswith("<style"):
            return "style", "</style>"
        case Setting(text=text):
            return text.split()[0].rstrip("{").lower(), "</svg>" if "<svg" in text else "}"
    raise AssertionError(node)


def _kept_directive(line: Line) -> Finding | None:
    """A directive that the drawing keeps, where it has not its form."""
    match = re.match(r"!(\w+)", line.text)
    word = match[1].lower() if match else ""
    if word not in ("pragma", "theme", "option", "assume"):
        return None
    return Finding("SQ102", f"this `!{word}` cannot be read", line.span(), expected=FORMS[word])


def unknown_directive(line: Line) -> Finding | None:
    """A line that begins with `!` and no directive's word; None for every other line."""
    match = re.match(r"!\s*(\w+)", line.text)
    if match is None or match[1].lower() in DIRECTIVES:
        return None
    return Finding(
        "SQ120",
        f"`!{match[1]}` is no word of the preprocessor",
        line.span(0, match.end()),
        do=did_you_mean(match[1].lower(), DIRECTIVES),
    )


def explain_directive(line: Line, failure: UnexpectedInput) -> Finding | None:
    """Why a preprocessor line cannot be read; None when its word is not one of the preprocessor's."""
    match = re.match(r"!\s*(\w+)", line.text)
    word = match[1].lower() if match else ""
    is_assignment = re.match(r"!\s*(?:(?:local|global)\s+)?\$?\w+\s*\??=", line.text)
    if word not in DIRECTIVES and not is_assignment:
        return None
    if match and word in DIRECTIVES and match[1] != word and word != "else" and not word.startswith("end"):
        span = line.span(0, match.end())
        return Finding("SQ120", f"`!{match[1]}` is no word of the preprocessor", span, do=f"write `!{word}`")
    at = position(line, failure)
    expected = _expected(failure)
    form = f"write {FORMS[word]}" if word in FORMS and not is_assignment else ""
    return Finding(
        "SQ120",
        f"this `!{word}` cannot be read" if word in DIRECTIVES else "this value cannot be read",
        line.span(min(at, len(line.text) - 1), len(line.text)),
        label=f"expected {expected}" if expected else "",
        do="there are no comments behind a directive" if "'" in line.text[at:] else form,
    )
