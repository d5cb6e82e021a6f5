"""One assessment per mention and lender that it is about: sentiment, allegations, severity."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Literal

from data.facts.allegations import FILE as ALLEGATIONS
from data.facts.allegations import allegations
from data.facts.lexicons import FILE as LEXICONS
from data.facts.lexicons import Lexicons, lexicons
from data.model import (
    Allegation,
    Assessment,
    Lender,
    Mention,
    Role,
    Sentiment,
    SourceKind,
)
from nlp import claims, sentiment
from nlp.allegations import AllegationFinder
from nlp.facts import FactFinder, as_json
from nlp.readings import Claim, Reading
from nlp.sentiment import SOMEBODY, Document, Feeling, SentimentModel
from nlp.subjects import Name, SubjectFinder

VERSION = "2026.11.1"
"""Grows whenever code changes what is found."""

PENALTY = 4
"""Severity of a regulator's decision against the lender: as grave as what opens an incident."""

_NAMING = ("company", "party")  # fields of ``extra`` in which a source itself says who is meant
_ALLEGED = -0.5  # whoever alleges misconduct does not praise: the score goes at least this low


Names = Mapping[str, tuple[Name, ...]]
"""Names by field: title, text, company, party."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found in a mention before it is divided among the lenders."""

    names: Names
    readings: Mapping[str, Reading]  # by field: title, text
    feeling: Feeling
    nameless: Document  # title and text with names replaced: what was judged


