"""Sources that are searched for keywords: saved answers, replayed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from scrapy.http import Request

from crawlers.pages import count
from crawlers.spiders.gdelt_doc import GdeltDoc, phrases
from crawlers.spiders.people_search import PeopleSearch
from crawlers.spiders.sina_finance_roll import SinaFinanceRoll
from crawlers.spiders.thepaper import Thepaper
from data.errors import LayoutChanged, Refused
from tests.crawlers.conftest import make_job, mentions_of, saved_page

Make = Callable[..., Any]
NAME = "澄湖消费金融"
AT = datetime(2026, 11, 20, 6, 22, 5, tzinfo=UTC)


def parsed(made: Any, page: str, keyword: str = NAME, number: int = 1) -> list[Any]:
    return list(made.parse_search(saved_page(str(made.name), page), keyword, number))


def posted(request: Request) -> Any:
    assert request.method == "POST"
    assert request.headers["Content-Type"] == b"application/json"
    return json.loads(request.body)


# ------------------------------------------------------------------------------ thepaper
def test_thepaper_is_asked_by_post(spider: Make) -> None:
    request = spider(Thepaper).search(NAME, 2)
    assert request.url.endswith("/search/web/news")
    assert posted(request) == {
        "word": NAME, "orderType": 1, "pageNum": 2, "pageSize": 10, "searchType": 1,
    }  # fmt: skip


def test_thepaper_keeps_what_holds_the_keyword(spider: Make) -> None:
    (found,) = parsed(spider(Thepaper), "search.json")
    assert (found.native_id, found.title) == ("30000001", "澄湖消费金融被罚 市场关注")
    assert found.url == "https://www.thepaper.cn/newsDetail_forward_30000001"
    assert found.text == "记者获悉，澄湖消费金融回应称已整改。"
    assert (found.outlet, found.reach, found.published_at) == (
        "澎湃新闻",
        12_000,
        AT,
    )
    assert found.extra == {"section": "财经上下游"}


def test_thepaper_says_no_by_its_code(spider: Make) -> None:
    with pytest.raises(Refused, match="10001: 搜索词不能为空"):
        parsed(spider(Thepaper), "no_word.json")


# ------------------------------------------------------------------------------ people_search
def test_people_is_asked_by_post_over_plain_http(spider: Make) -> None:
    made = spider(PeopleSearch)
    assert posted(made.search(NAME, 1))["key"] == NAME
    assert made.public("/x") == "http://search.people.cn/x"  # https answers 301 or 405


def test_people_reads_records_and_goes_on_to_the_next_page(spider: Make) -> None:
    found = parsed(spider(PeopleSearch), "search.json")
    first, following = found
    assert (first.native_id, first.title) == ("40000001", "澄湖消费金融发布服务公告")
    assert first.text == "据介绍，澄湖消费金融将公布收费标准\xa0。"
    assert (first.outlet, first.published_at) == ("人民网", AT)
    assert posted(following)["page"] == 2


def test_people_are_asked_for_what_was_not_read(spider: Make) -> None:
    assert "startTime" not in posted(spider(PeopleSearch).search(NAME, 1))
    mark = {"newest": {NAME: "2026-11-20T00:00:00+00:00"}}
    asked = posted(spider(PeopleSearch, watermark=mark).search(NAME, 1))
    assert asked["startTime"] == 1_794_960_000_000  # less the overlap
    assert asked["endTime"] == 1_795_147_200_000


def test_a_page_out_of_order_is_no_reason_to_stop(spider: Make) -> None:
    """By relevance, or by an order nobody told us of: what is new may stand anywhere behind."""
    known = {"40000001": "", "40000002": ""}
    mark = {"newest": {NAME: "2026-12-20T00:00:00+00:00"}}
    page = saved_page("people_search", "search.json")
    turned = page.body.replace(b"1795155725000", b"1790000000000")
    made = spider(PeopleSearch, known=known, watermark=mark)
    assert parsed(made, "search.json") == []
    out_of_order = list(made.parse_search(page.replace(body=turned), NAME, 1))
    assert [posted(request)["page"] for request in out_of_order] == [2]


@pytest.mark.parametrize(
    ("known", "mark", "pages"),
    [
        ({"40000001": ""}, "2026-11-22T00:00:00+00:00", []),  # its last line is behind the overlap
        ({"40000001": ""}, "2026-11-21T00:00:00+00:00", [2]),  # it is not
        ({}, "2026-11-22T00:00:00+00:00", [2]),  # who knows what else came late
    ],
)
def test_a_list_in_order_is_read_until_a_page_ends_behind_the_overlap(
    spider: Make, known: dict[str, str], mark: str, pages: list[int]
) -> None:
    made = spider(PeopleSearch, known=known, watermark={"newest": {NAME: mark}})
    first, *following = parsed(made, "search.json")
    assert first.native_id == "40000001"  # within the overlap: read again for edits
    assert [posted(request)["page"] for request in following] == pages


def test_a_list_that_promises_no_order_is_read_until_a_whole_page_is_old(
    spider: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PeopleSearch, "absence_tells", False)
    mark = {"newest": {NAME: "2026-11-22T00:00:00+00:00"}}
    _, following = parsed(
        spider(PeopleSearch, known={"40000001": ""}, watermark=mark), "search.json"
    )
    assert posted(following)["page"] == 2


def test_people_empty_though_it_counts_is_a_changed_layout(spider: Make) -> None:
    with pytest.raises(LayoutChanged, match="counts items"):
        parsed(spider(PeopleSearch), "empty_but_counts.json")
    assert parsed(spider(PeopleSearch), "empty_but_counts.json", number=3) == []


def test_people_says_no_by_its_code(spider: Make) -> None:
    page = saved_page("people_search", "search.json")
    wrong = page.replace(body=page.body.replace(b'"code": "0"', b'"code": "500"'))
    with pytest.raises(Refused, match="500"):
        list(spider(PeopleSearch).parse_search(wrong, NAME, 1))


# ------------------------------------------------------------------------------ sina_finance_roll
def sina() -> SinaFinanceRoll:
    job = make_job("sina_finance_roll")
    return SinaFinanceRoll(job=type(job)(**{**_fields(job), "targets": (NAME, "澄湖消金")}))


def _fields(job: Any) -> dict[str, Any]:
    return {name: getattr(job, name) for name in job.__dataclass_fields__}


def test_sina_reads_one_feed_and_asks_it_for_no_name() -> None:
    (request,) = sina().begin()
    asked = parse_qs(urlsplit(request.url).query, keep_blank_values=True)
    assert (asked["k"], asked["lid"], asked["num"], asked["page"]) == (
        [""],
        ["2516"],
        ["50"],
        ["1"],
    )


def test_sina_keeps_what_names_a_target() -> None:
    (found,) = mentions_of(parsed(sina(), "roll.json", "2516"))
    assert (found.title, found.text) == ("澄湖消金回应催收投诉", "公司称正在核查。")
    assert (found.outlet, found.published_at) == ("示例财经", AT)


def test_sina_tells_a_page_by_its_address_alone() -> None:
    page = saved_page("sina_finance_roll", "roll.json")
    traced = page.replace(body=page.body.replace(b"&utm_source=feed#top", b"#comments"))
    (one,) = mentions_of(sina().parse_search(page, "2516", 1))
    (other,) = mentions_of(sina().parse_search(traced, "2516", 1))
    assert one.native_id == other.native_id
    assert one.url != other.url


def test_sina_is_never_empty_at_its_top() -> None:
    with pytest.raises(LayoutChanged, match="empty"):
        parsed(sina(), "empty.json", "2516")
    assert parsed(sina(), "empty.json", "2516", number=2) == []


# ------------------------------------------------------------------------------ gdelt_doc
def window(request: Request) -> tuple[str, str, str]:
    asked = parse_qs(urlsplit(request.url).query)
    return asked["query"][0], asked["startdatetime"][0], asked["enddatetime"][0]


def test_gdelt_asks_for_what_was_not_read(spider: Make) -> None:
    query, since, until = window(spider(GdeltDoc).search(NAME, 1))
    assert query == '"澄湖消费金融" sourcelang:chinese'
    assert (since, until) == ("20260822040000", "20261120040000")
    mark = {"newest": {NAME: "2026-11-20T00:00:00+00:00"}}
    _, since, _ = window(spider(GdeltDoc, watermark=mark).search(NAME, 1))
    assert since == "20261119180000"  # less the overlap


def test_gdelt_back_fills_a_window(spider: Make) -> None:
    made = spider(GdeltDoc)
    made.job = replace(made.job, window=(AT.replace(day=1), AT.replace(day=9)))
    _, since, until = window(made.search(NAME, 1))
    assert (since, until) == ("20261101062205", "20261109062205")


def test_gdelt_keeps_short_names_company() -> None:
    assert phrases("澄湖贷") == '"澄湖贷"'
    assert phrases("澄湖") == '("澄湖消费金融" OR "澄湖消金" OR "澄湖金融" OR "澄湖贷款")'


def test_gdelt_titles_lose_the_spaces_between_tokens(spider: Make) -> None:
    (found,) = parsed(spider(GdeltDoc), "articles.json")
    assert found.title == "澄湖消费金融被罚50万元：Q3报告"
    assert (found.outlet, found.extra) == ("news.example.cn", {"country": "China"})
    assert found.published_at == datetime(2026, 11, 20, 6, tzinfo=UTC)


def test_gdelt_a_full_window_leads_to_the_one_before(spider: Make) -> None:
    made = spider(GdeltDoc)
    made.page_size = 2
    found = parsed(made, "articles.json")
    _, since, until = window(found[-1])
    assert (since, until) == ("20260822040000", "20261119060000")


def test_gdelt_nothing_is_an_empty_object(spider: Make) -> None:
    assert parsed(spider(GdeltDoc), "nothing.json") == []


@pytest.mark.parametrize("name", ["too_soon.txt", "too_short.txt"])
def test_gdelt_words_with_status_200_are_a_refusal(spider: Make, name: str) -> None:
    with pytest.raises(Refused, match="the answer is a sentence"):
        parsed(spider(GdeltDoc), name)


# ------------------------------------------------------------------------------ all
@pytest.mark.parametrize(
    ("said", "number"),
    [
        (12, 12),
        ("12", 12),
        ("1.2万", 12_000),
        ("3w+", 30_000),
        ("1,024", 1024),
        ("", 0),
        (None, 0),
        ("多", 0),
    ],
)
def test_counts_as_sites_write_them(said: Any, number: int) -> None:
    assert count(said) == number
