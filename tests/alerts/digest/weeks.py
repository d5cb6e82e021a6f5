"""Weeks to write about: random figures, and random weeks in a real store."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from alerts.digest import chance, decide, drift, figures, scope
from alerts.digest.common import counted, percent
from alerts.digest.counts import Count
from alerts.digest.make import facts_of
from alerts.digest.parts import move
from alerts.digest.period import Period, containing
from alerts.digest.scope import Scope
from data.model import Level, Outcome
from data.settings import Settings
from data.store import health, incidents, runs, schema
from data.store.db import Store
from data.store.health import Concern, Condition
from data.store.incidents import Event
from tests.dashboard import seeds

MONDAY = date(2026, 11, 16)
WEEK = containing("week", MONDAY)
LENDER = "chenghu"
OURS = Scope((LENDER,))
SCOPES = (
    OURS,
    Scope((LENDER, "lixing")),
    Scope((LENDER,), "huguangdai"),
    Scope((LENDER,), "", "广东"),
)
FACTS = facts_of(Settings())
TITLES = (
    "佛山上门催收",
    "会员费退费难",
    "张贴大字报〔9〕 *粗* <b>x</b>",
    "冒充法院：负面",
    "a|b #c",
)


def random_figures(seed: int) -> dict[str, Any]:
    """Return figures that could be: small and large, first weeks, quiet and wild ones."""
    luck = random.Random(seed)
    period = containing(luck.choice(["week", "week", "day", "month"]), MONDAY)
    known = luck.choice([0, 0, 1, 3, 4, 8])
    scale = luck.choice([0, 1, 3, 20, 300, 5_000, 200_000])
    past = [_count(luck, scale) for _ in range(known)]
    now = _count(luck, luck.choice([scale, scale, scale * 2, 0]))
    found: dict[str, Any] = {
        "version": figures.VERSION,
        "period": figures._period(period),
        "scope": _scope(luck),
        "history": known,
        "weeks": [
            {"id": str(n), "first": (MONDAY - timedelta(weeks=n)).isoformat(), "n": c.n,
             "negative": c.negative, "severe": c.severe}
            for n, c in enumerate([*past, now])
        ],
        "days": [
            {"day": day.isoformat(), "level": 0, "n": 0, "negative": 0, "severe": 0}
            for day in period.days
        ],
        "mentions": counted(now.n, past[-1].n if past else None, [c.n for c in past]),
        "severe": counted(now.severe, past[-1].severe if past else None, [c.severe for c in past]),
        "share": figures._share(now, past[-1] if past else None, past),
        "proofs": {},
    }  # fmt: skip
    for key, n in (("mentions", now.n), ("share", now.negative), ("severe", now.severe)):
        _prove(found, key, n)
    found["places"] = _places(luck, found)
    found |= _stories(luck, found, period)
    found["drift"] = _drift(luck, found, [*past, now])
    found["moves"] = _moves(luck, found)
    found["rivals"] = _rivals(luck, found, now, past)
    found |= _blind(luck, found)
    found["notices"] = _notices(luck, found)
    found["decide"] = decide.decide(found)
    return found


def _prove(found: dict[str, Any], key: str, n: int) -> None:
    found["proofs"][key] = {"page": "feed", "query": {"lender": LENDER}, "ids": [], "n": n}


def _count(luck: random.Random, scale: int) -> Count:
    n = luck.randint(0, scale)
    negative = luck.randint(0, n)
    return Count(n, negative, luck.randint(0, negative))


def _scope(luck: random.Random) -> dict[str, Any]:
    one = luck.choice(SCOPES)
    named = scope.names(one, FACTS.lenders)
    return {"id": one.id, "lenders": list(one.lenders), "narrow": one.narrow, **named}


def _places(luck: random.Random, found: dict[str, Any]) -> dict[str, Any]:
    top = []
    for zh, en in luck.sample([("广东", "Guangdong"), ("湖南", "Hunan"), ("陕西", "Shaanxi")], 2):
        n = luck.choice([1, 2, 40, 1_300])
        city = luck.random() < 0.5
        first = {"key": f"place:{zh}:x", "zh": "某市", "en": "Some City", "n": n, "first": None}
        top.append({"key": f"place:{zh}", "zh": zh, "en": en, "n": n,
                    "first": first if city else None})  # fmt: skip
        _prove(found, f"place:{zh}", n)
        _prove(found, f"place:{zh}:x", n)
    top.sort(key=lambda one: -int(str(one["n"])))
    some = luck.choice([0, 1, 90, 1_200])
    return {"some": some, "top": top if some else []}


def _drift(
    luck: random.Random, found: dict[str, Any], counted_all: list[Count]
) -> list[dict[str, Any]]:
    n = len(counted_all)
    names = luck.sample(sorted(FACTS.allegations), 2)
    start = luck.choice([0, 5])
    slopes = {name: luck.choice([-3, 0, 4]) for name in names}
    tags = {
        name: [max(0, start + 30 + slope * k + luck.randint(0, 2)) for k in range(n)]
        for name, slope in slopes.items()
    }
    rows = drift.drifts(counted_all, tags, FACTS)
    for row in rows:
        if row["id"] and luck.random() < 0.5:
            _prove(found, f"allegation:{row['id']}", row["last"])
    return rows


def _stories(luck: random.Random, found: dict[str, Any], period: Period) -> dict[str, Any]:
    n = luck.choice([0, 0, 1, 2, 3, 7])
    narrow = found["scope"]["narrow"]
    told = [_event(luck, number, narrow=narrow) for number in range(1, n + 1)]
    told.sort(key=lambda one: -one["level"])
    for one in told[:3]:
        _prove(found, f"event:{one['id']}", one["mentions"])
    days = len(period.days)
    red = luck.randint(0, days) if n else 0
    orange = luck.randint(0, days - red) if n else 0
    yellow = luck.randint(0, days - red - orange) if n else 0
    minutes = luck.choice([None, 0, 1, 59, 60, 190, 1_440, 5_000])
    broken = luck.choice([0, 0, 1, 4]) if n else 0
    return {
        "events": told[:3],
        "more_events": max(0, n - 3),
        "grave": {
            "n": n,
            "open": sum(one["state"] not in {"closed", "quiet"} for one in told),
            "level": max((one["level"] for one in told), default=0),
        },
        "level_days": {"red": red, "orange": orange, "yellow": yellow, "blue": 0},
        "worst": max((one["level"] for one in told), default=0),
        "response": {
            "minutes": minutes,
            "n": 0 if minutes is None else luck.choice([1, 2, 9]),
            "before": luck.choice([None, 0, 60, 190]) if found["history"] else None,
            "waiting": luck.choice([0, 1, 2]),
        },
        "promises": {
            "kept": luck.choice([0, 1, 11]) if n else 0,
            "broken": broken,
            "running": luck.choice([0, 1]) if n else 0,
            "late": [
                {
                    "id": one["id"],
                    "title": one["title"],
                    "due": luck.choice([60, 240, 1_440]),
                    "took": luck.choice([None, 1_500, 4_000]),
                }
                for one in told[:2][:broken]
            ],
        },
    }


def _event(luck: random.Random, number: int, *, narrow: bool) -> dict[str, Any]:
    title = luck.choice(TITLES).replace("〔", "[").replace("〕", "]")
    sources = luck.choice([1, 2, 3, 6])
    names = [("东方财富股吧", "Eastmoney forum"), ("澎湃", "The Paper"), ("新京报", "Beijing News")]
    n = luck.choice([1, 2, 38, 1_284])
    minutes = luck.choice([None, 0, 12, 190, 3_000])
    quote = {"words": luck.choice(["两个人堵在我家门口", "a “quoted” word", "《x》"]),
             "source": {"slug": "x", "zh": "黑猫投诉", "en": "Heimao"}}  # fmt: skip
    return {
        "id": number,
        "title": {"zh": title, "en": luck.choice(["Foshan: Home visits", title])},
        "level": luck.choice([2, 3, 4]),
        "opened_at": f"2026-11-{luck.randint(10, 22)}T02:{luck.randint(10, 59)}:00+08:00",
        "began_at": f"2026-11-{luck.randint(10, 22)}T01:{luck.randint(10, 59)}:00+08:00",
        "source": {"slug": "x", "zh": "黑猫投诉", "en": "Heimao"},
        "spread": [
            {"slug": zh, "zh": zh, "en": en, "after": luck.choice([0, 9, 60, 1_500])}
            for zh, en in names[: sources - 1]
        ],
        "sources": sources,
        "mentions": n,
        "here": luck.choice([1, n]) if narrow else None,
        "minutes": minutes,
        "stated": minutes is not None and luck.random() < 0.5,
        "history": luck.random() < 0.2,
        "state": luck.choice(["open", "acknowledged", "closed", "quiet"]),
        "quote": quote if luck.random() < 0.7 else None,
    }


def _moves(luck: random.Random, found: dict[str, Any]) -> dict[str, Any]:
    rows = [
        move(name, [luck.choice([0, 1, 9, 40]), luck.choice([0, 1, 6, 12, 300])], MONDAY, FACTS)
        for name in luck.sample(sorted(FACTS.allegations), luck.choice([0, 1, 5, 12]))
    ]
    rows = [row for row in rows if row["n"] or row["before"]]
    known = bool(found["history"])
    rising = [row for row in rows if row["turn"] > 0][:4] if known else []
    falling = [row for row in rows if row["turn"] < 0][:4] if known else []
    top = [] if known else [row for row in rows if row["n"]][:4]
    for row in (*rising, *falling, *top):
        _prove(found, f"allegation:{row['id']}", row["n"])
    steady = len(rows) - len(rising) - len(falling)
    return {"rising": rising, "falling": falling, "top": top, "steady": steady}


def _rivals(
    luck: random.Random, found: dict[str, Any], now: Count, past: list[Count]
) -> dict[str, Any]:
    totals = [luck.choice([0, 1, 40, 900]) for _ in range(len(past) + 1)]
    voice = chance.wilson(now.n, now.n + totals[-1])
    old = chance.wilson(past[-1].n, past[-1].n + totals[-2]) if past else None
    each = [{"slug": "q", "zh": "栖川", "en": "Q", "n": totals[-1]},
            {"slug": "m", "zh": "暮禾", "en": "M", "n": 0}]  # fmt: skip
    _prove(found, "rival:q", totals[-1])
    return {
        "compared": found["scope"]["id"] != "huguangdai",
        "each": [] if luck.random() < 0.1 else each,
        **counted(totals[-1], totals[-2] if past else None, totals[:-1]),
        "negative": luck.randint(0, 100),
        "voice": percent(voice),
        "voice_before": percent(old) if old and old.n else None,
        "voice_turn": chance.shift(voice, old) if old else 0,
    }


def _blind(luck: random.Random, found: dict[str, Any]) -> dict[str, Any]:
    gaps = [
        {
            "source": {"slug": f"s{n}", "zh": f"来源{n}", "en": f"Source {n}"},
            "since": "2026-11-17T02:00:00+08:00",
            "until": "2026-11-17T09:10:00+08:00",
            "minutes": luck.choice([1, 59, 430, 2_000]),
            "why": luck.choice(["blocked", "changed", "failing", "silent"]),
        }
        for n in range(luck.choice([0, 0, 1, 2, 6]))
    ]
    _prove(found, "blind", len(gaps))
    return {"blind": gaps, "sources": luck.choice([0, 1, 14])}


def _notices(luck: random.Random, found: dict[str, Any]) -> dict[str, Any]:
    n = luck.choice([0, 0, 1, 3, 8])
    ours = luck.randint(0, min(n, 3))
    _prove(found, "notices", n)
    first = [
        {
            "id": k,
            "outlet": "某分局",
            "title": f"{luck.choice(['', '某分局'])}处罚{k}",
            "ours": k < ours,
            "alike": luck.choice([1, 1, 2, 12]),
        }
        for k in range(min(n, 3))
    ]
    for one in first:
        _prove(found, f"notice:{one['id']}", 1)
    return {"n": n, "ours": ours, "first": first}


# ------------------------------------------------------------------------------ in a store
def fill(store: Store, seed: int, weeks: int = 10, until: date = WEEK.last) -> None:
    """Put random weeks into a store through its own doors; the last day is ``until``."""
    luck = random.Random(seed)
    end = datetime(until.year, until.month, until.day, 16, tzinfo=UTC)
    start = end - timedelta(weeks=weeks)
    rate = luck.choice([3, 12, 40])
    told = [_seed(luck, number, start, end) for number in range(weeks * rate)]
    ids = seeds.put(store, told, end)
    for number in range(luck.choice([0, 1, 4])):
        _incident(store, luck, number, list(luck.sample(ids, min(len(ids), 9))), end)
    _runs(store, luck, end)


def _seed(luck: random.Random, number: int, start: datetime, end: datetime) -> seeds.Seed:
    at = start + (end - start) * luck.random()
    story = luck.choice([*seeds.PLAIN, *seeds.PLAIN, *seeds.GRAVE])
    place = luck.choice([seeds.COMPLAINT, seeds.FORUM, seeds.PRESS])
    told = seeds.Story(
        story.title, f"{story.text}（{luck.choice(['佛山', '长沙', '某地'])}，第 {number} 条）",
        story.allegation, story.quote, story.severity,
    )  # fmt: skip
    made = seeds.seed(number, at, place, told)
    return replace(made, facts=_facts(luck), also=("lixing",) if luck.random() < 0.2 else ())


def _facts(luck: random.Random) -> dict[str, Any]:
    span = {"field": "text", "start": 0, "end": 2}
    where = luck.choice([("广东", "佛山"), ("广东", ""), ("广东", "深圳"), ("湖南", "长沙"), None])
    product = luck.choice(["huguangdai", "huguangdai", "chenghu_app", None])
    found: dict[str, Any] = {}
    if where:
        found["region"] = [{"value": {"province": where[0], "city": where[1]}, **span}]
    if product:
        found["product"] = [{"value": product, **span}]
    return found


def _incident(
    store: Store, luck: random.Random, number: int, ids: list[int], end: datetime
) -> None:
    ago = timedelta(hours=luck.randint(1, 150))
    level = luck.choice([Level.BLUE, Level.YELLOW, Level.ORANGE, Level.RED])
    key = seeds.incident(store, ids, end, f"{luck.choice(TITLES)} {number}", level, ago)
    acted: Iterator[Event] = (
        Event(end - ago + timedelta(minutes=luck.randint(5, 400)), "王某", "responded")
        for _ in range(luck.randint(0, 1))
    )
    with store.write() as conn:
        incidents.add_events(conn, key, acted)


def _runs(store: Store, luck: random.Random, end: datetime) -> None:
    """Read two sources every four hours; some runs are refused, and the health says so."""
    with store.write() as conn:
        for step in range(60):
            at = end - timedelta(hours=4 * (60 - step))
            for place in (seeds.COMPLAINT[0], seeds.FORUM[0]):
                refused = luck.random() < 0.08
                outcome = Outcome.REFUSED if refused else Outcome.OK
                key = runs.start(conn, "crawl", place, at)
                runs.finish(conn, key, at + timedelta(minutes=1), outcome, {})
                wrong = [Concern(Condition.BLOCKED, at, "HTTP 456")] if refused else []
                health.note(conn, place, wrong, at + timedelta(minutes=1))


def mentions_of(store: Store, period: Period, one: Scope = OURS) -> list[Any]:
    """Return the raw verdicts of a scope and period: what every sum must agree with."""
    v, p = schema.verdict, schema.verdict_product.c
    query = v.select().where(v.c.lender.in_(one.lenders))
    if one.province:
        query = query.where(v.c.province == one.province)
    if one.product:
        query = query.where(
            v.c.mention_id.in_(select(p.mention_id).where(p.product == one.product))
        )
    with store.read() as conn:
        rows = conn.execute(query).all()
    return [row for row in rows if period.since <= row.published_at < period.until]
