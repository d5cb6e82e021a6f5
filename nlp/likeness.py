"""Which texts say the same: reposts, rewritten copies, and complaints made from one template.

A text's sketch is the minimum of 32 random orders of its pairs of characters (MinHash; Broder
1997): two sketches agree in as many places as their texts have pairs in common (Jaccard). Sketches
that agree in one of 40 sets of three places share a bucket (Indyk and Motwani 1998); only those are
compared, and of a bucket only its newest, so a text costs the same among a thousand as among a
million.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import chain, pairwise
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from data.fold import fold_points
from nlp.signs import distinct

HASHES = 32
BANDS = HASHES // 3 * 4
SIZE = HASHES * 2
"""Bytes of a sketch."""
ALIKE = 7
"""Places in which the sketches of two texts that say the same agree, at least."""
SURE = 23
"""Places from which no look at the texts is needed: 1 in 100,000 is below ``SAME``."""
SAME = 0.34
"""Common pairs from which texts say the same; a fifth of the characters edited leaves half."""

BEST = 4
"""Candidates whose texts are compared, those first whose sketches agree most."""

_SHORT = 8  # pairs below which a text is too short to resemble anything
_DEPTH = 12  # of a bucket's texts that are looked at: fuller ones are of common phrases
_ROWS = 1 << 16
_SEED = 20_261_125
_FIRST, _SECOND = np.uint32(0x9E3779B1), np.uint32(0x85EBCA6B)
_NOWHERE = -1
_ROOM = 1_024  # a power of two
_AT_ONCE = 1 << 16
_BANDS = np.arange(BANDS)

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


def jaccards(asked: Sequence[tuple[str, str]]) -> list[float]:
    """Return the share of character pairs that each two texts have in common, 0 to 1."""
    texts = list(dict.fromkeys(chain(*asked)))
    rows, starts = _rows(texts)
    flat, edges = rows.tolist(), starts.tolist()
    own = {
        text: frozenset(flat[start:end])
        for text, (start, end) in zip(texts, pairwise(edges), strict=True)
    }
    found = []
    for one, other in asked:
        a, b = own[one], own[other]
        common = len(a & b)
        found.append(common / max(1, len(a) + len(b) - common))
    return found


class LikenessIndex:
    """The sketches of many texts, some 400 bytes each, found by their buckets."""

    def __init__(self) -> None:
        """Begin with none."""
        self._n = 0
        self._sketches: Sketches = np.zeros((_ROOM, HASHES), np.uint16)
        self._older: Places = np.full((_ROOM, BANDS), _NOWHERE, np.int32)  # in the same bucket
        self._newest: Places = np.full((BANDS, _ROOM), _NOWHERE, np.int32)

    def __len__(self) -> int:
        """Return how many texts there are."""
        return self._n

    def add(self, new: Sketches) -> None:
        """Append sketches; the next text has the place ``len`` of before."""
        first, self._n = self._n, self._n + len(new)
        if self._n > len(self._sketches):
            self._grow()
            first = 0  # all buckets are other ones now
        self._sketches[self._n - len(new) : self._n] = new
        for at in range(first, self._n, _AT_ONCE):
            self._link(at, min(at + _AT_ONCE, self._n))

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

    def rows(self) -> Sketches:
        """Return all sketches in order."""
        return self._sketches[: self._n]

    def agreements(self, asked: Sketches, places: Sequence[int]) -> list[int]:
        """Return in how many of the 32 places each sketch agrees with the one at its place."""
        others = self._sketches[np.array(places, np.int64)]
        found: list[int] = (others == asked).sum(axis=1).tolist()
        return found

    def _met(self, asked: Sketches) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the (which asked, place) that share a bucket, each once."""
        long = np.flatnonzero(asked.any(axis=1))
        owner, band = np.repeat(long, BANDS), np.tile(_BANDS, len(long))
        at = self._newest[band, self._buckets(asked[long]).ravel()]
        met = []
        for _ in range(_DEPTH):
            alive = np.flatnonzero(at != _NOWHERE)
            if not len(alive):
                break
            owner, band, at = owner[alive], band[alive], at[alive]
            met.append((owner << 32) | at)
            at = self._older[at, band]
        both = distinct(np.concatenate(met)) if met else np.empty(0, np.int64)
        return both >> 32, both & 0xFFFFFFFF

    def _link(self, first: int, end: int) -> None:
        """Put the texts from ``first`` to ``end`` at the head of their buckets."""
        places = (first + np.flatnonzero(self._sketches[first:end].any(axis=1))).astype(np.int32)
        for band, buckets in enumerate(self._buckets(self._sketches[places]).T):
            order = np.argsort(buckets, kind="stable")
            bucket, place = buckets[order], places[order]
            again = np.flatnonzero(bucket[1:] == bucket[:-1]) + 1
            self._older[place, band] = self._newest[band, bucket]
            self._older[place[again], band] = place[again - 1]
            self._newest[band, bucket] = place  # the last of equal buckets stays

    def _buckets(self, made: Sketches) -> NDArray[np.uint32]:
        """Return an array (texts, BANDS) of numbers of buckets."""
        bits = self._newest.shape[1].bit_length() - 1
        three = made[:, _triples()].astype(np.uint32)
        mixed = ((three[..., 0] * _FIRST + three[..., 1]) * _SECOND + three[..., 2]) * _FIRST
        found: NDArray[np.uint32] = (mixed ^ (mixed >> np.uint32(15))) * _SECOND >> np.uint32(
            32 - bits
        )
        return found

    def _grow(self) -> None:
        """Make room for twice as many, with empty buckets."""
        room = 1 << (self._n - 1).bit_length()
        old, self._sketches = self._sketches, np.zeros((room, HASHES), np.uint16)
        self._sketches[: len(old)] = old
        self._older = np.full((room, BANDS), _NOWHERE, np.int32)
        self._newest = np.full((BANDS, room), _NOWHERE, np.int32)


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
        asked = [
            (n, place)
            for n, near in enumerate(self._index.near(made, base))
            for place in near[:BEST]
        ]
        told = confirmed(
            self._index, made, asked, [(texts[n], self._texts[place]) for n, place in asked]
        )
        found: list[Name | None] = []
        for n in range(len(texts)):
            same = told.get(n)
            self._firsts.append(base + n if same is None else self._firsts[same])
            found.append(None if same is None else self._names[self._firsts[same]])
        return found


