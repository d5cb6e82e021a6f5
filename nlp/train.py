"""Train the sentiment model: logistic regressions on hashed n-grams, one family of texts at a time.

scikit-learn is needed here alone; what it learns is written as arrays and read with numpy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.sparse import csr_matrix, diags, hstack

from data.errors import InputError
from nlp import corpora
from nlp.corpora import FAMILIES, NEGATIVE, NEUTRAL, POSITIVE, Sample
from nlp.grams import presence
from nlp.grouping import folds, groups
from nlp.sentiment import (
    BLOCKS,
    FILE,
    Calibration,
    Numbers,
    SentimentModel,
    Weights,
)

Sets = Mapping[str, Sequence[Sample]]
Flags = npt.NDArray[np.bool_]

SHARES = {"shopping": 10_000, "waimai": 6_000}
"""How many texts are taken of sets that are large and far from finance; of others all."""
OWN_SEEDS = (2, 4, 6, 8, 10)
"""Scenario seeds that are learnt from; odd seeds never are."""
_LESSONS = 4  # times that a lesson is told: there are few
_STEEP = (0.3, 3.0)  # slopes of a calibration on few texts stay within
_JUDGED = 5  # one group in five of what people said is held out
_HELD_OUT = 10  # one group in ten is for calibration
_WEIGHTS = (1.0, 0.6)  # of the blocks: a title says more than a page
_RARE = 2  # texts that an n-gram must stand in
_STRENGTH = 0.3  # inverse of the penalty (C)
_POWER = 0.5  # of the log ratio: between plain rarity (0) and NB-SVM's weighting (1)
_OWN = 2.0  # how freely a family may differ from what is shared


def train(data: Path, out: Path = FILE.parent, seed: int = 0, people: Sequence[Sample] = ()) -> str:
    """Train on the sets in ``data`` (see corpora.py), write ``sentiment.npz`` into folder ``out``.

    ``people`` are mentions that people corrected: one group in five of them is held out and counts
    as a set of its own when the new model is compared with the old.
    Rows that their set calls "dev" are never learnt from, nor are copies of them in other sets.
    The same data and seed give the same file. A model that is there already is replaced only by
    one that is better on the dev rows; the old one stays beside it as ``*.before.npz``. Returns a
    report. Raises InputError when no set is there.
    """
    sets, dev = divided(corpora.load(data), seed)
    sets["own"] = corpora.own(OWN_SEEDS) + corpora.told()
    learnt, held = split(sets, seed)
    whole, unseen = parted(corpora.sorts(), seed)
    learnt["own"] += (corpora.lessons() + whole) * _LESSONS
    dev |= {"sorts": unseen} if unseen else {}
    told, apart = parted(people, seed)
    learnt |= {"people": told * _LESSONS} if told else {}
    dev |= {"people": apart} if apart else {}
    model = fit(learnt, seed)
    model.calibration = calibrate(model, held)
    return keep(model, dev or held, out / FILE.name)


def back(file: Path) -> str:
    """Put the model before this one into use again. Raises InputError where there is none."""
    before = file.with_suffix(".before.npz")
    if not before.exists():
        raise InputError(f"{before}: no earlier model is there to go back to")
    before.replace(file)
    return f"{before.name} -> {file.name}"


def parted(people: Sequence[Sample], seed: int) -> tuple[list[Sample], list[Sample]]:
    """Return what people wrote to learn from and to be judged by; copies stay on one side."""
    if not people:
        return [], []
    out = folds(groups([s.title + s.text for s in people]), _JUDGED, seed) == 0
    learn = [s for s, apart in zip(people, out, strict=True) if not apart]
    return learn, [s for s, apart in zip(people, out, strict=True) if apart]


def keep(model: SentimentModel, judged: Sets, file: Path) -> str:
    """Write ``model`` to ``file`` unless the model there is as good; return a report.

    Good is the mean over the sets of the share of right classes. To roll back, rename the file
    ``*.before.npz``.
    """
    from nlp.sentiment import load

    scores = {name: _right(model, samples) for name, samples in sorted(judged.items())}
    lines = [f"{name:<14}{len(judged[name]):>7,}{score:>8.3f}" for name, score in scores.items()]
    mean = float(np.mean(list(scores.values())))
    if file.exists():
        old = load.__wrapped__(file)
        before = float(np.mean([_right(old, samples) for samples in judged.values()]))
        if before >= mean:
            return "\n".join([*lines, f"mean {mean:.4f}, no better than {before:.4f}: not kept"])
        lines.append(f"mean {mean:.4f}, before {before:.4f}")
        file.replace(file.with_suffix(".before.npz"))
    model.save(file)
    return "\n".join([f"{'set':<14}{'texts':>7}{'right':>8}", *lines, f"-> {file}"])


def divided(sets: Sets, seed: int = 0) -> tuple[dict[str, list[Sample]], dict[str, list[Sample]]]:
    """Return what may be learnt and what a set keeps apart as "dev", without copies of it.

    The hotel reviews and ChnSentiCorp come from one source: copies of dev rows are dropped.
    """
    chosen = {name: _share(name, samples, seed) for name, samples in sets.items()}
    dev = {name: [s for s in samples if s.split == "dev"] for name, samples in chosen.items()}
    learn = {name: [s for s in samples if s.split != "dev"] for name, samples in chosen.items()}
    if dev.get("chnsenticorp") and learn.get("hotel"):
        learn["hotel"] = without_copies(learn["hotel"], dev["chnsenticorp"])
    return learn, {name: samples for name, samples in dev.items() if samples}


def without_copies(samples: Sequence[Sample], of: Sequence[Sample]) -> list[Sample]:
    """Return the samples that are no near-duplicates of any of the others."""
    group = groups([sample.text for sample in (*samples, *of)])
    taken = set(group[len(samples) :].tolist())
    return [s for s, number in zip(samples, group, strict=False) if number not in taken]


@dataclass(frozen=True, slots=True)
class _Task:
    """What a fit needs to know of the samples."""

    features: csr_matrix  # presence, blocks side by side
    shared: Weights  # (columns,): how telling a column is in all families together
    each: Weights  # (families, columns): … in one family
    negative: Flags
    positive: Flags
    unsure: Flags  # not negative, and nobody said whether positive or neutral
    family: npt.NDArray[np.int64]


def fit(sets: Sets, seed: int = 0) -> SentimentModel:
    """Fit on all samples; the calibration is neutral. Raises InputError without two classes."""
    task = _task(sets)
    if not task.negative.any() or task.negative.all():
        raise InputError("the sets have only one class; sentiment needs texts for and against")
    everything = np.ones(len(task.family), dtype=bool)
    found = [
        _families(task, task.negative, everything, seed),
        _families(task, task.positive, ~task.negative & ~task.unsure, seed),
        _gates(task, seed),
    ]
    columns = np.stack([weights for weights, _ in found], axis=2)  # (features, families, outputs)
    offsets = np.stack([offset for _, offset in found], axis=1).reshape(-1).astype(np.float32)
    flat = columns.reshape(len(columns), -1).astype(np.float32)
    edge = BLOCKS[0].columns
    neutral = Calibration.neutral(len(task.each))
    return SentimentModel((flat[:edge], flat[edge:]), offsets, neutral)


def calibrate(model: SentimentModel, held: Sets) -> Calibration:
    """Fit slopes and offsets by maximum likelihood, family by family; each set counts the same."""
    names = sorted({FAMILIES[name] for name in held})
    families = len(model.calibration.negative)
    if len(names) != families:  # a family without held-out texts cannot be placed: all as one
        return Calibration(*((line,) * families for line in _lines(model, held, 0, families)))
    found = [
        _lines(model, {n: s for n, s in held.items() if FAMILIES[n] == family}, at, 1)
        for at, family in enumerate(names)
    ]
    return Calibration(tuple(one for one, _ in found), tuple(other for _, other in found))


def _lines(
    model: SentimentModel, held: Sets, first: int, many: int
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return slope and offset of negative and of positive for ``many`` families from ``first``."""
    samples = [sample for name in sorted(held) for sample in held[name]]
    weight = np.concatenate([np.full(len(s), 1 / max(1, len(s))) for _, s in sorted(held.items())])
    labels = np.array([sample.label for sample in samples])
    unsure = np.array([_unsure(n, s) for n in sorted(held) for s in held[n]])
    found = model.outputs([(s.title, s.text) for s in samples])[:, first : first + many]
    negative, positive = found[:, :, 0].mean(axis=1), found[:, :, 1].mean(axis=1)
    rest = (labels != NEGATIVE) & ~unsure
    return (
        _platt(negative, labels == NEGATIVE, weight),
        _platt(positive[rest], labels[rest] == POSITIVE, weight[rest]),
    )


