"""Which texts say the same: reposts, rewritten copies, and complaints made from one template.

A text's sketch is the minimum of 32 random orders of its pairs of characters (MinHash; Broder
1997): two sketches agree in as many places as their texts have pairs in common (Jaccard). Sketches
that agree in two neighbouring places share a bucket (Indyk and Motwani 1998); only those are
compared, and of a bucket only its newest, so a text costs the same among a thousand as among a
million.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from data.fold import fold

HASHES = 32
BANDS = HASHES // 2
SIZE = HASHES * 2
"""Bytes of a sketch."""
ALIKE = 7
"""Places in which the sketches of two texts that say the same agree, at least."""
SURE = 23
"""Places from which no look at the texts is needed: by chance 1 in a million below ``SAME``."""
SAME = 0.34
"""Common pairs from which texts say the same; a fifth of the characters edited leaves half."""

BEST = 4
"""Candidates whose texts are compared, those first whose sketches agree most."""

_SHORT = 8  # pairs below which a text is too short to resemble anything
_DEPTH = 24  # of a bucket's texts that are looked at: fuller ones are of common phrases
_ROWS = 1 << 16
_SEED = 20_261_125
_FIRST, _SECOND = np.uint32(0x9E3779B1), np.uint32(0x85EBCA6B)
_NOWHERE = -1

Sketches = NDArray[np.uint16]
Places = NDArray[np.int32]
Name = TypeVar("Name")


def sketches(texts: Sequence[str]) -> Sketches:
    """Return an array (texts, 32); a row of zeros for a text too short to resemble anything.

    Signs, blanks and digits do not count, nor how a character is written (data/fold.py).
    """
    made = np.zeros((len(texts), HASHES), np.uint16)
    rows, starts = _rows(texts)
    counts = np.diff(starts)
    long = np.flatnonzero(counts >= _SHORT)
    order = _orders()
    for place in long.tolist():
        made[place] = order[rows[starts[place] : starts[place + 1]]].min(axis=0)
    return made


def jaccard(one: str, other: str) -> float:
    """Return the share of character pairs that two texts have in common, 0 to 1."""
    rows, starts = _rows([one, other])
    a = set(rows[: starts[1]].tolist())
    b = set(rows[starts[1] :].tolist())
    return len(a & b) / max(1, len(a | b))


class LikenessIndex:
    """The sketches of many texts: 200 bytes each, found by their buckets."""

    def __init__(self) -> None:
        """Begin with none."""
        self._n = 0
        self._sketches: Sketches = np.zeros((1_024, HASHES), np.uint16)
        self._older: Places = np.full((1_024, BANDS), _NOWHERE, np.int32)  # in the same bucket
        self._newest: Places = np.full((BANDS, 1_024), _NOWHERE, np.int32)

    def __len__(self) -> int:
        """Return how many texts there are."""
        return self._n

    def add(self, new: Sketches) -> None:
        """Append sketches; the next text has the place ``len`` of before."""
        first, self._n = self._n, self._n + len(new)
        if self._n > len(self._sketches):
            self._grow()
        self._sketches[first : self._n] = new
        if self._n > self._newest.shape[1]:
            self._newest = np.full((BANDS, len(self._sketches)), _NOWHERE, np.int32)
            first = 0
        self._link(first)

    def near(self, asked: Sketches, before: int | None = None) -> list[list[int]]:
        """Return for each sketch the places of those that agree in ``ALIKE`` places, best first.

        With ``before``, sketch i looks only at places below ``before`` + i: as if each had been
        added after it was asked.
        """
        owner, place = self._met(asked)
        if before is not None:
            earlier = place < before + owner
            owner, place = owner[earlier], place[earlier]
        agree = (self._sketches[place] == asked[owner]).sum(axis=1)
        kept = agree >= ALIKE
        owner, place, agree = owner[kept], place[kept], agree[kept]
        found: list[list[int]] = [[] for _ in range(len(asked))]
        for which in np.lexsort((place, -agree, owner)).tolist():
            found[owner[which]].append(int(place[which]))
        return found

    def agreement(self, place: int, sketch: Sketches) -> int:
        """Return in how many of the 32 places a sketch agrees with the one at ``place``."""
        return int((self._sketches[place] == sketch).sum())

    def _met(self, asked: Sketches) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the (which asked, place) that share a bucket, each once."""
        keys = _keys(asked)
        owner, band = np.nonzero(keys)
        key = keys[owner, band]
        at = self._newest[band, self._bucket(key)]
        met = []
        stored = _keys(self._sketches)
        for _ in range(_DEPTH):
            alive = at != _NOWHERE
            owner, band, key, at = owner[alive], band[alive], key[alive], at[alive]
            if not len(at):
                break
            same = stored[at, band] == key
            met.append((owner[same] << 32) | at[same])
            at = self._older[at, band]
        both = np.unique(np.concatenate(met)) if met else np.empty(0, np.int64)
        return both >> 32, both & 0xFFFFFFFF

    def _link(self, first: int) -> None:
        """Put the texts from ``first`` on at the head of their buckets."""
        keys = _keys(self._sketches[first : self._n])
        for band in range(BANDS):
            places = np.flatnonzero(keys[:, band])
            bucket = self._bucket(keys[places, band])
            order = np.argsort(bucket, kind="stable")
            bucket, places = bucket[order], (places[order] + first).astype(np.int32)
            again = np.flatnonzero(bucket[1:] == bucket[:-1]) + 1
            self._older[places, band] = self._newest[band, bucket]
            self._older[places[again], band] = places[again - 1]
            self._newest[band, bucket] = places  # the last of equal buckets stays

    def _bucket(self, key: NDArray[np.uint32]) -> NDArray[np.uint32]:
        bits = self._newest.shape[1].bit_length() - 1
        mixed: NDArray[np.uint32] = (key * _FIRST) >> np.uint32(32 - bits)
        return mixed

    def _grow(self) -> None:
        room = 1 << (self._n - 1).bit_length()
        n = len(self._sketches)
        self._sketches = np.concatenate([self._sketches, np.zeros((room - n, HASHES), np.uint16)])
        more = np.full((room - n, BANDS), _NOWHERE, np.int32)
        self._older = np.concatenate([self._older, more])