def confirmed(
    index: LikenessIndex,
    made: Sketches,
    asked: Sequence[tuple[int, int]],
    texts: Sequence[tuple[str, str]],
) -> dict[int, int]:
    """Return for each sketch, by number, the first place whose text says the same, if one does.

    ``asked`` are (number of the sketch, place), best first; ``texts`` theirs, side by side.
    """
    agree = index.agreements(made[[n for n, _ in asked]], [place for _, place in asked])
    shares = iter(jaccards([pair for pair, n in zip(texts, agree, strict=True) if n < SURE]))
    found: dict[int, int] = {}
    for (n, place), agreed in zip(asked, agree, strict=True):
        if agreed >= SURE or next(shares) >= SAME:
            found.setdefault(n, place)
    return found


def _rows(texts: Sequence[str]) -> tuple[NDArray[np.uint16], NDArray[np.int64]]:
    """Return a number for each pair of neighbouring characters, and where each text's begin."""
    points = fold_points("\n".join(texts))
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    text_of = np.repeat(np.arange(len(texts)), lengths + 1)[: len(points)]
    kept = _telling()[np.minimum(points, 0xFFFF)]
    points, text_of = points[kept], text_of[kept]
    inside = text_of[1:] == text_of[:-1]
    mixed = (points[:-1] * _FIRST + points[1:]) * _SECOND
    rows = (mixed >> np.uint32(16)).astype(np.uint16)[inside]
    starts = np.searchsorted(text_of[1:][inside], np.arange(len(texts) + 1))
    return rows, starts


@cache
def _triples() -> NDArray[np.int64]:
    """Return which three places of a sketch make each bucket: (BANDS, 3)."""
    random = np.random.Generator(np.random.PCG64(_SEED))
    rounds = [random.permutation(HASHES)[: HASHES // 3 * 3].reshape(-1, 3) for _ in range(4)]
    return np.concatenate(rounds)


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
