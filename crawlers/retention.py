"""How long pages are kept: what the settings say, and longer what an incident rests on."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from crawlers.desk import CAPTURES
from data import evidence
from data.evidence import Place
from data.model import Capture
from data.settings import Settings
from data.store import captures, state
from data.store.db import Store

_EVERY = timedelta(hours=24)


def daily(store: Store, settings: Settings, now: datetime) -> dict[str, int]:
    """Tidy once a day; between two times do nothing and return {}."""
    with store.read() as conn:
        last = state.stage_value(conn, "crawl", "tidied_at")
    if last is not None and now - datetime.fromisoformat(last) < _EVERY:
        return {}
    counts = tidy(store, settings, now)
    with store.write() as conn:
        state.set_stage_value(conn, "crawl", "tidied_at", now.isoformat())
    return counts


def tidy(store: Store, settings: Settings, now: datetime) -> dict[str, int]:
    """Delete pages older than ``retention.captures_days``; return how many went and stayed.

    Pages behind an open incident, or one that changed within ``retention.evidence_days``, move to
    a file of their own. A kill leaves a file too many, never one too few. Raises StoreError,
    EvidenceError (a page that must stay cannot be read).
    """
    old = now - timedelta(days=settings.retention.captures_days)
    with store.read() as conn:
        files = captures.files_before(conn, old)
        needed = captures.behind_incidents(
            conn, now - timedelta(days=settings.retention.evidence_days)
        )
    counts = {"gone": 0, "stayed": 0}
    folder = settings.var / CAPTURES
    for file in files:
        with store.read() as conn:
            held = captures.in_file(conn, file)
        out = [i for i, page in held if page.fetched_at < old and i not in needed]
        if out:
            _rewrite(store, folder, file, [(i, p) for i, p in held if i not in set(out)], out)
        counts["gone"] += len(out)
        counts["stayed"] += len(held) - len(out)
    _sweep(store, folder, old)
    return counts


def _rewrite(
    store: Store,
    folder: Path,
    file: str,
    stay: Sequence[tuple[int, Capture]],
    out: Sequence[int],
) -> None:
    """Copy what stays, say where it is, then delete the old file."""
    places = {}
    if stay:
        new = _next_name(file)
        with (folder / new).open("wb") as target:
            os.fchmod(target.fileno(), 0o600)
            for i, page in stay:
                place = Place(page.file, page.offset, page.length)
                evidence.verify(folder, place, page.sha256)
                places[i] = (new, target.tell(), page.length)
                target.write(evidence.record(folder, place))
            target.flush()
            os.fsync(target.fileno())
    with store.write() as conn:
        captures.moved(conn, places)
        captures.forget(conn, out)
    (folder / file).unlink(missing_ok=True)


def _next_name(file: str) -> str:
    """Return the name of the copy: ``20261125-001.warc.gz`` becomes ``20261125-001.k1.warc.gz``."""
    stem, _, number = file.removesuffix(".warc.gz").partition(".k")
    return f"{stem}.k{int(number or 0) + 1}.warc.gz"


def _sweep(store: Store, folder: Path, old: datetime) -> None:
    """Delete files that nothing points to: left by a kill, or pages that were never told of."""
    for file in folder.glob("*/*.warc.gz"):
        if file.stat().st_mtime >= old.timestamp():
            continue
        with store.read() as conn:
            if not captures.in_file(conn, f"{file.parent.name}/{file.name}"):
                file.unlink(missing_ok=True)
