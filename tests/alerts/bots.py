"""Replicas of the three group bots on loopback: signature, size and pace as the makers say."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.alerts.servers import serve
from tests.conftest import NOW

SECRET = "SECdemo0123456789"
KEY = "693a91f6-7xxx"
Reply = dict[str, Any] | bytes | None
"""JSON, raw bytes of garbage, or None: close the line without an answer."""


@dataclass
class Replica:
    """One bot: what it got, what it took, and what it is to answer instead of its own word."""

    kind: str
    clock: Callable[[], datetime] = lambda: NOW
    url: str = ""
    got: list[dict[str, Any]] = field(default_factory=list)
    taken: list[dict[str, Any]] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)  # limits that a sender did not keep
    instead: deque[Reply] = field(default_factory=deque)
    lose: Callable[[], bool] = lambda: False  # whether an answer gets lost on its way
    _recent: deque[datetime] = field(default_factory=deque)

    def answer(self, path: str, body: bytes) -> Reply:
        """Say what the maker's bot would say."""
        said = json.loads(body)
        self.got.append(said)
        if self.instead:
            return self.instead.popleft()
        reply = {"wecom": self._wecom, "dingtalk": self._dingtalk, "feishu": self._feishu}[
            self.kind
        ](path, said, body)
        if reply is None:
            self.taken.append(said)
            if self.lose():
                return None
        name, words = ("code", "msg") if self.kind == "feishu" else ("errcode", "errmsg")
        code, why = reply or (0, "ok")
        return {name: code, words: why}

    @property
    def words(self) -> list[str]:
        """The markdown of each message taken."""
        return [text_of(one) for one in self.taken]

    def _too_fast(self, limit: int) -> bool:
        now = self.clock()
        while self._recent and self._recent[0] <= now - timedelta(minutes=1):
            self._recent.popleft()
        if len(self._recent) >= limit:
            self.broken.append(f"more than {limit} in a minute at {now.isoformat()}")
            return True
        self._recent.append(now)
        return False

    def _wecom(self, path: str, said: dict[str, Any], _body: bytes) -> tuple[int, str] | None:
        if parse_qs(urlsplit(path).query).get("key") != [KEY]:
            return 93000, "invalid webhook url"
        if len(said["markdown"]["content"].encode()) > 4096:
            self.broken.append("size")
            return 40058, "markdown.content exceed max length 4096"
        return (45009, "api freq out of limit") if self._too_fast(20) else None

    def _dingtalk(self, path: str, said: dict[str, Any], body: bytes) -> tuple[int, str] | None:
        query = parse_qs(urlsplit(path).query)
        stamp = query["timestamp"][0]
        if query["sign"] != [_dingtalk_sign(stamp)] or _far(self.clock(), int(stamp) / 1000):
            return 310000, "sign not match"
        if len(body) > 20_000:
            self.broken.append("size")
            return 460101, "message too long"
        return (130101, "send too fast, exceed 20 times per minute") if self._too_fast(20) else None

    def _feishu(self, _path: str, said: dict[str, Any], body: bytes) -> tuple[int, str] | None:
        stamp = said["timestamp"]
        key = f"{stamp}\n{SECRET}".encode()
        right = base64.b64encode(hmac.new(key, b"", hashlib.sha256).digest()).decode()
        if said["sign"] != right or _far(self.clock(), int(stamp)):
            return 19021, "sign match fail or timestamp is not within one hour from current time"
        if len(body) > 20 * 1024:
            self.broken.append("size")
            return 9499, "Bad Request"
        if self._too_fast(100):
            return 11232, "frequency limited"
        return None


def _dingtalk_sign(stamp: str) -> str:
    raw = hmac.new(SECRET.encode(), f"{stamp}\n{SECRET}".encode(), hashlib.sha256).digest()
    return base64.b64encode(raw).decode()


def _far(now: datetime, seconds: float) -> bool:
    return abs(now.timestamp() - seconds) > 3600


def text_of(said: dict[str, Any]) -> str:
    """Return the markdown of one message, whichever bot it was for."""
    if "card" in said:
        return str(said["card"]["elements"][0]["content"])
    return str(said["markdown"].get("content") or said["markdown"].get("text"))


@contextmanager
def replica(kind: str, clock: Callable[[], datetime] = lambda: NOW) -> Iterator[Replica]:
    """Run one bot."""
    bot = Replica(kind, clock)

    def answer(path: str, body: bytes) -> bytes | None:
        reply = bot.answer(path, body)
        return json.dumps(reply).encode() if isinstance(reply, dict) else reply

    with serve(answer) as url:
        bot.url = url
        yield bot


def channel(bot: Replica, name: str = "", **changes: Any) -> dict[str, Any]:
    """Return the settings of a channel that reaches a replica."""
    common = {"type": bot.kind, "name": name or bot.kind, "base_url": bot.url,
              "lowest_level": "blue"}  # fmt: skip
    own = {"key": KEY} if bot.kind == "wecom" else {"token": "tok-en", "secret": SECRET}
    return {**common, **own, **changes}
