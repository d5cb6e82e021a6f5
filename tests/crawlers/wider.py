"""Planned items for the sources that the generator of scenarios plans nothing for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from crawlers.addresses import digest, page_id
from crawlers.notices import native_id
from crawlers.penalties import Penalty
from data.model import SHANGHAI, Mention, Sentiment, SourceKind
from data.scenarios.format import Gold, Planned, Scenario
from tests.crawlers.weeks import LENDERS, NOW, scenario

COLUMN = "/zhengwugongkai/4081330/4081344/4081407/4081705"
_GOLD = Gold(about=(), sentiment=Sentiment.NEUTRAL)


def plan(source: str, n: int, now: datetime = NOW, days: float = 40.0, first: int = 0) -> Scenario:
    """Return ``n`` items of one source spread over the days before ``now``."""
    step = timedelta(days=days) / (n + 1)
    planned = []
    for i in range(n):
        place = i - i % 2 if source == "pbc_penalty" else i  # two rows, one notice, one time
        planned.append(item(source, first + i, (now - step * (place + 1)).replace(microsecond=0)))
    return scenario(planned, now)


def item(source: str, i: int, at: datetime) -> Planned:
    """Return one item of a source."""
    fields = FIELDS[source](i)
    published = at
    if source == "pbc_penalty":  # its lists state days
        published = at.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0)
    if source == "rednet_baixing":
        fields["extra"]["steps"] = _replies(i, at)
    if source == "heimao_groups":
        fields["extra"] |= _joined(i, at)
    mention = Mention(source=source, published_at=published, fetched_at=at, **fields)
    return Planned(mention, at, _GOLD)


def _news(i: int, **fields: Any) -> dict[str, Any]:
    lender = LENDERS[i % 2]
    said = {
        "kind": SourceKind.NEWS,
        "title": f"{lender}发布第{i}期公告",
        "text": f"记者获悉，{lender}就第{i}期服务安排作出说明。",
        "outlet": "示例财经",
    }
    return said | fields


def _story(i: int) -> str:
    """Return a text long enough to be an article."""
    lender = LENDERS[i % 2]
    paragraphs = (
        f"记者获悉，{lender}就第{i}期服务安排作出说明，涉及还款方式、客服时间与费用公示等事项。",
        f"{lender}表示，将在官方渠道公布第{i}份明细，用户可以通过客服电话了解详情并提出意见。",
        "业内人士认为，信息公开有助于减少误解，也有助于监管部门与消费者了解服务的真实情况。",
    )
    return "\n".join(paragraphs)


def _url(i: int) -> str:
    return f"https://news.example.cn/a/{i}.html"


def _thepaper(i: int) -> dict[str, Any]:
    number = str(30_000_000 + i)
    url = f"https://www.thepaper.cn/newsDetail_forward_{number}"
    extra = {"section": "财经上下游"}
    return _news(i, native_id=number, url=url, outlet="澎湃新闻", reach=i, extra=extra)


def _people(i: int) -> dict[str, Any]:
    number = str(40_000_000 + i)
    url = f"http://finance.people.com.cn/n1/2026/1120/c1004-{number}.html"
    return _news(i, native_id=number, url=url, outlet="人民网")


def _sina(i: int) -> dict[str, Any]:
    url = f"https://finance.sina.com.cn/roll/2026-11-20/doc-example{i:07d}.shtml"
    return _news(i, native_id=page_id(url), url=url)


def _gdelt(i: int) -> dict[str, Any]:
    extra = {"country": "China"}
    where = {"native_id": page_id(_url(i)), "url": _url(i), "outlet": "news.example.cn"}
    return _news(i, text="", extra=extra, **where)


def _gnews(i: int) -> dict[str, Any]:
    guid = f"CBMexample{i}"
    url = f"https://news.google.com/rss/articles/{guid}"
    return _news(i, native_id=digest(f"news.google.com {guid}"), url=url, text="")


def _bing(i: int) -> dict[str, Any]:
    return _news(i, native_id=page_id_of_feed(_url(i)), url=_url(i))


def _rss(i: int) -> dict[str, Any]:
    return _news(i, native_id=page_id_of_feed(_url(i)), url=_url(i), text=_story(i))


def page_id_of_feed(url: str) -> str:
    """Return the id of an entry whose guid or link is an address."""
    return digest(url)


def _bjnews(i: int) -> dict[str, Any]:
    url = f"https://www.bjnews.com.cn/detail/{1_700_000_000 + i}.html"
    where = {"native_id": page_id(url), "url": url, "outlet": "新京报"}
    return _news(i, text=_story(i), author="示例记者", **where)


def _article(i: int) -> dict[str, Any]:
    url = f"https://news.example.cn/news/story-{i}.html"
    return _news(i, native_id=page_id(url), url=url, text=_story(i), author=f"记者{i}")


def _rednet(i: int) -> dict[str, Any]:
    number = str(4_700_000 + i)
    return {
        "kind": SourceKind.COMPLAINT,
        "native_id": number,
        "url": f"https://rapi.rednet.cn/front/msg/detail?id={number}",
        "title": f"反映{LENDERS[i % 2]}催收问题{i}",
        "text": f"本人在{LENDERS[i % 2]}借款，\n近日接到催收电话 <第{i}次>。",
        "author": f"网友{i}",
        "outlet": "红网百姓呼声",
        "status": "已办理" if i % 3 == 0 else "未办理",
        "reach": 12 + i,
        "extra": {"issue": "投诉", "steps": []},
    }


def _replies(i: int, at: datetime) -> list[dict[str, str]]:
    if i % 3:
        return []
    when = (at + timedelta(hours=3)).astimezone(SHANGHAI).isoformat()
    return [{"by": "某单位", "what": "回复", "at": when, "text": f"第{i}号来信已转办。"}]


def _group(i: int) -> dict[str, Any]:
    number = 17_300_000_000 + i
    return {
        "kind": SourceKind.COMPLAINT,
        "native_id": f"G{number:x}",
        "url": f"https://tousu.sina.com.cn/grp_comp/view/G{number}",
        "title": f"{LENDERS[i % 2]}会员费集体投诉第{i}号",
        "text": f"我们在{LENDERS[i % 2]}借款时被扣会员费，\n希望退还，第{i}号。",
        "author": f"发起人{i}",
        "outlet": "黑猫投诉",
        "status": "处理中",
        "extra": {
            "couid": str(7_000_000_001 + i % 2), "company": LENDERS[i % 2], "issue": "会员费",
            "appeal": "退款", "cost": "",
        },
    }  # fmt: skip


def _joined(i: int, at: datetime) -> dict[str, Any]:
    """Return a group's steps: somebody began, some joined an hour later each."""
    begun = [("消费者", "发起集体投诉", ""), ("黑猫投诉", "审核通过", "")]
    more = [("消费者", "参与集体投诉", f"我也是，第{n}人。") for n in range(i % 3)]
    local = at.astimezone(SHANGHAI)
    return {
        "members": 1 + len(more),
        "steps": [
            {"by": by, "what": what, "at": (local + timedelta(hours=n)).isoformat(), "text": text}
            for n, (by, what, text) in enumerate([*begun, *more])
        ],
    }


