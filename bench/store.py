"""Mentions per second through the store's door, with search, verdicts and hourly counts.

Usage: python bench/store.py [MENTIONS] [URL]. Prints a table; the ratio is to the same rows
inserted bare into one table in the same run.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select, text

from data.model import Assessment, Evidence, Mention, Sentiment, SourceKind
from data.store import assessments, mentions, search
from data.store.db import Store
from data.store.schema import hourly, mention

START = datetime(2026, 1, 1, tzinfo=UTC)
BATCH = 500
HAN = "催收电话单位家人短信逾期利息还款协商客服投诉平台上门威胁通讯录会员费的了我在他们说一天"


def made(n: int, rng: random.Random) -> Mention:
    words = "".join(rng.choices(HAN, k=300))
    return Mention(
        source=f"source{n % 4}", native_id=str(n), kind=SourceKind.COMPLAINT, url=f"https://h/{n}",
        title=words[:20], text=words, fetched_at=START, published_at=START + timedelta(minutes=n),
        author=f"a{n % 999}",
    )  # fmt: skip


def judged(m: Mention, rng: random.Random) -> Assessment:
    return Assessment(
        mention_id=m.id, revision=m.revision, lender="us", sentiment=Sentiment.NEGATIVE, score=-0.5,
        severity=rng.randrange(6), names=("us",), made_by="bench", made_at=START,
        evidence=(Evidence(f"tag{rng.randrange(70)}", "text", 0, 2, m.text[:2]),),
    )  # fmt: skip


def main(total: int, url: str | None) -> None:
    folder = tempfile.mkdtemp()
    store = Store(url or f"sqlite:///{folder}/bench.db")
    store.migrate()
    rng = random.Random(1)
    spent = {"save": 0.0, "write": 0.0, "bare": 0.0}
    bare = Store(f"sqlite:///{folder}/bare.db")
    with bare.write() as conn:
        conn.execute(text("CREATE TABLE t(id INTEGER PRIMARY KEY, a, b, c, d, e)"))
    for first in range(0, total, BATCH):
        batch = [made(n, rng) for n in range(first, min(first + BATCH, total))]
        began = time.perf_counter()
        with store.write() as conn:
            saved = mentions.save(conn, batch, START, b"k")
        spent["save"] += time.perf_counter() - began
        with store.read() as conn:
            stored = mentions.get(conn, saved.ids)
        found = [judged(m, rng) for m in stored]
        began = time.perf_counter()
        with store.write() as conn:
            assessments.write(conn, stored, found)
        spent["write"] += time.perf_counter() - began
        began = time.perf_counter()
        with bare.write() as conn:
            rows = [
                {"a": m.source, "b": m.native_id, "c": m.url, "d": m.title, "e": m.text}
                for m in batch
            ]
            conn.execute(text("INSERT INTO t(a, b, c, d, e) VALUES (:a, :b, :c, :d, :e)"), rows)
        spent["bare"] += time.perf_counter() - began
    print(f"{total} mentions, {BATCH} a transaction, {store.name.split(':')[0]}")
    for name, seconds in spent.items():
        ratio = spent["bare"] / seconds
        print(f"{name:<8}{total / seconds:10,.0f} rows/s   ratio to bare {ratio:.2f}")
    search_times(store, total)


def search_times(store: Store, total: int) -> None:
    with store.read() as conn:
        assert conn.execute(select(func.sum(hourly.c.n))).scalar_one() == total
        for phrase in ("催收", "单位家人", "会员费"):
            began = time.perf_counter()
            hits = conn.execute(
                select(func.count()).select_from(mention).where(
                    search.matching(conn, search.query(phrase)))
            ).scalar_one()  # fmt: skip
            ours = time.perf_counter() - began
            began = time.perf_counter()
            like = conn.execute(
                select(func.count()).select_from(mention).where(
                    mention.c.text.contains(phrase) | mention.c.title.contains(phrase))
            ).scalar_one()  # fmt: skip
            slow = time.perf_counter() - began
            assert hits == like
            times = f"{ours * 1000:.1f} ms; LIKE {slow * 1000:.1f} ms ({slow / ours:.0f}x)"
            print(f"{phrase}: {hits} found, {times}")
    if store.file:
        print(f"{Path(store.file).stat().st_size / total:,.0f} bytes a mention")


if __name__ == "__main__":
    arguments = sys.argv[1:]
    main(int(arguments[0]) if arguments else 20_000, arguments[1] if arguments[1:] else None)
