"""What a digest counts: sums the database makes, and the ids behind them.

Companies are counted from the hourly tables. A product is counted from ``verdict_product``, a
province from ``verdict``: each row of theirs stands for an hour with one mention.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    FromClause,
    Select,
    Table,
    case,
    func,
    literal,
    literal_column,
    select,
)
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from alerts.digest.period import Period
from alerts.digest.scope import Scope
from data.model import SHANGHAI, Sentiment, SourceKind
from data.store.schema import (
    hourly,
    hourly_tag,
    mention,
    verdict,
    verdict_product,
    verdict_tag,
)

SEVERE, GRAVEST = 4, 5
"""A mention of this severity is severe, as in the table ``hourly``; and the most there is."""
IDS = 50
"""So many ids stand beside a number; its query gives the rest."""


@dataclass(frozen=True, slots=True)
class Count:
    """The mentions of one scope in one stretch."""

    n: int = 0
    negative: int = 0
    severe: int = 0


def by_period(conn: Connection, scope: Scope, periods: Sequence[Period]) -> list[Count]:
    """Return the counts of each period; they follow each other without a gap."""
    c = _hours(scope, periods).subquery().c
    number = _number(c.hour, periods).label("number")
    negative = case((c.sentiment == Sentiment.NEGATIVE.value, c.n), else_=0)
    query = select(number, func.sum(c.n), func.sum(negative), func.sum(c.severe)).group_by(number)
    found = {row[0]: Count(*(int(value) for value in row[1:])) for row in conn.execute(query)}
    return [found.get(place, Count()) for place in range(len(periods))]


def by_day(conn: Connection, scope: Scope, period: Period) -> dict[date, Count]:
    """Return the counts of each day of Shanghai."""
    days = [Period("day", day, day) for day in period.days]
    return dict(zip(period.days, by_period(conn, scope, days), strict=True))


def by_allegation(
    conn: Connection, scope: Scope, periods: Sequence[Period]
) -> dict[str, list[int]]:
    """Return how often each allegation was made in each period."""
    c = _tagged(scope, periods).subquery().c
    number = _number(c.hour, periods).label("number")
    query = select(c.allegation, number, func.sum(c.n)).group_by(c.allegation, number)
    found: dict[str, list[int]] = {}
    for allegation, place, n in conn.execute(query):
        found.setdefault(allegation, [0] * len(periods))[place] = int(n)
    return {name: values for name, values in sorted(found.items()) if any(values)}


def places(conn: Connection, scope: Scope, period: Period) -> Counter[tuple[str, str]]:
    """Return how many severe mentions play in each (province, city); the city may be ""."""
    named = (verdict.c.province, verdict.c.city)
    query = _chosen(scope, [period], *named, func.count(), placed=True)
    query = query.where(verdict.c.severity >= SEVERE, verdict.c.province != "")
    rows = conn.execute(query.group_by(verdict.c.province, verdict.c.city))
    return Counter({(province, city): n for province, city, n in rows})


@dataclass(frozen=True, slots=True)
class Notice:
    """A regulator's notice in the sector; ``ours`` if it names a lender of the scope."""

    id: int
    outlet: str
    title: str
    url: str
    ours: bool


def notices(conn: Connection, scope: Scope, period: Period, sources: Sequence[str]) -> list[Notice]:
    """Return the regulators' notices, those that name us first."""
    ours = (
        select(verdict.c.mention_id)
        .where(verdict.c.mention_id == mention.c.id, verdict.c.lender.in_(scope.lenders))
        .exists()
    )
    query = (
        select(mention.c.id, mention.c.outlet, mention.c.title, mention.c.url, ours.label("ours"))
        .where(
            mention.c.source.in_(sources),
            mention.c.kind == SourceKind.REGULATOR.value,
            mention.c.published_at >= period.since,
            mention.c.published_at < period.until,
        )
        .order_by(ours.desc(), mention.c.published_at, mention.c.id)
    )
    return [Notice(r.id, r.outlet, r.title, r.url, bool(r.ours)) for r in conn.execute(query)]


def begins(conn: Connection, scope: Scope) -> date | None:
    """Return the day of Shanghai from which on all companies of a scope are counted."""
    firsts = conn.execute(
        select(func.min(hourly.c.hour))
        .where(hourly.c.lender.in_(scope.lenders), hourly.c.n > 0)
        .group_by(hourly.c.lender)
    ).scalars()
    first = max(firsts, default=None)
    return first.astimezone(SHANGHAI).date() if first else None


def ids(conn: Connection, scope: Scope, period: Period, asked: Mapping[str, Any]) -> list[int]:
    """Return the gravest, then oldest IDS mentions that a dashboard's query shows."""
    row = _row(scope)
    key, at = row.mention_id, cast("ColumnElement[Any]", row.published_at)
    query = _asked(scope, _chosen(scope, [period], key, placed="province" in asked), asked)
    if scope.product:  # the walk goes through the product's own table, and once is enough
        ordered = query.order_by(row.severity.desc(), at, key).limit(IDS)
        return list(conn.execute(ordered).scalars())
    if conn.dialect.name == "sqlite":  # or it walks through the week, for each of some twenty lists
        at = literal_column("+verdict.published_at", at.type)
    found: list[int] = []
    for severity in range(GRAVEST, -1, -1):
        some = query.where(verdict.c.severity == severity).order_by(at, key)
        found += conn.execute(some.limit(IDS - len(found))).scalars()
        if len(found) == IDS:
            break
    return found


