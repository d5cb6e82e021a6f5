"""黑猫's group complaints: saved pages replayed; who joins is counted, and nobody is named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from crawlers import tousu
from crawlers.spiders.heimao_groups import HeimaoGroups, native_id
from data.errors import LayoutChanged
from data.model import Gone
from tests.crawlers.conftest import asked_by, make_job, mentions_of, saved_page

NUMBERS = (17_300_000_003, 17_300_000_002, 17_300_000_001)
Make = Callable[..., Any]


def make(watermark: dict[str, Any] | None = None, **job: Any) -> HeimaoGroups:
    made = make_job("heimao_groups", watermark=watermark, **job)
    return HeimaoGroups(job=replace(made, targets=("澄湖消费金融",)))


def test_the_list_is_opened_and_turned_while_it_is_new() -> None:
    page = saved_page("heimao_groups", "list.json")
    assert asked_by(make().parse_list(page, 1)) == [
        *(f"/grp_comp/view/G{number}" for number in NUMBERS),
        "/api/grp_comp/feed?type=2&page_size=10&page=2",
    ]
    ids = [native_id(number) for number in NUMBERS]
    assert asked_by(make({"groups": ids}).parse_list(page, 1)) == []
    assert asked_by(make({"groups": ids[1:]}).parse_list(page, 1)) == [
        "/grp_comp/view/G17300000003", "/api/grp_comp/feed?type=2&page_size=10&page=2",
    ]  # fmt: skip
    stored = make(known=dict.fromkeys(ids, "处理中"))  # by a run that did not end well
    assert asked_by(stored.parse_list(page, 1)) == ["/api/grp_comp/feed?type=2&page_size=10&page=2"]
    assert stored.watermark()["groups"] == ids


def test_a_group_with_those_who_joined() -> None:
    spider = make()
    (found,) = mentions_of(
        spider.parse_detail(saved_page("heimao_groups", "detail.html"), NUMBERS[2])
    )
    assert (found.native_id, found.title, found.status) == (
        native_id(NUMBERS[2]), "会员费自动续扣", "已回复",
    )  # fmt: skip
    assert found.published_at == datetime(2025, 12, 30, 6, 22, 5, tzinfo=UTC)
    assert found.text == "借款时默认勾选会员，每月续扣。"
    assert found.url == "https://tousu.sina.com.cn/grp_comp/view/G17300000001"
    assert (found.extra["members"], found.extra["company"]) == (3, "澄*消费金融")
    assert [step["by"] for step in found.extra["steps"]] == [
        "消费者", "消费者", "消费者", "澄*消费金融",
    ]  # fmt: skip
    assert "小河弯弯" not in str(found.extra)
    assert spider.watermark()["groups"] == [native_id(NUMBERS[2])]


def test_a_group_about_others_is_remembered_and_not_kept() -> None:
    made = make_job("heimao_groups")
    spider = HeimaoGroups(job=replace(made, targets=("暮禾消费金融",)))
    page = saved_page("heimao_groups", "detail.html")
    assert list(spider.parse_detail(page, NUMBERS[2])) == []
    assert spider.watermark()["groups"] == [native_id(NUMBERS[2])]


def test_a_group_that_is_gone_and_a_page_that_is_none() -> None:
    spider = make()
    (gone,) = spider.parse_detail(saved_page("heimao_public", "gone.html"), 7)
    assert isinstance(gone, Gone)
    assert gone.native_id == "G7"
    with pytest.raises(LayoutChanged, match="ts-d-question"):
        list(spider.parse_detail(saved_page("heimao_groups", "list.json"), 7))
    assert spider.watermark()["groups"] == []  # it is tried again


def test_a_complaint_leads_to_its_group(spider: Make) -> None:
    """What heimao_public writes into ``extra.group`` is the native id here."""
    from crawlers.spiders.heimao_public import HeimaoPublic

    page = saved_page("heimao_public", "detail.html")
    (found,) = mentions_of(spider(HeimaoPublic).parse_detail(page, "17399900001"))
    assert found.extra["group"] == native_id(17_300_000_001)


@pytest.mark.parametrize(
    ("words", "name", "told"),
    [
        ("投诉澄湖消费金融会员费", "澄湖消费金融", True),
        ("澄*消费金融股份有限公司", "澄湖消费金融", True),
        ("栖*消费金融", "澄湖消费金融", False),
        ("*****融", "澄湖消费金融", False),
        ("澄湖大闸蟹", "澄湖消费金融", False),
    ],
)
def test_a_starred_name_is_a_name(words: str, name: str, told: bool) -> None:
    assert tousu.names(words, name) is told
