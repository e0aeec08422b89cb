"""Tokens that a scripted sender makes, and tokens that it changes."""

from collections.abc import Callable
from typing import Any

from seqtest.auth.jwt import TokenError, changed, flipped, read, resigned, sign, verify
from seqtest.contents.clause import Clause, Group
from seqtest.contents.compare import json_equal
from seqtest.contents.draft import Draft, TokenDraft
from seqtest.contents.opener import TokenHolder, token_text
from seqtest.contents.scope import Scope, Unknown
from seqtest.dataclass import replace
from seqtest.diagram.expectation import Moment, Promise
from seqtest.errors import Finding, Unanswerable, UnplayableScenario
from seqtest.exchange import copied
from seqtest.scenario.duration import seconds

Fill = Callable[[Draft, Group, Scope], None]
LIFETIME_SECONDS = 300.0
"""Of a token whose `exp` nobody draws and no setting says."""


def made_token(clause: Clause, scope: Scope, fill: Fill) -> str:
    """A token with the drawn header and claims, and `iss`, `iat`, `exp` and `jti` unless they are drawn or absent."""
    return _signed(clause, clause.group, scope, fill)


def encrypted_token(clause: Clause, scope: Scope, fill: Fill) -> str:
    """A signed token with the drawn claims, encrypted to the receiver; header fields are those of the encryption."""
    from seqtest.auth import jwe

    promises = [one for one in clause.promise.children if one.place != "parameter"]
    drawn = [one for one in promises if one.place == "jose"]
    odd = next((one for one in drawn if one.operator != "=" or one.path not in _OF_ENCRYPTION), None)
    if odd is not None:
        raise Unknown(str(odd.path[0]), "of an encrypted token one can draw `alg`, `enc` and `kid` with `=`")
    header = {str(one.path[0]): scope.text(one.values[0]) for one in drawn}
    enc = header.pop("enc", jwe.ENCRYPTIONS[0])
    keys = [jwk for jwk in scope.context.keys.public(scope.receiver) if jwk.get("use") == "enc"]
    key = next((jwk for jwk in keys if all(jwk.get(name) == value for name, value in header.items())), None)
    if key is None:
        raise Unanswerable(_no_key_to_encrypt_to(clause, scope.receiver))
    text = _signed(clause, Group([one for one in promises if one.place != "jose"], False), scope, fill)
    try:
        return jwe.encrypt(text, key, enc)
    except (jwe.NoJwe, ValueError) as problem:
        raise Unknown(clause.word, str(problem)) from None


_OF_ENCRYPTION = (("alg",), ("enc",), ("kid",))


def _no_key_to_encrypt_to(clause: Clause, receiver: str) -> Finding:
    return Finding(
        "SQ471",
        f"`{receiver}` has no such key to encrypt {clause.described()} to",
        clause.promise.span,
        do=f"draw `keys.enc = RSA-OAEP-256` in the settings of `{receiver}`",
    )


def _signed(clause: Clause, group: Group | None, scope: Scope, fill: Fill) -> str:
    clauses = group.clauses if group is not None else ()
    signer = _signer(clause.promise.children)
    plain = [one.promise for one in clauses if _is_plain_jose(one.promise)]
    header = {str(one.path[0]): scope.text(one.values[0]) for one in plain}
    key = _key_for(clause, signer, header.get("kid"), header.get("alg"), scope)
    draft = TokenDraft({}, _defaults(clause, scope))
    outer, scope.alg = scope.alg, header.get("alg") or (key.alg if key is not None else "none")
    try:
        if group is not None:
            fill(draft, group, scope)
    finally:
        scope.alg = outer
    return sign(draft.header, draft.claims, key)


def _is_plain_jose(promise: Promise) -> bool:
    return promise.place == "jose" and promise.operator == "=" and promise.path[0] in ("kid", "alg")


def _signer(promises: tuple[Promise, ...]) -> Promise | None:
    return next((one for one in promises if one.place == "signature"), None)


def _defaults(clause: Clause, scope: Scope) -> dict[str, Any]:
    settings = scope.context.settings.get(scope.speaker, {})
    drawn = {one.path for one in clause.promise.children if one.place == "claims"}
    now = int(scope.now)
    times = [one.values[0] for one in clause.promise.children if one.path == ("iat",) and one.values]
    iat = next((now + int(time.offset) for time in times if isinstance(time, Moment) and time.base == "now"), now)
    defaults: dict[str, Any] = {
        "iss": settings.get("issuer") or scope.url(scope.speaker),
        "iat": iat,
        "exp": iat + int(_lifetime(settings.get(f"{clause.name}.lifetime"))),
    }
    if ("jti",) not in drawn:
        defaults["jti"] = scope.fresh()[:22]
    return defaults


def _lifetime(setting: Any) -> float:
    """`5 minutes`, or a number of seconds."""
    if isinstance(setting, (int, float)):
        return float(setting)
    found = seconds(setting) if isinstance(setting, str) else None
    return LIFETIME_SECONDS if found is None else found


