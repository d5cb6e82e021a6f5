"""Until when somebody should have looked and answered; pure.

A clock runs from the moment at which people could first be told of the level: what was found late,
or kept for the morning, must not be overdue before anybody can know of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from data.facts.levels import LevelFact
from data.model import Incident, Level, utc
from data.store.incidents import Event

RISES = ("opened", "rose")


def since(incident: Incident, events: Sequence[Event]) -> datetime:
    """Return when an incident reached its level, by the story's own time."""
    return max((e.at for e in events if e.what in RISES), default=incident.opened_at)


def told_at(level: Level, events: Sequence[Event]) -> datetime | None:
    """Return when the first message about this level, or a graver one, could be sent."""
    told = [e.at for e in events if e.what == "told" and int(e.detail.get("level", 0)) >= level]
    return min(told, default=None)


def clock(
    incident: Incident, events: Sequence[Event], fact: LevelFact, could: datetime | None
) -> dict[str, Any]:
    """Return a card's clocks as ISO 8601; ``could`` is when it can be sent, if never before."""
    begun = utc(told_at(incident.level, events) or could or since(incident, events))
    spans = {
        "first_look": fact.first_look,
        "first_response": fact.first_response,
        "statement": fact.statement,
    }
    return {
        "opened_at": incident.opened_at.isoformat(),
        "since": begun.isoformat(),
        **{name: (begun + span).isoformat() if span else None for name, span in spans.items()},
    }
