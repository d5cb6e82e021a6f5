"""Mentions: the only door in, where personal data is masked before the first write."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, tuple_, update

from data.model import Capture, Mention, SourceKind
from data.privacy import mask, pseudonym
from data.store import captures, search, work
from data.store.schema import capture, mention, mention_revision


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of a batch: counts, and the store's ids of what is new or changed."""

    new: int
    changed: int
    same: int
    ids: tuple[int, ...]


def save(conn: Connection, mentions: Iterable[Mention], now: datetime, key: bytes) -> Saved:
    """Store a batch once, however often it comes.

    Masks title, text and everything under ``extra``; turns the author into a pseudonym under
    ``key``; keeps the hash of each page; indexes new words; keeps the old wording of a changed
    mention; and queues what is new or changed for assessment. Of several copies with one
    native id in a batch the last one counts.
    """
    batch = {(m.source, m.native_id): clean(m, key) for m in mentions}
    stored = _stored(conn, list(batch))
    fresh = [m for place, m in batch.items() if place not in stored]
    changed = [
        (stored[place], m)
        for place, m in batch.items()
        if place in stored and stored[place].digest != digest(m)
    ]
    for place, m in batch.items():
        row = stored.get(place)
        if row is not None and row.digest == digest(m) and row.reach != m.reach:
            conn.execute(update(mention).where(mention.c.id == row.id).values(reach=m.reach))
    pages = captures.save(
        conn, [m.capture for m in (*fresh, *(m for _, m in changed)) if m.capture]
    )
    ids = _insert(conn, fresh, pages, now) + _revise(conn, changed, pages, now)
    work.put(conn, "assess", ids)
    return Saved(len(fresh), len(changed), len(batch) - len(fresh) - len(changed), tuple(ids))


def get(conn: Connection, ids: Sequence[int]) -> list[Mention]:
    """Return the stored mentions in the order of ``ids``; an unknown id is left out."""
    query = select(mention, *_CAPTURE).outerjoin(capture, mention.c.capture_id == capture.c.id)
    found = {row.id: _mention(row) for row in conn.execute(query.where(mention.c.id.in_(ids)))}
    return [found[i] for i in ids if i in found]


def known(conn: Connection, source: str, native_ids: Sequence[str]) -> dict[str, str]:
    """Return, for those native ids we have, the status we last saw."""
    query = select(mention.c.native_id, mention.c.status).where(
        mention.c.source == source, mention.c.native_id.in_(native_ids)
    )
    return {row.native_id: row.status for row in conn.execute(query)}


def clean(m: Mention, key: bytes) -> Mention:
    """Return the mention as it may be written: masked, its author a pseudonym."""
    handle = f"{m.source}:{m.author}" if m.author else ""
    return replace(
        m,
        title=mask(m.title),
        text=mask(m.text),
        extra=_masked(m.extra),
        author=pseudonym(handle, key),
    )


def digest(m: Mention) -> str:
    """Return the hash that tells whether a reader would see something new."""
    seen = [m.title, m.text, m.status, m.extra]
    return hashlib.sha256(json.dumps(seen, sort_keys=True, default=str).encode()).hexdigest()


_CAPTURE = (
    capture.c.status.label("capture_status"),
    capture.c.url.label("capture_url"),
    capture.c.fetched_at.label("captured_at"),
    capture.c.sha256,
    capture.c.size,
    capture.c.file,
    capture.c.offset,
    capture.c.length,
)


def _mention(row: Row[Any]) -> Mention:
    page = None
    if row.sha256 is not None:
        page = Capture(
            source=row.source,
            url=row.capture_url,
            status=row.capture_status,
            fetched_at=row.captured_at,
            sha256=row.sha256,
            size=row.size,
            file=row.file or "",
            offset=row.offset or 0,
            length=row.length or 0,
        )
    return Mention(
        source=row.source,
        native_id=row.native_id,
        kind=SourceKind(row.kind),
        url=row.url,
        text=row.text,
        fetched_at=row.fetched_at,
        published_at=row.published_at,
        title=row.title,
        author=row.author,
        outlet=row.outlet,
        status=row.status,
        reach=row.reach,
        extra=row.extra,
        capture=page,
        id=row.id,
        revision=row.revision,
    )


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, Mapping):
        return {name: _masked(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(item) for item in value]
    return value


def _stored(conn: Connection, places: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Row[Any]]:
    query = select(mention).where(tuple_(mention.c.source, mention.c.native_id).in_(places))
    return {(row.source, row.native_id): row for row in conn.execute(query)}


def _values(m: Mention, pages: Mapping[captures.Key, int]) -> dict[str, Any]:
    return {
        "kind": m.kind.value,
        "published_at": m.published_at,
        "fetched_at": m.fetched_at,
        "author": m.author,
        "outlet": m.outlet,
        "status": m.status,
        "reach": m.reach,
        "digest": digest(m),
        "capture_id": pages[captures.key(m.capture)] if m.capture else None,
        "url": m.url,
        "title": m.title,
        "text": m.text,
        "extra": dict(m.extra),
    }


def _insert(
    conn: Connection,
    fresh: Sequence[Mention],
    pages: Mapping[captures.Key, int],
    now: datetime,
) -> list[int]:
    if not fresh:
        return []
    rows = [
        {"source": m.source, "native_id": m.native_id, "revision": 1, "first_seen_at": now,
         **_values(m, pages)}
        for m in fresh
    ]  # fmt: skip
    added = conn.execute(
        mention.insert().returning(mention.c.id, sort_by_parameter_order=True), rows
    )
    ids = list(added.scalars())
    search.add(conn, {i: _body(m.title, m.text) for i, m in zip(ids, fresh, strict=True)})
    return ids


def _revise(
    conn: Connection,
    changed: Sequence[tuple[Row[Any], Mention]],
    pages: Mapping[captures.Key, int],
    now: datetime,
) -> list[int]:
    if not changed:
        return []
    old = [
        {"mention_id": row.id, "revision": row.revision, "replaced_at": now, "status": row.status,
         "title": row.title, "text": row.text, "capture_id": row.capture_id}
        for row, _ in changed
    ]  # fmt: skip
    conn.execute(mention_revision.insert(), old)
    for row, m in changed:
        values = _values(m, pages) | {"revision": row.revision + 1}
        conn.execute(update(mention).where(mention.c.id == row.id).values(values))
    reworded = [(row, m) for row, m in changed if (row.title, row.text) != (m.title, m.text)]
    search.remove(conn, {row.id: _body(row.title, row.text) for row, _ in reworded})
    search.add(conn, {row.id: _body(m.title, m.text) for row, m in reworded})
    return [row.id for row, _ in changed]


def _body(title: str, words: str) -> str:
    return f"{title}\n{words}"
