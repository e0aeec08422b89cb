"""Bindings and values whose name is drawn nowhere: a slip of the pen would leave the real one unheard, and green."""

import re
from collections.abc import Iterable, Iterator
from os.path import commonpath
from pathlib import Path

import pytest

from seqtest.errors import Diagnostic, Finding, Unanswerable, did_you_mean
from seqtest.pytest_plugin import conftests, failing, options
from seqtest.pytest_plugin.blame import line_of
from seqtest.pytest_plugin.collect import DRAWN
from seqtest.pytest_plugin.item import FlowItem
from seqtest.pytest_plugin.marks import GIVEN, MADE, PLAYS, Nobody
from seqtest.pytest_plugin.unreadable import UnreadableItem
from seqtest.scenario.names import slug
from seqtest.source import Span

_VALUE = re.compile(r"\{\s*([A-Za-z_]\w*)\s*\}")


def strangers(session: pytest.Session) -> list[UnreadableItem]:
    """An item that ends as an error for each binding by whose name nobody is drawn, and each value nobody asks for.

    A session may collect a part of the diagrams only; so a name counts as drawn, too, when the text of another diagram
    file in the folder has it.
    """
    config = session.config
    drawn = config.stash.get(DRAWN, {})
    problems = [
        *_bindings(config, drawn),
        *_givens(session, drawn),
        *_in_test_modules(session),
        *_values(config, drawn),
    ]
    return [_item(session, path, name, finding) for path, name, finding in problems]


Problem = tuple[Path, str, Finding]
"""The file that holds the slip, what the item is called, and what is to be said."""


def _item(session: pytest.Session, path: Path, name: str, finding: Finding) -> UnreadableItem:
    root = session.config.rootpath
    place = path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name
    nodeid = f"{place}::{name}"
    item: UnreadableItem = UnreadableItem.from_parent(
        session, name=name, path=path, nodeid=nodeid, error=Unanswerable(finding)
    )
    return item


def _bindings(config: pytest.Config, drawn: dict[Path, frozenset[str]]) -> Iterator[Problem]:
    everybody = frozenset().union(*drawn.values())
    told = {text.partition("=")[0].strip() for text in config.getoption("seqtest_bind")}
    ini = config.inipath or config.rootpath
    for name in options.settings(config).binds:
        if name in everybody:
            continue
        if name in told:
            yield ini, f"bind-{name}", _stranger(f"--seqtest-bind {name}", everybody, name)
        elif drawn and not _is_written(name, [_common(drawn)], config):
            yield ini, f"bind-{name}", _stranger(f"seqtest_bind = {name}", everybody, name)
    for offer in dict.fromkeys(conftests.everything(config)):
        if offer.folder is None:
            continue
        here = frozenset().union(*(ids for path, ids in drawn.items() if path.is_relative_to(offer.folder)))
        if here and offer.text not in here and not _is_written(offer.text, [offer.folder], config):
            path = offer.folder / "conftest.py"
            if offer.target is Nobody:
                span, words = None, f'seqtest.scripted("{offer.text}") in {failing.shown_path(path, config)}'
            else:
                span = line_of(offer.target, (f'plays("{offer.text}"', f"plays('{offer.text}'"), config)
                words = f'@seqtest.plays("{offer.text}")'
            yield path, f"plays-{offer.text}", _stranger(words, here, offer.text, span)


def _givens(session: pytest.Session, drawn: dict[Path, frozenset[str]]) -> Iterator[Problem]:
    """A `given` whose guard is drawn nowhere: what it brings about would never be tried."""
    config = session.config
    guards = {one.text for item in session.items if isinstance(item, FlowItem) for one in item.scenario.givens}
    for offer in dict.fromkeys(conftests.everything(config, GIVEN)):
        if offer.folder is None or offer.text in guards or not any(path.is_relative_to(offer.folder) for path in drawn):
            continue
        if _is_written(offer.text, [offer.folder], config, (".iuml",)):
            continue
        hint = did_you_mean(offer.text, sorted(guards))
        finding = Finding(
            "SQ454",
            f'@seqtest.given("{offer.text}"): no operand of the collected diagrams has this guard; '
            + (hint or f"guards: {', '.join(sorted(guards)) or 'none'}"),
            line_of(offer.target, (f'given("{offer.text}"', f"given('{offer.text}'"), config),
            why="the guard that is meant would not be brought about, and its operand would be played all the same",
        )
        yield offer.folder / "conftest.py", f"given-{slug(offer.text)}", finding


