"""The sources page: approvals, the usual, drift, and reading now, for those who may."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dashboard import asking as asks
from dashboard.actions import NotAllowed
from dashboard.asking import NobodyReads, NotApproved
from dashboard.queries import reading
from dashboard.viewer import Right, Viewer
from data.model import Outcome
from data.settings import Settings
from data.store import approvals, asking, health, runs, state
from data.store.approvals import Decision
from data.store.db import Store
from data.store.health import Concern, Condition
from tests.conftest import NOW
from tests.dashboard import seeds
from tests.dashboard.seeds import COMPLAINT, GRAVE, LENDER, NOTICE, seed
from tests.dashboard.test_views import html, look

HEIMAO = COMPLAINT[0]
DAY = timedelta(days=1)
ADMIN, ANALYST = Viewer("小林", Right.ADMIN), Viewer("小王", Right.ACT)


def approve(store: Store, now: datetime = NOW) -> None:
    with store.write() as conn:
        approvals.record(conn, Decision(HEIMAO, now, "法务陈", approvals.APPROVED, "书面许可"))


def observe(store: Store, lines: list[int], filled: list[float], now: datetime = NOW) -> None:
    """Remember good runs, the last one newest."""
    with store.write() as conn:
        for n, (count, share) in enumerate(zip(lines, filled, strict=True)):
            key = runs.start(conn, "crawl", HEIMAO, now - (len(lines) - n) * DAY)
            runs.finish(conn, key, now, Outcome.OK, {})
            seen: dict[str, Any] = {
                "lines": count,
                "lists": 1,
                "items": count,
                "newest": None,
                "filled": {"title": 1.0, "author": share},
                "skeletons": {},
            }
            health.observe(conn, key, HEIMAO, now, seen, 14)


def test_what_a_run_saw_beside_what_runs_see(any_store: Store) -> None:
    observe(any_store, [10, 10, 12, 10, 10, 10, 4], [1.0] * 6 + [0.5])
    with any_store.read() as conn:
        read = reading.readings(conn, LENDER, (HEIMAO,), NOW)[HEIMAO]
    assert [(one.what, one.seen, one.usual) for one in read.sights] == [
        ("lines", 4, 10), ("items", 4, 10), ("author", 0.5, 1.0),
    ]  # fmt: skip
    assert (read.decision, read.day, read.drifts, read.canary) == (None, None, (), None)


def test_a_usual_day_leaves_out_days_with_a_gap(any_store: Store) -> None:
    """Two a day, none while blocked: the gap does not pull the usual down."""
    said = [
        seed(n, NOW - n // 2 * DAY - timedelta(hours=2), COMPLAINT, GRAVE[n % 4])
        for n in range(2, 40)
        if not 10 <= n // 2 < 13
    ]
    seeds.put(any_store, said)
    with any_store.write() as conn:
        gone = Concern(Condition.BLOCKED, NOW - 13 * DAY, "456")
        health.note(conn, HEIMAO, [gone], NOW - 12 * DAY)
        health.note(conn, HEIMAO, [], NOW - 9.5 * DAY)
    with any_store.read() as conn:
        read = reading.readings(conn, LENDER, (HEIMAO,), NOW)[HEIMAO]
    assert read.day is not None
    assert (read.day.low, read.day.high) == (2, 2)
    assert [one.condition for one in read.drifts] == [Condition.BLOCKED]


def test_reading_now_asks_for_the_right_an_approval_and_somebody_who_reads(
    any_store: Store,
) -> None:
    settings = Settings()
    with pytest.raises(NotAllowed):
        asks.read_now(any_store, settings, ANALYST, HEIMAO, NOW)
    with pytest.raises(NotApproved, match="not approved"):
        asks.read_now(any_store, settings, ADMIN, HEIMAO, NOW)
    approve(any_store)
    with pytest.raises(NobodyReads, match="tingfeng run"):
        asks.read_now(any_store, settings, ADMIN, HEIMAO, NOW)
    with any_store.write() as conn:
        asking.beat(conn, NOW)
    assert asks.read_now(any_store, settings, ADMIN, HEIMAO, NOW).by == "小林"
    off = Settings(sources={HEIMAO: {"enabled": False}})
    with pytest.raises(NotApproved):
        asks.read_now(any_store, off, ADMIN, HEIMAO, NOW)


@pytest.fixture
def real(site: Store) -> tuple[Store, datetime]:
    now = datetime.now(UTC)  # noqa: TID251  # the pages' clock is the real one
    seeds.put(site, [seed(1, now - timedelta(minutes=7), COMPLAINT, GRAVE[0])])
    seeds.read_all(site, now)
    approve(site, now)
    with site.write() as conn:
        mark = {"id": "7", "read_at": now.isoformat(), "differs": "title"}
        state.set_watermark(conn, HEIMAO, {"canary": mark})
        state.set_watermark(conn, NOTICE[0], {"canary": mark | {"differs": ""}})
    return site, now


def test_the_page_tells_of_approvals_drift_and_reads_now(real: tuple[Store, datetime]) -> None:
    site, now = real
    at = look("sources")
    assert "批准：法务陈" in html(at)
    assert "依据：书面许可" in html(at)
    assert "没有正在运行的 tingfeng run" in html(at)
    assert "与入库时不同（title）" in html(at)
    assert "与入库时一致" in html(at)
    assert at.button("read_heimao_public").disabled
    table = at.dataframe[0].value
    assert set(table["state"]) >= {"被拦截", "正常"}
    with site.write() as conn:
        asking.beat(conn, now)
    at = look("sources")
    at.button("read_heimao_public").click().run()
    assert "已请求读取黑猫投诉" in html(at)
    assert "本机用户 于" in html(at)
    assert at.button("read_heimao_public").disabled
    with site.read() as conn:
        assert list(asking.waiting(conn)) == [HEIMAO]


def test_a_reader_has_no_button(
    real: tuple[Store, datetime], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.viewer.current", lambda *_: Viewer("客人", Right.READ))
    at = look("sources")
    assert "批准：法务陈" in html(at)
    assert not [button for button in at.button if (button.key or "").startswith("read_")]
