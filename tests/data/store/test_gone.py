"""What a source shows no longer: a new revision, the words and pages as they were."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from data.model import GONE, Capture, Gone, Mention, SourceKind
from data.store import captures, mentions, work
from data.store.db import Store
from data.store.schema import mention_revision

AT = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
KEY = b"key"


def capture(number: int, status: int = 200) -> Capture:
    return Capture("x", "https://x.invalid/1", status, AT, f"{number:064}", 1)


def mention(native_id: str, **fields: object) -> Mention:
    made = Mention(
        "x", native_id, SourceKind.NEWS, "https://x.invalid/1", "words", AT, AT, author="someone",
        status="处理中", capture=capture(1),
    )  # fmt: skip
    return replace(made, **fields)  # type: ignore[arg-type]


def stored(store: Store, native_id: str) -> Mention:
    with store.read() as conn:
        found = mentions.find(conn, "x", native_id)
    assert found is not None
    return found


def lose(store: Store, *items: Gone) -> int:
    with store.write() as conn:
        return mentions.gone(conn, items, AT + timedelta(days=1))


def save(store: Store, *items: Mention) -> mentions.Saved:
    with store.write() as conn:
        return mentions.save(conn, items, AT, KEY)


def test_gone_is_a_revision_with_its_page_and_deletes_nothing(store: Store) -> None:
    ids = save(store, mention("1"), mention("2")).ids
    with store.write() as conn:
        work.done(conn, "assess", ids)
    assert lose(store, Gone("x", "1", capture(2, 404))) == 1
    found = stored(store, "1")
    assert (found.status, found.revision, found.text) == (GONE, 2, "words")
    assert found.author == stored(store, "2").author != ""
    with store.read() as conn:
        assert [p.status for p in captures.of_mention(conn, found.id)] == [404, 200]
        (old,) = conn.execute(select(mention_revision))
        assert (old.status, old.text) == ("处理中", "words")
        assert work.take(conn, "assess", 9) == [found.id]
    assert stored(store, "2").status == "处理中"
    assert lose(store, Gone("x", "1", capture(2, 404)), Gone("x", "9", None)) == 0
    assert stored(store, "1").revision == 2


def test_shown_again_gets_its_status_back(store: Store) -> None:
    save(store, mention("1"))
    lose(store, Gone("x", "1", None))
    assert save(store, mention("1")).changed == 1
    assert (stored(store, "1").status, stored(store, "1").revision) == ("处理中", 3)


def test_a_family_is_gone_but_for_those_that_are_there(store: Store) -> None:
    save(store, *(mention(i) for i in ("7-a", "7-b", "70-a", "7")))
    assert lose(store, Gone("x", "7", None, family=True, but=frozenset({"7-b"}))) == 1
    statuses = {i: stored(store, i).status for i in ("7-a", "7-b", "70-a", "7")}
    assert [i for i, status in statuses.items() if status == GONE] == ["7-a"]


def test_an_author_who_is_not_named_again_stays(store: Store) -> None:
    save(store, mention("1"))
    before = stored(store, "1").author
    save(store, mention("1", text="other words", author=""))
    assert (stored(store, "1").text, stored(store, "1").author) == ("other words", before)


def test_the_earlier_of_two_times_stands(store: Store) -> None:
    hour = timedelta(hours=1)
    save(store, mention("1", published_at=AT))
    assert save(store, mention("1", published_at=AT + hour)).same == 1
    assert save(store, mention("1", published_at=AT - hour)).changed == 1
    assert stored(store, "1").published_at == AT - hour
    save(store, mention("1", published_at=AT + hour, text="edited later"))
    assert stored(store, "1").published_at == AT - hour
    midnight = datetime(2026, 11, 19, 16, 0, tzinfo=UTC)  # the same day, in Shanghai
    assert save(store, mention("1", published_at=midnight, text="edited later")).same == 1
    save(store, mention("2", published_at=None))
    assert save(store, mention("2", published_at=AT)).changed == 1


def test_published_and_oldest(store: Store) -> None:
    day = timedelta(days=1)
    save(store, *(mention(str(i), published_at=AT - i * day) for i in range(4)))
    save(store, mention("u", published_at=None))
    with store.read() as conn:
        assert [m.native_id for m in mentions.published(conn, "x", AT - 2 * day, AT)] == ["2", "1"]
        newest = mentions.published(conn, "x", AT, AT + day)
        assert {m.native_id for m in newest} == {"0", "u"}  # seen at AT
        assert mentions.published(conn, "y", AT - 9 * day, AT + day) == []
        assert mentions.oldest(conn, "y") is None
        first = mentions.oldest(conn, "x")
    assert first is not None
    assert first.native_id == "3"
    lose(store, Gone("x", "3", None))
    with store.read() as conn:
        first = mentions.oldest(conn, "x")
    assert first is not None
    assert first.native_id == "2"
