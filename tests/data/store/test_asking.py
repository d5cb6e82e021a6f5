"""Somebody asks for a source: queued once, answered once, and only where somebody listens."""

from __future__ import annotations

from datetime import timedelta

import pytest

from data.errors import Refused
from data.holder import me
from data.model import Outcome
from data.store import asking, runs, state
from data.store.db import Store
from tests.conftest import NOW

MINUTE = timedelta(minutes=1)


def test_who_asks_twice_waits_once_and_an_answer_is_kept(any_store: Store) -> None:
    with any_store.write() as conn:
        first = asking.ask(conn, "thepaper", "小林", NOW)
        assert asking.ask(conn, "thepaper", "小王", NOW + MINUTE) == first
        assert asking.waiting(conn) == {"thepaper": NOW}
        asking.answered(conn, "thepaper", NOW - MINUTE, NOW, Outcome.OK)  # it had begun before
        assert asking.waiting(conn)
        asking.answered(conn, "thepaper", NOW, NOW + MINUTE, Outcome.EMPTY)
        assert asking.waiting(conn) == {}
        (told,) = asking.history(conn, "thepaper")
        assert (told.by, told.done_at, told.outcome) == ("小林", NOW + MINUTE, "empty")
        for n in range(asking.KEPT + 3):
            asking.ask(conn, "thepaper", "小林", NOW + n * MINUTE)
            asking.answered(conn, "thepaper", NOW + n * MINUTE, NOW + n * MINUTE, Outcome.OK)
        assert len(asking.history(conn, "thepaper")) == asking.KEPT


def test_a_site_that_said_no_is_left_alone(any_store: Store) -> None:
    with any_store.write() as conn:
        key = runs.start(conn, "crawl", "thepaper", NOW)
        runs.finish(conn, key, NOW, Outcome.REFUSED, {"requests": 1})
        state.set_next(conn, "thepaper", NOW + 30 * MINUTE)
        with pytest.raises(Refused, match="left alone until"):
            asking.ask(conn, "thepaper", "小林", NOW)
        asking.ask(conn, "thepaper", "小林", NOW + 31 * MINUTE)
        assert asking.waiting(conn)


def test_a_watch_that_stopped_or_fell_silent_is_not_there(any_store: Store) -> None:
    with any_store.write() as conn:
        assert not asking.watched(conn, NOW)
        asking.beat(conn, NOW)
        assert asking.watched(conn, NOW + asking.BEAT)
        assert not asking.watched(conn, NOW + 5 * asking.BEAT)
        asking.rest(conn)
        assert not asking.watched(conn, NOW)
        dead = {"at": NOW.isoformat(), "holder": me().rsplit(":", 1)[0] + ":1"}
        state.set_stage_value(conn, "watch", "beat", dead)
        assert not asking.watched(conn, NOW)
