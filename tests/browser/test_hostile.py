"""Texts, filters and addresses that want to be more than that, on every page."""

from __future__ import annotations

import csv
from io import BytesIO, StringIO
from pathlib import Path
from urllib.parse import quote

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import Serve
from tests.browser.looking import READY, fits, open_page, settled, visitor
from tests.browser.test_access import BESIDE, places

pytestmark = pytest.mark.browser

SHOWN = "<script>alert(1)</script>"
WITH_TEXTS = {"", "incidents", "incidents?id=1", "feed", "desk", "cases", "cases?id=1"}
SQL = ("'; DROP TABLE mention; --", '" OR 1=1 --', "%_\\", "NEAR(a b)", "上门*", "\u202e上门")


def look(context: BrowserContext, address: str, alarms: list[str]) -> Page:
    page = context.new_page()
    page.on("dialog", lambda dialog: alarms.append(dialog.message))
    page.goto(address)
    page.locator(READY).first.wait_for()
    settled(page)
    return page


def test_a_hostile_text_is_text_on_every_page(chromium: Browser, serve: Serve) -> None:
    address, alarms = serve("hostile").address, list[str]()
    with visitor(chromium) as context:
        page = open_page(context, address)
        for path in [*places(page), *BESIDE]:
            page = look(context, f"{address}/{path}", alarms)
            if path in WITH_TEXTS:
                expect(page.get_by_text(SHOWN).first).to_be_visible()
                expect(page.get_by_text("U+202E").first).to_be_visible()
            danger = 'a[href^="javascript"], .stMain img[src="x"], .stMain script, .stMain iframe'
            assert page.locator(danger).count() == 0, path
            assert fits(page), path
            page.close()
    assert alarms == []


def test_what_is_asked_for_is_only_a_question(chromium: Browser, serve: Serve) -> None:
    """SQL, search operators and marks in the search box; slugs that are none in the address."""
    address, alarms = serve("hostile").address, list[str]()
    with visitor(chromium) as context:
        for words in SQL:
            page = look(context, f"{address}/desk?scope=all&q={quote(words)}", alarms)
            page.close()
        for path in ("incidents?id=1%27--", "cases?id=9e9", "desk?m=-1&after=zz", "digest?period=x",
                     "feed?source=%27&from=0000-99-99&severity=99&lang=%3Cscript%3E",
                     "?lender=%27%20OR%201"):  # fmt: skip
            page = look(context, f"{address}/{path}", alarms)
            page.close()
        page = look(context, f"{address}/feed?q=长", alarms)
        expect(page.locator("article").first).to_be_visible()  # nothing was dropped; 1 MB is cut
        assert page.evaluate("() => document.body.innerText.length") < 120_000
    assert alarms == []


def test_an_export_has_no_formula(chromium: Browser, serve: Serve) -> None:
    with visitor(chromium) as context:
        page = open_page(context, f"{serve('hostile').address}/desk?scope=all")
        for kind in ("CSV", "XLSX"):
            with page.expect_download() as saved:
                page.get_by_role("button", name=kind).click()
            data = Path(saved.value.path()).read_bytes()
            cells = _csv(data) if kind == "CSV" else _xlsx(data)
            assert any("HYPERLINK" in cell for cell in cells)
            if kind == "CSV":
                assert [cell for cell in cells if cell[:1] in set("=+@\t\r")] == []


def _csv(data: bytes) -> list[str]:
    return [cell for row in csv.reader(StringIO(data.decode("utf-8-sig"))) for cell in row]


def _xlsx(data: bytes) -> list[str]:
    book = load_workbook(BytesIO(data))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert "f" not in {cell.data_type for cell in cells}
    return [str(cell.value) for cell in cells if cell.value is not None]
