"""Measure the sentiment model on texts it has not seen, next to SnowNLP's shipped score.

Near-duplicates stay together in one fold: half of the BDCI texts have one, and a random split
measures how well a model remembers them. ``python -m nlp.evaluate DATA`` prints the tables.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.stats import rankdata

from data.facts import allegations
from data.facts.lexicons import lexicons
from data.model import SourceKind
from nlp import corpora
from nlp.allegations import AllegationFinder
from nlp.corpora import NEGATIVE
from nlp.grouping import folds, groups
from nlp.sentiment import LONGEST, Numbers
from nlp.train import OWN_SEEDS, fit

FOLDS = 5
SNOWNLP_SAMPLE = 400
"""Texts per set that SnowNLP reads: it manages some fourteen a second."""


@dataclass(frozen=True, slots=True)
class Score:
    """How well something tells negative from the rest, and all classes of the set apart."""

    name: str
    n: int
    accuracy: float  # negative or not
    f1: float  # of negative
    auc: float  # of negative
    classes: float | None = None  # accuracy over all classes of the set
    macro_f1: float | None = None

    def row(self) -> str:
        """Return a line of a Markdown table."""
        more = ["" if value is None else f"{value:.3f}" for value in (self.classes, self.macro_f1)]
        cells = [self.name, f"{self.n:,}", f"{self.accuracy:.3f}", f"{self.f1:.3f}"]
        return f"| {' | '.join([*cells, f'{self.auc:.3f}', *more])} |"


def grouped(data: Path, seed: int = 0) -> list[Score]:
    """Return out-of-fold scores per set: five folds, near-duplicates together.

    chnsenticorp is never trained on; of the scenario texts even seeds are learnt and odd measured.
    """
    sets = corpora.load(data)
    unseen = {"chnsenticorp": sets.pop("chnsenticorp", []), "own (odd seeds)": corpora.own((1, 3))}
    fold_of = {
        name: folds(groups([sample.text for sample in samples]), FOLDS, seed)
        for name, samples in sets.items()
    }
    found: dict[str, list[tuple[int, Numbers]]] = {name: [] for name in (*sets, *unseen)}
    own = corpora.own(OWN_SEEDS)
    for fold in range(FOLDS):
        kept = {
            name: [s for s, at in zip(samples, fold_of[name], strict=True) if at != fold]
            for name, samples in sets.items()
        }
        model, _ = fit(kept | {"own": own}, seed)
        held = {
            name: [s for s, at in zip(samples, fold_of[name], strict=True) if at == fold]
            for name, samples in sets.items()
        }
        for name, samples in (held | (unseen if fold == 0 else {})).items():
            for sample in samples[:_MOST]:
                feeling = model.feel(sample.text)
                shares = np.array([feeling.negative, feeling.neutral, feeling.positive])
                found[name].append((sample.label, shares))
    return [_score(name, pairs) for name, pairs in found.items() if pairs]


def shipped(data: Path, seed: int = 0) -> list[Score]:
    """Return SnowNLP's shipped score on a random part of each set; below one half is negative."""
    from snownlp import SnowNLP

    scores = []
    for name, samples in corpora.load(data).items():
        order = np.random.default_rng(seed).permutation(len(samples))[:SNOWNLP_SAMPLE]
        chosen = [samples[place] for place in order]
        liked = np.array([float(SnowNLP(s.text[:LONGEST]).sentiments) for s in chosen])
        negative = np.array([sample.label == NEGATIVE for sample in chosen])
        scores.append(_negative(name, negative, 1 - liked, liked < 0.5))  # noqa: PLR2004
    return scores


def false_tags(data: Path, most: int = 12_000) -> list[tuple[str, int, int, list[str]]]:
    """Return (set, texts, tagged texts, ids) for sets in which no allegation is ever right."""
    finder = AllegationFinder(allegations(), lexicons())
    sets = corpora.load(data)
    texts = {name: [s.text for s in sets[name]] for name in ("hotel", "shopping", "waimai")}
    texts["headlines"] = corpora.titles(data)
    rows = []
    for name, all_texts in texts.items():
        order = np.random.default_rng(0).permutation(len(all_texts))[:most]
        ids = [
            claim.allegation
            for place in order
            for claim in finder.read(all_texts[place], SourceKind.OTHER).claims[:1]
        ]
        rows.append((name, len(order), len(ids), sorted(set(ids))))
    return rows


_MOST = 3_000  # texts of a fold that are measured: shopping alone has sixty thousand


def _score(name: str, pairs: Sequence[tuple[int, Numbers]]) -> Score:
    labels = np.array([label for label, _ in pairs])
    shares = np.array([share for _, share in pairs])
    chosen = shares.argmax(axis=1)
    known = sorted(set(labels.tolist()))
    among = np.array(known)[shares[:, known].argmax(axis=1)]
    score = _negative(name, labels == NEGATIVE, shares[:, 0], chosen == NEGATIVE)
    macro = float(np.mean([_f1(labels == label, among == label) for label in known]))
    return Score(
        name, score.n, score.accuracy, score.f1, score.auc, float((among == labels).mean()), macro
    )


def _negative(name: str, truth: np.ndarray, ranking: Numbers, said: np.ndarray) -> Score:
    return Score(
        name, len(truth), float((truth == said).mean()), _f1(truth, said), _auc(truth, ranking)
    )


def _f1(truth: np.ndarray, said: np.ndarray) -> float:
    return float(2 * (truth & said).sum() / max(1, truth.sum() + said.sum()))


def _auc(truth: np.ndarray, ranking: Numbers) -> float:
    """Return the chance that a negative text ranks above another (Mann and Whitney)."""
    n = int(truth.sum())
    ranks = rankdata(ranking)
    return float((ranks[truth].sum() - n * (n + 1) / 2) / max(1, n * (len(truth) - n)))


def _print(lines: Iterable[str]) -> None:
    sys.stdout.write("\n".join(lines) + "\n")


def main(data: Path) -> None:
    """Print the three tables of docs/quality.md."""
    head = (
        "| set | texts | accuracy | F1 negative | AUC | classes | macro-F1 |\n" + "|---" * 7 + "|"
    )
    _print(["### Out of fold", head, *(score.row() for score in grouped(data))])
    _print(["### SnowNLP as shipped", head, *(score.row() for score in shipped(data))])
    _print(["### False allegations", "| set | texts | tagged | ids |", "|---|---|---|---|"])
    _print(f"| {name} | {n:,} | {k} | {', '.join(ids)} |" for name, n, k, ids in false_tags(data))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
