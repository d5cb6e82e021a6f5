"""What a text states becomes columns to choose by, and a count by place and day that follows."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from data.store.db import Store
from data.store.schema import daily_place, verdict
from data.store.stated import LARGEST, Stated, stated
from tests.conftest import NOW
from tests.data.store.test_assessments import judged, stored, write
from tests.data.store.test_mentions import a_mention


def fact(value: Any) -> dict[str, Any]:
    return {"value": value, "field": "text", "start": 0, "end": 1}


FOSHAN = fact({"province": "广东", "city": "佛山", "district": "禅城区"})


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, Stated()),
        ({"region": [fact({"province": "广东", "city": ""}), FOSHAN]}, Stated("广东", "佛山")),
        ({"region": [fact({"province": "上海", "city": ""})]}, Stated("上海")),
        ({"collector": [fact("工号A1"), fact("砺行信用管理")]}, Stated(collector="砺行信用管理")),
        (
            {"amounts": [fact({"yuan": 9.5e4, "role": "other"}),
                         fact({"yuan": 6400.5, "role": "principal"})]},
            Stated(amount=6400),
        ),
        ({"amounts": [fact({"yuan": 1e15, "role": "fee"})]}, Stated(amount=LARGEST)),
    ],
)  # fmt: skip
def test_what_facts_come_to(facts: dict[str, Any], expected: Stated) -> None:
    assert stated(facts) == expected


def test_places_are_counted_by_day_and_never_twice(any_store: Store) -> None:
    batch = stored(any_store, a_mention("1"), a_mention("2"), a_mention("3", published_at=None))
    here = {"region": [FOSHAN], "amounts": [fact({"yuan": 8e3, "role": "principal"})]}
    found = [judged(m, facts=here) for m in batch]
    write(any_store, batch, found)
    write(any_store, batch, found)
    c = daily_place.c
    with any_store.read() as conn:
        [row] = conn.execute(select(c.province, c.city, c.n, c.negative)).all()
        assert tuple(row) == ("广东", "佛山", 2, 2)  # the undated one has no day
        assert set(conn.execute(select(verdict.c.amount)).scalars()) == {8000}
    write(any_store, batch[:1], [])
    with any_store.read() as conn:
        assert conn.execute(select(c.n)).scalar_one() == 1


def test_the_day_is_shanghais(any_store: Store) -> None:
    late = NOW.replace(hour=17)  # 01:00 of the next day in Shanghai
    batch = stored(any_store, a_mention("1", published_at=late))
    write(any_store, batch, [judged(batch[0], facts={"region": [FOSHAN]})])
    with any_store.read() as conn:
        assert conn.execute(select(daily_place.c.day)).scalar_one().day == late.day + 1
