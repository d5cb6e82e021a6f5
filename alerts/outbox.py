"""Deliver what is due: at least once, a possible double marked, a dead channel told on another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Lock

from alerts.turn import Turn
from data.settings import Settings
from data.store import outbox
from data.store.db import Store
from data.store.outbox import Due

WORKERS = 8
"""Channels that are used at the same time: a slow one delays no other."""
COUNTED = ("sent", "later", "dead", "withheld")
Progress = Callable[[int, int], None]


def deliver(
    store: Store,
    settings: Settings,
    now: datetime,
    progress: Progress | None = None,
    only: Collection[int] | None = None,
) -> dict[str, int]:
    """Send every message that is due, or ``only`` these rows of them.

    Returns counts: ``sent``, ``later``, ``dead``, ``withheld``.

    Each row is taken (written as ``sending``) before the call and settled after it, so that a
    process that dies in between leaves a row whose repeat is marked, never a lost one. Channels
    work side by side; within one, order and pace hold.
    """
    with store.read() as conn:
        found = [one for one in outbox.due(conn, now) if only is None or one.id in only]
    by_channel: dict[str, list[Due]] = {}
    for one in found:
        by_channel.setdefault(one.channel, []).append(one)
    report = _Report(len(found), progress)
    counts: Counter[str] = Counter()
    with ThreadPoolExecutor(WORKERS, thread_name_prefix="channel") as pool:
        rounds = [
            pool.submit(_serve, store, settings, name, rows, now, report.done)
            for name, rows in by_channel.items()
        ]
    for one_round in rounds:
        counts += one_round.result()
    return {name: counts[name] for name in COUNTED}


def _serve(
    store: Store,
    settings: Settings,
    name: str,
    rows: Sequence[Due],
    now: datetime,
    done: Callable[[int], None],
) -> Counter[str]:
    channel = next((c for c in settings.channels if c.name == name), None)
    if channel is not None:
        return Turn(store, settings, channel, now, done).run(rows)
    with store.write() as conn:
        for row in rows:
            outbox.drop(conn, row.id, "the channel is no longer in the settings")
    done(len(rows))
    return Counter(withheld=len(rows))


class _Report:
    """Adds up what several threads have done."""

    def __init__(self, total: int, progress: Progress | None) -> None:
        self._total, self._progress = total, progress
        self._done, self._lock = 0, Lock()

    def done(self, rows: int) -> None:
        """Count some rows as seen to."""
        with self._lock:
            self._done += rows
            if self._progress is not None:
                self._progress(self._done, self._total)
