"""What a text alleges: each allegation with the words that show it, and what was left out and why."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ahocorasick_rs import AhoCorasick

from data.errors import FactError
from data.facts.lexicons import FILE, Lexicons
from data.fold import fold
from data.model import Allegation, SourceKind
from nlp.doubts import Doubt, Doubts, contexts_of
from nlp.patterns import Found, Matcher, Pattern, Vocabulary, compiled
from nlp.spellings import Spellings
from nlp.text import View, folded, sentences

_WINDOW = 60  # how far the nearest debt word may be
_MOST = 3  # quotes per allegation
_OWN_VOICE = re.compile("我|本人|俺")
_DEMANDS = re.compile(r"[\[【]?(?:投诉要求|投诉诉求|我的诉求|诉求|投诉目的|希望解决方式)[\]】]?[:：\s]\s*[^\n。]*")
_FREE_OF_DEBT = frozenset({"self_harm_signal"})
_UNSPECIFIED = {"unspecified_harassment", "threat_unspecified"}
_THREATS = frozenset(
    {"threat_of_violence", "threat_of_arrest", "threat_family_future", "sham_litigation_threat",
     "threat_unspecified"}
)  # fmt: skip
# Announced, these are threats to family, job or future rather than what they would be when done.
_BECOMES_THREAT = frozenset(
    {"contact_list_blast", "family_harassment", "workplace_contact_harassment", "debt_disclosure",
     "social_media_exposure", "posters_public_notice", "group_shaming_doctored_image",
     "abusive_visit"}
)  # fmt: skip
_ANNOUNCEABLE = _BECOMES_THREAT | {
    "physical_violence_detention", "property_damage", "nuisance_deliveries",
    "stalking_surveillance", "message_bombing", "malicious_reporting",
}  # fmt: skip
_FUTURE = "threat_family_future"


@dataclass(frozen=True, slots=True)
class Claim:
    """An allegation found in raw text: its id and the span of its words."""

    allegation: str
    start: int
    end: int


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


class AllegationFinder:
    """Finds the allegations of the taxonomy; pure, and fit for many texts."""

    def __init__(self, allegations: Sequence[Allegation], lexicons: Lexicons) -> None:
        """Compile all patterns. Raises FactError where one is wrong."""
        self._kinds = {allegation.id: allegation.spec["kind"] for allegation in allegations}
        self._spellings = Spellings(lexicons)
        self._doubts = Doubts(lexicons)
        self._matcher = Matcher(_patterns(allegations, lexicons))
        self._debt = AhoCorasick(list(lexicons.debt_context))
        self._strict = AhoCorasick(list(lexicons.strict_debt_context))
        self._contexts = [context.id for context in lexicons.contexts]
        self._zh = {context.id: context.zh for context in lexicons.contexts}
        cues = [(fold(cue), n) for n, c in enumerate(lexicons.contexts) for cue in c.cues]
        self._cue_of = [n for _, n in cues]
        self._cues = AhoCorasick([cue for cue, _ in cues])

    def read(
        self, raw: str, kind: SourceKind = SourceKind.OTHER, named: Sequence[tuple[int, int]] = ()
    ) -> Reading:
        """Return what ``raw`` alleges; ``named`` are raw spans that name a lender.

        A lender's name is as good as a debt word. Spans are in code points of ``raw``.
        """
        view = self._spellings.read(folded(raw))
        text = view.text
        spans = sentences(text)
        found = self._matcher.find(text, spans)
        if not found:
            return Reading((), ())
        page = _Page(self, view, spans, kind, named)
        judged = [(match, page.doubt(match)) for match in found]
        return _reading(view, judged, self._kinds)

    def contexts(self, text: str, kind: SourceKind) -> list[str]:
        """Return the ids of the contexts that silence a folded text."""
        if kind is SourceKind.REGULATOR:
            return []
        seen = {hit[0] for hit in self._cues.find_matches_as_indexes(text, overlapping=True)}
        counts = [0] * len(self._contexts)
        for number in seen:
            counts[self._cue_of[number]] += 1
        own_voice = len(_OWN_VOICE.findall(text))
        found = contexts_of(list(zip(self._contexts, counts, strict=True)), own_voice)
        if kind is SourceKind.COMPLAINT:
            return [name for name in found if name == "anti_collection_ad" and own_voice < _MOST]
        return found


class _Page:
    """One text under examination: what its matches need to know is worked out once."""

    def __init__(
        self,
        finder: AllegationFinder,
        view: View,
        spans: Sequence[tuple[int, int]],
        kind: SourceKind,
        named: Sequence[tuple[int, int]],
    ) -> None:
        text = view.text
        self._finder = finder
        self._text = text
        self._starts = [start for start, _ in spans]
        self._spans = spans
        names = _seen_in(view, named)
        self._debt = sorted([*_starts(finder._debt, text), *names])
        self._strict = sorted([*_starts(finder._strict, text), *names])
        self._demands = [match.span() for match in _DEMANDS.finditer(text)]
        self._is_complaint = kind is SourceKind.COMPLAINT
        self._contexts = finder.contexts(text, kind)

    def doubt(self, match: Found) -> tuple[Doubt, str] | None:
        """Return why the match alleges nothing, or None if it does."""
        if not self._about_debt(match):
            return Doubt.NO_DEBT, ""
        if match.name in _FREE_OF_DEBT:
            return None
        if any(start <= match.start < end for start, end in self._demands):
            return Doubt.DEMAND, ""
        if self._contexts:
            return Doubt.CONTEXT, self._finder._zh[self._contexts[0]]
        return self._in_sentence(match)

    def _about_debt(self, match: Found) -> bool:
        if self._is_complaint:
            return True  # its place says that it is about a lender
        strict = self._finder._kinds[match.name] == "collection_conduct"
        return _near(self._strict if strict else self._debt, match)

    def _in_sentence(self, match: Found) -> tuple[Doubt, str] | None:
        number = bisect_left(self._starts, match.start + 1) - 1
        first, last = self._spans[number]
        sentence = self._text[first:last]
        start, end = match.start - first, match.end - first
        doubts = self._finder._doubts
        if doubts.denied(sentence, start, end):
            return Doubt.DENIED, ""
        if doubts.asked(sentence, start, end, self._text[last : last + 1]):
            return Doubt.ASKED, ""
        if doubts.reversed(sentence, start):
            return Doubt.REVERSED, ""
        if match.name in _THREATS or self._finder._kinds[match.name] != "collection_conduct":
            return None
        if match.name in _ANNOUNCEABLE:
            begin = doubts.announced(sentence, start, end)
            if begin is not None:
                return Doubt.ANNOUNCED, str(first + begin)
        if doubts.supposed(sentence, start):
            return Doubt.SUPPOSED, ""
        return None


def _patterns(allegations: Sequence[Allegation], lexicons: Lexicons) -> Iterable[Pattern]:
    vocabulary = Vocabulary(lexicons.words, lexicons.shapes)
    sources = (
        (a.id, (*a.spec["patterns"], *(re.escape(fold(cue)) for cue in a.spec["cues"])))
        for a in allegations
    )
    try:
        return tuple(compiled(vocabulary, sources))
    except ValueError as error:
        raise FactError(f"{FILE.with_name('allegations.yaml')}: {error}; correct it") from None


def _starts(words: AhoCorasick, text: str) -> list[int]:
    return [start for _, start, _ in words.find_matches_as_indexes(text)]


def _seen_in(view: View, named: Iterable[tuple[int, int]]) -> list[int]:
    """Return where raw spans begin in the view."""
    if view.starts is None:
        return [start for start, _ in named]
    return [bisect_left(view.starts, start) for start, _ in named]


def _near(places: Sequence[int], match: Found) -> bool:
    at = bisect_left(places, match.start - _WINDOW)
    return at < len(places) and places[at] <= match.end + _WINDOW


def _reading(
    view: View,
    judged: Sequence[tuple[Found, tuple[Doubt, str] | None]],
    kinds: dict[str, str],
) -> Reading:
    claims: list[Claim] = []
    left_out: list[LeftOut] = []
    for match, doubt in judged:
        claim = Claim(match.name, *view.span(match.start, match.end))
        if doubt is None:
            claims.append(claim)
        elif doubt[0] is Doubt.ANNOUNCED and match.name in _BECOMES_THREAT:
            claims.append(Claim(_FUTURE, *view.span(int(doubt[1]), match.end)))
        else:
            left_out.append(LeftOut(claim, doubt[0], doubt[1]))
    concrete = {c.allegation for c in claims if kinds[c.allegation] == "collection_conduct"}
    if concrete - _UNSPECIFIED:
        vague = [c for c in claims if c.allegation in _UNSPECIFIED]
        left_out += [LeftOut(claim, Doubt.UNSPECIFIC) for claim in vague]
        claims = [c for c in claims if c.allegation not in _UNSPECIFIED]
    return Reading(tuple(_quotes(claims)), tuple(left_out))


def _quotes(claims: Iterable[Claim]) -> list[Claim]:
    """Keep at most three quotes of an allegation, none inside another, in reading order."""
    kept: dict[str, list[Claim]] = {}
    for claim in sorted(claims, key=lambda c: (c.start, -c.end)):
        quotes = kept.setdefault(claim.allegation, [])
        if len(quotes) < _MOST and (not quotes or claim.start >= quotes[-1].end):
            quotes.append(claim)
    return sorted((c for q in kept.values() for c in q), key=lambda c: (c.start, c.allegation))
