"""Approve a source: ask its robots.txt, then write down who, when, on what basis and the answer."""

from __future__ import annotations

from datetime import datetime

from scrapy.settings import Settings as ScrapySettings
from scrapy.spiderloader import SpiderLoader

from crawlers import gate, robots
from crawlers.jobs import known_source
from crawlers.source import Job
from data import facts
from data.errors import InputError, Refused
from data.facts.sources import SourceFact
from data.settings import Settings, SourceSettings
from data.store import approvals
from data.store.approvals import Decision
from data.store.db import Store
from data.store.mentions import Saved


def approve(
    store: Store, settings: Settings, source: str, by: str, basis: str, now: datetime
) -> Decision:
    """Write an approval with what robots.txt says now, and return it.

    Raises:
        InputError: Nobody's name, or no basis.
        Refused: robots.txt forbids our pages or cannot be read, which means no.
        ConfigError: There is no such source.
    """
    fact = known_source(source)
    _said(by, basis)
    asked = first_pages(fact, settings, now)
    if not asked:
        raise InputError(f"{source} has nothing to ask for: set targets under [sources.{source}]")
    ours = settings.sources.get(source, SourceSettings())
    found = robots.ask(
        asked, gate.user_agent(settings.crawl), now, proxies=not gate.is_local(fact, ours)
    )
    for one in found:
        if not one.allows:
            raise Refused(f"{one.url}: {one.why}; nothing was approved: ask the site's owner first")
    verdict = {"robots": [one.as_dict() for one in found]}
    return _decide(store, Decision(source, now, by, approvals.APPROVED, basis, verdict))


def withdraw(store: Store, source: str, by: str, basis: str, now: datetime) -> Decision:
    """Take an approval back, also one in the settings; the history stays. Raises InputError."""
    known_source(source)
    _said(by, basis)
    return _decide(store, Decision(source, now, by, approvals.WITHDRAWN, basis))


def first_pages(fact: SourceFact, settings: Settings, now: datetime) -> list[str]:
    """Return the addresses that a crawl of the source would begin with; nothing is fetched."""
    ours = settings.sources.get(fact.slug, SourceSettings())
    lenders = facts.lenders(settings.lenders) if fact.targets_from else ()
    job = Job(
        fact=fact,
        base_url=gate.base_url(fact, ours),
        targets=gate.targets(fact, ours, lenders),
        watermark={},
        clock=lambda: now,
        known=lambda _: {},
        save=lambda _: Saved(0, 0, 0, ()),
        signing_key=ours.signing_key.get_secret_value() if ours.signing_key else "",
    )
    scrapy = ScrapySettings()
    scrapy.setmodule("crawlers.settings", priority="project")
    spider = SpiderLoader.from_settings(scrapy).load(fact.slug)
    return [request.url for request in spider(job=job).begin()]  # type: ignore[attr-defined]


def _said(by: str, basis: str) -> None:
    if not by.strip() or not basis.strip():
        raise InputError("an approval needs a person (--by) and a reason (--basis)")


def _decide(store: Store, decision: Decision) -> Decision:
    with store.write() as conn:
        approvals.record(conn, decision)
    return decision
