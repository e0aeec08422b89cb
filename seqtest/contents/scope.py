"""What a name in braces stands for at one message: whose knowledge is asked, and in which order."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from seqtest.auth.base64url import encode
from seqtest.contents.context import Context
from seqtest.contents.functions import HALF_HASHES, PURE, CannotCompute
from seqtest.contents.text import text_of
from seqtest.contents.tokens import TokenError, token_of
from seqtest.diagram.expectation import Call, Expression, Moment, New, Plain, Reference, Template, Value, expressions
from seqtest.exchange import NOTHING
from seqtest.scenario import Step
from seqtest.trace import Bindings


class Missing:
    """The value of what is not there."""

    def __repr__(self) -> str:
        return "(not there)"


MISSING = Missing()


class Unknown(Exception):
    """A name that nobody gave a value; `name` as drawn."""

    def __init__(self, name: str, reason: str = "") -> None:
        super().__init__(reason or f"`{{{name}}}` is not known")
        self.name = name


class Open:
    """What is known of a value before it is seen: `function` of it is `value`."""

    __slots__ = ("call", "name", "value")

    def __init__(self, name: str, call: Call, value: Any) -> None:
        self.name, self.call, self.value = name, call, value

    def holds_of(self, candidate: Any, scope: "Scope") -> bool:
        """Whether the equation is true of the value that came."""
        return bool(scope.call(self.call, {self.name: candidate}) == self.value)


def _nothing_of_its_own(name: str) -> Missing:
    return MISSING


def open_name(value: Value | None) -> str | None:
    """The name in `{S256(new code_verifier)}`; None for any other value."""
    if isinstance(value, Template) and len(value.parts) == 1 and isinstance(value.parts[0], Call):
        for held in expressions(value.parts[0]):
            if isinstance(held, New):
                return held.name
    return None


class Scope:
    """The values of names at one message. `speaker` is asked first: its own latest value, then its settings."""

    __slots__ = (
        "alg",
        "bindings",
        "claimed",
        "context",
        "in_target",
        "is_composing",
        "is_given",
        "made",
        "named",
        "news",
        "own",
        "receiver",
        "request_url",
        "speaker",
        "step",
    )

    def __init__(self, step: Step, context: Context, bindings: Bindings, is_composing: bool = False) -> None:
        self.step, self.context, self.bindings = step, context, bindings
        self.speaker, self.receiver = step.sender, step.receiver
        self.is_composing = is_composing
        self.made: dict[str, Any] = {}
        """Values of `{new x}`: made up by a scripted sender, taken from what a bound one sent."""
        self.news: dict[str, Any] = {}
        """Values of `{new x}` in the message that came."""
        self.named: dict[str, Any] = {}
        """Values of this message that a line above names with `as`."""
        self.is_given = False
        """Whether what a `ref` or a row gives is looked for: it comes from around the flow, so anybody may know it."""
        self.claimed: dict[str, list[tuple[Any, str | None]]] = {}
        """Values of the message that came, with the fields that promise that it is new, and as what."""
        self.own: Callable[[str], Any] = _nothing_of_its_own
        """The message's own fields, which come first inside functions."""
        self.in_target: Mapping[str, Sequence[str | None]] = NOTHING
        """Query fields that the target draws, with their values; None for one that is new."""
        self.request_url: str | None = None
        """Of the request that this message answers."""
        self.alg: str | None = None
        """Of the token that is being read or made."""

    @property
    def now(self) -> float:
        return self.bindings.now

    def claims(self, value: Any, field: Any, name: str | None = None) -> bool:
        """Whether no other field of this message promises of the same value that it is new, under another name."""
        others = self.claimed.setdefault(text_of(value), [])
        others.append((field, name))
        return all(held == field or (name is not None and name == known) for held, known in others)

    # Values.

    def value(self, value: Value) -> Any:
        """What is drawn, as a value; a single expression in braces keeps its type. Raises Unknown."""
        if type(value) is Plain:
            return value.value
        if type(value) is Template:
            if len(value.parts) == 1 and not isinstance(value.parts[0], str):
                return self.expression(value.parts[0])
            return self.text(value)
        if isinstance(value, Moment) and value.base == "now":
            return _whole(self.now + value.offset)
        raise Unknown(str(value))

    def text(self, value: Value) -> str:
        """What is drawn, as text."""
        if type(value) is Plain:
            return value.value if value.is_quoted else value.text
        if type(value) is Template:
            parts = value.parts
            return "".join([part if type(part) is str else text_of(self.expression(part)) for part in parts])  # type: ignore[arg-type]  # the rest are expressions
        return text_of(self.value(value))

    def expression(self, expression: Expression) -> Any:
        """The value of what stands in braces."""
        if type(expression) is Reference:
            return self.reference(expression.path)
        if type(expression) is New:
            return self.new(expression.name)
        if type(expression) is Call:
            return self.call(expression)
        return expression.value  # type: ignore[union-attr]  # a Plain argument

    def new(self, name: str) -> Any:
        """A value that nobody has seen."""
        if name not in self.made:
            if not self.is_composing:
                raise Unknown(name)
            self.made[name] = self.fresh()
        return self.made[name]

    def fresh(self) -> str:
        """43 characters, as a code verifier needs (RFC 7636 section 4.1)."""
        return encode(self.context.random.randbytes(32))

    def call(self, call: Call, instead: Mapping[str, Any] | None = None) -> Any:
        """The value of a function; the message's own fields come before what is known."""
        arguments = [self._argument(argument, instead) for argument in call.arguments]
        if call.function == "jwks":
            return self.keys_named([text_of(argument) for argument in arguments])
        if call.function in HALF_HASHES and self.alg is not None:
            arguments.append(self.alg)
        try:
            return PURE[call.function](*arguments)
        except CannotCompute as error:
            raise Unknown(call.function, f"`{call.function}` cannot be computed: {error}") from None

    def _argument(self, argument: Expression, instead: Mapping[str, Any] | None) -> Any:
        if isinstance(argument, New) and instead is not None and argument.name in instead:
            return instead[argument.name]
        if isinstance(argument, Reference):
            first, *others = argument.path
            own = self.own(str(first))
            if own is not MISSING:
                return follow(own, tuple(others), str(first))
        if isinstance(argument, Call):
            return self.call(argument, instead)
        return self.expression(argument)

    def keys_named(self, kids: list[str]) -> list[dict[str, Any]]:
        """`jwks("k1")`: the speaker's public keys of these names; a JWK Set's `keys`."""
        keys = {str(key.get("kid")): key for key in self.context.keys.public(self.speaker)}
        missing = [kid for kid in kids if kid not in keys]
        if missing:
            raise Unknown("jwks", f"`{self.speaker}` has no key `{missing[0]}`")
        return [keys[kid] for kid in kids]

    # Names.

    def reference(self, path: tuple[str | int, ...]) -> Any:
        """The latest value of a name before this message. Raises Unknown."""
        first = str(path[0])
        if len(path) > 1 and first in self.context.participants:
            return self.of_participant(first, path[1:])
        return follow(self.name(first), path[1:], first)

    def name(self, name: str) -> Any:
        """What is given comes first, then what the speaker learnt, its settings, and (for a check) anybody's value."""
        if name in self.step.given:
            return self._given(name)
        bindings, settings = self.bindings, self.context.settings
        for own in (bindings.known.get(self.speaker), settings.get(self.speaker)):
            if own is not None and name in own:
                return own[name]
        if (not self.is_composing or self.is_given) and name in bindings.values:
            return bindings.values[name]
        asked = (self.speaker,) if self.is_composing else (self.speaker, self.receiver, *settings)
        for participant in asked:
            own = settings.get(participant)
            if own is not None and name in own:
                return own[name]
        for said in (self.named, self.made, self.news):
            if name in said:
                return said[name]
        try:
            return self.context.outside(name)
        except KeyError:
            raise Unknown(name) from None

    def _given(self, name: str) -> Any:
        from seqtest.dataclass import replace

        outer = Scope(replace(self.step, given={}), self.context, self.bindings, self.is_composing)
        outer.is_given = True
        return outer.value(self.step.given[name])

    def of_participant(self, participant: str, path: tuple[str | int, ...]) -> Any:
        """`{auth.url}`, `{client.jwk}`, `{auth.users.alice.sub}`, `{client.state}`."""
        first, *others = path
        known = self.bindings.known.get(participant, {})
        if first in known and (not self.is_composing or participant == self.speaker):
            return follow(known[str(first)], tuple(others), f"{participant}.{first}")
        settings = self.context.settings.get(participant, {})
        dotted = ".".join(map(str, path))
        if dotted in settings:
            return settings[dotted]
        if first in settings:
            return follow(settings[str(first)], tuple(others), f"{participant}.{first}")
        public = _PUBLIC.get(str(first))
        if public is None:
            raise Unknown(f"{participant}.{dotted}")
        return follow(public(self, participant), tuple(others), f"{participant}.{first}")

    def url(self, participant: str) -> str:
        """The participant's address, without a slash at its end."""
        try:
            return self.context.urls[participant]
        except KeyError:
            raise Unknown(f"{participant}.url") from None

    def jwks(self, participant: str) -> dict[str, Any]:
        """A JWK Set that may be published."""
        from seqtest.auth.keys import jwks

        return dict(jwks(self.context.keys.public(participant)))

    def jwk(self, participant: str) -> dict[str, Any]:
        """The participant's key in use."""
        keys = self.context.keys.public(participant)
        if not keys:
            raise Unknown(f"{participant}.jwk", f"`{participant}` has no key: draw `key = ES256` in its settings")
        return {name: value for name, value in keys[0].items() if name != "k"}

    def certificate(self, participant: str) -> str:
        """Its X.509 certificate as RFC 9440 sends one: DER in base64 between colons."""
        from seqtest.auth.certificate import field_value, of_key

        key = self.context.keys.private(participant, None, None)
        if key is None or isinstance(key.material, bytes):
            raise Unknown(f"{participant}.certificate", f"`{participant}` has no key pair: draw `key = ES256` over it")
        return field_value(of_key(key))


