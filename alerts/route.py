"""Who would be told of an incident that does not exist, and why (not)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from alerts.decide import Case, Verdict, decide
from alerts.policy import channels_of, customers_of, policy_of
from alerts.rota import on_call
from alerts.tell import listener, rules_of
from alerts.words import Language, say
from data.errors import InputError
from data.model import SHANGHAI, Incident, IncidentState, Level, Silence
from data.settings import Settings


@dataclass(frozen=True, slots=True)
class Supposed:
    """The incident that is supposed: what the command line says of it."""

    level: Level
    allegation: str = ""
    place: str = ""
    source: str = "heimao_public"
    by_volume: bool = False


def route(
    settings: Settings, supposed: Supposed, silent: Sequence[Silence], now: datetime
) -> list[tuple[str, Verdict]]:
    """Return each channel's name and verdict, as the stage would decide. Raises InputError."""
    policy = policy_of(settings)
    if supposed.allegation and supposed.allegation not in policy.allegations:
        raise InputError(
            f"--allegation {supposed.allegation}: there is none with this id; "
            "data/facts/allegations.yaml lists them"
        )
    group = policy.group_of.get(supposed.allegation, "negative")
    customers = customers_of(settings)
    incident = Incident(
        lender=customers[0] if customers else "",
        key=f"{group}@{supposed.place}",
        title="",
        level=supposed.level,
        state=IncidentState.OPEN,
        opened_at=now,
        last_at=now,
        mentions=1,
        sources=(supposed.source,),
    )
    case = Case(
        incident=incident,
        newest=now,
        since=now,
        by_volume=supposed.by_volume,
        groups=frozenset({group}),
        silence=next((one for one in silent if one.covers(incident, now)), None),
    )
    rules = rules_of(settings, policy, supposed.level)
    return [(c.name, decide(case, None, listener(c), rules, now)) for c in channels_of(settings)]


def worded(settings: Settings, found: Sequence[tuple[str, Verdict]], now: datetime) -> list[str]:
    """Return the verdicts as lines for people, and who is on duty."""
    language: Language = settings.dashboard.language
    lines = [_line(name, verdict, language) for name, verdict in found]
    duty = on_call(settings.alerts.rota, now)
    if duty is not None:
        lines.append(say(language, "on_call", who=duty.name))
    return lines or [say(language, "route_nobody")]


def _line(name: str, verdict: Verdict, language: Language) -> str:
    why = say(language, f"reason_{verdict.reason.value}")
    note = f"（{verdict.note}）" if verdict.note else ""
    if not verdict.tells:
        return say(language, "route_no", channel=name, why=why + note)
    at = verdict.due_at.astimezone(SHANGHAI).strftime("%m-%d %H:%M:%S")
    return say(language, "route_yes", channel=name, why=why, at=at)
