from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pytest

from alerts.baseline import Baseline, Bounds, Past
from alerts.detect import (
    BURST,
    RARE,
    SWELL,
    UNUSUAL,
    Candidate,
    Grave,
    Heard,
    bursts,
    candidates,
    in_order,
    least,
    notice,
    severe,
    steps,
    tracks,
)
from alerts.series import DAY, midnight
from data.model import Sentiment
from data.settings import Burst
from data.store.signals import Item, Mark
from tests.alerts.conftest import LENDER, item
from tests.conftest import NOW

HOUR = timedelta(hours=1)
BOUNDS = Bounds(expected=2.0, low=0.0, high=6.0, threshold=8.0, days=28.0)


def mark(number: int, at: datetime, *, severity: int = 0, negative: bool = True) -> Mark:
    return Mark(number, at, "heimao_public", negative, severity)


def test_steps_are_the_full_half_hours_and_now() -> None:
    since, now = NOW - timedelta(minutes=70), NOW + timedelta(minutes=7)
    assert [(step - NOW) / timedelta(minutes=1) for step in steps(since, now)] == [
        -60, -30, 0, 7,
    ]  # fmt: skip
    assert steps(NOW, NOW) == [NOW]


def test_a_group_counts_only_what_is_against_the_lender() -> None:
    marks = [mark(1, NOW), mark(2, NOW, negative=False), mark(3, NOW, severity=4, negative=False)]
    tags = [("fees", n, NOW) for n in (1, 2, 3)]
    found = tracks(marks, tags, {"fees": "pricing"}, severe_from=4)
    assert {name: list(track.ids) for name, track in found.items()} == {
        "all": [1, 2, 3], "negative": [1], "severe": [3], "source:heimao_public": [1],
        "group:pricing": [1, 3],
    }  # fmt: skip


def test_a_window_ends_with_its_moment_and_leaves_its_beginning_out() -> None:
    marks = [mark(n, NOW - timedelta(minutes=m)) for n, m in enumerate((60, 59, 0, -1))]
    assert tracks(marks, [], {}, 4)["all"].within(NOW, HOUR) == [1, 2]


def _quiet(start: datetime, days: int = 40) -> Baseline:
    counts = np.full((days, 24), 1.0)
    return Baseline(counts, Past(counts, start, 28), Burst())


def test_the_moment_a_count_reaches_the_threshold_is_found_and_nothing_later_matters() -> None:
    start = midnight(NOW - 32 * DAY)
    loud = [mark(n, NOW - timedelta(minutes=20 - n)) for n in range(8)]
    later = [mark(100 + n, NOW + timedelta(minutes=n + 1)) for n in range(50)]
    moments = steps(NOW - timedelta(hours=3), NOW)
    usual = {"negative": _quiet(start)}
    found = [
        candidates(BURST, tracks(marks, [], {}, 4), usual, moments)
        for marks in (loud, [*loud, *later])
    ]
    assert [(c.series, c.at, len(c.ids)) for c in found[0]] == [("negative", NOW, 8)]
    assert found[0] == found[1]


def test_of_one_moment_all_talk_comes_last() -> None:
    loud = [Candidate(SWELL, name, NOW, (), BOUNDS) for name in ("all", "negative", "group:x")]
    assert [c.series for c in in_order(loud)] == ["group:x", "negative", "all"]


def _window(count: int, at: datetime, **changes: str) -> tuple[Candidate, dict[int, Item]]:
    first = int(at.timestamp()) % 100_000
    items = {first + n: item(first + n, at, **changes) for n in range(count)}
    return Candidate(BURST, "negative", at, tuple(items), BOUNDS), items


@pytest.mark.parametrize(
    ("why", "count", "changes", "fires"),
    [
        ("enough people", 8, {}, True),
        ("one too few", 7, {}, False),
        ("one author", 60, {"author": "the same"}, False),
        ("one text", 60, {"text": "转发让更多人看到，千万不要借，骗人平台没有底线"}, False),
    ],
)
def test_people_count_not_posts(why: str, count: int, changes: dict[str, str], fires: bool) -> None:
    candidate, items = _window(count, NOW, **changes)
    found = list(bursts([candidate], items, LENDER, Heard()))
    assert bool(found) == fires, why
    if fires:
        assert found[0].value == count
        assert (found[0].expected, found[0].threshold) == (2.0, 8.0)
        assert found[0].detail["sources"] == {"heimao_public": count}
        assert found[0].detail["negative_share"] == 1.0


