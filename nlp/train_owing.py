"""Train the model that tells money owed without its words (nlp/owing.py).

``python -m nlp.train_owing DATA tests/gold``. For: whatever alleges something in our own lessons
and in the development half of the gold, without lenders' names and words of debt, for with these
nobody asks. Against: half of the reviews and headlines in DATA (the other half is for measuring),
and our texts of other quarrels and of fiction.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from data import facts
from data.facts.lexicons import lexicons
from data.fold import fold
from nlp import corpora, gold, train_tags
from nlp.grams import presence
from nlp.owing import BLOCK, FILE, LIKELY, Owing

Flags = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.float64]
REVIEWS = ("hotel", "shopping", "waimai")
_ELSEWHERE = frozenset({"other_sense", "fiction"})  # contents that are about something else
_SCALE, _STRENGTH = np.float32(3), 4.0
_HALF = 0.5
_MOST = 12_000  # reviews of one set


def train(data: Path, folder: Path, file: Path = FILE, seed: int = 0) -> str:
    """Train, write ``file``, return a report."""
    owed, other = own(folder)
    learnt, held = halves(data, seed)
    texts = [*bare(owed), *map(fold, other), *map(fold, learnt)]
    truth = np.arange(len(texts)) < len(owed)
    model = fitted(texts, truth)
    model.save(file)
    passed = sum(model.likely([fold(text) for text in held]))
    against = len(other) + len(learnt)
    return (
        f"{len(owed)} texts for, {against} against; {passed} of {len(held)} held out pass {LIKELY}"
    )


def own(folder: Path) -> tuple[list[str], list[str]]:
    """Return our texts that allege something, and those about other matters."""
    items = [item for name in gold.SETS for item in gold.load(folder, name, "dev")]
    items += [i for name in gold.AUTHORS for i in gold.load(gold.LESSONS, name)]
    owed = [lesson.text for lesson in train_tags.lessons() if lesson.allegations]
    other = [i.text for i in items if not i.labels and i.content in _ELSEWHERE]
    return owed + [i.text for i in items if i.labels], other


def halves(data: Path, seed: int) -> tuple[list[str], list[str]]:
    """Return the reviews and headlines to learn from, and as many to measure with."""
    sets = corpora.load(data)
    texts = [text for name in REVIEWS for text in _some([s.text for s in sets[name]], seed)]
    texts += corpora.titles(data)
    first = np.random.default_rng(seed + 1).random(len(texts)) < _HALF
    learnt = [text for text, here in zip(texts, first, strict=True) if here]
    return learnt, [text for text, here in zip(texts, first, strict=True) if not here]


def bare(texts: Iterable[str]) -> list[str]:
    """Return folded texts without what makes the question needless."""
    words = {*lexicons().strict_debt_context, *lexicons().debt_context}
    words |= {name for lender in facts.lenders() for name in lender.names}
    longest = sorted(map(fold, words), key=len, reverse=True)
    told = re.compile("|".join(map(re.escape, longest)))
    return [told.sub("", fold(text)) for text in texts]


def fitted(texts: Sequence[str], truth: Flags) -> Owing:
    """Return the model of folded texts."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=_STRENGTH, max_iter=1000)
    model.fit(presence(texts, BLOCK) * _SCALE, truth)
    weights = (model.coef_[0] * _SCALE).astype(np.float32)
    return Owing(weights, float(model.intercept_[0]))


def _some(texts: Sequence[str], seed: int) -> list[str]:
    order = np.random.default_rng(seed).permutation(len(texts))[:_MOST]
    return [texts[place] for place in order]


def main(arguments: Sequence[str]) -> None:
    """Train on the folder of public sets and the folder of gold."""
    data, folder = map(Path, arguments)
    sys.stdout.write(f"{train(data, folder)}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
