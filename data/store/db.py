"""Open the store: transactions, migrations, and database errors as one sentence each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError

from data.errors import StoreError

_PRAGMAS = (
    "PRAGMA page_size=8192",  # mention rows waste half of a 4 KiB page
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=NORMAL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA journal_size_limit=67108864",
)
BUSY_SECONDS = 15
"""How long a writer waits for another one before it gives up."""


class Store:
    """The database behind one URL. Every use is a transaction: ``read()`` or ``write()``."""

    def __init__(self, url: str) -> None:
        """Check the URL and prepare the connection; nothing is opened yet. Raises StoreError."""
        try:
            self.url = make_url(url)
            backend = self.url.get_backend_name()
        except (ArgumentError, NoSuchModuleError):
            raise StoreError(_BAD_URL.format(url=url)) from None
        if backend == "sqlite":
            self._writer = _sqlite(str(self.url), begin="BEGIN IMMEDIATE", query_only=False)
            self._reader = _sqlite(str(self.url), begin="BEGIN", query_only=True)
            self._glancer = _sqlite(str(self.url), begin="", query_only=True)
        elif backend == "postgresql":
            full = self.url.render_as_string(hide_password=False)
            self._writer = create_engine(full, json_serializer=_json, pool_pre_ping=True)
            self._reader = self._writer
            self._glancer = self._writer.execution_options(isolation_level="AUTOCOMMIT")
        else:
            raise StoreError(_BAD_URL.format(url=self.url))

    @property
    def name(self) -> str:
        """The URL without its password, for messages."""
        return self.url.render_as_string(hide_password=True)

    @property
    def file(self) -> Path | None:
        """The database file of SQLite, None for a server or a database in memory."""
        if self.url.get_backend_name() != "sqlite" or self.url.database in {None, "", ":memory:"}:
            return None
        return Path(str(self.url.database))

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Yield a connection that sees one moment of the store. Raises StoreError."""
        with _sentences(self.name), self._reader.begin() as conn:
            yield conn

    def glance(self) -> Glance:
        """Return what asks many small questions at little cost; its user closes it."""
        return Glance(self.name, self._glancer)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Yield a connection in one transaction: all of it, or nothing. Raises StoreError."""
        with _sentences(self.name), self._writer.begin() as conn:
            yield conn

    def migrate(self) -> None:
        """Bring the tables to today's shape; quick when they have it. Raises StoreError."""
        from data.migrations import upgrade

        if self.file is not None:
            try:
                self.file.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise StoreError(
                    f"{self.file.parent}: the database's folder cannot be made ({error.strerror}); "
                    "make it, or change `database` in the settings"
                ) from None
        with self.write() as conn:
            upgrade(conn)

    def checkpoint(self) -> None:
        """Fold SQLite's write-ahead log into the file, so that it does not grow with readers."""
        if self.file is not None:
            with _sentences(self.name), self._writer.connect() as conn:
                raw = conn.connection.dbapi_connection
                assert raw is not None
                raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def dispose(self) -> None:
        """Close every connection."""
        self._writer.dispose()
        self._reader.dispose()
        self._glancer.dispose()


class Glance:
    """One connection for many questions of one statement each; no transaction is ever open.

    ``with glance() as conn``: what it sees is the store as it is at that statement.
    """

    def __init__(self, name: str, engine: Engine) -> None:
        self._name, self._engine = name, engine
        self._conn: Connection | None = None

    @contextmanager
    def __call__(self) -> Iterator[Connection]:
        """Yield the connection; it is opened when it is first needed. Raises StoreError."""
        with _sentences(self._name):
            if self._conn is None:
                self._conn = self._engine.connect()
            yield self._conn

    def close(self) -> None:
        """Give the connection back."""
        if self._conn is not None:
            self._conn.close()
            self._conn = None


@contextmanager
def _sentences(name: str) -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        raise StoreError(_sentence(name, error)) from error
    except DBAPIError as error:
        if "not a database" in str(error.orig) or "malformed" in str(error.orig):
            raise StoreError(_sentence(name, error)) from error
        raise


_BAD_URL = (
    "{url}: this is no database we know; write sqlite:///FILE or "
    "postgresql+psycopg://USER@HOST/NAME into `database` in the settings"
)

_KNOWN = (
    ("disk is full", "the disk is full; nothing of this step was written; free space, run again"),
    ("No space left", "the disk is full; nothing of this step was written; free space, run again"),
    (
        "disk I/O error",
        "the disk cannot be written (full, or failing); nothing of this step counts",
    ),
    ("unable to open", "the file cannot be opened; check the folder's name and its permissions"),
    ("readonly database", "the file is read-only for us; check its owner and permissions"),
    (
        "attempt to write a readonly",
        "the file is read-only for us; check its owner and permissions",
    ),
    ("database is locked", f"another program has been writing for {BUSY_SECONDS} s; try again"),
    ("not a database", "the file is no SQLite database; move it away, or change `database`"),
    ("malformed", "the file is damaged; restore your last backup"),
    ("no such table", "the tables are missing; run `tingfeng check --migrate`"),
    ("Connection refused", "nobody answers there; start the server, or change `database`"),
    ("password authentication", "the server refuses the password; set it by TINGFENG_DATABASE"),
    ("does not exist", "the server has no such database or user; create it first"),
)


def _sentence(name: str, error: DBAPIError) -> str:
    said = " ".join(str(error.orig).split())
    for words, remedy in _KNOWN:
        if words in said:
            return f"{name}: {remedy} ({said[:160]})"
    return f"{name}: the database failed: {said[:300]}"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _sqlite(url: str, *, begin: str, query_only: bool) -> Engine:
    engine = create_engine(url, json_serializer=_json, connect_args={"timeout": BUSY_SECONDS})

    @event.listens_for(engine, "connect")
    def _connect(raw: Any, _record: Any) -> None:
        raw.isolation_level = None  # or the driver would begin transactions by itself, deferred
        for pragma in _PRAGMAS:
            raw.execute(pragma)
        if query_only:
            raw.execute("PRAGMA query_only=ON")

    @event.listens_for(engine, "begin")
    def _begin(conn: Connection) -> None:
        # A deferred transaction that reads and then writes fails at once with "database is
        # locked", whatever the time-out says: its snapshot is stale.
        if begin:
            conn.exec_driver_sql(begin)

    return engine
