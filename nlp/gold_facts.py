"""Facts against gold: what a reader takes from a text about where, how much, how late, how often.

``tests/gold/facts.jsonl`` was written by us; half of it, by hash of the text, is for development,
the other half is only measured. Values are compared, spans are not. A region is right only with
province, city and district; calls with number and span of time; a relation by its sort.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data.facts import allegations
from data.facts.lexicons import lexicons
from data.model import SourceKind
from nlp.allegations import AllegationFinder
from nlp.facts import FactFinder, Facts
from nlp.gold import Split

FILE = "facts.jsonl"
SLOTS = (
    "region", "amounts", "days_overdue", "calls", "times", "third_parties", "collector", "visitors",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """A text with the values of its slots; a slot that is not named has none."""

    id: str
    text: str
    facts: Mapping[str, tuple[Any, ...]]
    split: Split


def load(folder: Path, split: Split | None = None) -> list[Row]:
    """Return the rows of one half, or of both."""
    with (folder / FILE).open(encoding="utf-8") as lines:
        raw = [json.loads(line) for line in lines]
    rows = [
        Row(r["id"], r["text"], {k: tuple(v) for k, v in r["facts"].items()}, r["split"])
        for r in raw
    ]
    return [row for row in rows if split in {None, row.split}]


def measure(
    rows: Iterable[Row], allegation_finder: AllegationFinder | None = None
) -> dict[str, Counter[str]]:
    """Return counts of right, extra and missed values by slot; all rows are read as complaints."""
    allegation_finder = allegation_finder or AllegationFinder(allegations(), lexicons())
    finder = FactFinder(lexicons())
    counts: dict[str, Counter[str]] = {slot: Counter() for slot in SLOTS}
    for row in rows:
        claims = allegation_finder.read(row.text, SourceKind.COMPLAINT).claims
        found = finder.find(row.text, claims)
        for slot in SLOTS:
            said, gold = set(values(slot, found)), set(row.facts.get(slot, ()))
            counts[slot]["right"] += len(said & gold)
            counts[slot]["extra"] += len(said - gold)
            counts[slot]["missed"] += len(gold - said)
    return counts


def values(slot: str, found: Facts) -> list[Any]:
    """Return what was found in a slot as the gold writes it; of regions the surest alone."""
    stated = [fact.value for fact in found.get(slot, ())]
    if slot == "region":
        places = [f"{v['province']}/{v['city']}/{v.get('district', '')}" for v in stated]
        return places[:1]
    return [_KEYS[slot](v) if slot in _KEYS else v for v in stated]


_KEYS: dict[str, Callable[[Any], Any]] = {
    "amounts": lambda v: float(v["yuan"]),
    "calls": lambda v: f"{v['n']}/{v['per']}",
    "times": lambda v: v["at"],
    "third_parties": lambda v: v["sort"],
}
"""How a value is written in the gold, where it is more than a word or a number."""


def rates(counts: Counter[str]) -> tuple[float, float]:
    """Return precision and recall."""
    right = counts["right"]
    return right / max(1, right + counts["extra"]), right / max(1, right + counts["missed"])