def penalty(i: int) -> dict[str, Any]:
    """Return a row of a notice; rows 2k and 2k+1 stand in one."""
    head = i - i % 2
    doc = str(2026_110_900_000_0000 + head)
    row = Penalty(
        f"某消费金融公司{i}号", f"违反征信管理规定（第{i}项）", f"罚款{i + 10}万元", "中国人民银行"
    )
    return {
        "kind": SourceKind.REGULATOR,
        "native_id": native_id(doc, row),
        "url": f"https://www.pbc.gov.cn{COLUMN}/{doc}/index.html",
        "title": f"银罚决字〔2026〕{head}号",
        "text": row.sentence(),
        "outlet": "中国人民银行",
        "extra": {"doc_id": doc, **row.as_dict()},
    }


FIELDS: dict[str, Callable[[int], dict[str, Any]]] = {
    "pbc_penalty": penalty,
    "thepaper": _thepaper,
    "people_search": _people,
    "sina_finance_roll": _sina,
    "gdelt_doc": _gdelt,
    "gnews_rss": _gnews,
    "bing_news_rss": _bing,
    "rss_feed": _rss,
    "bjnews_search": _bjnews,
    "rednet_baixing": _rednet,
    "article": _article,
    "heimao_groups": _group,
}

COUNTING = ("pbc_penalty", "people_search", "sina_finance_roll", "rednet_baixing",
            "heimao_groups")  # fmt: skip
"""Sources that tell an empty list from one that only seems so."""
WITH_DETAILS = ("pbc_penalty", "bjnews_search", "rednet_baixing", "heimao_groups")
