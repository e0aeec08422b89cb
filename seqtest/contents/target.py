"""The first line of an arrow: a request's method and target, a response's status, an action's text."""

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl, quote, urljoin, urlsplit

from seqtest.contents.header import origin
from seqtest.contents.report import Notes
from seqtest.contents.scope import Scope, Unknown
from seqtest.contents.template import ANY_TEXT, has_new, references, taken, url_taken
from seqtest.contents.text import shown, text_of
from seqtest.contents.view import View
from seqtest.diagram.expectation import (
    ActionLine,
    Expression,
    Page,
    Reference,
    RequestLine,
    StatusLine,
    Template,
)
from seqtest.errors import Finding, UnplayableScenario
from seqtest.exchange import Request, Response, Result
from seqtest.source import Span

SAFE_IN_PATH = "/:@!$&'()*+,;=-._~"
SAFE_IN_QUERY = "/:@!$'()*,;-._~"


class Target:
    """A request's method and target."""

    __slots__ = ("has_new", "is_fixed", "is_redirect", "is_value", "method", "page", "path", "template")

    def __init__(self, line: RequestLine) -> None:
        self.method, self.template = line.method, line.target
        self.is_fixed = all(isinstance(part, str) for part in line.target.parts)
        self.is_value = len(line.target.parts) == 1 and not self.is_fixed
        """`{Location}`: the whole target is one value."""
        first = line.target.parts[0] if line.target.parts else None
        self.page = first if isinstance(first, Page) else None
        """`{form}`, `{link "…"}`: where a browser's page leads."""
        self.is_redirect = self.is_value and first == Reference(("Location",))
        self.has_new = has_new(line.target)
        self.path = "".join(part for part in line.target.parts if isinstance(part, str)) if self.is_fixed else ""

    @property
    def is_brought(self) -> bool:
        """Whether a browser is led there, with values that others gave it."""
        return self.page is not None or self.is_redirect

    def url(self, scope: Scope) -> str:
        """The absolute URL. Raises Unknown, UnplayableScenario when it is not the receiver's."""
        drawn = self.path if self.is_fixed else self._filled(scope)
        if "://" in drawn.partition("?")[0]:
            return _belonging(drawn, scope)
        if self.is_value:
            return _belonging(urljoin(self._base(scope), drawn), scope)
        return _appended(_base_url(scope), drawn)

    def _base(self, scope: Scope) -> str:
        # A relative `Location` is relative to the address that was asked; the drawing says who that is.
        return f"{_base_url(scope)}/"

    def _filled(self, scope: Scope) -> str:
        if self.is_value:
            return text_of(scope.expression(self.template.parts[0]))  # type: ignore[arg-type]  # is_value: not text
        text = ""
        for part in self.template.parts:
            if isinstance(part, str):
                text += part
            else:
                value = text_of(scope.expression(part))
                is_whole_url = not text and "://" in value
                text += value if is_whole_url else quote(value, safe=SAFE_IN_QUERY if "?" in text else SAFE_IN_PATH)
        return text

    def fits(self, request: Request, scope: Scope) -> bool:
        """Whether method, address and path are as drawn. The query is a promise like any field."""
        if request.method != self.method or self.page is not None:
            return False  # where a page leads is known to who looks at it, and to nobody else
        try:
            return self.taken(request, scope) is not None
        except (Unknown, UnplayableScenario, ValueError):
            return False

    def taken(self, request: Request, scope: Scope) -> dict[str, str] | None:
        """The values of `{new x}` in the target; None when it is another one."""
        if not self.has_new:
            wanted = self.url(scope).partition("#")[0].partition("?")[0]
            came = request.url.partition("#")[0].partition("?")[0]
            return {} if came == wanted or _same_place(came, wanted) else None
        template = self.template
        first = template.parts[0]
        if isinstance(first, str) and first.startswith("/"):
            template = Template((_base_url(scope), *template.parts))
        path_only = Template(_before_query(template.parts))
        return url_taken(request.url.partition("?")[0], path_only, scope, _base_url(scope) + "/")

    def check_query(self, view: View, scope: Scope, notes: Notes, span: Span | None) -> None:
        """The query fields that the target draws."""
        if self.has_new and not self.is_value:
            self._check_new_query(view, scope, notes, span)
            return
        try:
            wanted = urlsplit(self.url(scope)).query
        except (Unknown, UnplayableScenario):
            return
        left: dict[str, list[str]] = {}
        for name, value in parse_qsl(wanted, keep_blank_values=True):
            notes.checks += 1
            came = left.setdefault(name, list(view.query.get(name, ())))
            if value in came:
                came.remove(value)
            else:
                got = f"{name} = {shown(came[0], name)}" if came else "nothing"
                notes.fail(
                    "SQ550",
                    f"the query field `{name}` is not as drawn",
                    span,
                    expected=f"{name} = {shown(value, name)}",
                    got=got,
                )

    def _check_new_query(self, view: View, scope: Scope, notes: Notes, span: Span | None) -> None:
        for name, template in self.query_templates():
            notes.checks += 1
            came = view.query.get(name, [])
            if not came or taken(came[0], template, scope, ANY_TEXT) is None:
                notes.fail(
                    "SQ550",
                    f"the query field `{name}` is not as drawn",
                    span,
                    got=f"{name} = {shown(came[0], name)}" if came else "nothing",
                )

    def query_templates(self) -> list[tuple[str, Template]]:
        """The query fields that the target draws, with what is drawn of them."""
        found: list[tuple[str, Template]] = []
        is_query = False
        name, parts = "", []
        for part in self.template.parts:
            pieces = part.partition("?") if isinstance(part, str) and not is_query else ("", "", part)
            if pieces[1]:
                is_query = True
            rest: Any = pieces[2]
            if not is_query:
                continue
            if not isinstance(rest, str):
                parts.append(rest)
                continue
            for index, field in enumerate(rest.split("&")):
                if index and name:
                    found.append((name, Template(tuple(parts))))
                if index or not name:
                    name, _, first = field.partition("=")
                    parts = [first] if first else []
                elif field:
                    parts.append(field)
        if name:
            found.append((name, Template(tuple(parts))))
        return found

    def drawn_fields(self, scope: Scope) -> list[tuple[str, tuple[str, ...]]]:
        """The query fields that the target draws, as places."""
        return [("query", (name,)) for name, _ in self._drawn_pairs(scope)]

    def drawn_values(self, scope: Scope) -> dict[str, list[str | None]]:
        """The query fields that the target draws, each with its values; None for one that is new."""
        found: dict[str, list[str | None]] = {}
        for name, value in self._drawn_pairs(scope):
            found.setdefault(name, []).append(value)
        return found

    def _drawn_pairs(self, scope: Scope) -> Sequence[tuple[str, str | None]]:
        if self.has_new:
            return [(name, None) for name, _ in self.query_templates()]
        if self.is_fixed and "?" not in self.path:
            return ()
        try:
            query = urlsplit(self.url(scope)).query
        except (Unknown, UnplayableScenario):
            return ()
        return parse_qsl(query, keep_blank_values=True)

    def learn(self, request: Request, scope: Scope, learnt: dict[str, Any]) -> None:
        """The names in the target."""
        if self.is_fixed:
            return
        for name in references(self.template):
            try:
                learnt.setdefault(name, scope.name(name))
            except Unknown:
                continue
        if self.is_redirect:
            self._learn_what_it_carries(request, scope, learnt)
        if not self.has_new:
            return
        if scope.is_composing:
            return
        learnt.update(self.news(request, scope))

    def news(self, request: Request, scope: Scope) -> dict[str, str]:
        """The values of `{new x}` in the target and in its query, as they came."""
        found: dict[str, str] = {}
        try:
            found.update(self.taken(request, scope) or {})
            query = View(request).query
            for name, template in self.query_templates():
                if name in query and has_new(template):
                    found.update(taken(query[name][0], template, scope) or {})
        except Unknown:
            pass
        return found

    def _learn_what_it_carries(self, request: Request, scope: Scope, learnt: dict[str, Any]) -> None:
        """What the redirect drew in its query, the receiver gets with the request that follows it."""
        known = scope.bindings.known.get(scope.speaker, {})
        for name, value in parse_qsl(urlsplit(request.url).query, keep_blank_values=True):
            if known.get(name) == value:
                learnt.setdefault(name, value)


