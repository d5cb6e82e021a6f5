from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.series import Floats, dense, gaps_in, midnight, trailing, usual
from data.settings import Burst
from data.store.series import Hour, HourTag

SHAPE = np.array([1, 1, 1, 1, 1, 1, 2, 4, 6, 8, 9, 8, 7, 7, 8, 8, 7, 7, 6, 7, 7, 6, 4, 2]) / 5
START = datetime(2026, 10, 11, 16, tzinfo=UTC)  # a midnight in Shanghai


def ordinary(days: int, level: float, seed: int = 5) -> Floats:
    found: Floats = (
        np.random.default_rng(seed).poisson(np.tile(SHAPE * level, (days, 1))).astype(float)
    )
    return found


def learnt(history: Floats, **policy: float) -> Floats:
    weekend = np.arange(len(history)) % 7 >= 5
    return usual(history, weekend, False, Burst.model_validate(policy)).threshold


def test_a_shanghai_day_begins_at_four_in_the_afternoon_utc() -> None:
    assert midnight(datetime(2026, 10, 12, 15, 59, tzinfo=UTC)) == START
    assert midnight(datetime(2026, 10, 12, 16, 0, tzinfo=UTC)) == START + timedelta(days=1)


def test_rows_become_one_array_per_series() -> None:
    hour = START + timedelta(days=1, hours=3)
    rows = [Hour(hour, "a", "neg", 4, 2), Hour(hour, "b", "pos", 3, 0)]
    tags = [HourTag(hour, "a", "abusive_visit", 2), HourTag(hour, "a", "unheard_of", 9)]
    series = dense(rows, tags, {"abusive_visit": "visit"}, START, 2)
    assert {name: values[1, 3] for name, values in series.items()} == {
        "all": 7, "negative": 4, "severe": 2, "source:a": 4, "group:visit": 2,
    }  # fmt: skip
    assert all(values.sum() == values[1, 3] for values in series.values())


@pytest.mark.parametrize(
    ("why", "dead", "is_gap"),
    [
        ("an outage through a busy day is a hole", slice(6 * 24 + 8, 6 * 24 + 20), True),
        ("a silent night is no hole", slice(6 * 24 + 1, 6 * 24 + 5), False),
    ],
)
def test_gaps(why: str, dead: slice, is_gap: bool) -> None:
    counts = ordinary(10, 3.0)
    counts.ravel()[dead] = 0
    assert gaps_in(counts).ravel()[dead].all() == is_gap, why


def test_before_the_first_mention_nothing_was_observed() -> None:
    counts = ordinary(4, 3.0)
    counts[:2] = 0
    assert gaps_in(counts)[:2].all()
    assert gaps_in(np.zeros((2, 24))).all()


def test_a_gap_does_not_lower_what_is_expected() -> None:
    counts = ordinary(28, 3.0)
    holed = counts.copy()
    holed[20:24] = np.nan
    dead = counts.copy()
    dead[20:24] = 0
    whole, with_gap, with_zeros = (
        usual(x, np.arange(28) % 7 >= 5, False, Burst()).expected.sum()
        for x in (counts, holed, dead)
    )
    assert abs(with_gap - whole) < 0.1 * whole
    assert with_zeros < 0.93 * whole


@pytest.mark.parametrize("level", [0.1, 0.5, 2.0, 10.0, 50.0])
def test_one_rarity_fits_small_and_large_lenders(level: float) -> None:
    """The rule promises one ordinary hour in 2,000; it keeps within three times that."""
    counts = ordinary(28 + 84, level, seed=11)
    fired = sum(
        int((counts[day] >= learnt(counts[day - 28 : day])).sum()) for day in range(28, 112)
    )
    assert fired <= 3 * 84 * 24 * 0.0005


def test_an_hour_five_times_as_loud_as_usual_fires_by_day_and_by_night() -> None:
    threshold = learnt(ordinary(28, 6.0))
    assert (threshold[8:22] <= 5 * SHAPE[8:22] * 6.0).all()
    assert threshold[2:5].max() < threshold[9:12].min()


def test_a_past_crisis_does_not_hide_the_next() -> None:
    calm = ordinary(28, 3.0)
    stormy = calm.copy()
    stormy[15, 8:22] += 60
    assert (learnt(stormy) <= learnt(calm) + 4).all()


def test_the_minimum_holds_for_a_lender_nobody_talks_about() -> None:
    assert (learnt(np.zeros((28, 24)), minimum=7) == 7).all()


@pytest.mark.parametrize(("days", "least"), [(0, np.inf), (1, np.inf), (3, 25.0), (6, 25.0)])
def test_the_first_week_is_cautious(days: int, least: float) -> None:
    history = np.full((8, 24), np.nan)
    history[8 - days :] = 20.0
    assert (learnt(history) == least).all()


def test_sums_of_some_hours_end_with_each_hour() -> None:
    sums = trailing(np.arange(48, dtype=float).reshape(2, 24), 3)
    assert np.isnan(sums[0, :2]).all()
    assert sums[0, 2] == 0 + 1 + 2
    assert sums[1, 0] == 22 + 23 + 24


@given(st.integers(0, 2**32 - 1), st.floats(0.01, 40), st.integers(7, 28))
def test_bounds_are_finite_and_in_order(seed: int, level: float, days: int) -> None:
    history = ordinary(days, level, seed)
    found = usual(history, np.arange(days) % 7 >= 5, bool(seed % 2), Burst())
    assert np.isfinite(found.threshold).all()
    assert (found.threshold >= Burst().minimum).all()
    assert (found.low <= found.high).all()
    assert (found.expected >= 0).all()
