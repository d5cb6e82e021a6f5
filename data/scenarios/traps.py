"""Planted traps: stretches that look like a crisis in the numbers and are none."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from data.scenarios.chance import chance
from data.scenarios.clock import cascade
from data.scenarios.complaints import MIX
from data.scenarios.draft import HEIMAO, Draft, PlannedEvent, delayed
from data.scenarios.events import Plan, Story, bind
from data.scenarios.format import LevelName
from data.scenarios.marks import plain
from data.scenarios.voices import Voices

_CALM: LevelName = "yellow"  # what a trap may reach at most
_PRAISE = {"content": "marketing", "sentiment": "pos"}
_PR = {"content": "lender_pr", "sentiment": "pos"}
_OLD = {"content": "old_news", "sentiment": "neg"}
_BOT = {"content": "bot", "sentiment": "neg"}
_POLICY_POST = {"content": "post", "sentiment": "neu"}


def _spread(voices: Voices, starts_at: datetime, hours: float, count: int) -> list[datetime]:
    """Draw moments spread evenly over some hours."""
    return sorted(starts_at + timedelta(hours=voices.rng.uniform(0, hours)) for _ in range(count))


def marketing(voices: Voices, name: str, starts_at: datetime, count: int) -> Plan:
    """A campaign: many friendly posts in two days, a few reports."""
    own, rng = voices.cast.own, voices.rng
    plan = voices.pen.write("plan", {})
    drafts = []
    for at in _spread(voices, starts_at, 40, count):
        given = {**voices.person(at), "plan": plan}
        if chance(rng, 0.1):
            drafts.append(voices.printed(at, "campaign_news", given, _PR, own))
        else:
            drafts.append(voices.posted(at, "campaign_title", "campaign", given, _PRAISE, own))
    return bind(voices, name, "marketing", drafts, _CALM, trap=True)


def old_news(voices: Voices, name: str, starts_at: datetime, count: int) -> Plan:
    """An exposure of two years ago goes round again; half of those who pass it on see the date."""
    rng, own = voices.rng, voices.cast.own
    story = Story.set_in(voices, rng.choice(("stall", "school", "ward")), "长沙", starts_at)
    drafts = [
        voices.posted(at, "old_title", "old_news", story.given(at), _OLD, own)
        for at in [starts_at, *cascade(rng, starts_at, count)]
    ]
    return bind(voices, name, "old_news", drafts, _CALM, trap=True)


def bot_flood(voices: Voices, name: str, starts_at: datetime, count: int) -> Plan:
    """One text over and over from three accounts, with a few characters changed."""
    own, rng = voices.cast.own, voices.rng
    given = voices.person(starts_at)
    handles = [f"用户{rng.randint(10**6, 10**7)}" for _ in range(3)]
    text = voices.pen.write("flood", given)
    drafts = []
    for at in _spread(voices, starts_at, 2, count):
        draft = voices.posted(at, "flood_title", "flood", given, _BOT, own)
        copied = text + rng.choice(("", "！", "！！", "。", "…", f" {rng.randint(1, 99)}"))
        about = voices.about(own, plain(draft.title + copied))
        drafts.append(replace(draft, text=copied, author=rng.choice(handles), about=about))
    return bind(voices, name, "bot_flood", drafts, _CALM, trap=True)


def policy_day(voices: Voices, name: str, starts_at: datetime, count: int) -> Plan:
    """A new rule on collection: a day of reports and remarks that name every misconduct."""
    rng = voices.rng
    policy = voices.pen.write("policy", {})
    drafts = []
    for at in _spread(voices, starts_at, 11, count):
        given = {**voices.person(at), "policy": policy}
        if chance(rng, 0.6):
            drafts.append(voices.printed(at, "n_policy", given, MIX["news"]["policy"], None))
        else:
            drafts.append(
                voices.posted(
                    at, "policy_title", "policy_comment", given, _POLICY_POST, voices.cast.own
                )
            )
    return bind(voices, name, "policy_day", drafts, _CALM, trap=True)


def ad_wave(voices: Voices, name: str, starts_at: datetime, count: int) -> Plan:
    """Anti-collection agencies advertise under the lender's name."""
    drafts = []
    for at in _spread(voices, starts_at, 20, count):
        given = voices.person(at)
        drafts.append(
            voices.posted(
                at, "t_debt_ad", "b_debt_ad", given, MIX["posts"]["debt_ad"], voices.cast.own
            )
        )
    return bind(voices, name, "ad_wave", drafts, _CALM, trap=True)


def outage(
    drafts: Iterable[Draft],
    name: str,
    lender: str,
    stretch: tuple[datetime, datetime],
    source: str = HEIMAO,
) -> tuple[PlannedEvent, list[Draft]]:
    """A source shows nothing for a stretch, then everything at once, in the order of its writing.

    Returns the event and all drafts, of which those of the silent stretch are delayed.
    """
    down, up = stretch
    changed: list[Draft] = []
    behind = 0
    for draft in sorted(drafts, key=lambda d: d.published_at):
        silent = draft.source == source and down <= draft.visible_at < up and not draft.event
        if silent:
            behind += 1
            changed.append(delayed(draft, up + timedelta(seconds=9 * behind), name))
        else:
            changed.append(draft)
    return PlannedEvent(name, "outage", lender, down, up, trap=True, level=_CALM), changed
