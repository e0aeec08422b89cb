"""Authorization requests that are in order, and the codes that they end in (RFC 6749 section 4.1)."""

import threading
from dataclasses import field

from seqtest.actors.claims_request import ClaimsRequest
from seqtest.actors.registered_client import Client
from seqtest.actors.sessions import Session
from seqtest.actors.tokens import Grant
from seqtest.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Wanted:
    """An authorization request that is in order."""

    client: Client
    redirect_uri: str
    sent_redirect_uri: str | None
    """As the request had it; the token request must repeat it."""
    scope: tuple[str, ...]
    resources: tuple[str, ...]
    state: str | None
    nonce: str | None
    code_challenge: str | None
    code_method: str
    prompt: frozenset[str]
    max_age: int | None
    login_hint: str
    claims: ClaimsRequest = ClaimsRequest()
    subs: tuple[str, ...] = ()
    """Who may log in: those that `id_token_hint` and `claims` name; empty for anybody."""
    dpop_jkt: str | None = None
    """The key that the code is bound to (RFC 9449 section 10)."""


@dataclass(slots=True)
class Interaction:
    """A request whose user is being asked."""

    wanted: Wanted
    exp: float
    csrf: str = field(repr=False)
    """What its forms must bring along."""
    cookie: str = field(repr=False)
    """What the browser that it was begun for sends."""
    session: Session | None = None


@dataclass(slots=True)
class Code:
    """An authorization code."""

    wanted: Wanted
    grant: Grant
    exp: float
    is_used: bool = False


@dataclass(slots=True)
class Codes:
    """The codes of one server in one run."""

    _by_text: dict[str, Code] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def add(self, text: str, code: Code) -> None:
        """Hand a code out under this text."""
        self._by_text[text] = code

    def get(self, text: str) -> Code | None:
        """The code, used or not."""
        return self._by_text.get(text)

    def use(self, code: Code) -> bool:
        """Use a code up; False when it was used before. Of two at once only one is first."""
        with self._lock:
            first, code.is_used = not code.is_used, True
        return first
