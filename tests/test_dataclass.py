"""Our decorator makes what the standard library's makes, later."""

import copy
import dataclasses
import inspect
import operator
import pickle
import re
import subprocess
import sys
from collections.abc import Callable, Hashable
from dataclasses import FrozenInstanceError, asdict, field, fields, is_dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar

import pytest

import seqtest
from seqtest.actors.actor import Part
from seqtest.dataclass import dataclass, guarded
from seqtest.dataclass import replace as quick_replace
from seqtest.trace import Trace
from seqtest.verdict import Verdict


def _point(decorator: Callable[..., Any]) -> Any:
    @decorator(frozen=True, slots=True, order=True)
    class Point:
        """A place."""

        kind: ClassVar[str] = "point"
        x: int
        y: int = 0
        words: list[str] = field(default_factory=list)
        unseen: object = field(default=None, compare=False, repr=False)
        number: int = field(default=7, init=False)

        @property
        def sum(self) -> int:
            return self.x + self.y

    return Point


def _counter(decorator: Callable[..., Any]) -> Any:
    @decorator(slots=True)
    class Counter:
        value: int = 0
        double: int = field(init=False)
        seen: list[int] = field(init=False, default_factory=list)

        def __post_init__(self) -> None:
            self.double = 2 * self.value

    return Counter


@dataclass(frozen=True, slots=True)
class Plain:
    """The same without a guard."""

    text: str
    more: tuple[int, ...] = ()


@guarded(frozen=True, slots=True)
class Kept:
    """At a module's top, where pickle finds it."""

    text: str
    more: tuple[int, ...] = ()
    derived: str = field(init=False, default="d")


ASKED: list[Callable[[Any], Any]] = [
    lambda point: repr(point(1, 2, ["a"], object())),
    lambda point: repr(point(1, y=3)),
    lambda point: point(1) == point(1, 0, [], "unseen is not compared"),
    lambda point: point(1) == point(2),
    lambda point: point(1) == (1, 0, []),
    lambda point: point(1).__eq__(1) is NotImplemented,
    lambda point: [compare(point(1), point(2)) for compare in (operator.lt, operator.le, operator.gt, operator.ge)],
    lambda point: [compare(point(1), point(1)) for compare in (operator.lt, operator.le, operator.gt, operator.ge)],
    lambda point: point(1) < 1,
    lambda point: hash(point(1, 2, ())) == hash(point(1, 2, (), 5)),
    lambda point: hash(point(1)),  # its list has no hash
    lambda point: repr(replace(point(1, 2), x=5)),
    lambda point: replace(point(1), number=1),
    lambda point: asdict(point(1, 2, ["a"])),
    lambda point: [(one.name, one.type, one.default, one.compare, one.repr) for one in fields(point)],
    lambda point: str(inspect.signature(point)),
    lambda point: point(1).words is not point(1).words,
    lambda point: (point.__qualname__.rpartition(".")[2], point.__module__, point.__doc__, point.kind, point.__slots__),
    lambda point: point.__match_args__,
    lambda point: (is_dataclass(point), is_dataclass(point(1)), point(3, 4).sum),
    lambda point: (repr(copy.copy(point(1, 2))), repr(copy.deepcopy(point(1, 2, ["a"])))),
    lambda point: point(),
    lambda point: point(1, 2, [], None, 5, 6),
    lambda point: point(1, z=3),
]
REFUSED: list[Callable[[Any], Any]] = [
    lambda point: setattr(point(1), "x", 2),
    lambda point: delattr(point(1), "x"),
]


@pytest.mark.parametrize("number", range(len(ASKED + REFUSED)))
def test_a_frozen_class_is_as_the_standard_one(number: int) -> None:
    """What a value of a class of ours answers, and what it refuses, is what the standard library's class says."""
    ask = (ASKED + REFUSED)[number]
    assert _outcome(ask, _point(guarded)) == _outcome(ask, _point(dataclasses.dataclass))


@pytest.mark.parametrize("number", range(len(ASKED)))
def test_without_a_guard_it_answers_the_same(number: int) -> None:
    """Only assignments are not refused when the program runs."""
    ask = ASKED[number]
    assert _outcome(ask, _point(dataclass)) == _outcome(ask, _point(dataclasses.dataclass))


def test_what_is_not_guarded_is_frozen_for_type_checkers_alone(tmp_path: Path) -> None:
    """mypy refuses the assignment; the values that users' code is handed refuse it when the program runs, too."""
    program = tmp_path / "program.py"
    program.write_text("from seqtest.source import Span\nSpan(1, 1, 1, 2).line = 3\n")
    checked = subprocess.run(
        [sys.executable, "-m", "mypy", "--no-incremental", program], capture_output=True, text=True, check=False
    )
    assert 'Property "line" defined in "Span" is read-only' in checked.stdout

    for handed_out in (seqtest.Request, seqtest.Response, seqtest.Action, seqtest.Result, Part, Verdict, Trace):
        with pytest.raises(FrozenInstanceError):
            object.__new__(handed_out).anything = 1  # type: ignore[attr-defined]


