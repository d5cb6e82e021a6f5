"""What a page says while there is nothing, something is loading, wrong, or not for everybody."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from dashboard import words
from tests.browser.conftest import Serve
from tests.browser.looking import open_page, settled, visitor
from tests.browser.people import come, small_team
from tests.browser.test_access import findings, places

pytestmark = pytest.mark.browser


def test_an_empty_store_says_what_to_do_next_on_every_page(chromium: Browser, serve: Serve) -> None:
    address = serve("empty").address
    with visitor(chromium) as context:
        page = open_page(context, address)
        for path in places(page):
            if path in {"inbox", "settings"}:
                continue  # there is always a mail in it; and there are always settings
            page = open_page(context, f"{address}/{path}?lang=en")
            state = page.locator(".tf-state").first
            expect(state.locator("strong")).not_to_be_empty()
            assert len(state.inner_text().splitlines()) >= 2, path  # what is, and what to do
            page.close()


def test_while_a_page_is_loading_it_does_not_look_empty(chromium: Browser, serve: Serve) -> None:
    """The socket stays silent: the frame is there, and no page claims that there is nothing."""
    with visitor(chromium) as context:
        page = context.new_page()
        page.route_web_socket("**/_stcore/stream", lambda _: None)  # connected, and silent
        page.goto(serve("empty").address)
        page.locator("[data-testid=stAppViewContainer], [data-testid=stSkeleton]").first.wait_for()
        expect(page.locator(".tf-state")).to_have_count(0)


def test_a_store_that_fails_is_a_sentence_with_a_remedy(chromium: Browser, serve: Serve) -> None:
    site, t = serve("empty", 'language = "en"\n'), words.load("en")
    Path(site.database.removeprefix("sqlite:///")).write_bytes(b"this is no database" * 999)
    with visitor(chromium) as context:
        page = context.new_page()
        page.goto(f"{site.address}/feed")
        told = page.get_by_role("alert")
        told.wait_for()
        expect(told).to_contain_text(t("error.title"))
        expect(told).to_contain_text("database")
        settled(page)
        assert "Traceback" not in page.content()
        assert findings(page) == []


def test_what_is_not_for_everybody_says_nothing_it_should_not(
    chromium: Browser, serve: Serve
) -> None:
    site = small_team(serve)
    with visitor(chromium) as context:
        page = come(context, site, "陈总", "settings")
        assert page.locator(".stMain button[kind=primary]").count() == 0
        page = open_page(context, f"{site.address}/incidents?id=999")
        expect(page.get_by_text(words.load("zh")("incident.unknown"))).to_be_visible()
