"""Replay generated half-years with the listed seeds, and say how alerts did over all of them.

    python bench/replay.py [HOW MANY] [--gold] [--kept]

Each result is kept in data/var/replay as it is done, so that an interrupted run goes on where it was;
with --kept nothing is replayed, and what is there is summed up.
"""  # noqa: E501

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import tingfeng_replay
from alerts import score
from data.facts import lenders
from data.scenarios.generate import generate

SEEDS = Path(__file__).with_name("replay_seeds.txt")
KEPT = Path("data/var/replay")
START = datetime(2026, 1, 5, tzinfo=UTC)
DAYS = 182


def seeds() -> list[int]:
    lines = SEEDS.read_text("utf-8").splitlines()
    return [int(line) for line in lines if line and not line.startswith("#")]


def results(chosen: Sequence[int], *, gold: bool, kept: bool) -> Iterator[dict[str, Any]]:
    """Yield the figures of each seed, replayed where they are not kept yet."""
    for seed in chosen:
        file = KEPT / f"{seed}{'-gold' if gold else ''}.json"
        if not file.exists() and not kept:
            begun = time.process_time()
            scenario = generate(seed, START, DAYS, lenders=lenders())
            file.write_text(json.dumps(tingfeng_replay.replay(scenario, None, gold=gold)), "utf-8")
            took = time.process_time() - begun
            print(f"{seed}: {took:.0f} s of CPU time", file=sys.stderr, flush=True)
        if file.exists():
            yield json.loads(file.read_text("utf-8"))


def main(count: int, *, gold: bool, kept: bool) -> None:
    KEPT.mkdir(parents=True, exist_ok=True)
    found = list(results(seeds()[:count], gold=gold, kept=kept))
    print(json.dumps(score.merge(found), ensure_ascii=False, indent=1))


if __name__ == "__main__":
    words = [word for word in sys.argv[1:] if not word.startswith("--")]
    main(
        int(words[0]) if words else len(seeds()),
        gold="--gold" in sys.argv,
        kept="--kept" in sys.argv,
    )