def _before_query(parts: tuple[str | Expression, ...]) -> tuple[str | Expression, ...]:
    kept: list[str | Expression] = []
    for part in parts:
        if isinstance(part, str) and "?" in part:
            kept.append(part.partition("?")[0])
            break
        kept.append(part)
    return tuple(kept)


def _base_url(scope: Scope) -> str:
    if scope.receiver in scope.context.urls:
        return scope.context.urls[scope.receiver]
    raise UnplayableScenario(
        Finding(
            "SQ366",
            "a request that leaves the drawing needs an absolute URL",
            scope.step.span,
            do="write `GET https://…`",
        )
    )


def _appended(base: str, path: str) -> str:
    return base + path if path.startswith("/") else f"{base}/{path}"


def _belonging(url: str, scope: Scope) -> str:
    base = scope.context.urls.get(scope.receiver)
    if base is not None and not _same_origin(url, base):
        raise UnplayableScenario(
            Finding(
                "SQ366",
                f"this address is not that of `{scope.receiver}`, which is {base}",
                scope.step.span,
                got=url.partition("?")[0],
                do=f"write the path alone, or draw `url = …` in the settings of `{scope.receiver}`",
            )
        )
    return url


def _same_origin(one: str, other: str) -> bool:
    try:
        return origin(urlsplit(one)) == origin(urlsplit(other))
    except ValueError:
        return False


