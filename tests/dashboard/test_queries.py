"""The pages' questions, on both engines."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from dashboard.queries import incidents, mentions, situation, sources, stories
from dashboard.queries.filters import Filter
from dashboard.queries.mentions import Cursor
from dashboard.queries.revision import revision
from data.model import IncidentState, Level, Outcome, Sentiment, SourceKind
from data.store import health
from data.store.db import Store
from data.store.health import Concern, Condition
from tests.conftest import NOW
from tests.dashboard import seeds
from tests.dashboard.seeds import COMPLAINT, FORUM, GRAVE, HOUR, LENDER, NICE, PRESS, Story, seed

DAY = timedelta(days=1)


@pytest.fixture
def small(any_store: Store) -> Store:
    """Six mentions: four dated, two undated."""
    door = Story("堵门", "他们在门口堵门，不让出去", "abusive_visit", "堵门", 5)
    seeds.put(
        any_store,
        [
            seed(1, NOW - HOUR, COMPLAINT, door),
            seed(2, NOW - HOUR, FORUM, NICE[0], Sentiment.POSITIVE, 0.8),
            seed(3, NOW - 2 * DAY, COMPLAINT, GRAVE[1]),
            seed(4, NOW - 3 * DAY, PRESS, Story("澄清", "公司澄清堵门一事"), Sentiment.NEUTRAL, 0),
            seed(5, None, COMPLAINT, Story("无日期", "会员费退不了")),
            seed(6, None, FORUM, Story("也无日期", "会员费退了"), Sentiment.NEUTRAL, 0),
        ],
    )
    return any_store


def found(store: Store, asked: Filter) -> list[str]:
    with store.read() as conn:
        rows = mentions.page(conn, asked).rows
        assert mentions.count(conn, asked) == len(rows)
    return [row.title for row in rows]


@pytest.mark.parametrize(
    ("asked", "titles"),
    [
        ({}, ["放款快", "堵门", "把我通讯录打了个遍", "澄清", "也无日期", "无日期"]),
        ({"dated": "dated"}, ["放款快", "堵门", "把我通讯录打了个遍", "澄清"]),
        ({"dated": "undated"}, ["也无日期", "无日期"]),
        ({"words": "堵门"}, ["堵门", "澄清"]),
        ({"words": "堵门 -澄清"}, ["堵门"]),
        ({"words": '"会员费退"', "dated": "undated"}, ["也无日期", "无日期"]),
        ({"words": "堵门 OR 1=1"}, []),
        ({"sources": ("eastmoney_guba",)}, ["放款快", "也无日期"]),
        ({"kinds": (SourceKind.NEWS,)}, ["澄清"]),
        ({"sentiments": (Sentiment.POSITIVE, Sentiment.NEUTRAL)}, ["放款快", "澄清", "也无日期"]),
        ({"allegations": ("abusive_visit",)}, ["堵门"]),
        ({"severity": 4}, ["堵门", "把我通讯录打了个遍"]),
        ({"first_day": date(2026, 11, 25)}, ["放款快", "堵门"]),
        ({"last_day": date(2026, 11, 22)}, ["澄清"]),
        ({"lender": "muhe"}, []),
    ],
)
def test_filters(small: Store, asked: dict[str, object], titles: list[str]) -> None:
    assert found(small, Filter(**({"lender": LENDER} | asked))) == titles  # type: ignore[arg-type]


@pytest.mark.parametrize("words", ["", "-谁也没说过", "澄湖"])
def test_pages_by_key_meet_every_mention_once(small: Store, words: str) -> None:
    asked, seen, after = Filter(LENDER, words=words), [], None
    with small.read() as conn:
        for _ in range(9):
            page = mentions.page(conn, asked, after, 1)
            seen += [row.id for row in page.rows]
            if page.following is None:
                break
            after = Cursor.parse(str(page.following))
        assert seen == [row.id for row in mentions.page(conn, asked).rows]
    assert len(seen) == len(set(seen)) == (2 if words == "澄湖" else 6)


@pytest.mark.parametrize("written", ["", "x", "~", "2026-11-25~1", "~1;DROP", "2026-13-01T00~2"])
def test_a_spoilt_address_is_the_first_page(written: str) -> None:
    assert Cursor.parse(written) is None


def test_evidence_stands_where_it_says_and_a_long_text_is_cut(small: Store) -> None:
    seeds.put(small, [seed(7, NOW, FORUM, Story("长", "长" * 30_000))])
    with small.read() as conn:
        rows = {row.title: row for row in mentions.page(conn, Filter(LENDER)).rows}
    (spot,) = rows["堵门"].evidence
    assert rows["堵门"].text[spot.start : spot.end] == spot.quote == "堵门"
    assert (len(rows["长"].text), rows["长"].text_size) == (mentions.TEXT_LIMIT, 30_000)


def test_hours_and_days_are_counted(small: Store) -> None:
    with small.read() as conn:
        hours = situation.hours(conn, LENDER, NOW - 7 * DAY, NOW + HOUR)
        today = situation.day(conn, LENDER, NOW)
        before = situation.day(conn, LENDER, NOW - DAY)
        newest = situation.newest(conn, LENDER)
    assert [(row.total, row.negative) for row in hours] == [(1, 0), (1, 1), (2, 1)]
    assert (today.total, today.negative, today.severe, today.sources) == (2, 1, 1, 2)
    assert before == situation.Day()
    assert newest == NOW - HOUR


def test_what_is_new_was_not_heard_in_the_week_before(small: Store) -> None:
    with small.read() as conn:
        assert situation.new_sources(conn, LENDER, NOW) == ()  # complaints came two days ago
        assert situation.new_allegations(conn, LENDER, NOW) == ("abusive_visit",)
        assert situation.allegations(conn, LENDER) == ("abusive_visit", "contact_list_blast")


def test_heat_counts_by_day_of_shanghai(small: Store) -> None:
    midnight = NOW.replace(hour=16, minute=0) - DAY  # of the 25th in Shanghai
    bounds = tuple(midnight + n * DAY for n in range(-3, 2))
    with small.read() as conn:
        cells = situation.heat(conn, LENDER, bounds)
    assert {(cell.allegation, cell.day, cell.n) for cell in cells} == {
        ("abusive_visit", 3, 1),
        ("contact_list_blast", 1, 1),
    }


def test_incidents_with_size_spread_signals_history_and_messages(any_store: Store) -> None:
    seeds.month(any_store, days=2)
    with any_store.read() as conn:
        worst, lesser = incidents.unfinished(conn, LENDER)
        points = incidents.spread(conn, LENDER, worst.id)
        found = stories.clusters(conn, LENDER, worst.id)
        ids = tuple(cluster.id for cluster in found)
        shown = mentions.by_ids(conn, LENDER, ids)
        fired = incidents.signals(conn, worst.id)
        sent = incidents.messages(conn, worst.id)
        past = incidents.history(conn, worst.id)
        flags = incidents.since(conn, LENDER, NOW - DAY)
    assert (worst.level, worst.mentions, worst.sources[0]) == (Level.ORANGE, 64, "heimao_public")
    assert lesser.level is Level.YELLOW
    assert len(points) == 64
    assert points[0].source == "heimao_public"
    assert [p.published_at for p in points] == sorted(p.published_at for p in points)
    assert ids[0] == points[0].id
    assert len({row.title for row in shown}) == len(shown) == 4
    assert sum(1 + len(cluster.copies) for cluster in found) == 64
    assert [(signal.rule, signal.value) for signal in fired] == [("severity", 1.0), ("burst", 21.0)]
    assert [(one.state, one.reason) for one in sent] == [("quiet", "unchanged"), ("sent", "first")]
    assert [event.what for event in past] == ["rose", "opened"]
    assert [flag.id for flag in flags] == [lesser.id, worst.id]


def test_a_closed_incident_is_in_the_other_list(any_store: Store) -> None:
    from dashboard import actions
    from dashboard.viewer import Right, Viewer

    key = seeds.incident(any_store, (), NOW, "会员费", Level.YELLOW)
    actions.close(any_store, Viewer("小林", Right.ACT), key, NOW, "已回应")
    with any_store.read() as conn:
        assert incidents.unfinished(conn, LENDER) == ()
        assert [told.state for told in incidents.closed(conn, LENDER)] == [IncidentState.CLOSED]


def test_sources_with_ticks_newest_and_gaps(any_store: Store) -> None:
    seeds.put(any_store, [seed(1, NOW - timedelta(minutes=7), COMPLAINT, GRAVE[0])])
    seeds.read_all(any_store)
    with any_store.read() as conn:
        places = {place.source: place for place in sources.places(conn, LENDER, NOW)}
        (gap,) = sources.gaps(conn, NOW - DAY, NOW)
    heimao, notices = places["heimao_public"], places["nfra_penalty"]
    assert (heimao.newest_at, heimao.today, heimao.well) == (NOW - timedelta(minutes=7), 1, True)
    assert len(heimao.runs) == 7
    assert heimao.runs[0].counts["new"] == 6
    assert (notices.outcome, notices.well, notices.newest_at) == (Outcome.REFUSED, False, None)
    assert [one.condition for one in notices.wrong] == [Condition.BLOCKED]
    assert (gap.source, gap.since, gap.until) == ("nfra_penalty", NOW - 8 * HOUR, None)
    assert gap.condition is Condition.BLOCKED


def test_what_overlaps_is_one_gap_and_a_silent_source_is_one_too(any_store: Store) -> None:
    def at(hour: int) -> datetime:
        return NOW + hour * HOUR

    with any_store.write() as conn:
        health.note(conn, "heimao_public", [Concern(Condition.SILENT, at(0), "quiet")], at(2))
        both = [Concern(Condition.SILENT, at(0), "quiet"), Concern(Condition.CHANGED, at(2), "x")]
        health.note(conn, "heimao_public", both, at(3))
        health.note(conn, "heimao_public", both[1:], at(4))
        health.note(conn, "heimao_public", [], at(6))
        health.note(conn, "heimao_public", [Concern(Condition.FAILING, at(8), "")], at(9))
    with any_store.read() as conn:
        first, second = sources.gaps(conn, NOW - DAY, at(10))
        assert sources.gaps(conn, NOW - DAY, NOW) == ()
        (place,) = sources.places(conn, LENDER, NOW)
    assert (first.since, first.until, first.condition) == (at(0), at(6), Condition.SILENT)
    assert (second.since, second.until) == (at(8), None)
    assert not place.well


def test_the_revision_moves_with_every_kind_of_news(any_store: Store) -> None:
    def now() -> tuple[int, ...]:
        with any_store.read() as conn:
            return revision(conn)

    seen = [now()]
    seeds.put(any_store, [seed(1, NOW, COMPLAINT, GRAVE[0])])
    seen.append(now())
    seeds.incident(any_store, (), NOW, "会员费", Level.YELLOW)
    seen.append(now())
    seeds.read_all(any_store)
    seen.append(now())
    assert len(set(seen)) == 4
    assert now() == seen[-1]
