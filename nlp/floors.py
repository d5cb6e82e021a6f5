"""Figures on the gold in the repository, and floors under them that only rise.

``tests/gold`` has allegations (nlp/gold.py), facts (nlp/gold_facts.py) and ``sentiment/*.jsonl``,
a slice each: negation, contrast, sarcasm, polite complaints. ``floors.json`` keeps the best that
was accepted and every lowering with its reason.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from data.errors import InputError
from data.facts import allegations, lenders
from data.facts.lexicons import lexicons
from nlp import corpora, gold, gold_facts, sentiment, vote
from nlp.allegations import AllegationFinder

FILE = "floors.json"
_HAIR = 1e-9


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure by name: the higher the better, over ``n`` items; its floor if it has one."""

    name: str
    n: int
    value: float
    floor: float | None = None

    @property
    def fell(self) -> bool:
        """Whether the figure is below its floor."""
        return self.floor is not None and self.value < self.floor - _HAIR


def figures(folder: Path, *, voted: bool = True) -> list[Figure]:
    """Measure everything in the gold folder, with its floors. Raises InputError without gold.

    ``voted`` also measures the second opinion (nlp/vote.py) if its extra is installed.
    """
    if not (folder / "sentences.jsonl").exists():
        raise InputError(f"{folder}: no gold is there; name the folder with sentences.jsonl")
    floors = _floors(folder)["floors"]
    finder = AllegationFinder(allegations(), lexicons())
    found = [
        *_allegations(folder, finder, ("dev", "test")),
        *_facts(folder, finder),
        *_slices(folder),
        *_sorts(folder),
        *(_voted(folder) if voted and find_spec("onnxruntime") else ()),
    ]
    return [Figure(f.name, f.n, f.value, floors.get(f.name)) for f in found]


def accept(folder: Path, measured: list[Figure]) -> None:
    """Raise every floor to what was measured; none is lowered."""
    kept = _floors(folder)
    for figure in measured:
        best = max(figure.value, figure.floor if figure.floor is not None else 0.0)
        kept["floors"][figure.name] = int(best * 10_000) / 10_000
    _write(folder, kept)


def lower(folder: Path, measured: list[Figure], why: str) -> None:
    """Lower the floors that do not hold, and write down why. Raises InputError without a reason."""
    if not why.strip():
        raise InputError("lowering a floor needs a reason: --lower 'why'")
    kept = _floors(folder)
    fallen = {f.name: int(f.value * 10_000) / 10_000 for f in measured if f.fell}
    kept["floors"].update(fallen)
    kept["lowered"].append({"why": why, "to": fallen})
    _write(folder, kept)


def table(measured: list[Figure]) -> str:
    """Return the figures as lines of a Markdown table; ``!`` marks one below its floor."""
    lines = ["| slice | items | figure | floor | |", "|---|---|---|---|---|"]
    for f in measured:
        floor = "" if f.floor is None else f"{f.floor:.4f}"
        lines.append(f"| {f.name} | {f.n} | {f.value:.4f} | {floor} | {'!' if f.fell else ''} |")
    return "\n".join(lines)


def _allegations(
    folder: Path, finder: AllegationFinder, halves: Sequence[gold.Split], how: str = ""
) -> list[Figure]:
    found = []
    for name in (*gold.SETS, gold.STRANGERS, gold.EVERYDAY, gold.TERSE):
        for half in halves:
            a, where = gold.measure(finder, gold.load(folder, name, half)), f"{name}, {half}{how}"
            found += [
                Figure(f"allegations, {where}: micro-F1", a.items, a.f1),
                Figure(f"allegations, {where}: clean left clean", a.clean, 1 - a.false_alarms),
            ]
    return found


def _voted(folder: Path) -> list[Figure]:
    """Measure the half that nobody looks at with the second opinion."""
    finder = AllegationFinder(allegations(), lexicons(), opinion=vote.transformer())
    return _allegations(folder, finder, ("test",), ", with the vote")


def _facts(folder: Path, finder: AllegationFinder) -> list[Figure]:
    found = []
    for slot, counts in gold_facts.measure(gold_facts.load(folder, "test"), finder).items():
        n = sum(counts.values())
        for name, rate in zip(("precision", "recall"), gold_facts.rates(counts), strict=True):
            found.append(Figure(f"facts, {slot}, test: {name}", n, rate))
    return found


def _slices(folder: Path) -> list[Figure]:
    model = sentiment.load()
    found = []
    for file in sorted((folder / "sentiment").glob("*.jsonl")):
        rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
        said = [feeling.label.value for feeling in model.feel_all([("", r["text"]) for r in rows])]
        right = [one == row["label"] for one, row in zip(said, rows, strict=True)]
        against = [
            (one == "neg") == (row["label"] == "neg") for one, row in zip(said, rows, strict=True)
        ]
        found += [
            Figure(f"sentiment, {file.stem}: three classes", len(rows), sum(right) / len(rows)),
            Figure(f"sentiment, {file.stem}: negative or not", len(rows), sum(against) / len(rows)),
        ]
    return found


def _sorts(folder: Path) -> list[Figure]:
    """Measure feeling on the whole texts whose sort says it, of our author and of a stranger."""
    model = sentiment.load()
    found = []
    for name in ("texts", gold.STRANGER):
        items = [item for item in gold.load(folder, name) if item.content in corpora.FELT]
        names = [one for lender in lenders() for one in lender.names]
        said = model.feel_all([("", sentiment.nameless(item.text, names)) for item in items])
        against = [corpora.FELT[item.content] == corpora.NEGATIVE for item in items]
        negative = [feeling.label.value == "neg" for feeling in said]
        for sort, wanted in (("accusing", True), ("not accusing", False)):
            right = [n == a for n, a in zip(negative, against, strict=True) if a is wanted]
            found.append(Figure(f"feeling, {name}: {sort}", len(right), sum(right) / len(right)))
    return found


def _floors(folder: Path) -> dict[str, Any]:
    file = folder / FILE
    if not file.exists():
        return {"floors": {}, "lowered": []}
    kept: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return kept


def _write(folder: Path, kept: Mapping[str, Any]) -> None:
    text = json.dumps(kept, ensure_ascii=False, indent=1, sort_keys=True)
    (folder / FILE).write_text(text + "\n", "utf-8")
