"""What the conftest files offer a diagram: the factories and givens of the folders above it, nearest first."""

import inspect
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from seqtest.dataclass import dataclass
from seqtest.pytest_plugin.marks import GIVEN, MADE, PLAYS, SCRIPTED, Nobody, is_fixture


@dataclass(frozen=True, slots=True)
class Offer:
    """A marked function or class."""

    text: str
    """The participant that it plays, or the guard that it makes true."""
    target: Callable[..., Any]
    folder: Path | None
    """The folder of its conftest; None for a plugin, which is offered everywhere."""

    @property
    def fixtures(self) -> tuple[str, ...]:
        """Names of the fixtures that the function asks for; a class asks for none."""
        return () if inspect.isclass(self.target) else _wanted(self.target)

    def call(self, fixtures: dict[str, Any]) -> Any:
        """What the function returns for these fixtures; a class is handed out as it is."""
        if inspect.isclass(self.target):
            return self.target
        return self.target(**{name: fixtures[name] for name in self.fixtures})


@cache
def _wanted(function: Callable[..., Any]) -> tuple[str, ...]:
    wanted = inspect.signature(function).parameters.values()
    return tuple(p.name for p in wanted if p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD))


def factories(config: pytest.Config, path: Path) -> dict[str, Offer]:
    """Participant → who plays it in the diagrams of this file; the nearest conftest wins."""
    return {name: offer for name, offer in _nearest(config, path, PLAYS).items() if offer.target is not Nobody}


def givens(config: pytest.Config, path: Path) -> dict[str, Offer]:
    """Guard → the function that makes it true in the diagrams of this file; the nearest conftest wins."""
    return _nearest(config, path, GIVEN)


def everything(config: pytest.Config, attribute: str = PLAYS) -> Iterator[Offer]:
    """All that the loaded conftest files and plugins offer, in the order in which they were loaded."""
    for plugin in config.pluginmanager.get_plugins():
        if type(plugin) is ModuleType:
            yield from _offers(plugin, attribute)


def _nearest(config: pytest.Config, path: Path, attribute: str) -> dict[str, Offer]:
    offers = list(everything(config, attribute))
    if not offers:
        return {}
    folders = frozenset(path.parents)
    above = [offer for offer in offers if offer.folder is None or offer.folder in folders]
    above.sort(key=lambda offer: len(offer.folder.parts) if offer.folder else 0)
    return {offer.text: offer for offer in above}


@cache
def _offers(module: ModuleType, attribute: str) -> tuple[Offer, ...]:
    file = getattr(module, "__file__", None)
    folder = Path(file).parent if file and Path(file).name == "conftest.py" else None
    found = []
    for name, member in vars(module).items():
        _refuse_fixture(module, name, member)
        # Only what can carry the mark is asked: other objects may answer any attribute, or act on being asked.
        if inspect.isfunction(member) or inspect.isclass(member):
            found += [Offer(text, member, folder) for text in vars(member).get(attribute, ())]
    if attribute == PLAYS:
        found += [Offer(text, Nobody, folder) for text in dict.fromkeys(vars(module).get(SCRIPTED, ()))]
    _refuse_unheard(module, attribute, found)
    _refuse_rivals(module, attribute, found)
    return tuple(found)


def _refuse_unheard(module: ModuleType, attribute: str, found: list[Offer]) -> None:
    """A mark on what is none of the file's names: whom it is for would be scripted, and nothing of it tested."""
    heard = {offer.text for offer in found}
    for mark, text, target in vars(module).get(MADE, ()):
        if mark == attribute and text not in heard:
            name = "plays" if attribute == PLAYS else "given"
            raise pytest.UsageError(
                f'{module.__file__}: `@seqtest.{name}("{text}")` marks `{target.__qualname__}`, which this file does '
                "not have as a function or class of its own at its top level: another one took its name, a decorator "
                "above the mark made something else of it, or it stands inside a class"
            )


def _refuse_rivals(module: ModuleType, attribute: str, found: list[Offer]) -> None:
    """Two of one file for one participant: the mark of the other was perhaps meant for somebody who is scripted now."""
    first: dict[str, Callable[..., Any]] = {}
    for offer in found:
        rival = first.setdefault(offer.text, offer.target)
        if rival is offer.target:
            continue
        verb = "play" if attribute == PLAYS else "make true"
        names = " and ".join(
            "seqtest.scripted" if target is Nobody else f"`{target.__name__}`" for target in (rival, offer.target)
        )
        raise pytest.UsageError(
            f"{module.__file__}: {names} both {verb} `{offer.text}`; only one can: correct the name in the mark of "
            "the other, or take it out"
        )


def _refuse_fixture(module: ModuleType, name: str, member: object) -> None:
    """A fixture above the mark hides it; leaving it unheard would leave the participant scripted."""
    if not inspect.isfunction(member) and type(member).__name__ != "FixtureFunctionDefinition":
        return  # other objects may answer any attribute, or act on being asked
    if not is_fixture(member):
        return
    inner = getattr(member, "__wrapped__", None)
    if inspect.isfunction(inner) and (PLAYS in vars(inner) or GIVEN in vars(inner)):
        raise pytest.UsageError(
            f"{module.__file__}: `{name}` is a fixture and a seqtest factory at once; "
            "let a plain function take the fixture and carry the mark"
        )
