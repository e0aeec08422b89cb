"""Bindings whose name is no participant: a slip of the pen would leave the real one scripted, and green."""

import re
from collections.abc import Iterable, Iterator
from os.path import commonpath
from pathlib import Path

import pytest

from seqtest.errors import did_you_mean
from seqtest.pytest_plugin import conftests, options
from seqtest.pytest_plugin.collect import DRAWN


def strangers(config: pytest.Config) -> list[str]:
    """What to say of each binding by whose name nobody is drawn where it counts.

    A session may collect a part of the diagrams only; so a name counts as drawn, too, when the text of another diagram
    file in the folder has it.
    """
    return list(_problems(config, config.stash.get(DRAWN, {})))


def _problems(config: pytest.Config, drawn: dict[Path, frozenset[str]]) -> Iterator[str]:
    everybody = frozenset().union(*drawn.values())
    told = {text.partition("=")[0].strip() for text in config.getoption("seqtest_bind")}
    for name in options.settings(config).binds:
        if name in everybody:
            continue
        if name in told:
            yield _stranger(f"--seqtest-bind {name}", name, everybody)
        elif drawn and not _is_written(name, Path(commonpath([path.parent for path in drawn])), config):
            yield _stranger(f"seqtest_bind = {name}", name, everybody)
    for offer in dict.fromkeys(conftests.everything(config)):
        if offer.folder is None:
            continue
        here = frozenset().union(*(ids for path, ids in drawn.items() if path.is_relative_to(offer.folder)))
        if here and offer.text not in here and not _is_written(offer.text, offer.folder, config):
            yield _stranger(f'{offer.folder / "conftest.py"}: @seqtest.plays("{offer.text}")', offer.text, here)


def _stranger(where: str, name: str, known: Iterable[str]) -> str:
    names = sorted(known)
    hint = did_you_mean(name, names) or f"participants: {', '.join(names) or 'none'}"
    return f"error[SQ454]: {where}: no participant of the collected diagrams has this name; {hint}"


def _is_written(name: str, folder: Path, config: pytest.Config) -> bool:
    word = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
    return any(
        word.search(path.read_text(encoding="utf-8", errors="replace"))
        for pattern in options.settings(config).patterns
        for path in folder.rglob(pattern)
    )
