"""The pages in a real browser: languages, two visitors, a phone, the dark, hostile texts."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from data.store.db import Store
from tests.browser.conftest import Serve
from tests.browser.looking import READY, fits, open_page, picture, settled, visitor
from tests.dashboard import seeds
from tests.dashboard.seeds import Story

pytestmark = pytest.mark.browser

PAGES = {
    "situation": ("", "态势", "Situation"),
    "incident": ("incidents?id=1", "为何告警", "Why it fired"),
    "feed": ("feed", "更多筛选", "More filters"),
    "sources": ("sources", "最近运行", "Last runs"),
    "inbox": ("inbox", "1 封", "1 message"),
}


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_page_in_both_languages(
    chromium: Browser, serve: Serve, name: str, lang: str
) -> None:
    address, zh, en = PAGES[name]
    joint = "&" if "?" in address else "?"
    with visitor(chromium) as context:
        page = open_page(context, f"{serve('crisis').address}/{address}{joint}lang={lang}")
        words = zh if lang == "zh" else en
        where = page.locator("[data-testid=stApp]")
        if name == "sources":
            expect(where).to_contain_text("HTTP 456")
        else:
            expect(where).to_contain_text(words)
        assert fits(page)


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_on_a_phone(chromium: Browser, serve: Serve, name: str, scheme: str) -> None:
    with visitor(chromium, 390, 844, scheme) as context:
        page = open_page(context, f"{serve('crisis').address}/{PAGES[name][0]}")
        assert fits(page)


def test_two_visitors_at_once_each_in_their_language(chromium: Browser, serve: Serve) -> None:
    address = serve("crisis").address
    with visitor(chromium) as one, visitor(chromium) as two:
        here = open_page(one, address)
        there = open_page(two, f"{address}/?lang=en")
        for _ in range(2):
            here.get_by_role("link", name="舆情", exact=True).click()
            there.get_by_role("link", name="Mentions", exact=True).click()
            expect(here.locator("article").first).to_be_visible()
            expect(there.locator("article").first).to_be_visible()
            here.get_by_role("link", name="态势", exact=True).click()
            there.get_by_role("link", name="Situation", exact=True).click()
            expect(here.get_by_text("近 7 天走势")).to_be_visible()
            expect(there.get_by_text("Last 7 days")).to_be_visible()
        assert "lang=en" in there.url
        settled(here)
        settled(there)


def test_from_the_alert_s_link_to_acknowledged(chromium: Browser, serve: Serve) -> None:
    with visitor(chromium) as context:
        page = open_page(context, f"{serve('crisis').address}/incidents?id=2")
        page.get_by_role("button", name="我来处理").click()
        expect(page.get_by_text("接手处理")).to_be_visible()
        expect(page.get_by_role("button", name="我来处理")).to_have_count(0)
        page.get_by_role("link", name="全部事件").click()
        expect(page.get_by_text("处理中").first).to_be_visible()


def test_searching_folds_out_and_lives_in_the_address(chromium: Browser, serve: Serve) -> None:
    with visitor(chromium) as context:
        page = open_page(context, f"{serve('crisis').address}/feed")
        page.get_by_role("textbox", name="搜索").fill("大字报")
        page.get_by_role("textbox", name="搜索").press("Enter")
        expect(page.locator("article").first).to_contain_text("大字报")
        page.wait_for_url(re.compile("q="))
        page.locator(".tf-clauses summary").first.click()
        expect(page.locator(".tf-clauses li").first).to_be_visible()
        with page.expect_download() as saved:
            page.get_by_role("button", name="导出 CSV").click()
        assert "大字报" in Path(saved.value.path()).read_text("utf-8-sig")
        other = open_page(context, page.url)
        expect(other.locator("article").first).to_contain_text("大字报")


def test_the_latest_refresh_themselves_and_nothing_else_does(
    chromium: Browser, serve: Serve
) -> None:
    site = serve("calm")
    with visitor(chromium) as context:
        page = open_page(context, site.address)
        expect(page.get_by_role("heading", name="最新")).to_be_visible()
        page.evaluate("() => { window.kept = document.querySelector('.tf-headline'); }")
        store, now = Store(site.database), datetime.now(UTC)  # noqa: TID251
        seeds.put(
            store, [seeds.seed(90_000, now, seeds.FORUM, Story("刚刚发生", "刚发的帖子"))], now
        )
        store.dispose()
        expect(page.get_by_text("刚发的帖子")).to_be_visible(timeout=30_000)
        assert page.evaluate("() => window.kept.isConnected")


def test_hostile_texts_run_nothing(chromium: Browser, serve: Serve) -> None:
    with visitor(chromium) as context:
        alarms: list[str] = []
        for address in ("", "feed", "incidents?id=1"):
            page = context.new_page()
            page.on("dialog", lambda dialog: alarms.append(dialog.message))
            page.goto(f"{serve('hostile').address}/{address}")
            page.locator(READY).first.wait_for()
            settled(page)
            expect(page.get_by_text("<script>alert(1)</script>").first).to_be_visible()
            assert page.locator('a[href^="javascript"], .stApp img[src="x"]').count() == 0
        assert alarms == []


def test_a_calm_week_is_calm(chromium: Browser, serve: Serve) -> None:
    with visitor(chromium) as context:
        page = open_page(context, serve("calm").address)
        expect(page.get_by_text("没有需要立即处理的事件")).to_be_visible()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_demo_s_crisis_leads_every_page(chromium: Browser, serve: Serve, lang: str) -> None:
    """The pictures of the documentation: the built-in scenario, through real detection."""
    address = serve("demo").address
    with visitor(chromium) as context:
        page = open_page(context, f"{address}/?lang={lang}")
        expect(page.locator(".tf-headline .tf-badge")).to_be_visible()
        expect(page.locator("[data-testid=stVegaLiteChart]")).to_have_count(3)
        picture(page, f"situation-{lang}")
        page.get_by_role("link", name={"zh": "去处理", "en": "Handle it"}[lang]).click()
        expect(page.get_by_text({"zh": "如何传播", "en": "How it spread"}[lang])).to_be_visible()
        expect(page.locator("article mark").first).to_be_visible()
        picture(page, f"incident-{lang}")
        for name in ("feed", "sources"):
            page = open_page(context, f"{address}/{name}?lang={lang}")
            picture(page, f"{name}-{lang}")
    with visitor(chromium, 390, 844, "dark") as context:
        page = open_page(context, f"{address}/?lang={lang}")
        assert fits(page)
        picture(page, f"phone-dark-{lang}")
