"""Conduct is judged by the rules of its own day."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from data.facts import allegations, rules
from nlp.clauses import Force, happened, in_force, touched

BLAST = next(a for a in allegations() if a.id == "contact_list_blast")
PUBLISHED = datetime(2026, 3, 1, 20, tzinfo=UTC)  # already the second in Shanghai


def forces(day: date | None) -> dict[str, Force]:
    return {one.clause.rule: one.force for one in touched(BLAST, day, rules())}


def test_a_rule_of_later_does_not_apply() -> None:
    early, late = forces(date(2024, 9, 1)), forces(date(2026, 3, 1))
    assert early["gbt45251_2025"] is Force.NO
    assert early["cba_guideline_2026"] is Force.NO
    assert early["civil_code"] is Force.YES
    assert late["gbt45251_2025"] is late["cba_guideline_2026"] is Force.YES
    found = touched(BLAST, date(2024, 9, 1), rules())
    assert {one.rule.id for one in in_force(found)}.isdisjoint(
        {"gbt45251_2025", "cba_guideline_2026"}
    )
    assert found[-1].force is Force.NO


def test_without_a_day_what_is_dated_counts() -> None:
    assert forces(None)["cba_guideline_2026"] is Force.YES


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2024年9月10日催收上门", date(2024, 9, 10)),
        ("2023年5月借的，2025-11-03被爆通讯录", date(2025, 11, 3)),
        ("2024年十一月开始打电话", date(2024, 11, 1)),
        ("说2027年1月1日前不还就起诉", date(2026, 3, 2)),
        ("前天上门", date(2026, 3, 2)),
        ("2024年13月", date(2026, 3, 2)),
    ],
)
def test_the_day_of_the_event(text: str, day: date) -> None:
    assert happened(text, PUBLISHED) == day


def test_no_date_at_all() -> None:
    assert happened("前天上门", None) is None
