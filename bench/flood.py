"""Fill a store with any number of mentions, fast: real texts, really assessed, copied in SQL.

The demo's six weeks go through the store's own doors and the real analysis into a small store; the
large one holds its rows again and again, each copy at its own moment of one year. So words, tags
and facts are as frequent as the analysis finds them, and a phrase is as rare as in one text.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, insert, select, text

from data.facts import lenders
from data.model import IncidentState, Level, Outcome
from data.scenarios.builtin import demo
from data.store import assessments, mentions, schema, search
from data.store.db import Store
from data.store.stated import stated
from nlp.assess import Assessor

YEAR = timedelta(days=365)
EACH = 4
"""Assessment ids that each mention has room for; one lender takes one."""
NEIGHBOURS = 3
"""Texts of the demo that make one: theirs are a third as long as what people write."""
INCIDENTS, IN_EACH, LABELS = 200, 60, 2_000
_BURDENED = {
    "search": ["mention_search"],
    "rows": ["mention", "assessment", "evidence", "verdict", "verdict_tag", "copy"],
}
RUNS = range(24 * 90, 0, -1)
"""Hours ago at which each source was read."""


def fill(
    store: Store,
    total: int,
    now: datetime,
    say: Callable[[str], None] = print,
    neighbours: int = NEIGHBOURS,
) -> None:
    """Fill an empty, migrated store with ``total`` mentions of the year before ``now``."""
    with tempfile.TemporaryDirectory() as folder:
        small = Store(f"sqlite:///{Path(folder) / 'pool.db'}")
        small.migrate()
        _assess(small, now)
        with small.read() as pool, store.write() as conn:
            size = _pool(pool, conn, neighbours)
        small.dispose()
    say(f"{size} texts to copy")
    with store.write() as conn:
        _slots(conn, total, size, now)
    with ThreadPoolExecutor(2 if store.file is None else 1) as pool:  # SQLite has one writer
        for part in [pool.submit(_copied, store, part, say) for part in ("search", "rows")]:
            part.result()
    with store.write() as conn:
        _beside(conn, total, now)
        for name in ("slot", "pool", "pool_found", "pool_span"):
            conn.execute(text(f"DROP TABLE {name}"))
        if conn.dialect.name == "postgresql":  # SQLite plans better without: nothing of ours asks
            conn.execute(text("ANALYZE"))
    store.checkpoint()


def _copied(store: Store, part: str, say: Callable[[str], None]) -> None:
    with store.write() as conn:
        server = conn.dialect.name == "postgresql"
        indexes = _unburden(conn, part) if server else []
        for statement in _statements(part):
            conn.execute(text(_dialect(conn, statement)))
            say(statement.partition("(")[0].lower())
        if server:
            _burden(conn, part, indexes, say)


def _assess(small: Store, now: datetime) -> None:
    planned = [one.mention for one in demo(now).planned]
    assessor = Assessor(lenders())
    for first in range(0, len(planned), 500):
        with small.write() as conn:
            saved = mentions.save(conn, planned[first : first + 500], now, b"a key for measuring")
            stored = mentions.get(conn, saved.ids)
            assessments.write(conn, stored, assessor.assess(stored, now))


def _pool(pool: Connection, conn: Connection, neighbours: int) -> int:
    """Copy the small store's rows into helper tables of the large one."""
    for statement in _statements("tables"):
        conn.execute(text(_dialect(conn, statement)))
    m, a, v, e = schema.mention.c, schema.assessment.c, schema.verdict.c, schema.evidence.c
    said = pool.execute(
        select(m.source, m.kind, m.outlet, m.status, m.title, m.text).order_by(m.id)
    )
    rows = [dict(row) for row in said.mappings()]
    texts = [str(row["text"]) for row in rows]
    for n, row in enumerate(rows):
        row["text"] = "\n".join(texts[(n + k) % len(texts)] for k in range(neighbours))
        found = search.tokens(f"{row['title']}\n{row['text']}")
        row |= {"n": n, "body": " ".join(found)}
    _put(conn, "pool", rows)
    columns = (v.mention_id - 1, v.lender, v.sentiment, v.score, v.severity, v.assessment_id)
    judged = pool.execute(select(*columns, a.names, a.facts).join(schema.assessment)).all()
    order: dict[int, int] = {}
    places: dict[int, tuple[int, int]] = {}
    found_rows = []
    for n, lender, sentiment, score, severity, key, names, facts in judged:
        order[n] = order.get(n, -1) + 1
        found_rows.append({"n": n, "k": order[n], "lender": lender, "sentiment": sentiment,
                           "score": score, "severity": severity, "names": _json(names),
                           "facts": _json(facts), **asdict(stated(facts))})  # fmt: skip
        places[key] = (n, order[n])
    _put(conn, "pool_found", found_rows)
    spans = pool.execute(
        select(e.assessment_id, e.ordinal, e.allegation, e.field, e.start, e.end, e.quote, e.status)
    )
    _put(conn, "pool_span", [
        {"n": places[key][0], "k": places[key][1], "ordinal": o, "allegation": tag, "field": field,
         "begins": start, "ends": end, "quote": quote, "status": status}
        for key, o, tag, field, start, end, quote, status in spans if key in places
    ])  # fmt: skip
    return len(rows)


