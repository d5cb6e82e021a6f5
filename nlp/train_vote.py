"""Train the head of the second opinion (nlp/vote.py) on web news in three classes.

``python -m nlp.train_vote DATA`` embeds the set's training rows (some ten minutes), writes
``models/vote.npz`` and prints what the vote changes on the dev rows.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from nlp import corpora, sentiment, vote
from nlp.corpora import Sample
from nlp.train import shares_of
from nlp.vote import Embed, Head, Voted

SET = "inews"
_STRENGTH = 30.0


def train(data: Path, file: Path = vote.FILE, embed: Embed | None = None) -> str:
    """Train on the rows of ``SET`` that are not dev; return the figures on those that are."""
    embed = embed or vote.embedder()
    samples = corpora.load(data)[SET]
    head = fit([s for s in samples if s.split != "dev"], embed)
    head.save(file)
    dev = [s for s in samples if s.split == "dev"]
    model = sentiment.load()
    lines = [
        f"{name:<8}{_right(opinion, dev):.4f}"
        for name, opinion in (("ours", model), ("voted", Voted(model, head, embed)))
    ]
    return "\n".join(lines)


def fit(samples: Sequence[Sample], embed: Embed) -> Head:
    """Return the head that tells the classes of ``samples`` best."""
    from sklearn.linear_model import LogisticRegression

    vectors = embed([vote.text((s.title, s.text)) for s in samples])
    model = LogisticRegression(C=_STRENGTH, max_iter=500)
    model.fit(vectors, np.array([s.label for s in samples]))
    return Head(model.coef_.T.astype(np.float32), model.intercept_.astype(np.float32))


def _right(model: sentiment.SentimentModel, samples: Sequence[Sample]) -> float:
    labels = np.array([s.label for s in samples])
    return float((shares_of(model, samples).argmax(axis=1) == labels).mean())


if __name__ == "__main__":
    sys.stdout.write(f"{train(Path(sys.argv[1]))}\n")
