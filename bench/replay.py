"""Replay generated half-years with the listed seeds, and say how alerts did over all of them.

    python bench/replay.py [HOW MANY] [--gold]

Each result is kept in data/var/replay as it is done, so that an interrupted run goes on where it was.
"""  # noqa: E501

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

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


def main(count: int, *, gold: bool) -> None:
    KEPT.mkdir(parents=True, exist_ok=True)
    found = []
    for seed in seeds()[:count]:
        kept = KEPT / f"{seed}{'-gold' if gold else ''}.json"
        if not kept.exists():
            begun = time.monotonic()
            scenario = generate(seed, START, DAYS, lenders=lenders())
            kept.write_text(json.dumps(tingfeng_replay.replay(scenario, None, gold=gold)), "utf-8")
            print(f"{seed}: {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)
        found.append(json.loads(kept.read_text("utf-8")))
    print(json.dumps(score.merge(found), ensure_ascii=False, indent=1))


if __name__ == "__main__":
    words = [word for word in sys.argv[1:] if word != "--gold"]
    main(int(words[0]) if words else len(seeds()), gold="--gold" in sys.argv)
