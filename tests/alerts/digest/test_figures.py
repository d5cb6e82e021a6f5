"""The figures agree with the store, row by row, and with the calendar of Shanghai."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import update

from alerts.digest import chance, common, figures, make, period
from alerts.digest.common import iso, percent
from data.errors import InputError
from data.facts.levels import FILE
from data.model import Level, Outcome, Sentiment
from data.settings import Alerts, Settings
from data.store import digests, health, incidents, runs, schema
from data.store.db import Store
from data.store.health import Concern, Condition
from data.store.incidents import Event
from tests.alerts.digest.weeks import FACTS, LENDER, OURS, WEEK, fill, mentions_of
from tests.dashboard import seeds

NOW = WEEK.until + timedelta(hours=8, minutes=7)


def computed(
    store: Store, one: period.Period = WEEK, facts: common.Facts = FACTS
) -> figures.Figures:
    with store.read() as conn:
        return figures.compute(conn, OURS, one, facts)


def test_a_week_is_monday_to_sunday_in_shanghai() -> None:
    assert WEEK.id == "2026-W47"
    assert WEEK.since == datetime(2026, 11, 15, 16, tzinfo=UTC)
    assert WEEK.until == datetime(2026, 11, 22, 16, tzinfo=UTC)
    assert period.parse("week", WEEK.until) == WEEK
    assert period.parse("week", WEEK.until - timedelta(seconds=1)) == WEEK.before()
    assert [one.id for one in WEEK.history()][::7] == ["2026-W39", "2026-W46"]


@pytest.mark.parametrize(
    ("written", "first", "last"),
    [
        ("2026-W01", date(2025, 12, 29), date(2026, 1, 4)),
        ("2026-02", date(2026, 2, 1), date(2026, 2, 28)),
        ("2026-11-22", date(2026, 11, 22), date(2026, 11, 22)),
    ],
)
def test_a_period_is_read_as_people_write_it(written: str, first: date, last: date) -> None:
    found = period.parse(written, NOW)
    assert (found.first, found.last, found.id) == (first, last, written)


@pytest.mark.parametrize("written", ["2026-W60", "last", "2026-11-31", "2026-13", "2026-W48", ""])
def test_what_is_no_finished_period_is_refused(written: str) -> None:
    with pytest.raises(InputError):
        period.parse(written, NOW)


@pytest.mark.parametrize(
    ("k", "n", "low", "high"), [(0, 10, 0, 28), (5, 10, 24, 76), (81, 263, 26, 37)]
)
def test_the_interval_is_wilsons(k: int, n: int, low: int, high: int) -> None:
    """81 of 263 is R. G. Newcombe's own example (1998, table I): 0.2553 to 0.3662."""
    found = chance.wilson(k, n)
    assert (round(100 * found.low), round(100 * found.high)) == (low, high)


def test_shares_are_rounded_as_people_round() -> None:
    assert [percent(chance.wilson(k, 8)) for k in (1, 3, 5)] == [13, 38, 63]


def test_chance_explains_small_changes_only() -> None:
    assert [chance.direction(*pair) for pair in [(12, 9), (30, 10), (3, 20), (0, 0)]] == [
        0,
        1,
        -1,
        0,
    ]


@pytest.mark.parametrize("seed", range(3))
def test_every_sum_is_what_the_rows_add_up_to(store: Store, seed: int) -> None:
    fill(store, seed)
    found = computed(store)
    rows = pd.DataFrame([row._asdict() for row in mentions_of(store, WEEK)])
    assert found["mentions"]["value"] == len(rows)
    assert found["share"]["k"] == int((rows.sentiment == Sentiment.NEGATIVE).sum())
    assert found["severe"]["value"] == int((rows.severity >= 4).sum())
    days = rows.published_at.dt.tz_convert("Asia/Shanghai").dt.strftime("%Y-%m-%d").value_counts()
    assert {day["day"]: day["n"] for day in found["days"] if day["n"]} == days.to_dict()
    assert sum(found["level_days"].values()) <= 7
    assert found["history"] == 8
    for key, proof in found["proofs"].items():
        if proof["page"] == "feed":
            assert len(proof["ids"]) == min(proof["n"], 50), key
            assert set(proof["ids"]) <= set(rows.mention_id)


