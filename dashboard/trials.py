"""What a trial of a file on last month came to, by kind of file; no Streamlit here.

A trial is told as JSON by ``tingfeng policy try``; here it becomes values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from data.model import Level

Pairs = Mapping[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Weighed:
    """One incident: the level it reaches by today's conditions, and by those tried."""

    id: int
    title: str
    opened_at: datetime
    today: Level
    tried: Level


@dataclass(frozen=True, slots=True)
class Levels:
    """What other conditions of the levels would have made of the last ``days``."""

    days: int
    incidents: tuple[Weighed, ...]
    channels: Pairs  # incidents that reach it: today, and as tried

    @property
    def changed(self) -> tuple[Weighed, ...]:
        """The incidents whose level would be another."""
        return tuple(one for one in self.incidents if one.today is not one.tried)


@dataclass(frozen=True, slots=True)
class Retold:
    """One incident and channel: why it is told, message by message, today and as tried."""

    id: int
    title: str
    opened_at: datetime
    level: Level
    channel: str
    today: tuple[str, ...]
    tried: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Telling:
    """Who would have been told otherwise in the last ``days``."""

    days: int
    incidents: int
    changed: tuple[Retold, ...]
    channels: Pairs  # messages: today, and as tried


@dataclass(frozen=True, slots=True)
class Example:
    """A mention that only one of the two files finds, with the words that decide."""

    id: int
    at: datetime
    source: str
    url: str
    name: str
    appears: bool
    words: str


@dataclass(frozen=True, slots=True)
class Found:
    """Which mentions of the last ``days`` another file finds, or no longer; ``read`` of ``of``."""

    days: int
    read: int
    of: int
    appear: int
    vanish: int
    names: Pairs  # companies or allegations: mentions that appear, and that vanish
    examples: tuple[Example, ...]


Trial = Levels | Telling | Found


def read(kind: str, told: Mapping[str, Any]) -> Trial:
    """Return what a trial of a kind of file told."""
    if kind == "levels":
        return Levels(
            told["days"],
            tuple(_weighed(one) for one in told["incidents"]),
            _pairs(told["channels"]),
        )
    if kind == "telling":
        changed = tuple(_retold(one) for one in told["changed"])
        return Telling(told["days"], told["incidents"], changed, _pairs(told["channels"]))
    counts = {name: told[name] for name in ("days", "read", "of", "appear", "vanish")}
    examples = tuple(_example(one) for one in told["examples"])
    return Found(**counts, names=_pairs(told["names"]), examples=examples)


def _weighed(one: Mapping[str, Any]) -> Weighed:
    at, today, tried = _at(one["opened_at"]), _level(one["today"]), _level(one["tried"])
    return Weighed(one["id"], one["title"], at, today, tried)


def _retold(one: Mapping[str, Any]) -> Retold:
    return Retold(one["id"], one["title"], _at(one["opened_at"]), _level(one["level"]),
                  one["channel"], tuple(one["today"]), tuple(one["tried"]))  # fmt: skip


def _example(one: Mapping[str, Any]) -> Example:
    return Example(**{**one, "at": _at(one["at"])})


def _pairs(told: Mapping[str, Any]) -> Pairs:
    return {name: (before, after) for name, (before, after) in told.items()}


def _at(written: str) -> datetime:
    return datetime.fromisoformat(written)


def _level(name: str) -> Level:
    return Level[name.upper()]
