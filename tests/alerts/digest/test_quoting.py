"""Quotes are whole sentences, verbatim, and say where they were cut."""

from __future__ import annotations

import re

import pytest

from alerts.digest.quoting import QUOTED, sentence, tame

LONG = "前面的话很长" * 8 + "，他们堵在我家门口一个多小时，" + "后面的话也很长" * 8


@pytest.mark.parametrize(
    ("body", "words", "quote"),
    [
        ("第一句。他们堵门！第三句", "堵门", "他们堵门"),
        ("只有一句没有句号", "一句", "只有一句没有句号"),
        ("甲\n乙堵门丙\n丁", "堵门", "乙堵门丙"),
        ("〔9〕堵门", "堵门", "[9]堵门"),
    ],
)
def test_a_quote_is_the_sentence_around_the_words(body: str, words: str, quote: str) -> None:
    start = body.index(words)
    assert sentence(body, start, start + len(words)) == quote


def test_a_long_sentence_is_cut_behind_a_comma_and_says_so() -> None:
    start = LONG.index("堵在")
    said = sentence(LONG, start, start + 4)
    assert said.startswith("…他们堵在")
    assert said.endswith("…")
    assert len(said) <= QUOTED + 2
    assert said.strip("…") in LONG


@pytest.mark.parametrize("far", range(12, 20))
def test_a_cut_parts_no_number(far: int) -> None:
    lead, tail = "人" * (far - 4), "后" * (60 - far)
    body = "前" * 40 + "2024" + lead + "堵门" + tail + "50000" + "元" * 20
    start = body.index("堵门")
    quoted = sentence(body, start, start + 2)
    assert "堵门" in quoted
    assert not re.match(r"…(024|24|4)人", quoted)
    assert not re.search(r"后50{0,3}…", quoted)


def test_other_people_s_words_stay_in_one_line_and_turn_nothing_around() -> None:
    assert tame("a\u202eb\r\nc〔1〕") == "a b c[1]"
