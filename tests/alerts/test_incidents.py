from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from alerts.detect import BURST, REGULATOR, VERSION, Grave, notice, severe
from alerts.incidents import Book
from alerts.policy import policy_of
from alerts.series import DAY
from alerts.story import Story, restore
from data.model import Incident, IncidentState, Level, Sentiment, Signal
from data.settings import Settings
from data.store.signals import Item, Mark
from tests.alerts.conftest import LENDER, item
from tests.conftest import NOW

POLICY = policy_of(Settings())
HOUR = timedelta(hours=1)
VISIT = ["abusive_visit"]
FEES = ["disguised_fees"]
LONG_AGO = NOW - 90 * DAY


def loud(window: Sequence[Item], series: str = "negative", ratio: float = 1.0) -> Signal:
    newest = max(one.at for one in window)
    return Signal(
        rule=BURST,
        version=VERSION,
        lender=LENDER,
        series=series,
        at=newest,
        window=HOUR,
        value=8 * ratio,
        expected=2,
        threshold=8,
        mention_ids=tuple(one.mention_id for one in window),
        detail={},
    )


def crisis(first: int, at: datetime, count: int = 10, **changes: object) -> list[Item]:
    values = {"tags": VISIT, "title": "佛山：堵在门口", **changes}
    return [item(first + n, at + n * timedelta(minutes=2), **dict(values)) for n in range(count)]


def book(stories: Sequence[Story] = ()) -> Book:
    return Book(LENDER, POLICY, stories)


def single(found: Book, one: Item, *before: float) -> None:
    """File a grave mention with others of its severity so many days ago."""
    marks = [
        Mark(9000 + n, one.at - DAY * d, "x", True, one.severity) for n, d in enumerate(before)
    ]
    marks.append(Mark(one.mention_id, one.at, "x", True, one.severity))
    found.hear(one)
    found.severe(severe(one, Grave(marks, LONG_AGO)), one)


def test_one_crisis_is_one_incident() -> None:
    found = book()
    window = crisis(1, NOW)
    found.burst(loud(window), window, [])
    found.burst(loud(window, series="group:visit_and_violence"), window, [])
    more = crisis(50, NOW + HOUR, 5, source="eastmoney_guba", tags=["group_shaming_doctored_image"])
    for one in more:
        found.hear(one)
    everyone = [*window, *more]
    found.burst(loud(everyone, series="severe", ratio=1.5), everyone, [])
    (story,) = found.finish()
    assert story.incident.key == "visit_and_violence@佛山"
    assert story.incident.title == "佛山上门滋扰：负面 15 条"
    assert story.incident.sources == ("heimao_public", "eastmoney_guba")
    assert story.incident.level is Level.ORANGE
    assert len(story.signals) == 3


def test_two_crises_at_once_are_two() -> None:
    found = book()
    for window in (crisis(1, NOW), crisis(50, NOW, tags=FEES, title="会员费")):
        found.burst(loud(window), window, [])
    assert [story.incident.key for story in found.finish()] == [
        "visit_and_violence@佛山",
        "pricing_fees@",
    ]


def test_a_burst_of_mentions_with_nothing_in_common_is_told_by_all_of_them() -> None:
    apart = [VISIT, FEES, ["contact_list_blast"], ["impersonate_lawyer_mediator"]]
    window = [
        item(n, NOW + n * timedelta(minutes=2), tags=tags, title=f"第 {n} 件")
        for n, tags in enumerate(apart, 1)
    ]
    found = book()
    found.burst(loud(window, series="severe"), window, [])
    (story,) = found.finish()
    assert story.incident.key == "negative@"
    assert set(story.members) == {1, 2, 3, 4}
    assert story.incident.first_mention == 1
    assert story.incident.title == "负面声音：负面 4 条"


def test_a_mention_of_the_beginning_that_is_also_in_the_loud_hour_counts_once() -> None:
    found, window = book(), crisis(1, NOW)
    found.burst(loud(window), window, window)
    (story,) = found.finish()
    assert story.tally.mentions == len(story.added) == len(window)


def test_a_burst_finds_its_beginning_by_place_and_allegation() -> None:
    hours = timedelta(hours=5)
    first = item(900, NOW - hours, tags=VISIT, title="佛山有人堵门")
    others = [
        item(901, NOW - hours, tags=VISIT, title="成都有人堵门"),
        item(902, NOW - hours, tags=FEES, title="佛山会员费"),
    ]
    window = crisis(1, NOW)
    found = book()
    found.burst(loud(window), window, [first, *others])
    (story,) = found.finish()
    assert story.incident.first_mention == 900
    assert not {901, 902} & story.members.keys()


