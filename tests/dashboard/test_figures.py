"""Numbers and times as people read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dashboard import figures
from dashboard.words import load
from tests.conftest import NOW

ZH, EN = load("zh"), load("en")


@pytest.mark.parametrize(
    ("value", "zh", "en"),
    [
        (0, "0", "0"),
        (1234, "1,234", "1,234"),
        (3.4, "3.4", "3.4"),
        (12_000, "1.2 万", "12k"),
        (100_000, "10 万", "100k"),
        (1_000_000, "100 万", "1M"),
        (250_000_000, "2.5 亿", "250M"),
    ],
)
def test_numbers(value: float, zh: str, en: str) -> None:
    assert (figures.number(ZH, value), figures.number(EN, value)) == (zh, en)


@pytest.mark.parametrize(("value", "shown"), [(34, "+34"), (-7, "−7"), (0, "±0")])
def test_changes_carry_their_sign(value: int, shown: str) -> None:
    assert figures.signed(ZH, value) == shown


def test_shares() -> None:
    assert figures.share(31, 100) == "31%"
    assert figures.share(0, 0) == "–"


@pytest.mark.parametrize(
    ("back", "zh", "en"),
    [
        (timedelta(minutes=3), "13:57（3 分钟前）", "13:57 (3 min ago)"),
        (timedelta(seconds=20), "13:59（刚刚）", "13:59 (just now)"),
        (timedelta(hours=2, minutes=12), "11:48（2 小时 12 分前）", "11:48 (2 h 12 min ago)"),
        (timedelta(hours=20), "昨天 18:00（20 小时前）", "yesterday 18:00 (20 h ago)"),
        (timedelta(days=5), "11月20日 14:00（5 天前）", "20 Nov 14:00 (5 d ago)"),
        (timedelta(days=400), "2025年10月21日（400 天前）", "21 Oct 2025 (400 d ago)"),
    ],
)
def test_times_are_shanghai_and_carry_their_age(back: timedelta, zh: str, en: str) -> None:
    assert figures.since(ZH, NOW - back, NOW) == zh
    assert figures.since(EN, NOW - back, NOW) == en


def test_a_day_begins_at_midnight_in_shanghai() -> None:
    after = datetime(2026, 11, 24, 16, 30, tzinfo=UTC)  # 00:30 of the 25th in Shanghai
    assert figures.day(ZH, after) == "11月25日"
    assert figures.when(ZH, after, NOW) == "00:30"


@pytest.mark.parametrize(
    ("n", "over", "among", "zh", "en"),
    [
        (7, False, None, "共 7 条", "7 mentions"),
        (10_000, True, None, "超过 1 万 条", "More than 10k mentions"),
        (7, False, 20_000, "最新 2 万 条里有 7 条", "7 among the newest 20k mentions"),
    ],
)
def test_a_total_says_of_what(n: int, over: bool, among: int | None, zh: str, en: str) -> None:
    told = [figures.total(t, n, over=over, among=among) for t in (ZH, EN)]
    assert told == [zh, en]
