"""seqtest: a PlantUML sequence diagram of an auth flow is the test."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from seqtest.actors import Actor, on
    from seqtest.actors.remote import Live
    from seqtest.exchange import Action, Headers, Request, Response, Result
    from seqtest.intercepts.tap import tap
    from seqtest.pytest_plugin.marks import given, plays, scripted

__version__ = "0.1.0"

# Public name → where it lives. Looked up when first used: importing seqtest costs nothing that is not asked for.
_HOMES = {
    "Action": "seqtest.exchange",
    "Actor": "seqtest.actors",
    "Headers": "seqtest.exchange",
    "Live": "seqtest.actors.remote",
    "Request": "seqtest.exchange",
    "Response": "seqtest.exchange",
    "Result": "seqtest.exchange",
    "given": "seqtest.pytest_plugin.marks",
    "on": "seqtest.actors",
    "plays": "seqtest.pytest_plugin.marks",
    "scripted": "seqtest.pytest_plugin.marks",
    "tap": "seqtest.intercepts.tap",
}

__all__ = [
    "Action",
    "Actor",
    "Headers",
    "Live",
    "Request",
    "Response",
    "Result",
    "__version__",
    "given",
    "on",
    "plays",
    "scripted",
    "tap",
]


def __getattr__(name: str) -> Any:
    from importlib import import_module

    home = _HOMES.get(name)
    if home is None:
        __tracebackhide__ = True
        raise AttributeError(f"module 'seqtest' has no attribute {name!r}{_hint(name)}")
    value = globals()[name] = getattr(import_module(home), name)
    return value


def _hint(name: str) -> str:
    if name.startswith("_") or _is_part(name):
        return ""
    from seqtest.errors import did_you_mean

    near = did_you_mean(name, __all__)
    return f"; {near}" if near else ""


def _is_part(name: str) -> bool:
    """Whether it is a module of seqtest: `from seqtest import api` asks for the attribute first, too."""
    from os.path import exists, join

    return exists(join(__path__[0], f"{name}.py")) or exists(join(__path__[0], name, "__init__.py"))


def __dir__() -> list[str]:
    return sorted(__all__)
