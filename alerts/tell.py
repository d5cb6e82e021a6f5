"""Put into the outbox what each channel is to hear of changed incidents, and why (not)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from alerts import render
from alerts.cards import Dossier, Facts, compose
from alerts.decide import TELLING, Told, decide
from alerts.policy import Policy
from alerts.story import Story
from data import facts
from data.model import Level, Notification, Reason
from data.settings import Channel, Settings
from data.store import incidents, outbox, signals
from data.store.outbox import DEAD, QUIET, Letter


@dataclass(frozen=True, slots=True)
class Teller:
    """Decides for each channel; runs in the transaction that writes the incidents."""

    conn: Connection
    settings: Settings
    policy: Policy
    now: datetime

    def tell(self, stories: Sequence[Story]) -> int:
        """Write one row a changed story and channel; return how many are to be sent."""
        return sum(
            self._tell(story, channel) for story in stories for channel in self.settings.channels
        )

    def _tell(self, story: Story, channel: Channel) -> bool:
        incident = story.incident
        told = told_of(outbox.of_incident(self.conn, incident.id), channel.name)
        reason = decide(
            incident,
            told,
            lowest=Level[channel.lowest_level.upper()],
            newest=story.tally.newest,
            fresh=timedelta(hours=self.settings.alerts.fresh_hours),
            now=self.now,
        )
        telling = reason in TELLING
        card = self._card(story, reason, told) if telling else {}
        language = self.settings.dashboard.language
        row = Notification(
            key=f"a{incident.id}-r{incident.revision}-{reason}-{channel.name}",
            incident_id=incident.id,
            revision=incident.revision,
            channel=channel.name,
            level=incident.level,
            reason=reason,
            subject=render.subject(card, language) if card else incident.title,
            body=card,
            created_at=self.now,
            due_at=self.now,
        )
        added = outbox.put(self.conn, row, outbox.WAITING if telling else outbox.QUIET)
        return added and telling

    def _card(self, story: Story, reason: Reason, told: Told | None) -> dict[str, Any]:
        number = story.incident.id
        dossier = Dossier(
            incident=story.incident,
            members=list(story.members.values()),
            signals=signals.of_incident(self.conn, number),
            events=incidents.events(self.conn, number),
            spoken=signals.quotes(self.conn, story.incident.lender, story.members),
        )
        return compose(dossier, reason, told, facts_of(self.settings, self.policy))


def told_of(letters: Sequence[Letter], channel: str) -> Told | None:
    """Return what a channel's last message about an incident said; None if it got none.

    A dead message told nobody; one that stood in for a dead channel does not count either.
    """
    spoken = [
        letter
        for letter in letters
        if letter.what.channel == channel
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
