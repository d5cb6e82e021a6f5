"""Ways to reach people: one file each. A channel sends one message, or says why it could not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from data.settings import Channel, EmailChannel, WebhookChannel


@dataclass(frozen=True, slots=True)
class Message:
    """One message as any channel needs it. ``key`` is stable: a repeat has the same."""

    key: str
    thread: str  # the same for all messages about one incident
    subject: str
    text: str
    html: str
    card: Mapping[str, Any]
    repeat: bool  # it may have arrived before; the words say so
    at: datetime


class Sender(Protocol):
    """What a channel file provides."""

    def send(self, message: Message) -> str:
        """Hand the message over and return the far end's answer.

        Raises Temporary (nothing was delivered, try later), Permanent (useless until somebody
        changes something) or Unknown (it may have been delivered).
        """
        ...


def sender(channel: Channel) -> Sender:
    """Return the sender for a channel of the settings."""
    from alerts.channels.email import Mailbox
    from alerts.channels.webhook import Webhook

    match channel:
        case EmailChannel():
            return Mailbox(channel)
        case WebhookChannel():
            return Webhook(channel)


def without(secret: str | None, words: str) -> str:
    """Return a far end's words without our secret, should it have echoed it."""
    cleaned = " ".join(words.split())[:300]
    return cleaned.replace(secret, "***") if secret else cleaned
