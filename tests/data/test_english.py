"""Each place and each article that a page may name has an English name."""

from __future__ import annotations

import re

import pytest

from data.facts import allegations
from data.facts.english import article, place
from data.facts.places import places

HAN = re.compile(r"[\u4e00-\u9fff]")


def test_every_place_has_an_english_name() -> None:
    names = [name for group in places() for name in group]
    assert [name for name in names if HAN.search(place(name))] == []
    english = [place(name) for name in names]
    assert len(set(english)) == len(set(names))
    assert (place("佛山"), place("陕西"), place("山西")) == ("Foshan", "Shaanxi", "Shanxi")
    assert place("某地") == "某地"


@pytest.mark.parametrize(
    ("zh", "en"),
    [
        ("第四十一条", "Article 41"),
        ("第一千零二十四条", "Article 1024"),
        ("第一千一百八十三条", "Article 1183"),
        ("第十条", "Article 10"),
        ("第二十二条（外访）", "Article 22 (visits)"),
        ("5.3（催收时间）", "5.3 (hours)"),
        ("5.6", "5.6"),
    ],
)
def test_articles_are_numbered_as_in_english(zh: str, en: str) -> None:
    assert article(zh) == en


def test_every_article_of_an_allegation_is_said_in_english() -> None:
    said = {clause.article for fact in allegations() for clause in fact.clauses}
    assert sorted(zh for zh in said if HAN.search(article(zh))) == []
