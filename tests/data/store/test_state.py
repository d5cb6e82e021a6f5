"""Runs, leases, watermarks: who did what, and what happens when a process vanishes."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from sqlalchemy import update

from data import holder
from data.model import Outcome
from data.store import runs, state
from data.store.db import Store
from data.store.schema import lease as lease_table
from data.store.schema import run as run_table
from tests.conftest import NOW

ROOT = Path(__file__).parents[3]


def a_dead_holder() -> str:
    code = "from data import holder; print(holder.me())"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_a_live_holder_is_not_gone_and_a_dead_one_is() -> None:
    assert not holder.is_gone(holder.me())
    assert holder.is_gone(a_dead_holder())
    host, pid, _ = holder.me().rsplit(":", 2)
    assert holder.is_gone(f"{host}:{pid}:another-birth")  # the pid was given out again
    assert not holder.is_gone("elsewhere:1:2")


def test_a_run_is_told_from_start_to_end(any_store: Store) -> None:
    with any_store.write() as conn:
        run_id = runs.start(conn, "crawl", "heimao_public", NOW)
    with any_store.write() as conn:
        runs.finish(conn, run_id, NOW + timedelta(minutes=1), Outcome.OK, {"new": 3}, "fine")
    with any_store.read() as conn:
        (found,) = runs.latest(conn, "crawl", "heimao_public")
        assert runs.get(conn, run_id) == found
    assert (found.outcome, found.counts, found.note) == (Outcome.OK, {"new": 3}, "fine")


def test_a_vanished_process_is_noticed_at_the_next_start(any_store: Store) -> None:
    with any_store.write() as conn:
        lost = runs.start(conn, "crawl", "a", NOW)
        alive = runs.start(conn, "crawl", "b", NOW)
        conn.execute(update(run_table).where(run_table.c.id == lost).values(holder=a_dead_holder()))
    with any_store.write() as conn:
        runs.start(conn, "crawl", "a", NOW)
        assert runs.get(conn, lost).outcome is Outcome.KILLED  # type: ignore[union-attr]
        assert runs.get(conn, alive).outcome is Outcome.RUNNING  # type: ignore[union-attr]


def test_one_stage_has_one_worker(any_store: Store) -> None:
    with state.lease(any_store, "assess", NOW) as first:
        assert first
        with state.lease(any_store, "assess", NOW) as second:
            assert not second
        with state.lease(any_store, "detect", NOW) as other:
            assert other
    with state.lease(any_store, "assess", NOW) as later:
        assert later


def test_the_lease_of_the_dead_is_taken_over_at_once(any_store: Store) -> None:
    with any_store.write() as conn:
        conn.execute(
            lease_table.insert().values(
                name="assess", holder=a_dead_holder(), until=NOW + timedelta(hours=1)
            )
        )
    with state.lease(any_store, "assess", NOW) as held:
        assert held


def test_a_lease_elsewhere_holds_until_its_time_is_up(any_store: Store) -> None:
    with any_store.write() as conn:
        conn.execute(
            lease_table.insert().values(
                name="assess", holder="elsewhere:1:2", until=NOW + timedelta(minutes=1)
            )
        )
    with state.lease(any_store, "assess", NOW) as held:
        assert not held
    with state.lease(any_store, "assess", NOW + timedelta(minutes=2)) as held:
        assert held


def test_watermarks_and_schedules_do_not_disturb_each_other(any_store: Store) -> None:
    with any_store.write() as conn:
        assert state.watermark(conn, "x") == {}
        state.set_watermark(conn, "x", {"high": 1}, NOW)
        state.set_next(conn, "x", NOW + timedelta(hours=1))
        state.set_watermark(conn, "x", {"high": 2})
        assert state.watermark(conn, "x") == {"high": 2}
        assert state.next_at(conn, "x") == NOW + timedelta(hours=1)


def test_a_stage_remembers(any_store: Store) -> None:
    with any_store.write() as conn:
        assert state.stage_value(conn, "assess", "made_by") is None
        state.set_stage_value(conn, "assess", "made_by", "v1")
        state.set_stage_value(conn, "assess", "made_by", "v2")
        assert state.stage_value(conn, "assess", "made_by") == "v2"
