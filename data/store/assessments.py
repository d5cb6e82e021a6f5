"""Assessments are appended; verdicts and hourly counts follow in the same transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from data.model import Allegation, Assessment, Evidence, EvidenceStatus, Mention, Sentiment
from data.store import corrections, verdicts, work
from data.store.schema import assessment, evidence, mention, verdict
from data.store.upsert import insert


def write(
    conn: Connection,
    mentions: Sequence[Mention],
    assessments: Sequence[Assessment],
    taxonomy: Sequence[Allegation] | None = None,
) -> None:
    """Store what was found in ``mentions``, all of them assessed.

    ``assessments`` holds one entry per mention and lender that it is about, so a mention without
    an entry is about nobody we know. What people have corrected (``labels``) is corrected again,
    and counts in its place, as grave as the ``taxonomy`` says (by default that of data/facts).
    What is counted is replaced, never added twice. A mention whose text changed meanwhile keeps its
    place in the queue. Raises ValueError when an evidence's quote does not stand where it says.
    """
    by_id = {m.id: m for m in mentions}
    for a in assessments:
        _must_hold(a, by_id[a.mention_id])
    verdicts.forget(conn, list(by_id))
    append(conn, assessments)
    valid = corrections.applied(conn, by_id, assessments, taxonomy)
    ids = append(conn, valid)
    verdicts.judge(conn, [(ids[place(a)], a, by_id[a.mention_id]) for a in valid])
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


def by_id(conn: Connection, key: int) -> Assessment:
    """Return one assessment by its own id."""
    row = conn.execute(select(assessment).where(assessment.c.id == key)).one()
    return _assessment(row, evidence_of(conn, [key]).get(key, ()))


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
    )


def _must_hold(a: Assessment, m: Mention) -> None:
    for span in a.evidence:
        if not span.holds_in(m):
            raise ValueError(f"mention {m.id}: {span.allegation}'s quote is not where it says")


def place(a: Assessment) -> tuple[int, int, str, str]:
    """Return what an assessment is known by: mention, revision, lender and maker."""
    return (a.mention_id, a.revision, a.lender, a.made_by)


def append(
    conn: Connection, assessments: Sequence[Assessment]
) -> dict[tuple[int, int, str, str], int]:
    """Append what is new and return the id of each, new or known (a stage may run twice)."""
    if not assessments:
        return {}
    rows = [
        {"mention_id": a.mention_id, "revision": a.revision, "lender": a.lender,
         "made_by": a.made_by, "made_at": a.made_at, "sentiment": a.sentiment.value,
         "score": a.score, "severity": a.severity, "names": list(a.names),
         "facts": dict(a.facts)}
        for a in assessments
    ]  # fmt: skip
    conn.execute(insert(conn, assessment).on_conflict_do_nothing(), rows)
    columns = assessment.c
    query = select(
        columns.id, columns.mention_id, columns.revision, columns.lender, columns.made_by
    ).where(columns.mention_id.in_(sorted({a.mention_id for a in assessments})))
    ids = {(r.mention_id, r.revision, r.lender, r.made_by): r.id for r in conn.execute(query)}
    spans = [
        {"assessment_id": ids[place(a)], "ordinal": n, "allegation": e.allegation,
         "field": e.field, "start": e.start, "end": e.end, "quote": e.quote,
         "status": e.status.value}
        for a in assessments
        for n, e in enumerate(a.evidence)
    ]  # fmt: skip
    if spans:
        conn.execute(insert(conn, evidence).on_conflict_do_nothing(), spans)
    return ids


def _leave_queue(conn: Connection, mentions: Sequence[Mention]) -> None:
    revisions = {m.id: m.revision for m in mentions}
    query = select(mention.c.id, mention.c.revision).where(mention.c.id.in_(list(revisions)))
    done = [row.id for row in conn.execute(query) if row.revision == revisions[row.id]]
    work.done(conn, "assess", done)
