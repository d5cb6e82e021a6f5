"""The grammar and the marks: templates expand, spans hold, every piece can be filled."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest

from data.facts import allegations, lenders
from data.facts.allegations import groups
from data.model import Evidence
from data.privacy import mask
from data.scenarios.cast import Cast
from data.scenarios.complaints import MIX
from data.scenarios.grammar import Choice, Pen, Slot, Template, parse, rules, slots, table
from data.scenarios.habits import spell, tidy
from data.scenarios.marks import concrete, plain, sentences, settle
from data.scenarios.people import identity, luhn, person

_FILLED_BY_PLANNERS = {
    "acts", "acts2", "spot", "f1", "f2", "f3", "o1", "o2", "o3", "matter", "rumour", "body",
    "size", "fined", "rated",
}  # fmt: skip


@pytest.mark.parametrize(
    ("template", "given", "expected"),
    [
        ("{who}欠{sum}", {"who": "我", "sum": "三千"}, {"我欠三千"}),
        ("[甲|乙]方", {}, {"甲方", "乙方"}),
        ("[甲[子|丑]|{x}]", {"x": "乙"}, {"甲子", "甲丑", "乙"}),
        ("去{x?}了", {"x": "过"}, {"去了", "去过了"}),
        ("", {}, {""}),
    ],
)
def test_a_template_expands_to_all_its_readings(
    template: str, given: dict[str, str], expected: set[str]
) -> None:
    pen = Pen(Random(1))
    assert {pen.write_from(template, given) for _ in range(60)} == expected


@pytest.mark.parametrize("template", ["[甲|乙", "甲]", "甲|乙", "[[甲]"])
def test_a_bracket_without_its_partner_is_refused(template: str) -> None:
    with pytest.raises(ValueError, match=re.escape(template)):
        parse(template)


def test_every_wording_gets_its_turn_before_one_comes_again() -> None:
    pen = Pen(Random(1))
    count = len(rules()["excessive_calls"])
    given = _person()
    drawn = [pen._draw("excessive_calls") for _ in range(count)]
    assert len(set(map(repr, drawn))) == count
    assert pen.write("excessive_calls", given)


@pytest.mark.parametrize(
    ("marked", "text", "quotes"),
    [
        ("他<insult_abuse:骂人>了", "他骂人了", [("insult_abuse", 1, 3)]),
        ("<a_b:一<c_d:二>三>", "一二三", [("a_b", 0, 3), ("c_d", 1, 2)]),
        ("没有记号", "没有记号", []),
    ],
)
def test_marks_become_spans(marked: str, text: str, quotes: list[tuple[str, int, int]]) -> None:
    settled, evidence = settle(marked, "text")
    assert settled == text == plain(marked)
    assert [(e.allegation, e.start, e.end) for e in evidence] == quotes
    assert all(settled[e.start : e.end] == e.quote for e in evidence)


@pytest.mark.parametrize("marked", ["<insult_abuse:骂", "骂>"])
def test_a_mark_that_was_cut_is_refused(marked: str) -> None:
    with pytest.raises(ValueError, match="mark"):
        settle(marked, "text")


def test_sentences_keep_marks_whole() -> None:
    assert sentences("一<a_b:二>。三！<a_b:四") == ["一<a_b:二>。", "三！"]
    assert sentences("<a_b:“没钱？借啊”>。好") == ["<a_b:“没钱？借啊”>。", "好"]


@pytest.mark.parametrize(
    ("told", "left"),
    [
        (["unspecified_harassment"], ["unspecified_harassment"]),
        (["unspecified_harassment", "excessive_calls"], ["excessive_calls"]),
        (["unspecified_harassment", "high_interest"], ["unspecified_harassment", "high_interest"]),
        (["threat_unspecified", "insult_abuse"], ["threat_unspecified", "insult_abuse"]),
        (["threat_unspecified", "threat_of_arrest"], ["threat_of_arrest"]),
    ],
)
def test_a_slogan_gives_way_to_the_act(told: list[str], left: list[str]) -> None:
    evidence = tuple(Evidence(name, "text", 0, 1, "x") for name in told)
    assert [e.allegation for e in concrete(evidence)] == left


def test_every_slot_can_be_filled() -> None:
    known = rules().keys() | _person().keys() | _FILLED_BY_PLANNERS
    missing = {
        (rule, slot)
        for rule, templates in rules().items()
        for template in templates
        for slot in slots(template)
        if slot not in known
    }
    assert not missing


def test_the_acts_are_the_taxonomy_and_have_six_wordings_each() -> None:
    ids = {allegation.id for allegation in allegations()}
    acts = table("acts")
    assert acts.keys() <= ids
    assert len(acts) >= 45
    assert all(len(set(wordings)) >= 6 for wordings in acts.values())


def test_the_acts_are_not_the_words_that_the_tagger_looks_for() -> None:
    """A text that pasted the taxonomy's cues would measure nothing."""
    cues = {a.id: [cue for cue in a.spec.get("cues", ()) if len(cue) >= 5] for a in allegations()}
    wordings = [(name, text) for name, texts in table("acts").items() for text in texts]
    pasted = [text for name, text in wordings if any(cue in plain(text) for cue in cues[name])]
    assert len(pasted) <= 0.1 * len(wordings)


