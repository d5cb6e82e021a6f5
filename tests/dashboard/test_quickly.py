"""The quick ways to a list lead to the same list: a city's province, stretches of time, counts."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import event

from dashboard.queries import desk, filters, mentions
from dashboard.queries.filters import Filter
from data.facts.places import places, province_of
from data.model import Sentiment
from data.store.db import Store
from tests.conftest import NOW
from tests.dashboard import seeds
from tests.dashboard.test_desk import CLAUSES, GROUPS, OURS
from tests.dashboard.test_desk_facts import fill

SETS = replace(OURS, allegations=("abusive_visit", "excessive_calls"), touching=("abusive_visit",))
NONE = replace(OURS, allegations=("abusive_visit",), sentiments=(Sentiment.POSITIVE,))


def test_a_city_lies_in_one_province() -> None:
    known = Counter(name for names in places() for name in names)
    assert set(known.values()) == {1}
    assert (province_of("佛山"), province_of("广东"), province_of("某地")) == ("广东", "广东", "")


def test_a_city_is_looked_for_in_its_province(any_store: Store) -> None:
    ids = fill(any_store)
    asked = replace(OURS, cities=("佛山",))
    assert asked.around == ("广东",)
    assert replace(OURS, cities=("佛山", "某地")).around == ()  # one that we cannot place
    said: list[Any] = []
    with any_store.read() as conn:
        event.listen(conn, "before_cursor_execute", lambda *made: said.append(made[3]))
        rows = mentions.page(conn, asked, None, 5_000).rows
        counted = desk.facets(conn, asked, GROUPS, CLAUSES)
        assert mentions.count(conn, asked) == counted.total == 1
    assert [row.id for row in rows] == [ids[0]]
    given = [list(one.values()) if isinstance(one, dict) else list(one) for one in said]
    assert all("广东" in values for values in given if "佛山" in values)


@pytest.mark.parametrize("asked", [SETS, NONE, replace(SETS, severities=(5,)), OURS])
@pytest.mark.parametrize("most", [3, 10_000])
def test_stretches_of_time_count_what_all_of_time_does(
    any_store: Store, monkeypatch: pytest.MonkeyPatch, asked: Filter, most: int
) -> None:
    seeds.month(any_store, NOW, days=6)
    for module in (desk, mentions):
        monkeypatch.setattr(module, "COUNT_LIMIT", most)
    found = []
    for stretches in ((), (1, 3)):
        monkeypatch.setattr(filters, "STRETCHES", stretches)
        with any_store.read() as conn:
            found.append((mentions.count(conn, asked), desk.facets(conn, asked, GROUPS, CLAUSES)))
    assert found[0] == found[1]


def test_what_one_stretch_has_enough_of_is_not_asked_for_further(
    postgres_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    seeds.month(postgres_store, NOW, days=6)
    said: list[str] = []
    monkeypatch.setattr(mentions, "COUNT_LIMIT", 1)
    with postgres_store.read() as conn:
        event.listen(conn, "before_cursor_execute", lambda *made: said.append(made[2]))
        assert mentions.count(conn, SETS) == 2
        assert len(said) == 2  # the newest moment, and one count
        assert mentions.count(conn, NONE) == 0
        assert len(said) == 3
    assert said[1].count("published_at >=") == 3  # of the mentions and of both sets of tags


@pytest.mark.parametrize("asked", [SETS, NONE, OURS, replace(OURS, severities=(5,))])
def test_a_page_is_the_same_when_it_knows_how_many_there_are(
    any_store: Store, asked: Filter
) -> None:
    seeds.month(any_store, NOW, days=6)
    with any_store.read() as conn:
        total = mentions.tally(conn, asked).whole
        assert total == desk.facets(conn, asked, (), ()).whole
        for size in (5, 2_000):
            known = mentions.page(conn, asked, None, size, total)
            assert known == mentions.page(conn, asked, None, size)


def test_of_nothing_no_facets_are_counted(postgres_store: Store) -> None:
    seeds.month(postgres_store, NOW, days=3)
    said: list[str] = []
    with postgres_store.read() as conn:
        event.listen(conn, "before_cursor_execute", lambda *made: said.append(made[2]))
        assert desk.facets(conn, NONE, GROUPS, CLAUSES).total == 0
        assert len(said) == 1
        assert desk.facets(conn, replace(NONE, statuses=("处理中",)), (), ()).total == 0
        assert desk.facets(conn, OURS, GROUPS, CLAUSES).total > 0


def test_a_list_that_holds_nothing_is_not_looked_for(any_store: Store) -> None:
    seeds.month(any_store, NOW, days=3)
    said: list[str] = []
    with any_store.read() as conn:
        assert mentions.tally(conn, NONE).whole == 0
        event.listen(conn, "before_cursor_execute", lambda *made: said.append(made[2]))
        assert mentions.page(conn, NONE, None, 50, 0).rows == ()
    assert not [one for one in said if "ORDER BY" in one]
