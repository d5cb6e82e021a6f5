"""What others hear in a text: an opinion, given piece by piece, moves the scores of nlp/tags.py.

Two are to be had: the small network that always listens (nlp/network.py) and the transformer that
is off by default (nlp/vote.py). Either gives log-odds of allegations for each piece of a text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from nlp.matcher import Found
from nlp.tags import SURE, Levels, Listener, Place, Scores, told

WINDOW = 600
"""Characters of a text whose sentences are heard together."""
_FAR = 9.0  # log-odds beyond count as these


Span = tuple[int, int]
Flags = npt.NDArray[np.bool_]


class Opinion(Protocol):
    """What reads texts as the transformer does."""

    @property
    def tags(self) -> tuple[str, ...]:
        """The allegations it knows, then one for anything; empty if it knows feelings alone."""
        ...

    @property
    def files(self) -> tuple[Path, ...]:
        """What its opinion depends on."""
        ...

    def read(
        self, texts: Sequence[str], asked: Sequence[Sequence[Span]] | None = None, /
    ) -> Iterator[tuple[Scores, Scores, Sequence[Span]]]:
        """Yield logits (3,), log-odds (pieces, tags) and the span of each piece, for each text.

        Pieces outside of the spans that are ``asked`` about may be left out.
        """
        ...


class Unsure(NamedTuple):
    """Between which scores the model of n-grams is unsure: of a match, of what nothing foresaw.

    Of the latter only where more than ``any`` speaks for anything being alleged.
    """

    match: float
    unforeseen: float
    any: float
    sure: float


@dataclass(frozen=True, slots=True)
class Advice:
    """An opinion, how much its log-odds move a score, and the levels of moved scores.

    It is asked about sentences of which the model of n-grams is ``unsure``, or about all.
    """

    opinion: Opinion
    share: float
    levels: Levels
    overrules: bool = False
    unsure: Unsure | None = None


class AdvisedListener(Listener):
    """A listener whose scores an opinion moves."""

    def __init__(self, listener: Listener, advice: Advice) -> None:
        """Take over from the listener to the model of n-grams alone."""
        vars(self).update(vars(listener))
        self.levels, self.overrules, self._advice = advice.levels, advice.overrules, advice
        tags = advice.opinion.tags
        known = {name: n for n, name in enumerate(tags[:-1])}
        names = [(n, known[name]) for n, name in enumerate(self._tags.names) if name in known]
        names.append((len(self._tags.names), len(tags) - 1))
        self._ours, self._theirs = np.array(names, np.int64).reshape(-1, 2).T
        unknown = ~np.isin(np.arange(len(self._tags.names) + 1), self._ours)
        self._rest = np.where(unknown, SURE - advice.levels.sure, 0.0).astype(np.float32)

    def _scores(
        self, texts: Sequence[str], where: Sequence[Place], found: Sequence[Sequence[Found]], /
    ) -> Scores:
        numbers = np.array([n for n, _, _ in where])
        matched = np.array([bool(found[n]) for n in numbers.tolist()])
        words = [told(texts[n], start, end) for n, start, end in where]
        unsure = self._advice.unsure
        scores = self._tags.scores(words, numbers, matched, unsure.any if unsure else -np.inf)
        asked = None if unsure is None else self._asked(unsure, where, found, scores)
        heard = hear(self._advice.opinion, texts, where, asked)
        rows = np.arange(len(where)) if asked is None else np.flatnonzero(asked)
        scores[np.ix_(rows, self._ours)] += self._advice.share * heard[np.ix_(rows, self._theirs)]
        scores[rows] -= self._rest  # of what it does not know as much is asked as without it
        return scores

    def _asked(
        self,
        unsure: Unsure,
        where: Sequence[Place],
        found: Sequence[Sequence[Found]],
        scores: Scores,
    ) -> Flags:
        """Tell of which sentences the model of n-grams is unsure.

        What is shown whatever it says may open an incident by itself: it takes both to be sure.
        """
        between = (scores[:, :-1] > unsure.unforeseen) & (scores[:, :-1] < unsure.sure)
        asked: Flags = between.any(axis=1) & (scores[:, -1] > unsure.any)
        rows: dict[int, list[int]] = {}
        for row, (n, _, _) in enumerate(where):
            rows.setdefault(n, []).append(row)
        sure = np.where(self._shown, np.inf, unsure.sure)
        for n, own in rows.items():
            for _, row, number in self._numbered(found[n], own, where):
                asked[row] |= unsure.match < scores[row, number] < sure[number]
        return asked


def hear(
    opinion: Opinion, texts: Sequence[str], where: Sequence[Place], asked: Flags | None = None
) -> Scores:
    """Return log-odds (sentences, tags): of a sentence the mean odds of its pieces.

    Of sentences that are not ``asked`` about they are 0; they are read only around the others.
    """
    found: Scores = np.zeros((len(where), len(opinion.tags)), np.float32)
    rows = np.arange(len(where)) if asked is None else np.flatnonzero(asked)
    windows = [
        (where[first], where[last - 1], own)
        for first, last in _windows(where)
        if len(own := rows[np.searchsorted(rows, first) : np.searchsorted(rows, last)])
    ]
    pieces = [texts[n][begin : end + 1] for (n, begin, _), (_, _, end), _ in windows]
    edges = [
        [(where[row][1] - begin, where[row][2] - begin + 1) for row in own.tolist()]
        for (_, begin, _), _, own in windows
    ]
    read = opinion.read(pieces, edges)
    for (_, _, own), places, (_, odds, spans) in zip(windows, edges, read, strict=True):
        real = np.array([n for n, (start, end) in enumerate(spans) if start < end], np.intp)
        starts = [spans[n][0] for n in real.tolist()]
        found[own] = _means(odds[real], np.searchsorted(starts, places))
    return np.clip(found, -_FAR, _FAR)


def _means(odds: Scores, edges: npt.NDArray[np.intp]) -> Scores:
    """Return log-odds (spans, tags): of the mean odds from one edge to the next; of nothing 0."""
    many = np.diff(edges)
    padded = np.pad(np.exp(odds), ((0, 1), (0, 0)))
    sums = np.add.reduceat(padded, edges.ravel())[::2]
    means: Scores = np.log(np.where(many > 0, sums / np.maximum(many, 1), 1))
    return means


def _windows(where: Sequence[Place]) -> Iterator[tuple[int, int]]:
    """Yield rows from, to of sentences of one text that are heard together."""
    first = 0
    for row in range(1, len(where) + 1):
        if (
            row == len(where)
            or where[row][0] != where[first][0]
            or where[row][2] - where[first][1] > WINDOW
        ):
            yield first, row
            first = row
