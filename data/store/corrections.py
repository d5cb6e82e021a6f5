"""What people corrected, applied to what code found. Labels are read here and written in labels.py.

A label is one decision about one mention and lender; the newest decision on a matter counts, and
an empty value gives the matter back to the code. A label holds as long as the words it rests on
stand in the text: after a rewording that lost them, it is history.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Literal

from sqlalchemy import Connection, Row, select

from data.facts.allegations import allegations
from data.model import Allegation, Assessment, Evidence, EvidenceStatus, Mention, Sentiment
from data.store.schema import label


class Matter(StrEnum):
    """What a label decides."""

    SENTIMENT = "sentiment"  # value: a Sentiment
    ALLEGATION = "allegation"  # value: present or absent
    STANDING = "standing"  # value: a Standing
    ABOUT = "about"  # value: no


class Standing(StrEnum):
    """How far people are with an allegation; none of these is a verdict of a court."""

    ALLEGED = "alleged"
    REVIEW = "review"
    SUBSTANTIATED = "substantiated"
    REFUTED = "refuted"


@dataclass(frozen=True, slots=True)
class Label:
    """One decision of a person. ``field``, ``start``, ``end``, ``quote``: the words it rests on."""

    lender: str
    mention_id: int
    revision: int
    at: datetime
    by: str
    what: Matter
    value: str  # "" gives the matter back to the code
    allegation: str = ""
    field: Literal["title", "text", "issue", ""] = ""
    start: int = 0
    end: int = 0
    quote: str = ""
    note: str = ""
    id: int = 0


def of(conn: Connection, mention_ids: Sequence[int]) -> dict[tuple[int, str], tuple[Label, ...]]:
    """Return all labels by mention id and lender, as they were written."""
    query = select(label).where(label.c.mention_id.in_(mention_ids)).order_by(label.c.id)
    found: dict[tuple[int, str], list[Label]] = {}
    for row in conn.execute(query):
        found.setdefault((row.mention_id, row.lender), []).append(_label(row))
    return {place: tuple(labels) for place, labels in found.items()}


def current(labels: Sequence[Label]) -> tuple[Label, ...]:
    """Return the newest label on each matter, without those that were taken back."""
    newest = {(one.what, one.allegation): one for one in labels}
    return tuple(one for one in newest.values() if one.value)


def applied(
    conn: Connection,
    mentions: Mapping[int, Mention],
    found: Sequence[Assessment],
    taxonomy: Sequence[Allegation] | None = None,
) -> list[Assessment]:
    """Return what counts: each assessment as people corrected it, or as it is."""
    labels = of(conn, list(mentions))
    corrected = [
        correct(a, mentions[a.mention_id], labels.get((a.mention_id, a.lender), ()), taxonomy)
        for a in found
    ]
    return [a for a in corrected if a is not None]


def correct(
    found: Assessment,
    mention: Mention,
    labels: Sequence[Label],
    taxonomy: Sequence[Allegation] | None = None,
) -> Assessment | None:
    """Return the assessment with the labels applied; None where a person said: not about them.

    It is the code's own where nothing differs. Severity follows the allegations that are left, as
    the ``taxonomy`` has it, by default that of data/facts.
    """
    decided = current(labels)
    if any(one.what is Matter.ABOUT for one in decided):
        return None
    sentiment = found.sentiment
    evidence = list(found.evidence)
    for one in decided:
        if one.what is Matter.SENTIMENT:
            sentiment = Sentiment(one.value)
        elif one.what is Matter.ALLEGATION and one.value == "absent":
            evidence = [e for e in evidence if e.allegation != one.allegation]
        elif one.what is Matter.ALLEGATION:
            evidence += _words(one, mention, evidence)
    if sentiment is found.sentiment and tuple(evidence) == found.evidence:
        return found
    newest = max(one.id for one in labels)  # also one that took something back
    changed = replace(
        found,
        sentiment=sentiment,
        score=found.score if sentiment is found.sentiment else _SCORE[sentiment],
        evidence=tuple(evidence),
        made_by=f"{found.made_by[:40]}+label/{newest}",
    )
    return (
        changed
        if changed.tags == found.tags
        else replace(changed, severity=_gravest(changed, taxonomy))
    )


_SCORE = {Sentiment.NEGATIVE: -1.0, Sentiment.NEUTRAL: 0.0, Sentiment.POSITIVE: 1.0}


def _words(one: Label, mention: Mention, known: Sequence[Evidence]) -> list[Evidence]:
    """Return the evidence that a person pointed at, where its words stand today."""
    body = mention.title if one.field == "title" else mention.text
    at = one.start if body[one.start : one.end] == one.quote else body.find(one.quote)
    if at < 0 or not one.quote or one.field not in {"title", "text"}:
        return []
    field: Literal["title", "text"] = "title" if one.field == "title" else "text"
    span = Evidence(
        one.allegation, field, at, at + len(one.quote), one.quote, EvidenceStatus.ALLEGED
    )
    return [] if span in known else [span]


def _gravest(a: Assessment, taxonomy: Sequence[Allegation] | None) -> int:
    severity = {fact.id: fact.severity for fact in taxonomy or allegations()}
    return max((severity.get(tag, 0) for tag in a.tags), default=0)


def _label(row: Row[tuple[object, ...]]) -> Label:
    values = dict(row._mapping)  # noqa: SLF001  # SQLAlchemy's public name
    return Label(**values | {"what": Matter(row.what)})
