"""What is wrong with a promise, in the drawing's words."""

from collections.abc import Iterable
from typing import Any

from seqtest.auth.jwt import TokenError, read
from seqtest.contents.compare import STRINGS, Wanted, differs_in_type_only, is_number
from seqtest.contents.header import CHALLENGES
from seqtest.contents.holder import Found, Holder, Path, Unreadable, wire_name
from seqtest.contents.kinds import is_readable_token
from seqtest.contents.report import Notes
from seqtest.contents.scope import MISSING, Scope, Unknown
from seqtest.contents.template import references
from seqtest.contents.text import shown
from seqtest.diagram.expectation import Moment, Promise
from seqtest.once import once
from seqtest.scenario.duration import in_units

VALUELESS = frozenset(("present", "absent", "unique", "type", "kept", "changed", "unchecked", "schema", "openapi"))


class Worded:
    """A promise that can say what is wrong with it."""

    promise: Promise
    place: str
    path: Path
    operator: str
    header: str

    @once
    def word(self) -> str:
        return wire_name(self.path) if self.path else str(self.place)

    @once
    def name(self) -> str:
        path = self.path
        if path and isinstance(path[-1], str):
            return path[-1]
        return next((step for step in reversed(path) if isinstance(step, str)), "")

    def wanted(self, scope: Scope, holder: Holder | None) -> list[Wanted]:
        """The promised values at this message. Raises Unknown."""
        raise NotImplementedError

    def described(self) -> str:
        """The field in the drawing's words."""
        if self.place == "body":
            return "the body"
        prefix = {"header": "the header ", "cookie": "the cookie ", "jose": "the token's header field "}.get(
            self.place, ""
        )
        return f"{prefix}`{self.word}`"

    def _promised(self, scope: Scope | None = None, holder: Holder | None = None, found: Found | None = None) -> str:
        promise = self.promise
        if self.operator == "type":
            return f"{self.word} : {promise.type_name}"
        if self.operator in VALUELESS:
            return f"{self.word} {self.operator}" if self.operator != "present" else f"{self.word}"
        if scope is not None:
            try:
                wanted = self.wanted(scope, holder)
                return f"{self.word} {self.operator} " + ", ".join(
                    one.shown(bool(found and found.is_text)) for one in wanted
                )
            except Unknown:
                pass
        span = promise.span
        return span.text[span.column - 1 : span.end_column - 1] if span is not None else self.word

    def _shown_all(self, values: Iterable[Any]) -> str:
        return ", ".join(shown(value, self.name) for value in values if value is not MISSING)

    def _fail(self, notes: Notes, code: str, message: str, expected: str, got: str, **more: str) -> None:
        promise = self.promise
        notes.fail(code, message, promise.span, expected=expected, got=got, **more)

    def _differs(
        self, value: Any, is_text: bool, explanation: str, wanted: list[Wanted], scope: Scope, notes: Notes
    ) -> None:
        span = self.promise.value_span or self.promise.span
        got = f"{self.word} = {shown(value, self.name)}"
        if not is_text and self.operator == "=" and differs_in_type_only(value, wanted[0]):
            known = (
                f"its RFC defines `{self.name}` as a string"
                if self.name in STRINGS
                else "in JSON and in claims types count"
            )
            notes.fail(
                "SQ553",
                f"{self.described()} differs in its type only",
                span,
                expected=f"{self.word} = {explanation}",
                got=got,
                why=known,
                do=f"write `{got}` if text is meant" if isinstance(value, str) else "",
            )
            return
        if self.header in CHALLENGES:
            got = f"{self.word}: {value}"
        expected = f"{self.word} = {explanation}" if self.operator == "=" else f"{self.word}: {explanation}"
        said = (self._hidden_difference(value, wanted), self._moment(value, wanted), self._whose(scope))
        why = "; ".join(filter(None, said))
        notes.fail("SQ550", f"{self.described()} is not as drawn", span, expected=expected, got=got, why=why)

    def _hidden_difference(self, value: Any, wanted: list[Wanted]) -> str:
        """Where two texts differ of which only the beginnings may be shown."""
        promised = wanted[0].as_text() if self.operator == "=" and len(wanted) == 1 else None
        if not isinstance(value, str) or promised is None or not shown(value, self.name).endswith('…"'):
            return ""
        at = next((at for at, (one, other) in enumerate(zip(value, promised, strict=False)) if one != other), None)
        place = f"at character {at + 1}" if at is not None else f"behind character {min(len(value), len(promised))}"
        return f"they differ {place}; {len(promised)} characters are promised and {len(value)} came"

    def _moment(self, value: Any, wanted: list[Wanted]) -> str:
        """How far from `now` or a claim the time that came is: seconds since the epoch say it to nobody."""
        drawn = self.promise.values[0] if len(self.promise.values) == 1 else None
        if not isinstance(drawn, Moment) or not is_number(value) or not is_number(wanted[0].value):
            return ""
        apart = value - (wanted[0].value - drawn.offset)
        if abs(apart) < 1:
            return f"`{self.name}` is `{drawn.base}`"
        return f"`{self.name}` is `{drawn.base} {'+' if apart > 0 else '-'} {in_units(apart)}`"

    def _whose(self, scope: Scope) -> str:
        """Whose value was compared with, where the sender has none of that name."""
        for name in (name for value in self.promise.values for name in references(value)):
            known, settings = scope.bindings.known, scope.context.settings
            if (
                name in scope.step.given
                or name in known.get(scope.speaker, {})
                or name in settings.get(scope.speaker, {})
            ):
                continue
            if name in scope.bindings.values:
                latest = scope.bindings.values[name]
                owners = [f"`{who}`" for who, own in known.items() if name in own and own[name] == latest]
                return f"`{scope.speaker}` has no `{name}`: it is the latest one, known to {' and '.join(owners)}"
        return ""

    def _not_the_type(self, value: Any, notes: Notes) -> None:
        reason = ""
        if self.promise.type_name == "jwt":
            try:
                read(value)
            except TokenError as error:
                reason = f": {error}"
        elif self.promise.type_name == "opaque" and isinstance(value, str) and is_readable_token(value):
            reason = ": it is a JWT, which everybody can read"
        notes.fail(
            "SQ553" if self.promise.type_name != "jwt" else "SQ555",
            f"{self.described()} is no {self.promise.type_name}{reason}",
            self.promise.value_span or self.promise.span,
            expected=self._promised(),
            got=f"{self.word} = {shown(value, self.name)}",
        )

    def _unreadable(self, error: Unreadable, notes: Notes) -> None:
        # One body is unreadable once, however many of its fields are drawn.
        if not any(failure.code == "SQ556" for failure in notes.failures):
            self._fail(notes, "SQ556", str(error), "", error.got, do="every promise about its fields is broken with it")
