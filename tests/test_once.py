"""What is computed once."""

import pytest

from seqtest import once as module
from seqtest.once import once, once_for_each


def test_a_property_is_computed_when_it_is_first_asked_for() -> None:
    """And of the class it is the property itself."""
    made = []

    class Holder:
        @once
        def value(self) -> int:
            """A number."""
            made.append(self)
            return 7

    holder = Holder()

    assert made == []
    assert (holder.value, holder.value) == (7, 7)
    assert made == [holder]
    assert Holder.value.__doc__ == "A number."


def test_a_function_is_asked_once_for_each_object() -> None:
    """Equal objects are different ones, and what was forgotten is made again."""
    made = []

    @once_for_each
    def twice(of: list[int]) -> list[int]:
        made.append(of)
        return of * 2

    one, other = [1], [1]

    assert twice(one) is twice(one)
    assert twice(other) is not twice(one)
    assert len(made) == 2
    twice.forget()
    twice(one)
    assert len(made) == 3


def test_another_object_at_the_same_address_is_asked_for() -> None:
    """An object that is known stays alive, so its number is nobody else's."""

    @once_for_each
    def kind(of: object) -> str:
        return type(of).__name__

    assert [kind(make()) for make in (list, dict, set, list)] == ["list", "dict", "set", "list"]


def test_no_more_than_so_many_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """A session that forgets nothing does not grow without end."""
    made = []

    @once_for_each
    def name(of: list[int]) -> int:
        made.append(of)
        return len(made)

    monkeypatch.setattr(module, "MOST", 2)
    lists = [[number] for number in range(3)]
    for each in (*lists, lists[2], lists[0]):
        name(each)

    assert [each[0] for each in made] == [0, 1, 2, 0]
