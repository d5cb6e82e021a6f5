"""INSERT … ON CONFLICT, which both engines have under two names."""

from __future__ import annotations

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert(conn: Connection, table: Table) -> sqlite.Insert:
    """Return an insert into ``table`` that knows ``on_conflict_do_update`` and ``…_nothing``.

    PostgreSQL's is another class with the same methods; it is typed as SQLite's for brevity.
    """
    if conn.dialect.name == "postgresql":
        return postgresql.insert(table)  # type: ignore[return-value]
    return sqlite.insert(table)
