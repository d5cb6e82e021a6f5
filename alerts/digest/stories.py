"""Incidents as they stood at a moment: level, state, spread, and who acted when."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, func, or_, select

from alerts.digest.period import Period
from data.facts.levels import levels
from data.model import SHANGHAI, IncidentState, Level, Reason
from data.store import incidents
from data.store.incidents import Event
from data.store.schema import incident, incident_mention, mention, outbox

RESPONSES = frozenset({"responded", "stated", "closed"})
"""What a person does that counts as the first response; to look at it does not."""
_RULE = re.compile(r".+ v\d+")
_COUNT = re.compile(r"：\D*\d+ [条份]$")
"""The running count at the end of an incident's title: it goes on after the period."""
_QUIET = {Reason.HISTORY.value, Reason.BELOW.value, Reason.UNCHANGED.value}


@dataclass(frozen=True, slots=True)
class Story:
    """One incident as it stood when a period ended; what happened later is not in it."""

    id: int
    title: str
    level: Level
    opened_at: datetime
    rose_at: datetime  # when it reached its level: the clocks run from here
    closed_at: datetime | None
    state: IncidentState
    acted_at: datetime | None  # the first response: somebody answered, or closed it
    first_source: str
    sources: int
    mentions: int
    history: bool  # found while reading old texts: nobody was asked to respond
    rises: tuple[tuple[datetime, Level], ...] = ()

    def level_before(self, moment: datetime) -> Level:
        """Return the highest level it had reached before a moment."""
        return max((level for at, level in self.rises if at < moment), default=Level.BLUE)

    @property
    def due_at(self) -> datetime | None:
        """Until when somebody should have responded; None where the level asks for nothing."""
        span = levels()[self.level].first_response
        return None if span is None or self.history else self.rose_at + span

    def kept(self, until: datetime) -> bool | None:
        """Tell whether the response was in time; None while it was not due by ``until``."""
        if self.due_at is None:
            return None
        if self.acted_at is not None:
            return self.acted_at <= self.due_at
        return False if self.due_at < until else None


def during(conn: Connection, lender: str, period: Period) -> list[Story]:
    """Return the incidents that were open at some time of a period, gravest and largest first."""
    c = incident.c
    query = (
        select(incident)
        .where(
            c.lender == lender,
            c.opened_at < period.until,
            or_(c.closed_at.is_(None), c.closed_at >= period.since),
        )
        .order_by(c.id)
    )
    found = [_story(conn, row, period.until) for row in conn.execute(query).all()]
    return sorted(found, key=lambda s: (-s.level, -s.mentions, s.id))


def worst_by_day(stories: Sequence[Story], period: Period) -> dict[date, Level | None]:
    """Return for each day the gravest level that an incident had while it was open."""
    return {day: _worst(stories, day) for day in period.days}


def _worst(stories: Sequence[Story], day: date) -> Level | None:
    begins = datetime.combine(day, time(), SHANGHAI)
    ends = begins + timedelta(days=1)
    open_then = [
        story
        for story in stories
        if story.opened_at < ends and (story.closed_at is None or story.closed_at > begins)
    ]
    return max((story.level_before(ends) for story in open_then), default=None)


def _story(conn: Connection, row: Any, until: datetime) -> Story:
    past = [event for event in incidents.events(conn, row.id) if event.at < until]
    rises = _rises(past)
    level = max((one for _, one in rises), default=Level.BLUE)
    rose_at = min((at for at, one in rises if one is level), default=row.opened_at)
    people = [event for event in past if not _RULE.fullmatch(event.by)]
    acted = [event for event in people if event.what in RESPONSES]
    closed = row.closed_at if row.closed_at is not None and row.closed_at < until else None
    state = IncidentState.CLOSED if closed else IncidentState.OPEN
    if not closed and people:
        state = IncidentState.ACKNOWLEDGED
    first, sources, n = _spread(conn, row.id, until)
    return Story(
        id=row.id,
        title=_COUNT.sub("", row.title),
        level=level,
        opened_at=row.opened_at,
        rose_at=rose_at,
        closed_at=closed,
        state=state,
        acted_at=acted[0].at if acted else None,
        first_source=first,
        sources=sources,
        mentions=n,
        history=_history(conn, row.id),
        rises=rises,
    )


def _rises(past: Sequence[Event]) -> tuple[tuple[datetime, Level], ...]:
    """Return when each level was told; a person may lower it later, it was reached all the same."""
    told = (
        (event.at, event.detail.get("to", event.detail.get("level")))
        for event in past
        if event.what in {"opened", "rose"}
    )
    return tuple((at, Level(level)) for at, level in told if isinstance(level, int))


def _spread(conn: Connection, incident_id: int, until: datetime) -> tuple[str, int, int]:
    at = func.coalesce(mention.c.published_at, mention.c.first_seen_at)
    query = (
        select(mention.c.source, func.count(), func.min(at).label("first"))
        .select_from(mention.join(incident_mention, incident_mention.c.mention_id == mention.c.id))
        .where(incident_mention.c.incident_id == incident_id, at < until)
        .group_by(mention.c.source)
        .order_by(func.min(at), mention.c.source)
    )
    rows = conn.execute(query).all()
    return (rows[0][0] if rows else "", len(rows), sum(row[1] for row in rows))


def _history(conn: Connection, incident_id: int) -> bool:
    """Tell whether all that was decided about telling it was that it is an old find."""
    query = select(outbox.c.reason).where(outbox.c.incident_id == incident_id).distinct()
    reasons = set(conn.execute(query).scalars())
    return Reason.HISTORY.value in reasons and reasons <= _QUIET
