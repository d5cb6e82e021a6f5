"""A kept digest as a message: a mail of its own for each reader, a short form for a bot."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

from alerts.channels import Message
from alerts.digest.forms import mail, text
from alerts.digest.letter import compose
from alerts.digest.make import PICTURE, base_of
from alerts.digest.page import Page
from alerts.digest.period import kind_of
from alerts.digest.words import LANGUAGES, words
from data.settings import Settings
from data.settings_channels import Channel, EmailChannel
from data.store import digests
from data.store.db import Store
from data.store.outbox import Letter


def message(
    store: Store, settings: Settings, channel: Channel, letter: Letter, now: datetime
) -> Message:
    """Return the digest that a row of the outbox names, as its channel needs it."""
    body, what = letter.what.body, letter.what
    with store.read() as conn:
        kept = digests.get(conn, body["period"], body["scope"], body["revision"])
    assert kept is not None  # written before the row, never deleted
    language = next(one for one in LANGUAGES if one == body["language"])
    page, base = kept.content["pages"][language], base_of(settings)
    t = words(language, kind_of(body["period"]))
    subject = (t("mail_repeat") if letter.unsure else "") + what.subject
    finished = None
    if isinstance(channel, EmailChannel):
        to = (body["to"],) if body.get("to") else channel.to
        finished = addressed(compose(page, base), channel, to, subject, what.key, page, now)
    return Message(
        key=what.key,
        thread=thread(body["scope"]),
        subject=subject,
        text=text.text(page, base),
        html=mail.html(page, base, PICTURE),
        card={"digest": {key: body[key] for key in ("period", "scope", "revision", "language")}},
        repeat=letter.unsure,
        at=now,
        level=what.level,
        markdown=text.brief(page, base, subject),
        mail=finished,
    )


def addressed(
    whole: EmailMessage,
    channel: EmailChannel,
    to: tuple[str, ...],
    subject: str,
    key: str,
    page: Page | Mapping[str, Any],
    now: datetime,
) -> EmailMessage:
    """Give a composed page its head: the same Message-ID for a repeat, one thread a scope."""
    domain = channel.sender.rpartition("@")[2] or "localhost"
    series = f"<{stable(thread(page['scope']))}@{domain}>"
    for name in ("From", "To", "Subject", "Date", "Message-ID", "References", "In-Reply-To",
                 "Auto-Submitted", "X-Tingfeng-Digest"):  # fmt: skip
        del whole[name]
    whole["From"] = channel.sender
    whole["To"] = ", ".join(to)
    whole["Subject"] = subject
    whole["Date"] = format_datetime(now)
    whole["Message-ID"] = f"<{stable(key)}@{domain}>"
    whole["References"] = series
    whole["In-Reply-To"] = series
    whole["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers, please
    whole["X-Tingfeng-Digest"] = f"{page['period']} {page['scope']} r{page['revision']}"
    return whole


def subject_of(page: Page | Mapping[str, Any]) -> str:
    """Return a page's subject: what it is, about whom, when, and its one sentence."""
    t = words(page["language"], kind_of(page["period"]))
    return t("subject", **{key: page[key] for key in ("title", "about", "name", "lead")})


def thread(scope: str) -> str:
    """Return what all digests of one scope have in common."""
    return f"digest/{scope}"


def stable(key: str) -> str:
    """Return a key as a mail's id can hold it."""
    return hashlib.sha256(key.encode()).hexdigest()[:32]
