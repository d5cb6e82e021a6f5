"""Every way in which the pages write a time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.times import parse
from data.model import SHANGHAI

BASE = datetime(2026, 11, 25, 12, 0, tzinfo=SHANGHAI)

MOMENTS = {
    "1764921600": "2025-12-05 16:00:00",
    "1795449600000": "2026-11-24 00:00:00",
    "2026-11-20 14:22:05": "2026-11-20 14:22:05",
    "2026-11-20 14:22": "2026-11-20 14:22:00",
    "2026-11-20": "2026-11-20 00:00:00",
    "2026/11/20 14:22": "2026-11-20 14:22:00",
    "2026.11.20": "2026-11-20 00:00:00",
    "2026-11-20T14:22:05": "2026-11-20 14:22:05",
    "2026-11-20T06:22:05Z": "2026-11-20 14:22:05",
    "2026-11-20T14:22:05+08:00": "2026-11-20 14:22:05",
    "2026-11-20T14:22:05.123+0800": "2026-11-20 14:22:05",
    "11-20 14:22:05": "2026-11-20 14:22:05",
    "11-20 14:22": "2026-11-20 14:22:00",
    "12-31 10:00": "2025-12-31 10:00:00",
    "11-26 10:00": "2026-11-26 10:00:00",
    "02-29 10:00": "2024-02-29 10:00:00",
    "2026年9月8日": "2026-09-08 00:00:00",
    "2026 年 9 月 8 日 09：30": "2026-09-08 09:30:00",
    "于2026年3月5日 12:00 于黑猫投诉平台发起": "2026-03-05 12:00:00",
    "于2026年11月20日 14:22:05 于黑猫投诉平台发起": "2026-11-20 14:22:05",
    "11月20日 14:22": "2026-11-20 14:22:00",
    "5月3日": "2026-05-03 00:00:00",
    "20261120": "2026-11-20 00:00:00",
    "20261120142205": "2026-11-20 14:22:05",
    "20260622T200000Z": "2026-06-23 04:00:00",
    "Fri Nov 20 14:22:01 +0800 2026": "2026-11-20 14:22:01",
    "Fri, 20 Nov 2026 06:22:01 GMT": "2026-11-20 14:22:01",
    "Fri, 20 Nov 2026 14:22:01 +0800": "2026-11-20 14:22:01",
    "刚刚": "2026-11-25 12:00:00",
    "30秒前": "2026-11-25 11:59:30",
    "3分钟前": "2026-11-25 11:57:00",
    "半小时前": "2026-11-25 11:30:00",
    "2 小时以前": "2026-11-25 10:00:00",
    "3天前": "2026-11-22 12:00:00",
    "1周前": "2026-11-18 12:00:00",
    "2个月前": "2026-09-26 12:00:00",
    "1年前": "2025-11-25 12:00:00",
    "今天 09:15": "2026-11-25 09:15:00",
    "昨天 12:30": "2026-11-24 12:30:00",
    "昨日": "2026-11-24 00:00:00",
    "前天 23:59:58": "2026-11-23 23:59:58",
    "发布于 昨天 12:30 来自示例手机": "2026-11-24 12:30:00",
}
NO_MOMENTS = ["", " ", "无", "6月31日", "2026-13-01", "2026-02-30 10:00", "25:00", "999999999年前",
              "客服电话400-820-8820", "某金罚决字", "0", "12345", "99999999999999"]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), MOMENTS.items())
def test_a_time_is_read(text: str, expected: str) -> None:
    found = parse(text, BASE)
    assert found is not None
    assert f"{found.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}" == expected


@pytest.mark.parametrize("text", NO_MOMENTS)
def test_what_is_no_time_is_none(text: str) -> None:
    assert parse(text, BASE) is None


def test_a_number_is_read_like_its_digits() -> None:
    assert parse(1795449600, BASE) == parse("1795449600", BASE)
    assert parse(None, BASE) is None


def test_a_day_word_counts_in_shanghai() -> None:
    """At 01:00 in Shanghai it is still the day before in UTC."""
    base = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
    assert parse("今天 00:30", base) == datetime(2026, 11, 24, 16, 30, tzinfo=UTC)


moments = st.datetimes(datetime(2001, 9, 10), datetime(2040, 1, 1)).map(  # noqa: DTZ001
    lambda at: at.replace(microsecond=0, tzinfo=SHANGHAI)
)


@given(moments)
def test_each_exact_form_is_read_back(at: datetime) -> None:
    forms = ["%Y-%m-%d %H:%M:%S", "%Y年%m月%d日 %H:%M:%S", "%Y%m%dT%H%M%S"]
    seconds = int(at.timestamp())
    forms = [at.strftime(form) for form in forms]
    forms += [at.isoformat(), format_datetime(at), str(seconds), str(seconds * 1000)]
    assert {parse(form, BASE) for form in forms} == {at.astimezone(UTC)}


@given(moments, moments)
def test_a_missing_year_is_the_newest_that_is_not_later_than_tomorrow(
    at: datetime, base: datetime
) -> None:
    found = parse(f"{at:%m-%d %H:%M:%S}", base)
    assert found is not None
    assert f"{found.astimezone(SHANGHAI):%m-%d %H:%M:%S}" == f"{at:%m-%d %H:%M:%S}"
    assert found <= base + timedelta(days=1)
    if (at.month, at.day) != (2, 29):
        assert found > base - timedelta(days=366)


@given(st.text(max_size=60))
def test_any_text_gives_an_aware_time_or_none(text: str) -> None:
    found = parse(text, BASE)
    assert found is None or found.tzinfo is UTC
