"""Makes a planned stretch of time from a seed: ordinary days with crises and traps in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from data.model import Lender, utc
from data.scenarios import events, traps
from data.scenarios.cast import Cast
from data.scenarios.chance import stream
from data.scenarios.clock import cascade
from data.scenarios.draft import Draft, PlannedEvent, seal
from data.scenarios.events import Plan, Story
from data.scenarios.format import Scenario
from data.scenarios.ordinary import ordinary_days
from data.scenarios.voices import Voices

PER_DAY = 140.0
"""Mentions about or around a mid-size lender on an average day."""
_CITIES = ("佛山", "东莞", "深圳", "广州", "成都", "郑州", "武汉", "沈阳", "南宁", "长沙")
_QUIET = timedelta(days=2.5)
"""Planted events keep this distance, so that each can be told from the others."""


@dataclass(slots=True)
class Plot:
    """A plan in the making. Every part draws from its own source of chance."""

    seed: int
    cast: Cast
    starts_at: datetime
    ends_at: datetime
    drafts: list[Draft]
    events: list[PlannedEvent]

    @classmethod
    def of(
        cls,
        seed: int,
        lenders: Sequence[Lender],
        stretch: tuple[datetime, datetime],
        per_day: float,
    ) -> Plot:
        """Begin with ordinary days."""
        cast = Cast.of(lenders)
        starts_at, ends_at = utc(stretch[0]), utc(stretch[1])
        drafts = list(ordinary_days(seed, cast, starts_at, ends_at, per_day))
        return cls(seed, cast, starts_at, ends_at, drafts, [])

    def voices(self, name: str) -> Voices:
        """Gather people for one event."""
        return Voices.of(stream(self.seed, "event", name), self.cast)

    def add(self, plan: Plan) -> None:
        """Put an event into the plan."""
        event, drafts = plan
        self.events.append(event)
        self.drafts += drafts

    def silence(self, name: str, down: datetime, up: datetime) -> None:
        """Put an outage into the plan."""
        event, self.drafts = traps.outage(self.drafts, name, self.cast.own.lender.slug, (down, up))
        self.events.append(event)

    def scenario(self, name: str) -> Scenario:
        """Finish: ids, order, truth."""
        self.events.sort(key=lambda event: (event.starts_at, event.id))
        return seal(name, self.seed, (self.starts_at, self.ends_at), self.drafts, self.events)


def generate(
    seed: int,
    starts_at: datetime,
    days: float,
    *,
    lenders: Sequence[Lender],
    crisis_at: datetime | None = None,
    per_day: float = PER_DAY,
) -> Scenario:
    """Plan ``days`` days from ``starts_at``: the same for the same arguments, everywhere.

    Traps and lesser events come about every five days, exposures about every three weeks;
    ``crisis_at`` asks for one more exposure at that moment.
    """
    ends_at = starts_at + timedelta(days=days)
    plot = Plot.of(seed, lenders, (starts_at, ends_at), per_day)
    rng = stream(seed, "plot")
    taken = [utc(crisis_at)] if crisis_at else []
    if crisis_at:
        plot.add(_exposure(plot, "crisis", utc(crisis_at), rng))
    for number, (kind, at) in enumerate(_schedule(rng, plot, taken), start=1):
        name = f"{kind}-{number}"
        if kind == "outage":
            plot.silence(name, at, at + timedelta(hours=rng.uniform(9, 20)))
        else:
            plot.add(_PLANNERS[kind](plot, name, at, rng))
    return plot.scenario(f"generated-{seed}")


def _schedule(rng: Random, plot: Plot, taken: Sequence[datetime]) -> Iterator[tuple[str, datetime]]:
    """Deal the kinds of events over the stretch, at a daytime hour, apart from each other."""
    deck: list[str] = []
    at = plot.starts_at + timedelta(days=rng.uniform(3.5, 5))
    while at < plot.ends_at - timedelta(days=1):
        moment = at.replace(hour=rng.randint(1, 12), minute=rng.randrange(60))  # 9 to 20 o'clock
        if all(abs(moment - other) > _QUIET for other in taken):
            if not deck:
                deck = [*_PLANNERS, "outage", "exposure"]
                rng.shuffle(deck)
            yield deck.pop(), moment
        at += timedelta(days=rng.uniform(2.6, 5.5))


def _exposure(plot: Plot, name: str, at: datetime, rng: Random) -> Plan:
    voices = plot.voices(name)
    story = Story.set_in(voices, rng.choice(("stall", "school", "ward")), rng.choice(_CITIES), at)
    return events.exposure(story, name, at, cascade(voices.rng, at, rng.randint(90, 220)))


def _exposure_with_apology(plot: Plot, name: str, at: datetime, rng: Random) -> Plan:
    """The apology is an event of its own, a trap, some hours after the exposure."""
    plan = _exposure(plot, name, at, rng)
    sorry = at + timedelta(hours=rng.uniform(8, 26))
    if sorry < plot.ends_at - timedelta(hours=1):
        plot.add(
            events.apology(
                plot.voices(f"{name}-apology"),
                f"{name}-apology",
                sorry,
                "委外催收一事",
                rng.randint(25, 50),
            )
        )
    return plan


_PLANNERS: dict[str, Callable[[Plot, str, datetime, Random], Plan]] = {
    "exposure": _exposure_with_apology,
    "fee_scandal": lambda p, n, at, rng: events.fee_scandal(
        p.voices(n), n, at, rng.randint(70, 140)
    ),
    "leak": lambda p, n, at, rng: events.rumour(p.voices(n), n, at, rng.randint(45, 90), "leak"),
    "bust": lambda p, n, at, rng: events.rumour(p.voices(n), n, at, rng.randint(45, 90), "bust"),
    "severe_item": lambda p, n, at, _rng: events.severe_item(p.voices(n), n, at),
    "marketing": lambda p, n, at, rng: traps.marketing(p.voices(n), n, at, rng.randint(90, 180)),
    "old_news": lambda p, n, at, rng: traps.old_news(p.voices(n), n, at, rng.randint(25, 50)),
    "bot_flood": lambda p, n, at, rng: traps.bot_flood(p.voices(n), n, at, rng.randint(40, 80)),
    "policy_day": lambda p, n, at, rng: traps.policy_day(p.voices(n), n, at, rng.randint(30, 60)),
    "ad_wave": lambda p, n, at, rng: traps.ad_wave(p.voices(n), n, at, rng.randint(30, 60)),
}
