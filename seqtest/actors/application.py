"""The user's own code as an actor: a WSGI application, a plain function or a class, behind the one interface.

What a binding may be, and how it is told apart:

- a subclass of `Actor`: a new instance for each run;
- a base URL, as text or as `seqtest.Live`: a server that runs elsewhere;
- a function whose only parameter is called `part`: called once a run with the `Part`, returns any of the others;
- a callable with two required parameters: a WSGI application (PEP 3333), `app(environ, start_response)`;
- a callable with three, or a coroutine function: an ASGI application, `await app(scope, receive, send)`;
- a callable with one required parameter: handles each request and each action of the participant. It is given a
  `Request` or an `Action` and returns a `Response`, a `Result`, or something short: a status (`204`), text, a mapping
  (JSON; for an action its fields), `(body, status)` or `(body, status, headers)`, `None` (204; for an action nothing).
"""

import inspect
import json
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from types import FunctionType
from typing import Any
from urllib.parse import urlsplit

from seqtest.actors.actor import Actor, NotAnAnswer, Part, as_result, is_request_pattern, places
from seqtest.actors.remote import Live, Remote, is_base_url, slip_in
from seqtest.exchange import Action, Headers, Request, Response, Result

Factory = Callable[[Part], Actor]
"""Makes who plays a participant, for one run."""


class NotAPlayer(TypeError):
    """Something that cannot play a participant; the text says why and what can."""


class Application(Actor):
    """A WSGI application plays the participant. Step definitions belong to an `Actor` or a function."""

    def __init__(self, part: Part, app: Callable[..., Any]) -> None:
        super().__init__(part)
        self.app = app
        self._mount = urlsplit(part.url).path.rstrip("/")

    def handle(self, request: Request) -> Response:
        from seqtest.transports.wsgi import call

        return call(self.app, request, self._mount)


class AsyncApplication(Actor):
    """An ASGI application plays the participant. Its loop begins with its first request."""

    def __init__(self, part: Part, app: Callable[..., Any]) -> None:
        super().__init__(part)
        self.app = app
        self._mount = urlsplit(part.url).path.rstrip("/")
        # Before the run begins: what it patches of asyncio must be there.
        from seqtest.transports.asgi import Loop

        self._begin = Loop
        self._loop: Loop | None = None

    def handle(self, request: Request) -> Response:
        if self._loop is None:
            from seqtest.intercepts.speaker import RESIDES, left_over

            self._loop = self._begin(self.app, left_over, lambda: RESIDES.set(True))
        return self._loop.call(request, self._mount)

    def close(self) -> None:
        if self._loop is not None:
            self._loop.close()


class Function(Actor):
    """A plain function plays the participant."""

    def __init__(self, part: Part, function: Callable[[Any], Any]) -> None:
        super().__init__(part)
        self.function = function

    def handle(self, request: Request) -> Response:
        return as_response(self.function(request))

    def act(self, action: Action) -> Result | None:
        value = self.function(action)
        if isinstance(value, Response):
            raise NotAnAnswer(
                "a Response, which answers no action", "a seqtest.Result\na value\na mapping: its fields\nNone"
            )
        return as_result(value)


def factory(binding: Any) -> Factory:
    """Who plays a participant, made anew for each run. Raises NotAPlayer for what cannot play one."""
    if isinstance(binding, Live) or is_base_url(binding):
        live = binding if isinstance(binding, Live) else Live(binding)
        slip = slip_in(live.url)
        if slip:
            raise NotAPlayer(slip)
        return live
    if isinstance(binding, type):
        if not issubclass(binding, Actor):
            raise NotAPlayer(f"the class {binding.__name__} is no participant: derive it from seqtest.Actor")
        cls: Any = binding
        misfit = _misfit(cls)
        if misfit:
            raise NotAPlayer(misfit)
        return binding
    if isinstance(binding, Actor):
        raise NotAPlayer(f"bind the class {type(binding).__name__}, not an instance: a new one is made for each run")
    if inspect.isgenerator(binding) or inspect.iscoroutine(binding):
        binding.close()
        word = "yield" if inspect.isgenerator(binding) else "async"
        raise NotAPlayer(
            f"a function with `{word}` returns nobody yet: let it return who plays, and take a fixture for what begins "
            "before a case or ends after it"
        )
    if not callable(binding):
        raise NotAPlayer(
            f"a value of type `{type(binding).__name__}` is no participant: bind an Actor class, a WSGI application"
            " or a function"
        )
    required = _required(binding)
    if _is_asgi(binding, required):
        if len(required) != 3:
            raise NotAPlayer(
                f"an `async` function that takes {len(required)} argument{'s' * (len(required) != 1)}: an ASGI "
                "application takes three (scope, receive, send), and a function that answers is no coroutine"
            )
        return lambda part: AsyncApplication(part, binding)
    if required == ["part"]:
        return _FromPart(binding)
    if len(required) == 1:
        return lambda part: Function(part, binding)
    if len(required) == 2:
        return lambda part: Application(part, binding)
    raise NotAPlayer(
        f"{getattr(binding, '__qualname__', binding)} takes {len(required)} arguments: a WSGI application takes two, "
        "a function that answers takes one (the request or action)"
    )


