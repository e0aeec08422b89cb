"""The contents of one step: sent when its sender is scripted, seen when it is bound."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from seqtest.contents import framing
from seqtest.contents.clause import Clause, Judge
from seqtest.contents.compare import json_equal
from seqtest.contents.compose import fill
from seqtest.contents.context import Context
from seqtest.contents.draft import MessageDraft
from seqtest.contents.holder import Ambiguous, Unreadable, wire_name
from seqtest.contents.leaves import Leaf, leaves
from seqtest.contents.ledger import Brought, Ledger, Seen
from seqtest.contents.promised import said_by
from seqtest.contents.report import Notes, Report
from seqtest.contents.scope import MISSING, Scope, Unknown
from seqtest.contents.target import (
    action_taken,
    drawn_error,
    result_fits,
    status_fits,
    status_to_send,
)
from seqtest.contents.template import references
from seqtest.contents.text import shown, text_of
from seqtest.contents.view import View
from seqtest.dataclass import replace
from seqtest.diagram.contradiction import SINGLE_VALUED
from seqtest.diagram.expectation import QUERY_METHODS, ActionLine, Expectation, RequestLine, StatusLine, Template
from seqtest.errors import Finding, UnplayableScenario, did_you_mean
from seqtest.exchange import Action, Answer, Lost, Message, Request, Response, Result, Said
from seqtest.scenario import Script, Step
from seqtest.scenario.drawn import drawn_names, last_needs
from seqtest.syntax.promise import loads
from seqtest.trace import Bindings

Content = Message | Answer


class Contents:
    """What one step promises, ready to be composed, recognized, learnt from and checked."""

    __slots__ = (
        "_drawn",
        "_script",
        "_target",
        "_taught",
        "_view",
        "context",
        "expectation",
        "group",
        "is_tested",
        "line",
        "step",
    )

    def __init__(self, step: Step, expectation: Expectation, context: Context, script: Script) -> None:
        self.step, self.expectation, self.context = step, expectation, context
        self.line = expectation.line
        drawn = self._drawn = said_by(expectation)
        self.group, self._target = drawn.group, drawn.target
        self._script = script
        self.is_tested = step.sender in context.bound
        self._view: View | None = None
        self._taught: tuple[Content, Bindings, dict[str, Any]] | None = None

    def view_of(self, content: Content) -> View:
        """The message taken apart, once: fitting, learning and checking ask for the same one."""
        view = self._view
        if view is None or view.content is not content:
            view = self._view = View(content)
        return view

    def _scope(self, bindings: Bindings, request: Message | None = None, is_composing: bool = False) -> Scope:
        scope = Scope(self.step, self.context, bindings, is_composing)
        if isinstance(request, Request):
            scope.request_url = request.url
        return scope

    # Sending.

    def compose(self, bindings: Bindings, request: Message | None) -> tuple[Content, Bindings]:
        """What the scripted sender sends, and what both ends know afterwards.

        Raises UnplayableScenario or Unanswerable where nothing can be sent.
        """
        scope = self._scope(bindings, request, is_composing=True)
        try:
            content = self._composed(scope)
        except Unknown as unknown:
            raise UnplayableScenario(
                Finding("SQ365", f"nothing can be sent here: {unknown}", self.expectation.span or self.step.span)
            ) from None
        if self._drawn.doubtful:
            self._agree(content, bindings, request, scope)
        learnt = self._learnt(content, scope)
        learnt.update(scope.made)
        after = scope.bindings.learn((self.step.sender, self.step.receiver), learnt)
        return content, self._browsed(after, content, request)

    def _composed(self, scope: Scope) -> Content:
        line = self.line
        is_http = not isinstance(line, ActionLine)
        method = line.method if isinstance(line, RequestLine) else ""
        if self._target is not None and self.step.sender in self.context.user_agents:
            from seqtest.contents.browse import browse

            self._view, agent = browse(self._target, self.group, self._drawn.draws_json, scope)
            scope.bindings = scope.bindings.browsing(self.step.sender, agent)
            return self._view.content
        draft = MessageDraft(method, isinstance(line, StatusLine), self._drawn.draws_json, is_http)
        scope.own = draft.own
        url = self._target.url(scope) if self._target is not None else ""
        fill(draft, self.group, scope)
        if isinstance(line, RequestLine):
            headers, body = draft.written()
            framing.check_sendable(headers, body)
            return Request(method, draft.target(url), headers, body)
        if isinstance(line, StatusLine):
            headers, body = draft.written()
            return Response(status_to_send(line, scope), headers, body)
        if self.step.kind in ("result", "response"):
            error = drawn_error(line)
            text = scope.text(line.text) if error is None and line.text.parts else None
            return Result(text, draft.fields, error)
        return Action(scope.text(line.text), draft.fields)

    def _agree(self, content: Content, bindings: Bindings, request: Message | None, sent: Scope) -> None:
        """Of two lines about one place only one may have been sent: the other must be true of it as well."""
        notes, scope, view = Notes(), self._scope(bindings, request), View(content)
        scope.named, scope.news = sent.named, {**sent.made}
        scope.own = lambda name: _own(view, name)
        for clause in self._drawn.doubtful:
            clause.check(view, scope, notes, None)
            if clause.header in SINGLE_VALUED and len(set(view.headers.get(clause.header, ()))) > 1:
                notes.fail("SQ564", f"`{clause.word}` has two values", clause.promise.span)
        # A body that is drawn to be no form and no JSON cannot be looked into, and is meant so.
        failure = next((one for one in notes.failures if one.code != "SQ556"), None)
        if failure is not None:
            raise UnplayableScenario(
                replace(
                    failure,
                    code="SQ252",
                    severity="error",
                    message="what is drawn here contradicts itself with the values of this run",
                    why=f"a scripted sender sends what is drawn; then {failure.message}",
                    do="take one of the lines about it out, or write an example that keeps them",
                )
            )

    # Recognizing.

    def is_for(self, content: Message, bindings: Bindings) -> bool:
        """Whether the message is this arrow's at all: method and target, or the action's text."""
        return self._is_this(content, self._scope(bindings))

    def _is_this(self, content: Content, scope: Scope) -> bool:
        line = self.line
        if self._target is not None:
            return isinstance(content, Request) and self._target.fits(content, scope)
        if isinstance(line, ActionLine) and isinstance(content, Action):
            try:
                return action_taken(line, content.text, scope) is not None
            except Unknown:
                return False
        return isinstance(content, (Response, Result, Lost)) and self.status_fits(content, scope.bindings)

    def fits(self, content: Content, bindings: Bindings) -> int | None:
        """None: not this arrow at all. Else how many of its promises the message breaks, 0 being best."""
        scope = self._scope(bindings)
        if not self._is_this(content, scope):
            return None
        if isinstance(content, Lost):
            return 0
        notes = Notes()
        self._check(self.view_of(content), scope, notes, None)
        return len(notes.failures)

    def status_fits(self, answer: Answer, bindings: Bindings | None = None) -> bool:
        """Whether the answer is of the drawn kind: its status, an exception or none, lost or not."""
        if isinstance(answer, Lost):
            return self.step.is_lost
        if isinstance(self.line, StatusLine):
            scope = self._scope(bindings or Bindings())
            return isinstance(answer, Response) and status_fits(self.line, answer, scope)
        return isinstance(self.line, ActionLine) and isinstance(answer, Result) and result_fits(self.line, answer)

    # Learning.

    def capture(self, content: Content, bindings: Bindings, request: Message | None) -> Bindings:
        """What both ends know once the message came. What is missing is nobody's knowledge."""
        learnt = self._learnt(content, self._scope(bindings, request))
        self._taught = (content, bindings, learnt)
        after = bindings.learn((self.step.sender, self.step.receiver), learnt) if learnt else bindings
        return self._browsed(after, content, request)

    def _browsed(self, bindings: Bindings, content: Content, request: Message | None) -> Bindings:
        """A browser keeps what an answer brings it: cookies, a page, where to go next."""
        receiver = self.step.receiver
        if receiver not in self.context.user_agents or self.step.is_lost:
            return bindings
        if not (isinstance(content, Response) and isinstance(request, Request)):
            return bindings
        from seqtest.contents.browse import agent_of

        agent = agent_of(bindings, receiver).sees(request, content, bindings.now, is_drawn=self.is_tested)
        return bindings.browsing(receiver, agent)

    def _learnt(self, content: Content, scope: Scope) -> dict[str, Any]:
        learnt: dict[str, Any] = {}
        if isinstance(content, Lost):
            return learnt
        view = self.view_of(content)
        if not scope.is_composing:
            scope.own = lambda name: _own(view, name)
        if self._target is not None and isinstance(content, Request):
            self._target.learn(content, scope, learnt)
        elif isinstance(self.line, ActionLine):
            self._learn_from_text(self.line.text, content, scope, learnt)
        for clause in self.group.clauses:
            clause.learn(view, scope, learnt, is_top=True)
        return learnt

    def _learn_from_text(self, text: Template, content: Content, scope: Scope, learnt: dict[str, Any]) -> None:
        for name in references(text):
            try:
                learnt.setdefault(name, scope.name(name))
            except Unknown:
                continue
        came = content.text if isinstance(content, Action) else text_of(getattr(content, "value", None))
        if not scope.is_composing and isinstance(self.line, ActionLine):
            try:
                learnt.update(action_taken(self.line, came, scope) or {})
            except Unknown:
                return

    def missing(self, content: Content, bindings: Bindings, request: Message | None = None) -> list[Finding]:
        """Drawn values that a scripted sender needs later and that did not come: the flow cannot go on."""
        if not self.is_tested or isinstance(content, Lost):
            return []
        needed, index = last_needs(self._script), self.step.index
        awaited = [one for one in drawn_names(self.expectation) if needed.get(one[0], -1) > index]
        if not awaited:
            return []
        taught = self._taught
        if taught is not None and taught[0] is content and taught[1] is bindings:
            learnt = taught[2]
        else:
            learnt = self._learnt(content, self._scope(bindings, request))
        return [
            Finding(
                "SQ563",
                f"`{name}` did not come, and a later arrow needs it",
                promise.span if promise is not None else self.expectation.span,
                "failed",
                "drawn here",
            )
            for name, promise in awaited
            if name not in learnt and not (promise is not None and promise.is_optional)
        ]

    # Checking.

    def check(self, content: Content, bindings: Bindings, request: Message | None, ledger: Ledger) -> Report:
        """Every promise that the message breaks. A scripted sender's message is only entered in the ledger."""
        notes = Notes()
        if isinstance(content, Lost):
            return notes.report
        scope = self._scope(bindings, request)
        if self.step.kind == "state":
            self._check_state(content, scope, ledger, notes)
            return notes.report
        view = self.view_of(content)
        if self.is_tested:
            self._check(view, scope, notes, cast(Judge, ledger))
            if isinstance(content, Response):
                framing.check_length(content, view, request, notes, self.expectation.span or self.step.span)
            if ledger.has_open:
                learnt = self._learnt(content, self._scope(bindings, request))
                ledger.check_equations(learnt, scope, notes, self.expectation.span)
        else:
            self._check_passed_on(view, scope, notes, ledger)
        found = leaves(view)
        undrawn = self._undrawn(view, found, scope) if self.is_tested else ()
        seen = Seen(view, self.step.sender, self.step.receiver, self.is_tested, found, undrawn, self._drawn)
        ledger.see(seen, notes, self.expectation.span or self.step.span)
        return notes.report

    def _check_passed_on(self, view: View, scope: Scope, notes: Notes, ledger: Ledger) -> None:
        """What a scripted sender did not make: tokens of others, of which the lines below are checks."""
        is_brought = self._target is not None and self._target.is_brought
        is_brought = is_brought and self.step.sender in self.context.user_agents
        for clause in self.group.clauses:
            is_theirs = clause.operator == "unique" or (clause.block == "token" and not clause.promise.is_tampered)
            if (clause.block is not None and clause.passes_on) or (is_brought and is_theirs):
                clause.check(view, scope, notes, Brought(ledger))

    def _check_state(self, content: Content, scope: Scope, ledger: Ledger, notes: Notes) -> None:
        """What somebody real says of itself, beside the names given with `as`; what a scripted one knows."""
        speaker = self.step.sender
        known = scope.bindings.known.get(speaker, {})
        if speaker in self.context.bound:
            # The drawing must not answer for somebody real: what was drawn before is not what was kept.
            known = {name: known[name] for name in ledger.named if name in known}
        else:
            known = {**self.context.settings.get(speaker, {}), **known}
        said = {**known, **getattr(content, "fields", {})}
        view = View(Result(fields=said))
        judge = ledger if speaker in self.context.bound else Brought(ledger)
        scope.own = lambda name: _own(view, name)
        for clause in self.group.clauses:
            near = did_you_mean(clause.name, list(said)) if _is_misspelt(clause, said) else ""
            if near:
                message = f"the state has no `{clause.name}`, so `absent` proves nothing"
                notes.error("SQ567", message, clause.promise.span, why="it has a name that is nearly this", do=near)
            elif speaker in self.context.stateless and _may_be_missing(clause) and str(clause.path[0]) not in said:
                message = f"`{speaker}` cannot tell its state, so nothing is proved by what is not in it"
                why = "only an Actor with a method `state` tells it; an application and a function have none"
                notes.error("SQ567", message, clause.promise.span, why=why, do="look at what its answers say instead")
            clause.check(view, scope, notes, cast(Judge, judge))
        ledger.remember_new()
        notes.advise(
            f"`{speaker}` has {_listed(said)}" if said else f"`{speaker}` tells nothing of its state",
            f"a note over `{speaker}` below an arrow checks its state; for the message above it write `note left`",
        )

    def _check(self, view: View, scope: Scope, notes: Notes, judge: Judge | None) -> None:
        scope.own = lambda name: _own(view, name)
        content, span = view.content, self.expectation.span or self.step.span
        if self._target is not None and isinstance(content, Request):
            notes.checks += 1
            if self._target.has_new:
                scope.news.update(self._target.news(content, scope))
            if "?" in content.url or not self._target.is_fixed or "?" in self._target.path:
                self._target.check_query(view, scope, notes, span)
                scope.in_target = self._target.drawn_values(scope)
        elif isinstance(content, Action) and isinstance(self.line, ActionLine):
            notes.checks += 1
            scope.news.update(_news_in_text(self.line, content.text, scope))
        elif isinstance(content, Result) and isinstance(self.line, ActionLine):
            self._check_value(content, self.line, scope, notes)
        else:
            notes.checks += 1
        for clause in self.group.clauses:
            clause.check(view, scope, notes, judge)
        if self.group.is_closed:
            drawn = self.group.closing + (self._target.drawn_fields(scope) if self._target is not None else [])
            self.group.check_closed(view, notes, drawn, span)
        self._check_repeated(view, scope, notes, span)
        if (
            isinstance(content, Request)
            and "host" in view.headers
            and not any(clause.header == "host" for clause in self.group.clauses)
        ):
            framing.check_host(content, view.headers["host"][0], notes, span)
        if self._drawn.body_type and view.body:
            framing.check_type(view, self._drawn.body_type, notes, span)

    def _check_value(self, result: Result, line: ActionLine, scope: Scope, notes: Notes) -> None:
        notes.checks += 1
        is_value = result.value is not None and not isinstance(result.value, Said)
        if not line.text.parts and self.group.is_closed and is_value:
            notes.fail(
                "SQ557",
                "a value came, and `nothing else` is drawn",
                self.expectation.span,
                got=shown(result.value),
                do="draw the value as the answer's text if it belongs there",
            )
        if not line.text.parts or drawn_error(line) is not None:
            return
        came = text_of(result.value) if result.value is not None else ""
        try:
            if action_taken(line, came, scope) is None and not _is_the_drawn_array(line.text, result.value):
                expected = scope.text(line.text) if not scope.made else ""
                notes.fail(
                    "SQ550",
                    "the answer is not as drawn",
                    self.expectation.span,
                    expected=expected,
                    got=shown(dict(result.fields) if result.value is None and result.fields else result.value),
                )
        except Unknown as unknown:
            notes.fail("SQ561", f"the answer cannot be compared: {unknown}", self.expectation.span)

    def _check_repeated(self, view: View, scope: Scope, notes: Notes, span: Any) -> None:
        for name, values in view.headers.items():
            if len(values) > 1 and name in SINGLE_VALUED:
                notes.fail(
                    "SQ564",
                    f"the header `{name}` came {len(values)} times",
                    span,
                    why="RFC 9110 section 5.3: this field has one value",
                )
        if view.is_json:
            _check_unambiguous(view, notes, span)
        if not isinstance(view.content, Request):
            return
        if not view.query and not view.body:
            return
        is_in_query = view.content.method in QUERY_METHODS
        for place, fields in (("query", view.query), ("form", view.form if view.has_form else {})):
            bare = "field" if (place == "query") == is_in_query else place
            for name, values in fields.items():
                if len(values) > 1 and len(values) != self._times_drawn(name, (place, bare), scope):
                    notes.fail(
                        "SQ564",
                        f"`{name}` came {len(values)} times",
                        span,
                        why=_ONCE,
                        do=f"draw `{name}` as often as it may come",
                    )
        if not view.query or not view.body:
            return
        for name in view.body_names():
            if name in view.query and not is_in_query and not self._draws_in_query(name, scope):
                notes.fail(
                    "SQ564",
                    f"`{name}` came twice: in the query and in the body",
                    span,
                    why=_ONCE,
                    do=f"draw `query.{name}` too if it may come there",
                )

    def _times_drawn(self, name: str, places: tuple[str, str], scope: Scope) -> int:
        lines = sum(
            clause.operator == "=" and clause.place in places and wire_name(clause.path) == name
            for clause in self.group.clauses
        )
        if "query" not in places or self._target is None:
            return lines
        return lines + sum(path[0] == name for _, path in self._target.drawn_fields(scope))

    def _draws_in_query(self, name: str, scope: Scope) -> bool:
        return any(
            clause.place == "query" and clause.operator != "absent" and wire_name(clause.path) == name
            for clause in self.group.clauses
        ) or (self._target is not None and any(path[0] == name for _, path in self._target.drawn_fields(scope)))

    def _undrawn(self, view: View, found: Sequence[Leaf], scope: Scope) -> list[Leaf]:
        """The texts of the message that no promise draws."""
        in_target = {path[0] for _, path in self._target.drawn_fields(scope)} if self._target is not None else ()
        has_text = isinstance(self.line, ActionLine) and bool(self.line.text.parts)
        text = getattr(view.content, "text", "") if has_text else ""
        draws = self._drawn.covers.draws
        undrawn = []
        for leaf in found:
            place, _, said, path = leaf
            if not (
                place == "path"
                or draws(leaf)
                or (place == "text" and has_text)
                # What a tapped call gives as a field and in its text, too: the drawn text has said it.
                or (place == "field" and said in text)
                or (place == "query" and path[0] in in_target)
            ):
                undrawn.append(leaf)
        return undrawn


