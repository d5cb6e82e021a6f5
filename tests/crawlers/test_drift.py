"""Any value of an answer may change its type overnight: that is a LayoutChanged, never a bug."""

from __future__ import annotations

import contextlib
import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scrapy.http import HtmlResponse, Request

from crawlers import articles
from crawlers.feeds import entries_of
from crawlers.pages import decode
from crawlers.penalties import penalties
from crawlers.spiders import article
from crawlers.spiders.bjnews_search import BjnewsSearch
from crawlers.spiders.eastmoney_guba import EastmoneyGuba
from crawlers.spiders.eastmoney_news import EastmoneyNews
from crawlers.spiders.gdelt_doc import GdeltDoc
from crawlers.spiders.heimao_public import HeimaoPublic
from crawlers.spiders.nfra_penalty import NfraPenalty
from crawlers.spiders.people_search import PeopleSearch
from crawlers.spiders.rednet_baixing import RednetBaixing
from crawlers.spiders.sina_finance_roll import SinaFinanceRoll
from crawlers.spiders.thepaper import Thepaper
from data.errors import LayoutChanged, Refused
from tests.crawlers.conftest import PAGES, make_job, saved_page
from tests.crawlers.weeks import NOW

Parse = Callable[[Any, Any], Any]
NAME = "澄湖消费金融"
OTHERS: tuple[Any, ...] = (None, "", "x", -1, 1.5, True, [], [1], {}, {"a": 1})

SEARCHES: dict[str, tuple[Any, str]] = {
    "thepaper": (Thepaper, "search.json"),
    "people_search": (PeopleSearch, "search.json"),
    "sina_finance_roll": (SinaFinanceRoll, "roll.json"),
    "gdelt_doc": (GdeltDoc, "articles.json"),
    "bjnews_search": (BjnewsSearch, "search.json"),
    "rednet_baixing": (RednetBaixing, "index.json"),
    "eastmoney_news": (EastmoneyNews, "search.jsonp"),
}
CASES: dict[str, tuple[Any, str, str, Parse]] = {
    name: (kind, name, page, lambda made, response: made.parse_search(response, NAME, 1))
    for name, (kind, page) in SEARCHES.items()
}
CASES["rednet_baixing detail"] = (
    RednetBaixing, "rednet_baixing", "detail.json",
    lambda made, response: made.parse_detail(response, _letter(made)),
)  # fmt: skip
CASES["heimao_public"] = (
    HeimaoPublic, "heimao_public", "list.json",
    lambda made, response: made.parse_list(response, "7000000001", 1),
)  # fmt: skip
CASES["nfra_penalty"] = (
    NfraPenalty, "nfra_penalty", "list.json",
    lambda made, response: made.parse_list(response, "4114", 1),
)  # fmt: skip
CASES["nfra_penalty detail"] = (
    NfraPenalty, "nfra_penalty", "five_columns.json",
    lambda made, response: made.parse_detail(response, "4114", "1200002"),
)  # fmt: skip

CASES["eastmoney_guba"] = (
    EastmoneyGuba, "eastmoney_guba", "list.html",
    lambda made, response: made.parse_list(
        response.replace(body=b"var article_list=" + response.body + b";"), "900001", 1
    ),
)  # fmt: skip


def _letter(made: Any) -> Any:
    return made.read(saved_page("rednet_baixing", "index.json")).mentions[0]


def mutants(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Yield each place of a JSON value with each of the other values, and without the place."""
    if path:
        yield from ((path, other) for other in OTHERS)
        yield path, ...
    inside = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in inside if isinstance(value, dict | list) else ():
        if isinstance(item, dict | list):
            yield from mutants(item, (*path, key))
        else:
            yield from (((*path, key), other) for other in OTHERS)
            yield (*path, key), ...


def changed(value: Any, path: tuple[Any, ...], other: Any) -> Any:
    """Return a copy of a JSON value that differs in one place."""
    found = copy.deepcopy(value)
    place = found
    for key in path[:-1]:
        place = place[key]
    if other is ...:
        del place[path[-1]]
    else:
        place[path[-1]] = other
    return found


@pytest.mark.parametrize("case", CASES)
def test_a_value_of_another_type_is_never_a_bug(case: str) -> None:
    kind, slug, name, parse = CASES[case]
    page = saved_page(slug, name, detail=case.endswith("detail"))
    text = page.body.decode("utf-8")
    value, _ = json.JSONDecoder().raw_decode(text, text.index("{"))
    wrong = []
    for path, other in mutants(value):
        body = json.dumps(changed(value, path, other), ensure_ascii=False).encode()
        made = kind(job=make_job(slug))
        try:
            list(parse(made, page.replace(body=body)))
        except (LayoutChanged, Refused):
            continue
        except Exception as error:  # noqa: BLE001 - all of them are told at once
            wrong.append(f"{'.'.join(map(str, path))} = {other!r}: {type(error).__name__}: {error}")
    assert not wrong, "\n".join(wrong)


PIECES = [b"<", b">", b"\x00", b"&", b"&#xD800;", b"<div>" * 50, b"</html>", b"]]>", b"<![CDATA["]


@given(data=st.data())
@settings(max_examples=150)
def test_damaged_pages_and_feeds_are_never_a_bug(data: st.DataObject) -> None:
    """Whatever a broken middle box makes of a page, a reader says LayoutChanged or reads on."""
    file = data.draw(st.sampled_from(MARKUP))
    body = bytearray(file.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(body)))
        end = min(len(body), at + data.draw(st.integers(0, 60)))
        body[at:end] = data.draw(st.sampled_from([b"", *PIECES]) | st.binary(max_size=8))
    for reader in READERS[file.suffix]:
        with contextlib.suppress(LayoutChanged):
            reader(bytes(body))


def test_half_of_a_pair_does_not_cost_the_feed() -> None:
    body = (PAGES / "rss_feed" / "atom.xml").read_bytes().replace("收费".encode(), b"&#xD83D;")
    (entry,) = entries_of(body)
    assert entry.title == "消费金融观察：透明"


def _sitemap(body: bytes) -> Any:
    return article._sitemap(HtmlResponse(URL, body=body, request=Request(URL)))


URL = "https://news.example.cn/x"
MARKUP = sorted([*PAGES.rglob("*.html"), *PAGES.rglob("*.xml")])
READERS: dict[str, tuple[Callable[[bytes], Any], ...]] = {
    ".html": (
        lambda body: articles.read(decode(body), URL, NOW),
        lambda body: penalties(decode(body)),
    ),
    ".xml": (entries_of, _sitemap),
}
