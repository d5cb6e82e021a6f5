"""Decisions as they are kept: what waits, clocks, nights, ladders, silences."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from alerts.detect import BURST
from alerts.policy import policy_of
from alerts.rota import on_call
from alerts.route import Supposed, route, worded
from alerts.silence import planned
from alerts.stage import detect
from alerts.tell import Teller, again, by_volume, covers
from data.errors import ConfigError, InputError
from data.model import SHANGHAI, Incident, IncidentState, Level, Signal, Silence
from data.settings import Settings
from data.store import incidents, mentions, signals, silences
from data.store.db import Store
from data.store.incidents import Event
from data.store.schema import incident as incident_table
from data.store.schema import outbox as outbox_table
from tests.alerts.conftest import LENDER, Configured, Said, assess
from tests.conftest import NOW

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
Opened = Callable[..., int]


def hook(name: str = "hook", **changes: Any) -> dict[str, Any]:
    common = {"type": "webhook", "url": "http://127.0.0.1:1/", "secret": "hush-hush"}
    return {**common, "name": name, "lowest_level": "yellow", **changes}


@pytest.fixture
def opened(store: Store) -> Opened:
    """Open an incident of one mention at a moment; more words change its level and condition."""

    def make(
        key: str = "visit_and_violence@佛山", at: datetime = NOW, level: Level = Level.ORANGE,
        condition: dict[str, float] | None = None,
    ) -> int:  # fmt: skip
        said = Said(f"{key}-{at.isoformat()}", at, tags=("abusive_visit",))
        with store.write() as conn:
            saved = mentions.save(conn, [said.mention(at)], at, b"key")
            new = Incident(LENDER, key, key, level, IncidentState.OPEN, at, at, revision=1)
            number = incidents.insert(conn, new)
            incidents.add_mentions(conn, number, saved.ids)
            detail = {"level": int(level), "condition": condition or {"rare_severity": 5}}
            incidents.add_events(conn, number, [Event(at, "severity v1", "opened", detail)])
        return number

    return make


def tell(store: Store, settings: Settings, now: datetime, *ids: int) -> list[tuple[str, str, str]]:
    """Decide about some incidents, or about all that run, and return what was added."""
    with store.write() as conn:
        before = len(conn.execute(select(outbox_table.c.id)).all())
        if ids:
            Teller(conn, settings, policy_of(settings), now).tell(ids)
        else:
            again(conn, settings, policy_of(settings), now)
        c = outbox_table.c
        rows = conn.execute(select(c.channel, c.reason, c.state).order_by(c.id)).all()
    return [(row[0], row[1], row[2]) for row in rows[before:]]


def change(store: Store, number: int, **values: Any) -> None:
    with store.write() as conn:
        conn.execute(update(incident_table).where(incident_table.c.id == number).values(values))


def rows(store: Store) -> list[Any]:
    with store.read() as conn:
        return list(conn.execute(select(outbox_table).order_by(outbox_table.c.id)))


def test_the_first_message_takes_in_what_follows_at_once(
    store: Store, configured: Configured, opened: Opened
) -> None:
    settings = configured(hook())
    number = opened()
    assert tell(store, settings, NOW, number) == [("hook", "first", "waiting")]
    assert rows(store)[0].due_at == NOW + 3 * MINUTE
    change(store, number, revision=2, title="two")
    assert tell(store, settings, NOW + MINUTE, number) == [("hook", "first", "waiting")]
    old, new = rows(store)
    assert (old.state, old.reply) == ("quiet", "replaced by r2")
    assert new.due_at == NOW + 3 * MINUTE, "it is not put off by what follows"
    assert new.body["changes"] is None, "nobody has heard anything yet"
    change(store, number, revision=3, level=4)
    with store.write() as conn:
        incidents.add_events(conn, number, [Event(NOW + 2 * MINUTE, "x", "rose", {"to": 4})])
    assert tell(store, settings, NOW + 2 * MINUTE) == [("hook", "first", "waiting")]
    assert rows(store)[-1].due_at == NOW + 2 * MINUTE, "red does not wait"


def test_deciding_again_without_news_writes_nothing(
    store: Store, configured: Configured, opened: Opened
) -> None:
    settings = configured(hook(), hook("red", lowest_level="red"))
    number = opened()
    assert len(tell(store, settings, NOW, number)) == 2
    for n in range(5):
        assert tell(store, settings, NOW + n * MINUTE) == []


def test_what_only_counts_say_is_told_once_it_has_lasted(
    store: Store, configured: Configured, opened: Opened
) -> None:
    settings = configured(hook())
    opened(level=Level.YELLOW, condition={"burst_negative": 1.0})
    assert tell(store, settings, NOW) == [("hook", "held", "quiet")]
    assert tell(store, settings, NOW + 29 * MINUTE) == []
    assert tell(store, settings, NOW + 30 * MINUTE) == [("hook", "first", "waiting")]


def test_the_night_ends_and_then_it_is_told(
    store: Store, configured: Configured, opened: Opened
) -> None:
    settings = configured(hook())
    night = datetime(2026, 11, 26, 1, tzinfo=SHANGHAI)
    opened(at=night, level=Level.YELLOW)
    assert tell(store, settings, night + MINUTE) == [("hook", "night", "quiet")]
    assert rows(store)[0].reply == "11-26 08:00"
    assert tell(store, settings, night + 7 * HOUR) == [("hook", "first", "waiting")]
    card = rows(store)[-1].body
    assert card["clock"]["first_look"] == "2026-11-26T02:00:00+00:00", "two hours from 08:00"


def test_what_is_found_late_is_not_overdue_before_anybody_could_know(
    store: Store, configured: Configured, opened: Opened
) -> None:
    settings = configured(hook(), hook("lead", audience="lead"))
    opened(at=NOW - 20 * HOUR)
    assert {row[:2] for row in tell(store, settings, NOW)} == {("hook", "first"), ("lead", "first")}
    clock = rows(store)[0].body["clock"]
    assert clock["since"] == NOW.isoformat()
    assert clock["first_look"] == (NOW + 30 * MINUTE).isoformat()


def test_nobody_looks_then_it_is_repeated_and_goes_up_the_ladder(
    store: Store, configured: Configured, opened: Opened
) -> None:
    settings = configured(
        hook("duty"),
        hook("lead", audience="lead", lowest_level="red"),
        hook("boss", audience="executives", lowest_level="red"),
    )
    number = opened(level=Level.RED)
    said: dict[int, list[tuple[str, str]]] = {}
    for minute in range(0, 100, 5):
        now = NOW + minute * MINUTE
        change(store, number, last_at=now)
        told = [row[:2] for row in tell(store, settings, now) if row[2] == "waiting"]
        if told:
            said[minute] = told
    assert said == {
        0: [("duty", "first"), ("lead", "first"), ("boss", "first")],
        15: [("lead", "escalated")],
        30: [("duty", "repeat")],
        45: [("boss", "escalated")],
        60: [("duty", "repeat")],
        90: [("duty", "repeat")],
    }
    change(store, number, state="acknowledged", owner="王某")
    assert [row for row in tell(store, settings, NOW + 130 * MINUTE) if row[1] == "repeat"] == []


def test_a_silence_holds_until_it_ends(
    store: Store, configured: Configured, opened: Opened
) -> None:
    settings = configured(hook())
    number = opened()
    with store.write() as conn:
        kept = planned(settings, "", "visit", NOW, HOUR, "王某", "已在处理")
        n = silences.add(conn, kept)
    assert tell(store, settings, NOW) == [("hook", "silenced", "quiet")]
    assert "王某: 已在处理" in rows(store)[0].reply
    change(store, number, level=4, revision=2)
    assert tell(store, settings, NOW + MINUTE) == [("hook", "first", "waiting")], "never on red"
    other = opened("visit_and_violence@广州", at=NOW + MINUTE)
    assert ("hook", "silenced", "quiet") in tell(store, settings, NOW + MINUTE, other)
    with store.write() as conn:
        assert [s.id for s in silences.current(conn, NOW)] == [n]
        assert silences.end(conn, n, NOW + 2 * MINUTE)
        assert not silences.end(conn, n, NOW + 2 * MINUTE)
        assert silences.current(conn, NOW + 2 * MINUTE) == []
    change(store, number, state="closed", closed_at=NOW)
    assert tell(store, settings, NOW + 3 * MINUTE) == [("hook", "first", "waiting")]


@pytest.mark.parametrize(
    ("hours", "by", "reason", "said"),
    [(73, "王某", "x", "at most 72"), (0, "王某", "x", "above 0"), (1, " ", "x", "--by"),
     (1, "王某", " ", "--reason")],
)  # fmt: skip
def test_a_silence_needs_a_reason_a_person_and_an_end(
    configured: Configured, hours: float, by: str, reason: str, said: str
) -> None:
    with pytest.raises(InputError, match=said):
        planned(configured(), "", "", NOW, hours * HOUR, by, reason)


def test_a_red_incident_speaks_for_the_lesser_ones_beside_it(
    store: Store, configured: Configured, opened: Opened
) -> None:
    settings = configured(hook())
    red = opened(level=Level.RED)
    general = opened("negative@", level=Level.YELLOW)
    elsewhere = opened("privacy@成都", level=Level.YELLOW)
    tell(store, settings, NOW, red, general, elsewhere)
    found = {row.incident_id: (row.reason, row.reply) for row in rows(store)}
    assert found[general] == ("covered", f"#{red}")
    assert found[elsewhere][0] == "first"


RED = Incident(LENDER, "visit@佛山", "", Level.RED, IncidentState.OPEN, NOW, NOW, id=1)


@pytest.mark.parametrize(
    ("key", "level", "speaks"),
    [("volume", Level.BLUE, True), ("severe", Level.ORANGE, True),
     ("negative@", Level.YELLOW, True), ("negative@佛山", Level.YELLOW, True),
     ("negative@成都", Level.YELLOW, False),
     ("fees@佛山", Level.YELLOW, False), ("regulator", Level.ORANGE, False),
     ("severe", Level.RED, False)],
)  # fmt: skip
def test_for_what_a_red_incident_speaks(key: str, level: Level, speaks: bool) -> None:
    other = replace(RED, key=key, level=level, id=2)
    kinds = ("volume", "severe", "negative", "routine")
    assert covers(RED, other, "red", kinds) is speaks
    assert not covers(replace(RED, state=IncidentState.CLOSED), other, "red", kinds)
    assert not covers(replace(RED, level=Level.ORANGE), other, "red", kinds)


@pytest.mark.parametrize(
    ("condition", "only_counts"),
    [({"burst_negative": 1}, True), ({"burst_negative": 2, "voices": 20}, True),
     ({"burst_negative": 1, "severity": 4}, False), ({"regulator": 1}, False), ({}, False)],
)  # fmt: skip
def test_whether_only_counts_speak(condition: dict[str, float], only_counts: bool) -> None:
    events = [Event(NOW, "x", "opened", {"condition": condition})]
    assert by_volume(RED, events) is only_counts


def test_an_audience_nobody_knows_is_said(store: Store, configured: Configured) -> None:
    settings = configured(hook(audience="board"))
    assess(store, [Said("a", NOW, tags=("threat_of_violence",))], NOW)
    with pytest.raises(ConfigError, match="audience 'board' is not known; use one of duty"):
        detect(store, settings, NOW)


def test_people_take_turns(configured: Configured) -> None:
    people = [{"name": "王某", "ids": {"hook": "wang"}}, {"name": "李某"}]
    settings = configured(alerts={"rota": {"starts": "2026-11-23", "people": people}})
    turns = [
        on_call(settings.alerts.rota, datetime(2026, 11, day, hour, tzinfo=SHANGHAI))
        for day, hour in ((23, 9), (29, 23), (30, 8), (30, 9), (16, 9))
    ]
    assert [one.name for one in turns if one] == ["王某", "王某", "王某", "李某", "李某"]
    assert on_call(configured().alerts.rota, NOW) is None


def test_route_says_who_would_be_told_and_why_not(configured: Configured) -> None:
    people = [{"name": "王某"}]
    settings = configured(
        hook("值班群"),
        hook("高管", audience="executives", lowest_level="red"),
        alerts={"rota": {"starts": "2026-11-23", "people": people}},
    )
    silent = [Silence("", "visit", NOW - HOUR, NOW + HOUR, "李某", "演练")]
    supposed = Supposed(Level.ORANGE, "abusive_visit", "佛山")
    assert worded(settings, route(settings, supposed, [], NOW), NOW) == [
        "✓ 值班群：11-25 14:03:00 告知（新事件）",
        "✗ 高管：不告知，低于渠道最低级别",
        "值班：王某",
    ]
    kept = worded(settings, route(settings, supposed, silent, NOW), NOW)[0]
    assert kept == "✗ 值班群：不告知，已静默（李某: 演练 (11-25 15:00)）"
    with pytest.raises(InputError, match="--allegation nonsense"):
        route(settings, Supposed(Level.RED, "nonsense"), [], NOW)
    assert worded(configured(), [], NOW) == ["设置中没有任何渠道，无人会被告知"]


def test_a_red_incident_speaks_for_others_only_while_it_fires(
    store: Store, opened: Opened, configured: Configured
) -> None:
    """A rumour two days after a crisis is news, though nobody has closed the crisis yet."""
    settings = configured(hook())
    red = opened(level=Level.RED)
    with store.write() as conn:
        held = Signal(BURST, 1, LENDER, "negative", NOW, HOUR, 9.0, 2.0, 5.0)
        signals.put(conn, held, red)
    for hours, reason in ((5, "covered"), (7, "first")):
        now = NOW + hours * HOUR
        other = opened(f"negative@{hours}", now, Level.YELLOW)
        with store.write() as conn:
            conn.execute(
                update(incident_table)
                .where(incident_table.c.id == other)
                .values(key="negative@" if hours == 5 else "severe")
            )
            Teller(conn, settings, policy_of(settings), now).tell([other])
            query = select(outbox_table.c.reason).where(outbox_table.c.incident_id == other)
            assert conn.execute(query).scalar_one() == reason


def test_a_rise_does_not_put_the_first_message_off(
    store: Store, opened: Opened, configured: Configured
) -> None:
    settings = configured(hook())
    number = opened(level=Level.YELLOW, condition={"unusual_severity": 5})
    tell(store, settings, NOW, number)
    rise = NOW + 2 * MINUTE
    with store.write() as conn:
        changed = {"level": int(Level.ORANGE), "revision": 2}
        conn.execute(update(incident_table).where(incident_table.c.id == number).values(changed))
        detail = {"from": 2, "to": 3, "condition": {"rare_severity": 5}}
        incidents.add_events(conn, number, [Event(rise, "severity v1", "rose", detail)])
    tell(store, settings, rise, number)
    (row,) = [one for one in rows(store) if one.state == "waiting"]
    assert (row.level, row.due_at) == (int(Level.ORANGE), NOW + 3 * MINUTE)
