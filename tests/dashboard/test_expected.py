"""What an hour usually brings."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from dashboard import expected

HOUR = timedelta(hours=1)
END = datetime(2026, 11, 25, 6, tzinfo=UTC)


def test_an_hour_is_compared_with_the_same_hour_of_earlier_days() -> None:
    first = END - timedelta(days=28)
    at_six = {END - n * timedelta(days=1): n for n in range(1, 29)}
    noise = {at + HOUR: 99 for at in at_six}
    usual = expected.by_hour(at_six | noise, [END], first)[END]
    assert (usual.low, usual.middle, usual.high) == (3.7, 14.5, 25.3)


def test_hours_without_mentions_count_as_none_and_too_little_history_says_nothing() -> None:
    quiet = expected.by_hour({}, [END], END - timedelta(days=10))[END]
    assert (quiet.low, quiet.middle, quiet.high) == (0, 0, 0)
    assert expected.by_hour({}, [END], END - timedelta(days=6)) == {}
    assert expected.by_hour({}, [END], None) == {}


def test_a_day_is_compared_with_days_that_end_at_the_same_hour() -> None:
    first = END - timedelta(days=15)
    counts = {first + n * HOUR: 2 for n in range(15 * 24)}
    usual = expected.by_day(counts, END - HOUR, first)
    assert usual is not None
    assert usual.middle == 48
    assert expected.by_day(counts, END, END - timedelta(days=5)) is None


def test_what_nobody_heard_is_no_zero() -> None:
    """Ten a day, and three days on which everything was down: the usual is ten."""
    first = END - timedelta(days=20)
    down = {END - timedelta(days=n) for n in (2, 3, 4)}
    counts = {END - timedelta(days=n): 10 for n in range(1, 21)}
    for hour in down:
        del counts[hour]
    usual = expected.by_hour(counts, [END], first, down)[END]
    assert (usual.low, usual.high) == (10, 10)
    by_day = expected.by_day(counts, END, first, down)
    assert by_day is not None
    assert (by_day.low, by_day.high) == (10, 10)
    assert expected.by_hour(counts, [END], first)[END].low == 0
