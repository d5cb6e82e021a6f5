"""Facts with the span of their words; a company's town is not where it happened."""

from __future__ import annotations

from typing import Any

import pytest

from data.facts import allegations
from data.facts.lexicons import lexicons
from data.model import SourceKind
from nlp.allegations import AllegationFinder
from nlp.facts import FactFinder, as_json
from nlp.numbers import value

FINDER = FactFinder(lexicons())
HOME = {"province": "广东", "city": "深圳", "district": "宝安区"}


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("8,600", 8600),
        ("1.2万", 12000),
        ("3w", 30000),
        ("5k", 5000),
        ("三万二", 32000),
        ("一千二", 1200),
        ("两百", 200),
        ("十五", 15),
        ("二十", 20),
        ("一百零五", 105),
        ("四万八千", 48000),
        ("十", 10),
        ("2300", 2300),
        ("abc", None),
    ],
)
def test_numbers(written: str, number: float | None) -> None:
    assert value(written) == number


@pytest.mark.parametrize(
    ("text", "slot", "expected"),
    [
        ("我在广东省深圳市宝安区上班", "region", [(HOME, "广东省深圳市宝安区")]),
        (
            "杭州某消费金融公司的人打来，我家在绵阳",
            "region",
            [({"province": "四川", "city": "绵阳"}, "绵阳")],
        ),
        ("号码归属地上海，第二天又显示成都", "region", []),
        (
            "去年借了1.2万元，现在要我还三万二千块",
            "amounts",
            [
                ({"yuan": 12000.0, "role": "principal"}, "1.2万元"),
                ({"yuan": 32000.0, "role": "other"}, "三万二千块"),
            ],
        ),
        ("每月扣299元会员费", "amounts", [({"yuan": 299.0, "role": "fee"}, "299元")]),
        ("还差5000人民币没还", "amounts", [({"yuan": 5000.0, "role": "other"}, "5000人民币")]),
        ("逾期了十五天就爆我通讯录", "days_overdue", [(15, "逾期了十五天")]),
        ("逾期两个月", "days_overdue", [(60, "逾期两个月")]),
        (
            "一天给我打了三十几个电话",
            "calls",
            [({"n": 30, "per": "day", "kind": "attempted"}, "一天给我打了三十几个")],
        ),
        (
            "昨天未接来电一共42通",
            "calls",
            [({"n": 42, "per": "day", "kind": "unanswered"}, "昨天未接来电一共42通")],
        ),
        ("夜里十一点四十还打来催收", "times", [({"at": "23:40", "night": True}, "夜里十一点四十")]),
        ("早上六点半就发短信催", "times", [({"at": "06:30", "night": True}, "早上六点半")]),
        ("晚上8点打来电话", "times", [({"at": "20:00", "night": False}, "晚上8点")]),
        ("23:17收到催款短信", "times", [({"at": "23:17", "night": True}, "23:17")]),
        (
            "砺行信用管理的人天天催，工号80213",
            "collector",
            [("砺行信用管理", "砺行信用管理"), ("工号80213", "工号80213")],
        ),
        ("一家信用管理公司打来", "collector", []),
        ("必须处理这个砺行信用管理", "collector", [("砺行信用管理", "砺行信用管理")]),
        ("已投诉砺行信用管理，等回复", "collector", [("砺行信用管理", "砺行信用管理")]),
        ("来了五个男的，闯进我家", "visitors", [(5, "五个男的")]),
        ("我们组三个人都在上班", "visitors", []),
    ],
)
def test_facts(text: str, slot: str, expected: list[tuple[Any, str]]) -> None:
    found = FINDER.find(text).get(slot, ())
    assert [(fact.value, text[fact.start : fact.end]) for fact in found] == expected


def test_relations_stand_in_the_allegations() -> None:
    text = "我妈做饭呢。催收天天打给我岳母，还打到我单位前台"
    claims = AllegationFinder(allegations(), lexicons()).read(text, SourceKind.COMPLAINT).claims
    told = FINDER.find(text, claims)["third_parties"]
    assert {fact.value["relation"] for fact in told} == {"岳母", "单位"}
    assert all(text[fact.start : fact.end] == fact.value["relation"] for fact in told)


def test_spans_are_of_the_raw_text_and_damage_is_a_fact() -> None:
    text = "隨著消費(fèi)金融的發(fā)展,我在廣東(dōng)深圳(zhèn)逾期(qī)十天被催收"
    facts = FINDER.find(text)
    [late] = facts["days_overdue"]
    assert text[late.start : late.end] == "逾期(qī)十天"
    assert facts["garbled"][0].value > 0.1
    assert as_json(facts, "text")["days_overdue"][0]["field"] == "text"
