"""How rarely a series was so high: an exponential tail above its own high quantile."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
QUANTILE = 0.99
"""Above it the tail is exponential; below it the past itself is counted."""
_LEAST_SCALE = 0.3


@dataclass(frozen=True, slots=True)
class Tail:
    """A quantile of a series and the mean excess above it, in the unit of the series."""

    start: float
    scale: float
    beyond: float  # chance of lying above start

    def score(self, value: float, past: Floats) -> float:
        """Return -log10 of the chance of a value as high; below ``start`` the past is counted."""
        if value <= self.start:
            share = np.count_nonzero(past >= value) / past.size
            return float(-np.log10(max(share, self.beyond)))
        excess = (value - self.start) / (self.scale * np.log(10))
        return float(-np.log10(self.beyond) + excess)


def fit(past: Floats, quantile: float = QUANTILE) -> Tail:
    """Learn a tail from values without NaN.

    One imagined excess of the size of chance (the root of the count) joins those seen, so that two
    or three of them, which is all a young series has, do not pass for knowledge.
    """
    place = int(quantile * (past.size - 1))
    start = float(np.partition(past, place)[place])
    excess = past[past > start] - start
    chance = np.sqrt(max(start, 0.0) + 1.0)
    scale = (float(excess.sum()) + chance) / (excess.size + 1)
    return Tail(start, max(scale, _LEAST_SCALE), 1.0 - quantile)
