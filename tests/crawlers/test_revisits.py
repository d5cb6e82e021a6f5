"""Items read again at their ages: each age once, however runs are spaced."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from crawlers.revisits import MOST, Revisits
from data.model import Mention, SourceKind
from tests.crawlers.weeks import NOW

HOUR = timedelta(hours=1)
AGES = (6 * HOUR, 24 * HOUR, 72 * HOUR)


def mention(number: int, at: datetime) -> Mention:
    return Mention("x", str(number), SourceKind.NEWS, "u", "words", at, at, id=number)


def run(items: Sequence[Mention], mark: dict[str, str], now: datetime) -> tuple[list[int], int]:
    """Return the ids visited by a run, which moves ``mark``, and how many it asked for."""

    def stored(since: datetime, until: datetime) -> list[Mention]:
        return [m for m in items if m.published_at and since <= m.published_at < until]

    revisits = Revisits(mark, now)
    due = [m.id for m in revisits.due(stored, AGES, lambda _m, _age: True)]
    mark |= revisits.mark()
    return due, len(due)


def test_each_age_once_whatever_the_pace_of_runs() -> None:
    for every in (0.25, 1, 5, 7):
        items, visits, now = [mention(1, NOW)], 0, NOW
        mark: dict[str, str] = {}
        while now < NOW + 90 * HOUR:
            visits += run(items, mark, now)[1]
            now += every * HOUR
        assert visits == 3, every


def test_what_is_old_when_first_read_is_left_alone() -> None:
    mark: dict[str, str] = {}
    old = [mention(1, NOW - 100 * HOUR)]
    assert run(old, mark, NOW) == ([], 0)
    assert run(old, mark, NOW + HOUR) == ([], 0)


def test_after_a_long_pause_once() -> None:
    mark = {"visited_until": NOW.isoformat()}
    assert run([mention(1, NOW)], mark, NOW + 1000 * HOUR)[0] == [1]


def test_too_many_are_spread_over_runs_and_none_is_left_out() -> None:
    items = [mention(i, NOW + timedelta(minutes=i // 3)) for i in range(1, 400)]
    mark = {"visited_until": NOW.isoformat()}
    seen: list[int] = []
    for _ in range(12):
        due, asked = run(items, mark, NOW + 20 * HOUR)
        assert asked <= MOST + 2  # three share a minute
        seen += due
    assert sorted(seen) == [m.id for m in items]