def _platt(logits: Numbers, truth: Flags, weight: Numbers) -> tuple[float, float]:
    if truth.all() or not truth.any():
        return 1.0, 0.0
    sign = np.where(truth, 1.0, -1.0)

    def loss(values: Numbers) -> float:
        return float((weight * np.logaddexp(0, -sign * (values[0] * logits + values[1]))).sum())

    best = minimize(loss, np.array([1.0, 0.0]), method="Nelder-Mead", options={"maxiter": 500}).x
    low, high = _STEEP
    return float(np.clip(best[0], low, high)), float(np.clip(best[1], -high, high))


def _task(sets: Sets) -> _Task:
    names = sorted({FAMILIES[name] for name in sets})
    samples = [(name, sample) for name in sorted(sets) for sample in sets[name]]
    labels = np.array([sample.label for _, sample in samples])
    negative, positive = labels == NEGATIVE, labels == POSITIVE
    unsure = np.array([_unsure(name, sample) for name, sample in samples])
    family = np.array([names.index(FAMILIES[name]) for name, _ in samples])
    texts = ([s.title for _, s in samples], [s.text for _, s in samples])
    blocks = [presence(body, block) for body, block in zip(texts, BLOCKS, strict=True)]
    features = hstack(blocks, format="csr", dtype=np.float32)
    weight = np.repeat(_WEIGHTS, [block.columns for block in BLOCKS])
    there = csr_matrix((np.ones(features.nnz), features.indices, features.indptr), features.shape)
    kept = np.asarray(there.sum(axis=0)).ravel() >= _RARE

    def telling(rows: Flags) -> Weights:
        scale = weight * kept * _telling(there[rows], negative[rows], positive[rows], unsure[rows])
        return scale.astype(np.float32)

    families = range(len(names))
    each = np.stack([telling(family == number) for number in families]) * np.float32(_OWN)
    shared = telling(np.ones(len(family), dtype=bool))
    return _Task(features, shared, each, negative, positive, unsure, family)


