"""Train the model that hears allegations in a sentence (nlp/tags.py).

Learnt from text of ours alone: ``lessons/allegations.tsv`` (allegations, voice, text), the
sentences of the development half of the gold, whole texts by other authors, planned weeks, and
the hits and cues of allegations.yaml. ``python -m nlp.train_tags tests/gold`` writes the model;
``--check`` also says what the whole finder makes of lessons in voices that were held out. The test
half of the gold is never read.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.linalg import cholesky, solve_triangular
from scipy.sparse import csr_matrix, hstack

from data import facts
from data.facts import allegations
from data.facts.lexicons import lexicons
from data.fold import fold
from data.model import EvidenceStatus, SourceKind
from data.scenarios.generate import generate
from nlp import gold
from nlp.allegations import AllegationFinder
from nlp.gold import Agreement, Item, Label
from nlp.tags import FILE, Listener, Tags, assembled, features, means, told
from nlp.text import sentences

LESSONS = Path(__file__).with_name("lessons") / "allegations.tsv"
PLANNED = (2, 4)
_START, _DAYS, _MOST = datetime(2026, 3, 2, tzinfo=UTC), 14, 1500
_STRIP, _BLOCK = 1000, 2048
_DIGITS = re.compile("[0-9]+")
FOLDS = 5
REFINED = 3
"""How often the system is solved for what is left: its four bytes a number hold 68,000 sentences in
18.6 GB, and the answer is as exact as with eight."""
PENALTY = 0.3
CLEAN = 2.0
"""How often a sentence without any allegation counts; both chosen on voices held out."""
_TALK = frozenset(
    {"question", "advice", "ad", "fiction", "other_sense", "ordinary", "job", "feeling", "praise"}
)  # where people talk without complaining
_OF_OFFICES = frozenset({"legal", "pr"})

Numbers = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Lesson:
    """A sentence, what it alleges, and where it is from: only whole groups are held out.

    ``page`` is the text that it stands in, "" where it stands alone.
    """

    text: str
    allegations: frozenset[str]
    group: str
    kind: SourceKind = SourceKind.COMPLAINT
    page: str = ""


def lessons() -> list[Lesson]:
    """Return the lessons in their order. ``-question`` instead of allegations: there are none."""
    return [_lesson(*line.split("\t")) for line in LESSONS.read_text("utf-8").splitlines() if line]


def material(folder: Path) -> list[Lesson]:
    """Return all sentences that are learnt from."""
    taught = [
        Lesson(words, frozenset({a.id}), "taxonomy")
        for a in allegations()
        for words in (*a.spec["hits"], *a.spec["cues"])
    ]
    for name in gold.SETS:
        for item in gold.load(folder, name, "dev"):
            taught += _sentences(item, name)
    for name in gold.AUTHORS:
        for item in gold.load(gold.LESSONS, name):
            taught += _sentences(item, name)
    return lessons() + taught + planned()


def planned() -> list[Lesson]:
    """Return sentences of planned weeks, even seeds; those that differ in numbers only once."""
    found: dict[str, Lesson] = {}
    for seed in PLANNED:
        for each in generate(seed, _START, _DAYS, lenders=facts.lenders()).planned:
            body = each.mention.text
            for start, end in sentences(fold(body)):
                quotes = {e.allegation for e in each.gold.allegations if e.quote in body[start:end]}
                text = told(body, start, end)
                lesson = Lesson(text, frozenset(quotes), "planned", each.mention.kind, body)
                found.setdefault(_DIGITS.sub("0", text), lesson)
    return list(found.values())[:_MOST]


def trained(taught: Sequence[Lesson]) -> Tags:
    """Return the model of these sentences: the same ones give the same model."""
    names = tuple(allegation.id for allegation in allegations())
    grams = features([lesson.text.rstrip("。") for lesson in taught])
    columns = np.unique(grams.indices)
    own = grams[:, columns].astype(np.float64)
    _, page = np.unique(
        [lesson.page or f"{n} {lesson.text}" for n, lesson in enumerate(taught)],
        return_inverse=True,
    )
    around = means(own, page)
    seen = hstack([own, around[page]], format="csr")
    truth = np.array([[name in lesson.allegations for name in names] for lesson in taught], float)
    truth = np.column_stack([truth, truth.any(axis=1)])
    counts = np.where(truth[:, -1] > 0, 1.0, CLEAN)
    usual = np.average(truth, axis=0, weights=counts)
    alike = _products(own, around, page)  # in the space of sentences: fewer than n-grams
    penalty = (PENALTY / counts)[:, None]
    alike[np.diag_indices(len(taught))] += penalty.ravel().astype(np.float32)
    lower, wanted = factored(alike), truth - usual
    shares = np.zeros_like(wanted)
    for _ in range(REFINED):
        shares += substituted(lower, wanted - seen @ (seen.T @ shares) - penalty * shares)
    learnt = (seen.T @ shares).astype(np.float32)
    weights, around_weights = np.split(learnt, 2)
    return assembled(names, columns, weights, around_weights, usual.astype(np.float32))


def _products(own: csr_matrix, around: csr_matrix, page: npt.NDArray[np.int64]) -> Numbers:
    """Return each sentence times each, and the pages they stand on likewise, added.

    Strip by strip: all at once would be held three times over.
    """
    own, around = own.astype(np.float32), around.astype(np.float32)
    own_turned, around_turned = own.T.tocsr(), around.T.tocsr()
    found = np.empty((len(page), len(page)), np.float32)
    for first in range(0, len(page), _STRIP):
        strip = slice(first, first + _STRIP)
        pages, which = np.unique(page[strip], return_inverse=True)
        found[strip] = (around[pages] @ around_turned).toarray()[:, page][which]
        found[strip] += (own[strip] @ own_turned).toarray()
    return found


def factored(system: Numbers, block: int = _BLOCK) -> Numbers:
    """Factor a positive definite system in its own place: what is below the diagonal is L of LLᵀ.

    Cholesky by blocks: LAPACK as shipped dies on 20,000 rows and more, and a copy of so many would
    not fit beside them.
    """
    spans = _blocks(len(system), block)
    for own in spans:
        left, below = slice(0, own.start), slice(own.stop, None)
        system[own, own] -= system[own, left] @ system[own, left].T
        corner = system[own, own] = cholesky(system[own, own], lower=True)
        for part in (span for span in spans if span.start >= own.stop):
            system[part, own] -= system[part, left] @ system[own, left].T
        system[below, own] = solve_triangular(corner, system[below, own].T, lower=True).T
    return system


def substituted(lower: Numbers, wanted: npt.NDArray[np.float64], block: int = _BLOCK) -> Numbers:
    """Solve LLᵀx = ``wanted``, to some six digits: what is missing shows in what is left."""
    found, spans = wanted.astype(np.float32), _blocks(len(lower), block)
    for own in spans:
        found[own] -= lower[own, : own.start] @ found[: own.start]
        found[own] = solve_triangular(lower[own, own], found[own], lower=True)
    for own in reversed(spans):
        found[own] -= lower[own.stop :, own].T @ found[own.stop :]
        found[own] = solve_triangular(lower[own, own], found[own], lower=True, trans="T")
    return found


def _blocks(rows: int, block: int) -> list[slice]:
    return [slice(*edge) for edge in pairwise([*range(0, rows, block), rows])]


def held_out(taught: Sequence[Lesson]) -> Iterator[tuple[Tags, list[Item]]]:
    """Yield, for each fold of voices, a model that heard none of them, and their lessons."""
    voices = sorted({lesson.group for lesson in lessons()})
    for fold_of in (voices[n::FOLDS] for n in range(FOLDS)):
        learn = [lesson for lesson in taught if lesson.group not in fold_of]
        yield trained(learn), [_item(lesson) for lesson in taught if lesson.group in fold_of]


def main(arguments: Sequence[str]) -> None:
    """Train on the lessons and the folder of gold that is named."""
    taught = material(Path(arguments[0]))
    tags = trained(taught)
    tags.save(FILE)
    if "--check" not in arguments:
        return
    finder = AllegationFinder(allegations(), lexicons(), tags=tags)
    total = Agreement()
    for tags, items in held_out(taught):
        finder.listener = Listener(tags, finder.kinds, finder.grave)
        gold.measure(finder, items, total)
    sys.stdout.write(
        f"voices held out: precision {total.precision:.3f}, recall {total.recall:.3f}, "
        f"micro-F1 {total.f1:.3f}, clean ones tagged {total.false_alarms:.3f}\n"
    )


def _lesson(made: str, voice: str, text: str) -> Lesson:
    if made.startswith("-"):
        kind = SourceKind.POST if made[1:] in _TALK else SourceKind.COMPLAINT
        kind = SourceKind.NEWS if made[1:] in _OF_OFFICES or voice == "news" else kind
        return Lesson(text, frozenset(), voice, kind)
    kind = SourceKind.NEWS if voice == "news" else SourceKind.COMPLAINT
    return Lesson(text, frozenset(made.split(",")), voice, kind)


def _sentences(item: Item, group: str) -> Iterator[Lesson]:
    whole = [(0, len(item.text))]
    for start, end in sentences(fold(item.text)) if group != "sentences" else whole:
        made = {x.allegation for x in item.labels if x.start < end and start < x.end}
        page = item.text if group != "sentences" else ""
        yield Lesson(told(item.text, start, end), frozenset(made), group, item.kind, page)


def _item(lesson: Lesson) -> Item:
    labels = [
        Label(name, 0, len(lesson.text), EvidenceStatus.ALLEGED.value)
        for name in sorted(lesson.allegations)
    ]
    return Item("", lesson.text, lesson.kind, lesson.group, "dev", tuple(labels))


if __name__ == "__main__":
    main(sys.argv[1:])
