"""Near-identical texts, folded: of many copies one speaks, with the count of the others."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from data.fold import fold

K = TypeVar("K")
GRAM = 4
ALIKE = 0.8
"""Two texts are one when this share of the shorter one's character 4-grams is in the other."""
READ = 1_000
"""Characters of a text that are compared."""


def folded(texts: Iterable[tuple[K, str]]) -> list[list[K]]:
    """Return the texts' keys in groups of near copies; the first of each group came first."""
    leaders: list[frozenset[str]] = []
    groups: list[list[K]] = []
    for key, text in texts:
        grams = _grams(text)
        for leader, group in zip(leaders, groups, strict=True):
            if len(grams & leader) >= ALIKE * min(len(grams), len(leader)):
                group.append(key)
                break
        else:
            leaders.append(grams)
            groups.append([key])
    return groups


def _grams(text: str) -> frozenset[str]:
    words = "".join(c for c in fold(text[:READ]) if c.isalpha())  # copies differ in their numbers
    if len(words) <= GRAM:
        return frozenset({words})
    return frozenset(words[i : i + GRAM] for i in range(len(words) - GRAM + 1))
