"""Penalty tables: columns by header text, never by position."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.penalties import Penalty, penalties

HEADERS = {
    "party": "当事人名称",
    "violation": "主要违法违规行为",
    "penalty": "行政处罚内容",
    "authority": "作出决定机关",
    "": "行政处罚决定书文号",
}


@pytest.mark.parametrize("order", list(itertools.permutations(HEADERS))[::7])
def test_the_order_of_columns_does_not_matter(order: tuple[str, ...]) -> None:
    head = "".join(f"<th>{HEADERS[name]}</th>" for name in order)
    cells = "".join(f"<td>{name or '文号'}</td>" for name in order)
    found = penalties(f"<table><tr>{head}</tr><tr>{cells}</tr></table>")
    assert found == [Penalty("party", "violation", "penalty", "authority")]


def test_headers_of_the_central_bank_are_not_mixed_up() -> None:
    head = "".join(
        f"<td>{name}</td>"
        for name in ("序号", "当事人名称", "行政处罚决定书\n文号", "违法行为类型", "行政处罚内容",
                     "作出行政处罚\n决定机关名称", "作出行政处罚决定日期")
    )  # fmt: skip
    row = "".join(f"<td>{word}</td>" for word in ("1", "甲", "号", "乙", "丙", "丁", "日"))
    assert penalties(f"<table><tr>{head}</tr><tr>{row}</tr></table>") == [
        Penalty("甲", "乙", "丙", "丁")
    ]


@pytest.mark.parametrize(
    "html", ["", "无", "<table></table>", "<table><tr><td>a</td></tr></table>"]
)
def test_what_is_no_penalty_table_gives_nothing(html: str) -> None:
    assert penalties(html) == []


def test_a_sentence_has_one_stop_after_each_part() -> None:
    made = Penalty("甲", "乙。", "丙", "丁").sentence()
    assert made == "当事人：甲。主要违法违规行为：乙。行政处罚内容：丙。作出决定机关：丁。"


@given(st.text(max_size=300))
def test_any_html_is_survived(html: str) -> None:
    assert isinstance(penalties(f"<table>{html}</table>"), list)
