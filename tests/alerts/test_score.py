"""The figures of a replay: what counts as told, false, late and too loud."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from alerts.score import Told, about, figures, merge
from data.model import Incident, IncidentState, Level, Mention, SourceKind
from data.scenarios.format import Event, Planned, Scenario
from data.store.incidents import Event as Happening

START = datetime(2026, 3, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)


def planned(name: str, at: datetime, event: str = "") -> Planned:
    mention = Mention("heimao_public", name, SourceKind.COMPLAINT, "https://example.com/", "话", at,
                      published_at=at)  # fmt: skip
    return Planned(mention, at + timedelta(minutes=5), event=event)


def event(name: str, kind: str, level: str, *, trap: bool = False) -> Event:
    at = START + 10 * HOUR
    return Event(name, kind, "chenghu", at, at + HOUR, trap, level, ("heimao_public", name))  # type: ignore[arg-type]


SCENARIO = Scenario(
    "two weeks",
    1,
    START,
    START + timedelta(days=14),
    [planned(name, START + 10 * HOUR, name) for name in ("crisis", "rumour", "old")],
    [
        event("crisis", "violent_collection", "orange"),
        event("rumour", "rumour", "yellow"),
        event("old", "old_news", "yellow", trap=True),
    ],
)


def told(
    name: str, rises: list[tuple[float, Level]], minutes: list[float], key: str = "visit@佛山"
) -> Told:
    history = [
        Happening(START + 10 * HOUR + timedelta(minutes=m), "burst v1", "rose" if n else "opened",
                  {"to" if n else "level": int(level)})
        for n, (m, level) in enumerate(rises)
    ]  # fmt: skip
    one = Incident("chenghu", key, "", rises[-1][1], IncidentState.OPEN, START, START)
    return Told(one, name, history, [START + 10 * HOUR + timedelta(minutes=m) for m in minutes])


def test_a_crisis_is_told_from_its_first_mention() -> None:
    found = figures(
        SCENARIO, [told("crisis", [(6, Level.ORANGE), (40, Level.RED)], [7, 40, 90, 24 * 60 + 8])]
    )
    assert found["crises"]["violent_collection"] == {
        "planted": 1, "told": 1, "level": 1, "incidents": 1
    }  # fmt: skip
    assert found["crises"]["rumour"]["told"] == 0
    assert found["delays"] == [
        {"kind": "violent_collection", "top": "red", "first_message": 7.0, "red": 40.0}
    ]
    assert found["messages"] == [3]
    assert not any(found["false"].values())


def test_what_an_incident_said_before_the_crisis_began_tells_nothing_of_it() -> None:
    early = told("crisis", [(-90, Level.ORANGE)], [-80])
    found = figures(SCENARIO, [early])
    assert found["crises"]["violent_collection"]["told"] == 0
    assert found["delays"] == []
    found = figures(SCENARIO, [told("crisis", [(-90, Level.ORANGE)], [-80, 12])])
    assert found["delays"][0]["first_message"] == 12.0


def test_too_low_a_level_is_told_but_not_enough() -> None:
    found = figures(SCENARIO, [told("crisis", [(6, Level.YELLOW)], [7])])
    assert found["crises"]["violent_collection"]["told"] == 1
    assert found["crises"]["violent_collection"]["level"] == 0


def test_a_routine_list_tells_no_crisis() -> None:
    found = figures(SCENARIO, [told("crisis", [(6, Level.BLUE)], [7], key="routine:visit")])
    assert found["crises"]["violent_collection"]["told"] == 0


def test_false_is_what_nobody_planted_and_a_trap_above_its_ceiling() -> None:
    ordinary = told("", [(0, Level.YELLOW), (9, Level.ORANGE)], [])
    calm, fooled = told("old", [(0, Level.YELLOW)], [1]), told("old", [(0, Level.RED)], [1])
    found = figures(SCENARIO, [ordinary, calm, fooled])
    assert found["false"] == {"red": 1, "orange": 1, "yellow": 0, "blue": 0}
    assert found["traps"] == {"planted": {"old_news": 1}, "above": {"old_news": 1}}
    assert merge([found, found])["false_a_week"]["red"] == 0.5


def test_a_lowered_incident_counts_by_what_it_rose_to() -> None:
    one = told("", [(0, Level.RED)], [])
    lowered = Told(
        Incident("chenghu", "k", "", Level.BLUE, IncidentState.CLOSED, START, START),
        "", one.history, [],
    )  # fmt: skip
    assert figures(SCENARIO, [lowered])["false"]["red"] == 1


def test_an_incident_is_about_what_a_third_of_it_is_about() -> None:
    assert about(["a", "", ""]) == "a"
    assert about(["a", "", "", ""]) == ""
    assert about(["a", "b", "b"]) == "b"
    assert about([]) == ""