def test_an_ordinary_grave_complaint_joins_a_list_and_stays_blue() -> None:
    found = book()
    usual = [n + 0.5 for n in range(1, 28)] * 2
    for n in range(3):
        single(found, item(n + 1, NOW + n * HOUR, tags=VISIT), *usual)
    (story,) = found.finish()
    assert (story.incident.key, story.incident.level) == ("routine:visit_and_violence", Level.BLUE)
    assert story.incident.mentions == 3


@pytest.mark.parametrize(
    ("why", "before", "changes", "level"),
    [
        ("the first in a month, told by one", [], {}, Level.YELLOW),
        ("one came a week ago", [7.5, 14.5, 21.5], {}, Level.YELLOW),
        ("severity 4 alone", [], {"tags": VISIT}, Level.BLUE),
        (
            "a news item of severity 4",
            [7.5],
            {"tags": VISIT, "source": "eastmoney_news"},
            Level.YELLOW,
        ),
        ("a news item of severity 5", [7.5], {"source": "eastmoney_news"}, Level.ORANGE),
        ("it says that it is old", [], {"title": "转2024年那件事"}, Level.YELLOW),
    ],
)
def test_a_single_mention(
    why: str, before: list[float], changes: dict[str, object], level: Level
) -> None:
    found = book()
    values: dict[str, object] = {"tags": ["threat_of_violence"], **changes}
    single(found, item(1, NOW, **values), *before)
    (story,) = found.finish()
    assert story.incident.level is level, why


@pytest.mark.parametrize(
    ("second", "level"),
    [("somebody else", Level.ORANGE), ("a1", Level.YELLOW), (None, Level.YELLOW)],
)
def test_a_rare_grave_text_is_orange_once_a_second_account_tells_of_it(
    second: str | None, level: Level
) -> None:
    found, told = book(), {"tags": ["threat_of_violence"], "title": "佛山：放话要动手"}
    single(found, item(1, NOW, author="a1", **told))
    found.hear(item(2, NOW + HOUR, tags=["threat_of_arrest"], title="佛山：说要抓人"))
    if second:
        found.hear(item(3, NOW + HOUR, author=second, **told))
    (story,) = found.finish()
    assert story.incident.level is level


def test_many_usual_grave_mentions_in_a_day_are_one_story() -> None:
    found = book()
    usual = [n + 0.5 for n in range(1, 28)] * 2
    marks = []
    for n, tag in enumerate(("threat_of_violence", "self_harm_signal", "property_damage") * 4):
        marks += [0.001 * n]
        single(found, item(n + 1, NOW, tags=[tag]), *usual, *marks)
    stories = {story.incident.key: story.incident.level for story in found.finish()}
    assert stories["severe"] is Level.ORANGE
    assert sum(level >= Level.YELLOW for level in stories.values()) == 1


def test_a_grave_mention_during_a_crisis_is_part_of_it() -> None:
    found = book()
    window = crisis(1, NOW)
    found.burst(loud(window), window, [])
    single(found, item(99, NOW + HOUR, tags=["self_harm_signal"]))
    (story,) = found.finish()
    assert 99 in story.members


def test_news_that_follows_late_goes_to_its_place_and_not_to_what_is_loud_today() -> None:
    found, tags = book(), ["stalking_surveillance"]
    first = crisis(1, NOW, tags=tags, title="深圳：守在校门口")
    found.burst(loud(first), first, [])
    late = NOW + timedelta(hours=56)
    other = crisis(50, late - HOUR, tags=["contact_list_blast"], title="打遍通讯录")
    found.burst(loud(other, ratio=1.5), other, [])
    told = {"source": "eastmoney_news", "tags": tags, "title": "深圳一校门口有人尾随孩子"}
    single(found, item(99, late, **told))
    holder, loudest = sorted(found.finish()[1:], key=lambda s: 99 not in s.members)
    assert holder.place == "深圳"
    assert holder.before is not None  # closed by then: this goes on with it
    assert loudest.incident.level is Level.YELLOW


def test_a_grave_mention_is_no_part_of_what_alleges_nothing() -> None:
    found = book()
    apology = crisis(1, NOW, tags=[], title="公司就此事致歉", source="eastmoney_news")
    found.burst(loud(apology, series="source:eastmoney_news"), apology, [])
    single(found, item(99, NOW + HOUR, tags=["self_harm_signal"]))
    about, grave = found.finish()
    assert about.incident.key == "negative@"
    assert 99 not in about.members
    assert grave.incident.level is Level.YELLOW


def test_a_regulators_notice_is_orange_at_once_and_red_within_a_crisis() -> None:
    told = item(7, NOW + HOUR, source="nfra_penalty", sentiment=Sentiment.NEUTRAL)
    signal = notice(told)
    assert signal is not None
    assert signal.rule == REGULATOR
    alone = book()
    alone.notice(signal, told)
    (story,) = alone.finish()
    assert (story.incident.key, story.incident.level) == ("regulator", Level.ORANGE)


