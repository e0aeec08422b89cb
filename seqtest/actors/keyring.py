"""The signing keys of one authorization server: made when first asked for, rotated and withdrawn."""

from collections.abc import Mapping, Sequence
from typing import Any

from seqtest.auth.keyring import is_key_setting, is_part_of_a_key, real_keys_of
from seqtest.auth.keys import BadKey, Key, make_key
from seqtest.dataclass import replace
from seqtest.errors import Finding, UnplayableScenario


class Keyring:
    """Keys in the order in which they are published; the newest last."""

    def __init__(self, participant: str, settings: Mapping[str, Any], algs: Sequence[str]) -> None:
        """`settings` may draw keys (`seqtest.auth.keyring`); without any there is one for each of `algs`.

        Raises UnplayableScenario when keys are drawn and none of them is for an algorithm that is needed, or when one
        cannot be read.
        """
        self.participant = participant
        self._settings = {path: value for path, value in settings.items() if is_key_setting(path)}
        drawn = {path: str(alg) for path, alg in self._settings.items() if not is_part_of_a_key(path)}
        self._paths = {self._kid_of(path, alg): path for path, alg in drawn.items()}
        self._wanted = {self._kid_of(path, alg): alg for path, alg in drawn.items()}
        missing = [alg for alg in algs if drawn and alg not in drawn.values()]
        if missing:
            raise UnplayableScenario(_no_key(participant, missing[0], list(drawn)))
        if not drawn:
            self._wanted = {_kid(participant, alg): alg for alg in algs}
        self._newest: dict[str, str] = {}
        self._in_use: dict[str, Key] = {}
        """Algorithm → the key that signs, until keys change."""
        self._check()

    def _check(self) -> None:
        for kid, path in self._paths.items():
            if f"{path}.pem" in self._settings:
                try:
                    self._make(kid)
                except BadKey as problem:
                    raise UnplayableScenario(bad_key(self.participant, path, str(problem))) from None

    def _kid_of(self, path: str, alg: str) -> str:
        return _kid(self.participant, alg) if path == "key" else path.removeprefix("keys.")

    def _make(self, kid: str) -> Key:
        alg, path = self._wanted[kid], self._paths.get(kid)
        given = {name: value for name, value in self._settings.items() if name == path or name.startswith(f"{path}.")}
        made = real_keys_of(self.participant, given) if path is not None else []
        return replace(made[0], kid=kid) if made else make_key(alg, kid, self.participant)

    def published(self) -> list[Key]:
        """The keys themselves, made when first asked for."""
        return [self._make(kid) for kid in self._wanted]

    def signing(self, alg: str) -> Key:
        """The key in use for an algorithm: the first that was drawn, after a rotation the newest."""
        if alg not in self._in_use:
            self._in_use[alg] = self._first(alg)
        return self._in_use[alg]

    def _first(self, alg: str) -> Key:
        kid = self._newest.get(alg) or next((kid for kid, made in self._wanted.items() if made == alg), None)
        return (
            self._make(kid)
            if kid in self._wanted
            else make_key(alg, kid or _kid(self.participant, alg), self.participant)
        )

    def find(self, kid: str | None, alg: str | None) -> Key | None:
        """The key of that id and algorithm; None when there is no such key, never another one instead."""
        for drawn, made in self._wanted.items():
            if kid in (None, drawn) and alg in (None, made):
                return self._make(drawn)
        return None

    def rotate(self, alg: str) -> str:
        """Add a key that signs from now on; the old ones stay published. Its id."""
        number = 2
        while f"{_kid(self.participant, alg)}-{number}" in self._wanted:
            number += 1
        kid = f"{_kid(self.participant, alg)}-{number}"
        self._wanted[kid] = alg
        self._newest[alg] = kid
        self._in_use.clear()
        return kid

    def withdraw(self, kid: str) -> bool:
        """Publish the key no more; False when there is none of that id."""
        self._in_use.clear()
        return self._wanted.pop(kid, None) is not None

    def algs(self) -> list[str]:
        """The algorithms of what is published, without making any key."""
        return list(dict.fromkeys(self._wanted.values()))

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
        got=", ".join(f"`{path}`" for path in drawn),
        why="a token signed with a key that is not published verifies nowhere",
        do=f"draw `keys.{alg.lower()} = {alg}` over `{participant}`, or draw no keys at all",
    )


def bad_key(participant: str, path: str, problem: str) -> Finding:
    """A private key that cannot be read, or is for another algorithm."""
    return Finding("SQ389", f"`{path}.pem` of `{participant}` is no private key for its algorithm", got=problem)
