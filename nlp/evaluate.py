"""Measure the sentiment model on texts it has not seen, next to SnowNLP's shipped score.

Near-duplicates stay together in one fold: half of the BDCI texts have one, and a random split
measures how well a model remembers them. ``python -m nlp.evaluate DATA`` prints the tables.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from scipy.stats import rankdata

from data.facts import allegations
from data.facts.lexicons import lexicons
from data.model import SourceKind
from nlp import corpora, train_about
from nlp.allegations import AllegationFinder
from nlp.bayes import Bayes
from nlp.corpora import NEGATIVE, Sample
from nlp.grouping import folds, groups
from nlp.sentiment import Numbers, SentimentModel, load
from nlp.train import (
    OWN_SEEDS,
    calibrate,
    chosen,
    divided,
    fit,
    shares_of,
    split,
    without_copies,
)
from nlp.train_about import Contest

FOLDS = 5
Step = TypeVar("Step")
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
    """Return scores per set out of five folds, near-duplicates together.

    What a set calls "dev" stays out of all folds and is measured by ``dev``. Of the scenario texts
    even seeds are learnt and odd ones measured.
    """
    sets, _ = divided(corpora.load(data), seed)
    fold_of = {
        name: folds(groups([s.title + s.text for s in samples]), FOLDS, seed)
        for name, samples in sets.items()
    }
    found: dict[str, list[tuple[Sequence[Sample], Numbers]]] = {name: [] for name in sets}
    for fold in _steps(range(FOLDS), "five folds"):
        model = _fitted(_part(sets, fold_of, fold, held=False) | {"own": _own()}, seed)
        for name, samples in _part(sets, fold_of, fold, held=True).items():
            found[name].append((samples[:_MOST], shares_of(model, samples[:_MOST])))
    return [
        _score(name, [s for part, _ in parts for s in part], np.concatenate([x for _, x in parts]))
        for name, parts in found.items()
    ]


def companies(data: Path, seed: int = 0) -> list[Contest]:
    """Return the contest's score on each of five folds, near-duplicates together.

    Neither the model of companies nor that of sentiment saw a text of the fold, nor a copy of one
    in another set.
    """
    known = train_about.read(data)
    fold = folds(groups([item.case.title + item.case.text for item in known]), FOLDS, seed)
    sets, _ = divided(corpora.load(data), seed)
    found = []
    for number in _steps(range(FOLDS), "which company"):
        held = [item for item, at in zip(known, fold, strict=True) if at == number]
        learnt = [item for item, at in zip(known, fold, strict=True) if at != number]
        copied = train_about.samples(held)
        others = {n: without_copies(sets[n], copied) for n in _NEWS if n in sets}
        own = {"bdci": train_about.samples(learnt), "own": _own()}
        sentiment = _fitted(sets | others | own, seed)
        found.append(train_about.contest(train_about.fit(learnt, seed), held, sentiment))
    return found


def dev(data: Path) -> list[Score]:
    """Return the scores of the model in use on what it never saw: dev rows, and odd seeds."""
    model = load()
    _, sets = divided(corpora.load(data))
    sets["own (odd seeds)"] = corpora.own((1, 3))
    return [_score(name, samples, shares_of(model, samples)) for name, samples in sets.items()]


def reference(data: Path) -> list[Score]:
    """Return the scores on dev rows of SnowNLP's Bayes, trained on what our model learnt."""
    sets, held = divided(corpora.load(data))
    sets["own"], held["own (odd seeds)"] = _own(), corpora.own((1,))
    model = Bayes(sample for name in sorted(sets) for sample in sets[name])
    scores = []
    for name, samples in held.items():
        against = np.array(model.negative(samples))
        truth = np.array([sample.label == NEGATIVE for sample in samples])
        scores.append(_negative(name, truth, against, against >= 0.5))  # noqa: PLR2004
    return scores