def _in_test_modules(session: pytest.Session) -> Iterator[Problem]:
    """Marks in modules of tests, where no drawing looks for them."""
    plugins = {id(plugin) for plugin in session.config.pluginmanager.get_plugins()}
    modules = dict.fromkeys(item.getparent(pytest.Module) for item in session.items)
    for module in modules:
        if module is None or id(module.obj) in plugins:
            continue
        for mark, text, target in vars(module.obj).get(MADE, ()):
            name = "plays" if mark == PLAYS else "given"
            words = f'@seqtest.{name}("{text}")'
            finding = Finding(
                "SQ454",
                f"{words} stands in a module of tests, where no drawing finds it",
                line_of(target, (f'{name}("{text}"', f"{name}('{text}'"), session.config),
                why="the participant that is meant would be scripted, and nothing of it tested"
                if mark == PLAYS
                else "the guard that is meant would not come true",
                do="move it into the conftest.py of the drawing's folder, or of one above it",
            )
            yield module.path, f"{name}-{slug(text)}", finding


def _common(paths: Iterable[Path]) -> Path:
    return Path(commonpath([path.parent for path in paths]))


def _stranger(where: str, known: Iterable[str], name: str, span: Span | None = None) -> Finding:
    names = sorted(known)
    hint = did_you_mean(name, names) or f"participants: {', '.join(names) or 'none'}"
    return Finding(
        "SQ454",
        f"{where}: no participant of the collected diagrams has this name; {hint}",
        span,
        why="the participant that is meant would be scripted, and nothing of it tested",
    )


def _values(config: pytest.Config, drawn: dict[Path, frozenset[str]]) -> Iterator[Problem]:
    """`--seqtest-var` for a name that no drawing has: the value that is meant would come from elsewhere."""
    told = options.settings(config).told
    if not told or not drawn:
        return
    folders = [*drawn, _common(drawn)]
    for name in told:
        if _is_written(name, folders, config, (".iuml",)):
            continue
        asked = sorted({word for text in _texts([*drawn], config) for word in _VALUE.findall(text)})
        hint = did_you_mean(name, asked)
        finding = Finding(
            "SQ457",
            f"--seqtest-var {name}: no collected diagram asks for {{{name}}}" + (f"; {hint}" if hint else ""),
            do="" if hint else f"values that are asked for: {', '.join(asked) or 'none'}",
        )
        yield config.inipath or config.rootpath, f"var-{name}", finding


def _is_written(name: str, places: Iterable[Path], config: pytest.Config, endings: Iterable[str] = ()) -> bool:
    """Whether the word stands in a diagram file, given or in one of the folders."""
    words = r"\W+".join(map(re.escape, name.split()))  # markup may stand in between
    word = re.compile(rf"(?<!\w){words}(?!\w)")
    return any(word.search(text) for text in _texts(places, config, endings))


def _texts(places: Iterable[Path], config: pytest.Config, endings: Iterable[str] = ()) -> Iterator[str]:
    """What the diagram files among the places and below them say. What cannot be read says nothing."""
    from seqtest.diagram.read import (
        load,  # late: reading takes a parser, which a session of known diagrams does without
    )

    patterns = (*options.settings(config).patterns, *(f"*{ending}" for ending in endings))
    for place in places:
        for path in (file for pattern in patterns for file in place.rglob(pattern)) if place.is_dir() else (place,):
            try:
                yield load(path).text
            except (OSError, Diagnostic):
                continue
