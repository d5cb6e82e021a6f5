"""Which n-grams of characters stand in texts: hashed, as one sparse matrix for many texts.

No vocabulary is kept: a column is a hash, and two n-grams may share one (Weinberger et al. 2009,
Feature Hashing). Presence instead of counts, and rows of unit length: what serves sentiment best
(Wang and Manning 2012) needs no weight to be looked up before the product with the weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, vstack

from data.fold import fold_points
from nlp.signs import in_order

Codes = npt.NDArray[np.uint32]

_FIRST = np.uint32(0x9E3779B1)  # 2**32 over the golden ratio (Knuth, multiplicative hash)
_MIX = np.uint32(0x85EBCA6B)  # the two multipliers of MurmurHash3's finaliser
_LAST = np.uint32(0xC2B2AE35)
_AT_ONCE = 400  # characters whose n-grams are sorted together


@dataclass(frozen=True, slots=True)
class Block:
    """A group of columns: n-grams of 1 to ``longest`` characters in ``2**bits`` columns."""

    longest: int
    bits: int
    salt: int
    most: int  # characters of a text that are read

    @property
    def columns(self) -> int:
        """How many columns the block has."""
        return 1 << self.bits


def presence(texts: Sequence[str], block: Block) -> csr_matrix:
    """Return a matrix (texts, columns): 1/sqrt(n) where an n-gram stands, n of them in the row.

    Texts are folded first. The rows do not depend on what else is in the batch.
    """
    at_once = 1 << (32 - block.bits)  # row and column share 32 bits: sorting them is quick
    parts = [
        _presence([text[: block.most] for text in texts[at : at + at_once]], block)
        for at in range(0, len(texts), at_once)
    ]
    return vstack(parts, format="csr") if len(parts) > 1 else parts[0]


def hashes(text: str, block: Block) -> list[npt.NDArray[np.int64]]:
    """Return for n = 1 … longest the columns of the n-grams that begin at each character."""
    return [key.astype(np.int64) for key in _keys(fold_points(text), block)]


def _presence(texts: Sequence[str], block: Block) -> csr_matrix:
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    rows = np.repeat(np.arange(len(texts), dtype=np.uint32), lengths)
    points = fold_points("\n".join(texts))  # apart: folding looks at the neighbours
    apart = np.ones(len(points), dtype=bool)
    apart[np.cumsum(lengths[:-1] + 1) - 1] = False
    joined = in_order(_placed(points[apart], rows, block), np.cumsum(lengths), _AT_ONCE)
    fresh = np.ones(len(joined), dtype=bool)
    np.not_equal(joined[1:], joined[:-1], out=fresh[1:])
    joined = joined[fresh]
    edges = np.arange(len(texts) + 1, dtype=np.uint64) << np.uint64(block.bits)
    starts = np.searchsorted(joined, edges[:-1].astype(np.uint32))
    starts = np.append(starts, len(joined)).astype(np.int32)
    each = np.diff(starts)
    values = np.repeat((1 / np.sqrt(np.maximum(each, 1))).astype(np.float32), each)
    columns = (joined & np.uint32(block.columns - 1)).astype(np.int32)
    return csr_matrix((values, columns, starts), shape=(len(texts), block.columns))


def _placed(codes: Codes, rows: Codes, block: Block) -> Codes:
    """Return an array (n, characters): row and column of the n-gram that begins at each.

    An n-gram that crosses two texts is none: the character alone stands in its place once more.
    """
    keys = _keys(codes, block)
    placed = np.tile(keys[0], (len(keys), 1))
    for n, key in enumerate(keys[1:], start=1):
        np.copyto(placed[n, : len(key)], key, where=rows[: len(key)] == rows[n:])
    placed |= rows << np.uint32(block.bits)
    return placed


def _keys(codes: Codes, block: Block) -> list[Codes]:
    """Return the hashes of the 1-grams, 2-grams … of a text, ``bits`` wide."""
    spread = codes * _FIRST
    rolling = (codes + np.uint32(block.salt)) * _FIRST
    found = [_finished(rolling, block)]
    for n in range(1, min(block.longest, max(1, len(codes)))):
        rolling = (rolling[:-1] ^ (rolling[:-1] >> np.uint32(15))) * _MIX + spread[n:]
        found.append(_finished(rolling, block))
    return found


def _finished(key: Codes, block: Block) -> Codes:
    mixed: Codes = ((key ^ (key >> np.uint32(16))) * _LAST) >> np.uint32(32 - block.bits)
    return mixed


def small(weights: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.int8], float]:
    """Return weights in eight bits, and what each step is worth."""
    scale = max(float(np.abs(weights).max()), 1e-9) / 127
    return np.round(weights / scale).astype(np.int8), scale
