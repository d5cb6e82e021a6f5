"""A complaint from its filing to its end: reply, completion, opened again, taken down."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from crawlers import jobs
from crawlers.replica.plan import source_settings
from crawlers.replica.server import ReplicaServer
from data.model import GONE, SHANGHAI, Outcome
from data.scenarios.format import Planned
from data.settings import Settings
from data.store import captures, mentions, schema
from data.store.db import Store
from tests.crawlers.weeks import LENDERS, NOW, complaint, scenario

FILED = NOW - timedelta(hours=2)
DAY = timedelta(days=1)


def grown(item: Planned, status: str, *steps: tuple[str, str, str, float]) -> Planned:
    """Return a complaint with more steps: by whom, what, the words, days after its filing."""
    mention = item.mention
    more = [
        {"by": by, "what": what, "text": text,
         "at": (FILED + days * DAY).astimezone(SHANGHAI).isoformat()}
        for by, what, text, days in steps
    ]  # fmt: skip
    extra: dict[str, Any] = {**mention.extra, "steps": [*mention.extra["steps"], *more]}
    return replace(item, mention=replace(mention, status=status, extra=extra))


def test_the_life_of_a_complaint(store: Store, tmp_path: Path) -> None:
    filed = complaint(1, FILED, replied=False)
    others = [complaint(i, FILED - i * DAY) for i in range(3, 8, 2)]
    replied = grown(filed, "已回复", (LENDERS[1], "回复", "您好，已记录。", 0.2))
    done = grown(replied, "已完成", ("消费者", "确认完成", "", 0.4))
    again = grown(done, "处理中", ("消费者", "补充投诉", "又接到催收电话。", 2.0))
    now = NOW
    with ReplicaServer(scenario([filed, *others]), lambda: now) as site:
        sources = source_settings(scenario([filed, *others]), site.address, LENDERS)
        settings = Settings(database=store.name, var=tmp_path, sources=sources)
        seen: list[tuple[str, list[str]]] = []
        found = None
        for days, shown in ((0, [filed]), (0.5, [done]), (3, [again]), (8, [])):
            now = NOW + days * DAY
            site.change(scenario([*shown, *others]))
            run = jobs.crawl(store, settings, "heimao_public", now)
            assert run.outcome is Outcome.OK, run.note
            with store.read() as conn:
                found = mentions.find(conn, "heimao_public", filed.mention.native_id)
            assert found is not None
            seen.append((found.status, [step["what"] for step in found.extra["steps"]]))
    assert found is not None
    begun = ["发起投诉", "审核通过"]
    closed = [*begun, "回复", "确认完成"]
    assert seen == [
        ("处理中", begun),
        ("已完成", closed),
        ("处理中", [*closed, "补充投诉"]),
        (GONE, [*closed, "补充投诉"]),
    ]
    assert found.extra["steps"][2]["by"] == LENDERS[1]  # the company's reply, in its own words
    assert found.extra["steps"][2]["text"] == "您好，已记录。"
    with store.read() as conn:
        table = schema.mention_revision
        query = select(table.c.status).where(table.c.mention_id == found.id)
        before = list(conn.execute(query.order_by(table.c.revision)).scalars())
        pages = captures.of_mention(conn, found.id)
    assert before == ["处理中", "已完成", "处理中"]
    assert len(pages) == 4  # each wording has its own page, the last says that it is not there
