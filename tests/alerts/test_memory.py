"""What is remembered between two looks changes nothing that is found."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import pytest
from sqlalchemy import select

from alerts.memory import Memory
from alerts.stage import detect
from data.settings import Settings
from data.store import incidents, joining, signals
from data.store.db import Store
from data.store.schema import outbox
from tests.alerts.conftest import LENDER, Configured, Said, assess
from tests.alerts.test_stage import HOOK, crisis, ordinary, words
from tests.conftest import NOW

MINUTES = timedelta(minutes=1)


def found(store: Store) -> tuple[object, ...]:
    """Return all that detection wrote."""
    with store.read() as conn:
        known = incidents.lately(conn, LENDER, NOW - timedelta(days=99))
        return (
            known,
            [signals.of_incident(conn, one.id) for one in known],
            [incidents.events(conn, one.id) for one in known],
            [incidents.mention_ids(conn, one.id) for one in known],
            conn.execute(select(outbox.c.key, outbox.c.state)).all(),
        )


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Store]:
    """Yield a second store."""
    second = Store(f"sqlite:///{tmp_path / 'second.db'}")
    second.migrate()
    yield second
    second.dispose()


def steps() -> Iterator[tuple[timedelta, list[Said]]]:
    """Plan what comes in when: two crises, late mentions, one text that is read anew."""
    for n, one in enumerate(crisis(12, NOW)):
        yield (n * 3 + 1) * MINUTES, [one]
    late = [Said(f"late{n}", NOW - n * timedelta(hours=9), words(5000 + n)) for n in range(9)]
    yield 60 * MINUTES, late
    fees = [Said(f"f{n}", NOW + (70 + n) * MINUTES, words(7000 + n), ("disguised_fees",))
            for n in range(12)]  # fmt: skip
    yield 90 * MINUTES, fees
    yield 95 * MINUTES, [Said("c1003", NOW + 9 * MINUTES, "佛山" + words(1003), ())]
    yield timedelta(days=2), [Said("after", NOW + timedelta(days=2), words(1))]


def play(store: Store, settings: Settings, memory: Memory | None) -> None:
    """Play the steps; without a memory each look begins with an empty one."""
    assess(store, ordinary(20), NOW)
    detect(store, settings, NOW, memory=memory or Memory())
    merged = False
    for after, said in steps():
        assess(store, said, NOW + after)
        detect(store, settings, NOW + after, memory=memory or Memory())
        with store.write() as conn:
            stories = [i for i in incidents.lately(conn, LENDER, NOW) if i.level > 1]
            if len(stories) > 1 and not merged:
                merged = True
                keep, gone = stories[0].id, stories[1].id
                joining.merge(conn, keep, gone, "王某", NOW + after, "一件事")
    assert merged


def test_with_and_without_memory_the_same_is_found(
    store: Store, other: Store, configured: Configured
) -> None:
    settings = configured(HOOK)
    play(store, settings, Memory())
    play(other, settings, None)
    assert found(store) == found(other)


def test_what_somebody_else_looked_at_is_read_again(
    store: Store, other: Store, configured: Configured
) -> None:
    settings, memory = configured(HOOK), Memory()
    for which in (store, other):
        assess(which, ordinary(20), NOW)
    detect(store, settings, NOW, memory=memory)
    detect(other, settings, NOW, memory=Memory())
    for n, one in enumerate(crisis(14, NOW)):
        now = NOW + (n * 3 + 1) * MINUTES
        for which in (store, other):
            assess(which, [one], now)
        detect(store, settings, now, memory=memory if n % 3 else Memory())
        detect(other, settings, now, memory=Memory())
    assert found(store) == found(other)


def test_a_look_that_begins_a_little_earlier_reads_no_story_again(
    store: Store, configured: Configured
) -> None:
    settings, memory = configured(HOOK), Memory()
    assess(store, ordinary(20), NOW)
    detect(store, settings, NOW, memory=memory)
    with patch.object(incidents, "lately", wraps=incidents.lately) as lately:
        for number, minutes in enumerate((-90, 5, -60, 10, -30)):
            late = Said(f"l{number}", NOW + minutes * MINUTES, words(9000 + number))
            assess(store, [late], NOW + 20 * MINUTES)
            detect(store, settings, NOW + 20 * MINUTES, memory=memory)
    assert lately.call_count <= 1  # the first began earlier than anything before it
