"""The complaint desk and the cases as a visitor uses them."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from dashboard import export, viewer
from dashboard.pointing import Place, places
from dashboard.queries import mentions
from dashboard.queries.filters import Filter
from dashboard.viewer import Right, Viewer
from data.store import cases, corrections, searches
from data.store import mentions as stored
from data.store.cases import CaseState
from data.store.db import Store
from tests.dashboard import seeds
from tests.dashboard.test_desk import naming
from tests.dashboard.test_views import full, html, look

__all__ = ["full"]


def test_the_desk_reads_the_newest_complaint_first(full: Store) -> None:
    at = look("desk")
    shown = html(at)
    assert "tf-reading" in shown
    assert "可能触及的条款" in [one.label for one in at.expander]
    assert "起施行，发布时有效" in shown
    assert len(at.radio[0].options) == 50
    assert at.radio[0].value is not None
    before = at.query_params.get("m")
    at.button(key="desk_j").click().run()
    assert at.query_params["m"] != before
    at.button(key="desk_older").click().run()
    assert "m" not in at.query_params
    assert not at.exception


def test_facets_carry_counts_and_write_themselves_into_the_address(full: Store) -> None:
    at = look("desk", allegation="abusive_visit", scope="all")
    assert at.session_state["at_allegation"] == ["abusive_visit"]
    shown = html(at)
    assert "堵在我家门口" in shown
    found = look("desk", status="处理中", severity="5", clause="gbt45251_2025 5.3（催收时间）")
    assert not found.exception
    assert "tf-reading" in html(found)
    none = look("desk", q="从未出现的词语")
    assert "没有符合条件的内容" in html(none)


def test_a_label_takes_two_clicks(full: Store) -> None:
    at = look("desk", allegation="abusive_visit")
    key = at.radio[0].value
    at.button(key="do_deny_abusive_visit").click().run()
    assert not at.exception
    with full.read() as conn:
        [made] = corrections.of(conn, [int(str(key))]).values()
    assert (made[0].value, made[0].by) == ("absent", "local")


def test_a_label_points_at_a_sentence(full: Store) -> None:
    at = look("desk", allegation="abusive_visit")
    key = at.radio[0].value
    at.selectbox(key=f"charge_{key}").set_value("insult_abuse").run()
    assert not at.exception
    with full.read() as conn:
        [made] = corrections.of(conn, [int(str(key))]).values()
    assert (made[0].allegation, made[0].quote.startswith("两个人堵")) == ("insult_abuse", True)
    assert "侮辱" in html(at) or "辱骂" in html(at)


def test_a_label_points_at_any_words(full: Store) -> None:
    at = look("desk", allegation="abusive_visit")
    key = int(str(at.radio[0].value))
    with full.read() as conn:
        [m] = stored.get(conn, [key])
    sentence = at.selectbox(key=f"sentence_{key}").value
    assert isinstance(sentence, Place)
    box = at.text_input(key=f"words_{key}_text_{sentence.start}")
    assert box.value == sentence.words(m)
    box.set_value("没有这几个字").run()
    assert "请照原文填写" in html(at)
    assert at.selectbox(key=f"charge_{key}").disabled
    at.text_input(key=f"words_{key}_text_{sentence.start}").set_value("堵在我家门口").run()
    at.selectbox(key=f"charge_{key}").set_value("insult_abuse").run()
    assert not at.exception
    with full.read() as conn:
        [made] = corrections.of(conn, [key]).values()
    assert made[0].quote == "堵在我家门口"
    assert m.text[made[0].start : made[0].end] == made[0].quote


def test_words_that_stand_twice_are_asked_about(full: Store) -> None:
    at = look("desk", allegation="abusive_visit")
    key = int(str(at.radio[0].value))
    with full.read() as conn:
        [m] = stored.get(conn, [key])
    sentence = at.selectbox(key=f"sentence_{key}").value
    assert isinstance(sentence, Place)
    twice = next(c for c in m.text if m.text.count(c) > 1 and c not in "，。 ")
    at.text_input(key=f"words_{key}_text_{sentence.start}").set_value(twice).run()
    which = at.selectbox(key=f"words_{key}_text_{sentence.start}_{twice}")
    last = places(m, twice)[-1]
    which.set_value(last).run()
    at.selectbox(key=f"charge_{key}").set_value("insult_abuse").run()
    assert not at.exception
    with full.read() as conn:
        [made] = corrections.of(conn, [key]).values()
    assert (made[0].field, made[0].start, made[0].quote) == (last.field, last.start, twice)


def test_from_complaint_to_closed_case(full: Store) -> None:
    at = look("desk", allegation="abusive_visit")
    at.button(key="do_open_case").click().run()
    assert not at.exception
    assert "15 天期限" in html(at)
    page = look("cases", id="1")
    page.text_area(key="case_why").set_value("已退费并道歉").run()
    page.button(key="do_close_case").click().run()
    assert not page.exception
    assert "已退费并道歉" in html(page)
    with full.read() as conn:
        assert cases.listed(conn, seeds.LENDER, CaseState.OPEN) == ()
    assert "没有案件" in html(look("cases"))
    assert "查实" in html(look("cases", which="closed"))


def test_clauses_are_told_in_the_reader_s_language(full: Store) -> None:
    gists = {
        "zh": "不得用暴力、威胁、恐吓、骚扰等不正当手段催收",
        "en": "no violence, threats, intimidation",
    }
    for lang, gist in gists.items():
        for page in ("desk", "feed"):
            shown = html(look(page, lang=lang, allegation="abusive_visit"))
            assert gist in shown
            assert gists["en" if lang == "zh" else "zh"] not in shown


@pytest.mark.parametrize("key", ["999", "x"])
def test_an_unknown_case_is_a_sentence(full: Store, key: str) -> None:
    assert "没有这个案件" in html(look("cases", id=key))


def test_a_search_is_kept_and_recalled(full: Store) -> None:
    at = look("desk", q="上门", severity="5")
    at.text_input(key="search_name").set_value("严重上门").run()
    at.button(key="search_save").click().run()
    with full.read() as conn:
        [kept] = searches.listed(conn, seeds.LENDER)
    assert "severity=5" in kept.address
    other = look("desk")
    other.button(key="search_0").click().run()
    assert not other.exception
    assert other.query_params["severity"] in ("5", ["5"])


def test_a_reader_sees_no_buttons(full: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(viewer, "current", lambda *_: Viewer("访客", Right.READ))
    keys = [button.key for button in look("desk").button]
    assert not [key for key in keys if key and key.startswith("do_")]


def test_an_export_says_how_it_was_made_and_runs_nothing(store: Store, tmp_path: Path) -> None:
    seeds.hostile(store, datetime.now(UTC))  # noqa: TID251
    with store.read() as conn:
        rows = mentions.page(conn, Filter(seeds.LENDER)).rows
    made = export.workbook(naming(), rows, note="听风导出\n=1+1", more=True)
    book = load_workbook(BytesIO(made))
    sheet, note = book.worksheets
    assert [cell.value for cell in note["A"]][:2] == ["听风导出", "'=1+1"]
    values = [cell for row in sheet.iter_rows(min_row=2) for cell in row]
    assert {cell.data_type for cell in values} <= {"s", "n", "inlineStr"}
    assert '\'=HYPERLINK("http://x")' in [cell.value for cell in values]
    assert max(len(str(cell.value)) for cell in values) <= export.CELL_LIMIT
    assert "听风导出" in export.table(naming(), rows, note="听风导出").decode("utf-8-sig")
