"""中国人民银行: saved pages, replayed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from parsel import Selector

from crawlers.pages import next_page
from crawlers.penalties import penalties
from crawlers.spiders.pbc_penalty import PbcPenalty
from data.errors import LayoutChanged
from tests.crawlers.conftest import asked_by, mentions_of, saved_page
from tests.crawlers.wider import COLUMN

Make = Callable[..., Any]


def listed(made: Any, name: str = "list_gb18030.html", page: int = 1) -> list[Any]:
    return list(made.parse_list(saved_page("pbc_penalty", name), COLUMN, page))


def test_a_list_in_gb18030_leads_to_notices_only(spider: Make) -> None:
    """Links to columns are dropped: shallower ones, and those with short words and no number."""
    asked = asked_by(listed(spider(PbcPenalty)))
    assert asked == [
        f"{COLUMN}/2026112009000000001/index.html",
        f"{COLUMN}/2026111509000000002/index.html",
        f"{COLUMN}/4412345/index.html",
        f"{COLUMN}/d80f41dc-2.html",  # as the pager says, not as we would build it
    ]


def test_a_news_column_has_its_days_beside_the_links(spider: Make) -> None:
    found = listed(spider(PbcPenalty), "list_news_column.html", 2)
    days = [r.cb_kwargs.get("day") for r in found]
    assert days == ["2026-11-18", "2026-11-17", None]
    assert found[-1].url.endswith(f"{COLUMN}/d80f41dc-3.html")


def test_known_and_old_notices_end_the_reading(spider: Make) -> None:
    ids = ("2026112009000000001", "2026111509000000002", "4412345")
    mark = {
        "notices": {COLUMN: dict.fromkeys(ids, "2026-11-20T00:00:00+00:00")},
        "newest": {COLUMN: "2026-12-25T00:00:00+00:00"},
    }
    assert listed(spider(PbcPenalty, watermark=mark)) == []


def test_a_list_without_a_notice_is_a_changed_layout(spider: Make) -> None:
    with pytest.raises(LayoutChanged, match="no notice"):
        listed(spider(PbcPenalty), "notice_no_table.html")


def detail(made: Any, name: str, path: str) -> list[Any]:
    page = saved_page("pbc_penalty", name, detail=True)
    return mentions_of(made.parse_detail(page, COLUMN, path, "银罚决字〔2026〕900号", "2026-11-20"))


def test_one_mention_a_row_though_the_authority_spans_two(spider: Make) -> None:
    made = spider(PbcPenalty)
    company, person = detail(made, "notice.html", f"{COLUMN}/2026112009000000001/index.html")
    assert company.url == f"https://www.pbc.gov.cn{COLUMN}/2026112009000000001/index.html"
    assert company.native_id.startswith("2026112009000000001-")
    assert company.extra == {
        "doc_id": "2026112009000000001",
        "party": "某某消费金融有限公司",
        "violation": "1.违反信用信息采集管理规定；\n2.未按规定履行客户身份识别义务",
        "penalty": "警告，罚款50万元",
        "authority": "中国人民银行",
    }
    assert person.extra["penalty"] == "罚款5万元"
    assert person.outlet == "中国人民银行"
    assert company.published_at == datetime(2026, 11, 19, 16, tzinfo=UTC)
    assert list(made.watermark()["notices"][COLUMN]) == ["2026112009000000001"]


def test_a_notice_that_was_opened_but_gave_no_row_is_a_changed_layout(spider: Make) -> None:
    with pytest.raises(LayoutChanged, match="900号 holds no table"):
        detail(spider(PbcPenalty), "notice_no_table.html", f"{COLUMN}/1/index.html")


def test_a_cell_over_several_rows_is_in_each_of_them() -> None:
    html = (
        "<table><tr><th>当事人名称</th><th>主要违法违规行为</th><th>行政处罚内容</th></tr>"
        "<tr><td>甲</td><td rowspan='3'>乙</td><td>一</td></tr><tr><td>丙</td><td>二</td></tr>"
        "<tr><td>丁</td><td rowspan='x'>三</td></tr>"
        "<tr><td>戊</td><td>己</td><td>四</td></tr></table>"
    )
    found = [(p.party, p.violation, p.penalty) for p in penalties(html)]
    assert found == [("甲", "乙", "一"), ("丙", "乙", "二"), ("丁", "乙", "三"), ("戊", "己", "四")]


@pytest.mark.parametrize(
    ("html", "leads"),
    [
        ('<a href="#" tagname="/x-2.html">下一页</a>', "/x-2.html"),
        ('<a href="x-3.html"> 下一页 </a>', "x-3.html"),
        ('<a href="javascript:void(0)" tagname="#">下一页</a>', ""),
        ('<a href="x-3.html">尾页</a>', ""),
    ],
)
def test_where_the_next_page_is(html: str, leads: str) -> None:
    assert next_page(Selector(text=html)) == leads
