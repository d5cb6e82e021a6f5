"""From words to evidence: quotes of title and text, and what only a site's tag claims."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from typing import Literal

from data.model import Evidence, EvidenceStatus, Mention, SourceKind
from nlp.allegations import AllegationFinder
from nlp.readings import Claim

TAG: Literal["issue"] = "issue"
"""The field of ``extra`` with the tag that a complaint site lets people tick."""


def evidence(mention: Mention, field: str, claim: Claim) -> Evidence:
    """Return a claim found in ``title`` or ``text`` as evidence, with its quote."""
    place: Literal["title", "text"] = "title" if field == "title" else "text"
    body = mention.title if place == "title" else mention.text
    quote = body[claim.start : claim.end]
    return Evidence(claim.allegation, place, claim.start, claim.end, quote, claim.status)


def claimed(
    finder: AllegationFinder, mention: Mention, said: Collection[str]
) -> tuple[Evidence, ...]:
    """Return what the site's tag claims and the text does not say; it is shown and never counted.

    Many a complaint filed under 暴力催收 describes no collection at all.
    """
    tag = mention.extra.get(TAG)
    if mention.kind is not SourceKind.COMPLAINT or not isinstance(tag, str) or not tag:
        return ()
    return tuple(
        Evidence(
            claim.allegation, TAG, claim.start, claim.end, tag[claim.start : claim.end],
            EvidenceStatus.CLAIMED,
        )
        for claim in _ticked(finder, tag)
        if claim.allegation not in said
    )  # fmt: skip


@lru_cache(maxsize=1024)
def _ticked(finder: AllegationFinder, tag: str) -> tuple[Claim, ...]:
    """A site has few tags and many complaints: each tag is read once."""
    return finder.read(tag, SourceKind.COMPLAINT).claims
