"""Both languages say the same things, and nothing that nobody uses."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import get_args

import pytest

from alerts import cluster, detect
from dashboard import words
from data.facts.levels import Fact
from data.model import IncidentState, Outcome, Reason, Sentiment, SourceKind
from data.store.health import Condition

ROOM = Path(words.__file__).parents[1]


def test_both_languages_have_the_same_keys_in_the_same_order() -> None:
    zh, en = words.load("zh"), words.load("en")
    assert list(zh.known) == list(en.known)


def test_both_languages_fill_in_the_same_values() -> None:
    zh, en = words.load("zh"), words.load("en")
    for key in zh.known:
        assert _holes(zh.known[key]) == _holes(en.known[key]), key


def test_every_word_is_used_and_every_used_word_exists() -> None:
    known = set(words.load("zh").known)
    used, groups = set(_used("t")), set(_used("of")) | set(_used("keys"))
    in_groups = {key for key in known if key.partition(".")[0] in groups}
    assert used - known == set()
    assert known - used - in_groups == set()
    assert {key.partition(".")[0] for key in in_groups} == groups


@pytest.mark.parametrize(
    ("group", "values"),
    [
        ("sentiment", Sentiment),
        ("kind", SourceKind),
        ("outcome", Outcome),
        ("condition", Condition),
        ("state", IncidentState),
        ("reason", Reason),
    ],
)
def test_every_value_of_the_store_has_a_word(group: str, values: type[StrEnum]) -> None:
    for language in words.LANGUAGES:
        assert set(words.load(language).keys(group)) == {str(value) for value in values}


def test_every_condition_of_a_level_has_a_word() -> None:
    assert set(words.load("zh").keys("fact")) == set(get_args(Fact))


def test_one_is_not_several() -> None:
    t = words.load("en")
    assert t("incident.size", n="1") == "1 mention"
    assert t("incident.size", n="2") == "2 mentions"


def test_an_unknown_language_is_chinese_and_an_unknown_value_stays() -> None:
    t = words.load("fr")
    assert t.language == "zh"
    assert t.of("reason", "something new") == "something new"
    with pytest.raises(KeyError):
        t("no.such")


def _holes(sentence: str) -> set[str]:
    return set(re.findall(r"{(\w+)}", sentence))


def _used(name: str) -> Iterator[str]:
    """Yield the literals given to ``t(…)``, ``t.of(…)`` or ``t.keys(…)`` anywhere in the room."""
    for file in ROOM.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and node.args and _called(node.func) == name:
                first = node.args[0]
                ends = [first.body, first.orelse] if isinstance(first, ast.IfExp) else [first]
                yield from (str(end.value) for end in ends if isinstance(end, ast.Constant))


def _called(function: ast.expr) -> str:
    if isinstance(function, ast.Name):
        return function.id
    if not isinstance(function, ast.Attribute):
        return ""
    if function.attr in {"of", "keys"}:
        owner = function.value
        last = owner.id if isinstance(owner, ast.Name) else getattr(owner, "attr", "")
        return function.attr if last == "t" else ""
    return function.attr


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_every_rule_that_fires_is_a_sentence(lang: str) -> None:
    rules = {*detect.WINDOWS, detect.SEVERITY, detect.REGULATOR, detect.HOTLIST, cluster.CLUSTER}
    assert rules == set(words.load(lang).keys("signal"))
