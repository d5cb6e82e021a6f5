"""Whom to tell, or not, and why; pure. The reason is stored either way.

The ideas are those of Prometheus' Alertmanager (group_wait, for, repeat_interval, inhibition,
silences, mute times) and of an escalation ladder; the numbers are in data/facts/telling.yaml.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from data.facts.levels import LevelFact
from data.facts.telling import Telling
from data.model import SHANGHAI, Incident, IncidentState, Level, Reason, Silence

PAUSE = timedelta(minutes=30)
"""Between the first message and the next that only says "it grew"; then three times as long."""
SLOWER = 3
_SLOWEST = 8
"""From this message on the pause (45 days) grows no longer."""
DUE = frozenset({Reason.OVERDUE, Reason.STATEMENT})
"""A clock has run out on somebody who took it on."""
TELLING = DUE | {Reason.FIRST, Reason.WORSE, Reason.GREW, Reason.REPEAT, Reason.ESCALATED}
"""Reasons that put a message on the wire; the others are kept as an answer to "why not?"."""
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Told:
    """What a channel's last message about an incident said, and how many there were."""

    at: datetime
    level: Level
    mentions: int
    sources: frozenset[str]
    messages: int
    today: int = 0  # of them in the last 24 hours
    once: frozenset[tuple[Reason, Level]] = frozenset()  # what is said once a level, and was


@dataclass(frozen=True, slots=True)
class Case:
    """All that is known of one incident when it is decided whom to tell.

    ``newest`` is its newest dated mention or signal. ``since`` is when it reached its level, by the
    story's own time; ``told_at`` when the first message about this level could be sent: the clocks
    run from then.
    """

    incident: Incident
    newest: datetime | None
    since: datetime
    told_at: datetime | None = None
    fired_at: datetime | None = None  # when a rule last held; None: its newest sign
    by_volume: bool = False  # only counts speak, no single text
    groups: frozenset[str] = frozenset()
    responded: bool = False
    stated: bool = False
    spoken_for: int = 0  # number of the graver incident that covers it
    silence: Silence | None = None


@dataclass(frozen=True, slots=True)
class Listener:
    """One channel: who reads it and from which level on."""

    audience: str
    lowest: Level


