"""An incident at work: its members, its running counts and what has changed since it was read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from alerts.profile import groups_of
from alerts.tally import Tally
from data.model import Allegation, Incident, Level, Signal
from data.store.incidents import Event
from data.store.joining import MERGED, SPLIT
from data.store.signals import Item

_KINDS = frozenset({"routine", "severe", "volume", "regulator", "hotlist"})


@dataclass(slots=True)
class Story:
    """An incident at work: its members, and what has changed since it was read."""

    incident: Incident
    members: dict[int, Item] = field(default_factory=dict)
    tally: Tally = field(default_factory=Tally)
    reached: Level = Level.BLUE  # the highest level it rose to by itself
    counted: int = 0  # mentions when its revision last grew
    added: list[int] = field(default_factory=list)
    signals: list[Signal] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    before: Story | None = None  # the closed incident that this one re-opens
    rose: bool = False
    closed: bool = False
    aliases: frozenset[str] = frozenset()  # keys of what a person merged into it
    merged: bool = False  # a person merged it into another: nothing more goes here
    apart: bool = False  # a person split it off: what is in it stays in it

    @property
    def kind(self) -> str:
        """``story``, ``routine``, ``severe``, ``volume``, ``regulator`` or ``hotlist``."""
        head = self.incident.key.split(":")[0]
        return head if head in _KINDS else "story"

    @property
    def place(self) -> str:
        """The place in its key, "" without one."""
        return self.incident.key.partition("@")[2]

    @property
    def open(self) -> bool:
        """Whether it may still take something in."""
        return self.incident.closed_at is None

    def closed_in(self, since: datetime, until: datetime) -> bool:
        """Tell whether it was closed in ``[since, until)``."""
        closed = self.incident.closed_at
        return closed is not None and since <= closed < until

    @property
    def changed(self) -> bool:
        """Whether anything has to be written."""
        return bool(self.added or self.signals or self.events)

    def take(self, items: Iterable[Item], allegations: Mapping[str, Allegation]) -> list[Item]:
        """Count the mentions that are not in it yet, and return them."""
        new = []
        for item in items:
            if item.mention_id not in self.members:
                self.members[item.mention_id] = item
                self.tally.item(item, groups_of(item, allegations))
                new.append(item)
        return new

    def copy(self) -> Story:
        """Return it as the store has it once it is written: with nothing that is new."""
        return replace(
            self,
            members=dict(self.members),
            tally=self.tally.copy(),
            added=[],
            signals=[],
            events=[],
            before=None,
            rose=False,
            closed=False,
        )


def restore(
    incident: Incident,
    members: Iterable[Item],
    signals: Sequence[Signal],
    events: Sequence[Event],
    allegations: Mapping[str, Allegation],
) -> Story:
    """Return a stored incident as a story that nothing has changed yet."""
    story = Story(incident)
    story.take(sorted(members, key=lambda i: (i.at, i.mention_id)), allegations)
    for signal in signals:
        story.tally.signal(signal)
    for event in events:
        risen = event.detail.get("to", event.detail.get("level"))
        if event.what in {"opened", "rose"} and isinstance(risen, int):
            story.reached = max(story.reached, Level(risen))
        if event.what == MERGED:
            story.aliases |= {str(event.detail["key"])} if "key" in event.detail else frozenset()
            story.merged = story.merged or "into" in event.detail
        story.apart = story.apart or (event.what == SPLIT and "from" in event.detail)
        if event.what not in {SPLIT, "closed"}:
            story.counted = int(event.detail.get("mentions", story.counted))
    return story
