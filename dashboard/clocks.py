"""Which clock runs for an incident: the first look, the first response, then the statement."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from data.facts.levels import LevelFact
from data.model import IncidentState


@dataclass(frozen=True, slots=True)
class Clock:
    """What is due next. ``kind`` is look, response or statement; a negative ``left`` is overdue."""

    kind: str
    due: datetime
    left: timedelta

    @property
    def overdue(self) -> bool:
        """Tell whether the time is up."""
        return self.left < timedelta(0)


def running(
    fact: LevelFact,
    state: IncidentState,
    began: datetime,
    now: datetime,
    done: Collection[str] = (),
) -> Clock | None:
    """Return the clock that runs for an incident; None where its level has none, or it is closed.

    It began when the incident reached its level. Until somebody has looked, the first look is due;
    from then on, the first response; once that is given (``responded`` is ``done``), the statement
    of the levels that ask for one, until it is out (``stated``).
    """
    match state:
        case IncidentState.OPEN:
            kind, span = "look", fact.first_look
        case IncidentState.ACKNOWLEDGED if "stated" in done:
            return None
        case IncidentState.ACKNOWLEDGED if "responded" in done:
            kind, span = "statement", fact.statement
        case IncidentState.ACKNOWLEDGED:
            kind, span = "response", fact.first_response
        case _:
            return None
    if span is None:
        return None
    due = began + span
    return Clock(kind, due, due - now)
