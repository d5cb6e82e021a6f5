"""A source that cannot be trusted is a stretch with a beginning and an end, never a zero."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from data.model import Outcome
from data.store import health, runs
from data.store.db import Store
from data.store.health import Concern, Condition

NOW = datetime(2026, 11, 25, 6, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
BLOCKED = Concern(Condition.BLOCKED, NOW - 2 * HOUR, "the site blocked us (http_456)")
SILENT = Concern(Condition.SILENT, NOW - 9 * HOUR, "nothing new")


def test_a_condition_opens_once_and_ends(any_store: Store) -> None:
    with any_store.write() as conn:
        health.note(conn, "a", [BLOCKED], NOW)
        health.note(conn, "a", [BLOCKED, SILENT], NOW + HOUR)
        health.note(conn, "b", [], NOW + HOUR)
        assert [s.condition for s in health.open_now(conn)] == ["blocked", "silent"]
        health.note(conn, "a", [], NOW + 2 * HOUR)
        assert health.open_now(conn) == []
        health.note(conn, "a", [BLOCKED], NOW + 3 * HOUR)
        (again,) = health.open_now(conn)
    assert (again.noticed_at, again.since) == (NOW + 3 * HOUR, BLOCKED.since)


def test_muted_reaches_back_to_the_last_good_run(any_store: Store) -> None:
    with any_store.write() as conn:
        health.note(conn, "a", [BLOCKED], NOW)
        health.note(conn, "a", [], NOW + HOUR)
        assert health.muted(conn, NOW - 3 * HOUR) == set()
        assert health.muted(conn, NOW - HOUR) == {"a"}
        assert health.muted(conn, NOW + HOUR) == set()


def test_gaps(any_store: Store) -> None:
    with any_store.write() as conn:
        health.note(conn, "a", [BLOCKED], NOW)
        health.note(conn, "b", [SILENT], NOW)
        health.note(conn, "a", [], NOW + HOUR)
        found = health.gaps(conn, NOW - HOUR, NOW + 5 * HOUR)
        assert [(g.source, g.ended_at) for g in found] == [("b", None), ("a", NOW + HOUR)]
        assert health.gaps(conn, NOW + 2 * HOUR, NOW + 5 * HOUR, "a") == []


def test_observations_are_kept_for_the_newest_runs(any_store: Store) -> None:
    with any_store.write() as conn:
        for n in range(5):
            run_id = runs.start(conn, "crawl", "a", NOW)
            runs.finish(conn, run_id, NOW, Outcome.OK, {})
            health.observe(conn, run_id, "a", NOW + n * HOUR, {"n": n}, keep=3)
        assert [seen["n"] for _, seen in health.observed(conn, "a", 10)] == [4, 3, 2]
        assert health.observed(conn, "b", 10) == []