def _slots(conn: Connection, total: int, size: int, now: datetime) -> None:
    """Give each copy its number, its text and its moment; one in a hundred has no moment."""
    seconds = YEAR.total_seconds() / total
    if conn.dialect.name == "sqlite":
        begin = int((now - YEAR).timestamp())
        moment = f"strftime('%Y-%m-%d %H:%M:%S', {begin} + i * {seconds}, 'unixepoch') || '.000000'"
        numbers = (
            "WITH RECURSIVE all_of(i) AS "
            f"(SELECT 1 UNION ALL SELECT i + 1 FROM all_of WHERE i < {total}) "
        )
        source = "all_of"
    else:
        moment = f"timestamptz '{now - YEAR}' + i * interval '{seconds} seconds'"
        numbers, source = "", f"generate_series(1::bigint, {total}) AS all_of(i)"
    conn.execute(text(
        f"INSERT INTO slot(id, n, at) {numbers} SELECT i, (i * 7919) % {size}, "
        f"CASE WHEN i % 100 = 0 THEN NULL ELSE {moment} END FROM {source}"
    ))  # fmt: skip


def _unburden(conn: Connection, part: str) -> Sequence[str]:
    """Drop what is quicker to build at the end, and return how; leave references unchecked."""
    conn.execute(text("SET LOCAL session_replication_role = replica"))  # they are right by making
    conn.execute(text("SET LOCAL work_mem = '512MB'"))
    made = conn.execute(
        text("SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index "
             "WHERE NOT indisunique AND indrelid::regclass::text = ANY(:tables)"),
        {"tables": _BURDENED[part]},
    ).all()  # fmt: skip
    for name, _ in made:
        conn.execute(text(f"DROP INDEX {name}"))
    return [definition for _, definition in made]


def _burden(
    conn: Connection, part: str, indexes: Sequence[str], say: Callable[[str], None]
) -> None:
    """Build the indexes, and let numbers go on where the copies end."""
    conn.execute(text("SET LOCAL maintenance_work_mem = '2GB'"))
    for definition in indexes:
        conn.execute(text(definition))
        say(definition.partition(" USING")[0].lower())
    for table in {"mention", "assessment"}.intersection(_BURDENED[part]):
        number = f"pg_get_serial_sequence('{table}', 'id')"
        conn.execute(text(f"SELECT setval({number}, max(id)) FROM {table}"))


