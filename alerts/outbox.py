"""Deliver what is due: at least once, a possible double marked, a dead channel told on another."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from alerts import render
from alerts.channels import Message, Sender, sender
from data.errors import DeliveryError, Permanent, Unknown
from data.model import IncidentState, Level, Notification
from data.settings import Settings
from data.store import incidents, outbox
from data.store.db import Store
from data.store.outbox import Letter

PAUSES = (timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10))
"""Before the second try, the third, …; the last holds from then on."""
GIVE_UP = timedelta(hours=24)
Progress = Callable[[int, int], None]


def deliver(
    store: Store, settings: Settings, now: datetime, progress: Progress | None = None
) -> dict[str, int]:
    """Send every message that is due. Returns counts: ``sent``, ``later``, ``dead``, ``withheld``.

    Each row is taken (written as ``sending``) before the call and settled after it, so that a
    process that dies in between leaves a row whose repeat is marked, never a lost one.
    """
    with store.read() as conn:
        ids = outbox.due(conn, now)
    round_ = _Round(store, settings, now)
    for number, row_id in enumerate(ids, start=1):
        round_.one(row_id)
        if progress is not None:
            progress(number, len(ids))
    return {name: round_.counts[name] for name in ("sent", "later", "dead", "withheld")}


@dataclass(slots=True)
class _Round:
    """One pass over the outbox. A channel that says "later" is left alone until the next pass."""

    store: Store
    settings: Settings
    now: datetime
    counts: Counter[str] = field(default_factory=Counter)
    resting: set[str] = field(default_factory=set)
    senders: dict[str, Sender] = field(default_factory=dict)

    def one(self, row_id: int) -> None:
        """Send one row, or settle why not."""
        with self.store.write() as conn:
            letter = self._take(conn, row_id)
        if letter is None:
            return
        try:
            reply = self._sender(letter.what.channel).send(self._message(letter))
        except DeliveryError as error:
            self._failed(letter, error)
        else:
            with self.store.write() as conn:
                outbox.sent(conn, row_id, self.now, reply)
            self.counts["sent"] += 1

    def _take(self, conn: Connection, row_id: int) -> Letter | None:
        letter = outbox.take(conn, row_id, self.now, resting=self.resting)
        if letter is None:
            return None
        why = self._withheld(conn, letter)
        if why is None:
            return letter
        outbox.drop(conn, row_id, why)
        self.counts["withheld"] += 1
        return None

    def _withheld(self, conn: Connection, letter: Letter) -> str | None:
        """Return why this message is no longer to be sent, or None."""
        what = letter.what
        if what.channel not in {channel.name for channel in self.settings.channels}:
            return "the channel is no longer in the settings"
        incident = incidents.get(conn, what.incident_id)
        assert incident is not None
        if incident.state is IncidentState.CLOSED:
            return "the incident was closed meanwhile"
        if incident.state is IncidentState.ACKNOWLEDGED:
            events = incidents.events(conn, incident.id)
            if any(e.what == "acknowledged" and e.at >= what.created_at for e in events):
                return "the incident was acknowledged meanwhile"
        return None

    def _sender(self, name: str) -> Sender:
        if name not in self.senders:
            channel = next(c for c in self.settings.channels if c.name == name)
            self.senders[name] = sender(channel)
        return self.senders[name]

    def _message(self, letter: Letter) -> Message:
        card, repeat = letter.what.body, letter.unsure
        language = self.settings.dashboard.language
        return Message(
            key=f"{letter.what.key} {letter.what.created_at.isoformat()}",
            thread=f"incident {letter.what.incident_id} {card['clock']['opened_at']}",
            subject=render.subject(card, language, repeat=repeat),
            text=render.text(card, language, repeat=repeat),
            html=render.html(card, language, repeat=repeat),
            card=card,
            repeat=repeat,
            at=self.now,
        )

    def _failed(self, letter: Letter, error: DeliveryError) -> None:
        what, said = letter.what, str(error)
        unsure = isinstance(error, Unknown)
        with self.store.write() as conn:
            if hopeless(letter, error, self.now):
                outbox.dead(conn, what.id, said)
                self._instead(conn, what, said)
                self.counts["dead"] += 1
                return
            outbox.later(conn, what.id, self.now + pause(what.attempt), said, unsure=unsure)
        self.resting.add(what.channel)
        self.counts["later"] += 1

    def _instead(self, conn: Connection, what: Notification, said: str) -> None:
        """Say it on a channel that was not tried yet, together with what failed."""
        failed = [*what.body.get("instead_of", ()), what.channel]
        spare = next((c for c in self.settings.channels if c.name not in failed), None)
        if spare is None:
            return
        body = {**what.body, "instead_of": failed, "failure": said}
        row = Notification(
            key=f"instead-{hashlib.sha256(f'{what.key}>{spare.name}'.encode()).hexdigest()[:40]}",
            incident_id=what.incident_id,
            revision=what.revision,
            channel=spare.name,
            level=what.level,
            reason=what.reason,
            subject=render.subject(body, self.settings.dashboard.language),
            body=body,
            created_at=self.now,
            due_at=self.now,
        )
        outbox.put(conn, row, outbox.WAITING)


def pause(attempt: int) -> timedelta:
    """Return how long to wait after the n-th failed try."""
    return PAUSES[min(max(attempt, 1), len(PAUSES)) - 1]


def hopeless(letter: Letter, error: DeliveryError, now: datetime) -> bool:
    """Tell whether to give a message up: refused for good, a day old, or perhaps there twice.

    A yellow or blue message that may have arrived is repeated once; a graver one goes on.
    """
    if isinstance(error, Permanent) or now - letter.what.created_at >= GIVE_UP:
        return True
    return isinstance(error, Unknown) and letter.unsure and letter.what.level < Level.ORANGE
