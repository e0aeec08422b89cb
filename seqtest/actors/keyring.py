"""The signing keys of one authorization server: made when first asked for, rotated and withdrawn."""

from collections.abc import Mapping, Sequence

from seqtest.auth.keys import Key, make_key
from seqtest.errors import Finding, UnplayableScenario


class Keyring:
    """Keys in the order in which they are published; the newest last."""

    def __init__(self, participant: str, drawn: Mapping[str, str], algs: Sequence[str]) -> None:
        """`drawn` is kid → algorithm; without any there is one key for each of `algs`, those that are needed.

        Raises UnplayableScenario when keys are drawn and none of them is for an algorithm that is needed.
        """
        self.participant = participant
        self._wanted = dict(drawn) or {_kid(participant, alg): alg for alg in algs}
        missing = [alg for alg in algs if alg not in self._wanted.values()]
        if missing:
            raise UnplayableScenario(_no_key(participant, missing[0], list(drawn)))
        self._newest: dict[str, str] = {}

    def published(self) -> list[Key]:
        """The keys themselves, made when first asked for."""
        return [make_key(alg, kid, self.participant) for kid, alg in self._wanted.items()]

    def signing(self, alg: str) -> Key:
        """The key in use for an algorithm: the first that was drawn, after a rotation the newest."""
        kid = self._newest.get(alg) or next((kid for kid, made in self._wanted.items() if made == alg), None)
        return make_key(alg, kid or _kid(self.participant, alg), self.participant)

    def find(self, kid: str | None, alg: str | None) -> Key | None:
        """The key of that id and algorithm; None when there is no such key, never another one instead."""
        for drawn, made in self._wanted.items():
            if kid in (None, drawn) and alg in (None, made):
                return make_key(made, drawn, self.participant)
        return None

    def rotate(self, alg: str) -> str:
        """Add a key that signs from now on; the old ones stay published. Its id."""
        number = 2
        while f"{_kid(self.participant, alg)}-{number}" in self._wanted:
            number += 1
        kid = f"{_kid(self.participant, alg)}-{number}"
        self._wanted[kid] = alg
        self._newest[alg] = kid
        return kid

    def withdraw(self, kid: str) -> bool:
        """Publish the key no more; False when there is none of that id."""
        return self._wanted.pop(kid, None) is not None

    def kids(self) -> list[str]:
        """The ids of what is published."""
        return list(self._wanted)


def _kid(participant: str, alg: str) -> str:
    return f"{participant}-{alg.lower()}"


def _no_key(participant: str, alg: str, drawn: list[str]) -> Finding:
    return Finding(
        "SQ388",
        f"`{participant}` signs with {alg} and has no key for it",
        expected=f"a key for {alg} among those drawn",
        got=", ".join(f"`keys.{kid}`" for kid in drawn),
        why="a token signed with a key that is not published verifies nowhere",
        do=f"draw `keys.{alg.lower()} = {alg}` over `{participant}`, or draw no keys at all",
    )
