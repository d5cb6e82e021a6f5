"""The weekly page in a real browser: each number opens a list of just so many; files come down."""

from __future__ import annotations

from urllib.parse import urljoin

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Serve
from tests.browser.looking import fits, open_page, settled, visitor

pytestmark = pytest.mark.browser


def test_each_number_opens_the_list_that_was_counted(chromium: Browser, serve: Serve) -> None:
    site = serve("crisis")
    with visitor(chromium) as context:
        page = open_page(context, f"{site.address}/digest")
        assert fits(page)
        numbers = page.locator(".tf-figure", has=page.locator("a[href^=feed]")).evaluate_all(
            "cards => cards.map(card => [card.querySelector('b').textContent,"
            " card.querySelector('a').getAttribute('href')])"
        )
        assert len(numbers) == 3
        whole = int(numbers[0][0].replace(",", ""))
        for value, address in numbers:
            page.goto(urljoin(f"{site.address}/", address))
            total = page.get_by_text("共 ").first
            if value == "0":
                expect(page.get_by_text("没有符合条件的内容")).to_be_visible()
                continue
            expect(total).to_be_visible()
            settled(page)
            shown = int("".join(filter(str.isdigit, total.inner_text())))
            if value.endswith("%"):
                assert round(100 * shown / whole) == int(value.removesuffix("%"))
            else:
                assert shown == int(value.replace(",", ""))


def test_a_click_on_a_mark_leads_there_in_the_same_window(chromium: Browser, serve: Serve) -> None:
    site = serve("crisis")
    with visitor(chromium, 390, 844) as context:
        page = open_page(context, f"{site.address}/digest?lang=en")
        assert fits(page)
        page.locator(".tf-figure a").first.click()
        expect(page.locator("article").first).to_be_visible()
        assert "/feed?" in page.url
        assert len(context.pages) == 1
