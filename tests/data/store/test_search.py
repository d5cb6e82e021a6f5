"""Search finds exactly the phrases a reader would find, on both engines."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from data.fold import fold
from data.store import mentions, search
from data.store.db import Store
from data.store.schema import mention
from tests.conftest import KEY, NOW
from tests.data.store.test_mentions import a_mention

TEXTS = {
    "1": "催收员天天打电话，暴力催收。",
    "2": "他们爆通讯录，我朋友都收到了短信",
    "3": "把通讯录交给第三方，没有暴力",
    "4": "曝光：收。电话催。收款",
    "5": "APP里的VIP会员费，ＡＰＰ闪退；催收",
    "6": "爆通訊錄、電話轟炸",
    "7": "Ⅷ 100% _ \"引号\" 'quote' -- ; DROP TABLE mention",
}


@pytest.fixture
def filled(any_store: Store) -> Store:
    with any_store.write() as conn:
        batch = [a_mention(key, title="", text=words) for key, words in TEXTS.items()]
        mentions.save(conn, batch, NOW, KEY)
    return any_store


def found(store: Store, asked: str) -> str:
    with store.read() as conn:
        words = search.query(asked)
        condition = search.matching(conn, words)
        rows = conn.execute(select(mention.c.id, mention.c.native_id).where(condition)).all()
        assert sorted(conn.scalars(search.found(conn, words))) == sorted(key for key, _ in rows)
        return "".join(sorted(native for _, native in rows))


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("催收", "15"),
        ("暴力催收", "1"),
        ("收电", ""),  # in text 4 only across a full stop
        ("通讯录", "236"),  # traditional characters too
        ("通讯录暴力", ""),
        ("通讯录 暴力", "3"),
        ('"通讯录" -爆通讯录', "3"),
        ('"通讯录" -爆通讯录 -短信', "3"),
        ("-催收", "23467"),
        ("app", "5"),
        ("vip会员", "5"),
        ("ap", ""),  # a word of letters is one token
        ("催", "145"),
        ("「暴力催收」", "1"),
        ("“暴力催收”", "1"),
        ("轰炸", "6"),
        ("'quote' -- ;", "7"),
        ("", "1234567"),
        ("，。！", "1234567"),  # nothing but signs asks for nothing
        ('"', "1234567"),
    ],
)
def test_phrases(filled: Store, asked: str, expected: str) -> None:
    assert found(filled, asked) == expected


def test_a_search_with_a_limit_stops_there(store: Store) -> None:
    with store.write() as conn:
        mentions.save(conn, [a_mention("1", title="", text="催收")], NOW, KEY)
    with store.read() as conn:
        few = search.found(conn, search.query("催收")).limit(3)
        plan = conn.exec_driver_sql(
            "EXPLAIN QUERY PLAN "
            + str(few.compile(conn.engine, compile_kwargs={"literal_binds": True}))
        ).all()
        assert [step[-1] for step in plan] == ["SCAN mention_search VIRTUAL TABLE INDEX 0:M1"]


def test_an_index_of_the_older_shape_is_made_anew(postgres_store: Store) -> None:
    with postgres_store.write() as conn:
        mentions.save(conn, [a_mention("1", title="", text="暴力催收")], NOW, KEY)
        for step in (
            "DROP FUNCTION search_grams CASCADE",
            "ALTER TABLE mention_search ADD grams text[] NOT NULL DEFAULT '{}'",
            "CREATE INDEX ix_mention_search_grams ON mention_search USING gin (grams)",
            "UPDATE alembic_version SET version_num = '0013'",
        ):
            conn.exec_driver_sql(step)
    postgres_store.migrate()
    assert found(postgres_store, "催收") == "1"
    with postgres_store.write() as conn:
        mentions.save(conn, [a_mention("2", title="", text="又来催收")], NOW, KEY)
        conn.exec_driver_sql("SET LOCAL enable_seqscan = off")
        words = search.found(conn, search.query("暴力催收"))
        query = str(words.compile(conn.engine, compile_kwargs={"literal_binds": True}))
        plan = "".join(conn.exec_driver_sql(f"EXPLAIN {query}").scalars())
    assert "ix_mention_search_grams" in plan
    assert found(postgres_store, "催收") == "12"


def test_a_changed_text_is_found_by_its_new_words_only(any_store: Store) -> None:
    with any_store.write() as conn:
        mentions.save(conn, [a_mention("1", title="", text="暴力催收")], NOW, KEY)
        mentions.save(conn, [a_mention("1", title="", text="已经协商解决")], NOW, KEY)
    assert found(any_store, "催收") == ""
    assert found(any_store, "协商") == "1"


HAN = st.text(alphabet="催收暴力电话爆通讯录，。 a1", min_size=1, max_size=12)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=HAN, phrase=st.text(alphabet="催收暴力电话爆通讯录", min_size=2, max_size=4))
def test_a_han_phrase_is_found_exactly_where_it_stands(
    store: Store, words: str, phrase: str
) -> None:
    with store.write() as conn:
        mentions.save(conn, [a_mention("1", title="标题", text=words)], NOW, KEY)
    assert (found(store, phrase) == "1") == (phrase in fold(words))


@given(st.text(max_size=40))
def test_any_box_content_is_a_query(asked: str) -> None:
    read = search.query(asked)
    assert all(phrase for phrase in (*read.include, *read.exclude))
