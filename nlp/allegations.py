"""What a text alleges: each allegation with its words, and what was left out and why."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from math import inf

from ahocorasick_rs import AhoCorasick

from data.facts.lexicons import Lexicons
from data.fold import fold, fold_all
from data.model import Allegation, SourceKind
from nlp import network, vote
from nlp.acts import BECOMES_THREAT, COMMON, FREE_OF_DEBT, FUTURE, UNSPECIFIED, status
from nlp.doubts import Doubt, Doubts, contexts_of
from nlp.examining import ABOUT_LENDERS, SHORT, Examination, Known, Text
from nlp.hearing import AdvisedListener, Opinion
from nlp.matcher import Found, Matcher
from nlp.owing import LEANING, LIKELY, Owing
from nlp.owing import load as load_owing
from nlp.pages import page
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
_SMALL = 150  # characters of a text in which one telling cue is enough
_OWN_VOICE = re.compile("我|本人|俺")


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
        sample = [text for a in allegations for key in _SAMPLES for text in a.spec[key]]
        self._matcher = Matcher(stated(allegations, lexicons), [*map(fold, sample)])
        self.known = Known(
            self.kinds,
            AhoCorasick(list(lexicons.debt_context)),
            AhoCorasick(list(lexicons.strict_debt_context)),
            {context.id: context.zh for context in lexicons.contexts},
            Doubts(lexicons),
        )
        self._contexts = [*self.known.contexts]
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
        found = self._matcher.find_all([view.text for view in views], spans)
        owes = self._owes(texts, views)
        asked = [*map(self._may_be_about_debt, texts, views, found, owes)]
        heard = self.listener.heard([view.text for view in views], spans, found, asked)
        around = fold_all(
            [text.around if own.found else "" for text, own in zip(texts, heard, strict=True)]
        )
        readings = [
            self._judged(*each) if each[-1].found else _NOTHING
            for each in zip(texts, around, views, spans, owes, heard, strict=True)
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
        owes: float,
        heard: Heard,
    ) -> Reading:
        contexts = self.contexts(f"{view.text}\n{around}", text.kind)
        page = Examination(self.known, view, spans, text, contexts, owes, heard)
        judged = [(match, page.doubt(match)) for match in heard.found]
        return self._settled(_reading(view, judged, heard, text.kind))

    def _owes(self, texts: Sequence[Text], views: Sequence[View]) -> list[float]:
        """Return of each text the log-odds that it speaks of money owed although no word says so.

        Of long texts and of those about a lender it is not asked.
        """
        asked = [
            n
            for n, (text, view) in enumerate(zip(texts, views, strict=True))
            if not text.named and text.kind not in ABOUT_LENDERS and len(view.text) <= SHORT
        ]
        owes = [-inf] * len(texts)
        scores = self._owing.scores([views[n].text for n in asked]).tolist() if asked else []
        for n, score in zip(asked, scores, strict=True):
            owes[n] = score
        return owes

    def _may_be_about_debt(
        self, text: Text, view: View, found: Sequence[Found], owes: float
    ) -> bool:
        """Tell whether the text may be about debt at all."""
        return (
            owes > LIKELY
            or bool(text.named)
            or text.kind in ABOUT_LENDERS
            or any(owes > LEANING or match.name in FREE_OF_DEBT for match in found)
            or bool(self.known.debt.find_matches_as_indexes(view.text))
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
            own = texts[n].kind is SourceKind.COMPLAINT or _OWN_VOICE.search(heard)
            least = UNLIKELY / 2 if own else UNLIKELY
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
