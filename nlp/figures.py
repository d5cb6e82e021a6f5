"""What tells of a company in a text besides words: numbers for all pairs of many texts at once.

A pair is a text and a company named in it (nlp/pairs.py). Every array has a row a pair; the second
round also sees how a pair stands to the other companies of its text.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from nlp.pairs import Pair

Numbers = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_KNOTS = np.array([-2.0, -1.0, 0.0, 1.0, 2.0])
_SHORT = 3  # characters of a name that may be anything
_MOST = 4.0  # log-odds beyond which nothing gets surer


class Figures:
    """The figures of all pairs of some texts; of each text the pairs stand together."""

    def __init__(self, groups: Sequence[Sequence[Pair]]) -> None:
        """Work out all that depends on no judgement."""
        self.pairs = [pair for group in groups for pair in group]
        self.sizes = np.array([len(group) for group in groups if group], np.int64)
        self.starts = np.cumsum(self.sizes) - self.sizes
        """Where each text that has a pair begins."""
        self._place = np.arange(len(self.pairs)) - np.repeat(self.starts, self.sizes)
        self._meet()
        self._plain = self._figures()

    def first(self, scores: Numbers) -> Numbers:
        """Return an array (pairs, 25); ``scores`` are the log-odds that the texts are negative."""
        bent = np.clip(scores / 2, -1.0, 1.0)
        slopes = np.stack([self._alone, self._share, self._in_title, self._ahead], axis=1)
        told = np.stack([scores, bent, scores > 0], axis=1)
        return np.hstack([self._plain, told, slopes * bent[:, None]])

    def second(self, logits: Numbers, scores: Numbers) -> Numbers:
        """Return an array (pairs, 52); ``logits`` are the first judgements of all pairs."""
        return np.hstack([self._relations(logits, scores), self.first(scores)])

    def _meet(self) -> None:
        """Put each pair beside each of its text, itself too: one row a meeting."""
        others = np.repeat(self.sizes, self.sizes)
        self._meetings = np.cumsum(others) - others  # where each pair's begin
        one = np.repeat(np.arange(len(self.pairs)), others)
        within = np.arange(len(one)) - self._meetings[one]
        self._met = (np.repeat(self.starts, self.sizes)[one] + within).astype(np.int64)
        self._itself = self._met == one
        self._longer = self._marked([pair.longer for pair in self.pairs])
        self._shorter = self._marked([pair.shorter for pair in self.pairs])

    def _marked(self, related: Sequence[Sequence[int]]) -> Flags:
        """Return which meetings are with these, given by place in the text."""
        found = np.zeros(len(self._met), np.bool_)
        first = self._meetings.tolist()
        found[[at + place for at, own in zip(first, related, strict=True) for place in own]] = True
        return found

    def _figures(self) -> Numbers:
        of = self.pairs
        named = np.array([pair.named for pair in of], np.float64)
        first = np.array([pair.first for pair in of], np.float64)
        length = np.array([len(pair.name) for pair in of], np.float64)
        longer = np.array([bool(pair.longer) for pair in of], np.bool_)
        shorter = np.array([bool(pair.shorter) for pair in of], np.bool_)
        self._in_title = np.array([pair.in_title for pair in of], np.bool_)
        self._has_longer, self._has_shorter = longer, shorter
        others = np.repeat(self.sizes, self.sizes) - 1
        self._alone = others == 0
        rank = self._ranks(first)
        self._ahead = rank == 0
        self._share = named / np.maximum(1, self._each(np.add, named))
        most = named == self._each(np.maximum, named)
        anywhere = np.array([pair.anywhere for pair in of], np.float64)
        before = np.array([pair.share_before for pair in of], np.float64)
        columns = [
            longer, shorter, named == 0, np.log1p(named), np.log1p(anywhere), before,
            np.log1p(first) / 5, self._in_title, self._alone, np.log1p(others + 1), self._ahead,
            np.log1p(rank), self._share, most, length / 10, length <= _SHORT,
            longer & (named == 0), longer & (named > 0),
        ]  # fmt: skip
        return np.stack(columns, axis=1).astype(np.float64)

    def _ranks(self, first: Numbers) -> Places:
        """Return which of its text's companies each is, by first place."""
        text = np.repeat(np.arange(len(self.sizes)), self.sizes)
        ranks = np.empty(len(first), np.int64)
        ranks[np.lexsort((first, text))] = self._place
        return ranks

    def _each(self, of: np.ufunc, numbers: Numbers) -> Numbers:
        """Return for each pair what all of its text give together."""
        if not len(numbers):
            return numbers
        found: Numbers = np.repeat(of.reduceat(numbers, self.starts), self.sizes)
        return found

    def _relations(self, own: Numbers, scores: Numbers) -> Numbers:
        longer, shorter = self._has_longer, self._has_shorter
        best = self._best(own, ~self._itself)
        related = self._longer | self._shorter | self._itself
        apart = self._best(own, ~related)
        unrelated = np.logical_or.reduceat(~related, self._meetings) if len(own) else longer
        above, below = self._best(own, self._longer), self._best(own, self._shorter)
        others = np.where(self._itself, 0.0, own[self._met])
        total = np.add.reduceat(others, self._meetings) if len(own) else own
        count = np.repeat(self.sizes, self.sizes) - 1
        columns = [
            own, own - best, total / np.maximum(1, count), own - apart, ~unrelated, own >= best,
            longer * above, shorter * below, own - above, own - below, scores, own * scores / 4,
            own * self._ahead, own * self._alone, scores * self._alone, own * longer, own * shorter,
        ]  # fmt: skip
        bends = [np.maximum(0.0, value[:, None] - _KNOTS) for value in (own, scores)]
        found: Numbers = np.hstack([np.stack(columns, axis=1), *bends])
        return np.clip(found, -_MOST, _MOST)

    def _best(self, own: Numbers, which: Flags) -> Numbers:
        """Return the highest judgement of those of a pair's text that count; its own if none do."""
        if not len(own):
            return own
        held = np.where(which, own[self._met], -np.inf)
        best: Numbers = np.maximum.reduceat(held, self._meetings)
        found: Numbers = np.where(np.isinf(best), own, best)
        return found