class Assessor:
    """Assesses mentions for the lenders of one file. Pure: the same mentions, the same result."""

    def __init__(
        self,
        lenders: Sequence[Lender],
        taxonomy: Sequence[Allegation] | None = None,
        words: Lexicons | None = None,
        model: SentimentModel | None = None,
    ) -> None:
        """Compile everything once; by default from the facts and the model of this package."""
        self.lenders = tuple(lenders)
        self.taxonomy = tuple(taxonomy or allegations())
        words = words or lexicons()
        self._severity = {allegation.id: allegation.severity for allegation in self.taxonomy}
        self._subjects = SubjectFinder(self.lenders, words.money_context)
        self._allegations = AllegationFinder(self.taxonomy, words)
        self._facts = FactFinder(words)
        self.model = model or sentiment.load()

    @cached_property
    def made_by(self) -> str:
        """The version and a hash of lenders, facts and model: what an assessment depends on."""
        digest = hashlib.sha256(VERSION.encode())
        digest.update(repr(self.lenders).encode())
        for file in (ALLEGATIONS, LEXICONS, sentiment.FILE):
            digest.update(file.read_bytes())
        return f"{VERSION}+{digest.hexdigest()[:12]}"

    def assess(self, mentions: Iterable[Mention], now: datetime) -> list[Assessment]:
        """Return an assessment for each mention and each of our lenders that it is about."""
        named = [(mention, self._names(mention)) for mention in mentions]
        about = [(mention, names) for mention, names in named if any(names.values())]
        return [
            assessment
            for (mention, _), seen in zip(about, self._look_all(about), strict=True)
            for assessment in self._judged(mention, seen, now)
        ]

    def look(self, mention: Mention) -> Seen:
        """Return what stands in a mention, whether or not it names anybody."""
        return self.look_all([mention])[0]

    def look_all(self, mentions: Iterable[Mention]) -> list[Seen]:
        """Return what stands in each mention, whether or not it names anybody."""
        return self._look_all([(mention, self._names(mention)) for mention in mentions])

    def _look_all(self, about: Sequence[tuple[Mention, Names]]) -> list[Seen]:
        """Look at many mentions at once: the model's price is by the call, not by the text."""
        nameless = [_nameless(mention, names) for mention, names in about]
        return [
            self._look(mention, names, document, feeling)
            for (mention, names), document, feeling in zip(
                about, nameless, self.model.feel_all(nameless), strict=True
            )
        ]

    def _look(self, mention: Mention, names: Names, nameless: Document, feeling: Feeling) -> Seen:
        title, text = (
            self._allegations.read(
                body,
                mention.kind,
                _spans(names, field),
                around=mention.text if field == "title" else mention.title,
            )
            for field, body in _bodies(mention)
        )
        title, text = self._allegations.together(title, text, mention.kind)
        return Seen(names, {"title": title, "text": text}, feeling, nameless)

    def _names(self, mention: Mention) -> Names:
        money = mention.kind in {SourceKind.COMPLAINT, SourceKind.REGULATOR}
        find = self._subjects.find
        found: dict[str, tuple[Name, ...]] = {
            field: tuple(find(body, about_money=money)) for field, body in _bodies(mention)
        }
        for name in _NAMING:
            value = mention.extra.get(name)
            if isinstance(value, str) and value:
                found[name] = tuple(find(value, about_money=True))
        return found

    def _judged(self, mention: Mention, seen: Seen, now: datetime) -> list[Assessment]:
        subjects = list(dict.fromkeys(n.subject for names in seen.names.values() for n in names))
        roles = self._subjects.roles
        rivals = [subject for subject in subjects if roles[subject] is not Role.PARTNER]
        return [
            self._assessment(
                mention,
                seen,
                subject,
                now,
                alone=len(rivals) < 2 or subject not in rivals,  # noqa: PLR2004
            )
            for subject in subjects
        ]

    def _assessment(
        self, mention: Mention, seen: Seen, subject: str, now: datetime, *, alone: bool
    ) -> Assessment:
        evidence = tuple(
            claims.evidence(mention, field, claim)
            for field, reading in seen.readings.items()
            for claim in reading.claims
            if alone or self._meant(seen, field, claim, subject)
        )
        said = {e.allegation for e in evidence}
        severity = max((self._severity[tag] for tag in said), default=0)
        feeling = seen.feeling if alone else self._feeling_about(mention, seen, subject)
        score, label = feeling.score, feeling.label
        if _penalised(mention, seen, subject):
            severity = max(severity, PENALTY)
        if severity:
            label, score = Sentiment.NEGATIVE, min(score, _ALLEGED)
        words = {n.words for names in seen.names.values() for n in names if n.subject == subject}
        return Assessment(
            mention_id=mention.id,
            revision=mention.revision,
            lender=subject,
            sentiment=label,
            score=score,
            severity=severity,
            evidence=(*evidence, *claims.claimed(self._allegations, mention, said)),
            names=tuple(sorted(words)),
            made_by=self.made_by,
            made_at=now,
            facts=self.facts(mention, seen) | self._products(seen, subject),
        )

    def _products(self, seen: Seen, subject: str) -> dict[str, list[dict[str, Any]]]:
        """Return which of a company's products are named, as a slot of the facts."""
        found = [
            {"value": product, "start": name.start, "end": name.end, "field": field}
            for field, names in seen.names.items()
            for name in names
            if name.subject == subject and (product := self._subjects.product(name))
        ]
        return {"product": found} if found else {}

    def facts(self, mention: Mention, seen: Seen) -> dict[str, list[dict[str, Any]]]:
        """Return what title and text state, by slot, as it is stored."""
        found: dict[str, list[dict[str, Any]]] = {}
        for field, body in _bodies(mention):
            stated = self._facts.find(body, seen.readings[field].claims)
            for slot, facts in as_json(stated, field).items():
                found.setdefault(slot, []).extend(facts)
        return found

    def _meant(self, seen: Seen, field: str, claim: Claim, subject: str) -> bool:
        """Tell whether a claim is about ``subject``: the company named last before it, else next.

        A company that the source itself names is meant unless another is named in the text.
        """
        roles = self._subjects.roles
        rivals = [n for n in seen.names[field] if roles[n.subject] is not Role.PARTNER]
        if not rivals:
            rivals = [n for n in _order(seen) if roles[n.subject] is not Role.PARTNER]
        before = [name for name in rivals if name.start <= claim.end]
        return (before[-1] if before else rivals[0]).subject == subject

    def _feeling_about(self, mention: Mention, seen: Seen, subject: str) -> Feeling:
        """Judge only the stretches between a name of the company and the next company's name."""
        own: list[str] = []
        for field, body in _bodies(mention):
            names = seen.names[field]
            for place, name in enumerate(names):
                end = names[place + 1].start if place + 1 < len(names) else len(body)
                start = 0 if place == 0 else name.start
                if name.subject == subject:
                    own.append(body[start:end].replace(name.words, SOMEBODY))
        text = " ".join(own)
        return self.model.feel(text) if len(text) >= _ENOUGH else seen.feeling


_ENOUGH = 12  # characters about one company, below which the whole text speaks


def _bodies(mention: Mention) -> tuple[tuple[Literal["title", "text"], str], ...]:
    return (("title", mention.title), ("text", mention.text))


def _spans(names: Mapping[str, Sequence[Name]], field: str) -> list[tuple[int, int]]:
    spans = [(name.start, name.end) for name in names[field]]
    return [(0, 0), *spans] if field == "text" and names["title"] else spans


def _order(seen: Seen) -> list[Name]:
    return [name for names in seen.names.values() for name in names]


def _nameless(mention: Mention, names: Names) -> Document:
    found = []
    for field, body in _bodies(mention):
        parts, done = [], 0
        for name in names[field]:
            parts += [body[done : name.start], SOMEBODY]
            done = name.end
        found.append("".join([*parts, body[done:]]))
    return found[0], found[1]


def _penalised(mention: Mention, seen: Seen, subject: str) -> bool:
    """Tell whether a regulator's decision names the company as the party."""
    if mention.kind is not SourceKind.REGULATOR:
        return False
    return any(name.subject == subject for name in seen.names.get("party", ()))
