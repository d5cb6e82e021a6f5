"""The four levels as data: what lifts an incident to each, and how long people then have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from data.facts.reading import read, table, until_changed
from data.model import Level

FILE = Path(__file__).with_name("levels.yaml")

Fact = Literal[
    "severity",
    "rare_severity",
    "unusual_severity",
    "media_severity",
    "people",
    "regulator",
    "burst_all",
    "burst_negative",
    "burst_severe",
    "burst_group",
    "burst_source",
    "voices",
    "sources_4h",
    "sources_24h",
    "old_share",
    "cluster",
    "hotlist",
    "sector",
]


@dataclass(frozen=True, slots=True)
class LevelFact:
    """One level: its words, its conditions (any of them, each a set of minima), its clocks."""

    level: Level
    zh: str
    en: str
    icon: str
    any: tuple[Mapping[str, float], ...]
    caps: tuple[Mapping[str, float], ...]
    first_look: timedelta | None  # None: the daily list, no clock
    first_response: timedelta | None
    statement: timedelta | None

    def met_by(self, facts: Mapping[str, float]) -> Mapping[str, float] | None:
        """Return the first condition that ``facts`` fulfil; a fact not given counts as 0."""
        return _met(self.any, facts)

    def caps_with(self, facts: Mapping[str, float]) -> bool:
        """Tell whether an incident with these facts may rise no higher than this level."""
        return _met(self.caps, facts) is not None


def _met(
    conditions: Iterable[Mapping[str, float]], facts: Mapping[str, float]
) -> Mapping[str, float] | None:
    for condition in conditions:
        if all(facts.get(name, 0) >= least for name, least in condition.items()):
            return condition
    return None


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)
    icon: str = Field(min_length=1, max_length=2)
    any: tuple[dict[Fact, float], ...] = Field(min_length=1)
    caps: tuple[dict[Fact, float], ...] = ()
    first_look_minutes: Annotated[float, Field(gt=0)] | None = None
    first_response_hours: Annotated[float, Field(gt=0)] | None = None
    statement_hours: Annotated[float, Field(gt=0)] | None = None


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    red: _Entry
    orange: _Entry
    yellow: _Entry
    blue: _Entry


def levels(path: Path | None = None) -> Mapping[Level, LevelFact]:
    """Return the levels, gravest first. Raises FactError (file, entry and field).

    The file is read again when it has changed.
    """
    return _levels(path or FILE)


@until_changed
def _levels(file: Path) -> Mapping[Level, LevelFact]:
    found = table(file, read(file), _File)
    entries = (
        (Level.RED, found.red),
        (Level.ORANGE, found.orange),
        (Level.YELLOW, found.yellow),
        (Level.BLUE, found.blue),
    )
    return {level: _fact(level, entry) for level, entry in entries}


def _fact(level: Level, entry: _Entry) -> LevelFact:
    look, response = entry.first_look_minutes, entry.first_response_hours
    statement = entry.statement_hours
    return LevelFact(
        level=level,
        zh=entry.zh,
        en=entry.en,
        icon=entry.icon,
        any=tuple({str(name): least for name, least in one.items()} for one in entry.any),
        caps=tuple({str(name): least for name, least in one.items()} for one in entry.caps),
        first_look=timedelta(minutes=look) if look else None,
        first_response=timedelta(hours=response) if response else None,
        statement=timedelta(hours=statement) if statement else None,
    )
