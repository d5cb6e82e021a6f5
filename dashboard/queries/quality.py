"""How good we are: figures of the models over time, what people corrected, where people differ."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations

from sqlalchemy import Connection, case, func, select

from data.model import Outcome
from data.store.corrections import Matter
from data.store.schema import label, run

STAGE = "eval"
"""The stage under which ``tingfeng eval --record`` keeps its figures, in thousandths."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What the models reached when they were measured; ``values`` lie between 0 and 1."""

    at: datetime
    made_by: str
    values: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Person:
    """What one person labelled, by matter, and when last."""

    name: str
    counts: Mapping[str, int]
    last_at: datetime

    @property
    def total(self) -> int:
        """All labels of this person."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Corrected:
    """How often people said that an allegation was wrongly found, or was missed."""

    allegation: str
    denied: int
    added: int


@dataclass(frozen=True, slots=True)
class Agreement:
    """How often two people who decided on the same thing decided alike."""

    what: str
    pairs: int
    alike: int


def measured(conn: Connection, limit: int = 60) -> tuple[Measured, ...]:
    """Return the measurements, oldest first."""
    c = run.c
    query = select(c.started_at, c.note, c.counts).where(
        c.stage == STAGE, c.outcome == Outcome.OK.value
    )
    rows = conn.execute(query.order_by(c.started_at.desc(), c.id.desc()).limit(limit)).all()
    return tuple(
        Measured(row.started_at, row.note, {k: n / 1000 for k, n in row.counts.items()})
        for row in reversed(rows)
    )


def people(conn: Connection, lender: str, since: datetime) -> tuple[Person, ...]:
    """Return who labelled since, the busiest first."""
    c = label.c
    query = select(c.by, c.what, func.count(), func.max(c.at)).where(
        c.lender == lender, c.at >= since
    )
    counts: dict[str, dict[str, int]] = defaultdict(dict)
    last: dict[str, datetime] = {}
    for by, what, n, at in conn.execute(query.group_by(c.by, c.what)):
        counts[by][what] = n
        last[by] = max(last.get(by, at), at)
    found = [Person(by, counts[by], last[by]) for by in counts]
    return tuple(sorted(found, key=lambda one: (-one.total, one.name)))


def corrected(
    conn: Connection, lender: str, since: datetime, limit: int = 15
) -> tuple[Corrected, ...]:
    """Return the allegations that people corrected most; what was taken back does not count."""
    c = label.c
    newest = (
        select(func.max(c.id))
        .where(c.lender == lender, c.what == Matter.ALLEGATION.value)
        .group_by(c.mention_id, c.allegation)
    )
    denied = func.sum(case((c.value == "absent", 1), else_=0))
    added = func.sum(case((c.value == "present", 1), else_=0))
    query = (
        select(c.allegation, denied, added)
        .where(c.id.in_(newest), c.at >= since, c.value != "")
        .group_by(c.allegation)
        .order_by((denied + added).desc(), c.allegation)
        .limit(limit)
    )
    return tuple(Corrected(name, int(no), int(yes)) for name, no, yes in conn.execute(query))


def agreement(conn: Connection, lender: str, since: datetime) -> tuple[Agreement, ...]:
    """Return, by matter, how often two people who saw the same text and matter said the same.

    Each person's newest word counts; the words of more than two are compared pair by pair.
    """
    c = label.c
    shared = (
        select(c.mention_id)
        .where(c.lender == lender, c.at >= since)
        .group_by(c.mention_id, c.what, c.allegation)
        .having(func.count(c.by.distinct()) > 1)
    )
    query = select(c.mention_id, c.what, c.allegation, c.by, c.value).where(
        c.lender == lender, c.at >= since, c.mention_id.in_(shared)
    )
    said: dict[tuple[int, str, str], dict[str, str]] = defaultdict(dict)
    for key, what, allegation, by, value in conn.execute(query.order_by(c.id)):
        said[key, what, allegation][by] = value
    pairs: Counter[str] = Counter()
    alike: Counter[str] = Counter()
    for (_, what, _), words in said.items():
        for one, other in combinations(words.values(), 2):
            pairs[what] += 1
            alike[what] += one == other
    return tuple(Agreement(what, pairs[what], alike[what]) for what in sorted(pairs))
