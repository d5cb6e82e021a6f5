from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.decide import Told, decide, pause
from data.model import Incident, IncidentState, Level, Reason
from tests.conftest import NOW

DAY = timedelta(days=1)
INCIDENT = Incident(
    lender="chenghu",
    key="visit@佛山",
    title="佛山上门滋扰：负面 38 条",
    level=Level.ORANGE,
    state=IncidentState.OPEN,
    opened_at=NOW,
    last_at=NOW,
    mentions=38,
    sources=("a", "b"),
    id=1,
    revision=2,
)
TOLD = Told(NOW - timedelta(hours=1), Level.ORANGE, 30, frozenset({"a", "b"}), 1)


@pytest.mark.parametrize(
    ("why", "incident", "told", "reason"),
    [
        ("nobody heard of it", {}, None, Reason.FIRST),
        ("it is graver now", {"level": Level.RED}, {}, Reason.WORSE),
        ("graver needs no pause", {"level": Level.RED}, {"at": NOW}, Reason.WORSE),
        ("a new source", {"sources": ("a", "b", "c")}, {}, Reason.GREW),
        ("twice as many", {"mentions": 60}, {}, Reason.GREW),
        ("not yet twice", {"mentions": 59}, {}, Reason.UNCHANGED),
        ("too soon", {"mentions": 99}, {"at": NOW - timedelta(minutes=29)}, Reason.UNCHANGED),
        ("told often", {"mentions": 99}, {"messages": 2}, Reason.UNCHANGED),
        ("nothing new", {}, {}, Reason.UNCHANGED),
        ("a list fills up", {"key": "routine:x", "mentions": 99}, {}, Reason.UNCHANGED),
        ("closed", {"state": IncidentState.CLOSED}, None, Reason.UNCHANGED),
        ("below the channel", {"level": Level.BLUE}, None, Reason.BELOW),
    ],
)
def test_each_reason(
    why: str, incident: dict[str, object], told: dict[str, object] | None, reason: Reason
) -> None:
    changed = replace(INCIDENT, **incident)  # type: ignore[arg-type]
    heard = None if told is None else replace(TOLD, **told)  # type: ignore[arg-type]
    assert decide(changed, heard, Level.YELLOW, NOW, DAY, NOW) is reason, why


def test_what_is_a_day_old_wakes_nobody() -> None:
    for newest in (NOW - DAY - timedelta(seconds=1), None):
        assert decide(INCIDENT, None, Level.BLUE, newest, DAY, NOW) is Reason.HISTORY
    assert decide(INCIDENT, None, Level.BLUE, NOW - DAY, DAY, NOW) is Reason.FIRST


def test_growth_alone_brings_at_most_five_messages_in_a_day() -> None:
    after, messages = timedelta(), 1
    while after + pause(messages) <= DAY:
        after += pause(messages)
        messages += 1
    assert pause(1) == timedelta(minutes=30)
    assert messages <= 5
