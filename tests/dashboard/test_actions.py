"""What a person does to an incident."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dashboard import actions
from dashboard.queries import incidents, stories
from dashboard.viewer import Right, Viewer
from data.errors import InputError
from data.model import IncidentState, Level
from data.store import judgements
from data.store.db import Store
from tests.conftest import NOW
from tests.dashboard import seeds

WEEK = timedelta(days=7)
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


def test_from_handing_over_to_the_statement(store: Store) -> None:
    key = seeds.incident(store, (), NOW, "会员费", Level.RED)
    actions.assign(store, ANALYST, key, NOW, " 小周 ")
    actions.respond(store, ANALYST, key, NOW, "已在黑猫答复")
    actions.publish(store, ANALYST, key, NOW, "官网说明")
    actions.note(store, ANALYST, key, NOW, "等录音")
    with store.read() as conn:
        told, events = incidents.one(conn, key), incidents.history(conn, key)
    assert told is not None
    assert (told.owner, told.state, told.done) == (
        "小周",
        IncidentState.ACKNOWLEDGED,
        frozenset({"responded", "stated"}),
    )
    assert [e.what for e in events[:4]] == ["noted", "stated", "responded", "assigned"]
    assert events[2].detail == {"note": "已在黑猫答复"}


def test_a_level_is_lowered_with_a_reason_and_never_raised_by_hand(store: Store) -> None:
    key = seeds.incident(store, (), NOW, "会员费", Level.ORANGE)
    with pytest.raises(ValueError, match="reason"):
        actions.lower(store, ANALYST, key, NOW, Level.YELLOW, " ")
    with pytest.raises(actions.TooLate):
        actions.lower(store, ANALYST, key, NOW, Level.RED, "更严重")
    actions.lower(store, ANALYST, key, NOW, Level.BLUE, "旧闻翻炒")
    with store.read() as conn:
        told, events = incidents.one(conn, key), incidents.history(conn, key)
    assert told is not None
    assert told.level is Level.BLUE
    assert events[0].detail == {"from": 3, "to": 1, "why": "旧闻翻炒"}


def test_steps_are_ticked_and_unticked(store: Store) -> None:
    key = seeds.incident(store, (), NOW, "会员费", Level.ORANGE)
    for step, done in (("one_voice", True), ("tell_media", True), ("one_voice", False)):
        actions.tick(store, ANALYST, key, NOW, step, done)
    with store.read() as conn:
        ticked = stories.steps(conn, key)
    assert {step: one.by for step, one in ticked.items()} == {"tell_media": "小林"}


def test_an_alert_is_judged_and_the_newest_word_counts(store: Store) -> None:
    key = seeds.incident(store, (), NOW, "会员费", Level.ORANGE)
    for word in ("false", "useful"):
        actions.judge(store, ANALYST, key, NOW, word)
    with store.read() as conn:
        assert judgements.newest(conn, key) == "useful"
        [week] = [one for one in judgements.precision(conn, seeds.LENDER, NOW - WEEK, NOW + WEEK)
                  if one.precision is not None]  # fmt: skip
    assert week.precision == 1


def test_nothing_is_done_to_a_closed_incident_but_noting(store: Store) -> None:
    key = seeds.incident(store, (), NOW, "会员费", Level.ORANGE)
    actions.close(store, ANALYST, key, NOW, "已回应")
    for act in (actions.assign, actions.respond, actions.publish):
        with pytest.raises(actions.TooLate):
            act(store, ANALYST, key, NOW, "x")
    with pytest.raises(actions.TooLate):
        actions.lower(store, ANALYST, key, NOW, Level.BLUE, "x")
    actions.note(store, ANALYST, key, NOW, "复盘完成")


def test_a_reader_s_forged_click_does_nothing(store: Store) -> None:
    key = seeds.incident(store, (), NOW, "会员费", Level.ORANGE)
    reader = Viewer("访客", Right.READ)
    for act in (actions.assign, actions.respond, actions.publish, actions.note):
        with pytest.raises(actions.NotAllowed):
            act(store, reader, key, NOW, "x")
    with pytest.raises(actions.NotAllowed):
        actions.lower(store, reader, key, NOW, Level.BLUE, "x")
    with pytest.raises(actions.NotAllowed):
        actions.judge(store, reader, key, NOW, "false")
    with pytest.raises(actions.NotAllowed):
        actions.tick(store, reader, key, NOW, "one_voice", done=True)
    with store.read() as conn:
        assert [e.what for e in incidents.history(conn, key)] == ["rose", "opened"]


def test_two_incidents_become_one_story(store: Store) -> None:
    ids = seeds.put(store, [seeds.seed(n, NOW, seeds.COMPLAINT, seeds.GRAVE[0]) for n in range(3)])
    keep = seeds.incident(store, ids[:2], NOW, "上门", Level.YELLOW)
    other = seeds.incident(store, ids[2:], NOW, "也是上门", Level.ORANGE)
    with pytest.raises(ValueError, match="reason"):
        actions.merge(store, ANALYST, keep, NOW, other, " ")
    with pytest.raises(actions.NotAllowed):
        actions.merge(store, Viewer("访客", Right.READ), keep, NOW, other, "同一件事")
    actions.merge(store, ANALYST, keep, NOW, other, "同一件事")
    with store.read() as conn:
        one, gone = incidents.one(conn, keep), incidents.one(conn, other)
    assert one is not None
    assert gone is not None
    assert (one.mentions, one.level) == (3, Level.ORANGE)
    assert (gone.mentions, gone.state) == (0, IncidentState.CLOSED)


def test_what_is_another_story_leaves_with_its_own_title(store: Store) -> None:
    ids = seeds.put(store, [seeds.seed(n, NOW, seeds.COMPLAINT, seeds.GRAVE[0]) for n in range(3)])
    key = seeds.incident(store, ids, NOW, "上门", Level.ORANGE)
    with pytest.raises(InputError):
        actions.split(store, ANALYST, key, NOW, ids, "全部", "不该全拆")
    number = actions.split(store, ANALYST, key, NOW, ids[2:], " 会员费 ", "另一件事")
    with store.read() as conn:
        old, new = incidents.one(conn, key), incidents.one(conn, number)
        assert [event.what for event in incidents.history(conn, number)] == ["split", "opened"]
    assert old is not None
    assert new is not None
    assert (old.mentions, new.mentions) == (2, 1)
    assert (new.title, new.level, new.state) == ("会员费", Level.ORANGE, IncidentState.OPEN)
