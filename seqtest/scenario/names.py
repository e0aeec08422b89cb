"""Names of cases: a guard's text as an id that is ASCII, readable and stable."""

import re
import unicodedata

LONGEST = 72


def plain(text: str) -> str:
    """A drawn text as one line of words: no line breaks, no markup tags, no brackets around the whole."""
    words = " ".join(re.sub(r"<[^<>]*>", "", text.replace("\\n", " ").replace("\\t", " ")).split())
    return words[1:-1].strip() if re.fullmatch(r"\[[^\[\]]*\]", words) else words


def slug(text: str) -> str:
    """`Token has expired!` → `token-has-expired`; empty when the text holds no letter and no digit.

    Letters that have no ASCII counterpart are written in punycode, so that no two texts become one by losing them.
    """
    folded = unicodedata.normalize("NFKD", plain(text).casefold())
    letters = "".join(character for character in folded if not unicodedata.combining(character))
    if any(ord(character) > 127 and character.isalnum() for character in letters):
        letters = letters.encode("punycode").decode("ascii")
    words = re.sub(r"[^a-z0-9]+", "-", letters.lower()).strip("-")
    return words if len(words) <= LONGEST else words[:LONGEST].rsplit("-", 1)[0]


def unique(name: str, taken: set[str]) -> str:
    """The name, or `name-2`, `name-3` … when it is taken; takes it."""
    number, candidate = 2, name
    while candidate in taken:
        candidate = f"{name}-{number}"
        number += 1
    taken.add(candidate)
    return candidate
