"""What others hear in a text: an opinion, given piece by piece, moves the scores of nlp/tags.py.

Two are to be had: the small network that always listens (nlp/network.py) and the transformer that
is off by default (nlp/vote.py). Either gives log-odds of allegations for each piece of a text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
from scipy.special import logsumexp

from nlp.matcher import Found
from nlp.tags import SURE, Levels, Listener, Place, Scores, told

WINDOW = 600
"""Characters of a text whose sentences are heard together."""
_FAR = 9.0  # log-odds beyond count as these


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

    def read(self, texts: Sequence[str]) -> Iterator[tuple[Scores, Scores, Sequence[Any]]]:
        """Yield logits (3,), log-odds (pieces, tags) and the span of each piece, for each text."""
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

    It is asked about texts of which the model of n-grams is ``unsure``, or about all.
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
        rows = (
            np.arange(len(where)) if unsure is None else self._asked(unsure, where, found, scores)
        )
        heard = hear(self._advice.opinion, texts, [where[row] for row in rows.tolist()])
        scores[np.ix_(rows, self._ours)] += self._advice.share * heard[:, self._theirs]
        scores[rows] -= self._rest  # of what it does not know as much is asked as without it
        return scores

    def _asked(
        self,
        unsure: Unsure,
        where: Sequence[Place],
        found: Sequence[Sequence[Found]],
        scores: Scores,
    ) -> npt.NDArray[np.intp]:
        """Return the sentences of texts of which the model of n-grams is unsure."""
        between = (scores[:, :-1] > unsure.unforeseen) & (scores[:, :-1] < unsure.sure)
        asked = between.any(axis=1) & (scores[:, -1] > unsure.any)
        rows: dict[int, list[int]] = {}
        for row, (n, _, _) in enumerate(where):
            rows.setdefault(n, []).append(row)
        for n, own in rows.items():
            matches = self._scored(found[n], own, where, scores)
            asked[own] |= any(unsure.match < score < unsure.sure for _, _, score in matches)
        numbers = np.array([n for n, _, _ in where])
        return np.flatnonzero(np.isin(numbers, numbers[asked]))


def hear(opinion: Opinion, texts: Sequence[str], where: Sequence[Place]) -> Scores:
    """Return log-odds (sentences, tags): of a sentence the mean odds of its pieces."""
    found: Scores = np.zeros((len(where), len(opinion.tags)), np.float32)
    windows = list(_windows(where))
    pieces = [texts[where[a][0]][where[a][1] : where[b - 1][2] + 1] for a, b in windows]
    for (first, last), (_, odds, spans) in zip(windows, opinion.read(pieces), strict=True):
        begin = where[first][1]
        starts = np.array([start for start, _ in spans])
        real = np.array([start < end for start, end in spans])
        for row in range(first, last):
            _, start, end = where[row]
            own = odds[real & (starts >= start - begin) & (starts <= end - begin)]
            if len(own):
                found[row] = logsumexp(own, axis=0) - np.log(len(own))
    return np.clip(found, -_FAR, _FAR)


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
