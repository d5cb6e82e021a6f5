"""Train the model that tells accounts from other texts (nlp/voices.py).

Learnt from text of ours alone: the development half of the gold, whole texts by other
authors, the sentences of allegations.yaml and ``lessons/voices.tsv``. ``python -m nlp.train_voices
tests/gold`` writes it and says how well it does on folds held out; the test half of the gold is
never read.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, vstack

from data.facts import allegations
from data.model import SourceKind
from nlp import gold
from nlp.grams import presence
from nlp.voices import BLOCK, FILE, KINDS, UNLIKELY, Voices

LESSONS = Path(__file__).with_name("lessons") / "voices.tsv"
FOLDS = 5
_ACCOUNTS = frozenset({"account", "report"})
_SCALE = np.float32(3)  # rows are of unit length: this much the penalty is loosened

Flags = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.float64]


def train(folder: Path, file: Path = FILE, seed: int = 0) -> str:
    """Train on the gold in ``folder``, write ``file``, return a report."""
    items = [item for name in gold.SETS for item in gold.load(folder, name, "dev")]
    items += [item for name in gold.AUTHORS for item in gold.load(gold.LESSONS, name)]
    truth = np.array([item.content in _ACCOUNTS for item in items])
    texts = presence([item.text for item in items], BLOCK) * _SCALE
    more, which = _lessons()
    inside = _out_of_fold(texts, truth, more, which, seed)
    features = np.array(
        [_second(x, item.text, item.kind) for x, item in zip(inside, items, strict=True)]
    )
    likely = _cross(features, truth, seed)
    words = _fitted(vstack([texts, more]), np.concatenate([truth, which]), 4.0)
    second = _fitted(features, truth, 1.0)
    slope, length, *kinds = second.coef_[0].tolist()
    shift = float(second.intercept_[0])
    Voices(
        weights=(words.coef_[0] * _SCALE).astype(np.float32),
        offset=float(words.intercept_[0]),
        slope=slope,
        length=length,
        kinds={kind: x + shift for kind, x in zip(KINDS, kinds, strict=True)},
    ).save(file)
    lost, left = (float((likely[part] < UNLIKELY).mean()) for part in (truth, ~truth))
    return f"{len(items)} texts: {left:.1%} of other texts told apart, {lost:.1%} of accounts lost"


def _lessons() -> tuple[csr_matrix, Flags]:
    """Return the sentences of the taxonomy and the lessons, and which of them are accounts."""
    told = [(text, True) for a in allegations() for text in a.spec["hits"]]
    told += [(text, False) for a in allegations() for text in a.spec["misses"]]
    lines = LESSONS.read_text("utf-8").splitlines()
    told += [(line.split("\t", 1)[1], line.split("\t", 1)[0] in _ACCOUNTS) for line in lines]
    texts = presence([text for text, _ in told], BLOCK) * _SCALE
    return texts, np.array([account for _, account in told])


def _second(logit: float, text: str, kind: SourceKind) -> list[float]:
    return [logit, float(np.log1p(len(text))), *(float(kind is one) for one in KINDS)]


def _out_of_fold(
    texts: csr_matrix, truth: Flags, more: csr_matrix, which: Flags, seed: int
) -> Numbers:
    found = np.zeros(len(truth))
    for learn, held in _folds(truth, seed):
        rows, labels = vstack([texts[learn], more]), np.concatenate([truth[learn], which])
        found[held] = _fitted(rows, labels, 4.0).decision_function(texts[held])
    return found


def _cross(features: Numbers, truth: Flags, seed: int) -> Numbers:
    found = np.zeros(len(truth))
    for learn, held in _folds(truth, seed + 1):
        model = _fitted(features[learn], truth[learn], 1.0)
        found[held] = model.predict_proba(features[held])[:, 1]
    return found


def _folds(truth: Flags, seed: int) -> Any:
    from sklearn.model_selection import StratifiedKFold

    return StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(truth, truth)


def _fitted(rows: Any, labels: Flags, strength: float) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=strength, max_iter=1000).fit(rows, labels)


def main(arguments: Sequence[str]) -> None:
    """Train on the folder of gold that is named."""
    sys.stdout.write(f"{train(Path(arguments[0]))}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
