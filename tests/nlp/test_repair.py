"""Damaged pages are read as they were; every found span is a span of the raw text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.facts import allegations
from data.facts.lexicons import lexicons
from data.model import SourceKind
from nlp.allegations import AllegationFinder
from nlp.pinyin import alike, plain, readings, sounds
from nlp.repair import garbling, repaired
from nlp.text import folded

FINDER = AllegationFinder(allegations(), lexicons())


@pytest.mark.parametrize(
    ("raw", "text", "rebuilt", "stretch"),
    [
        ("小編導(dǎo)語(yǔ)", "小編導語", "導語", "導(dǎo)語"),
        ("提供適當(dāng)?shù)慕鉀Q方案", "提供適當的解決方案", "的解決", "?shù)慕鉀Q"),
        ("專業(yè)化的催收?qǐng)F(tuán)隊(duì)", "專業化的催收團隊", "團", "?qǐng)F"),
        ("催收策略??萍际侄芜€可以提高", "催收策略。科技手段還可以提高", "科技", "??萍际侄芜€"),
    ],
)
def test_damage_is_undone(raw: str, text: str, rebuilt: str, stretch: str) -> None:
    view = repaired(raw)
    assert view.text == text
    start = view.text.index(rebuilt)
    assert raw[slice(*view.span(start, start + len(rebuilt)))] == stretch


@pytest.mark.parametrize(
    "raw",
    [
        "产业链（CECT）和所(SIX)的关系",
        "真的假的??我用iPhone查了",
        "什么?then)再说",
        "她(ta)说没有",
        "客服说还(再)等等??怎么办",
    ],
)
def test_clean_text_stays(raw: str) -> None:
    assert repaired(raw).text == raw
    assert garbling(raw) == 0


def test_what_is_lost_is_not_guessed() -> None:
    assert repaired("催收問也日益突顯，包括 催收").text == "催收問也日益突顯，包括 催收"


def test_garbling_tells_a_spun_page_from_one_with_a_single_gloss() -> None:
    assert garbling("隨著消費(fèi)金融的發(fā)展,催收團(tuán)隊(duì)的專業(yè)化") > 0.2
    assert (
        garbling("饕餮(tiè)是古书里的兽，网上有许多人不会读这个字，所以我们在这里注一下读音") < 0.05
    )


@given(st.text(alphabet="催收导導語的(shùqǐng)??Q€F萍际a", max_size=40))
def test_every_view_maps_back(raw: str) -> None:
    view = folded(repaired(raw))
    for at in range(len(view.text)):
        start, end = view.span(at, at + 1)
        assert 0 <= start < end <= len(raw)


@pytest.mark.parametrize(
    ("raw", "allegation", "quote"),
    [
        ("爆*通*讯*录，亲戚都知道了", "contact_list_blast", "爆*通*讯*录"),
        ("天天暴li催收", "unspecified_harassment", "暴li催收"),
        ("baolicuishou，没人管", "unspecified_harassment", "baolicuishou"),
        ("天天暴力摧收", "unspecified_harassment", "暴力摧收"),
        ("爆通讯陆之后朋友都躲着我", "contact_list_blast", "爆通讯陆"),
        ("把我爆txl了", "contact_list_blast", "爆txl"),
        ("逾期就爆通訊錄了", "contact_list_blast", "爆通訊錄"),
        ("催收爆\u200b通\u200b讯录，亻崔收还骂我", "contact_list_blast", "爆\u200b通\u200b讯录"),
        (
            "爆(bào)通訊(xùn)錄(lù)，我的親友都接到電(diàn)話",
            "contact_list_blast",
            "爆(bào)通訊(xùn)錄",
        ),
    ],
)
def test_evasion_hides_nothing(raw: str, allegation: str, quote: str) -> None:
    claims = FINDER.read(raw, SourceKind.COMPLAINT).claims
    found = [raw[c.start : c.end] for c in claims if c.allegation == allegation]
    assert found, claims
    assert any(quote in words or words in quote for words in found), found


def test_words_that_only_sound_alike_stay() -> None:
    for clean in ("预期收益未必达到", "网络带宽不够", "www.wangdai.com", "服务非常好"):
        assert not FINDER.read(clean, SourceKind.COMPLAINT).claims


def test_readings() -> None:
    assert "導" in readings()["dǎo"]
    assert plain("lǜ") == "lv"
    assert "摧" in alike("催")
    assert sounds("催收app") is None
    found = sounds("暴li")
    assert found is not None
    assert list(found[1]) == [0, 1, 3]
