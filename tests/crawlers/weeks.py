"""Small planned weeks for the crawl tests: plain texts, every corner of the protocols."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from data.model import SHANGHAI, Mention, Sentiment, SourceKind
from data.scenarios.format import Gold, Planned, Scenario

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
LENDERS = ("澄湖消费金融", "栖川消费金融")
COUIDS = ("7000000001", "7000000002")
_GOLD = Gold(about=(), sentiment=Sentiment.NEUTRAL)


def week(n: int, now: datetime = NOW, days: float = 40.0, first: int = 0) -> Scenario:
    """Return ``n`` items of each source spread over the days before ``now``."""
    planned: list[Planned] = []
    for i in range(first, first + n):
        at, notice = (_spread(now, days, (j - first + 1) / (n + 1)) for j in (i, _head(i)))
        planned += [complaint(i, at), news(i, at), penalty(i, notice), post(i, at)]
    return scenario(planned, now)


def scenario(planned: Sequence[Planned], now: datetime = NOW) -> Scenario:
    """Return a scenario of these items, in the order in which they appear."""
    ordered = tuple(sorted(planned, key=lambda item: item.visible_at))
    return Scenario("small", 1, now - timedelta(days=60), now + timedelta(days=60), ordered)


def complaint(i: int, at: datetime, replied: bool | None = None) -> Planned:
    """Return a complaint; every third has a reply two hours later, every sixth is completed."""
    which = i % 2
    steps = [_step("消费者", "发起投诉", at, ""), _step("黑猫投诉", "审核通过", at, "", 1)]
    status = "处理中"
    if replied if replied is not None else i % 3 == 0:
        status = "已回复"
        steps.append(_step(LENDERS[which], "回复", at, f"您好，第{i}号问题已记录。", 2))
    if i % 6 == 0 and status == "已回复":
        status = "已完成"
        steps.append(_step("消费者", "确认完成", at, "", 3))
    mention = Mention(
        source="heimao_public",
        native_id=str(17_300_000_000 + i),
        kind=SourceKind.COMPLAINT,
        url=f"https://tousu.sina.com.cn/complaint/view/{17_300_000_000 + i}/",
        title=f"{LENDERS[which]}第{i}次催收电话打扰家人",
        text=f"我在{LENDERS[which]}借款{i + 1000}元，今天又接到催收电话。\n"
        f"希望停止 <骚扰> & 给个说法，编号{i}。" + "情况说明。" * (i % 40),
        author=f"匿名用户{i % 17}",
        outlet="黑猫投诉",
        status=status,
        published_at=at,
        fetched_at=at,
        extra={
            "couid": COUIDS[which],
            "company": LENDERS[which],
            "issue": "暴力催收" if i % 4 else "",
            "appeal": "停止催收,道歉赔偿/解释",
            "cost": f"{i + 1000}.50",
            "steps": steps,
            **({"group": f"G{17_300_000_000 + i % 4:x}"} if i % 5 == 2 else {}),
        },
    )
    return Planned(mention, at, _GOLD)


def news(i: int, at: datetime) -> Planned:
    """Return an article about one of the lenders."""
    code = f"20261120{i:010d}"
    mention = Mention(
        source="eastmoney_news",
        native_id=code,
        kind=SourceKind.NEWS,
        url=f"http://finance.eastmoney.com/a/{code}.html",
        title=f"{LENDERS[i % 2]}发布第{i}期公告",
        text=f"记者获悉，{LENDERS[i % 2]}就第{i}期服务安排作出说明。",
        outlet="示例财经",
        published_at=at,
        fetched_at=at,
    )
    return Planned(mention, at, _GOLD)


def penalty(i: int, at: datetime) -> Planned:
    """Return a row of a penalty notice; rows 3k and 3k+1 stand in one notice."""
    doc = 1_200_000 + _head(i)
    party, fine = f"某消费金融公司{i}号", f"罚款{i + 10}万元"
    authority = ("国家金融监督管理总局", "某监管局", "某监管分局")[doc % 3]
    digest = hashlib.sha256((party + fine).encode()).hexdigest()[:8]
    violation = f"催收管理不到位（第{i}项）"
    item = ("4113", "4114", "4115", "4293")[doc % 4]
    mention = Mention(
        source="nfra_penalty",
        native_id=f"{doc}-{digest}",
        kind=SourceKind.REGULATOR,
        url=f"https://www.nfra.gov.cn/cn/view/pages/ItemDetail.html?docId={doc}&itemId={item}"
        "&generaltype=0",
        title=f"某监管局行政处罚信息公示列表（{doc}）",
        text=f"当事人：{party}。主要违法违规行为：{violation}。行政处罚内容：{fine}。"
        f"作出决定机关：{authority}。",
        outlet=authority,
        published_at=at,
        fetched_at=at,
        extra={
            "doc_id": str(doc),
            "party": party,
            "violation": violation,
            "penalty": fine,
            "authority": authority,
        },
    )
    return Planned(mention, at, _GOLD)


def post(i: int, at: datetime) -> Planned:
    """Return a forum post."""
    code, post_id = ("900001", "900002")[i % 2], str(1_500_000_000 + i)
    mention = Mention(
        source="eastmoney_guba",
        native_id=post_id,
        kind=SourceKind.POST,
        url=f"https://guba.eastmoney.com/news,{code},{post_id}.html",
        title=f"听说{LENDERS[i % 2]}催收又上热搜{i}",
        text=f'股友们怎么看？"{LENDERS[i % 2]}"\n第{i}楼说 a<b & c>d。',
        author=f"股友{i % 13}",
        outlet="东方财富股吧",
        reach=100 + i,
        published_at=at,
        fetched_at=at,
    )
    return Planned(mention, at, _GOLD)


def _head(i: int) -> int:
    """Return the first row of the notice that row ``i`` stands in."""
    return i if i % 3 == 2 else i - i % 3


def _spread(now: datetime, days: float, share: float) -> datetime:
    return (now - timedelta(days=days * share)).replace(microsecond=0)


def _step(by: str, what: str, at: datetime, text: str, hours: int = 0) -> dict[str, str]:
    moment = (at + timedelta(hours=hours)).astimezone(SHANGHAI)
    return {"by": by, "what": what, "at": moment.isoformat(), "text": text}
