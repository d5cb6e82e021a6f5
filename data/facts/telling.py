"""Whom to tell, how soon and how often, as data; defaults in telling.yaml."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import time, timedelta
from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from data.errors import ConfigError
from data.facts.reading import read, table, until_changed
from data.model import Level, Reason
from data.settings_channels import Channel, LevelName

FILE = Path(__file__).with_name("telling.yaml")
Heard = Literal["first", "worse", "grew", "repeat", "escalated", "overdue", "statement"]
Minutes = Annotated[float, Field(ge=0)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Audience(_Model):
    """Who reads a channel, and what reaches them."""

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)
    hears: tuple[Heard, ...] = get_args(Heard)
    groups: tuple[str, ...] = ()

    def name(self, language: str) -> str:
        """Return what they are called, in Chinese (``zh``) or in English."""
        return self.zh if language == "zh" else self.en

    def wants(self, reason: Reason) -> bool:
        """Tell whether a message for this reason reaches them."""
        return reason.value in self.hears


class Quiet(_Model):
    """Hours of the day, in Shanghai, in which some levels wake nobody."""

    begins: time = Field(alias="from")
    ends: time = Field(alias="to")
    levels: tuple[LevelName, ...]


class SilenceRule(_Model):
    """What a silence may do."""

    longest_hours: Annotated[float, Field(gt=0)]
    never: tuple[LevelName, ...]


class Inhibit(_Model):
    """Which incident speaks for which others."""

    by: LevelName
    kinds: tuple[str, ...]


class Rung(_Model):
    """Who hears next when nobody has looked in time."""

    audience: str
    after_minutes: Minutes
    levels: tuple[LevelName, ...]


class Route(_Model):
    """What a channel of the settings hears here instead; what is left out stays as set there."""

    lowest_level: LevelName | None = None
    audience: str | None = None


class Telling(_Model):
    """The whole file."""

    audiences: dict[str, Audience]
    channels: dict[str, Route] = Field(default_factory=dict)
    group_wait_minutes: dict[LevelName, Minutes]
    for_minutes: dict[LevelName, Minutes]
    repeat_minutes: dict[LevelName, Annotated[float, Field(gt=0)]]
    keep_firing_hours: Annotated[float, Field(gt=0)]
    alive_at: time
    unsent_minutes: Annotated[float, Field(gt=0)]
    messages_a_day: Annotated[int, Field(ge=4)]  # first, and three rises
    quiet: Quiet
    silence: SilenceRule
    inhibit: Inhibit
    escalation: tuple[Rung, ...]

    @model_validator(mode="after")
    def _whole(self) -> Telling:
        unknown = {rung.audience for rung in self.escalation} - self.audiences.keys()
        if unknown:
            raise ValueError(f"escalation names {min(unknown)!r}, which is no audience; add it")
        return self

    def routed(self, channels: Sequence[Channel]) -> tuple[Channel, ...]:
        """Return the channels as this file has them hear.

        Raises ConfigError for a channel or an audience that is not known.
        """
        for name in self.channels.keys() - {channel.name for channel in channels}:
            raise ConfigError(
                f"channels: {name}: the file of `alerts.telling` names it, the settings do not; "
                "set it up under [[channels]], or take it out there"
            )
        return tuple(self._routed(channel) for channel in channels)

    def _routed(self, channel: Channel) -> Channel:
        route = self.channels.get(channel.name, Route())
        chosen = channel.model_copy(update=route.model_dump(exclude_none=True))
        if chosen.audience not in self.audiences:
            known = ", ".join(self.audiences)
            raise ConfigError(
                f"channels: {chosen.name}: audience {chosen.audience!r} is not known; "
                f"use one of {known}, or add it to the file of `alerts.telling`"
            )
        return chosen

    def group_wait(self, level: Level) -> timedelta:
        """Return how long the first message waits for what follows at once."""
        return _minutes(self.group_wait_minutes, level)

    def lasting(self, level: Level) -> timedelta:
        """Return how long what only counts say must last."""
        return _minutes(self.for_minutes, level)

    def repeat(self, level: Level) -> timedelta | None:
        """Return after what time an unacknowledged incident is told again; None for never."""
        return _minutes(self.repeat_minutes, level) or None

    def rung(self, audience: str, level: Level) -> timedelta | None:
        """Return when an audience hears of an overdue first look, after it was due; None: never."""
        name = level.name.lower()
        found = [r for r in self.escalation if r.audience == audience and name in r.levels]
        return timedelta(minutes=found[0].after_minutes) if found else None


def _minutes(values: Mapping[LevelName, float], level: Level) -> timedelta:
    by_name: Mapping[str, float] = {str(name): value for name, value in values.items()}
    return timedelta(minutes=by_name.get(level.name.lower(), 0))


def telling(path: Path | None = None) -> Telling:
    """Return what the file says, read again when it has changed. Raises FactError (and field)."""
    return _telling(path or FILE)


@until_changed
def _telling(file: Path) -> Telling:
    return table(file, read(file), Telling)
