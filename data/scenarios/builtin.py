"""The demo: six weeks that end some hours from now, in the middle of a crisis."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from data.facts import lenders as lenders_of_the_demo
from data.model import SHANGHAI, Lender, utc
from data.scenarios import events, traps
from data.scenarios.chance import stream
from data.scenarios.clock import surge
from data.scenarios.events import Story
from data.scenarios.format import Scenario
from data.scenarios.generate import PER_DAY, Plot

SEED = 20_261_125
WEEKS = timedelta(weeks=6)
BEGAN = timedelta(hours=3)
"""How long before ``now`` the crisis began."""
BUSY, FADE = timedelta(minutes=45), timedelta(hours=6)
"""How long after ``now`` it goes on at full pace, and how long it then takes to fade."""


def demo(now: datetime, lenders: Sequence[Lender] | None = None) -> Scenario:
    """Plan the demo around ``now``: the same for the same moment.

    Three hours before ``now`` a complaint from Foshan begins a violent-collection exposure. At
    ``now`` the forum is full of it and the first report appears; something new comes every half
    minute for 45 minutes, then ever less for six hours.
    """
    now = utc(now).replace(microsecond=0)
    stretch = (now - WEEKS, now + BUSY + FADE)
    plot = Plot.of(SEED, lenders or lenders_of_the_demo(), stretch, PER_DAY)
    _past(plot, now)
    _crisis(plot, now)
    return plot.scenario("demo")


def _past(plot: Plot, now: datetime) -> None:
    """The weeks before: a fee scandal with its apology, single grave cases, traps."""

    def at(days_ago: float, hour: int) -> datetime:
        day = now.astimezone(SHANGHAI) - timedelta(days=days_ago)
        day -= timedelta(days=max(0, day.weekday() - 4))  # the same weekdays, whenever it is shown
        return utc(day.replace(hour=hour, minute=7, second=0))

    scandal = at(30, 10)
    plot.add(events.fee_scandal(plot.voices("fees"), "fees", scandal, 120))
    sorry = scandal + timedelta(hours=22)
    plot.add(events.apology(plot.voices("sorry"), "sorry", sorry, "会员费争议", 36))
    plot.add(traps.marketing(plot.voices("campaign"), "campaign", at(36, 9), 130))
    plot.add(traps.policy_day(plot.voices("policy"), "policy", at(24, 9), 44))
    plot.add(traps.old_news(plot.voices("old"), "old", at(19, 12), 34))
    plot.add(events.rumour(plot.voices("leak"), "leak", at(15, 14), 60, "leak"))
    plot.add(traps.ad_wave(plot.voices("ads"), "ads", at(11, 8), 42))
    plot.add(traps.bot_flood(plot.voices("bots"), "bots", at(8, 20), 55))
    for number, ago in enumerate((39, 27, 21, 13, 6), start=1):
        name = f"grave-{number}"
        plot.add(events.severe_item(plot.voices(name), name, at(ago, 9 + number)))
    plot.silence("outage", at(4, 8), at(4, 21))


def _crisis(plot: Plot, now: datetime) -> None:
    voices, rng = plot.voices("foshan"), stream(SEED, "foshan", "times")
    began = now - BEGAN
    story = Story.set_in(voices, "stall", "佛山", began)
    whispers = surge(
        rng, began + timedelta(minutes=22), timedelta(hours=1), _EVERY * 12, timedelta()
    )
    forum = surge(
        rng, began + timedelta(minutes=85), timedelta(minutes=85), _EVERY * 4, timedelta()
    )
    full = surge(rng, now - timedelta(minutes=10), BUSY + timedelta(minutes=10), _EVERY, FADE)
    times = sorted([*whispers, *forum, *full])
    plot.add(events.exposure(story, "foshan", began, times, BEGAN - timedelta(minutes=9)))


_EVERY = timedelta(seconds=29)
"""Between two new mentions of the crisis at full pace."""
