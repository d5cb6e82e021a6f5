"""How near a mention is to an open story: the same words, place or allegation; pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from alerts.origin import says_as
from alerts.profile import Profile
from alerts.story import Story
from data.store.signals import Item

ABSORB = timedelta(hours=6)
"""After its last signal, a story without a place still takes in what alleges the same."""
NEGATIVE = "negative"
"""The key of a story that is negative in general."""


def closeness(story: Story, at: datetime, about: Profile, item: Item, join: timedelta) -> int:
    """Rank how likely a grave mention is part of an open story: 0 for not at all, 4 for surely.

    Its words are repeated, the place is the same, the allegation is, or the story bursts and
    plays nowhere else: people are at it already, and a second alarm would tell them nothing. A
    story in which nobody alleges anything (an apology, a rumour) takes in no stranger.
    """
    last = story.tally.last_alarm
    if story.kind != "story" or last is None:
        return 0
    here = bool(about.place) and story.place == about.place
    shared = not alleged(story).isdisjoint(about.groups)
    if at > last + join:
        return 3 if here and shared else 0  # news that follows late
    if repeats(item, story, join):
        return 4
    if here or (story.place and about.place):
        return 3 if here else 0
    if shared and at <= last + ABSORB:
        return 2
    return int(bursting(story, at) and story.tally.severity > 0)


def repeats(item: Item, story: Story, join: timedelta) -> bool:
    """Tell whether a mention says in the same words what is in a story that is alarming."""
    last = story.tally.last_alarm
    near = last is not None and abs(item.at - last) <= join
    return near and says_as(item, story.tally.families)


def bursting(story: Story, at: datetime) -> bool:
    """Tell whether a burst of the story is not long past."""
    last = story.tally.last_burst
    return last is not None and at <= last + ABSORB


def alleged(story: Story) -> frozenset[str]:
    """Return what a story alleges; nothing for one that is negative in general."""
    main = story.incident.key.partition("@")[0]
    return frozenset() if main == NEGATIVE else story.tally.shared | {main}
