"""What a promise draws as its value, and whether one that came is that."""

from collections.abc import Sequence
from typing import Any

from seqtest.contents.compare import BODY_COMPARISONS, COMPARISONS, Wanted, equal, is_number
from seqtest.contents.header import DIRECTIVES, EQUALITIES, NAMES, url_equal
from seqtest.contents.holder import Holder
from seqtest.contents.opener import base_of
from seqtest.contents.scope import Open, Scope, Unknown, moment_base, open_name
from seqtest.contents.template import ANY_PIECE, ANY_TEXT, has_new, new_names, taken, url_taken
from seqtest.contents.text import shown
from seqtest.contents.words import Worded
from seqtest.diagram.expectation import Moment, Plain, Template, Value
from seqtest.once import once


class Valued(Worded):
    """A promise with values."""

    @once
    def open_name(self) -> str | None:
        """Of `{S256(new code_verifier)}`."""
        return open_name(self.promise.values[0]) if self.operator == "=" else None

    @once
    def takes_new(self) -> bool:
        """Whether `{new x}` is taken from what came."""
        return self.operator == "=" and self.open_name is None and has_new(self.promise.values[0])

    @once
    def _constants(self) -> list[Wanted] | None:
        """The promised values; None when they depend on the run."""
        values = self.promise.values
        return [self.literal(value) for value in values] if all(map(_is_literal, values)) else None

    def literal(self, value: Value) -> Wanted:
        """A value that does not depend on the run."""
        if isinstance(value, Plain):
            return Wanted(
                value.value,
                value.value if value.is_quoted else value.text,
                self.name,
                not (value.is_quoted or value.is_typed),
            )
        text = "".join(str(part) for part in getattr(value, "parts", ()))
        return Wanted(text, text, self.name)

    def wanted(self, scope: Scope, holder: Holder | None) -> list[Wanted]:
        """The promised values at this message. Raises Unknown."""
        if self._constants is not None:
            return self._constants
        return [self._wanted(value, scope, holder) for value in self.promise.values]

    def _wanted(self, value: Value, scope: Scope, holder: Holder | None) -> Wanted:
        if isinstance(value, Moment):
            base = moment_base(value, scope, holder.siblings(self.place) if holder is not None else {})
            if not is_number(base):
                raise Unknown(value.base, f"there is no number `{value.base}` to count from")
            leeway = scope.context.leeway if value.base == "now" else 0.0
            return Wanted(_rounded(base + value.offset), None, self.name, leeway=leeway)
        if _is_literal(value):
            return self.literal(value)
        return Wanted(scope.value(value), None, self.name)

    def missed(self, value: Any, is_text: bool, wanted: Sequence[Wanted], scope: Scope, holder: Holder) -> str | None:
        """None when the value keeps the promise, else in words what was expected. Raises Unknown."""
        if self.operator == "in":
            if any(self._is_one(value, is_text, one, scope, holder) for one in wanted):
                return None
            return "one of " + ", ".join(one.shown(is_text) for one in wanted)
        (one,) = wanted
        if isinstance(one.value, Open):
            return None if self._holds_of_open(value, one.value, scope) else f"anything but `{{{one.value.name}}}`"
        if self.header and not one.leeway:
            if self.operator == "=":
                is_it = self._header_equal(value, one.as_text(), scope, holder)
                return None if is_it else shown(one.as_text(), self.name)
            if self.operator == "!=":
                is_another = self._header_differs(value, one.as_text(), scope, holder)
                return None if is_another else f"anything but {one.shown(True)}"
            if self.operator in ("contains", "lacks"):
                value, one = self._words_of_header(value), self._wanted_words(one)
        table = BODY_COMPARISONS if self.place == "body" else COMPARISONS
        return table.get(self.operator, equal)(value, is_text, one)

    def _is_one(self, value: Any, is_text: bool, one: Wanted, scope: Scope, holder: Holder) -> bool:
        if isinstance(one.value, Open):
            return one.value.holds_of(value, scope)
        if self.header:
            return self._header_equal(value, one.as_text(), scope, holder)
        return equal(value, is_text, one) is None

    def _holds_of_open(self, value: Any, known: Open, scope: Scope) -> bool:
        """What can be told of a value of which only a function was seen. Raises Unknown."""
        if self.operator == "=":
            return True  # The name is learnt with it, and the ledger holds the equation against what was learnt.
        if self.operator == "!=":
            return not known.holds_of(value, scope)
        raise Unknown(known.name, f"only `{known.call.function}` of `{{{known.name}}}` was seen so far")

    def _words_of_header(self, text: str) -> str:
        """Also `;` ends a word, and in some headers words have no case."""
        text = text.replace(";", " ")
        is_caseless = self.header in NAMES or (self.operator == "lacks" and self.header in DIRECTIVES)
        return text.lower() if is_caseless else text

    def _wanted_words(self, one: Wanted) -> Wanted:
        return Wanted(one.value, self._words_of_header(one.as_text()), one.name)

    def _header_equal(self, value: str, wanted: str, scope: Scope, holder: Holder) -> bool:
        try:
            return self._is_header(value, wanted, scope, holder)
        except ValueError:
            # Neither a URL nor a challenge: then it is not the drawn one.
            return False

    def _header_differs(self, value: str, wanted: str, scope: Scope, holder: Holder) -> bool:
        try:
            return not self._is_header(value, wanted, scope, holder)
        except ValueError:
            return False  # what cannot be read by its grammar may be read as the very one that must not come

    def _is_header(self, value: str, wanted: str, scope: Scope, holder: Holder) -> bool:
        if not wanted.strip():
            return not value.strip()
        if self.header in ("location", "content-location"):
            return url_equal(value, wanted, base_of(scope, holder))
        return EQUALITIES.get(self.header, _same)(value, wanted)

    def taken(self, value: Any, scope: Scope, holder: Holder) -> dict[str, Any] | None:
        """The values of `{new x}` in what came; None when it is not as drawn. Raises Unknown."""
        template = self.promise.values[0]
        if self.open_name is not None:
            return {self.open_name: value} if isinstance(value, str) and value else None
        if not isinstance(template, Template):
            return {}
        if self.header == "location":
            return url_taken(value, template, scope, base_of(scope, holder))
        if len(template.parts) == 1:
            return dict.fromkeys(new_names(template), value) if value not in ("", None) else None
        hole = ANY_PIECE if self.header in ("set-cookie", "cookie") else ANY_TEXT
        return taken(value, template, scope, hole) if isinstance(value, str) else None

    def equation(self, value: Any) -> Open:
        """What is known of the value whose function came."""
        call = self.promise.values[0].parts[0]  # type: ignore[union-attr]  # it is a template, see open_name
        return Open(str(self.open_name), call, value)  # type: ignore[arg-type]  # open_name says it is a call


def _same(value: str, wanted: str) -> bool:
    return value == wanted


def _is_literal(value: Value) -> bool:
    return type(value) is Plain or (type(value) is Template and all(type(part) is str for part in value.parts))


def _rounded(seconds: float) -> float:
    return int(seconds) if seconds == int(seconds) else seconds
