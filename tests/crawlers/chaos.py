"""Every source, every fault, in any order: ``python -m tests.crawlers.chaos --seed 1 --rounds 6``.

Each round gives every source one fault and crawls it with the production spiders, middlewares,
desk and store. Then the faults end, items were edited and deleted meanwhile, and what is stored
must be the plan, no more and no less. Prints one JSON line; exits 1 when something is wrong.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import time
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from scrapy.crawler import AsyncCrawlerRunner
from scrapy.settings import Settings as ScrapySettings
from scrapy.spiderloader import SpiderLoader
from scrapy.utils.defer import deferred_from_coro
from scrapy.utils.reactor import install_reactor
from sqlalchemy import select
from twisted.internet import task

from crawlers import child, jobs
from crawlers.addresses import page_id
from crawlers.desk import Desk
from crawlers.replica.altered import ALTERATIONS, edited
from crawlers.replica.everywhere import everywhere
from crawlers.replica.faults import AHEAD, Fault, Kind
from crawlers.replica.plan import source_settings
from crawlers.replica.server import ReplicaServer
from crawlers.verdict import judge
from data.facts.sources import sources
from data.model import GONE, Mention, Outcome
from data.privacy import mask
from data.scenarios.format import Planned, Scenario
from data.settings import Settings
from data.store import mentions, runs, schema, state
from data.store.db import Store
from tests.crawlers import wider
from tests.crawlers.weeks import LENDERS, NOW, scenario, week

BASIC = ("heimao_public", "eastmoney_news", "nfra_penalty", "eastmoney_guba")
REFUSING = {Kind.BLOCK, Kind.FORBIDDEN, Kind.BUSY, Kind.WAF, Kind.LOGIN, Kind.AWAY}
HARMLESS = {
    Kind.SLOW, Kind.GB18030, Kind.CLAIMS, Kind.BOM, Kind.DOUBLED, Kind.SHUFFLED,
    Kind.SKEWED,
}  # fmt: skip
BREAKING = {Kind.ERROR, Kind.LOOP, Kind.RESET, Kind.HUGE}
PASSING = [kind for kind in Kind if kind not in ALTERATIONS]
"""An alteration lasts: it is tried at the end."""
GOOD = {Outcome.OK, Outcome.EMPTY}
UNREADABLE = {Outcome.CHANGED, Outcome.FAILED, Outcome.REFUSED}
RECENT = 6
"""Items of the last day, which are young enough to be read again."""
AFTERWARDS = (1, 2, 8, 27, 80, 200)
"""Hours: after the first all is read, and then some is altered."""
BLIND = {"gnews_rss", "bing_news_rss", "gdelt_doc"}
"""Indexes of others' pages: what they leave out tells nothing."""
SAYING_NOTHING = {Kind.EMPTY}  # only some sites count what they list


