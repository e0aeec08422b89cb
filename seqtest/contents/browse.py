"""What a `<<browser>>` sends: where the page, a redirect or the drawing leads it, with its cookies and a page's fields.

The page and the jar bring values that are not drawn. So every drawn line about them is held against what is sent: a
browser's `state = {state}` at `GET {Location}` is a check of the redirect that led there.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from seqtest.contents.clause import Clause, Group
from seqtest.contents.compose import fill
from seqtest.contents.draft import MessageDraft
from seqtest.contents.header import origin
from seqtest.contents.holder import Path, grouped, wire_name
from seqtest.contents.report import Notes
from seqtest.contents.scope import MISSING, Scope
from seqtest.contents.target import Target
from seqtest.contents.view import View
from seqtest.diagram.expectation import QUERY_METHODS
from seqtest.errors import Finding, Unanswerable, UnplayableScenario
from seqtest.exchange import Headers, Request
from seqtest.source import Span

if TYPE_CHECKING:
    from seqtest.trace import Bindings
    from seqtest.user_agent.agent import CannotBrowse, UserAgent, Visit

_FIELDS = frozenset(("field", "query", "form"))


class BrowserDraft(MessageDraft):
    """Fields that are drawn, over those that the page or the address has already."""

    __slots__ = ("held",)

    def __init__(self, method: str, has_json: bool, held: Mapping[str, Mapping[str, list[str]]]) -> None:
        super().__init__(method, is_response=False, has_json=has_json)
        self.held = held
        """Place → name → values. A line that names no value, such as `csrf : opaque`, leaves them as they are."""

    def has(self, place: str, path: Path) -> bool:
        # A cookie is the jar's alone: a line that names no value never makes one up.
        if self._where(place) == "cookie" or super().has(place, path):
            return True
        return any(self.held.get(self._where(place), {}).get(wire_name(path), ()))


def agent_of(bindings: "Bindings", participant: str) -> "UserAgent":
    """The browser as it is; a new one at its first request."""
    from seqtest.user_agent.agent import UserAgent

    return bindings.agents.get(participant) or UserAgent()


def browse(target: Target, group: Group, has_json: bool, scope: Scope) -> "tuple[View, UserAgent]":
    """The request taken apart, and the browser while it waits. Raises UnplayableScenario, Unanswerable."""
    from seqtest.user_agent.agent import CannotBrowse
    from seqtest.user_agent.html import NoReader

    agent = agent_of(scope.bindings, scope.speaker)
    try:
        draft = BrowserDraft(target.method, has_json, _held(agent, target, group))
        scope.own = draft.own
        fill(draft, group, scope)
        visit = _visit(agent, target, group, draft, scope)
    except CannotBrowse as fault:
        raise UnplayableScenario(_cannot(fault, group, scope)) from None
    except NoReader as fault:
        raise Unanswerable(_no_reader(str(fault), scope)) from None
    _belongs(visit, target, agent, scope)
    request = Request(visit.method, visit.url, _headers(agent, visit, draft, scope), visit.body)
    view = View(request)
    if visit.fields:
        view.sent_as(visit.fields)
    _hold(view, target, group, agent, visit, scope)
    return view, agent.going(visit)


def _held(agent: "UserAgent", target: Target, group: Group) -> dict[str, dict[str, list[str]]]:
    held: dict[str, dict[str, list[str]]] = {}
    if target.page is not None and target.page.kind == "form":
        names = [wire_name(clause.path) for clause in group.clauses if clause.place in _FIELDS]
        place = "query" if target.method in QUERY_METHODS else "form"
        held[place] = agent.form_values(target.page.name, names)
    elif target.is_redirect:
        held["query"] = grouped(parse_qsl(urlsplit(agent.follow(target.method).url).query, keep_blank_values=True))
    return held


def _visit(agent: "UserAgent", target: Target, group: Group, draft: BrowserDraft, scope: Scope) -> "Visit":
    from seqtest.user_agent.agent import CannotBrowse, Visit

    page = target.page
    if page is None and not target.is_redirect:
        headers, body = draft.written()
        asked = headers.get("Origin")
        kind = headers.get("Content-Type") if body else None
        url = draft.target(target.url(scope)).partition("#")[0]
        return Visit(target.method, url, asked or "", body, kind, is_navigation=asked is None)
    if draft.json is not None or draft.body is not MISSING:
        raise CannotBrowse("a browser sends what the page says, and no other body", do="draw fields, or a path")
    if page is None:
        return agent.follow(target.method)
    if page.kind == "link":
        return agent.click(page.name)
    left_out = [
        wire_name(clause.path) for clause in group.clauses if clause.operator == "absent" and clause.place in _FIELDS
    ]
    drawn = draft.query if target.method in QUERY_METHODS else draft.form
    return agent.submit(target.method, page.name, drawn, left_out)


def _headers(agent: "UserAgent", visit: "Visit", draft: BrowserDraft, scope: Scope) -> Headers:
    """The drawn ones, then the browser's own that are not drawn, then its cookies."""
    headers = Headers(draft.headers)
    for name, value in agent.headers_for(visit):
        headers = headers.with_default(name, value)
    if headers.get("Cookie") is not None:
        return headers
    drawn = {name for name, _ in draft.cookies}
    pairs = [pair for pair in agent.cookies_for(visit, scope.now) if pair[0] not in drawn] + draft.cookies
    if not pairs:
        return headers
    return Headers((*headers, ("Cookie", "; ".join(f"{name}={value}" if name else value for name, value in pairs))))


