"""Sources that are searched, and whose finds are opened: saved answers, replayed."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from scrapy.http import Request

from crawlers.spiders.bjnews_search import BjnewsSearch
from crawlers.spiders.rednet_baixing import RednetBaixing
from data.errors import LayoutChanged
from data.model import SourceKind
from tests.crawlers.conftest import asked_by, make_job, saved_page

Make = Callable[..., Any]
NAME = "澄湖消费金融"
AT = datetime(2026, 11, 20, 6, 22, 5, tzinfo=UTC)


def parsed(made: Any, page: str, keyword: str = NAME, number: int = 1) -> list[Any]:
    return list(made.parse_search(saved_page(str(made.name), page), keyword, number))


def posted(request: Request) -> Any:
    assert request.method == "POST"
    assert request.headers["Content-Type"] == b"application/json"
    return json.loads(request.body)


def _fields(job: Any) -> dict[str, Any]:
    return {name: getattr(job, name) for name in job.__dataclass_fields__}


# ------------------------------------------------------------------------------ bjnews_search
def test_bjnews_opens_the_articles_and_reads_on(spider: Make) -> None:
    made = spider(BjnewsSearch)
    asked = asked_by(parsed(made, "search.json"))
    assert asked[:2] == ["/detail/1700000001129.html", "/detail/1700000002129.html"]
    assert "page=2" in asked[2]
    assert parsed(made, "nothing.json", number=2) == []


def test_bjnews_stops_where_a_page_brings_no_news(spider: Make) -> None:
    first = spider(BjnewsSearch)
    ids = [m.native_id for m in first.read(saved_page("bjnews_search", "search.json")).mentions]
    mark = {"newest": {NAME: "2026-11-20T00:00:00+00:00"}}
    again = spider(BjnewsSearch, known=dict.fromkeys(ids, ""), watermark=mark)
    assert parsed(again, "search.json") == []
    assert first.watermark()["newest"] == {}
    parsed(first, "search.json")
    assert first.watermark()["newest"] == {NAME: "2026-11-20T04:00:00+00:00"}


def test_bjnews_article(spider: Make) -> None:
    made = spider(BjnewsSearch)
    request = parsed(made, "search.json")[0]
    page = saved_page("bjnews_search", "article.html", detail=True)
    (found,) = made.parse_article(page, **request.cb_kwargs)
    assert found.url == "https://www.bjnews.com.cn/detail/1700000001129.html"
    assert found.title == "澄湖消费金融用户反映催收电话"
    assert found.text.startswith("新京报讯 多名用户反映")
    assert "推荐阅读" not in found.text
    assert (found.outlet, found.published_at) == (
        "新京报",
        datetime(2026, 11, 20, 6, 22, tzinfo=UTC),
    )
    bare = page.replace(body=page.body.replace(b"contentStr", b"content"))
    with pytest.raises(LayoutChanged, match="#contentStr"):
        list(made.parse_article(bare, **request.cb_kwargs))


def test_bjnews_takes_the_times_that_the_list_states(spider: Make) -> None:
    page = saved_page("bjnews_search", "search.json")
    stated = b'"publish_time": "2026-11-19 08:00:00", "detail_url"'
    made = spider(BjnewsSearch)
    dated = page.replace(body=page.body.replace(b'"detail_url"', stated))
    request = next(made.parse_search(dated, NAME, 1))
    assert request.cb_kwargs["fields"]["published_at"] == datetime(2026, 11, 19, tzinfo=UTC)
    assert made.watermark()["newest"] == {NAME: "2026-11-19T00:00:00+00:00"}


def test_bjnews_reads_articles_where_they_are_when_it_is_live() -> None:
    job = make_job("bjnews_search")
    live = BjnewsSearch(job=type(job)(**{**_fields(job), "base_url": "https://s.bjnews.com.cn"}))
    assert live.allowed_domains == ["bjnews.com.cn"]
    url = "https://www.bjnews.com.cn/detail/1.html"
    assert live.article(url).url == url


def test_bjnews_leads_nowhere_else(spider: Make) -> None:
    page = saved_page("bjnews_search", "search.json")
    other = page.replace(body=page.body.replace(b"www.bjnews.com.cn", b"elsewhere.example.cn"))
    with pytest.raises(LayoutChanged, match="leads elsewhere"):
        list(spider(BjnewsSearch).parse_search(other, NAME, 1))


# ------------------------------------------------------------------------------ rednet_baixing
def test_rednet_asks_the_path_that_searches(spider: Make) -> None:
    request = spider(RednetBaixing).search(NAME, 1)
    assert request.url.endswith("/front/msg/index")  # /front/msg/list ignores the keyword
    assert posted(request) == {"search": NAME, "page": 1, "page_num": 10}
    assert request.headers["Referer"] == b"https://people.rednet.cn/"


def test_rednet_opens_letters_and_reads_a_changed_one_again(spider: Make) -> None:
    asked = asked_by(parsed(spider(RednetBaixing), "index.json"))
    detail = "/front/msg/detail?id="
    assert asked == [f"{detail}4700001", f"{detail}4700002", "/front/msg/index"]
    known = {"4700001": "未办理", "4700002": "未办理"}
    again = asked_by(parsed(spider(RednetBaixing, known=known), "index.json"))
    assert again[0] == f"{detail}4700001"
    assert f"{detail}4700002" not in again


def test_rednet_letter_with_its_reply(spider: Make) -> None:
    made = spider(RednetBaixing)
    request = parsed(made, "index.json")[0]
    page = saved_page("rednet_baixing", "detail.json", detail=True)
    (found,) = made.parse_detail(page, **request.cb_kwargs)
    assert found.kind is SourceKind.COMPLAINT
    assert found.url == "https://rapi.rednet.cn/front/msg/detail?id=4700001"
    assert found.text == "每天接到催收电话。\n希望停止联系 <家人>。"
    assert (found.author, found.status, found.reach) == ("网友甲", "已办理", 12)
    assert found.published_at == datetime(2026, 11, 20, 2, tzinfo=UTC)
    reply = {
        "by": "某单位",
        "what": "回复",
        "at": "2026-11-21T09:00:00+08:00",
        "text": "您好，来信已转办。",
    }
    assert found.extra == {"issue": "投诉", "steps": [reply]}
    assert found.capture.sha256 != request.cb_kwargs["letter"].capture.sha256
