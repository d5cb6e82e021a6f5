"""What crawlers note is told in Chinese too, and in English as they wrote it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest

from crawlers.verdict import judge
from dashboard import words
from dashboard.remarks import remark

ZH, EN = words.load("zh"), words.load("en")


@pytest.mark.parametrize(
    "stats",
    [
        {"blocked/waf": 1},
        {"blocked/said_no": 1, "verdict/why": "/list: the list answers with code 5"},
        {"robotstxt/forbidden": 3},
        {"robotstxt/denied/http_500": 1},
        {"offsite/filtered": 1},
        {"pages/changed": 1, "verdict/why": "/a/b: the key data.list is missing"},
        {"pages/changed": 1, "verdict/why": "/a: the page is cut off: it has no end"},
        {"pages/unread": 3, "pages/read": 1, "verdict/why": "/a: main.sn is no whole number: 'x'"},
        {"finish_reason": "shutdown"},
        {"finish_reason": "closespider_timeout"},
        {"finish_reason": "finished", "log_count/ERROR": 2},
        {"finish_reason": "finished", "httperror/response_ignored_count": 2},
        {"finish_reason": "finished", "pages/lost": 2, "pages/lost_why": "TimeoutError: 30 s"},
        {"finish_reason": "finished"},
        {"finish_reason": "finished", "pages/list": 1, "pages/cap_reached": 1},
    ],
)
def test_a_verdict_is_told_in_the_language_of_the_page(stats: Mapping[str, Any]) -> None:
    note = judge(stats).note
    told = remark(ZH, note)
    assert remark(EN, note) == note
    assert re.search(r"[\u4e00-\u9fff]", told)
    left = re.sub(r"（.*?）|/\S*|data\.list|main\.sn|robots\.txt|'x'", "", told)
    assert re.findall(r"[A-Za-z]{3,}", left) == []


def test_what_is_drifting_is_told_in_chinese() -> None:
    note = "nothing new for 30 h; the newest line used to be 6 h old at most"
    assert remark(ZH, note) == "30 小时没有新内容；往常最新一条最多 6 小时前"
    note = "title is filled in 3% of the mentions instead of 98%; something new"
    assert remark(ZH, note) == "只有 3% 的内容填有 title，往常 98%；something new"