class World:
    """A plan on a replica, a store, and a clock that only this program turns."""

    def __init__(
        self, seed: int, folder: Path, only: tuple[str, ...], n: int, *, copies: bool
    ) -> None:
        self.chance = random.Random(seed)
        self.now = NOW - timedelta(days=20)
        self.plan = copied(only, n) if copies else planned(only, n)
        self.only = only
        self.store = Store(f"sqlite:///{folder}/chaos.db")
        self.store.migrate()
        self.site = ReplicaServer(self.plan, lambda: self.now)
        self.folder = folder
        self.taken: set[str] = set()
        self.skewed: set[str] = set()
        self.wrong: list[str] = []
        self.met: Counter[str] = Counter()
        self.runs = 0

    def settings(self) -> Settings:
        found = source_settings(self.plan, self.site.address, LENDERS)
        return Settings(database=str(self.store.url), var=self.folder, sources=found)

    async def crawl(self, source: str, fault: Fault | None) -> None:
        """Crawl one source through one fault and judge the verdict."""
        panel = self.site.panel
        panel.recount()
        panel.faults = {source: fault} if fault else {}
        outcome, note = await self.run(source)
        self.runs += 1
        if fault is None or not panel.met.get(source):
            if outcome not in GOOD:
                self.wrong.append(f"{source} without a fault ended {outcome}: {note}")
            return
        self.met[fault.kind] += 1
        if fault.kind is Kind.SKEWED:
            self.skewed.add(source)
        if not _right(fault.kind, outcome):
            self.wrong.append(f"{source} with {fault.kind} ended {outcome}: {note}")
        if fault.kind in REFUSING and panel.met[source] > 1:
            self.wrong.append(f"{source}: {panel.met[source] - 1} requests after {fault.kind}")

    async def run(self, source: str) -> tuple[Outcome, str]:
        """Do what crawlers.jobs and crawlers.child do, in this process."""
        settings, fact = self.settings(), sources()[source]
        with self.store.write() as conn:
            run_id = runs.start(conn, jobs.STAGE, source, self.now)
            watermark = state.watermark(conn, source)
        desk = Desk(self.store, settings, fact, lambda: self.now)
        made = ScrapySettings()
        made.setmodule("crawlers.settings")
        made.update({"DOWNLOAD_DELAY": 0, "LOG_LEVEL": "CRITICAL", "USER_AGENT": "TingfengBot/1",
                     "HTTPPROXY_ENABLED": False})  # fmt: skip
        job = child._job(fact, settings, desk, watermark, "")
        runner = AsyncCrawlerRunner(made)
        crawler = runner.create_crawler(SpiderLoader.from_settings(made).load(source))
        await runner.crawl(crawler, job=replace(job, tell=lambda *_: None))
        desk.close()
        assert crawler.stats is not None
        spider: Any = crawler.spider
        report = {"watermark": spider.watermark(), "seen": spider.notes()}
        end = jobs.End(judge(crawler.stats.get_stats()), report, timedelta(0))
        closed = jobs._close(self.store, settings, fact, run_id, self.now, end)
        return closed.outcome, closed.note

    def alter(self) -> None:
        """Correct the newest item of every source and take the next one away."""
        shown = [p for p in self.plan.planned if p.visible_at <= self.now]
        corrected: set[str] = set()
        for source in self.only:
            items = [p for p in reversed(shown) if p.mention.source == source]
            items.sort(key=lambda p: p.visible_at, reverse=True)
            first, second = list(dict.fromkeys(map(_page, items)))[:2]
            corrected.add(first)
            self.taken.add(second)
        altered = [edited(p) if _page(p) in corrected else p for p in self.plan.planned]
        self.plan = replace(self.plan, planned=tuple(altered))
        left = [p for p in altered if _page(p) not in self.taken]
        self.site.change(replace(self.plan, planned=tuple(left)))

    def compare(self) -> None:
        """Compare the store with the plan: ids, words, status, and a page behind each."""
        with self.store.read() as conn:
            ids = list(conn.execute(select(schema.mention.c.id)).scalars())
            stored = {(m.source, m.native_id): m for m in mentions.get(conn, ids)}
        wanted = {_where(p, self.site.address): p.mention for p in self.plan.planned}
        for key in sorted(wanted.keys() - stored.keys()):
            self.wrong.append(f"lost {key}")
        for key in sorted(stored.keys() - wanted.keys()):
            self.wrong.append(f"not planned {key}")
        for key in wanted.keys() & stored.keys():
            want, got = wanted[key], stored[key]
            for name in ("title", "text"):
                planned_words, words = mask(getattr(want, name)), getattr(got, name)
                if planned_words != words:
                    self.wrong.append(f"{key} {name}: {words!r} instead of {planned_words!r}")
            if got.status != (status := self.status(key[0], want)):
                self.wrong.append(f"{key} is {got.status!r} instead of {status!r}")
            if not self.right_time(key[0], want.published_at, got.published_at):
                self.wrong.append(f"{key} is of {got.published_at}, not {want.published_at}")
            if got.capture is None or not got.capture.file:
                self.wrong.append(f"{key} has no page")

    def right_time(self, source: str, want: datetime | None, got: datetime | None) -> bool:
        """Tell whether a time is the planned one, or no later than when a skewed site was read."""
        if want is None or got is None or source not in self.skewed:
            return want == got
        return want <= got <= want + AHEAD

    def status(self, source: str, want: Mention) -> str:
        """Return the status that must be stored at the end."""
        taken = f"{source} {want.extra.get('doc_id') or want.native_id}" in self.taken
        return GONE if taken and source not in BLIND else want.status


