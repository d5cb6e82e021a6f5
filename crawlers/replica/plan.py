"""The settings with which a crawl reads a replica instead of the public sites."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from crawlers.replica.eastmoney_guba import bar
from crawlers.replica.heimao_public import SIGNING_KEY
from crawlers.replica.server import SITES
from data.fold import fold
from data.scenarios.format import Planned, Scenario

_TOPICS = (
    "消费金融",
    "催收",
    "贷款",
    "征信",
    "借款",
    "金融",
    "消费",
    "融资",
    "助贷",
    "新政",
    "收盘",
)
"""Searched besides names when a scenario has news that name no lender."""


def source_settings(
    scenario: Scenario, address: str, names: Iterable[str] = (), approved_on: date | None = None
) -> dict[str, dict[str, Any]]:
    """Return ``settings.sources`` for a replica at ``address``: approved, unhurried by delays.

    ``names`` are the words to search news for, usually ``gate.search_terms(lenders)``.
    """
    approval = {
        "by": "replica",
        "on": (approved_on or scenario.starts_at.date()).isoformat(),
        "basis": "本机仿真站点，不接触任何外部网站",
    }
    targets = _targets(scenario, tuple(names))
    return {
        site.slug: {
            "approval": approval,
            "base_url": f"{address}/{site.slug}",
            "delay_seconds": 0,
            "targets": targets[site.slug],
            "signing_key": SIGNING_KEY if site.slug == "heimao_public" else None,
        }
        for site in SITES
        if targets[site.slug] or site.slug == "nfra_penalty"
    }


def _targets(scenario: Scenario, names: tuple[str, ...]) -> dict[str, list[str]]:
    by_source: dict[str, list[Planned]] = {site.slug: [] for site in SITES}
    for item in scenario.planned:
        if item.mention.source in by_source:
            by_source[item.mention.source].append(item)
    return {
        "heimao_public": sorted(
            {str(p.mention.extra["couid"]) for p in by_source["heimao_public"]}
        ),
        "eastmoney_news": _keywords(by_source["eastmoney_news"], names),
        "nfra_penalty": [],
        "eastmoney_guba": sorted({bar(p) for p in by_source["eastmoney_guba"]}),
    }


def _keywords(news: Iterable[Planned], names: tuple[str, ...]) -> list[str]:
    """Return the names, and those shorter words and topics that find what the names do not."""
    chosen = []
    left = [fold(f"{item.mention.title} {item.mention.text}") for item in news]
    short = dict.fromkeys(name[:2] for name in names)  # namesakes are found as well
    for word in dict.fromkeys((*names, *short, *_TOPICS)):
        missed = [text for text in left if fold(word) not in text]
        if len(missed) < len(left) or word in names:
            chosen.append(word)
        left = missed
    return chosen
