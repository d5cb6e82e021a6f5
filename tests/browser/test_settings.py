"""The settings in a real browser: every part for everybody, and a trial on last month."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from dashboard import words
from dashboard.views.policy import TABS
from dashboard.words import Words
from data.facts.telling import FILE
from tests.browser.conftest import Serve
from tests.browser.looking import TRIAL, fits, open_page, settled, visitor
from tests.browser.test_access import findings

pytestmark = pytest.mark.browser

CHANNEL = """
[[channels]]
type = "webhook"
name = "公关群"
url = "http://127.0.0.1:9/"
secret = "hush-hush"
"""


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
        expect(gone).to_be_visible(timeout=TRIAL)
        expect(page.get_by_text("澄易借").last).to_be_visible()
        settled(page)
        assert findings(page) == []
        lenders_tried(page, t, "owner: chenghu", "owner: nobody")
        expect(page.get_by_role("alert").filter(has_text="lenders.yaml: ")).to_contain_text("owner")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_channel_s_level_is_tried_used_and_put_back(
    chromium: Browser, serve: Serve, lang: str, tmp_path: Path
) -> None:
    file, t = Path(shutil.copy(FILE, tmp_path)), words.load(lang)
    site = serve("crisis", f'[alerts]\ntelling = "{file}"\n{CHANNEL}')
    with visitor(chromium) as context:
        page = open_page(context, f"{site.address}/settings?part=channels&lang={lang}")
        red = page.locator(".tf-line .tf-red")
        expect(red).to_have_count(0)
        page.get_by_role("combobox", name=t("policy.from_level")).click()
        page.get_by_role("option", name={"zh": "红色", "en": "Red"}[lang], exact=True).click()
        area = page.get_by_role("textbox", name=t.of("trial", "telling"))
        expect(area).to_have_value(re.compile("公关群:\n    lowest_level: red"))
        page.get_by_role("button", name=t("policy.run"), exact=True).click()
        used(page, t, t("policy.adopt"), "只报红色")
        expect(red).to_be_visible(timeout=TRIAL)
        assert "lowest_level: red" in file.read_text("utf-8")
        settled(page)
        assert findings(page) == []
        page = open_page(context, f"{site.address}/settings?part=changes&lang={lang}")
        page.get_by_text(t.of("setting", "telling")).first.click()
        expect(page.get_by_text("只报红色")).to_be_visible()
        used(page, t, t("policy.back"), "还是照旧")
        expect(page.get_by_text("还是照旧")).to_be_attached(timeout=TRIAL)
        assert file.read_text("utf-8") == FILE.read_text("utf-8")


def used(page: Page, t: Words, press: str, why: str) -> None:
    """Give a reason and let what was tried count, once that can be done."""
    reason = page.get_by_role("textbox", name=t("policy.why"), exact=True).first
    reason.fill(why, timeout=TRIAL)
    reason.press("Enter")
    button = page.get_by_role("button", name=press, exact=True).first
    expect(button).to_be_enabled()
    settled(page)  # a click while the page is still being drawn anew may find no button under it
    button.click()


def lenders_tried(page: Page, t: Words, old: str, new: str) -> None:
    """Change the file of lenders in its field and ask what that would have made of last month."""
    area = page.get_by_role("textbox", name=t.of("trial", "lenders"))
    written = area.input_value()
    assert old in written
    area.fill(written.replace(old, new))
    area.press("Control+Enter")
    settled(page)
    page.get_by_role("button", name=t("policy.run"), exact=True).click()
