"""Compare the rule on hours, which fires alerts, with the detector on half hours.

    python bench/detectors.py [FOLDER]

On planned half-years (seeds that tune rules, not those of ``make replay``) both see the negative
mentions by the planner's labels; the half hours' threshold is the one at which they are false as
often as the rule on hours. FOLDER adds the benchmark that bench/nab.py describes.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1]))

from alerts import rarity, table
from alerts.baseline import Baseline, Past
from alerts.detect import BURST, SWELL, WINDOWS
from alerts.series import DAY, HOUR, Floats
from data.facts import lenders
from data.model import SHANGHAI
from data.scenarios.format import Scenario
from data.scenarios.generate import generate
from data.settings import Burst

SEEDS = (7001, 7002, 7003)
START = datetime(2026, 1, 5, tzinfo=UTC)
DAYS = 182
LATE = timedelta(hours=24)
"""After its first mention a crisis may be found for so long."""
APART = 24
"""Half hours between two episodes."""


def hours(counts: Floats, first: datetime) -> Floats:
    """Return by half hour how far the loudest window that ends with it is above its threshold."""
    midnight = first.astimezone(SHANGHAI).replace(hour=0, minute=0)
    lead = int((first - midnight) / rarity.BUCKET)
    whole = np.concatenate([np.zeros(lead), np.nan_to_num(counts)])
    whole = np.pad(whole, (0, -len(whole) % rarity.PER_DAY))
    by_day = whole.reshape(-1, 24, 2).sum(axis=2)
    ends: Floats = midnight.timestamp() + (np.arange(len(whole), dtype=np.float64) + 1) * 1800
    best = np.zeros(len(whole))
    for rule in (BURST, SWELL):
        width = int(WINDOWS[rule] / rarity.BUCKET)
        policy = Burst(minimum=5 if rule == BURST else 10)
        base = Baseline(by_day, Past(by_day, midnight, 28), policy, int(WINDOWS[rule] / HOUR))
        sums = np.convolve(whole, np.ones(width))[: len(whole)]
        known = slice(2 * rarity.PER_DAY, None)  # two days are no past
        best[known] = np.maximum(best[known], sums[known] / base.thresholds(ends[known]))
    return best[lead : lead + len(counts)]


@dataclass(frozen=True)
class Found:
    """What one detector made of one half-year: minutes to each crisis it found, and its errors."""

    minutes: list[float]
    missed: int
    false: int


def judged(scenario: Scenario, scores: Floats, threshold: float) -> Found:
    ends = [START + (n + 1) * rarity.BUCKET for n in np.flatnonzero(scores >= threshold).tolist()]
    crises = [e for e in scenario.events if not e.trap and e.kind != "severe_item"]
    minutes = []
    for event in crises:
        own = [end for end in ends if event.starts_at <= end <= event.starts_at + LATE]
        minutes += [(own[0] - event.starts_at) / timedelta(minutes=1)] if own else []
    spans = [(e.starts_at, e.ends_at + LATE) for e in scenario.events]
    outside = [end for end in ends if not any(begin <= end <= over for begin, over in spans)]
    episodes = sum(
        n == 0 or end - outside[n - 1] > APART * rarity.BUCKET for n, end in enumerate(outside)
    )
    return Found(minutes, len(crises) - len(minutes), episodes)


def told(found: Sequence[Found], weeks: float) -> str:
    minutes = [m for one in found for m in one.minutes]
    planted = len(minutes) + sum(one.missed for one in found)
    p50, p95 = np.quantile(minutes, [0.5, 0.95])
    false = sum(one.false for one in found) / weeks
    return (f"found {len(minutes)} of {planted}; minutes p50 {p50:.0f}, p95 {p95:.0f}; "
            f"false episodes a week {false:.2f}")  # fmt: skip


def planned() -> None:
    plans, by_hour, by_half = [], [], []
    for seed in SEEDS:
        scenario = generate(seed, START, DAYS, lenders=lenders())
        counts = np.zeros(DAYS * rarity.PER_DAY)
        for one in scenario.planned:
            at = one.mention.published_at
            ours = "chenghu" in one.gold.about and one.gold.sentiment == "neg"
            if ours and at is not None and START <= at < START + DAYS * DAY:
                counts[int((at - START) / rarity.BUCKET)] += 1
        plans.append(scenario)
        by_hour.append(hours(counts, START))
        by_half.append(rarity.scores(counts, int(START.timestamp() // 1800)))
    weeks = DAYS / 7 * len(SEEDS)
    base = [judged(*pair, 1.0) for pair in zip(plans, by_hour, strict=True)]
    print(f"hours:      {told(base, weeks)}")
    most = sum(one.false for one in base)
    for threshold in np.arange(1.5, 6.0, 0.05):
        found = [judged(*pair, float(threshold)) for pair in zip(plans, by_half, strict=True)]
        if sum(one.false for one in found) <= most:
            print(f"half hours: {told(found, weeks)} (threshold {threshold:.2f})")
            break
    for threshold in (2.6, 3.0, 3.5, 4.0):
        both = [np.maximum(h >= 1.0, s >= threshold) for h, s in zip(by_hour, by_half, strict=True)]
        found = [judged(one, np.asarray(b, float), 1.0) for one, b in zip(plans, both, strict=True)]
        print(f"either:     {told(found, weeks)} (threshold {threshold:.2f})")


def benchmark(folder: Path) -> None:
    data = pd.read_csv(folder / "realTweets_dev.csv.xz")
    data["anomaly_score"] = 0.0
    for _, rows in data.groupby("file", sort=False):
        moments = pd.to_datetime(rows["timestamp"]).to_numpy("datetime64[s]").astype(np.int64)
        number, ends = table.half_hours(moments)
        first = int(number[0])
        sums = np.zeros(int(number[-1]) - first + 1)
        np.add.at(sums, number - first, rows["value"].to_numpy(float))
        raw = hours(sums, datetime.fromtimestamp(first * 1800, UTC))
        found = rarity.records(raw)
        scores = np.zeros(len(rows))
        for row, half in ends:
            scores[row] = max(scores[row], found[half - first])
        data.loc[rows.index, "anomaly_score"] = scores
    with tempfile.TemporaryDirectory() as place:
        target = Path(place) / "scores.csv"
        data[["file", "timestamp", "anomaly_score"]].to_csv(target, index=False)
        words = [sys.executable, str(folder / "nab_score.py"), str(target), "--loo"]
        done = subprocess.run(words, check=True, capture_output=True, text=True)
    scored = json.loads(done.stdout)
    loo = " / ".join(f"{one['score_leave_one_out']:.1f}" for one in scored.values()
                     if isinstance(one, dict) and "score_leave_one_out" in one)  # fmt: skip
    standard = scored["standard"]
    hit, false = standard["windows_hit"], standard["false_per_series_week"]
    print(f"hours on the benchmark: {loo}; windows {hit}; false a series-week {false:.2f}")


if __name__ == "__main__":
    planned()
    if sys.argv[1:]:
        benchmark(Path(sys.argv[1]))
