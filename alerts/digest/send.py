"""Send a digest: each reader gets a mail of their own, once for each period, with a receipt.

Receipts are kept in ``stage_state`` under the stage ``digest``, not in the outbox: an outbox row
belongs to an incident. The rules are the same: written before the call, settled after it; a mail
that may have arrived is repeated with the same Message-ID and says so.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import yaml

from alerts.channels.email import Mailbox
from alerts.digest import period as periods
from alerts.digest.letter import compose
from alerts.digest.make import Made, make, scope_of
from alerts.digest.period import Period
from alerts.digest.words import Language, words
from data.errors import ConfigError, FactError, Permanent, Temporary, Unknown
from data.model import SHANGHAI
from data.settings import Settings
from data.settings_channels import EmailChannel
from data.store import state
from data.store.db import Store

STAGE = "digest"
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
REST = timedelta(minutes=15)
TRIES = 20


@dataclass(frozen=True, slots=True)
class Post:
    """Whom a digest goes to. A preview is marked as one and leaves no receipt."""

    to: tuple[str, ...]
    language: Language
    preview: bool = False


def run(store: Store, settings: Settings, now: datetime) -> dict[str, int]:
    """Send what is due to those who lack it. Returns counts: ``sent``, ``later``, ``dead``."""
    chosen = settings.digest
    found = due(settings, now)
    if found is None or not chosen.to:
        return {}
    scope = scope_of(settings, None)
    post = Post(chosen.to, chosen.language)
    with store.read() as conn:
        waiting = [to for to in post.to if _waits(_receipt(conn, found, scope, to), now)]
    if not waiting:
        return {}
    made = make(store, settings, found, scope, now)
    return send(store, settings, made, Post(tuple(waiting), post.language), now)


def due(settings: Settings, now: datetime) -> Period | None:
    """Return the week to be sent: from its day and time on, a holiday moves it to the next day."""
    chosen = settings.digest
    week = periods.last_complete("week", now)
    day = week.last + timedelta(days=1 + DAYS.index(chosen.day))
    closed = holidays(chosen.holidays)
    while day in closed:
        day += timedelta(days=1)
    hour, minute = map(int, chosen.time.split(":"))
    moment = datetime.combine(day, time(hour, minute), SHANGHAI)
    return week if moment <= now else None


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


def send(store: Store, settings: Settings, made: Made, post: Post, now: datetime) -> dict[str, int]:
    """Send to each reader; a reader whose mail failed is tried again by the next ``run``."""
    channel = channel_of(settings)
    counts: Counter[str] = Counter()
    whole = compose(made.page(post.language), made.base)
    for to in post.to:
        counts[_one(store, made, post, channel, to, whole, now)] += 1
    return dict(counts)


def channel_of(settings: Settings) -> EmailChannel:
    """Return the e-mail channel that carries digests. Raises ConfigError where there is none."""
    wanted = settings.digest.channel
    for channel in settings.channels:
        if isinstance(channel, EmailChannel) and wanted in {"", channel.name}:
            return channel
    name = f"named {wanted!r} " if wanted else ""
    raise ConfigError(f"digest: there is no e-mail channel {name}in [[channels]]; add one to send")


def _one(
    store: Store, made: Made, post: Post, channel: EmailChannel, to: str, whole: EmailMessage,
    now: datetime,
) -> str:  # fmt: skip
    key = _key(made.kept.period, made.kept.scope, to)
    with store.write() as conn:
        old = state.stage_value(conn, STAGE, key) or {}
        unsure = bool(old.get("unsure")) or old.get("state") == "sending"
        row = {"to": to, "state": "sending", "at": now.isoformat(), "unsure": unsure,
               "attempt": old.get("attempt", 0) + 1, "revision": made.kept.revision}  # fmt: skip
        if not post.preview:
            state.set_stage_value(conn, STAGE, key, row)
    mailbox = Mailbox(channel.model_copy(update={"to": (to,)}))
    try:
        reply = mailbox.post(addressed(whole, made, post, channel, to, now, repeat=unsure))
        end = {"state": "sent", "reply": reply, "unsure": False}
    except Permanent as error:
        end = {"state": "dead", "reply": str(error)}
    except (Temporary, Unknown) as error:
        given_up = row["attempt"] >= TRIES
        end = {"state": "dead" if given_up else "later", "reply": str(error),
               "unsure": unsure or isinstance(error, Unknown)}  # fmt: skip
    if not post.preview:
        with store.write() as conn:
            state.set_stage_value(conn, STAGE, key, {**row, **end})
    return str(end["state"])


def addressed(
    whole: EmailMessage, made: Made, post: Post, channel: EmailChannel, to: str, now: datetime,
    *, repeat: bool = False,
) -> EmailMessage:  # fmt: skip
    """Return the mail for one reader: the same Message-ID for a repeat, one thread a lender."""
    page = made.page(post.language)
    t = words(post.language, made.figures["period"]["kind"])
    domain = channel.sender.rpartition("@")[2] or "localhost"
    thread = f"<{_stable(f'digest/{made.kept.scope}')}@{domain}>"
    key = f"{_key(made.kept.period, made.kept.scope, to)}{'/preview' if post.preview else ''}"
    head = t("mail_preview") if post.preview else t("mail_repeat") if repeat else ""
    for name in ("From", "To", "Subject", "Date", "Message-ID", "References", "In-Reply-To",
                 "Auto-Submitted", "X-Tingfeng-Digest"):  # fmt: skip
        del whole[name]
    whole["From"] = channel.sender
    whole["To"] = to
    whole["Subject"] = head + t(
        "subject", title=page["title"], name=page["name"], lead=page["lead"]
    )
    whole["Date"] = format_datetime(now)
    whole["Message-ID"] = f"<{_stable(key)}@{domain}>"
    whole["References"] = thread
    whole["In-Reply-To"] = thread
    whole["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers, please
    whole["X-Tingfeng-Digest"] = page["id"].replace(" · ", " ").encode("ascii", "ignore").decode()
    return whole


def receipts(store: Store, period: Period, scope: str, to: Sequence[str]) -> list[dict[str, Any]]:
    """Return what became of a period's mails."""
    with store.read() as conn:
        found = [_receipt(conn, period, scope, one) for one in to]
    return [one for one in found if one]


def _receipt(conn: Any, period: Period, scope: str, to: str) -> dict[str, Any]:
    return dict(state.stage_value(conn, STAGE, _key(period.id, scope, to)) or {})


def _waits(receipt: dict[str, Any], now: datetime) -> bool:
    if not receipt:
        return True
    rested = datetime.fromisoformat(receipt["at"]) + REST <= now
    return receipt["state"] in {"later", "sending"} and rested


def _key(period: str, scope: str, to: str) -> str:
    return f"{period}/{scope}/{_stable(to)[:16]}"


def _stable(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:32]
