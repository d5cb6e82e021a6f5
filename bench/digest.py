"""Seconds and MB for a week's digest in all forms, over a store of a million mentions.

``bench/digest.py`` fills a store in a folder of its own (rows are written straight to the
tables: the doors are measured elsewhere), makes the page and lays it out in both languages.
``bench/digest.py weeks`` makes 52 generated weeks instead and verifies every form of each.
"""

from __future__ import annotations

import json
import random
import resource
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

sys.path.insert(0, str(Path(__file__).parents[1]))

from alerts.digest import make, verify
from alerts.digest.counts import SEVERE
from alerts.digest.letter import compose
from alerts.digest.words import LANGUAGES
from data.facts import allegations
from data.model import Incident, IncidentState, Level
from data.settings import Settings
from data.store import incidents, schema
from data.store.db import Store
from data.store.incidents import Event
from tests.alerts.digest.weeks import LENDER, OURS, SCOPES, WEEK, fill

MENTIONS = 1_000_000
WEEKS = 10
BATCH = 20_000
LOUD, TAGGED = 0.12, 0.5
"""Shares: written in the last week on top; negative ones that allege something."""
NOW = WEEK.until + timedelta(hours=9)
REGIONS = (*(("", ""),) * 6, ("广东", "佛山"), ("广东", "深圳"), ("湖南", "长沙"), ("四川", ""))
PRODUCTS = ("", "", "huguangdai", "chengyijie")
STORY = 20_000
"""Mentions in the week's one incident."""
SOURCES = (("heimao_public", "complaint"), ("eastmoney_guba", "post"), ("eastmoney_news", "news"))


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{folder}/bench.db")
        store.migrate()
        told = weeks(Path(folder)) if sys.argv[1:] == ["weeks"] else million(store, Path(folder))
        store.dispose()
    print(json.dumps(told, ensure_ascii=False))


def million(store: Store, folder: Path) -> dict[str, Any]:
    began = time.perf_counter()
    load(store, MENTIONS)
    loaded = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    seconds = {"fill": time.perf_counter() - began}
    begun = time.perf_counter()
    made = make.make(store, Settings(), WEEK, OURS, NOW)
    seconds["make"] = time.perf_counter() - begun
    for one in SCOPES[1:]:
        begun = time.perf_counter()
        make.make(store, Settings(), WEEK, one, NOW)
        seconds[f"make {one.id}"] = time.perf_counter() - begun
    for language in LANGUAGES:
        begun = time.perf_counter()
        make.write(made, folder / language, language)
        compose(made.page(language), made.base)
        seconds[f"forms_{language}"] = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "mentions": MENTIONS,
        "week": made.figures["mentions"]["value"],
        "seconds": {name: round(value, 2) for name, value in seconds.items()},
        "peak_mb": round(peak),
        "peak_mb_of_filling": round(loaded),
    }


def load(store: Store, total: int) -> None:
    """Write mentions, verdicts, tags and the hourly sums of ten weeks, the last one the loudest."""
    luck = random.Random(7)
    names = [(one.id, one.severity) for one in allegations()]
    hours: Counter[tuple[Any, ...]] = Counter()
    severe: Counter[tuple[Any, ...]] = Counter()
    tags: Counter[tuple[Any, ...]] = Counter()
    for first in range(1, total + 1, BATCH):
        rows = [_row(luck, key, names) for key in range(first, min(first + BATCH, total + 1))]
        with store.write() as conn:
            conn.execute(schema.mention.insert(), [row["mention"] for row in rows])
            conn.execute(schema.assessment.insert(), [row["assessment"] for row in rows])
            conn.execute(schema.verdict.insert(), [row["verdict"] for row in rows])
            named = [row["product"] for row in rows if row["product"]]
            conn.execute(schema.verdict_product.insert(), named)
            tagged = [row["tag"] for row in rows if row["tag"]]
            conn.execute(schema.verdict_tag.insert(), tagged)
        for row in rows:
            v = row["verdict"]
            hour = v["published_at"].replace(minute=0, second=0, microsecond=0)
            hours[hour, v["source"], v["sentiment"]] += 1
            severe[hour, v["source"], v["sentiment"]] += v["severity"] >= SEVERE
            if row["tag"]:
                tags[hour, v["source"], row["tag"]["allegation"]] += 1
    with store.write() as conn:
        conn.execute(schema.hourly.insert(), [
            {"lender": LENDER, "hour": key[0], "source": key[1], "sentiment": key[2], "n": n,
             "severe": severe[key]} for key, n in hours.items()
        ])  # fmt: skip
        conn.execute(schema.hourly_tag.insert(), [
            {"lender": LENDER, "hour": key[0], "source": key[1], "allegation": key[2], "n": n}
            for key, n in tags.items()
        ])  # fmt: skip
        _incident(conn)