def test_the_same_store_gives_the_same_revision_and_a_late_item_a_new_one(store: Store) -> None:
    fill(store, 4)
    first = make.make(store, Settings(), WEEK, OURS, NOW)
    again = make.make(store, Settings(), WEEK, OURS, NOW + timedelta(days=3))
    assert (again.kept.revision, again.kept.hash) == (1, first.kept.hash)
    late = seeds.seed(999_999, WEEK.since + timedelta(hours=30), seeds.FORUM, seeds.GRAVE[0])
    seeds.put(store, [late], NOW + timedelta(days=4))
    revised = make.make(store, Settings(), WEEK, OURS, NOW + timedelta(days=5))
    assert revised.kept.revision == 2
    n = first.figures["mentions"]["value"]
    assert f"提及 {n} → {n + 1}" in revised.page("zh")["revised"]
    assert first.page("zh")["revised"] == ""
    with store.read() as conn:
        assert [one.revision for one in digests.archive(conn, LENDER)] == [2, 1]


def test_what_happens_after_the_week_changes_nothing_in_it(store: Store) -> None:
    ids = seeds.put(
        store, [seeds.seed(1, WEEK.until - timedelta(hours=30), seeds.COMPLAINT, seeds.GRAVE[0])]
    )
    key = seeds.incident(store, ids, WEEK.until, "上门", Level.ORANGE, timedelta(hours=30))
    before = computed(store)
    with store.write() as conn:
        later = Event(WEEK.until + timedelta(hours=1), "王某", "responded")
        incidents.add_events(conn, key, [later])
    assert computed(store) == before
    assert before["events"][0]["minutes"] is None
    assert before["promises"] == {"kept": 0, "broken": 0, "running": 1, "late": []}


@pytest.mark.parametrize(("minutes", "kept"), [(60, 1), (239, 1), (241, 0), (None, 0)])
def test_a_promise_is_kept_within_its_levels_time(
    store: Store, minutes: int | None, kept: int
) -> None:
    """Orange: four hours from when it became orange, here one hour before the reference."""
    ids = seeds.put(
        store, [seeds.seed(1, WEEK.until - timedelta(hours=30), seeds.COMPLAINT, seeds.GRAVE[0])]
    )
    at = WEEK.until - timedelta(hours=20)
    key = seeds.incident(store, ids, at, "上门", Level.ORANGE)
    rose = at - timedelta(hours=1)
    if minutes is not None:
        with store.write() as conn:
            acted = Event(rose + timedelta(minutes=minutes), "王某", "responded")
            incidents.add_events(conn, key, [acted])
    found = computed(store)
    assert (found["promises"]["kept"], found["promises"]["broken"]) == (kept, 1 - kept)
    assert found["response"]["minutes"] == minutes
    assert found["response"]["waiting"] == (minutes is None)


def test_the_time_a_level_has_is_that_of_the_own_file(store: Store, tmp_path: Path) -> None:
    ids = seeds.put(
        store, [seeds.seed(1, WEEK.until - timedelta(hours=30), seeds.COMPLAINT, seeds.GRAVE[0])]
    )
    seeds.incident(store, ids, WEEK.until - timedelta(hours=20), "上门", Level.ORANGE)
    assert computed(store)["promises"]["broken"] == 1
    file = tmp_path / "levels.yaml"
    text = FILE.read_text("utf-8")
    file.write_text(text.replace("first_response_hours: 4", "first_response_hours: 400"), "utf-8")
    own = make.facts_of(Settings(alerts=Alerts(levels=file)))
    assert computed(store, facts=own)["promises"] == {
        "kept": 0,
        "broken": 0,
        "running": 1,
        "late": [],
    }


