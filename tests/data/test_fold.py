"""Folding changes how a character is written, never how many there are."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.fold import fold, fold_all


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("爆通訊錄，電話轟炸", "爆通讯录，电话轰炸"),
        ("ＡＰＰ　１３８", "app 138"),
        ("隨著時間，看著手機", "随着时间，看着手机"),
        ("著名學者的著作效果顯著", "著名学者的著作效果显著"),
        ("這裡那裏", "这里那里"),
        ("客服态度：很好！", "客服态度：很好！"),
        ("", ""),
    ],
)
def test_folds(written: str, folded: str) -> None:
    assert fold(written) == folded


han = st.text(st.characters(min_codepoint=0x3000, max_codepoint=0xFFFF, exclude_categories=["Cs"]))


@given(st.one_of(st.text(), han, st.text("著着顯隨名作者 ")))
def test_length_stays_and_twice_is_once(text: str) -> None:
    once = fold(text)
    assert len(once) == len(text)
    assert fold(once) == once


@settings(deadline=None)
@given(st.lists(st.one_of(st.text(), han, st.text("著着显隨名作者 \n")), max_size=5))
def test_many_are_folded_as_each_alone(texts: list[str]) -> None:
    assert fold_all(texts) == [fold(text) for text in texts]
