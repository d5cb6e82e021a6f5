"""Allegations against gold labels that people wrote, apart from patterns and planner.

``tests/gold`` has sentences and whole texts with spans (docs/labelling.md). Half of them, by hash
of the text, are for development; the other half is only ever measured.
``python -m nlp.gold tests/gold`` prints the table.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from data.facts import allegations
from data.facts.lexicons import lexicons
from data.model import SourceKind
from nlp import vote
from nlp.allegations import AllegationFinder

Split = Literal["dev", "test"]
SETS = ("sentences", "texts")
LESSONS = Path(__file__).with_name("lessons")
PLAIN = tuple(sorted(file.stem for file in LESSONS.glob("plain_*.jsonl")))
"""Plain texts to learn from, as people write every day: each other author wrote for a weakness."""
AUTHORS = (*sorted(file.stem for file in LESSONS.glob("texts_*.jsonl")), *PLAIN)
"""Whole texts to learn from by other authors, labelled as the gold is; beside the lessons."""
STRANGER = "stranger"
"""Whole texts by another author, who saw neither patterns nor gold: what a new voice gets."""
STRANGERS = "strangers"
"""Whole texts by six more, never learnt: levels are chosen on three (dev), three only measured."""
EVERYDAY = "everyday"
"""Plain texts without traps by eight, never learnt: four were looked at (dev), four never."""
TERSE = "terse"
"""Texts of a line by ten more, never learnt: six were looked at (dev), four never."""
MEASURED = (*SETS, STRANGER, STRANGERS, EVERYDAY, TERSE)


@dataclass(frozen=True, slots=True)
class Label:
    """An allegation that a person saw, with the span of its words in code points."""

    allegation: str
    start: int
    end: int
    status: str
    quote: str = ""  # the words themselves, so that a slipped span is seen


@dataclass(frozen=True, slots=True)
class Item:
    """One labelled text. ``content`` says what sort of text it is: account, advice, fiction."""

    id: str
    text: str
    kind: SourceKind
    content: str
    split: Split
    labels: tuple[Label, ...]


@dataclass(slots=True)
class Agreement:
    """Counts over items: allegations (each once an item), spans, statuses, and clean items."""

    items: int = 0
    right: int = 0
    extra: int = 0
    missed: int = 0
    labels: int = 0  # spans in the gold: an item may have several of one allegation
    overlapping: int = 0  # … that a quote of the same allegation touches
    same_status: int = 0  # … and say in what way it is alleged as the gold does
    clean: int = 0
    clean_tagged: int = 0
    by_tag: dict[str, Counter[str]] = field(default_factory=dict)
    wrong: list[tuple[str, str, tuple[str, ...], tuple[str, ...]]] = field(default_factory=list)

    @property
    def precision(self) -> float:
        """Share of found allegations that are in the gold."""
        return self.right / max(1, self.right + self.extra)

    @property
    def recall(self) -> float:
        """Share of gold allegations that were found."""
        return self.right / max(1, self.right + self.missed)

    @property
    def f1(self) -> float:
        """Micro-averaged F1."""
        return 2 * self.right / max(1, 2 * self.right + self.extra + self.missed)

    @property
    def false_alarms(self) -> float:
        """Share of items without any allegation in which one was found."""
        return self.clean_tagged / max(1, self.clean)


def load(folder: Path, name: str, split: Split | None = None) -> list[Item]:
    """Return the items of ``sentences`` or ``texts``, of one split or both."""
    with (folder / f"{name}.jsonl").open(encoding="utf-8") as lines:
        items = [_item(json.loads(line)) for line in lines]
    return [item for item in items if split in {None, item.split}]


def measure(
    finder: AllegationFinder, items: Iterable[Item], found: Agreement | None = None
) -> Agreement:
    """Compare what is found with the gold; no lender is named, so debt must be spoken of.

    What is counted is added to ``found``.
    """
    found = found or Agreement()
    for item in items:
        claims = finder.read(item.text, item.kind).claims
        gold = {label.allegation for label in item.labels}
        said = {claim.allegation for claim in claims}
        found.items += 1
        for tag in gold | said:
            outcome = (
                "right" if tag in gold and tag in said else "missed" if tag in gold else "extra"
            )
            setattr(found, outcome, getattr(found, outcome) + 1)
            found.by_tag.setdefault(tag, Counter())[outcome] += 1
        found.labels += len(item.labels)
        for label in item.labels:
            touching = [
                claim
                for claim in claims
                if claim.allegation == label.allegation
                and claim.start < label.end
                and label.start < claim.end
            ]
            found.overlapping += bool(touching)
            found.same_status += any(claim.status.value == label.status for claim in touching)
        if not gold:
            found.clean += 1
            found.clean_tagged += bool(said)
        if gold != said:
            extra, missed = tuple(sorted(said - gold)), tuple(sorted(gold - said))
            found.wrong.append((item.id, item.text, extra, missed))
    return found


def _item(raw: dict[str, object]) -> Item:
    spans, elsewhere = raw["spans"], raw.get("elsewhere", [])  # laid to a rival, but alleged
    assert isinstance(spans, list)
    assert isinstance(elsewhere, list)
    split: Split = "test" if raw.get("split") == "test" else "dev"
    return Item(
        id=str(raw["id"]),
        text=str(raw["text"]),
        kind=SourceKind(str(raw["kind"])),
        content=str(raw["content"]),
        split=split,
        labels=tuple(Label(**span) for span in spans + elsewhere),
    )


def main(folder: Path, arguments: Sequence[str] = ()) -> None:
    """Print the table; with ``--wrong`` also the items of the development half that went wrong.

    With ``--vote`` the transformer of nlp/vote.py is asked too.
    """
    opinion = vote.transformer() if "--vote" in arguments else None
    finder = AllegationFinder(allegations(), lexicons(), opinion=opinion)
    sys.stdout.write(
        "| set | half | items | precision | recall | micro-F1 | clean tagged | quote | status |\n"
        + "|---" * 9
        + "|\n"
    )
    halves: tuple[Split, ...] = ("dev", "test")
    for name in MEASURED:
        for split in halves:
            a = measure(finder, load(folder, name, split))
            labels = max(1, a.labels)
            sys.stdout.write(
                f"| {name} | {split} | {a.items} | {a.precision:.3f} | {a.recall:.3f} | {a.f1:.3f} "
                f"| {a.clean_tagged} of {a.clean} | {a.overlapping / labels:.3f} "
                f"| {a.same_status / labels:.3f} |\n"
            )
            if "--wrong" in arguments and split == "dev":
                for wrong in a.wrong:
                    sys.stdout.write(f"{wrong}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
