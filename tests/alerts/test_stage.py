from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from alerts.explain import explain
from alerts.stage import detect
from data.errors import InputError
from data.facts.telling import FILE as TELLING
from data.model import IncidentState, Level, Sentiment
from data.settings import Settings
from data.store import incidents, joining, mentions, outbox, signals, work
from data.store.db import Store
from data.store.schema import outbox as outbox_table
from tests.alerts.conftest import LENDER, Configured, Said, assess
from tests.conftest import NOW

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
HOOK = {"type": "webhook", "name": "hook", "url": "http://127.0.0.1:1/", "secret": "hush-hush"}
WORDS = "堵门骂人扣钱退费客服电话同事家人通讯录短信半夜威胁起诉利息合同会员征信停催还款"


def words(number: int) -> str:
    """Return a text that no other number has."""
    return "".join(WORDS[(number * 7 + k * k * (number % 11 + 1)) % len(WORDS)] for k in range(50))


def ordinary(days: int, until: datetime = NOW) -> list[Said]:
    """Plan a complaint every two hours or so, in some city and about something."""
    cities = ("成都", "武汉", "长沙", "西安", "南京")
    found = []
    for n in range(days * 12):
        at = until - DAY * days + n * 2 * HOUR + timedelta(minutes=(n * 37) % 90)
        if at < until - HOUR:
            tag = ("unspecified_harassment", "disguised_fees", "service_unreachable")[n % 3]
            found.append(Said(f"o{n}", at, cities[n % 5] + words(n), (tag,)))
    return found


def crisis(count: int, at: datetime, first: int = 1000) -> list[Said]:
    """Plan a burst of different people about one thing in one place."""
    return [
        Said(f"c{first + n}", at + n * timedelta(minutes=3), "佛山" + words(first + n),
             ("abusive_visit",), ("heimao_public", "eastmoney_guba")[n % 2])
        for n in range(count)
    ]  # fmt: skip


def everything(store: Store) -> tuple[object, ...]:
    """Return all that detection wrote, to compare two ways of arriving at it."""
    with store.read() as conn:
        found = incidents.lately(conn, LENDER, NOW - 99 * DAY)
        return (
            found,
            [signals.of_incident(conn, one.id) for one in found],
            [incidents.events(conn, one.id) for one in found],
            conn.execute(select(outbox_table.c.key, outbox_table.c.state)).all(),
        )


def test_a_crisis_becomes_one_orange_incident_and_one_message(
    store: Store, configured: Configured
) -> None:
    settings = configured(HOOK)
    assess(store, [*ordinary(20), *crisis(16, NOW - HOUR)], NOW)
    counts = detect(store, settings, NOW)
    assert counts["mentions"] == len(ordinary(20)) + 16
    with store.read() as conn:
        (found,) = [i for i in incidents.lately(conn, LENDER, NOW - 99 * DAY) if i.level > 1]
        sent = [one for one in outbox.of_incident(conn, found.id) if one.state == "waiting"]
    assert (found.title, found.level) == ("佛山上门滋扰：负面 16 条", Level.ORANGE)
    assert found.opened_at - (NOW - HOUR) <= timedelta(minutes=30)
    assert [one.what.reason for one in sent] == ["first"]
    assert counts["queued"] == 1


def test_run_again_nothing_doubles(store: Store, configured: Configured) -> None:
    settings = configured(HOOK)
    assess(store, [*ordinary(12), *crisis(16, NOW - HOUR)], NOW)
    detect(store, settings, NOW)
    before = everything(store)
    assert not any(detect(store, settings, NOW).values())
    with store.write() as conn:
        work.put_all(conn, "detect")  # as a new version of the assessment does
    detect(store, settings, NOW)
    after = everything(store)
    assert [one.id for one in after[0]] == [one.id for one in before[0]]  # type: ignore[attr-defined]
    assert after[1] == before[1]
    assert after[3] == before[3]


