from __future__ import annotations

from datetime import timedelta

import pytest

from alerts.origin import first_of
from alerts.policy import policy_of
from data.settings import Settings
from data.store.signals import Item
from tests.alerts.conftest import item
from tests.conftest import NOW

KNOWN = policy_of(Settings()).allegations
HOUR = timedelta(hours=1)


def story() -> list[Item]:
    return [item(n, NOW + n * HOUR / 9, tags=["disguised_fees"], first_id=n) for n in range(10, 20)]


@pytest.mark.parametrize(
    ("why", "changes", "began"),
    [
        ("it alleges the same", {"tags": ["disguised_fees"]}, True),
        ("it says the same words", {"first_id": 12}, True),
        ("it alleges something else", {"tags": ["threat_of_violence"]}, False),
        ("it alleges nothing", {}, False),
    ],
)
def test_the_first_is_the_earliest_that_tells_the_story(
    why: str, changes: dict[str, object], began: bool
) -> None:
    swept_in = item(1, NOW - HOUR, **changes)
    found = first_of([*story(), swept_in], "", KNOWN)
    assert (found.mention_id == 1) is began, why


def test_where_the_story_has_a_place_the_first_names_it() -> None:
    members = [
        item(n, NOW + n * HOUR, tags=["abusive_visit"], title="佛山堵门") for n in range(2, 9)
    ]
    elsewhere = item(1, NOW, tags=["abusive_visit"], title="成都堵门")
    assert first_of([*members, elsewhere], "佛山", KNOWN).mention_id == 2


def test_where_nobody_tells_it_the_oldest_counts() -> None:
    one = item(1, NOW, tags=["abusive_visit"], title="成都堵门")
    assert first_of([one], "佛山", KNOWN).mention_id == 1
