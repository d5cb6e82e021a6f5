"""Examine the matches of one text: why does this one allege nothing?"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from ahocorasick_rs import AhoCorasick

from data.model import SourceKind
from nlp.acts import ANNOUNCEABLE, FREE_OF_DEBT, OF_ABSENCE, OF_MISMATCH, REVERSIBLE, THREATS
from nlp.doubts import Doubt, Doubts, agreeing, reported, ticked
from nlp.matcher import Found
from nlp.owing import LEANING, LIKELY, TELLING
from nlp.pages import Page
from nlp.tags import Heard
from nlp.text import View

ABOUT_LENDERS = frozenset({SourceKind.COMPLAINT, SourceKind.REGULATOR})
SHORT = 600
"""Characters for which a lender named in the title is near enough."""
_WINDOW = 60  # how far the nearest debt word may be
_PAGE = 300  # characters of a text that is about one thing: the debt word may stand anywhere
_SAID = re.compile("说|称|威胁|恐吓|扬言|放话|警告|讲|撂|吼|短信|语音|话我知|骗")
_TOLD = frozenset({"fiction", "policy_news", "job_ad"})  # nobody's own life


@dataclass(frozen=True, slots=True)
class Text:
    """A title or a text to be read, and what is known of it: see ``AllegationFinder.read``."""

    page: Page
    kind: SourceKind = SourceKind.OTHER
    named: Sequence[tuple[int, int]] = ()
    around: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known before any text: sorts of allegations, words of debt, names of contexts."""

    kinds: Mapping[str, str]
    debt: AhoCorasick
    strict: AhoCorasick
    contexts: Mapping[str, str]
    doubts: Doubts


class Examination:
    """One text under examination: what its matches need to know is worked out once."""

    def __init__(
        self,
        known: Known,
        view: View,
        spans: Sequence[tuple[int, int]],
        told: Text,
        contexts: Sequence[str],
        owes: float,
        heard: Heard,
    ) -> None:
        """Take a text; ``contexts`` silence it.

        ``owes`` are the log-odds that it speaks of money owed although no word says so.
        """
        text = view.text
        self._known, self._text, self._heard = known, text, heard
        self._contexts, self._owes = contexts, owes
        self._starts = [start for start, _ in spans]
        self._spans = spans
        self._names = _seen_in(view, told.named)
        self._demands = ticked(text)
        named_outside = (0, 0) in told.named and len(text) <= SHORT
        self._about_a_lender = (
            named_outside or told.kind in ABOUT_LENDERS or (owes > LIKELY and len(text) >= TELLING)
        )
        self._open_talk = told.kind is not SourceKind.COMPLAINT

    @cached_property
    def _debt(self) -> list[int]:
        return sorted([*_starts(self._known.debt, self._text), *self._names])

    @cached_property
    def _strict(self) -> list[int]:
        return sorted([*_starts(self._known.strict, self._text), *self._names])

    def doubt(self, match: Found) -> tuple[Doubt, str] | None:
        """Return why the match alleges nothing, or None if it does."""
        if not self._about_debt(match):
            return Doubt.NO_DEBT, ""
        if match.name in FREE_OF_DEBT:
            told = _TOLD.intersection(self._contexts)
            return (Doubt.CONTEXT, self._known.contexts[min(told)]) if told else None
        if any(start <= match.start < end for start, end in self._demands):
            return Doubt.DEMAND, ""
        if self._contexts:
            return Doubt.CONTEXT, self._known.contexts[self._contexts[0]]
        unlikely = (Doubt.UNLIKELY, "") if match in self._heard.unlikely else None
        return unlikely if match in self._heard.proven else self._in_sentence(match) or unlikely

    def _about_debt(self, match: Found) -> bool:
        if self._about_a_lender:
            return True
        unforeseen = match in self._heard.clauses  # by any pattern: a long page must say more
        pressed = self._known.kinds[match.name] == "collection_conduct"
        leaning = match.name in FREE_OF_DEBT or self._owes > (LEANING if pressed else LIKELY)
        if leaning and match in self._heard.proven and not unforeseen:
            return True  # fees and refunds are quarrelled about in every trade
        one_thing = len(self._text) <= _PAGE
        words = self._strict if pressed or (unforeseen and not one_thing) else self._debt
        return bool(words) if one_thing else _near(words, match)

    def _in_sentence(self, match: Found) -> tuple[Doubt, str] | None:
        number = bisect_left(self._starts, match.start + 1) - 1
        first, last = self._spans[number]
        sentence = self._text[first:last]
        start, end = match.start - first, match.end - first
        doubts = self._known.doubts
        if doubts.asked(sentence, start, end, self._text[last : last + 1]):
            return Doubt.ASKED, ""
        denied = match.name not in OF_ABSENCE and doubts.denied(sentence, start, end)
        if denied or (match.name in OF_MISMATCH and agreeing(sentence)):
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
        if self._known.kinds[match.name] != "collection_conduct":
            return None
        start, end = match.start - first, match.end - first
        doubts = self._known.doubts
        if match.name in ANNOUNCEABLE:
            begin = doubts.announced(sentence, start, end)
            if begin is not None:
                return Doubt.ANNOUNCED, str(first + begin)
        return (Doubt.SUPPOSED, "") if doubts.supposed(sentence, start, end) else None

    def _uttered(self, match: Found, sentence: str, first: int) -> tuple[Doubt, str] | None:
        """Doubt a threat only where nobody uttered it: under a condition before any saying."""
        before = sentence[: match.start - first]
        supposed = self._known.doubts.supposed(sentence, len(before))
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
