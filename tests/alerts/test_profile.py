"""Titles: what is said, where, and how often, in both languages."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from alerts.policy import policy_of
from alerts.profile import headline, profile
from alerts.words import Language
from data.settings import Settings
from tests.alerts.conftest import item
from tests.conftest import NOW

KNOWN = policy_of(Settings()).allegations
VISIT, FEES, THREAT = "abusive_visit", "disguised_fees", "threat_of_violence"


@pytest.mark.parametrize(
    ("why", "key", "tags", "zh", "en"),
    [
        ("the commonest names it", "visit_and_violence@佛山", [VISIT] * 3 + [FEES],
         "佛山上门滋扰：负面 4 条", "佛山 Abusive home or workplace visits: 4 negative"),
        ("of equally common ones the gravest", "visit_and_violence@", [VISIT, THREAT] * 2,
         "人身财产威胁：负面 4 条", "Threat of violence: 4 negative"),
        ("what few allege, among many that allege nothing", "negative@", [VISIT] + [""] * 10,
         "负面声音：负面 11 条", "Negative talk: 11 negative"),
        ("nothing is alleged", "negative@", ["", ""],
         "负面声音：负面 2 条", "Negative talk: 2 negative"),
        ("a list", "routine:visit_and_violence", [VISIT, VISIT],
         "上门滋扰等严重投诉：2 条",
         "Abusive home or workplace visits and like severe complaints: 2"),
        ("many on one day", "severe", [THREAT, VISIT],
         "严重指控集中出现：2 条", "Severe allegations pile up: 2"),
        ("one that made them many", "severe", [THREAT],
         "人身财产威胁：负面 1 条", "Threat of violence: 1 negative"),
        ("talk", "volume", [""], "声量突增（多数并非负面）：1 条",
         "More talk than usual, mostly not negative: 1"),
        ("a notice", "regulator", [""], "监管文书点名：1 份",
         "Regulator's notices naming the lender: 1"),
        ("a hot list", "hotlist", [""], "登上热搜榜：1 条", "On a hot-search list: 1"),
    ],
)  # fmt: skip
def test_a_title_says_what_where_and_how_often(
    why: str, key: str, tags: Sequence[str], zh: str, en: str
) -> None:
    members = [item(n, NOW, tags=[tag] if tag else []) for n, tag in enumerate(tags, start=1)]
    about = profile(members, KNOWN)
    titles: dict[Language, str] = {"zh": zh, "en": en}
    for language, title in titles.items():
        assert headline(key, about, KNOWN, len(members), language) == title, why