def _unsure(name: str, sample: Sample) -> bool:
    """Tell whether a set says no more than "not negative"."""
    return name == "bdci" and sample.label != NEGATIVE


def _telling(there: csr_matrix, negative: Flags, positive: Flags, unsure: Flags) -> Numbers:
    """Return per column how telling it is: rarity times the log ratio of its shares of two classes.

    As in NB-SVM (Wang and Manning 2012), the larger of negative against rest and positive against
    rest, so that a strong column needs little weight and escapes the penalty.
    """
    often = np.asarray(there.sum(axis=0)).ravel()
    ratio = np.zeros(len(often))
    for truth, known in ((negative, negative | ~negative), (positive, ~unsure)):
        ours, theirs = truth & known, ~truth & known
        if ours.any() and theirs.any():
            a, b = (np.asarray(there[part].sum(axis=0)).ravel() + 1 for part in (ours, theirs))
            ratio = np.maximum(ratio, np.abs(np.log(a / a.sum() * b.sum() / b)))
    rarity: Numbers = np.log((1 + there.shape[0]) / (1 + often)) + 1
    return ratio**_POWER * rarity * (often > 0)


def _families(task: _Task, truth: Flags, known: Flags, seed: int) -> tuple[Weights, Weights]:
    """Return weights (features, families) and offsets (families,), shared part included."""
    families, width = task.each.shape
    if truth[known].all() or not truth[known].any():
        return np.zeros((width, families), np.float32), np.zeros(families, np.float32)
    features, family = task.features[known], task.family[known]
    places = features.tocoo()
    of = family[places.row]
    own = csr_matrix(
        (places.data * task.each[of, places.col], (places.row, places.col + of * width)),
        shape=(features.shape[0], width * families),
    )
    which = csr_matrix(np.eye(families, dtype=np.float32)[family])
    design = hstack([features @ diags(task.shared), own, which], format="csr")
    weights, offset = _logistic(design, truth[known], seed)
    shared = weights[:width] * task.shared
    each = weights[width:-families].reshape(families, width) * task.each
    return (each + shared).T, weights[-families:] + offset


