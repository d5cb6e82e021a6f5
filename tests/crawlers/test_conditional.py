"""Conditional requests over real HTTP: what did not change is not sent, and is read anyway."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.http import HtmlResponse, Request, Response
from scrapy.statscollectors import DummyStatsCollector
from sqlalchemy import select

from crawlers import jobs
from crawlers.conditional import UNCHANGED, WHOLE, Unchanged, asked_anew
from crawlers.middlewares import Verdicts
from crawlers.replica.altered import CORRECTION, edited
from crawlers.replica.faults import Fault, Kind
from crawlers.replica.plan import source_settings
from crawlers.replica.server import ReplicaServer
from crawlers.spiders.article import ArticleSpider
from data.errors import LayoutChanged
from data.evidence import Page
from data.model import GONE, Capture, Mention, Outcome, Run
from data.scenarios.format import Scenario
from data.settings import Settings
from data.store import mentions, schema
from data.store.db import Store
from tests.crawlers import wider
from tests.crawlers.weeks import LENDERS, NOW, scenario

N = 8
HOUR = timedelta(hours=1)


class World:
    """One source on a replica, and a clock."""

    def __init__(self, store: Store, folder: Path, source: str) -> None:
        self.store, self.source, self.now = store, source, NOW
        self.plan = wider.plan(source, N, days=0.5)
        self.site = ReplicaServer(self.plan, lambda: self.now)
        self.folder = folder

    def crawl(self, hours: float = 0, **retention: int) -> Run:
        self.now = NOW + hours * HOUR
        self.site.panel.recount()
        sources = source_settings(self.plan, self.site.address, LENDERS)
        settings = Settings(
            database=self.store.name, var=self.folder, sources=sources,
            retention={"captures_days": 180} | retention,
        )  # fmt: skip
        return jobs.crawl(self.store, settings, self.source, self.now)

    def show(self, plan: Scenario) -> None:
        self.site.change(plan)

    def stored(self) -> list[Mention]:
        with self.store.read() as conn:
            ids = list(conn.execute(select(schema.mention.c.id)).scalars())
            return mentions.get(conn, ids)


@pytest.fixture
def world(store: Store, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[World]:
    made = World(store, tmp_path, getattr(request, "param", "article"))
    with made.site:
        yield made


@pytest.mark.parametrize("world", ["rss_feed", "article"], indirect=True)
def test_what_did_not_change_is_not_sent_again(world: World) -> None:
    first = world.crawl()
    assert (first.outcome, first.counts["new"]) == (Outcome.OK, N), first.note
    assert "unchanged" not in first.counts
    second = world.crawl(0.1)
    assert (second.outcome, second.counts["new"]) == (Outcome.EMPTY, 0), second.note
    assert second.counts["unchanged"] == world.site.panel.unchanged[world.source] > 0
    assert second.counts.get("lists")  # a list that did not change is a list that was read
    third = world.crawl(100)  # every age has come
    assert third.outcome is Outcome.EMPTY, third.note
    if world.source != "rss_feed":
        assert third.counts["unchanged"] > N  # the articles and the sitemap


@pytest.mark.parametrize("world", ["bjnews_search", "pbc_penalty"], indirect=True)
def test_what_changed_is_sent_and_read(world: World) -> None:
    world.crawl()
    left = [edited(item) for item in world.plan.planned[2:]]
    world.show(scenario(left))
    run = world.crawl(100)
    assert run.outcome is Outcome.OK, run.note
    assert run.counts["changed"] == N
    stored = world.stored()
    assert sum(m.status == GONE for m in stored) == 2
    assert sum(CORRECTION in m.text for m in stored) == N - 2
    newest = {m.native_id: m.capture for m in stored}
    assert all(page is not None and page.fetched_at >= world.now for page in newest.values())
    again = world.crawl(100.5)
    assert (again.outcome, again.counts["changed"]) == (Outcome.EMPTY, 0), again.note


def test_without_the_page_there_is_nothing_to_compare(world: World) -> None:
    world.crawl(captures_days=0)
    run = world.crawl(0.1, captures_days=0)
    assert run.outcome is Outcome.EMPTY
    assert "unchanged" not in run.counts


def test_a_damaged_archive_costs_a_download_and_no_more(world: World) -> None:
    world.crawl()
    for file in (world.folder / "captures").rglob("*.gz"):
        body = bytearray(file.read_bytes())
        body[200:] = bytes(len(body) - 200)
        file.write_bytes(body)
    run = world.crawl(0.1)
    assert run.outcome is Outcome.EMPTY, run.note
    assert "unchanged" not in run.counts


@pytest.mark.parametrize("world", ["rss_feed"], indirect=True)
def test_what_a_bad_run_kept_is_not_relied_upon(world: World) -> None:
    """Half a page may come with the validators of the whole: only a good run vouches for it."""
    world.site.panel.faults["rss_feed"] = Fault(Kind.TRUNCATED)
    assert world.crawl().outcome is Outcome.CHANGED
    world.site.panel.faults.clear()
    run = world.crawl(0.1)
    assert (run.outcome, run.counts["new"]) == (Outcome.OK, N), run.note
    assert "unchanged" not in run.counts


def test_a_page_of_ours_that_says_nothing_is_asked_for_again_whole() -> None:
    request = Request("http://127.0.0.1:1/a.html", meta={"detail": True})
    held = Response(request.url, flags=[UNCHANGED], request=request)
    verdicts = Verdicts(Crawler(ArticleSpider))
    (anew,) = verdicts.process_spider_exception(held, LayoutChanged("half a page")) or ()
    assert (anew.url, anew.meta[WHOLE]) == (request.url, True)
    assert Unchanged._asks_anew(anew)
    assert asked_anew(Response(request.url, request=request)) is None


@pytest.mark.parametrize(
    ("url", "method", "anew"),
    [
        ("http://x.invalid/a.html", "GET", False),
        ("http://x.invalid/a.html", "POST", True),
        ("http://x.invalid/robots.txt", "GET", True),
        ("http://x.invalid/list?page=1&ts=1&signature=ab", "GET", True),
    ],
)
def test_only_what_could_be_the_same_is_compared(url: str, method: str, *, anew: bool) -> None:
    assert Unchanged._asks_anew(Request(url, method=method)) is anew


def test_a_page_kept_compressed_is_read_like_one_that_was_sent() -> None:
    headers = (("Content-Encoding", "gzip"), ("Content-Type", "text/html; charset=utf-8"))
    body = gzip.compress("<html>公告</html>".encode())
    kept = Page("http://x.invalid/a.html", 200, headers, body, NOW)
    capture = Capture("article", kept.url, 200, NOW, kept.sha256, len(body))
    request = Request(kept.url, meta={"held": (kept, capture)})
    crawler = Crawler(ArticleSpider)
    crawler.stats = DummyStatsCollector(crawler)
    answer = Unchanged(crawler).process_response(request, Response(kept.url, status=304))
    read = HttpCompressionMiddleware(crawler=crawler).process_response(request, answer)
    assert isinstance(read, HtmlResponse)
    assert (read.status, read.text, read.flags) == (200, "<html>公告</html>", [UNCHANGED])
    assert request.meta["capture"] is capture
