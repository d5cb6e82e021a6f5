"""Train the model that says about which company a text is negative (folds: nlp/evaluate.py).

Every score that a later step learns from comes from models that had not seen the text: the text's
score for the first round, and the first round's judgements for the second.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, diags, hstack

from nlp.about import BLOCKS, FILE, TEXT, AboutModel, columns, load
from nlp.corpora import NEGATIVE, NEUTRAL, Sample, opened
from nlp.figures import Figures
from nlp.grams import presence
from nlp.grouping import folds, groups
from nlp.pairs import Case, Pair, plain
from nlp.pairs import read as pairs
from nlp.sentiment import SentimentModel

Numbers = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
PLACE = "bdci2019-finance-negative/bdci2019_fin_negative.jsonl.xz"
FOLDS = 5
_SHARE = (1.0, 0.6, 0.3)  # of the blocks in the first round
_CUT, _PULL = -0.3, 1.0  # hardly matter between -0.8 and 0, and 0.3 and 1.5


@dataclass(frozen=True, slots=True)
class Known:
    """A case with its answer."""

    case: Case
    negative: bool
    blamed: tuple[bool, ...]
    split: str


def read(folder: Path) -> list[Known]:
    """Return the cases of CCF BDCI 2019 in ``folder``."""
    with opened(folder / PLACE) as lines:
        rows = [json.loads(line) for line in lines]
    return [
        Known(
            Case(row["text"], tuple(row["entities"]), row["title"]),
            bool(row["negative"]),
            tuple(name in row["key_entities"] for name in row["entities"]),
            row["split"],
        )
        for row in rows
    ]


def samples(known: Sequence[Known]) -> list[Sample]:
    """Return the texts as the model of sentiment learns them."""
    return [
        Sample(text, NEGATIVE if item.negative else NEUTRAL, item.split, title)
        for item in known
        for title, text in [plain(item.case)]
    ]


def train(folder: Path, out: Path = FILE.parent, seed: int = 0) -> str:
    """Train on all rows but "dev"; keep ``about.npz`` in ``out`` if better; return a report."""
    if not (folder / PLACE).exists():
        return f"about: {folder / PLACE} is missing; the model there stays"
    known = read(folder)
    model = fit([item for item in known if item.split != "dev"], seed)
    dev = [item for item in known if item.split == "dev"]
    score, file = contest(model, dev).total, out / FILE.name
    if file.exists():
        before = contest(load.__wrapped__(file), dev).total
        if before >= score:
            return f"about: {score:.4f}, no better than {before:.4f}: not kept"
        file.replace(file.with_suffix(".before.npz"))
    model.save(file)
    return f"about: dev rows, contest score {score:.4f} -> {file}"


@dataclass(frozen=True, slots=True)
class Contest:
    """F1 of negative texts, F1 of blamed companies, and the contest's weighting of both."""

    text: float
    entity: float

    @property
    def total(self) -> float:
        """0.4 of the text's and 0.6 of the companies' F1 (CCF BDCI 2019)."""
        return 0.4 * self.text + 0.6 * self.entity


def contest(
    model: AboutModel, known: Sequence[Known], sentiment: SentimentModel | None = None
) -> Contest:
    """Judge cases, with what the model of sentiment makes of them if it is given, and compare."""
    felt = sentiment.feel_all([plain(item.case) for item in known]) if sentiment else []
    against = [feeling.negative for feeling in felt] if sentiment else None
    said = model.judge([item.case for item in known], against)
    texts = [(k.negative, s.negative) for k, s in zip(known, said, strict=True)]
    names = [
        pair
        for k, s in zip(known, said, strict=True)
        for pair in zip(k.blamed, s.blamed, strict=True)
    ]
    return Contest(_f1(texts), _f1(names))


def _f1(pairs: Sequence[tuple[bool, bool]]) -> float:
    both = sum(truth and said for truth, said in pairs)
    return 2 * both / max(1, sum(truth + said for truth, said in pairs))


def fit(known: Sequence[Known], seed: int = 0) -> AboutModel:
    """Fit text model, first and second round on all cases."""
    fold = folds(groups([item.case.title + item.case.text for item in known]), FOLDS, seed)
    negative = np.array([item.negative for item in known])
    groups_of, nameless = pairs([item.case for item in known])
    words = presence(nameless, TEXT)
    scores = np.zeros(len(known))
    for number in range(FOLDS):
        held = fold == number
        weights, offset = _words(words, negative, ~held, seed)
        scores[held] = words[held] @ weights + offset
    text_weights, text_offset = _words(words, negative, np.ones(len(known), bool), seed)
    first, second = _rounds(known, groups_of, scores, fold, seed)
    return AboutModel((text_weights, *first[0]), text_offset, first[1], second, _CUT, _PULL)


