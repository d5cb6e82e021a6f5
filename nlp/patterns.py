"""The pattern language of allegations.yaml, compiled: word lists first, expressions where needed.

A pattern is a regular expression in which ``{name}`` is any word of a list; ``~`` and ``~~`` skip
up to 4 and 8 characters but no punctuation, ``…`` and ``……`` up to 10 and 22 of any kind. From each
the words are worked out that every match must contain; one Aho-Corasick pass (Aho and Corasick
1975) over many texts finds them all, and an expression runs only over sentences with its words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import accumulate, chain, product

import numpy as np
from ahocorasick_rs import AhoCorasick
from numpy.typing import NDArray

from nlp.signs import beginnings, distinct, each_hit
from nlp.trie import trie

_WITHIN = "[^，,。！!？?；;：:、\n]"
_SKIPS = {
    "~~": (_WITHIN + "{0,8}?", 8),
    "~": (_WITHIN + "{0,4}?", 4),
    "……": (".{0,22}?", 22),
    "…": (".{0,10}?", 10),
}
_ENDLESS = 1 << 20
_AT_ONCE = 64  # sentences whose bits are put together while they lie near the processor
_ASKED = 3  # groups of characters that are asked for
_SEARCH = 3  # times the price of trying an expression at one place
_MOST = 160  # a longer list of alternatives is looked for part by part
_QUANTIFIER = re.compile(r"[?*+]\??|\{\d*,?\d*\}\??")
_LOOK = re.compile(r"\(\?(?:[!=]|<[!=])")

Words = frozenset[str]
Numbers = NDArray[np.int64]
Flags = NDArray[np.bool_]
NOTHING: Words = frozenset({""})


@dataclass(frozen=True, slots=True)
class Found:
    """A match: whose pattern it is, and where it stands in the text."""

    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Need:
    """Words of which a match must contain one, and how much of the match may lie around it."""

    words: Words
    before: int = 0  # characters at most
    after: int = 0

    def within(self, before: int, after: int) -> Need:
        """Return the need of a longer part, with so much more around it."""
        return replace(self, before=self.before + before, after=self.after + after)


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a pattern.

    ``most`` is how long it can be, ``finite`` everything it can be, where that is a short list.
    ``needs`` has, for each thing that a match must contain, the ways to write it.
    """

    expression: str
    most: int
    finite: Words | None = None
    needs: tuple[Need, ...] = ()


class Vocabulary:
    """Word lists and shapes by name, as patterns refer to them."""

    def __init__(self, words: Mapping[str, Sequence[str]], shapes: Mapping[str, str]) -> None:
        """Keep the lists; nothing is compiled before a pattern asks for it."""
        self._words = words
        self._shapes = shapes
        self._made: dict[str, _Part] = {}

    def part(self, name: str) -> _Part:
        """Return the part that ``{name}`` stands for. Raises ValueError for an unknown name."""
        if name not in self._made:
            self._made[name] = self._make(name)
        return self._made[name]

    def _make(self, name: str) -> _Part:
        if name in self._words:
            words = frozenset(self._words[name])
            return _Part(trie(words), max(map(len, words)), words, (Need(words),))
        if name in self._shapes:
            shape = _Parser(self._shapes[name], self).parse()
            return _Part(f"(?:{shape.expression})", shape.most, None, shape.needs)
        raise ValueError(f"there is no list or shape {{{name}}} in lexicons.yaml")


class Pattern:
    """One pattern of one allegation."""

    def __init__(self, name: str, source: str, vocabulary: Vocabulary) -> None:
        """Parse ``source``. Raises ValueError where it is wrong or contains no word for certain."""
        self.name = name
        self.source = source
        part = _Parser(source, vocabulary).parse()
        self.needs = part.needs
        if not self.needs:
            raise ValueError(f"{source!r} can match without any word; give it one that must occur")
        self._expression = part.expression

    @cached_property
    def regex(self) -> re.Pattern[str]:
        """The compiled expression; made at first use, because most are rare."""
        try:
            return re.compile(self._expression)
        except re.error as error:
            raise ValueError(f"{self.source!r} is no regular expression: {error}") from None


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


