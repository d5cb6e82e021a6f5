"""Assessments are appended; verdicts and hourly counts follow in the same transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, select

from data.model import Assessment, Evidence, EvidenceStatus, Mention, Sentiment
from data.store import work
from data.store.schema import (
    assessment,
    evidence,
    hourly,
    hourly_tag,
    mention,
    verdict,
    verdict_tag,
)
from data.store.upsert import insert

SEVERE = 4
"""From this severity on a mention counts as severe in the hourly table."""


def write(conn: Connection, mentions: Sequence[Mention], assessments: Sequence[Assessment]) -> None:
    """Store what was found in ``mentions``, all of them assessed.

    ``assessments`` holds one entry per mention and lender that it is about, so a mention without
    an entry is about nobody we know. What is counted is replaced, never added twice. A mention
    whose text changed meanwhile keeps its place in the queue. Raises ValueError when an
    evidence's quote does not stand where it says.
    """
    by_id = {m.id: m for m in mentions}
    for a in assessments:
        _must_hold(a, by_id[a.mention_id])
    _forget(conn, list(by_id))
    ids = _append(conn, assessments)
    _judge(conn, [(ids[_place(a)], a, by_id[a.mention_id]) for a in assessments])
    _leave_queue(conn, mentions)
    work.put(conn, "detect", sorted({a.mention_id for a in assessments}))


def newest(conn: Connection, mention_ids: Sequence[int], lender: str) -> dict[int, Assessment]:
    """Return the assessment that counts, by mention id, for one lender."""
    query = (
        select(assessment)
        .join(verdict, verdict.c.assessment_id == assessment.c.id)
        .where(verdict.c.lender == lender, verdict.c.mention_id.in_(mention_ids))
    )
    rows = conn.execute(query).all()
    spans = evidence_of(conn, [row.id for row in rows])
    return {row.mention_id: _assessment(row, spans.get(row.id, ())) for row in rows}


def evidence_of(conn: Connection, ids: Sequence[int]) -> dict[int, tuple[Evidence, ...]]:
    """Return the evidence of each assessment id, in reading order."""
    query = select(evidence).where(evidence.c.assessment_id.in_(ids))
    found: dict[int, list[Evidence]] = {}
    for row in conn.execute(query.order_by(evidence.c.assessment_id, evidence.c.ordinal)):
        status = EvidenceStatus(row.status)
        span = Evidence(row.allegation, row.field, row.start, row.end, row.quote, status)
        found.setdefault(row.assessment_id, []).append(span)
    return {i: tuple(spans) for i, spans in found.items()}


def _assessment(row: Row[Any], spans: Iterable[Evidence]) -> Assessment:
    return Assessment(
        mention_id=row.mention_id,
        revision=row.revision,
        lender=row.lender,
        sentiment=Sentiment(row.sentiment),
        score=row.score,
        severity=row.severity,
        evidence=tuple(spans),
        names=tuple(row.names),
        made_by=row.made_by,
        made_at=row.made_at,
        facts=row.facts,
        likeness=bytes(row.likeness or b""),
    )


def _must_hold(a: Assessment, m: Mention) -> None:
    for span in a.evidence:
        if not span.holds_in(m):
            raise ValueError(f"mention {m.id}: {span.allegation}'s quote is not where it says")


def _place(a: Assessment) -> tuple[int, int, str, str]:
    return (a.mention_id, a.revision, a.lender, a.made_by)


def _append(
    conn: Connection, assessments: Sequence[Assessment]
) -> dict[tuple[int, int, str, str], int]:
    """Append what is new and return the id of each, new or known (a stage may run twice)."""
    if not assessments:
        return {}
    rows = [
        {"mention_id": a.mention_id, "revision": a.revision, "lender": a.lender,
         "made_by": a.made_by, "made_at": a.made_at, "sentiment": a.sentiment.value,
         "score": a.score, "severity": a.severity, "names": list(a.names),
         "facts": dict(a.facts), "likeness": a.likeness or None}
        for a in assessments
    ]  # fmt: skip
    conn.execute(insert(conn, assessment).on_conflict_do_nothing(), rows)
    columns = assessment.c
    query = select(
        columns.id, columns.mention_id, columns.revision, columns.lender, columns.made_by
    ).where(columns.mention_id.in_(sorted({a.mention_id for a in assessments})))
    ids = {(r.mention_id, r.revision, r.lender, r.made_by): r.id for r in conn.execute(query)}
    spans = [
        {"assessment_id": ids[_place(a)], "ordinal": n, "allegation": e.allegation,
         "field": e.field, "start": e.start, "end": e.end, "quote": e.quote,
         "status": e.status.value}
        for a in assessments
        for n, e in enumerate(a.evidence)
    ]  # fmt: skip
    if spans:
        conn.execute(insert(conn, evidence).on_conflict_do_nothing(), spans)
    return ids


@dataclass(frozen=True, slots=True)
class _Counted:
    """What one verdict adds to the hourly tables."""

    lender: str
    published_at: datetime | None
    source: str
    sentiment: str
    severity: int
    tags: tuple[str, ...]


def _forget(conn: Connection, ids: Sequence[int]) -> None:
    """Take the verdicts of these mentions back, and what they had added to the counts."""
    if not ids:
        return
    tags: dict[tuple[str, int], list[str]] = {}
    for row in conn.execute(select(verdict_tag).where(verdict_tag.c.mention_id.in_(ids))):
        tags.setdefault((row.lender, row.mention_id), []).append(row.allegation)
    old = [
        _Counted(row.lender, row.published_at, row.source, row.sentiment, row.severity,
                 tuple(tags.get((row.lender, row.mention_id), ())))
        for row in conn.execute(select(verdict).where(verdict.c.mention_id.in_(ids)))
    ]  # fmt: skip
    if old:
        _count(conn, old, -1)
        conn.execute(delete(verdict).where(verdict.c.mention_id.in_(ids)))
        conn.execute(delete(verdict_tag).where(verdict_tag.c.mention_id.in_(ids)))


def _judge(conn: Connection, found: Sequence[tuple[int, Assessment, Mention]]) -> None:
    if not found:
        return
    verdicts = [
        {"lender": a.lender, "mention_id": m.id, "assessment_id": i, "published_at": m.published_at,
         "source": m.source, "kind": m.kind.value, "sentiment": a.sentiment.value,
         "score": a.score, "severity": a.severity}
        for i, a, m in found
    ]  # fmt: skip
    conn.execute(verdict.insert(), verdicts)
    tags = [
        {"lender": a.lender, "allegation": tag, "mention_id": m.id, "published_at": m.published_at}
        for _, a, m in found
        for tag in a.tags
    ]
    if tags:
        conn.execute(verdict_tag.insert(), tags)
    new = [
        _Counted(a.lender, m.published_at, m.source, a.sentiment.value, a.severity, a.tags)
        for _, a, m in found
    ]
    _count(conn, new, 1)


def _count(conn: Connection, counted: Iterable[_Counted], sign: int) -> None:
    mentions: Counter[tuple[str, datetime, str, str]] = Counter()
    severe: Counter[tuple[str, datetime, str, str]] = Counter()
    tags: Counter[tuple[str, datetime, str, str]] = Counter()
    for c in counted:
        if c.published_at is None:
            continue
        hour = c.published_at.replace(minute=0, second=0, microsecond=0)
        mentions[c.lender, hour, c.source, c.sentiment] += sign
        severe[c.lender, hour, c.source, c.sentiment] += sign * (c.severity >= SEVERE)
        for tag in c.tags:
            tags[c.lender, hour, c.source, tag] += sign
    rows = [
        {"lender": k[0], "hour": k[1], "source": k[2], "sentiment": k[3], "n": n,
         "severe": severe[k]}
        for k, n in sorted(mentions.items())
    ]  # fmt: skip
    if rows:
        add = insert(conn, hourly)
        grow = {"n": hourly.c.n + add.excluded.n, "severe": hourly.c.severe + add.excluded.severe}
        keys = [hourly.c.lender, hourly.c.hour, hourly.c.source, hourly.c.sentiment]
        conn.execute(add.on_conflict_do_update(index_elements=keys, set_=grow), rows)
    rows = [
        {"lender": k[0], "hour": k[1], "source": k[2], "allegation": k[3], "n": n}
        for k, n in sorted(tags.items())
    ]
    if rows:
        add = insert(conn, hourly_tag)
        keys = [hourly_tag.c.lender, hourly_tag.c.hour, hourly_tag.c.source,
                hourly_tag.c.allegation]  # fmt: skip
        grow = {"n": hourly_tag.c.n + add.excluded.n}
        conn.execute(add.on_conflict_do_update(index_elements=keys, set_=grow), rows)


def _leave_queue(conn: Connection, mentions: Sequence[Mention]) -> None:
    revisions = {m.id: m.revision for m in mentions}
    query = select(mention.c.id, mention.c.revision).where(mention.c.id.in_(list(revisions)))
    done = [row.id for row in conn.execute(query) if row.revision == revisions[row.id]]
    work.done(conn, "assess", done)
