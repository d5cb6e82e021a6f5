"""Many crawls in one process: ``python -m tests.crawlers.matrix`` prints how each one ended.

A reactor can be started once a process, and a process costs a second: so all faults are crawled
here one after another, with the production settings, spiders and middlewares but a store in memory.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from scrapy.crawler import AsyncCrawlerRunner
from scrapy.settings import Settings
from scrapy.spiderloader import SpiderLoader
from scrapy.utils.defer import deferred_from_coro
from scrapy.utils.reactor import install_reactor
from twisted.internet import task

from crawlers.replica.faults import Fault, Kind, Panel, Robots
from crawlers.replica.heimao_public import SIGNING_KEY
from crawlers.replica.plan import source_settings
from crawlers.replica.server import ReplicaServer
from crawlers.source import Job
from crawlers.verdict import judge
from data.errors import StoreError
from data.facts.sources import sources
from data.model import Mention
from tests.crawlers import wider
from tests.crawlers.weeks import LENDERS, NOW, week

SOURCES = ("heimao_public", "eastmoney_news", "nfra_penalty", "eastmoney_guba")


@dataclass(frozen=True)
class Tally:
    """What saving told."""

    new: int
    changed: int = 0
    same: int = 0


def fault(kind: Kind, after: int = 0) -> Callable[[Panel], None]:
    """Return what switches a fault on for every source."""

    def switch(panel: Panel) -> None:
        panel.faults = {source: Fault(kind, after) for source in (*SOURCES, *wider.FIELDS)}

    return switch


def robots(status: int = 200, body: str = "", kind: str = "text/plain") -> Callable[[Panel], None]:
    """Return what sets the answer of /robots.txt."""

    def switch(panel: Panel) -> None:
        panel.robots = Robots(status, body, kind)

    return switch


CASES: dict[str, tuple[str, Callable[[Panel], None]]] = {
    "fine": ("heimao_public", lambda _: None),
    "robots absent": ("eastmoney_news", robots(404)),
    "robots server error": ("eastmoney_news", robots(500)),
    "robots unauthorised": ("eastmoney_news", robots(403)),
    "robots is a page": (
        "eastmoney_news",
        robots(body="<!DOCTYPE html><html>登录</html>", kind="text/html"),
    ),
    "robots forbids all": ("eastmoney_news", robots(body="User-agent: *\nDisallow: /\n")),
    "robots forbids details": (
        "heimao_public",
        robots(body="User-agent: *\nDisallow: /heimao_public/complaint/\n"),
    ),
    "robots forbids others": ("eastmoney_news", robots(body="User-agent: *\nDisallow: /x\n")),
    "robots names us": (
        "eastmoney_news",
        robots(body="User-agent: TingfengBot\nDisallow: /\n\nUser-agent: *\nAllow: /\n"),
    ),
    "robots asks for patience": (
        "eastmoney_news",
        robots(body="User-agent: *\nCrawl-delay: 0.5\n"),
    ),
    "no signing key": ("heimao_public", lambda _: None),
    "store full": ("eastmoney_news", lambda _: None),
    "server errors": ("eastmoney_guba", fault(Kind.ERROR)),
    "charset unsaid": ("eastmoney_guba", fault(Kind.GB18030)),
}
CASES |= {f"block {s}": (s, fault(Kind.BLOCK, 1)) for s in SOURCES}
CASES |= {f"waf {s}": (s, fault(Kind.WAF, 1)) for s in SOURCES}
CASES |= {f"login {s}": (s, fault(Kind.LOGIN)) for s in SOURCES}
CASES |= {f"away {s}": (s, fault(Kind.AWAY)) for s in SOURCES}
CASES |= {f"renamed {s}": (s, fault(Kind.RENAMED)) for s in SOURCES}
CASES |= {f"renamed details {s}": (s, fault(Kind.RENAMED, 2)) for s in SOURCES if "news" not in s}
CASES |= {f"truncated {s}": (s, fault(Kind.TRUNCATED)) for s in SOURCES}
CASES |= {f"empty {s}": (s, fault(Kind.EMPTY)) for s in SOURCES if "news" not in s}
for kind in (Kind.WAF, Kind.LOGIN, Kind.AWAY, Kind.RENAMED, Kind.TRUNCATED):
    CASES |= {f"{kind} {s}": (s, fault(kind)) for s in wider.FIELDS}
CASES |= {f"empty {s}": (s, fault(Kind.EMPTY)) for s in wider.COUNTING}
CASES |= {f"renamed details {s}": (s, fault(Kind.RENAMED, 2)) for s in wider.WITH_DETAILS}


async def one(name: str) -> dict[str, Any]:
    """Crawl one case and return its verdict, what was saved and what was asked for."""
    source, switch = CASES[name]
    scenario = week(24) if source in SOURCES else wider.plan(source, 24)
    saved: list[Mention] = []

    def save(batch: Sequence[Mention]) -> Tally:
        if name == "store full":
            raise StoreError("mine.db: the disk is full; make room")
        saved.extend(batch)
        return Tally(len(batch))

    with ReplicaServer(scenario, lambda: NOW) as site:
        switch(site.panel)
        ours = source_settings(scenario, site.address, LENDERS)[source]
        settings = Settings()
        settings.setmodule("crawlers.settings")
        settings.update({"DOWNLOAD_DELAY": 0, "LOG_ENABLED": False, "USER_AGENT": "TingfengBot/1"})
        spider = SpiderLoader.from_settings(settings).load(source)
        runner = AsyncCrawlerRunner(settings)
        fact = sources()[source]
        job = Job(
            fact=fact,
            base_url=ours["base_url"],
            targets=tuple(ours["targets"]) or fact.defaults,
            watermark={},
            clock=lambda: NOW,
            known=lambda _: {},
            save=save,
            signing_key="" if name == "no signing key" else SIGNING_KEY,
        )
        crawler = runner.create_crawler(spider)
        await runner.crawl(crawler, job=job)
        assert crawler.stats is not None
        stats = crawler.stats.get_stats()
        verdict = judge(stats)
        return {
            "outcome": verdict.outcome,
            "note": verdict.note,
            "saved": sorted({m.native_id for m in saved}),
            "requests": site.panel.paths,
            "moments": site.panel.moments,
        }


async def main() -> None:
    """Crawl every case."""
    print(json.dumps({name: await one(name) for name in CASES}, ensure_ascii=False))  # noqa: T201


if __name__ == "__main__":
    install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
    task.react(lambda _: deferred_from_coro(main()))
