"""Saved pages, replayed: what each spider reads on them and where it goes from there."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from scrapy.settings import Settings
from scrapy.spiderloader import SpiderLoader

from crawlers.notices import native_id
from crawlers.replica.server import SITES
from crawlers.spiders.eastmoney_guba import EastmoneyGuba
from crawlers.spiders.eastmoney_news import EastmoneyNews
from crawlers.spiders.heimao_public import HeimaoPublic
from crawlers.spiders.nfra_penalty import NfraPenalty
from data.errors import LayoutChanged, Refused
from data.facts.sources import as_document, sources
from data.model import Gone, SourceKind
from tests.crawlers.conftest import PAGES, asked_by, make_job, mentions_of, saved_page

_LOADER = SpiderLoader.from_settings(Settings({"SPIDER_MODULES": ["crawlers.spiders"]}))
SPIDERS: dict[str, Any] = {name: _LOADER.load(name) for name in _LOADER.list()}
Make = Callable[..., Any]


def test_every_source_has_a_spider_saved_pages_and_a_replica() -> None:
    assert SPIDERS.keys() == sources().keys()
    assert {site.slug for site in SITES} == set(sources())
    for slug in sources():
        assert list((PAGES / slug).iterdir()), slug


def test_the_page_about_sources_is_what_the_registry_says() -> None:
    page = Path(__file__).resolve().parents[2] / "docs" / "sources.md"
    assert page.read_text("utf-8") == as_document(sources()), "python -m data.facts"


# ------------------------------------------------------------------------------ heimao_public
def heimao_list(made: Any) -> list[Any]:
    return list(made.parse_list(saved_page("heimao_public", "list.json"), "7000000001", 1))


def test_heimao_list_leads_to_new_complaints_and_the_next_page(spider: Make) -> None:
    asked = asked_by(heimao_list(spider(HeimaoPublic)))
    assert asked[:2] == ["/complaint/view/17399900003/", "/complaint/view/17399900001/"]
    assert asked[2].startswith(
        "/api/company/received_complaints?couid=7000000001&type=1&page_size=10&page=2&ts="
    )


def test_heimao_list_rereads_only_a_changed_status(spider: Make) -> None:
    known = {"17399900003": "处理中", "17399900001": "处理中"}
    asked = asked_by(heimao_list(spider(HeimaoPublic, known=known)))
    assert [path for path in asked if "view" in path] == ["/complaint/view/17399900001/"]


def test_heimao_stops_where_all_is_known_and_old(spider: Make) -> None:
    known = {"17399900003": "处理中", "17399900001": "已回复"}
    watermark = {"newest": {"7000000001": "2026-12-31T00:00:00+00:00"}}
    assert heimao_list(spider(HeimaoPublic, known=known, watermark=watermark)) == []
    recent = {"newest": {"7000000001": "2026-11-21T00:00:00+00:00"}}
    assert len(heimao_list(spider(HeimaoPublic, known=known, watermark=recent))) == 1


def test_heimao_detail(spider: Make) -> None:
    page = saved_page("heimao_public", "detail.html", detail=True)
    (found,) = mentions_of(spider(HeimaoPublic).parse_detail(page, "17399900001"))
    assert found.kind is SourceKind.COMPLAINT
    assert found.url == "https://tousu.sina.com.cn/complaint/view/17399900001/"
    assert found.title == "澄湖消费金融提前还款收取费用"
    assert found.text == ("提前还款被多收费用。\n客服说 <规定如此>，我不认可 & 要求退款。")
    assert (found.author, found.outlet, found.status) == ("匿名用户A", "黑猫投诉", "已完成")
    assert found.published_at == datetime(2025, 12, 30, 6, 22, 5, tzinfo=UTC)
    assert found.extra["couid"] == "7000000001"
    assert found.extra["company"] == "澄湖消费金融"
    assert found.extra["group"] == f"G{17_300_000_001:x}"
    assert (found.extra["issue"], found.extra["appeal"], found.extra["cost"]) == (
        "提前还款费用", "退款,道歉赔偿/解释", "1280.50",
    )  # fmt: skip
    assert found.capture is not None
    assert found.capture.size == len(page.body)


def test_heimao_steps_have_the_year_of_their_turn(spider: Make) -> None:
    """The header says December 2025, so a reply in January is of 2026."""
    page = saved_page("heimao_public", "detail.html", detail=True)
    (found,) = mentions_of(spider(HeimaoPublic).parse_detail(page, "17399900001"))
    steps = [(s["by"], s["what"], s["at"], s["text"]) for s in found.extra["steps"]]
    assert steps == [
        ("消费者", "发起投诉", "2025-12-30T14:22:05+08:00", ""),
        ("黑猫投诉", "审核通过", "2025-12-30T15:00:00+08:00", ""),
        ("澄湖消费金融", "回复", "2026-01-02T09:10:00+08:00",
         "解决方案：已为您核减\xa01280.50元。\n感谢反馈"),
        ("消费者", "确认完成", "2026-01-03T08:00:00+08:00", ""),
    ]  # fmt: skip


def test_heimao_detail_without_an_issue_and_with_a_masked_name(spider: Make) -> None:
    page = saved_page("heimao_public", "detail_no_issue.html", detail=True)
    (found,) = mentions_of(spider(HeimaoPublic).parse_detail(page, "17399900003"))
    assert (found.extra["issue"], found.extra["company"]) == ("", "澄*消费金融")
    assert found.extra["couid"] == "7000000001"
    assert found.published_at == datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
    assert found.text.startswith("页面提示请登录")
    assert "group" not in found.extra


def test_heimao_pages_that_are_none(spider: Make) -> None:
    made = spider(HeimaoPublic)
    gone = saved_page("heimao_public", "gone.html", detail=True)
    (item,) = made.parse_detail(gone, "17399900009")
    assert isinstance(item, Gone)
    assert item.native_id == "17399900009"
    assert item.capture is not None
    other = saved_page("heimao_public", "detail.html", detail=True)
    with pytest.raises(LayoutChanged, match="投诉编号"):
        list(made.parse_detail(other, "17399900009"))
    listing = saved_page("heimao_public", "detail.html")
    with pytest.raises(LayoutChanged, match="JSON"):
        list(made.parse_list(listing, "7000000001", 1))


def test_heimao_says_no_by_its_code(spider: Make) -> None:
    page = saved_page("heimao_public", "list.json")
    wrong = page.replace(body=page.body.replace(b'{"code": 0', b'{"code": 10001'))
    with pytest.raises(Refused, match="10001"):
        list(spider(HeimaoPublic).parse_list(wrong, "7000000001", 1))


def test_heimao_visits_open_complaints_often_and_closed_ones_seldom(spider: Make) -> None:
    page = saved_page("heimao_public", "detail_no_issue.html", detail=True)
    (open_,) = mentions_of(spider(HeimaoPublic).parse_detail(page, "17399900003"))
    filed = datetime(2026, 11, 20, 8, tzinfo=UTC)
    assert open_.published_at == filed

    def visits(status: str, since: timedelta, until: timedelta) -> list[str]:
        kept = dataclasses.replace(open_, status=status, id=1)
        mark = {"visited_until": (filed + since).isoformat()}
        job = make_job("heimao_public", watermark=mark, now=filed + until)
        job = dataclasses.replace(job, stored=lambda a, b: [kept] if a <= filed < b else [])
        return asked_by(HeimaoPublic(job=job).visits())

    hours = timedelta(hours=1)
    here = ["/complaint/view/17399900003/"]
    assert visits("处理中", 2 * hours, 23 * hours) == []
    for age in (1, 3, 7, 14, 30):
        assert visits("处理中", (age * 24 - 1) * hours, (age * 24 + 1) * hours) == here
        closed = visits("已完成", (age * 24 - 1) * hours, (age * 24 + 1) * hours)
        assert closed == (here if age in {7, 30} else [])
    assert visits("处理中", 2 * hours, 24 * 40 * hours) == here  # after a long pause, once


# ------------------------------------------------------------------------------ eastmoney_news
def test_news_search_keeps_what_holds_the_keyword(spider: Make) -> None:
    page = saved_page("eastmoney_news", "search.jsonp")
    found = list(spider(EastmoneyNews).parse_search(page, "澄湖消费金融", 1))
    first, second = mentions_of(found)
    assert asked_by(found) == []  # fewer than a page: the last one
    assert (first.native_id, first.title) == ("202611200000000001", "澄湖消费金融发布公告")
    assert first.text == "摘要，澄湖消费金融称已整改…"
    assert first.outlet == "示例财经"
    assert first.published_at == datetime(2026, 11, 20, 6, 22, 5, tzinfo=UTC)
    assert second.native_id == "202611180000000003"  # in traditional characters
    assert second.url == "http://finance.eastmoney.com/a/202611180000000003.html"


def test_an_article_found_by_two_keywords_comes_once(spider: Make) -> None:
    made = spider(EastmoneyNews)
    page = saved_page("eastmoney_news", "search.jsonp")
    assert len(mentions_of(made.parse_search(page, "澄湖消费金融", 1))) == 2
    again = mentions_of(made.parse_search(page, "澄湖", 1))
    assert [m.native_id for m in again] == ["202611190000000002"]
    assert again[0].url.startswith("http://finance")


def test_a_known_article_is_read_again_within_the_overlap_only(spider: Make) -> None:
    known = {"202611200000000001": "", "202611180000000003": ""}
    watermark = {"newest": {"澄湖消费金融": "2026-11-21T00:00:00+00:00"}}
    made = spider(EastmoneyNews, known=known, watermark=watermark)
    page = saved_page("eastmoney_news", "search.jsonp")
    found = mentions_of(made.parse_search(page, "澄湖消费金融", 1))
    assert [m.native_id for m in found] == ["202611200000000001"]


# ------------------------------------------------------------------------------ nfra_penalty
def test_nfra_list(spider: Make) -> None:
    page = saved_page("nfra_penalty", "list.json")
    asked = asked_by(spider(NfraPenalty).parse_list(page, "4114", 1))
    detail = "/cbircweb/DocInfo/SelectByDocId?docId="
    following = "/cbircweb/DocInfo/SelectDocByItemIdAndChild?itemId=4114&pageSize=18&pageIndex=2"
    assert asked == [f"{detail}1200002", f"{detail}1200001", following]


def nfra(spider: Make, name: str, doc_id: str) -> list[Any]:
    page = saved_page("nfra_penalty", name, detail=True)
    return mentions_of(spider(NfraPenalty).parse_detail(page, "4114", doc_id))


def test_nfra_old_pairs(spider: Make) -> None:
    (found,) = nfra(spider, "pairs.json", "1200001")
    assert found.title == "某监管局行政处罚信息公示列表"  # docTitle, its line break gone
    assert found.text == (
        "当事人：某某消费金融有限公司。主要违法违规行为：催收外包管理不到位。"
        "行政处罚内容：罚款50万元。作出决定机关：某监管局。"
    )
    assert "governmentDetail.html?docId=1200001&itemId=4114" in found.url
    assert found.outlet == "某监管局"


def test_nfra_five_columns_one_mention_a_row(spider: Make) -> None:
    company, person = nfra(spider, "five_columns.json", "1200002")
    assert company.extra["penalty"] == "罚款1712.4万元。"
    assert company.extra["violation"] == "贷后管理不审慎；\xa0违规催收。"
    assert person.extra["party"].startswith("张某某")
    assert company.native_id != person.native_id
    assert company.native_id.startswith("1200002-")
    assert company.published_at == datetime(2026, 11, 20, 1, 30, tzinfo=UTC)


def test_nfra_six_columns_in_another_order(spider: Make) -> None:
    (found,) = nfra(spider, "six_columns.json", "1200003")
    assert found.extra == {
        "doc_id": "1200003",
        "party": "某某消费金融有限公司",
        "violation": "收费不透明",
        "penalty": "罚款30万元",
        "authority": "某监管分局",
    }


def test_nfra_notices_without_a_table(spider: Make) -> None:
    assert nfra(spider, "attachment_only.json", "1200004") == []
    with pytest.raises(LayoutChanged, match="1200005"):
        nfra(spider, "no_table.json", "1200005")


def test_nfra_remembers_notices_in_the_watermark(spider: Make) -> None:
    made = spider(NfraPenalty)
    page = saved_page("nfra_penalty", "six_columns.json", detail=True)
    list(made.parse_detail(page, "4114", "1200003"))
    mark = made.watermark()
    assert list(mark["notices"]["4114"]) == ["1200003"]
    assert list(spider(NfraPenalty, watermark=mark).known(["1200003", "1"])) == ["1200003"]


def test_nfra_ids_tell_rows_apart() -> None:
    from crawlers.penalties import Penalty

    row = Penalty("甲", "乙", "丙", "丁")
    assert native_id("1", row) == native_id("1", dataclasses.replace(row, violation="另"))
    assert native_id("1", row) != native_id("1", dataclasses.replace(row, party="戊"))


# ------------------------------------------------------------------------------ eastmoney_guba
def test_guba_list(spider: Make) -> None:
    page = saved_page("eastmoney_guba", "list.html")
    asked = asked_by(spider(EastmoneyGuba).parse_list(page, "900001", 1))
    assert asked == [
        "/news,900001,1500000002.html",
        "/news,900001,1500000001.html",
        "/list,900001_2.html",
    ]


@pytest.mark.parametrize("name", ["post.html", "post_gb18030.html"])
def test_guba_post_in_both_encodings(spider: Make, name: str) -> None:
    made = spider(EastmoneyGuba)
    listing = saved_page("eastmoney_guba", "list.html")
    request = next(iter(made.parse_list(listing, "900001", 1)))
    page = saved_page("eastmoney_guba", name, detail=True)
    (found,) = mentions_of(made.parse_detail(page, **request.cb_kwargs))
    assert found.url == "https://guba.eastmoney.com/news,900001,1500000002.html"
    assert found.title == "催收电话打到公司了"
    assert found.text == '昨天开始，每天 "十几个" 电话\n同事都知道了 <唉>\n图片[表情]'
    assert (found.author, found.reach, found.outlet) == ("股友A", 120, "东方财富股吧")
    assert found.published_at == datetime(2026, 11, 20, 6, 22, 5, tzinfo=UTC)


# ------------------------------------------------------------------------------ all
@pytest.mark.parametrize("slug", SPIDERS)
def test_the_watermark_only_grows(spider: Make, slug: str) -> None:
    old = {"newest": {"a": "2026-11-19T00:00:00+00:00", "b": "2026-11-20T00:00:00+00:00"}}
    made = spider(SPIDERS[slug], watermark=old)
    made.newest = {"a": datetime(2026, 11, 20, tzinfo=UTC), "b": datetime(2026, 11, 1, tzinfo=UTC)}
    assert made.watermark()["newest"] == {
        "a": "2026-11-20T00:00:00+00:00",
        "b": "2026-11-20T00:00:00+00:00",
    }
