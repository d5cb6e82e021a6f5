"""What was found in one text: claims, and what was left out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from data.model import EvidenceStatus
from nlp.doubts import Doubt

_MOST = 3  # quotes per allegation
_SAME_ACT = 20  # characters between two accounts of one act


@dataclass(frozen=True, slots=True)
class Claim:
    """An allegation found in raw text: its id, the span of its words, in what way they show it.

    One that is ``believed`` yields to no other.
    """

    allegation: str
    start: int
    end: int
    status: EvidenceStatus = EvidenceStatus.ALLEGED
    believed: bool = False


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Words that look like an allegation and are none, with the reason."""

    claim: Claim
    doubt: Doubt
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one text alleges, and what was left out."""

    claims: tuple[Claim, ...]
    left_out: tuple[LeftOut, ...]


def close(one: Claim, other: Claim) -> bool:
    """Tell whether two claims stand so near that they may tell of one act."""
    return one.start - _SAME_ACT < other.end and other.start < one.end + _SAME_ACT


def silenced(reading: Reading, why: Doubt, which: frozenset[str] = frozenset()) -> Reading:
    """Leave out the claims in ``which``, or all of them."""
    out = [claim for claim in reading.claims if not which or claim.allegation in which]
    kept = tuple(claim for claim in reading.claims if claim not in out)
    return Reading(kept, (*reading.left_out, *(LeftOut(claim, why) for claim in out)))


def quotes(claims: Iterable[Claim]) -> list[Claim]:
    """Keep at most three quotes of an allegation, none inside another, in reading order."""
    kept: dict[str, list[Claim]] = {}
    for claim in sorted(claims, key=lambda c: (c.start, -c.end)):
        quotes = kept.setdefault(claim.allegation, [])
        if len(quotes) < _MOST and (not quotes or claim.start >= quotes[-1].end):
            quotes.append(claim)
    return sorted((c for q in kept.values() for c in q), key=lambda c: (c.start, c.allegation))
