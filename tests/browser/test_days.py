"""A day's work of each role, from the alert's link to the closed case, in both languages."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from dashboard import words
from data.store import accounts
from data.store.db import Store
from tests.browser.conftest import Serve
from tests.browser.looking import fits, open_page, settled, visitor
from tests.browser.people import come, small_team

pytestmark = pytest.mark.browser

INCIDENT = {"zh": 1, "en": 2}
WORDS = {"zh": "堵在我家门口", "en": "自称法院执行局"}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_day(chromium: Browser, serve: Serve, lang: str) -> None:
    """PR on duty takes the incident on; compliance proves one complaint; executives read."""
    site, t = small_team(serve), words.load(lang)
    with visitor(chromium) as context:
        page = come(context, site, "王敏", f"inbox?lang={lang}")
        link = page.locator(".tf-mail a").get_attribute("href")
        assert link == f"{site.address}/incidents?id=1"
        page.goto(f"{site.address}/incidents?id={INCIDENT[lang]}&lang={lang}")
        _duty(page, t)
    with visitor(chromium) as context:
        _compliance(come(context, site, "李宁", f"desk?lang={lang}"), t)
    with visitor(chromium, 390, 844, "dark") as context:
        page = come(context, site, "陈总", f"?lang={lang}")
        expect(page.get_by_text(t("situation.compared"))).to_be_visible()
        page = open_page(context, f"{site.address}/digest?lang={lang}")
        assert fits(page)
        page.locator(".tf-figures a").first.click()
        expect(page.locator("article").first).to_be_visible()


def _duty(page: Page, t: words.Words) -> None:
    """Acknowledge, record the response, judge the alert, close."""
    page.get_by_role("button", name=t("act.acknowledge")).click()
    expect(page.get_by_text(t("incident.owner", name="王敏"))).to_be_visible()
    _say(page, t("act.respond"), t("act.respond_what"), "已致电投诉人，承诺今日答复")
    expect(page.get_by_text("已致电投诉人，承诺今日答复")).to_be_visible()
    page.get_by_text(t.of("judged", "useful"), exact=True).click()
    expect(page.get_by_text(t.of("event", "judged"), exact=True).first).to_be_visible()
    _say(page, t("act.close"), t("act.why"), "已答复并道歉，未见新增")
    expect(page.locator(".tf-headline").get_by_text(t.of("state", "closed"))).to_be_visible()
    expect(page.get_by_role("button", name=t("act.respond"))).to_have_count(0)


def _compliance(page: Page, t: words.Words) -> None:
    """Search, read on by keyboard, correct a label, say what is under review, open and close."""
    box = page.get_by_role("textbox", name=t("feed.search"))
    box.fill(WORDS[t.language])
    box.press("Enter")
    page.wait_for_url(re.compile("q="))
    settled(page)
    expect(page.locator(".tf-reading mark").first).to_be_visible()
    page.locator(".tf-reading").click()  # out of the search box, where j is a letter
    page.keyboard.press("j")
    page.wait_for_url(re.compile("m="))
    settled(page)
    page.get_by_text(t.of("standing", "review"), exact=True).click()
    expect(page.locator(".tf-standing-review")).to_be_visible()
    page.get_by_role("button", name=t("desk.correct"), exact=True).click()
    page.get_by_role("button", name=re.compile(t("desk.deny", what=""))).first.click()
    expect(page.get_by_text(t("desk.labels", n=2))).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name=t("case.open"), exact=True).click()
    page.get_by_role("link", name=t("case.look")).first.click()
    page.wait_for_url(re.compile(r"/cases\?.*id=\d"))
    settled(page)
    _say(page, t("case.note"), t("case.note"), "已调取录音", button=t("case.write"))
    expect(page.get_by_text("已调取录音").first).to_be_visible()
    _say(page, t("case.close"), t("act.why"), "已退费并道歉")
    expect(page.get_by_text("已退费并道歉")).to_be_visible()
    expect(page.get_by_role("button", name=t("case.reopen"))).to_be_visible()


def _say(page: Page, title: str, label: str, text: str, button: str = "") -> None:
    """Open a popover, write into its field and press its button."""
    opener = page.get_by_role("button", name=title, exact=True)
    expect(opener).to_have_count(1)  # two while the page is drawn anew
    opener.click()
    field = page.get_by_role("textbox", name=label, exact=True)
    field.fill(text)
    field.press("Control+Enter")
    press = page.get_by_role("button", name=button or title, exact=True).last
    expect(press).to_be_enabled()
    press.click()
    settled(page)


def test_a_viewer_reads_and_finds_nothing_to_press(chromium: Browser, serve: Serve) -> None:
    site, t = small_team(serve), words.load("zh")
    with visitor(chromium) as context:
        page = come(context, site, "陈总", "incidents?id=2")
        kinds = ("act.acknowledge", "act.note", "desk.correct", "case.open", "case.note")
        for path in ("incidents?id=2", "desk", "cases?id=1"):
            page = open_page(context, f"{site.address}/{path}")
            for key in kinds:
                expect(page.get_by_role("button", name=t(key), exact=True)).to_have_count(0)
            page.close()


def test_who_is_dismissed_acts_no_more_in_a_page_that_is_still_open(
    chromium: Browser, serve: Serve
) -> None:
    site, t = small_team(serve), words.load("zh")
    with visitor(chromium) as context:
        page = come(context, site, "李宁", "cases?id=2")
        page.get_by_role("button", name=t("case.note"), exact=True).click()
        page.get_by_role("textbox", name=t("case.note"), exact=True).fill("不该写入")
        store = Store(site.database)
        with store.write() as conn:
            accounts.end_all(conn, "李宁")
        page.get_by_role("textbox").last.press("Control+Enter")
        expect(page.get_by_text(t("door.nobody"), exact=True)).to_be_visible()
        store.dispose()
