"""One request at a time per host, whoever asks; and nothing before the site wants to be asked."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request, Response

from crawlers import gate, jobs, stage
from crawlers.middlewares import BlockSentinel, retry_after, sort_of_wall
from crawlers.spiders.article import ArticleSpider
from crawlers.verdict import Verdict, judge
from data.errors import Refused
from data.facts.sources import sources
from data.model import Outcome
from data.settings import Settings
from data.store import runs, state
from data.store.db import Store
from tests.crawlers.conftest import make_job
from tests.crawlers.weeks import NOW

HOUR = timedelta(hours=1)
SHARED = "https://www.news.example.cn"


def settings(**more: Any) -> Settings:
    approval = {"by": "b", "on": "2026-11-20", "basis": "c"}
    found = {
        "article": {"approval": approval, "targets": [f"{SHARED}/news/"]},
        "rss_feed": {"approval": approval, "targets": [f"{SHARED}/feed.xml", "https://b.cn/f"]},
    }
    return Settings(crawl={"contact": "a@b.cn"}, sources=found, **more)


def test_sources_that_share_a_host_are_read_one_after_another() -> None:
    asked = ["article", "thepaper", "eastmoney_news", "rss_feed"]
    groups = stage.by_host(settings(), asked)
    assert sorted(map(sorted, groups)) == [
        ["article", "rss_feed"],
        ["eastmoney_news"],
        ["thepaper"],
    ]
    assert stage.by_host(settings(), []) == []


def test_hosts_of_this_machine_are_nobodys() -> None:
    fact, ours = sources()["article"], {"targets": ["http://127.0.0.1:9/a", f"{SHARED}/b"]}
    found = gate.public_hosts(fact, Settings(sources={"article": ours}))
    assert found == ["www.news.example.cn"]


def test_another_process_at_the_same_host_is_waited_for(store: Store, tmp_path: Path) -> None:
    chosen = settings(database=store.name, var=tmp_path)
    with jobs.reading(store, chosen, "article", NOW) as held:
        assert held
        assert jobs.crawl(store, chosen, "rss_feed", NOW).note.startswith("we are stopping, or an")
        with pytest.raises(Refused, match="is being read"):
            jobs.trial(store, chosen, "rss_feed", NOW)
    with store.read() as conn:
        assert runs.latest(conn) == []
    with jobs.reading(store, chosen, "rss_feed", NOW) as held:
        assert held
    with state.lease(store, "host:b.cn", NOW), jobs.reading(store, chosen, "rss_feed", NOW) as held:
        assert not held


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("3600", 3600),
        ("Fri, 20 Nov 2026 05:00:00 GMT", 3600),
        ("Fri, 20 Nov 2026 03:00:00 GMT", 0),
        ("soon", 0),
        ("", 0),
    ],
)
def test_when_to_come_back(said: str, seconds: int) -> None:
    answer = Response("http://x.invalid/", status=429, headers={"Retry-After": said})
    assert retry_after(answer, make_job("article")) == seconds


def test_what_says_when_to_come_back_is_not_asked_again_at_once() -> None:
    busy = Response("http://x.invalid/", status=503, headers={"Retry-After": "600"})
    assert sort_of_wall({}, busy) == "http_503"
    assert sort_of_wall({}, Response("http://x.invalid/", status=503)) == ""


def test_a_wish_is_kept_and_not_for_ever() -> None:
    stats = {"blocked/http_429": 1, "retry/after": 86_400, "downloader/request_count": 2}
    verdict = judge(stats)
    assert (verdict.outcome, verdict.counts["retry_after"]) == (Outcome.REFUSED, 86_400)
    fact = sources()["article"]
    assert jobs.pause(fact, Settings(), verdict, 1) == 24 * HOUR
    patient = Verdict(Outcome.REFUSED, {"requests": 2, "retry_after": 10**9})
    assert jobs.pause(fact, Settings(), patient, 1) == 7 * 24 * HOUR
    hasty = Verdict(Outcome.REFUSED, {"requests": 2, "retry_after": 1})
    assert jobs.pause(fact, Settings(), hasty, 1) >= HOUR / 2


def test_the_sentinel_notes_it() -> None:
    crawler = Crawler(ArticleSpider)
    sentinel = BlockSentinel(crawler)
    noted: list[tuple[str, int]] = []

    class Stats:
        def inc_value(self, _key: str) -> None: ...

        def max_value(self, key: str, value: int) -> None:
            noted.append((key, value))

    crawler.stats = Stats()  # type: ignore[assignment]
    sentinel._closing = object()  # type: ignore[assignment]
    answer = Response("http://x.invalid/", status=429, headers={"Retry-After": "3600"})
    with pytest.raises(IgnoreRequest):
        sentinel.process_response(Request("http://x.invalid/"), answer)
    assert noted == [("retry/after", 3600)]
