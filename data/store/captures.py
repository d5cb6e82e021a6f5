"""Captures: the pages we received, by their hash, and where data/evidence.py kept them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, select, update

from data.model import Capture
from data.store.schema import capture, incident, incident_mention, mention, mention_revision
from data.store.upsert import insert

Key = tuple[str, str, str]
"""Source, URL and SHA-256: the same bytes of the same page are one capture."""


_THE_SAME = select(capture).where(
    *(capture.c[name] == bindparam(name) for name in ("source", "url", "sha256"))
)
"""Built once: it is asked for every page of a crawl."""


def key(page: Capture) -> Key:
    """Return what makes a capture the one it is."""
    return page.source, page.url, page.sha256


_STORED = select(*(capture.c[name] for name in ("id", "source", "url", "sha256", "file"))).where(
    capture.c.source == bindparam("source"),
    capture.c.url.in_(bindparam("urls", expanding=True)),
    capture.c.sha256.in_(bindparam("hashes", expanding=True)),
)
"""More than was asked for, but found by an index: SQLite looks up no triples by one."""


def save(conn: Connection, pages: Iterable[Capture]) -> dict[Key, int]:
    """Store captures as ``put`` does, and return their ids."""
    wanted = {key(page): page for page in pages}
    stored = _stored(conn, wanted)
    news = {k: p for k, p in wanted.items() if k not in stored or (p.file and not stored[k].file)}
    if news:
        put(conn, news.values())
        stored |= _stored(conn, news)
    return {place: stored[place].id for place in wanted}


def put(conn: Connection, pages: Iterable[Capture]) -> None:
    """Store captures once, however often they come.

    One whose page was not kept, or is kept no longer, learns where it is kept now.
    """
    rows = {key(page): page for page in pages}
    if not rows:
        return
    statement = insert(conn, capture)
    place = {name: statement.excluded[name] for name in ("file", "offset", "length", "fetched_at")}
    conn.execute(
        statement.on_conflict_do_update(
            index_elements=[capture.c.source, capture.c.url, capture.c.sha256],
            set_=place,
            where=capture.c.file.is_(None) & statement.excluded.file.is_not(None),
        ),
        [_values(page) for page in rows.values()],
    )


def _stored(conn: Connection, wanted: Iterable[Key]) -> dict[Key, Row[Any]]:
    """Return the rows of those we have, source by source."""
    by_source: dict[str, tuple[list[str], list[str]]] = {}
    for source, url, sha256 in wanted:
        urls, hashes = by_source.setdefault(source, ([], []))
        urls.append(url)
        hashes.append(sha256)
    found = (
        conn.execute(_STORED, {"source": source, "urls": urls, "hashes": hashes})
        for source, (urls, hashes) in by_source.items()
    )
    return {(row.source, row.url, row.sha256): row for rows in found for row in rows}


def find(conn: Connection, source: str, url: str, sha256: str) -> Capture | None:
    """Return the capture of exactly these bytes of a page, if we have it."""
    asked = {"source": source, "url": url, "sha256": sha256}
    row = conn.execute(_THE_SAME, asked).one_or_none()
    return None if row is None else of_row(row)


def newest(conn: Connection, source: str, url: str) -> Capture | None:
    """Return the newest good answer (200) of an address that is kept."""
    query = select(capture).where(
        capture.c.source == source,
        capture.c.url == url,
        capture.c.status == HTTPStatus.OK,
        capture.c.file.is_not(None),
    )
    order = query.order_by(capture.c.fetched_at.desc(), capture.c.id.desc()).limit(1)
    row = conn.execute(order).one_or_none()
    return None if row is None else of_row(row)


def of_row(row: Row[Any]) -> Capture:
    """Return a capture from a row of its table."""
    return Capture(
        source=row.source,
        url=row.url,
        status=row.status,
        fetched_at=row.fetched_at,
        sha256=row.sha256,
        size=row.size,
        file=row.file or "",
        offset=row.offset or 0,
        length=row.length or 0,
    )


def of_mention(conn: Connection, mention_id: int) -> list[Capture]:
    """Return the pages behind a mention: the newest first, then those of its older wordings."""
    current = select(mention.c.capture_id, mention.c.revision).where(mention.c.id == mention_id)
    older = select(mention_revision.c.capture_id, mention_revision.c.revision).where(
        mention_revision.c.mention_id == mention_id
    )
    behind = current.union(older).subquery()
    query = select(capture).join(behind, behind.c.capture_id == capture.c.id)
    found = conn.execute(query.order_by(behind.c.revision.desc()))
    return list(dict.fromkeys(of_row(row) for row in found))


# ------------------------------------------------------------------------------ for retention
def files_before(conn: Connection, until: datetime) -> list[str]:
    """Return the files that hold a page received before ``until``, oldest first."""
    query = select(capture.c.file, func.min(capture.c.fetched_at).label("first")).where(
        capture.c.file.is_not(None)
    )
    grouped = query.group_by(capture.c.file).having(func.min(capture.c.fetched_at) < until)
    return [row.file for row in conn.execute(grouped.order_by("first"))]


def in_file(conn: Connection, file: str) -> Sequence[tuple[int, Capture]]:
    """Return the captures kept in a file, with their ids, in the file's order."""
    query = select(capture).where(capture.c.file == file).order_by(capture.c.offset)
    return [(row.id, of_row(row)) for row in conn.execute(query)]


def behind_incidents(conn: Connection, since: datetime) -> set[int]:
    """Return the ids of the captures behind mentions of incidents that changed after ``since``.

    An open incident always counts, and so do the older wordings of its mentions.
    """
    live = (incident.c.closed_at.is_(None)) | (incident.c.last_at >= since)
    chosen = (
        select(incident_mention.c.mention_id)
        .join(incident, incident.c.id == incident_mention.c.incident_id)
        .where(live)
    )
    current = select(mention.c.capture_id).where(mention.c.id.in_(chosen))
    older = select(mention_revision.c.capture_id).where(mention_revision.c.mention_id.in_(chosen))
    return {i for i in conn.execute(current.union(older)).scalars() if i is not None}


def moved(conn: Connection, places: Mapping[int, tuple[str, int, int]]) -> None:
    """Say where captures are kept now: file, offset and length by id."""
    for capture_id, (file, offset, length) in places.items():
        values = {"file": file, "offset": offset, "length": length}
        conn.execute(update(capture).where(capture.c.id == capture_id).values(values))


def forget(conn: Connection, ids: Sequence[int]) -> None:
    """Say that pages are kept no longer; hash, address and time stay while a mention needs them."""
    gone = {"file": None, "offset": None, "length": None}
    conn.execute(update(capture).where(capture.c.id.in_(ids)).values(gone))
    used = select(mention.c.capture_id).where(mention.c.capture_id.in_(ids))
    before = select(mention_revision.c.capture_id).where(mention_revision.c.capture_id.in_(ids))
    needed = set(conn.execute(used.union(before)).scalars())
    conn.execute(delete(capture).where(capture.c.id.in_([i for i in ids if i not in needed])))


def _values(page: Capture) -> dict[str, Any]:
    kept = page.file != ""
    return {
        "source": page.source,
        "url": page.url,
        "status": page.status,
        "fetched_at": page.fetched_at,
        "sha256": page.sha256,
        "size": page.size,
        "file": page.file or None,
        "offset": page.offset if kept else None,
        "length": page.length if kept else None,
    }
