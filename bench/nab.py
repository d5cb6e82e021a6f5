"""Score our detector on the Numenta Anomaly Benchmark's tweet series, whole and thinned.

    python bench/nab.py FOLDER

FOLDER holds realTweets_dev.csv.xz (file, timestamp, value), windows.json and the scorer nab_score.py.
Nothing of it is kept here.
"""  # noqa: E501

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from alerts.table import score_file

PROFILES = ("standard", "reward_low_FP_rate", "reward_low_FN_rate")


def main(folder: Path) -> None:
    data = pd.read_csv(folder / "realTweets_dev.csv.xz")
    with tempfile.TemporaryDirectory() as place:
        for share, tries in ((1, 1), (5, 5), (20, 5)):
            found = [_scored(folder, data, share, seed, Path(place)) for seed in range(tries)]
            print(f"1/{share}: {_told(found)}")


def _scored(folder: Path, data: pd.DataFrame, share: int, seed: int, place: Path) -> dict[str, Any]:
    source, target = place / "counts.csv", place / "scores.csv"
    thinned = np.random.default_rng(seed).binomial(data["value"].to_numpy(int), 1 / share)
    data.assign(value=thinned).to_csv(source, index=False)
    score_file(source, target)
    words = [sys.executable, str(folder / "nab_score.py"), str(target), "--loo"]
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    scored: dict[str, Any] = json.loads(done.stdout)
    return scored


def _told(found: Sequence[dict[str, Any]]) -> str:
    """Return the means over several thinnings in one line."""

    def mean(profile: str, name: str) -> float:
        return float(np.mean([one[profile][name] for one in found]))

    loo = " / ".join(f"{mean(p, 'score_leave_one_out'):.1f}" for p in PROFILES)
    best = " / ".join(f"{mean(p, 'score'):.1f}" for p in PROFILES)
    return (
        f"leave-one-out {loo}; in hindsight {best}; windows {mean('standard', 'windows_hit'):.1f} "
        f"of {found[0]['standard']['windows']}; false episodes a series-week "
        f"{mean('standard', 'false_per_series_week'):.2f}"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
