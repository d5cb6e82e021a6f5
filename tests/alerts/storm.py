"""Thousands of alerts while the sender dies before and after every step and replies get lost.

Used in short by the suite and in full by ``make crash``.
"""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

from sqlalchemy import Connection, func, select, update

from alerts import inbox
from alerts.channels import Message, Sender, sender
from alerts.outbox import deliver
from data.inbox import messages
from data.model import Incident, IncidentState, Level, Notification, Reason
from data.settings import Settings
from data.settings_channels import Channel
from data.store import incidents, outbox
from data.store.db import Store
from data.store.schema import outbox as outbox_table
from tests.alerts.bots import Replica, channel, replica
from tests.alerts.servers import Web, web
from tests.alerts.test_render import card
from tests.conftest import NOW

CHANNELS = ("wecom", "dingtalk", "feishu", "mail", "hook", "dead")
LEVELS = (Level.YELLOW, Level.ORANGE, Level.ORANGE, Level.RED)
LOST_REPLIES = 0.02
NUMBER = re.compile(r"[#＃]A-(\d+) r1")


class Crash(BaseException):
    """The process is gone: nothing may catch this and go on."""


@dataclass
class Chance:
    """When to crash."""

    luck: random.Random
    of: float
    crashes: int = 0
    on: bool = False

    def maybe(self) -> None:
        """Crash now, or not."""
        if self.on and self.luck.random() < self.of:
            self.crashes += 1
            raise Crash


class Brittle(Store):
    """A store whose process may die just before and just after each commit."""

    chance: Chance

    @contextmanager
    def write(self) -> Iterator[Connection]:
        self.chance.maybe()
        with super().write() as conn:
            yield conn
            self.chance.maybe()
        self.chance.maybe()


@dataclass
class Report:
    """What became of the alerts."""

    alerts: int
    crashes: int = 0
    turns: int = 0
    lost: int = 0
    twice: int = 0
    unmarked: int = 0
    too_fast: list[str] = field(default_factory=list)
    told_elsewhere: int = 0
    dead: int = 0
    states: dict[str, int] = field(default_factory=dict)


def storm(folder: Path, store: Brittle, alerts: int, of: float, seed: int) -> Report:
    """Queue alerts, one channel each, deliver through crashes until nothing waits, and count."""
    luck = random.Random(seed)
    store.chance = chance = Chance(luck, of)
    now = NOW
    with ExitStack() as stack:
        bots = {
            kind: stack.enter_context(replica(kind, lambda: now))
            for kind in ("wecom", "dingtalk", "feishu")
        }
        for bot in bots.values():
            bot.lose = lambda: luck.random() < LOST_REPLIES
        receiver = stack.enter_context(web())
        gone = stack.enter_context(web([410]))
        port = stack.enter_context(inbox.serving(folder / "inbox"))
        settings = _settings(store, bots, receiver, gone, port)
        _queue(store, alerts)
        stack.enter_context(_brittle_senders(chance))
        chance.on = True
        report = Report(alerts)
        while _waiting(store):
            report.turns += 1
            _turn(store, settings, now)
            now += timedelta(seconds=luck.choice([5, 20, 60]))
        chance.on = False
        report.crashes = chance.crashes
        _count(report, store, bots, receiver, messages(folder / "inbox"))
    return report


def _turn(store: Brittle, settings: Settings, now: datetime) -> None:
    """Deliver once; whoever holds a row after a crash is a process that is gone."""
    try:
        deliver(store, settings, now)
    except Crash:
        on, store.chance.on = store.chance.on, False
        with store.write() as conn:
            held = outbox_table.c.state == outbox.SENDING
            lost = {"leased_by": "elsewhere:1:1", "lease_until": now}
            conn.execute(update(outbox_table).where(held).values(lost))
        store.chance.on = on


@contextmanager
def _brittle_senders(chance: Chance) -> Iterator[None]:
    class Brittled:
        def __init__(self, inner: Sender) -> None:
            self.inner = inner

        def send(self, message: Message) -> str:
            chance.maybe()
            reply = self.inner.send(message)
            chance.maybe()
            return reply

    def made(one: Channel) -> Sender:
        return Brittled(sender(one))

    with patch("alerts.turn.sender", made):
        yield


def _settings(
    store: Store, bots: dict[str, Replica], receiver: Web, gone: Web, port: int
) -> Settings:
    hooks = [
        {"type": "webhook", "name": name, "url": far.url, "secret": "hush-hush"}
        for name, far in (("hook", receiver), ("dead", gone))
    ]
    mail = {"type": "email", "name": "mail", "host": "127.0.0.1", "port": port,
            "security": "none", "sender": "t@example.com", "to": ["p@example.com"]}  # fmt: skip
    chosen: list[dict[str, Any]] = [mail, *(channel(bot) for bot in bots.values()), *hooks]
    return Settings.model_validate({"database": str(store.url), "channels": chosen})


def _queue(store: Store, alerts: int) -> None:
    body = card()
    with store.write() as conn:
        for n in range(1, alerts + 1):
            level, name = LEVELS[n % len(LEVELS)], CHANNELS[n % len(CHANNELS)]
            new = Incident("chenghu", f"k{n}", f"k{n}", level, IncidentState.OPEN, NOW, NOW)
            number = incidents.insert(conn, new)
            one = {**body, "level": int(level), "number": f"#A-{n:05d} r1"}
            row = Notification(f"a{n}-{name}", number, 1, name, level, Reason.FIRST, f"k{n}",
                               one, NOW, NOW)  # fmt: skip
            outbox.put(conn, row, outbox.WAITING)


def _waiting(store: Store) -> bool:
    with store.read() as conn:
        return outbox.oldest_unsent(conn) is not None


def _count(
    report: Report, store: Store, bots: dict[str, Replica], receiver: Web, mails: list[Any]
) -> None:
    seen: Counter[tuple[str, str]] = Counter()
    marked: Counter[tuple[str, str]] = Counter()

    def note(name: str, head: str) -> None:
        elsewhere = "投递失败" in head
        report.told_elsewhere += elsewhere
        key = (f"{name} instead" if elsewhere else name, NUMBER.findall(head)[0])
        seen[key] += 1
        marked[key] += "（重发）" in head

    for name, bot in bots.items():
        report.too_fast += bot.broken
        for words in bot.words:
            for line in words.splitlines():
                if line.startswith("**") and NUMBER.search(line):
                    note(name, line)
    for _, raw in receiver.got:
        note("hook", json.loads(raw)["subject"])
    for mail in mails:
        note("mail", mail.subject)
    numbers = {number for _, number in seen}
    report.lost = sum(f"{n:05d}" not in numbers for n in range(1, report.alerts + 1))
    report.twice = sum(n - 1 for n in seen.values())
    report.unmarked = sum(n - marked[key] > 1 for key, n in seen.items())
    with store.read() as conn:
        report.states = outbox.counts(conn)
        c = outbox_table.c
        dead = select(func.count()).where(c.state == outbox.DEAD, c.channel == "dead")
        report.dead = int(conn.execute(dead).scalar_one())
