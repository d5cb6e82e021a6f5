"""Words are found exactly where they stand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from dashboard.pointing import PLACES, Place, places, sentences
from data.model import Mention, SourceKind
from tests.conftest import NOW

SIGNS = some.text(alphabet="上门催收 \n。！abＡＢ说說\u202e😀", min_size=1, max_size=60)


def mention(text: str, title: str = "") -> Mention:
    return Mention("heimao_public", "1", SourceKind.COMPLAINT, "", text, NOW, title=title)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("催收", [("text", 2, 4), ("text", 7, 9), ("title", 0, 2)]),
        (" 上门催收 ", [("text", 0, 4)]),
        ("QQ", [("text", 11, 13)]),  # of the other width
        ("上門催收", [("text", 0, 4)]),  # traditional
        ("没说过", []),
        ("  ", []),
    ],
)
def test_where_words_stand(words: str, found: list[tuple[str, int, int]]) -> None:
    m = mention("上门催收，又是催收！加ＱＱ群", "催收")
    assert [(one.field, one.start, one.end) for one in places(m, words)] == found


def test_what_stands_there_is_shown_with_its_neighbours() -> None:
    m = mention("很久很久以前的一个晚上他们\n上门催收，后来又来了好几次才走")
    [place] = places(m, "上门催收")
    assert place.shown(m) == "…的一个晚上他们 上门催收，后来又来了好几…"
    assert place.within(Place("text", 0, len(m.text)))
    assert not place.within(Place("title", 0, len(m.text)))


def test_many_places_are_cut() -> None:
    assert len(places(mention("啊" * 500), "啊")) == PLACES


@given(SIGNS)
def test_each_sentence_is_found_at_its_own_place(text: str) -> None:
    if not text.strip():
        return
    m = mention(text, text)
    for one in sentences(m):
        words = one.words(m)
        assert words == words.strip() != ""
        assert len(places(m, words)) == PLACES or one in places(m, words)


@given(SIGNS, SIGNS)
def test_what_is_found_has_as_many_signs_as_what_was_sought(text: str, words: str) -> None:
    if not text.strip():
        return
    m = mention(text)
    for one in places(m, words):
        assert len(one.words(m)) == len(words.strip())
