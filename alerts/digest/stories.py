"""Incidents as they stood at a moment: level, state, spread, and who acted when."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, Select, func, or_, select

from alerts.digest import counts
from alerts.digest.period import Period
from alerts.digest.quoting import sentence, tame
from alerts.digest.scope import Scope
from data.facts.levels import LevelFact
from data.model import SHANGHAI, EvidenceStatus, IncidentState, Level, Reason
from data.store import incidents
from data.store.columns import Moment
from data.store.incidents import Event
from data.store.schema import (
    evidence,
    incident,
    incident_mention,
    mention,
    outbox,
    verdict,
    verdict_tag,
)

RESPONSES = frozenset({"responded", "stated", "closed"})
"""What a person does that counts as the first response; to look at it does not."""
_RULE = re.compile(r".+ v\d+")
_COUNT = re.compile(r"：\D*\d+ [条份]$")
"""The running count at the end of an incident's title: it goes on after the period."""
_QUIET = {Reason.HISTORY.value, Reason.BELOW.value, Reason.UNCHANGED.value}


@dataclass(frozen=True, slots=True)
class Step:
    """A source that a story reached, when, and with how many mentions."""

    source: str
    at: datetime
    n: int


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of one of a story's gravest mentions, with the allegation they show."""

    mention_id: int
    source: str
    allegation: str
    words: str  # the sentence in which they stand


@dataclass(frozen=True, slots=True)
class Story:
    """One incident as it stood when a period ended; what happened later is not in it."""

    id: int
    lender: str
    key: str
    title: str
    level: Level
    opened_at: datetime
    rose_at: datetime  # when it reached its level: the clocks run from here
    closed_at: datetime | None
    state: IncidentState
    acted_at: datetime | None  # the first response: somebody answered, or closed it
    stated_at: datetime | None  # a statement was out
    path: tuple[Step, ...]  # the sources in the order in which it reached them, from its first
    mentions: int  # by then; the burst that told of it may have swept in older ones
    here: int  # mentions inside the scope
    died_down: bool  # closed by a rule, as nothing new came
    history: bool  # found while reading old texts: nobody was asked to respond
    respond_in: timedelta | None  # how soon its level asks for a response; None: never
    rises: tuple[tuple[datetime, Level], ...] = ()

    @property
    def minutes(self) -> int | None:
        """How long the first response took from when it reached its level; None without one."""
        if self.acted_at is None:
            return None
        return max(0, round((self.acted_at - self.rose_at).total_seconds() / 60))

    def level_before(self, moment: datetime) -> Level:
        """Return the highest level it had reached before a moment."""
        return max((level for at, level in self.rises if at < moment), default=Level.BLUE)

    @property
    def due_at(self) -> datetime | None:
        """Until when somebody should have responded; None where the level asks for nothing."""
        if self.respond_in is None or self.history:
            return None
        return self.rose_at + self.respond_in

    def kept(self, until: datetime) -> bool | None:
        """Tell whether the response was in time; None while it was not due by ``until``."""
        if self.due_at is None:
            return None
        if self.acted_at is not None:
            return self.acted_at <= self.due_at
        return False if self.due_at < until else None


def during(
    conn: Connection, scope: Scope, period: Period, levels: Mapping[Level, LevelFact]
) -> list[Story]:
    """Return the incidents that were open at some time of a period, gravest and largest first.

    In a product or a province: those with a mention in it.
    """
    c = incident.c
    query = (
        select(incident)
        .where(
            c.lender.in_(scope.lenders),
            c.opened_at < period.until,
            or_(c.closed_at.is_(None), c.closed_at >= period.since),
        )
        .order_by(c.id)
    )
    found = [_story(conn, row, scope, period.until, levels) for row in conn.execute(query).all()]
    ours = [story for story in found if story.here or not scope.narrow]
    return sorted(ours, key=lambda s: (-s.level, -s.here, s.id))


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