class _FromPart:
    """A function that is given the `Part` and returns who plays it."""

    __slots__ = ("_function",)

    def __init__(self, function: Callable[[Part], Any]) -> None:
        self._function = function

    def __call__(self, part: Part) -> Actor:
        made = self._function(part)
        if isinstance(made, Live) or is_base_url(made):
            # Its address must be known before anybody is made.
            raise NotAPlayer("a base URL is returned by a function without the parameter `part`")
        return made if isinstance(made, Actor) else factory(made)(part)


def makes_by_user_code(make: Factory) -> bool:
    """Whether making an actor runs code of the user's."""
    if isinstance(make, type):
        own = (cls for cls in make.__mro__ if cls is not object and not is_built_in(cls))
        return any("__init__" in vars(cls) for cls in own)
    return isinstance(make, _FromPart)


def is_built_in(made: Any) -> bool:
    """Whether an actor (or its class) is one of seqtest's own: it reads the run's clock and calls by its network."""
    cls = made if isinstance(made, type) else type(made)
    return cls.__module__.startswith("seqtest.actors.") and cls not in (Application, AsyncApplication, Function, Remote)


_ASKING = (lambda: super).__code__
"""Of a method that is no plain function: whether it asks cannot be seen, so it may."""


@lru_cache(maxsize=64)
def _misfit(cls: Any) -> str:
    """Why a step definition of the class can never run."""
    return _of_other_names(cls) or _there_twice(cls) or _never_asked(cls)


def _there_twice(cls: Any) -> str:
    first: dict[str, Any] = {}
    for pattern, method in cls.steps():
        asked = first.setdefault(pattern, method)
        if asked is not method:
            return f'`@seqtest.on("{pattern}")` marks {asked.__name__} and {method.__name__}; only the first is asked'
    return ""


def _never_asked(cls: Any) -> str:
    """A method of its own answers everything, and does not ask those that are marked beside it or further down."""
    for name, what in (("handle", "requests"), ("act", "actions")):
        own, above = _up_to(cls, name)
        if own is None or {"super", "steps", name} & {*getattr(vars(own)[name], "__code__", _ASKING).co_names}:
            continue
        for pattern, method in cls.steps():
            if is_request_pattern(pattern) is (name == "handle") and any(method in vars(one).values() for one in above):
                return (
                    f'`@seqtest.on("{pattern}")` marks {method.__name__}, which is never asked: `{name}` of '
                    f"{own.__name__} answers all {what}; let it call `super().{name}` for the others"
                )
    return ""


def _up_to(cls: Any, name: str) -> tuple[Any, list[Any]]:
    """The class that answers by a method of this name in the place of Actor's, and it with those below it."""
    line = cls.__mro__[: cls.__mro__.index(Actor)]
    at = next((index for index, one in enumerate(line) if name in vars(one)), None)
    return (None, []) if at is None else (line[at], line[: at + 1])


def _of_other_names(cls: Any) -> str:
    """A pattern gives other names than its method takes."""
    for pattern, method in cls.steps():
        given = [name for name, is_name in places(pattern) if is_name]
        parameters = list(inspect.signature(method).parameters.values())[1:]
        if is_request_pattern(pattern):
            parameters = [one for one in parameters if one.name != "request" or one.name in given]
        takes = [one.name for one in parameters if one.kind not in (one.VAR_KEYWORD, one.VAR_POSITIONAL)]
        needs = [one.name for one in parameters if one.name in takes and one.default is one.empty]
        takes_any = any(one.kind is one.VAR_KEYWORD for one in parameters)
        fits = set(needs) <= set(given) and (takes_any or set(given) <= set(takes))
        if not fits or len(given) != len(set(given)):
            gives, wants = (", ".join(names) or "nothing" for names in (given, takes))
            return f'`@seqtest.on("{pattern}")` gives {gives}; its method {method.__name__} takes {wants}'
    return ""


ANSWERS = """a seqtest.Response(200, headers={"Content-Type": "text/html"}, body="…")
a status: 204
a text, bytes, or a mapping or list that is sent as JSON
(body, status) or (body, status, headers)
None: 204"""
"""What may be returned to a request."""


