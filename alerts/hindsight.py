"""Who would have been told of last month's incidents by another file of whom to tell, and when.

Each incident is gone through again by the story's own time, as its history has it, once by today's
file and once by the one tried; nothing is stored or sent. What people did (looked, answered,
closed, silenced) stays as it was, and each message counts as arrived.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection

from alerts import clock
from alerts.decide import DAY, Case, Rules, Told, decide
from alerts.policy import Policy, customers_of, policy_of, telling_of
from alerts.profile import groups_of
from alerts.tell import ONCE, by_volume, covers, listener
from data.facts.telling import Telling
from data.model import Incident, IncidentState, Level, Reason, Signal, Silence
from data.settings import Settings
from data.settings_channels import Channel
from data.store import incidents, signals, silences
from data.store.incidents import Event

STEP = timedelta(minutes=10)
"""Between two looks at an incident where nothing happens."""
_STATES = {
    "acknowledged": IncidentState.ACKNOWLEDGED,
    "closed": IncidentState.CLOSED,
    "reopened": IncidentState.OPEN,
}


@dataclass(frozen=True, slots=True)
class Retold:
    """What one channel hears of one incident, by today's file and by the one tried."""

    id: int
    title: str
    opened_at: datetime
    level: Level
    channel: str
    today: tuple[Reason, ...]
    tried: tuple[Reason, ...]


def rehearse_telling(
    conn: Connection, settings: Settings, file: Path, since: datetime, until: datetime,
    progress: Callable[[int, int], None] | None = None,
) -> list[Retold]:  # fmt: skip
    """Return what each channel hears of each incident opened in ``[since, until)``, both ways.

    Raises FactError, ConfigError for a channel whose audience the file does not have.
    """
    chosen = settings.model_copy(
        update={"alerts": settings.alerts.model_copy(update={"telling": file})}
    )
    both = telling_of(settings), telling_of(chosen)
    policy, silent = policy_of(settings), silences.current(conn, since)
    lives = [
        _life(conn, incident, policy)
        for lender in customers_of(settings)
        for incident in incidents.lately(conn, lender, since)
    ]
    opened = [life for life in lives if since <= life.incident.opened_at < until]
    found = []
    for done, life in enumerate(opened, start=1):
        walks = [
            _Walk(life, lives, settings, policy, one, one.routed(settings.channels), silent)
            for one in both
        ]
        today, tried = (walk.through(until) for walk in walks)
        found += [_retold(life.incident, c.name, today, tried) for c in settings.channels]
        if progress is not None:
            progress(done, len(opened))
    return found


def _retold(
    incident: Incident, channel: str, today: Mapping[str, list[Reason]],
    tried: Mapping[str, list[Reason]],
) -> Retold:  # fmt: skip
    said = (tuple(one.get(channel, ())) for one in (today, tried))
    return Retold(incident.id, incident.title, incident.opened_at, incident.level, channel, *said)


@dataclass(frozen=True, slots=True)
class _Life:
    """An incident with all that happened to it, in order of time."""

    incident: Incident
    times: Sequence[datetime]  # of its mentions
    dated: Sequence[datetime]  # of those that state one
    sources: Mapping[str, datetime]  # since when, the first first
    groups: Mapping[str, datetime]  # what is alleged, since when
    signals: Sequence[Signal]
    events: Sequence[Event]

    def known(self, now: datetime) -> Incident:
        """Return the incident as it was at a moment."""
        level, state = self.incident.level, IncidentState.OPEN
        levels = [e.detail.get("to", e.detail.get("level")) for e in self.until(now)
                  if e.what in {"opened", "rose", "lowered"}]  # fmt: skip
        if levels and isinstance(levels[-1], int):
            level = Level(levels[-1])
        for event in self.until(now):
            state = _STATES.get(event.what, state)
        number = bisect_right(self.times, now)
        sources = tuple(_by(self.sources, now))
        return replace(self.incident, level=level, state=state, mentions=number, sources=sources)

    def until(self, now: datetime) -> list[Event]:
        """Return what had happened to it by a moment."""
        return [event for event in self.events if event.at <= now]

    def alarm(self, now: datetime) -> datetime | None:
        """Return when a rule last held by a moment."""
        found = [s.at for s in self.signals if s.at <= now and s.detail.get("unusual", True)]
        return max(found, default=None)

    def newest(self, now: datetime) -> datetime | None:
        """Return its newest dated mention or signal by a moment."""
        said = self.dated[: bisect_right(self.dated, now)]
        fired = [s.at for s in self.signals if s.at <= now and s.detail.get("dated", True)]
        return max([*said[-1:], *fired], default=None)


