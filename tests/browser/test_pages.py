"""The pages in a real browser: languages, two visitors, a phone, the dark, hostile texts."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from data.store.db import Store
from tests.browser.conftest import Serve
from tests.browser.looking import open_page, settled, visitor
from tests.dashboard import seeds
from tests.dashboard.seeds import Story

pytestmark = pytest.mark.browser


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


@pytest.mark.parametrize("path", ["situation", "situation?lang=en&wall=1", "situation/?lang=en"])
def test_the_first_page_is_also_found_by_its_name(
    chromium: Browser, serve: Serve, path: str
) -> None:
    site = serve("calm")
    with visitor(chromium) as context:
        page = open_page(context, f"{site.address}/{path}")
        title = "Situation" if "lang=en" in path else "态势"
        expect(page.get_by_role("heading", name=title, exact=True)).to_be_attached()
        expect(page.get_by_role("dialog")).to_have_count(0)
        page.wait_for_url(re.compile(rf"{site.port}/(\?|$)"))
        assert ("wall=1" in page.url) == ("wall=1" in path)
        expect(page.get_by_text("Streamlit")).to_have_count(0)  # as a constant's note once was


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("path", ["sources?", "quality?", "settings?part=allegations&"])
def test_no_table_has_a_column_that_must_be_scrolled_to(
    chromium: Browser, serve: Serve, path: str, lang: str
) -> None:
    with visitor(chromium) as context:
        page = open_page(context, f"{serve('demo').address}/{path}lang={lang}")
        page.locator(".dvn-scroller").first.wait_for(state="attached")
        page.wait_for_function(  # columns take their widths a little after they are drawn
            "() => [...document.querySelectorAll('.dvn-scroller')]"
            ".every(one => one.scrollWidth <= one.clientWidth + 1)",
            timeout=60_000,
        )


def test_a_calm_week_is_calm(chromium: Browser, serve: Serve) -> None:
    with visitor(chromium) as context:
        page = open_page(context, serve("calm").address)
        expect(page.get_by_text("没有需要立即处理的事件")).to_be_visible()
