"""A promise made ready to be held against messages: looked up, compared, and what is learnt from it.

Compiled once a step. What does not depend on the run (literals, which comparison, where to look) is settled then.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from seqtest.contents.header import CHALLENGES, has_challenges
from seqtest.contents.holder import Found, Holder, Unreadable, wire_name
from seqtest.contents.kinds import KINDS
from seqtest.contents.opener import OPENERS, CannotOpen, TokenHolder
from seqtest.contents.report import Notes
from seqtest.contents.scope import MISSING, Open, Scope, Unknown
from seqtest.contents.template import is_made_of, references
from seqtest.contents.text import shown
from seqtest.contents.valued import Valued
from seqtest.contents.view import View
from seqtest.contents.words import VALUELESS
from seqtest.diagram.block import opens
from seqtest.diagram.contradiction import SINGLE_VALUED
from seqtest.diagram.expectation import Plain, Promise, Template
from seqtest.exchange import Response
from seqtest.once import once
from seqtest.source import Span


class Judge(Protocol):
    """What checking asks of the run as a whole; None while the run is still going on."""

    def is_fresh(self, value: Any, scope: Scope) -> bool: ...
    def signature(self, clause: "Clause", token: TokenHolder, scope: Scope, notes: Notes) -> None: ...
    def opened(self, equation: Open, promise: Promise) -> None: ...


class Clause(Valued):
    """One promise."""

    def __init__(self, promise: Promise, ordinal: int = 0, total: int = 1) -> None:
        self.promise = promise
        self.place, self.path, self.operator = promise.place, promise.path, promise.operator
        self.ordinal, self.total = ordinal, total
        """Which of several drawn values of one field it is, and how many there are."""
        self.header = wire_name(promise.path).lower() if promise.place == "header" else ""
        self.block = opens(promise) if promise.children or promise.is_closed else None
        if promise.operator == "type" and promise.type_name == "jwt":
            self.block = "token"  # also without lines below it: its signature is verified
        is_in_cookie = self.block == "token" and promise.place == "cookie"
        attributes = [one for one in promise.children if is_in_cookie and one.place == "parameter"]
        children = [one for one in promise.children if one not in attributes] if attributes else promise.children
        self.group = Group(children, promise.is_closed) if self.block else None
        self.attributes = Group(attributes, False) if attributes else None
        """Of a token in a cookie: what is said of the cookie."""

    @once
    def passes_on(self) -> bool:
        """Whether a token of somebody else stands in it, and lines below that: they are checks whoever sends it."""
        promise = self.promise
        if self.block == "token":
            return promise.operator == "=" and not promise.is_tampered
        return (
            self.block in ("object", "location")
            and self.group is not None
            and any(one.passes_on for one in self.group.clauses)
        )

    # Checking.

    def check(self, holder: Holder, scope: Scope, notes: Notes, judge: Judge | None) -> None:
        """Hold the promise against what came."""
        promise = self.promise
        notes.checks += 1
        if self.place == "signature":
            return
        if self.operator in ("schema", "openapi"):
            self._check_file(holder, notes)
            return
        try:
            found = (holder.traces if self.operator == "absent" else holder.look)(self.place, self.path)
            values = found.values if self.header != "set-cookie" else self._of_its_cookie(found.values)
            if found.obstacle and not (promise.is_optional and self._is_missing_whole(holder)):
                what = "cannot be looked for" if self.operator == "absent" else "is missing"
                message = f"{self.described()} {what}: {found.obstacle}"
                self._fail(notes, "SQ551", message, self._promised(), "nothing")
                return
            if self.operator == "absent":
                if any(value is not MISSING for value in values):
                    self._fail(notes, "SQ552", f"{self.described()} is there", "absent", self._shown_all(values))
                return
            if promise.is_optional and None in self.path:
                values = [value for value in values if value is not MISSING]  # each element may lack it
            if not values or (values[0] if len(values) == 1 else _gap_in(values)) is MISSING:
                if not (promise.is_optional and not values):
                    self._fail(
                        notes,
                        "SQ551",
                        f"{self.described()} is missing",
                        self._promised(scope, holder, found),
                        "nothing",
                    )
                return
            if len(values) > 1 and self._comes_too_often(values, found, holder):
                self._fail(
                    notes,
                    "SQ564",
                    f"{self.described()} came {len(values)} times",
                    self._promised(scope, holder, found),
                    self._shown_all(values),
                    do=f"draw `{self.word}` as often as it may come",
                )
                return
            for value in values if len(values) == 1 == self.total else self._chosen(values, found, holder, scope):
                if value is MISSING and promise.is_optional:
                    continue
                if value is MISSING:
                    self._fail(
                        notes,
                        "SQ551",
                        f"{self.described()} came {len(values)} times, and is drawn {self.total} times",
                        "",
                        "",
                    )
                else:
                    self._check_value(value, found.is_text, holder, scope, notes, judge)
        except Unreadable as error:
            self._unreadable(error, notes)
        except Unknown as unknown:
            notes.fail("SQ561", f"{self.described()} cannot be compared: {unknown}", promise.value_span or promise.span)

    def _field(self) -> Any:
        """What `unique` tells apart: a field, or each element of an array."""
        return object() if None in self.path else (self.place, self.path)

    def _is_missing_whole(self, holder: Holder) -> bool:
        """Whether nothing is there of which `[*]` could mean the elements."""
        if None not in self.path:
            return False
        found = holder.look(self.place, self.path[: self.path.index(None)])
        return all(value is MISSING for value in found.values)

    def _comes_too_often(self, values: Sequence[Any], found: Found, holder: Holder) -> bool:
        """Of a message's query and form each name is counted once for all its lines, drawn or not."""
        if self.header == "set-cookie":
            return cookie_set_by(self.promise) is not None and len(values) != self.total
        if not found.is_text or self.header or len(values) == self.total:
            return False
        return self.place == "cookie" or not isinstance(holder, View)

    def _check_file(self, holder: Holder, notes: Notes) -> None:
        from seqtest.contents.schema import check_schema

        promise = self.promise
        if self.operator == "openapi":
            notes.error(
                "SQ247", "`matches openapi` cannot be tested yet", promise.span, why="it comes in a later version"
            )
        elif self.place == "body" and isinstance(holder, View):
            check_schema(promise, None, holder, self.described(), notes)
        else:
            try:
                values = holder.look(self.place, self.path).values
            except Unreadable as error:
                self._unreadable(error, notes)
                return
            if not values and not promise.is_optional:
                self._fail(notes, "SQ551", f"{self.described()} is missing", self._promised(), "nothing")
            for value in values:
                check_schema(promise, value, None, self.described(), notes)

    def _of_its_cookie(self, values: Sequence[Any]) -> Sequence[Any]:
        """Of the lines that set cookies those that set the drawn one; all where none does, or no line says which."""
        name = cookie_set_by(self.promise)
        return [value for value in values if name is None or value.partition("=")[0].strip() == name] or values

    def _chosen(self, values: Sequence[Any], found: Found, holder: Holder, scope: Scope) -> Sequence[Any]:
        if not found.is_text:
            return values
        is_on_page = self.place == "form" and isinstance(holder, View) and isinstance(holder.content, Response)
        if is_on_page and self.total == 1:
            return values  # of several forms of a page each
        if self.header in CHALLENGES:
            joined = ", ".join(values)
            return (joined,) if has_challenges(joined, self.total) else (MISSING,)
        if self.header and self.header not in SINGLE_VALUED and self.header != "set-cookie" and self.total == 1:
            # RFC 9110 section 5.3: several lines of a list are one list.
            return (", ".join(values),)
        if self.operator != "=":
            return values
        if scope.in_target and self.place in ("query", "field") and isinstance(holder, View):
            values = _beside(values, scope.in_target.get(wire_name(self.path), ()))
        return (values[self.ordinal] if self.ordinal < len(values) else MISSING,)

    def _check_value(
        self, value: Any, is_text: bool, holder: Holder, scope: Scope, notes: Notes, judge: Judge | None
    ) -> None:
        if self.promise.name is not None:
            scope.named[self.promise.name] = value
        if self.operator == "type":
            if not KINDS[self.promise.type_name](value, is_text):
                self._not_the_type(value, notes)
                return
        elif (value is None and self.operator in ("present", "unique")) or (value == "" and self.operator == "unique"):
            kind = "null" if value is None else "empty"
            self._fail(notes, "SQ551", f"{self.described()} is {kind}", self._promised(), kind)
            return
        elif self.operator == "unique":
            if judge is not None and not (judge.is_fresh(value, scope) and scope.claims(value, self._field())):
                self._fail(
                    notes,
                    "SQ554",
                    f"{self.described()} was seen before in this run",
                    "a value never seen before",
                    shown(value, self.name),
                )
        elif self.operator not in VALUELESS and not self._compare(value, is_text, holder, scope, notes, judge):
            return
        if self.group is not None:
            self._look_inside(value, holder, scope, notes, judge)

    def _compare(
        self, value: Any, is_text: bool, holder: Holder, scope: Scope, notes: Notes, judge: Judge | None
    ) -> bool:
        if isinstance(self.promise.values[0], Template) and (self.takes_new or self.open_name is not None):
            return self._take(value, holder, scope, notes, judge)
        wanted = self.wanted(scope, holder)
        explanation = self.missed(value, is_text, wanted, scope, holder)
        if explanation is None:
            return True
        self._differs(value, is_text, explanation, wanted, scope, notes)
        return False

    def _take(self, value: Any, holder: Holder, scope: Scope, notes: Notes, judge: Judge | None) -> bool:
        found = self.taken(value, scope, holder)
        if found is None:
            self._fail(notes, "SQ550", f"{self.described()} is not as drawn", self._promised(), shown(value, self.name))
            return False
        if self.open_name is not None:
            if judge is not None:
                # What the value was made of is new only if what was made of it is: S256 maps equals to equals.
                if not judge.is_fresh(value, scope):
                    self._not_new(self.open_name, value, notes)
                judge.opened(self.equation(value), self.promise)
            return True
        for name, new in found.items():
            if scope.news.setdefault(name, new) != new:
                self._fail(
                    notes,
                    "SQ550",
                    f"`{{new {name}}}` came with another value before, in this message",
                    shown(scope.news[name], self.name),
                    shown(new, self.name),
                )
                return False
            if judge is not None and not (judge.is_fresh(new, scope) and scope.claims(new, self._field(), name)):
                self._not_new(name, new, notes)
        return True

    def _not_new(self, name: str, value: Any, notes: Notes) -> None:
        self._fail(
            notes,
            "SQ554",
            f"`{{new {name}}}` is not new: the value was seen before in this run",
            "a value never seen before",
            shown(value, self.name),
        )

    def _look_inside(self, value: Any, holder: Holder, scope: Scope, notes: Notes, judge: Judge | None) -> None:
        if self.group is None or self.block is None:
            return
        try:
            if self.attributes is not None:
                cookie = OPENERS["cookie"](value, self.promise, scope, holder)
                self.attributes.check(cookie, scope, notes, judge, self.promise.span)
            inside = OPENERS[self.block](value, self.promise, scope, holder)
        except CannotOpen as error:
            self._fail(
                notes, "SQ555", f"{self.described()} cannot be read: {error}", self._promised(), shown(value, self.name)
            )
            return
        if not isinstance(inside, TokenHolder):
            self.group.check(inside, scope, notes, judge, self.promise.span)
            return
        outer, scope.alg = scope.alg, inside.token.header.get("alg")
        try:
            before = len(notes.failures)
            self.group.check(inside, scope, notes, judge, self.promise.span)
            if judge is not None:
                judge.signature(self, inside, scope, notes)
            if len(notes.failures) > before:
                notes.explain(before, inside.decoded())
        finally:
            scope.alg = outer

    # Learning.

    def learn(self, holder: Holder, scope: Scope, learnt: dict[str, Any], is_top: bool) -> None:
        """What both ends of the message know by this promise. What is missing or odd is nobody's knowledge."""
        if self.operator == "absent" or self.place == "signature":
            return
        try:
            found = holder.look(self.place, self.path)
        except Unreadable:
            return
        values, path = found.values, self.path
        if len(values) != 1 or values[0] is MISSING:
            values = [value for value in values if value is not MISSING]
            if not values:
                return
        value = (
            values[min(self.ordinal, len(values) - 1)]
            if self.total > 1 or len(values) == 1
            else (values if None in path else values[0])
        )
        promise = self.promise
        if is_top and len(path) == 1 and isinstance(path[0], str):
            learnt[path[0]] = value
        if promise.name is not None:
            learnt[promise.name] = value
        if promise.operator == "=":
            self._learn_from_template(value, holder, scope, learnt)
        if self.group is not None and self.block is not None:
            try:
                inside = OPENERS[self.block](value, promise, scope, holder)
            except (CannotOpen, Unknown):
                return
            for clause in self.group.clauses:
                clause.learn(inside, scope, learnt, is_top=self.block == "location")

    def _learn_from_template(self, value: Any, holder: Holder, scope: Scope, learnt: dict[str, Any]) -> None:
        template = self.promise.values[0]
        if not isinstance(template, Template):
            return
        for name in references(template):
            try:
                known = scope.name(name)
            except Unknown:
                continue
            is_seen = isinstance(known, Open) and len(template.parts) == 1
            learnt.setdefault(name, value if is_seen else known)
        if scope.is_composing:
            return
        try:
            if self.open_name is not None:
                learnt[self.open_name] = self.equation(value)
            elif self.takes_new:
                learnt.update(self.taken(value, scope, holder) or {})
        except Unknown:
            return


