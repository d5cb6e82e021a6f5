"""What other conditions of 蓝黄橙红 would have made of the incidents there were."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from pathlib import Path

from sqlalchemy import Connection

from alerts.policy import channels_of, customers_of, policy_of
from alerts.story import Story
from alerts.weigh import level_of
from data.facts.levels import LevelFact, levels
from data.model import Incident, Level, Signal
from data.settings import Settings
from data.store import incidents, signals
from data.store.signals import Item

Levels = Mapping[Level, LevelFact]


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """One incident: the level it rises to by today's conditions, and by those tried."""

    id: int
    lender: str
    title: str
    opened_at: datetime
    today: Level
    tried: Level


def rehearse(
    conn: Connection, settings: Settings, file: Path, since: datetime, until: datetime,
    progress: Callable[[int, int], None] | None = None,
) -> list[Rehearsed]:  # fmt: skip
    """Weigh the incidents opened in ``[since, until)`` by today's conditions and by a file's.

    What opens an incident stays as it was; only how grave each became is weighed anew, mention by
    mention as it grew, and neither takes people's lowering into account. Raises FactError.
    """
    both = (policy_of(settings).levels, levels(file))
    opened = [
        incident
        for lender in customers_of(settings)
        for incident in incidents.lately(conn, lender, since)
        if since <= incident.opened_at < until
    ]
    found = []
    for incident in opened:
        found.append(_weighed(conn, settings, incident, both))
        if progress is not None:
            progress(len(found), len(opened))
    return found


def heard(settings: Settings, found: Sequence[Rehearsed]) -> dict[str, tuple[int, int]]:
    """Return how many incidents reach each channel's lowest level: today, and as tried."""
    return {
        channel.name: (
            sum(one.today >= Level[channel.lowest_level.upper()] for one in found),
            sum(one.tried >= Level[channel.lowest_level.upper()] for one in found),
        )
        for channel in channels_of(settings)
    }


def _weighed(
    conn: Connection, settings: Settings, incident: Incident, both: tuple[Levels, Levels]
) -> Rehearsed:
    known = policy_of(settings).allegations
    ids = incidents.mention_ids(conn, incident.id)
    grown: list[tuple[datetime, Item | Signal]] = [
        *((item.at, item) for item in signals.items(conn, incident.lender, ids).values()),
        *((one.at, one) for one in signals.of_incident(conn, incident.id)),
    ]
    story, today, tried = Story(incident), Level.BLUE, Level.BLUE
    for at, one in sorted(grown, key=itemgetter(0)):
        if isinstance(one, Signal):
            story.tally.signal(one)
        else:
            story.take([one], known)
        facts = story.tally.facts(at)
        today = max(today, level_of(both[0], facts, story.kind)[0])
        tried = max(tried, level_of(both[1], facts, story.kind)[0])
    number, lender, title = incident.id, incident.lender, incident.title
    return Rehearsed(number, lender, title, incident.opened_at, today, tried)
