"""Opening the store: migrations lead to the schema, and every failure is one sentence."""

from __future__ import annotations

import sqlite3
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import insert, select, text

from data.errors import StoreError
from data.store import state
from data.store.db import Store
from data.store.schema import metadata, stage_state
from tests.conftest import NOW


def test_the_migrations_lead_exactly_to_the_schema(any_store: Store) -> None:
    with any_store.read() as conn:
        context = MigrationContext.configure(
            conn,
            opts={"include_name": lambda name, kind, _: not str(name).startswith("mention_search")},
        )
        assert compare_metadata(context, metadata) == []


def test_migrating_again_changes_nothing(any_store: Store) -> None:
    any_store.migrate()
    any_store.migrate()


def test_a_reader_cannot_write(store: Store) -> None:
    with pytest.raises(StoreError, match="read-only"), store.read() as conn:
        conn.execute(insert(stage_state).values(stage="a", key="b", value=1))


def test_a_glance_sees_each_moment_and_holds_none(any_store: Store) -> None:
    glance = any_store.glance()
    for moment in (NOW, NOW + timedelta(hours=1)):
        with any_store.write() as conn:
            state.set_next(conn, "x", moment)
        with glance() as conn:
            assert state.next_at(conn, "x") == moment
            raw = conn.connection.dbapi_connection
            assert any_store.file is None or (raw is not None and not raw.in_transaction)
    glance.close()


def test_a_glance_cannot_write_and_fails_in_sentences(store: Store) -> None:
    glance = store.glance()
    with pytest.raises(StoreError, match="read-only"), glance() as conn:
        conn.execute(insert(stage_state).values(stage="a", key="b", value=1))
    glance.close()


def test_a_time_without_a_zone_is_refused(any_store: Store) -> None:
    with pytest.raises(Exception, match="needs a zone"), any_store.write() as conn:
        state.set_next(conn, "x", datetime(2026, 1, 1))  # noqa: DTZ001 - that is the point


def test_times_come_back_aware_and_to_the_microsecond(any_store: Store) -> None:
    moment = datetime(2026, 11, 25, 6, 0, 0, 123456, tzinfo=UTC)
    with any_store.write() as conn:
        state.set_next(conn, "x", moment)
        assert state.next_at(conn, "x") == moment


@pytest.mark.parametrize("url", ["mysql://host/db", "nonsense", "oracle://x", "sqlite3:/x"])
def test_a_url_we_do_not_know(url: str) -> None:
    with pytest.raises(StoreError, match="this is no database we know"):
        Store(url)


def test_nobody_answers() -> None:
    with pytest.raises(StoreError, match="start the server, or change `database`"):
        Store("postgresql+psycopg://nobody@127.0.0.1:9/none").migrate()


def test_the_password_is_not_shown() -> None:
    store = Store("postgresql+psycopg://nobody:geheim@127.0.0.1:9/none")
    assert "geheim" not in store.name
    with pytest.raises(StoreError) as caught:
        store.migrate()
    assert "geheim" not in str(caught.value)


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    path.write_text("these are my notes, not a database" * 100)
    with pytest.raises(StoreError, match="no SQLite database"):
        Store(f"sqlite:///{path}").migrate()


def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="folder cannot be made"):
        Store(f"sqlite:///{tmp_path}/file/store.db").migrate()


def test_a_full_disk_loses_nothing_that_was_written(store: Store) -> None:
    with store.write() as conn:
        state.set_stage_value(conn, "a", "kept", 1)

    def fill() -> None:
        with store.write() as conn:
            pages = conn.execute(text("PRAGMA page_count")).scalar_one()
            conn.execute(text(f"PRAGMA max_page_count={pages}"))
            for n in range(500):
                state.set_stage_value(conn, "a", f"lost{n}", "x" * 1000)

    with pytest.raises(StoreError, match="the disk is full"):
        fill()
    fresh = Store(str(store.url))
    with fresh.read() as conn:
        assert conn.execute(select(stage_state.c.key)).scalars().all() == ["kept"]
    fresh.dispose()


def test_a_writer_waits_for_another(store: Store) -> None:
    def add(name: str) -> None:
        for n in range(20):
            with store.write() as conn:
                seen = state.stage_value(conn, "count", "n") or 0
                state.set_stage_value(conn, "count", "n", seen + 1)
                state.set_stage_value(conn, name, str(n), n)

    threads = [threading.Thread(target=add, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.read() as conn:
        assert state.stage_value(conn, "count", "n") == 60


def test_a_locked_file_is_said_after_the_wait(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("data.store.db.BUSY_SECONDS", 0)
    hasty = Store(str(store.url))
    other = sqlite3.connect(store.url.database or "", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="another program has been writing"), hasty.write():
        pass
    other.execute("ROLLBACK")
    other.close()
    hasty.dispose()


def test_the_log_is_folded_back(store: Store) -> None:
    with store.write() as conn:
        state.set_next(conn, "x", NOW)
    store.checkpoint()
    assert Path(f"{store.file}-wal").stat().st_size == 0