def _outcome(ask: Callable[[Any], Any], cls: Any) -> Any:
    try:
        return ask(cls)
    except (TypeError, ValueError, AttributeError) as error:
        return type(error), str(error).replace("test_dataclass.", "")


@pytest.mark.parametrize("decorator", [dataclass, dataclasses.dataclass])
def test_a_class_that_is_not_frozen(decorator: Any) -> None:
    """Its values can be changed and have no hash; `__post_init__` sees the fields."""
    counter = _counter(decorator)
    one = counter(2)

    assert (one.value, one.double, one.seen) == (2, 4, [])
    one.value = 3
    assert one == counter(3) or one.double == 4
    assert one != counter(3)
    assert not isinstance(one, Hashable)
    assert not hasattr(one, "__dict__")
    with pytest.raises(AttributeError):
        one.other = 1


def test_equality_by_identity() -> None:
    """With eq=False a value is equal to itself only, and can be hashed."""

    @dataclass(frozen=True, slots=True, eq=False)
    class Key:
        value: int

    one = Key(1)
    assert one == one
    assert one != Key(1)
    assert hash(one) != hash(Key(1)) or one is not Key(1)


def test_methods_of_the_class_stay() -> None:
    """What a class defines itself is not replaced."""

    @dataclass(frozen=True, slots=True)
    class Own:
        value: int

        def __repr__(self) -> str:
            return "own"

        def __eq__(self, other: object) -> bool:
            return True

        def __hash__(self) -> int:
            return 5

    assert repr(Own(1)) == "own"
    assert Own(1) == 7
    assert hash(Own(1)) == 5


def test_pickled_and_back() -> None:
    """A frozen value survives pickle."""
    for value in (Kept("a", (1, 2)), Plain("a", (1, 2))):
        assert pickle.loads(pickle.dumps(value)) == value


def test_matched_by_place() -> None:
    """The order of the fields is the order of a pattern."""
    match Kept("a", (1,)):
        case Kept("a", (number,)):
            assert number == 1
        case _:
            pytest.fail("no match")


def test_frozen_before_anything_else_was_asked() -> None:
    """The very first thing that is done to a value may be an attempt to change it."""
    value = Kept("a")
    with pytest.raises(FrozenInstanceError, match="cannot assign to field 'text'"):
        value.text = "b"  # type: ignore[misc]
    assert value.text == "a"


def test_what_is_not_supported_is_refused() -> None:
    """Inheritance, keyword-only fields, shared mutable defaults and classes without slots raise at once."""
    with pytest.raises(TypeError, match="inherits from a dataclass"):

        @dataclass(frozen=True, slots=True)
        class _Below(Kept):
            pass

    with pytest.raises(TypeError, match="keyword-only"):

        @dataclass(frozen=True, slots=True)
        class _Keyword:
            value: int = field(kw_only=True)

    with pytest.raises(ValueError, match="mutable default of value"):

        @dataclass(frozen=True, slots=True)
        class _Shared:
            value: list[int] = []  # noqa: RUF012

    with pytest.raises(TypeError, match="frozen=True"):

        @guarded(frozen=False, slots=True)
        class _Guarded:
            value: int

    with pytest.raises(TypeError, match="slots=True"):

        @dataclass(frozen=True, slots=False)
        class _Open:
            value: int


def test_nothing_is_compiled_before_a_value_is_made() -> None:
    """Loading a module of classes compiles no method; the first value of one its `__init__` only."""
    code = (
        "import sys, dataclasses, seqtest.errors, seqtest.source\n"
        "made = []\n"
        "sys.addaudithook(lambda event, of: event == 'exec' and of[0].co_filename == '<string>' and made.append(1))\n"
        "from seqtest.syntax.tree import Piece\n"
        "print(len(made)); Piece('a'); print(len(made)); Piece('b'); print(len(made))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["0", "1", "1"]


def test_all_of_seqtest_is_declared_with_it() -> None:
    """No module of seqtest uses the standard decorator: import `dataclass` from `seqtest.dataclass` instead."""
    root = Path(seqtest.__file__).parent
    users = {
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        if re.search("^ *@(dataclass|guarded)", text := path.read_text(), re.MULTILINE)
        and "from seqtest.dataclass import " not in text
    }
    assert users == {"documents/mkdocs.py"}
    assert is_dataclass(import_module("seqtest.diagram.model").Message)


def test_our_replace_changes_what_it_is_told() -> None:
    """The other fields stay; what the constructor does not take is made anew, and unknown names are refused."""
    point = _point(dataclass)(1, 2, ["a"], unseen=3)

    changed = quick_replace(point, y=5, words=[])

    assert (changed.x, changed.y, changed.words, changed.unseen, changed.number) == (1, 5, [], 3, 7)
    assert (point.y, point.words) == (2, ["a"])
    assert quick_replace(_counter(dataclass)(2), value=4).double == 8
    with pytest.raises(TypeError, match="has no field z to give"):
        quick_replace(point, z=1)
    with pytest.raises(TypeError, match="has no field number to give"):
        quick_replace(point, number=1)
