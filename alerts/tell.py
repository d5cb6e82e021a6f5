"""Put into the outbox what each channel is to hear of an incident, and why (not)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from alerts import clock, render
from alerts.cards import Dossier, Facts, compose
from alerts.decide import DAY, DUE, TELLING, Case, Listener, Rules, Told, Verdict, decide
from alerts.policy import Policy, channels_of, telling_of
from alerts.profile import groups_of
from alerts.rota import on_call
from data import facts
from data.model import Incident, IncidentState, Level, Notification, Reason, Silence
from data.settings import Settings
from data.settings_channels import Channel
from data.store import incidents, outbox, signals, silences
from data.store.incidents import Event
from data.store.outbox import DEAD, QUIET, WAITING, Letter

ONCE = DUE | {Reason.ESCALATED}
_COUNTS = ("burst_", "voices", "sources_")


@dataclass(frozen=True, slots=True)
class Teller:
    """Decides for each channel; runs in the transaction that writes the incidents."""

    conn: Connection
    settings: Settings
    policy: Policy
    now: datetime

    def tell(self, ids: Sequence[int]) -> int:
        """Write one row an incident and channel; return how many are to be sent."""
        silent = silences.current(self.conn, self.now)
        found = [one for i in ids if (one := incidents.get(self.conn, i)) is not None]
        return sum(self._tell(incident, silent) for incident in found)

    def _tell(self, incident: Incident, silent: Sequence[Silence]) -> int:
        file = _File.read(self.conn, incident)
        case = self._case(file, silent)
        queued = 0
        for channel in channels_of(self.settings):
            waiting, told, verdict = self._decide(file, case, channel)
            if not verdict.tells:
                self._note(file, channel, verdict)
            elif waiting is None:
                queued += self._queue(file, channel, verdict, told)
            elif waiting.what.revision < incident.revision:  # it takes in what followed
                outbox.drop(self.conn, waiting.what.id, f"replaced by r{incident.revision}")
                sooner = min(verdict.due_at, waiting.what.due_at)  # a rise delays nothing
                self._queue(file, channel, replace(verdict, due_at=sooner), told)
        return queued

    def _decide(
        self, file: _File, case: Case, channel: Channel
    ) -> tuple[Letter | None, Told | None, Verdict]:
        """Return the message that still collects, what was told before it, and the verdict."""
        waiting = next((one for one in file.letters if self._collecting(one, channel.name)), None)
        told = told_of([one for one in file.letters if one is not waiting], channel.name, self.now)
        verdict = decide(case, told, listener(channel), self._rules(case), self.now)
        return waiting, told, verdict

    def _collecting(self, letter: Letter, channel: str) -> bool:
        what = letter.what
        fresh = letter.state == WAITING and what.attempt == 0 and what.due_at > self.now
        return fresh and what.channel == channel

    def _rules(self, case: Case) -> Rules:
        return rules_of(self.settings, self.policy, case.incident.level)

    def _case(self, file: _File, silent: Sequence[Silence]) -> Case:
        incident = file.incident
        return Case(
            incident=incident,
            newest=incidents.newest(self.conn, incident.id),
            since=clock.since(incident, file.events),
            told_at=clock.told_at(incident.level, file.events),
            by_volume=by_volume(incident, file.events),
            groups=self._groups(incident),
            fired_at=signals.last_alarm(self.conn, incident.id),
            responded=any(e.what in {"responded", "stated"} for e in file.events),
            stated=any(e.what == "stated" for e in file.events),
            spoken_for=self._spoken_for(incident),
            silence=next((s for s in silent if s.covers(incident, self.now)), None),
        )

    def _groups(self, incident: Incident) -> frozenset[str]:
        """Return what is alleged; read only where some audience wants to know."""
        known = telling_of(self.settings).audiences
        if not any(known[channel.audience].groups for channel in channels_of(self.settings)):
            return frozenset()
        members = incidents.mention_ids(self.conn, incident.id)
        found = signals.items(self.conn, incident.lender, members).values()
        return frozenset(g for item in found for g in groups_of(item, self.policy.allegations))

    def _spoken_for(self, incident: Incident) -> int:
        rule = telling_of(self.settings).inhibit
        others = incidents.open_from(self.conn, incident.lender, Level[rule.by.upper()])
        found = (one for one in others if covers(one, incident, rule.by, rule.kinds))
        return next((one.id for one in found if self._fires(one)), 0)

    def _fires(self, incident: Incident) -> bool:
        """Tell whether a rule of an incident has held lately: what is over speaks for nothing."""
        held = signals.last_alarm(self.conn, incident.id) or incident.last_at
        keep = timedelta(hours=telling_of(self.settings).keep_firing_hours)
        return held >= self.now - keep

    def _note(self, file: _File, channel: Channel, verdict: Verdict) -> None:
        """Keep the answer to "why not?", once for each revision; "nothing new" only if no other."""
        known = [a.what.revision for a in file.letters if a.what.channel == channel.name]
        if verdict.reason is Reason.UNCHANGED and file.incident.revision in known:
            return
        row = self._row(file, channel, verdict, verdict.reason.value, {})
        outbox.put(self.conn, row, QUIET, note=verdict.note)

    def _queue(self, file: _File, channel: Channel, verdict: Verdict, told: Told | None) -> bool:
        card = self._card(file, verdict, told)
        kind = verdict.reason.value
        if verdict.reason in {Reason.REPEAT, *ONCE}:
            kind += f"-{file.incident.level.name.lower()}{told.messages if told else 0}"
        added = outbox.put(self.conn, self._row(file, channel, verdict, kind, card), WAITING)
        if added and clock.told_at(file.incident.level, file.events) is None:
            said = Event(verdict.due_at, "decide", "told", {"level": int(file.incident.level)})
            incidents.add_events(self.conn, file.incident.id, [said])
            file.events.append(said)
        return added

    def _row(
        self, file: _File, channel: Channel, verdict: Verdict, kind: str, card: dict[str, Any]
    ) -> Notification:
        incident, language = file.incident, self.settings.dashboard.language
        return Notification(
            key=f"a{incident.id}-r{incident.revision}-{kind}-{channel.name}",
            incident_id=incident.id,
            revision=incident.revision,
            channel=channel.name,
            level=incident.level,
            reason=verdict.reason,
            subject=render.subject(card, language) if card else incident.title,
            body=card,
            created_at=self.now,
            due_at=verdict.due_at,
        )

    def _card(self, file: _File, verdict: Verdict, told: Told | None) -> dict[str, Any]:
        number, lender = file.incident.id, file.incident.lender
        ids = incidents.mention_ids(self.conn, number)
        members = signals.items(self.conn, lender, ids)
        dossier = Dossier(
            incident=file.incident,
            members=list(members.values()),
            signals=signals.of_incident(self.conn, number),
            events=file.events,
            spoken=signals.quotes(self.conn, lender, members),
        )
        known = facts_of(self.settings, self.policy)
        duty = on_call(self.settings.alerts.rota, verdict.due_at)
        card = compose(dossier, verdict.reason, told, known, verdict.due_at)
        return {**card, "on_call": duty.name if duty else "", "act": _next(file)}


@dataclass(frozen=True, slots=True)
class _File:
    """An incident with its history and what was said about it."""

    incident: Incident
    events: list[Event]
    letters: list[Letter]

    @classmethod
    def read(cls, conn: Connection, incident: Incident) -> _File:
        events = incidents.events(conn, incident.id)
        return cls(incident, events, outbox.of_incident(conn, incident.id))


def _next(file: _File) -> str:
    """Return what is to be done next: to look, to respond, to make a statement, or nothing."""
    done = {event.what for event in file.events}
    if file.incident.state is IncidentState.OPEN:
        return "acknowledged"
    return next((act for act in ("responded", "stated") if act not in done), "")


def again(
    conn: Connection,
    settings: Settings,
    policy: Policy,
    now: datetime,
    told: Collection[int] = (),
) -> int:
    """Decide again about all that runs: a night ends, a clock runs out, a silence is over.

    ``told`` were decided just now. What is below every channel's level stays so.
    """
    since = now - timedelta(hours=settings.alerts.fresh_hours)
    least = min((_least(settings, channel) for channel in channels_of(settings)), default=None)
    if least is None:
        return 0
    ids = [i for i in incidents.running(conn, since, least) if i not in told]
    return Teller(conn, settings, policy, now).tell(ids)


def _least(settings: Settings, channel: Channel) -> Level:
    """Return the lowest level of which a channel can ever hear."""
    ladder = telling_of(settings).escalation
    names = (name for rung in ladder if rung.audience == channel.audience for name in rung.levels)
    return min([listener(channel).lowest, *(Level[name.upper()] for name in names)])


def listener(channel: Channel) -> Listener:
    """Return who reads a channel, and from which level on."""
    return Listener(channel.audience, Level[channel.lowest_level.upper()])


def rules_of(settings: Settings, policy: Policy, level: Level) -> Rules:
    """Return what a decision about an incident of this level goes by."""
    fresh = timedelta(hours=settings.alerts.fresh_hours)
    return Rules(telling_of(settings), policy.levels[level], fresh)


def by_volume(incident: Incident, events: Sequence[Event]) -> bool:
    """Tell whether only counts lifted an incident to its level, and no single text."""
    rises = [e.detail.get("condition") or {} for e in events if e.what in clock.RISES]
    if not rises or not rises[-1]:
        return incident.key == "volume"
    return all(str(name).startswith(_COUNTS) for name in rises[-1])


def covers(one: Incident, other: Incident, by: str, kinds: Sequence[str]) -> bool:
    """Tell whether ``one`` speaks for ``other``: graver, running, and what the other says too."""
    if one.id == other.id or one.state is IncidentState.CLOSED:
        return False
    if one.level < Level[by.upper()] or other.level >= one.level:
        return False
    head, _, place = other.key.partition("@")
    if head == "negative" and place not in {"", one.key.partition("@")[2]}:
        return False
    return head.split(":")[0] in kinds


def told_of(letters: Sequence[Letter], channel: str, now: datetime) -> Told | None:
    """Return what a channel's last message about an incident said; None if it got none.

    A dead message told nobody; one that stood in for a dead channel does not count either.
    """
    spoken = [
        letter
        for letter in letters
        if letter.what.channel == channel
        and letter.what.reason in TELLING
        and letter.state not in {QUIET, DEAD}
        and not letter.what.body.get("instead_of")
    ]
    if not spoken:
        return None
    last = spoken[-1].what
    counts = last.body["counts"]
    return Told(
        at=last.created_at,
        level=last.level,
        mentions=int(counts["mentions"]),
        sources=frozenset(source["slug"] for source in counts["sources"]),
        messages=len(spoken),
        today=sum(letter.what.created_at >= now - DAY for letter in spoken),
        once=frozenset(
            (one.what.reason, one.what.level) for one in spoken if one.what.reason in ONCE
        ),
    )


def facts_of(settings: Settings, policy: Policy) -> Facts:
    """Return the facts that cards take their words from."""
    pages = f"http://{settings.dashboard.host}:{settings.dashboard.port}"
    return Facts(
        levels=policy.levels,
        allegations=policy.allegations,
        rules=facts.rules(),
        sources=facts.sources(),
        lenders={one.slug: one for one in facts.lenders(settings.lenders)},
        pages=pages,
    )
