"""A label that rests on words a person chose, in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from dashboard import words
from data.facts import allegations
from data.store.db import Store
from data.store.schema import label
from tests.browser.conftest import Serve
from tests.browser.looking import open_page, settled, visitor
from tests.browser.test_access import findings

pytestmark = pytest.mark.browser

CHOSEN = "堵在我家门口"
ADDED = {"zh": "insult_abuse", "en": "threat_of_violence"}
NAMES = {fact.id: {"zh": fact.zh, "en": fact.en} for fact in allegations()}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_words_are_chosen_and_marked(chromium: Browser, serve: Serve, lang: str) -> None:
    site = serve("crisis", f"# labels in {lang}\n")  # its own, where nobody has corrected anything
    t, name = words.load(lang), NAMES[ADDED[lang]][lang]
    with visitor(chromium) as context:
        page = open_page(context, f"{site.address}/desk?q={CHOSEN}&scope=all&lang={lang}")
        page.get_by_role("button", name=t("desk.correct"), exact=True).click()
        box = page.get_by_role("textbox", name=t("desk.words"), exact=True)
        box.fill("没有这几个字")
        box.press("Enter")
        expect(page.get_by_text(t("desk.not_there"))).to_be_visible()
        box.fill(CHOSEN)
        box.press("Enter")
        chosen = page.get_by_role("combobox", name=t("desk.allege"))
        expect(chosen).to_be_enabled()  # until the words are found, it is off and grey
        settled(page)
        assert findings(page) == []
        chosen.click()
        chosen.fill(name)
        page.get_by_role("option", name=name, exact=True).click()
        expect(page.get_by_text(t("desk.labels", n=1)).first).to_be_attached()
        expect(page.locator(".tf-reading mark").filter(has_text=CHOSEN).first).to_be_visible()
    store = Store(site.database)
    with store.read() as conn:
        query = select(label.c.quote).where(label.c.allegation == ADDED[lang])
        assert list(conn.scalars(query)) == [CHOSEN]
    store.dispose()
