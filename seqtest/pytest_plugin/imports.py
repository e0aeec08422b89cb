"""Who plays a participant by the command line or the ini file: `module:attribute`, imported once a session."""

from importlib import import_module
from typing import Any

import pytest

from seqtest.dataclass import replace
from seqtest.errors import Finding, Unanswerable, did_you_mean

IMPORTED = pytest.StashKey[dict[str, Any]]()


def imported(participant: str, target: str, config: pytest.Config) -> Any:
    """The object that `module:attribute` names. Raises Unanswerable when there is none."""
    known = config.stash.setdefault(IMPORTED, {})
    if target not in known:
        known[target] = _load(participant, target)
    return known[target]


def _load(participant: str, target: str) -> Any:
    module_name, _, path = target.partition(":")
    try:
        value: Any = import_module(module_name)
    except Exception as error:
        raise Unanswerable(_failed(participant, target, module_name, error)) from error
    for name in path.split("."):
        try:
            value = getattr(value, name)
        except AttributeError:
            near = did_you_mean(name, [key for key in dir(value) if not key.startswith("_")])
            raise Unanswerable(_refusal(participant, target, f"no `{name}` in it", near)) from None
    return value


def _failed(participant: str, target: str, module: str, error: Exception) -> Finding:
    """Where it failed, too, unless there is no such module at all."""
    finding = _refusal(participant, target, f"{type(error).__name__}: {error}")
    if isinstance(error, ModuleNotFoundError) and error.name and (module + ".").startswith(error.name + "."):
        return finding
    from seqtest.render.failure import users_traceback

    return replace(finding, do="", detail="\n".join(users_traceback(error)))


def _refusal(participant: str, target: str, got: str, do: str = "") -> Finding:
    return Finding(
        "SQ453",
        f"`{target}` cannot play `{participant}`",
        expected="a module that imports, and a WSGI application, Actor class or callable in it",
        got=got,
        do=do or "the module is looked for as Python does; pytest's ini option `pythonpath` adds folders",
    )
