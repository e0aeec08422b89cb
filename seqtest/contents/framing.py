"""What HTTP itself asks of a message, so that everybody else reads from it what is read from it here."""

from urllib.parse import urlsplit

from seqtest.contents.header import names_authority
from seqtest.contents.report import Notes
from seqtest.contents.scope import Unknown
from seqtest.contents.text import shown
from seqtest.contents.view import View
from seqtest.diagram.expectation import QUERY_METHODS, Expectation, RequestLine, StatusLine
from seqtest.exchange import Headers, Message, Request, Response
from seqtest.source import Span

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


def drawn_type(expectation: Expectation, draws_json: bool) -> str:
    """The media type as which the drawn fields of a body are read; empty where none are, or where a line says it."""
    line, places = expectation.line, {one.place for one in expectation.promises}
    if any(one.place == "header" and str(one.path[0]).lower() == "content-type" for one in expectation.promises):
        return ""
    if isinstance(line, StatusLine):
        return JSON if places & {"field", "json"} else ""
    if not isinstance(line, RequestLine):
        return ""
    if draws_json:
        return JSON
    return FORM if "form" in places or ("field" in places and line.method not in QUERY_METHODS) else ""


def check_type(view: View, drawn: str, notes: Notes, span: Span | None) -> None:
    """A body that is not said to be what it is read as, though no line of the drawing names its `Content-Type`."""
    if view.is_json and drawn == FORM:
        notes.fail(
            "SQ565",
            "the body is JSON, and a form is drawn",
            span,
            got=f"Content-Type: {view.headers['content-type'][0]}",
            why="bare fields of a request are a form's, unless JSON or `Content-Type: application/json` is drawn",
            do="draw `Content-Type: application/json` if JSON is meant",
        )
    elif not view.media_type or (drawn == JSON and not view.is_json and not _is_unreadable(notes)):
        reader = "server reads no fields from it" if isinstance(view.content, Request) else "client need not read it"
        what = f"is said to be {view.media_type}" if view.media_type else "came without a `Content-Type`"
        notes.fail(
            "SQ571",
            f"the body {what}",
            span,
            expected=f"Content-Type: {drawn}",
            got=f"Content-Type: {view.media_type}" if view.media_type else "no Content-Type",
            why=f"RFC 9110 section 8.3: the field says what a body is; by this one a {reader}",
            do=f"draw `Content-Type{f': {view.media_type}' if view.media_type else ' absent'}` if that is meant",
        )


def _is_unreadable(notes: Notes) -> bool:
    return any(failure.code == "SQ556" for failure in notes.failures)


def check_sendable(headers: Headers, body: bytes) -> None:
    """A drawn framing that no connection would send so. Raises Unknown."""
    length = headers.get("Content-Length")
    if length is not None and length.strip() != str(len(body)):
        raise Unknown("Content-Length", f"the body has {len(body)} bytes, and the connection says so")
    if headers.get("Transfer-Encoding") is not None:
        raise Unknown("Transfer-Encoding", "the connection says by itself how the body is transferred")


def check_length(response: Response, view: View, request: Message | None, notes: Notes, span: Span | None) -> None:
    """What a real server could not send like this, or would cut off."""
    is_head = isinstance(request, Request) and request.method == "HEAD"
    if is_head or response.status in (204, 304) or response.status < 200:
        if not response.body:
            return
        notes.fail(
            "SQ570",
            f"a body of {len(response.body)} bytes came where there can be none",
            span,
            got=f"{response.status}, in answer to HEAD" if is_head else str(response.status),
            why="RFC 9110 sections 6.4.1 and 9.3.2: no such answer has a body; on a real connection it would be"
            " taken for the next one",
        )
        return
    length = view.headers.get("content-length", [""])[0].strip()
    if length and length != str(len(response.body)):
        notes.fail(
            "SQ570",
            "the header `Content-Length` is not the length of the body",
            span,
            expected=f"Content-Length: {len(response.body)}",
            got=f"Content-Length: {shown(length)}",
            why="RFC 9110 section 8.6: a real connection would be cut off, or wait for more",
        )


def check_host(request: Request, host: str, notes: Notes, span: Span | None) -> None:
    """A server, or whatever stands before it, goes by this header: by another one it is another address."""
    if names_authority(host, request.url):
        return
    notes.fail(
        "SQ569",
        "the header `Host` names another address than the request goes to",
        span,
        expected=f"Host: {urlsplit(request.url).netloc.rpartition('@')[2]}",
        got=f"Host: {shown(host)}",
        why="RFC 9110 section 7.2: it is the authority of the target",
        do="draw `Host: …` if it is meant",
    )
