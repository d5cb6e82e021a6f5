"""All numbers of one digest, from the store alone: the same store and period give the same ones.

The result is plain JSON, so that it can be kept, hashed and compared. Times are ISO in Shanghai.
Each number that a reader may question has a *proof*: the dashboard's page and query that list what
was counted, how many that are, and the first ids.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection

from alerts.digest import chance, counts, decide, parts, stories
from alerts.digest.common import Facts, Proofs, counted, named, percent
from alerts.digest.counts import Count
from alerts.digest.period import Period
from alerts.digest.stories import Story
from data.model import (
    Level,
    Sentiment,
)

VERSION = 1
"""Grows when a number is computed in another way."""
PLACES = 6
Figures = dict[str, Any]


def compute(conn: Connection, lender: str, period: Period, facts: Facts) -> Figures:
    """Return the figures of one lender and period."""
    spans = [*period.history(), period]
    begins = counts.begins(conn, lender)
    known = [span for span in spans[:-1] if begins is not None and begins <= span.first]
    told = stories.during(conn, lender, period)
    found: Figures = {
        "version": VERSION,
        "period": _period(period),
        "lender": named(facts.lenders.get(lender), lender),
        "history": len(known),
        "weeks": [],
        "days": [],
    }
    proofs = Proofs(conn, lender, period)
    _numbers(conn, found, lender, spans, len(known), proofs)
    _response(conn, found, lender, told, period)
    _days(conn, found, lender, told, period)
    found["events"], found["more_events"] = parts.events(told, facts, proofs)
    found["grave"] = parts.grave(told)
    found["moves"] = parts.moves(conn, lender, spans, len(known), facts, proofs)
    where, some = counts.places(conn, lender, period)
    top = sorted(where.items(), key=lambda pair: (-pair[1], pair[0]))[:PLACES]
    found["places"] = {"some": some, "top": [{"zh": place, "n": n} for place, n in top]}
    found["rivals"] = parts.rivals(conn, lender, spans, len(known), facts, proofs)
    found["promises"] = parts.promises(told, period, proofs)
    found["blind"], found["sources"] = parts.blind_spots(conn, period, facts)
    proofs.add("incidents", "incidents", {}, [], len(told))
    proofs.add("blind", "sources", {}, [], len(found["blind"]))
    found["notices"] = parts.notices(conn, lender, period, facts)
    found["decide"] = decide.decide(found)
    found["proofs"] = proofs.found
    return found


def digest(figures: Figures) -> str:
    """Return the hash of figures: equal numbers, equal hash."""
    text = json.dumps(figures, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _period(period: Period) -> dict[str, str]:
    return {
        "id": period.id,
        "kind": period.kind,
        "first": period.first.isoformat(),
        "last": period.last.isoformat(),
    }


def _numbers(
    conn: Connection,
    found: Figures,
    lender: str,
    spans: Sequence[Period],
    known: int,
    proofs: Proofs,
) -> None:
    """Mentions, negative share and severe allegations, with the period before and the band."""
    all_counts = counts.by_period(conn, lender, spans)
    now, before = all_counts[-1], all_counts[-2] if known else None
    past = all_counts[-1 - known : -1] if known else []
    found["weeks"] = [
        {"id": span.id, "first": span.first.isoformat(), **asdict(count)}
        for span, count in list(zip(spans, all_counts, strict=True))[-1 - known :]
    ]
    found["mentions"] = counted(now.n, before.n if before else None, [c.n for c in past])
    found["severe"] = counted(
        now.severe, before.severe if before else None, [c.severe for c in past]
    )
    found["share"] = _share(now, before, past)
    proofs.feed("mentions", now.n)
    proofs.feed("share", now.negative, sentiment=[Sentiment.NEGATIVE.value])
    proofs.feed("severe", now.severe, severity=counts.SEVERE)


def _share(now: Count, before: Count | None, past: Sequence[Count]) -> dict[str, Any]:
    own = chance.wilson(now.negative, now.n)
    old = chance.wilson(before.negative, before.n) if before and before.n else None
    shares = [100 * c.negative / c.n for c in past if c.n]
    band = chance.band(shares)
    return {
        "k": own.k,
        "n": own.n,
        "percent": percent(own),
        "low": round(100 * own.low),
        "high": round(100 * own.high),
        "before": percent(old) if old else None,
        "turn": chance.shift(own, old) if old else 0,
        "band": [round(value) for value in band] if band else None,
        "of": len(shares),
    }


def _response(
    conn: Connection, found: Figures, lender: str, told: Sequence[Story], period: Period
) -> None:
    """Median minutes from an incident's level to the first response, this period and last."""
    before = stories.during(conn, lender, period.before()) if found["history"] else []
    now = _minutes(told, period)
    old = _minutes(before, period.before())
    middle, old_middle = chance.middle(now), chance.middle(old)
    found["response"] = {
        "minutes": None if middle is None else round(middle),
        "n": len(now),
        "before": None if old_middle is None else round(old_middle),
        "waiting": sum(_waits(story) for story in told),
    }


def _waits(story: Story) -> bool:
    return story.due_at is not None and story.acted_at is None


def _minutes(told: Sequence[Story], period: Period) -> list[float]:
    return [
        (story.acted_at - story.rose_at).total_seconds() / 60
        for story in told
        if story.due_at is not None
        and story.acted_at is not None
        and period.since <= story.acted_at < period.until
        and story.acted_at >= story.rose_at
    ]


def _days(
    conn: Connection, found: Figures, lender: str, told: Sequence[Story], period: Period
) -> None:
    worst = stories.worst_by_day(told, period)
    by_day = counts.by_day(conn, lender, period)
    found["days"] = [
        {"day": day.isoformat(), "level": int(level or 0), **asdict(by_day[day])}
        for day, level in worst.items()
    ]
    found["level_days"] = {
        level.name.lower(): sum(one is level for one in worst.values()) for level in Level
    }
    found["worst"] = int(max((level for level in worst.values() if level), default=0))
