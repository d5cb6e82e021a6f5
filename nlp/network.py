"""A small convolutional network that hears what each character of a text helps to allege.

The transformer of nlp/vote.py taught it (Hinton, Vinyals and Dean 2015, distillation): what is
learnt, and from what, is in models/network.md. Characters as vectors, then convolutions over three
characters that lie ever further apart (Yu and Koltun 2016), each added to what came in; after the
third the mean of the whole text is added, too. Plain numpy, a thousandth of a second for sixty
characters, so it always listens (nlp/hearing.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from threadpoolctl import ThreadpoolController

from data.fold import fold_points
from nlp.hearing import WINDOW, Advice, Unsure
from nlp.tags import Levels, Scores

FILE = Path(__file__).with_name("models") / "network.npz"
GAPS = (1, 1, 2, 4)
"""How far apart the three characters of each convolution lie."""
MIDDLE = 2
"""The convolution after which every character is told the mean of all."""
UNKNOWN = 1
"""The row of ``letters`` that stands for all other characters; row 0 is of what lies between."""
SHARE = 0.08
"""How much its log-odds move a score."""
LEVELS = Levels(
    least=0.02, sure=0.14, alone=0.17, grave=0.17, any=0.25, kept=-0.2, believed=0.2, proven=0.5
)
"""Of moved scores (chosen on three authors that neither model had learnt)."""
UNSURE = Unsure(match=-0.05, unforeseen=0.12, any=0.25, sure=0.35)
"""It is asked about half of the texts that are heard; of the others it changes next to nothing."""
_AT_ONCE = 32  # texts whose sums are done together
_EPSILON = 1e-5  # as PyTorch normalises
_NONE: Scores = np.zeros(3, np.float32)


class Network:
    """The weights, by the names of nlp/train_network.py, and the ``tags`` they are of."""

    files = (FILE,)

    def __init__(
        self, tags: Sequence[str], signs: npt.NDArray[np.uint32], weights: Mapping[str, Scores]
    ) -> None:
        """Take the weights; ``signs`` are the code points of the rows of ``letters`` from 2 on."""
        self.tags, self.weights = tuple(tags), dict(weights)
        self._order = np.argsort(signs)
        self._signs = signs[self._order]
        parts = np.vsplit(self.weights["near0"], 3)  # of a character alone: reckoned once for all
        alone = self._normal(self.weights["letters"], "norm0")
        alone[0] = 0  # nothing stands there
        self._first = [alone @ part for part in parts]

    def read(
        self, texts: Sequence[str]
    ) -> Iterator[tuple[Scores, Scores, Sequence[tuple[int, int]]]]:
        """See Opinion; of feelings it knows nothing. Many texts at once, with gaps between them."""
        for first in range(0, len(texts), _AT_ONCE):
            some = [text[: WINDOW + 1] for text in texts[first : first + _AT_ONCE]]
            with _blas().limit(limits=1):  # a second thread costs more than so small a sum takes
                read = [*self._odds(some)]
            for odds in read:
                yield _NONE, odds, [(n, n + 1) for n in range(len(odds))]

    def _odds(self, texts: Sequence[str]) -> Iterator[Scores]:
        """Yield log-odds (characters, tags) of each text."""
        w, lengths = self.weights, np.array([len(text) for text in texts])
        starts = np.cumsum(lengths + GAPS[-1]) - lengths - GAPS[-1]
        rows = np.zeros(starts[-1] + lengths[-1] + GAPS[-1], np.intp)  # row 0 between them
        for start, text in zip(starts, texts, strict=True):
            rows[start : start + len(text)] = self._rows(text)
        none = rows == 0
        before, own, after = (part[rows] for part in self._first)
        own[GAPS[0] :] += before[: -GAPS[0]]
        own[: -GAPS[0]] += after[GAPS[0] :]
        x = w["letters"][rows]
        for n, gap in enumerate(GAPS):
            if n:
                normal = self._normal(x, f"norm{n}")
                normal[none] = 0
                own = _beside(normal, gap) @ w[f"near{n}"]
            x += _rectified(own, w[f"bias{n}"])
            x[none] = 0
            if n == MIDDLE:
                means = np.add.reduceat(x, starts) / np.maximum(lengths, 1)[:, np.newaxis]
                whole = _rectified(means.astype(np.float32) @ w["around"], w["around_bias"])
                x += np.repeat(whole, lengths + GAPS[-1], axis=0)
                x[none] = 0
        odds: Scores = self._normal(x, "last") @ w["head"] + w["head_bias"]
        for start, length in zip(starts, lengths, strict=True):
            yield odds[start : start + length]

    def _rows(self, text: str) -> npt.NDArray[np.intp]:
        points = fold_points(text)
        at = np.minimum(np.searchsorted(self._signs, points), len(self._signs) - 1)
        return np.where(self._signs[at] == points, self._order[at] + 2, UNKNOWN)

    def _normal(self, x: Scores, name: str) -> Scores:
        """Normalise each character's numbers (Ba, Kiros and Hinton 2016, layer normalisation)."""
        even = x - x.mean(axis=1, keepdims=True)
        spread = np.einsum("ij,ij->i", even, even)[:, np.newaxis] / x.shape[1]
        even *= 1 / np.sqrt(spread + _EPSILON)
        normal: Scores = even * self.weights[f"{name}_slope"] + self.weights[f"{name}_offset"]
        return normal

    def save(self, file: Path) -> None:
        """Write the arrays, compressed: matrices in eight bits, a scale for each column."""
        arrays: dict[str, Any] = {
            "tags": np.array(self.tags), "signs": self._signs[np.argsort(self._order)]
        }  # fmt: skip
        for name, numbers in self.weights.items():
            if numbers.ndim == 1:
                arrays[name] = numbers.astype(np.float32)
                continue
            scale = np.maximum(np.abs(numbers).max(axis=0), 1e-9) / 127
            arrays[name] = np.round(numbers / scale).astype(np.int8)
            arrays[f"{name}_scale"] = scale.astype(np.float32)
        file.parent.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(file, **arrays)


@cache
def load(file: Path = FILE) -> Network:
    """Return the network in ``file``; pickles are refused."""
    with np.load(file, allow_pickle=False) as arrays:
        weights = {
            name: arrays[name].astype(np.float32) * arrays.get(f"{name}_scale", np.float32(1))
            for name in arrays.files
            if name not in {"tags", "signs"} and not name.endswith("_scale")
        }
        return Network(arrays["tags"].tolist(), arrays["signs"], weights)


@cache
def _blas() -> Any:
    return ThreadpoolController().select(user_api="blas")


def advice() -> Advice:
    """Return what the network has to say of allegations."""
    return Advice(load(), SHARE, LEVELS, unsure=UNSURE)


def _beside(x: Scores, gap: int) -> Scores:
    """Return (characters, 3 × width): the character ``gap`` before, itself, the one after."""
    padded = np.pad(x, ((gap, gap), (0, 0)))
    return np.hstack([padded[: len(x)], x, padded[2 * gap :]])


def _rectified(x: Scores, bias: Scores) -> Scores:
    x += bias
    positive: Scores = np.maximum(x, 0, out=x)
    return positive
