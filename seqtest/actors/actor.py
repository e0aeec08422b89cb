"""Who can play a participant in process: the base class, what it is given, and step definitions."""

import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import field
from functools import cache
from types import AsyncGeneratorType, CoroutineType, GeneratorType
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar
from urllib.parse import unquote, urlsplit

from seqtest.clock import Clock
from seqtest.dataclass import guarded
from seqtest.exchange import Action, Answer, Message, Request, Response, Result

if TYPE_CHECKING:
    import re

    from seqtest.actors.http import Http


class Network(Protocol):
    """How an actor calls another participant. Every call is an arrow of the run."""

    def call(self, sender: str, receiver: str, message: Message) -> Answer:
        """Send and wait for the answer. Raises what the transport would: a lost message is a ConnectionError."""
        ...

    def url(self, participant: str) -> str:
        """The participant's base address, without a slash at its end."""
        ...

    def participant(self, url: str) -> str | None:
        """Whose address the URL is; None when it is nobody's."""
        ...

    def setting(self, participant: str, path: str) -> Any:
        """A setting of that participant, or None: what an operator of both would know. Configuration, so no arrow."""
        ...

    def keys(self, participant: str) -> list[dict[str, Any]]:
        """Its public keys (RFC 7517), as an operator would have configured them, so no arrow; empty for none."""
        ...


@guarded(frozen=True, slots=True)
class Part:
    """What an actor is given to play one participant in one run."""

    participant: str
    url: str
    settings: Mapping[str, Any]
    """Resolved, by dotted path as drawn: `{"users.alice.password": "s3cret", "access_token.lifetime": "5 minutes"}`."""
    peers: Mapping[str, str]
    """Participant id → kind of the built-in actor that plays it, for those that have one."""
    clock: Clock
    network: Network
    random: random.Random
    """Seeded per run and participant: equal runs give equal ids."""
    seed: int = field(default=0)
    hosts: tuple[str, ...] = ()
    """Hosts beside this machine's that the user allows to be called."""
    folder: str = "."
    """Where the diagram's file is: files that settings name are beside it."""


class NotAnAnswer(TypeError):
    """Who plays a participant has no answer to a message, or returned what is none."""

    def __init__(self, got: str, expected: str) -> None:
        super().__init__(got)
        self.expected = expected
        """What it may be, an alternative a line."""


Handler = Callable[..., Any]
F = TypeVar("F", bound=Handler)


class Actor:
    """Plays one participant in one run. Subclass it and answer HTTP with `handle` or methods marked
    `@on("GET /things/{id}")`, actions with methods marked `@on("find user {name}")`.

    A new instance is made for each run; nothing is shared between runs.
    """

    is_elsewhere: ClassVar[bool] = False
    """Whether another process plays it, so that nothing of it runs here."""

    settings_table: ClassVar[Mapping[str, str]] = {}
    """Setting path (with `*` for a name: `users.*.password`) → one sentence of documentation. Others are refused."""

    def __init__(self, part: Part) -> None:
        self.part = part

    @property
    def id(self) -> str:
        return self.part.participant

    @property
    def http(self) -> "Http":
        """How this participant calls others over HTTP: `self.http.post("auth", "/token", data={...})` is an arrow."""
        from seqtest.actors.http import Http

        return Http(self.part)

    def now(self) -> float:
        """The run's clock, seconds since the epoch."""
        return self.part.clock.now()

    def handle(self, request: Request) -> Response:
        """Answer an HTTP request. The default looks for a method marked `@on` with its method and path.

        Raises NotAnAnswer when there is none.
        """
        from inspect import signature

        from seqtest.actors.application import as_response

        for pattern, method in self.steps():
            values = match_request(pattern, request, self.part.url)
            if values is not None:
                if "request" in signature(method).parameters:
                    values["request"] = request
                return as_response(method(self, **values))
        known = [pattern for pattern, _ in self.steps() if is_request_pattern(pattern)]
        raise NotAnAnswer(
            f"nothing in {type(self).__name__} answers {request.method} {_path(request, self.part.url)}",
            "\n".join(("a method `def handle(self, request)`", *(f'@seqtest.on("{pattern}")' for pattern in known))),
        )

    def act(self, action: Action) -> Result | None:
        """Answer an action; None when this actor has no step for it. The default looks for a method marked `@on`."""
        for pattern, method in self.steps():
            values = match_step(pattern, action.text)
            if values is not None:
                return as_result(method(self, **values))
        return None

    def state(self) -> Mapping[str, Any]:
        """What a state check (a note over the participant) may look at, by name. The default has nothing."""
        return {}

    def close(self) -> None:
        """The run ends: give back what must not outlive it. The default has nothing."""

    def public_jwks(self) -> list[dict[str, Any]]:
        """The public keys (RFC 7517) that tokens issued by this participant are verified against."""
        return []

    def private_key(self, kid: str | None, alg: str | None) -> Any:
        """The signing key (`seqtest.auth.keys.Key`) with that id, or the one in use; None when it has none."""
        return None

    def decryption_keys(self) -> list[Any]:
        """The keys (`seqtest.auth.keys.Key`) that open what is encrypted to this participant."""
        return []

    @classmethod
    def steps(cls) -> list[tuple[str, Handler]]:
        """The step definitions of the class, in the order they are written."""
        found: dict[str, list[tuple[str, Handler]]] = {}
        for base in reversed(cls.__mro__):
            for name, member in vars(base).items():
                # A method that takes the place of a marked one is marked so as well.
                patterns = getattr(member, "__seqtest_steps__", ()) or [one for one, _ in found.get(name, ())]
                if patterns:
                    found[name] = [(pattern, member) for pattern in patterns] if callable(member) else []
        return [step for steps in found.values() for step in steps]


