"""A 钉钉 custom bot: signed, markdown, 20 messages a minute.

https://open.dingtalk.com/document/robots/customize-robot-security-settings
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import timedelta
from urllib.parse import urlencode

from alerts.channels import Message
from alerts.channels.bot import cut, judged
from alerts.channels.http import answer
from data.settings_channels import DingtalkChannel

LIMIT = 15_000
"""Bytes of markdown; the bot takes 20,000 a request."""
_RESTS = {130101: timedelta(minutes=10), 90030: timedelta(hours=1)}
_LATER = frozenset({-1})


class Dingtalk:
    """Sends to one bot."""

    def __init__(self, channel: DingtalkChannel) -> None:
        """Keep the settings; nothing is opened yet."""
        self.channel = channel

    def send(self, message: Message) -> str:
        """Send one message; success is errcode 0, whatever the status says."""
        c, secret = self.channel, self.channel.secret.get_secret_value()
        called = message.calls(c.mention)
        numbers = [who for who in called if who != "all"]
        named = "".join(f"\n\n@{number}" for number in numbers)  # at counts only if it is there
        text = cut(message.markdown.replace("\n", "\n\n"), LIMIT - len(named)) + named
        stamp = str(int(message.at.timestamp() * 1000))
        query = urlencode(
            {"access_token": c.token.get_secret_value(), "timestamp": stamp,
             "sign": sign(secret, stamp)}
        )  # fmt: skip
        said = answer(c.name, f"{c.base_url}/robot/send?{query}", {
            "msgtype": "markdown",
            "markdown": {"title": cut(message.subject, 200), "text": text},
            "at": {"atMobiles": numbers, "isAtAll": "all" in called},
        })  # fmt: skip
        code = said.get("errcode")
        if code != 0:
            raise judged(c.name, code, said.get("errmsg", ""), secret, _RESTS, _LATER)
        return "errcode 0"


def sign(secret: str, milliseconds: str) -> str:
    """Return the signature; it must be URL-encoded exactly once."""
    said = f"{milliseconds}\n{secret}".encode()
    return base64.b64encode(hmac.new(secret.encode(), said, hashlib.sha256).digest()).decode()
