"""Pages a second through the whole crawl stage, next to a bare Scrapy spider that only parses.

``python -m bench.crawl`` reads the same replica pages in turn by both, one request at a time, and
counts what a second crawl asks for when nothing is new. ``python -m bench.crawl memory [PAGES]``
crawls that many complaints in one run and samples its memory. The replica is a process of its own.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any

from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings as ScrapySettings
from scrapy.spiderloader import SpiderLoader

from crawlers import jobs
from crawlers.replica.plan import source_settings
from crawlers.replica.server import ReplicaServer
from crawlers.source import Job
from data.facts.sources import sources
from data.scenarios.format import Planned, Scenario
from data.settings import Settings
from data.store.db import Store
from data.store.mentions import Saved
from tests.crawlers import wider
from tests.crawlers.weeks import LENDERS, NOW, complaint, news, penalty, post, scenario

ITEMS = {
    "heimao_public": 1000,
    "eastmoney_guba": 1000,
    "nfra_penalty": 1500,
    "rednet_baixing": 700,
    "eastmoney_news": 3600,
    "thepaper": 700,
}
"""What is measured and how many items its replica holds, within the registry's page cap."""
HALF_A_YEAR = 182.0
ROUNDS = 3
BAR, AGAIN_BAR = 0.5, 0.05
A_LIST = 4_000
"""So many complaints of one company are within the cap of 400 list pages."""
SAMPLES = (1_000, 10_000, 20_000, 50_000, 75_000, 100_000)


def main(words: list[str]) -> int:
    """Do what the words say; without any, measure speed."""
    if words[:1] == ["serve"]:
        return serve(words[1], int(words[2]))
    if words[:1] == ["bare"]:
        return bare(words[1], json.loads(words[2]))
    if words[:1] == ["memory"]:
        return memory(int(words[1]) if words[1:] else SAMPLES[-1])
    return speed(words or list(ITEMS))


# ------------------------------------------------------------------------------ the same pages
def plan(source: str, items: int) -> Scenario:
    """Return half a year of one source; its complaints fill one company after another."""
    made: dict[str, Callable[[int, Any], Planned]] = {
        "heimao_public": _complaint, "eastmoney_guba": post, "nfra_penalty": penalty,
        "eastmoney_news": news,
    }  # fmt: skip
    if source not in made:
        return wider.plan(source, items, days=HALF_A_YEAR)
    step = timedelta(days=HALF_A_YEAR) / (items + 1)
    times = ((NOW - step * (i + 1)).replace(microsecond=0) for i in range(items))
    return scenario([made[source](i, at) for i, at in enumerate(times)])


