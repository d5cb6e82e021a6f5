"""Texts like ours in other words: nobody wrote them, a teacher reads them (nlp/train_network.py).

A word is changed for one that stands in like company: word vectors from counts of neighbours
(positive pointwise mutual information and singular values, Levy and Goldberg 2014) of our texts
and of public ones. What comes of it is often odd; whoever learns from it learns what the teacher
makes of words that our texts do not have (Jiao et al. 2020, TinyBERT).
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import rjieba
from scipy.sparse import coo_matrix, csr_matrix
from scipy.sparse.linalg import svds

WORDS, LEAST_OFTEN, REACH = 16_000, 5, 3
VECTOR, MOST_ALIKE, ALIKE, SHIFT = 150, 8, 0.45, 0.5
CHANGED, SPLICED, SPLICED_CHANGED = 0.2, 0.4, 0.12
"""The share of words changed; of texts that are spliced of sentences; of words changed in those."""
LONGEST = 400
_SENTENCES = (1, 1, 2, 2, 3)
_AT_ONCE = 2000

Alike = Mapping[str, Sequence[str]]


def alike(texts: Sequence[str]) -> Alike:
    """Return for each common word those that stand in like company, at most MOST_ALIKE."""
    cut = [rjieba.cut(text) for text in texts]
    often = Counter(word for words in cut for word in words)
    known = [w for w, n in often.most_common(WORDS) if n >= LEAST_OFTEN and not w.isspace()]
    vectors = _vectors(_company(cut, {word: n for n, word in enumerate(known)}))
    found: dict[str, list[str]] = {}
    for first in range(0, len(known), _AT_ONCE):
        closeness = vectors[first : first + _AT_ONCE] @ vectors.T
        for row, near in enumerate(np.argsort(-closeness, axis=1)[:, : MOST_ALIKE + 1].tolist()):
            own = first + row
            close = [known[n] for n in near if n != own and closeness[row, n] > ALIKE]
            found[known[own]] = close
    return found


def varied(
    texts: Sequence[str], sentences: Sequence[str], like: Alike, many: int, seed: int
) -> Iterator[str]:
    """Yield ``many`` texts: changed ones of ``texts``, and changed splices of ``sentences``."""
    luck = random.Random(seed)  # noqa: S311 - seeded, not secret
    for _ in range(many):
        if luck.random() < SPLICED:
            some = [luck.choice(sentences) for _ in range(luck.choice(_SENTENCES))]
            yield _changed("。".join(some), like, SPLICED_CHANGED, luck)[:LONGEST]
        else:
            yield _changed(luck.choice(texts), like, CHANGED, luck)[:LONGEST]


def _changed(text: str, like: Alike, share: float, luck: random.Random) -> str:
    return "".join(
        luck.choice(near) if (near := like.get(word)) and luck.random() < share else word
        for word in rjieba.cut(text)
    )


def _company(cut: Sequence[Sequence[str]], number: Mapping[str, int]) -> csr_matrix:
    """Return (words, words): how often two stand at most REACH apart, the nearer the more."""
    first: list[int] = []
    second: list[int] = []
    weight: list[float] = []
    for words in cut:
        own = [number.get(word, -1) for word in words]
        for apart in range(1, REACH + 1):
            for a, b in zip(own, own[apart:], strict=False):
                if a >= 0 and b >= 0:
                    first += (a, b)
                    second += (b, a)
                    weight += (1 / apart, 1 / apart)
    return coo_matrix((weight, (first, second)), shape=(len(number),) * 2).tocsr()


def _vectors(company: csr_matrix) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    alone = np.asarray(company.sum(axis=1)).ravel() + 1
    pairs = company.tocoo()
    told = np.log(pairs.data * alone.sum() / (alone[pairs.row] * alone[pairs.col])) - SHIFT
    kept = csr_matrix((np.maximum(told, 0), (pairs.row, pairs.col)), shape=company.shape)
    kept.eliminate_zeros()
    left, strength, _ = svds(kept, min(VECTOR, min(kept.shape) - 1), random_state=0)
    vectors = left * np.sqrt(strength)
    return np.asarray(vectors / (np.linalg.norm(vectors, axis=1, keepdims=True) + 1e-9))
