"""Any database that SQLAlchemy knows as the place of a token store."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Engine,
    Float,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    insert,
    select,
    update,
)
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, IntegrityError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import NullPool, StaticPool

from seqtest.actors.remote import is_allowed
from seqtest.actors.storage import Fields
from seqtest.intercepts.speaker import by_ourselves

_METADATA = MetaData()
_POSITION = BigInteger().with_variant(Integer, "sqlite")  # only an INTEGER counts up by itself there


def _table(name: str, *columns: Column[Any]) -> Table:
    # A hash is the key: tokens are longer than what some databases index.
    key = Column("key", String(64), unique=True, nullable=False)
    return Table(f"seqtest_{name}", _METADATA, Column("position", _POSITION, primary_key=True), key, *columns)


_USERS = _table(
    "users",
    Column("name", Text, nullable=False),
    Column("sub_key", String(64), index=True, nullable=False),
    Column("fields", Text, nullable=False),
)
_TOKENS = _table(
    "tokens",
    Column("token", Text, nullable=False),
    Column("fields", Text, nullable=False),
    Column("revoked", Boolean, nullable=False),
)
_REVOCATIONS = _table("revocations", Column("id", Text, nullable=False), Column("expires", Float))


class BadDatabase(ValueError):
    """A URL whose database cannot be used; the text says why, without its password."""


class SqlStorage:
    """Tables of our own, `seqtest_…`, in that database."""

    def __init__(self, url: str, hosts: Sequence[str] = ()) -> None:
        """Raises BadDatabase. `hosts` may be connected to beside this machine."""
        self._engine = _engine(_checked(url, hosts))
        try:
            with by_ourselves():
                _METADATA.create_all(self._engine)
        except Exception as problem:  # noqa: BLE001  # drivers raise what they like
            raise BadDatabase(_words(problem)) from None

    def user(self, name: str) -> dict[str, Any] | None:
        key = _key(name)
        for column in (_USERS.c.key, _USERS.c.sub_key):
            rows = self._rows(select(_USERS.c.fields).where(column == key).order_by(_USERS.c.position))
            if rows:
                found: dict[str, Any] = json.loads(rows[0][0])
                return found
        return None

    def save_user(self, name: str, fields: Fields) -> None:
        row = {"name": name, "sub_key": _key(str(fields["sub"])), "fields": json.dumps(dict(fields))}
        self._save(_USERS, name, row)

    def users(self) -> list[tuple[str, dict[str, Any]]]:
        rows = self._rows(select(_USERS.c.name, _USERS.c.fields).order_by(_USERS.c.position))
        return [(name, json.loads(fields)) for name, fields in rows]

    def save_token(self, token: str, fields: Fields) -> None:
        self._save(_TOKENS, token, {"token": token, "fields": json.dumps(dict(fields)), "revoked": False})

    def token(self, token: str) -> tuple[dict[str, Any], bool] | None:
        rows = self._rows(select(_TOKENS.c.fields, _TOKENS.c.revoked).where(_TOKENS.c.key == _key(token)))
        return (json.loads(rows[0][0]), bool(rows[0][1])) if rows else None

    def revoke_token(self, token: str) -> bool:
        with by_ourselves(), self._engine.begin() as connection:
            found = connection.execute(update(_TOKENS).where(_TOKENS.c.key == _key(token)).values(revoked=True))
            return found.rowcount > 0

    def tokens(self) -> list[tuple[str, bool]]:
        rows = self._rows(select(_TOKENS.c.token, _TOKENS.c.revoked).order_by(_TOKENS.c.position))
        return [(token, bool(revoked)) for token, revoked in rows]

    def revoke(self, identifier: str, expires: float | None) -> None:
        self._save(_REVOCATIONS, identifier, {"id": identifier, "expires": expires})

    def is_revoked(self, identifier: str) -> bool:
        return bool(self._rows(select(_REVOCATIONS.c.position).where(_REVOCATIONS.c.key == _key(identifier))))

    def revocations(self) -> list[str]:
        return [row[0] for row in self._rows(select(_REVOCATIONS.c.id).order_by(_REVOCATIONS.c.position))]

    def _save(self, table: Table, name: str, row: dict[str, Any]) -> None:
        """Change the row, or add it. Another run may add it between the two: then it is there to be changed."""
        key = _key(name)
        for _ in range(2):
            with by_ourselves():
                try:
                    with self._engine.begin() as connection:
                        changed = connection.execute(update(table).where(table.c.key == key).values(row)).rowcount
                        if not changed:
                            connection.execute(insert(table).values(key=key, **row))
                    return
                except IntegrityError:
                    continue

    def _rows(self, statement: Any) -> Sequence[Any]:
        with by_ourselves(), self._engine.connect() as connection:
            return connection.execute(statement).all()


def _key(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


_HOSTS = ("host", "hostaddr", "server")
"""Parameters of a URL by which drivers are told of a host."""
_ELSEWHERE = ("service", "dsn", "odbc_connect")
"""Parameters that lead wherever a file or another text says."""


def _checked(text: str, hosts: Sequence[str]) -> URL:
    """The URL, when nothing in it leads to another machine. Raises BadDatabase."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise BadDatabase(
            "it is no database URL, such as postgresql+psycopg://user:password@localhost/tokens"
        ) from None
    query = {name: value if isinstance(value, str) else ",".join(value) for name, value in url.query.items()}
    named = [url.host, *(host for name in _HOSTS for host in query.get(name, "").split(","))]
    if any(name in query for name in _ELSEWHERE) and "*" not in hosts:
        raise BadDatabase("it names its host indirectly: write the host into the URL")
    for host in named:
        if host and not host.startswith("/") and not is_allowed(f"//{host}", hosts):  # a path is a socket here
            raise BadDatabase(f"it is on {host}, another machine: allow that with --seqtest-allow-host {host}")
    return url


def _engine(url: URL) -> Engine:
    is_memory = url.get_backend_name() == "sqlite" and url.database in (None, "", ":memory:")
    pool: Any = StaticPool if is_memory else NullPool  # a run leaves no connection open
    options = {"connect_args": {"check_same_thread": False}} if url.get_backend_name() == "sqlite" else {}
    try:
        return create_engine(url, poolclass=pool, hide_parameters=True, **options)
    except NoSuchModuleError:
        raise BadDatabase(f"SQLAlchemy has no dialect `{url.drivername}`") from None
    except ModuleNotFoundError as missing:
        raise BadDatabase(f"the driver is not installed: pip install {missing.name}") from None
    except (SQLAlchemyError, ValueError, TypeError) as problem:
        raise BadDatabase(_words(problem)) from None


def _words(problem: Exception) -> str:
    """The first line of what the driver says, without what it was given."""
    inner = getattr(problem, "orig", None) or problem
    return f"{type(inner).__name__}: {str(inner).strip().partition(chr(10))[0]}"
