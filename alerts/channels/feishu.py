"""A 飞书 custom bot: signed, a coloured card, 100 messages a minute and 5 a second.

https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import random
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from alerts.channels import Message
from alerts.channels.bot import cut, judged
from alerts.channels.http import answer
from data.model import Level
from data.settings_channels import FeishuChannel

LIMIT = 15_000
"""Bytes of markdown; the bot takes 20 KB a request, escapes included."""
_BUSY = 11232
_LATER = frozenset({-1, 9500, 99991400})
_COLOURS = {Level.BLUE: "blue", Level.YELLOW: "yellow", Level.ORANGE: "orange", Level.RED: "red"}


class Feishu:
    """Sends to one bot."""

    def __init__(self, channel: FeishuChannel) -> None:
        """Keep the settings; nothing is opened yet."""
        self.channel = channel

    def send(self, message: Message) -> str:
        """Send one message; success is code 0, whatever the status says."""
        c, secret = self.channel, self.channel.secret.get_secret_value()
        stamp = str(int(message.at.timestamp()))
        content = {
            "timestamp": stamp,
            "sign": sign(secret, stamp),
            "msg_type": "interactive",
            "card": _card(message, message.calls(c.mention)),
        }
        token = c.token.get_secret_value()
        said = answer(
            c.name, f"{c.base_url}/open-apis/bot/v2/hook/{quote(token, safe='')}", content
        )
        code = said.get("code")
        if code != 0:
            # all that were turned away must not come back in the same second
            rests = {_BUSY: timedelta(seconds=random.uniform(1, 5))}  # noqa: S311 - no secret
            raise judged(c.name, code, said.get("msg", ""), secret, rests, _LATER)
        return "code 0"


def _card(message: Message, called: tuple[str, ...]) -> dict[str, Any]:
    calls = "".join(f"<at id={who}></at>" for who in called)
    body = cut(message.markdown, LIMIT) + (f"\n{calls}" if calls else "")
    return {
        "config": {"wide_screen_mode": True},
        "header": {
            "title": {"tag": "plain_text", "content": cut(message.subject, 300)},
            "template": _COLOURS[message.level],
        },
        "elements": [{"tag": "markdown", "content": body}],
    }


def sign(secret: str, seconds: str) -> str:
    """Return the signature: the time and the secret are the key, the message is empty."""
    key = f"{seconds}\n{secret}".encode()
    return base64.b64encode(hmac.new(key, b"", hashlib.sha256).digest()).decode()