def _incident(conn: Connection) -> None:
    """Open one incident over mentions of the last week."""
    v = schema.verdict.c
    query = select(v.mention_id).where(v.published_at >= WEEK.since, v.sentiment == "neg")
    ids = list(conn.execute(query.limit(STORY)).scalars())
    rose = Event(WEEK.since, "burst v1", "opened", {"level": 3})
    new = Incident(LENDER, "visit_and_violence@佛山", "佛山上门滋扰：负面 9 条", Level.ORANGE,
                   IncidentState.OPEN, WEEK.since, WEEK.until)  # fmt: skip
    key = incidents.insert(conn, new)
    for first in range(0, len(ids), 5_000):
        incidents.add_mentions(conn, key, ids[first : first + 5_000])
    incidents.add_events(conn, key, [rose])


def _row(luck: random.Random, key: int, names: list[tuple[str, int]]) -> dict[str, Any]:
    back = (
        timedelta(weeks=WEEKS) * luck.random()
        if luck.random() > LOUD
        else timedelta(weeks=1) * luck.random()
    )
    at = (WEEK.until - timedelta(seconds=1) - back).astimezone(UTC)
    source, kind = luck.choice(SOURCES)
    sentiment = luck.choices(["neg", "neu", "pos"], [5, 3, 2])[0]
    name, severity = luck.choice(names)
    tagged = sentiment == "neg" and luck.random() < TAGGED
    grave = severity if tagged else 0
    province, city = luck.choice(REGIONS)
    product = luck.choice(PRODUCTS)
    text = "澄湖消费金融的催收一天打了二十多个电话，" * 6 + luck.choice(["佛山", "长沙", "某地"])
    return {
        "mention": {
            "id": key, "source": source, "native_id": str(key), "kind": kind, "revision": 1,
            "published_at": at, "first_seen_at": at, "fetched_at": at, "author": "a", "outlet": "",
            "status": "", "reach": 0, "digest": "", "url": "https://example.com/", "title": "题",
            "text": text, "extra": {},
        },
        "assessment": {
            "id": key, "mention_id": key, "revision": 1, "lender": LENDER, "made_by": "bench/1",
            "made_at": at, "sentiment": sentiment, "score": 0.0, "severity": grave, "names": [],
        },
        "verdict": {
            "lender": LENDER, "mention_id": key, "assessment_id": key, "published_at": at,
            "source": source, "kind": kind, "sentiment": sentiment, "score": 0.0, "severity": grave,
            "province": province, "city": city,
        },
        "product": {
            "lender": LENDER, "product": product, "mention_id": key, "published_at": at,
            "sentiment": sentiment, "severity": grave,
        } if product else None,
        "tag": {"lender": LENDER, "allegation": name, "mention_id": key, "published_at": at}
        if tagged else None,
    }  # fmt: skip


def weeks(folder: Path) -> dict[str, Any]:
    """Verify every text form, PDF, workbook and mail of 52 generated weeks, zh and en in turn."""
    checked = failed = 0
    began = datetime.now(UTC)  # noqa: TID251  # a bench has a clock
    for seed in range(52):
        store = Store(f"sqlite:///{folder}/week{seed}.db")
        store.migrate()
        fill(store, seed)
        made = make.make(store, Settings(), WEEK, SCOPES[seed // 2 % len(SCOPES)], NOW)
        language = LANGUAGES[seed % 2]
        files = make.write(made, folder / str(seed), language)
        mail = folder / str(seed) / "digest.eml"
        mail.write_bytes(bytes(compose(made.page(language), made.base)))
        for file in [*files, mail]:
            if file.suffix != ".png":
                checked += 1
                failed += not verify.verify(store, Settings(), file, NOW).holds
        store.dispose()
    seconds = (datetime.now(UTC) - began).total_seconds()  # noqa: TID251  # the same clock
    return {"weeks": 52, "files": checked, "failed": failed, "seconds": round(seconds)}


if __name__ == "__main__":
    main()
