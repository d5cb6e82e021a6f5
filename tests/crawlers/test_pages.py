"""Decoding, JSON in pages, plain words."""

from __future__ import annotations

import json
from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.pages import clean, decode, dig, json_after, lasting, plain, read_json, rows
from data.errors import LayoutChanged


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "gb2312"])
def test_chinese_pages_are_decoded_whatever_they_claim(encoding: str) -> None:
    page = '<meta charset="iso-8859-1">澄湖消费金融催收投诉'
    assert decode(page.encode(encoding)) == page


@pytest.mark.parametrize(
    "body", ['{"a": [1]}', 'cb({"a": [1]})', '({"a": [1]});', '\ufeff{"a": [1]}']
)
def test_json_and_jsonp(body: str) -> None:
    assert read_json(body.encode()) == {"a": [1]}


@pytest.mark.parametrize("body", ["", "<html>", '{"a": [1', "cb(", "null)"])
def test_what_is_no_json_is_a_changed_layout(body: str) -> None:
    with pytest.raises(LayoutChanged):
        read_json(body.encode())


def test_a_missing_key_is_named() -> None:
    with pytest.raises(LayoutChanged, match=r"result\.data"):
        dig({"result": {}}, "result", "data")
    with pytest.raises(LayoutChanged, match="is not a list"):
        rows({"re": "x"}, "re")
    assert rows({"complaints": None}, "complaints") == []


def test_json_in_a_script_ends_where_it_ends() -> None:
    page = 'var article_list={"re":[{"t":"};</x>"}]}; var b={"c":1};'
    assert json_after(page, "article_list=") == {"re": [{"t": "};</x>"}]}
    with pytest.raises(LayoutChanged, match="b="):
        json_after("var a=1", "b=")


def test_plain_words() -> None:
    html = (
        "<p>第一段<br>第二行</p><script>var x='<p>';</script><p>a &lt;b&gt; &amp; c</p><!-- no -->"
    )
    assert plain(html) == "第一段\n第二行\na <b> & c"


def test_what_no_database_takes_is_gone() -> None:
    assert clean("a\x00b\x1b\ud83dc\n\t") == "ab?c\n\t"


def test_an_address_without_what_passes() -> None:
    url = "https://h/p?couid=1&ts=2&rs=3&signature=4&_=5&page=6"
    assert lasting(url) == "https://h/p?couid=1&page=6"
    assert lasting("https://h/p/") == "https://h/p/"


lines = st.lists(st.text(alphabet="澄湖 催收<>&\"'a1，。", min_size=1).map(str.strip).filter(bool))


@given(lines)
def test_escaped_words_come_back(words: list[str]) -> None:
    html = "<div>" + "<br/>".join(escape(line) for line in words) + "</div>"
    assert plain(html) == "\n".join(words)


@given(st.dictionaries(st.text(), st.text()))
def test_any_object_comes_back_out_of_a_script(value: dict[str, str]) -> None:
    page = f"<script>var x={json.dumps(value)};</script>"
    assert json_after(page, "var x=") == value
