"""For or against: two logistic regressions a family of texts, and one that tells the families.

A forum post, a review and a news page praise and blame in different words. Each family has weights
of its own on top of shared ones (Daumé 2007, Frustratingly Easy Domain Adaptation), and a text is
judged by all families in proportion to how much it looks like theirs. Negative or not comes first,
then positive or neutral. Title and body are blocks of their own; names are replaced before.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from scipy.special import expit, softmax

from data.fold import fold
from data.model import Sentiment
from nlp.grams import Block, hashes, presence
from nlp.words import plain

if TYPE_CHECKING:
    from nlp.hearing import Opinion

FILE = Path(__file__).with_name("models") / "sentiment.npz"
CLASSES = (Sentiment.NEGATIVE, Sentiment.NEUTRAL, Sentiment.POSITIVE)
SOMEBODY = " "
"""What names are replaced by, in training and in use: nothing to learn, a name is no argument."""
TITLE = Block(longest=3, bits=17, salt=2, most=80)
BODY = Block(longest=3, bits=19, salt=1, most=500)
BLOCKS = (TITLE, BODY)
OUTPUTS = ("negative", "positive", "family")
"""The columns of one family: against, for if not against, and whether it is this family."""

_DOUBT = 1.0  # how far the words that tell a family are believed

Numbers = npt.NDArray[np.float64]
Weights = npt.NDArray[np.float32]
Document = tuple[str, str]
"""Title and body."""


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
        """Return the likeliest class; of two that are as likely the graver one."""
        if self.negative >= max(self.neutral, self.positive):
            return Sentiment.NEGATIVE
        return Sentiment.POSITIVE if self.positive > self.neutral else Sentiment.NEUTRAL


Lines = tuple[tuple[float, float], ...]
"""A slope and an offset a family."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """Slopes and offsets of the logits of negative, and of positive against neutral (Platt 1999).

    One pair a family: how sure words are differs between a forum and a review.
    """

    negative: Lines
    positive: Lines

    @classmethod
    def neutral(cls, families: int) -> Calibration:
        """Return the calibration that changes nothing."""
        return cls(((1.0, 0.0),) * families, ((1.0, 0.0),) * families)


class SentimentModel:
    """The weights of all blocks and families, ready for many texts at once."""

    files: tuple[Path, ...] = (FILE,)
    """What its opinion depends on."""
    opinion: Opinion | None = None
    """Whoever else is asked what a text alleges: see nlp/hearing.py."""

    def __init__(
        self, weights: Sequence[Weights], offsets: Weights, calibration: Calibration
    ) -> None:
        """Take one array (columns, 3 × families) a block, in BLOCKS' order, and offsets (3 × f)."""
        self.weights = tuple(weights)
        self.offsets = offsets
        self.calibration = calibration

    def feel_all(self, documents: Sequence[Document]) -> list[Feeling]:
        """Return the calibrated probabilities of texts whose names are already replaced."""
        if not documents:
            return []
        return feelings(self.outputs(documents), self.calibration)

    def feel(self, text: str, title: str = "") -> Feeling:
        """Return the calibrated probabilities of one text."""
        return self.feel_all([(title, text)])[0]

    def contributions(self, text: str, title: str = "") -> list[tuple[str, float]]:
        """Return each word with its push towards praise (+) or blame (-), the strongest first.

        The push of an n-gram is shared by its characters; in units of the calibrated log-odds of
        not negative.
        """
        shares = softmax(self.outputs([(title, text)])[0, :, 2] * _DOUBT)
        shares = shares * np.array(self.calibration.negative)[:, 0]
        push: dict[str, float] = {}
        for body, block, weights in zip((title, text), BLOCKS, self.weights, strict=True):
            read = fold(body[: block.most])
            each = self._pushes(read, block, weights, shares)
            at = 0
            for word in plain().cut(read):
                end = at + len(word)
                if word[0].isalnum():
                    push[word] = push.get(word, 0.0) + float(each[at:end].sum())
                at = end
        return sorted(push.items(), key=lambda item: -abs(item[1]))

    def save(self, file: Path) -> None:
        """Write the arrays, compressed: eight bits a weight; nothing in the file can run."""
        file.parent.mkdir(parents=True, exist_ok=True)
        arrays: dict[str, Any] = {
            "offsets": self.offsets,
            "calibration": np.array([self.calibration.negative, self.calibration.positive]),
        }
        for number, weights in enumerate(self.weights):
            scale = np.maximum(np.abs(weights).max(axis=0), 1e-9) / 127
            small = np.round(weights / scale).astype(np.int8)
            rows = np.flatnonzero(small.any(axis=1)).astype(np.uint32)
            arrays |= {
                f"scale{number}": scale, f"rows{number}": rows,
                f"weights{number}": np.ascontiguousarray(small[rows].T),
            }  # fmt: skip
        np.savez_compressed(file, **arrays)

    def outputs(self, documents: Sequence[Document]) -> Numbers:
        """Return the raw log-odds, an array (n, families, OUTPUTS)."""
        total = np.tile(self.offsets, (len(documents), 1))
        for block, weights, texts in zip(BLOCKS, self.weights, _columns(documents), strict=True):
            total += presence(texts, block) @ weights
        return total.reshape(len(documents), -1, len(OUTPUTS)).astype(np.float64)

    def _pushes(self, text: str, block: Block, weights: Weights, shares: Numbers) -> Numbers:
        """Return for each character of a folded text how much it pushes towards praise."""
        each = np.zeros(len(text))
        if not text:
            return each
        keys = hashes(text, block)
        _, which, counts = np.unique(np.concatenate(keys), return_inverse=True, return_counts=True)
        slope = 1 / np.sqrt(len(counts))
        column = -(weights[:, 0 :: len(OUTPUTS)] @ shares.astype(np.float32))
        at = 0
        for n, key in enumerate(keys, start=1):
            part = column[key] * slope / counts[which[at : at + len(key)]] / n
            for shift in range(n):
                each[shift : shift + len(key)] += part
            at += len(key)
        return each