def copied(only: tuple[str, ...], n: int) -> Scenario:
    """Return a plan of the four generated sources, and its copies at every other site."""
    items = [*week(n, days=30).planned, *week(RECENT, days=1, first=n).planned]
    found = everywhere(scenario(items)).planned
    return scenario([p for p in found if p.mention.source in only])


def planned(only: tuple[str, ...], n: int) -> Scenario:
    """Return a plan of ``n`` items for each source, and RECENT ones of its last day."""
    items: list[Planned] = [p for p in week(n).planned if p.mention.source in only]
    items += [p for p in week(RECENT, days=1, first=n).planned if p.mention.source in only]
    for source in only:
        if source in wider.FIELDS:
            items += wider.plan(source, n).planned
            items += wider.plan(source, RECENT, days=1, first=n).planned
    return scenario(items)


def _page(p: Planned) -> str:
    """Return what stands on one page of a source: an item, or all rows of a notice."""
    return f"{p.mention.source} {p.mention.extra.get('doc_id') or p.mention.native_id}"


def _right(kind: Kind, outcome: Outcome) -> bool:
    if kind in REFUSING:
        return outcome is Outcome.REFUSED
    if kind in HARMLESS:
        return outcome in GOOD
    if kind is Kind.STORM:  # two retries may be enough, or not
        return outcome in GOOD | {Outcome.FAILED}
    if kind in BREAKING:
        return outcome is Outcome.FAILED
    if kind in SAYING_NOTHING:
        return outcome in GOOD | {Outcome.CHANGED}
    return outcome in UNREADABLE


def _where(p: Planned, address: str) -> tuple[str, str]:
    mention: Mention = p.mention
    if mention.source != "article":
        return mention.source, mention.native_id
    path = "/" + mention.url.split("/", 3)[3]
    return "article", page_id(f"{address}/article{path}")


async def main(options: argparse.Namespace) -> int:
    """Run the rounds, end the faults, compare."""
    began = time.monotonic()
    only = tuple(options.only or (*BASIC, *wider.FIELDS))
    with tempfile.TemporaryDirectory() as folder:
        world = World(options.seed, Path(folder), only, options.items, copies=options.copies)
        with world.site:
            for _ in range(options.rounds):
                for source in only:
                    kind = world.chance.choice(options.kinds or PASSING)
                    await world.crawl(source, Fault(kind, world.chance.choice((0, 1, 2, 5, 9))))
                world.now += timedelta(days=20) / options.rounds
            for hours in AFTERWARDS:
                world.now = NOW + timedelta(hours=hours)
                for source in only:
                    await world.crawl(source, None)
                if not world.taken:
                    world.alter()
            world.compare()
        world.store.dispose()
    told = {"seed": options.seed, "runs": world.runs, "faults": dict(sorted(world.met.items())),
            "mentions": len(world.plan.planned), "gone": len(world.taken),
            "seconds": round(time.monotonic() - began, 1),
            "wrong": world.wrong}  # fmt: skip
    print(json.dumps(told, ensure_ascii=False))  # noqa: T201
    return 1 if world.wrong else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--items", type=int, default=36)
    parser.add_argument("--only", nargs="*")
    parser.add_argument("--copies", action="store_true", help="one plan at every site")
    parser.add_argument("--kinds", nargs="*", type=Kind)
    return parser.parse_args()


def react(_reactor: Any, options: argparse.Namespace) -> Any:
    """Run under Twisted and leave by the exit code, whatever threads still wait."""

    async def run() -> None:
        code = await main(options)
        sys.stdout.flush()
        os._exit(code)

    return deferred_from_coro(run())


if __name__ == "__main__":
    install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
    task.react(react, (_options(),))
