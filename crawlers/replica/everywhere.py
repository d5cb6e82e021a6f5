"""A scenario's items at every site of their kind: the generator plans four sources, we serve all.

News of 东方财富 also stands at every other news site, complaints of 黑猫 at 红网, penalties of the
one regulator at the other, each with the ids, addresses and fields of that site. What one copy
says, all say; so every source can be crawled from one plan.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from crawlers.addresses import digest, page_id
from data.model import SHANGHAI, Mention
from data.scenarios.format import Scenario

_COLUMN = "/zhengwugongkai/4081330/4081344/4081407/4081705"
_REST = (
    "记者就此联系相关机构，截至发稿尚未收到进一步回应，有关部门表示将持续关注事件进展并依法处理。",
    "业内人士认为，信息公开有助于减少误解，也有助于监管部门与消费者了解服务的真实情况。",
)
"""What an article says besides its summary: a page with two lines is none."""

Fields = dict[str, Any]


def everywhere(scenario: Scenario) -> Scenario:
    """Return the scenario with a copy of each item at every site of its kind."""
    planned = list(scenario.planned)
    for at, item in enumerate(scenario.planned):
        for source, fields in _COPIES.get(item.mention.source, {}).items():
            told = fields(at, item.mention)
            planned.append(replace(item, mention=replace(item.mention, source=source, **told)))
    return replace(scenario, planned=tuple(sorted(planned, key=lambda p: p.visible_at)))


def _news_url(number: int) -> str:
    return f"https://news.example.cn/a/{number}.html"


def _thepaper(at: int, _: Mention) -> Fields:
    number = str(30_000_000 + at)
    url = f"https://www.thepaper.cn/newsDetail_forward_{number}"
    return {"native_id": number, "url": url, "outlet": "澎湃新闻", "extra": {}}


def _people(at: int, _: Mention) -> Fields:
    number = str(40_000_000 + at)
    url = f"http://finance.people.com.cn/n1/2026/1120/c1004-{number}.html"
    return {"native_id": number, "url": url, "outlet": "人民网"}


def _sina(at: int, _: Mention) -> Fields:
    url = f"https://finance.sina.com.cn/roll/2026-11-20/doc-example{at:07d}.shtml"
    return {"native_id": page_id(url), "url": url}


def _gdelt(at: int, _: Mention) -> Fields:
    url = _news_url(at)
    extra = {"country": "China"}
    return {"native_id": page_id(url), "url": url, "outlet": "news.example.cn", "text": "",
            "extra": extra}  # fmt: skip


def _gnews(at: int, _: Mention) -> Fields:
    guid = f"CBMexample{at}"
    url = f"https://news.google.com/rss/articles/{guid}"
    return {"native_id": digest(f"news.google.com {guid}"), "url": url, "text": ""}


def _feed(at: int, _: Mention) -> Fields:
    return {"native_id": digest(_news_url(at)), "url": _news_url(at)}


def _bjnews(at: int, mention: Mention) -> Fields:
    url = f"https://www.bjnews.com.cn/detail/{1_700_000_000 + at}.html"
    return {"native_id": page_id(url), "url": url, "outlet": "新京报", **_long(mention)}


def _article(at: int, mention: Mention) -> Fields:
    url = f"https://news.example.cn/news/story-{at}.html"
    return {"native_id": page_id(url), "url": url, **_long(mention)}


def _long(mention: Mention) -> Fields:
    return {"text": "\n".join((mention.text or mention.title, *_REST)), "author": "示例记者"}


def _rednet(at: int, mention: Mention) -> Fields:
    number = str(4_700_000 + at)
    url = f"https://rapi.rednet.cn/front/msg/detail?id={number}"
    extra = {"issue": mention.extra.get("issue", ""), "steps": []}
    return {"native_id": number, "url": url, "outlet": "红网百姓呼声", "status": "未办理",
            "extra": extra}  # fmt: skip


def _group(_: int, mention: Mention) -> Fields:
    number = int(mention.native_id)
    extra = {name: value for name, value in mention.extra.items() if name != "group"}
    return {
        "native_id": f"G{number:x}",
        "url": f"https://tousu.sina.com.cn/grp_comp/view/G{number}",
        "extra": extra | {"members": 1},
    }


def _pbc(_: int, mention: Mention) -> Fields:
    old = str(mention.extra["doc_id"])
    doc = str(2026_000_000_000_0000 + int(digest(old)[:10], 16) % 10**11)
    authority = "中国人民银行"
    text = mention.text.replace(str(mention.extra["authority"]), authority)
    extra = {**mention.extra, "doc_id": doc, "authority": authority}
    return {
        "native_id": mention.native_id.replace(old, doc),
        "url": f"https://www.pbc.gov.cn{_COLUMN}/{doc}/index.html",
        "title": f"银罚决字〔2026〕{doc[-4:]}号",
        "text": text,
        "outlet": authority,
        "extra": extra,
        "published_at": _day(mention.published_at),
    }


def _day(moment: datetime | None) -> datetime | None:
    """Return the midnight before a moment: its lists state days."""
    if moment is None:
        return None
    return moment.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)


_COPIES: Mapping[str, Mapping[str, Callable[[int, Mention], Fields]]] = {
    "eastmoney_news": {
        "thepaper": _thepaper,
        "people_search": _people,
        "sina_finance_roll": _sina,
        "gdelt_doc": _gdelt,
        "gnews_rss": _gnews,
        "bing_news_rss": _feed,
        "rss_feed": _feed,
        "bjnews_search": _bjnews,
        "article": _article,
    },
    "heimao_public": {"rednet_baixing": _rednet, "heimao_groups": _group},
    "nfra_penalty": {"pbc_penalty": _pbc},
}
