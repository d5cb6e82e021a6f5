"""Lists that show an item no longer: twice in a row, and only where they must show it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from crawlers.absence import Absence
from data.model import Capture
from tests.crawlers.weeks import NOW

LIST = "澄湖消费金融"
HOUR = timedelta(hours=1)


def at(hours: float) -> datetime:
    return NOW - hours * HOUR


def page(number: int = 1) -> Capture:
    return Capture("x", f"http://127.0.0.1/{number}", 200, NOW, f"{number:064}", 1)


def look(
    memory: Any, *pages: dict[str, float], end: bool = False, floor: float = 48
) -> tuple[list[str], Any]:
    """Return what is gone after reading pages of ids with their ages in hours, and the memory."""
    absence = Absence(memory)
    for number, shown in enumerate(pages, 1):
        times = {i: at(age) for i, age in shown.items()}
        absence.page(LIST, times, min(times.values(), default=None), page(number))
    gone = absence.end(LIST, at(floor), exhausted=end)
    return [i for i, _ in gone], absence.memory({LIST: at(floor)})


ALL = {"a": 1.0, "b": 2.0, "c": 3.0, "d": 4.0}
LESS = {i: age for i, age in ALL.items() if i != "b"}


def test_twice_missed_is_gone_and_told_once() -> None:
    gone, memory = look({}, ALL)
    assert gone == []
    gone, memory = look(memory, LESS)
    assert gone == []
    gone, memory = look(memory, LESS)
    assert gone == ["b"]
    assert look(memory, LESS)[0] == []


def test_shown_again_is_not_gone() -> None:
    _, memory = look({}, ALL)
    _, memory = look(memory, LESS)
    _, memory = look(memory, ALL)
    assert look(memory, LESS)[0] == []


def test_what_lies_behind_the_last_page_read_is_not_missed() -> None:
    _, memory = look({}, ALL)
    for _ in range(3):
        gone, memory = look(memory, {"a": 1.0, "b": 2.0})
        assert gone == []
    _, memory = look(memory, {"a": 1.0}, end=True)
    assert look(memory, {"a": 1.0}, end=True)[0] == ["b", "c", "d"]


def test_what_is_older_than_the_overlap_is_forgotten() -> None:
    _, memory = look({}, ALL, floor=2.5)
    assert set(memory[LIST]) == {"a", "b"}


def test_a_list_that_shows_something_else_altogether_is_not_believed() -> None:
    many = {f"i{n}": n / 2 for n in range(1, 20)}
    _, memory = look({}, many)
    for _ in range(3):
        gone, memory = look(memory, {"x": 20.0})
        assert gone == []


def test_an_order_that_tells_nothing_is_not_believed() -> None:
    _, memory = look({}, ALL)
    for _ in range(3):
        absence = Absence(memory)
        absence.page(LIST, {i: at(age) for i, age in LESS.items()}, at(4), page())
        absence.distrust(LIST)
        assert absence.end(LIST, at(48), exhausted=True) == []
        memory = absence.memory({})


def test_lists_that_were_not_read_are_remembered() -> None:
    _, memory = look({}, ALL)
    assert Absence(memory).memory({}) == memory


def test_the_page_that_says_so_is_the_one_on_which_it_would_stand() -> None:
    _, memory = look({}, {"a": 1.0, "b": 2.0}, {"c": 3.0, "d": 4.0})
    for _ in range(2):
        absence = Absence(memory)
        absence.page(LIST, {"a": at(1), "b": at(2)}, at(2), page(1))
        absence.page(LIST, {"d": at(4)}, at(4), page(2))
        gone = absence.end(LIST, at(48), exhausted=False)
        memory = absence.memory({})
    assert gone == [("c", page(2))]
