"""Which texts say the same: reposts, rewritten copies, and complaints made from one template.

A text is 256 bits (simhash over pairs of characters; Charikar 2002). Texts near in Hamming distance
are candidates; pairs of characters in common (Jaccard) decide. What belongs together is joined with
union-find, and what many accounts have in common is shown as their template.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from data.fold import fold

BITS = 256
NEAR = 88
"""Bits in which near texts may differ; a fifth of the characters edited flips 65 or so."""
SAME = 0.34
"""Common pairs from which texts say the same; a fifth of the characters edited leaves half."""
TEMPLATE = 3
"""Accounts that make a template of what they have in common."""

_KEPT = re.compile(r"[^\w]+|[0-9]+")
_SHORT = 8  # pairs below which a text is too short to resemble anything
_BLOCK = 2_048  # rows compared at once: 2,048 x 2,048 distances are 4 MB
_WORDS = 4  # 64-bit words of a hash
_SLACK = 12  # bits by which a quarter of the hash may differ more than the whole: 3 deviations
_SEED = 20_261_125

Hashes = NDArray[np.uint64]
Pairs = NDArray[np.int64]


def likeness(text: str) -> bytes:
    """Return the 256-bit hash of a text as 32 bytes; empty for one too short to compare."""
    codes = _pairs(text)
    if len(codes) < _SHORT:
        return b""
    votes = _signs()[codes % _ROWS].sum(axis=0, dtype=np.int32)
    return np.packbits(votes > 0).tobytes()


def jaccard(one: str, other: str) -> float:
    """Return the share of character pairs that two texts have in common, 0 to 1."""
    a, b = set(_pairs(one).tolist()), set(_pairs(other).tolist())
    return len(a & b) / max(1, len(a | b))


@dataclass(frozen=True, slots=True)
class Template:
    """Texts of different accounts that are one text, and what they share."""

    members: tuple[int, ...]  # indexes of the texts
    accounts: int
    text: str  # the stretches that all have, joined by …


class LikenessIndex:
    """The hashes of many texts, 32 bytes each, searched exactly.

    No table of buckets: at a distance of a quarter of the bits those miss most of what is near,
    while a scan of a million hashes takes milliseconds and misses nothing.
    """

    def __init__(self, hashes: Iterable[bytes] = ()) -> None:
        """Keep the hashes in order; an empty one stands for a text that resembles nothing."""
        self._words: Hashes = np.empty((0, _WORDS), np.uint64)
        self._blank: NDArray[np.bool_] = np.empty(0, np.bool_)
        self.add(hashes)

    def __len__(self) -> int:
        """Return how many texts there are."""
        return len(self._words)

    def add(self, hashes: Iterable[bytes]) -> None:
        """Append hashes; the next text has the index ``len`` of before."""
        whole = [digest or bytes(BITS // 8) for digest in hashes]
        new = np.frombuffer(b"".join(whole), np.uint64).reshape(-1, _WORDS)
        self._words = np.concatenate([self._words, new])
        self._blank = np.asarray(~self._words.any(axis=1), np.bool_)

    def near(self, digest: bytes, most: int = NEAR) -> list[tuple[int, int]]:
        """Return (index, bits that differ) of the near texts, nearest first."""
        if not digest or not len(self):
            return []
        own = np.frombuffer(digest, np.uint64)
        quarter = np.bitwise_count(self._words[:, 0] ^ own[0])
        rows = np.flatnonzero((quarter <= most // _WORDS + _SLACK) & ~self._blank)
        distances = _distance(self._words[rows], own)
        kept = np.flatnonzero(distances <= most)
        return sorted(
            ((int(rows[n]), int(distances[n])) for n in kept), key=lambda pair: (pair[1], pair[0])
        )


class Repeats:
    """Tells of each text in turn which earlier one it repeats."""

    def __init__(self) -> None:
        """Begin with no text."""
        self._index = LikenessIndex()
        self._waiting: list[bytes] = []  # hashes not in the index yet: adding one costs a copy
        self._texts: list[str] = []
        self._names: list[Any] = []

    def first(self, name: Any, text: str) -> Any:
        """Return the name of the first text that says the same, or None; remember this one."""
        digest = likeness(text)
        if len(self._waiting) >= _BLOCK:
            self._index.add(self._waiting)
            self._waiting = []
        base = len(self._index)
        near = [n for n, _ in self._index.near(digest)]
        near += [base + n for n, _ in LikenessIndex(self._waiting).near(digest)]
        same = [n for n in near if jaccard(self._texts[n], text) >= SAME]
        self._waiting.append(digest)
        self._texts.append(text)
        self._names.append(name)
        return self._names[min(same)] if same else None


def families(texts: Sequence[str], hashes: Sequence[bytes] | None = None) -> list[list[int]]:
    """Return the groups of texts that say the same, as indexes in order; single texts are left out.

    Exact copies are joined by their hash alone; all others are verified by Jaccard.
    """
    digests = list(hashes) if hashes is not None else [likeness(text) for text in texts]
    packed = [(n, digest) for n, digest in enumerate(digests) if digest]
    if len(packed) < 2:  # noqa: PLR2004
        return []
    rows = np.array([n for n, _ in packed])
    words = np.frombuffer(b"".join(d for _, d in packed), np.uint64).reshape(-1, _WORDS)
    joined = [
        (int(rows[a]), int(rows[b]))
        for a, b in _near_pairs(words)
        if jaccard(texts[rows[a]], texts[rows[b]]) >= SAME
    ]
    return _components(len(texts), joined)


def templates(texts: Sequence[str], authors: Sequence[str]) -> list[Template]:
    """Return the families written by at least three accounts, with what their texts share."""
    found = []
    for family in families(texts):
        accounts = len({authors[n] for n in family})
        if accounts >= TEMPLATE:
            found.append(Template(tuple(family), accounts, shared([texts[n] for n in family])))
    return sorted(found, key=lambda template: -template.accounts)


def shared(texts: Sequence[str], least: int = 6) -> str:
    """Return the stretches of ``least`` characters and more that all texts have, joined by …."""
    common = [texts[0]]
    for text in texts[1:]:
        common = [
            part[block.a : block.a + block.size]
            for part in common
            for block in SequenceMatcher(None, part, text, autojunk=False).get_matching_blocks()
            if block.size >= least
        ]
    return "…".join(common)


def first_of(texts: Sequence[str]) -> list[int | None]:
    """Return for each text the index of the earliest one that it repeats, or None."""
    found: list[int | None] = [None] * len(texts)
    for family in families(texts):
        for n in family[1:]:
            found[n] = family[0]
    return found


def _pairs(text: str) -> NDArray[np.int64]:
    """Return a number for each pair of neighbouring characters; signs and digits are left out."""
    kept = _KEPT.sub("", fold(text))
    points = np.frombuffer(kept.encode("utf-32-le"), np.uint32).astype(np.int64)
    if len(points) < 2:  # noqa: PLR2004
        return np.empty(0, np.int64)
    codes: NDArray[np.int64] = np.unique((points[:-1] * 1_000_003 + points[1:]) & 0x7FFFFFFF)
    return codes


_ROWS = 65_521  # a prime: pairs share a row of signs rarely


@cache
def _signs() -> NDArray[np.int8]:
    """Return a row of 256 signs for each of 65,521 remainders: 16 MB, the same on every machine."""
    random = np.random.Generator(np.random.PCG64(_SEED))
    return (random.integers(0, 2, (_ROWS, BITS), dtype=np.int8) * 2 - 1).astype(np.int8)


def _distance(words: Hashes, other: Hashes) -> NDArray[np.int32]:
    found: NDArray[np.int32] = np.bitwise_count(words ^ other).sum(axis=-1, dtype=np.int32)
    return found


def _near_pairs(words: Hashes) -> Iterable[tuple[int, int]]:
    """Yield the pairs of rows within NEAR bits, block against block; exact, for some thousands."""
    for first in range(0, len(words), _BLOCK):
        rows = words[first : first + _BLOCK]
        for second in range(first, len(words), _BLOCK):
            distances = sum(
                np.bitwise_count(
                    rows[:, None, n] ^ words[None, second : second + _BLOCK, n]
                ).astype(np.int16)
                for n in range(_WORDS)
            )
            for a, b in np.argwhere(distances <= NEAR):
                if first + a < second + b:
                    yield int(first + a), int(second + b)


def _components(n: int, joined: Sequence[tuple[int, int]]) -> list[list[int]]:
    """Return the connected groups of two and more."""
    if not joined:
        return []
    a, b = np.array(joined).T
    graph = coo_matrix((np.ones(len(a), np.int8), (a, b)), shape=(n, n))
    _, label = connected_components(graph, directed=False)
    sizes = Counter(label.tolist())
    groups: dict[int, list[int]] = {}
    for place, name in enumerate(label.tolist()):
        if sizes[name] > 1:
            groups.setdefault(name, []).append(place)
    return list(groups.values())
