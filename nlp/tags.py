"""What a sentence alleges as somebody hears it who has read many: a model beside the patterns.

Ridge regression of every allegation on hashed n-grams of a sentence and, with weights of their own,
on the mean of those of all sentences of its text (nlp/train_tags.py), and of whether anything is
alleged at all. It takes part in two ways: what a pattern found and the model finds most unlikely
is left out, and what no pattern foresees is added where the model is sure, with the words that
speak most for it as the place of evidence. Doubts are raised about those as about any match.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from nlp.acts import UNSPECIFIED
from nlp.grams import Block, hashes, presence
from nlp.matcher import Found

FILE = Path(__file__).with_name("models") / "tags.npz"
BLOCK = Block(longest=2, bits=18, salt=11, most=300)
LEAST = 0.13
"""A match scored below alleges nothing (chosen on authors and planned weeks: docs/quality.md), …"""
KEPT = 0.05
"""… or below this, if it is of the gravest sort."""
SURE, ALONE = 0.22, 0.28
"""An allegation scored above is added, above the second if the sentence is all of the text, …"""
GRAVE = 0.32
"""… or for the gravest sort, of which one opens an incident by itself, above this …"""
ANY = 0.36
"""… where this much speaks for anything being alleged."""
BELIEVED = 0.4
"""What is scored above is believed: it yields to no apter name."""
AROUND = 0.7
"""How much the whole text counts beside a sentence (chosen on authors held out)."""
_TELLING = 10  # characters of a lone sentence, without which only patterns find anything
_FAINT = 1  # of 127 steps: seven weights in ten, a third of the file, and nothing is heard worse
_HAIR = 1e-4  # sums in another order
_BEGIN, _END = "\x02", "\x03"
_STOPS = "?!？！"  # signs behind a sentence that tell something
_COMMAS = "，,、：:“”\"'（）()…—~ "

Scores = npt.NDArray[np.float32]
Place = tuple[int, int, int]
"""A sentence: the number of its text, where it starts and where it ends."""


class Levels(NamedTuple):
    """The scores that decide, as described above."""

    least: float = LEAST
    sure: float = SURE
    alone: float = ALONE
    grave: float = GRAVE
    any: float = ANY
    kept: float = KEPT
    believed: float = BELIEVED
    proven: float = np.inf
    """What is scored above is told whatever its sentence looks like: denied, asked, supposed."""


@dataclass(frozen=True, slots=True)
class Heard:
    """The matches of a text together with what only the model sees.

    Of the latter a match is the words that speak most for it; ``clauses`` has what stands around.
    What is ``believed`` yields to no apter name, what is ``proven`` to no doubt about its sentence.
    """

    found: Sequence[Found]
    unlikely: frozenset[Found] = frozenset()
    believed: frozenset[Found] = frozenset()
    proven: frozenset[Found] = frozenset()
    clauses: Mapping[Found, tuple[int, int]] = field(default_factory=dict)

    def shown(self, match: Found) -> tuple[int, int]:
        """Return the span that is shown as evidence."""
        return self.clauses.get(match, (match.start, match.end))


@dataclass(frozen=True, slots=True)
class Tags:
    """``names`` of the allegations; ``weights``, ``around`` (rows, names + 1), ``offsets`` of each.

    The last is whether anything is alleged. ``weights`` are of a sentence's own n-grams, ``around``
    of those of its text. ``rows`` (columns,) says which row is a column's; row 0 is of n-grams that
    were never learnt.
    """

    names: tuple[str, ...]
    rows: npt.NDArray[np.int32]
    weights: Scores
    around: Scores
    offsets: Scores

    def scores(
        self,
        sentences: Sequence[str],
        texts: Sequence[int] | npt.NDArray[np.integer[Any]],
        wanted: npt.NDArray[np.bool_] | None = None,
        least: float = ANY,
    ) -> Scores:
        """Return (sentences, names + 1): about 1 where an allegation is made, about 0 where not.

        A sentence comes with the sign that ends it; ``texts`` are the numbers of the texts that
        they stand in, in order. Of a text without a sentence that is ``wanted`` or that scores
        ``least`` for anything being alleged, the single allegations are not reckoned, but 0.
        """
        grams = features(sentences)
        known = csr_matrix(
            (grams.data, self.rows[grams.indices], grams.indptr),
            shape=(len(sentences), len(self.weights)),
        )
        _, text = np.unique(np.asarray(texts), return_inverse=True)
        whole = means(known, text)
        found: Scores = np.zeros((len(sentences), len(self.offsets)), np.float32)
        any_around = whole @ self.around[:, -1]
        found[:, -1] = known @ self.weights[:, -1] + any_around[text] + self.offsets[-1]
        full = _worth(text, found[:, -1], wanted, least)
        of_full, place = np.unique(text[full], return_inverse=True)
        found[full] = known[full] @ self.weights + self.offsets
        found[full] += (whole[of_full] @ self.around)[place]
        return found

    def strongest(self, sentence: str, number: int) -> tuple[int, int]:
        """Return the span of ``sentence`` that speaks most for allegation ``number``.

        The stretch with the greatest sum of weights (Bentley 1984, maximum subarray), where each
        n-gram counts at its first character.
        """
        gains = np.zeros(len(sentence))
        for columns in hashes(sentence, BLOCK):
            gains[: len(columns)] += self.weights[self.rows[columns], number]
        start, end = _greatest(gains.tolist())
        return start, min(len(sentence), end + BLOCK.longest - 1)

    def save(self, file: Path) -> None:
        """Write the arrays, compressed: eight bits a weight, the least of them none."""
        file.parent.mkdir(parents=True, exist_ok=True)
        columns = np.flatnonzero(self.rows)
        tables = np.stack([self.weights, self.around])[:, self.rows[columns]]
        scale = np.maximum(np.abs(tables).max(axis=1, keepdims=True), 1e-9) / 127
        steps = np.round(tables / scale)
        np.savez_compressed(
            file,
            names=np.array(self.names),
            columns=columns.astype(np.uint32),
            tables=np.where(np.abs(steps) > _FAINT, steps, 0).astype(np.int8),
            scale=scale.astype(np.float32),
            offsets=self.offsets,
        )


def _worth(
    texts: npt.NDArray[np.integer[Any]],
    anything: Scores,
    wanted: npt.NDArray[np.bool_] | None,
    least: float,
) -> npt.NDArray[np.bool_]:
    """Return which sentences (their ``texts`` by number) are of a text that is worth a look."""
    worth = anything > least - _HAIR
    worth |= True if wanted is None else wanted
    return np.isin(texts, texts[worth])


@cache
def load(file: Path = FILE) -> Tags:
    """Return the model in ``file``; pickles are refused."""
    with np.load(file, allow_pickle=False) as arrays:
        tables = arrays["tables"].astype(np.float32) * arrays["scale"]
        names = tuple(arrays["names"].tolist())
        return assembled(names, arrays["columns"], tables[0], tables[1], arrays["offsets"])


def assembled(
    names: tuple[str, ...],
    columns: npt.NDArray[np.integer[Any]],
    weights: Scores,
    around: Scores,
    offsets: Scores,
) -> Tags:
    """Return the model of these columns: ``weights``, ``around`` (columns, names + 1)."""
    rows = np.zeros(BLOCK.columns, np.int32)
    rows[columns] = np.arange(1, len(columns) + 1)
    unknown = np.zeros((1, weights.shape[1]), np.float32)
    return Tags(names, rows, np.vstack([unknown, weights]), np.vstack([unknown, around]), offsets)


def means(grams: csr_matrix, texts: npt.NDArray[np.integer[Any]]) -> csr_matrix:
    """Return (texts, columns): the mean of the sentences of each text, AROUND times as strong.

    ``texts`` says for each row of ``grams`` which text it is of: 0 and so on.
    """
    share = (AROUND / np.bincount(texts)).astype(np.float32)[texts]
    place = np.arange(len(texts))
    return csr_matrix(csr_matrix((share, (texts, place))) @ grams)


def features(sentences: Sequence[str]) -> csr_matrix:
    """Return what the model sees of sentences: n-grams, and how each begins and ends."""
    return presence([f"{_BEGIN}{one}{_END}" for one in sentences], BLOCK)


class Listener:
    """Goes through the sentences of many texts at once."""

    levels = Levels()
    overrules = False
    """Whether what it believes is told however little the text sounds like an account."""

    def __init__(
        self,
        tags: Tags,
        names: Iterable[str],
        grave: Iterable[str] = (),
        shown: Iterable[str] = (),
        kept: Iterable[str] = (),
    ) -> None:
        """Take the model, the allegations that count, the gravest, and those it may not leave out.

        A sign of self-harm is ``shown`` whatever the model makes of it; what is ``kept`` is left
        out only where hardly anything speaks for it.
        """
        self._tags = tags
        self._number = {name: n for n, name in enumerate(tags.names)}
        self._shown = np.isin(tags.names, list(shown))
        self._counts = np.isin(tags.names, list(names))
        self._grave = np.isin(tags.names, list(grave))
        self._kept = np.isin(tags.names, list(kept))

    def heard(
        self,
        texts: Sequence[str],
        spans: Sequence[Sequence[tuple[int, int]]],
        found: Sequence[Sequence[Found]],
        asked: Sequence[bool],
    ) -> list[Heard]:
        """Return the matches of each text with the model's word on them, and with what it adds.

        ``spans`` are the sentences of each text; only texts that are ``asked`` about are heard.
        """
        where = [
            (n, start, end)
            for n, own in enumerate(spans)
            if asked[n]
            for start, end in own
            if not texts[n][start:end].isascii()
        ]
        if not where:
            return [Heard(own) for own in found]
        scores = self._scores(texts, where, found)
        rows: dict[int, list[int]] = {}
        for row, (n, _, _) in enumerate(where):
            rows.setdefault(n, []).append(row)
        scored = [self._scored(own, rows.get(n, ()), where, scores) for n, own in enumerate(found)]
        least = self._least
        unlikely = [
            frozenset(match for match, number, score in own if score < least[number])
            for own in scored
        ]
        names = [
            {match.name for match in own if match not in out}
            for own, out in zip(found, unlikely, strict=True)
        ]
        added = self._added(texts, where, scores, names)
        every = [[*own, *added.get(n, ())] for n, own in enumerate(found)]
        sure = [self._sure(own, rows.get(n, ()), where, scores) for n, own in enumerate(every)]
        return [
            Heard(own, out, believed, proven, added.get(n, {}))
            for n, (own, out, (believed, proven)) in enumerate(
                zip(every, unlikely, sure, strict=True)
            )
        ]

    def _scores(
        self, texts: Sequence[str], where: Sequence[Place], found: Sequence[Sequence[Found]], /
    ) -> Scores:
        """Return (sentences, names + 1) of what stands at ``where``."""
        return self._tags.scores(
            [told(texts[n], start, end) for n, start, end in where],
            [n for n, _, _ in where],
            np.array([bool(found[n]) for n, _, _ in where]),
        )

    def _scored(
        self,
        found: Sequence[Found],
        rows: Sequence[int],
        where: Sequence[Place],
        scores: Scores,
    ) -> list[tuple[Found, int, float]]:
        """Return matches with their numbers and scores."""
        return [
            (match, number, float(scores[row, number]))
            for match, row, number in self._numbered(found, rows, where)
        ]

    def _numbered(
        self, found: Sequence[Found], rows: Sequence[int], where: Sequence[Place]
    ) -> Iterator[tuple[Found, int, int]]:
        """Yield matches that it knows, with the row of their sentence and their number."""
        starts = [where[row][1] for row in rows]
        for match in found if rows else ():
            number = self._number.get(match.name)
            if number is not None:
                yield match, rows[bisect_right(starts, match.start) - 1], number

    def _sure(
        self,
        found: Sequence[Found],
        rows: Sequence[int],
        where: Sequence[Place],
        scores: Scores,
    ) -> tuple[frozenset[Found], frozenset[Found]]:
        """Return what is believed, and what is proven."""
        scored = [
            (match, score)
            for match, _, score in self._scored(found, rows, where, scores)
            if match.name not in UNSPECIFIED
        ]
        believed = frozenset(match for match, score in scored if score > self.levels.believed)
        return believed, frozenset(match for match, score in scored if score > self.levels.proven)

    @property
    def _least(self) -> Scores:
        least = np.where(self._kept, self.levels.kept, self.levels.least)
        return np.where(self._shown, -np.inf, least)

    def _added(
        self,
        texts: Sequence[str],
        where: Sequence[Place],
        scores: Scores,
        names: Sequence[set[str]],
    ) -> dict[int, dict[Found, tuple[int, int]]]:
        texts_of = np.array([n for n, _, _ in where])
        alone = np.bincount(texts_of)[texts_of, np.newaxis] == 1
        levels = self.levels
        needed = np.where(self._grave, levels.grave, np.where(alone, levels.alone, levels.sure))
        sure = (scores[:, :-1] > needed) & (scores[:, -1:] > levels.any) & self._counts
        short = np.array([end - start < _TELLING for _, start, end in where])
        sure &= ~(alone & short[:, np.newaxis])
        added: dict[int, dict[Found, tuple[int, int]]] = {}
        for row, number in np.argwhere(sure).tolist():
            n, start, end = where[row]
            if self._tags.names[number] in names[n]:
                continue
            first, last = self._tags.strongest(texts[n][start:end], number)
            match = Found(self._tags.names[number], start + first, start + last)
            clause = _clause(texts[n], match, start, end)
            added.setdefault(n, {})[match] = clause
        return added


def told(text: str, start: int, end: int) -> str:
    """Return a sentence as the model reads it."""
    return text[start : end + 1] if text[end : end + 1] in _STOPS else text[start:end]


def _clause(text: str, match: Found, start: int, end: int) -> tuple[int, int]:
    """Return the clauses of the sentence that the match touches."""
    first, last = match.start, match.end
    while first > start and text[first - 1] not in _COMMAS:
        first -= 1
    while last < end and text[last] not in _COMMAS:
        last += 1
    return first, last


def _greatest(gains: Sequence[float]) -> tuple[int, int]:
    """Return the span of the greatest sum; never empty."""
    sums = [0.0, *accumulate(gains)]
    best, span, low = -np.inf, (0, 1), 0
    for end in range(1, len(sums)):
        if sums[end] - sums[low] > best:
            best, span = sums[end] - sums[low], (low, end)
        if sums[end] < sums[low]:
            low = end
    return span
