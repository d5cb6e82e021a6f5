"""Whom we warn, and what decides about joining, closing and levels: settings and facts together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from data import facts
from data.errors import InputError
from data.facts.levels import LevelFact, levels
from data.facts.telling import Telling, telling
from data.model import Allegation, Level, Role
from data.settings import Settings
from data.settings_channels import Channel


@dataclass(frozen=True, slots=True)
class Policy:
    """What decides about joining, closing and levels."""

    join: timedelta
    close_after: timedelta
    levels: Mapping[Level, LevelFact]
    allegations: Mapping[str, Allegation]
    rivals: tuple[str, ...] = ()

    @property
    def group_of(self) -> dict[str, str]:
        """The group of each allegation."""
        return {one.id: one.group for one in self.allegations.values()}


def policy_of(settings: Settings) -> Policy:
    """Return the policy that the settings and data/facts give. Raises FactError."""
    return Policy(
        join=timedelta(hours=settings.alerts.join_hours),
        close_after=timedelta(hours=settings.alerts.close_after_hours),
        levels=levels(settings.alerts.levels),
        allegations={one.id: one for one in facts.allegations(settings.allegations)},
        rivals=_subjects(settings, Role.RIVAL),
    )


def telling_of(settings: Settings) -> Telling:
    """Return whom to tell and when. Raises FactError, or ConfigError for an unknown audience."""
    found = telling(settings.alerts.telling)
    found.routed(settings.channels)
    return found


def channels_of(settings: Settings) -> tuple[Channel, ...]:
    """Return the channels, each with who reads it and from which level on. Raises as above."""
    return telling(settings.alerts.telling).routed(settings.channels)


def check(settings: Settings) -> None:
    """Read all that decides about alerts. Raises FactError, ConfigError, InputError."""
    policy_of(settings)
    channels_of(settings)
    if not customers_of(settings):
        raise InputError(
            f"{settings.lenders}: no company has `role: customer`; nobody would be warned"
        )


def customers_of(settings: Settings) -> list[str]:
    """Return the slugs of the lenders we warn: the customer's own, in the order of the file."""
    return list(_subjects(settings, Role.CUSTOMER))


def _subjects(settings: Settings, role: Role) -> tuple[str, ...]:
    found = facts.lenders(settings.lenders)
    return tuple(dict.fromkeys(one.subject for one in found if one.role is role))
