"""Any other way to reach people: whatever an Apprise URL names."""

from __future__ import annotations

import apprise

from alerts.channels import Message
from data.errors import Permanent, Temporary
from data.model import Level
from data.settings_channels import AppriseChannel


class ByApprise:
    """Sends through one Apprise URL. The three bots have senders of their own: see there why."""

    def __init__(self, channel: AppriseChannel) -> None:
        """Keep the settings; nothing is opened yet."""
        self.channel = channel

    def send(self, message: Message) -> str:
        """Send one message. Apprise says yes or no, not why: a no is tried again."""
        name = self.channel.name
        far = apprise.Apprise()
        if not far.add(self.channel.url.get_secret_value()):
            raise Permanent(f"channel {name}: Apprise does not know this `url`; correct it")
        urgent = message.level >= Level.ORANGE
        kind = apprise.NotifyType.WARNING if urgent else apprise.NotifyType.INFO
        if not far.notify(body=message.text, title=message.subject, notify_type=kind):
            raise Temporary(f"channel {name}: Apprise could not deliver it; try `channel test`")
        return "accepted by Apprise"
