from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from alerts.decide import Case, Listener, Rules, Told, Verdict, decide, night_ends, pause
from data.facts.levels import levels
from data.facts.telling import Telling, telling
from data.model import SHANGHAI, Incident, IncidentState, Level, Reason, Silence
from tests.conftest import NOW

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
INCIDENT = Incident(
    lender="chenghu",
    key="visit@佛山",
    title="佛山上门滋扰：负面 38 条",
    level=Level.ORANGE,
    state=IncidentState.OPEN,
    opened_at=NOW - 2 * HOUR,
    last_at=NOW,
    mentions=38,
    sources=("a", "b"),
    id=1,
    revision=2,
)
TOLD = Told(NOW - HOUR, Level.ORANGE, 30, frozenset({"a", "b"}), 1, 1)
CASE = Case(INCIDENT, NOW, NOW - 2 * HOUR, told_at=NOW - HOUR)
DUTY = Listener("duty", Level.YELLOW)


def verdict(
    case: dict[str, Any] | None = None,
    told: Told | None = None,
    to: Listener = DUTY,
    now: datetime = NOW,
    policy: Telling | None = None,
    **incident: Any,
) -> Verdict:
    """Decide about the incident above with some changes."""
    changed = replace(INCIDENT, **incident)
    whole = replace(CASE, incident=changed, **(case or {}))
    rules = Rules(policy or telling(), levels()[changed.level], DAY)
    return decide(whole, told, to, rules, now)


@pytest.mark.parametrize(
    ("why", "incident", "told", "reason"),
    [
        ("nobody heard of it", {}, None, Reason.FIRST),
        ("it is graver now", {"level": Level.RED}, {}, Reason.WORSE),
        ("graver needs no pause", {"level": Level.RED}, {"at": NOW}, Reason.WORSE),
        ("a new source", {"sources": ("a", "b", "c")}, {}, Reason.GREW),
        ("twice as many", {"mentions": 60}, {}, Reason.GREW),
        ("not yet twice", {"mentions": 59}, {}, Reason.UNCHANGED),
        ("too soon", {"mentions": 99}, {"at": NOW - 29 * MINUTE}, Reason.UNCHANGED),
        ("told often", {"mentions": 99}, {"messages": 2}, Reason.UNCHANGED),
        ("nothing new", {}, {}, Reason.UNCHANGED),
        ("a list fills up", {"key": "routine:x", "mentions": 99}, {}, Reason.UNCHANGED),
        ("closed", {"state": IncidentState.CLOSED}, None, Reason.UNCHANGED),
        ("below the channel", {"level": Level.BLUE}, None, Reason.BELOW),
        ("the day's messages are used", {"mentions": 99}, {"today": 4}, Reason.UNCHANGED),
        ("a rise is always told", {"level": Level.RED}, {"today": 9}, Reason.WORSE),
    ],
)
def test_each_reason(
    why: str, incident: dict[str, Any], told: dict[str, Any] | None, reason: Reason
) -> None:
    heard = None if told is None else replace(TOLD, **told)
    assert verdict(told=heard, **incident).reason is reason, why


def test_what_is_a_day_old_wakes_nobody() -> None:
    assert verdict({"newest": NOW - DAY - MINUTE}).reason is Reason.HISTORY
    assert verdict({"newest": None}).reason is Reason.HISTORY
    assert verdict({"newest": NOW - DAY}).reason is Reason.FIRST


def test_growth_alone_brings_at_most_five_messages_in_a_day() -> None:
    after, messages = timedelta(), 1
    while after + pause(messages) <= DAY:
        after += pause(messages)
        messages += 1
    assert pause(1) == 30 * MINUTE
    assert pause(1000) > 30 * DAY  # what goes on for weeks is no overflow
    assert messages <= 5


@pytest.mark.parametrize(("level", "wait"), [(Level.RED, 0), (Level.ORANGE, 3), (Level.YELLOW, 3)])
def test_the_first_message_waits_a_little_for_what_follows(level: Level, wait: int) -> None:
    found = verdict({"since": NOW}, level=level)
    assert found == Verdict(Reason.FIRST, NOW + wait * MINUTE)
    late = verdict({"since": NOW - HOUR}, level=level)
    assert late.due_at == NOW, "what is found late has waited already"
    assert verdict({"since": NOW}, TOLD, level=Level.RED).due_at == NOW


