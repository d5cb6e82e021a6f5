"""Whether a text that has no word of debt speaks of money owed all the same.

Whoever is dunned often just tells what "they" did: a logistic regression on hashed n-grams of whole
texts knows how such accounts differ from reviews, headlines and other quarrels
(nlp/train_owing.py). It is asked only where no word of debt and no lender's name stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from nlp.grams import Block, presence, small

FILE = Path(__file__).with_name("models") / "owing.npz"
BLOCK = Block(longest=3, bits=16, salt=9, most=400)
LIKELY = 2.5
"""Log-odds above which it does: of reviews and headlines held out one in two thousand."""
LEANING = 0.0
"""Log-odds above which it does if the model of sentences is sure of what is alleged."""
TELLING = 20
"""Characters without which nothing tells one quarrel from another, unless that model is sure."""


@dataclass(frozen=True, slots=True)
class Owing:
    """Weights (columns,) of n-grams, and an offset."""

    weights: npt.NDArray[np.float32]
    offset: float

    def likely(self, texts: Sequence[str]) -> list[bool]:
        """Tell of each folded text whether it speaks of money owed."""
        if not texts:
            return []
        return [score > LIKELY for score in self.scores(texts).tolist()]

    def scores(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return the log-odds (n,) of folded texts."""
        found: npt.NDArray[np.float32] = presence(texts, BLOCK) @ self.weights
        return found + np.float32(self.offset)

    def save(self, file: Path) -> None:
        """Write the arrays, compressed: eight bits a weight."""
        file.parent.mkdir(parents=True, exist_ok=True)
        weights, scale = small(self.weights)
        np.savez_compressed(file, weights=weights, numbers=np.array([scale, self.offset]))


@cache
def load(file: Path = FILE) -> Owing:
    """Return the model in ``file``; pickles are refused."""
    with np.load(file, allow_pickle=False) as arrays:
        scale, offset = arrays["numbers"].tolist()
        return Owing(arrays["weights"].astype(np.float32) * np.float32(scale), offset)
