"""The settings in a real browser: every part for everybody, and a trial on last month."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from dashboard import words
from dashboard.views.policy import TABS
from dashboard.words import Words
from tests.browser.conftest import Serve
from tests.browser.looking import fits, open_page, settled, visitor
from tests.browser.test_access import findings

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_each_part_is_open_to_everybody(chromium: Browser, serve: Serve, lang: str) -> None:
    address, found = serve("crisis").address, []
    with visitor(chromium) as context:
        for part in TABS:
            page = open_page(context, f"{address}/settings?part={part}&lang={lang}")
            found += [(part, *one) for one in findings(page)]
            page.set_viewport_size({"width": 390, "height": 844})
            settled(page)
            found += [] if fits(page) else [(part, "must be scrolled sideways")]
            page.close()
    assert found == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_another_name_is_tried_on_last_month(chromium: Browser, serve: Serve, lang: str) -> None:
    site, t = serve("crisis"), words.load(lang)
    with visitor(chromium) as context:
        page = open_page(context, f"{site.address}/settings?part=lenders&lang={lang}")
        lenders_tried(page, t, "names: [澄易借]", "names: [澄意借]")
        gone = page.get_by_text(t("policy.vanishes", name=""), exact=False).first
        expect(gone).to_be_visible(timeout=90_000)
        expect(page.get_by_text("澄易借").last).to_be_visible()
        settled(page)
        assert findings(page) == []
        lenders_tried(page, t, "owner: chenghu", "owner: nobody")
        expect(page.get_by_role("alert").filter(has_text="lenders.yaml: ")).to_contain_text("owner")


def lenders_tried(page: Page, t: Words, old: str, new: str) -> None:
    """Change the file of lenders in its field and ask what that would have made of last month."""
    area = page.get_by_role("textbox", name=t.of("trial", "lenders"))
    written = area.input_value()
    assert old in written
    area.fill(written.replace(old, new))
    area.press("Control+Enter")
    settled(page)
    page.get_by_role("button", name=t("policy.run"), exact=True).click()
