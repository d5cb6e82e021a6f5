"""Send a digest: through the outbox, once for each reader and period, with a receipt.

A row is written for each reader; ``alerts.outbox`` delivers it at least once, marks a repeat that
may be a double, and keeps what the far end answered. Nobody is sent a later revision by itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import Connection

from alerts import outbox as delivery
from alerts.channels.email import Mailbox
from alerts.digest import period as periods
from alerts.digest import posting
from alerts.digest.letter import compose
from alerts.digest.make import Made, keep, make, scope_of
from alerts.digest.period import Period
from alerts.digest.words import Language, words
from data.errors import ConfigError, FactError
from data.model import SHANGHAI, Level, Notification, Reason
from data.settings import Settings
from data.settings_channels import EmailChannel
from data.settings_digest import Audience, Edition
from data.store import outbox
from data.store.db import Store
from data.store.outbox import WAITING, Letter

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Reader:
    """One person's address, by the mail channel; or a whole channel, where ``to`` is empty."""

    channel: str
    to: str = ""


def run(store: Store, settings: Settings, now: datetime) -> dict[str, int]:
    """Put what is due into the outbox for those who lack it. Returns a count: ``queued``."""
    queued = 0
    for audience in settings.digest.everybody():
        found = due(settings, audience.edition, now)
        if found is None:
            continue
        scope = scope_of(settings, audience.scope)
        readers = readers_of(settings, audience)
        keys = {key_of(found.id, scope.id, reader): reader for reader in readers}
        with store.read() as conn:
            known = outbox.by_keys(conn, list(keys))
        lacking = [reader for key, reader in keys.items() if key not in known]
        if lacking:
            made = make(store, settings, found, scope, now)
            keep(settings, made)
            with store.write() as conn:
                queued += queue(conn, made, lacking, audience.language, now)
    return {"queued": queued} if queued else {}


def due(settings: Settings, edition: Edition, now: datetime) -> Period | None:
    """Return the period whose page is to be sent: from its day and time on; holidays move it."""
    chosen = settings.digest
    found = periods.last_complete(edition, now)
    wait = DAYS.index(chosen.day) if edition == "week" else 0
    day = found.last + timedelta(days=1 + wait)
    closed = holidays(chosen.holidays)
    while day in closed:
        day += timedelta(days=1)
    hour, minute = map(int, chosen.time.split(":"))
    moment = datetime.combine(day, time(hour, minute), SHANGHAI)
    return found if moment <= now else None


def holidays(file: Path | None) -> frozenset[date]:
    """Read the days on which nobody is at work: a YAML list of dates. Raises FactError."""
    if file is None:
        return frozenset()
    try:
        found = yaml.safe_load(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise FactError(f"{file}: not readable as YAML: {' '.join(str(error).split())}") from None
    if not isinstance(found, list) or not all(type(day) is date for day in found):
        raise FactError(f"{file}: expected a list of dates such as - 2027-01-01")
    return frozenset(found)


def queue(
    conn: Connection, made: Made, readers: Sequence[Reader], language: Language, now: datetime
) -> int:
    """Write a row for each reader; whoever has one for this period keeps it. Returns new rows."""
    kept = made.kept
    new = 0
    for reader in readers:
        row = Notification(
            key=key_of(kept.period, kept.scope, reader),
            incident_id=0,
            revision=kept.revision,
            channel=reader.channel,
            level=Level.BLUE,
            reason=Reason.DIGEST,
            subject=posting.subject_of(made.page(language)),
            body=_body(made, reader, language),
            created_at=now,
            due_at=now,
        )
        new += outbox.put(conn, row, WAITING)
    return new


def _body(made: Made, reader: Reader, language: Language) -> dict[str, Any]:
    kept = made.kept
    where = {"period": kept.period, "scope": kept.scope, "revision": kept.revision}
    return {**where, "language": language, "to": reader.to}


def send(
    store: Store, settings: Settings, made: Made, audience: Audience, now: datetime
) -> dict[str, int]:
    """Send a digest now to those who have not got it; returns how many rows are in which state."""
    readers = readers_of(settings, audience)
    with store.write() as conn:
        queue(conn, made, readers, audience.language, now)
        keys = [key_of(made.kept.period, made.kept.scope, reader) for reader in readers]
        ids = {letter.what.id for letter in outbox.by_keys(conn, keys).values()}
    delivery.deliver(store, settings, now, only=ids)
    return dict(Counter(one.state for one in receipts(store, made, readers)))


def preview(settings: Settings, made: Made, to: str, language: Language, now: datetime) -> str:
    """Mail a digest to one address at once, marked as a preview; nothing is kept of it.

    Returns the server's answer. Raises DeliveryError.
    """
    page = made.page(language)
    channel = channel_of(settings)
    t = words(language, periods.kind_of(made.kept.period))
    subject = t("mail_preview") + posting.subject_of(page)
    key = f"{key_of(made.kept.period, made.kept.scope, Reader(channel.name, to))}/preview/{now}"
    whole = compose(page, made.base)
    mail = posting.addressed(whole, channel, (to,), subject, key, page, now)
    return Mailbox(channel).post(mail, (to,))


def readers_of(settings: Settings, audience: Audience) -> list[Reader]:
    """Return everybody in an audience. Raises ConfigError for a channel that is not set up."""
    known = {channel.name for channel in settings.channels}
    for name in audience.bots:
        if name not in known:
            raise ConfigError(f"digest: bots: {name}: there is no such channel in [[channels]]")
    mails = [Reader(channel_of(settings).name, to) for to in audience.to]
    return mails + [Reader(name) for name in audience.bots]


def channel_of(settings: Settings) -> EmailChannel:
    """Return the e-mail channel that carries digests. Raises ConfigError where there is none."""
    wanted = settings.digest.channel
    for channel in settings.channels:
        if isinstance(channel, EmailChannel) and wanted in {"", channel.name}:
            return channel
    name = f"named {wanted!r} " if wanted else ""
    raise ConfigError(f"digest: there is no e-mail channel {name}in [[channels]]; add one to send")


def receipts(store: Store, made: Made, readers: Sequence[Reader]) -> list[Letter]:
    """Return what became of a digest for each reader."""
    keys = [key_of(made.kept.period, made.kept.scope, reader) for reader in readers]
    with store.read() as conn:
        found = outbox.by_keys(conn, keys)
    return [found[key] for key in keys if key in found]


def key_of(period: str, scope: str, reader: Reader) -> str:
    """Return the outbox's key of one digest for one reader."""
    who = posting.stable(f"{reader.channel}/{reader.to}")[:24]
    return f"digest/{period}/{posting.stable(scope)[:16]}/{who}"
