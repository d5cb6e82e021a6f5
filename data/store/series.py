"""Counts per hour, as the assessments left them: tens of rows, however many mentions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from data.model import Sentiment
from data.store.schema import hourly as hourly_table
from data.store.schema import hourly_tag as hourly_tag_table


@dataclass(frozen=True, slots=True)
class Hour:
    """Mentions of one lender in the hour that begins at ``hour``; ``severe`` of the ``n``."""

    hour: datetime
    source: str
    sentiment: str
    n: int
    severe: int


@dataclass(frozen=True, slots=True)
class HourTag:
    """Mentions that allege one thing, in the hour that begins at ``hour``."""

    hour: datetime
    source: str
    allegation: str
    n: int


def hourly(
    conn: Connection, lender: str, since: datetime, until: datetime, source: str | None = None
) -> list[Hour]:
    """Return the hours that begin in ``[since, until)``, in order of time."""
    columns = hourly_table.c
    query = select(
        columns.hour, columns.source, columns.sentiment, columns.n, columns.severe
    ).where(columns.lender == lender, columns.hour >= since, columns.hour < until, columns.n > 0)
    if source is not None:
        query = query.where(columns.source == source)
    return [Hour(*row) for row in conn.execute(query.order_by(columns.hour))]


def hourly_tags(
    conn: Connection, lender: str, since: datetime, until: datetime, source: str | None = None
) -> list[HourTag]:
    """Return the hours that begin in ``[since, until)``, in order of time."""
    columns = hourly_tag_table.c
    query = select(columns.hour, columns.source, columns.allegation, columns.n).where(
        columns.lender == lender, columns.hour >= since, columns.hour < until, columns.n > 0
    )
    if source is not None:
        query = query.where(columns.source == source)
    return [HourTag(*row) for row in conn.execute(query.order_by(columns.hour))]


def negative_totals(
    conn: Connection, lenders: Sequence[str], since: datetime, until: datetime
) -> list[tuple[datetime, int]]:
    """Return the negative mentions of some lenders together, by the hour that begins then."""
    c = hourly_table.c
    query = (
        select(c.hour, func.sum(c.n))
        .where(c.lender.in_(lenders), c.hour >= since, c.hour < until)
        .where(c.sentiment == Sentiment.NEGATIVE.value)
        .group_by(c.hour)
        .order_by(c.hour)
    )
    return [(row[0], int(row[1])) for row in conn.execute(query)]
