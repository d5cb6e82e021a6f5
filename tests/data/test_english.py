"""Each place and each article that a page may name has an English name."""

from __future__ import annotations

import re

import pytest

from data.facts import allegations
from data.facts.english import article, code, place
from data.facts.places import places
from data.facts.rules import clauses

HAN = re.compile(r"[\u4e00-\u9fff]")


def test_every_place_has_an_english_name() -> None:
    names = [name for group in places() for name in group]
    assert [name for name in names if HAN.search(place(name))] == []
    english = [place(name) for name in names]
    assert len(set(english)) == len(set(names))
    assert (place("佛山"), place("陕西"), place("山西")) == ("Foshan", "Shaanxi", "Shanxi")
    assert place("某地") == "某地"


def test_every_province_has_two_letters_of_its_own() -> None:
    letters = [code(names[0]) for names in places()]
    assert [one for one in letters if not re.fullmatch("[A-Z]{2}", one)] == []
    assert len(set(letters)) == len(letters) == 34
    assert (code("陕西"), code("山西"), code("佛山")) == ("SN", "SX", "Foshan")


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


def test_every_clause_is_told_in_english_with_the_same_numbers() -> None:
    """A translation that lost a limit, a term or a share would be found here."""
    for name, place_ in clauses().items():
        zh, en = place_.clause.gist_zh, place_.clause.gist_en
        assert not HAN.search(en), name
        assert en.endswith((".", "?")), name
        assert _numbers(zh) <= _numbers(en), name


def test_no_english_gist_calls_anybody_guilty() -> None:
    told = [place_.clause.gist_en.lower() for place_ in clauses().values()]
    assert not [gist for gist in told if re.search(r"\b(criminal|guilty|convict)", gist)]


def _numbers(words: str) -> set[str]:
    """Return the numbers in figures; 5万 is 50000."""
    found = re.findall(r"\d[\d,]*(?:万)?", words)
    return {n.replace(",", "").replace("万", "0000") for n in found}