@dataclass(slots=True)
class _Parser:
    """Recursive descent over a pattern."""

    source: str
    vocabulary: Vocabulary
    at: int = field(default=0)

    def parse(self) -> _Part:
        part = self._alternatives()
        if self.at < len(self.source):
            raise ValueError(f"{self.source!r}: a bracket closes that was never opened")
        return part

    def _alternatives(self) -> _Part:
        branches = [self._sequence()]
        while self._take("|"):
            branches.append(self._sequence())
        return branches[0] if len(branches) == 1 else _either(branches)

    def _sequence(self) -> _Part:
        parts = []
        while self.at < len(self.source) and self.source[self.at] not in "|)":
            parts.append(self._repeated(self._atom()))
        return _joined(parts)

    def _atom(self) -> _Part:
        for skip, (expression, most) in _SKIPS.items():
            if self._take(skip):
                return _Part(expression, most)
        char = self.source[self.at]
        if char in "({":
            return self._group() if char == "(" else self.vocabulary.part(self._until("}")[1:-1])
        if char == "[":
            return _Part(self._until("]"), 1)
        length = 2 if char == "\\" else 1
        self.at += length
        text = self.source[self.at - length : self.at]
        return _Part(text, 1) if char in "\\.^$" else _word(text)

    def _group(self) -> _Part:
        if look := _LOOK.match(self.source, self.at):
            self.at = look.end()
            inner = self._alternatives()
            self._close()
            return _Part(f"{look[0]}{inner.expression})", 0, NOTHING)
        self.at += 3 if self.source.startswith("(?:", self.at) else 1
        inner = self._alternatives()
        self._close()
        return _Part(f"(?:{inner.expression})", inner.most, inner.finite, inner.needs)

    def _repeated(self, part: _Part) -> _Part:
        match = _QUANTIFIER.match(self.source, self.at)
        if match is None:
            return part
        self.at = match.end()
        expression = f"(?:{part.expression}){match[0]}"
        if match[0] in {"?", "??"}:
            finite = None if part.finite is None else part.finite | NOTHING
            return _Part(expression, part.most, finite)
        once = match[0][0] == "+" or (match[0][0] == "{" and match[0][1] not in "0,")
        most = part.most * _times(match[0])
        needs = [need.within(most, most) for need in part.needs] if once else ()
        return _Part(expression, most, None, tuple(needs))

    def _take(self, text: str) -> bool:
        if self.source.startswith(text, self.at):
            self.at += len(text)
            return True
        return False

    def _until(self, char: str) -> str:
        end = self.source.find(char, self.at)
        if end < 0:
            raise ValueError(f"{self.source!r}: {char!r} is missing")
        text = self.source[self.at : end + 1]
        self.at = end + 1
        return text

    def _close(self) -> None:
        if not self._take(")"):
            raise ValueError(f"{self.source!r}: a bracket is never closed")


def _word(text: str) -> _Part:
    words = frozenset({text})
    return _Part(re.escape(text), len(text), words, (Need(words),))


def _times(quantifier: str) -> int:
    """Return how often at most."""
    if quantifier[0] in "*+":
        return _ENDLESS
    most = quantifier.rstrip("?").strip("{}").split(",")[-1]
    return int(most) if most else _ENDLESS


def _either(branches: Sequence[_Part]) -> _Part:
    expression = "|".join(branch.expression for branch in branches)
    most = max(branch.most for branch in branches)
    finite = _union([branch.finite for branch in branches])
    if finite is not None:
        return _Part(expression, most, finite, () if "" in finite else (Need(finite),))
    best = [need for branch in branches if (need := _best(branch.needs))]
    if len(best) < len(branches):
        return _Part(expression, most)
    words = frozenset().union(*(need.words for need in best))
    need = Need(words, max(need.before for need in best), max(need.after for need in best))
    return _Part(expression, most, None, (need,))


def _union(lists: Sequence[Words | None]) -> Words | None:
    known = [words for words in lists if words is not None]
    return frozenset().union(*known) if len(known) == len(lists) else None


def _joined(parts: Sequence[_Part]) -> _Part:
    """Put parts one after the other; neighbours that are short lists become one list."""
    expression = "".join(part.expression for part in parts)
    before = [0, *accumulate(part.most for part in parts)]
    total = before[-1]
    runs: list[tuple[Words, int, int]] = [(NOTHING, 0, 0)]  # words, first part, part behind
    needs: list[Need] = []
    whole = True
    for at, part in enumerate(parts):
        finite, (words, first, _) = part.finite, runs[-1]
        if finite is not None and len(finite) * len(words) <= _MOST:
            joined = frozenset(a + b for a, b in product(words, finite))
            runs[-1] = (joined, first, at + 1)
            continue
        whole = False
        if finite is None:
            needs += [need.within(before[at], total - before[at + 1]) for need in part.needs]
            runs.append((NOTHING, at + 1, at + 1))
        else:
            runs.append((finite, at, at + 1))
    needs += [
        Need(words, before[first], total - before[behind])
        for words, first, behind in runs
        if "" not in words
    ]
    return _Part(expression, total, runs[0][0] if whole else None, tuple(needs))


def _best(needs: Iterable[Need]) -> Need | None:
    """Return the need that tells most: long words before short, few before many."""
    return min(needs, key=lambda n: (-min(map(len, n.words)), len(n.words)), default=None)


def compiled(
    vocabulary: Vocabulary, sources: Iterable[tuple[str, Iterable[str]]]
) -> Iterator[Pattern]:
    """Yield the patterns of each (name, sources). Raises ValueError that names the entry."""
    for name, patterns in sources:
        for source in patterns:
            try:
                yield Pattern(name, source, vocabulary)
            except ValueError as error:
                raise ValueError(f"{name}: patterns: {error}") from None