def test_blind_is_what_the_health_of_a_source_says_cut_to_the_week(store: Store) -> None:
    """A block that turns into silence is one gap; one that goes on is told until the end."""
    start = WEEK.since

    def wrong(source: str, hours: dict[float, list[Condition]]) -> None:
        for hour, conditions in hours.items():
            at = start + timedelta(hours=hour)
            key = runs.start(conn, "crawl", source, at)
            runs.finish(conn, key, at, Outcome.REFUSED if conditions else Outcome.OK, {})
            health.note(conn, source, [Concern(one, at, "") for one in conditions], at)

    blocked, silent = Condition.BLOCKED, Condition.SILENT
    with store.write() as conn:
        wrong("heimao_public", {0: [], 10: [blocked], 12: [blocked, silent], 14: [silent], 17: []})
        wrong("eastmoney_guba", {-5: [Condition.CHANGED], 1: [Condition.CHANGED]})
        wrong("nfra_penalty", {-30: [blocked], -20: []})
    found = computed(store)
    assert [(gap["source"]["slug"], gap["minutes"], gap["why"]) for gap in found["blind"]] == [
        ("eastmoney_guba", 7 * 24 * 60, "changed"),
        ("heimao_public", 7 * 60, "blocked"),
    ]
    assert found["sources"] == 2
    assert [one["rule"] for one in found["decide"]] == ["blind"]


def test_a_slow_rise_that_no_week_shows_is_told(store: Store) -> None:
    """Each week one more of a hundred is negative: no week differs from the one before."""
    told, number = [], 0
    for week in range(9):
        for k in range(100):
            number += 1
            at = WEEK.since - timedelta(weeks=8 - week) + timedelta(hours=k)
            against = k < 30 + 2 * week
            kind = Sentiment.NEGATIVE if against else Sentiment.NEUTRAL
            told.append(seeds.seed(number, at, seeds.FORUM, seeds.PLAIN[0], kind))
    seeds.put(store, told, WEEK.until)
    found = computed(store)
    assert found["share"]["turn"] == 0
    (row,) = [one for one in found["drift"] if one["what"] == "share"]
    assert (row["first"], row["last"], row["periods"], row["turn"]) == (32, 44, 9, 1)
    assert "drift_share" in [one["rule"] for one in found["decide"]]
    assert chance.trend([3, 1, 4, 1, 5, 9, 2, 6, 5]) == 0
    assert chance.trend([5] * 9) == 0
    assert chance.trend([9, 8, 7, 6, 5, 4]) == -1


def test_an_empty_store_has_an_honest_page(store: Store) -> None:
    made = make.make(store, Settings(), WEEK, OURS, NOW)
    assert made.page("zh")["lead"] == "本周没有收录到提及。"
    assert made.page("en")["lead"] == "No mentions were recorded this week."
    assert made.page("zh")["cards"][3]["value"] == "–"


def test_a_story_begins_with_who_told_it_not_with_the_oldest_of_its_burst(store: Store) -> None:
    end = WEEK.until - timedelta(hours=1)
    places = (seeds.PRESS, seeds.COMPLAINT, seeds.FORUM, seeds.FORUM)
    told = [
        seeds.seed(n, end - timedelta(hours=9 - n), place, seeds.GRAVE[0])
        for n, place in enumerate(places)
    ]
    ids = seeds.put(store, told, end)
    key = seeds.incident(store, ids, end, "burst", Level.ORANGE, timedelta(hours=2))
    for begins, sources in ((None, 3), (ids[1], 2)):
        with store.write() as conn:
            conn.execute(
                update(schema.incident)
                .where(schema.incident.c.id == key)
                .values(first_mention_id=begins)
            )
        (event,) = computed(store)["events"]
        assert event["began_at"] == iso(end - timedelta(hours=9 if begins is None else 8))
        assert (event["sources"], event["mentions"]) == (sources, 4)
