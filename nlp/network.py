"""A small convolutional network that hears what each character of a text helps to allege.

The transformer of nlp/vote.py taught it (Hinton, Vinyals and Dean 2015, distillation): what is
learnt, and from what, is in models/network.md. Characters as vectors, then convolutions over three
characters that lie ever further apart (Yu and Koltun 2016), each added to what came in; after the
third the mean of the whole text is added, too. All but the first, of which a table is made, go
through fewer numbers (Denton et al. 2014); the last is reckoned only around the sentences in
question. Plain numpy, so it always listens (nlp/hearing.py).
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
from nlp.hearing import WINDOW, Advice, Flags, Span, Unsure
from nlp.tags import Levels, Scores

FILE = Path(__file__).with_name("models") / "network.npz"
GAPS = (1, 1, 2, 4)
"""How far apart the three characters of each convolution lie."""
MIDDLE = 2
"""The convolution after which every character is told the mean of all."""
REACH = sum(GAPS[MIDDLE + 1 :])
"""How far to each side the convolutions after that look."""
UNKNOWN = 1
"""The row of ``letters`` that stands for all other characters; row 0 is of what lies between."""
SHARE = 0.08
"""How much its log-odds move a score."""
LEVELS = Levels(
    least=0.0, sure=0.14, alone=0.2, grave=0.18, any=0.25, kept=-0.2, believed=0.25, proven=0.5
)
"""Of moved scores: chosen on authors that no model had learnt (dev), ``grave`` on headlines."""
UNSURE = Unsure(match=-0.05, unforeseen=0.12, any=0.25, sure=0.35)
"""It is asked about a third to half of the sentences; of the others it changes next to nothing."""
_AT_ONCE = 32  # texts whose sums are done together
_EPSILON = 1e-5  # as PyTorch normalises
_NONE: Scores = np.zeros(3, np.float32)

Places = npt.NDArray[np.intp]


class Network:
    """The weights, by the names of nlp/train_network.py, and the ``tags`` they are of."""

    files = (FILE,)

    def __init__(
        self, tags: Sequence[str], signs: npt.NDArray[np.uint32], weights: Mapping[str, Scores]
    ) -> None:
        """Take the weights; ``signs`` are the code points of the rows of ``letters`` from 2 on."""
        self.tags, self.weights = tuple(tags), dict(weights)
        self.signs, self._order = signs, np.argsort(signs)
        self._sorted = signs[self._order]
        alone = self._normal(self.weights["letters"], "norm0")
        alone[0] = 0  # nothing stands there
        self._first = _parts(alone @ self.weights["near0"])  # of each character, once for all

    def read(
        self, texts: Sequence[str], asked: Sequence[Sequence[Span]] | None = None
    ) -> Iterator[tuple[Scores, Scores, Sequence[Span]]]:
        """See Opinion; of feelings it knows nothing. A piece is a character that is asked about."""
        spans = [[(0, len(text))] for text in texts] if asked is None else asked
        for first in range(0, len(texts), _AT_ONCE):
            some = [text[: WINDOW + 1] for text in texts[first : first + _AT_ONCE]]
            marked = [*map(_marked, some, spans[first : first + _AT_ONCE])]
            with _blas().limit(limits=1):  # a second thread costs more than so small a sum takes
                odds = self._odds(some, marked)
            done = 0
            for places in map(np.flatnonzero, marked):
                own = odds[done : done + len(places)]
                yield _NONE, own, [(n, n + 1) for n in places.tolist()]
                done += len(places)

    def _odds(self, texts: Sequence[str], marked: Sequence[Flags]) -> Scores:
        """Return log-odds (marked characters of all texts, tags)."""
        w, lengths = self.weights, np.array([len(text) for text in texts])
        starts = np.cumsum(lengths + GAPS[-1]) - lengths - GAPS[-1]
        rows = np.zeros(starts[-1] + lengths[-1] + GAPS[-1], np.intp)  # row 0 between them
        asked = np.zeros(len(rows), np.bool_)
        for start, text, own in zip(starts, texts, marked, strict=True):
            rows[start : start + len(text)] = self._rows(text)
            asked[start : start + len(text)] = own
        x = self._begun(rows)
        for n in range(1, MIDDLE + 1):
            self._hear(x, n, rows == 0)
        means = np.add.reduceat(x, starts) / np.maximum(lengths, 1)[:, np.newaxis]
        whole = _rectified(means.astype(np.float32) @ w["around"], w["around_bias"])
        near = np.convolve(asked, np.ones(2 * REACH + 1, np.int64))[REACH:-REACH] > 0
        x = (x + np.repeat(whole, lengths + GAPS[-1], axis=0))[near]
        none = rows[near] == 0
        x[none] = 0
        for n in range(MIDDLE + 1, len(GAPS)):
            self._hear(x, n, none)
        odds: Scores = self._normal(x[asked[near]], "last") @ w["head"] + w["head_bias"]
        return odds

    def _begun(self, rows: Places) -> Scores:
        """Return what the first convolution makes of the characters."""
        heard = _beside([part[rows] for part in self._first], GAPS[0])
        x: Scores = self.weights["letters"][rows] + _rectified(heard, self.weights["bias0"])
        x[rows == 0] = 0
        return x

    def _hear(self, x: Scores, n: int, none: Flags) -> None:
        """Add to ``x`` what the convolution ``n`` makes of it; there is nothing at ``none``."""
        normal = self._normal(x, f"norm{n}")
        normal[none] = 0
        heard = _beside(_parts(normal @ self.weights[f"down{n}"]), GAPS[n])
        x += _rectified(heard @ self.weights[f"up{n}"], self.weights[f"bias{n}"])
        x[none] = 0

    def _rows(self, text: str) -> Places:
        points = fold_points(text)
        at = np.minimum(np.searchsorted(self._sorted, points), len(self._sorted) - 1)
        return np.where(self._sorted[at] == points, self._order[at] + 2, UNKNOWN)

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
            "tags": np.array(self.tags), "signs": self.signs
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


def _marked(text: str, spans: Sequence[Span]) -> Flags:
    marked = np.zeros(len(text), np.bool_)
    for start, end in spans:
        marked[start:end] = True
    return marked


def _parts(x: Scores) -> list[Scores]:
    """Return what a character is for the one after it, for itself, and for the one before it."""
    return np.split(x, 3, axis=1)


def _beside(parts: Sequence[Scores], gap: int) -> Scores:
    """Return for each character the sum of what it and those ``gap`` before and after are."""
    before, own, after = parts
    heard: Scores = own.copy()
    heard[gap:] += before[:-gap]
    heard[:-gap] += after[gap:]
    return heard


def _rectified(x: Scores, bias: Scores) -> Scores:
    x += bias
    positive: Scores = np.maximum(x, 0, out=x)
    return positive
