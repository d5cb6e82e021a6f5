"""What a person does to an incident."""

from __future__ import annotations

import pytest

from dashboard import actions
from dashboard.queries import incidents
from dashboard.viewer import Right, Viewer
from data.model import IncidentState, Level
from data.store.db import Store
from tests.conftest import NOW
from tests.dashboard import seeds

ANALYST = Viewer("小林", Right.ACT)


def test_taking_an_incident_on_names_the_owner_and_enters_the_history(store: Store) -> None:
    key = seeds.incident(store, (), NOW, "会员费", Level.YELLOW)
    actions.acknowledge(store, ANALYST, key, NOW)
    with store.read() as conn:
        told, events = incidents.one(conn, key), incidents.history(conn, key)
    assert told is not None
    assert (told.state, told.owner) == (IncidentState.ACKNOWLEDGED, "小林")
    assert (events[0].what, events[0].by, events[0].at) == ("acknowledged", "小林", NOW)


def test_two_people_cannot_both_take_it_on(store: Store) -> None:
    key = seeds.incident(store, (), NOW, "会员费", Level.YELLOW)
    actions.acknowledge(store, ANALYST, key, NOW)
    with pytest.raises(actions.TooLate):
        actions.acknowledge(store, Viewer("小周", Right.ACT), key, NOW)
    with store.read() as conn:
        assert len(incidents.history(conn, key)) == 3


def test_closing_keeps_the_reason(store: Store) -> None:
    key = seeds.incident(store, (), NOW, "会员费", Level.YELLOW)
    with pytest.raises(ValueError, match="reason"):
        actions.close(store, ANALYST, key, NOW, "  ")
    actions.close(store, ANALYST, key, NOW, " 已回应 ")
    with store.read() as conn:
        told, events = incidents.one(conn, key), incidents.history(conn, key)
    assert told is not None
    assert (told.state, told.closed_at) == (IncidentState.CLOSED, NOW)
    assert events[0].detail == {"why": "已回应"}


def test_a_reader_may_not_act_even_if_a_button_was_forged(store: Store) -> None:
    key = seeds.incident(store, (), NOW, "会员费", Level.YELLOW)
    reader = Viewer("访客", Right.READ)
    with pytest.raises(actions.NotAllowed):
        actions.acknowledge(store, reader, key, NOW)
    with pytest.raises(actions.NotAllowed):
        actions.close(store, reader, key, NOW, "理由")
    with store.read() as conn:
        told = incidents.one(conn, key)
    assert told is not None
    assert told.state is IncidentState.OPEN
