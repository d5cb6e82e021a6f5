"""The pattern language of allegations.yaml, compiled: word lists first, expressions where needed.

A pattern is a regular expression in which ``{name}`` is any word of a list; ``~`` and ``~~`` skip
up to 4 and 8 characters but no punctuation, ``…`` and ``……`` up to 10 and 22 of any kind. From each
the words are worked out that every match must contain; one Aho-Corasick pass (Aho and Corasick
1975) finds them all, and an expression runs only over the sentences that have its words.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product

from ahocorasick_rs import AhoCorasick

from nlp.trie import trie

_WITHIN = "[^，,。！!？?；;：:、\n]"
_SKIPS = {
    "~~": _WITHIN + "{0,8}?",
    "~": _WITHIN + "{0,4}?",
    "……": ".{0,22}?",
    "…": ".{0,10}?",
}
_MOST = 160  # a longer list of alternatives is looked for part by part
_QUANTIFIER = re.compile(r"[?*+]\??|\{\d*,?\d*\}\??")
_LOOK = re.compile(r"\(\?(?:[!=]|<[!=])")

Words = frozenset[str]
NOTHING: Words = frozenset({""})


@dataclass(frozen=True, slots=True)
class Found:
    """A match: whose pattern it is, and where it stands in the text."""

    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a pattern.

    ``finite`` is everything it can be, where that is a short list. ``needs`` has, for each thing
    that a match must contain, the ways to write it.
    """

    expression: str
    finite: Words | None = None
    needs: tuple[Words, ...] = ()


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
            return _Part(trie(words), words, (words,))
        if name in self._shapes:
            shape = _Parser(self._shapes[name], self).parse()
            return _Part(f"(?:{shape.expression})", None, shape.needs)
        raise ValueError(f"there is no list or shape {{{name}}} in lexicons.yaml")


class Pattern:
    """One pattern of one allegation."""

    def __init__(self, name: str, source: str, vocabulary: Vocabulary) -> None:
        """Parse ``source``. Raises ValueError where it is wrong or contains no word for certain."""
        self.name = name
        self.source = source
        part = _Parser(source, vocabulary).parse()
        self.needs = _best(part.needs)
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
    """All patterns at once."""

    def __init__(self, patterns: Iterable[Pattern]) -> None:
        """Build the automaton over the words that the patterns need."""
        self._patterns = tuple(patterns)
        uses: dict[str, list[tuple[int, int]]] = {}
        for number, pattern in enumerate(self._patterns):
            for bit, words in enumerate(pattern.needs):
                for word in words:
                    uses.setdefault(word, []).append((number, 1 << bit))
        self._uses = list(uses.values())
        self._full = [(1 << len(pattern.needs)) - 1 for pattern in self._patterns]
        self._automaton = AhoCorasick(list(uses))

    def find(self, text: str, spans: Iterable[tuple[int, int]]) -> list[Found]:
        """Return every match inside each span (a sentence) of ``text``; spans are in order."""
        found = {
            Found(self._patterns[number].name, match.start(), match.end())
            for (start, end), words in self._words_in(text, list(spans))
            for number in self._candidates(words)
            for match in self._patterns[number].regex.finditer(text, start, end)
            if match.end() > match.start()
        }
        return sorted(found, key=lambda f: (f.start, -f.end, f.name))

    def _words_in(
        self, text: str, spans: Sequence[tuple[int, int]]
    ) -> Iterator[tuple[tuple[int, int], set[int]]]:
        """Yield the spans that hold words, with the words: one pass over the whole text."""
        words: dict[int, set[int]] = {}
        ends = [end for _, end in spans]
        for word, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
            number = bisect_left(ends, end)
            if number < len(spans) and spans[number][0] <= start:
                words.setdefault(number, set()).add(word)
        return ((spans[number], words[number]) for number in sorted(words))

    def _candidates(self, words: Iterable[int]) -> list[int]:
        seen: dict[int, int] = {}
        for word in words:
            for number, bit in self._uses[word]:
                seen[number] = seen.get(number, 0) | bit
        full = self._full
        return [number for number, bits in seen.items() if bits == full[number]]


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
        for skip, expression in _SKIPS.items():
            if self._take(skip):
                return _Part(expression)
        char = self.source[self.at]
        if char in "({":
            return self._group() if char == "(" else self.vocabulary.part(self._until("}")[1:-1])
        if char == "[":
            return _Part(self._until("]"))
        length = 2 if char == "\\" else 1
        self.at += length
        text = self.source[self.at - length : self.at]
        return _Part(text) if char in "\\.^$" else _word(text)

    def _group(self) -> _Part:
        if look := _LOOK.match(self.source, self.at):
            self.at = look.end()
            inner = self._alternatives()
            self._close()
            return _Part(f"{look[0]}{inner.expression})", NOTHING)
        self.at += 3 if self.source.startswith("(?:", self.at) else 1
        inner = self._alternatives()
        self._close()
        return _Part(f"(?:{inner.expression})", inner.finite, inner.needs)

    def _repeated(self, part: _Part) -> _Part:
        match = _QUANTIFIER.match(self.source, self.at)
        if match is None:
            return part
        self.at = match.end()
        expression = f"(?:{part.expression}){match[0]}"
        if match[0] in {"?", "??"}:
            finite = None if part.finite is None else part.finite | NOTHING
            return _Part(expression, finite)
        once = match[0][0] == "+" or (match[0][0] == "{" and match[0][1] not in "0,")
        return _Part(expression, None, part.needs if once else ())

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
    return _Part(re.escape(text), words, (words,))


def _either(branches: Sequence[_Part]) -> _Part:
    expression = "|".join(branch.expression for branch in branches)
    finite = _union([branch.finite for branch in branches])
    if finite is not None:
        return _Part(expression, finite, () if "" in finite else (finite,))
    best = [_best(branch.needs, most=1) for branch in branches]
    if not all(best):
        return _Part(expression)
    return _Part(expression, None, (frozenset().union(*(needs[0] for needs in best)),))


def _union(lists: Sequence[Words | None]) -> Words | None:
    known = [words for words in lists if words is not None]
    return frozenset().union(*known) if len(known) == len(lists) else None


def _joined(parts: Sequence[_Part]) -> _Part:
    """Put parts one after the other; neighbours that are short lists become one list."""
    expression = "".join(part.expression for part in parts)
    runs: list[Words] = [NOTHING]
    needs: list[Words] = []
    whole = True
    for part in parts:
        finite = part.finite
        if finite is not None and len(finite) * len(runs[-1]) <= _MOST:
            runs[-1] = frozenset(a + b for a, b in product(runs[-1], finite))
            continue
        whole = False
        if finite is None:
            needs += part.needs
        runs.append(NOTHING if finite is None else finite)
    needs += [run for run in runs if "" not in run]
    if whole:
        return _Part(expression, runs[0], tuple(needs))
    return _Part(expression, None, tuple(needs))


def _best(needs: Iterable[Words], most: int = 3) -> tuple[Words, ...]:
    """Keep the needs that tell most: long words before short, few before many."""
    ranked = sorted(needs, key=lambda words: (-min(map(len, words)), len(words)))
    long = [words for words in ranked if min(map(len, words)) > 1]
    return tuple((long or ranked)[:most])


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
