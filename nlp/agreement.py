"""How far assessments agree with the gold labels of planned weeks, which we wrote ourselves.

The planner and the patterns share one taxonomy but not their wordings. Patterns were written
against even seeds; odd seeds are other people, events and mixtures out of the same grammar of
sentences, so their figure flatters: it says how well known wordings are recombined.
``python -m nlp.agreement`` prints the table.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from data.facts import lenders
from data.scenarios.format import Planned
from data.scenarios.generate import generate
from nlp.assess import Assessor

DEVELOPED_ON, HELD_OUT = (2, 4, 6), (1, 3, 5)
_START = datetime(2026, 9, 1, tzinfo=UTC)
_DAYS, _PER_DAY = 12, 60.0


@dataclass(slots=True)
class Agreement:
    """Counts of right, extra and missed allegations, lenders and feelings."""

    texts: int = 0
    tags: Counter[str] = field(default_factory=Counter)
    subjects: Counter[str] = field(default_factory=Counter)
    feelings: Counter[tuple[str, str]] = field(default_factory=Counter)
    clean: int = 0  # texts that allege nothing
    clean_tagged: int = 0
    by_tag: dict[str, Counter[str]] = field(default_factory=dict)

    def rates(self, counts: Counter[str]) -> tuple[float, float, float]:
        """Return precision, recall and F1 (micro)."""
        right, extra, missed = counts["right"], counts["extra"], counts["missed"]
        precision = right / max(1, right + extra)
        recall = right / max(1, right + missed)
        return precision, recall, 2 * precision * recall / max(1e-9, precision + recall)

    @property
    def feelings_right(self) -> float:
        """Return the share of assessments with the gold class."""
        right = sum(n for (gold, said), n in self.feelings.items() if gold == said)
        return right / max(1, sum(self.feelings.values()))


def agreement(assessor: Assessor, seeds: Iterable[int]) -> Agreement:
    """Assess the planned weeks of ``seeds`` and compare.

    A text that names no lender cannot be assessed; where its gold alleges something it is left out.
    """
    found = Agreement()
    for seed in seeds:
        plan = generate(seed, _START, _DAYS, lenders=assessor.lenders, per_day=_PER_DAY)
        for planned in plan.planned:
            if planned.gold.about or not planned.gold.allegations:
                _compare(found, assessor, planned)
    return found


def _compare(found: Agreement, assessor: Assessor, planned: Planned) -> None:
    mention = replace(planned.mention, id=1, revision=1)
    assessments = assessor.assess([mention], mention.fetched_at)
    gold = {evidence.allegation for evidence in planned.gold.allegations}
    said = {tag for a in assessments for tag in a.tags}
    found.texts += 1
    for tag in gold | said:
        outcome = _outcome(tag in gold, tag in said)
        found.tags[outcome] += 1
        found.by_tag.setdefault(tag, Counter())[outcome] += 1
    if not gold:
        found.clean += 1
        found.clean_tagged += bool(said)
    about, named = set(planned.gold.about), {a.lender for a in assessments}
    found.subjects.update(_outcome(slug in about, slug in named) for slug in about | named)
    for a in assessments:
        if a.lender in about:
            found.feelings[planned.gold.sentiment.value, a.sentiment.value] += 1


def _outcome(gold: bool, said: bool) -> str:
    return "right" if gold and said else "missed" if gold else "extra"


def main() -> None:
    """Print the agreement on the seeds that were developed on and on those held out."""
    assessor = Assessor(lenders())
    for name, seeds in (("developed on", DEVELOPED_ON), ("held out", HELD_OUT)):
        a = agreement(assessor, seeds)
        precision, recall, f1 = a.rates(a.tags)
        subjects = a.rates(a.subjects)[2]
        sys.stdout.write(
            f"| {name} | {a.texts:,} | {precision:.3f} | {recall:.3f} | {f1:.3f} | "
            f"{a.clean_tagged} of {a.clean:,} | {subjects:.3f} | {a.feelings_right:.3f} |\n"
        )


if __name__ == "__main__":
    main()
