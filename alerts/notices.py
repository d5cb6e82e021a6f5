"""What the sender says about itself: I am alive, a channel is stuck, this is a test; a heartbeat.

These are no alerts: they skip the outbox, go straight to a channel, and are tried again later.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any

from alerts.channels import RATES, Message, sender
from alerts.policy import channels_of, telling_of
from alerts.words import say
from data import facts
from data.errors import Busy, ConfigError, DeliveryError, InputError
from data.model import SHANGHAI, Level
from data.settings import Settings
from data.settings_channels import Channel
from data.store import figures, outbox, pace, state
from data.store import health as source_health
from data.store.db import Store
from data.store.health import Stretch
from data.store.outbox import Stuck

STAGE = "notices"
AGAIN = timedelta(minutes=10)
"""Before a notice that did not get through is tried once more."""
REMIND = timedelta(hours=1)
"""Before a channel that is still stuck is reported once more."""
FILE = "heartbeat.json"
SOURCES = "sources"
DAY = timedelta(days=1)


def send_due(store: Store, settings: Settings, now: datetime) -> int:
    """Send what is due about ourselves; return how many got through."""
    found = _Notices(store, settings, now)
    return found.alive() + found.stuck() + found.sources()


@dataclass(frozen=True, slots=True)
class _Notices:
    store: Store
    settings: Settings
    now: datetime

    def alive(self) -> int:
        """Say once a day, to each channel of those on duty, that it works and what was seen."""
        local = self.now.astimezone(SHANGHAI)
        at = telling_of(self.settings).alive_at
        today = (local if local.time() >= at else local - timedelta(days=1)).date().isoformat()
        return sum(
            self._alive(channel, today) for channel in channels_of(self.settings)
            if channel.audience == "duty"
        )  # fmt: skip

    def _alive(self, channel: Channel, today: str) -> bool:
        key = f"alive {channel.name}"
        with self.store.write() as conn:
            last = state.stage_value(conn, STAGE, key)
            if last is None:  # it was set up today: its first day is not over
                state.set_stage_value(conn, STAGE, key, today)
                return False
            if last == today:
                return False
            seen = figures.since(conn, self.now - timedelta(days=1))
        words = {"n": seen["mentions"], "k": seen["incidents"], "m": seen["sent"]}
        return self._send(channel, key, today, "alive", words)

    def stuck(self) -> int:
        """Report each channel that has not got its messages out, on the others."""
        limit = timedelta(minutes=telling_of(self.settings).unsent_minutes)
        with self.store.read() as conn:
            found = [s for s in outbox.stuck(conn, self.now) if self.now - s.since > limit]
        return sum(self._report(one) for one in found)

    def sources(self) -> int:
        """Tell those on duty of each source that is not well, once, and once when it is again."""
        with self.store.read() as conn:
            told: dict[str, list[str]] = state.stage_value(conn, STAGE, SOURCES) or {}
            ill = {_place(one): one for one in source_health.open_now(conn)}
            over = {_place(one): one for one in source_health.gaps(conn, self.now - DAY, self.now)}
        channels = channels_of(self.settings)
        sent = 0
        for channel in [c for c in channels if c.audience == "duty"] or channels:
            heard = set(told.get(channel.name, ()))
            news = [("source", p) for p in ill.keys() - heard]
            news += [("source_over", p) for p in (heard & over.keys()) - ill.keys()]
            for kind, place in sorted(news):
                words = self._stretch((ill if kind == "source" else over)[place])
                if self._send(channel, f"{kind} {place}", self.now.isoformat(), kind, words):
                    heard ^= {place}
                    sent += 1
            told[channel.name] = sorted(heard)
        if sent:
            with self.store.write() as conn:
                state.set_stage_value(conn, STAGE, SOURCES, told)
        return sent

    def _stretch(self, one: Stretch) -> dict[str, Any]:
        language = self.settings.dashboard.language
        known = facts.sources().get(one.source)
        name = (known.zh if language == "zh" else known.en) if known else one.source
        since = one.since.astimezone(SHANGHAI).strftime("%m-%d %H:%M")
        what = say(language, f"source_{one.condition.value}")
        return {"source": name, "what": what, "since": since, "note": one.note or what}

    def _report(self, one: Stuck) -> int:
        key = f"stuck {one.channel}"
        with self.store.read() as conn:
            last = state.stage_value(conn, STAGE, key)
        if last is not None and self.now - datetime.fromisoformat(last) < REMIND:
            return 0
        minutes = int((self.now - one.since) / timedelta(minutes=1))
        words = {
            "channel": one.channel,
            "n": one.messages,
            "minutes": minutes,
            "first": one.subject,
        }
        others = [c for c in channels_of(self.settings) if c.name != one.channel]
        duty = [c for c in others if c.audience == "duty"] or others
        moment = self.now.isoformat()
        return sum(self._send(channel, key, moment, "stuck", words) for channel in duty)

    def _send(
        self, channel: Channel, key: str, mark: str, kind: str, words: dict[str, Any]
    ) -> bool:
        """Send one notice and remember that it got through; False if it did not."""
        tried = "tried " + sha256(f"{key} {channel.name}".encode()).hexdigest()[:32]
        with self.store.write() as conn:
            last = state.stage_value(conn, STAGE, tried)
            if last is not None and self.now - datetime.fromisoformat(last) < AGAIN:
                return False
            state.set_stage_value(conn, STAGE, tried, self.now.isoformat())
        try:
            post(self.store, self.settings, channel, kind, words, self.now)
        except DeliveryError:
            return False  # the outbox meets the same error, and keeps and reports it
        with self.store.write() as conn:
            state.set_stage_value(conn, STAGE, key, mark)
        return True


def _place(one: Stretch) -> str:
    """Return what a stretch is known by."""
    return f"{one.source} {one.condition.value} {one.noticed_at.isoformat()}"


def post(
    store: Store,
    settings: Settings,
    channel: Channel,
    kind: str,
    words: dict[str, Any],
    now: datetime,
) -> str:
    """Send one notice at the channel's pace and return the far end's answer.

    Raises DeliveryError.
    """
    rate = RATES.get(channel.type)
    with store.write() as conn:
        if rate is not None and not pace.left(conn, channel.name, rate, now):
            raise Busy(f"channel {channel.name}: its pace is used up; wait a minute", AGAIN)
        if rate is not None:
            pace.spend(conn, channel.name)
    try:
        return sender(channel).send(_message(settings, kind, words, now))
    except Busy as error:
        with store.write() as conn:
            pace.pause(conn, channel.name, now + error.rest)
        raise


def _message(settings: Settings, kind: str, words: dict[str, Any], now: datetime) -> Message:
    language = settings.dashboard.language
    subject = say(language, f"notice_{kind}", **words)
    text = say(language, f"notice_{kind}_text", **words)
    level = Level.ORANGE if kind in {"stuck", "source"} else Level.BLUE
    return Message(
        key=f"{kind} {now.isoformat()}",
        thread=f"notices {now.date().isoformat()}",
        subject=subject,
        text=f"{subject}\n{text}\n",
        html=f"<p><b>{escape(subject)}</b></p><p>{escape(text)}</p>",
        card={},
        repeat=False,
        at=now,
        level=level,
        markdown=f"**{subject}**\n{text}",
    )


def send_test(store: Store, settings: Settings, name: str, now: datetime) -> str:
    """Send a test message to a channel and return the far end's answer.

    Raises InputError for a name that the settings lack, DeliveryError if it does not get there.
    """
    channel = next((c for c in settings.channels if c.name == name), None)
    if channel is None:
        known = ", ".join(c.name for c in settings.channels) or "none"
        raise InputError(f"channel {name}: the settings have no such channel; they have {known}")
    return post(store, settings, channel, "test", {"channel": name}, now)


# ------------------------------------------------------------------------------- the heartbeat
def beat(store: Store, settings: Settings, now: datetime) -> None:
    """Write when the sender last came round and what waited longest. Raises ConfigError."""
    with store.read() as conn:
        waits: Sequence[Stuck] = outbox.stuck(conn, now)
    oldest = max((now - one.since for one in waits), default=timedelta(0))
    said = {"at": now.isoformat(), "oldest_unsent_seconds": int(oldest.total_seconds())}
    path = settings.var / FILE
    draft = path.with_name(f"{FILE}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(json.dumps(said), "utf-8")
        draft.replace(path)
    except OSError as error:
        raise ConfigError(
            f"{path}: the heartbeat cannot be written ({error.strerror}); make the folder writable"
        ) from None


def health(settings: Settings, now: datetime) -> tuple[bool, str]:
    """Tell whether the sender came round lately and nothing waits too long, and say it."""
    language = settings.dashboard.language
    said = _read(settings.var / FILE)
    if said is None:
        return False, say(language, "heartbeat_none")
    at = datetime.fromisoformat(said["at"])
    stale = max(timedelta(minutes=5), 3 * timedelta(seconds=settings.alerts.tick_seconds))
    seconds, unsent = int((now - at).total_seconds()), int(said["oldest_unsent_seconds"])
    limit = telling_of(settings).unsent_minutes * 60
    well = now - at <= stale and unsent <= limit
    key = "heartbeat_well" if well else "heartbeat_ill"
    return well, say(language, key, seconds=seconds, unsent=unsent)


def _read(path: Path) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return found
