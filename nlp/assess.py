"""One assessment per mention and lender that it is about: sentiment, allegations, severity."""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Literal

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
from nlp import claims, network, owing, sentiment, tags, voices
from nlp.allegations import AllegationFinder
from nlp.examining import Text
from nlp.facts import FactFinder, as_json
from nlp.pages import Page, pages
from nlp.readings import Claim, Reading
from nlp.sentiment import SOMEBODY, Document, Feeling, SentimentModel
from nlp.subjects import Name, SubjectFinder, with_given
from nlp.trust import doubted, gravity, trust

VERSION = "2026.11.9"
"""Grows whenever code changes what is found."""

PENALTY = 4
"""Severity of a regulator's decision against the lender: as grave as what opens an incident."""

_NAMING = ("company", "party")  # fields of ``extra`` in which a source itself says who is meant
_ALLEGED = -0.5  # whoever alleges misconduct does not praise: the score goes at least this low


_MONEY = frozenset({SourceKind.COMPLAINT, SourceKind.REGULATOR})

Stated = dict[str, list[dict[str, Any]]]
"""Facts by slot: a list of {value, start, end, field}."""
Names = Mapping[str, tuple[Name, ...]]
"""Names by field: title, text, company, party."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found in a mention before it is divided among the lenders."""

    names: Names
    readings: Mapping[str, Reading]  # by field: title, text
    feeling: Feeling
    nameless: Document  # title and text with names replaced: what was judged
    facts: Stated  # what title and text state, by slot, as it is stored

    @property
    def trust(self) -> float:
        """How far the mention is to be trusted, 0.2 to 1: damaged pages less."""
        return trust(self.facts)


