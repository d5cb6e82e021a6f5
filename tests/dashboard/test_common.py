"""A search too common to gather: PostgreSQL asks the newest rows one by one, and pages say so."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import event

from dashboard.queries import desk, filters, mentions
from dashboard.queries.filters import Filter
from dashboard.queries.mentions import Cursor, Tally
from data.store import search
from data.store.db import Store
from tests.conftest import NOW
from tests.dashboard import seeds
from tests.dashboard.seeds import COMPLAINT, FORUM, HOUR, LENDER, Story

OURS = Filter(LENDER, words="催收")


@pytest.fixture
def crowd(postgres_store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Forty mentions, every second of the 催收; the last four have no date."""
    monkeypatch.setattr(search, "GATHERED", 5)
    monkeypatch.setattr(search, "SAMPLE", 20)
    seeds.put(
        postgres_store,
        [
            seeds.seed(n, NOW - n * HOUR if n < 36 else None, COMPLAINT if n % 3 else FORUM,
                       Story(f"第 {n} 条", "半夜催收电话" if n % 2 else "会员费退不了"))
            for n in range(40)
        ],
    )  # fmt: skip
    return postgres_store


@pytest.mark.parametrize(
    ("asked", "common"),
    [
        ("催收", True),
        ("催收 电话", True),
        ("催收 -电话", False),
        ("没有这句话", False),
        ("-没有这句话", True),
        ("", False),
    ],
)
def test_only_what_many_texts_hold_is_common(crowd: Store, asked: str, common: bool) -> None:
    with crowd.read() as conn:
        assert search.common(conn, search.query(asked)) is common


@pytest.mark.parametrize("walked", [3, 12, 100])
def test_the_list_is_whole_however_few_rows_are_walked(
    crowd: Store, monkeypatch: pytest.MonkeyPatch, walked: int
) -> None:
    monkeypatch.setattr(filters, "WALKED", walked)
    monkeypatch.setattr(mentions, "WALKED", walked)
    titles: list[str] = []
    after: Cursor | None = None
    with crowd.read() as conn:
        while True:
            page = mentions.page(conn, OURS, after, 4)
            titles += [row.title for row in page.rows]
            after = page.following
            if after is None:
                break
    dated = [f"第 {n} 条" for n in range(36) if n % 2]
    assert titles == [*dated, "第 39 条", "第 37 条"]


@pytest.mark.parametrize(("walked", "n", "among"), [(10, 5, 10), (38, 19, 38), (100, 20, None)])
def test_counts_are_of_the_newest_rows_and_say_so(
    crowd: Store, monkeypatch: pytest.MonkeyPatch, walked: int, n: int, among: int | None
) -> None:
    for module in (mentions, desk):
        monkeypatch.setattr(module, "WALKED", walked)
    with crowd.read() as conn:
        assert mentions.tally(conn, OURS) == Tally(n, among)
        counted = desk.facets(conn, OURS, (), ())
    assert (counted.total, counted.among) == (n, among)
    assert sum(counted.of("source").values()) == n


def test_what_else_is_asked_narrows_the_rows_that_are_walked(
    crowd: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (mentions, desk):
        monkeypatch.setattr(module, "WALKED", 10)
    day = (NOW - timedelta(days=1)).date()
    asked = Filter(LENDER, words="催收", sources=("eastmoney_guba",), last_day=day)
    with crowd.read() as conn:
        rows = mentions.page(conn, asked).rows
        assert mentions.tally(conn, asked) == Tally(len(rows))
        assert desk.facets(conn, asked, (), ()).total == len(rows) > 0
        undated = Filter(LENDER, words="催收", dated="undated")
        assert mentions.tally(conn, undated) == Tally(2)


@pytest.mark.parametrize("kept", [8, 51])
def test_what_the_counts_gathered_is_not_searched_again_for_the_list(
    crowd: Store, monkeypatch: pytest.MonkeyPatch, kept: int
) -> None:
    monkeypatch.setattr(search, "GATHERED", 24_000)
    monkeypatch.setattr(desk, "FIRST", kept)
    with crowd.read() as conn:
        counted = desk.facets(conn, OURS, (), ())
        alone = mentions.page(conn, OURS, None, 7)
        everything = mentions.page(conn, OURS, None, 50)
        said: list[str] = []
        event.listen(conn, "before_cursor_execute", lambda *asked: said.append(asked[2]))
        shown = mentions.page(conn, OURS, None, 7, counted.whole, counted.newest)
        rest = mentions.page(conn, OURS, shown.following, 50, counted.whole, counted.newest)
    assert len(counted.newest) == min(kept, counted.total)
    assert shown == alone
    assert shown.rows + rest.rows == everything.rows
    assert not any("search_grams" in one for one in said[:2])