def _same_place(one: str, other: str) -> bool:
    came, wanted = urlsplit(one), urlsplit(other)
    return origin(came) == origin(wanted) and _normal(came.path or "/") == _normal(wanted.path or "/")


def _normal(path: str) -> str:
    """The hexadecimal digits of percent-encoding in capitals (RFC 3986 section 6.2.2.1)."""
    return _ENCODED.sub(lambda match: match.group().upper(), path)


_ENCODED = re.compile("%[0-9a-f]{2}", re.IGNORECASE)


# ---- Status ----

CLASS_STATUSES = {"1xx": 100, "2xx": 200, "3xx": 302, "4xx": 400, "5xx": 500}
"""What a scripted sender answers where only a class is drawn."""


def status_fits(line: StatusLine, response: Response, scope: Scope) -> bool:
    """Whether the status is one of the drawn ones."""
    try:
        statuses = statuses_of(line, scope)
    except Unknown:
        return False
    return str(response.status) in statuses or f"{response.status // 100}xx" in statuses


def status_to_send(line: StatusLine, scope: Scope) -> int:
    """The first drawn status. Raises Unknown."""
    text = statuses_of(line, scope)[0]
    if text in CLASS_STATUSES:
        return CLASS_STATUSES[text]
    if text.isdigit() and 100 <= int(text) <= 599:
        return int(text)
    raise Unknown(text, f"`{text}` is no status")


def statuses_of(line: StatusLine, scope: Scope) -> tuple[str, ...]:
    """The drawn statuses; those of `{status}` may be all that a label can be: `2xx`, `401 or 403`. Raises Unknown."""
    if line.reference is None:
        return line.statuses
    text = text_of(scope.reference(line.reference.path)).strip()
    if text.isdigit():
        return (text,)
    from seqtest.diagram.label import statuses_in  # brings the reader of drawings, which a cached one does not need

    return statuses_in(text) or (text,)


# ---- Actions ----

ERROR = "error:"


def action_taken(line: ActionLine, text: str, scope: Scope) -> dict[str, str] | None:
    """The values of `{new x}` in an action's text; None when it is another action."""
    return taken(text, line.text, scope)


def drawn_error(line: ActionLine) -> str | None:
    """The exception's name in `error: NotFound`."""
    first = line.text.parts[0] if len(line.text.parts) == 1 else ""
    return first[len(ERROR) :].strip() if isinstance(first, str) and first.startswith(ERROR) else None


def result_fits(line: ActionLine, answer: Result) -> bool:
    """Whether an exception came where one is drawn, and only there."""
    drawn = drawn_error(line)
    return (
        (answer.error is None)
        if drawn is None
        else answer.error is not None and answer.error.rpartition(".")[2] == drawn
    )
