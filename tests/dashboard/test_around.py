"""What is new since last time, where, in which words, from whom; and the wall screen."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import altair as alt
import pytest
import vl_convert

from dashboard import tallies
from dashboard.queries import rising, since, situation
from dashboard.queries.since import News
from dashboard.queries.situation import Place, Spoke
from dashboard.queries.sources import Gap
from data.facts.places import places
from data.model import Level
from data.store import health, incidents
from data.store.db import Store
from data.store.health import Concern, Condition
from data.store.incidents import Event
from tests.conftest import NOW
from tests.dashboard import seeds
from tests.dashboard.test_desk import naming
from tests.dashboard.test_desk_facts import fill
from tests.dashboard.test_views import html, look

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


# ------------------------------------------------------------------------------ last visit
def test_a_visit_begins_after_half_an_hour_away(store: Store) -> None:
    assert since.looked(store, "王某", NOW) is None
    assert since.looked(store, "王某", NOW + 20 * MINUTE) is None  # still the first visit
    later = NOW + 3 * DAY
    assert since.looked(store, "王某", later) == NOW + 20 * MINUTE
    assert since.looked(store, "王某", later + 5 * MINUTE) == NOW + 20 * MINUTE
    assert since.looked(store, "李某", later) is None
    assert since.looked(store, "王某", later + DAY) == later + 5 * MINUTE


def test_news_are_what_came_after_the_last_visit(any_store: Store) -> None:
    ids = seeds.put(any_store, [seeds.seed(1, NOW, seeds.COMPLAINT, seeds.GRAVE[0])])
    old = seeds.incident(any_store, ids, NOW, "旧", Level.ORANGE, timedelta(days=3))
    with any_store.write() as conn:
        incidents.add_events(conn, old, [Event(NOW, "王某", "closed", {"why": "处理完毕"})])
        health.note(conn, "eastmoney_guba", [Concern(Condition.BLOCKED, NOW, "456")], NOW)
    seeds.incident(any_store, ids, NOW, "新", Level.YELLOW, timedelta(hours=2))
    with any_store.read() as conn:
        found = since.news(conn, seeds.LENDER, NOW - DAY, NOW + MINUTE)
        assert found == News(opened=1, rose=2, closed=1, ill=1)
        assert not since.news(conn, "muhe", NOW + MINUTE, NOW + DAY)


# ------------------------------------------------------------------------------ regions
def test_every_province_has_a_tile_of_its_own() -> None:
    assert {names[0] for names in places()} == set(tallies.TILES)
    assert len(set(tallies.TILES.values())) == len(tallies.TILES)


def test_regions_are_counted_and_lead_down_to_cities(any_store: Store) -> None:
    fill(any_store)
    span = (date(2026, 11, 20), date(2026, 11, 25))
    with any_store.read() as conn:
        assert situation.regions(conn, seeds.LENDER, *span) == (
            Place("广东", 2, 2), Place("上海", 1, 1),
        )  # fmt: skip
        cities = situation.regions(conn, seeds.LENDER, *span, province="广东")
        assert {one.name for one in cities} == {"佛山", "深圳"}
        assert situation.regions(conn, seeds.LENDER, span[0], date(2026, 11, 24)) == ()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_tiles_say_their_counts(language: str) -> None:
    drawn = tallies.provinces(naming(language), {"广东": 21}, dark=False)
    alt.Chart.from_dict(drawn)
    said = {row["name"]: row["said"] for row in drawn["data"]["values"]}
    assert len(said) == len(tallies.TILES)
    assert set(said.values()) == {"21", ""}  # one type: the screen makes a table of it
    alt.Chart.from_dict(tallies.cities(naming(language), {"佛山": 3, "深圳": 9}, dark=True))


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("width", [310, 640])
def test_no_tile_is_narrower_than_its_name(language: str, width: int) -> None:
    """A phone's tiles are 35 pixels wide: Heilongjiang is its two letters there."""
    counts = dict.fromkeys(tallies.TILES, 5)
    drawn = tallies.provinces(naming(language), counts, dark=False) | {"width": width}
    svg = str(vl_convert.vegalite_to_svg(json.dumps(drawn)))
    names = {one for one in re.findall(r">([^<>]+)</text>", svg) if not one.isdigit()}
    if language == "zh":
        assert names == set(tallies.TILES)
    elif width < 500:
        assert names == {naming(language).short_place(zh) for zh in tallies.TILES}
    else:
        assert names == {naming(language).place(zh) for zh in tallies.TILES}


