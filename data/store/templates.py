"""Texts that repeat each other, and the templates that many accounts filled in.

Each mention that is about a lender and long enough belongs to the first mention that says the same
(``first_id``; itself, where none came before). Where three accounts or more wrote one text, it is
a template: its wording with blanks is kept under the ``first_id`` of its mentions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, func, select

from data.store.schema import copy, mention, template, verdict
from data.store.upsert import insert

ACCOUNTS = 3
"""Accounts that make a template of what they have in common."""


@dataclass(frozen=True, slots=True)
class Template:
    """A wording that many accounts used; ``id`` is that of its first mention."""

    id: int
    text: str  # with ＿＿ wherever the mentions differ (nlp/template.py)
    accounts: int
    mentions: int
    since: datetime | None  # publication of the first and of the last dated mention
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Placed:
    """A mention with the first one that says the same, and its sketch (nlp/likeness.py)."""

    mention_id: int
    first_id: int
    sketch: bytes


def listing(conn: Connection, lender: str = "", limit: int = 50) -> list[Template]:
    """Return templates, those of most accounts first; of one lender, where it is named."""
    query = select(template)
    if lender:
        about = select(copy.c.first_id).join(verdict, verdict.c.mention_id == copy.c.mention_id)
        query = query.where(template.c.first_id.in_(about.where(verdict.c.lender == lender)))
    order = (template.c.accounts.desc(), template.c.first_id)
    return [_template(row) for row in conn.execute(query.order_by(*order).limit(limit))]


def get(conn: Connection, template_id: int) -> Template | None:
    """Return one template, or None where there is none of that id."""
    row = conn.execute(select(template).where(template.c.first_id == template_id)).one_or_none()
    return None if row is None else _template(row)


def of(conn: Connection, mention_ids: Sequence[int]) -> dict[int, int]:
    """Return the id of the template that each mention was made from; others are left out."""
    query = (
        select(copy.c.mention_id, copy.c.first_id)
        .join(template, template.c.first_id == copy.c.first_id)
        .where(copy.c.mention_id.in_(mention_ids))
    )
    return {row.mention_id: row.first_id for row in conn.execute(query)}


def made_from(template_id: int) -> ColumnElement[bool]:
    """Return the condition on ``mention.id`` for the mentions of one template, as a facet asks."""
    return mention.c.id.in_(select(copy.c.mention_id).where(copy.c.first_id == template_id))


def members(conn: Connection, first_id: int, limit: int = 500) -> list[int]:
    """Return the ids of the mentions that say the same as the first, in the order of the store."""
    query = select(copy.c.mention_id).where(copy.c.first_id == first_id)
    return list(conn.execute(query.order_by(copy.c.mention_id).limit(limit)).scalars())


def repeats(conn: Connection, mention_ids: Sequence[int]) -> dict[int, int]:
    """Return the first mention that each one repeats, whoever wrote it; originals are left out."""
    query = select(copy.c.mention_id, copy.c.first_id).where(
        copy.c.mention_id.in_(mention_ids), copy.c.first_id != copy.c.mention_id
    )
    return {row.mention_id: row.first_id for row in conn.execute(query)}


def placed_after(conn: Connection, row_id: int, limit: int) -> list[tuple[int, Placed]]:
    """Return (row's number, placed) in the order in which they were placed, from a row on."""
    query = select(copy).where(copy.c.id > row_id).order_by(copy.c.id).limit(limit)
    return [(row.id, _placed(row)) for row in conn.execute(query)]


def placed(conn: Connection, mention_ids: Sequence[int]) -> dict[int, Placed]:
    """Return where each of these mentions was placed, by id; others are left out."""
    query = select(copy).where(copy.c.mention_id.in_(mention_ids))
    return {row.mention_id: _placed(row) for row in conn.execute(query)}


def last(conn: Connection) -> int:
    """Return the number of the row that was placed last, 0 where none was."""
    return conn.execute(select(func.max(copy.c.id))).scalar() or 0


def stands(conn: Connection, row_id: int) -> bool:
    """Tell whether there is a row of this number still."""
    return conn.execute(select(copy.c.id).where(copy.c.id == row_id)).scalar() is not None


def place(conn: Connection, mention_ids: Sequence[int], placed: Sequence[Placed]) -> None:
    """Keep where mentions belong, in place of what was kept before; without one, nowhere."""
    if mention_ids:
        conn.execute(delete(copy).where(copy.c.mention_id.in_(mention_ids)))
    if placed:
        rows = [
            {"mention_id": p.mention_id, "first_id": p.first_id, "sketch": p.sketch} for p in placed
        ]
        conn.execute(insert(conn, copy), rows)


def groups(conn: Connection, first_ids: Iterable[int]) -> dict[int, tuple[int, int]]:
    """Return how many accounts and how many mentions say the same, by the first mention's id.

    An account is a pseudonym on one source; what has no author counts as no account.
    """
    account = func.nullif(mention.c.author, "")
    query = (
        select(copy.c.first_id, func.count(account.distinct()), func.count())
        .join(mention, mention.c.id == copy.c.mention_id)
        .where(copy.c.first_id.in_(sorted(set(first_ids))))
        .group_by(copy.c.first_id)
    )
    return {first: (accounts, n) for first, accounts, n in conn.execute(query)}


def texts(conn: Connection, mention_ids: Iterable[int]) -> Mapping[int, str]:
    """Return the present texts of mentions by id."""
    query = select(mention.c.id, mention.c.text).where(mention.c.id.in_(sorted(set(mention_ids))))
    return {row.id: row.text for row in conn.execute(query)}


def keep(conn: Connection, first_id: int, text: str, accounts: int, mentions: int) -> None:
    """Keep a template's present wording and counts."""
    dates = (
        select(func.min(mention.c.published_at), func.max(mention.c.published_at))
        .join(copy, copy.c.mention_id == mention.c.id)
        .where(copy.c.first_id == first_id)
    )
    since, until = conn.execute(dates).one()
    values: dict[str, Any] = {
        "text": text, "accounts": accounts, "mentions": mentions, "since": since, "until": until,
    }  # fmt: skip
    statement = insert(conn, template).values(first_id=first_id, **values)
    conn.execute(statement.on_conflict_do_update(index_elements=["first_id"], set_=values))


def drop(conn: Connection, first_ids: Iterable[int]) -> None:
    """Forget the templates of groups that have become too small."""
    conn.execute(delete(template).where(template.c.first_id.in_(sorted(set(first_ids)))))


def _template(row: Row[Any]) -> Template:
    return Template(row.first_id, row.text, row.accounts, row.mentions, row.since, row.until)


def _placed(row: Row[Any]) -> Placed:
    return Placed(row.mention_id, row.first_id, bytes(row.sketch))
