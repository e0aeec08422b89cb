"""Why a run stops, in the drawing's words. What is shown of a message never holds a whole secret."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

from seqtest.actors.actor import NotAnAnswer
from seqtest.contents.text import cut_at_a_word
from seqtest.diagram.expectation import Plain, StatusLine
from seqtest.errors import Finding, did_you_mean
from seqtest.exchange import NOTHING, Action, Answer, Lost, Message, Request, Response, Result
from seqtest.scenario import LEFT_GATE, RIGHT_GATE, Step

ONCE = "every arrow happens exactly once, in the drawn order; anything extra or missing fails"
_ERROR = re.compile(r"[a-z]{2,20}(?:_[a-z]{2,20}){0,5}")
_LONG = re.compile(r"[A-Za-z0-9_\-.~+/=]{25,}")


def shown(text: str, limit: int = 120) -> str:
    """Text with every long run of token characters cut to its first eight, so that no secret is shown whole."""
    return cut_at_a_word("/".join(_LONG.sub(_cut, part) for part in text.split("/")), limit - 1)


def _cut(match: re.Match[str]) -> str:
    return match.group()[:8] + "…"


def described(content: Message | Answer | None, named: Callable[[BaseException], str] | None = None) -> str:
    """A message or an answer in a few words: `GET /users/123`, `401 Unauthorized`, `find user alice`.

    `named` says what is told of the exception that made it; its name where nothing else is said.
    """
    named = named or (lambda cause: type(cause).__name__)
    match content:
        case Request(method, url):
            return f"{method} {shown(urlsplit(url).path or '/')}"
        case Response(status, cause=cause):
            words = f"{status} {_phrase(status)}".rstrip()
            return f"{words}, because the app raised {named(cause)}" if cause is not None else words
        case Action(text):
            return shown(text)
        case Result(value, _, error, cause):
            if error:
                return f"error: {error}" if cause is None else f"the exception {named(cause)}"
            return "nothing" if value is None else shown(str(value))
        case Lost():
            return "no answer: it was lost"
    return "nothing"


def _in_full(answer: Answer) -> str:
    """An answer in a few words, and what it says of itself: the exception that made it, where it leads, its error."""
    cause = getattr(answer, "cause", None)
    if cause is not None:
        return described(answer, raised)
    return described(answer) + (_of_itself(answer) if isinstance(answer, Response) else "")


def _of_itself(answer: Response) -> str:
    """Where a redirect leads, without its query; the error of an API (RFC 6749 section 5.2)."""
    if 300 <= answer.status < 400:
        try:
            parts = urlsplit(answer.headers.get("Location") or "")
        except ValueError:
            return " to what is no URL"
        target = f"{parts.scheme}://{parts.hostname or ''}{parts.path}" if parts.netloc else parts.path
        return f" to {shown(target)}" if target else ""
    if answer.status >= 400 and answer.body[:1] == b"{":
        try:
            error = json.loads(answer.body).get("error")
        except (ValueError, RecursionError):
            return ""
        if isinstance(error, str) and _ERROR.fullmatch(error):
            return f", error = {error}"
    return ""


def not_ended(participant: str, problem: BaseException) -> Finding:
    """Whoever plays a participant failed when the run was over."""
    return Finding(
        "SQ423", f"{participant} did not end well", got=raised(problem), do="look at what it does at shutdown"
    )


def _message(problem: BaseException) -> str:
    """What the exception says of itself."""
    try:
        return str(problem)
    except Exception as wrong:  # noqa: BLE001  # the user's own exception may fail at that
        return f"its message cannot be had, {type(wrong).__name__}"


def raised(problem: BaseException) -> str:
    """An exception in a line: its name, its message, and where the user's own code raised it."""
    words = shown(_message(problem).partition("\n")[0], 80)
    name = type(problem).__name__ + (f": {words}" if words else "")
    place, at = "", problem.__traceback__
    while at is not None:
        path = at.tb_frame.f_code.co_filename
        if not path.startswith((_OURS, "<")) and "site-packages" not in path:
            place = f" ({_near(path)}:{at.tb_lineno})"
        at = at.tb_next
    return name + place


_OURS = str(Path(__file__).parents[1])


def _near(path: str) -> str:
    """The path from the working directory, where it is below that."""
    here = str(Path.cwd()) + "/"
    return path.removeprefix(here)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def drawn(step: Step) -> str:
    """An arrow as drawn: `client -> auth : POST /token`."""
    head = "-->" if step.kind in ("response", "result") else "->"
    return shown(f"{_name(step.sender)} {head} {_name(step.receiver)} : {step.text}".replace("\n", " "))


def _name(participant: str) -> str:
    return "outside" if participant in (LEFT_GATE, RIGHT_GATE, "") else participant


