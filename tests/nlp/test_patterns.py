"""The pattern language: what it means, and that its words find every match."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.matcher import Checks, Found, Matcher
from nlp.patterns import Pattern, Vocabulary
from nlp.trie import trie

VOCABULARY = Vocabulary({"who": ("妈妈", "老板"), "do": ("打电话", "骂")}, {"n": "[0-9]+次"})


def found(source: str, text: str) -> list[str]:
    matcher = Matcher([Pattern("x", source, VOCABULARY)])
    return [text[f.start : f.end] for f in matcher.find(text, [(0, len(text))])]


@pytest.mark.parametrize(
    ("source", "text", "quotes"),
    [
        ("{do}给~{who}", "他打电话给我的老板了", ["打电话给我的老板"]),
        ("骂~{who}", "骂我，老板", []),  # ~ does not cross a comma
        ("骂…{who}", "骂我，老板", ["骂我，老板"]),
        ("(爆|曝)了?(通讯录|联系人)", "爆通讯录，曝了联系人", ["爆通讯录", "曝了联系人"]),
        ("骂了{n}", "骂了12次", ["骂了12次"]),
        ("(?<!没)骂(我|他)", "没骂我，骂他", ["骂他"]),
        ("骂.{0,2}{who}", "骂我家老板", ["骂我家老板"]),
    ],
)
def test_finds(source: str, text: str, quotes: list[str]) -> None:
    assert found(source, text) == quotes


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("{nobody}骂", "no list"),
        ("…", "without any word"),
        ("(骂", "never closed"),
        ("骂)", "closes"),
    ],
)
def test_mistakes_are_named(source: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Pattern("x", source, VOCABULARY)


SOURCES = ["(爆|曝)(了|过)?{who}", "{who}…{do}", "(给|对){who}(打|发)?~{do}", "骂(我|你)+…{who}"]


def test_a_sentence_is_asked_for_one_of_each_group_and_borrows_none() -> None:
    checks = Checks([[frozenset({"电话", "我"})], [frozenset({"我"}), frozenset({"老板"})], []])
    text, starts = "骂。给我打。打电话给老板", np.array([0, 2, 6])
    each = [(pattern, sentence) for sentence in range(3) for pattern in range(3)]
    numbers, sentences = (np.array(own) for own in zip(*each, strict=True))
    held = [each[at] for at in checks.held(text, starts, numbers, sentences).tolist()]
    assert held == [(2, 0), (0, 1), (2, 1), (0, 2), (2, 2)]


@given(st.text(st.sampled_from("爆曝了过给对打发骂我你妈老板电话，"), max_size=30))
def test_the_words_never_lose_a_match(text: str) -> None:
    patterns = [Pattern(str(n), source, VOCABULARY) for n, source in enumerate(SOURCES)]
    plain = {
        Found(pattern.name, match.start(), match.end())
        for pattern in patterns
        for match in pattern.regex.finditer(text)
    }
    assert set(Matcher(patterns).find(text, [(0, len(text))])) == plain


def test_more_patterns_than_a_key_can_name_are_refused() -> None:
    one = Pattern("a", SOURCES[0], VOCABULARY)
    Matcher([one] * 4095)
    with pytest.raises(ValueError, match="4096 patterns"):
        Matcher([one] * 4096)


@given(
    st.lists(st.text(st.sampled_from("爆曝了过给对打骂我你妈老板电话"), min_size=1, max_size=12))
)
def test_each_sentence_is_read_by_itself(said: list[str]) -> None:
    patterns = [Pattern(str(n), source, VOCABULARY) for n, source in enumerate(SOURCES)]
    text = "。".join(said)
    spans: list[tuple[int, int]] = []
    for sentence in said:
        start = spans[-1][1] + 1 if spans else 0
        spans.append((start, start + len(sentence)))
    plain = {
        Found(pattern.name, match.start(), match.end())
        for pattern in patterns
        for span in spans
        for match in pattern.regex.finditer(text, *span)
    }
    assert set(Matcher(patterns).find(text, spans)) == plain


@given(st.sets(st.text("ab*c", min_size=1, max_size=4), min_size=1, max_size=12))
def test_a_trie_matches_its_words_and_no_others(words: set[str]) -> None:
    expression = re.compile(trie(words))
    assert all(expression.fullmatch(word) for word in words)
    assert not any(expression.fullmatch(word + "x") for word in words)