def as_response(value: Any) -> Response:
    """What a plain function returned, as a response. Raises NotAnAnswer for what is none."""
    try:
        return _as_response(value)
    except (TypeError, ValueError, AttributeError):
        if isinstance(value, Response):
            held = ", ".join(type(one).__name__ for one in (value.status, value.headers, value.body))
            raise NotAnAnswer(
                f"a Response of {held}, which is no answer to a request",
                "a number, a mapping or pairs of texts, and bytes, a text or what is sent as JSON",
            ) from None
        kind = type(value).__name__
        shape = f" of {', '.join(type(one).__name__ for one in value)}" if isinstance(value, tuple) else ""
        raise NotAnAnswer(f"`{kind}`{shape}, which is no answer to a request", ANSWERS) from None


def _as_response(value: Any) -> Response:
    headers: list[tuple[str, str]] = []
    status = 200
    if isinstance(value, Response):
        if type(value.headers) is Headers and type(value.body) is bytes and isinstance(value.status, int):
            return value
        return _in_full(value)
    if isinstance(value, tuple) and len(value) in (2, 3):
        if len(value) == 3:
            headers = _pairs(value[2])
        status, value = int(value[1]), value[0]
    elif isinstance(value, int) and not isinstance(value, bool):
        return Response(value)
    if value is None:
        return Response(204 if status == 200 else status, Headers(headers))
    body, kind = _body(value)
    return Response(status, Headers(headers).with_default("Content-Type", kind), body)


def _in_full(given: Any) -> Response:
    """A Response that was made of plainer things than it holds: headers as a mapping, a body as text or JSON."""
    if not isinstance(given.status, int):
        raise TypeError("a status is a number")
    fields = Headers(_pairs(given.headers))
    body = b"" if given.body in ("", None) else given.body
    if not isinstance(body, bytes):
        body, kind = _body(body)
        fields = fields.with_default("Content-Type", kind)
    return Response(given.status, fields, body, given.cause)


def _pairs(headers: Any) -> list[tuple[str, str]]:
    return [(str(name), str(value)) for name, value in (headers.items() if isinstance(headers, Mapping) else headers)]


def _body(value: Any) -> tuple[bytes, str]:
    """What is sent for a plain value, and what it is."""
    if isinstance(value, str | bytes):
        return (value.encode() if isinstance(value, str) else value), "text/plain; charset=utf-8"
    if isinstance(value, Mapping | list):
        return json.dumps(value).encode(), "application/json"
    raise TypeError(type(value).__name__)


def _required(binding: Callable[..., Any]) -> list[str]:
    if _is_made_by_werkzeug(binding):
        return ["environ", "start_response"]
    call = type(binding).__call__
    if type(call) is FunctionType and not hasattr(binding, "__signature__") and not hasattr(binding, "__wrapped__"):
        return list(_required_by_method(call))
    try:
        return _without_default(inspect.signature(binding).parameters.values())
    except (TypeError, ValueError):
        return ["environ", "start_response"]  # written in C: only WSGI applications are


@lru_cache(maxsize=64)
def _required_by_method(call: FunctionType) -> tuple[str, ...]:
    """What `__call__` asks for besides `self`: read once for all the applications of a class, one a case."""
    parameters = list(inspect.signature(call).parameters.values())
    is_self_named = parameters and parameters[0].kind is not inspect.Parameter.VAR_POSITIONAL
    return tuple(_without_default(parameters[1:] if is_self_named else parameters))


def _without_default(parameters: Iterable[inspect.Parameter]) -> list[str]:
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    names: list[str] = []
    takes_any = False
    for parameter in parameters:
        if parameter.kind in kinds and parameter.default is inspect.Parameter.empty:
            names.append(parameter.name)
        takes_any = takes_any or parameter.kind is inspect.Parameter.VAR_POSITIONAL
    return ["environ", "start_response"] if takes_any and not names else names


def _is_made_by_werkzeug(binding: Callable[..., Any]) -> bool:
    """`Request.application` makes a WSGI application of a function of one argument, and shows its signature."""
    call = binding if inspect.isroutine(binding) else type(binding).__call__
    home = getattr(call, "__globals__", {}).get("__name__", "")
    return hasattr(call, "__wrapped__") and str(home).startswith("werkzeug.")


def _is_asgi(binding: Callable[..., Any], required: list[str]) -> bool:
    call = binding if inspect.isroutine(binding) else type(binding).__call__
    return len(required) == 3 or inspect.iscoroutinefunction(call)
