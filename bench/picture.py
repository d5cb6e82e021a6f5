"""Draw one planted crisis as the alerts saw it, for docs/how-it-decides.md."""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import altair as alt
import manimgx_fonts_cjk
import pandas as pd
import vl_convert
from sqlalchemy import select

from alerts.policy import policy_of
from alerts.stage import detect
from alerts.walk import baseline_of
from data import facts
from data.model import SHANGHAI, Assessment, Level
from data.scenarios.builtin import demo
from data.scenarios.format import Planned
from data.settings import Settings
from data.store import assessments, mentions, signals
from data.store.db import Store
from data.store.schema import outbox

NOW = datetime(2026, 11, 25, 6, 0, tzinfo=UTC)
SHOWN = timedelta(hours=5)
AFTER = timedelta(hours=3)
STEP = timedelta(minutes=5)
LENDER = "chenghu"
SEVERITY = {one.id: one.severity for one in facts.allegations()}
SUBJECT = {one.slug: one.subject for one in facts.lenders()}
SCORE = {"neg": -0.8, "neu": 0.0, "pos": 0.8}
COLOURS = {Level.YELLOW: "#8a6100", Level.ORANGE: "#b4470b", Level.RED: "#b91c1c"}
REASONS = {"first": "新事件", "worse": "升级", "grew": "扩大", "repeat": "再次告知"}
Rows = list[dict[str, Any]]


