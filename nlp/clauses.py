"""Which clauses an allegation may touch (可能触及), by the day on which it happened.

A call of September 2024 is judged by the rules of 2024. A rule that came into force later is left
out and named as left out; a rule whose date nobody could verify is kept and marked. Whether
anything is an offence only an authority can say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from data.facts.rules import Rule
from data.model import SHANGHAI, Allegation, Clause
from nlp.numbers import value

_DATE = re.compile(
    r"(20[0-9]{2})\s?(?:年|[-./])\s?([0-9]{1,2}|十[一二]?|[一二三四五六七八九])(?:月|(?=[-./]))"
    r"(?:\s?[-./]?\s?([0-9]{1,2}))?日?"
)


class Force(StrEnum):
    """Whether a rule held on the day."""

    YES = "施行中"
    NO = "当时尚未施行"
    UNKNOWN = "施行日期待核"


@dataclass(frozen=True, slots=True)
class Touched:
    """A clause with its rule and whether that was in force on the day."""

    clause: Clause
    rule: Rule
    force: Force


def touched(
    allegation: Allegation, day: date | None, rules: Mapping[str, Rule]
) -> tuple[Touched, ...]:
    """Return the clauses of an allegation, those in force on ``day`` first.

    Without a day every rule counts as in force where its date is known.
    """
    found = [
        Touched(clause, rules[clause.rule], _force(rules[clause.rule], day))
        for clause in allegation.clauses
    ]
    return tuple(sorted(found, key=lambda one: list(Force).index(one.force) == 1))


def in_force(found: Iterable[Touched]) -> tuple[Touched, ...]:
    """Return those that may be held against the conduct."""
    return tuple(one for one in found if one.force is not Force.NO)


def happened(text: str, published: datetime | None) -> date | None:
    """Return the day of the event: the last full date of the text up to its publication, else that.

    A month without a day stands for its first; a later date is a plan, not an event.
    """
    limit = published.astimezone(SHANGHAI).date() if published else None
    days = [day for match in _DATE.finditer(text) if (day := _day(match))]
    past = [day for day in days if limit is None or day <= limit]
    return max(past, default=limit)


def _force(rule: Rule, day: date | None) -> Force:
    holds = rule.in_force(day or date.max)
    return Force.UNKNOWN if holds is None else Force.YES if holds else Force.NO


def _day(match: re.Match[str]) -> date | None:
    month = value(match[2])
    try:
        return date(int(match[1]), int(month or 0), int(match[3] or 1))
    except ValueError:
        return None