class Group:
    """The promises of one level: a message's, or a block's."""

    def __init__(self, promises: Sequence[Promise], is_closed: bool, bare: str = "") -> None:
        """`bare`: where a request's bare fields are, so that `a` and `form.a` are one field."""
        self.is_closed = is_closed
        self._promises = promises
        fields = [_field_of(promise, bare) for promise in promises]
        self._repeats = len(set(fields)) < len(promises)
        """Whether two lines name one place."""
        self.clauses = self._numbered(fields) if self._repeats else tuple([Clause(promise) for promise in promises])

    def _numbered(self, fields: Sequence[tuple[str, Any]]) -> tuple[Clause, ...]:
        repeated: dict[tuple[str, Any], int] = {}
        for promise, key in zip(self._promises, fields, strict=True):
            if promise.operator == "=":
                repeated[key] = repeated.get(key, 0) + 1
        seen: dict[tuple[str, Any], int] = {}
        clauses = []
        for promise, key in zip(self._promises, fields, strict=True):
            ordinal = seen.get(key, 0)
            if promise.operator == "=":
                seen[key] = ordinal + 1
            clauses.append(Clause(promise, min(ordinal, repeated.get(key, 1) - 1), repeated.get(key, 1)))
        return tuple(clauses)

    @once
    def drawn(self) -> list[tuple[str, Any]]:
        """The places of the lines."""
        return [(promise.place, promise.path) for promise in self._promises]

    @once
    def closing(self) -> list[tuple[str, Any]]:
        """The places that the lines draw, for `nothing else`; saying what must not be there draws nothing in it."""
        return [
            (promise.place, promise.path[:1] if promise.operator == "absent" else promise.path)
            for promise in self._promises
            if promise.place != "body" or promise.operator not in ("absent", "lacks", "!=")
        ]

    def doubtful(self) -> list[Clause]:
        """Those of which another one of the level names the same place, or that hold such: both must be true.

        What a line takes for an example must be true of the line, too.
        """
        return [
            clause
            for clause in self.clauses
            if clause.promise.example is not None
            or (self._repeats and self.drawn.count((clause.place, clause.path)) > 1)
            or (clause.group is not None and not clause.promise.is_tampered and clause.group.doubtful())
        ]

    @once
    def sending(self) -> tuple[Clause, ...]:
        """The clauses in drawn order, but for those whose values are made of the others: they come last."""
        names = {clause.path[0] for clause in self.clauses if clause.path}
        later = [clause for clause in self.clauses if is_made_of(clause.promise, names)]
        if not later:
            return self.clauses
        return (*(clause for clause in self.clauses if clause not in later), *later)

    def check(self, holder: Holder, scope: Scope, notes: Notes, judge: Judge | None, span: Span | None) -> None:
        """Hold every promise of the level, and the closing one, for which `span` answers."""
        for clause in self.clauses:
            clause.check(holder, scope, notes, judge)
        if self.is_closed:
            self.check_closed(holder, notes, self.closing, span)

    def check_closed(self, holder: Holder, notes: Notes, drawn: Iterable[tuple[str, Any]], span: Span | None) -> None:
        """`nothing else`."""
        notes.checks += 1
        undrawn = holder.undrawn(drawn)
        if undrawn:
            notes.fail("SQ557", f"{', '.join(f'`{name}`' for name in undrawn)} came, and `nothing else` is drawn", span)


def _field_of(promise: Promise, bare: str) -> tuple[str, Any]:
    """Where it stands: a bare name and one with its place are one field, and each cookie that is set is one."""
    if promise.place == "header":
        return "header", (promise.path, cookie_set_by(promise))
    return bare or "field" if promise.place == "field" else promise.place, promise.path


def cookie_set_by(promise: Promise) -> str | None:
    """The cookie's name in a line `Set-Cookie: sid=…`."""
    if promise.place != "header" or promise.operator != "=" or str(promise.path[0]).lower() != "set-cookie":
        return None
    value = promise.values[0]
    text = value.text if isinstance(value, Plain) else value.parts[0] if isinstance(value, Template) else ""
    name, sign, _ = text.partition("=") if isinstance(text, str) else ("", "", "")
    return name.strip() if sign else None


def _beside(values: Sequence[Any], in_target: Sequence[str | None]) -> Sequence[Any]:
    """The values of a query field that came beside those that the target draws."""
    if len(values) <= len(in_target):
        return values
    left = list(values)
    for drawn in in_target:
        left.remove(drawn if drawn in left else left[0])
    return left


def _gap_in(values: Sequence[Any]) -> Any:
    """MISSING if it is one of them."""
    return next((value for value in values if value is MISSING), None)
