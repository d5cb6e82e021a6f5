"""Mentions: the only door in, where personal data is masked before the first write."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, or_, select, update

from data.model import GONE, SHANGHAI, Capture, Gone, Mention, SourceKind
from data.privacy import mask, pseudonym
from data.store import captures, search, work
from data.store.schema import capture, mention, mention_revision

_OURS = (
    mention.c.source == bindparam("source"),
    mention.c.native_id.in_(bindparam("native_ids", expanding=True)),
)
_KNOWN = select(mention.c.native_id, mention.c.status).where(*_OURS)
_STORED = select(mention).where(*_OURS)
"""Built once: they are asked for every list and every batch of a crawl."""


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
    stored = _stored(conn, batch)
    fresh = [m for place, m in batch.items() if place not in stored]
    changed = [
        (stored[place], m)
        for place, m in batch.items()
        if place in stored and _differs(stored[place], m)
    ]
    for place, m in batch.items():
        row = stored.get(place)
        if row is not None and not _differs(row, m) and row.reach != m.reach:
            conn.execute(update(mention).where(mention.c.id == row.id).values(reach=m.reach))
    pages = captures.save(
        conn, [m.capture for m in (*fresh, *(m for _, m in changed)) if m.capture]
    )
    ids = _insert(conn, fresh, pages, now) + _revise(conn, changed, pages, now)
    work.put(conn, "assess", ids)
    return Saved(len(fresh), len(changed), len(batch) - len(fresh) - len(changed), tuple(ids))


def gone(conn: Connection, items: Iterable[Gone], now: datetime) -> int:
    """Say of stored mentions that their source shows them no longer; return how many are new so.

    That is a revision like any other: status GONE, the page that said so, the words as they were.
    Nothing is deleted; what is shown again gets its own status back when it is next read.
    """
    changed: dict[int, tuple[Row[Any], Mention]] = {}
    for item in items:
        rows = [row for row in conn.execute(_meant(item)) if row.native_id not in item.but]
        by_id = {m.id: m for m in get(conn, [row.id for row in rows])}
        for row in rows:
            said = replace(by_id[row.id], status=GONE, capture=item.capture, fetched_at=now)
            changed[row.id] = (row, said)
    pages = captures.save(conn, [m.capture for _, m in changed.values() if m.capture])
    work.put(conn, "assess", _revise(conn, list(changed.values()), pages, now))
    return len(changed)


def published(conn: Connection, source: str, since: datetime, until: datetime) -> list[Mention]:
    """Return a source's mentions of a span of time (since included), oldest first.

    What states no time counts as published when it was first seen.
    """
    undated = mention.c.published_at.is_(None)
    dated = and_(mention.c.published_at >= since, mention.c.published_at < until)
    seen = and_(mention.c.first_seen_at >= since, mention.c.first_seen_at < until)
    query = select(mention.c.id).where(mention.c.source == source, or_(dated, undated & seen))
    return get(conn, list(conn.execute(query.order_by(mention.c.published_at)).scalars()))


def oldest(conn: Connection, source: str) -> Mention | None:
    """Return a source's oldest mention that it still showed when last read."""
    query = select(mention.c.id).where(
        mention.c.source == source, mention.c.published_at.is_not(None), mention.c.status != GONE
    )
    first = conn.execute(query.order_by(mention.c.published_at, mention.c.id).limit(1)).scalar()
    return None if first is None else get(conn, [first])[0]


def find(conn: Connection, source: str, native_id: str) -> Mention | None:
    """Return the mention that a source knows by an id."""
    query = select(mention.c.id).where(mention.c.source == source, mention.c.native_id == native_id)
    found = conn.execute(query).scalar_one_or_none()
    return None if found is None else get(conn, [found])[0]


def get(conn: Connection, ids: Sequence[int]) -> list[Mention]:
    """Return the stored mentions in the order of ``ids``; an unknown id is left out."""
    query = select(mention, *_CAPTURE).outerjoin(capture, mention.c.capture_id == capture.c.id)
    found = {row.id: _mention(row) for row in conn.execute(query.where(mention.c.id.in_(ids)))}
    return [found[i] for i in ids if i in found]


def known(conn: Connection, source: str, native_ids: Sequence[str]) -> dict[str, str]:
    """Return, for those native ids we have, the status we last saw."""
    asked = {"source": source, "native_ids": native_ids}
    return {row.native_id: row.status for row in conn.execute(_KNOWN, asked)}


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


def _differs(row: Row[Any], m: Mention) -> bool:
    """Tell whether a reading says something new: other words, another status, an earlier time."""
    return bool(row.digest != digest(m) or _first(row, m) != row.published_at)


def _first(row: Row[Any], m: Mention) -> datetime | None:
    """Return the earlier of two times, stored and read, of which a mere day counts for less.

    A later time says nothing: pages tell when they were last changed, and clocks run ahead.
    """
    stored: datetime | None = row.published_at
    if stored is None or m.published_at is None:
        return stored or m.published_at
    at = m.published_at.astimezone(SHANGHAI)
    only_day = at.hour == at.minute == at.second == 0
    if only_day and at.date() == stored.astimezone(SHANGHAI).date():
        return stored
    return m.published_at if stored - m.published_at > timedelta(minutes=1) else stored


def _meant(item: Gone) -> Any:
    """Return the query for those mentions an item means that are not known to be gone."""
    ours = mention.c.native_id == item.native_id
    if item.family:
        ours = mention.c.native_id.startswith(f"{item.native_id}-", autoescape=True)
    return select(mention).where(mention.c.source == item.source, mention.c.status != GONE, ours)


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


def _stored(conn: Connection, places: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Row[Any]]:
    """Return the rows of those we have, source by source: SQLite looks up no pairs by an index."""
    by_source: dict[str, list[str]] = {}
    for source, native_id in places:
        by_source.setdefault(source, []).append(native_id)
    found = (
        conn.execute(_STORED, {"source": source, "native_ids": native_ids})
        for source, native_ids in by_source.items()
    )
    return {(row.source, row.native_id): row for rows in found for row in rows}


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
        values["published_at"] = _first(row, m)
        if not m.author:  # not every page that tells of an item names its author again
            values["author"] = row.author
        conn.execute(update(mention).where(mention.c.id == row.id).values(values))
    reworded = [(row, m) for row, m in changed if (row.title, row.text) != (m.title, m.text)]
    search.remove(conn, {row.id: _body(row.title, row.text) for row, _ in reworded})
    search.add(conn, {row.id: _body(m.title, m.text) for row, m in reworded})
    return [row.id for row, _ in changed]


def _body(title: str, words: str) -> str:
    return f"{title}\n{words}"
