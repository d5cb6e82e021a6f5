from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from data.errors import InputError
from data.model import Incident, IncidentState, Level
from data.store import incidents, joining, judgements, mentions
from data.store.db import Store
from tests.conftest import NOW
from tests.data.store.test_incidents import OPEN, saved

OTHER = replace(OPEN, key="privacy@佛山", level=Level.ORANGE, last_at=NOW + timedelta(hours=1))


def opened(store: Store, one: Incident, ids: list[int]) -> int:
    with store.write() as conn:
        number = incidents.insert(conn, one)
        incidents.add_mentions(conn, number, ids)
        return number


def test_two_incidents_become_one_at_the_graver_level(any_store: Store) -> None:
    ids = saved(any_store)
    keep, other = opened(any_store, OPEN, ids[:2]), opened(any_store, OTHER, ids[1:])
    with any_store.write() as conn:
        joining.merge(conn, keep, other, "王某", NOW, "同一件事")
    with any_store.read() as conn:
        found, gone = incidents.get(conn, keep), incidents.get(conn, other)
        assert found is not None
        assert gone is not None
        assert (found.mentions, found.level, found.last_at) == (4, Level.ORANGE, OTHER.last_at)
        assert found.revision == OPEN.revision + 1
        assert (gone.state, gone.mentions) == (IncidentState.CLOSED, 0)
        told = incidents.events(conn, keep)
        assert [e.what for e in told] == ["merged", "rose"]
        assert told[0].detail == {"from": other, "key": OTHER.key, "why": "同一件事"}


def test_some_mentions_become_an_incident_of_their_own(any_store: Store) -> None:
    ids = saved(any_store)
    number = opened(any_store, OTHER, ids)
    with any_store.write() as conn:
        new = joining.split(conn, number, ids[:1], OPEN, "王某", NOW, "两件事")
    with any_store.read() as conn:
        assert incidents.mention_ids(conn, new) == ids[:1]
        assert incidents.mention_ids(conn, number) == sorted(ids[1:])
        found = incidents.get(conn, new)
        assert found is not None
        assert found.level is Level.ORANGE
        assert [e.what for e in incidents.events(conn, new)] == ["opened", "split"]


def test_what_cannot_be_merged_or_split_is_said(any_store: Store) -> None:
    ids = saved(any_store)
    number = opened(any_store, OPEN, ids[:2])
    rival = opened(any_store, replace(OTHER, lender="qichuan"), ids[2:])
    with any_store.write() as conn:
        for other, said in ((number, "two incidents"), (rival, "one lender"), (99, "none with")):
            with pytest.raises(InputError, match=said):
                joining.merge(conn, number, other, "王某", NOW, "why")
        for some in ([], ids[:2], ids[1:3]):
            with pytest.raises(InputError, match="some, but not all"):
                joining.split(conn, number, some, OTHER, "王某", NOW, "why")
        with pytest.raises(InputError, match="runs already"):
            joining.split(conn, number, ids[:1], OPEN, "王某", NOW, "why")


def test_the_spread_begins_with_the_first_source(any_store: Store) -> None:
    ids = saved(any_store)
    number = opened(any_store, OPEN, ids)
    with any_store.read() as conn:
        found = joining.spread(conn, number)
        oldest = mentions.get(conn, [found[0].mention_id])[0]
    assert [(one.source, one.mentions) for one in found] == [("a", 2), ("b", 2)]
    assert found[0].at == oldest.published_at == NOW - timedelta(minutes=1)


def test_precision_counts_the_newest_judgement_by_week(any_store: Store) -> None:
    ids = saved(any_store)
    monday = datetime(2026, 11, 22, 17, tzinfo=UTC)  # one o'clock on Monday in Shanghai
    numbers = [
        opened(any_store, replace(OPEN, key=f"k{n}", opened_at=monday + timedelta(days=n)), ids)
        for n in range(4)
    ]
    with any_store.write() as conn:
        for number, verdict in zip(numbers, ("useful", "false", "late"), strict=False):
            judgements.judge(conn, number, verdict, "王某", NOW)
        judgements.judge(conn, numbers[1], "useful", "李某", NOW, "看错了")
        with pytest.raises(InputError, match="no such judgement"):
            judgements.judge(conn, numbers[0], "good", "王某", NOW)
    with any_store.read() as conn:
        found = judgements.precision(conn, "chenghu", monday, monday + timedelta(days=7))
        assert judgements.newest(conn, numbers[1]) == "useful"
        assert judgements.newest(conn, numbers[3]) == ""
    assert found == [judgements.Week(date(2026, 11, 23), useful=2, late=1, unjudged=1)]
    assert found[0].precision == 1.0
