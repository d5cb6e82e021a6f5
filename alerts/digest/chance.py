"""What is more than chance: intervals and tests for small numbers; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import median

from scipy.stats import binomtest, kendalltau

Z95 = 1.959963984540054
NOISE = 0.05
"""A change that chance alone makes at least this often is called no change."""
ENOUGH = 4
"""What is usual is not told from fewer periods than this."""
RARE = 0.01
"""The same for a trend, which is looked for in many series."""
FEW = 10
"""Below this, changes are told as counts and with a caution, never as a percentage."""


@dataclass(frozen=True, slots=True)
class Share:
    """``k`` of ``n`` with the 95 % interval of E. B. Wilson (JASA 22, 1927); all in [0, 1]."""

    k: int
    n: int
    low: float
    high: float

    @property
    def value(self) -> float:
        """The share itself; 0 of nothing."""
        return self.k / self.n if self.n else 0.0


def wilson(k: int, n: int) -> Share:
    """Return the share ``k`` of ``n`` with its interval; of nothing, anything is possible."""
    if n == 0:
        return Share(0, 0, 0.0, 1.0)
    p, z = k / n, Z95
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return Share(k, n, max(0.0, middle - half), min(1.0, middle + half))


def direction(now: int, before: int) -> int:
    """Return 1 or -1 if a count rose or fell by more than chance explains, else 0.

    Given the sum of two Poisson counts of equal exposure, the first is binomial with p = 1/2
    (J. Przyborowski and H. Wilenski, Biometrika 31, 1940).
    """
    both = now + before
    if both == 0 or binomtest(now, both, 0.5).pvalue >= NOISE:
        return 0
    return 1 if now > before else -1


def shift(now: Share, before: Share) -> int:
    """Return 1 or -1 if a share rose or fell by more than chance explains, else 0.

    Two proportions, pooled (R. G. Newcombe, Statistics in Medicine 17, 1998, method 1's test).
    """
    if not now.n or not before.n:
        return 0
    pooled = (now.k + before.k) / (now.n + before.n)
    error = sqrt(pooled * (1 - pooled) * (1 / now.n + 1 / before.n))
    if error == 0 or abs(now.value - before.value) / error < Z95:
        return 0
    return 1 if now.value > before.value else -1


def band(values: Sequence[float]) -> tuple[float, float] | None:
    """Return the lowest and highest of some periods before; None below ENOUGH of them."""
    return (min(values), max(values)) if len(values) >= ENOUGH else None


def middle(values: Sequence[float]) -> float | None:
    """Return the median, or None of nothing."""
    return median(values) if values else None


def trend(values: Sequence[float]) -> int:
    """Return 1 or -1 if values rise or fall through the whole series beyond chance, else 0.

    Kendall's rank correlation with time (H. B. Mann, Econometrica 13, 1945): no single jump makes
    it. At 1 %: it is asked of many series at once.
    """
    found = kendalltau(range(len(values)), values)
    if not found.pvalue < RARE:  # also nan, of equal values
        return 0
    return 1 if found.statistic > 0 else -1
