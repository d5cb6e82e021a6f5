"""How loud it is, how loud it usually is, and what is new: from the hourly tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, case, func, select

from dashboard.queries.filters import each
from data.model import Sentiment
from data.store.schema import daily_place, hourly, hourly_tag, verdict, verdict_tag

_NEGATIVE = func.sum(case((hourly.c.sentiment == Sentiment.NEGATIVE, hourly.c.n), else_=0))
EARLIER = timedelta(days=7)
"""What was not heard for this long counts as new."""


@dataclass(frozen=True, slots=True)
class Hourly:
    """One hour's mentions: all of them, and the negative ones."""

    hour: datetime
    total: int
    negative: int


@dataclass(frozen=True, slots=True)
class Day:
    """Twenty-four hours in four numbers."""

    total: int = 0
    negative: int = 0
    severe: int = 0
    sources: int = 0


@dataclass(frozen=True, slots=True)
class Heat:
    """How often one allegation was made on one day; ``day`` counts from the first boundary."""

    allegation: str
    day: int
    n: int


def hours(conn: Connection, lender: str, since: datetime, until: datetime) -> tuple[Hourly, ...]:
    """Return the hours that have mentions, in order; an hour that is missing had none."""
    counted = (
        select(hourly.c.hour, func.sum(hourly.c.n), _NEGATIVE)
        .where(hourly.c.lender == lender, hourly.c.hour >= since, hourly.c.hour < until)
        .group_by(hourly.c.hour)
        .order_by(hourly.c.hour)
    )
    return tuple(
        Hourly(hour, int(total), int(negative)) for hour, total, negative in conn.execute(counted)
    )


def day(conn: Connection, lender: str, until: datetime) -> Day:
    """Return the 24 hours before ``until``, to the minute."""
    counted = select(
        func.count(),
        func.sum(case((verdict.c.sentiment == Sentiment.NEGATIVE, 1), else_=0)),
        func.sum(case((verdict.c.severity >= 4, 1), else_=0)),  # noqa: PLR2004  # severe, as in hourly
        func.count(verdict.c.source.distinct()),
    ).where(
        verdict.c.lender == lender,
        verdict.c.published_at > until - timedelta(days=1),
        verdict.c.published_at <= until,
    )
    return Day(*(int(value or 0) for value in conn.execute(counted).one()))


def new_sources(conn: Connection, lender: str, now: datetime) -> tuple[str, ...]:
    """Return the sources with bad news in the last 24 hours and none in the week before."""
    recent, start = now - timedelta(days=1), now - timedelta(days=1) - EARLIER
    seen = (
        select(hourly.c.source)
        .where(
            hourly.c.lender == lender,
            hourly.c.hour >= start,
            hourly.c.hour <= now,
            hourly.c.sentiment == Sentiment.NEGATIVE,
        )
        .group_by(hourly.c.source)
        .having(func.min(hourly.c.hour) > recent)
    )
    return tuple(sorted(conn.execute(seen).scalars()))


def new_allegations(conn: Connection, lender: str, now: datetime) -> tuple[str, ...]:
    """Return the allegations of the last 24 hours that nobody made in the week before."""
    recent, start = now - timedelta(days=1), now - timedelta(days=1) - EARLIER
    seen = (
        select(hourly_tag.c.allegation)
        .where(hourly_tag.c.lender == lender, hourly_tag.c.hour >= start, hourly_tag.c.hour <= now)
        .group_by(hourly_tag.c.allegation)
        .having(func.min(hourly_tag.c.hour) > recent)
    )
    return tuple(sorted(conn.execute(seen).scalars()))


def heat(
    conn: Connection, lender: str, bounds: Sequence[datetime], top: int = 10
) -> tuple[Heat, ...]:
    """Return counts by allegation and day for the ``top`` loudest allegations.

    ``bounds`` are the days' beginnings and the last day's end, in order. The last two days weigh
    ten times as much: what is new must not be hidden by what is always there.
    """
    hour, n = hourly_tag.c.hour, hourly_tag.c.n
    inside = (hourly_tag.c.lender == lender, hour >= bounds[0], hour < bounds[-1])
    lately = case((hour >= bounds[-3], 10), else_=1)
    loud = (
        select(hourly_tag.c.allegation)
        .where(*inside)
        .group_by(hourly_tag.c.allegation)
        .order_by(func.sum(n * lately).desc(), hourly_tag.c.allegation)
        .limit(top)
    )
    names = tuple(conn.execute(loud).scalars())
    days = case(*((hour < end, index) for index, end in enumerate(bounds[1:])), else_=-1)
    counted = (
        select(hourly_tag.c.allegation, days.label("day"), func.sum(n))
        .where(*inside, hourly_tag.c.allegation.in_(names))
        .group_by(hourly_tag.c.allegation, "day")
    )
    found = [Heat(name, index, int(total)) for name, index, total in conn.execute(counted)]
    return tuple(sorted(found, key=lambda cell: (names.index(cell.allegation), cell.day)))


def newest(conn: Connection, lender: str) -> datetime | None:
    """Return when the newest dated mention was published."""
    found = select(func.max(verdict.c.published_at)).where(verdict.c.lender == lender)
    moment: datetime | None = conn.execute(found).scalar_one()
    return moment


def allegations(conn: Connection, lender: str) -> tuple[str, ...]:
    """Return every allegation ever made against the lender."""
    return tuple(each(conn, verdict_tag.c.allegation, verdict_tag.c.lender == lender))


@dataclass(frozen=True, slots=True)
class Place:
    """A province, or a city of one, with its mentions and the negative ones among them."""

    name: str
    n: int
    negative: int


def regions(
    conn: Connection, lender: str, since: date, until: date, province: str = ""
) -> tuple[Place, ...]:
    """Return the provinces that mentions name, the loudest first, or the cities of one.

    Days are Shanghai's, both included. Among the cities, "" are those that name only the province.
    """
    c = daily_place.c
    name = c.city if province else c.province
    here = [c.lender == lender, c.day >= since, c.day <= until]
    if province:
        here.append(c.province == province)
    negative = func.sum(c.negative)
    counted = select(name, func.sum(c.n), negative).where(*here).group_by(name)
    rows = conn.execute(counted.order_by(negative.desc(), name)).all()
    return tuple(Place(place, int(n), int(bad)) for place, n, bad in rows if n)


@dataclass(frozen=True, slots=True)
class Spoke:
    """How many mentions a source had on one day; ``day`` counts from the first boundary."""

    source: str
    day: int
    n: int


def mix(conn: Connection, lender: str, bounds: Sequence[datetime]) -> tuple[Spoke, ...]:
    """Return counts by source and day; ``bounds`` as for ``heat``."""
    days = case(*((hourly.c.hour < end, index) for index, end in enumerate(bounds[1:])), else_=-1)
    counted = (
        select(hourly.c.source, days.label("day"), func.sum(hourly.c.n))
        .where(hourly.c.lender == lender, hourly.c.hour >= bounds[0], hourly.c.hour < bounds[-1])
        .group_by(hourly.c.source, "day")
    )
    return tuple(Spoke(source, day, int(n)) for source, day, n in conn.execute(counted) if n)
