from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import pairwise

from data.store import pace
from data.store.db import Store
from data.store.pace import Rate
from tests.conftest import NOW

RATE = Rate(burst=6, per_minute=12)
SECOND = timedelta(seconds=1)


def spent(store: Store, now: datetime) -> bool:
    with store.write() as conn:
        if not pace.left(conn, "bot", RATE, now):
            return False
        pace.spend(conn, "bot")
        return True


def test_no_minute_has_more_than_burst_and_refill(any_store: Store) -> None:
    went = [at for n in range(200) if spent(any_store, at := NOW + n * SECOND)]
    for start in went:
        assert sum(start <= at < start + 60 * SECOND for at in went) <= 18
    assert len(went) == 6 + 199 // 5, "and no more is held back than must be"
    assert all(b - a == 5 * SECOND for a, b in pairwise(went[7:]))


def test_processes_share_one_bucket(any_store: Store) -> None:
    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(lambda _: spent(any_store, NOW), range(12)))
    assert sum(taken) == 6


def test_a_clock_that_is_behind_gains_nothing(any_store: Store) -> None:
    assert sum(spent(any_store, NOW) for _ in range(9)) == 6
    assert not spent(any_store, NOW - timedelta(hours=1))
    assert not spent(any_store, NOW)


def test_a_paused_channel_is_left_alone_and_begins_slowly(any_store: Store) -> None:
    until = NOW + timedelta(minutes=10)
    with any_store.write() as conn:
        pace.pause(conn, "bot", until)
        assert pace.paused_until(conn, "bot", NOW) == until
        assert pace.left(conn, "bot", RATE, NOW + timedelta(minutes=9)) == 0
        assert pace.paused_until(conn, "bot", until) is None
        assert pace.left(conn, "bot", RATE, until) == 0
        assert pace.left(conn, "bot", RATE, until + 5 * SECOND) == 1
        assert pace.paused_until(conn, "another", NOW) is None
