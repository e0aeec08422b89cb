"""Java's decimal formats for whole numbers: what `autonumber "<b>[000]"` says is one, markup and all.

`0` is a digit, `#` an optional one, `,` groups digits and `.` begins a fraction, wherever they stand outside of
apostrophes; `%` and `‰` multiply, `;` begins what would be written for negative numbers. The rest is text.
"""

from seqtest.dataclass import dataclass

_DIGITS = "#0,."
_MULTIPLIERS = {"%": 100, "‰": 1000}


@dataclass(frozen=True, slots=True)
class DecimalFormat:
    before: str
    behind: str
    fewest_digits: int
    fraction_digits: int
    group_size: int
    has_point: bool
    multiplier: int

    @classmethod
    def of(cls, pattern: str) -> "DecimalFormat":
        """Raises ValueError for a pattern that is malformed."""
        texts = ["", ""]
        digits = ""
        multiplier = 1
        is_quoted = False
        index = 0
        while index < len(pattern):
            char = pattern[index]
            index += 1
            if char == "'" and pattern[index : index + 1] == "'":
                index += 1
            elif char == "'":
                is_quoted = not is_quoted
                continue
            elif not is_quoted and char in _DIGITS:
                digits += char
                continue
            elif not is_quoted and char == ";":
                if not digits:
                    raise ValueError("no digits before the semicolon")
                break
            elif not is_quoted and char in _MULTIPLIERS:
                if multiplier != 1:
                    raise ValueError("multiplied twice")
                multiplier = _MULTIPLIERS[char]
            texts[bool(digits)] += char
        if is_quoted:
            raise ValueError("an apostrophe is never closed")
        before, behind = texts
        return cls(before, behind, *_places(digits), multiplier)

    def write(self, number: int) -> str:
        shown = str(number * self.multiplier).zfill(self.fewest_digits)
        if self.group_size:
            head = len(shown) % self.group_size
            groups = [shown[at : at + self.group_size] for at in range(head, len(shown), self.group_size)]
            shown = ",".join(filter(None, (shown[:head], *groups)))
        fraction = "0" * self.fraction_digits
        return self.before + shown + ("." if fraction or self.has_point else "") + fraction + self.behind


def _places(digits: str) -> tuple[int, int, int, bool]:
    """Fewest digits, those behind the point, the size of a group, and whether a point is always shown."""
    whole, *fraction = digits.split(".")
    if len(fraction) > 1:
        raise ValueError("two points")
    behind = fraction[0] if fraction else ""
    places, needed = whole.replace(",", ""), (whole + behind).replace(",", "")
    if "0#" in places or "#0" in behind or "," in behind or whole.endswith(","):
        raise ValueError("an optional digit in the wrong place")
    if needed and "0" not in needed and fraction:
        places, behind = (places[:-1] + "0", behind) if places else ("", "0" + behind[1:])
    group = len(whole) - whole.rindex(",") - 1 if "," in whole else 0
    return places.count("0"), behind.count("0"), group, bool(fraction) and not (behind and places)