def size(conn: Connection, scope: Scope, period: Period, asked: Mapping[str, Any]) -> int:
    """Return how many mentions a dashboard's query shows; from the hourly sums where they tell."""
    if not scope.narrow and "province" not in asked:
        return _summed(conn, scope, period, asked)
    counted = _chosen(scope, [period], func.count(), placed="province" in asked)
    query = _asked(scope, counted, asked)
    return int(conn.execute(query).scalar_one())


def _summed(conn: Connection, scope: Scope, period: Period, asked: Mapping[str, Any]) -> int:
    if "allegation" in asked:
        made = by_allegation(conn, scope, [period])
        return sum(values[0] for name, values in made.items() if name in asked["allegation"])
    (count,) = by_period(conn, scope, [period])
    if "sentiment" in asked:
        return count.negative
    return count.severe if "severity" in asked else count.n


def _asked(scope: Scope, query: Select[Any], asked: Mapping[str, Any]) -> Select[Any]:
    row = _row(scope)
    if asked.get("sentiment"):
        query = query.where(row.sentiment.in_(asked["sentiment"]))
    if asked.get("severity"):
        query = query.where(row.severity >= asked["severity"])
    for name, column in (("province", verdict.c.province), ("city", verdict.c.city)):
        if asked.get(name):
            query = query.where(column == asked[name])
    if asked.get("allegation"):
        tagged = select(verdict_tag.c.mention_id).where(
            verdict_tag.c.lender == row.lender,
            verdict_tag.c.mention_id == row.mention_id,
            verdict_tag.c.allegation.in_(asked["allegation"]),
        )
        query = query.where(tagged.exists())
    return query


def _hours(scope: Scope, periods: Sequence[Period]) -> Select[Any]:
    """Return hour, sentiment, n and severe of all that a scope counts in some periods."""
    if not scope.narrow:
        c = hourly.c
        return select(c.hour, c.sentiment, c.n, c.severe).where(
            c.lender.in_(scope.lenders), _inside(c.hour, periods)
        )
    c = _row(scope)
    severe = case((c.severity >= SEVERE, 1), else_=0).label("severe")
    rows = select(c.published_at.label("hour"), c.sentiment, literal(1).label("n"), severe)
    return rows.where(*_part(scope), _inside(c.published_at, periods))


def _tagged(scope: Scope, periods: Sequence[Period]) -> Select[Any]:
    """Return hour, allegation and n of all that a scope counts in some periods."""
    if not scope.narrow:
        c = hourly_tag.c
        return select(c.hour, c.allegation, c.n).where(
            c.lender.in_(scope.lenders), _inside(c.hour, periods)
        )
    table, t = _table(scope), verdict_tag.c
    same = (t.lender == table.c.lender) & (t.mention_id == table.c.mention_id)
    rows = select(table.c.published_at.label("hour"), t.allegation, literal(1).label("n"))
    joined = rows.select_from(table.join(verdict_tag, same))
    return joined.where(*_part(scope), _inside(table.c.published_at, periods))


def _chosen(
    scope: Scope, periods: Sequence[Period], *columns: Any, placed: bool = False
) -> Select[Any]:
    """Return these columns of the rows in a scope; ``placed``: those of ``verdict`` are there."""
    rows: FromClause = _table(scope)
    if scope.product and placed:
        v, p = verdict.c, verdict_product.c
        rows = verdict_product.join(
            verdict, (p.lender == v.lender) & (p.mention_id == v.mention_id)
        )
    inside = _inside(_row(scope).published_at, periods)
    return select(*columns).select_from(rows).where(*_part(scope), inside)


def _table(scope: Scope) -> Table:
    """Return the table whose rows are the mentions in a scope."""
    return verdict_product if scope.product else verdict


def _row(scope: Scope) -> ReadOnlyColumnCollection[str, Column[Any]]:
    return _table(scope).c


def _part(scope: Scope) -> list[Any]:
    p = verdict_product.c
    if scope.product:
        return [p.lender.in_(scope.lenders), p.product == scope.product]
    placed = [verdict.c.province != ""] if scope.province else []  # as the partial index has it
    return within(scope) + placed


def within(scope: Scope) -> list[Any]:
    """Return the conditions under which a row of ``verdict`` is in a scope."""
    v, p = verdict.c, verdict_product.c
    found: list[Any] = [v.lender.in_(scope.lenders)]
    if scope.province:
        found.append(v.province == scope.province)
    if scope.product:
        named = select(p.mention_id).where(
            p.lender == v.lender, p.product == scope.product, p.mention_id == v.mention_id
        )
        found.append(named.exists())
    return found


def _inside(moment: Any, periods: Sequence[Period]) -> Any:
    return (moment >= periods[0].since) & (moment < periods[-1].until)


def _number(moment: Any, periods: Sequence[Period]) -> Any:
    return case(*((moment < p.until, place) for place, p in enumerate(periods)), else_=-1)
