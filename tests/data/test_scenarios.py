"""Planned weeks: the same every time, honest about their gold, with every event in its place."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import combinations, pairwise
from pathlib import Path
from random import Random

import pytest

from data.errors import FactError
from data.facts import allegations, lenders
from data.model import SHANGHAI, Lender, Role, SourceKind
from data.scenarios import traps
from data.scenarios.builtin import demo
from data.scenarios.cast import Cast
from data.scenarios.chance import stream
from data.scenarios.clock import cascade, surge
from data.scenarios.format import Planned, Scenario, read, write
from data.scenarios.generate import generate

NOW = datetime(2026, 11, 25, 6, 0, tzinfo=UTC)
START = datetime(2026, 3, 1, 16, 0, tzinfo=UTC)
CRISIS = datetime(2026, 3, 25, 2, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def shown() -> Scenario:
    return demo(NOW)


@pytest.fixture(scope="module")
def half_year() -> Scenario:
    """Long enough for every kind of event; thin, to be quick."""
    return generate(7, START, 180, lenders=lenders(), crisis_at=CRISIS, per_day=12)


def _ordinary(scenario: Scenario, source: str = "") -> list[Planned]:
    ordinary = [p for p in scenario.planned if not p.event]
    return [p for p in ordinary if not source or p.mention.source == source]


def test_the_same_seed_makes_the_same_week() -> None:
    week = generate(3, START, 7, lenders=lenders(), per_day=60)
    assert generate(3, START, 7, lenders=lenders(), per_day=60) == week
    other = generate(4, START, 7, lenders=lenders(), per_day=60)
    assert {p.mention.text for p in other.planned}.isdisjoint(
        {p.mention.text for p in week.planned if len(p.mention.text) > 60}
    )


def test_the_demo_is_the_same_for_the_same_moment(shown: Scenario) -> None:
    assert demo(NOW) == shown


def test_a_scenario_survives_its_files(tmp_path: Path, shown: Scenario) -> None:
    write(shown, tmp_path / "demo.jsonl", tmp_path / "truth.json")
    assert read(tmp_path / "demo.jsonl", tmp_path / "truth.json") == shown


def test_every_piece_of_evidence_stands_where_it_says(shown: Scenario, half_year: Scenario) -> None:
    known = {a.id for a in allegations()}
    for scenario in (shown, half_year):
        for planned in scenario.planned:
            for evidence in planned.gold.allegations:
                assert evidence.holds_in(planned.mention)
                assert evidence.allegation in known
                assert len(evidence.quote) >= 2


def test_nothing_of_the_grammar_is_left_in_a_text(shown: Scenario) -> None:
    for planned in shown.planned:
        mention = planned.mention
        assert not re.search(r"[\[\]{}|<>]|//|  ", mention.title + "\n" + mention.text)
        assert mention.title == mention.title.strip()
        assert mention.text == mention.text.strip()
        assert mention.title
        assert mention.author or mention.kind in {SourceKind.NEWS, SourceKind.REGULATOR}


def test_traps_of_content_carry_no_allegation(shown: Scenario, half_year: Scenario) -> None:
    harmless = {
        "anti_collection_ad", "policy_news", "lender_pr", "job_ad", "fiction", "advice", "denial",
        "question", "praise", "joke", "namesake", "unrelated", "marketing", "rumour", "notice",
    }  # fmt: skip
    found = Counter(p.gold.content for s in (shown, half_year) for p in s.planned)
    assert harmless <= found.keys()
    for scenario in (shown, half_year):
        tagged = {p.gold.content for p in scenario.planned if p.gold.allegations}
        assert tagged.isdisjoint(harmless)


def test_namesakes_are_about_nobody(shown: Scenario) -> None:
    lake = [p for p in shown.planned if p.gold.content == "namesake"]
    assert len(lake) > 100
    assert all("澄湖" in p.mention.title + p.mention.text for p in lake if not p.gold.about)
    assert all(p.gold.about == () for p in lake)


def test_who_is_named_is_who_it_is_about(shown: Scenario) -> None:
    rival = {"qichuan": ("栖川", "栖*"), "muhe": ("暮禾", "暮*")}
    complaints = [p for p in shown.planned if p.mention.source == "heimao_public"]
    for planned in complaints:
        slug = planned.gold.about[0]
        words = planned.mention.title + planned.mention.text + planned.mention.extra["company"]
        assert any(name in words for name in rival.get(slug, ("澄", "湖光贷")))
    collector = [p for p in shown.planned if "lixing" in p.gold.about]
    assert collector
    assert all("砺行信用" in p.mention.title + p.mention.text for p in collector)


def test_the_mix_of_complaints_is_the_published_one(shown: Scenario) -> None:
    own = [p for p in _ordinary(shown, "heimao_public") if p.gold.about[0] == "chenghu"]
    conduct = {a.id for a in allegations() if a.group not in _NOT_COLLECTION}
    says_collection = [p for p in own if {e.allegation for e in p.gold.allegations} & conduct]
    assert 0.44 < len(says_collection) / len(own) < 0.66
    silent = [p for p in own if not p.gold.allegations]
    assert 0.04 < len(silent) / len(own) < 0.12
    ticked = [p for p in own if re.search(r"\n[【投诉]*(诉求|投诉)", p.mention.text)]
    assert 0.08 < len(ticked) / len(own) < 0.2


_NOT_COLLECTION = {
    "pricing_fees", "refund_deduction", "marketing_inducement", "credit_reporting",
    "service_negotiation", "identity_fraud", "severe_outcome",
}  # fmt: skip


def test_texts_are_not_alike(shown: Scenario) -> None:
    ordinary = _ordinary(shown)
    texts = Counter(p.mention.text for p in ordinary if p.mention.source != "nfra_penalty")
    assert max(texts.values()) == 1
    own = [p.mention.text for p in _ordinary(shown, "heimao_public")]
    sample = [_bigrams(text) for text in Random(1).sample(own, 300)]
    assert max(_likeness(a, b) for a, b in combinations(sample, 2)) < 0.6
    posts = [p.mention.text for p in _ordinary(shown, "eastmoney_guba")]
    sample = [_bigrams(text) for text in Random(1).sample(posts, 300)]
    alike = sum(_likeness(a, b) > 0.6 for a, b in combinations(sample, 2))
    assert alike / (300 * 299 / 2) < 0.002


def _bigrams(text: str) -> set[str]:
    return {a + b for a, b in pairwise(text)}


def _likeness(a: set[str], b: set[str]) -> float:
    return len(a & b) / len(a | b)


def test_days_and_weeks_have_their_shape(shown: Scenario) -> None:
    hours: dict[str, Counter[bool]] = defaultdict(Counter)
    days: dict[str, Counter[bool]] = defaultdict(Counter)
    for planned in _ordinary(shown):
        assert planned.mention.published_at is not None
        local = planned.mention.published_at.astimezone(SHANGHAI)
        hours[planned.mention.source][local.hour < 7] += 1
        days[planned.mention.source][local.isoweekday() > 5] += 1
    for source in ("heimao_public", "eastmoney_guba", "eastmoney_news"):
        assert hours[source][True] < 0.13 * hours[source].total()  # seven of 24 hours
        assert days[source][True] < 0.27 * days[source].total()  # two of seven days: 0.29
    assert days["nfra_penalty"][True] == 0
    per_day = len(_ordinary(shown)) / 42
    assert 120 < per_day < 160


def test_mentions_are_what_the_sources_would_show(shown: Scenario) -> None:
    seen = set()
    for planned in shown.planned:
        mention = planned.mention
        seen.add((mention.source, mention.native_id))
        assert mention.published_at is not None
        assert mention.published_at <= planned.visible_at <= shown.ends_at
        assert mention.published_at.microsecond == 0
        _CHECKS[mention.source](planned)
    assert len(seen) == len(shown.planned)
    assert {p.mention.source for p in shown.planned} == _CHECKS.keys()
    assert [p.visible_at for p in shown.planned] == sorted(p.visible_at for p in shown.planned)


def _check_heimao(planned: Planned) -> None:
    mention, extra = planned.mention, planned.mention.extra
    assert re.fullmatch(r"173\d{8}", mention.native_id)
    assert mention.url == f"https://tousu.sina.com.cn/complaint/view/{mention.native_id}/"
    assert mention.status in {"处理中", "已回复", "已完成"}
    assert set(extra) == {"couid", "company", "issue", "appeal", "cost", "steps"}
    steps = extra["steps"]
    assert [step["what"] for step in steps[:2]] == ["发起投诉", "审核通过"]
    assert steps[0]["at"].endswith("+08:00")
    assert datetime.fromisoformat(steps[0]["at"]) == mention.published_at
    times = [datetime.fromisoformat(step["at"]) for step in steps]
    assert times == sorted(times)
    assert {step["by"] for step in steps} <= {"消费者", "黑猫投诉", extra["company"]}
    answered = [at for at, step in zip(times, steps, strict=True) if step["by"] == extra["company"]]
    assert all(9 <= at.astimezone(SHANGHAI).hour < 18 for at in answered)


def _check_guba(planned: Planned) -> None:
    mention = planned.mention
    pattern = rf"https://guba\.eastmoney\.com/news,99000\d,{mention.native_id}\.html"
    assert re.fullmatch(pattern, mention.url)


def _check_news(planned: Planned) -> None:
    mention = planned.mention
    assert re.fullmatch(r"20\d{16}", mention.native_id)
    assert mention.url == f"http://finance.eastmoney.com/a/{mention.native_id}.html"
    assert mention.outlet


def _check_notice(planned: Planned) -> None:
    mention, extra = planned.mention, planned.mention.extra
    assert re.fullmatch(rf"{extra['doc_id']}-[0-9a-f]{{8}}", mention.native_id)
    assert mention.text == (
        f"当事人：{extra['party']}。主要违法违规行为：{extra['violation']}。"
        f"行政处罚内容：{extra['penalty']}。作出决定机关：{extra['authority']}。"
    )


_CHECKS = {
    "heimao_public": _check_heimao,
    "eastmoney_guba": _check_guba,
    "eastmoney_news": _check_news,
    "nfra_penalty": _check_notice,
}


def test_some_complaints_give_numbers_to_mask(shown: Scenario) -> None:
    complaints = [p.mention.text for p in _ordinary(shown, "heimao_public")]
    assert sum("0000000" in text for text in complaints) > 50


def test_many_allegations_are_told_in_many_ways(shown: Scenario, half_year: Scenario) -> None:
    quotes = defaultdict(set)
    for scenario in (shown, half_year):
        for planned in scenario.planned:
            for evidence in planned.gold.allegations:
                quotes[evidence.allegation].add(evidence.quote)
    assert sum(len(said) >= 6 for said in quotes.values()) >= 45


_KINDS = {
    "violent_collection": False,
    "severe_item": False,
    "rumour": False,
    "fee_scandal": False,
    "apology": True,
    "marketing": True,
    "old_news": True,
    "bot_flood": True,
    "policy_day": True,
    "ad_wave": True,
    "outage": True,
}


def _members(scenario: Scenario, event: str) -> list[Planned]:
    return [p for p in scenario.planned if p.event == event]


@pytest.mark.parametrize("fixture", ["shown", "half_year"])
def test_every_kind_of_event_is_in_the_truth(fixture: str, request: pytest.FixtureRequest) -> None:
    scenario: Scenario = request.getfixturevalue(fixture)
    assert {event.kind: event.trap for event in scenario.events} == _KINDS
    ids = [event.id for event in scenario.events]
    assert len(ids) == len(set(ids))
    assert {p.event for p in scenario.planned} == {"", *ids}
    for event in scenario.events:
        members = _members(scenario, event.id)
        published = [p.mention.published_at for p in members]
        assert scenario.starts_at <= event.starts_at <= event.ends_at <= scenario.ends_at
        first = next(p for p in members if (p.mention.source, p.mention.native_id) == event.first)
        assert first.mention.published_at == min(t for t in published if t is not None)
        assert event.lender == "chenghu"


def test_the_crisis_asked_for_is_there(half_year: Scenario) -> None:
    crisis = next(event for event in half_year.events if event.id == "crisis")
    assert crisis.starts_at == CRISIS
    assert crisis.kind == "violent_collection"
    assert crisis.level == "orange"


def test_an_exposure_goes_from_a_complaint_to_the_forum_to_the_news(half_year: Scenario) -> None:
    for event in half_year.events:
        if event.kind != "violent_collection":
            continue
        members = _members(half_year, event.id)
        members.sort(key=lambda p: p.mention.published_at or p.visible_at)
        sources = list(dict.fromkeys(p.mention.source for p in members))
        assert sources == ["heimao_public", "eastmoney_guba", "eastmoney_news"]
        texts = Counter(p.mention.text for p in members)
        assert any("转" in text or "原文" in text for text in texts)
        delays = sorted(p.visible_at - event.starts_at for p in members)
        assert timedelta(hours=2) < delays[len(delays) // 2] < timedelta(hours=6)


def test_a_flood_is_one_text_from_few_accounts(half_year: Scenario) -> None:
    flood = next(event for event in half_year.events if event.kind == "bot_flood")
    members = _members(half_year, flood.id)
    assert len(members) >= 40
    assert len({p.mention.author for p in members}) <= 3
    first = _bigrams(members[0].mention.text)
    assert all(_likeness(first, _bigrams(p.mention.text)) > 0.85 for p in members)


def test_an_outage_is_silence_and_then_everything_at_once(shown: Scenario) -> None:
    event = next(event for event in shown.events if event.kind == "outage")
    late = _members(shown, event.id)
    assert len(late) > 15
    for planned in late:
        assert planned.mention.published_at is not None
        assert planned.mention.published_at < event.ends_at < planned.visible_at
        assert planned.visible_at < event.ends_at + timedelta(minutes=15)
    heimao = [p for p in shown.planned if p.mention.source == "heimao_public"]
    assert not [p for p in heimao if event.starts_at <= p.visible_at < event.ends_at]


def test_the_demo_stands_in_the_middle_of_a_crisis(shown: Scenario) -> None:
    crisis = next(event for event in shown.events if event.id == "foshan")
    members = _members(shown, "foshan")
    assert crisis.starts_at == NOW - timedelta(hours=3)
    first = next(p for p in members if (p.mention.source, p.mention.native_id) == crisis.first)
    assert first.mention.source == "heimao_public"
    assert "佛山" in first.mention.text
    assert "砺行信用管理" in first.mention.text
    assert {e.allegation for e in first.gold.allegations} >= {"abusive_visit", "threat_of_violence"}
    before = Counter(p.mention.source for p in members if p.visible_at <= NOW)
    assert before["eastmoney_guba"] >= 20
    assert 1 <= before["eastmoney_news"] <= 5
    reported = min(p.visible_at for p in members if p.mention.source == "eastmoney_news")
    assert NOW - timedelta(minutes=10) < reported <= NOW


def test_the_demo_goes_on_while_one_watches(shown: Scenario) -> None:
    members = _members(shown, "foshan")

    def between(start: float, end: float) -> int:
        since, until = NOW + timedelta(minutes=start), NOW + timedelta(minutes=end)
        return sum(since < p.visible_at <= until for p in members)

    for start in (0, 15, 30):
        assert 20 <= 15 * 60 / between(start, start + 15) <= 40
    assert between(45, 105) > between(105, 225) / 2 > between(345, 405) > 0
    background = [p for p in _ordinary(shown) if p.visible_at > NOW]
    assert len(background) > 20


def test_the_demo_has_its_scandal_in_the_second_week(shown: Scenario) -> None:
    scandal = next(event for event in shown.events if event.kind == "fee_scandal")
    assert timedelta(days=8) < scandal.starts_at - shown.starts_at < timedelta(days=15)
    apology = next(event for event in shown.events if event.kind == "apology")
    assert scandal.starts_at < apology.starts_at < scandal.starts_at + timedelta(days=2)


def test_half_of_a_story_comes_within_four_hours() -> None:
    delays = [at - START for at in cascade(stream(1, "x"), START, 3000)]
    assert timedelta(hours=3) < delays[len(delays) // 2] < timedelta(hours=4)
    early = sum(delay < timedelta(minutes=30) for delay in delays) / len(delays)
    assert 0.07 < early < 0.2


def test_a_surge_is_even_and_then_fades() -> None:
    busy, every, fade = timedelta(hours=2), timedelta(seconds=30), timedelta(hours=6)
    times = surge(stream(1, "x"), START, busy, every, fade)
    assert times == sorted(times)
    assert times[-1] < START + busy + fade
    assert 200 < sum(at < START + busy for at in times) < 280
    assert sum(at >= START + busy + fade * 5 / 6 for at in times) < 25


def test_other_lenders_get_weeks_of_their_own() -> None:
    alone = Lender(
        "x", "霜陂消费金融", "X", Role.CUSTOMER, ("霜陂消费金融有限公司", "霜陂消费金融")
    )
    week = generate(1, START, 20, lenders=(alone,), per_day=20)
    texts = "".join(p.mention.title + p.mention.text for p in week.planned)
    assert "霜陂" in texts
    assert not re.search("澄湖|栖川|暮禾|湖光贷", texts)
    assert {slug for p in week.planned for slug in p.gold.about} == {"x"}


def test_a_cast_needs_a_customer() -> None:
    rivals: Sequence[Lender] = [one for one in lenders() if one.role is Role.RIVAL]
    with pytest.raises(FactError, match="role customer"):
        Cast.of(rivals)


def test_an_outage_spares_other_sources(half_year: Scenario) -> None:
    event = next(event for event in half_year.events if event.kind == "outage")
    assert {p.mention.source for p in _members(half_year, event.id)} == {"heimao_public"}
    assert traps.outage([], "x", "chenghu", (START, CRISIS))[1] == []
