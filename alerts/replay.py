"""Play a planned past through the production path on an accelerated clock, and keep what was said.

Mentions come in when their source shows them; they are stored, assessed and detected as in life.
Hours in which nothing stands out are taken in one stride: they are looked at first, and where
something does stand out they are rolled back and walked through minute by minute.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from alerts.memory import Look, Memory
from alerts.policy import customers_of, policy_of
from alerts.stage import detect, finish, settle
from alerts.walk import Walk
from data.model import Assessment, Level, Mention
from data.scenarios.format import Planned, Scenario
from data.settings import Settings
from data.store import assessments, mentions
from data.store.db import Store

STRIDE = timedelta(hours=3)
LOOK_AGAIN = timedelta(minutes=30)
"""What waits (for the morning, for company, for somebody to look) is decided again this often."""
STEP = timedelta(minutes=5)
"""How exact the time of a message is; in life it is a minute."""
KEY = b"a scenario's people are invented"
Assess = Callable[[Sequence[Mention], datetime], list[Assessment]]
"""Assesses stored mentions: the real assessment, or the planner's own labels."""
Place = Callable[[Connection, Sequence[Mention], Sequence[Assessment]], None]
"""Keeps which of them says the same as an earlier one."""
Progress = Callable[[int, int], None]


class _Undo(Exception):
    """Leaves a transaction without writing; nobody else sees it."""


@dataclass(slots=True)
class Player:
    """One replay: a store of its own, the settings, and who assesses."""

    store: Store
    settings: Settings
    assess: Assess
    place: Place = lambda *_: None
    memory: Memory = field(default_factory=Memory)

    def play(self, scenario: Scenario, progress: Progress | None = None) -> None:
        """Play a scenario from its first to its last moment into the store."""
        strides = list(_strides(scenario))
        for number, (until, some) in enumerate(strides, start=1):
            if some and not self._passes(some, until):
                for moment, few in _steps(some, until):
                    self._tick(few, moment)
            else:
                detect(self.store, self.settings, until, memory=self.memory)
            if progress is not None:
                progress(number, len(strides))

    def _tick(self, some: Sequence[Planned], now: datetime) -> None:
        if some:
            with self.store.write() as conn:
                self._take_in(conn, some, now)
        detect(self.store, self.settings, now, memory=self.memory)

    def _take_in(self, conn: Connection, some: Sequence[Planned], now: datetime) -> list[int]:
        saved = mentions.save(conn, [one.mention for one in some], now, KEY)
        stored = mentions.get(conn, saved.ids)
        found = self.assess(stored, now)
        assessments.write(conn, stored, found)
        self.place(conn, stored, found)
        return list(saved.ids)

    def _passes(self, some: Sequence[Planned], until: datetime) -> bool:
        """Take hours in at once if a reader would notice nothing in them; else leave no trace."""
        with suppress(_Undo), self.store.write() as conn:
            ids = self._take_in(conn, some, until)
            self.memory.check(conn, ids)
            looks = {lender: self._look(conn, lender, ids, until) for lender in self._customers}
            if any(map(_noticed, looks.values())):
                raise _Undo
            for lender, look in looks.items():
                _, newest_event = settle(conn, self.settings, look, until)
                self.memory.keep(lender, look, newest_event)
            finish(conn, ids, self.memory)
            return True
        return False

    def _look(self, conn: Connection, lender: str, ids: Sequence[int], now: datetime) -> Look:
        policy = policy_of(self.settings)
        return Walk(conn, lender, self.settings.alerts, policy, now, self.memory).look(ids)

    @property
    def _customers(self) -> list[str]:
        return customers_of(self.settings)


def _noticed(look: Look) -> bool:
    return any(s.events and s.incident.level >= Level.YELLOW for s in look.changed)


def _strides(scenario: Scenario) -> Iterator[tuple[datetime, list[Planned]]]:
    """Cut the mentions by when they are visible, ``STRIDE`` at a time."""
    ordered = sorted(scenario.planned, key=lambda one: one.visible_at)
    place, now = 0, scenario.starts_at
    while now < scenario.ends_at:
        now = min(now + STRIDE, scenario.ends_at)
        begin = place
        while place < len(ordered) and ordered[place].visible_at <= now:
            place += 1
        yield now, ordered[begin:place]


def _steps(some: Sequence[Planned], until: datetime) -> Iterator[tuple[datetime, list[Planned]]]:
    """Cut a stride into steps; one in which nothing comes in is left out, but for half hours."""
    by_step: dict[datetime, list[Planned]] = {}
    for one in some:
        late = (until - one.visible_at) // STEP
        by_step.setdefault(until - late * STEP, []).append(one)
    for number in range(STRIDE // LOOK_AGAIN):
        by_step.setdefault(until - number * LOOK_AGAIN, [])
    yield from sorted(by_step.items())
