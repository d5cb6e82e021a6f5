"""Memory, time and recall of the likeness index at a million texts.

``python bench/likeness.py [N]``. The texts are the planner's, each edited by a fifth (replaced,
dropped or doubled characters) and looked for among N hashes; those not of a text are random bits.
"""

from __future__ import annotations

import re
import resource
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from random import Random

import numpy as np

from data.facts import lenders
from data.scenarios.generate import generate
from nlp.likeness import LikenessIndex, likeness

QUERIES = 400
SHARE = 0.2


def main(n: int) -> None:
    random = Random(1)
    plan = generate(2, datetime(2026, 9, 1, tzinfo=UTC), 12, lenders=lenders(), per_day=60.0)
    own = [p.mention.text for p in plan.planned if len(p.mention.text) >= 60]  # noqa: PLR2004
    hashes = [likeness(text) for text in own]
    bits = np.random.default_rng(1).integers(0, 256, (n - len(own), 32), dtype=np.uint8)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.process_time()
    index = LikenessIndex([*hashes, *map(bytes, bits)])
    built = time.process_time() - started
    chosen = random.sample(range(len(own)), min(QUERIES, len(own)))
    started = time.process_time()
    asked = [index.near(likeness(_edited(random, own[place]))) for place in chosen]
    each = (time.process_time() - started) / len(chosen)
    right = sum(place in {i for i, _ in found} for place, found in zip(chosen, asked, strict=True))
    extra = sum(i >= len(own) for found in asked for i, _ in found) / len(chosen)
    memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
    print(f"{n:,} texts: {memory} MB more, built in {built:.1f} s, {each * 1e3:.1f} ms a query")
    print(
        f"recall at {SHARE:.0%} edits {right / len(chosen):.3f}; unrelated hashes met {extra:.2f}"
    )


def _edited(random: Random, text: str) -> str:
    chars = re.sub(r"\s", "", text)
    return "".join(_edit(random, char, chars) if random.random() < SHARE else char for char in text)


def _edit(random: Random, char: str, others: Sequence[str]) -> str:
    return random.choice(["", random.choice(others), char + random.choice(others)])


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
