"""What detection keeps between two looks, so that a look costs what is new and not what is old.

Nothing here is needed: without it everything is read from the store, and the same is found. It
holds only while nobody else has looked (a count of looks in the store) or changed an incident
(the newest event in the store), and not for what was assessed anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from alerts.counted import Counted
from alerts.story import Story
from data.store import incidents, state

STAGE, LOOKS = "detect", "looks"
SPARE = timedelta(days=3)
"""How much earlier than the last look the next one may begin without reading stories again."""


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at one lender found: all stories since a moment, and what it counted."""

    stories: Sequence[Story]
    changed: Sequence[Story]
    since: datetime
    newest_event: int  # before it
    counted: Counted | None


@dataclass(slots=True)
class Remembered:
    """One lender's stories as they stand in the store, and its counts."""

    stories: list[Story] = field(default_factory=list)
    since: datetime | None = None  # what was closed earlier is not among the stories
    newest_event: int = -1
    counted: Counted | None = None


@dataclass(slots=True)
class Memory:
    """What is remembered of each lender since look number ``looks``."""

    looks: int = -1
    newest: int = 0  # the highest mention id that was ever looked at
    lenders: dict[str, Remembered] = field(default_factory=dict)

    def check(self, conn: Connection, ids: Sequence[int]) -> None:
        """Forget what may no longer hold, before a look at these mentions."""
        if looks(conn) != self.looks:
            self.lenders.clear()
        if ids and min(ids) <= self.newest:  # assessed anew: counts may have gone anywhere
            for known in self.lenders.values():
                known.counted = None
        event = incidents.newest_event(conn)
        changed = set(ids)
        for known in self.lenders.values():
            again = any(not changed.isdisjoint(story.members) for story in known.stories)
            if known.newest_event != event or again:
                known.newest_event = -1

    def stories(self, lender: str, since: datetime) -> list[Story] | None:
        """Return copies of the stories that run or were closed since a moment; None: read them."""
        known = self.lenders.get(lender)
        if known is None or known.newest_event < 0 or known.since is None or since < known.since:
            return None
        return [
            story.copy()
            for story in known.stories
            if (closed := story.incident.closed_at) is None or closed >= since
        ]

    def counted(self, lender: str) -> Counted | None:
        """Return a lender's counts, or None."""
        known = self.lenders.get(lender)
        return known.counted if known else None

    def keep(self, lender: str, look: Look, newest_event: int) -> None:
        """Remember what a look has read and what was then written; the event is its last.

        Stories closed a little too early for it are kept for a look that begins earlier.
        """
        before, since = self.lenders.get(lender), look.since
        kept = [story.copy() for story in look.stories]
        if before and before.newest_event >= 0 and before.since and before.since < since:
            since = max(before.since, since - SPARE)
            kept += [s for s in before.stories if s.closed_in(since, look.since)]
            kept.sort(key=lambda story: story.incident.id)
        counted = look.counted or self.counted(lender)
        self.lenders[lender] = Remembered(kept, since, newest_event, counted)

    def looked(self, conn: Connection, ids: Sequence[int]) -> None:
        """Count a look that ends here, in the transaction that empties its queue."""
        self.looks = looks(conn) + 1
        self.newest = max([self.newest, *ids])
        state.set_stage_value(conn, STAGE, LOOKS, self.looks)


def looks(conn: Connection) -> int:
    """Return how often anybody has looked at this store."""
    return int(state.stage_value(conn, STAGE, LOOKS) or 0)
