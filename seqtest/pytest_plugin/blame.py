"""The user's own code, where it cannot give what it is asked for: what was asked, and its frames without ours."""

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from seqtest.errors import Finding, Unanswerable, did_you_mean
from seqtest.pytest_plugin import failing
from seqtest.source import Source, Span


def raised(error: BaseException, doing: str, span: Span | None = None) -> Unanswerable:
    """What to raise instead of an exception of the user's. `doing`: `making `auth` for flow.puml`."""
    from seqtest.render.failure import users_traceback

    return Unanswerable(
        Finding(
            "SQ458",
            f"{type(error).__name__} while {doing}",
            span,
            detail="\n".join(users_traceback(error)),
        )
    )


def no_fixture(
    error: pytest.FixtureLookupError, asks: Callable[..., Any], doing: str, config: pytest.Config
) -> Unanswerable:
    """What to raise where a function of a conftest, or a fixture that it needs, asks for a fixture there is not."""
    text = getattr(error.formatrepr(), "errorstring", "")
    _, is_listed, listed = text.partition("available fixtures: ")
    if not is_listed:  # it needs itself
        return raised(error, doing)
    wanted_by = getattr(getattr(error.request, "_fixturedef", None), "func", None) or asks
    fixtures = listed.partition("\n")[0].split(", ")
    return Unanswerable(
        Finding(
            "SQ459",
            f"there is no fixture `{error.argname}`, wanted while {doing}",
            definition(wanted_by, config),
            label=f"`{wanted_by.__name__}` asks for it",
            do=did_you_mean(error.argname or "", fixtures) or "pytest --fixtures lists those there are",
        )
    )


def definition(target: Callable[..., Any], config: pytest.Config) -> Span | None:
    """The line with the `def` or `class` of the user's function or class, as far as it can be found."""
    return line_of(target, (f"def {target.__name__}", f"class {target.__name__}"), config)


def line_of(target: Callable[..., Any], words: tuple[str, ...], config: pytest.Config) -> Span | None:
    """The first line of a function or class, decorators included, that has one of these words; else its first."""
    try:
        lines, first = inspect.getsourcelines(target)
        path = Path(inspect.getsourcefile(target) or "")
        source = Source(failing.shown_path(path, config), path.read_text(encoding="utf-8", errors="replace"))
    except (OSError, TypeError):
        return None
    line = next((at for at, text in enumerate(lines, first) if any(word in text for word in words)), first)
    text = source.line(line)
    column = len(text) - len(text.lstrip()) + 1
    return Span.at(source, line, column, max(1, len(text.rstrip()) - column + 1))
