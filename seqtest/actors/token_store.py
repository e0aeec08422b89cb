"""`<<token-store>>`: a database of users, tokens and revocations in SQLite, whose look-ups are arrows."""

import json
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from seqtest.actors.actor import Actor, Part, on
from seqtest.actors.settings import Setting, Settings, Table, anything, boolean, text
from seqtest.errors import Finding, UnplayableScenario
from seqtest.exchange import Action, Result

TABLE = Table(
    Setting(
        "database", text, "SQLite file below the current folder; `:memory:` forgets all after the run.", ":memory:"
    ),
    Setting("users.*.sub", text, "What identifies the user to others. Default: the user's name."),
    Setting("users.*.name", text, "What a look-up answers. Default: the user's name."),
    Setting("users.*.disabled", boolean, "Whether the account is disabled."),
    Setting("users.*.*", anything, "Any other field that a look-up hands out."),
)

SCHEMA = """
create table if not exists users (name text primary key, sub text, fields text not null);
create index if not exists users_by_sub on users (sub);
create table if not exists tokens (token text primary key, fields text not null, revoked integer not null default 0);
create table if not exists revocations (id text primary key, exp real);
"""


class TokenStore(Actor):
    """A token database, user database or revocation list; what it answers is the table in `seqtest.actors.stores`."""

    settings_table: ClassVar[Mapping[str, str]] = TABLE.documentation()

    def __init__(self, part: Part) -> None:
        super().__init__(part)
        self.settings = Settings(TABLE, part.settings, part.participant)
        self.database = sqlite3.connect(_place(part, self.settings["database"]), check_same_thread=False)
        self.database.executescript(SCHEMA)
        for name, fields in self.settings.named("users").items():
            self._save_user(name, {"name": name, "sub": name, "disabled": False, **fields})

    def _save_user(self, name: str, fields: Mapping[str, Any]) -> None:
        row = (name, str(fields["sub"]), json.dumps(dict(fields)))
        self._write("insert or replace into users values (?, ?, ?)", *row)

    def _write(self, statement: str, *values: Any) -> int:
        with self.database:
            return self.database.execute(statement, values).rowcount

    def _row(self, statement: str, *values: Any) -> tuple[Any, ...] | None:
        row: tuple[Any, ...] | None = self.database.execute(statement, values).fetchone()
        return row

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
        row = self._row("select fields from users where name = ?", name) or self._row(
            "select fields from users where sub = ?", name
        )
        if row is None:
            return Result("not found")
        fields = json.loads(row[0])
        return Result(fields.pop("name"), fields)

    @on("disable {name}")
    def disable(self, name: str) -> Result:
        """The account exists and may do nothing more."""
        return self._set_disabled(name, True)

    @on("enable {name}")
    def enable(self, name: str) -> Result:
        """The account may be used again."""
        return self._set_disabled(name, False)

    def _set_disabled(self, name: str, disabled: bool) -> Result:
        row = self._row("select fields from users where name = ?", name)
        if row is None:
            return Result(error="UnknownUser")
        self._save_user(name, {**json.loads(row[0]), "disabled": disabled})
        return Result("disabled" if disabled else "enabled")

    def _save_token(self, token: str, fields: Mapping[str, Any]) -> Result:
        self._write("insert or replace into tokens values (?, ?, 0)", token, json.dumps(dict(fields)))
        return Result("saved")

    @on("find token {token}")
    def find_token(self, token: str) -> Result:
        """`found`, `revoked` or `not found`, with what was saved."""
        row = self._row("select fields, revoked from tokens where token = ?", token)
        if row is None:
            return Result("not found")
        return Result("revoked" if row[1] else "found", json.loads(row[0]))

    def _revoke_token(self, token: str, fields: Mapping[str, Any]) -> Result:
        changed = self._write("update tokens set revoked = 1 where token = ?", token)
        return Result("revoked" if changed else "not found")

    def _revoke(self, identifier: str, fields: Mapping[str, Any]) -> Result:
        self._write("insert or replace into revocations values (?, ?)", identifier, fields.get("exp"))
        return Result("revoked")

    @on("is {identifier} revoked")
    def is_revoked(self, identifier: str) -> Result:
        """`yes` or `no`."""
        return Result("yes" if self._row("select 1 from revocations where id = ?", identifier) else "no")

    def state(self) -> Mapping[str, Any]:
        """`tokens` and `revoked`: the tokens themselves, and the ids on the revocation list; `disabled`: user names."""
        tokens = self.database.execute("select token, revoked from tokens order by rowid").fetchall()
        listed = [row[0] for row in self.database.execute("select id from revocations order by rowid")]
        users = [(name, json.loads(fields)) for name, fields in self.database.execute("select name, fields from users")]
        return {
            "tokens": [token for token, revoked in tokens if not revoked],
            "revoked": [*(token for token, revoked in tokens if revoked), *listed],
            "disabled": [name for name, fields in users if fields.get("disabled")],
        }


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
