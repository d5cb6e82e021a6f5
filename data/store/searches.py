"""Searches that somebody gave a name: the desk's filters, shared by all who look at a lender."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select

from data.store.schema import saved_search
from data.store.upsert import insert

NAME_LIMIT = 80


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """A name and the filters, as the page's address writes them."""

    name: str
    address: str
    by: str


def save(conn: Connection, lender: str, new: SavedSearch, now: datetime) -> None:
    """Keep a search; a name that is in use gets the new filters."""
    if not new.name.strip():
        raise ValueError("a saved search needs a name")
    values = {"by": new.by, "at": now, "address": new.address}
    place = {"lender": lender, "name": new.name.strip()[:NAME_LIMIT]}
    conn.execute(
        insert(conn, saved_search)
        .values(**place, **values)
        .on_conflict_do_update(
            index_elements=[saved_search.c.lender, saved_search.c.name], set_=values
        )
    )


def forget(conn: Connection, lender: str, name: str) -> None:
    """Drop a search; one that is not there is no error."""
    c = saved_search.c
    conn.execute(delete(saved_search).where(c.lender == lender, c.name == name))


def listed(conn: Connection, lender: str) -> tuple[SavedSearch, ...]:
    """Return a lender's searches by name."""
    c = saved_search.c
    query = select(c.name, c.address, c.by).where(c.lender == lender).order_by(c.name)
    return tuple(SavedSearch(*row) for row in conn.execute(query))
