"""Whatever people write is shown as text."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard import markup
from tests.dashboard.seeds import HOSTILE

RANGES = st.lists(
    st.tuples(st.integers(-3, 40), st.integers(-3, 40), st.integers(1, 4)), max_size=6
)


class Reader(HTMLParser):
    """What a browser would show of our markup, and which elements it would make."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text, self.tags, self.links, self._hidden = "", set[str](), list[str](), 0
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self._hidden += tag == "sup"
        self.links += [value or "" for name, value in attrs if name == "href"]

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag == "sup"

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.text += data


@given(st.text(max_size=60), RANGES)
def test_marking_changes_nothing_that_is_read(
    text: str, ranges: list[tuple[int, int, int]]
) -> None:
    spans = markup.merged(ranges, len(text))
    read = Reader(markup.marked(text, spans))
    shown = re.sub(r"U\+([0-9A-F]{4})", lambda m: chr(int(m[1], 16)), read.text)
    assert re.sub(r"U\+([0-9A-F]{4})", lambda m: chr(int(m[1], 16)), text) == shown
    assert read.tags <= {"mark", "sup", "span"}


@given(RANGES)
def test_merged_spans_are_ordered_apart_and_inside(ranges: list[tuple[int, int, int]]) -> None:
    spans = markup.merged(ranges, 40)
    edges = [edge for span in spans for edge in (span.start, span.end)]
    assert edges == sorted(edges)
    assert all(0 <= edge <= 40 for edge in edges)
    covered = {at for start, end, _ in ranges if 0 <= start < end <= 40 for at in range(start, end)}
    assert covered == {at for span in spans for at in range(span.start, span.end)}


def test_hostile_text_makes_no_element_of_its_own() -> None:
    read = Reader(markup.body(HOSTILE * 9, (), "more"))
    assert read.tags == {"details", "summary", "span", "p"}
    assert read.links == []
    assert "<script>alert(1)</script>" in read.text
    assert "\u202e" not in read.text


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "//evil", "", "https://", "http://[x"]
)
def test_only_web_addresses_become_links(url: str) -> None:
    assert Reader(markup.link(url, "原文")).links == []


def test_a_web_address_opens_apart() -> None:
    html = markup.link('https://example.com/?a="b"', "原文")
    assert Reader(html).links == ['https://example.com/?a="b"']
    assert 'rel="noopener noreferrer nofollow"' in html


def test_a_mail_s_address_can_be_followed_and_the_rest_is_text() -> None:
    read = Reader(markup.linked("<b>查看</b>：http://127.0.0.1:8501/incidents?id=1，谢谢"))
    assert read.links == ["http://127.0.0.1:8501/incidents?id=1"]
    assert read.text == "<b>查看</b>：http://127.0.0.1:8501/incidents?id=1，谢谢"


def test_a_long_text_is_folded_around_its_first_evidence() -> None:
    text = "前" * 900 + "堵门" + "后" * 900
    spans = markup.merged([(900, 902, 1)], len(text))
    start, end = markup.window(text, spans)
    assert start < 900
    assert end > 902
    assert end - start == markup.EXCERPT
    assert markup.body(text, spans, "展开").count("<mark>") == 2  # in the excerpt and in the whole


def test_a_short_text_is_not_folded() -> None:
    assert "<details" not in markup.body("短", (), "展开")


def test_a_label_spells_out_what_turns_text_around() -> None:
    assert markup.spelt("上门\u202e堵门\u2066") == "上门U+202E堵门U+2066"