_PUBLIC: Mapping[str, Callable[[Scope, str], Any]] = {
    "url": Scope.url,
    "issuer": Scope.url,
    "jwks": Scope.jwks,
    "jwk": Scope.jwk,
    "certificate": Scope.certificate,
    "kid": lambda scope, participant: scope.jwk(participant)["kid"],
}
"""What everybody may know of a participant, whether its settings say it or not."""


def follow(value: Any, path: tuple[str | int, ...], name: str) -> Any:
    """A claim of a token, a member of an object, an element of an array. Raises Unknown."""
    for step in path:
        if isinstance(value, str):
            value = claims_of(value, name)
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            raise Unknown(f"{name}.{step}", f"`{name}` has no `{step}`") from None
        name = f"{name}.{step}"
    return value


def claims_of(text: str, name: str) -> Mapping[str, Any]:
    """The claims of a token known under that name. Raises Unknown when it is no token."""
    try:
        return token_of(text).claims
    except TokenError as error:
        raise Unknown(name, f"`{name}` is no JWT, so it has no claims: {error}") from None


def _whole(seconds: float) -> int | float:
    # NumericDate may have a fraction (RFC 7519 section 2), but what is sent is what most servers send.
    return int(seconds)


def moment_base(moment: Moment, scope: Scope, siblings: Mapping[str, Any]) -> Any:
    """The number that a moment counts from: the clock, or a claim beside it; MISSING when that is not there."""
    return scope.now if moment.base == "now" else siblings.get(moment.base, MISSING)
