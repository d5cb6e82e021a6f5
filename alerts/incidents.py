"""Which mentions and signals are one story, and how grave it is; pure.

One crisis is one incident. Three sorts of key keep ordinary noise apart from stories:
``group@place`` is a story (opened by a burst, by a rare grave mention, by a grave news item),
``routine:group`` collects lone severe complaints, ``volume`` is talk that is not negative, and
``regulator`` gathers notices that name the lender.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from alerts.detect import HOTLIST
from alerts.kinship import ABSORB, NEGATIVE, alleged, bursting, closeness, repeats
from alerts.origin import families, first_of, says_as
from alerts.policy import Policy
from alerts.profile import Profile, headline, profile
from alerts.series import ALL
from alerts.story import Story
from alerts.tally import GRAVEST
from alerts.weigh import close, weigh
from data.model import Incident, IncidentState, Level, Signal, SourceKind
from data.store.incidents import Event
from data.store.signals import Item

PLACELESS = timedelta(hours=12)
"""What alleges the same, but names no place in common, is one story only this close."""
ROUTINE_DAYS = timedelta(days=7)
"""Lone severe complaints are collected for a week at most, then a new list begins."""
SEVERE = "severe"
VOLUME = "volume"


class Book:
    """All stories of one lender while time is walked through, event by event in order."""

    def __init__(self, lender: str, policy: Policy, stories: Sequence[Story] = ()) -> None:
        """Begin with the stories that are open or were closed lately."""
        self.lender = lender
        self.policy = policy
        self.stories = list(stories)

    # -------------------------------------------------------------------------- what comes in
    def hear(self, item: Item) -> None:
        """Give a negative or severe mention to the open story that it belongs to, if any."""
        self.close_quiet(item.at)
        if not item.dated or any(item.mention_id in s.members for s in self.stories):
            return
        told = [s for s in self._by_level() if repeats(item, s, self.policy.join)]
        for story in [*told, *self._by_level()]:
            if story.kind == "story" and (story in told or self._belongs(item, story)):
                self._join(story, [item])
                weigh(story, item.at, "join v1", self.policy.levels)
                return

    def burst(self, signal: Signal, window: Sequence[Item], context: Sequence[Item]) -> None:
        """File a burst: into the story its window is about, or as a new one.

        ``context`` are negative mentions of the days before, among which its beginning may be.
        """
        self.close_quiet(signal.at)
        spoken = [item for item in window if item.negative or item.severity]
        about = profile(spoken, self.policy.allegations)
        kind, _, name = signal.series.partition(":")
        group = name if kind == "group" else about.group
        kin = families(item for item in spoken if self._alike(item, group, about))
        told = [i for i in spoken if self._alike(i, group, about) or kin[i.first_id] > 1]
        spoken = told or spoken or list(window)  # nothing in common: all of it is what is loud
        known = self._match(signal.at, about, spoken)
        if known is None and signal.series == ALL:
            self._file(signal, VOLUME, window)
            return
        if known is None:
            spoken = [*self._beginning(signal.at, about, context, families(spoken)), *spoken]
        key = known.incident.key if known else f"{group or NEGATIVE}@{about.place}"
        if known is None:
            self._adopt(key, signal, spoken)
        self._file(signal, key, spoken)

    def _adopt(self, key: str, signal: Signal, spoken: Sequence[Item]) -> None:
        """Let the grave mentions that were first seen only as many become the story they are of."""
        begun = next((story for story in self._by_level() if story.kind == SEVERE), None)
        if begun is None or any(s.open and s.incident.key == key for s in self.stories):
            return
        shared = begun.members.keys() & {item.mention_id for item in spoken}
        if len(shared) * 2 >= len(begun.members) and signal.at <= begun.incident.last_at + ABSORB:
            begun.incident = replace(begun.incident, key=key)
            begun.events.append(Event(signal.at, "join v2", "named", {"from": SEVERE, "to": key}))

    def _alike(self, item: Item, group: str, about: Profile) -> bool:
        """Tell whether a mention of a loud hour is part of what the hour is about."""
        own = profile([item], self.policy.allegations)
        if about.place and about.place in own.places:
            return True
        shared = about.groups | {group}
        return not own.groups.isdisjoint(shared) if group else own.groups <= shared

    def severe(self, signal: Signal, item: Item) -> None:
        """File a grave mention: rare or in the news it is a story, else part of the routine."""
        self.close_quiet(signal.at)
        about = profile([item], self.policy.allegations)
        known = self._holder(item)
        if known is not None and _alarming(signal):
            # what is grave belongs to the gravest story that runs: one alarm, not two
            graver = self._ongoing(signal.at, about, item)
            known = max(known, graver or known, key=lambda story: story.incident.level)
        self._file(signal, known.incident.key if known else self._key(signal, item, about), [item])

    def _key(self, signal: Signal, item: Item, about: Profile) -> str:
        """Return where a grave mention belongs that is in no story yet."""
        group = about.group or NEGATIVE
        alarming = _alarming(signal)
        if alarming and signal.threshold > 1:
            return SEVERE  # many on one day, each of them usual: the day is the story
        if not item.dated or not (alarming or item.kind is SourceKind.NEWS):
            return f"routine:{group}"
        known = self._ongoing(signal.at, about, item)
        return known.incident.key if known else f"{group}@{about.place}"

    def _ongoing(self, at: datetime, about: Profile, item: Item) -> Story | None:
        """Return the open story that a grave mention is most likely part of."""
        closest, found = 0, None
        for story in self._by_level():
            close_to = closeness(story, at, about, item, self.policy.join)
            if close_to > closest:
                closest, found = close_to, story
        return found

    def _holder(self, item: Item) -> Story | None:
        """Return the open story, not a mere list, that has this mention."""
        return next(
            (
                story
                for story in self._by_level()
                if item.mention_id in story.members and story.kind not in {"routine", "volume"}
            ),
            None,
        )

    def notice(self, signal: Signal, item: Item) -> None:
        """File a regulator's notice or a hot-search entry: into its story, or with its like."""
        self.close_quiet(signal.at)
        known = self._holder(item)
        if known is None and signal.rule == HOTLIST:  # what is talked about is what goes on
            known = self._ongoing(signal.at, profile([item], self.policy.allegations), item)
        self._file(signal, known.incident.key if known else signal.rule, [item])

    def close_quiet(self, at: datetime) -> None:
        """Close what has been quiet long enough at this moment."""
        for story in self.stories:
            if not story.open:
                continue
            quiet = story.incident.last_at + self.policy.close_after
            if story.kind == "routine":
                quiet = min(quiet, story.incident.opened_at + ROUTINE_DAYS)
            if quiet <= at:
                close(story, quiet)

    # -------------------------------------------------------------------------- which story
    def _by_level(self) -> list[Story]:
        found = [story for story in self.stories if story.open]
        return sorted(found, key=lambda s: (-s.incident.level, s.incident.opened_at))

    def _belongs(self, item: Item, story: Story) -> bool:
        """Tell whether a mention alleges the same, at the same place, soon after an alarm."""
        tally = story.tally
        about = profile([item], self.policy.allegations)
        here = bool(story.place) and story.place in about.places
        if item.at < story.incident.opened_at - self.policy.join:
            return False
        if story.place and about.places and not here:
            return False
        last, long = (tally.last_alarm, self.policy.join) if here else (tally.last_burst, ABSORB)
        groups = alleged(story)
        general = story.incident.key.startswith(NEGATIVE)
        alike = about.groups <= groups if general else not groups.isdisjoint(about.groups)
        busy = here and bursting(story, item.at)
        return last is not None and (alike or busy) and item.at <= last + long

    def _match(self, at: datetime, about: Profile, spoken: Sequence[Item]) -> Story | None:
        """Return the open story that shares most mentions and words, or allegation and place."""
        ids, best = {item.mention_id for item in spoken}, (0, 0)
        found = None
        for story in self._by_level():
            near = at <= story.incident.last_at + self._reach(story)
            if story.kind != "story" or not near:
                continue
            same = sum(says_as(item, story.tally.families) for item in spoken)
            elsewhere = about.place and story.place and about.place != story.place
            if elsewhere and same * 2 < len(spoken):
                continue
            shared = max(len(ids & story.members.keys()), same)
            alike = int(not alleged(story).isdisjoint(about.groups))
            if (shared, alike) > best:
                best, found = (shared, alike), story
        return found

    def _beginning(
        self, at: datetime, about: Profile, context: Sequence[Item], kin: Collection[int]
    ) -> list[Item]:
        """Return the earlier mentions of the same words, or of the same place and allegation."""
        found = []
        for item in context:
            if at - self.policy.join <= item.at < at:
                own = profile([item], self.policy.allegations)
                here = bool(about.place) and about.place in own.places
                if says_as(item, kin) or (here and not about.groups.isdisjoint(own.groups)):
                    found.append(item)
        return found

    # -------------------------------------------------------------------------- what it does
    def _file(self, signal: Signal, key: str, items: Sequence[Item]) -> None:
        story = self._story(key, signal.at)
        if story is None:
            story = self._open(key, signal)
        story.signals.append(signal)
        story.tally.signal(signal)
        late = story.incident.closed_at is not None
        self._join(story, items)
        moved = max(story.incident.last_at, signal.at)
        story.incident = replace(story.incident, last_at=moved)
        if not late:
            weigh(story, signal.at, f"{signal.rule} v{signal.version}", self.policy.levels)

    def _reach(self, story: Story) -> timedelta:
        """Return how long after its last sign a story takes in its like; less without a place."""
        placeless = story.kind == "story" and not story.place
        return min(self.policy.join, PLACELESS) if placeless else self.policy.join

    def _story(self, key: str, at: datetime) -> Story | None:
        """Return the story with this key that covers the moment, closing one that is too old."""
        for story in reversed(self.stories):
            if story.merged or key not in {story.incident.key, *story.aliases}:
                continue
            if story.open:
                if at <= story.incident.last_at + self._reach(story) or story.kind == "routine":
                    return story
                close(story, at)
                return None
            closed = story.incident.closed_at
            if closed is not None and story.incident.opened_at - self.policy.join <= at <= closed:
                return story  # a late find: it belongs there, and nothing is re-opened
        return None

    def _open(self, key: str, signal: Signal) -> Story:
        same = (s for s in reversed(self.stories) if s.incident.key == key and not s.merged)
        before = next(same, None)
        incident = Incident(
            lender=self.lender,
            key=key,
            title="",
            level=Level.BLUE,
            state=IncidentState.OPEN,
            opened_at=signal.at,
            last_at=signal.at,
        )
        story = Story(incident, before=before)
        self.stories.append(story)
        return story

    def _join(self, story: Story, items: Sequence[Item]) -> None:
        elsewhere = {i for s in self.stories if s.apart and s is not story for i in s.members}
        chosen = [item for item in items if item.mention_id not in elsewhere]
        for item in story.take(chosen, self.policy.allegations):
            story.added.append(item.mention_id)
            newest = max(story.incident.last_at, item.at)
            story.incident = replace(story.incident, last_at=newest)

    def finish(self) -> list[Story]:
        """Title what changed and return it, in the order of opening."""
        for story in self.stories:
            if story.changed and story.members:  # none: all were found to be about somebody else
                about = profile(list(story.members.values()), self.policy.allegations)
                title = headline(
                    story.incident.key, about, self.policy.allegations, len(story.members), "zh"
                )
                members, place = list(story.members.values()), story.place
                first = first_of(members, place, self.policy.allegations)
                story.incident = replace(
                    story.incident, title=title, first_mention=first.mention_id
                )
        return [story for story in self.stories if story.changed]


def _alarming(signal: Signal) -> bool:
    """Tell whether a grave mention is one to speak up for: of the gravest, on an unusual day."""
    return bool(signal.detail["unusual"]) and signal.severity >= GRAVEST