def _gates(task: _Task, seed: int) -> tuple[Weights, Weights]:
    """Return weights and offsets that tell each family from the others."""
    families, width = task.each.shape
    if families == 1:
        return np.zeros((width, 1), np.float32), np.zeros(1, np.float32)
    design = (task.features @ diags(task.shared)).tocsr()
    rounds = 5  # families are easy to tell apart
    found = [_logistic(design, task.family == number, seed, rounds) for number in range(families)]
    weights = np.stack([w * task.shared for w, _ in found], axis=1)
    return weights, np.array([offset for _, offset in found], np.float32)


def _logistic(
    features: csr_matrix, truth: Flags, seed: int, rounds: int = 15
) -> tuple[Weights, np.float32]:
    import warnings

    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    if truth.all() or not truth.any():  # nothing to tell apart
        return np.zeros(features.shape[1], np.float32), np.float32(3.0 if truth.all() else -3.0)
    model: Any = LogisticRegression(
        C=_STRENGTH, solver="liblinear", dual=True, tol=0.03, max_iter=rounds, random_state=seed
    )
    with warnings.catch_warnings():  # a fixed number of rounds is part of the recipe
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(features, truth)
    return model.coef_[0].astype(np.float32), np.float32(model.intercept_[0])


def split(sets: Sets, seed: int) -> tuple[dict[str, list[Sample]], dict[str, list[Sample]]]:
    """Return what is learnt and one group of near-duplicates in ten, for calibration."""
    learn, held = {}, {}
    for name, samples in sorted(sets.items()):
        out = folds(groups([s.title + s.text for s in samples]), _HELD_OUT, seed) == 0
        learn[name] = [s for s, apart in zip(samples, out, strict=True) if not apart]
        held[name] = [s for s, apart in zip(samples, out, strict=True) if apart]
    return learn, {name: samples for name, samples in held.items() if samples}


def _right(model: SentimentModel, samples: Sequence[Sample]) -> float:
    """Return the share of right classes; where a set has but two, between these two."""
    said = shares_of(model, samples)
    labels = np.array([s.label for s in samples])
    return float((chosen(said, np.unique(labels)) == labels).mean())


def shares_of(model: SentimentModel, samples: Sequence[Sample]) -> Numbers:
    """Return the probabilities (n, 3) of the three classes."""
    found = model.feel_all([(s.title, s.text) for s in samples])
    return np.array([(f.negative, f.neutral, f.positive) for f in found])


def chosen(shares: Numbers, known: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the likeliest class of each row among those that a set knows, as Feeling does.

    BDCI knows only negative and the rest: likelier than not decides.
    """
    if set(known.tolist()) == {NEGATIVE, NEUTRAL}:
        return np.where(shares[:, NEGATIVE] >= 0.5, NEGATIVE, NEUTRAL)  # noqa: PLR2004
    likeliest: npt.NDArray[np.int64] = known[shares[:, known].argmax(axis=1)]
    return likeliest


def _share(name: str, samples: Sequence[Sample], seed: int) -> list[Sample]:
    most = SHARES.get(name, len(samples))
    order = np.random.default_rng(seed).permutation(len(samples))[:most]
    return [samples[place] for place in sorted(order)]