def _hold(view: View, target: Target, group: Group, agent: "UserAgent", visit: "Visit", scope: Scope) -> None:
    """Every line about what the page and the jar brought along holds, or the run stops."""
    notes = Notes()
    is_typed = target.page is None and not target.is_redirect
    for clause in group.clauses:
        if _is_about_cookies(clause) or (clause.place in _FIELDS and not is_typed):
            before = len(notes.failures)
            clause.check(view, scope, notes, None)
            if clause.place == "cookie" and len(notes.failures) > before and clause.word not in view.cookies:
                reason = agent.cookies.why_not(clause.word, visit.url, scope.now)
                raise UnplayableScenario(_no_cookie(clause, reason))
    if group.is_closed and not is_typed:
        group.check_closed(view, notes, group.closing, scope.step.span)
    if notes.failures:
        raise UnplayableScenario(*notes.failures)


def _is_about_cookies(clause: Clause) -> bool:
    return clause.place == "cookie" or clause.header == "cookie"


def _belongs(visit: "Visit", target: Target, agent: "UserAgent", scope: Scope) -> None:
    """A browser that is sent elsewhere than the arrow points does not come to the arrow's receiver."""
    base = scope.context.urls.get(scope.receiver)
    if base is None or (target.page is None and not target.is_redirect):
        return
    try:
        if origin(urlsplit(visit.url)) == origin(urlsplit(base)):
            return
    except ValueError:
        pass
    what = f"the {target.page.kind}" if target.page is not None else "the redirect"
    leads = visit.url.partition("?")[0]
    raise UnplayableScenario(
        Finding(
            "SQ568",
            f"{what} does not lead to `{scope.receiver}`",
            _span_of(scope),
            "failed",
            expected=f"an address of {base}",
            got=leads,
            why="a browser goes where it is sent, and the arrow says who that is",
        )
    )


# ---- Findings --------------------------------------------------------------------------------------------------------


def _span_of(scope: Scope) -> Span | None:
    expectation = scope.step.expectation
    return (expectation.span if expectation is not None else None) or scope.step.span


def _cannot(fault: "CannotBrowse", group: Group, scope: Scope) -> Finding:
    spans = [clause.promise.span for clause in group.clauses if fault.name and wire_name(clause.path) == fault.name]
    return Finding(
        "SQ568", str(fault), spans[0] if spans else _span_of(scope), "failed", expected=fault.expected, do=fault.do
    )


def _no_cookie(clause: Clause, reason: str) -> Finding:
    return Finding(
        "SQ568",
        f"the browser does not send the cookie `{clause.word}`: {reason}",
        clause.promise.span,
        "failed",
        why="RFC 6265: a cookie goes to the hosts and paths that it was set for, as long as it lives",
    )


def _no_reader(reason: str, scope: Scope) -> Finding:
    return Finding("SQ422", reason, _span_of(scope), do="`pip install 'seqtest[browser]'`")
