"""The site's clock and ours: how far apart, and times that cannot be."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from scrapy.http import Response
from sqlalchemy import select

from crawlers import jobs
from crawlers.clocks import apart, is_future, no_later_than_seen, skew
from crawlers.expect import concerns
from crawlers.observing import Observer
from crawlers.replica.faults import AHEAD, Fault, Kind
from crawlers.replica.plan import source_settings
from crawlers.replica.server import ReplicaServer
from crawlers.verdict import Verdict, judge
from data.model import Mention, Outcome, SourceKind
from data.settings import Settings
from data.store import health, mentions, schema
from data.store.db import Store
from tests.crawlers.weeks import LENDERS, NOW, news, scenario

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Date": "Fri, 20 Nov 2026 04:00:00 GMT"}, 0),
        ({"Date": "Fri, 20 Nov 2026 06:00:00 GMT"}, 7200),
        ({"Date": "Fri, 20 Nov 2026 03:00:00 GMT", "Age": "3600"}, 0),  # from a cache
        ({"Date": "Fri, 20 Nov 2026 03:00:00 GMT", "Age": "old"}, -3600),
        ({"Date": "tomorrow"}, None),
        ({}, None),
    ],
)
def test_how_far_apart(headers: dict[str, str], seconds: float | None) -> None:
    found = skew(Response("http://x.invalid/", headers=headers), NOW)
    assert (found and found.total_seconds()) == seconds or found == timedelta(0)
    assert (found is None) == (seconds is None)


def mention(published_at: datetime | None) -> Mention:
    return Mention("x", "1", SourceKind.NEWS, "u", "words", NOW, published_at)


def test_nothing_was_published_after_we_saw_it() -> None:
    assert no_later_than_seen(mention(NOW + HOUR)).published_at == NOW
    assert no_later_than_seen(mention(NOW - HOUR)).published_at == NOW - HOUR
    assert no_later_than_seen(mention(None)).published_at is None
    assert is_future(mention(NOW + HOUR))
    assert not is_future(mention(NOW + HOUR / 60))  # clocks differ by a minute


def test_the_clocks_stand_in_the_verdict() -> None:
    stats = {"pages/list": 1, "finish_reason": "finished", "clock/ahead": 7200}
    found = judge(stats)
    assert (found.outcome, found.counts["clock_ahead"]) == (Outcome.EMPTY, 7200)
    assert found.note == "the site's clock is 2:00:00 ahead of ours"
    assert apart(-7200) == "the site's clock is 2:00:00 behind ours"
    refused = judge({"blocked/said_no": 1, "verdict/why": "code 10001", "clock/ahead": -7200})
    assert refused.note == "code 10001; the site's clock is 2:00:00 behind ours"


def test_many_dates_after_tomorrow_are_drift() -> None:
    observer = Observer()
    for late in (-HOUR, -HOUR, 25 * HOUR):
        observer.item(mention(NOW + late))
    good = Verdict(Outcome.OK, {})
    (found,) = concerns(good, None, observer.notes(NOW), [], NOW, NOW - HOUR)
    assert found.condition is health.Condition.CHANGED
    assert "dated after tomorrow" in found.note


def test_a_skewed_site_costs_no_mention_and_dates_none_in_the_future(
    store: Store, tmp_path: Path
) -> None:
    planned = [news(i, NOW - (20 * i + 1) * HOUR) for i in range(4)]  # two are young
    now = NOW
    with ReplicaServer(scenario(planned), lambda: now) as site:
        sources = source_settings(scenario(planned), site.address, LENDERS)
        settings = Settings(database=store.name, var=tmp_path, sources=sources)
        site.panel.faults["eastmoney_news"] = Fault(Kind.SKEWED)
        run = jobs.crawl(store, settings, "eastmoney_news", NOW)
        assert run.outcome is Outcome.OK, run.note
        assert (run.counts["new"], run.counts["future"]) == (4, 2)
        assert abs(run.counts["clock_ahead"] - AHEAD.total_seconds()) < 60
        for m in stored(store):
            assert m.published_at is not None
            assert m.published_at <= m.fetched_at
        site.panel.faults.clear()
        now += HOUR / 2
        run = jobs.crawl(store, settings, "eastmoney_news", now)
        assert run.counts["changed"] == 2, run.note
        assert "clock_ahead" not in run.counts
    told = {p.mention.native_id: p.mention.published_at for p in planned}
    assert {m.native_id: m.published_at for m in stored(store)} == told


def stored(store: Store) -> list[Mention]:
    with store.read() as conn:
        ids = list(conn.execute(select(schema.mention.c.id)).scalars())
        return mentions.get(conn, ids)
