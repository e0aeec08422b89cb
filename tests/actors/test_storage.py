"""The token store over SQLite, over SQLAlchemy with SQLite, and over PostgreSQL: one behaviour."""

import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from seqtest.actors.actor import Part
from seqtest.actors.token_store import TokenStore
from seqtest.errors import UnplayableScenario
from seqtest.exchange import Result

POSTGRES = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres")) if Path("/usr/lib/postgresql").is_dir() else []


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a database server of its own, on a socket in a folder of its own."""
    pytest.importorskip("psycopg")
    if not POSTGRES:
        pytest.skip("needs PostgreSQL")
    folder = tmp_path_factory.mktemp("postgres")
    binaries = POSTGRES[-1].parent
    as_user: list[str] = []
    if os.geteuid() == 0:  # the server refuses to run as root
        if shutil.which("runuser") is None:
            pytest.skip("needs runuser: PostgreSQL does not run as root")
        as_user = ["runuser", "-u", "postgres", "--"]
        folder = Path("/tmp") / f"seqtest-postgres-{os.getpid()}"
        folder.mkdir(mode=0o700)
        shutil.chown(folder, "postgres")
    data = folder / "data"
    made = subprocess.run(
        [*as_user, str(binaries / "initdb"), "-D", str(data), "-U", "tokens", "-A", "trust", "--no-sync"],
        capture_output=True, text=True, check=False, cwd="/",
    )  # fmt: skip
    if made.returncode:
        pytest.skip(f"PostgreSQL cannot be set up: {made.stderr[-200:]}")
    command = [*as_user, str(binaries / "postgres"), "-D", str(data), "-k", str(folder), "-h", "", "-F"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")
    try:
        deadline = time.monotonic() + 30
        is_ready = [*as_user, str(binaries / "pg_isready"), "-q", "-h", str(folder)]
        while subprocess.run(is_ready, check=False, cwd="/").returncode:
            assert server.poll() is None, "PostgreSQL ended"
            assert time.monotonic() < deadline, "PostgreSQL did not start"
            time.sleep(0.05)  # its socket is there before it takes connections
        yield f"postgresql+psycopg://tokens@/postgres?host={folder}"
    finally:
        server.terminate()
        server.wait(30)
        if as_user:
            shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["memory", "file", "sqlalchemy-memory", "sqlalchemy-file", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty database of each kind."""
    monkeypatch.chdir(tmp_path)
    if request.param.startswith("sqlalchemy"):
        pytest.importorskip("sqlalchemy")
    if request.param == "postgres":
        url: str = request.getfixturevalue("postgres")
        from sqlalchemy import create_engine, text

        with create_engine(url).begin() as connection:
            connection.execute(text("drop schema public cascade"))
            connection.execute(text("create schema public"))
        return url
    return {
        "memory": ":memory:",
        "file": "tokens.db",
        "sqlalchemy-memory": "sqlite://",
        "sqlalchemy-file": "sqlite:///tokens.db",
    }[str(request.param)]


@pytest.fixture
def store(stage: Any, database: str) -> Any:
    return stage.bind("db", TokenStore, {"database": database, "users.alice.sub": "123", "users.alice.name": "Alice"})


def test_users(stage: Any, store: Any) -> None:
    """By name, then by `sub`; accounts are disabled and enabled; others are not found."""
    assert stage.act("db", "find user alice") == Result("Alice", {"sub": "123", "disabled": False})
    assert stage.act("db", "find user 123") == Result("Alice", {"sub": "123", "disabled": False})
    assert stage.act("db", "find user Alice").value == "not found"
    assert stage.act("db", "disable alice").value == "disabled"
    assert store.state()["disabled"] == ["alice"]
    assert stage.act("db", "find user alice").fields["disabled"] is True
    assert stage.act("db", "enable alice").value == "enabled"
    assert stage.act("db", "disable 123").error == "UnknownUser"


def test_a_users_name_comes_before_anothers_sub(stage: Any, database: str) -> None:
    """Whoever was saved first."""
    users = {"users.alice.sub": "bob", "users.bob.sub": "7", "users.carol.sub": "7"}
    stage.bind("db", TokenStore, {"database": database, **users})

    assert stage.act("db", "find user bob").fields["sub"] == "7"
    assert stage.act("db", "find user 7").value == "bob"


def test_tokens(stage: Any, store: Any) -> None:
    """Saved, found with their fields, revoked; saved again they are good again; the order is that of the first time."""
    fields = {"sub": "123", "exp": 1_767_225_900, "scope": "a b", "nested": {"ü": [1, None, True, 1.5]}}
    assert stage.act("db", "save token T2", **fields).value == "saved"
    stage.act("db", "save token T1")
    assert stage.act("db", "find token T2") == Result("found", fields)
    assert stage.act("db", "find token t2").value == "not found"
    assert stage.act("db", "revoke token T2").value == "revoked"
    assert stage.act("db", "find token T2") == Result("revoked", fields)
    assert stage.act("db", "revoke token T2").value == "revoked"
    assert stage.act("db", "revoke token nobody").value == "not found"
    assert store.state() == {"tokens": ["T1"], "revoked": ["T2"], "disabled": []}
    stage.act("db", "save token T2", sub="124")
    assert stage.act("db", "find token T2") == Result("found", {"sub": "124"})
    assert store.state()["tokens"] == ["T2", "T1"]


