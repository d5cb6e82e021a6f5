"""One crawl in a process of its own: ``python -m crawlers.child SOURCE``.

The parent sends the settings as JSON on standard input, so that no secret stands on a command
line; a person uses ``--config FILE``. Each saved batch is one JSON line on standard output, and
the run's statistics go to ``--stats FILE``. A Twisted reactor cannot start twice, memory and
crashes stay here, and a hard time limit can be kept from outside.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.settings import Settings as ScrapySettings
from scrapy.spiderloader import SpiderLoader

from crawlers import gate
from crawlers.desk import Desk
from crawlers.source import Job, SourceSpider
from crawlers.trial import PAGES as TRIAL_PAGES
from crawlers.trial import Trial
from data import facts
from data.errors import TingfengError
from data.facts.sources import SourceFact, sources
from data.model import utc
from data.settings import Settings, SourceSettings, load
from data.store import approvals, state
from data.store.db import Store


def main(arguments: Sequence[str] | None = None) -> int:
    """Crawl one source and write its statistics; 0 whenever there is a verdict to read."""
    options = _options(arguments)
    try:
        return _crawl(options)
    except TingfengError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code


def _crawl(options: argparse.Namespace) -> int:
    settings = load(options.config) if options.config else Settings(**json.load(sys.stdin))
    begun = time.monotonic()
    at = utc(datetime.fromisoformat(options.now)) if options.now else datetime.now(UTC)  # noqa: TID251

    def clock() -> datetime:
        return at + timedelta(seconds=time.monotonic() - begun)

    store = Store(settings.database)
    fact = sources()[options.source]
    process = AsyncCrawlerProcess(_scrapy_settings(fact, settings, options))
    loader = SpiderLoader.from_settings(process.settings)
    crawler = process.create_crawler(loader.load(fact.slug))
    desk = Trial(settings, clock) if options.trial else Desk(store, settings, fact, clock)
    with store.read() as conn:
        decision = approvals.current(conn, fact.slug)
        watermark = {} if options.trial or options.window else state.watermark(conn, fact.slug)
    job = _job(fact, settings, desk, watermark, gate.refusal(fact, settings, decision))
    task = process.crawl(crawler, job=replace(job, window=options.window))
    process.start()
    desk.close()
    _report(options.stats, crawler, desk.report())
    store.dispose()
    if task.done() and not task.cancelled() and (error := task.exception()):
        raise error
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m crawlers.child", description=__doc__)
    parser.add_argument("source", choices=list(sources()))
    parser.add_argument("--config", type=Path, help="settings file; without it, JSON on stdin")
    parser.add_argument("--now", help="the present, ISO with zone; default is the real one")
    parser.add_argument("--stats", type=Path, help="file for the statistics; default is stdout")
    parser.add_argument("--log", type=Path, help="file for the log; default is stderr")
    parser.add_argument("--watched", type=int, default=0, help="end when this process ends")
    parser.add_argument("--window", type=_window, help="only what appeared FROM/UNTIL, ISO")
    parser.add_argument("--trial", action="store_true", help="read one page and store nothing")
    return parser.parse_args(arguments)


def _window(text: str) -> tuple[datetime, datetime]:
    since, until = map(datetime.fromisoformat, text.split("/"))
    return utc(since), utc(until)


def _scrapy_settings(
    fact: SourceFact, settings: Settings, options: argparse.Namespace
) -> ScrapySettings:
    ours = settings.sources.get(fact.slug, SourceSettings())
    local = gate.is_local(fact, ours)
    scrapy = ScrapySettings()
    scrapy.setmodule("crawlers.settings", priority="project")
    scrapy.update(
        {
            "USER_AGENT": gate.user_agent(settings.crawl),
            "ROBOTSTXT_USER_AGENT": gate.user_agent(settings.crawl),
            "DOWNLOAD_DELAY": gate.delay(fact, ours),
            "CLOSESPIDER_TIMEOUT": max(1.0, settings.crawl.timeout_seconds - 10),
            "HTTPPROXY_ENABLED": not local,  # a proxy of the machine must not see loopback
            "PARENT_WATCH": options.watched,
            "LOG_FILE": str(options.log) if options.log else None,
            "CLOSESPIDER_ITEMCOUNT": 1 if options.trial else 0,
            "CLOSESPIDER_PAGECOUNT": TRIAL_PAGES if options.trial else 0,
        },
        priority="cmdline",
    )
    return scrapy


def _job(
    fact: SourceFact,
    settings: Settings,
    desk: Desk | Trial,
    watermark: Mapping[str, Any],
    refusal: str,
) -> Job:
    ours = settings.sources.get(fact.slug, SourceSettings())
    lenders = facts.lenders(settings.lenders) if fact.targets_from else ()
    asked = gate.targets(fact, ours, lenders)
    if not refusal and not asked:
        refusal = f"{fact.slug} has nothing to ask for: set targets under [sources.{fact.slug}]"
    return Job(
        fact=fact,
        base_url=gate.base_url(fact, ours),
        targets=asked,
        watermark=watermark,
        clock=desk.clock,
        known=desk.known,
        save=desk.save,
        keep=desk.keep,
        lose=desk.lose,
        held=desk.held,
        oldest=desk.oldest,
        find=desk.find,
        stored=desk.stored,
        tell=_tell,
        refusal=refusal,
        signing_key=ours.signing_key.get_secret_value() if ours.signing_key else "",
    )


def _tell(done: int, expected: int) -> None:
    try:
        sys.stdout.write(json.dumps({"done": done, "expected": expected}) + "\n")
        sys.stdout.flush()
    except BrokenPipeError:  # the parent is gone: nobody looks, and ParentWatch ends the crawl
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - until we end


def _report(file: Path | None, crawler: Crawler, more: Mapping[str, Any]) -> None:
    assert crawler.stats is not None
    spider = crawler.spider
    report: dict[str, Any] = {"stats": crawler.stats.get_stats(), **more}
    if isinstance(spider, SourceSpider):
        report |= {"watermark": spider.watermark(), "seen": spider.notes()}
    text = json.dumps(report, ensure_ascii=False, default=str, indent=1)
    if file is None:
        sys.stdout.write(text + "\n")
        return
    draft = file.with_suffix(".part")
    draft.write_text(text, "utf-8")
    draft.replace(file)  # a half-written verdict is none


if __name__ == "__main__":
    sys.exit(main())
