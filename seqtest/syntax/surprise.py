"""What a parser felt where it could go no further: at which place, and what would have been welcome there."""

from seqtest.syntax.reader import END, Unexpected
from seqtest.syntax.tree import Line

WORDS = {
    END: "the end of the line",
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


MEANT = {
    "BESIDE": ("left", "right"),
    "OVER": ("over",),
    "ACROSS": ("across",),
    "ABOVE": ("top", "bottom"),
    "OF": ("of",),
    "AS": ("as",),
    "ORDER": ("order",),
    "SWITCH": ("on", "off"),
    "NUMBERING": ("stop", "resume", "inc"),
    "IS": ("is",),
    "IN": ("in",),
}
"""Words that a slip may have been meant as, where they would fit."""


def meant(failure: Unexpected) -> list[str]:
    """The words of the language that would fit there."""
    return [word for name, words in MEANT.items() if name in failure.expected for word in words]


def expected(failure: Unexpected) -> str:
    """What a person would call the words that fit there."""
    known = [words for name, words in WORDS.items() if name in failure.expected and name != END]
    unique = list(dict.fromkeys(known))
    if END in failure.expected:
        unique.append("nothing more")
    return ", ".join(unique[:-1]) + " or " + unique[-1] if len(unique) > 1 else "".join(unique)


def position(line: Line, failure: Unexpected) -> int:
    """The offset in the line at which the parser was surprised; the text that it read may go on with more lines."""
    return min(failure.at, len(line.text))
