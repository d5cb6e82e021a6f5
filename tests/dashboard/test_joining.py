"""From an incident's page: another one is the same story, or part of it is another story."""

from __future__ import annotations

from datetime import UTC, datetime

from dashboard.queries import incidents
from data.model import IncidentState, Level
from data.store.db import Store
from tests.dashboard import seeds
from tests.dashboard.test_views import look


def test_two_are_merged_and_one_is_split_by_hand(site: Store) -> None:
    now = datetime.now(UTC)  # noqa: TID251  # the pages' clock is the real one
    told = [seeds.GRAVE[0], seeds.GRAVE[1], seeds.GRAVE[0]]
    ids = seeds.put(
        site, [seeds.seed(n, now, seeds.COMPLAINT, one) for n, one in enumerate(told)], now
    )
    key = seeds.incident(site, ids[:2], now, "上门", Level.ORANGE)
    other = seeds.incident(site, ids[2:], now, "也是上门", Level.YELLOW)

    at = look("incidents", id=str(key))
    assert at.button(key="merge").disabled
    at.selectbox(key="merge_other").select(other)
    at.text_area(key="merge_why").set_value("同一件事").run()
    at.button(key="merge").click().run()
    assert not at.exception
    with site.read() as conn:
        one, gone = incidents.one(conn, key), incidents.one(conn, other)
    assert one is not None
    assert gone is not None
    assert (one.mentions, gone.state) == (3, IncidentState.CLOSED)

    at.multiselect(key="split_which").select(ids[1])
    at.text_input(key="split_title").set_value("爆通讯录")
    at.text_area(key="split_why").set_value("另一件事").run()
    at.button(key="split").click().run()
    assert not at.exception
    with site.read() as conn:
        titles = {told.title: told.mentions for told in incidents.unfinished(conn, seeds.LENDER)}
    assert titles == {"上门": 2, "爆通讯录": 1}
