"""A user's own export as a source: CSV, XLSX or JSONL rows become Mentions.

Rows that cannot be read go to a reject file with row, field and reason, and the rest goes in. A
row's id is the mapped one or the hash of its words, so importing a file twice doubles nothing.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from crawlers.columns import BadRow, Origin, kind, mapping, mention, settle
from crawlers.tables import open_table, words
from data.errors import InputError, TingfengError
from data.facts.maps import ColumnMap
from data.keys import pseudonym_key
from data.model import Capture, Mention, Outcome, SourceKind
from data.privacy import mask
from data.section import SLUG
from data.settings import Settings
from data.store import mentions, runs
from data.store.db import Store

__all__ = ["Reject", "kind", "mapping", "read", "run"]

STAGE = "import"
BATCH = 500
_SLUG = re.compile(SLUG)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that could not be read, and why."""

    number: int
    field: str  # "" where the row as a whole is to blame
    reason: str
    cells: Mapping[str, Any]


def read(
    file: Path,
    columns: ColumnMap,
    source: str,
    kind: SourceKind,
    fetched_at: datetime,
    reject: Callable[[Reject], None],
    size: Callable[[int], None] = lambda _rows: None,
) -> Iterator[Mention]:
    """Yield the mentions of a file; hand rows that are none to ``reject``. Raises InputError.

    ``columns`` says which column is which field (see ``mapping``). ``size`` is told how many rows
    there may be, where the file knows.
    """
    with open_table(file) as table:
        size(table.size)
        chosen = settle(file, table.columns, columns)
        origin = Origin(source, kind, fetched_at, _capture(file, source, fetched_at), columns)
        for row in table.rows:
            try:
                yield mention(row, chosen, origin)
            except BadRow as why:
                reject(Reject(row.number, why.field, str(why), row.cells))


def run(  # noqa: PLR0913 - what, where to, as what, when
    store: Store,
    settings: Settings,
    file: Path,
    columns: ColumnMap,
    *,
    source: str = "",
    kind: SourceKind | None = None,
    now: datetime,
    progress: Callable[[int, int], None] | None = None,
    rejects: Path | None = None,
) -> dict[str, int]:
    """Import a file in batches, one transaction each, and close a run with the counts.

    Counts: ``rows``, ``new``, ``changed``, ``same``, ``undated``, ``rejected``. Without ``source``
    and ``kind`` the map's are taken; without ``rejects`` the rejected rows go under ``var``.
    Raises InputError for a file that is not what it should be, StoreError; what was stored before
    stays stored.
    """
    source, kind = source or columns.source, kind or columns.kind
    rejects = rejects or settings.var / "rejects" / f"{file.name}.csv"
    if not _SLUG.fullmatch(source):
        raise InputError(f"--source {source}: use small letters, digits, - and _ only")
    with store.write() as conn:
        run_id = runs.start(conn, STAGE, source, now)
    counts = Counter(rows=0, new=0, changed=0, same=0, undated=0, rejected=0)
    try:
        task = _Task(columns, source, kind, now, progress, rejects)
        note = _take_in(store, settings, file, task, counts)
    except TingfengError as error:
        with store.write() as conn:
            runs.finish(conn, run_id, now, Outcome.FAILED, counts, str(error))
        raise
    outcome = Outcome.OK if counts["new"] + counts["changed"] else Outcome.EMPTY
    with store.write() as conn:
        runs.finish(conn, run_id, now, outcome, counts, note)
    return dict(counts)


@dataclass(frozen=True, slots=True)
class _Task:
    columns: ColumnMap
    source: str
    kind: SourceKind
    now: datetime
    progress: Callable[[int, int], None] | None
    rejects: Path


def _take_in(
    store: Store, settings: Settings, file: Path, task: _Task, counts: Counter[str]
) -> str:
    """Store every batch; return where the rejects lie, "" without any."""
    expected = 0

    def size(rows: int) -> None:
        nonlocal expected
        expected = rows

    key = pseudonym_key(settings)
    rejects = _Rejects(task.rejects)
    found = read(file, task.columns, task.source, task.kind, task.now, rejects.add, size)
    with rejects:
        while batch := list(islice(found, BATCH)):
            with store.write() as conn:
                saved = mentions.save(conn, batch, task.now, key)
            counts.update(new=saved.new, changed=saved.changed, same=saved.same, rows=len(batch))
            counts["undated"] += sum(m.published_at is None for m in batch)
            if task.progress is not None:
                task.progress(counts["rows"], max(expected, counts["rows"]))
    counts["rejected"] = rejects.count
    counts["rows"] += rejects.count
    if task.progress is not None:
        task.progress(counts["rows"], counts["rows"])
    return f"{rejects.count} rows were rejected, see {rejects.path}" if rejects.count else ""


class _Rejects:
    """The reject file: made at the first reject, masked, and safe to open in a spreadsheet."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0
        self._file: Any = None

    def __enter__(self) -> None:
        """Remove what an earlier import of this file left."""
        self.path.unlink(missing_ok=True)

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()

    def add(self, reject: Reject) -> None:
        """Write one row with its number and reason."""
        self.count += 1
        shown = "; ".join(f"{name}={words(cell)}" for name, cell in reject.cells.items())
        line = [_harmless(mask(part)) for part in (reject.reason, shown[:2000])]
        try:
            self._lines().writerow([reject.number, reject.field, *line])
        except OSError as error:
            raise InputError(
                f"{self.path}: rejected rows cannot be written here ({error.strerror}); "
                "make the folder writable, or change `var` in the settings"
            ) from None

    def _lines(self) -> Any:
        if self._file is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("w", encoding="utf-8-sig", errors="replace", newline="")
            csv.writer(self._file).writerow(["row", "field", "reason", "cells"])
        return csv.writer(self._file)


def _harmless(cell: str) -> str:
    """Return a cell that a spreadsheet does not take for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _capture(file: Path, source: str, fetched_at: datetime) -> Capture:
    """Return the file as the capture its rows point to: its name, its hash, no status."""
    digest = hashlib.sha256()
    with file.open("rb") as raw:
        while block := raw.read(1 << 20):
            digest.update(block)
    return Capture(
        source, f"file:{file.name}", 0, fetched_at, digest.hexdigest(), file.stat().st_size
    )