def test_revocations(stage: Any, store: Any) -> None:
    """An id is on the list or not, however often it was put there."""
    assert stage.act("db", "is j1 revoked").value == "no"
    for identifier, more in (("j2", {}), ("j1", {"exp": 1.5}), ("j1", {"exp": None})):
        assert stage.act("db", f"revoke {identifier}", **more).value == "revoked"
    assert stage.act("db", "is j1 revoked").value == "yes"
    assert stage.act("db", "is J1 revoked").value == "no"
    assert store.state()["revoked"] == ["j2", "j1"]


@pytest.mark.parametrize("text", ["x" * 20_000, "ключ", "'; drop table seqtest_tokens; --", "a\nb", "%s :name ?"])
def test_any_text_is_kept(stage: Any, store: Any, text: str) -> None:
    """Long, in other alphabets, like SQL."""
    stage.act("db", f"save token {text}", note=text)
    store._revoke(text, {})

    assert store.find_token(text) == Result("found", {"note": text})
    assert store.is_revoked(text).value == "yes"
    assert store.state()["tokens"] == [text]


def test_what_was_kept_is_there_in_the_next_run(stage: Any, store: Any, database: str) -> None:
    """In a file or on a server; memory forgets."""
    stage.act("db", "save token T1", sub="123")
    stage.act("db", "disable alice")
    again = stage.bind("db", TokenStore, {"database": database})

    expected = "not found" if database in (":memory:", "sqlite://") else "found"
    assert stage.act("db", "find token T1").value == expected
    assert again.state()["disabled"] == ([] if expected == "not found" else ["alice"])


def test_tables_of_others_are_left_alone(stage: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file may be somebody's database, with tables called users and tokens."""
    monkeypatch.chdir(tmp_path)
    with sqlite3.connect("theirs.db") as theirs:
        theirs.execute("create table users (id integer)")
        theirs.execute("insert into users values (7)")
    for database in ("theirs.db", "sqlite:///theirs.db"):
        stage.bind("db", TokenStore, {"database": database, "users.alice.sub": "1"})
        assert stage.act("db", "find user 1").value == "alice"
        (tmp_path / "copy.db").unlink(missing_ok=True)
        with sqlite3.connect("theirs.db") as seen:
            assert seen.execute("select id from users").fetchall() == [(7,)]
            seen.executescript("drop table seqtest_users; drop table seqtest_tokens; drop table seqtest_revocations")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql+nodriver://localhost/x", "no dialect `postgresql.nodriver`|is not installed"),
        ("nosuch://localhost/x", "no dialect `nosuch`"),
        ("://", "is no database URL"),
        ("postgresql+psycopg://app:s3cret-w0rd@db.example/x", "on db.example, another machine.*--seqtest-allow-host"),
        ("postgresql+psycopg://app:s3cret-w0rd@localhost/x?host=db.example", "on db.example"),
        ("postgresql+psycopg://app:s3cret-w0rd@localhost/x?hostaddr=192.0.2.1", "on 192.0.2.1"),
        ("postgresql+psycopg://app:s3cret-w0rd@/x?host=127.0.0.1,db.example", "on db.example"),
        ("postgresql+psycopg://app:s3cret-w0rd@/x?service=prod", "names its host indirectly"),
        ("postgresql+psycopg://app:s3cret-w0rd@127.0.0.1:1/x", "OperationalError|connection"),
        ("sqlite://host/x.db", "on host, another machine"),
    ],
)
def test_databases_that_cannot_be_used(stage: Any, url: str, words: str) -> None:
    """Each says why, and none its password (SQ397)."""
    pytest.importorskip("sqlalchemy")
    pytest.importorskip("psycopg")
    with pytest.raises(UnplayableScenario, match=f"(?s)SQ397.*(?:{words})") as raised:
        stage.bind("db", TokenStore, {"database": url})

    assert "s3cret-w0rd" not in str(raised.value)


def test_a_host_that_is_allowed(stage: Any) -> None:
    """It is tried: here there is nobody of that name."""
    pytest.importorskip("sqlalchemy")
    from seqtest.actors.storage_sql import _checked

    assert _checked("postgresql+psycopg://app:x@db.example/x", ("*.example",)).host == "db.example"
    assert Part.__dataclass_fields__["hosts"].default == ()


@pytest.mark.parametrize(
    "database", ["../tokens.db", "sqlite:///../tokens.db", "sqlite:////etc/tokens.db", "/etc/x.db"]
)
def test_a_file_outside_the_project(stage: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database: str) -> None:
    """It is not written, whichever way it is named (SQ383)."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UnplayableScenario, match="SQ383"):
        stage.bind("db", TokenStore, {"database": database})

    assert not (tmp_path.parent / "tokens.db").exists()


def test_without_sqlalchemy(stage: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A URL says which extra is missing (SQ398); a file needs none."""
    monkeypatch.delitem(sys.modules, "seqtest.actors.storage_sql", raising=False)
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)

    with pytest.raises(UnplayableScenario, match=r"(?s)SQ398.*seqtest\[database\]"):
        stage.bind("db", TokenStore, {"database": "postgresql+psycopg://localhost/x"})
    assert stage.bind("db", TokenStore, {}).state()["tokens"] == []