@dataclass(frozen=True, slots=True)
class Rules:
    """What the decision goes by."""

    telling: Telling
    level: LevelFact
    fresh: timedelta


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why (not), when, and in a few words what else matters."""

    reason: Reason
    due_at: datetime
    note: str = ""

    @property
    def tells(self) -> bool:
        """Whether a message goes out."""
        return self.reason in TELLING


def decide(case: Case, told: Told | None, to: Listener, rules: Rules, now: datetime) -> Verdict:
    """Return why one channel is (not) told of an incident as it now is."""
    if case.newest is None or case.newest < now - rules.fresh:
        return Verdict(Reason.HISTORY, now)
    if case.incident.state is IncidentState.CLOSED:
        return Verdict(Reason.UNCHANGED, now, "closed")
    if _unseen(case, told, to, rules, now):
        return Verdict(Reason.ESCALATED, now)
    if case.incident.level < to.lowest:
        return Verdict(Reason.BELOW, now)
    reason = _news(case, told, rules, now)
    if reason is Reason.UNCHANGED:
        return Verdict(reason, now)
    return _withheld(case, to, rules, reason, now) or Verdict(
        reason, _due(case, rules, reason, now)
    )


def _unseen(case: Case, told: Told | None, to: Listener, rules: Rules, now: datetime) -> bool:
    """Tell whether nobody has looked in time and this audience is next on the ladder."""
    after = rules.telling.rung(to.audience, case.incident.level)
    look = rules.level.first_look
    if after is None or look is None or case.told_at is None:
        return False
    if case.incident.state is not IncidentState.OPEN or now < case.told_at + look + after:
        return False
    return told is None or (Reason.ESCALATED, case.incident.level) not in told.once


def _news(case: Case, told: Told | None, rules: Rules, now: datetime) -> Reason:
    incident = case.incident
    if told is None:
        return Reason.FIRST
    if incident.level > told.level:
        return Reason.WORSE
    room = told.today < rules.telling.messages_a_day - (Level.RED - incident.level)
    if not room:  # what is left is kept for rises
        return Reason.UNCHANGED
    late = _late(case, told, rules, now)
    if late is not None:
        return late
    if _again(case, told, rules, now):
        return Reason.REPEAT
    return _grown(incident, told, now)


def _late(case: Case, told: Told, rules: Rules, now: datetime) -> Reason | None:
    """Return which clock has run out on whoever took it on, and was not said yet."""
    incident = case.incident
    if incident.state is not IncidentState.ACKNOWLEDGED or case.told_at is None or case.stated:
        return None
    clocks = [(Reason.OVERDUE, None if case.responded else rules.level.first_response),
              (Reason.STATEMENT, rules.level.statement)]  # fmt: skip
    out = (reason for reason, span in clocks if span is not None and now >= case.told_at + span)
    return next((reason for reason in out if (reason, incident.level) not in told.once), None)


def _again(case: Case, told: Told, rules: Rules, now: datetime) -> bool:
    """Tell whether nobody has looked, it goes on, and it is time to say it again."""
    incident, every = case.incident, rules.telling.repeat(case.incident.level)
    if incident.state is not IncidentState.OPEN or every is None or case.newest is None:
        return False
    held = case.fired_at or case.newest
    firing = held >= now - timedelta(hours=rules.telling.keep_firing_hours)
    return firing and now - told.at >= every


def _grown(incident: Incident, told: Told, now: datetime) -> Reason:
    if incident.key.startswith("routine:"):
        return Reason.UNCHANGED  # a list of lone complaints fills up; that is no news
    spread = not told.sources.issuperset(incident.sources)
    doubled = incident.mentions >= 2 * max(told.mentions, 1)
    waited = now - told.at >= pause(told.messages)
    return Reason.GREW if waited and (spread or doubled) else Reason.UNCHANGED


def _withheld(
    case: Case, to: Listener, rules: Rules, reason: Reason, now: datetime
) -> Verdict | None:
    """Return why news are kept back for now, or None."""
    telling, level = rules.telling, case.incident.level
    name = level.name.lower()
    audience = telling.audiences[to.audience]
    if not audience.wants(reason) or not _subject(case, audience.groups):
        return Verdict(Reason.OTHERS, now, to.audience)
    if case.silence is not None and name not in telling.silence.never:
        quiet = case.silence
        until = quiet.ends_at.astimezone(SHANGHAI).strftime("%m-%d %H:%M")
        return Verdict(Reason.SILENCED, now, f"{quiet.by}: {quiet.reason} ({until})")
    if case.spoken_for and level < Level.RED:
        return Verdict(Reason.COVERED, now, f"#{case.spoken_for}")
    if reason is Reason.FIRST and _too_short(case, rules, now):
        return Verdict(Reason.HELD, now)
    if name in telling.quiet.levels and (end := night_ends(telling, now)) is not None:
        return Verdict(Reason.NIGHT, now, end.astimezone(SHANGHAI).strftime("%m-%d %H:%M"))
    return None


def _subject(case: Case, groups: tuple[str, ...]) -> bool:
    return not groups or not case.groups.isdisjoint(groups)


def _too_short(case: Case, rules: Rules, now: datetime) -> bool:
    """Tell whether only counts speak and the matter has not lasted yet, or is over already."""
    least = rules.telling.lasting(case.incident.level)
    if not case.by_volume or not least:
        return False
    return now < case.since + least


def _due(case: Case, rules: Rules, reason: Reason, now: datetime) -> datetime:
    """Return when a message may go: the first waits a little after the alarm, the others do not."""
    if reason is not Reason.FIRST:
        return now
    return max(now, case.since + rules.telling.group_wait(case.incident.level))


def night_ends(telling: Telling, now: datetime) -> datetime | None:
    """Return when the quiet hours end that run now, or None outside of them."""
    local = now.astimezone(SHANGHAI)
    begins, ends = telling.quiet.begins, telling.quiet.ends
    clock = local.time()
    over_midnight = begins > ends
    inside = clock >= begins or clock < ends if over_midnight else begins <= clock < ends
    if not inside:
        return None
    day = local.date() + (DAY if over_midnight and clock >= begins else timedelta(0))
    return datetime.combine(day, ends, SHANGHAI).astimezone(now.tzinfo)


def pause(messages: int) -> timedelta:
    """Return how long growth alone must wait after the n-th message: 0:30, 1:30, 4:30 and so on."""
    times: int = SLOWER ** (min(max(messages, 1), _SLOWEST) - 1)
    return PAUSE * times
