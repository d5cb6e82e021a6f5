"""Natural persons in penalty notices keep their surname only; companies keep their names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from crawlers.notices import native_id
from crawlers.penalties import Penalty
from crawlers.people import without_names
from crawlers.spiders.nfra_penalty import NfraPenalty
from tests.crawlers.conftest import mentions_of, saved_page

COMPANY = "示例消费金融有限公司"


def row(
    party: str, penalty: str = "警告，罚款五万元", violation: str = "催收管理不到位"
) -> Penalty:
    return Penalty(party, violation, penalty, "某监管局")


@pytest.mark.parametrize(
    ("party", "kept"),
    [
        ("王小明", "王**"),
        ("李雷（时任示例消费金融有限公司总经理）", "李*（时任示例消费金融有限公司总经理）"),
        ("张三丰、赵敏", "张**、赵*"),
        (f"{COMPANY}及王小明", f"{COMPANY}及王**"),
        ("欧阳小锋(时任风险总监)", "欧***(时任风险总监)"),
        (COMPANY, COMPANY),
        ("安徽某某公司", "安徽某某公司"),
        ("华夏银行", "华夏银行"),
        ("平安信托", "平安信托"),
        ("马上消金", "马上消金"),
        ("", ""),
    ],
)
def test_parties(party: str, kept: str) -> None:
    (found,) = without_names([row(party)])
    assert found.party == kept
    assert len(found.party) == len(party)


def test_a_name_is_hidden_in_every_cell_of_the_notice() -> None:
    rows = [
        row(COMPANY, f"对{COMPANY}罚款六十万元；对王小明给予警告；对钱塘处五万元罚款"),
        row("王小明", "警告", "王小明对上述行为负有责任"),
    ]
    company, person = without_names(rows)
    assert company.party == COMPANY
    assert company.penalty == f"对{COMPANY}罚款六十万元；对王**给予警告；对钱*处五万元罚款"
    assert (person.party, person.violation) == ("王**", "王**对上述行为负有责任")


def test_what_is_stored_names_no_person_and_keeps_its_id(spider: Callable[..., Any]) -> None:
    page = saved_page("nfra_penalty", "five_columns.json", detail=True)
    made = spider(NfraPenalty)
    before = mentions_of(made.parse_detail(page, "4114", "1200002"))
    party = before[0].extra["party"]
    named = page.replace(body=page.text.replace(party, "王小明").encode())
    found = mentions_of(made.parse_detail(named, "4114", "1200002"))[0]
    assert found.extra["party"] == "王**"
    assert "王小明" not in found.text + str(found.extra)
    assert found.native_id == native_id("1200002", row("王小明", before[0].extra["penalty"]))
