"""What another file of lenders or of allegations would have found in the mentions there were.

Reads the store and changes nothing. Both files are asked by the same code on the same day, so what
differs comes from the file alone, and what people corrected does not count.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from data.errors import FactError
from data.facts.allegations import allegations
from data.facts.lenders import lenders
from data.facts.lexicons import lexicons
from data.model import Assessment, Mention, SourceKind
from data.settings import Settings
from data.store import mentions, sampling
from data.store.db import Store
from nlp.allegations import AllegationFinder
from nlp.assess import Assessor, Names

NAMED, READ = 50_000, 3_000
"""Mentions that are tried at most: names are found quickly, allegations are not."""
BATCH = 250
EXAMPLES = 8
"""Mentions shown for one name of one kind."""
AROUND = 24
"""Characters shown on each side of the words that decide."""

Progress = Callable[[int, int], None] | None
Key = tuple[str, bool]
"""A company or an allegation, and whether the file tried finds it (or today's does)."""


@dataclass(frozen=True, slots=True)
class Example:
    """A mention that one of the two files finds and the other does not."""

    id: int
    at: datetime
    source: str
    url: str
    name: str  # slug of the company, or id of the allegation
    appears: bool
    words: str  # the words that decide, with a few around them

    def told(self) -> dict[str, Any]:
        """Return it as JSON takes it."""
        return {"id": self.id, "at": self.at.isoformat(), "source": self.source, "url": self.url,
                "name": self.name, "appears": self.appears, "words": self.words}  # fmt: skip


@dataclass(slots=True)
class Rehearsed:
    """How many mentions were tried, of how many, and what would appear or vanish, by name."""

    read: int = 0
    of: int = 0
    counts: Counter[Key] = field(default_factory=Counter)
    mentions: dict[bool, set[int]] = field(default_factory=lambda: {True: set(), False: set()})
    examples: list[Example] = field(default_factory=list)

    def take(self, mention: Mention, name: str, words: str, *, appears: bool) -> None:
        """Count one difference and keep the first few."""
        self.counts[name, appears] += 1
        self.mentions[appears].add(mention.id)
        if self.counts[name, appears] <= EXAMPLES:
            at = mention.published_at or mention.fetched_at
            self.examples.append(
                Example(mention.id, at, mention.source, mention.url, name, appears, words)
            )

    def told(self) -> dict[str, Any]:
        """Return it as JSON takes it; ``names`` has what appears and what vanishes."""
        names = sorted({name for name, _ in self.counts})
        return {
            "read": self.read,
            "of": self.of,
            "appear": len(self.mentions[True]),
            "vanish": len(self.mentions[False]),
            "names": {one: [self.counts[one, True], self.counts[one, False]] for one in names},
            "examples": [one.told() for one in self.examples],
        }


def rehearse_lenders(
    store: Store, settings: Settings, file: Path, span: tuple[datetime, datetime],
    progress: Progress = None,
) -> Rehearsed:  # fmt: skip
    """Tell which mentions of a span would newly be about a company, or no longer be.

    Raises FactError.
    """
    known = allegations(settings.allegations)
    both = Assessor(lenders(settings.lenders), known), Assessor(lenders(file), known)
    found = Rehearsed()
    for batch in _batches(store, span, NAMED, found, progress):
        today, tried = (one.named(batch) for one in both)
        for mention, before, after in zip(batch, today, tried, strict=True):
            for slug in sorted(_subjects(before) ^ _subjects(after)):
                appears = slug not in _subjects(before)
                words = _named_words(mention, after if appears else before, slug)
                found.take(mention, slug, words, appears=appears)
    return found


def rehearse_allegations(
    store: Store, settings: Settings, file: Path, span: tuple[datetime, datetime],
    progress: Progress = None,
) -> Rehearsed:  # fmt: skip
    """Tell which allegations would appear or vanish on mentions of a span. Raises FactError."""
    known = lenders(settings.lenders)
    both = Assessor(known, allegations(settings.allegations)), Assessor(known, allegations(file))
    found = Rehearsed()
    for batch in _batches(store, span, READ, found, progress, assessed=True):
        by_id = {mention.id: mention for mention in batch}
        today, tried = (_alleged(one.assess(batch, span[1])) for one in both)
        for key in dict.fromkeys([*today, *tried]):
            if (key in today) != (key in tried):
                quote = (tried if key in tried else today)[key]
                found.take(by_id[key[0]], key[1], quote, appears=key in tried)
    return found


def check(settings: Settings) -> None:
    """Compile lenders and allegations as assessing does, and try the texts the latter bring along.

    Raises FactError for a pattern that cannot be read, a hit that is not found, a miss that is.
    """
    taxonomy = allegations(settings.allegations)
    Assessor(lenders(settings.lenders), taxonomy)
    finder = AllegationFinder(taxonomy, lexicons())
    kinds = {"hits": SourceKind.COMPLAINT, "misses": SourceKind.POST}
    for one in taxonomy:
        for side, kind in kinds.items():
            for text in one.spec[side]:
                found = {claim.allegation for claim in finder.read(text, kind).claims}
                if (one.id in found) != (side == "hits"):
                    how = "is not found" if side == "hits" else "is found"
                    raise FactError(
                        f"{settings.allegations}: {one.id}: {side}: {text[:40]!r} {how}; "
                        "mend the patterns, or take the text out"
                    )


def _batches(
    store: Store, span: tuple[datetime, datetime], most: int, found: Rehearsed, progress: Progress,
    *, assessed: bool = False,
) -> Iterator[list[Mention]]:  # fmt: skip
    """Yield the mentions to try, some at a time, each time with a connection of its own."""
    with store.read() as conn:
        sample = sampling.drawn(conn, *span, most, assessed=assessed)
    found.of = sample.of
    for first in range(0, len(sample.ids), BATCH):
        with store.read() as conn:
            batch = mentions.get(conn, sample.ids[first : first + BATCH])
        yield batch
        found.read += len(batch)
        if progress is not None:
            progress(found.read, len(sample.ids))


def _subjects(names: Names) -> set[str]:
    return {name.subject for found in names.values() for name in found}


def _named_words(mention: Mention, names: Names, slug: str) -> str:
    """Return the first name of a company with a few words around it."""
    where, name = next((f, n) for f, found in names.items() for n in found if n.subject == slug)
    body = {"title": mention.title, "text": mention.text}.get(where) or str(mention.extra[where])
    return around(body, name.start, name.end)


def _alleged(assessments: Sequence[Assessment]) -> Mapping[tuple[int, str], str]:
    """Return the words of each counted allegation by mention and allegation."""
    return {
        (one.mention_id, evidence.allegation): evidence.quote
        for one in assessments
        for evidence in one.evidence
        if evidence.allegation in one.tags
    }


def around(body: str, start: int, end: int) -> str:
    """Return a span with a few characters on each side, on one line."""
    first, last = max(0, start - AROUND), min(len(body), end + AROUND)
    cut = ("…" if first else "", "…" if last < len(body) else "")
    return " ".join(f"{cut[0]}{body[first:last]}{cut[1]}".split())
