"""How good we are, counted from what people said; and the page that shows it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import altair as alt
import pytest

from dashboard import tallies, words
from dashboard.queries import quality
from dashboard.queries.quality import Agreement, Corrected
from data.model import Level, Outcome
from data.store import judgements, labels, runs
from data.store.corrections import Label, Matter
from data.store.db import Store
from data.store.judgements import Week
from tests.conftest import NOW
from tests.dashboard import seeds
from tests.dashboard.test_desk import naming
from tests.dashboard.test_views import html, look

DAY = timedelta(days=1)


def label(store: Store, key: int, by: str, what: Matter, value: str, allegation: str = "",
          at: datetime = NOW) -> None:  # fmt: skip
    with store.write() as conn:
        labels.add(conn, Label(lender=seeds.LENDER, mention_id=key, revision=1, at=at, by=by,
                               what=what, value=value, allegation=allegation))  # fmt: skip


@pytest.fixture
def labelled(any_store: Store) -> Store:
    """Two complaints on which two people worked, and differed once."""
    first, second = seeds.put(
        any_store, [seeds.seed(n, NOW, seeds.COMPLAINT, seeds.GRAVE[0]) for n in range(2)]
    )
    label(any_store, first, "王某", Matter.SENTIMENT, "neu")
    label(any_store, first, "李某", Matter.SENTIMENT, "neg")
    label(any_store, second, "王某", Matter.ALLEGATION, "absent", "abusive_visit")
    label(any_store, second, "李某", Matter.ALLEGATION, "absent", "abusive_visit")
    label(any_store, first, "王某", Matter.ALLEGATION, "absent", "abusive_visit")
    label(any_store, first, "王某", Matter.ALLEGATION, "", "abusive_visit")  # taken back
    label(any_store, second, "赵某", Matter.SENTIMENT, "pos", at=NOW - 99 * DAY)
    return any_store


def test_labels_are_counted_by_person(labelled: Store) -> None:
    with labelled.read() as conn:
        found = quality.people(conn, seeds.LENDER, NOW - DAY)
    assert [(one.name, one.total) for one in found] == [("王某", 4), ("李某", 2)]
    assert found[0].counts == {"sentiment": 1, "allegation": 3}
    assert found[0].last_at == NOW


def test_what_was_taken_back_is_no_correction(labelled: Store) -> None:
    with labelled.read() as conn:
        assert quality.corrected(conn, seeds.LENDER, NOW - DAY) == (
            Corrected("abusive_visit", 1, 0),
        )


def test_two_people_are_compared_by_their_newest_word(labelled: Store) -> None:
    with labelled.read() as conn:
        found = quality.agreement(conn, seeds.LENDER, NOW - DAY)
        assert found == (Agreement("allegation", 1, 1), Agreement("sentiment", 1, 0))
        assert quality.agreement(conn, "muhe", NOW - DAY) == ()


def test_figures_are_kept_as_they_were_measured(any_store: Store) -> None:
    with any_store.write() as conn:
        for back, value in ((2, 812), (1, 834)):
            key = runs.start(conn, quality.STAGE, "", NOW - back * DAY)
            runs.finish(conn, key, NOW, Outcome.OK, {"allegations F1": value}, f"v{back}")
        found = quality.measured(conn)
    assert [one.values["allegations F1"] for one in found] == [0.812, 0.834]
    assert found[-1].made_by == "v1"


@pytest.mark.parametrize("dark", [False, True])
def test_the_weeks_are_a_chart(dark: bool) -> None:
    week = Week(NOW.date(), useful=3, false=1, unjudged=2)
    drawn = tallies.weeks(naming(), [week], dark=dark)
    alt.Chart.from_dict(drawn)
    assert [(row["what"], row["n"]) for row in drawn["data"]["values"]] == [
        ("有用", 3), ("误报", 1), ("未评价", 2),
    ]  # fmt: skip


@pytest.mark.parametrize(("lang", "worth"), [("zh", "1 次告警中，100% 值得看"),
                                             ("en", "100% of 1 judged alert was")])  # fmt: skip
def test_the_page_says_it(site: Store, lang: str, worth: str) -> None:
    now = datetime.now(UTC)  # noqa: TID251  # the pages' clock is the real one
    ids = seeds.put(site, [seeds.seed(1, now, seeds.COMPLAINT, seeds.GRAVE[0])], now)
    incident = seeds.incident(site, ids, now, "上门", Level.ORANGE)
    with site.write() as conn:
        judgements.judge(conn, incident, "useful", "王某", now)
    label(site, ids[0], "王某", Matter.SENTIMENT, "neu", at=now)
    at = look("quality", lang=lang)
    assert worth in html(at)
    assert len(at.get("vega_lite_chart")) == 1
    assert ">王某</td>" in html(at)


FLOORS = json.loads(Path("tests/gold/floors.json").read_text("utf-8"))["floors"]


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_every_figure_has_a_name_in_each_language(lang: str) -> None:
    names = replace(naming(), t=words.load(lang))
    known = set(names.t.keys("figure"))
    for key in FLOORS:
        parts = key.replace(": ", ", ").split(", ")
        assert set(parts) <= known, key
        shown = names.figure(key)
        assert (re.search("[\u4e00-\u9fff]", shown) is not None) == (lang == "zh"), shown
    assert names.figure("something new: recall").startswith("something new · ")


def test_the_page_names_a_figure_in_the_reader_s_language(site: Store) -> None:
    with site.write() as conn:
        now = datetime.now(UTC)  # noqa: TID251  # the page goes by the real clock
        key = runs.start(conn, quality.STAGE, "", now)
        counts = {"facts, amounts, test: recall": 912}
        runs.finish(conn, key, now, Outcome.OK, counts, "v1")
    for lang, name in (
        ("zh", "事实 · 金额 · 测试集 · 召回率"),
        ("en", "Facts · amounts · test · recall"),
    ):
        shown = "".join(frame.value.to_csv() for frame in look("quality", lang=lang).dataframe)
        assert name in shown


def test_a_change_is_signed_and_a_first_measurement_has_none(site: Store) -> None:
    now = datetime.now(UTC)  # noqa: TID251  # the pages' clock is the real one
    for days, counts in ((2, {"a: recall": 900}), (1, {"a: recall": 888, "b: recall": 500})):
        with site.write() as conn:
            key = runs.start(conn, quality.STAGE, "", now - days * DAY)
            runs.finish(conn, key, now - days * DAY, Outcome.OK, counts, "v1")
    rows = look("quality").dataframe[0].value.set_index("name")
    assert list(rows["value"]) == ["0.888", "0.500"]
    assert list(rows["change"]) == ["−0.012", "–"]
