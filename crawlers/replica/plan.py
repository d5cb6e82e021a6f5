"""The settings with which a crawl reads a replica instead of the public sites."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from crawlers.replica.heimao_public import SIGNING_KEY
from crawlers.replica.server import SITES
from data.scenarios.format import Planned, Scenario


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
    by_source: dict[str, list[Planned]] = defaultdict(list)
    for item in scenario.planned:
        by_source[item.mention.source].append(item)
    return {
        site.slug: {
            "approval": approval,
            "base_url": f"{address}/{site.slug}",
            "delay_seconds": 0,
            "targets": site.targets(by_source[site.slug], tuple(names), f"{address}/{site.slug}"),
            "signing_key": SIGNING_KEY if site.slug == "heimao_public" else None,
        }
        for site in SITES
        if by_source[site.slug]
    }
