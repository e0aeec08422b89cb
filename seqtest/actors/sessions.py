"""The browsers that are logged in at an authorization server."""

from collections.abc import Callable
from dataclasses import field

from seqtest.actors.users import User
from seqtest.dataclass import dataclass

COOKIE = "session"
SECONDS = 28_800


@dataclass(slots=True)
class Session:
    """A user who has logged in with a browser."""

    username: str
    sub: str
    auth_time: int
    exp: float
    sid: str
    """How tokens name it (Back-Channel Logout section 2.1); unlike the cookie no secret."""


@dataclass(slots=True)
class Sessions:
    """The sessions of one server in one run."""

    now: Callable[[], float] = field(repr=False)
    random_text: Callable[[int], str] = field(repr=False)
    _by_cookie: dict[str, Session] = field(default_factory=dict, repr=False)

    def open(self, user: User) -> tuple[Session, str]:
        """A new session, and the cookie that is the browser's proof of it."""
        now = self.now()
        session = Session(user.username, user.sub, int(now), now + SECONDS, self.random_text(16))
        cookie = self.random_text(32)
        self._by_cookie[cookie] = session
        return session, cookie

    def of(self, cookie: str) -> Session | None:
        """The session of a browser that is not over."""
        found = self._by_cookie.get(cookie)
        return found if found is not None and found.exp > self.now() else None

    def end(self, sid: str) -> None:
        """Forget one session."""
        self._by_cookie = {key: found for key, found in self._by_cookie.items() if found.sid != sid}

    def end_all(self, username: str) -> None:
        """Forget each session of the user."""
        self._by_cookie = {key: found for key, found in self._by_cookie.items() if found.username != username}
