"""The door of the store: once, masked, searchable, with its history; on both engines."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, func, select

from data.model import Capture, Mention, SourceKind
from data.store import mentions, work
from data.store.db import Store
from data.store.schema import capture, mention, mention_revision
from tests.conftest import KEY, NOW


def a_mention(native_id: str = "17300000001", **changes: Any) -> Mention:
    made = Mention(
        source="heimao_public",
        native_id=native_id,
        kind=SourceKind.COMPLAINT,
        url=f"https://tousu.example/complaint/view/{native_id}/",
        title="澄湖消费金融上门催收",
        text="催收员两次上门，还打我单位电话，手机13812345678。",
        fetched_at=NOW,
        published_at=NOW - timedelta(hours=1),
        author="匿名用户A",
        status="处理中",
        extra={"steps": [{"by": "user", "text": "请联系13912345678"}]},
    )
    return replace(made, **changes)


def save(store: Store, *batch: Mention, at: int = 0) -> mentions.Saved:
    with store.write() as conn:
        return mentions.save(conn, batch, NOW + timedelta(minutes=at), KEY)


def test_twice_is_once(any_store: Store) -> None:
    assert save(any_store, a_mention()).new == 1
    again = save(any_store, a_mention())
    assert (again.new, again.changed, again.same) == (0, 0, 1)
    with any_store.read() as conn:
        assert conn.execute(select(func.count()).select_from(mention)).scalar_one() == 1


def test_a_batch_reads_no_table_from_end_to_end(store: Store) -> None:
    """A store of a million mentions takes a batch as fast as an empty one."""
    page = Capture("heimao_public", "https://tousu.example/", 200, NOW, "a" * 64, 9)
    asked: list[tuple[str, Any]] = []
    with store.write() as conn:
        event.listen(conn, "before_cursor_execute", lambda *said: asked.append(said[2:4]))
        for text in ("一次。", "两次。"):
            mentions.save(conn, [a_mention(text=text, capture=page)], NOW, KEY)
        mentions.known(conn, "heimao_public", ["17300000001"])
        selects = [(words, given) for words, given in asked if words.startswith("SELECT")]
        plans = [
            row.detail
            for words, given in selects
            for row in conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {words}", given)
        ]
    assert {"mention", "capture"} <= {plan.split()[1] for plan in plans}
    assert [plan for plan in plans if plan.startswith("SCAN")] == []


def test_no_personal_number_reaches_the_table(any_store: Store) -> None:
    saved = save(any_store, a_mention(title="电话13812345678"))
    with any_store.read() as conn:
        row = conn.execute(select(mention)).one()
        (read,) = mentions.get(conn, saved.ids)
    everything = repr(tuple(row))
    assert "13812345678" not in everything
    assert "13912345678" not in everything
    assert "匿名用户A" not in everything
    assert len(read.text) == len(a_mention().text)


def test_one_author_has_one_pseudonym_per_source(any_store: Store) -> None:
    saved = save(any_store, a_mention("1"), a_mention("2"), a_mention("3", source="other"))
    with any_store.read() as conn:
        first, second, elsewhere = mentions.get(conn, saved.ids)
    assert first.author == second.author != elsewhere.author


def test_a_changed_mention_keeps_its_old_wording(any_store: Store) -> None:
    saved = save(any_store, a_mention())
    changed = save(any_store, a_mention(text="已协商解决", status="已完成"), at=5)
    assert changed.changed == 1
    assert changed.ids == saved.ids
    with any_store.read() as conn:
        (now,) = mentions.get(conn, saved.ids)
        old = conn.execute(select(mention_revision)).one()
    assert (now.revision, now.text, now.status) == (2, "已协商解决", "已完成")
    assert (old.revision, old.status) == (1, "处理中")
    assert old.text.startswith("催收员两次上门")
    assert old.replaced_at == NOW + timedelta(minutes=5)


def test_reach_alone_is_no_new_wording(any_store: Store) -> None:
    saved = save(any_store, a_mention())
    assert save(any_store, a_mention(reach=77)).same == 1
    with any_store.read() as conn:
        (read,) = mentions.get(conn, saved.ids)
    assert (read.reach, read.revision) == (77, 1)


def test_the_last_copy_in_a_batch_counts(any_store: Store) -> None:
    saved = save(any_store, a_mention(), a_mention(text="后来的文字"))
    assert saved.new == 1
    with any_store.read() as conn:
        assert mentions.get(conn, saved.ids)[0].text == "后来的文字"


def test_what_is_new_or_changed_waits_for_assessment(any_store: Store) -> None:
    saved = save(any_store, a_mention("1"), a_mention("2"))
    with any_store.write() as conn:
        assert work.take(conn, "assess", 10) == list(saved.ids)
        work.done(conn, "assess", saved.ids)
    save(any_store, a_mention("1"), a_mention("2", status="已回复"))
    with any_store.read() as conn:
        assert work.take(conn, "assess", 10) == [saved.ids[1]]


def test_one_page_is_kept_once(any_store: Store) -> None:
    page = Capture("heimao_public", "https://tousu.example/1", 200, NOW, "ab" * 32, 1234)
    saved = save(any_store, a_mention("1", capture=page), a_mention("2", capture=page))
    with any_store.read() as conn:
        assert conn.execute(select(func.count()).select_from(capture)).scalar_one() == 1
        first, second = mentions.get(conn, saved.ids)
    assert first.capture == second.capture == page


def test_get_keeps_the_order_asked_for(any_store: Store) -> None:
    saved = save(any_store, a_mention("1"), a_mention("2"), a_mention("3"))
    backwards = saved.ids[::-1]
    with any_store.read() as conn:
        assert [m.id for m in mentions.get(conn, [*backwards, 999])] == list(backwards)


def test_known_tells_the_status(any_store: Store) -> None:
    save(any_store, a_mention("1", status="已回复"))
    with any_store.read() as conn:
        assert mentions.known(conn, "heimao_public", ["1", "2"]) == {"1": "已回复"}


def test_a_failed_batch_leaves_nothing(any_store: Store) -> None:
    def fail_halfway() -> None:
        with any_store.write() as conn:
            mentions.save(conn, [a_mention()], NOW, KEY)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_halfway()
    with any_store.read() as conn:
        assert work.count(conn, "assess") == 0
        assert mentions.known(conn, "heimao_public", ["17300000001"]) == {}


def test_an_empty_batch_is_fine(any_store: Store) -> None:
    assert save(any_store) == mentions.Saved(0, 0, 0, ())