class Repeats(Generic[Name]):
    """Tells of texts, in the order of their coming, which earlier one each repeats."""

    def __init__(self) -> None:
        """Begin with no text."""
        self._index = LikenessIndex()
        self._texts: list[str] = []
        self._firsts: list[int] = []
        self._names: list[Name] = []

    def firsts(self, names: Sequence[Name], texts: Sequence[str]) -> list[Name | None]:
        """Return for each text the name of the first that says the same, or None; remember all."""
        made, base = sketches(texts), len(self._index)
        self._index.add(made)
        self._texts += texts
        self._names += names
        found: list[Name | None] = []
        for n, near in enumerate(self._index.near(made, base)):
            same = next((p for p in near[:BEST] if self._same(p, made[n], texts[n])), None)
            self._firsts.append(base + n if same is None else self._firsts[same])
            found.append(None if same is None else self._names[self._firsts[same]])
        return found

    def _same(self, place: int, sketch: Sketches, text: str) -> bool:
        return same(self._index.agreement(place, sketch), self._texts[place], text)


def same(agreement: int, one: str, other: str) -> bool:
    """Tell whether two texts whose sketches agree in so many places say the same."""
    return agreement >= SURE or jaccard(one, other) >= SAME


def _rows(texts: Sequence[str]) -> tuple[NDArray[np.uint16], NDArray[np.int64]]:
    """Return a number for each pair of neighbouring characters, and where each text's begin."""
    points = np.frombuffer(fold("\n".join(texts)).encode("utf-32-le", "surrogatepass"), np.uint32)
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    text_of = np.repeat(np.arange(len(texts)), lengths + 1)[: len(points)]
    kept = _telling()[np.minimum(points, 0xFFFF)]
    points, text_of = points[kept], text_of[kept]
    inside = text_of[1:] == text_of[:-1]
    mixed = (points[:-1] * _FIRST + points[1:]) * _SECOND
    rows = (mixed >> np.uint32(16)).astype(np.uint16)[inside]
    starts = np.searchsorted(text_of[1:][inside], np.arange(len(texts) + 1))
    return rows, starts


def _keys(made: Sketches) -> NDArray[np.uint32]:
    """Return a number for each two neighbouring places: (texts, 16); 0 is of no text."""
    return made.view(np.uint32)


@cache
def _telling() -> NDArray[np.bool_]:
    """Return which of the first 65,536 characters count: letters, not digits."""
    letters = [(char := chr(n)).isalnum() and char not in "0123456789" for n in range(_ROWS)]
    return np.array(letters)


@cache
def _orders() -> Sketches:
    """Return 32 random orders of 65,536 pairs, 4 MB, the same on every machine; none is 0."""
    random = np.random.Generator(np.random.PCG64(_SEED))
    columns = [random.permutation(_ROWS).astype(np.uint16) for _ in range(HASHES)]
    return np.maximum(np.stack(columns, axis=1), 1)
