"""For or against: SnowNLP's Bayes over hashed words and pairs of words, trained on finance text.

The counts come from ``snownlp.classification.bayes.Bayes`` (add-one smoothing); here only their
logarithms are added up, which gives what its ``classify`` gives without its 420 MB. Words are
hashed, so that the model holds no vocabulary of the texts it was trained on. Bayes is far too sure
of long texts: the log-odds are divided by the root of the number of features and calibrated.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from data.fold import fold
from data.model import Sentiment
from nlp.words import plain

FILE = Path(__file__).with_name("models") / "sentiment.npz"
CLASSES = (Sentiment.NEGATIVE, Sentiment.NEUTRAL, Sentiment.POSITIVE)
BUCKETS = 1 << 18
LONGEST = 1200
"""Characters that count; what comes after says no more and costs as much."""
SOMEBODY = " "
"""What names are replaced by, in training and in use: nothing to learn, a name is no argument."""

_PAIR = np.uint64(0x9E3779B97F4A7C15)  # 2**64 over the golden ratio (Knuth, multiplicative hash)
_SHIFT = np.uint64(64 - 18)

Numbers = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Feeling:
    """Probabilities of the three classes, and the score from -1 (against) to 1 (for)."""

    negative: float
    neutral: float
    positive: float

    @property
    def score(self) -> float:
        """Return how much likelier praise is than blame."""
        return round(self.positive - self.negative, 4)

    @property
    def label(self) -> Sentiment:
        """Return the likeliest class."""
        best = max(self.negative, self.neutral, self.positive)
        if best == self.negative:
            return Sentiment.NEGATIVE
        return Sentiment.NEUTRAL if best == self.neutral else Sentiment.POSITIVE


@dataclass(frozen=True, slots=True)
class Calibration:
    """``softmax(scale * raw / sqrt(features) + bias)``, fitted on held-out texts."""

    scale: float
    bias: tuple[float, float, float]


class SentimentModel:
    """Counts per class and bucket, and their calibration."""

    def __init__(
        self, buckets: Places, counts: npt.NDArray[np.uint32], calibration: Calibration
    ) -> None:
        """Take ``counts`` of shape (3, n) for the ``buckets`` (n,) that ever occurred."""
        self.buckets = buckets
        self.counts = counts
        self.calibration = calibration
        totals = counts.sum(axis=1) + (counts > 0).sum(axis=1)  # as AddOneProb counts
        smooth = np.where(counts > 0, counts + 1.0, 1.0)
        self._weights: Numbers = np.full((BUCKETS, 3), -np.log(totals))
        self._weights[buckets] += np.log(smooth).T
        self._prior: Numbers = np.log(totals) - np.log(totals.sum())

    def raw(self, features: Places) -> Numbers:
        """Return the log of each class's share, as Bayes.classify adds it up; shape (3,)."""
        total: Numbers = self._weights[features].sum(axis=0) + self._prior
        return total

    def feel(self, text: str) -> Feeling:
        """Return the calibrated probabilities of one text, names already replaced."""
        features = features_of(text)
        return self.calibrated(self.raw(features), len(features))

    def calibrated(self, raw: Numbers, n: int) -> Feeling:
        """Turn a raw result over ``n`` features into probabilities."""
        logits = calibrated_logits(raw, n, self.calibration.scale, self.calibration.bias)
        odds = np.exp(logits - logits.max())
        shares = odds / odds.sum()
        return Feeling(*(float(share) for share in shares))

    def contributions(self, text: str) -> list[tuple[str, float]]:
        """Return each word with its push towards praise (+) or blame (-), the strongest first.

        A pair's push is shared by its two words; in units of the calibrated log-odds.
        """
        words = _words(text)
        hashes = _hashes(words)
        step = self.calibration.scale / np.sqrt(max(1, len(features_of(text))))
        push = self._weights[:, 2] - self._weights[:, 0]
        base = float(self._prior[0] - self._prior[2])  # a word never seen pushes nowhere
        single = push[(hashes >> np.uint64(32)).astype(np.int64) % BUCKETS] - base
        pairs = push[_pairs(hashes)] - base
        total = single.copy()
        total[:-1] += pairs / 2
        total[1:] += pairs / 2
        found: dict[str, float] = {}
        for word, weight in zip(words, total, strict=True):
            found[word] = found.get(word, 0.0) + float(weight) * float(step)
        return sorted(found.items(), key=lambda item: -abs(item[1]))

    def save(self, file: Path) -> None:
        """Write the arrays, compressed; nothing in the file can run."""
        file.parent.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(
            file,
            buckets=self.buckets.astype(np.uint32),
            counts=self.counts.astype(np.uint32),
            scale=np.float64(self.calibration.scale),
            bias=np.array(self.calibration.bias),
        )


@cache
def load(file: Path = FILE) -> SentimentModel:
    """Return the model in ``file``; pickles are refused."""
    with np.load(file, allow_pickle=False) as arrays:
        found: Mapping[str, Any] = {name: arrays[name] for name in arrays.files}
    bias = tuple(float(value) for value in found["bias"])
    calibration = Calibration(float(found["scale"]), (bias[0], bias[1], bias[2]))
    return SentimentModel(found["buckets"].astype(np.int64), found["counts"], calibration)


def calibrated_logits(
    raw: Numbers, n: int | Numbers, scale: float, bias: Sequence[float]
) -> Numbers:
    """Return logits of shape (…, 3) from raw results (…, 3) over ``n`` (…, 1) features."""
    centred = raw - raw.mean(axis=-1, keepdims=True)
    logits: Numbers = scale * centred / np.sqrt(np.maximum(n, 1)) + np.asarray(bias)
    return logits


def features_of(text: str) -> Places:
    """Return the buckets of the words and the pairs of neighbouring words, each once."""
    hashes = _hashes(_words(text))
    if not len(hashes):
        return np.zeros(0, dtype=np.int64)
    single = (hashes >> np.uint64(32)).astype(np.int64) % BUCKETS
    return np.unique(np.concatenate([single, _pairs(hashes)]))


def _words(text: str) -> list[str]:
    return [word for word in plain().cut(fold(text[:LONGEST])) if word[0].isalnum()]


def _hashes(words: Sequence[str]) -> npt.NDArray[np.uint64]:
    crc = zlib.crc32
    codes = np.fromiter((crc(word.encode()) for word in words), np.uint64, len(words))
    return codes * _PAIR


def _pairs(hashes: npt.NDArray[np.uint64]) -> Places:
    mixed = (hashes[:-1] + (hashes[1:] >> np.uint64(7))) * _PAIR
    return (mixed >> _SHIFT).astype(np.int64)