def _complaint(i: int, at: Any) -> Planned:
    planned = complaint(i, at)
    couid = str(7_000_000_001 + i // A_LIST)
    extra = {**planned.mention.extra, "couid": couid}
    return replace(planned, mention=replace(planned.mention, extra=extra))


def serve(source: str, items: int) -> int:
    """Serve until standard input ends; print the settings that lead here."""
    planned = plan(source, items)
    with ReplicaServer(planned, lambda: NOW) as site:
        found = source_settings(planned, site.address, LENDERS)
        sys.stdout.write(json.dumps(found[source]) + "\n")
        sys.stdout.flush()
        sys.stdin.read()
    return 0


@contextmanager
def replica(source: str, items: int) -> Iterator[dict[str, Any]]:
    """Yield the settings of a source whose replica runs in a process of its own."""
    command = [sys.executable, "-m", "bench.crawl", "serve", source, str(items)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as own:
        assert own.stdout is not None
        try:
            yield json.loads(own.stdout.readline())
        finally:
            own.kill()


# ------------------------------------------------------------------------------ the two crawls
def bare(source: str, found: dict[str, Any]) -> int:
    """Read everything with the same parse methods and nothing else of ours; print what it took."""
    fact = sources()[source]
    job = Job(
        fact=fact, base_url=found["base_url"], targets=tuple(found["targets"]) or fact.defaults,
        watermark={}, clock=lambda: NOW, known=lambda _: {}, save=lambda b: Saved(len(b), 0, 0, ()),
        signing_key=found["signing_key"] or "",
    )  # fmt: skip
    process = AsyncCrawlerProcess(_bare_settings())
    crawler = process.create_crawler(SpiderLoader.from_settings(process.settings).load(source))
    process.crawl(crawler, job=job)
    process.start()
    assert crawler.stats is not None
    told = {
        "pages": crawler.stats.get_value("response_received_count"),
        "items": crawler.stats.get_value("item_scraped_count"),
        "seconds": crawler.stats.get_value("elapsed_time_seconds"),
    }
    sys.stdout.write(json.dumps(told) + "\n")
    return 0


def _bare_settings() -> ScrapySettings:
    """Return ours without our parts: what we learnt of Scrapy's own speed is lent to the other."""
    scrapy = ScrapySettings()
    scrapy.setmodule("crawlers.settings", priority="project")
    for name in ("ITEM_PIPELINES", "DOWNLOADER_MIDDLEWARES", "SPIDER_MIDDLEWARES"):
        scrapy.set(name, {}, priority="cmdline")
    asked = {
        "EXTENSIONS": {"crawlers.extensions.Settled": 0},
        "ROBOTSTXT_OBEY": False, "DOWNLOAD_DELAY": 0, "HTTPPROXY_ENABLED": False,
        "LOG_LEVEL": "WARNING", "LOG_FORMATTER": "scrapy.logformatter.LogFormatter",
    }  # fmt: skip
    scrapy.update(asked, priority="cmdline")
    return scrapy


def run_bare(source: str, found: dict[str, Any]) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.crawl", "bare", source, json.dumps(found)]
    begun = _cpu()
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    read: dict[str, Any] = json.loads(told)
    return read | {"cpu": _cpu() - begun}


def run_ours(source: str, found: dict[str, Any], folder: Path) -> tuple[dict[str, Any], int]:
    """Crawl into an empty store, then again; return the first's figures, the second's requests."""
    settings = Settings(
        database=f"sqlite:///{folder}/{source}.db", var=folder, sources={source: found}
    )
    store = Store(settings.database)
    store.migrate()
    begun = _cpu()
    first = jobs.crawl(store, settings, source, NOW)
    cpu = _cpu() - begun
    stats = json.loads((folder / "crawls" / source / f"{first.id}.json").read_text())["stats"]
    again = jobs.crawl(store, settings, source, NOW)
    store.dispose()
    assert (first.outcome, again.outcome) == ("ok", "empty"), (first, again)
    told = {
        "pages": stats["response_received_count"], "items": first.counts["new"],
        "seconds": stats["elapsed_time_seconds"], "cpu": cpu,
        "requests": first.counts["requests"],
    }  # fmt: skip
    return told, again.counts["requests"]


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def speed(chosen: list[str]) -> int:
    """Print the table; 1 when a bar is missed."""
    missed = 0
    print("ratio: our pages a second to the bare spider's, median of the rounds; CPU: the same by")
    print("pages a second of processor time, start included; share: requests of a second crawl")
    print(f"{'source':<16}{'pages':>7}{'items':>7}{'bare/s':>8}{'ours/s':>8}{'ratio':>7}"
          f"{'CPU':>6}{'first':>7}{'again':>7}{'share':>8}")  # fmt: skip
    for source in chosen:
        items = ITEMS[source]
        with replica(source, items) as found:
            ratios, cpus, rates = [], [], []
            for _ in range(ROUNDS):
                with tempfile.TemporaryDirectory() as folder:
                    theirs = run_bare(source, found)
                    ours, again = run_ours(source, found, Path(folder))
                assert ours["items"] == items, (source, ours)
                assert ours["pages"] == theirs["pages"] + 1, (source, ours, theirs)  # robots.txt
                rates.append((_rate(theirs), _rate(ours)))
                ratios.append(_rate(ours) / _rate(theirs))
                cpus.append(theirs["cpu"] / ours["cpu"])
        bare_rate, rate = (median(each) for each in zip(*rates, strict=True))
        ratio, share = median(ratios), again / ours["requests"]
        missed += (ratio < BAR) + (share > AGAIN_BAR)
        print(f"{source:<16}{ours['pages']:>7}{items:>7}{bare_rate:>8.0f}{rate:>8.0f}{ratio:>7.2f}"
              f"{median(cpus):>6.2f}{ours['requests']:>7}{again:>7}{share:>8.1%}")  # fmt: skip
        sys.stdout.flush()
    return 1 if missed else 0


def _rate(told: dict[str, Any]) -> float:
    return float(told["pages"] / told["seconds"])


# ------------------------------------------------------------------------------ memory
def memory(items: int) -> int:
    """Crawl that many complaints in one run; print the child's memory as it goes."""
    with replica("heimao_public", items) as found, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = Settings(
            database=f"sqlite:///{folder}/store.db", var=folder,
            sources={"heimao_public": found}, crawl={"timeout_seconds": 86_400},
        )  # fmt: skip
        store = Store(settings.database)
        store.migrate()
        store.dispose()
        command = [sys.executable, "-m", "crawlers.child", "heimao_public",
                   "--now", NOW.isoformat(), "--stats", f"{folder}/stats.json",
                   "--log", f"{folder}/log"]  # fmt: skip
        begun = time.monotonic()
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as child:
            assert child.stdin is not None
            assert child.stdout is not None
            with child.stdin:
                json.dump(jobs.for_child(settings, "heimao_public"), child.stdin)
            _watch(child)
        stats = json.loads((folder / "stats.json").read_text())["stats"]
    took = time.monotonic() - begun
    pages = stats["response_received_count"]
    print(f"{pages} pages, {stats['mentions/new']} mentions in {took:.0f} s, {pages / took:.0f}/s")
    return 0


def _watch(child: subprocess.Popen[str]) -> None:
    """Print resident memory when so many mentions are stored."""
    assert child.stdout is not None
    left = list(SAMPLES)
    for line in child.stdout:
        told = json.loads(line)
        if left and told["done"] >= left[0]:
            left.pop(0)
            status = Path(f"/proc/{child.pid}/status").read_text()
            resident = next(row for row in status.splitlines() if row.startswith("VmRSS"))
            print(f"{told['done']:>8} mentions {int(resident.split()[1]) / 1024:>7.1f} MB")
            sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