def test_talk_that_is_not_negative_is_blue_at_most() -> None:
    found = book()
    praise = crisis(1, NOW, 40, tags=[], title="", sentiment=Sentiment.POSITIVE)
    found.burst(loud(praise, series="all", ratio=9), praise, [])
    (story,) = found.finish()
    assert (story.incident.key, story.incident.level) == ("volume", Level.BLUE)


def test_the_level_only_rises() -> None:
    found = book()
    window = crisis(1, NOW)
    found.burst(loud(window), window, [])
    (story,) = found.stories
    story.incident = replace(story.incident, level=Level.YELLOW)
    found.hear(item(80, NOW + HOUR, tags=VISIT, title="佛山"))
    levels = [story.incident.level]
    assert levels == [Level.YELLOW], "a person lowered it, and nothing graver came"
    news = item(81, NOW + HOUR, tags=["threat_of_violence"], title="佛山", source="eastmoney_news")
    found.hear(news)
    levels = [story.incident.level]
    assert levels == [Level.RED]
    assert [e.what for e in story.events].count("rose") == 1


def test_quiet_closes_and_what_comes_later_names_what_was() -> None:
    found = book()
    window = crisis(1, NOW)
    found.burst(loud(window), window, [])
    later = [item(200 + n, NOW + 5 * DAY, tags=VISIT, title="佛山") for n in range(9)]
    found.burst(loud(later), later, [])
    old, new = found.finish()
    assert old.incident.state is IncidentState.CLOSED
    assert old.incident.closed_at == old.incident.last_at + timedelta(hours=72)
    assert new.before is old
    assert new.incident.state is IncidentState.OPEN


def test_a_late_find_joins_the_closed_incident_and_opens_nothing() -> None:
    found = book()
    window = crisis(1, NOW)
    found.burst(loud(window), window, [])
    found.close_quiet(NOW + 9 * DAY)
    late = [item(300 + n, NOW + HOUR, tags=VISIT, title="佛山") for n in range(9)]
    found.burst(loud(late), late, [])
    (story,) = found.finish()
    assert story.incident.state is IncidentState.CLOSED
    assert story.incident.mentions == 10 or 300 in story.members


def test_a_list_lasts_a_week() -> None:
    found = book()
    for day in range(0, 15, 2):
        single(found, item(day + 1, NOW + day * DAY, tags=VISIT), *[n + 0.5 for n in range(28)])
    assert [len(story.members) for story in found.finish()] == [4, 4]


def test_undated_mentions_are_listed_and_alarm_nobody() -> None:
    found = book()
    single(found, item(1, NOW, tags=["self_harm_signal"], dated=False))
    (story,) = found.finish()
    assert story.incident.key.startswith("routine:")
    assert story.tally.newest is None


def test_a_stored_story_goes_on_where_it_was() -> None:
    found = book()
    window = crisis(1, NOW)
    found.burst(loud(window), window, [])
    (first,) = found.finish()
    again = restore(
        first.incident, first.members.values(), first.signals, first.events, POLICY.allegations
    )
    assert not again.changed
    assert again.reached is first.reached
    assert again.counted == first.counted
    assert again.tally == first.tally


def test_a_story_whose_mentions_turned_out_to_be_about_others_still_closes() -> None:
    found = book()
    window = crisis(1, NOW)
    found.burst(loud(window), window, [])
    (first,) = found.finish()
    empty = restore(first.incident, (), first.signals, first.events, POLICY.allegations)
    later = book([empty])
    later.close_quiet(NOW + 9 * DAY)
    (story,) = later.finish()
    assert story.incident.state is IncidentState.CLOSED
    assert story.incident.title == first.incident.title


def test_what_was_merged_in_goes_on_in_the_story_that_was_kept() -> None:
    kept = replace(story_of("visit_and_violence@佛山"), aliases=frozenset({"privacy@东莞"}))
    gone = replace(story_of("privacy@东莞"), merged=True)
    book = Book(LENDER, POLICY, [kept, gone])
    assert book._story("privacy@东莞", NOW) is kept


def test_what_was_split_off_stays_apart() -> None:
    one = item(1, NOW, tags=VISIT)
    apart, other = replace(story_of("a@佛山"), apart=True), story_of("b@佛山")
    apart.take([one], POLICY.allegations)
    book = Book(LENDER, POLICY, [apart, other])
    book._join(other, [one, item(2, NOW)])
    assert list(other.members) == [2]


def story_of(key: str) -> Story:
    return Story(
        Incident(LENDER, key, "", Level.YELLOW, IncidentState.OPEN, NOW, NOW, id=1, revision=1)
    )