@pytest.mark.parametrize(
    ("level", "ago", "reason"),
    [
        (Level.YELLOW, 29, Reason.HELD),
        (Level.YELLOW, 30, Reason.FIRST),
        (Level.ORANGE, 0, Reason.FIRST),
        (Level.RED, 0, Reason.FIRST),
    ],
)
def test_what_only_counts_say_must_last(level: Level, ago: int, reason: Reason) -> None:
    case = {"by_volume": True, "since": NOW - ago * MINUTE}
    assert verdict(case, level=level).reason is reason
    assert verdict({**case, "by_volume": False}, level=level).reason is Reason.FIRST


@pytest.mark.parametrize(
    ("level", "minutes", "reason"),
    [
        (Level.RED, 29, Reason.UNCHANGED),
        (Level.RED, 30, Reason.REPEAT),
        (Level.ORANGE, 119, Reason.UNCHANGED),
        (Level.ORANGE, 120, Reason.REPEAT),
        (Level.YELLOW, 999, Reason.UNCHANGED),
    ],
)
def test_unacknowledged_it_is_said_again(level: Level, minutes: int, reason: Reason) -> None:
    told = replace(TOLD, at=NOW - minutes * MINUTE, level=level)
    assert verdict(told=told, level=level).reason is reason
    taken = verdict({"told_at": NOW}, told, level=level, state=IncidentState.ACKNOWLEDGED)
    assert taken.reason is Reason.UNCHANGED
    cold = verdict({"newest": NOW - 7 * HOUR}, told, level=level)
    assert cold.reason is Reason.UNCHANGED, "it no longer goes on"


