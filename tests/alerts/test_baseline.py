from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np

from alerts.baseline import Baseline, Past
from alerts.series import DAY, HOUR
from data.settings import Burst

START = datetime(2026, 10, 11, 16, tzinfo=UTC)
DAYS = 32


def baseline(counts: np.ndarray, hours: int = 1) -> Baseline:
    return Baseline(counts, Past(counts, START, 28), Burst(), hours)


def counts(seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).poisson(4.0, (DAYS, 24)).astype(float)


def test_a_full_hour_takes_its_own_bounds_and_a_half_hour_blends_two() -> None:
    found = baseline(counts())
    full, half, next_full = (
        found.bounds(START + 30 * DAY + 10 * HOUR + timedelta(minutes=m)).expected
        for m in (0, 30, 60)
    )
    assert half == np.float64((full + next_full) / 2).round(2)


def test_no_bound_moves_when_the_future_changes() -> None:
    """Causal: what was usual on a day is learnt before that day."""
    before, after = counts(), counts()
    after[30:] = 999
    moments = [START + 30 * DAY + k * HOUR / 2 for k in range(1, 48)]
    assert [baseline(before).bounds(m) for m in moments] == [
        baseline(after).bounds(m) for m in moments
    ]


def test_where_the_past_begins_does_not_change_a_day() -> None:
    long = np.random.default_rng(2).poisson(4.0, (60, 24)).astype(float)
    end = START + 59 * DAY + 13 * HOUR
    short = long[30:]
    moved = Baseline(short, Past(short, START + 30 * DAY, 28), Burst(), 6)
    assert Baseline(long, Past(long, START, 28), Burst(), 6).bounds(end) == moved.bounds(end)


def test_unknown_thresholds_are_infinite_not_nan() -> None:
    young = np.zeros((DAYS, 24))
    young[29:] = 3
    ends = np.array([(START + 30 * DAY + k * HOUR / 4).timestamp() for k in range(1, 90)])
    assert (baseline(young).thresholds(ends) == np.inf).all()
