"""The assess stage: take what waits, assess it, write verdicts and counts, batch by batch."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from datetime import datetime
from pathlib import Path
from typing import Any

from data.facts import allegations, lenders
from data.model import Assessment, Lender, Mention
from data.settings import Settings
from data.store import assessments, mentions, state, work
from data.store.db import Store
from nlp import copies, vote
from nlp.assess import Assessor

BATCH = 500
Progress = Callable[[int, int], None]
"""Called with how many mentions are done and how many there were at the start."""


def run(
    store: Store,
    settings: Settings,
    now: datetime,
    progress: Progress | None = None,
    executor: Executor | None = None,
) -> dict[str, int]:
    """Assess what waits in the store; return ``mentions`` and ``assessments`` as counts.

    Each batch is one transaction, so a run that dies loses nothing and doubles nothing. When the
    lenders, the facts or the model changed since the last run, every mention is queued again. With
    an ``executor`` the batches are computed by its workers; writing stays here.
    """
    assessor = _assessor(lenders(settings.lenders), settings.allegations, _voter(settings))
    with store.write() as conn:
        if state.stage_value(conn, "assess", "made_by") not in {None, assessor.made_by}:
            work.put_all(conn, "assess")
        state.set_stage_value(conn, "assess", "made_by", assessor.made_by)
        waiting = work.count(conn, "assess")
    counts = {"mentions": 0, "assessments": 0}
    while batch := _next(store):
        found = _assess(assessor, batch, now, executor, settings)
        made = copies.sketched(batch, {assessment.mention_id for assessment in found})
        with store.write() as conn:
            assessments.write(conn, batch, found, assessor.taxonomy)
            copies.of(store).place(conn, batch, made)
        counts["mentions"] += len(batch)
        counts["assessments"] += len(found)
        if progress is not None:
            progress(counts["mentions"], max(waiting, counts["mentions"]))
    return counts


def _next(store: Store) -> list[Mention]:
    with store.read() as conn:
        return mentions.get(conn, work.take(conn, "assess", BATCH))


def _assess(
    assessor: Assessor,
    batch: Sequence[Mention],
    now: datetime,
    executor: Executor | None,
    settings: Settings,
) -> list[Assessment]:
    if executor is None:
        return assessor.assess(batch, now)
    parts = [batch[at : at + _PART] for at in range(0, len(batch), _PART)]
    jobs: list[Future[Any]] = [
        executor.submit(
            _in_worker, assessor.lenders, settings.allegations, part, now, _voter(settings)
        )
        for part in parts
    ]
    return [assessment for job in jobs for assessment in job.result()]


_PART = 125
_made: dict[Any, Assessor] = {}


def _in_worker(
    known: tuple[Lender, ...],
    file: Path | None,
    part: Sequence[Mention],
    now: datetime,
    voter: Path | None,
) -> list[Assessment]:
    """Assess in another process, which compiles its own assessor once."""
    return _assessor(known, file, voter).assess(part, now)


def _voter(settings: Settings) -> Path | None:
    """Return the folder of the transformer that is asked, if any is."""
    return (settings.vote_model or vote.FOLDER) if settings.vote else None


def _assessor(known: tuple[Lender, ...], file: Path | None, voter: Path | None) -> Assessor:
    """Return the assessor for these lenders, a file of allegations and a transformer.

    It is compiled once a process and again when they change: it takes a second.
    """
    key, taxonomy = (known, voter), allegations(file)
    if key not in _made or _made[key].taxonomy is not taxonomy:
        _made.clear()
        _made[key] = Assessor(known, taxonomy, model=vote.load(voter) if voter else None)
        gc.freeze()  # or each collection walks through the tables: a tenth of the time
    return _made[key]
