"""Stores to look at: an ordinary month with a crisis on its last day, and hostile texts."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from data import facts
from data.facts.places import named_in, places
from data.model import (
    Assessment,
    Evidence,
    Incident,
    IncidentState,
    Level,
    Mention,
    Outcome,
    Sentiment,
    SourceKind,
)
from data.scenarios.format import Gold, Scenario
from data.store import assessments, health, incidents, mentions, runs, schema
from data.store.db import Store
from data.store.health import Concern, Condition
from tests.conftest import KEY, NOW

LENDER = "chenghu"
HOUR = timedelta(hours=1)

COMPLAINT = ("heimao_public", SourceKind.COMPLAINT, "黑猫投诉")
FORUM = ("eastmoney_guba", SourceKind.POST, "东方财富股吧")
PRESS = ("eastmoney_news", SourceKind.NEWS, "城市晚报")
NOTICE = ("nfra_penalty", SourceKind.REGULATOR, "某监管分局")


@dataclass(frozen=True, slots=True)
class Story:
    """What somebody wrote, with the words ``quote`` that show what is alleged."""

    title: str
    text: str
    allegation: str = ""
    quote: str = ""
    severity: int = 0


PLAIN = (
    Story(
        "会员费退不了",
        "在澄湖消费金融借款时被默认勾选会员，扣了 299 元，找客服申请退费一直推脱，"
        "说要等十五个工作日，到现在没有结果。",
        "disguised_fees",
        "默认勾选会员",
        2,
    ),
    Story(
        "提前结清还要手续费",
        "澄易借提前还款被收一笔手续费，合同里根本没写清楚，客服前后三个人三种说法。",
        "penalty_prepayment_fees",
        "收一笔手续费",
        2,
    ),
    Story(
        "客服打不通",
        "湖光贷的客服电话排队四十分钟没人接，在线客服只会自动回复，想协商还款找不到人。",
        "service_unreachable",
        "客服电话排队四十分钟没人接",
        1,
    ),
    Story(
        "征信查询没有告知",
        "没有申请借款，征信报告上却有澄湖消费金融的贷后查询记录，问起来说是系统自动的。",
        "unauthorized_credit_query",
        "没有申请借款，征信报告上却有",
        3,
    ),
    Story(
        "一天打了二十多个电话",
        "逾期五天，催收一天打了二十多个电话，换着号码打，开会也打，影响正常工作。",
        "excessive_calls",
        "一天打了二十多个电话",
        3,
    ),
)
GRAVE = (
    Story(
        "催收上门堵门",
        "两个人堵在我家门口一个多小时，大声说我欠钱不还，邻居都出来看。"
        "我说可以协商，他们说今天不还就不走。",
        "abusive_visit",
        "两个人堵在我家门口一个多小时",
        5,
    ),
    Story(
        "把我通讯录打了个遍",
        "澄湖消费金融委托的催收把我通讯录打了个遍，连五年没联系的老同学都收到短信，说我是老赖。",
        "contact_list_blast",
        "把我通讯录打了个遍",
        4,
    ),
    Story(
        "到单位贴大字报",
        "他们去我公司前台贴大字报，写着我的名字和欠款金额，领导找我谈话，我真的撑不下去了。",
        "posters_public_notice",
        "去我公司前台贴大字报",
        5,
    ),
    Story(
        "冒充法院的人打电话",
        "对方自称法院执行局，说明天就来家里查封，要我马上转账到一个私人账户。",
        "impersonate_authority",
        "自称法院执行局",
        4,
    ),
)
NICE = (
    Story("放款快", "澄湖消费金融审批挺快，二十分钟到账，利息在页面上写得清楚。"),
    Story("客服态度不错", "湖光贷帮我办了延期，客服很耐心，给个好评。"),
)
NEUTRAL = (
    Story(
        "澄湖消费金融发布三季度经营数据",
        "澄湖消费金融三季度末贷款余额较年初增长，拨备覆盖率保持稳定。",
    ),
    Story(
        "消费金融公司年内密集发行金融债",
        "包括澄湖消费金融在内的多家机构年内发行金融债券，票面利率继续下行。",
    ),
)


@dataclass(frozen=True, slots=True)
class Seed:
    """A mention with what is thought of it, before it is stored."""

    mention: Mention
    story: Story
    sentiment: Sentiment = Sentiment.NEGATIVE
    score: float = -0.7
    facts: Mapping[str, Any] = field(default_factory=dict)
    also: tuple[str, ...] = ()  # other lenders that it is about


def seed(
    number: int,
    at: datetime | None,
    place: tuple[str, SourceKind, str],
    story: Story,
    sentiment: Sentiment = Sentiment.NEGATIVE,
    score: float = -0.7,
) -> Seed:
    """Make one seed; ``number`` gives its native id."""
    source, kind, outlet = place
    said = Mention(
        source=source,
        native_id=str(17300000000 + number),
        kind=kind,
        url=f"https://example.com/{source}/{number}/",
        title=story.title,
        text=story.text,
        outlet=outlet,
        author=f"匿名{number % 977}",
        status="处理中" if kind is SourceKind.COMPLAINT else "",
        published_at=at,
        fetched_at=(at or NOW) + timedelta(minutes=3),
    )
    return Seed(said, story, sentiment, score)


def put(store: Store, seeds: Iterable[Seed], now: datetime = NOW) -> tuple[int, ...]:
    """Store seeds through the store's own doors: saved, assessed, counted. Returns the ids."""
    planned = list(seeds)
    with store.write() as conn:
        saved = mentions.save(conn, [one.mention for one in planned], now, KEY)
        stored = {m.native_id: m for m in mentions.get(conn, saved.ids)}
        whole = [(stored[one.mention.native_id], one) for one in planned]
        found = [
            replace(_assessed(m, one, now), lender=lender)
            for m, one in whole
            for lender in (LENDER, *one.also)
        ]
        assessments.write(conn, [m for m, _ in whole], found)
    return tuple(m.id for m, _ in whole)


