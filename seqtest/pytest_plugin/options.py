"""The plugin's options: `seqtest_…` in the ini file, `--seqtest-…` on the command line."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from seqtest.settings import Settings

SETTINGS = pytest.StashKey["Settings"]()
HAS_MET_DIAGRAMS = pytest.StashKey[bool]()


def add(parser: pytest.Parser) -> None:
    """Declare them all; each is read once, by `settings`."""
    group = parser.getgroup("seqtest", "sequence diagrams as tests")
    group.addoption(
        "--seqtest-bind",
        action="append",
        default=[],
        metavar="NAME=MODULE:ATTRIBUTE",
        help="let this WSGI application, Actor class or callable play the participant NAME; may be repeated",
    )
    group.addoption(
        "--seqtest-var",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="the value of {NAME} in the diagrams; may be repeated",
    )
    group.addoption(
        "--seqtest-seed",
        type=int,
        default=None,
        metavar="N",
        help="what ids, codes and keys are made from: equal seeds make equal runs (default: 0)",
    )
    parser.addini("seqtest_bind", "who plays whom: lines of NAME=MODULE:ATTRIBUTE", type="linelist", default=[])
    parser.addini("seqtest_vars", "values for {NAME} in the diagrams: lines of NAME=VALUE", type="linelist", default=[])
    parser.addini(
        "seqtest_gc_freeze",
        "keep what was collected out of the garbage collector's sight, which saves time (default: true)",
        type="bool",
        default=True,
    )
    parser.addini("seqtest_start", "the moment at which every run starts, as ISO 8601 (default: now)", default="")
    parser.addini("seqtest_seed", "what ids, codes and keys are made from (default: 0)", default="")
    parser.addini(
        "seqtest_files",
        "files that hold diagrams, as patterns of their names",
        type="args",
        default=["*.puml", "*.plantuml", "*.pu", "*.wsd"],
    )
    parser.addini(
        "seqtest_documents",
        "documents whose PlantUML and Mermaid blocks are flows, as patterns of their names: *.md *.rst (default: none)",
        type="args",
        default=[],
    )


def are_given(config: pytest.Config) -> bool:
    """Whether any option was set, so that there is something to understand or to refuse."""
    return (
        config.getoption("seqtest_seed") is not None
        or any(config.getoption(name) for name in ("seqtest_bind", "seqtest_var"))
        or any(config.getini(name) for name in ("seqtest_bind", "seqtest_vars", "seqtest_start", "seqtest_seed"))
    )


def settings(config: pytest.Config) -> "Settings":
    """The options of this session. Raises pytest.UsageError for one that cannot be understood."""
    found = config.stash.get(SETTINGS, None)
    if found is None:
        found = config.stash[SETTINGS] = _read(config)
    return found


def _read(config: pytest.Config) -> "Settings":
    from seqtest.settings import BadOption, Settings, moment, pairs, targets

    seed = config.getoption("seqtest_seed")
    try:
        return Settings(
            binds={
                **targets(config.getini("seqtest_bind"), "seqtest_bind"),
                **targets(config.getoption("seqtest_bind"), "--seqtest-bind"),
            },
            told=pairs(config.getoption("seqtest_var"), "--seqtest-var"),
            variables=pairs(config.getini("seqtest_vars"), "seqtest_vars"),
            seed=int(config.getini("seqtest_seed") or "0") if seed is None else seed,
            start=moment(config.getini("seqtest_start")),
            patterns=(*config.getini("seqtest_files"), *config.getini("seqtest_documents")),
        )
    except BadOption as error:
        raise pytest.UsageError(str(error)) from None
    except ValueError:
        raise pytest.UsageError(f"seqtest_seed wants a whole number, got {config.getini('seqtest_seed')!r}") from None
