"""A 企业微信 group bot: markdown in 4,096 bytes, 20 messages a minute.

https://developer.work.weixin.qq.com/document/path/99110
"""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

from alerts.channels import Message
from alerts.channels.bot import cut, judged
from alerts.channels.http import answer
from data.settings_channels import WecomChannel

LIMIT = 3_900
"""Bytes of markdown; the bot takes 4,096."""
_RESTS = {45009: timedelta(seconds=60)}
_LATER = frozenset({-1, 45033, 50001})  # the system is busy, by its own word


class Wecom:
    """Sends to one bot. It does not know a message again: a repeat arrives twice."""

    def __init__(self, channel: WecomChannel) -> None:
        """Keep the settings; nothing is opened yet."""
        self.channel = channel

    def send(self, message: Message) -> str:
        """Send one message; success is errcode 0, whatever the status says."""
        c, key = self.channel, self.channel.key.get_secret_value()
        calls = " ".join(f"<@{who}>" for who in message.calls(c.mention))
        room = LIMIT - len(calls.encode()) - 1
        body = cut(message.markdown, room) + (f"\n{calls}" if calls else "")
        url = f"{c.base_url}/cgi-bin/webhook/send?key={quote(key, safe='')}"
        said = answer(c.name, url, {"msgtype": "markdown", "markdown": {"content": body}})
        code = said.get("errcode")
        if code != 0:
            raise judged(c.name, code, said.get("errmsg", ""), key, _RESTS, _LATER)
        return "errcode 0"
