"""What a text alleges: each allegation with its words, and what was left out and why."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from ahocorasick_rs import AhoCorasick

from data.facts.lexicons import Lexicons
from data.fold import fold, fold_all
from data.model import Allegation, SourceKind
from nlp import network, vote
from nlp.acts import (
    ANNOUNCEABLE,
    BECOMES_THREAT,
    COMMON,
    FREE_OF_DEBT,
    FUTURE,
    OF_ABSENCE,
    REVERSIBLE,
    THREATS,
    UNSPECIFIED,
    status,
)
from nlp.doubts import Doubt, Doubts, contexts_of, reported, ticked
from nlp.hearing import AdvisedListener, Opinion
from nlp.matcher import Found, Matcher
from nlp.owing import Owing
from nlp.owing import load as load_owing
from nlp.pages import Page, page
from nlp.patterns import stated
from nlp.readings import Claim, LeftOut, Reading, close, quotes, silenced
from nlp.spellings import Spellings
from nlp.tags import Heard, Listener, Tags
from nlp.tags import load as load_tags
from nlp.text import View, sentences
from nlp.voices import UNLIKELY, Voices
from nlp.voices import load as load_voices

_NOTHING = Reading((), ())
_GRAVEST = 5
_SAMPLES = ("hits", "misses")  # what people write: it tells which words are rare
_OWN_STORY = 3  # words of the first person that make an account of one's own
_WINDOW = 60  # how far the nearest debt word may be
_PAGE = 300  # characters of a text that is about one thing: the debt word may stand anywhere
_SMALL = 150  # characters of a text in which one telling cue is enough
_TELLING = 20  # characters without which nothing tells one quarrel from another
_SHORT = 600  # characters for which a lender named in the title is near enough
_OWN_VOICE = re.compile("我|本人|俺")
_SAID = re.compile("说|称|威胁|恐吓|扬言|放话|警告|讲|撂|吼|短信|语音|话我知|骗")
_ABOUT_LENDERS = frozenset({SourceKind.COMPLAINT, SourceKind.REGULATOR})
_TOLD = frozenset({"fiction", "policy_news", "job_ad"})  # nobody's own life


@dataclass(frozen=True, slots=True)
class Text:
    """A title or a text to be read, and what is known of it: see ``AllegationFinder.read``."""

    page: Page
    kind: SourceKind = SourceKind.OTHER
    named: Sequence[tuple[int, int]] = ()
    around: str = ""


class AllegationFinder:
    """Finds the allegations of the taxonomy; pure, and fit for many texts."""

    def __init__(
        self,
        allegations: Sequence[Allegation],
        lexicons: Lexicons,
        voices: Voices | None = None,
        tags: Tags | None = None,
        opinion: Opinion | None = None,
        owing: Owing | None = None,
    ) -> None:
        """Compile all patterns; ``tags`` that are given listen alone. Raises FactError."""
        self._voices = voices or load_voices()
        self._owing = owing or load_owing()
        self._yields = {a.id: frozenset(a.spec["yields_to"]) for a in allegations}
        self.kinds = {allegation.id: allegation.spec["kind"] for allegation in allegations}
        self.grave = frozenset(one.id for one in allegations if one.severity == _GRAVEST)
        kept = self.grave - COMMON
        self.listener = Listener(tags or load_tags(), self.kinds, self.grave, FREE_OF_DEBT, kept)
        if advice := vote.advice(opinion) or (None if tags else network.advice()):
            self.listener = AdvisedListener(self.listener, advice)
        self._spellings = Spellings(lexicons)
        self.doubts = Doubts(lexicons)
        sample = [text for a in allegations for key in _SAMPLES for text in a.spec[key]]
        self._matcher = Matcher(stated(allegations, lexicons), [*map(fold, sample)])
        self.debt = AhoCorasick(list(lexicons.debt_context))
        self.strict = AhoCorasick(list(lexicons.strict_debt_context))
        self._contexts = [context.id for context in lexicons.contexts]
        self.zh = {context.id: context.zh for context in lexicons.contexts}
        cues = [
            (fold(cue), n, cue in c.alone)
            for n, c in enumerate(lexicons.contexts)
            for cue in dict.fromkeys((*c.cues, *c.alone))
        ]
        self._cue_of = [(n, alone) for _, n, alone in cues]
        self._cues = AhoCorasick([cue for cue, _, _ in cues])

    def read(
        self,
        raw: str,
        kind: SourceKind = SourceKind.OTHER,
        named: Sequence[tuple[int, int]] = (),
        around: str = "",
    ) -> Reading:
        """Return what ``raw`` alleges; ``named`` are raw spans that name a lender.

        A lender's name is as good as a debt word; (0, 0) says that the title names one. ``around``
        is the rest of the mention: it tells the kind of text. Spans are code points of ``raw``.
        """
        return self.read_all([Text(page(raw), kind, named, around)])[0]

    def read_all(self, texts: Sequence[Text]) -> list[Reading]:
        """Return what each of many texts alleges, as ``read`` does."""
        views = self._spellings.read_all([text.page.view for text in texts])
        spans = [sentences(view.text) for view in views]
        owed = self._owed(texts, views)
        heard = self.listener.heard(
            [view.text for view in views],
            spans,
            self._matcher.find_all([view.text for view in views], spans),
            [
                sure or self._may_be_about_debt(text, view)
                for sure, text, view in zip(owed, texts, views, strict=True)
            ],
        )
        around = fold_all(
            [text.around if own.found else "" for text, own in zip(texts, heard, strict=True)]
        )
        readings = [
            self._judged(*each) if each[-1].found else _NOTHING
            for each in zip(texts, around, views, spans, owed, heard, strict=True)
        ]
        return [
            silenced(reading, Doubt.UNSPECIFIC, UNSPECIFIED) if self._concrete(reading) else reading
            for reading in self._heard(texts, views, readings)
        ]

    def _judged(
        self,
        text: Text,
        around: str,
        view: View,
        spans: Sequence[tuple[int, int]],
        owed: bool,
        heard: Heard,
    ) -> Reading:
        page = _Page(self, view, spans, text.kind, text.named, heard)
        page.about_a_lender |= owed
        page.contexts = self.contexts(f"{view.text}\n{around}", text.kind)
        judged = [(match, page.doubt(match)) for match in heard.found]
        return self._settled(_reading(view, judged, heard, text.kind))

    def _owed(self, texts: Sequence[Text], views: Sequence[View]) -> list[bool]:
        """Tell of each text whether it speaks of money owed although no word says so."""
        asked = [
            n
            for n, (text, view) in enumerate(zip(texts, views, strict=True))
            if not text.named
            and text.kind not in _ABOUT_LENDERS
            and _TELLING <= len(view.text) <= _SHORT
        ]
        likely = self._owing.likely([views[n].text for n in asked])
        owed = {n for n, yes in zip(asked, likely, strict=True) if yes}
        return [n in owed for n in range(len(texts))]

    def _may_be_about_debt(self, text: Text, view: View) -> bool:
        """Tell whether the text may be about debt at all."""
        return (
            bool(text.named)
            or text.kind in _ABOUT_LENDERS
            or bool(self.debt.find_matches_as_indexes(view.text))
        )

    def together(self, title: Reading, text: Reading, kind: SourceKind) -> tuple[Reading, Reading]:
        """Return both readings as those of one mention.

        The title of a complaint is a slogan, often the platform's: where the text alleges
        anything, the title's account does not count. Vague words give way to concrete ones in the
        other field.
        """
        if kind is SourceKind.COMPLAINT and text.claims:
            which = frozenset(self.kinds) - UNSPECIFIED
            title = silenced(title, Doubt.SLOGAN, which)
        if self._concrete(title) or self._concrete(text):
            return silenced(title, Doubt.UNSPECIFIC, UNSPECIFIED), silenced(
                text, Doubt.UNSPECIFIC, UNSPECIFIED
            )
        return title, text

    def _settled(self, reading: Reading) -> Reading:
        """Call one act by one name: the less apt allegation yields to one close by."""
        out = tuple(
            claim
            for claim in reading.claims
            if not claim.believed
            and any(
                other.allegation in self._yields[claim.allegation] and close(claim, other)
                for other in reading.claims
            )
        )
        kept = tuple(claim for claim in reading.claims if claim not in out)
        return Reading(kept, (*reading.left_out, *(LeftOut(c, Doubt.SAME_ACT) for c in out)))

    def _heard(
        self, texts: Sequence[Text], views: Sequence[View], readings: Iterable[Reading]
    ) -> list[Reading]:
        """Leave everything out but self-harm where nobody seems to tell what happened."""
        kept = list(readings)
        asked = [
            n
            for n, reading in enumerate(kept)
            if reading.claims
            and texts[n].kind is not SourceKind.REGULATOR
            and not (self.listener.overrules and any(claim.believed for claim in reading.claims))
        ]
        around = fold_all([texts[n].around for n in asked])
        pages = [
            f"{title}\n{views[n].text}" if title else views[n].text
            for n, title in zip(asked, around, strict=True)
        ]
        likely = self._voices.accounts(pages, [texts[n].kind for n in asked])
        which = frozenset(self.kinds) - FREE_OF_DEBT
        for n, heard, account in zip(asked, pages, likely, strict=True):
            least = UNLIKELY / 2 if _OWN_VOICE.search(heard) else UNLIKELY
            if account < least:  # of the gravest sort with more patience
                out = which if account < least / 2 else which - self.grave
                kept[n] = silenced(kept[n], Doubt.VOICE, out)
        return kept

    def _concrete(self, reading: Reading) -> bool:
        return any(
            self.kinds[claim.allegation] == "collection_conduct"
            and claim.allegation not in UNSPECIFIED
            for claim in reading.claims
        )

    def contexts(self, text: str, kind: SourceKind) -> list[str]:
        """Return the ids of the contexts that silence a folded text."""
        if kind is SourceKind.REGULATOR:
            return []
        seen = {hit[0] for hit in self._cues.find_matches_as_indexes(text, overlapping=True)}
        counts = [0] * len(self._contexts)
        sure = [False] * len(self._contexts)
        for number in seen:
            context, alone = self._cue_of[number]
            counts[context] += 1
            sure[context] |= alone and len(text) <= _SMALL
        own_voice = len(_OWN_VOICE.findall(text))
        found = contexts_of(list(zip(self._contexts, counts, sure, strict=True)), own_voice)
        if kind is SourceKind.COMPLAINT:
            return [
                name
                for name in found
                if name == "resolved" or (name == "anti_collection_ad" and own_voice < _OWN_STORY)
            ]
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
        heard: Heard,
    ) -> None:
        text = view.text
        self._heard = heard
        self._finder = finder
        self._text = text
        self._starts = [start for start, _ in spans]
        self._spans = spans
        self._names = _seen_in(view, named)
        self._demands = ticked(text)
        named_outside = (0, 0) in named and len(text) <= _SHORT
        self.about_a_lender = named_outside or kind in _ABOUT_LENDERS
        self._open_talk = kind is not SourceKind.COMPLAINT
        self.contexts: Sequence[str] = ()

    @cached_property
    def _debt(self) -> list[int]:
        return sorted([*_starts(self._finder.debt, self._text), *self._names])

    @cached_property
    def _strict(self) -> list[int]:
        return sorted([*_starts(self._finder.strict, self._text), *self._names])

    def doubt(self, match: Found) -> tuple[Doubt, str] | None:
        """Return why the match alleges nothing, or None if it does."""
        if not self._about_debt(match):
            return Doubt.NO_DEBT, ""
        if match.name in FREE_OF_DEBT:
            told = _TOLD.intersection(self.contexts)
            return (Doubt.CONTEXT, self._finder.zh[min(told)]) if told else None
        if any(start <= match.start < end for start, end in self._demands):
            return Doubt.DEMAND, ""
        if self.contexts:
            return Doubt.CONTEXT, self._finder.zh[self.contexts[0]]
        unlikely = (Doubt.UNLIKELY, "") if match in self._heard.unlikely else None
        return unlikely if match in self._heard.proven else self._in_sentence(match) or unlikely

    def _about_debt(self, match: Found) -> bool:
        if self.about_a_lender:
            return True
        conduct = self._finder.kinds[match.name] == "collection_conduct"
        strict = conduct or match in self._heard.clauses  # what no pattern foresaw asks for more
        words = self._strict if strict else self._debt
        return bool(words) if len(self._text) <= _PAGE else _near(words, match)

    def _in_sentence(self, match: Found) -> tuple[Doubt, str] | None:
        number = bisect_left(self._starts, match.start + 1) - 1
        first, last = self._spans[number]
        sentence = self._text[first:last]
        start, end = match.start - first, match.end - first
        doubts = self._finder.doubts
        if doubts.asked(sentence, start, end, self._text[last : last + 1]):
            return Doubt.ASKED, ""
        if match.name not in OF_ABSENCE and doubts.denied(sentence, start, end):
            return Doubt.DENIED, ""
        if doubts.wished(sentence, start):
            return Doubt.DEMAND, ""
        if self._open_talk and doubts.advised(sentence):
            return Doubt.ADVICE, ""
        own = match.name == "malicious_reporting" and reported(sentence)
        if own or (match.name in REVERSIBLE and doubts.reversed(sentence, start)):
            return Doubt.REVERSED, ""
        return self._done(match, sentence, first)

    def _done(self, match: Found, sentence: str, first: int) -> tuple[Doubt, str] | None:
        """Doubt conduct that is only announced or supposed; a threat is done when it is uttered."""
        if match.name in THREATS:
            return self._uttered(match, sentence, first)
        if self._finder.kinds[match.name] != "collection_conduct":
            return None
        start, end = match.start - first, match.end - first
        doubts = self._finder.doubts
        if match.name in ANNOUNCEABLE:
            begin = doubts.announced(sentence, start, end)
            if begin is not None:
                return Doubt.ANNOUNCED, str(first + begin)
        return (Doubt.SUPPOSED, "") if doubts.supposed(sentence, start, end) else None

    def _uttered(self, match: Found, sentence: str, first: int) -> tuple[Doubt, str] | None:
        """Doubt a threat only where nobody uttered it: under a condition before any saying."""
        before = sentence[: match.start - first]
        supposed = self._finder.doubts.supposed(sentence, len(before))
        return (Doubt.SUPPOSED, "") if supposed and not _SAID.search(before) else None


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
    heard: Heard,
    kind: SourceKind,
) -> Reading:
    claims: list[Claim] = []
    left_out: list[LeftOut] = []
    for match, doubt in judged:
        shown = view.span(*heard.shown(match))
        claim = Claim(match.name, *shown, status(match.name, kind), match in heard.believed)
        if doubt is None:
            claims.append(claim)
        elif doubt[0] is Doubt.ANNOUNCED and match.name in BECOMES_THREAT:
            span = view.span(int(doubt[1]), match.end)
            claims.append(Claim(FUTURE, *span, status=status(FUTURE, kind)))
        else:
            left_out.append(LeftOut(claim, doubt[0], doubt[1]))
    return Reading(tuple(quotes(claims)), tuple(left_out))
