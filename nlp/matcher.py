"""Find all patterns in many texts: the words that they need first, expressions where needed.

One Aho-Corasick pass (Aho and Corasick 1975) over all texts finds the rarest words of every pattern
at once, and an expression runs only over the sentences that have all that its pattern needs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, pairwise
from typing import NamedTuple

import numpy as np
from ahocorasick_rs import AhoCorasick
from numpy.typing import NDArray

from nlp.patterns import Need, Pattern, Words
from nlp.signs import beginnings, each_hit, in_order, once

Numbers = NDArray[np.int64]
Masks = NDArray[np.uint64]

_TOGETHER = 64  # sentences whose bits are put together while they lie near the processor
_ASKED = 3  # needs that are asked for, beside the rarest
_SLOTS = 17  # bits of the number that two neighbouring characters get
_SPREAD = (np.uint32(0x9E3779B1), np.uint32(0x85EBCA6B))
_MOST = 0xFFF  # patterns that a number of twelve bits can name
_SEARCH = 3  # times the price of trying an expression at one place


class Found(NamedTuple):
    """A match: whose pattern it is, and where it stands in the text."""

    name: str
    start: int
    end: int


class Matcher:
    """All patterns at once.

    Of the words that a pattern needs, those that are rarest in ``sample`` are looked for; of its
    other needs only two characters each. An expression runs where all of this stands in a sentence.
    """

    def __init__(self, patterns: Iterable[Pattern], sample: Sequence[str] = ()) -> None:
        """Build the automaton over the words that the patterns need. Raises ValueError."""
        self._patterns = tuple(patterns)
        if len(self._patterns) > _MOST:
            raise ValueError(f"{len(self._patterns)} patterns; a key has room for {_MOST}")
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
            pattern, before, text = self._patterns[number], self._before[number], texts[which]
            if before:
                first = max(start, start + places[0] - before)
                matches = _anywhere(pattern.regex, text, first, end)
            else:
                matches = _beginning(pattern.regex, text, [start + at for at in places], end)
            if matches:
                found[which] += [Found(pattern.name, a, b) for a, b in matches if b > a]
        return [sorted(set(some), key=_reading_order) if some else some for some in found]

    def _candidates(
        self, texts: Sequence[str], spans: Sequence[tuple[int, int, int]]
    ) -> Iterator[tuple[int, int, list[int]]]:
        """Yield (pattern, sentence, where its rarest words begin in it) where all it needs is."""
        joined = "\n".join(texts)
        hits = self._automaton.find_matches_as_indexes(joined, overlapping=True)
        if not hits or not spans:
            return iter(())
        word, start, end = np.fromiter(chain.from_iterable(hits), np.int64).reshape(-1, 3).T
        which, first, last = np.array(spans, np.int64).T
        base = beginnings(texts)[which]
        first, last = first + base, last + base
        sentence = np.searchsorted(first, start, side="right") - 1
        inside = np.flatnonzero((sentence >= 0) & (end <= last[sentence]))
        sentence, place = sentence[inside], start[inside] - first[sentence[inside]]
        numbers, each = self._uses.spread(word[inside])
        owner = sentence[each]
        ends = np.append(np.flatnonzero(owner[1:] != owner[:-1]) + 1, len(owner))
        keys = once(in_order((owner << 40) | (numbers << 28) | place[each], ends))
        groups = keys >> 28
        heads = np.flatnonzero(np.append(True, groups[1:] != groups[:-1]))
        numbers, sentence = groups[heads] & _MOST, groups[heads] >> 12
        held = self._checks.held(joined, first, numbers, sentence)
        places = (keys & 0xFFFFFFF).tolist()
        behind = np.append(heads[1:], len(keys))[held].tolist()
        return (
            (number, own, places[head:end])
            for number, own, head, end in zip(
                numbers[held].tolist(), sentence[held].tolist(), heads[held].tolist(), behind,
                strict=True,
            )
        )  # fmt: skip


def _reading_order(found: Found) -> tuple[int, int, str]:
    return found.start, -found.end, found.name


def _anywhere(regex: re.Pattern[str], text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return what finditer finds; mostly that is nothing, and then a search is quicker."""
    if regex.search(text, start, end) is None:
        return []
    return [match.span() for match in regex.finditer(text, start, end)]


