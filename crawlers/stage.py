"""The crawl stage: everything that is due, several sources side by side, and watched folders."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from crawlers import folders, jobs, retention
from data.settings import Settings
from data.store.db import Store

SIDE_BY_SIDE = 4
"""Crawls at the same moment: each is one process with one connection to one site."""


def run(
    store: Store,
    settings: Settings,
    now: datetime,
    only: Iterable[str] | None = None,
    progress: jobs.Progress | None = None,
) -> dict[str, int]:
    """Crawl what is due and take in watched folders, or crawl exactly the sources in ``only``.

    Counts: ``sources``, one per outcome (``ok``, ``empty`` …), ``new``, ``changed``, ``same``,
    ``requests``, and ``files`` with what crawlers/folders.py counts. How each source fared stands
    in its run.
    """
    if only is not None:
        slugs = list(dict.fromkeys(only))
    else:
        with store.read() as conn:
            slugs = jobs.due(conn, settings, now)
    bar = _Together(progress)
    total = Counter({"sources": len(slugs), "new": 0, "changed": 0, "same": 0, "requests": 0})
    with ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix="crawl") as pool:
        for run in pool.map(
            lambda slug: jobs.crawl(store, settings, slug, now, bar.of(slug)), slugs
        ):
            total[run.outcome.value] += 1
            total.update({name: run.counts.get(name, 0) for name in ("new", "changed", "same")})
            total["requests"] += run.counts.get("requests", 0)
    if only is None and settings.folders:
        total.update(folders.run(store, settings, now, bar.of("folders")))
    bar.end()
    retention.daily(store, settings, now)
    return dict(total)


class _Together:
    """Several crawls on one bar."""

    def __init__(self, progress: jobs.Progress | None) -> None:
        self._progress = progress
        self._told: dict[str, tuple[int, int]] = {}
        self._lock = threading.Lock()

    def of(self, source: str) -> jobs.Progress:
        """Return what one crawl calls."""

        def tell(done: int, expected: int) -> None:
            with self._lock:
                self._told[source] = (done, expected)
                self._show(sum(expected for _, expected in self._told.values()))

        return tell

    def end(self) -> None:
        """Fill the bar: expectations were only that."""
        self._show(sum(done for done, _ in self._told.values()))

    def _show(self, expected: int) -> None:
        if self._progress is not None:
            self._progress(sum(done for done, _ in self._told.values()), expected)
