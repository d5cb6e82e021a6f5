"""Ways to reach people: one file each. A channel sends one message, or says why it could not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from typing import Any, Protocol

from data.model import Level
from data.settings_channels import (
    AppriseChannel,
    BotChannel,
    Channel,
    DingtalkChannel,
    EmailChannel,
    FeishuChannel,
    WebhookChannel,
    WecomChannel,
)
from data.store.pace import Rate


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
    level: Level = Level.BLUE
    markdown: str = ""  # the short form, for a bot
    on_call: tuple[str, ...] = ()  # ids, as this channel knows them, of who is on duty
    mail: EmailMessage | None = None  # for a mailbox: composed already, with its own recipients

    def calls(self, always: tuple[str, ...]) -> tuple[str, ...]:
        """Return whom a bot calls by name: from orange on, what is set and who is on duty."""
        who = dict.fromkeys([*always, *self.on_call])
        return tuple(who) if self.level >= Level.ORANGE else ()


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
    match channel:
        case EmailChannel():
            from alerts.channels.email import Mailbox

            return Mailbox(channel)
        case WebhookChannel():
            from alerts.channels.webhook import Webhook

            return Webhook(channel)
        case AppriseChannel():
            from alerts.channels.apprise import ByApprise

            return ByApprise(channel)
        case _:
            return _bot(channel)


def _bot(channel: BotChannel) -> Sender:
    match channel:
        case WecomChannel():
            from alerts.channels.wecom import Wecom

            return Wecom(channel)
        case DingtalkChannel():
            from alerts.channels.dingtalk import Dingtalk

            return Dingtalk(channel)
        case FeishuChannel():
            from alerts.channels.feishu import Feishu

            return Feishu(channel)


RATES = {
    "wecom": Rate(burst=6, per_minute=12),
    "dingtalk": Rate(burst=6, per_minute=12),
    "feishu": Rate(burst=3, per_minute=76),
}
"""At most 18 in any minute where a bot takes 20; 79 of 100, and 4 of 5 a second, for 飞书."""


def without(secret: str | None, words: str) -> str:
    """Return a far end's words without our secret, should it have echoed it."""
    cleaned = " ".join(words.split())[:300]
    return cleaned.replace(secret, "***") if secret else cleaned
