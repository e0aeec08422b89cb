"""The plugin's options: `seqtest_…` in the ini file, `--seqtest-…` on the command line."""

import os
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
        metavar="NAME=MODULE:ATTRIBUTE|URL",
        help="let this WSGI application, Actor class or callable, or the live server at this base URL, "
        "play the participant NAME; may be repeated",
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
    group.addoption(
        "--seqtest-report",
        default=None,
        metavar="DIR",
        help="write an HTML report of all cases into this folder: new, empty, or an earlier report",
    )
    group.addoption(
        "--seqtest-report-compare",
        nargs=2,
        action="append",
        default=[],
        metavar=("LEFT", "RIGHT"),
        help="two cases that the report sets side by side, by file or node id; may be repeated",
    )
    group.addoption(
        "--seqtest-save",
        default=None,
        metavar="FILE",
        help="save what was played as JSON: `seqtest report --from FILE` makes pages of it later",
    )
    group.addoption(
        "--seqtest-allow-host",
        action="append",
        default=[],
        metavar="HOST",
        help="let live servers on this host be called (`*.example` is a pattern), not only on this machine; "
        "may be repeated",
    )
    group.addoption(
        "--seqtest-ca",
        default=None,
        metavar="FILE",
        help="certificates (PEM) that live servers are trusted by, in the place of the system's",
    )
    group.addoption(
        "--seqtest-wait",
        default=None,
        metavar="SECONDS",
        help="how long the delays of a case with a live server may be together (default: 30)",
    )
    group.addoption(
        "--seqtest-timeout",
        default=None,
        metavar="SECONDS",
        help="how long a participant may take over one message before it is given up, 0 for ever (default: 30)",
    )
    group.addoption(
        "--seqtest-skip-waits",
        action="store_true",
        default=None,
        help="skip the cases with a live server whose delays are longer, where they would be errors",
    )
    group.addoption(
        "--seqtest-lint",
        action="append",
        default=[],
        metavar="NAME|-NAME|all|none",
        help="warn of this lint of hygiene, or (`--seqtest-lint=-NAME`) not; may be repeated",
    )
    parser.addini("seqtest_lints", "which lints of hygiene speak: NAME, -NAME, all, none", type="args", default=[])
    group.addoption(
        "--seqtest-github",
        choices=("auto", "on", "off"),
        default=None,
        help="annotate broken lines and write the job's summary for GitHub Actions (auto: when run there)",
    )
    parser.addini("seqtest_github", "speak to GitHub Actions: auto, on or off (default: auto)", default="auto")
    parser.addini("seqtest_bind", "who plays whom: lines of NAME=MODULE:ATTRIBUTE|URL", type="linelist", default=[])
    parser.addini("seqtest_allow_hosts", "hosts whose live servers may be called", type="args", default=[])
    parser.addini("seqtest_ca", "certificates that live servers are trusted by, a file of this folder", default="")
    parser.addini("seqtest_wait", "how long a case with a live server may wait, in seconds (default: 30)", default="")
    parser.addini(
        "seqtest_timeout", "how long a participant may take over one message, in seconds (default: 30)", default=""
    )
    parser.addini(
        "seqtest_skip_waits", "skip cases that would wait longer (default: false)", type="bool", default=False
    )
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


def speaks_to_github(config: pytest.Config) -> bool:
    """Whether GitHub Actions is to be told. Raises pytest.UsageError for an ini value that is none of the three."""
    chosen = config.getoption("seqtest_github") or config.getini("seqtest_github")
    if chosen not in ("auto", "on", "off"):
        raise pytest.UsageError(f"seqtest_github wants auto, on or off, got {chosen!r}")
    return chosen == "on" or (chosen == "auto" and os.environ.get("GITHUB_ACTIONS") == "true")


def are_given(config: pytest.Config) -> bool:
    """Whether any option was set, so that there is something to understand or to refuse."""
    return (
        config.getoption("seqtest_seed") is not None
        or any(config.getoption(name) for name in _TOLD)
        or any(config.getini(name) for name in _UNDERSTOOD)
    )


_TOLD = ("seqtest_bind", "seqtest_var", "seqtest_wait", "seqtest_timeout", "seqtest_lint")
_UNDERSTOOD = (
    "seqtest_bind", "seqtest_vars", "seqtest_start", "seqtest_seed", "seqtest_wait", "seqtest_timeout", "seqtest_lints",
)  # fmt: skip
"""Options of the ini file whose values may be ones that cannot be understood."""


def settings(config: pytest.Config) -> "Settings":
    """The options of this session. Raises pytest.UsageError for one that cannot be understood."""
    found = config.stash.get(SETTINGS, None)
    if found is None:
        found = config.stash[SETTINGS] = _read(config)
    return found


def _read(config: pytest.Config) -> "Settings":
    from seqtest.settings import BadOption, Settings, lints, moment, pairs, seconds, targets

    told_wait, told_skip = config.getoption("seqtest_wait"), config.getoption("seqtest_skip_waits")
    told_timeout = config.getoption("seqtest_timeout")
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
            hosts=(*config.getini("seqtest_allow_hosts"), *config.getoption("seqtest_allow_host")),
            lints=lints((*config.getini("seqtest_lints"), *config.getoption("seqtest_lint"))),
            ca=config.getoption("seqtest_ca") or _beside(config, config.getini("seqtest_ca")),
            wait_seconds=seconds(config.getini("seqtest_wait"), "seqtest_wait")
            if told_wait is None
            else seconds(told_wait, "--seqtest-wait"),
            timeout_seconds=seconds(config.getini("seqtest_timeout"), "seqtest_timeout")
            if told_timeout is None
            else seconds(told_timeout, "--seqtest-timeout"),
            skips_waits=config.getini("seqtest_skip_waits") if told_skip is None else told_skip,
        )
    except BadOption as error:
        raise pytest.UsageError(str(error)) from None
    except ValueError:
        raise pytest.UsageError(f"seqtest_seed wants a whole number, got {config.getini('seqtest_seed')!r}") from None


def _beside(config: pytest.Config, name: str) -> str | None:
    """A file that the ini file names: its path is from the ini file's folder."""
    return str((config.inipath or config.rootpath / "pytest.ini").parent / name) if name else None
