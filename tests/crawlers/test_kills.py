"""Two of the kills; ``make kills`` makes fifty."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_killed_in_the_middle_nothing_is_lost_or_doubled() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.crawlers.kills", "--kills", "2",
         "--per-round", "1", "--items", "40", "--ways", "crawl", "backfill", "--seed", "3"],
        cwd=ROOT, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.stdout, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["wrong"] == []
    assert sum(told["kills"].values()) == 2
    assert {name.split()[0] for name in told["kills"]} == {"crawl", "backfill"}
