"""Our words for a preprocessor line that cannot be read."""

import re

from seqtest.errors import Finding, did_you_mean
from seqtest.syntax.reader import Unexpected
from seqtest.syntax.surprise import expected, position
from seqtest.syntax.tree import Line

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


def kept_directive(line: Line) -> Finding | None:
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
        do=did_you_mean(f"!{match[1].lower()}", [f"!{word}" for word in DIRECTIVES]),
    )


def explain_directive(line: Line, failure: Unexpected) -> Finding | None:
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
    fitting = expected(failure)
    form = f"write {FORMS[word]}" if word in FORMS and not is_assignment else ""
    return Finding(
        "SQ120",
        f"this `!{word}` cannot be read" if word in DIRECTIVES else "this value cannot be read",
        line.span(min(at, len(line.text) - 1), len(line.text)),
        label=f"expected {fitting}" if fitting else "",
        do="there are no comments behind a directive" if "'" in line.text[at:] else form,
    )