def _beside(conn: Connection, total: int, now: datetime) -> None:
    """Add what stands beside mentions: incidents with their mentions, runs, labels."""
    step = total // INCIDENTS
    for number in range(INCIDENTS):
        at = now - YEAR * (1 - (number + 1) / INCIDENTS) - timedelta(hours=3)
        open_still = number >= INCIDENTS - 4
        conn.execute(insert(schema.incident).values(
            lender="chenghu", key=f"group@{number}", title=f"第 {number} 起：上门催收",
            level=int(Level(1 + number % 4)), opened_at=at, last_at=at, owner="", revision=1,
            state=(IncidentState.OPEN if open_still else IncidentState.CLOSED).value,
            closed_at=None if open_still else at + timedelta(days=1)))  # fmt: skip
        held = [{"incident_id": number + 1, "mention_id": number * step + k + 1}
                for k in range(min(IN_EACH, step))]  # fmt: skip
        conn.execute(insert(schema.incident_mention), held)
        conn.execute(insert(schema.incident_event).values(
            incident_id=number + 1, at=at, by="burst v1", what="opened", detail={}))  # fmt: skip
        conn.execute(insert(schema.signal).values(
            rule="burst", version=1, lender="chenghu", series="negative", at=at, value=21.0,
            window_seconds=3600, expected=3.4, threshold=11.0, severity=4, detail={"authors": 9},
            incident_id=number + 1))  # fmt: skip
    sources = conn.execute(text("SELECT DISTINCT source FROM pool")).scalars().all()
    refused = {back for back in RUNS if back % 97 in range(5)}
    conn.execute(insert(schema.run), [
        {"stage": "crawl", "source": source, "started_at": now - timedelta(hours=back),
         "ended_at": now - timedelta(hours=back, minutes=-1), "counts": {"new": 3}, "note": "",
         "holder": "", "outcome": (Outcome.REFUSED if back in refused else Outcome.OK).value}
        for back in RUNS for source in sources
    ])  # fmt: skip
    conn.execute(insert(schema.label), [
        {"lender": "chenghu", "mention_id": total - k * 97 % total, "revision": 1, "at": now,
         "by": f"person{k % 5}", "what": "sentiment", "allegation": "", "value": "neg",
         "field": "", "start": 0, "end": 0, "quote": "", "note": ""}
        for k in range(min(LABELS, total))
    ])  # fmt: skip


def _put(conn: Connection, table: str, rows: list[dict[str, object]]) -> None:
    names = list(rows[0])
    held = ", ".join(f":{name}" for name in names)
    conn.execute(text(f"INSERT INTO {table}({', '.join(names)}) VALUES ({held})"), rows)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _dialect(conn: Connection, statement: str) -> str:
    """Fill in what the two engines write differently."""
    words = {
        "sqlite": {
            "each": str(EACH),
            "json": "",
            "hour": "substr(v.published_at, 1, 13) || ':00:00.000000'",
            "day": "date(v.published_at, '+8 hours')",
            "seen": "coalesce(s.at, '2026-01-01 00:00:00.000000')",
            "search": "INSERT INTO mention_search(rowid, body) SELECT s.id, p.body",
            "blob": "x'00'",
            "moment": "TEXT",
        },
        "postgresql": {
            "each": str(EACH),
            "json": "::jsonb",
            "hour": "date_trunc('hour', v.published_at)",
            "day": "(v.published_at AT TIME ZONE 'Asia/Shanghai')::date",
            "seen": "coalesce(s.at, timestamptz '2026-01-01 00:00:00Z')",
            "search": "INSERT INTO mention_search(mention_id, body) "
            "SELECT s.id, ' ' || p.body || ' '",
            "blob": "decode('00', 'hex')",
            "moment": "TIMESTAMPTZ",
        },
    }[conn.dialect.name]
    for name, value in words.items():
        statement = statement.replace(f"<{name}>", value)
    return statement


def _statements(part: str) -> list[str]:
    """Return the statements of one part of flood.sql."""
    written = Path(__file__).with_suffix(".sql").read_text("utf-8")
    whole = written.split(f"-- {part}\n")[1].split("\n-- ")[0]
    return [one.strip() for one in whole.split(";\n") if one.strip()]