def _story(
    conn: Connection,
    row: Any,
    scope: Scope,
    until: datetime,
    levels: Mapping[Level, LevelFact],
) -> Story:
    past = [event for event in incidents.events(conn, row.id) if event.at < until]
    rises = _rises(past)
    level = max((one for _, one in rises), default=Level.BLUE)
    rose_at = min((at for at, one in rises if one is level), default=row.opened_at)
    people = [event for event in past if not _RULE.fullmatch(event.by)]
    acted = [event for event in people if event.what in RESPONSES]
    stated = [event for event in people if event.what == "stated"]
    closed = row.closed_at if row.closed_at is not None and row.closed_at < until else None
    state = IncidentState.CLOSED if closed else IncidentState.OPEN
    if not closed and people:
        state = IncidentState.ACKNOWLEDGED
    mentions = sum(step.n for step in _path(conn, row.id, until))
    path = _path(conn, row.id, until, _began(conn, row.first_mention_id))
    here = _here(conn, row, scope, until) if scope.narrow else mentions
    return Story(
        id=row.id,
        lender=row.lender,
        key=row.key,
        title=_COUNT.sub("", row.title),
        level=level,
        opened_at=row.opened_at,
        rose_at=rose_at,
        closed_at=closed,
        state=state,
        acted_at=acted[0].at if acted else None,
        stated_at=stated[0].at if stated else None,
        path=path,
        mentions=mentions,
        here=here,
        died_down=closed is not None and not any(event.what == "closed" for event in people),
        history=_history(conn, row.id),
        respond_in=levels[level].first_response,
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


def _path(
    conn: Connection, incident_id: int, until: datetime, since: datetime | None = None
) -> tuple[Step, ...]:
    first = func.min(_at()).label("first")
    query = (
        select(mention.c.source, first, func.count())
        .select_from(mention.join(incident_mention, incident_mention.c.mention_id == mention.c.id))
        .where(incident_mention.c.incident_id == incident_id, _at() < until)
        .group_by(mention.c.source)
        .order_by(first, mention.c.source)
    )
    if since is not None:
        query = query.where(_at() >= since)
    return tuple(Step(*row) for row in conn.execute(query))


def _began(conn: Connection, mention_id: int | None) -> datetime | None:
    """Return when the mention was public that began a story, as its incident names it."""
    query = select(_at()).where(mention.c.id == mention_id)
    return conn.execute(query).scalar_one_or_none() if mention_id else None


def _at() -> Any:
    """Return when a mention was public: as it says, else when we saw it."""
    return func.coalesce(mention.c.published_at, mention.c.first_seen_at, type_=Moment())


def _members(row: Any, until: datetime, *columns: Any) -> Select[Any]:
    """Return these columns of an incident's mentions as its lender's verdicts see them."""
    chosen = select(*columns).select_from(
        verdict.join(mention, mention.c.id == verdict.c.mention_id)
    )
    ours = verdict.c.mention_id.in_(_of_incident(row.id))
    return chosen.where(verdict.c.lender == row.lender, ours, _at() < until)


def _of_incident(incident_id: int) -> Select[Any]:
    """Return the ids of an incident's mentions as a list to look in.

    Of a join with them SQLite makes a walk through all that was ever said of the lender.
    """
    c = incident_mention.c
    return select(c.mention_id).where(c.incident_id == incident_id)


def _here(conn: Connection, row: Any, scope: Scope, until: datetime) -> int:
    query = _members(row, until, func.count()).where(*counts.within(scope))
    return int(conn.execute(query).scalar_one())


def quotes(
    conn: Connection, story: Story, scope: Scope, until: datetime, about: str = ""
) -> list[Quote]:
    """Return what one mention of a story in the scope says, in order.

    It is one that alleges what the story is ``about``; of these the gravest, then the oldest.
    """
    v, t = verdict.c, verdict_tag.c
    tagged = select(t.mention_id).where(
        t.lender == v.lender, t.mention_id == v.mention_id, t.allegation == about
    )
    first = _members(story, until, mention.c.id, v.assessment_id)
    first = first.where(*counts.within(scope), v.severity > 0)
    order = (tagged.exists().desc(), v.severity.desc(), _at(), mention.c.id)
    key = first.order_by(*order).limit(1).subquery()  # texts are read when it is known of which
    columns = (mention.c.id, mention.c.source, mention.c.title, mention.c.text)
    written = select(*columns, key.c.assessment_id).join(key, key.c.id == mention.c.id)
    chosen = conn.execute(written).first()
    if chosen is None:
        return []
    e = evidence.c
    said = select(e.allegation, e.field, e.start, e.end, e.quote).where(
        e.assessment_id == chosen.assessment_id, e.status != EvidenceStatus.CLAIMED.value
    )
    found = []
    for row in conn.execute(said.order_by(e.ordinal)):
        body = chosen.title if row.field == "title" else chosen.text
        stands = body[row.start : row.end] == row.quote  # not while a newer wording waits
        words = sentence(body, row.start, row.end) if stands else tame(row.quote)
        found.append(Quote(chosen.id, chosen.source, row.allegation, words))
    return found


def alleged(conn: Connection, story: Story, until: datetime) -> dict[str, int]:
    """Return how many of a story's mentions allege what."""
    t = verdict_tag.c
    query = (
        select(t.allegation, func.count())
        .select_from(verdict_tag.join(mention, mention.c.id == t.mention_id))
        .where(t.lender == story.lender, t.mention_id.in_(_of_incident(story.id)), _at() < until)
        .group_by(t.allegation)
    )
    return {row[0]: row[1] for row in conn.execute(query)}


def _history(conn: Connection, incident_id: int) -> bool:
    """Tell whether all that was decided about telling it was that it is an old find."""
    query = select(outbox.c.reason).where(outbox.c.incident_id == incident_id).distinct()
    reasons = set(conn.execute(query).scalars())
    return Reason.HISTORY.value in reasons and reasons <= _QUIET