def _rounds(
    known: Sequence[Known],
    group: Sequence[Sequence[Pair]],
    scores: Numbers,
    fold: npt.NDArray[np.int64],
    seed: int,
) -> tuple[tuple[list[npt.NDArray[np.float32]], Numbers], Numbers]:
    """Return the first round's weights (a block each, and figures) and the second round's."""
    figures, sizes = Figures(group), [len(pairs_) for pairs_ in group]
    truth = np.array([value for item in known for value in item.blamed])
    each, where = np.repeat(scores, sizes), np.repeat(fold, sizes)
    design = _FirstRound(figures.pairs, figures.first(each), truth)
    logits = np.zeros(len(truth))
    for number in range(FOLDS):
        held = where == number
        logits[held] = design.logits(*design.fit(~held, seed), held)
    inputs = figures.second(logits, each)
    return design.fit(np.ones(len(truth), bool), seed), _plain(inputs, truth)


class _FirstRound:
    """The pairs as matrices: words by block, figures as numbers."""

    def __init__(self, flat: Sequence[Pair], numbers: Numbers, truth: Flags) -> None:
        self._words = [presence(t, b) for t, b in zip(columns(flat), BLOCKS, strict=True)]
        self._numbers = numbers
        self._truth = truth

    def fit(self, rows: Flags, seed: int) -> tuple[list[npt.NDArray[np.float32]], Numbers]:
        """Return weights for raw presence and raw figures, offset last."""
        truth = self._truth
        scales = [
            _telling(words[rows], truth[rows], 0.7) * share
            for words, share in zip(self._words, _SHARE, strict=True)
        ]
        mean, spread = self._numbers[rows].mean(axis=0), self._numbers[rows].std(axis=0) + 1e-6
        blocks = [words[rows] @ diags(s) for words, s in zip(self._words, scales, strict=True)]
        numbers = csr_matrix((self._numbers[rows] - mean) / spread * 0.5)
        weights, offset = _logistic(
            hstack([*blocks, numbers], format="csr"), truth[rows], 0.2, seed
        )
        edges = np.cumsum([0, *(len(s) for s in scales)])
        found = [
            (weights[start:end] * scale).astype(np.float32)
            for start, end, scale in zip(edges, edges[1:], scales, strict=False)
        ]
        slopes = weights[edges[-1] :] * 0.5 / spread
        return found, np.append(slopes, offset - slopes @ mean)

    def logits(
        self, found: Sequence[npt.NDArray[np.float32]], line: Numbers, rows: Flags
    ) -> Numbers:
        """Return log-odds of the pairs in ``rows``."""
        total: Numbers = self._numbers[rows] @ line[:-1] + line[-1]
        for words, weights in zip(self._words, found, strict=True):
            total += words[rows] @ weights
        return total


def _words(
    words: csr_matrix, truth: Flags, rows: Flags, seed: int
) -> tuple[npt.NDArray[np.float32], float]:
    scale = _telling(words[rows], truth[rows], 1.0)
    weights, offset = _logistic((words[rows] @ diags(scale)).tocsr(), truth[rows], 1.0, seed)
    return (weights * scale).astype(np.float32), offset


def _telling(words: csr_matrix, truth: Flags, power: float) -> Numbers:
    """Return rarity times a power of the log ratio (as in nlp/train.py) for two classes."""
    there = csr_matrix((np.ones(words.nnz), words.indices, words.indptr), words.shape)
    ours, theirs = (np.asarray(there[part].sum(axis=0)).ravel() + 1 for part in (truth, ~truth))
    often = ours + theirs - 2
    ratio = np.abs(np.log(ours / ours.sum() * theirs.sum() / theirs))
    rarity = np.log((1 + words.shape[0]) / (1 + often)) + 1
    found: Numbers = ratio**power * rarity * (often > 1)
    return found


def _logistic(features: csr_matrix, truth: Flags, c: float, seed: int) -> tuple[Numbers, float]:
    import warnings

    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    if truth.all() or not truth.any():  # one fold may hold all texts of a class
        return np.zeros(features.shape[1]), 3.0 if truth.all() else -3.0
    model: Any = LogisticRegression(
        C=c, solver="liblinear", dual=True, tol=0.02, max_iter=60, random_state=seed
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(features, truth)
    return model.coef_[0], float(model.intercept_[0])


def _plain(inputs: Numbers, truth: Flags) -> Numbers:
    """Return the slopes of raw inputs and the offset, fitted by maximum likelihood."""
    from sklearn.linear_model import LogisticRegression

    mean, spread = inputs.mean(axis=0), inputs.std(axis=0) + 1e-6
    model: Any = LogisticRegression(C=0.3, max_iter=500).fit((inputs - mean) / spread, truth)
    slopes = model.coef_[0] / spread
    return np.append(slopes, float(model.intercept_[0]) - slopes @ mean)
