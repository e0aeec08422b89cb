"""In-process calls that are not HTTP become arrows: `seqtest.tap(repo.find, "users -> db : find user {id}")`."""

import builtins
import functools
import inspect
import re
from collections.abc import Callable, Mapping
from typing import Any

from seqtest.exchange import Action, Answer, Lost, Result
from seqtest.intercepts.speaker import ACTIVE, RunIsOver, Speaker, aside, speaking

_ARROW = re.compile(r"\s*(?P<sender>[^\s:]+)\s*->\s*(?P<receiver>[^\s:]+)\s*:\s*(?P<text>\S.*?)\s*")
_PLACE = re.compile(r"\{(\w+)\}")


class NotAnArrow(ValueError):
    """The text given to `tap` is no arrow, or names a parameter that the function does not have."""


def tap(
    function: Callable[..., Any], arrow: str, *, convert: Callable[[Result], Any] | None = None
) -> Callable[..., Any]:
    """The function, with each call of it an arrow of the run that is going on; outside a run it is just called.

    The sender is the participant that calls it, whatever the arrow says.
    `{name}` in the arrow's text is the argument of that name. When the receiver is in the run, its answer is returned
    in the place of the function's: the fields of the drawn answer as a dict when it has some, else its value; `convert`
    makes something else of it. An `error: Name` is raised as the built-in exception of that name, or as LookupError.
    A receiver that this run does not have leaves the function to itself; an `async` function stays one.
    Raises NotAnArrow.
    """
    match = _ARROW.fullmatch(arrow)
    if match is None:
        raise NotAnArrow(f"`{arrow}` is no arrow such as `users -> db : find user {{id}}`")
    receiver, text = match.group("receiver", "text")
    signature = inspect.signature(function)
    names = _PLACE.findall(text)
    unknown = [name for name in names if name not in signature.parameters]
    if unknown:
        raise NotAnArrow(
            f"`{{{unknown[0]}}}` in `{arrow}` is no parameter; there are {', '.join(signature.parameters)}"
        )

    def asking(found: Speaker, args: Any, kwargs: Any) -> Callable[[], Answer]:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        values = {name: bound.arguments[name] for name in names}
        action = Action(_PLACE.sub(lambda place: str(values[place[1]]), text), values)
        return functools.partial(found.run.arrive, found.participant, receiver, action)

    @functools.wraps(function)
    def tapped(*args: Any, **kwargs: Any) -> Any:
        found = _speaking_to(receiver)
        if found is None:
            return function(*args, **kwargs)
        return _value(asking(found, args, kwargs)(), receiver, convert)

    @functools.wraps(function)
    async def awaited(*args: Any, **kwargs: Any) -> Any:
        found = _speaking_to(receiver)
        if found is None:
            return await function(*args, **kwargs)
        return _value(await aside(asking(found, args, kwargs)), receiver, convert)

    return awaited if inspect.iscoroutinefunction(function) else tapped


def _speaking_to(receiver: str) -> Speaker | None:
    """Who is speaking, in the run that this code belongs to, when it has that receiver.

    In a thread that is older than the run the only participant that is handling a message; of several none is guessed.
    """
    speaker = speaking()
    if speaker is not None:
        if speaker.run.is_over:
            raise RunIsOver("the run that this code belongs to is over")
        return speaker if speaker.run.has(receiver) else None
    found = [run for run in tuple(ACTIVE) if run.has(receiver) and run.is_handling]
    return Speaker(found[0], found[0].only_speaker()) if found else None


def _value(answer: Any, receiver: str, convert: Callable[[Result], Any] | None) -> Any:
    if isinstance(answer, Lost) or not isinstance(answer, Result):
        raise ConnectionError(f"{receiver} did not answer")
    if answer.error is not None:
        found = getattr(builtins, answer.error, None)
        kind = found if isinstance(found, type) and issubclass(found, Exception) else LookupError
        raise kind(f"{answer.error}: said by {receiver}")
    if convert is not None:
        return convert(answer)
    fields: Mapping[str, Any] = answer.fields
    return dict(fields) if fields else answer.value