def planned(store: Store, scenario: Scenario, now: datetime) -> None:
    """Store what a scenario shows by ``now``, judged as its careful reader would; and the runs."""
    seen = [one for one in scenario.planned if one.visible_at <= now]
    subjects = {fact.slug: fact.subject for fact in facts.lenders()}
    grave = {fact.id: fact.severity for fact in facts.allegations()}
    with store.write() as conn:
        saved = mentions.save(conn, [one.mention for one in seen], now, KEY)
        stored = {(m.source, m.native_id): m for m in mentions.get(conn, saved.ids)}
        found = [
            _judged(stored[one.mention.source, one.mention.native_id], one.gold, lender, grave, now)
            for one in seen
            for lender in sorted({subjects.get(slug, slug) for slug in one.gold.about})
        ]
        assessments.write(conn, list(stored.values()), found)
    read_all(store, now)


def _judged(
    m: Mention, gold: Gold, lender: str, grave: Mapping[str, int], now: datetime
) -> Assessment:
    spans = [
        replace(e, quote=(m.title if e.field == "title" else m.text)[e.start : e.end])  # masked
        for e in gold.allegations
    ]
    return Assessment(
        mention_id=m.id,
        revision=m.revision,
        lender=lender,
        sentiment=gold.sentiment,
        score={Sentiment.NEGATIVE: -0.8, Sentiment.POSITIVE: 0.7}.get(gold.sentiment, 0.0),
        severity=max((grave[e.allegation] for e in spans), default=0),
        evidence=tuple(spans),
        names=("澄湖",),
        made_by="gold/1",
        made_at=now,
        facts=_where(m),
    )


def _where(m: Mention) -> dict[str, Any]:
    """Return the place that a mention names, as an assessment states it."""
    named = named_in(f"{m.title} {m.text}")
    found = [
        {"value": {"province": province, "city": name if name != province else ""}}
        for province, *cities in places()
        for name in (*cities, province)
        if name in named
    ]
    return {"region": found[:1]} if found else {}


