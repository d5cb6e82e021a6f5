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

from alerts.digest import chance, counts, decide, drift, events, parts, scope, stories
from alerts.digest.common import Facts, Proofs, counted, percent
from alerts.digest.counts import Count
from alerts.digest.period import Period
from alerts.digest.scope import Scope
from alerts.digest.stories import Story
from data.model import Level, Sentiment

VERSION = 2
"""Grows when a number is computed in another way."""
Figures = dict[str, Any]


def compute(conn: Connection, about: Scope, period: Period, facts: Facts) -> Figures:
    """Return the figures of one scope and period."""
    spans = [*period.history(), period]
    begins = counts.begins(conn, about)
    known = len([one for one in spans[:-1] if begins is not None and begins <= one.first])
    told = stories.during(conn, about, period, facts.levels)
    proofs = Proofs(conn, about, period)
    found: Figures = {
        "version": VERSION,
        "period": _period(period),
        "scope": {"id": about.id, "lenders": list(about.lenders), "narrow": about.narrow}
        | scope.names(about, facts.lenders),
        "history": known,
    }
    counted_all = counts.by_period(conn, about, spans)
    _numbers(found, spans, counted_all, proofs)
    _response(conn, found, about, told, period, facts)
    _days(conn, found, about, told, period)
    found["events"], found["more_events"] = events.events(conn, told, about, period, facts, proofs)
    found["grave"] = events.grave(told)
    tags = counts.by_allegation(conn, about, spans)
    found["moves"] = parts.moves(tags, known, period.last, facts, proofs)
    whole = {name: values[-1 - known :] for name, values in tags.items()}
    found["drift"] = drift.drifts(counted_all[-1 - known :], whole, facts)
    found["places"] = parts.places(conn, about, period, proofs)
    found["rivals"] = parts.rivals(conn, about, spans, known, facts, proofs)
    found["promises"] = parts.promises(conn, told, period, facts, proofs)
    found["blind"], found["sources"] = parts.blind_spots(conn, period, facts)
    proofs.add("incidents", "incidents", {}, [], len(told))
    proofs.add("blind", "sources", {}, [], len(found["blind"]))
    found["notices"] = parts.notices(conn, about, period, facts, proofs)
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
    found: Figures, spans: Sequence[Period], counted_all: Sequence[Count], proofs: Proofs
) -> None:
    """Mentions, negative share and severe allegations, with the period before and the band."""
    known = found["history"]
    now, before = counted_all[-1], counted_all[-2] if known else None
    past = counted_all[-1 - known : -1] if known else []
    found["weeks"] = [
        {"id": span.id, "first": span.first.isoformat(), **asdict(count)}
        for span, count in list(zip(spans, counted_all, strict=True))[-1 - known :]
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
    conn: Connection,
    found: Figures,
    about: Scope,
    told: Sequence[Story],
    period: Period,
    facts: Facts,
) -> None:
    """Median minutes from an incident's level to the first response, this period and last.

    Whoever had answered before it rose to that level had answered at once.
    """
    earlier = period.before()
    history = bool(found["history"])
    before = stories.during(conn, about, earlier, facts.levels) if history else []
    now = _minutes(told, period)
    old = _minutes(before, earlier)
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
        max(0.0, (story.acted_at - story.rose_at).total_seconds() / 60)
        for story in told
        if story.due_at is not None
        and story.acted_at is not None
        and period.since <= story.acted_at < period.until
    ]


def _days(
    conn: Connection, found: Figures, about: Scope, told: Sequence[Story], period: Period
) -> None:
    worst = stories.worst_by_day(told, period)
    by_day = counts.by_day(conn, about, period)
    found["days"] = [
        {"day": day.isoformat(), "level": int(level or 0), **asdict(by_day[day])}
        for day, level in worst.items()
    ]
    found["level_days"] = {
        level.name.lower(): sum(one is level for one in worst.values()) for level in Level
    }
    found["worst"] = int(max((level for level in worst.values() if level), default=0))