def promised(step: Step) -> str:
    """The status or value that an answer's arrow draws."""
    line = step.expectation.line if step.expectation is not None else None
    if not isinstance(line, StatusLine):
        return shown(step.text)
    if line.statuses:
        return " or ".join(line.statuses) + (f" {line.reason}" if line.reason else "")
    name = str(line.reference.path[0]) if line.reference is not None else ""
    given = step.given.get(name)
    return f"{shown(given.text)} (`{{{name}}}`)" if isinstance(given, Plain) else shown(step.text)


def unexpected(sender: str, receiver: str, message: Message, expected: Sequence[Step]) -> Finding:
    """A call that no arrow still to come allows."""
    return Finding(
        "SQ530",
        f"{sender} sent {receiver} a message that is not drawn: {described(message)}",
        expected[0].span if expected else None,
        label="drawn next" if expected else "",
        expected="\n".join(drawn(step) for step in expected) or "no further message",
        got=f"{sender} -> {receiver} : {described(message)}",
        why=ONCE,
        do=f"draw the arrow, or keep {sender} from sending it",
    )


def out_of_order(sender: str, receiver: str, message: Message, later: Step, expected: Sequence[Step]) -> Finding:
    """A call that is drawn, but later."""
    also = ((expected[0].span, "drawn before it"),) if expected and expected[0].span is not None else ()
    return Finding(
        "SQ531",
        f"{described(message)} came too early",
        later.span,
        label="drawn here",
        expected="first " + (drawn(expected[0]) if expected else "what is drawn before it"),
        got=f"{sender} -> {receiver} : {described(message)}",
        why=ONCE,
        do=f"send what is drawn before it, or draw this arrow above `{drawn(expected[0])}`" if expected else "",
        also=also,
    )


def another_answer(step: Step, answer: Answer) -> Finding:
    """An answer with another status than the drawn one (or a lost one)."""
    return Finding(
        "SQ532",
        f"{step.sender} answered {described(answer)}",
        step.span,
        label="promised here",
        expected=promised(step),
        got=_in_full(answer),
    )


def failed_undrawn(step: Step, answer: Answer) -> Finding:
    """A message without a drawn answer that failed all the same."""
    expected = "any 2xx" if isinstance(answer, Response) else "no exception"
    return Finding(
        "SQ533",
        f"{step.receiver} could not take `{shown(step.text)}`: {described(answer)}",
        step.span,
        expected=expected,
        got=_in_full(answer),
        why="an exception or a refusal that is not drawn fails the arrow",
        do="draw the answer, if it is meant",
    )


def missing(step: Step, answered: Answer | None, asleep: Sequence[str]) -> Finding:
    """An arrow of a bound participant that did not come."""
    what = f"{step.sender} did not send it"
    if answered is not None:
        words = _in_full(answered)
        is_raised = getattr(answered, "cause", None) is not None
        what = (
            f"{step.sender} answered without it: {words}" if is_raised else f"{step.sender} answered {words} without it"
        )
    return Finding(
        "SQ534",
        f"missing: {drawn(step)}",
        step.span,
        label="drawn here",
        expected=drawn(step),
        got=what,
        why=ONCE,
        detail="\n".join(f"still running: {name}" for name in asleep),
    )


def nobody_there(sender: str, message: Message, urls: Mapping[str, str] = NOTHING) -> Finding:
    """A call to an address that no participant has; `urls` are those that they have."""
    url = message.url if isinstance(message, Request) else ""
    parts = urlsplit(url)
    address = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
    nearly = [f"{who} is {base}" for who, base in urls.items() if urlsplit(base).hostname == parts.hostname]
    return Finding(
        "SQ535",
        f"{sender or 'somebody'} called {address}, which is no participant's address",
        got=described(message),
        why="a flow is a closed world: what is not drawn must not happen, and nothing leaves it for the network",
        do="\n".join((*nearly, f"write `url = {address}` in the settings of the participant it belongs to")),
    )


def nameless(message: Message, receiver: str) -> Finding:
    """A call of which nobody can say who sent it."""
    return Finding(
        "SQ536",
        f"cannot tell who sent {described(message)} to {receiver}",
        got="a call from a thread that no participant started in this run",
        why="seqtest does not guess who sent a message",
        do="start the thread while the participant handles a message, or run its work in contextvars.copy_context()",
    )


def on_a_socket(sender: str, host: str, port: object, receiver: str | None, *, is_open: bool = False) -> Finding:
    """A connection that went past the intercepted HTTP clients."""
    address = host if port is None else f"{host}:{port}"
    used = "used" if is_open else "opened"
    whose = f"{receiver}'s address" if receiver else "an address that is no participant's"
    return Finding(
        "SQ537",
        f"{sender} {used} a connection to {address}, {whose}: seen on a socket, not as an arrow",
        why="only calls through requests, httpx, urllib.request and seqtest.tap can be seen; others slip past",
        do="call through requests, httpx, httpx2 or urllib.request"
        + ("" if receiver else f", or write `allows = {address}` in the settings of {sender}"),
    )


