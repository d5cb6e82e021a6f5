"""Views change what is matched, never where it stands in the raw text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.facts.lexicons import lexicons
from nlp.spellings import Spellings
from nlp.text import View, folded, sentences

SPELLINGS = Spellings(lexicons())


def test_folded_drops_invisible_characters_and_keeps_the_way_back() -> None:
    raw = "爆\u200b通訊\u200d錄，ＯＫ"
    view = folded(raw)
    assert view.text == "爆通讯录，ok"
    start = view.text.index("通讯录")
    assert raw[slice(*view.span(start, start + 3))] == "通訊\u200d錄"


def test_edits_compose() -> None:
    view = View("abcdef").rewritten([(1, 3, "XYZ")]).without([(0, 1)])
    assert view.text == "XYZdef"
    assert view.span(0, 1) == (1, 3)
    assert view.span(3, 4) == (3, 4)


@pytest.mark.parametrize(
    ("raw", "word", "stretch"),
    [
        ("他们崔收太狠", "催收", "崔收"),
        ("天天催*收我", "催收", "催*收"),
        ("暴·力·催·收", "暴力催收", "暴·力·催·收"),
        ("bl催收", "暴力催收", "bl催收"),
        ("爆了txl，欠款", "通讯录", "txl"),
        ("爆通訊錄", "爆通讯录", "爆通訊錄"),
    ],
)
def test_evasive_spellings_are_read(raw: str, word: str, stretch: str) -> None:
    view = SPELLINGS.read(folded(raw))
    start = view.text.index(word)
    assert raw[slice(*view.span(start, start + len(word)))] == stretch


@pytest.mark.parametrize("text", ["cs游戏好玩", "dk球鞋", "我催。收到了", "这条wx视频", "a.b c"])
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert SPELLINGS.read(folded(text)).text == text


@given(st.text(st.sampled_from("催收崔*· 。通讯录txlbl\u200b爆欠ａ著"), max_size=40))
def test_every_span_is_inside_the_raw_text(raw: str) -> None:
    view = SPELLINGS.read(folded(raw))
    for place in range(len(view.text)):
        start, end = view.span(place, place + 1)
        assert 0 <= start < end <= len(raw)


def test_sentences_cover_everything_but_stops() -> None:
    text = "他骂我。真的！\n还打家人？是"
    assert [text[a:b] for a, b in sentences(text)] == ["他骂我", "真的", "还打家人", "是"]