def _key_for(clause: Clause, line: Promise | None, kid: str | None, alg: str | None, scope: Scope) -> Any:
    """The key to sign with; None for an unsigned token."""
    if line is not None and line.operator == "signed with":
        from seqtest.auth.keys import ALGORITHMS, secret_key

        is_hmac = alg in ALGORITHMS and ALGORITHMS[str(alg)].is_symmetric
        return secret_key(_secret_bytes(line, scope), str(alg) if is_hmac else "HS256", kid or "")
    signer = scope.speaker if line is None or line.operator != "signed by" else scope.text(line.values[0])
    if alg == "none" and (line is None or line.operator != "signed by"):
        return None
    if signer not in scope.context.participants:
        return stranger(signer, alg, kid)
    key = scope.context.keys.private(signer, kid, alg)
    if key is None:
        raise Unanswerable(
            Finding(
                "SQ471",
                f"`{signer}` has no private key to sign {clause.described()} with",
                (line or clause.promise).span,
                do=f"draw `key = ES256` in the settings of `{signer}`",
            )
        )
    return key


def _secret_bytes(line: Promise, scope: Scope) -> bytes:
    return scope.text(line.values[0]).encode()


def stranger(name: str, alg: str | None, kid: str | None) -> Any:
    """The key of somebody whom nobody trusts, under whatever `kid`."""
    from seqtest.auth.keys import ALGORITHMS, make_key

    known = alg if alg in ALGORITHMS else "RS256"
    return make_key(str(known), kid or f"{name}-key", seed=f"stranger {name}")


def changed_token(clause: Clause, scope: Scope, fill: Fill) -> str:
    """The drawn token with the changes below it: `Bearer {access_token} but`."""
    drawn = scope.text(clause.promise.values[0])
    text = token_text(drawn)
    prefix = drawn[: len(drawn) - len(text)]
    try:
        token = read(text)
    except TokenError as error:
        raise Unknown(clause.word, f"only a JWT can be changed, and this is none: {error}") from None
    draft = TokenDraft(copied(token.header), copied(token.claims))
    line = _signer(clause.promise.children)
    if clause.group is not None:
        fill(draft, clause.group, scope)
        _check_changes(clause.group, token, draft, line)
    made = changed(token, draft.header, draft.claims)
    if line is None or line.operator == "kept":
        return prefix + made.text
    if line.operator == "changed":
        return prefix + flipped(made).text
    if line.operator == "absent":
        key = None
    else:
        key = _key_to_change(clause, line, made, _original_alg(line, made, token), scope)
    signed = resigned(made, key)
    if signed == text or (made.signing_input == token.signing_input and _is_signed_by(key, token)):
        raise _changes_nothing(line, "the token that is sent is the genuine one: so it was signed before")
    return prefix + signed


def _is_signed_by(key: Any, token: Any) -> bool:
    """Whether the same signature would be made once more: some algorithms write it differently each time."""
    try:
        return key is not None and verify(token, [key.jwk]) is token
    except TokenError:
        return False


def _check_changes(group: Group, token: Any, draft: TokenDraft, line: Promise | None) -> None:
    """Every line below `but` must change something: the token would be accepted, and the flaw never tested."""
    before, after = TokenHolder("", token), TokenHolder("", replace(token, header=draft.header, claims=draft.claims))
    changes = [one for one in group.clauses if one.place != "signature"]
    is_signed = line is not None and line.operator in ("signed by", "signed with")
    for one in changes:
        if is_signed and one.place == "jose" and one.path in (("alg",), ("kid",)):
            continue  # it says how the new signature is made
        if json_equal(before.look(one.place, one.path).values, after.look(one.place, one.path).values):
            state = "the token has no such field" if one.operator == "absent" else "the token has this very value"
            raise _changes_nothing(one.promise, f"{one.described()} is not changed: {state}")
    if not changes and line is not None and line.operator == "kept":
        raise _changes_nothing(line, "`signature kept` alone changes nothing")


def _changes_nothing(promise: Promise, message: str) -> UnplayableScenario:
    return UnplayableScenario(
        Finding(
            "SQ370",
            message,
            promise.span,
            label="a change that is none",
            why="what is sent is then the genuine token, and a refusal of it would prove nothing",
            do="write another value, or take the line out",
        )
    )


def _key_to_change(clause: Clause, line: Promise, made: Any, alg: str, scope: Scope) -> Any:
    """The key to sign a changed token with. Its `kid` says whose it was: another signer signs with the key it has."""
    from seqtest.auth.keys import ALGORITHMS

    kid = made.header.get("kid")
    if line.operator == "signed with":
        if alg not in ALGORITHMS or not ALGORITHMS[alg].is_symmetric:
            raise UnplayableScenario(
                Finding(
                    "SQ371",
                    f"the token's `alg` stays {alg}, which no shared secret makes",
                    line.span,
                    label="HMAC needs `alg = HS256` above",
                    why="a token whose header does not fit its signature is refused for that alone",
                    do="draw `alg = HS256`, `HS384` or `HS512` below the token",
                )
            )
        return _key_for(clause, line, kid, alg, scope)
    signer = scope.text(line.values[0])
    keys = scope.context.keys
    if signer in scope.context.participants:
        found = keys.private(signer, kid, alg) or keys.private(signer, None, alg) or keys.private(signer, None, None)
        if found is not None:
            return found
    return _key_for(clause, line, kid, alg, scope)


def _original_alg(line: Promise, made: Any, token: Any) -> str:
    """`alg = none` with `signed by auth` still needs a key: one of the token's own kind."""
    alg = str(made.header.get("alg"))
    return str(token.header.get("alg")) if line.operator == "signed by" and alg.lower() == "none" else alg
