"""Slips that people make, each with what they meant: tried in order when a line cannot be read."""

import re

from seqtest.dataclass import dataclass

_WHO = r"(?:[\w.@]+|[\"“”][^\"“”]+[\"“”])"
_FRONT = r"(?:&\s*)?(?:\{\w+\}\s+)?"
_ARROW = r"(?:[<\\/]*-+(?:\[[^\]]*\]-*)?[>\\/]+(?:[ox]|\(\d+\))?|[ox]?<+-+(?:\[[^\]]*\]-*)?|[ox]?<+\[[^\]]*\]-+)"
_MARKS = r"(?:\+\+--|--\+\+|\+\+|--|\*\*|!!)"
_STYLE = r"(?:#\w+|dotted|dashed|plain|bold|hidden|norank|single|node|thickness=\d+)"
_KIND = r"(?:participant|actor|boundary|control|entity|database|collections|queue)"


@dataclass(frozen=True, slots=True)
class Slip:
    """A pattern of a wrong line; `at` is the group to point at; the words may name groups by number."""

    pattern: re.Pattern[str]
    code: str
    message: str
    at: int = 0
    expected: str = ""
    do: str = ""


def _slip(pattern: str, code: str, message: str, at: int = 0, expected: str = "", do: str = "") -> Slip:
    return Slip(re.compile(pattern, re.IGNORECASE), code, message, at, expected, do)


