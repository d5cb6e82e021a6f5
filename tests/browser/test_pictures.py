"""The pictures of the documentation: the built-in crisis on every page, in both languages.

``make screenshots`` keeps them in docs/images; a test run only looks at the pages.
"""

from __future__ import annotations

import os

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select

from dashboard import words
from data.store.db import Store
from data.store.schema import incident
from tests.browser.conftest import Serve, Site
from tests.browser.looking import TRIAL, fits, open_page, picture, settled, visitor
from tests.browser.test_access import places
from tests.browser.test_settings import lenders_tried

pytestmark = pytest.mark.browser

LANGUAGES = ("zh", "en") if os.environ.get("TINGFENG_SCREENSHOTS") == "1" else ("en",)
"""A test run takes the longer words only; test_access looks at every page in both."""
HANDLE = {"zh": "去处理", "en": "Handle it"}
SPREAD = {"zh": "如何传播", "en": "How it spread"}


def worst(site: Site) -> int:
    """Return the gravest incident, the newest of those."""
    store = Store(site.database)
    with store.read() as conn:
        query = select(incident.c.id).order_by(incident.c.level.desc(), incident.c.last_at.desc())
        key: int = conn.scalars(query).first() or 0
    store.dispose()
    return key


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_crisis_on_every_page(chromium: Browser, serve: Serve, lang: str) -> None:
    site = serve("demo")
    with visitor(chromium) as context:
        page = open_page(context, f"{site.address}/?lang={lang}")
        expect(page.locator(".tf-headline .tf-badge")).to_be_visible()
        expect(page.locator("[data-testid=stVegaLiteChart]").nth(2)).to_be_visible()
        names = places(page)
        picture(page, f"situation-{lang}")
        page.get_by_role("link", name=HANDLE[lang]).click()
        expect(page.get_by_text(SPREAD[lang])).to_be_visible()
        expect(page.locator("article mark").first).to_be_visible()
        settled(page)
        picture(page, f"incident-{lang}")
        for name in (*names[1:], "cases?id=1"):
            page = shown(context, site, name, lang)
            picture(page, f"{'case' if '?' in name else name}-{lang}")
            page.close()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_change_is_tried_on_last_month(chromium: Browser, serve: Serve, lang: str) -> None:
    site, t = serve("demo"), words.load(lang)
    with visitor(chromium) as context:
        page = shown(context, site, "settings?part=lenders", lang)
        lenders_tried(page, t, "names: [澄易借]", "names: [澄意借]")
        expect(page.locator(".tf-headline")).to_be_visible(timeout=TRIAL)
        settled(page)
        whole = page.get_by_text(
            words.load(lang).of("trial", "lenders")
        )  # what was tried, and what came
        whole.evaluate("e => e.scrollIntoView({block: 'start'})")
        picture(page, f"trial-{lang}")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_crisis_on_a_phone_in_the_dark_and_on_the_wall(
    chromium: Browser, serve: Serve, lang: str
) -> None:
    site = serve("demo")
    story = f"incidents?id={worst(site)}"
    with visitor(chromium, 390, 844) as context:
        for name, path in (("situation", ""), ("incident", story), ("desk", "desk")):
            page = shown(context, site, path, lang)
            assert fits(page)
            picture(page, f"{name}-phone-{lang}")
            page.close()
    with visitor(chromium, scheme="dark") as context:
        for name, path in (("situation", ""), ("incident", story), ("desk", "desk")):
            picture(shown(context, site, path, lang), f"{name}-dark-{lang}")
    with visitor(chromium, 1920, 1080) as context:
        page = shown(context, site, "?wall=1", lang)
        assert fits(page)
        picture(page, f"wall-{lang}")


def shown(context: BrowserContext, site: Site, path: str, lang: str) -> Page:
    joint = "&" if "?" in path else "?"
    return open_page(context, f"{site.address}/{path}{joint}lang={lang}")
