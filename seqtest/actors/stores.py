"""Look-ups in other participants: users, tokens and revocations that live in a database of their own.

Each look-up is an arrow of the run, an action with these words. A `<<token-store>>` answers them; so may any class with
step definitions, or the diagram itself:

| action                 | fields sent                 | answered by                                                 |
|------------------------|-----------------------------|-------------------------------------------------------------|
| `find user alice`      |                             | the user's name, fields `sub`, `disabled` …; or `not found` |
| `save token {token}`   | `sub`, `client_id`, `exp` … | anything                                                    |
| `find token {token}`   |                             | `found` (with the saved fields), `revoked`, `not found`     |
| `revoke token {token}` |                             | anything                                                    |
| `revoke {jti}`         | `exp`                       | anything                                                    |
| `is {jti} revoked`     |                             | `yes` or `no`                                               |

`{jti}` is a JWT's `jti`; for an opaque token it is the token itself.
"""

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from seqtest.actors.actor import Part
from seqtest.dataclass import dataclass
from seqtest.errors import Finding, UnplayableScenario
from seqtest.exchange import Action, Result

MISSING = frozenset({"", "not found", "none", "nobody", "nothing", "no", "unknown", "unknown user", "no such user"})
"""What stands for nothing found, without regard to case; no answer at all does, too."""

YES = frozenset({"yes", "true", "revoked", "1"})
NO = frozenset({"no", "false", "not revoked", "valid", "0", ""})

_NOT_FOUND_ERRORS = ("NotFound", "KeyError", "LookupError", "DoesNotExist", "NoSuch", "Unknown")


class StoreFailed(Exception):
    """The store could not answer: the caller's own answer is 503."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a store knows of something: its value as text and its fields."""

    text: str
    fields: Mapping[str, Any] = field(default_factory=dict, repr=False)


def ask(part: Part, store: str, text: str, fields: Mapping[str, Any] | None = None) -> Result:
    """Send an action to the store. Raises StoreFailed when it raised an error or could not be reached."""
    try:
        answer = part.network.call(part.participant, store, Action(text, dict(fields or {})))
    except OSError as lost:
        raise StoreFailed(str(lost)) from lost
    if not isinstance(answer, Result):
        raise StoreFailed(f"{store} did not answer")
    if answer.error is not None and not any(word in answer.error for word in _NOT_FOUND_ERRORS):
        raise StoreFailed(f"{store} raised {answer.error}")
    return answer


def find(part: Part, store: str, what: str) -> Found | None:
    """`find …`: what the store knows, or None."""
    answer = ask(part, store, f"find {what}")
    if answer.error is not None:
        return None
    fields = dict(answer.fields)
    if isinstance(answer.value, Mapping):
        fields = {**answer.value, **fields}
        return Found(str(fields.get("name", "")), fields) if fields else None
    said = "" if answer.value is None else str(answer.value)
    if said.strip().lower() in MISSING:
        return Found(said, fields) if fields and said == "" else None
    return Found(said, fields)


def is_revoked(part: Part, store: str, identifier: str) -> bool:
    """`is … revoked`. Raises UnplayableScenario for an answer that is neither yes nor no: it is never guessed."""
    answer = ask(part, store, f"is {identifier} revoked")
    said = str(answer.value if answer.value is not None else "").strip().lower()
    if answer.value is None and "revoked" in answer.fields:
        said = str(answer.fields["revoked"]).strip().lower()
    if said in YES:
        return True
    if said in NO and (said or answer.error is not None):
        return False
    raise UnplayableScenario(
        Finding(
            "SQ382",
            f"`{part.participant}` asked `{store}` whether a token is revoked and cannot tell from the answer",
            expected="`yes` or `no`",
            got=f"`{said}`" if said else "no value",
            do=f"draw `{store} --> {part.participant} : no`",
        )
    )