def test_what_was_written_but_not_taken_off_the_queue_is_recognised(
    store: Store, configured: Configured, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = configured(HOOK)
    ids = assess(store, [*ordinary(12), *crisis(16, NOW - HOUR)], NOW)
    with monkeypatch.context() as broken:
        broken.setattr(work, "done", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            detect(store, settings, NOW)
    before = everything(store)
    assert detect(store, settings, NOW)["mentions"] == len(ids)
    assert everything(store)[1] == before[1]
    assert everything(store)[3] == before[3]


def test_minute_by_minute_finds_the_crisis_as_soon(store: Store, configured: Configured) -> None:
    settings = configured(HOOK)
    assess(store, ordinary(20), NOW)
    detect(store, settings, NOW)
    told: Counter[str] = Counter()
    first = None
    for n, one in enumerate(crisis(30, NOW)):
        assert one.at is not None
        now = one.at + timedelta(seconds=20)
        assess(store, [one], now)
        told["queued"] += detect(store, settings, now)["queued"]
        if first is None and told["queued"]:
            first = n
    assert first is not None
    assert first <= 10, "told before the eleventh mention"
    assert told["queued"] <= 4
    with store.read() as conn:
        stories = [i for i in incidents.lately(conn, LENDER, NOW) if i.level > 1]
    assert len(stories) == 1


def test_old_findings_are_recorded_and_wake_nobody(store: Store, configured: Configured) -> None:
    settings = configured(HOOK)
    assess(store, [*ordinary(20), *crisis(16, NOW - 3 * DAY)], NOW)
    assert detect(store, settings, NOW)["queued"] == 0
    with store.read() as conn:
        (found,) = [i for i in incidents.lately(conn, LENDER, NOW - 99 * DAY) if i.level > 1]
        (row,) = outbox.of_incident(conn, found.id)
    assert (row.state, row.what.reason) == ("quiet", "history")
    assert found.opened_at < NOW - 2 * DAY


def test_what_comes_late_is_found_at_its_own_time(store: Store, configured: Configured) -> None:
    """A source was out for a day: its back-fill is no burst of today."""
    settings = configured(HOOK)
    assess(store, ordinary(20), NOW)
    detect(store, settings, NOW)
    backfill = [
        Said(f"late{n}", NOW - DAY + n * timedelta(minutes=150), words(5000 + n)) for n in range(8)
    ]
    assess(store, backfill, NOW)
    assert detect(store, settings, NOW)["queued"] == 0
    assess(store, crisis(16, NOW - 2 * DAY), NOW)
    detect(store, settings, NOW)
    with store.read() as conn:
        (found,) = [i for i in incidents.lately(conn, LENDER, NOW - 99 * DAY) if i.level > 1]
    assert found.opened_at < NOW - 2 * DAY + HOUR


def test_undated_severe_mentions_are_listed_and_wake_nobody(
    store: Store, configured: Configured
) -> None:
    settings = configured(HOOK)
    assess(store, [Said(f"u{n}", None, words(n), ("abusive_visit",)) for n in range(9)], NOW)
    assert detect(store, settings, NOW)["queued"] == 0
    with store.read() as conn:
        (found,) = incidents.lately(conn, LENDER, NOW)
        (row,) = outbox.of_incident(conn, found.id)
    assert (found.mentions, found.state) == (9, IncidentState.OPEN)
    assert row.what.reason == "history"


def test_a_rivals_trouble_is_not_ours(store: Store, configured: Configured) -> None:
    assess(store, crisis(30, NOW - 2 * HOUR), NOW, lender="qichuan")
    counts = detect(store, configured(HOOK), NOW)
    assert (counts["mentions"], counts["opened"]) == (30, 0)
    with store.read() as conn:
        assert work.count(conn, "detect") == 0


def test_a_channel_hears_from_its_lowest_level_on(store: Store, configured: Configured) -> None:
    settings = configured({**HOOK, "lowest_level": "red"})
    assess(store, [*ordinary(20), *crisis(16, NOW - HOUR)], NOW)
    detect(store, settings, NOW)
    with store.read() as conn:
        reasons = set(conn.execute(select(outbox_table.c.reason)).scalars())
    assert reasons == {"below"}


def test_a_channel_s_level_in_the_file_of_whom_to_tell_counts_and_is_read_while_it_runs(
    store: Store, configured: Configured, tmp_path: Path
) -> None:
    file, text = tmp_path / "telling.yaml", TELLING.read_text("utf-8")
    file.write_text(text.replace("channels: {}", "channels: {hook: {lowest_level: red}}"), "utf-8")
    settings = configured(HOOK, alerts={"telling": file})
    assess(store, [*ordinary(20), *crisis(16, NOW - HOUR)], NOW)
    detect(store, settings, NOW)
    assert reasons(store) == {"below"}
    file.write_text(text, "utf-8")
    detect(store, settings, NOW + timedelta(minutes=1))
    assert "first" in reasons(store)


def reasons(store: Store) -> set[str]:
    with store.read() as conn:
        return set(conn.execute(select(outbox_table.c.reason)).scalars())


def test_explain_derives_the_numbers_that_were_written(store: Store, settings: Settings) -> None:
    assess(store, [*ordinary(20), *crisis(16, NOW - HOUR)], NOW)
    detect(store, settings, NOW)
    with store.read() as conn:
        (found,) = [i for i in incidents.lately(conn, LENDER, NOW - 99 * DAY) if i.level > 1]
        told = explain(conn, settings, found.id, NOW)
        assert told["signals"]
        assert all(one["same"] for one in told["signals"])
        assert {one["rule"] for one in told["signals"]} >= {"burst v1", "severity v1"}
        with pytest.raises(InputError, match="incident 999"):
            explain(conn, settings, 999, NOW)


def test_explain_says_where_the_store_has_changed_since(store: Store, settings: Settings) -> None:
    assess(store, [*ordinary(20), *crisis(16, NOW - HOUR)], NOW)
    detect(store, settings, NOW)
    assess(store, crisis(9, NOW - HOUR + timedelta(seconds=30), 2000), NOW)
    with store.read() as conn:
        (found,) = [i for i in incidents.lately(conn, LENDER, NOW - 99 * DAY) if i.level > 1]
        told = explain(conn, settings, found.id, NOW)
    changed = [one for one in told["signals"] if not one["same"]]
    assert changed
    assert changed[0]["derived"]["value"] > changed[0]["written"]["value"]


@pytest.mark.parametrize("sentiment", list(Sentiment))
def test_a_hot_search_entry_is_red_unless_it_praises(
    store: Store, configured: Configured, sentiment: Sentiment
) -> None:
    settings = configured(HOOK)
    entry = Said("hot", NOW, "澄湖上了热搜", source="hot_list", sentiment=sentiment)
    assess(store, [*ordinary(20), entry], NOW)
    queued = detect(store, settings, NOW)["queued"]
    with store.read() as conn:
        found = [i for i in incidents.lately(conn, LENDER, NOW) if i.level > Level.BLUE]
        if sentiment is Sentiment.POSITIVE:
            assert (found, queued) == ([], 0)
            return
        (row,) = outbox.of_incident(conn, found[0].id)
    assert (found[0].level, found[0].title) == (Level.RED, "登上热搜榜：1 条")
    assert (row.state, row.what.due_at) == ("waiting", NOW), "red waits for nothing"


def test_a_hot_search_entry_joins_the_crisis_that_runs(
    store: Store, configured: Configured
) -> None:
    entry = Said("hot", NOW, "澄湖上了热搜", source="hot_list")
    assess(store, [*ordinary(20), *crisis(16, NOW - HOUR), entry], NOW)
    detect(store, configured(HOOK), NOW)
    with store.read() as conn:
        (found,) = [i for i in incidents.lately(conn, LENDER, NOW) if i.level > Level.BLUE]
    assert (found.key, found.level) == ("visit_and_violence@佛山", Level.RED)


def test_an_unrelated_post_that_a_burst_swept_in_did_not_begin_it(
    store: Store, configured: Configured
) -> None:
    """The first source of a rumour is who told it, not who grumbled an hour before."""
    grumble = Said("grumble", NOW - 2 * HOUR, words(77), ("service_unreachable",))
    rumour = [
        Said(f"r{n}", NOW - HOUR + n * timedelta(minutes=2), words(800 + n), ("leak_to_marketers",),
             "eastmoney_guba")
        for n in range(26)
    ]  # fmt: skip
    assess(store, [*ordinary(20), grumble, *rumour], NOW)
    detect(store, configured(HOOK), NOW)
    with store.read() as conn:
        (found,) = [i for i in incidents.lately(conn, LENDER, NOW) if i.level > Level.BLUE]
        first = mentions.get(conn, [found.first_mention])[0]
        spread = joining.spread(conn, found.id)
    assert first.native_id == "r0"
    assert spread[0].source == "eastmoney_guba"
