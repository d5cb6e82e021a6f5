"""Find all patterns in many texts: the words that they need first, expressions where needed.

One Aho-Corasick pass (Aho and Corasick 1975) over all texts finds the rarest words of every pattern
at once, and an expression runs only over the sentences that have all that its pattern needs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from ahocorasick_rs import AhoCorasick
from numpy.typing import NDArray

from nlp.patterns import Need, Pattern, Words
from nlp.signs import beginnings, distinct, each_hit

Numbers = NDArray[np.int64]
Flags = NDArray[np.bool_]

_AT_ONCE = 64  # sentences whose bits are put together while they lie near the processor
_ASKED = 3  # groups of characters that are asked for
_SEARCH = 3  # times the price of trying an expression at one place


@dataclass(frozen=True, slots=True)
class Found:
    """A match: whose pattern it is, and where it stands in the text."""

    name: str
    start: int
    end: int


class Matcher:
    """All patterns at once.

    Of the words that a pattern needs, those that are rarest in ``sample`` are looked for; of its
    other needs only a character each. An expression runs where all of this stands in a sentence.
    """

    def __init__(self, patterns: Iterable[Pattern], sample: Sequence[str] = ()) -> None:
        """Build the automaton over the words that the patterns need."""
        self._patterns = tuple(patterns)
        counts = _counts(self._patterns, sample)
        uses: dict[str, list[int]] = {}
        others: list[list[Words]] = []
        self._before: list[int] = []  # of the rarest word, within a match
        for number, pattern in enumerate(self._patterns):
            rarest = min(pattern.needs, key=lambda need: _price(need, counts))
            for word in rarest.words:
                uses.setdefault(word, []).append(number)
            self._before.append(rarest.before)
            groups = [_rarest(need.words, counts) for need in pattern.needs if need is not rarest]
            others.append(sorted(groups, key=lambda chars: sum(counts[char] for char in chars)))
        self._uses = _Uses(list(uses.values()))
        self._checks = Checks(others)
        self._automaton = AhoCorasick(list(uses))

    def find(self, text: str, spans: Sequence[tuple[int, int]]) -> list[Found]:
        """Return every match inside each span (a sentence) of ``text``; spans are in order."""
        return self.find_all([text], [spans])[0]

    def find_all(
        self, texts: Sequence[str], spans: Sequence[Sequence[tuple[int, int]]]
    ) -> list[list[Found]]:
        """Return the matches in each of many texts, as ``find`` does."""
        found: list[list[Found]] = [[] for _ in texts]
        all_spans = [(which, *span) for which, own in enumerate(spans) for span in own]
        for number, sentence, places in self._candidates(texts, all_spans):
            which, start, end = all_spans[sentence]
            pattern, before = self._patterns[number], self._before[number]
            if before:
                first = max(start, start + places[0] - before)
                matches = [m.span() for m in pattern.regex.finditer(texts[which], first, end)]
            else:
                matches = _beginning(pattern.regex, texts[which], start, places, end)
            if matches:
                found[which] += [Found(pattern.name, a, b) for a, b in matches if b > a]
        return [
            sorted(set(some), key=lambda f: (f.start, -f.end, f.name)) if some else some
            for some in found
        ]

    def _candidates(
        self, texts: Sequence[str], spans: Sequence[tuple[int, int, int]]
    ) -> Iterator[tuple[int, int, list[int]]]:
        """Yield (pattern, sentence, where its rarest words begin in it) where all it needs is."""
        joined = "\n".join(texts)
        hits = self._automaton.find_matches_as_indexes(joined, overlapping=True)
        if not hits or not spans:
            return
        word, start, end = np.fromiter(chain.from_iterable(hits), np.int64).reshape(-1, 3).T
        which, first, last = np.array(spans, np.int64).T
        base = beginnings(texts)[which]
        first, last = first + base, last + base
        sentence = np.searchsorted(first, start, side="right") - 1
        inside = np.flatnonzero((sentence >= 0) & (end <= last[sentence]))
        sentence, place = sentence[inside], start[inside] - first[sentence[inside]]
        numbers, each = self._uses.spread(word[inside])
        keys = distinct((sentence[each] << 40) | (numbers << 28) | place[each])
        groups = keys >> 28
        heads = np.flatnonzero(np.append(True, groups[1:] != groups[:-1]))
        numbers, sentence = groups[heads] & 0xFFF, groups[heads] >> 12
        held = np.flatnonzero(self._checks.hold(joined, first, last, numbers, sentence))
        places = (keys & 0xFFFFFFF).tolist()
        behind = np.append(heads[1:], len(keys))[held].tolist()
        yield from (
            (number, own, places[head:end])
            for number, own, head, end in zip(
                numbers[held].tolist(), sentence[held].tolist(), heads[held].tolist(), behind,
                strict=True,
            )
        )  # fmt: skip


def _beginning(
    regex: re.Pattern[str], text: str, base: int, places: Iterable[int], end: int
) -> list[tuple[int, int]]:
    """Return what finditer finds, for an expression that matches only where its word begins."""
    found, done, match_at = [], base, regex.match
    for place in places:
        if base + place >= done and (match := match_at(text, base + place, end)):
            found.append(match.span())
            done = match.end()
    return found


def _price(need: Need, counts: Mapping[str, float]) -> float:
    """Return how often an expression would be tried; it is quick where a match must begin."""
    return sum(counts[word] for word in need.words) * (1 if need.before == 0 else _SEARCH)


class _Uses:
    """Which patterns each word may begin, as one flat array."""

    def __init__(self, uses: Sequence[Sequence[int]]) -> None:
        self._counts = np.array([len(own) for own in uses], np.int64)
        self._starts = np.cumsum(self._counts) - self._counts
        self._flat = np.array([number for own in uses for number in own], np.int64)

    def spread(self, words: Numbers) -> tuple[Numbers, Numbers]:
        """Return all patterns of the words, and which of the words each is of."""
        counts = self._counts[words]
        each = np.repeat(np.arange(len(words)), counts)
        within = np.arange(len(each)) - np.repeat(np.cumsum(counts) - counts, counts)
        return self._flat[self._starts[words][each] + within], each


class Checks:
    """For each pattern the groups of characters of which a sentence must have one each."""

    def __init__(self, groups: Sequence[Sequence[Words]]) -> None:
        """Give each group a bit and each character the bits of its groups; bit 0 is always set.

        Of each pattern's groups the first three are asked for.
        """
        bits = {group: bit for bit, group in enumerate(dict.fromkeys(chain(*groups)), start=1)}
        chars = sorted({char for group in bits for char in group})
        self._of_char = np.zeros((len(chars) + 1, len(bits) // 64 + 1), np.uint64)
        self._row = np.zeros(0x10000, np.int32)  # of a character; 0 is of no group
        for row, char in enumerate(chars, start=1):
            self._row[min(ord(char), 0xFFFF)] = row
        for group, bit in bits.items():
            for char in group:
                self._of_char[self._row[min(ord(char), 0xFFFF)], bit // 64] |= _bit(bit)
        self._of_char[:, 0] |= _bit(0)
        self._asked = np.zeros((_ASKED, len(groups)), np.int64)  # bits by pattern
        for number, own in enumerate(groups):
            for nth, group in enumerate(own[:_ASKED]):
                self._asked[nth, number] = bits[group]

    def hold(
        self, text: str, starts: Numbers, ends: Numbers, numbers: Numbers, sentences: Numbers
    ) -> Flags:
        """Tell for each (pattern, sentence) whether the sentence has what the pattern needs."""
        points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
        rows = self._row[np.minimum(points, 0xFFFF)]
        fresh = np.append(True, sentences[1:] != sentences[:-1])  # they are in order
        asked, place = sentences[fresh], np.cumsum(fresh) - 1
        have = np.concatenate(
            [
                self._have(rows, starts[some], ends[some])
                for some in np.split(asked, np.arange(_AT_ONCE, len(asked), _AT_ONCE))
            ]
        )
        held: Flags = np.ones(len(numbers), np.bool_)
        for asks in self._asked:
            bit = asks[numbers]
            held &= (have[place, bit >> 6] >> (bit & 63).astype(np.uint64)) & np.uint64(1) != 0
        return held

    def _have(self, rows: NDArray[np.int32], starts: Numbers, ends: Numbers) -> NDArray[np.uint64]:
        """Return the bits of all groups that some sentences have a character of."""
        edges = np.stack([starts, ends], axis=1).ravel() - starts[0]
        own = np.append(rows[starts[0] : ends[-1]], 0)
        return np.bitwise_or.reduceat(self._of_char[own], edges, axis=0)[::2]


def _bit(number: int) -> np.uint64:
    return np.uint64(1) << np.uint64(number % 64)


def _counts(patterns: Iterable[Pattern], sample: Sequence[str]) -> Mapping[str, float]:
    """Return how often each needed word stands in the sample, and each of its characters."""
    words = sorted({word for pattern in patterns for need in pattern.needs for word in need.words})
    chars = sorted(set("".join(words)))
    counts = dict.fromkeys([*chars, *words], 0.5)  # what never stood there may yet
    names = list(counts)
    for _, name, *_ in each_hit(AhoCorasick(names), sample, overlapping=True):
        counts[names[name]] += 1
    return counts


def _rarest(need: Words, counts: Mapping[str, float]) -> Words:
    """Return the rarest character of each word: one of them is there wherever a word is."""
    return frozenset(min(word, key=counts.__getitem__) for word in need)
