"""What a digest counts: sums the database makes of the hourly tables, and the ids behind them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, case, func, select

from alerts.digest.period import Period
from data.facts.places import named_in
from data.model import SHANGHAI, Sentiment, SourceKind
from data.store.schema import hourly, hourly_tag, mention, verdict, verdict_tag
from data.store.signals import chunks

SEVERE = 4
"""A mention of this severity is severe, as in the table ``hourly``."""
IDS = 50
"""So many ids stand beside a number; its query gives the rest."""
READ = 2_000
"""Characters of a text in which a place is looked for."""


@dataclass(frozen=True, slots=True)
class Count:
    """The mentions of one lender in one stretch."""

    n: int = 0
    negative: int = 0
    severe: int = 0


def by_period(conn: Connection, lender: str, periods: Sequence[Period]) -> list[Count]:
    """Return the counts of each period; they follow each other without a gap."""
    number = _number(hourly.c.hour, periods).label("number")
    negative = case((hourly.c.sentiment == Sentiment.NEGATIVE.value, hourly.c.n), else_=0)
    query = (
        select(number, func.sum(hourly.c.n), func.sum(negative), func.sum(hourly.c.severe))
        .where(hourly.c.lender == lender, _inside(hourly.c.hour, periods))
        .group_by(number)
    )
    found = {row[0]: Count(*(int(value) for value in row[1:])) for row in conn.execute(query)}
    return [found.get(place, Count()) for place in range(len(periods))]


def by_day(conn: Connection, lender: str, period: Period) -> dict[date, Count]:
    """Return the counts of each day of Shanghai."""
    found = dict.fromkeys(period.days, Count())
    query = select(hourly.c.hour, hourly.c.sentiment, hourly.c.n, hourly.c.severe).where(
        hourly.c.lender == lender, _inside(hourly.c.hour, [period])
    )
    for hour, sentiment, n, severe in conn.execute(query):
        day = hour.astimezone(SHANGHAI).date()
        old, against = found[day], n if sentiment == Sentiment.NEGATIVE.value else 0
        found[day] = Count(old.n + n, old.negative + against, old.severe + severe)
    return found


def by_allegation(conn: Connection, lender: str, periods: Sequence[Period]) -> dict[str, list[int]]:
    """Return how often each allegation was made in each period."""
    number = _number(hourly_tag.c.hour, periods).label("number")
    query = (
        select(hourly_tag.c.allegation, number, func.sum(hourly_tag.c.n))
        .where(hourly_tag.c.lender == lender, _inside(hourly_tag.c.hour, periods))
        .group_by(hourly_tag.c.allegation, number)
    )
    found: dict[str, list[int]] = {}
    for allegation, place, n in conn.execute(query):
        found.setdefault(allegation, [0] * len(periods))[place] = int(n)
    return {name: values for name, values in sorted(found.items()) if any(values)}


def places(conn: Connection, lender: str, period: Period) -> tuple[Counter[str], int]:
    """Return how many severe mentions name each place, and how many name any."""
    counted: Counter[str] = Counter()
    some = 0
    query = select(verdict.c.mention_id).where(*_of(lender, period), verdict.c.severity >= SEVERE)
    for ids in chunks(list(conn.execute(query).scalars())):
        texts = select(mention.c.title, func.substr(mention.c.text, 1, READ)).where(
            mention.c.id.in_(ids)
        )
        for title, text in conn.execute(texts):
            named = named_in(f"{title}\n{text}")
            counted.update(named)
            some += bool(named)
    return counted, some


@dataclass(frozen=True, slots=True)
class Notice:
    """A regulator's notice in the sector; ``ours`` if it names the lender."""

    id: int
    outlet: str
    title: str
    url: str
    ours: bool


def notices(conn: Connection, lender: str, period: Period, sources: Sequence[str]) -> list[Notice]:
    """Return the regulators' notices, those that name the lender first."""
    ours = (
        select(verdict.c.mention_id)
        .where(verdict.c.mention_id == mention.c.id, verdict.c.lender == lender)
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


def begins(conn: Connection, lender: str) -> date | None:
    """Return the day of Shanghai on which the lender's counts begin."""
    first = conn.execute(
        select(func.min(hourly.c.hour)).where(hourly.c.lender == lender, hourly.c.n > 0)
    ).scalar_one_or_none()
    return first.astimezone(SHANGHAI).date() if first else None


def ids(conn: Connection, lender: str, period: Period, asked: Mapping[str, Any]) -> list[int]:
    """Return the gravest, then oldest IDS mentions that a dashboard's query shows."""
    conditions = list(_of(lender, period))
    if asked.get("sentiment"):
        conditions.append(verdict.c.sentiment.in_(asked["sentiment"]))
    if asked.get("severity"):
        conditions.append(verdict.c.severity >= asked["severity"])
    query = select(verdict.c.mention_id).where(*conditions)
    if asked.get("allegation"):
        query = query.join(
            verdict_tag,
            (verdict_tag.c.mention_id == verdict.c.mention_id)
            & (verdict_tag.c.lender == verdict.c.lender),
        ).where(verdict_tag.c.allegation.in_(asked["allegation"]))
    ordered = query.order_by(
        verdict.c.severity.desc(), verdict.c.published_at, verdict.c.mention_id
    )
    return list(conn.execute(ordered.limit(IDS)).scalars())


def _of(lender: str, period: Period) -> tuple[Any, ...]:
    at = verdict.c.published_at
    return verdict.c.lender == lender, at >= period.since, at < period.until


def _inside(hour: Any, periods: Sequence[Period]) -> Any:
    return (hour >= periods[0].since) & (hour < periods[-1].until)


def _number(hour: Any, periods: Sequence[Period]) -> Any:
    return case(*((hour < p.until, place) for place, p in enumerate(periods)), else_=-1)
