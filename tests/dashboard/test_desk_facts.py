"""The desk chooses and counts by what texts state: place, collector, sum; and by template."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.queries import desk, filters, mentions
from dashboard.queries.filters import Filter
from data.model import Assessment
from data.store import assessments, templates
from data.store import mentions as stored
from data.store.db import Store
from data.store.templates import Placed
from tests.conftest import NOW
from tests.dashboard import seeds
from tests.dashboard.test_desk import CLAUSES, GROUPS, OURS
from tests.dashboard.test_views import html, look

FACTS: list[dict[str, Any]] = [
    {"region": ("广东", "佛山"), "collector": "砺行信用管理", "amounts": 6_400},
    {"region": ("广东", "深圳"), "amounts": 800},
    {"region": ("上海", ""), "collector": "砺行信用管理", "amounts": 52_000},
    {},
]


def fill(store: Store, now: datetime = NOW) -> tuple[int, ...]:
    """Store four complaints that state this; the first two were made from one template."""
    ids = seeds.put(store, [seeds.seed(n, now, seeds.COMPLAINT, seeds.GRAVE[0]) for n in range(4)])
    with store.write() as conn:
        known = assessments.newest(conn, ids, seeds.LENDER)
        made = [_stating(known[key], facts) for key, facts in zip(ids, FACTS, strict=True)]
        assessments.write(conn, stored.get(conn, ids), made)
        templates.place(conn, ids[:2], [Placed(key, ids[0], bytes(64)) for key in ids[:2]])
        templates.keep(conn, ids[0], "两个人堵在＿＿门口，大声说我欠钱不还，邻居都出来看", 2, 2)
    return ids


def _stating(found: Assessment, facts: dict[str, Any]) -> Assessment:
    told: dict[str, Any] = {}
    for slot, said in facts.items():
        value = said
        if slot == "region":
            value = {"province": said[0], "city": said[1]}
        elif slot == "amounts":
            value = {"yuan": said, "role": "principal"}
        told[slot] = [{"value": value}]
    return replace(found, facts=told, made_by="test/2")


@pytest.mark.parametrize(
    ("chosen", "hits"),
    [
        ({"provinces": ("广东",)}, (0, 1)),
        ({"provinces": ("广东",), "cities": ("佛山",)}, (0,)),
        ({"collectors": ("砺行信用管理",)}, (0, 2)),
        ({"amounts": ("under_1000", "over_50000")}, (1, 2)),
        ({"amounts": ("5000_10000",), "collectors": ("砺行信用管理",)}, (0,)),
        ({"provinces": ("西藏",)}, ()),
        ({}, (0, 1, 2, 3)),
    ],
)
def test_what_is_stated_can_be_chosen(
    any_store: Store, chosen: dict[str, Any], hits: tuple[int, ...]
) -> None:
    ids = fill(any_store)
    asked = replace(OURS, **chosen)
    with any_store.read() as conn:
        assert {row.id for row in mentions.page(conn, asked).rows} == {ids[n] for n in hits}
        assert mentions.count(conn, asked) == len(hits)
        assert desk.facets(conn, asked, GROUPS, CLAUSES).total == len(hits)


def test_what_is_stated_is_counted(any_store: Store) -> None:
    ids = fill(any_store)
    with any_store.read() as conn:
        counted = desk.facets(conn, OURS, GROUPS, CLAUSES)
        made = desk.facets(conn, replace(OURS, templates=(ids[0],)), GROUPS, CLAUSES)
    assert counted.of("province") == {"广东": 2, "上海": 1, "": 1}
    assert counted.of("collector") == {"砺行信用管理": 2, "": 2}
    assert counted.of("amount") == {"5000_10000": 1, "under_1000": 1, "over_50000": 1, "": 1}
    assert counted.of("template") == {str(ids[0]): 2}
    assert made.total == 2


def test_a_template_is_said_and_leads_to_its_texts(site: Store) -> None:
    ids = fill(site)
    shown = html(look("desk", m=str(ids[1])))
    assert "与另外 1 个账号的文字出自同一模板" in shown
    assert "出自同一模板" not in html(look("desk", m=str(ids[3])))
    at = look("desk", template=str(ids[0]))
    assert len(_list(at)) == 2


def test_cities_come_with_their_province(site: Store) -> None:
    fill(site)
    assert not _pills(look("desk"), "地市")
    options = _pills(look("desk", province="广东"), "地市")
    assert any(option.startswith("佛山 · 1") for option in options)
    assert len(_list(look("desk", province="广东", city="佛山"))) == 1


def _list(at: AppTest) -> list[str]:
    return list(at.radio(key="at_item").options)


def _pills(at: AppTest, label: str) -> list[str]:
    groups: list[Any] = list(at.get("button_group"))
    return [str(one) for group in groups if group.label == label for one in group.options]


def test_a_search_that_finds_few_keeps_the_order_of_time(any_store: Store) -> None:
    later, undated, early = (
        seeds.seed(n, at, seeds.COMPLAINT, seeds.GRAVE[1])
        for n, at in enumerate((NOW, None, NOW - seeds.HOUR))
    )
    first = seeds.put(any_store, [later, undated, early])
    asked = Filter(seeds.LENDER, words="通讯录")
    with any_store.read() as conn:
        assert filters.rare(conn, asked) is not None
        rows = mentions.page(conn, asked).rows
        assert [row.id for row in rows] == [first[0], first[2], first[1]]
        none = replace(asked, words="谁也没说过的话")
        assert mentions.page(conn, none) == mentions.Page((), None)
