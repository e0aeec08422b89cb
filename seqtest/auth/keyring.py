"""The keys that a participant's settings speak of.

| setting                                | the key                                                              |
|----------------------------------------|----------------------------------------------------------------------|
| `key = ES256`                          | made for the run, named after the participant                        |
| `keys.k1 = RS256`                      | made for the run, with that `kid`                                    |
| `key.secret = …`, `keys.k1.secret = …` | the HMAC secret that the participant really has                      |
| `key.pem = …`, `keys.k1.pem = …`       | the private key that the participant really has, as PEM              |
"""

from collections.abc import Mapping
from typing import Any

from seqtest.auth.keys import Key, make_key, pem_key, secret_key

_PARTS = (".secret", ".pem")


def is_key_setting(path: str) -> bool:
    """Whether the setting makes a key or says something of one."""
    return path == "key" or path.startswith(("key.", "keys."))


def is_part_of_a_key(path: str) -> bool:
    """Whether the setting is a key's secret or its PEM, so no algorithm."""
    return path.endswith(_PARTS)


def keys_of(participant: str, settings: Mapping[str, Any]) -> list[Key]:
    """The keys in the order in which they are drawn. Raises UnknownAlgorithm, and BadKey for what is no PEM."""
    return [
        _key(participant, path, str(value), settings)
        for path, value in settings.items()
        if is_key_setting(path) and not path.endswith(_PARTS)
    ]


def real_keys_of(participant: str, settings: Mapping[str, Any]) -> list[Key]:
    """Only those whose secret or private key is given: what an application that has its own keys may be known by."""
    given = {path.removesuffix(part) for path in settings for part in _PARTS if path.endswith(part)}
    return keys_of(participant, {path: value for path, value in settings.items() if _stem(path) in given})


def _stem(path: str) -> str:
    for part in _PARTS:
        path = path.removesuffix(part)
    return path


def _key(participant: str, path: str, alg: str, settings: Mapping[str, Any]) -> Key:
    kid = path.removeprefix("keys.") if path != "key" else None
    if (secret := settings.get(f"{path}.secret")) is not None:
        return secret_key(str(secret).encode(), alg, kid or "")
    if (pem := settings.get(f"{path}.pem")) is not None:
        return pem_key(str(pem), alg, kid or "")
    return make_key(alg, kid, participant)
