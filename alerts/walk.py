"""Walk a lender's time from what is new to now: read, detect, file into stories; write nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from alerts.baseline import Baseline
from alerts.cluster import CLUSTER, LEAST, NEW, UNSEEN, Kind, cluster, gathered, newest
from alerts.cluster import WINDOW as CLUSTER_WINDOW
from alerts.counted import Counted, baselines, counted
from alerts.detect import (
    HOLD,
    RARE_DAYS,
    SWELL,
    WINDOWS,
    Grave,
    Heard,
    bursts,
    candidates,
    in_order,
    notice,
    severe,
    steps,
    tracks,
)
from alerts.incidents import ROUTINE_DAYS, Book
from alerts.memory import Look, Memory
from alerts.policy import Policy
from alerts.sector import Rivals
from alerts.series import DAY
from alerts.story import Story, restore
from alerts.voices import authors
from data.model import Allegation, Sentiment
from data.settings import Alerts, Burst
from data.store import incidents, signals
from data.store.signals import Item

_INSTANT = timedelta(microseconds=1)  # the store's ranges leave their end out, a window has it
Entry = tuple[datetime, int, Callable[[], None]]
"""When, which of several at the same moment comes first, and what to do."""


@dataclass(frozen=True, slots=True)
class Walk:
    """One pass over one lender's time: what it reads and by which rules."""

    conn: Connection
    lender: str
    settings: Alerts
    policy: Policy
    now: datetime
    memory: Memory = field(default_factory=Memory)

    def look(self, ids: Sequence[int]) -> Look:
        """Return the stories that ``ids``, newly assessed mentions, change, and what was read.

        Only hours that hold one of them can have changed, so the walk begins at the oldest.
        """
        new = signals.items(self.conn, self.lender, ids, against=True)
        spoken = [replace(item, at=min(item.at, self.now)) for item in new.values()]
        oldest = signals.earliest(self.conn, self.lender, ids)
        moments = [item.at for item in spoken] + ([oldest] if oldest else [])
        since = min([*moments, self.now])
        far = since - max(self.policy.close_after, self.policy.join, ROUTINE_DAYS) * 2
        newest_event = incidents.newest_event(self.conn)
        book = Book(self.lender, self.policy, self._known(far))
        found = self._count(since)
        entries = self._entries(book, spoken, since, found)
        for _, _, act in sorted(entries, key=lambda e: e[:2]):
            act()
        book.close_quiet(self.now)
        return Look(book.stories, book.finish(), far, newest_event, found)

    def _count(self, since: datetime) -> Counted | None:
        """Return the counts per hour, if any hour can have changed."""
        if since >= self.now:
            return None
        known = self.memory.counted(self.lender)
        span = (since - WINDOWS[SWELL], self.now)
        burst, group_of = self.settings.burst, self.policy.group_of
        return counted(self.conn, self.lender, span, burst, group_of, known)

    def _entries(
        self, book: Book, spoken: Sequence[Item], since: datetime, found: Counted | None
    ) -> Iterable[Entry]:
        heard = signals.between(self.conn, self.lender, since - HOLD, self.now + HOLD)
        told = Heard()
        for signal in heard:
            told.add(signal)
        for item in spoken:
            yield item.at, 0, partial(book.hear, item)
        yield from self._clusters(book, spoken, told)
        yield from self._single(book, spoken, since, {(s.rule, s.series) for s in heard})
        if found is not None:
            usual = baselines(found, self.settings.burst)
            yield from self._bursts(book, since, usual, told, found.silent.now)

    def _single(
        self, book: Book, spoken: Sequence[Item], since: datetime, known: set[tuple[str, str]]
    ) -> Iterable[Entry]:
        """Yield what a single mention sets off: it is grave, or a regulator's."""
        least = self.settings.severe_from
        against = [
            i for i in spoken if i.severity >= least and i.sentiment is not Sentiment.POSITIVE
        ]
        grave = self._grave(since) if against else Grave((), None)
        for item in against:
            signal = severe(item, grave)
            if (signal.rule, signal.series) not in known:
                yield item.at, 1, partial(book.severe, signal, item)
        for item in spoken:
            told = notice(item)
            if told is not None and (told.rule, told.series) not in known:
                yield item.at, 2, partial(book.notice, told, item)

    def _grave(self, since: datetime) -> Grave:
        """Read the grave mentions of the four weeks before."""
        start, least = since - DAY * (RARE_DAYS + 2), self.settings.severe_from
        marks = signals.marks(self.conn, self.lender, start, self.now + _INSTANT, severity=least)
        return Grave(marks, signals.first(self.conn, self.lender))

    def _bursts(
        self,
        book: Book,
        since: datetime,
        usual: Mapping[str, Mapping[str, Baseline]],
        heard: Heard,
        silent: Collection[str],
    ) -> Iterable[Entry]:
        until = self.now + _INSTANT
        begin = since - WINDOWS[SWELL]
        group_of = self.policy.group_of
        found = tracks(
            [
                mark
                for mark in signals.marks(self.conn, self.lender, begin, until)
                if mark.source not in silent  # its volume says nothing
            ],
            signals.tags(self.conn, self.lender, begin, until),
            group_of,
            self.settings.severe_from,
        )
        moments = steps(since, self.now)
        loud = in_order(
            candidate
            for rule in WINDOWS
            for candidate in candidates(rule, found, usual[rule], moments)
            if not heard.covers(rule, candidate.series, candidate.at, len(candidate.ids))
        )
        if not loud:
            return
        ids = {i for candidate in loud for i in candidate.ids}
        items = signals.items(self.conn, self.lender, ids)
        told = list(bursts(loud, items, self.lender, heard))
        if not told:
            return
        context = signals.items_between(self.conn, self.lender, since - self.policy.join, until)
        rivals = Rivals(self.conn, self.policy.rivals, self.settings.burst)
        for signal in told:
            window = [items[i] for i in signal.mention_ids if i in items]
            yield signal.at, 3, partial(book.burst, rivals.compare(signal), window, context)

    def _clusters(self, book: Book, spoken: Sequence[Item], heard: Heard) -> Iterable[Entry]:
        """Yield what new mentions complete: a cluster that is the first of its kind."""
        known = self.policy.allegations
        kinds = newest(spoken, known)
        if not kinds:
            return
        texts = sorted({kind.first_id for kind in kinds if kind.first_id})
        cities = sorted({kind.city for kind in kinds if kind.city})
        begin, end = min(kinds.values()) - CLUSTER_WINDOW, max(kinds.values())
        ids = signals.near(self.conn, self.lender, (texts, cities), begin, end)
        around = sorted(
            signals.items(self.conn, self.lender, ids).values(), key=lambda i: (i.at, i.mention_id)
        )
        for kind, at in kinds.items():
            some = gathered(kind, at, around, known)
            people = authors(some)
            if people < LEAST or heard.covers(CLUSTER, kind.series, at, people):
                continue
            before = before_it(self.conn, self.lender, kind, at, known)
            if before == 0:
                signal = cluster(kind, at, some, self.lender, before)
                heard.add(signal)
                yield at, 3, partial(book.burst, signal, some, around)

    def _known(self, far: datetime) -> list[Story]:
        """Return the stories that are open, or were closed so lately that they may be named."""
        kept = self.memory.stories(self.lender, far)
        if kept is not None:
            return kept
        known = incidents.lately(self.conn, self.lender, far)
        ids = [incident.id for incident in known]
        members = incidents.members(self.conn, ids)
        items = signals.items(
            self.conn, self.lender, {i for some in members.values() for i in some}
        )
        spoken = signals.of_incidents(self.conn, ids)
        histories = incidents.histories(self.conn, ids)
        return [
            restore(
                incident,
                [items[i] for i in members[incident.id] if i in items],
                spoken[incident.id],
                histories[incident.id],
                self.policy.allegations,
            )
            for incident in known
        ]


def before_it(
    conn: Connection, lender: str, kind: Kind, at: datetime, allegations: Mapping[str, Allegation]
) -> int:
    """Return how often what a cluster has in common was said before it was new; 0 if never."""
    if kind.first_id:
        born = signals.born(conn, [kind.first_id]).get(kind.first_id, at)
        return int(born < at - NEW)
    same = [one.id for one in allegations.values() if one.group == kind.group]
    until = at - CLUSTER_WINDOW
    what = (same, kind.city, kind.collector)
    return signals.alleged_before(conn, lender, what, until - UNSEEN, until)


def baseline_of(
    conn: Connection,
    lender: str,
    span: tuple[datetime, datetime],
    policy: Burst,
    group_of: Mapping[str, str],
) -> dict[str, dict[str, Baseline]]:
    """Return what is usual for each of a lender's series over a span of time, by volume rule."""
    return baselines(counted(conn, lender, span, policy, group_of), policy)
