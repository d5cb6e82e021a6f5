"""Facts are checked when they are read, and a mistake is one sentence with its place."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from data import facts
from data.errors import FactError
from data.facts import allegations, lenders, rules
from data.facts.allegations import allegations as read_allegations
from data.facts.allegations import groups, severity_scale
from data.facts.levels import levels
from data.facts.lexicons import lexicons
from data.facts.rules import clauses
from data.facts.telling import telling

GOOD = """
- slug: jia
  zh: 甲消费金融
  en: Jia
  role: customer
  names: [甲消费金融, 甲消金]
"""


def test_the_built_in_files_hold() -> None:
    assert [lender.slug for lender in lenders()][:2] == ["chenghu", "huguangdai"]
    assert len(rules()) == 39
    assert len(clauses()) == 170
    assert len(groups()) == 19
    assert set(severity_scale()) == {1, 2, 3, 4, 5}
    assert {a.group for a in allegations()} == set(groups())


def test_every_clause_of_an_allegation_is_in_the_rules() -> None:
    for allegation in allegations():
        assert allegation.clauses
        for clause in allegation.clauses:
            articles = {c.article: c for c in rules()[clause.rule].clauses}
            assert articles[clause.article].gist_zh == clause.gist_zh
            assert articles[clause.article].gist_en == clause.gist_en


def test_a_rule_knows_when_it_was_in_force() -> None:
    standard = rules()["gbt45251_2025"]
    assert standard.in_force(date(2025, 3, 1)) is True
    assert standard.in_force(date(2024, 9, 1)) is False
    assert rules()["hotline_12378"].in_force(date(2026, 1, 1)) is None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("role: customer", "role: boss"), ["jia", "role"]),
        (("en: Jia", "eng: Jia"), ["jia", "en"]),
        (("en: Jia", "en: Jia\n  colour: red"), ["jia", "colour", "no such field"]),
        (("names: [甲消费金融, 甲消金]", "names: []"), ["jia", "names"]),
        (("甲消金]", "甲]"), ["jia", "names", "甲", "too short"]),
        (("role: customer", "role: customer\n  owner: nobody"), ["jia", "owner", "nobody"]),
        (("en: Jia", "on: Jia"), ["True", "quotes"]),
        (("- slug: jia", "slug: jia"), []),
        (("names: [", "names: {["), ["YAML"]),
    ],
)
def test_a_wrong_lender_file_is_one_sentence(
    tmp_path: Path, change: tuple[str, str], words: list[str]
) -> None:
    file = tmp_path / "lenders.yaml"
    file.write_text(GOOD.replace(*change), "utf-8")
    with pytest.raises(FactError) as error:
        lenders(file)
    message = str(error.value)
    assert str(file) in message
    assert "\n" not in message
    assert all(word in message for word in words)


def test_names_and_slugs_are_unique(tmp_path: Path) -> None:
    file = tmp_path / "lenders.yaml"
    file.write_text(GOOD + GOOD, "utf-8")
    with pytest.raises(FactError, match="given twice"):
        lenders(file)
    file.write_text(GOOD + GOOD.replace("jia", "yi").replace("甲消费金融, ", ""), "utf-8")
    with pytest.raises(FactError, match="already belongs to jia"):
        lenders(file)


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(FactError, match="no such file"):
        lenders(tmp_path / "none.yaml")


def test_a_lender_file_that_changed_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "lenders.yaml"
    file.write_text(GOOD, "utf-8")
    before = lenders(file)
    assert lenders(file) is before
    file.write_text(GOOD.replace("甲消金", "甲消费金融公司"), "utf-8")
    assert lenders(file)[0].names == ("甲消费金融", "甲消费金融公司")


@pytest.mark.parametrize(
    ("name", "read", "old", "new"),
    [
        ("allegations", read_allegations, "    severity: 4", "    severity: 5"),
        ("allegations", groups, "    en: ", "    en: New "),
        ("levels", levels, "first_look_minutes: 30", "first_look_minutes: 20"),
        ("telling", telling, "messages_a_day: 5", "messages_a_day: 6"),
    ],
)
def test_a_file_that_changed_is_read_again_by_whoever_asks_next(
    tmp_path: Path, name: str, read: Callable[[Path], object], old: str, new: str
) -> None:
    file = tmp_path / f"{name}.yaml"
    text = (Path(facts.__file__).parent / f"{name}.yaml").read_text("utf-8")
    assert old in text
    file.write_text(text, "utf-8")
    before = read(file)
    assert read(file) == before
    other = tmp_path / "other.yaml"
    other.write_text(text.replace(old, new), "utf-8")
    other.replace(file)
    assert read(file) != before
    file.unlink()
    with pytest.raises(FactError, match="no such file"):
        read(file)


def test_wrong_allegations_are_named(tmp_path: Path) -> None:
    from data.facts.allegations import FILE

    good = FILE.read_text("utf-8")
    file = tmp_path / "allegations.yaml"
    for old, new, words in (
        ("    group: third_party_contact", "    group: nowhere", "contact_list_blast: group"),
        ("gbt45251_2025.object: direct", "gbt45251_2025.nothing: direct", "no clause"),
        ("    severity: 4", "    severity: 9", "severity"),
        ("    yields_to:\n      [", "    yields_to:\n      [nobody, ", "yields_to"),
    ):
        file.write_text(good.replace(old, new, 1), "utf-8")
        with pytest.raises(FactError, match=words):
            read_allegations(file)


def test_lexicons_are_written_folded(tmp_path: Path) -> None:
    from data.facts.lexicons import FILE

    file = tmp_path / "lexicons.yaml"
    file.write_text(FILE.read_text("utf-8").replace("[父亲, 母亲,", "[父親, 母亲,", 1), "utf-8")
    with pytest.raises(FactError, match="父亲"):
        lexicons(file)
