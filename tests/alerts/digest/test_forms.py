"""Each form is what its format asks for, whatever the texts in it try."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from alerts.digest import make
from alerts.digest.forms import typeset
from alerts.digest.make import Made
from alerts.digest.page import page
from alerts.digest.words import LANGUAGES, Language
from data.settings import Settings
from data.store.db import Store
from tests.alerts.digest.test_figures import NOW
from tests.alerts.digest.weeks import OURS, WEEK, fill
from tests.dashboard import seeds


@pytest.fixture
def made(store: Store) -> Made:
    """A full week with hostile texts in it."""
    fill(store, 2)
    seeds.hostile(store, WEEK.until)
    return make.make(store, Settings(), WEEK, OURS, NOW)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pdf_is_one_tagged_page_with_its_fonts(made: Made, language: Language) -> None:
    raw = make.form(made, "pdf", language)
    assert len(raw) <= 500_000
    book = PdfReader(BytesIO(raw))
    assert len(book.pages) == 1
    width, height = book.pages[0].mediabox.width, book.pages[0].mediabox.height
    assert (round(width), round(height)) == (595, 842)
    root: Any = book.root_object
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    assert str(root["/Lang"]).startswith(language)
    for font in _fonts(book):
        assert "/FontFile3" in font or "/FontFile2" in font
    text = book.pages[0].extract_text()
    assert f"{made.figures['mentions']['value']:,}" in text
    assert made.page(language)["id"][:20] in text


def _fonts(book: PdfReader) -> list[Any]:
    page: Any = book.pages[0]
    fonts = page["/Resources"]["/Font"]
    below = [one.get_object()["/DescendantFonts"][0].get_object() for one in fonts.values()]
    assert below
    return [one["/FontDescriptor"].get_object() for one in below]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_mail_needs_no_style_sheet_and_runs_nothing(made: Made, language: Language) -> None:
    html = make.form(made, "html", language).decode()
    assert len(html) <= 100_000
    assert "<script" not in html
    assert 'href="javascript:' not in html
    assert "\u202e" not in html
    assert "<img src=x" not in html
    assert 'class="value" style="' in html or re.search(r'class="value"[^>]*style="[^"]*24px', html)
    assert "prefers-color-scheme: dark" in html
    assert "data:" not in html
    for alt in re.findall(r"<img[^>]*>", html):
        assert 'alt="' in alt
    assert not re.search(r"display:\s*(flex|grid)|float:|background-image", html)


def test_links_lead_to_what_was_counted(made: Made) -> None:
    html = make.form(made, "html", "zh").decode()
    assert "/feed?sentiment=neg&amp;from=2026-11-16&amp;to=2026-11-22&amp;dated=dated" in html
    assert "/feed?severity=4&amp;from=2026-11-16&amp;to=2026-11-22" in html


def test_a_workbook_holds_numbers_as_numbers_and_texts_as_texts(made: Made) -> None:
    book = load_workbook(BytesIO(make.form(made, "xlsx", "zh")))
    assert book.sheetnames == ["全页", "每日", "历期", "指控升降", "核对"]
    total = sum(int(str(row[1].value)) for row in list(book["每日"].rows)[1:])
    assert total == made.figures["mentions"]["value"]
    assert not any(
        cell.data_type == "f" for sheet in book for row in sheet.iter_rows() for cell in row
    )
    book.close()


def test_markdown_has_only_our_own_links_and_headings(made: Made) -> None:
    lines = make.form(made, "md", "zh").decode().splitlines()
    assert sum(line.startswith("#") for line in lines) == 11
    targets = re.findall(r"(?<!\\)\]\((\S+?)\)", "\n".join(lines))
    assert targets
    ours = ("http://127.0.0.1:8501/", "https://example.com/")  # a notice's own page
    assert all(target.startswith(ours) for target in targets)


def test_much_to_say_is_set_smaller_not_on_two_pages(made: Made) -> None:
    page = made.page("en")
    page["sections"] = [
        {
            **section,
            "lines": section["lines"] * 3 if section["key"] == "moves" else section["lines"],
        }
        for section in page["sections"]
    ]
    assert len(PdfReader(BytesIO(typeset.pdf(page, "http://x"))).pages) == 1


def test_a_digest_that_was_kept_before_a_form_knew_more_is_still_laid_out(made: Made) -> None:
    kept = made.page("zh")
    for day in kept["charts"]["days"]:
        del day["told"]
    assert typeset.pdf(kept, made.base).startswith(b"%PDF")
    for notice in made.figures["notices"]["first"]:
        del notice["alike"]
    assert page(made.figures, "zh", 1, None)["sections"]


def test_the_picture_is_the_same_in_every_run(made: Made) -> None:
    raw = typeset.png(made.page("zh"))
    assert raw == typeset.png(made.page("zh"))
    assert raw[:8] == b"\x89PNG\r\n\x1a\n"
    assert int.from_bytes(raw[16:20]) == 1_200
