"""Mentions a second through the whole assessment, next to SnowNLP(text).sentiments.

Both read the same texts in the same run, one process, one thread; the ratio survives a slower or
busier machine, the rates do not. The texts are ours: the scenario generator's, as they are and
joined to longer ones.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from data.facts import lenders
from data.model import Mention
from data.scenarios.generate import generate
from nlp.assess import Assessor

NOW = datetime(2026, 11, 25, tzinfo=UTC)
TEXTS = 60
SEED = 1


def main() -> None:
    plan = generate(SEED, datetime(2026, 9, 1, tzinfo=UTC), 6, lenders=lenders(), per_day=60)
    named = [replace(p.mention, id=1, revision=1) for p in plan.planned if p.gold.about]
    started = time.process_time()
    assessor = Assessor(lenders())
    assessor.assess(named[:200], NOW)  # expressions are compiled at first use
    print(f"ready after {time.process_time() - started:.2f} s of CPU time")
    print(f"{'texts':<14}{'chars':>7}{'mentions/s':>12}{'SnowNLP/s':>11}{'ratio':>8}{'MB':>6}")
    for name, batch in (("as they are", named[:TEXTS]), ("joined by 6", _joined(named, 6))):
        ours = _rate(lambda batch=batch: assessor.assess(batch, NOW), len(batch))  # type: ignore[misc]
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        theirs = _rate(lambda batch=batch: _snownlp(batch), len(batch))  # type: ignore[misc]
        length = sum(len(m.title) + len(m.text) for m in batch) / len(batch)
        ratio = ours / theirs
        print(f"{name:<14}{length:>7.0f}{ours:>12,.0f}{theirs:>11,.1f}{ratio:>8.0f}{memory:>6}")


def _joined(mentions: Sequence[Mention], n: int) -> list[Mention]:
    parts = [mentions[at : at + n] for at in range(0, TEXTS * n, n)]
    return [replace(part[0], text="\n".join(m.text for m in part)) for part in parts if part]


def _snownlp(batch: Sequence[Mention]) -> None:
    from snownlp import SnowNLP  # 420 MB, 2.6 s: only here

    for mention in batch:
        SnowNLP(f"{mention.title} {mention.text}").sentiments  # noqa: B018


def _rate(work: Callable[[], object], n: int) -> float:
    """Return texts per second of CPU time, after one round to warm up."""
    work()
    started = time.process_time()
    rounds = 0
    while time.process_time() - started < 1:
        work()
        rounds += 1
    return rounds * n / (time.process_time() - started)


if __name__ == "__main__":
    main()