# ------------------------------------------------------------------------------ rising words
def test_a_word_rises_when_its_share_surely_does() -> None:
    now = Counter({"堵门": 20, "电话": 60, "少见": 3, "澄湖": 50})
    then = Counter({"堵门": 10, "电话": 300, "澄湖": 10})
    [one] = rising.ranked(now, 100, then, 600, names=("澄湖消费金融",))
    assert (one.word, one.n, one.now) == ("堵门", 20, 0.2)
    assert one.usual == pytest.approx(10 / 600)


@pytest.mark.parametrize("n", [0, 100])
def test_nothing_rises_without_a_past_or_a_present(n: int) -> None:
    assert rising.ranked(Counter({"堵门": 50}), n, Counter(), 100 - n) == ()


def test_a_part_of_a_risen_word_is_not_told_again() -> None:
    found = rising.ranked(Counter({"家门口": 30, "门口": 28}), 100, Counter(), 1000)
    assert [one.word for one in found] == ["家门口"]


def test_a_crisis_raises_its_words(any_store: Store) -> None:
    seeds.month(any_store, NOW, days=20)
    with any_store.read() as conn:
        words = {one.word for one in rising.rising(conn, seeds.LENDER, NOW, top=99)}
    assert words >= {"堵门", "家门口", "通讯录", "大字报"}
    assert not words & {"他们", "会员", "客服"}
    with any_store.read() as conn:
        calm = rising.rising(conn, seeds.LENDER, NOW - 2 * DAY)
    assert len(calm) <= 1


# ------------------------------------------------------------------------------ who spoke
def test_a_day_that_was_not_heard_is_no_zero() -> None:
    bounds = [NOW - 2 * DAY, NOW - DAY, NOW]
    gap = Gap("eastmoney_guba", NOW - DAY, None, Condition.BLOCKED)
    spoken = [Spoke("heimao_public", 0, 7), Spoke("eastmoney_guba", 0, 5)]
    drawn = tallies.mix(naming(), spoken, [gap], bounds, dark=False)
    alt.Chart.from_dict(drawn)
    said = [(row["source"], row["said"]) for row in drawn["data"]["values"]]
    guba, heimao = naming().source("eastmoney_guba"), naming().source("heimao_public")
    assert said == [(heimao, "7"), (heimao, ""), (guba, "5"), (guba, "▨")]
    axis = drawn["layer"][0]["encoding"]["x"]["axis"]
    assert axis["labelOverlap"]  # labels that touch on a narrow page are left out
    assert axis["labelSeparation"] >= 5


def test_sources_are_counted_by_day(any_store: Store) -> None:
    batch = [seeds.seed(1, NOW, seeds.COMPLAINT, seeds.GRAVE[0]),
             seeds.seed(2, NOW - DAY, seeds.FORUM, seeds.GRAVE[0])]  # fmt: skip
    seeds.put(any_store, batch)
    with any_store.read() as conn:
        found = situation.mix(conn, seeds.LENDER, (NOW - 2 * DAY, NOW - MINUTE * 60, NOW + DAY))
    assert set(found) == {Spoke("heimao_public", 1, 1), Spoke("eastmoney_guba", 0, 1)}


# ------------------------------------------------------------------------------ the page
def test_the_wall_shows_the_answer_and_no_control(site: Store) -> None:
    seeds.month(site, datetime.now(UTC), days=9)  # noqa: TID251  # the pages' clock is the real one
    at = look("situation", wall="1")
    shown = html(at)
    assert "tf-wall" in shown
    assert "上门催收与到单位张贴" in shown
    assert not at.button
    assert len(at.get("vega_lite_chart")) == 2


def test_a_province_opens_into_its_cities(site: Store) -> None:
    fill(site, datetime.now(UTC))  # noqa: TID251  # the pages' clock is the real one
    whole, within = look("situation"), look("situation", place="广东")
    drawn = [len(at.get("vega_lite_chart")) for at in (whole, within)]
    assert drawn == [5, 5]  # two curves, heat, regions, who spoke
    chosen = [at.session_state["at_place"] for at in (whole, within)]
    assert chosen == ["all", "广东"]


@pytest.mark.parametrize(("lang", "words"), [("zh", "以来：新事件"), ("en", "new incident")])
def test_who_returns_is_told_what_changed(site: Store, lang: str, words: str) -> None:
    now = datetime.now(UTC)  # noqa: TID251  # the pages' clock is the real one
    since.looked(site, "local", now - DAY)
    seeds.month(site, now, days=9)
    assert words in html(look("situation", lang=lang))
