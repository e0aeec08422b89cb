"""From the words of an arrow or a link to its parts: the actions behind `pieces.lark`."""

from typing import Any

from seqtest.syntax.meanings import ArrowParts, LinkParts
from seqtest.syntax.reader import Token

Facts = dict[str, Any]


class Pieces:
    """The rules inside an arrow each give the fields of `ArrowParts` that they know."""

    def arrow(self, facts: list[Facts]) -> ArrowParts:
        return ArrowParts(**{name: value for fact in facts for name, value in fact.items()})

    def left_gate(self, facts: list[Facts]) -> ArrowParts:
        return self.arrow([_renamed(fact, "left_border") for fact in facts])

    def right_gate(self, facts: list[Facts]) -> ArrowParts:
        return self.arrow([_renamed(fact, "right_border") for fact in facts])

    def border(self, words: list[Token]) -> Facts:
        return {"border": str(words[0])}

    def left_mark(self, words: list[Token]) -> Facts:
        return {"left_mark": words[0].lower()}

    def right_mark(self, words: list[Token]) -> Facts:
        return {"right_mark": words[0].lower()}

    def left_head(self, words: list[Token]) -> Facts:
        return {"left_head": str(words[0])}

    def right_head(self, words: list[Token]) -> Facts:
        return {"right_head": str(words[0])}

    def slant(self, words: list[Token]) -> Facts:
        return {"slant": int(words[0])}

    def soft(self, words: list[Token]) -> Facts:
        return {}

    def line(self, words: list[Token]) -> Facts:
        dashes = sum(len(word) for word in words if word.type == "DASHES")
        return {
            "dashes": dashes,
            "ends_in_style": words[-1].type != "DASHES",
            "styles": tuple(
                str(word) if word.type == "COLOR" else word.lower() for word in words if word.type != "DASHES"
            ),
        }

    def part(self, words: list[Token]) -> Token:
        return words[0]

    def address(self, words: list[Token]) -> str:
        return str(words[0]).strip('"')

    def link(self, words: list[Any]) -> LinkParts:
        found = {word.type: str(word) for word in words if type(word) is Token}
        tooltip, label = found.get("TOOLTIP"), found.get("CAPTION")
        return LinkParts(
            url=next((word for word in words if type(word) is str), ""),
            tooltip=None if tooltip is None else tooltip[1:-1],
            label=None if label is None else label.strip(),
        )


def _renamed(fact: Facts, border: str) -> Facts:
    return {border: fact["border"]} if "border" in fact else fact
