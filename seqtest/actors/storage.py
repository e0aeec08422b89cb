"""What a token store keeps, and SQLite as the place to keep it. Any other database is `seqtest.actors.storage_sql`."""

import json
import sqlite3
from collections.abc import Mapping
from typing import Any, Protocol

Fields = Mapping[str, Any]


class Storage(Protocol):
    """A database of users, tokens and revocations. All of them may raise what their database raises."""

    def user(self, name: str) -> dict[str, Any] | None:
        """The fields of the user with that name, else with that `sub`."""
        ...

    def save_user(self, name: str, fields: Fields) -> None: ...

    def users(self) -> list[tuple[str, dict[str, Any]]]:
        """In the order in which they were first saved."""
        ...

    def save_token(self, token: str, fields: Fields) -> None:
        """One that is saved again is not revoked any more."""
        ...

    def token(self, token: str) -> tuple[dict[str, Any], bool] | None:
        """Its fields, and whether it was revoked."""
        ...

    def revoke_token(self, token: str) -> bool:
        """Whether there is such a token."""
        ...

    def tokens(self) -> list[tuple[str, bool]]:
        """Each with whether it was revoked, in the order in which they were first saved."""
        ...

    def revoke(self, identifier: str, expires: float | None) -> None: ...

    def is_revoked(self, identifier: str) -> bool: ...

    def revocations(self) -> list[str]:
        """In the order in which they were first put on the list."""
        ...


_SCHEMA = """
create table if not exists seqtest_users (
  position integer primary key, name text unique not null, sub text not null, fields text not null);
create index if not exists seqtest_users_by_sub on seqtest_users (sub);
create table if not exists seqtest_tokens (
  position integer primary key, token text unique not null, fields text not null, revoked integer not null default 0);
create table if not exists seqtest_revocations (position integer primary key, id text unique not null, expires real);
"""
"""Names of our own: the file may be somebody's database."""


class SqliteStorage:
    """A file of SQLite, or memory."""

    def __init__(self, place: str) -> None:
        self._database = sqlite3.connect(place, check_same_thread=False)
        self._database.executescript(_SCHEMA)

    def user(self, name: str) -> dict[str, Any] | None:
        for column in ("name", "sub"):
            row = self._row(f"select fields from seqtest_users where {column} = ? order by position", name)  # noqa: S608  # ours
            if row is not None:
                found: dict[str, Any] = json.loads(row[0])
                return found
        return None

    def save_user(self, name: str, fields: Fields) -> None:
        self._write(
            "insert into seqtest_users (name, sub, fields) values (?, ?, ?)"
            " on conflict (name) do update set sub = excluded.sub, fields = excluded.fields",
            name, str(fields["sub"]), json.dumps(dict(fields)),
        )  # fmt: skip

    def users(self) -> list[tuple[str, dict[str, Any]]]:
        return [(row[0], json.loads(row[1])) for row in self._rows("select name, fields from seqtest_users")]

    def save_token(self, token: str, fields: Fields) -> None:
        self._write(
            "insert into seqtest_tokens (token, fields) values (?, ?)"
            " on conflict (token) do update set fields = excluded.fields, revoked = 0",
            token, json.dumps(dict(fields)),
        )  # fmt: skip

    def token(self, token: str) -> tuple[dict[str, Any], bool] | None:
        row = self._row("select fields, revoked from seqtest_tokens where token = ?", token)
        return None if row is None else (json.loads(row[0]), bool(row[1]))

    def revoke_token(self, token: str) -> bool:
        return self._write("update seqtest_tokens set revoked = 1 where token = ?", token) > 0

    def tokens(self) -> list[tuple[str, bool]]:
        return [(row[0], bool(row[1])) for row in self._rows("select token, revoked from seqtest_tokens")]

    def revoke(self, identifier: str, expires: float | None) -> None:
        self._write(
            "insert into seqtest_revocations (id, expires) values (?, ?)"
            " on conflict (id) do update set expires = excluded.expires",
            identifier, expires,
        )  # fmt: skip

    def is_revoked(self, identifier: str) -> bool:
        return self._row("select 1 from seqtest_revocations where id = ?", identifier) is not None

    def revocations(self) -> list[str]:
        return [row[0] for row in self._rows("select id from seqtest_revocations")]

    def _write(self, statement: str, *values: Any) -> int:
        with self._database:
            return self._database.execute(statement, values).rowcount

    def _row(self, statement: str, *values: Any) -> tuple[Any, ...] | None:
        row: tuple[Any, ...] | None = self._database.execute(statement, values).fetchone()
        return row

    def _rows(self, statement: str) -> list[tuple[Any, ...]]:
        return self._database.execute(f"{statement} order by position").fetchall()
