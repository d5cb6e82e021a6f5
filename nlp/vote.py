"""A second opinion from a small transformer: off by default, asked only where it pays.

The model (extra ``vote``: onnxruntime and tokenizers, no network) reads a text once and says how it
feels and, token by token, what it alleges (how it was made: models/vote.md). Of feelings it is
asked where the model in use is less than ``UNSURE`` sure, and then both count the same; of
allegations wherever a sentence may be about debt: its log-odds move the scores of nlp/tags.py.
Any folder with ``model.onnx`` and ``tokenizer.json`` serves, given by its path: the first output
are logits of negative, neutral and positive. Gain and price: docs/quality.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.special import softmax

from data.errors import InputError
from data.fold import fold
from nlp import sentiment
from nlp.hearing import Advice, Opinion, Span
from nlp.sentiment import SOMEBODY, Document, Feeling, SentimentModel
from nlp.tags import Levels, Scores

FOLDER = Path(__file__).with_name("models") / "vote"
MODEL, TOKENIZER = "model.onnx", "tokenizer.json"
UNSURE = 0.7
READ = 1500
"""Characters of a body that are read; beyond ``TOKENS`` nothing is."""
TOKENS = 512
SHARE = 1 / 10
"""How much log-odds of the transformer move a score."""
LEVELS = Levels(
    least=0.12, sure=0.12, alone=0.12, grave=0.12, any=0.12, kept=-0.3, believed=0.25, proven=0.25
)
"""Of moved scores (chosen on seven authors that neither model had learnt)."""
_NOBODY, _SOMEBODY = SOMEBODY, "某某"  # names were replaced by the first; the second was learnt

Shares = npt.NDArray[np.float64]


class Transformer:
    """An ONNX model and its tokenizer."""

    def __init__(self, folder: Path = FOLDER) -> None:
        """Load both. Raises InputError where the extra or a file is missing."""
        self.files = (folder / MODEL, folder / TOKENIZER)
        for file in self.files:
            if not file.is_file():
                raise InputError(f"{file}: no such file; vote_model must name a folder that has it")
        try:
            engine, tokenizers = import_module("onnxruntime"), import_module("tokenizers")
        except ImportError:
            raise InputError(
                "the vote needs onnxruntime and tokenizers: pip install 'tingfeng[vote]'"
            ) from None
        options = engine.SessionOptions()
        options.intra_op_num_threads = 1  # each worker has a core
        self._model = engine.InferenceSession(
            str(self.files[0]), options, providers=["CPUExecutionProvider"]
        )
        self._asks = {one.name for one in self._model.get_inputs()}
        known = self._model.get_modelmeta().custom_metadata_map.get("tags", "")
        self.tags = tuple(filter(None, known.split(",")))
        self._tokenizer = tokenizers.Tokenizer.from_file(str(self.files[1]))
        self._tokenizer.enable_truncation(TOKENS)
        self._tokenizer.no_padding()

    def read(
        self, texts: Sequence[str], _asked: Sequence[Sequence[Span]] | None = None
    ) -> Iterator[tuple[Scores, Scores, Sequence[Span]]]:
        """See Opinion. One by one: eight bits are scaled by all that is read at once.

        So a text is read alike whatever stands beside it, and sooner: nothing is padded.
        """
        for one in texts:
            read = self._tokenizer.encode(one)
            ids = np.array([read.ids], np.int64)
            given = {
                "input_ids": ids,
                "attention_mask": np.ones_like(ids),
                "token_type_ids": np.zeros_like(ids),
            }
            said = self._model.run(None, {k: v for k, v in given.items() if k in self._asks})
            yield said[0][0], said[1][0] if self.tags else _no_tags(ids), read.offsets


class Voted(SentimentModel):
    """A model that asks for a vote where it is unsure."""

    def __init__(self, model: SentimentModel, opinion: Opinion) -> None:
        """Take the model whose opinion comes first."""
        super().__init__(model.weights, model.offsets, model.calibration)
        self.opinion = self._vote = opinion
        self.files = (*SentimentModel.files, *opinion.files)

    def feel_all(self, documents: Sequence[Document]) -> list[Feeling]:
        """Return the probabilities, of unsure texts the mean of both opinions."""
        found = super().feel_all(documents)
        unsure = [n for n, feeling in enumerate(found) if max(_row(feeling)) < UNSURE]
        votes = shares(self._vote, [text(documents[n]) for n in unsure])
        for n, vote in zip(unsure, votes.tolist(), strict=True):
            found[n] = Feeling(*((a + b) / 2 for a, b in zip(_row(found[n]), vote, strict=True)))
        return found


def advice(opinion: Opinion | None) -> Advice | None:
    """Return what a transformer has to say of allegations, if it knows any."""
    if opinion is None or not opinion.tags:
        return None
    return Advice(opinion, SHARE, LEVELS, overrules=True)


def shares(opinion: Opinion, texts: Sequence[str]) -> Shares:
    """Return probabilities (texts, 3) of negative, neutral, positive."""
    logits = [said for said, _, _ in opinion.read(texts)]
    found: Shares = softmax(np.array(logits, np.float64).reshape(-1, 3), axis=1)
    return found


@cache
def transformer(folder: Path = FOLDER) -> Transformer:
    """Return the model in a folder, loaded once a process."""
    return Transformer(folder)


def load(folder: Path | None = None) -> Voted:
    """Return the model in use with the vote. Raises InputError without the extra ``vote``."""
    return Voted(sentiment.load(), transformer(folder or FOLDER))


def text(document: Document) -> str:
    """Return what the transformer reads of a document: the title and how the body begins."""
    title, body = (part.replace(_NOBODY, _SOMEBODY) for part in document)
    return fold(f"{title}。{body[:READ]}" if title else body[:READ])


def _no_tags(ids: npt.NDArray[np.int64]) -> Scores:
    return np.zeros((ids.shape[1], 0), np.float32)


def _row(feeling: Feeling) -> tuple[float, float, float]:
    return feeling.negative, feeling.neutral, feeling.positive
