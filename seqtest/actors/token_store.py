"""`<<token-store>>`: a database of users, tokens and revocations, whose look-ups are arrows."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from seqtest.actors.actor import Actor, Part, on
from seqtest.actors.settings import Setting, Settings, Table, anything, boolean, text
from seqtest.actors.storage import SqliteStorage, Storage
from seqtest.errors import Finding, UnplayableScenario
from seqtest.exchange import Action, Result

TABLE = Table(
    Setting(
        "database",
        text,
        "SQLite file below the current folder, or a URL of SQLAlchemy such as `{database_url}` with "
        "`postgresql+psycopg://…` (the extra `database`); `:memory:` forgets all after the run. Its tables are "
        "`seqtest_…`.",
        ":memory:",
    ),
    Setting("users.*.sub", text, "What identifies the user to others. Default: the user's name."),
    Setting("users.*.name", text, "What a look-up answers. Default: the user's name."),
    Setting("users.*.disabled", boolean, "Whether the account is disabled."),
    Setting("users.*.*", anything, "Any other field that a look-up hands out."),
)


class TokenStore(Actor):
    """A token database, user database or revocation list; what it answers is the table in `seqtest.actors.stores`."""

    settings_table: ClassVar[Mapping[str, str]] = TABLE.documentation()

    def __init__(self, part: Part) -> None:
        super().__init__(part)
        self.settings = Settings(TABLE, part.settings, part.participant)
        self.storage = _storage(part, self.settings["database"])
        for name, fields in self.settings.named("users").items():
            self.storage.save_user(name, {"name": name, "sub": name, "disabled": False, **fields})

    def act(self, action: Action) -> Result | None:
        """Saving needs the action's fields, so it is not a step definition."""
        for verb, save in (("save token ", self._save_token), ("revoke token ", self._revoke_token)):
            if action.text.startswith(verb):
                return save(action.text[len(verb) :], action.fields)
        if action.text.startswith("revoke "):
            return self._revoke(action.text[len("revoke ") :], action.fields)
        return super().act(action)

    @on("find user {name}")
    def find_user(self, name: str) -> Result:
        """By name first, then by `sub`."""
        fields = self.storage.user(name)
        return Result("not found") if fields is None else Result(fields.pop("name"), fields)

    @on("disable {name}")
    def disable(self, name: str) -> Result:
        """The account exists and may do nothing more."""
        return self._set_disabled(name, True)

    @on("enable {name}")
    def enable(self, name: str) -> Result:
        """The account may be used again."""
        return self._set_disabled(name, False)

    def _set_disabled(self, name: str, disabled: bool) -> Result:
        fields = dict(self.storage.users()).get(name)
        if fields is None:
            return Result(error="UnknownUser")
        self.storage.save_user(name, {**fields, "disabled": disabled})
        return Result("disabled" if disabled else "enabled")

    def _save_token(self, token: str, fields: Mapping[str, Any]) -> Result:
        self.storage.save_token(token, fields)
        return Result("saved")

    @on("find token {token}")
    def find_token(self, token: str) -> Result:
        """`found`, `revoked` or `not found`, with what was saved."""
        found = self.storage.token(token)
        if found is None:
            return Result("not found")
        saved, is_revoked = found
        return Result("revoked" if is_revoked else "found", saved)

    def _revoke_token(self, token: str, fields: Mapping[str, Any]) -> Result:
        return Result("revoked" if self.storage.revoke_token(token) else "not found")

    def _revoke(self, identifier: str, fields: Mapping[str, Any]) -> Result:
        self.storage.revoke(identifier, fields.get("exp"))
        return Result("revoked")

    @on("is {identifier} revoked")
    def is_revoked(self, identifier: str) -> Result:
        """`yes` or `no`."""
        return Result("yes" if self.storage.is_revoked(identifier) else "no")

    def state(self) -> Mapping[str, Any]:
        """`tokens` and `revoked`: the tokens themselves, and the ids on the revocation list; `disabled`: user names."""
        tokens = self.storage.tokens()
        return {
            "tokens": [token for token, revoked in tokens if not revoked],
            "revoked": [*(token for token, revoked in tokens if revoked), *self.storage.revocations()],
            "disabled": [name for name, fields in self.storage.users() if fields.get("disabled")],
        }


def _storage(part: Part, database: str) -> Storage:
    """Where the store keeps things. Raises UnplayableScenario for a place that it may not or cannot use."""
    if "://" not in database:
        return SqliteStorage(_place(part, database))
    scheme, _, rest = database.partition(":///")
    if scheme.partition("+")[0] == "sqlite" and rest and not rest.startswith(":memory:"):
        file, question, query = rest.partition("?")
        database = f"{scheme}:///{_place(part, file)}{question}{query}"
    try:
        from seqtest.actors.storage_sql import BadDatabase, SqlStorage
    except ModuleNotFoundError:
        raise UnplayableScenario(_no_sqlalchemy(part.participant)) from None
    try:
        return SqlStorage(database, part.hosts)
    except BadDatabase as problem:
        raise UnplayableScenario(_unusable(part.participant, database, str(problem))) from None


def _place(part: Part, database: str) -> str:
    """Where the database is. Raises UnplayableScenario for a file outside the current folder."""
    if database == ":memory:":
        return database
    root = Path.cwd().resolve()
    path = (root / database).resolve()
    if not path.is_relative_to(root) or path == root:
        raise UnplayableScenario(
            Finding(
                "SQ383",
                f"the database of `{part.participant}` is outside the project",
                got=f"`{database}`",
                why="a diagram must not write where its project does not reach",
                do="write a file name such as `database = tokens.db`",
            )
        )
    return str(path)


def _no_sqlalchemy(participant: str) -> Finding:
    return Finding(
        "SQ398",
        f"the database of `{participant}` needs SQLAlchemy",
        do="pip install 'seqtest[database]'; a file name such as `database = tokens.db` needs nothing more",
    )


def _unusable(participant: str, url: str, reason: str) -> Finding:
    # Never the URL itself, which holds a password.
    return Finding(
        "SQ397",
        f"the database of `{participant}` cannot be used",
        expected="a database URL that SQLAlchemy can open, as postgresql+psycopg://user:password@localhost/tokens",
        got=f"{url.partition('://')[0]}://…: {reason}",
    )