@cache
def load(file: Path = FILE) -> SentimentModel:
    """Return the model in ``file``; pickles are refused."""
    with np.load(file, allow_pickle=False) as arrays:
        weights = []
        for number, block in enumerate(BLOCKS):
            scale = arrays[f"scale{number}"].astype(np.float32)
            full = np.zeros((block.columns, len(scale)), dtype=np.float32)
            full[arrays[f"rows{number}"]] = arrays[f"weights{number}"].T * scale
            weights.append(full)
        negative, positive = (
            tuple((slope, offset) for slope, offset in lines)
            for lines in arrays["calibration"].tolist()
        )
        return SentimentModel(weights, arrays["offsets"], Calibration(negative, positive))


def feelings(outputs: Numbers, calibration: Calibration) -> list[Feeling]:
    """Turn raw log-odds (n, families, OUTPUTS) into probabilities: each family's, by its share."""
    shares = softmax(outputs[:, :, 2] * _DOUBT, axis=1)
    (a, b), (c, d) = np.array(calibration.negative).T, np.array(calibration.positive).T
    against = expit(a * outputs[:, :, 0] + b)
    praise = expit(c * outputs[:, :, 1] + d) * (1 - against)
    negative, positive = (shares * against).sum(axis=1), (shares * praise).sum(axis=1)
    rows = np.stack([negative, 1 - negative - positive, positive], axis=1)
    return [Feeling(*row) for row in rows.tolist()]


def nameless(text: str, names: Iterable[str]) -> str:
    """Return a text with these names replaced, as the model reads it."""
    for name in sorted(filter(None, names), key=len, reverse=True):
        text = text.replace(name, SOMEBODY)
    return text


def _columns(documents: Iterable[Document]) -> tuple[list[str], list[str]]:
    titles, bodies = zip(*documents, strict=True)
    return list(titles), list(bodies)