def test_no_audience_hears_of_one_incident_more_than_five_times_a_day() -> None:
    """Nobody ever looks, it grows all the time and rises twice: the worst that can happen."""
    said: list[datetime] = []
    told: Told | None = None
    for minute in range(24 * 60):
        now = NOW + minute * MINUTE
        level = Level(min(4, 2 + minute // 400))
        case = {"newest": now, "since": NOW, "told_at": NOW}
        found = verdict(case, told, now=now, level=level, mentions=2**minute)
        if found.tells:
            said.append(now)
            told = Told(now, level, 2**minute, frozenset("ab"), len(said), len(said))
    assert 3 <= len(said) <= 5


LEAD = Listener("lead", Level.RED)


@pytest.mark.parametrize(
    ("minutes", "to", "level", "reason"),
    [
        (29, LEAD, Level.ORANGE, Reason.BELOW),
        (30, LEAD, Level.ORANGE, Reason.ESCALATED),
        (14, Listener("executives", Level.RED), Level.RED, Reason.FIRST),
        (44, Listener("executives", Level.RED), Level.RED, Reason.UNCHANGED),
        (45, Listener("executives", Level.RED), Level.RED, Reason.ESCALATED),
        (999, Listener("executives", Level.RED), Level.ORANGE, Reason.BELOW),
    ],
)
def test_when_nobody_looks_the_next_on_the_ladder_hears(
    minutes: int, to: Listener, level: Level, reason: Reason
) -> None:
    case: dict[str, Any] = {"told_at": NOW - minutes * MINUTE}
    told = replace(TOLD, level=level, at=NOW) if reason is Reason.UNCHANGED else None
    assert verdict(case, told, to, level=level).reason is reason
    if reason is Reason.ESCALATED:
        state = IncidentState.ACKNOWLEDGED
        assert verdict(case, told, to, level=level, state=state).reason is not reason
        once = replace(TOLD, level=level, once=frozenset({(Reason.ESCALATED, level)}))
        assert verdict(case, once, to, level=level).reason is not reason


def test_the_clock_runs_from_when_people_could_know() -> None:
    """A crisis of yesterday, found now, is not overdue at once."""
    found_now: dict[str, Any] = {"since": NOW - 20 * HOUR, "told_at": None}
    assert verdict(found_now, to=LEAD).reason is Reason.BELOW


def test_the_first_response_is_asked_for_once_when_it_is_due() -> None:
    taken: dict[str, Any] = {"state": IncidentState.ACKNOWLEDGED}
    case = {"told_at": NOW - 4 * HOUR}
    assert verdict(case, TOLD, **taken).reason is Reason.OVERDUE
    assert verdict({**case, "responded": True}, TOLD, **taken).reason is Reason.UNCHANGED
    assert verdict({"told_at": NOW - 3 * HOUR}, TOLD, **taken).reason is Reason.UNCHANGED
    asked = replace(TOLD, once=frozenset({(Reason.OVERDUE, Level.ORANGE)}))
    assert verdict(case, asked, **taken).reason is Reason.UNCHANGED


def test_each_audience_hears_what_is_for_it() -> None:
    grown: dict[str, Any] = {"sources": ("a", "b", "c")}
    everyone = Listener("executives", Level.BLUE)
    assert verdict(told=TOLD, to=everyone, **grown).reason is Reason.OTHERS
    assert verdict(told=TOLD, to=Listener("compliance", Level.BLUE), **grown).tells
    law = telling().audiences["compliance"].model_copy(update={"groups": ("visit",)})
    some = telling().model_copy(update={"audiences": {"law": law}, "escalation": ()})
    to = Listener("law", Level.BLUE)
    assert verdict({"groups": frozenset({"fees"})}, to=to, policy=some).reason is Reason.OTHERS
    assert verdict({"groups": frozenset({"visit"})}, to=to, policy=some).reason is Reason.FIRST


SILENCE = Silence("", "visit", NOW - HOUR, NOW + HOUR, "王某", "计划中的营销活动")


@pytest.mark.parametrize(
    ("changes", "covers"),
    [
        ({}, True),
        ({"topic": ""}, True),
        ({"topic": "volume"}, False),
        ({"lender": "chenghu"}, True),
        ({"lender": "muhe"}, False),
        ({"starts_at": NOW + MINUTE}, False),
        ({"ends_at": NOW}, False),
    ],
)
def test_what_a_silence_covers(changes: dict[str, Any], covers: bool) -> None:
    assert replace(SILENCE, **changes).covers(INCIDENT, NOW) is covers


def test_a_silence_says_who_and_why_and_never_covers_red() -> None:
    found = verdict({"silence": SILENCE})
    assert found.reason is Reason.SILENCED
    assert found.note == "王某: 计划中的营销活动 (11-25 15:00)"
    assert verdict({"silence": SILENCE}, level=Level.RED).reason is Reason.FIRST


def test_a_graver_incident_speaks_for_a_lesser_one() -> None:
    assert verdict({"spoken_for": 7}) == Verdict(Reason.COVERED, NOW, "#7")
    assert verdict({"spoken_for": 7}, level=Level.RED).reason is Reason.FIRST


def shanghai(hour: int, minute: int = 0, day: int = 25) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("at", "ends"),
    [
        (shanghai(21, 59), None),
        (shanghai(22), shanghai(8, day=26)),
        (shanghai(23, 59), shanghai(8, day=26)),
        (shanghai(0, 1), shanghai(8)),
        (shanghai(7, 59), shanghai(8)),
        (shanghai(8), None),
    ],
)
def test_when_the_night_ends(at: datetime, ends: datetime | None) -> None:
    assert night_ends(telling(), at) == ends


@pytest.mark.parametrize(
    ("level", "reason"),
    [(Level.RED, Reason.FIRST), (Level.ORANGE, Reason.FIRST), (Level.YELLOW, Reason.NIGHT)],
)
def test_at_night_only_what_is_grave_wakes_people(level: Level, reason: Reason) -> None:
    now = shanghai(2)
    case = {"newest": now, "since": now - HOUR}
    assert verdict(case, now=now, level=level).reason is reason
    assert verdict({**case, "newest": now}, now=shanghai(8), level=level).reason is Reason.FIRST


@pytest.mark.parametrize(
    ("done", "hours", "once", "reason"),
    [
        ({"responded": True}, 3.9, (), Reason.UNCHANGED),
        ({"responded": True}, 4.0, (), Reason.STATEMENT),
        ({"responded": True}, 5.0, (Reason.STATEMENT,), Reason.UNCHANGED),
        ({}, 5.0, (), Reason.OVERDUE),
        ({}, 5.0, (Reason.OVERDUE,), Reason.STATEMENT),
        ({"responded": True, "stated": True}, 9.0, (), Reason.UNCHANGED),
    ],
)
def test_who_took_a_red_one_on_is_reminded_of_the_statement(
    done: dict[str, Any], hours: float, once: tuple[Reason, ...], reason: Reason
) -> None:
    told = replace(TOLD, level=Level.RED, once=frozenset((one, Level.RED) for one in once))
    case = {"told_at": NOW - timedelta(hours=hours), **done}
    found = verdict(case, told, level=Level.RED, state=IncidentState.ACKNOWLEDGED)
    assert found.reason is reason


def test_a_lull_ends_the_repeats_only_when_no_rule_has_held_for_long() -> None:
    """Single stragglers are signs, but no alarm."""
    told = replace(TOLD, at=NOW - 3 * HOUR)
    assert verdict({"fired_at": NOW - 6 * HOUR}, told).reason is Reason.REPEAT
    assert verdict({"fired_at": NOW - 6 * HOUR - MINUTE}, told).reason is Reason.UNCHANGED
