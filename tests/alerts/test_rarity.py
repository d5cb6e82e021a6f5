"""The detector on half hours: finds what is planted, at any volume, and never looks ahead."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.rarity import PER_DAY, QUIET, Floats, records, scores, usual
from alerts.table import score_file, score_rows
from alerts.tail import fit
from data.errors import InputError

MONDAY = 4 * PER_DAY  # since the epoch, a Thursday
FIRED = 2.6


def plain(days: int, a_day: float, seed: int = 1) -> Floats:
    """Counts with a night and a day, Poisson."""
    hour = np.arange(days * PER_DAY) % PER_DAY
    mean = a_day / PER_DAY * (1 + 0.8 * np.sin((hour - 16) / PER_DAY * 2 * np.pi))
    return np.random.default_rng(seed).poisson(mean).astype(float)


@pytest.mark.parametrize("a_day", [10, 140, 5000])
def test_one_threshold_finds_a_burst_at_any_volume(a_day: float) -> None:
    counts = plain(21, a_day)
    burst = 20 * PER_DAY + 30
    counts[burst] += 4 * counts.max() + 4
    found = scores(counts, MONDAY)
    assert found[burst] > FIRED
    assert np.argmax(found) == burst


@pytest.mark.parametrize("a_day", [10, 140, 5000])
def test_plain_days_seldom_fire(a_day: float) -> None:
    found = [scores(plain(42, a_day, seed), MONDAY) for seed in range(3)]
    weeks = 3 * 5  # the first week has little past
    assert sum(int((one[7 * PER_DAY :] >= FIRED).sum()) for one in found) <= 0.6 * weeks


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 8 * PER_DAY - 1), st.integers(0, 10_000))
def test_the_future_changes_no_score_before_it(cut: int, value: int) -> None:
    counts = plain(8, 140)
    changed = counts.copy()
    changed[cut:] = value
    before, after = scores(counts, MONDAY)[:cut], scores(changed, MONDAY)[:cut]
    assert np.array_equal(before, after)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 4000), min_size=200, max_size=400), st.integers(1, 199))
def test_later_rows_change_no_score_before_them(gaps: list[int], cut: int) -> None:
    moments = np.cumsum(np.array(gaps, dtype=np.int64))
    values = np.arange(len(gaps), dtype=np.float64) % 7
    later = moments.copy()
    later[cut:] += 777
    whole = score_rows(moments, values)
    assert np.array_equal(whole[:cut], score_rows(moments[:cut], values[:cut]))
    assert np.array_equal(whole[:cut], score_rows(later, values * (later == moments))[:cut])


def test_a_burst_is_told_once_and_again_when_it_is_louder() -> None:
    raw = np.zeros(3 * QUIET)
    raw[[5, 6, 9, 5 + QUIET + 9]] = [3.0, 2.9, 3.5, 3.0]
    assert np.flatnonzero(records(raw)).tolist() == [5, 9, 5 + QUIET + 9]


def test_a_gap_is_no_silence() -> None:
    counts = plain(14, 480)
    counts[6 * PER_DAY : 9 * PER_DAY] = np.nan
    full = usual(plain(14, 480), MONDAY)
    silent = usual(np.nan_to_num(counts), MONDAY)
    known = usual(counts, MONDAY)
    last = slice(-PER_DAY, None)
    assert known[last].mean() == pytest.approx(full[last].mean(), rel=0.1)
    assert silent[last].mean() < 0.8 * full[last].mean()


def test_a_tail_is_one_decade_a_scale_times_ln_10() -> None:
    past = np.arange(1000.0)
    tail = fit(past)
    assert tail.start == 989
    value = tail.start + 1.0
    decade = tail.score(value + tail.scale * np.log(10), past) - tail.score(value, past)
    assert decade == pytest.approx(1.0)


def test_a_file_is_scored_row_by_row(tmp_path: Path) -> None:
    counts = plain(16, 140)
    counts[15 * PER_DAY + 20] = 60
    times = np.arange(len(counts) * 6) * 300 + 1_424_908_800
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    lines = ["file,timestamp,value"]
    for name in ("a.csv", "b.csv"):
        for row, moment in enumerate(times):
            value = counts[row // 6] if row % 6 == 2 and name == "a.csv" else 0
            lines.append(f"{name},{np.datetime64(int(moment), 's')},{value:g}")
    source.write_text("\n".join(lines) + "\n")
    assert score_file(source, target) == 2 * len(times)
    told = target.read_text().splitlines()
    assert told[0] == "file,timestamp,anomaly_score"
    assert [line.rsplit(",", 1)[0] for line in told[1:]] == [
        line.rsplit(",", 1)[0] for line in lines[1:]
    ]
    loudest = max(told[1:], key=lambda line: float(line.rsplit(",", 1)[1]))
    row = (15 * PER_DAY + 20) * 6 + 5  # the row that completes the half hour
    assert loudest.startswith(f"a.csv,{np.datetime64(int(times[row]), 's')},")
    assert not any(float(line.rsplit(",", 1)[1]) for line in told if line.startswith("b.csv"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("file,time,value\na,2026-01-01,1\n", "timestamp is missing"),
        ("file,timestamp,value\na,soon,1\n", "line 2, timestamp"),
        ("file,timestamp,value\na,2026-01-01,many\n", "line 2, value"),
        ("file,timestamp,value\na,2026-01-02,1\na,2026-01-01,1\n", "line 3, timestamp"),
        ("", "not readable as CSV"),
    ],
)
def test_a_bad_file_is_named_in_one_sentence(tmp_path: Path, text: str, said: str) -> None:
    source = tmp_path / "in.csv"
    source.write_text(text)
    with pytest.raises(InputError, match=said) as error:
        score_file(source, tmp_path / "out.csv")
    assert str(source) in str(error.value)
