from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest

from alerts import markdown, render
from alerts.cards import Dossier, Facts, _alleged, compose, snippet
from alerts.decide import Told
from alerts.policy import policy_of
from alerts.tell import facts_of
from alerts.words import words
from data.model import Incident, IncidentState, Level, Reason, Signal
from data.settings import Settings
from data.store.incidents import Event
from tests.alerts.conftest import LENDER, item
from tests.conftest import NOW

SETTINGS = Settings()
FACTS = facts_of(SETTINGS, policy_of(SETTINGS))
INCIDENT = Incident(
    lender=LENDER,
    key="visit_and_violence@佛山",
    title="",
    level=Level.ORANGE,
    state=IncidentState.OPEN,
    opened_at=NOW,
    last_at=NOW,
    mentions=12,
    sources=("heimao_public", "eastmoney_guba"),
    id=31,
    revision=2,
)
BURST = Signal(
    rule="burst",
    version=1,
    lender=LENDER,
    series="negative",
    at=NOW,
    window=timedelta(hours=1),
    value=38,
    expected=4.2,
    threshold=13,
    severity=4,
    detail={"low": 2, "high": 6, "history_days": 28, "posts": 41, "authors": 39, "texts": 38,
            "negative_share": 0.97, "sources": {"heimao_public": 41}},
)  # fmt: skip
RULE = "两个人堵在我家门口一个多小时"


def card(
    told: Told | None = None, reason: Reason = Reason.FIRST, facts: Facts = FACTS, **changes: Any
) -> dict[str, Any]:
    members = [
        item(n, NOW - timedelta(hours=3) + n * timedelta(minutes=1), tags=["abusive_visit"],
             text=f"昨天{RULE}，邻居都出来看了，孩子吓得不敢去上学。", **changes)
        for n in range(1, 11)
    ]  # fmt: skip
    members += [
        replace(one, mention_id=one.mention_id + 50, source="eastmoney_guba", at=NOW)
        for one in members[:2]
    ]
    opened = Event(NOW, "burst v1", "opened", {"level": 3, "condition": {"burst_severe": 1}})
    spoken = {one.mention_id: [("abusive_visit", RULE)] for one in members}
    dossier = Dossier(INCIDENT, members, [BURST], [opened], spoken)
    return compose(dossier, reason, told, facts)


def test_a_card_calls_its_levels_as_the_file_in_use_does() -> None:
    own = {level: replace(fact, zh=f"{level.name}级", en=f"stage {level.name}", icon="§")
           for level, fact in FACTS.levels.items()}  # fmt: skip
    told = Told(NOW - timedelta(hours=1), Level.YELLOW, 4, frozenset({"heimao_public"}), 1)
    made = card(told, Reason.WORSE, facts=replace(FACTS, levels=own))
    kept = json.loads(json.dumps(made))  # as it waits in the outbox
    assert "【ORANGE级】" in render.subject(kept, "zh")
    assert "stage YELLOW" in render.text(kept, "en")
    assert "§ " in render.html(kept, "zh")
    merged = markdown.merged_subject([markdown.Page(kept, repeat=False)] * 2, "zh")
    assert "ORANGE级" in merged
    older = {name: value for name, value in kept.items() if name != "levels"}
    assert "【橙色】" in render.subject(older, "zh")


def test_a_card_says_what_why_who_first_and_until_when() -> None:
    said = render.text(card(), "zh")
    for words_of_it in (
        "【橙色】佛山上门滋扰：负面 12 条 #A-20261125-0031 r2",
        "近 1 小时负面 38 条，预期 2–6，达到 13 条即报（规则 burst v1，历史 28 天）",
        "41 帖，39 个作者，38 种说法，负面占 97%",
        f"最早：黑猫投诉 11-25 11:01「昨天{RULE}",
        "共 12 条，负面 12 条，2 个平台：黑猫投诉 10、东方财富股吧 2",
        "传播：黑猫投诉 11-25 11:01 → 东方财富股吧 11-25 14:00",
        "指控：上门滋扰（可能触及《",
        "首看 11-25 14:30 前",
        "首次响应 11-25 18:00 前",
        "http://127.0.0.1:8501/incidents?id=31",
        "https://example.com/1",
        "未经核实",
    ):
        assert words_of_it in said
    assert "犯罪" not in said