def _is_the_drawn_array(text: Template, value: Any) -> bool:
    """Whether an answer drawn as `["a", "b"]` is that array, however it is spaced."""
    if not isinstance(value, list) or len(text.parts) != 1 or not isinstance(text.parts[0], str):
        return False
    try:
        return json_equal(loads(text.parts[0]), value)
    except ValueError:
        return False


def _news_in_text(line: ActionLine, text: str, scope: Scope) -> dict[str, str]:
    try:
        return action_taken(line, text, scope) or {}
    except Unknown:
        return {}


def _check_unambiguous(view: View, notes: Notes, span: Any) -> None:
    """A member that stands twice fails, whether or not any field is drawn."""
    try:
        view.json  # noqa: B018  # it is read here, if it was not before
    except Ambiguous as error:
        if not any(failure.code == "SQ556" for failure in notes.failures):
            notes.fail("SQ556", str(error), span, why="RFC 8259 section 4: readers differ in which one they take")
    except Unreadable:
        return  # what is no JSON at all fails where fields of it are drawn


def _is_misspelt(clause: Clause, said: Mapping[str, Any]) -> bool:
    return clause.operator == "absent" and len(clause.path) == 1 and clause.name not in said


def _may_be_missing(clause: Clause) -> bool:
    return clause.operator == "absent" or clause.promise.is_optional


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names)[:8])


_ONCE = "RFC 6749 section 3.2: a parameter must not be included more than once"


def _own(view: View, name: str) -> Any:
    try:
        values = view.look("field", (name,)).values or view.headers.get(name.lower(), ())
    except Unreadable:
        return MISSING
    return values[0] if len(values) else MISSING
