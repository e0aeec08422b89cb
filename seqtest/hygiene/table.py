"""The lints by name, and which of them speak."""

from collections.abc import Iterable, Mapping

from seqtest.errors import did_you_mean
from seqtest.hygiene import exposure, grants, story, tokens, transport, words
from seqtest.hygiene.rule import Lint

LINTS = tuple(
    sorted(
        (
            one
            for module in (transport, tokens, grants, exposure, words, story)
            for one in vars(module).values()
            if isinstance(one, Lint)
        ),
        key=lambda lint: lint.code,
    )
)
"""Named as in the catalogue of attacks."""

BY_NAME: Mapping[str, Lint] = {lint.name: lint for lint in LINTS}
_ON = tuple(lint for lint in LINTS if lint.is_on)


class NoLint(ValueError):
    """A name that no lint has; the text says so."""


def chosen(words: Iterable[str] = ()) -> tuple[Lint, ...]:
    """The lints that speak: those that are on, then word by word `name`, `-name`, `all`, `none`. Raises NoLint."""
    if not words:
        return _ON
    on = {lint.name for lint in _ON}
    for word in words:
        name = word.removeprefix("-").replace("_", "-")
        if word in ("all", "none"):
            on = set(BY_NAME) if word == "all" else set()
        elif name not in BY_NAME:
            near = did_you_mean(name, list(BY_NAME))
            raise NoLint(f"there is no lint `{name}`; {near or 'there are ' + ', '.join(BY_NAME)}")
        elif word.startswith("-"):
            on.discard(name)
        else:
            on.add(name)
    return tuple(lint for lint in LINTS if lint.name in on)