def without(data: Path, seed: int = 0) -> list[Score]:
    """Return, for each set, the scores of a model that never saw that set: an unseen domain.

    At most 4,000 texts a set are learnt from, so that the table takes minutes.
    """
    sets, _ = divided(corpora.load(data), seed)
    small = {name: samples[:: 1 + len(samples) // _FEW] for name, samples in sets.items()}
    small["own"] = _own()
    scores = []
    for name, samples in _steps(list(small.items()), "one set left out"):
        model = _fitted({other: s for other, s in small.items() if other != name}, seed)
        scores.append(_score(name, samples, shares_of(model, samples)))
    return scores


def _own() -> list[Sample]:
    return corpora.own(OWN_SEEDS) + corpora.told() + corpora.lessons() + corpora.sorts()


def _fitted(sets: dict[str, list[Sample]], seed: int) -> SentimentModel:
    """Return a model made as the one in use is: one group in ten is for calibration."""
    learnt, held = split(sets, seed)
    model = fit(learnt, seed)
    model.calibration = calibrate(model, held)
    return model


def _part(
    sets: dict[str, list[Sample]], fold_of: dict[str, Any], fold: int, *, held: bool
) -> dict[str, list[Sample]]:
    return {
        name: [s for s, at in zip(samples, fold_of[name], strict=True) if bool(at == fold) is held]
        for name, samples in sets.items()
    }


def shipped(data: Path, seed: int = 0) -> list[Score]:
    """Return SnowNLP's shipped score on a random part of each set; below one half is negative."""
    from snownlp import SnowNLP

    scores = []
    for name, samples in _steps(list(corpora.load(data).items()), "SnowNLP as shipped"):
        order = np.random.default_rng(seed).permutation(len(samples))[:SNOWNLP_SAMPLE]
        chosen = [samples[place] for place in order]
        liked = np.array([float(SnowNLP(f"{s.title} {s.text}"[:_READ]).sentiments) for s in chosen])
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
    for name, all_texts in _steps(list(texts.items()), "false allegations"):
        order = np.random.default_rng(0).permutation(len(all_texts))[:most]
        ids = [
            claim.allegation
            for place in order
            for claim in finder.read(all_texts[place], SourceKind.OTHER).claims[:1]
        ]
        rows.append((name, len(order), len(ids), sorted(set(ids))))
    return rows


_MOST = 3_000  # texts of a fold that are measured: shopping alone has ten thousand
_FEW = 4_000
_NEWS = ("inews", "company_news", "forum")  # may hold copies of the texts of BDCI
_READ = 1_200  # characters that SnowNLP reads


def _score(name: str, samples: Sequence[Sample], shares: Numbers) -> Score:
    labels = np.array([sample.label for sample in samples])
    known = np.unique(labels)
    among = chosen(shares, known)
    score = _negative(name, labels == NEGATIVE, shares[:, 0], shares[:, 0] >= 0.5)  # noqa: PLR2004
    macro = float(np.mean([_f1(labels == label, among == label) for label in known]))
    return replace(score, classes=float((among == labels).mean()), macro_f1=macro)


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


def _steps(steps: Sequence[Step], what: str) -> Iterable[Step]:
    """Go through the steps of something long, with a bar on standard error."""
    from rich.console import Console
    from rich.progress import track

    return track(steps, description=what, console=Console(stderr=True))


def _print(lines: Iterable[str]) -> None:
    sys.stdout.write("\n".join(lines) + "\n")


def main(data: Path) -> None:
    """Print the tables of docs/quality.md; takes some twenty minutes."""
    head = (
        "| set | texts | accuracy | F1 negative | AUC | classes | macro-F1 |\n" + "|---" * 7 + "|"
    )
    _print(["### Dev rows, the model in use", head, *(score.row() for score in dev(data))])
    _print(["### SnowNLP's Bayes, trained on the same", head, *(s.row() for s in reference(data))])
    _print(["### Out of fold", head, *(score.row() for score in grouped(data))])
    _print(["### Never seen a text of this set", head, *(score.row() for score in without(data))])
    _print(
        ["### About which company", "| fold | text F1 | company F1 | score |", "|---|---|---|---|"]
    )
    _print(
        f"| {n} | {c.text:.3f} | {c.entity:.3f} | {c.total:.3f} |"
        for n, c in enumerate(companies(data), start=1)
    )
    _print(["### SnowNLP as shipped", head, *(score.row() for score in shipped(data))])
    _print(["### False allegations", "| set | texts | tagged | ids |", "|---|---|---|---|"])
    _print(f"| {name} | {n:,} | {k} | {', '.join(ids)} |" for name, n, k, ids in false_tags(data))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
