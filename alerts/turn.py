"""One channel's turn: take what is due, merge what is too much, send, settle each answer."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from alerts import links, markdown, render
from alerts.cards import Card
from alerts.channels import RATES, Message, sender
from alerts.markdown import Page
from alerts.rota import on_call
from data.errors import Busy, DeliveryError, Permanent, Unknown
from data.keys import link_key
from data.model import IncidentState, Level, Notification, Reason
from data.settings import Settings
from data.settings_channels import Channel
from data.store import incidents, outbox, pace
from data.store.db import Store
from data.store.outbox import Due, Letter

PAUSES = (timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10))
"""Before the second try, the third, …; the last holds from then on."""
GIVE_UP = timedelta(hours=24)
PATIENCE = 20.0
"""Seconds after which a slow channel waits for the next turn: the others have theirs first."""
MERGED = 15
"""Alerts in one message at most: two lines each must fit the smallest bot."""


@dataclass(slots=True)
class Turn:
    """One channel's turn. A channel that says "later" is left alone until its next turn."""

    store: Store
    settings: Settings
    channel: Channel
    now: datetime
    done: Callable[[int], None]
    counts: Counter[str] = field(default_factory=Counter)

    def run(self, rows: Sequence[Due]) -> Counter[str]:
        """Send what may be sent now, and return the counts."""
        far = sender(self.channel)
        until = time.monotonic() + PATIENCE
        for batch in self._batches(rows):
            if time.monotonic() > until:
                break
            with self.store.write() as conn:
                letters = self._take(conn, batch)
            if letters is None:
                break
            if letters and not self._send(far.send, letters):
                break
            self.done(len(batch))
        return self.counts

    def _batches(self, rows: Sequence[Due]) -> list[list[int]]:
        """Group rows into messages: on a bot, red alone and first, the rest together.

        Where even the red ones are more than may go now, they share a message too.
        """
        rate = RATES.get(self.channel.type)
        if rate is None:
            return [[row.id] for row in rows]
        with self.store.write() as conn:
            left = pace.left(conn, self.channel.name, rate, self.now)
        alerts = [row for row in rows if row.reason is not Reason.DIGEST]
        red = [row.id for row in alerts if row.level is Level.RED]
        rest = [row.id for row in alerts if row.level is not Level.RED]
        alone = len(red) + bool(rest) <= max(left, 1)
        first = [[one] for one in red] if alone else list(_chunks(red))
        pages = [[row.id] for row in rows if row.reason is Reason.DIGEST]
        return [*first, *_chunks(rest), *pages]

    def _take(self, conn: Connection, ids: Iterable[int]) -> list[Letter] | None:
        """Hold these rows and pay for one message; None if the channel may not be used now."""
        name, rate = self.channel.name, RATES.get(self.channel.type)
        if pace.paused_until(conn, name, self.now):
            return None
        if rate is not None and not pace.left(conn, name, rate, self.now):
            return None
        letters = [letter for i in ids if (letter := self._take_one(conn, i)) is not None]
        if letters and rate is not None:
            pace.spend(conn, name)
        return letters

    def _take_one(self, conn: Connection, row_id: int) -> Letter | None:
        letter = outbox.take(conn, row_id, self.now)
        if letter is None:
            return None
        why = _withheld(conn, letter)
        if why is None:
            return letter
        outbox.drop(conn, row_id, why)
        self.counts["withheld"] += 1
        return None

    def _send(self, send: Callable[[Message], str], letters: Sequence[Letter]) -> bool:
        """Send one message for these rows and settle them; False if the channel wants a rest."""
        try:
            reply = send(self._message(letters))
        except DeliveryError as error:
            return self._failed(letters, error)
        with self.store.write() as conn:
            for letter in letters:
                outbox.sent(conn, letter.what.id, self.now, reply)
        self.counts["sent"] += len(letters)
        return True

    def _message(self, letters: Sequence[Letter]) -> Message:
        if letters[0].what.reason is Reason.DIGEST:
            from alerts.digest.posting import message  # only whoever sends a page loads type

            return message(self.store, self.settings, self.channel, letters[0], self.now)
        language = self.settings.dashboard.language
        pages = [Page(self._card(letter), letter.unsure) for letter in letters]
        first = letters[0]
        card, repeat = pages[0].card, all(page.repeat for page in pages)
        subject = render.subject(card, language, repeat=repeat)
        short = markdown.short(pages[0], language)
        if len(letters) > 1:
            subject = markdown.merged_subject(pages, language)
            short = markdown.merged(pages, language)
        return Message(
            key=" ".join(f"{a.what.key} {a.what.created_at.isoformat()}" for a in letters),
            thread=f"incident {first.what.incident_id} {card['clock']['opened_at']}",
            subject=subject,
            text=render.text(card, language, repeat=repeat),
            html=render.html(card, language, repeat=repeat),
            card=card,
            repeat=repeat,
            at=self.now,
            level=max(letter.what.level for letter in letters),
            markdown=short,
            on_call=self._on_call(),
        )

    def _card(self, letter: Letter) -> Card:
        """Return the card with the link that takes the incident on, where links are answered."""
        what, address = letter.what, self.settings.alerts.public_url
        act = what.body.get("act")
        if not address or not act:
            return what.body
        link = links.link_for(what.key, what.incident_id, act, self.now)
        signed = links.token(link, link_key(self.settings))
        return {**what.body, "take": f"{address}/ack/{signed}"}

    def _on_call(self) -> tuple[str, ...]:
        duty = on_call(self.settings.alerts.rota, self.now)
        known = duty.ids.get(self.channel.name) if duty else None
        return (known,) if known else ()

    def _failed(self, letters: Sequence[Letter], error: DeliveryError) -> bool:
        given_up = [letter for letter in letters if hopeless(letter, error, self.now)]
        with self.store.write() as conn:
            if isinstance(error, Busy):
                pace.pause(conn, self.channel.name, self.now + error.rest)
            for letter in letters:
                self._settle(conn, letter, error, hopeless=letter in given_up)
        self.counts["dead"] += len(given_up)
        self.counts["later"] += len(letters) - len(given_up)
        return len(given_up) == len(letters)

    def _settle(
        self, conn: Connection, letter: Letter, error: DeliveryError, *, hopeless: bool
    ) -> None:
        what, said = letter.what, str(error)
        if hopeless:
            outbox.dead(conn, what.id, said)
            self._instead(conn, what, said)
            return
        rest = error.rest if isinstance(error, Busy) else pause(what.attempt)
        unsure = isinstance(error, Unknown)
        outbox.later(conn, what.id, self.now + rest, said, unsure=unsure)

    def _instead(self, conn: Connection, what: Notification, said: str) -> None:
        """Say it on a channel that was not tried yet, together with what failed."""
        failed = [*what.body.get("instead_of", ()), what.channel]
        spare = next((c for c in self.settings.channels if c.name not in failed), None)
        if spare is None:
            return
        body = {**what.body, "instead_of": failed, "failure": said}
        page = what.reason is Reason.DIGEST
        subject = what.subject if page else render.subject(body, self.settings.dashboard.language)
        row = Notification(
            key=f"instead-{hashlib.sha256(f'{what.key}>{spare.name}'.encode()).hexdigest()[:40]}",
            incident_id=what.incident_id,
            revision=what.revision,
            channel=spare.name,
            level=what.level,
            reason=what.reason,
            subject=subject,
            body=body,
            created_at=self.now,
            due_at=self.now,
        )
        outbox.put(conn, row, outbox.WAITING)


def _withheld(conn: Connection, letter: Letter) -> str | None:
    """Return why this message is no longer to be sent, or None."""
    what = letter.what
    if what.reason is Reason.DIGEST:
        return None
    incident = incidents.get(conn, what.incident_id)
    assert incident is not None
    if incident.state is IncidentState.CLOSED:
        return "the incident was closed meanwhile"
    if incident.state is IncidentState.ACKNOWLEDGED:
        events = incidents.events(conn, incident.id)
        if any(e.what == "acknowledged" and e.at >= what.created_at for e in events):
            return "the incident was acknowledged meanwhile"
    return None


def _chunks(ids: Sequence[int]) -> Iterable[list[int]]:
    for start in range(0, len(ids), MERGED):
        yield list(ids[start : start + MERGED])


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