def on(pattern: str) -> Callable[[F], F]:
    """Mark a method as the step definition of actions that read like `pattern`; `{name}` becomes a keyword argument.

    `GET /things/{id}` is the pattern of requests: their method and path, `{id}` a part of the path between slashes.
    The method returns what a plain function may. A parameter called `request` is given the request itself.
    The mark may be repeated.
    """

    def mark(method: F) -> F:
        before = getattr(method, "__seqtest_steps__", ())
        method.__seqtest_steps__ = (pattern, *before)  # type: ignore[attr-defined]  # a mark on the user's own function
        return method

    return mark


def match_step(pattern: str, text: str) -> dict[str, str] | None:
    """The values of the pattern's `{name}` places in `text`; None when it reads differently (case and blanks count)."""
    match = _expression(pattern).fullmatch(text)
    return match.groupdict() if match else None


def is_request_pattern(pattern: str) -> bool:
    """Whether a step definition is for requests: `GET /things/{id}`."""
    method, _, path = pattern.partition(" ")
    return method.isalpha() and method.isupper() and path.startswith("/")


def match_request(pattern: str, request: Request, base: str) -> dict[str, Any] | None:
    """The values of the pattern's `{name}` places in the request's path below `base`; None when it is another's."""
    method, _, drawn = pattern.partition(" ")
    if method != request.method or not is_request_pattern(pattern):
        return None
    match = _path_expression(drawn).fullmatch(_path(request, base))
    return None if match is None else {name: unquote(value) for name, value in match.groupdict().items()}


def _path(request: Request, base: str) -> str:
    return urlsplit(request.url).path.removeprefix(urlsplit(base).path.rstrip("/")) or "/"


@cache
def _path_expression(drawn: str) -> "re.Pattern[str]":
    import re

    return re.compile("".join(f"(?P<{part}>[^/]+)" if is_name else re.escape(part) for part, is_name in places(drawn)))


@cache
def _expression(pattern: str) -> "re.Pattern[str]":
    import re

    return re.compile("".join(f"(?P<{part}>.+?)" if is_name else re.escape(part) for part, is_name in places(pattern)))


def places(pattern: str) -> list[tuple[str, bool]]:
    """A pattern in pieces, each with whether it is the name of a place: `[("find user ", False), ("name", True)]`."""
    import re

    parts = re.split(r"\{([A-Za-z_]\w*)\}", pattern)
    return [(part, index % 2 == 1) for index, part in enumerate(parts)]


def as_result(value: Any) -> Result:
    """What a step definition returned, as the value of an action's answer: a mapping becomes its fields.

    Raises NotAnAnswer for what would still have to be run.
    """
    if isinstance(value, Result):
        return value
    unrun = never_run(value)
    if unrun:
        raise NotAnAnswer(unrun, "a seqtest.Result\na value\na mapping: its fields\nNone")
    if isinstance(value, Mapping):
        return Result(fields=dict(value))
    return Result(value)


def never_run(value: Any) -> str:
    """In words, what a function of the user's returned that nobody runs: its body has not begun. Else empty."""
    if isinstance(value, GeneratorType):
        return "a generator, whose body nobody runs: leave out `yield`"
    if isinstance(value, AsyncGeneratorType):
        return "an asynchronous generator, whose body nobody runs: leave out `async` and `yield`"
    if isinstance(value, CoroutineType):
        value.close()  # else Python warns of it, somewhere
        return "a coroutine, which nobody awaits: leave out `async`, and run what is asynchronous with `asyncio.run`"
    return f"a `{type(value).__name__}`, which nobody awaits" if isinstance(value, Awaitable) else ""
