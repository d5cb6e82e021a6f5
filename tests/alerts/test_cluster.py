from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.cluster import Kind, cluster, gathered, kind_named, kinds_of, newest
from alerts.explain import explain
from alerts.policy import policy_of
from alerts.stage import detect
from data.model import Level, Sentiment
from data.settings import Settings
from data.store import incidents, templates
from data.store.db import Store
from data.store.templates import Placed
from tests.alerts.conftest import LENDER, Configured, Said, assess, item
from tests.alerts.test_stage import HOOK, ordinary, words
from tests.conftest import NOW

KNOWN = policy_of(Settings()).allegations
MINUTES = timedelta(minutes=1)
SAME = "扣款三次都没有通知本人，打客服说系统升级让我等，等了一个月也没有退回来"


def test_a_mention_may_belong_to_its_wording_and_to_what_it_alleges_where() -> None:
    one = item(7, NOW, tags=["abusive_visit"], first_id=3, city="佛山", collector="砺行")
    series = {kind.series for kind in kinds_of(one, KNOWN)}
    assert series == {
        "text:3",
        "new:visit_and_violence@佛山",
        "new:visit_and_violence@佛山/砺行",
    }
    assert {kind_named(name) for name in series} == set(kinds_of(one, KNOWN))


def test_people_count_within_six_hours() -> None:
    some = [item(n, NOW - n * 50 * MINUTES, first_id=1, author="甲乙丙丁"[n % 4]) for n in range(9)]
    kind = Kind("text:1", first_id=1)
    near = gathered(kind, NOW, some, KNOWN)
    assert [one.mention_id for one in near] == list(range(8))
    found = cluster(kind, NOW, near, LENDER, 0)
    assert (found.value, found.threshold, found.detail["posts"]) == (4, 5, 8)


def test_praise_and_what_has_no_date_complete_no_cluster() -> None:
    one = item(1, NOW, first_id=1)
    assert newest([one], KNOWN)
    assert not newest([replace(one, sentiment=Sentiment.POSITIVE)], KNOWN)
    assert not newest([replace(one, dated=False)], KNOWN)


def said(count: int, start: int = 0, author: str = "own") -> list[Said]:
    return [
        Said(f"k{start + n}", NOW - 60 * MINUTES + n * 11 * MINUTES, f"{SAME}{n}", author=author)
        for n in range(count)
    ]


def told(store: Store, configured: Configured, some: list[Said], *, seen: bool = False) -> int:
    """Store mentions of one wording among ordinary ones, look, and return its incidents."""
    settings = configured(HOOK)
    assess(store, ordinary(20), NOW)
    detect(store, settings, NOW)
    if seen:
        old = assess(store, [Said("old", NOW - timedelta(days=9), SAME)], NOW)
    ids = assess(store, some, NOW)
    first = old[0] if seen else ids[0]
    with store.write() as conn:
        everyone = [first, *ids] if seen else ids
        templates.place(conn, everyone, [Placed(i, first, b"\0" * 64) for i in everyone])
    detect(store, settings, NOW)
    with store.read() as conn:
        stories = [one for one in incidents.lately(conn, LENDER, NOW) if one.level > Level.BLUE]
        for one in stories:
            signals = explain(conn, settings, one.id, NOW)["signals"]
            assert all(signal["same"] for signal in signals)
        return len(stories)


def test_five_accounts_with_one_new_wording_are_told(store: Store, configured: Configured) -> None:
    assert told(store, configured, said(5)) == 1


def test_four_are_not(store: Store, configured: Configured) -> None:
    assert told(store, configured, said(4)) == 0


def test_nor_is_one_account_with_five(store: Store, configured: Configured) -> None:
    assert told(store, configured, said(5, author="一个人")) == 0


def test_nor_a_wording_that_was_there_before(store: Store, configured: Configured) -> None:
    assert told(store, configured, said(5), seen=True) == 0


@pytest.mark.parametrize(("before", "found"), [(0, 1), (1, 0)])
def test_what_a_city_never_alleged_is_told(
    store: Store, configured: Configured, before: int, found: int
) -> None:
    """Facts of place come from the assessment; here they are written as it would."""
    from sqlalchemy import update

    from data.store.schema import verdict

    settings = configured(HOOK)
    assess(store, ordinary(20), NOW)
    old = [Said("old", NOW - timedelta(days=20), words(1), ("disguised_fees",))] * before
    new = [
        Said(f"n{n}", NOW - n * 20 * MINUTES, words(900 + n), ("disguised_fees",)) for n in range(5)
    ]
    ids = assess(store, [*old, *new], NOW)
    with store.write() as conn:
        conn.execute(
            update(verdict)
            .where(verdict.c.mention_id.in_(ids))
            .values(province="广东", city="佛山")
        )
    detect(store, settings, NOW)
    with store.read() as conn:
        stories = [one for one in incidents.lately(conn, LENDER, NOW) if one.level > Level.BLUE]
    assert len(stories) == found
