from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from data.model import Incident, IncidentState, Level, Mention, SourceKind
from data.store import incidents, mentions
from data.store.db import Store
from data.store.incidents import Event
from data.store.schema import incident as table
from tests.conftest import KEY, NOW

OPEN = Incident(
    lender="chenghu",
    key="visit_and_violence@佛山",
    title="佛山上门滋扰：负面 3 条",
    level=Level.YELLOW,
    state=IncidentState.OPEN,
    opened_at=NOW,
    last_at=NOW,
    revision=1,
)


def saved(store: Store) -> list[int]:
    with store.write() as conn:
        batch = [
            Mention(source, f"{source}{n}", SourceKind.POST, "https://example.com/", "字", NOW,
                    published_at=NOW - timedelta(minutes=n))
            for source in ("a", "b")
            for n in range(2)
        ]  # fmt: skip
        return list(mentions.save(conn, batch, NOW, KEY).ids)


def test_an_incident_comes_back_with_its_counts_and_first_mention(any_store: Store) -> None:
    ids = saved(any_store)
    with any_store.write() as conn:
        number = incidents.insert(conn, OPEN)
        incidents.add_mentions(conn, number, ids)
        incidents.add_mentions(conn, number, ids[:2])
    with any_store.read() as conn:
        assert incidents.mention_ids(conn, number) == sorted(ids)
        found = incidents.get(conn, number)
        assert incidents.lately(conn, "chenghu", NOW) == [found]
        assert incidents.get(conn, number + 1) is None
    assert found == replace(
        OPEN,
        id=number,
        mentions=4,
        sources=("a", "b"),
        first_mention=found.first_mention if found else 0,
    )
    assert found is not None
    assert found.first_mention in ids


def test_one_open_incident_per_lender_and_key(any_store: Store) -> None:
    with any_store.write() as conn:
        number = incidents.insert(conn, OPEN)
    with pytest.raises(IntegrityError), any_store.write() as conn:
        incidents.insert(conn, OPEN)
    closed = replace(OPEN, id=number, state=IncidentState.CLOSED, closed_at=NOW)
    with any_store.write() as conn:
        incidents.progress(conn, closed, rose=False)
        assert incidents.insert(conn, OPEN) != number


def test_detection_does_not_undo_what_a_person_did(any_store: Store) -> None:
    with any_store.write() as conn:
        number = incidents.insert(conn, OPEN)
        person = {"level": int(Level.BLUE), "owner": "王某", "state": "acknowledged"}
        conn.execute(update(table).where(table.c.id == number).values(person))
        grown = replace(OPEN, id=number, level=Level.ORANGE, revision=2, title="新题")
        incidents.progress(conn, grown, rose=False)
        found = incidents.get(conn, number)
        assert found is not None
        assert (found.level, found.owner, found.state) == (Level.BLUE, "王某", "acknowledged")
        assert (found.title, found.revision) == ("新题", 2)
        incidents.progress(conn, grown, rose=True)
        risen = incidents.get(conn, number)
        assert risen is not None
        assert risen.level is Level.ORANGE


def test_history_is_kept_in_order(any_store: Store) -> None:
    told = [Event(NOW, "burst v1", "opened", {"level": 2}), Event(NOW, "王某", "acknowledged")]
    with any_store.write() as conn:
        number = incidents.insert(conn, OPEN)
        incidents.add_events(conn, number, told)
    with any_store.read() as conn:
        assert incidents.events(conn, number) == told


def test_long_closed_incidents_are_not_lately(any_store: Store) -> None:
    with any_store.write() as conn:
        number = incidents.insert(conn, replace(OPEN, closed_at=NOW, state=IncidentState.CLOSED))
        assert [i.id for i in incidents.lately(conn, "chenghu", NOW)] == [number]
        assert incidents.lately(conn, "chenghu", NOW + timedelta(seconds=1)) == []
        assert incidents.lately(conn, "other", NOW) == []
