"""SnowNLP's own Bayes class, trained on our sets with rjieba's words: the reference to be beaten.

It is not in the product's path: as a vote beside the logistic regressions it moves their AUC by
less than 0.004 on any set (docs/quality.md). It is trained in memory when the tables are made.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from data.fold import fold
from nlp.corpora import Sample
from nlp.words import plain

_MOST = 1_200  # characters that are read


class Bayes:
    """``snownlp.classification.bayes.Bayes`` over the words and pairs of words of a text."""

    def __init__(self, samples: Iterable[Sample]) -> None:
        """Train; SnowNLP loads its own 420 MB of models meanwhile."""
        from snownlp.classification.bayes import Bayes as Counted

        self._counted = Counted()
        self._counted.train((_features(sample), sample.label) for sample in samples)

    def negative(self, samples: Sequence[Sample]) -> list[float]:
        """Return the probability that each text is negative, as Bayes has it: far too sure."""
        found = []
        for sample in samples:
            label, share = self._counted.classify(_features(sample))
            found.append(float(share) if label == 0 else 1 - float(share))
        return found


def _features(sample: Sample) -> list[str]:
    words = [
        w for w in plain().cut(fold(f"{sample.title} {sample.text}")[:_MOST]) if w[0].isalnum()
    ]
    return list({*words, *(f"{one} {two}" for one, two in pairwise(words))})
