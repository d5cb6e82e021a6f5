"""Which clock runs."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dashboard.clocks import running
from data.facts.levels import levels
from data.model import IncidentState, Level
from tests.conftest import NOW

LEVELS = levels()


def test_the_first_look_is_due_until_somebody_has_looked() -> None:
    fact = LEVELS[Level.ORANGE]
    assert fact.first_look is not None
    opened = NOW - timedelta(minutes=10)
    clock = running(fact, IncidentState.OPEN, opened, NOW)
    assert clock is not None
    assert (clock.kind, clock.left) == ("look", fact.first_look - timedelta(minutes=10))
    assert not clock.overdue


def test_then_the_first_response_is_due_and_may_be_late() -> None:
    clock = running(LEVELS[Level.RED], IncidentState.ACKNOWLEDGED, NOW - timedelta(days=2), NOW)
    assert clock is not None
    assert clock.kind == "response"
    assert clock.overdue


@pytest.mark.parametrize(
    ("level", "state"),
    [(Level.BLUE, IncidentState.OPEN), (Level.RED, IncidentState.CLOSED)],
)
def test_no_clock_runs_for_blue_or_closed(level: Level, state: IncidentState) -> None:
    assert running(LEVELS[level], state, NOW, NOW) is None


def test_a_response_stops_its_clock_and_red_still_owes_a_statement() -> None:
    def kind(level: Level, *done: str) -> str | None:
        clock = running(LEVELS[level], IncidentState.ACKNOWLEDGED, NOW, NOW, done)
        return clock.kind if clock else None

    assert kind(Level.RED) == "response"
    assert kind(Level.RED, "responded") == "statement"
    assert kind(Level.RED, "responded", "stated") is None
    assert kind(Level.YELLOW, "responded") is None
