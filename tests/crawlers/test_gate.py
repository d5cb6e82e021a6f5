"""Who may be read, where, how fast and for what."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest

from crawlers import gate
from data import facts
from data.facts.sources import sources
from data.model import Lender, Role
from data.settings import Crawl, Settings, SourceSettings

APPROVED = {"approval": {"by": "法务", "on": date(2026, 11, 1), "basis": "公开信息"}}
LOCAL = {"base_url": "http://127.0.0.1:1/x"}


def settings(slug: str, **values: Any) -> Settings:
    contact = values.pop("contact", "")
    return Settings(sources={slug: SourceSettings(**values)}, crawl=Crawl(contact=contact))


@pytest.mark.parametrize(
    ("slug", "values", "said"),
    [
        ("nfra_penalty", {}, r"add \[sources.nfra_penalty.approval\] with by, on and basis"),
        ("nfra_penalty", LOCAL, "not approved"),
        ("nfra_penalty", {**APPROVED, "enabled": False}, "switched off"),
        ("nfra_penalty", APPROVED, "crawl.contact is empty"),
        ("heimao_public", {**APPROVED, **LOCAL}, "set signing_key"),
        ("nfra_penalty", {**APPROVED, "contact": "a@example.com"}, ""),
        ("nfra_penalty", {**APPROVED, **LOCAL}, ""),
        ("heimao_public", {**APPROVED, **LOCAL, "signing_key": "k"}, ""),
        ("article", {**APPROVED, "targets": ["http://127.0.0.1:1/news/"]}, ""),
        ("article", {**APPROVED, "targets": ["https://example.cn/news/"]}, "contact is empty"),
        ("article", {**APPROVED, "targets": ["/news/"], "contact": "a@b.c"}, "whole addresses"),
        ("rss_feed", {**APPROVED, **LOCAL, "targets": ["/thepaper/featured"]}, ""),
        (
            "rss_feed",
            {**APPROVED, **LOCAL, "targets": ["/a", "https://example.cn/feed"]},
            "contact is empty",
        ),
    ],
)
def test_the_gate(slug: str, values: dict[str, Any], said: str) -> None:
    refusal = gate.refusal(sources()[slug], settings(slug, **values))
    if said:
        assert re.search(said, refusal)
    else:
        assert refusal == ""


def test_a_source_the_settings_do_not_name_is_not_approved() -> None:
    assert "not approved" in gate.refusal(sources()["eastmoney_news"], Settings())


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("http://127.0.0.1:8000/x", True),
        ("http://localhost/x", True),
        ("http://[::1]:80/", True),
        ("https://tousu.sina.com.cn", False),
        ("http://127.0.0.1.example.com/", False),
        ("http://10.0.0.1/", False),
    ],
)
def test_loopback(url: str, local: bool) -> None:
    assert gate.is_loopback(url) is local


def test_a_public_host_is_never_read_faster_than_the_registry_says() -> None:
    fact = sources()["nfra_penalty"]
    assert gate.delay(fact, SourceSettings(delay_seconds=0)) == fact.delay
    assert gate.delay(fact, SourceSettings(delay_seconds=60)) == 60
    assert gate.delay(fact, SourceSettings(delay_seconds=0, **LOCAL)) == 0


def test_targets() -> None:
    news, nfra, heimao = (sources()[s] for s in ("eastmoney_news", "nfra_penalty", "heimao_public"))
    nobody = SourceSettings()
    assert gate.targets(nfra, nobody, ()) == ("4113", "4114", "4115", "4293")
    assert gate.targets(heimao, nobody, ()) == ()
    assert gate.targets(heimao, SourceSettings(targets=("7",)), ()) == ("7",)
    lender = Lender("c", "澄湖消费金融", "C", Role.CUSTOMER, ("澄湖消费金融股份有限公司", "澄湖"))
    assert gate.targets(news, nobody, [lender]) == ("澄湖消费金融",)


def test_every_name_is_found_by_some_search_term() -> None:
    lenders = facts.lenders()
    terms = gate.search_terms(lenders)
    for lender in lenders:
        for name in lender.names:
            assert len(name) < 3 or any(term in name for term in terms), name


def test_the_user_agent_names_a_contact() -> None:
    assert gate.user_agent(Crawl(contact=" a@example.com ")).endswith("(+a@example.com)")
    assert gate.user_agent(Crawl()) == Crawl().user_agent


def test_the_registry_is_patient() -> None:
    for fact in sources().values():
        assert fact.delay >= 1
        assert fact.every >= timedelta(minutes=15)