def overdue(step: Step | None, seconds: float, place: str) -> Finding:
    """A message that did not come back: its receiver hangs. Without a step it is what brings about a guard."""
    return Finding(
        "SQ542",
        f"{step.receiver} did not come back within {seconds:g} s: {drawn(step)}"
        if step is not None
        else f"the flow did not go on for {seconds:g} s",
        step.span if step is not None else None,
        label="sent here",
        expected="an answer",
        got=f"code that waits at {place}" if place else "nothing",
        why="who never answers holds up everything; who waits for a lock of its own, or for itself, never does",
        do="see what it waits for; give it more time with --seqtest-timeout SECONDS, 0 for no limit",
    )


def still_running(names: Sequence[str]) -> Finding:
    """Work that a bound participant began and that has not ended: a forbidden call could still come."""
    return Finding(
        "SQ538",
        f"{len(names)} piece{'s' if len(names) > 1 else ''} of work that a participant began did not end",
        got="\n".join(names),
        why="a late call that is not drawn is a failure, so a run ends only when nothing runs any more",
        do="join the thread or await its result before the flow ends, or name it in the participant's settings:"
        " `background = sentry*`",
    )


def did_not_wait(pause: Step, step: Step, waited: float, seconds: float, is_at_least: bool) -> Finding:
    """A bound participant that spoke too early or too late after a delay."""
    return Finding(
        "SQ539",
        f"{step.sender} waited {waited:g} s",
        pause.span,
        label="drawn here",
        expected=f"{'at least ' if is_at_least else ''}{seconds:g} s before {drawn(step)}",
        got=f"{waited:g} s",
        why="a bound participant must wait itself; its time.sleep is virtual in process",
    )


def after_the_end(sender: str, receiver: str, message: Message) -> Finding:
    """A call when the flow was over."""
    sender = sender or "somebody"
    return Finding(
        "SQ540",
        f"{sender} sent {receiver} {described(message)} after the flow had ended",
        got=f"{sender} -> {receiver} : {described(message)}",
        why=ONCE,
    )


def no_step_definition(participant: str, text: str, known: Sequence[str]) -> Finding:
    """An action that who plays the participant does not know."""
    listed = "\n".join(known)
    return Finding(
        "SQ410",
        f"{participant} has no step definition for `{shown(text)}`",
        expected=f"one of\n{listed}"
        if listed
        else "a method marked @seqtest.on(...), or a function bound to the participant",
        got=shown(text),
        why="a message that is not HTTP is handled by a step definition of the bound participant",
        do=f'add @seqtest.on("{shown(text)}") to the class that plays {participant}',
    )


def no_answer(participant: str, message: Message, problem: NotAnAnswer) -> Finding:
    """Who plays the participant has no answer to a message, or returned what is none."""
    return Finding(
        "SQ416",
        f"{participant} has no answer to {described(message)}",
        expected=problem.expected,
        got=str(problem),
        why="only an answer can be held to what the arrow promises",
    )


def unreachable(participant: str, url: str, message: Message, problem: Exception) -> Finding:
    """A live server that could not be asked."""
    return Finding(
        "SQ418",
        f"{participant} did not answer {described(message)}",
        expected=f"a response from {url}",
        got=str(problem),
        why=f"{participant} is bound to a live server",
        do="start it, or correct its address: --seqtest-bind "
        f"{participant}={url}; what it needs to be trusted is --seqtest-ca FILE",
    )


def no_such_participant(sender: str, receiver: str, message: Message, known: Sequence[str]) -> Finding:
    """A call to a name that is no participant's."""
    return Finding(
        "SQ417",
        f"{sender} called `{receiver}`, which is no participant",
        expected="one of " + ", ".join(known),
        got=described(message),
        do=did_you_mean(receiver, known) or "write the participant's code, what stands behind `as`",
    )


def no_quiet_answer(receiver: str, message: Message) -> Finding:
    """A quiet request to a scripted participant that seqtest cannot answer by itself."""
    return Finding(
        "SQ541",
        f"nobody draws an answer to {described(message)}",
        got=f"{receiver} is scripted and allows the request by `quiet`",
        why="a scripted participant answers a quiet request by itself only for its keys and its metadata",
        do="draw the request and its answer",
    )


def no_state(participant: str, problem: Exception) -> Finding:
    """A state check of a participant that cannot tell its state."""
    return Finding(
        "SQ412",
        f"{participant} cannot tell its state",
        got=type(problem).__name__,
        why="a state check looks at what the actor's `state()` returns",
    )


def nobody_brings_about(text: str) -> Finding:
    """A guard that only the user's code can bring about, and no code for it."""
    return Finding(
        "SQ413",
        f"nobody brings about `{text}`",
        expected=f'a function marked @seqtest.given("{text}")',
        why="the operand begins with a message of a bound participant, so the diagram cannot choose it",
    )


def not_brought_about(text: str, returned: str) -> Finding:
    """A function that was to bring about a guard, and whose body never ran."""
    return Finding(
        "SQ413",
        f"`{text}` was not brought about",
        expected=f'a function marked @seqtest.given("{text}") that has done it when it returns',
        got=returned,
        why="the operand would be played although what its guard says does not hold",
    )
