"""Group near-duplicates, so that copies of a training text are never what a model is judged by."""

from __future__ import annotations

import re
import zlib
from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

_GRAM = 5
_PERMUTATIONS = 32
_ROWS = 2
_PRIME = 2**31 - 1
_LONGEST = 1500
_ALIKE = 0.4
_SIGNS = re.compile(r"\W+")


def groups(texts: Sequence[str]) -> npt.NDArray[np.int64]:
    """Return a group number per text; texts that share 40 % of the shorter one's 5-grams join.

    Candidates by MinHash in bands of two (Broder 1997), each pair with the first of its band
    checked exactly; joined by union-find.
    """
    random = np.random.default_rng(0)
    factors = random.integers(1, _PRIME, _PERMUTATIONS, dtype=np.int64) | 1
    offsets = random.integers(0, _PRIME, _PERMUTATIONS, dtype=np.int64)
    parents = list(range(len(texts)))
    grams = [_grams(text) for text in texts]
    bands: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for number, codes in enumerate(grams):
        hashes = np.fromiter(codes, np.int64, len(codes))
        signature = ((hashes[:, None] * factors + offsets) % _PRIME).min(axis=0)
        for row in range(0, _PERMUTATIONS, _ROWS):
            bands[row, *signature[row : row + _ROWS].tolist()].append(number)
    for first, *others in bands.values():
        for other in others:
            if _alike(grams[first], grams[other]):
                _join(parents, first, other)
    return np.array([_root(parents, number) for number in range(len(texts))])


def folds(group: Iterable[int], n: int, seed: int) -> npt.NDArray[np.int64]:
    """Return a fold number from 0 to n-1 per text; a group stays together."""
    numbers = np.asarray(list(group))
    each = {
        name: int(fold)
        for name, fold in zip(
            np.unique(numbers),
            np.random.default_rng(seed).integers(0, n, len(np.unique(numbers))),
            strict=True,
        )
    }
    return np.array([each[name] for name in numbers])


def _grams(text: str) -> set[int]:
    bare = _SIGNS.sub("", text)[:_LONGEST]
    return {
        zlib.crc32(bare[at : at + _GRAM].encode()) for at in range(max(1, len(bare) - _GRAM + 1))
    }


def _alike(one: set[int], other: set[int]) -> bool:
    return len(one & other) > _ALIKE * min(len(one), len(other))


def _root(parents: list[int], number: int) -> int:
    while parents[number] != number:
        parents[number] = parents[parents[number]]
        number = parents[number]
    return number


def _join(parents: list[int], one: int, other: int) -> None:
    parents[_root(parents, other)] = _root(parents, one)
