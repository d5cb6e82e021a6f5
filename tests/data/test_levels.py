from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from data.errors import FactError
from data.facts.levels import FILE, levels
from data.facts.places import named_in, places
from data.facts.stale import says_old, stale
from data.model import Level


def test_the_levels_are_there_gravest_first() -> None:
    assert list(levels()) == [Level.RED, Level.ORANGE, Level.YELLOW, Level.BLUE]
    assert levels()[Level.BLUE].met_by({}) == {}
    clocks = [fact.first_look for fact in levels().values() if fact.first_look]
    assert clocks == sorted(clocks)


@pytest.mark.parametrize(
    ("facts", "level"),
    [
        ({}, Level.BLUE),
        ({"burst_negative": 1.0}, Level.YELLOW),
        ({"burst_negative": 0.99}, Level.BLUE),
        ({"burst_negative": 1.25, "severity": 4, "sources_24h": 2}, Level.ORANGE),
        ({"rare_severity": 5, "people": 1}, Level.BLUE),  # a single text is yellow, if unusual
        ({"rare_severity": 5, "people": 2}, Level.ORANGE),
        ({"unusual_severity": 5}, Level.YELLOW),
        ({"regulator": 1}, Level.ORANGE),
        ({"media_severity": 5, "burst_negative": 1.2}, Level.RED),
        ({"burst_all": 9.0}, Level.BLUE),
    ],
)
def test_which_facts_make_which_level(facts: dict[str, float], level: Level) -> None:
    assert next(lv for lv, fact in levels().items() if fact.met_by(facts) is not None) is level


def test_old_matters_are_capped_at_yellow() -> None:
    capping = [lv for lv, fact in levels().items() if fact.caps_with({"old_share": 0.5})]
    assert capping == [Level.YELLOW]


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        (("red",), None, "red: this field is missing; add it"),
        (("orange", "any"), [{"loudness": 3}], "orange.any"),
        (("yellow", "first_look_minutes"), -1, "yellow.first_look_minutes"),
        (("blue", "colour"), "blue", "blue.colour: there is no such field"),
    ],
)
def test_a_broken_file_is_one_sentence(
    tmp_path: Path, path: tuple[str, ...], value: object, sentence: str
) -> None:
    raw = yaml.safe_load(FILE.read_text("utf-8"))
    place = raw
    for key in path[:-1]:
        place = place[key]
    if value is None:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    broken = tmp_path / "levels.yaml"
    broken.write_text(yaml.safe_dump(raw, allow_unicode=True), "utf-8")
    with pytest.raises(FactError) as caught:
        levels(broken)
    assert str(caught.value).startswith(f"{broken}: {sentence}")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("我在佛山南海区", {"佛山"}),
        ("广东佛山的档口", {"佛山"}),
        ("广东这边", {"广东"}),
        ("从成都到重庆", {"成都", "重庆"}),
        ("没有地名", set()),
    ],
)
def test_places(text: str, found: set[str]) -> None:
    assert named_in(text) == found


def test_no_place_is_named_twice_within_a_province() -> None:
    assert all(len(set(names)) == len(names) for names in places())


@pytest.mark.parametrize("text", stale().hits)
def test_what_says_that_it_is_old(text: str) -> None:
    assert says_old(text, 2026)


@pytest.mark.parametrize("text", stale().misses)
def test_what_only_names_a_year(text: str) -> None:
    assert not says_old(text, 2026)


def test_the_year_of_the_text_decides_what_is_past() -> None:
    assert not says_old("转2024年那件事", 2024)