def main(target: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{folder}/store.db")
        store.migrate()
        settings = _settings(store, Path(folder))
        _play(store, settings)
        counts, usual, messages = _read(store, settings)
        store.dispose()
    target.write_bytes(_png(_chart(counts, usual, messages)))
    print(f"{target}: {len(messages)} messages", *[row["label"] for row in messages], sep="\n  ")


def _settings(store: Store, folder: Path) -> Settings:
    hook = {"type": "webhook", "name": "duty", "url": "http://127.0.0.1:1/", "secret": "x"}
    values = {"database": str(store.url), "var": folder, "channels": [hook]}
    return Settings.model_validate(values)


def _play(store: Store, settings: Settings) -> None:
    """Let the weeks before come at once, and the crisis five minutes at a time."""
    ordered = sorted(demo(NOW).planned, key=lambda one: one.visible_at)
    begin = NOW - SHOWN
    _take_in(store, [one for one in ordered if one.visible_at <= begin], begin)
    detect(store, settings, begin)
    moment = begin
    while moment < NOW + AFTER:
        before, moment = moment, moment + STEP
        _take_in(store, [one for one in ordered if before < one.visible_at <= moment], moment)
        detect(store, settings, moment)


def _take_in(store: Store, planned: Sequence[Planned], now: datetime) -> None:
    for start in range(0, len(planned), 2_000):
        some = planned[start : start + 2_000]
        by_place = {(one.mention.source, one.mention.native_id): one.gold for one in some}
        with store.write() as conn:
            saved = mentions.save(conn, [one.mention for one in some], now, b"invented")
            stored = mentions.get(conn, saved.ids)
            found = [
                Assessment(m.id, m.revision, lender, gold.sentiment, SCORE[gold.sentiment],
                           max((SEVERITY[e.allegation] for e in gold.allegations), default=0),
                           gold.allegations, (), "gold", now)
                for m in stored
                for gold in [by_place[m.source, m.native_id]]
                for lender in {SUBJECT[slug] for slug in gold.about}
            ]  # fmt: skip
            assessments.write(conn, stored, found)


def _read(store: Store, settings: Settings) -> tuple[Rows, Rows, Rows]:
    begin, end = NOW - timedelta(hours=18), NOW + AFTER
    group_of = policy_of(settings).group_of
    with store.read() as conn:
        marks = signals.marks(conn, LENDER, begin, end)
        usual = baseline_of(conn, LENDER, (begin, end), settings.alerts.burst, group_of)
        rows = conn.execute(
            select(outbox.c.due_at, outbox.c.level, outbox.c.reason)
            .where(outbox.c.state == "waiting", outbox.c.created_at >= begin)
            .order_by(outbox.c.id)
        ).all()
    hours = [
        begin + n * timedelta(hours=1) for n in range(int((end - begin).total_seconds() // 3600))
    ]
    n = Counter((m.at - begin) // timedelta(hours=1) for m in marks if m.negative)
    counts = [{"at": _local(hour), "n": n[i]} for i, hour in enumerate(hours)]
    bounds = [
        (hour, usual["burst"]["negative"].bounds(hour + timedelta(hours=1))) for hour in hours
    ]
    band = [
        {"at": _local(hour), "low": b.low, "high": b.high, "threshold": b.threshold}
        for hour, b in bounds
    ]
    messages = [
        {"at": _local(row.due_at), "level": int(row.level),
         "label": _label(row.due_at, row.level, row.reason)}
        for row in rows
    ]  # fmt: skip
    return counts, band, messages


def _label(at: datetime, level: int, reason: str) -> str:
    word = {2: "黄", 3: "橙", 4: "红"}[level]
    return f"{at.astimezone(SHANGHAI):%H:%M} {word} {REASONS[reason]}"


def _local(moment: datetime) -> str:
    """Return a moment on the clock of Shanghai, as a chart without zones reads it."""
    return moment.astimezone(SHANGHAI).replace(tzinfo=None).isoformat()


def _after(hour: str) -> str:
    return (datetime.fromisoformat(hour) + timedelta(hours=1)).isoformat()


def _chart(counts: Rows, usual: Rows, messages: Rows) -> dict[str, Any]:
    most = max(row["n"] for row in counts)
    placed = [{**row, "zero": 0, "y": most * (1.5 - 0.085 * i)} for i, row in enumerate(messages)]
    span = [counts[0]["at"], _after(counts[-1]["at"])]
    usual = [*usual, {**usual[-1], "at": span[1]}]  # the last step has an end
    x = alt.X("at:T", title=None, axis=alt.Axis(format="%H:%M", grid=False),
              scale=alt.Scale(domain=span))  # fmt: skip
    bars = (
        alt.Chart(pd.DataFrame(counts))
        .mark_bar(color="#4a5568", size=20, xOffset=15)
        .encode(
            x=x, y=alt.Y("n:Q", title="每小时负面条数", scale=alt.Scale(domain=[0, most * 1.58]))
        )
    )
    band = (
        alt.Chart(pd.DataFrame(usual))
        .mark_area(color="#63b3ed", opacity=0.5, interpolate="step-after")
        .encode(x=x, y="low:Q", y2="high:Q")
    )
    line = (
        alt.Chart(pd.DataFrame(usual))
        .mark_line(color="#b91c1c", strokeDash=[6, 4], interpolate="step-after")
        .encode(x=x, y="threshold:Q")
    )
    domain, colours = [int(level) for level in COLOURS], list(COLOURS.values())
    colour = alt.Color("level:O", scale=alt.Scale(domain=domain, range=colours), legend=None)
    base = alt.Chart(pd.DataFrame(placed)).encode(x=x, color=colour)
    rules = base.mark_rule(strokeWidth=1.5).encode(y="zero:Q", y2="y:Q")
    words = base.mark_text(align="right", dx=-8, fontSize=13).encode(y="y:Q", text="label:N")
    behind = base.mark_text(  # no line crosses the words
        align="right", dx=-8, fontSize=13, stroke="white", strokeWidth=5, strokeJoin="round"
    ).encode(y="y:Q", text="label:N")
    points = base.mark_point(filled=True, size=70, opacity=1).encode(y="y:Q")
    told = "灰柱：负面条数　蓝带：平时的范围　红虚线：报警线　竖线：发给值班的每一条消息"
    chart = (bars + band + line + rules + behind + points + words).properties(
        width=860, height=330,
        title=alt.Title("一次策划的危机：佛山上门催收（演示数据）", subtitle=told, anchor="start"),
    )  # fmt: skip
    return dict(chart.configure(font="Noto Sans CJK SC").configure_view(stroke=None).to_dict())


def _png(spec: dict[str, Any]) -> bytes:
    vl_convert.register_font_directory(str(Path(manimgx_fonts_cjk.__file__).parent))
    return bytes(vl_convert.vegalite_to_png(spec, scale=1.5))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
