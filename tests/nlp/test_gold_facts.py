"""The gold of facts is whole, and measuring tells right from wrong."""

import hashlib
from collections import Counter
from pathlib import Path

from data.facts.lexicons import lexicons
from nlp import gold_facts
from nlp.facts import FactFinder
from nlp.gold_facts import Row

GOLD = Path(__file__).parents[1] / "gold"


def test_two_hundred_rows_with_every_slot_and_the_half_follows_from_the_text() -> None:
    rows = gold_facts.load(GOLD)
    assert len(rows) >= 200
    assert len({row.text for row in rows}) == len(rows)
    for half in ("dev", "test"):
        slots = {slot for row in rows if row.split == half for slot in row.facts}
        assert slots == set(gold_facts.SLOTS)
    assert [row for row in rows if not row.facts]  # some state nothing
    for row in rows:
        even = int(hashlib.sha256(row.text.encode()).hexdigest(), 16) % 2 == 0
        assert row.split == ("dev" if even else "test"), row.id


def test_what_is_wrong_is_counted_as_wrong() -> None:
    rows = [
        Row(
            "x", "坐标成都，逾期二十天。", {"region": ("四川/成都/",), "days_overdue": (30,)}, "dev"
        )
    ]
    found = gold_facts.measure(rows)
    assert found["region"] == Counter(right=1)
    assert found["days_overdue"] == Counter(extra=1, missed=1)
    assert gold_facts.rates(found["days_overdue"]) == (0, 0)


def test_how_people_write_sums_and_hours() -> None:
    found = FactFinder(lexicons()).find(
        "借5万还了7万8，昨晚十一点半、下午两点、夜里12点打来催我还三千六。"
    )
    assert gold_facts.values("amounts", found) == [50_000, 78_000, 3_600]
    assert gold_facts.values("times", found) == ["23:30", "14:00", "00:00"]
    late = FactFinder(lexicons()).find("已逾期半个月")
    assert gold_facts.values("days_overdue", late) == [15]
