"""A page about a group, a product or a province counts just that, and so do its proofs."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import event

from alerts.digest import figures, make, scope
from alerts.digest.scope import Scope
from dashboard.queries import mentions
from dashboard.queries.filters import Filter
from data import facts
from data.errors import InputError
from data.model import Level, Sentiment
from data.settings import Settings
from data.store import digests
from data.store.db import Store
from tests.alerts.digest.test_figures import NOW
from tests.alerts.digest.weeks import FACTS, SCOPES, WEEK, fill, mentions_of
from tests.dashboard import seeds

LENDERS = facts.lenders()
SEED = 5
"""A week with enough in every scope."""


@pytest.mark.parametrize("one", SCOPES, ids=lambda one: one.id)
def test_what_is_asked_for_is_what_it_is_called(one: Scope) -> None:
    assert scope.parse(one.id, LENDERS) == one
    assert all(scope.names(one, FACTS.lenders).values())


@pytest.mark.parametrize(
    "written",
    ["x", "", "chenghu+", "chenghu@", "chenghu@佛山", "huguangdai@广东", "chenghu+huguangdai"],
)
def test_what_nobody_knows_is_refused_in_a_sentence(written: str) -> None:
    with pytest.raises(InputError):
        scope.parse(written, LENDERS)


@pytest.mark.parametrize("one", SCOPES, ids=lambda one: one.id)
def test_every_sum_of_a_scope_is_what_its_rows_add_up_to(store: Store, one: Scope) -> None:
    fill(store, SEED)
    with store.read() as conn:
        found = figures.compute(conn, one, WEEK, FACTS)
    rows = pd.DataFrame([row._asdict() for row in mentions_of(store, WEEK, one)])
    assert 5 < len(rows) == found["mentions"]["value"]
    assert found["share"]["k"] == int((rows.sentiment == Sentiment.NEGATIVE).sum())
    assert found["severe"]["value"] == int((rows.severity >= 4).sum())
    days = rows.published_at.dt.tz_convert("Asia/Shanghai").dt.strftime("%Y-%m-%d").value_counts()
    assert {day["day"]: day["n"] for day in found["days"] if day["n"]} == days.to_dict()
    assert found["history"] == 8
    ours = set(rows.mention_id)
    for key, proof in found["proofs"].items():
        if proof["page"] == "feed" and not key.startswith("rival:"):
            assert set(proof["ids"]) <= ours, key
            assert len(proof["ids"]) == min(proof["n"], 50), key


@pytest.mark.parametrize("one", SCOPES, ids=lambda one: one.id)
def test_the_lists_behind_a_number_add_up_to_it(store: Store, one: Scope) -> None:
    """What a click opens is asked of the dashboard itself."""
    fill(store, SEED)
    with store.read() as conn:
        found = figures.compute(conn, one, WEEK, FACTS)
        shown: dict[str, int] = {}
        for key, proof in found["proofs"].items():
            if proof["page"] == "feed":
                n = mentions.count(conn, asked(proof["query"]))
                assert n == proof["n"], key
                shown[key.partition("/")[0]] = shown.get(key.partition("/")[0], 0) + n
    assert shown["mentions"] == found["mentions"]["value"]
    assert shown["share"] == found["share"]["k"]
    assert shown["severe"] == found["severe"]["value"]
    for place in found["places"]["top"]:
        assert shown[place["key"]] == place["n"]
    for key in ("rising", "falling"):
        for row in found["moves"][key]:
            assert shown[f"allegation:{row['id']}"] == row["n"]
    for rival in found["rivals"]["each"]:
        assert shown[f"rival:{rival['slug']}"] == rival["n"]


def asked(query: dict[str, Any]) -> Filter:
    """Return what the feed makes of an address."""
    days = [date.fromisoformat(query[name]) for name in ("from", "to")]
    return Filter(
        lender=query["lender"],
        sentiments=tuple(Sentiment(one) for one in query.get("sentiment", ())),
        allegations=tuple(query.get("allegation", ())),
        severity=query.get("severity", 0),
        provinces=_one(query, "province"),
        cities=_one(query, "city"),
        products=_one(query, "product"),
        dated="dated",
        first_day=days[0],
        last_day=days[1],
    )


def _one(query: dict[str, Any], name: str) -> tuple[str, ...]:
    return (query[name],) if name in query else ()


def test_a_province_has_the_incidents_that_reach_into_it(store: Store) -> None:
    at = WEEK.until - timedelta(hours=40)
    span = {"field": "text", "start": 0, "end": 2}
    told = [seeds.seed(n, at, seeds.COMPLAINT, seeds.GRAVE[0]) for n in range(5)]
    there = {"region": [{"value": {"province": "广东", "city": "佛山"}, **span}]}
    told[0] = replace(told[0], facts=there)
    ids = seeds.put(store, told)
    seeds.incident(store, ids, at, "堵门", Level.ORANGE)
    seeds.incident(store, ids[1:], at, "别处", Level.RED)
    with store.read() as conn:
        found = figures.compute(conn, Scope(("chenghu",), province="广东"), WEEK, FACTS)
    (event,) = found["events"]
    assert (event["title"]["zh"], event["mentions"], event["here"]) == ("堵门", 5, 1)
    assert event["quote"]["words"] == seeds.GRAVE[0].text.split("。")[0]
    assert found["worst"] == Level.ORANGE


@pytest.mark.parametrize("one", SCOPES, ids=lambda one: one.id)
def test_no_incident_is_found_by_walking_through_all_that_was_said(
    store: Store, one: Scope
) -> None:
    """Of a join SQLite made a walk through each verdict of the lender: 25 times the work."""
    fill(store, 3)  # has incidents
    asked: list[tuple[str, Any]] = []
    with store.read() as conn:
        event.listen(conn, "before_cursor_execute", lambda *said: asked.append(said[2:4]))
        figures.compute(conn, one, WEEK, FACTS)
        about = [(words, given) for words, given in asked if "incident_mention" in words]
        plans = [
            row.detail
            for words, given in about
            for row in conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {words}", given)
        ]
    assert any(plan.startswith("SEARCH verdict ") for plan in plans)
    walks = [
        plan for plan in plans if re.search(r"SEARCH verdict .*[(]lender=[?][)]|SCAN verdict", plan)
    ]
    assert walks == []


def test_each_scope_has_its_own_revisions(store: Store) -> None:
    fill(store, SEED)
    for one in SCOPES:
        assert make.make(store, Settings(), WEEK, one, NOW).kept.revision == 1
    with store.read() as conn:
        assert {one.id for one in SCOPES} == set(digests.scopes(conn))
        assert [len(digests.archive(conn, one.id)) for one in SCOPES] == [1] * len(SCOPES)


@pytest.mark.postgres
def test_both_engines_count_the_same(store: Store, postgres_store: Store) -> None:
    """Ids are given out in the same order, so even the proofs are equal."""
    found: list[list[figures.Figures]] = []
    for each in (store, postgres_store):
        fill(each, 7)
        with each.read() as conn:
            found.append([figures.compute(conn, one, WEEK, FACTS) for one in SCOPES])
    assert found[0] == found[1]