def test_what_is_not_about_collection_is_what_the_facts_say() -> None:
    kinds = {a.id: groups()[a.group].kind for a in allegations()}
    expected = {name for name, kind in kinds.items() if kind != "collection_conduct"}
    assert set(MIX["not_collection"]) == expected


def test_grave_acts_about_our_lender_are_planted_and_never_ordinary() -> None:
    severity = {a.id: a.severity for a in allegations()}
    ordinary = {act for topic in MIX["topics"].values() for act in topic["acts"]}
    assert {act for act in ordinary if severity[act] == 5} == set()
    assert {act for act in MIX["grave"] if severity[act] < 5} == set()


def _literals(template: Template) -> Iterator[str]:
    for part in template:
        if isinstance(part, str):
            yield part
        elif isinstance(part, Choice):
            for inner in part.templates:
                yield "\n"
                yield from _literals(inner)
            yield "\n"
        else:
            assert isinstance(part, Slot)
            yield "\n"


_COMPANY = re.compile(
    r"([\u4e00-\u9fff]{0,2})(?:消费金融|消金|银行|小贷|信用管理|科技|金服|数科|易贷)"
)
_NO_NAME = {"", "个人", "全部", "去", "和", "在", "我去", "持牌", "现在", "者以", "解绑"}
"""What may stand before such a word without making a name of it."""


def test_no_template_names_a_company() -> None:
    """Names come through slots, from lenders.yaml and companies.yaml alone."""
    found: set[Any] = set()
    for templates in rules().values():
        for template in templates:
            text = "".join(_literals(template))
            found |= {match[1] for match in _COMPANY.finditer(text)}
    assert found <= _NO_NAME


def test_people_spell_in_their_own_ways_and_never_touch_the_name() -> None:
    marked = "他们天天给<family_harassment:我妈打电话>，澄湖消金的催收暴力，没有人管。"
    spelt = [spell(Random(seed), marked, "佛山", "澄湖消金") for seed in range(400)]
    assert all("澄湖消金" in text for text in spelt)
    assert any("佢哋" in text for text in spelt)
    assert any("催收" not in text for text in spelt)
    for text in spelt:
        settled, (evidence,) = settle(text, "text")
        assert settled[evidence.start : evidence.end] == evidence.quote


@pytest.mark.parametrize(
    ("untidy", "mended"),
    [("，你好。。", "你好。"), ("好，。", "好。"), ("好！。", "好！"), ("好  吗，", "好 吗")],
)
def test_joints_are_mended(untidy: str, mended: str) -> None:
    assert tidy(untidy) == mended


def test_personal_numbers_are_well_formed_masked_and_nobodys() -> None:
    for seed in range(50):
        given = _person(seed)
        assert re.fullmatch(r"1[3-9]\d0000000\d", given["phone"])
        assert re.fullmatch(r"440000(19\d{6})000[\dX]", given["id_number"])
        assert re.fullmatch(r"62\d{4}0{12}\d", given["card"])
        said = f"手机{given['phone']}，身份证{given['id_number']}，卡号{given['card']}"
        assert not _long_numbers(mask(said))


def test_check_digits() -> None:
    assert identity("11010519491231002") == "11010519491231002X"  # the standard's own example
    assert luhn("7992739871") == "79927398713"


def _long_numbers(text: str) -> Sequence[str]:
    return re.findall(r"\d{9,}", text)


def _person(seed: int = 1) -> dict[str, str]:
    cast = Cast.of(lenders())
    return person(Random(seed), cast, cast.own, datetime(2026, 11, 25, tzinfo=UTC))
