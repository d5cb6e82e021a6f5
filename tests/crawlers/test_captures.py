"""A mention leads to its page as received; pages are kept once, and as long as they should be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from crawlers import retention
from crawlers.desk import Desk
from data import evidence
from data.evidence import Page, Place
from data.facts.sources import sources
from data.model import Capture, IncidentState, Mention, SourceKind
from data.settings import Settings
from data.store import captures, mentions, schema
from data.store.db import Store

NOW = datetime(2026, 11, 25, 6, 0, tzinfo=UTC)
DAY = timedelta(days=1)


class Room:
    """A desk, its settings and its store."""

    def __init__(self, store: Store, var: Path, **keep: Any) -> None:
        self.store = store
        self.settings = Settings(var=var, retention=keep)
        self.folder = var / "captures"
        self.now = NOW

    def desk(self) -> Desk:
        return Desk(self.store, self.settings, sources()["heimao_public"], lambda: self.now)

    def page(self, n: int, words: str = "") -> Page:
        body = f"<html>{n}{words}</html>".encode()
        return Page(f"http://a.example/{n}?ts={self.now}", 200, (), body, self.now)

    def store_mention(self, desk: Desk, n: int, words: str = "") -> None:
        desk.save([self.mention(n, desk.keep(self.page(n, words)), words)])

    def mention(self, n: int, capture: Capture, words: str) -> Mention:
        return Mention(
            source="heimao_public", native_id=str(n), kind=SourceKind.COMPLAINT, fetched_at=NOW,
            url=f"http://a.example/{n}", text=f"text {n}{words}", capture=capture,
        )  # fmt: skip

    def pages_of(self, mention_id: int) -> list[bytes]:
        with self.store.read() as conn:
            found = captures.of_mention(conn, mention_id)
        return [
            evidence.verify(self.folder, Place(c.file, c.offset, c.length), c.sha256).body
            for c in found
            if c.file
        ]

    def die(self, desk: Desk) -> None:
        """Free the file as the end of a process does, and tell the store nothing."""
        assert desk._archive is not None
        desk._archive.close()

    def files(self) -> list[str]:
        return sorted(f"{f.parent.name}/{f.name}" for f in self.folder.glob("*/*"))


@pytest.fixture
def room(store: Store, tmp_path: Path) -> Room:
    return Room(store, tmp_path)


def count(store: Store) -> int:
    with store.read() as conn:
        return conn.execute(select(func.count()).select_from(schema.capture)).scalar_one()


def test_the_same_bytes_of_the_same_page_are_kept_once(room: Room) -> None:
    first = room.desk()
    one = first.keep(room.page(1))
    assert first.keep(room.page(1)) == one
    first.close()
    size = (room.folder / one.file).stat().st_size
    again = room.desk()
    assert again.keep(room.page(1)) == one  # another run, with another time in the address
    again.close()
    assert (room.folder / one.file).stat().st_size == size
    assert count(room.store) == 1


def test_a_changed_page_is_another_capture_and_the_old_one_stays(room: Room) -> None:
    desk = room.desk()
    room.store_mention(desk, 1)
    room.store_mention(desk, 1, " and a reply")
    desk.close()
    assert room.pages_of(1) == [b"<html>1 and a reply</html>", b"<html>1</html>"]


def test_pages_without_a_mention_are_told_of_too(room: Room) -> None:
    desk = room.desk()
    desk.keep(room.page(7))
    assert count(room.store) == 0
    desk.close()
    assert count(room.store) == 1


def test_without_retention_only_the_hash_is_kept(store: Store, tmp_path: Path) -> None:
    room = Room(store, tmp_path, captures_days=0)
    desk = room.desk()
    room.store_mention(desk, 1)
    desk.close()
    with store.read() as conn:
        (m,) = mentions.get(conn, [1])
    assert m.capture is not None
    assert (m.capture.sha256, m.capture.file) == (room.page(1).sha256, "")
    assert not room.folder.exists()


def test_a_page_lost_before_the_store_knew_is_kept_again(room: Room) -> None:
    """Killed between archive and store: the record in the file is an orphan, and no harm."""
    killed = room.desk()
    killed.keep(room.page(1))
    room.die(killed)
    desk = room.desk()
    room.store_mention(desk, 1)
    desk.close()
    assert room.pages_of(1) == [b"<html>1</html>"]


def test_retention(store: Store, tmp_path: Path) -> None:
    room = Room(store, tmp_path, captures_days=30, evidence_days=100)
    desk = room.desk()
    for n in (1, 2, 3):
        room.store_mention(desk, n)
    desk.keep(room.page(9))  # a list page
    desk.close()
    with store.write() as conn:
        values = {"lender": "x", "key": "k", "title": "t", "level": 1, "owner": "", "revision": 1,
                  "state": IncidentState.CLOSED, "opened_at": NOW, "last_at": NOW,
                  "closed_at": NOW}  # fmt: skip
        conn.execute(schema.incident.insert().values(values))
        conn.execute(schema.incident_mention.insert().values(incident_id=1, mention_id=2))
    assert retention.tidy(store, room.settings, NOW + 29 * DAY) == {"gone": 0, "stayed": 0}
    assert retention.tidy(store, room.settings, NOW + 31 * DAY) == {"gone": 3, "stayed": 1}
    assert room.files() == ["heimao_public/20261125-001.k1.warc.gz"]
    assert room.pages_of(2) == [b"<html>2</html>"]
    assert room.pages_of(1) == []
    assert count(store) == 3  # hash and address stay for mentions, the list page is forgotten
    assert retention.tidy(store, room.settings, NOW + 99 * DAY) == {"gone": 0, "stayed": 1}
    assert retention.tidy(store, room.settings, NOW + 101 * DAY) == {"gone": 1, "stayed": 0}
    assert room.files() == []


def test_files_that_nothing_points_to_go(room: Room) -> None:
    killed = room.desk()
    kept = killed.keep(room.page(1))
    room.die(killed)
    retention.tidy(room.store, room.settings, NOW)
    assert room.files() == [kept.file]
    later = datetime.fromtimestamp((room.folder / kept.file).stat().st_mtime, UTC) + 200 * DAY
    retention.tidy(room.store, room.settings, later)
    assert room.files() == []


def test_once_a_day(room: Room) -> None:
    assert retention.daily(room.store, room.settings, NOW) == {"gone": 0, "stayed": 0}
    assert retention.daily(room.store, room.settings, NOW + DAY / 2) == {}
    assert retention.daily(room.store, room.settings, NOW + DAY) == {"gone": 0, "stayed": 0}