def month(store: Store, now: datetime = NOW, days: int = 36, *, crisis: bool = True) -> None:
    """Fill a store: ordinary days with a day-and-night shape, then a crisis in the last hours."""
    chance = random.Random(20261125)
    seeds, number = [], 0
    start = now.replace(minute=0, second=0, microsecond=0) - timedelta(days=days)
    for step in range(days * 24):
        hour = start + step * HOUR
        for _ in range(_arrivals(chance, hour)):
            number += 1
            seeds.append(_ordinary(chance, number, hour + HOUR * chance.random()))
    put(store, [one for one in seeds if (one.mention.published_at or now) <= now], now)
    read_all(store, now)
    if crisis:
        unfold(store, now, number + 1)


def unfold(store: Store, now: datetime, number: int) -> int:
    """Add the crisis: one complaint, then the forum, then the press. Returns the incident's id."""
    chance = random.Random(7)
    story = []
    for step in range(64):
        at = now - timedelta(hours=5.5) * (1 - step / 64) ** 1.6
        place = COMPLAINT if step < 9 else chance.choice((COMPLAINT, FORUM, FORUM, PRESS))
        told = GRAVE[0] if step == 0 else chance.choice(GRAVE)
        amount = chance.randrange(20, 900) * 100
        tail = f"（第 {step + 1} 位反映，金额 {amount} 元）"
        said = replace(told, text=told.text + tail)
        story.append(seed(number + step, at, place, said, score=-0.93))
    ids = put(store, story, now)
    key = incident(store, ids, now, "上门催收与到单位张贴，投诉扩散至论坛和媒体", Level.ORANGE)
    small = incident(store, ids[:3], now - timedelta(hours=20), "会员费退费难", Level.YELLOW)
    _tell(store, key, small, now)
    return key


def incident(store: Store, ids: Sequence[int], now: datetime, title: str, level: Level,
             opened_ago: timedelta = timedelta(hours=2, minutes=48)) -> int:  # fmt: skip
    """Open an incident over stored mentions, with a history."""
    new = Incident(
        lender=LENDER,
        key=f"burst:{title}",
        title=title,
        level=level,
        state=IncidentState.OPEN,
        opened_at=now - opened_ago,
        last_at=now - timedelta(minutes=4),
    )
    with store.write() as conn:
        key = incidents.insert(conn, new)
        incidents.add_mentions(conn, key, ids)
        opened = incidents.Event(now - opened_ago, "burst v1", "opened", {"level": 2})
        rose = incidents.Event(now - HOUR, "burst v1", "rose", {"from": 2, "to": int(level)})
        incidents.add_events(conn, key, [opened, rose])
    return key


def read_all(store: Store, now: datetime = NOW) -> None:
    """Record runs: three sources well, one refused for some hours."""
    with store.write() as conn:
        for back in range(8, 0, -1):
            for source in (COMPLAINT[0], FORUM[0], PRESS[0], NOTICE[0]):
                at = now - back * HOUR * 2
                key = runs.start(conn, "crawl", source, at)
                bad = source == NOTICE[0] and back < 4
                quiet = source == PRESS[0] and back % 3 == 0
                outcome = Outcome.REFUSED if bad else Outcome.EMPTY if quiet else Outcome.OK
                counts = {"new": 0 if bad or quiet else 5 + back, "requests": 1 if bad else 4}
                note = "the site blocked us (http_456)" if bad else ""
                runs.finish(conn, key, at + timedelta(minutes=1), outcome, counts, note)
        since = now - 8 * HOUR  # its last good run
        blocked = Concern(Condition.BLOCKED, since, "the site blocked us (http_456)")
        health.note(conn, NOTICE[0], [blocked], now - 6 * HOUR)


