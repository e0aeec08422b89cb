"""What has fields, and how one is found in it by its path: a query, an object, whatever a line stands below."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from seqtest.contents.scope import MISSING

Path = tuple[str | int | None, ...]


class Unreadable(Exception):
    """A body or a header that is not what it says it is, or is drawn as; the message is a plain reason."""

    def __init__(self, reason: str, got: str = "") -> None:
        super().__init__(reason)
        self.got = got
        """How the body begins, without secrets."""


class Ambiguous(Unreadable):
    """JSON that one reader takes otherwise than another: a member twice, a number that is none."""


class Found:
    """The values at a path. `is_text`: their types do not count. `obstacle`: what it met and cannot lead through."""

    __slots__ = ("is_text", "obstacle", "values")

    def __init__(self, values: Sequence[Any], is_text: bool, obstacle: str = "") -> None:
        self.values, self.is_text, self.obstacle = values, is_text, obstacle


NOTHING_FOUND = Found((), False)


class Holder:
    """What has fields: a message, a token, an object, a redirect's query …"""

    __slots__ = ()

    def look(self, place: str, path: Path) -> Found:
        """The values at that path."""
        raise NotImplementedError

    def traces(self, place: str, path: Path) -> Found:
        """The same for what must not be there: wherever it could be."""
        return self.look(place, path)

    def siblings(self, place: str) -> Mapping[str, Any]:
        """The fields that `iat + 5 minutes` may count from."""
        return {}

    def undrawn(self, drawn: Iterable[tuple[str, Path]]) -> list[str]:
        """The names of its fields that are not drawn."""
        raise NotImplementedError


def walk(value: Any, path: Path) -> Found:
    """The values at a path of a structure; for `[*]` one for each element, MISSING where it lacks the rest."""
    if len(path) == 1 and type(value) is dict:
        name = path[0]
        return Found((value[name],), False) if name in value else NOTHING_FOUND
    values: list[Any] = [value]
    is_each = False
    for step in path:
        if step is None:
            is_each = True
            if not all(isinstance(held, list) for held in values):
                return Found((), False, "`[*]` met no array")
            values = [element for held in values for element in held]
        else:
            for held in values:
                if not isinstance(held, Mapping if isinstance(step, str) else list) and not is_scalar(held):
                    return Found((), False, f"{_step(step)} met {_kind(held)}")
            values = [_member(held, step) for held in values]
    if not is_each and values[0] is MISSING:
        return NOTHING_FOUND
    return Found(values, False)


def _member(value: Any, step: str | int) -> Any:
    if isinstance(step, str):
        return value.get(step, MISSING) if isinstance(value, Mapping) else MISSING
    return value[step] if isinstance(value, list) and 0 <= step < len(value) else MISSING


def is_scalar(value: Any) -> bool:
    """Whether it has neither members nor elements, so that nothing is missed in it."""
    return value is MISSING or value is None or isinstance(value, (str, int, float, bytes))


def _step(step: str | int) -> str:
    return f"`.{step}`" if isinstance(step, str) else f"`[{step}]`"


def _kind(value: Any) -> str:
    if isinstance(value, list):
        return "an array; `[*]` means each of its elements"
    return "an object" if isinstance(value, Mapping) else f"a {type(value).__name__}, which cannot be looked into"


def wire_name(path: Path) -> str:
    """A path as one name, where there are only names: `user.roles[0]`."""
    if len(path) == 1 and isinstance(path[0], str):
        return path[0]
    text = ""
    for step in path:
        text += f"[{'*' if step is None else step}]" if not isinstance(step, str) else f".{step}" if text else step
    return text


def undrawn_in(value: Any, paths: Sequence[Path], around: Path = ()) -> list[str]:
    """The members of a structure, at any depth, that none of the paths names; what is named whole is drawn whole."""
    if isinstance(value, Mapping):
        members: Iterable[tuple[str | int, Any]] = value.items()
    elif isinstance(value, list):
        members = enumerate(value)
    else:
        return []
    found = []
    for step, held in members:
        below = [path[1:] for path in paths if path[0] == step or (path[0] is None and isinstance(step, int))]
        here = (*around, step)
        if not below:
            found.append(wire_name(here))
        elif () not in below:
            found += undrawn_in(held, below, here)
    return found


class Fields(Holder):
    """Names with text values, each in the order it came: a query, a form, parameters."""

    __slots__ = ("values",)

    def __init__(self, values: Mapping[str, list[str]]) -> None:
        self.values = values

    def look(self, place: str, path: Path) -> Found:
        return Found(self.values.get(wire_name(path), ()), True)

    def siblings(self, place: str) -> Mapping[str, Any]:
        return {name: held[0] for name, held in self.values.items()}

    def undrawn(self, drawn: Iterable[tuple[str, Path]]) -> list[str]:
        names = {wire_name(path) for _, path in drawn}
        return [name for name in self.values if name not in names]


class Structure(Holder):
    """An object: of JSON, of a token's claims, of an action."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def look(self, place: str, path: Path) -> Found:
        return walk(self.value, path)

    def siblings(self, place: str) -> Mapping[str, Any]:
        return self.value if isinstance(self.value, Mapping) else {}

    def undrawn(self, drawn: Iterable[tuple[str, Path]]) -> list[str]:
        return undrawn_in(self.value, [path for _, path in drawn if path])


def grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Pairs by name, in order."""
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        if name in found:
            found[name].append(value)
        else:
            found[name] = [value]
    return found
