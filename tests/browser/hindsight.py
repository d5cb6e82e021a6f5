"""What people and measurements said of a store afterwards, so that its quality can be shown."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from sqlalchemy import select

from dashboard.queries import quality
from data.model import Outcome
from data.store import judgements, labels, runs
from data.store.corrections import Label, Matter
from data.store.db import Store
from data.store.schema import incident, verdict, verdict_tag
from tests.browser.looking import ROOT
from tests.dashboard import seeds

SAID = ("useful", "useful", "useful", "late", "useful", "false", "useful")
"""What is said of alerts, in turn."""
PEOPLE = ("李宁", "王敏")


def looked_back(store: Store, now: datetime) -> None:
    """Judge alerts, correct a few labels as two people, and record the figures of the gold."""
    with store.write() as conn:
        old = incident.c.opened_at < now - timedelta(days=1)
        for n, key in enumerate(conn.scalars(select(incident.c.id).where(old)).all()):
            judgements.judge(conn, key, SAID[n % len(SAID)], PEOPLE[n % 2], now)
        floors = json.loads((ROOT / "tests" / "gold" / "floors.json").read_text("utf-8"))["floors"]
        run = runs.start(conn, quality.STAGE, "", now - timedelta(days=2))
        counts = {name: round(1000 * value) for name, value in floors.items()}
        runs.finish(conn, run, now - timedelta(days=2), Outcome.OK, counts, "2026.11")
        ours, past = verdict.c.lender == seeds.LENDER, now - timedelta(days=6)
        calm = select(verdict.c.mention_id).where(ours, verdict.c.severity == 0)
        for n, key in enumerate(conn.scalars(calm.limit(9)).all()):
            for by in PEOPLE:
                value = "neu" if (n, by) == (4, PEOPLE[1]) else "neg"
                labels.add(conn, _label(key, by, past, Matter.SENTIMENT, value))
        tags = select(verdict_tag.c.mention_id, verdict_tag.c.allegation)
        mild = tags.where(verdict_tag.c.lender == seeds.LENDER, verdict_tag.c.published_at < past)
        for key, tag in conn.execute(mild.order_by(verdict_tag.c.mention_id).limit(4)).all():
            labels.add(conn, _label(key, PEOPLE[0], past, Matter.ALLEGATION, "absent", tag))


def _label(key: int, by: str, at: datetime, what: Matter, value: str, tag: str = "") -> Label:
    return Label(lender=seeds.LENDER, mention_id=key, revision=1, at=at, by=by, what=what,
                 value=value, allegation=tag)  # fmt: skip
