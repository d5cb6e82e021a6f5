"""Whom to tell, or not, and why; pure. The reason is stored either way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from data.model import Incident, IncidentState, Level, Reason

PAUSE = timedelta(minutes=30)
"""Between the first message and the next that only says "it grew"; then three times as long."""
SLOWER = 3
TELLING = frozenset({Reason.FIRST, Reason.WORSE, Reason.GREW})
"""Reasons that put a message on the wire; the others are kept as an answer to "why not?"."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a channel's last message about an incident said, and how many there were."""

    at: datetime
    level: Level
    mentions: int
    sources: frozenset[str]
    messages: int


def decide(
    incident: Incident,
    told: Told | None,
    lowest: Level,
    newest: datetime | None,
    fresh: timedelta,
    now: datetime,
) -> Reason:
    """Return why one channel is (not) told of an incident as it now is.

    ``newest`` is its newest dated mention or signal, None if nothing in it has a date.
    """
    if newest is None or newest < now - fresh:
        return Reason.HISTORY
    if incident.level < lowest:
        return Reason.BELOW
    if incident.state is IncidentState.CLOSED:
        return Reason.UNCHANGED
    if told is None:
        return Reason.FIRST
    return Reason.WORSE if incident.level > told.level else _grown(incident, told, now)


def _grown(incident: Incident, told: Told, now: datetime) -> Reason:
    if incident.key.startswith("routine:"):
        return Reason.UNCHANGED  # a list of lone complaints fills up; that is no news
    spread = not told.sources.issuperset(incident.sources)
    doubled = incident.mentions >= 2 * max(told.mentions, 1)
    waited = now - told.at >= pause(told.messages)
    return Reason.GREW if waited and (spread or doubled) else Reason.UNCHANGED


def pause(messages: int) -> timedelta:
    """Return how long growth alone must wait after the n-th message: 0:30, 1:30, 4:30 and so on."""
    times: int = SLOWER ** (max(messages, 1) - 1)
    return PAUSE * times
