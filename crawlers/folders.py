"""Watched folders as sources: what people or programs put there goes in, and is put aside.

A file is taken once it has rested; then it moves into ``done`` beside its rejected rows, or into
``failed`` beside the reason. The move comes last: a file that a kill left behind is read again, and
twice is the same as once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from crawlers import imports, saved_maps
from data.errors import ConfigError, InputError
from data.facts.maps import ColumnMap
from data.model import SHANGHAI
from data.settings import Folder, Settings
from data.store import state
from data.store.db import Store

Progress = Callable[[int, int], None]
DONE, FAILED = "done", "failed"
_DRAFTS = (".part", ".partial", ".tmp", ".temp", ".filepart", ".crdownload", ".swp")
"""How programs name what they have not finished writing; so do a dot or ``~$`` in front."""
_STAMP = "%Y%m%d-%H%M%S"


def run(
    store: Store, settings: Settings, now: datetime, progress: Progress | None = None
) -> dict[str, int]:
    """Take in every file that rests in a watched folder.

    Counts: ``files``, ``failed`` and those of crawlers/imports.py. A file that is none of ours is
    put aside with the reason and stops no other. Raises ConfigError (a folder or map that is not
    there), StoreError.
    """
    counts: Counter[str] = Counter()
    for folder in settings.folders:
        with store.read() as conn:
            columns = _map(saved_maps.named(conn), folder)
        with state.lease(store, f"{imports.STAGE}:{folder.path}", now) as held:
            if not held:
                continue
            for file in waiting(folder, now):
                counts.update(_take(store, settings, folder, columns, file, now, progress))
    return dict(counts)


def waiting(folder: Folder, now: datetime) -> Iterator[Path]:
    """Yield the files that have rested long enough, oldest first. Raises ConfigError."""
    try:
        found = [path for path in folder.path.iterdir() if path.is_file() and not _draft(path)]
    except OSError as error:
        raise ConfigError(
            f"folders: {folder.path}: cannot be looked into ({error.strerror}); make it, or "
            "correct `path`"
        ) from None
    for path in sorted(found, key=lambda path: (path.stat().st_mtime, path.name)):
        touched = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        if abs((now - touched).total_seconds()) >= folder.rest_seconds:
            yield path


def _draft(path: Path) -> bool:
    return path.name.startswith((".", "~$")) or path.suffix.lower() in _DRAFTS


def _map(there: Mapping[str, ColumnMap], folder: Folder) -> ColumnMap:
    if folder.map not in there:
        raise ConfigError(
            f"folders: {folder.path}: there is no map {folder.map!r}; there are: {', '.join(there)}"
        )
    return there[folder.map]


def _take(
    store: Store,
    settings: Settings,
    folder: Folder,
    columns: ColumnMap,
    file: Path,
    now: datetime,
    progress: Progress | None,
) -> Counter[str]:
    before = _state(file)
    name = f"{now.astimezone(SHANGHAI):{_STAMP}}-{file.name}"
    rejects = _made(folder.path / DONE) / f"{name}.rejects.csv"
    try:
        counts = imports.run(
            store, settings, file, columns, source=folder.source, kind=folder.kind, now=now,
            progress=progress, rejects=rejects,
        )  # fmt: skip
    except InputError as error:
        if before is None or _state(file) != before:
            return Counter()  # still being written, or taken away: read it when it rests
        failed = _made(folder.path / FAILED)
        (failed / f"{name}.why.txt").write_text(f"{error}\n", "utf-8")
        if rejects.exists():
            rejects.replace(failed / rejects.name)
        file.replace(failed / name)
        return Counter(failed=1)
    if _state(file) == before:
        file.replace(_made(folder.path / DONE) / name)
    return Counter({"files": 1, **counts})


def _state(file: Path) -> tuple[int, int] | None:
    """Return what changes when a file is written to; None when it is not there."""
    try:
        found = file.stat()
    except FileNotFoundError:
        return None
    return found.st_size, found.st_mtime_ns


def _made(place: Path) -> Path:
    try:
        place.mkdir(exist_ok=True)
    except OSError as error:
        raise ConfigError(
            f"folders: {place}: cannot be made ({error.strerror}); let us write into "
            f"{place.parent}, or correct `path`"
        ) from None
    return place
