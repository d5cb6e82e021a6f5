"""The crawl stage: everything that is due, several sources side by side, and watched folders."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import chain

from crawlers import folders, gate, jobs, retention
from data.model import Run
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

    def crawl(group: Sequence[str]) -> list[Run]:
        return [jobs.crawl(store, settings, slug, now, bar.of(slug)) for slug in group]

    with ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix="crawl") as pool:
        for run in chain.from_iterable(pool.map(crawl, by_host(settings, slugs))):
            total[run.outcome.value] += 1
            total.update({name: run.counts.get(name, 0) for name in ("new", "changed", "same")})
            total["requests"] += run.counts.get("requests", 0)
    if only is None and settings.folders:
        total.update(folders.run(store, settings, now, bar.of("folders")))
    bar.end()
    retention.daily(store, settings, now)
    return dict(total)


def by_host(settings: Settings, slugs: Iterable[str]) -> list[list[str]]:
    """Return the sources in groups: those that share a public host are read one after another."""
    groups: list[tuple[set[str], list[str]]] = []
    for slug in slugs:
        hosts, together = set(gate.public_hosts(jobs.known_source(slug), settings)), [slug]
        for group in [group for group in groups if group[0] & hosts]:
            groups.remove(group)
            hosts, together = hosts | group[0], group[1] + together
        groups.append((hosts, together))
    return [together for _, together in groups]


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