def _tell(store: Store, key: int, small: int, now: datetime) -> None:
    sources = {"heimao_public": 14, "eastmoney_guba": 8, "eastmoney_news": 2}
    burst = {
        "rule": "burst",
        "version": 1,
        "lender": LENDER,
        "series": "negative",
        "at": now - HOUR,
        "window_seconds": 3600,
        "value": 21.0,
        "expected": 3.4,
        "threshold": 11.0,
        "severity": 5,
        "incident_id": key,
        "detail": {"low": 1, "high": 6, "authors": 21, "texts": 24, "sources": sources},
    }
    grave = burst | {
        "rule": "severity",
        "series": "mention:1",
        "value": 1.0,
        "expected": 0.1,
        "threshold": 2.0,
        "detail": {"history_days": 28.0},
    }
    said = {
        "key": "k1",
        "incident_id": key,
        "revision": 1,
        "channel": "公关值班邮箱",
        "level": 3,
        "reason": "first",
        "subject": "【橙色】上门催收与到单位张贴",
        "body": {},
        "state": "sent",
        "attempt": 1,
        "unsure": False,
        "created_at": now - HOUR,
        "due_at": now - HOUR,
        "sent_at": now - HOUR,
        "reply": "",
    }
    quiet = said | {"key": "k2", "reason": "unchanged", "state": "quiet", "sent_at": None}
    below = quiet | {"key": "k3", "reason": "below", "incident_id": small}
    with store.write() as conn:
        conn.execute(schema.signal.insert(), [burst, grave])
        conn.execute(schema.outbox.insert(), [said, quiet, below])


def _arrivals(chance: random.Random, hour: datetime) -> int:
    local = (hour.hour + 8) % 24
    rate = 0.4 if local < 7 else 2.6 if 9 <= local < 22 else 1.3
    return sum(chance.random() < rate / 5 for _ in range(5))


def _ordinary(chance: random.Random, number: int, at: datetime) -> Seed:
    luck, amount = chance.random(), chance.randrange(10, 500) * 100
    if luck < 0.52:
        story, place = chance.choice(PLAIN), COMPLAINT if chance.random() < 0.8 else FORUM
        return seed(number, at, place, replace(story, text=f"{story.text}涉及 {amount} 元。"))
    if luck < 0.7:
        story = chance.choice(NICE)
        said = replace(story, text=f"{story.text}额度 {amount}。")
        return seed(number, at, FORUM, said, Sentiment.POSITIVE, 0.6)
    story = chance.choice(NEUTRAL)
    said = replace(story, text=f"{story.text}（{amount}）")
    return seed(number, at, PRESS, said, Sentiment.NEUTRAL, 0)


def _assessed(stored: Mention, one: Seed, now: datetime) -> Assessment:
    spans: tuple[Evidence, ...] = ()
    quote = one.story.quote
    if quote:
        start = stored.text.index(quote)
        spans = (Evidence(one.story.allegation, "text", start, start + len(quote), quote),)
    return Assessment(
        mention_id=stored.id,
        revision=stored.revision,
        lender=LENDER,
        sentiment=one.sentiment,
        score=one.score,
        severity=one.story.severity,
        evidence=spans,
        names=("澄湖",),
        made_by="test/1",
        made_at=now,
        facts=one.facts,
    )


HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(2)> **粗** [点我](javascript:alert(3)) "
    "$x$ :red[a] \u202e反转\u202c"
)


def hostile(store: Store, now: datetime = NOW) -> tuple[int, ...]:
    """Store texts that want to be more than text: script, Markdown, direction marks, 1 MB."""
    wild = Story(HOSTILE, f"{HOSTILE}堵门{HOSTILE}", "abusive_visit", "堵门", 5)
    bad = seed(1, now - HOUR, COMPLAINT, wild)
    long = seed(2, now - HOUR, FORUM, Story("很长", "长" * 1_000_000))
    formula = seed(3, None, COMPLAINT, Story('=HYPERLINK("http://x")', "@SUM(1+1)"))
    lured = replace(bad.mention, native_id="17300000004", url="javascript:alert(9)")
    ids = put(store, [bad, long, formula, replace(bad, mention=lured)], now)
    incident(store, ids, now, HOSTILE, Level.RED)
    return ids
