"""Weeks to write about: random figures, and random weeks in a real store."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from alerts.digest import chance, decide, figures
from alerts.digest.common import counted, percent
from alerts.digest.counts import Count
from alerts.digest.make import facts_of
from alerts.digest.parts import move
from alerts.digest.period import Period, containing
from data.model import Level, Outcome
from data.settings import Settings
from data.store import incidents, runs, schema
from data.store.db import Store
from data.store.incidents import Event
from tests.dashboard import seeds

MONDAY = date(2026, 11, 16)
WEEK = containing("week", MONDAY)
LENDER = "chenghu"
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
        "version": 1,
        "period": figures._period(period),
        "lender": {"slug": LENDER, "zh": "澄湖消费金融", "en": "Chenghu"},
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
        "places": _places(luck),
        "proofs": {},
    }  # fmt: skip
    for key, n in (("mentions", now.n), ("share", now.negative), ("severe", now.severe)):
        _prove(found, key, n)
    found |= _stories(luck, found, period)
    found["moves"] = _moves(luck, found)
    found["rivals"] = _rivals(luck, now, past)
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


def _places(luck: random.Random) -> dict[str, Any]:
    top = [
        {"zh": name, "n": luck.randint(1, 90)} for name in luck.sample(["佛山", "深圳", "长沙"], 2)
    ]
    top.sort(key=lambda one: -int(str(one["n"])))
    some = luck.choice([0, 1, 90, 1_200])
    return {"some": some, "top": top if some else []}


def _stories(luck: random.Random, found: dict[str, Any], period: Period) -> dict[str, Any]:
    n = luck.choice([0, 0, 1, 2, 3, 7])
    told = [_event(luck, number) for number in range(1, n + 1)]
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
            "open": sum(one["state"] != "closed" for one in told),
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
            "broken_ids": [one["id"] for one in told[:3]][:broken],
        },
    }


def _event(luck: random.Random, number: int) -> dict[str, Any]:
    return {
        "id": number,
        "title": luck.choice(TITLES).replace("〔", "[").replace("〕", "]"),
        "level": luck.choice([2, 3, 4]),
        "opened_at": f"2026-11-{luck.randint(10, 22)}T02:{luck.randint(10, 59)}:00+08:00",
        "source": {"slug": "x", "zh": "黑猫投诉", "en": "Heimao"},
        "sources": luck.choice([1, 2, 5]),
        "mentions": luck.choice([1, 2, 38, 1_284]),
        "minutes": luck.choice([None, 0, 12, 190, 3_000]),
        "history": luck.random() < 0.2,
        "state": luck.choice(["open", "acknowledged", "closed"]),
    }


def _moves(luck: random.Random, found: dict[str, Any]) -> dict[str, Any]:
    rows = [
        move(name, [luck.choice([0, 1, 9, 40]), luck.choice([0, 1, 6, 12, 300])], FACTS)
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


def _rivals(luck: random.Random, now: Count, past: list[Count]) -> dict[str, Any]:
    totals = [luck.choice([0, 1, 40, 900]) for _ in range(len(past) + 1)]
    voice = chance.wilson(now.n, now.n + totals[-1])
    old = chance.wilson(past[-1].n, past[-1].n + totals[-2]) if past else None
    return {
        "each": []
        if luck.random() < 0.1
        else [{"slug": "q", "zh": "栖川", "en": "Q", "n": totals[-1]}],
        **counted(totals[-1], totals[-2] if past else None, totals[:-1]),
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
            "why": luck.choice(["refused", "changed", "failed", "killed"]),
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
        {"id": k, "outlet": "某分局", "title": f"处罚{k}", "url": "", "ours": k < ours}
        for k in range(min(n, 3))
    ]
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
    return seeds.seed(number, at, place, told)


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
    with store.write() as conn:
        for step in range(60):
            at = end - timedelta(hours=4 * (60 - step))
            for place in (seeds.COMPLAINT[0], seeds.FORUM[0]):
                outcome = Outcome.REFUSED if luck.random() < 0.08 else Outcome.OK
                key = runs.start(conn, "crawl", place, at)
                runs.finish(conn, key, at + timedelta(minutes=1), outcome, {})


def mentions_of(store: Store, period: Period) -> list[Any]:
    """Return the raw verdicts of a period: what every sum must agree with."""
    v = schema.verdict.c
    with store.read() as conn:
        rows = conn.execute(schema.verdict.select().where(v.lender == LENDER)).all()
    return [row for row in rows if period.since <= row.published_at < period.until]
