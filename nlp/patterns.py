"""The pattern language of allegations.yaml, compiled.

A pattern is a regular expression in which ``{name}`` is any word of a list; ``~`` and ``~~`` skip
up to 4 and 8 characters but no punctuation, ``…`` and ``……`` up to 10 and 22 of any kind. From each
the words are worked out that every match must contain: nlp/matcher.py looks for those first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import accumulate, product

from data.errors import FactError
from data.facts.lexicons import FILE, Lexicons
from data.fold import fold
from data.model import Allegation
from nlp.trie import trie

_WITHIN = "[^，,。！!？?；;：:、\n]"
_SKIPS = {
    "~~": (_WITHIN + "{0,8}?", 8),
    "~": (_WITHIN + "{0,4}?", 4),
    "……": (".{0,22}?", 22),
    "…": (".{0,10}?", 10),
}
_ENDLESS = 1 << 20
_MOST = 160  # a longer list of alternatives is looked for part by part
_QUANTIFIER = re.compile(r"[?*+]\??|\{\d*,?\d*\}\??")
_LOOK = re.compile(r"\(\?(?:[!=]|<[!=])")

Words = frozenset[str]
NOTHING: Words = frozenset({""})


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
        char = self.source[self.at]
        if char in "~…":
            expression, most = next(_SKIPS[skip] for skip in _SKIPS if self._take(skip))
            return _Part(expression, most)
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


def stated(allegations: Iterable[Allegation], lexicons: Lexicons) -> tuple[Pattern, ...]:
    """Return the patterns and cues of the taxonomy. Raises FactError where one is wrong."""
    sources = (
        (a.id, (*a.spec["patterns"], *(re.escape(fold(cue)) for cue in a.spec["cues"])))
        for a in allegations
    )
    try:
        return tuple(compiled(Vocabulary(lexicons.words, lexicons.shapes), sources))
    except ValueError as error:
        raise FactError(f"{FILE.with_name('allegations.yaml')}: {error}; correct it") from None