SLIPS: tuple[Slip, ...] = (
    # Comments
    _slip(
        r"(?://|--\s|#\s|;|%%|<!--)",
        "SQ102",
        "this is no comment here",
        expected="a line that begins with `'`",
        do="write `'` at the beginning of the line",
    ),
    _slip(
        rf"(?:.*[^-<>\s]|{_WHO})\s+('\s.*)$",
        "SQ102",
        "a comment needs a line of its own",
        1,
        do="move it to the line above; behind other text a `'` is an ordinary character",
    ),
    _slip(
        r".*[\w\"\]>)]\s+(#\s.*|//.*)$",
        "SQ102",
        "a comment needs a line of its own",
        1,
        do="move it to the line above, behind a `'`",
    ),
    _slip(
        r"<{7}(?:\s|$)|>{7}(?:\s|$)|\|{7}(?:\s|$)",
        "SQ102",
        "a merge was left unfinished here",
        do="keep one of the two versions and remove the marks",
    ),
    _slip(
        r"(?:[^\":]*\"[^\"]*\")*[^\":]*(\")[^\":]*(?::[^\"]*)?$",
        "SQ102",
        "this quote has no other",
        1,
        do="write the second one, or remove this one",
    ),
    # The ends of groups
    _slip(
        r"(end(?:alt|opt|loop|par2?|break|critical|group|if|partition)|end\s*[;.:}]+)\s*$",
        "SQ102",
        "a group is closed by `end`",
        1,
        expected="`end`, or `end` and a blank before more words",
        do="write `end`",
    ),
    _slip(r"(els(?:e\s*if|if|eif)|elif)\b\s*(.*)", "SQ102", "there is no `{1}`", 1, do="write `else {2}`"),
    _slip(r"(and|option)\b\s*(?![-<])(.*)$", "SQ102", "there is no `{1}` in PlantUML", 1, do="write `else {2}`"),
    _slip(r"(\})\s*(?:else.*)?$", "SQ102", "groups are not written in braces", 1, do="close the group with `end`"),
    _slip(
        r"(alt|opt|loop|par2?|break|critical|group|partition|else|also)\s*(:)\s*(.*)",
        "SQ102",
        "no colon stands behind `{1}`",
        2,
        do="write `{1} {3}`",
    ),
    _slip(
        r"(neg|assert|strict|seq|ignore|consider|section|rect|try|catch|finally|while|repeat|switch|if)\b",
        "SQ102",
        "`{1}` is no group of PlantUML",
        1,
        expected="`alt`, `opt`, `loop`, `par`, `break`, `critical`, `group` or `partition`",
        do="a `group` may have any title: `group {1}`",
    ),
    # Notes and references
    _slip(
        r"[hr]?note\s+over\s+[^:,]+,[^:,]+(,[^:]*)(?::|$)",
        "SQ102",
        "a note stands over one or two participants",
        1,
        do="name the first and the last, or write `note across`",
    ),
    _slip(
        r"[hr]?note\s+across\s+(\w[^:]*)(?::|$)",
        "SQ102",
        "a note across everybody names nobody",
        1,
        do="write `note over` and the first and the last participant",
    ),
    _slip(
        r"[hr]?note\s+(of)\s",
        "SQ102",
        "a note stands on a side of somebody",
        1,
        expected="`left of`, `right of` or `over`",
    ),
    _slip(r"[hr]?note\s+(accross)\b", "SQ102", "`accross` is written `across`", 1, do="write `note across`"),
    _slip(
        r"[hr]?note\s*(:|as\b|\"[^\"]*\"\s*as\b)",
        "SQ102",
        "a note needs a place",
        1,
        expected="`left`, `right`, `over` and a participant, or `across`",
        do="write `note right` below the arrow that it belongs to, or `note over client`",
    ),
    _slip(
        r"[&/]\s*[hr]?note\s+(left|right|top|bottom)\s*(?::.*)?$",
        "SQ102",
        "a note on a message cannot be put beside another",
        1,
        do="remove the mark in front, or say where the note stands: `/ note {1} of client`",
    ),
    _slip(
        r"[hr]?note\s+(?:leftof|rightof)\b",
        "SQ102",
        "a blank is missing",
        expected="`left of` or `right of`",
    ),
    _slip(
        r"[hr]?note\s+(?:over|(?:left|right)(?:\s+of)?)\s*()(?::.*)?$",
        "SQ102",
        "this note does not say whom it stands at",
        1,
        expected="a participant, such as `note over client`",
    ),
    _slip(
        rf"[hr]?note\s+(?:over|left|right)\s+(?:of\s+)?{_WHO}(?:\s*,\s*{_WHO})?\s+([^:\s#<\[{{].*)$",
        "SQ102",
        "a note on one line has a colon before its text",
        1,
        expected="`:`, or nothing more on this line",
        do="write `:` here, or put the text on lines of its own and `end note` below them",
    ),
    _slip(
        r"[hr]?note\s+(?:left|right|top|bottom)\s+([^:\s#<\[{].*)$",
        "SQ102",
        "a note on one line has a colon before its text",
        1,
        expected="`:`, or nothing more on this line",
        do="write `:` here, or put the text on lines of its own and `end note` below them",
    ),
    _slip(
        r"[hr]?note\b.*(\{)\s*$", "SQ102", "a note is not written in braces", 1, do="close its lines with `end note`"
    ),
    _slip(r"end\s{2,}[hr]?note", "SQ102", "`end note` has one blank", do="write `end note`"),
    _slip(
        r"end\s*[hr]?note", "SQ102", "no note is open here", do="remove the line, or the text behind the note's colon"
    ),
    _slip(
        r"ref\s*(#\w+)?\s*(?:left|right|across|:|[\w\"]+\s*[,:])",
        "SQ102",
        "a reference stands over participants",
        expected="`ref over client, server : login.puml`",
    ),
    _slip(
        r"ref\s+(#\w+)\s+over|ref\s+over\s[^:]*?(#\w+)\s*:",
        "SQ102",
        "a reference's colour is glued to the word",
        do="write `ref#LightBlue over client`",
    ),
    # Arrows
    _slip(
        rf"{_FRONT}{_WHO}\s*(=+>+|<=+|\.+>+|<\.+|~+>+|<~+|-+\|>|<\|-+|-+>{{3,}}|<{{3,}}-+|-+\*|\*-+|>+-+|-(?:left|right|up|down)-+>|[→⇒←⟶➔]|>+|<+(?![<\[-]))\s*[\w\"\[(]?",
        "SQ101",
        "this is not an arrow",
        1,
        expected="an arrow such as `->` or `-->`",
        do="write `->` for a request and `-->` for its reply",
    ),
    _slip(
        rf"(?:&\s*)?(?:{_WHO}\s*(?=-+[\]?])|[\[?](?=-+\s*{_WHO}))(-+)",
        "SQ101",
        "this arrow has no head",
        1,
        expected="a head, as in `[-> client` and `client ->]`",
        do="write `->` for a request and `-->` for its reply",
    ),
    _slip(
        r"([\[\]?])\s+<?-|.*->+\s+([\]\[])\s*(?::|$)",
        "SQ101",
        "the bracket must touch its arrow",
        expected="`[-> client` or `client ->]`",
    ),
    _slip(
        rf"(?:&\s*)?{_WHO}\s*[<\\/]*-+(?:\[[^\]]*\]-*)?[>\\/]*[ox]?\s*{_WHO}\s+(?:\+\+|--|\*\*|!!)\s*(\+\+|--|\*\*|!!)",
        "SQ102",
        "these marks cannot be joined",
        1,
        expected="one of `++`, `--`, `**`, `!!`, `++--`, `--++`",
    ),
    _slip(
        r"(?:&\s*)?[\w.@]+\s*[<\\/]*-+(?:\[[^\]]*\]-*)?[>\\/]+[ox]?\s*([\w.@]+[-/$#&=?][-\w.@/$#&=?]*)\s*(?::|$)",
        "SQ102",
        "`{1}` is no name",
        1,
        expected="letters, digits, `_`, `.`, `@`, or a name in quotes",
        do='write `"{1}"`',
    ),
    _slip(
        rf"(?:&\s*)?{_WHO}\s*[<\\/]*-+(?:\[[^\]]*\]-*)?[>\\/]+[ox]?\s*{_WHO}\s*(;)\s*$",
        "SQ102",
        "lines are not ended by a semicolon",
        1,
        do="remove it",
    ),
    _slip(
        rf"{_FRONT}{_WHO}\s*{_ARROW}\s*{_WHO}\s*{_MARKS}?\s+(?![-+*!#<\[{{&:])(.+)$",
        "SQ102",
        "a message's text stands behind a colon",
        1,
        expected="`:`",
        do="write ` : ` before the text",
    ),
    _slip(
        r"([^\s\"\w.@:][^\s\"<>:]*|[\w.@]+[-/$#&=?(){}\[\]~!%^*+|,;'][-\w.@/$#&=?(){}\[\]~!%^*+|,;']*|[\w.@]+(?:\s+[\w.@-]+)+)\s*(?:<{0,2}-+(?:\[[^\]]*\]-*)?>{1,2}|<{1,2}-+)",
        "SQ102",
        "`{1}` is no name",
        1,
        expected="letters, digits, `_`, `.`, `@`, or a name in quotes",
        do='write `"{1}"`',
    ),
    _slip(
        rf"{_FRONT}{_WHO}\s+([<>\\/oOxX-]*-[<>\\/oOxX-]*)\s+{_WHO}\s*(?::|$)",
        "SQ101",
        "this is not an arrow",
        1,
        expected="an arrow such as `->` or `-->`",
        do="write `->` for a request and `-->` for its reply",
    ),
    _slip(
        rf"{_FRONT}{_WHO}\s*[ox]?(?:[<\\/]+-*|-+)\[(?:{_STYLE},)*(?!{_STYLE}[,\]])([\w#=-]+)[,\]]",
        "SQ105",
        "`{1}` is no style of an arrow",
        1,
        expected="`bold`, `dashed`, `dotted`, `hidden` or a colour such as `#LightBlue`",
    ),
    # Declarations
    _slip(
        rf"{_KIND}\s+([^\s\w.@\"“”\[][^\s\"“”]*|[\w.@]+[{{}}\[\]~!%^*+|;'][^\s\"“”]*)",
        "SQ102",
        "`{1}` is no name",
        1,
        expected="letters, digits, `_`, `.`, `@`, or a name in quotes",
        do='write `"{1}"`, and `as` with a short name behind it',
    ),
    _slip(
        rf"{_KIND}\s+{_WHO}(?:\s+as\s+{_WHO})?\s*(:)",
        "SQ102",
        "a participant has no text behind a colon",
        1,
        do="write the whole text in quotes, `\\n` for a new line, and `as` with a short name behind it",
    ),
    _slip(
        rf"{_KIND}\s+([\w.@]+[-/$:&=?()][-\w.@/$:&=?()]*)",
        "SQ102",
        "`{1}` is no name",
        1,
        expected="letters, digits, `_`, `.`, `@`, or a name in quotes",
        do='write `"{1}"`, and `as` with a short name behind it',
    ),
    _slip(
        rf"{_KIND}\s+\"[^\"]*\"\s*as\s*(\"[^\"]*\")",
        "SQ102",
        "the short name stands without quotes",
        1,
        do='write `"shown text" as name`',
    ),
    _slip(rf"{_KIND}\s+(\"\")", "SQ102", "this name is empty", 1, expected="a text between the quotes"),
    _slip(
        rf"{_KIND}\s+{_WHO}(?:\s+as\s+{_WHO})?\s*(?:#\S+|\[\[.*\]\])\s*(<<|order\b|\[\[|as\b)",
        "SQ102",
        "these parts stand in another order",
        1,
        expected="`as`, stereotypes, `order`, link, colour, in this order",
    ),
    _slip(rf"{_KIND}\s+{_WHO}\s*<<.*>>\s*(as\b)", "SQ102", "`as` stands before the stereotype", 1),
    _slip(
        rf"{_KIND}\s+{_WHO}\s*(,)",
        "SQ102",
        "each participant has a line of its own",
        1,
        do="write the others on lines of their own",
    ),
    _slip(rf"({_KIND})\s*()$", "SQ102", "`{1}` needs a name", 2, expected="a name, such as `{1} client`"),
    _slip(
        rf"{_KIND}\s+{_WHO}\s+(?!as\b|order\b)([\w.@\"]+)",
        "SQ102",
        "`{1}` does not belong here",
        1,
        expected="`as`, a stereotype, `order`, a link, a colour, or nothing more",
        do="put a name of several words in quotes",
    ),
    # What stands between
    _slip(r"(={1,2}[^=]+=?)$", "SQ102", "a divider has `==` at both ends", 1, do="write `== title ==`"),
    _slip(
        r"(\.{2,}[^.].*|\.{4,5})$", "SQ102", "a delay has three dots at both ends", 1, do="write `... 5 minutes ...`"
    ),
    _slip(r"\|\|\s.*|\|\|$", "SQ102", "a space has bars without blanks", do="write `|||` or `||45||`"),
    _slip(
        r"autonumber\s+(off)\b",
        "SQ102",
        "there is no `autonumber off`",
        1,
        expected="`stop`",
        do="write `autonumber stop`",
    ),
    _slip(r"autoactivate\b\s*(.*)$", "SQ102", "`autoactivate` is switched on or off", 1, expected="`on` or `off`"),
    _slip(r"(?:hide|remove|show)\s+(.*)", "SQ102", "this cannot be hidden here", 1, expected="`footbox` or `unlinked`"),
    _slip(r"skinparam\s+(\S+)$", "SQ102", "this setting has no value", 1, expected="a name and a value"),
    _slip(
        r"(title|caption|header|footer|legend|mainframe)\b\s*:?\s*(.*)$",
        "SQ102",
        "`{1}` needs a text",
        2,
        expected="a text with a letter or digit in it, or lines up to `end {1}`",
    ),
    _slip(r"(activate|deactivate|destroy|create)\s*()$", "SQ102", "`{1}` needs a participant", 2),
    _slip(
        r"(?:activate|deactivate|destroy)\s+([\w.@]*[^\s\w.@\"“”]\S*)\s*(?:#\w+)?$",
        "SQ102",
        "`{1}` is no name",
        1,
        expected="letters, digits, `_`, `.`, `@`, or a name in quotes",
        do='write `"{1}"`',
    ),
    _slip(
        rf"(activate|deactivate|destroy)\s+{_WHO}\s+(\S.*)$",
        "SQ102",
        "`{1}` takes one participant",
        2,
        expected="a colour, or nothing",
    ),
    # Other kinds of diagrams, and the preprocessor
    _slip(
        r"(class|interface|enum|abstract|state|usecase|component|node|cloud|rectangle|package|object|start|stop|:.*;|\[\*\])(?:\s|$)",
        "SQ102",
        "`{1}` belongs to another kind of diagram",
        1,
        expected="a sequence diagram",
    ),
    _slip(
        r"(\$?[A-Za-z_]\w*)\s*\(.*\)",
        "SQ102",
        "no procedure `{1}` is defined",
        1,
        do="define it with `!procedure`, or include the file that does",
    ),
    _slip(r"(!\w*)", "SQ102", "`{1}` is no word of the preprocessor", 1),
    _slip(
        r"skinparam\s+(\S*[^\s\w.<>]\S*)\s+\S",
        "SQ102",
        "`{1}` is no name of a setting",
        1,
        expected="letters and digits",
    ),
    # A keyword and what belongs behind it, without a blank between
    _slip(
        rf"({_KIND[3:-1]}|box|title|group|alt|loop|opt)(?=[\"“<#\[(]|(?-i:(?<=[a-z])[A-Z]))\S+(?:\s|$)",
        "SQ102",
        "a blank is missing behind `{1}`",
        1,
        do="write `{1} ` and the rest behind it",
    ),
    _slip(r"@(\w+)", "SQ102", "`@{1}` does not belong inside a diagram", do="remove it"),
)