def _beginning(
    regex: re.Pattern[str], text: str, places: Iterable[int], end: int
) -> list[tuple[int, int]]:
    """Return what finditer finds, for an expression that matches only where its word begins."""
    found: list[tuple[int, int]] = []
    done = 0
    for place in places:
        if place >= done and (match := regex.match(text, place, end)):
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
    """For each pattern the groups of one or two characters of which a sentence must have one."""

    def __init__(self, groups: Sequence[Sequence[Words]]) -> None:
        """Give each group a bit and each character or two the bits of its groups.

        Bit 0 is always set. Of each pattern's groups the first three are asked for. Two pairs of
        characters may share a place in the table: then both have the bits of both.
        """
        bits = {group: bit for bit, group in enumerate(dict.fromkeys(chain(*groups)), start=1)}
        self._rows = np.zeros((2, 1 << _SLOTS), np.int32)  # of one character, of two; 0 is of none
        place = _places({word for group in bits for word in group})
        for row, at in enumerate(dict.fromkeys(place.values()), start=1):
            self._rows[at] = row
        self._bits = np.zeros((self._rows.max() + 1, len(bits) // 64 + 1), np.uint64)
        self._bits[:, 0] |= _bit(0)
        for group, bit in bits.items():
            for word in group:
                self._bits[self._rows[place[word]], bit // 64] |= _bit(bit)
        self._asked = np.zeros((_ASKED, len(groups)), np.int64)  # bits by pattern
        for number, own in enumerate(groups):
            for nth, group in enumerate(own[:_ASKED]):
                self._asked[nth, number] = bits[group]

    def held(self, text: str, starts: Numbers, numbers: Numbers, sentences: Numbers) -> Numbers:
        """Return which of the (pattern, sentence) have in the sentence all that is asked for.

        A sentence is what stands from its start to the next one's.
        """
        have = self._have(text, starts)
        left = np.arange(len(numbers))
        for asks in self._asked:
            bit = asks[numbers[left]]
            own = have[sentences[left], bit >> 6] >> (bit & 63).astype(np.uint64)
            left = left[own & np.uint64(1) != 0]
        return left

    def _have(self, text: str, starts: Numbers) -> Masks:
        """Return the bits of all groups that each sentence has something of."""
        ones, twos = _slots(text)
        rows = np.stack([self._rows[0, ones], self._rows[1, twos]], axis=1).ravel()
        telling = rows != 0
        telling[starts * 2] = True  # or a sentence without any would have the next one's
        at = np.flatnonzero(telling)
        rows, heads = rows[at], np.searchsorted(at, starts * 2)
        edges = [*heads[::_TOGETHER].tolist(), len(at)]
        parts = [
            np.bitwise_or.reduceat(
                self._bits[rows[first:last]], heads[n * _TOGETHER : (n + 1) * _TOGETHER] - first
            )
            for n, (first, last) in enumerate(pairwise(edges))
        ]
        return np.concatenate(parts)


def _slots(text: str) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Return a number for each character of a text, and one for each with the next."""
    points = np.frombuffer(f"{text}\n".encode("utf-32-le", "surrogatepass"), np.uint32)
    twos = (points[:-1] * _SPREAD[0] + points[1:]) * _SPREAD[1] >> np.uint32(32 - _SLOTS)
    return np.minimum(points[:-1], 0xFFFF), twos


def _places(words: Iterable[str]) -> dict[str, tuple[int, int]]:
    """Return the place in the table of each word of one or two characters."""
    known = sorted(words)
    ones, twos = _slots("".join(f"{word}\n" for word in known))
    begins = np.cumsum([0, *(len(word) + 1 for word in known)])[:-1]
    both = zip(known, ones[begins].tolist(), twos[begins].tolist(), strict=True)
    return {word: (len(word) - 1, (one, two)[len(word) - 1]) for word, one, two in both}


def _bit(number: int) -> np.uint64:
    return np.uint64(1) << np.uint64(number % 64)


def _counts(patterns: Iterable[Pattern], sample: Sequence[str]) -> Mapping[str, float]:
    """Return how often each needed word stands in the sample, and each two of its characters."""
    words = sorted({word for pattern in patterns for need in pattern.needs for word in need.words})
    parts = sorted({part for word in words for part in _parts(word)})
    counts = dict.fromkeys([*parts, *words], 0.5)  # what never stood there may yet
    names = list(counts)
    for _, name, *_ in each_hit(AhoCorasick(names), sample, overlapping=True):
        counts[names[name]] += 1
    return counts


def _parts(word: str) -> list[str]:
    """Return each two neighbouring characters of a word; of one character, itself."""
    return [a + b for a, b in pairwise(word)] or [word]


def _rarest(need: Words, counts: Mapping[str, float]) -> Words:
    """Return the rarest two characters of each word: one of them is there wherever a word is."""
    return frozenset(min(_parts(word), key=counts.__getitem__) for word in need)