def test_the_same_card_in_english() -> None:
    said = render.text(card(), "en")
    assert "[Orange] 佛山 Abusive" in said
    assert "Negative mentions: 38 in the last 1 h, 2–6 expected, reported from 13 on" in said or (
        "38 within 1 h, 2–6 expected" in said
    )
    assert "may touch" in said


def test_what_changed_since_the_last_message() -> None:
    told = Told(NOW - timedelta(hours=1), Level.YELLOW, 5, frozenset({"heimao_public"}), 1)
    said = render.text(card(told, Reason.WORSE), "zh")
    assert "较上次（11-25 13:00）：新增 7 条、新到 东方财富股吧、由黄色升为橙色" in said
    assert "等级上升" in said
    assert "较上次" not in render.text(card(), "zh")


def test_a_card_survives_the_store() -> None:
    assert json.loads(json.dumps(card(), ensure_ascii=False)) == card()


def test_quotes_come_from_different_sources_first() -> None:
    quoted = card()["quotes"]
    assert len(quoted) == 3
    assert [one["source"]["slug"] for one in quoted[:2]] == ["heimao_public", "eastmoney_guba"]


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name == "href"]


def test_hostile_words_stay_words_in_html() -> None:
    hostile = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
    made = card(outlet=hostile, url="javascript:alert(1)")
    made["quotes"][0]["words"] = hostile
    made["title"] = {"zh": hostile, "en": hostile}
    parser = _Tags()
    parser.feed(render.html(made, "zh"))
    assert not {"script", "img"} & set(parser.tags)
    assert all(link.startswith("http") for link in parser.links)
    assert "&lt;script&gt;" in render.html(made, "zh")


def test_a_mail_stays_below_the_size_that_readers_clip() -> None:
    assert len(render.html(card(), "zh").encode()) < 60_000


def test_a_repeat_and_a_stand_in_say_so() -> None:
    made = card()
    assert render.subject(made, "zh", repeat=True).startswith("（重发）【橙色】")
    assert "hook" in render.subject({**made, "instead_of": ["hook"]}, "zh")


@pytest.mark.parametrize(
    ("rule", "detail", "words_of_it"),
    [
        ("severity", {}, "严重度 5"),
        ("regulator", {"outlet": "某监管局"}, "某监管局"),
        ("swell", {**BURST.detail}, "近 6 小时"),
    ],
)
def test_each_rule_has_its_sentence(rule: str, detail: dict[str, Any], words_of_it: str) -> None:
    why = {"rule": rule, "version": 1, "series": "negative", "value": 14, "expected": 0.2,
           "threshold": 1, "severity": 5, "window_minutes": 360, "detail": detail}  # fmt: skip
    for language in ("zh", "en"):
        assert render.reasons(why, language)
    assert words_of_it in render.reasons(why, "zh")[0]


def test_a_snippet_shows_the_words_with_their_surroundings() -> None:
    long = item(1, NOW, text="甲" * 60 + RULE + "乙" * 60)
    assert snippet(long, RULE) == "…" + "甲" * 24 + RULE + "乙" * 24 + "…"
    assert snippet(item(1, NOW, text="短文"), "") == "短文"


def test_both_languages_have_the_same_words() -> None:
    assert words("zh").keys() == words("en").keys()


def test_a_story_in_one_place_has_no_way() -> None:
    one = card()
    one["counts"]["sources"] = one["counts"]["sources"][:1]
    assert "传播" not in render.text(one, "zh")


def test_a_bots_card_is_short_and_calls_nobody_by_a_quote() -> None:
    hostile = card()
    hostile["quotes"][0]["words"] = "<@all> [点我](http://evil.example)\n# 大标题"
    said = markdown.short(markdown.Page(hostile, repeat=True), "zh")
    assert said.splitlines()[0].startswith("**▲ （重发）【橙色】佛山上门滋扰")
    assert "<@all>" not in said
    assert "](http://evil" not in said
    assert "\n# " not in said
    assert "[查看与处理](http://127.0.0.1:8501/incidents?id=31)" in said
    assert len(said.encode()) < 3_900


def test_a_card_names_each_clause_in_the_reader_s_language() -> None:
    for one in FACTS.allegations.values():
        clause = _alleged(one, FACTS)["clause"]
        assert clause is None or not re.search("[\u4e00-\u9fff]", clause["en"]), one.id