@dataclass(slots=True)
class _Walk:
    """One incident, gone through by one file."""

    life: _Life
    others: Sequence[_Life]
    settings: Settings
    policy: Policy
    telling: Telling
    channels: Sequence[Channel]
    silent: Sequence[Silence]
    told: dict[str, Told] = field(default_factory=dict)  # the last message, by channel
    sent: dict[str, list[datetime]] = field(default_factory=dict)
    told_at: dict[Level, datetime] = field(default_factory=dict)
    said: dict[str, list[Reason]] = field(default_factory=dict)

    def through(self, until: datetime) -> dict[str, list[Reason]]:
        """Return why each channel is told, message by message."""
        moments = self._moments(until)
        place = 0
        while place < len(moments):
            now = moments[place]
            due = self._look(now)
            if due is not None and due < until and due not in moments:
                insort(moments, due)
            place += 1
        return self.said

    def _moments(self, until: datetime) -> list[datetime]:
        life = self.life
        fresh = timedelta(hours=self.settings.alerts.fresh_hours)
        last = max([life.incident.opened_at, *life.times, *(s.at for s in life.signals)])
        end = min(until, last + fresh, life.incident.closed_at or until)
        happened = (
            *life.times,
            *(e.at for e in life.events),
            *_steps(life.incident.opened_at, end),
        )
        return sorted({at for at in happened if life.incident.opened_at <= at <= end})

    def _look(self, now: datetime) -> datetime | None:
        """Decide for each channel at a moment; return when one that waits is due."""
        case, later = self._case(now), None
        rules = Rules(self.telling, self.policy.levels[case.incident.level],
                      timedelta(hours=self.settings.alerts.fresh_hours))  # fmt: skip
        for channel in self.channels:
            to = listener(channel)
            verdict = decide(case, self._told(channel.name, now), to, rules, now)
            if verdict.tells and verdict.due_at > now:
                later = min(later or verdict.due_at, verdict.due_at)
            elif verdict.tells:
                self._say(channel.name, case, verdict.reason, now)
        return later

    def _told(self, channel: str, now: datetime) -> Told | None:
        last = self.told.get(channel)
        if last is None:
            return None
        return replace(last, today=sum(at >= now - DAY for at in self.sent[channel]))

    def _say(self, channel: str, case: Case, reason: Reason, now: datetime) -> None:
        incident, last = case.incident, self.told.get(channel)
        self.sent.setdefault(channel, []).append(now)
        self.said.setdefault(channel, []).append(reason)
        for level in Level:
            if level <= incident.level:
                self.told_at.setdefault(level, now)
        once = {(reason, incident.level)} if reason in ONCE else set()
        self.told[channel] = Told(
            now, incident.level, incident.mentions, frozenset(incident.sources),
            len(self.sent[channel]), once=frozenset(once | (last.once if last else set())),
        )  # fmt: skip

    def _case(self, now: datetime) -> Case:
        life, incident = self.life, self.life.known(now)
        past = life.until(now)
        done = {event.what for event in past}
        return Case(
            incident=incident,
            newest=life.newest(now),
            since=clock.since(incident, past),
            told_at=self.told_at.get(incident.level),
            fired_at=life.alarm(now),
            by_volume=by_volume(incident, past),
            groups=frozenset(_by(life.groups, now)),
            responded=bool(done & {"responded", "stated"}),
            stated="stated" in done,
            spoken_for=next((one for one in self._graver(incident, now)), 0),
            silence=next((s for s in self.silent if s.covers(incident, now)), None),
        )

    def _graver(self, incident: Incident, now: datetime) -> Iterator[int]:
        """Yield the incidents that speak for this one at a moment."""
        rule = self.telling.inhibit
        least, keep = Level[rule.by.upper()], timedelta(hours=self.telling.keep_firing_hours)
        for life in self.others:
            same = life.incident.lender == incident.lender
            if same and life.incident.level >= least and life.incident.opened_at <= now:
                held = life.alarm(now) or life.incident.last_at
                known = life.known(now)
                if held >= now - keep and covers(known, incident, rule.by, rule.kinds):
                    yield known.id


def _life(conn: Connection, incident: Incident, policy: Policy) -> _Life:
    ids = incidents.mention_ids(conn, incident.id)
    found = signals.items(conn, incident.lender, ids).values()
    items = sorted(found, key=lambda item: (item.at, item.mention_id))
    sources: dict[str, datetime] = {}
    groups: dict[str, datetime] = {}
    for item in items:
        sources.setdefault(item.source, item.at)
        for group in groups_of(item, policy.allegations):
            groups.setdefault(group, item.at)
    return _Life(
        incident,
        times=[item.at for item in items],
        dated=[item.at for item in items if item.dated],
        sources=sources,
        groups=groups,
        signals=signals.of_incident(conn, incident.id),
        events=sorted(incidents.events(conn, incident.id), key=lambda event: event.at),
    )


def _by(since: Mapping[str, datetime], now: datetime) -> list[str]:
    """Return what there was by a moment."""
    return [name for name, at in since.items() if at <= now]


def _steps(since: datetime, until: datetime) -> Iterator[datetime]:
    while since <= until:
        yield since
        since += STEP


def messages(found: Sequence[Retold]) -> dict[str, tuple[int, int]]:
    """Return how many messages each channel gets: by today's file, and by the one tried."""
    today: Counter[str] = Counter()
    tried: Counter[str] = Counter()
    for one in found:
        today[one.channel] += len(one.today)
        tried[one.channel] += len(one.tried)
    return {name: (today[name], tried[name]) for name in today | tried}