@pytest.mark.parametrize(
    ("why", "hours", "counts", "said"),
    [
        ("it goes on as loud", [0, 1, 2], [9, 9, 10], [0]),
        ("it gets half as loud again", [0, 1], [9, 14], [0, 1]),
        ("it comes back after six hours", [0, 7], [9, 9], [0, 7]),
    ],
)
def test_one_burst_is_said_once(
    why: str, hours: list[int], counts: list[int], said: list[int]
) -> None:
    loud, items = [], {}
    for hour, count in zip(hours, counts, strict=True):
        candidate, more = _window(count, NOW + hour * HOUR)
        loud.append(candidate)
        items.update(more)
    found = list(bursts(loud, items, LENDER, Heard()))
    assert [(s.at - NOW) / HOUR for s in found] == said, why


def test_what_was_said_before_is_not_said_again() -> None:
    candidate, items = _window(9, NOW)
    (signal,) = bursts([candidate], items, LENDER, Heard())
    heard = Heard()
    heard.add(signal)
    assert not list(bursts([candidate], items, LENDER, heard))


@pytest.mark.parametrize(
    ("a_day", "unusual", "rare"),
    [
        (0.0, 1, 1),
        (0.05, 1, 1),  # once in three weeks
        (0.2, 1, 2),  # once in five days
        (1.0, 3, 4),
        (4.0, 8, 10),
    ],
)
def test_how_many_grave_mentions_make_a_day_unusual(a_day: float, unusual: int, rare: int) -> None:
    assert (least(a_day, UNUSUAL), least(a_day, RARE)) == (unusual, rare)


def _grave(*days_ago: float, severity: int = 5) -> list[Mark]:
    return [mark(n, NOW - DAY * ago, severity=severity) for n, ago in enumerate(days_ago, 1000)]


@pytest.mark.parametrize(
    ("why", "before", "rare"),
    [
        ("the first in a month", [], True),
        ("there was one three weeks ago", [21.5], True),
        ("there is one every second day", [n + 0.5 for n in range(1, 28, 2)], False),
        ("a crisis two weeks ago taught nothing", [14.4 + k / 100 for k in range(40)], True),
    ],
)
def test_a_grave_mention_is_rare_where_it_is_rare(
    why: str, before: list[float], rare: bool
) -> None:
    now = item(1, NOW, tags=["threat_of_violence"])
    grave = Grave([*_grave(*before), mark(1, NOW, severity=5)], NOW - 60 * DAY)
    assert severe(now, grave).detail["rare"] == rare, why


def test_milder_and_later_mentions_do_not_count() -> None:
    others = [*_grave(0.2, 0.3, severity=4), mark(7, NOW + HOUR, severity=5)]
    signal = severe(
        item(1, NOW, tags=["threat_of_violence"]),
        Grave([*others, mark(1, NOW, severity=5)], NOW - 60 * DAY),
    )
    assert (signal.value, signal.expected, signal.severity) == (1, 0, 5)


def test_in_the_first_week_today_counts_as_history() -> None:
    marks = [mark(n, NOW - n * HOUR, severity=5) for n in range(6)]
    found = severe(item(0, NOW, tags=["threat_of_violence"]), Grave(marks, NOW - DAY / 2))
    assert not found.detail["rare"]


def test_undated_mentions_are_never_rare() -> None:
    undated = item(1, NOW, tags=["threat_of_violence"], dated=False)
    assert not severe(undated, Grave([], None)).detail["rare"]


@pytest.mark.parametrize(
    ("source", "sentiment", "told"),
    [
        ("nfra_penalty", Sentiment.NEGATIVE, True),
        ("nfra_penalty", Sentiment.NEUTRAL, True),
        ("nfra_penalty", Sentiment.POSITIVE, False),
        ("eastmoney_news", Sentiment.NEGATIVE, False),
    ],
)
def test_only_a_regulator_gives_notice(source: str, sentiment: Sentiment, told: bool) -> None:
    assert (notice(item(1, NOW, source=source, sentiment=sentiment)) is not None) == told