@dataclass(frozen=True, slots=True)
class _Opened:
    """A mention with its pages and the names in it, by field."""

    mention: Mention
    title: Page
    text: Page
    names: dict[str, tuple[Name, ...]]


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
        self.model = model or sentiment.load()
        self._allegations = AllegationFinder(self.taxonomy, words, opinion=self.model.opinion)
        self._facts = FactFinder(words)

    @cached_property
    def made_by(self) -> str:
        """The version and a hash of lenders, facts and model: what an assessment depends on."""
        digest = hashlib.sha256(VERSION.encode())
        digest.update(repr((self.lenders, self.taxonomy)).encode())
        for file in (LEXICONS, *self.model.files, voices.FILE, tags.FILE, owing.FILE, network.FILE):
            digest.update(file.read_bytes())
        return f"{VERSION}+{digest.hexdigest()[:12]}"

    def assess(self, mentions: Iterable[Mention], now: datetime) -> list[Assessment]:
        """Return an assessment for each mention and each of our lenders that it is about."""
        with uncollected():
            about = [one for one in self._opened(mentions) if any(one.names.values())]
            seen = self._look_all(about)
            feelings = self._feelings(about, seen)
            return [
                self._assessment(one.mention, found, subject, now, feelings.get((number, subject)))
                for number, (one, found) in enumerate(zip(about, seen, strict=True))
                for subject in _subjects(found)
            ]

    def look(self, mention: Mention) -> Seen:
        """Return what stands in a mention, whether or not it names anybody."""
        return self.look_all([mention])[0]

    def look_all(
        self, mentions: Iterable[Mention], given: Sequence[Sequence[str]] = ()
    ) -> list[Seen]:
        """Return what stands in each mention, whether or not it names anybody.

        ``given`` are words for each that name a company there too, whatever lenders we know.
        """
        with uncollected():
            opened = self._opened(mentions)
            for one, words in zip(opened, given, strict=False):
                for field, body in _bodies(one.mention):
                    one.names[field] = with_given(body, one.names[field], words)
            return self._look_all(opened)

    def named(self, mentions: Iterable[Mention]) -> list[Names]:
        """Return which of our lenders each mention names, and where."""
        with uncollected():
            return [one.names for one in self._opened(mentions)]

    def _look_all(self, about: Sequence[_Opened]) -> list[Seen]:
        """Look at many mentions at once: most prices are by the call, not by the text."""
        nameless = [_nameless(one.mention, one.names) for one in about]
        feelings = self.model.feel_all(nameless)
        readings = self._read_all(about)
        both = [page for one in about for page in (one.title, one.text)]
        said = [reading.claims for pair in readings for reading in pair]
        stated = self._facts.find_all(both, said)
        return [
            Seen(
                one.names,
                {"title": readings[n][0], "text": readings[n][1]},
                feelings[n],
                nameless[n],
                _joined(as_json(stated[2 * n], "title"), as_json(stated[2 * n + 1], "text")),
            )
            for n, one in enumerate(about)
        ]

    def _read_all(self, about: Sequence[_Opened]) -> list[tuple[Reading, Reading]]:
        """Return what title and text of each mention allege."""
        asked = [
            Text(page, one.mention.kind, _spans(one.names, field), around)
            for one in about
            for field, page, around in (
                ("title", one.title, one.mention.text),
                ("text", one.text, one.mention.title),
            )
        ]
        found = iter(self._allegations.read_all(asked))
        together = self._allegations.together
        return [together(next(found), next(found), one.mention.kind) for one in about]

    def _opened(self, mentions: Iterable[Mention]) -> list[_Opened]:
        """Fold the texts of many mentions and find the names in them."""
        known = list(mentions)
        read = pages([body for mention in known for body in (mention.title, mention.text)])
        sure = [mention.kind in _MONEY for mention in known for _ in range(2)]
        found = self._subjects.find_all(read, sure)
        named = [
            (number, field, value)
            for number, mention in enumerate(known)
            for field in _NAMING
            if isinstance(value := mention.extra.get(field), str) and value
        ]
        meant = self._subjects.find_all(pages([v for *_, v in named]), [True] * len(named))
        opened = [
            _Opened(
                mention,
                read[2 * n],
                read[2 * n + 1],
                {"title": tuple(found[2 * n]), "text": tuple(found[2 * n + 1])},
            )
            for n, mention in enumerate(known)
        ]
        for (number, field, _), names in zip(named, meant, strict=True):
            opened[number].names[field] = tuple(names)
        return opened

    def _feelings(
        self, about: Sequence[_Opened], seen: Sequence[Seen]
    ) -> dict[tuple[int, str], Feeling]:
        """Return how a text feels about each of several companies, by its number and the company.

        One that is no rival, or alone, is meant by all of the text.
        """
        roles = self._subjects.roles
        asked: dict[tuple[int, str], str] = {}
        for number, (one, found) in enumerate(zip(about, seen, strict=True)):
            rivals = [s for s in _subjects(found) if roles[s] is not Role.PARTNER]
            if len(rivals) > 1:
                asked |= {(number, s): _about(one.mention, found, s) for s in rivals}
        short = {key: seen[key[0]].feeling for key, text in asked.items() if len(text) < _ENOUGH}
        long = {key: text for key, text in asked.items() if key not in short}
        felt = self.model.feel_all([("", text) for text in long.values()])
        return short | dict(zip(long, felt, strict=True))

    def _assessment(
        self, mention: Mention, seen: Seen, subject: str, now: datetime, own: Feeling | None
    ) -> Assessment:
        """Judge for one company; ``own`` is the feeling about it where the text names others."""
        evidence = tuple(
            claims.evidence(mention, field, claim)
            for field, reading in seen.readings.items()
            for claim in reading.claims
            if own is None or self._meant(seen, field, claim, subject)
        )
        said = {e.allegation for e in evidence}
        severity = max((self._severity[tag] for tag in said), default=0)
        severity = gravity(severity, seen.trust, mention.kind, tuple(said))
        feeling = doubted(own or seen.feeling, seen.trust)
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
            facts=seen.facts | self._products(seen, subject),
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


@contextmanager
def uncollected() -> Iterator[None]:
    """Put off the collection of cycles: a batch makes many objects and no cycle."""
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if on:
            gc.enable()


_ENOUGH = 12  # characters about one company, below which the whole text speaks


def _bodies(mention: Mention) -> tuple[tuple[Literal["title", "text"], str], ...]:
    return (("title", mention.title), ("text", mention.text))


def _spans(names: Mapping[str, Sequence[Name]], field: str) -> list[tuple[int, int]]:
    spans = [(name.start, name.end) for name in names[field]]
    return [(0, 0), *spans] if field == "text" and names["title"] else spans


def _subjects(seen: Seen) -> list[str]:
    return list(dict.fromkeys(n.subject for names in seen.names.values() for n in names))


def _about(mention: Mention, seen: Seen, subject: str) -> str:
    """Return the stretches between a name of the company and the next company's name."""
    own: list[str] = []
    for field, body in _bodies(mention):
        names = seen.names[field]
        for place, name in enumerate(names):
            end = names[place + 1].start if place + 1 < len(names) else len(body)
            start = 0 if place == 0 else name.start
            if name.subject == subject:
                own.append(body[start:end].replace(name.words, SOMEBODY))
    return " ".join(own)


def _joined(title: Stated, text: Stated) -> Stated:
    """Return both by slot, the title's first."""
    return {
        slot: [*title.get(slot, ()), *text.get(slot, ())] for slot in dict.fromkeys([*title, *text])
    }


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
