"""Read old days, window by window, newest first; after a kill only what is not done is read."""

from __future__ import annotations

import time
from collections import Counter
from datetime import datetime, timedelta

from crawlers import jobs
from data.errors import InputError, Refused
from data.facts.sources import SourceFact
from data.model import Outcome, Run
from data.settings import Settings
from data.store import asking, runs, windows
from data.store.db import Store

STAGE = "backfill"


def run(
    store: Store,
    settings: Settings,
    source: str,
    span: windows.Window,
    now: datetime,
    *,
    days: float = 30.0,
    progress: jobs.Progress | None = None,
) -> dict[str, int]:
    """Back-fill a source over a span (from, until); return ``windows``, ``left``, ``new`` ….

    Each window is one crawl with a run of its own; it is done in the transaction that closes an
    ok or empty run. Any other outcome ends the back-fill: the same call goes on where it stopped.
    The watermark of the ordinary crawl does not move.

    Raises:
        InputError: The span does not begin before its end.
        ConfigError: There is no such source.
        Refused: The site said no lately, and its back-off is not over.
    """
    since, until = span
    fact, begun = jobs.known_source(source), time.monotonic()
    if since >= until:
        raise InputError(f"--since {since:%Y-%m-%d} is not before --until {until:%Y-%m-%d}")
    with store.write() as conn:
        windows.plan(conn, source, since, until, days)
        planned = windows.between(conn, source, since, until)
        if rest := asking.rests_until(conn, source, now):
            raise Refused(f"{source} refused us; it is left alone until {rest:%Y-%m-%d %H:%M} UTC")
    left = [window for window, done_at in planned if done_at is None]
    counts = Counter({"windows": len(planned), "new": 0, "changed": 0, "requests": 0})
    tell = progress or (lambda _done, _of: None)
    while left:
        tell(len(planned) - len(left), len(planned))
        moment = now + timedelta(seconds=time.monotonic() - begun)
        closed = _window(store, settings, fact, left[0], moment)
        if closed is None:
            break
        counts.update({name: closed.counts.get(name, 0) for name in ("new", "changed", "requests")})
        if closed.outcome not in jobs.GOOD:
            break
        left.pop(0)
    tell(len(planned) - len(left), len(planned))
    return {**counts, "left": len(left)}


def _window(
    store: Store, settings: Settings, fact: SourceFact, window: windows.Window, now: datetime
) -> Run | None:
    """Read one window and return its closed run; None when another process reads the source."""
    words = ("--window", "/".join(moment.isoformat() for moment in window))
    with jobs.reading(store, settings, fact.slug, now) as held:
        if not held:
            return None
        run_id, end = jobs.attempt(store, settings, STAGE, fact.slug, now, *words)
        verdict, ended = end.verdict, now + end.took
        with store.write() as conn:
            runs.finish(conn, run_id, ended, verdict.outcome, verdict.counts, verdict.note)
            if verdict.outcome in jobs.GOOD:
                windows.done(conn, fact.slug, [window], ended)
            elif verdict.outcome is Outcome.REFUSED:
                jobs.back_off(conn, settings, fact, now, verdict)
            return runs.get(conn, run_id)
