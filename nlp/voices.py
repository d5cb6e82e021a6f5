"""Whether a text tells what somebody lived through, or is something else: advice, fiction, an ad.

Cues (``contexts`` in lexicons.yaml) know the usual signs of a rule or an advertisement; this model
knows how accounts sound. A logistic regression on hashed n-grams, then a second one on its
log-odds, the kind of source and the length (nlp/train_voices.py). It is asked only where something
was found.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import exp, log
from pathlib import Path

import numpy as np
import numpy.typing as npt

from data.model import SourceKind
from nlp.grams import Block, presence, small

FILE = Path(__file__).with_name("models") / "voices.npz"
BLOCK = Block(longest=3, bits=16, salt=7, most=400)
KINDS = tuple(SourceKind)
UNLIKELY = 0.22
"""Below this nobody tells of himself: on texts held out 4 % of accounts and 56 % of the others."""


@dataclass(frozen=True, slots=True)
class Voices:
    """Weights (columns,) of n-grams with their offset, and of the second step."""

    weights: npt.NDArray[np.float32]
    offset: float
    slope: float
    length: float
    kinds: Mapping[SourceKind, float]

    def account(self, text: str, kind: SourceKind) -> float:
        """Return how likely ``text`` is an account, or a report of one."""
        return self.accounts([text], [kind])[0]

    def accounts(self, texts: Sequence[str], kinds: Sequence[SourceKind]) -> list[float]:
        """Return how likely each text is an account; many at once cost a tenth."""
        if not texts:
            return []
        words = (presence(texts, BLOCK) @ self.weights).tolist()
        return [
            self._likely(float(own), text, kind)
            for own, text, kind in zip(words, texts, kinds, strict=True)
        ]

    def _likely(self, words: float, text: str, kind: SourceKind) -> float:
        total = self.slope * (words + self.offset)
        total += self.length * log(1 + len(text)) + self.kinds[kind]
        return 1 / (1 + exp(-max(-50.0, min(50.0, total))))

    def save(self, file: Path) -> None:
        """Write the arrays, compressed: eight bits a word's weight."""
        file.parent.mkdir(parents=True, exist_ok=True)
        weights, scale = small(self.weights)
        np.savez_compressed(
            file,
            weights=weights,
            numbers=np.array([scale, self.offset, self.slope, self.length]),
            kinds=np.array([self.kinds[kind] for kind in KINDS]),
        )


@cache
def load(file: Path = FILE) -> Voices:
    """Return the model in ``file``; pickles are refused."""
    with np.load(file, allow_pickle=False) as arrays:
        scale, offset, slope, length = arrays["numbers"].tolist()
        weights = arrays["weights"].astype(np.float32) * np.float32(scale)
        kinds = dict(zip(KINDS, arrays["kinds"].tolist(), strict=True))
        return Voices(weights, offset, slope, length, kinds)
