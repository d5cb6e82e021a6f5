"""Bots as the outbox uses them: merged, red first, at the bot's pace, paused when it asks."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from alerts.outbox import deliver
from data.model import Incident, IncidentState, Level, Notification, Reason
from data.settings import Settings
from data.store import incidents, outbox
from data.store.db import Store
from data.store.outbox import WAITING
from tests.alerts.bots import Replica, channel, replica
from tests.alerts.conftest import Configured
from tests.alerts.test_render import card
from tests.conftest import NOW

MINUTE = timedelta(minutes=1)


def queue(store: Store, name: str, *levels: Level) -> None:
    """Write one incident and one waiting message for each level."""
    with store.write() as conn:
        for level in levels:
            key = f"visit@{conn.exec_driver_sql('select count(*) from incident').scalar()}"
            new = Incident("chenghu", key, key, level, IncidentState.OPEN, NOW, NOW)
            number = incidents.insert(conn, new)
            body = {**card(), "level": int(level), "number": f"#A-{number:04d} r1"}
            row = Notification(f"a{number}-{name}", number, 1, name, level, Reason.FIRST, key,
                               body, NOW, NOW)  # fmt: skip
            outbox.put(conn, row, WAITING)


def counted(store: Store) -> dict[str, int]:
    with store.read() as conn:
        return outbox.counts(conn)


def numbers(bot: Replica) -> list[int]:
    """Return how many alerts each message that was taken told of."""
    return [max(words.count("＃A-"), words.count("#A-")) for words in bot.words]


@pytest.mark.parametrize("kind", ["wecom", "dingtalk", "feishu"])
def test_what_waits_together_is_one_message_and_red_goes_alone_first(
    store: Store, configured: Configured, kind: str
) -> None:
    with replica(kind) as bot:
        settings = configured(channel(bot))
        queue(store, kind, Level.YELLOW, Level.BLUE, Level.RED, Level.ORANGE)
        assert deliver(store, settings, NOW)["sent"] == 4
    assert numbers(bot) == [1, 3]
    assert "红色" in bot.words[0]
    assert "3 条告警，最高橙色" in bot.words[1]
    assert counted(store) == {"sent": 4}


def test_more_red_than_may_go_share_a_message(store: Store, configured: Configured) -> None:
    with replica("wecom") as bot:
        settings = configured(channel(bot))
        queue(store, "wecom", *[Level.RED] * 40)
        deliver(store, settings, NOW)
    assert numbers(bot) == [15, 15, 10]
    assert bot.broken == []
    assert counted(store) == {"sent": 40}


def test_the_bots_pace_holds_over_an_hour_of_storm(store: Store, configured: Configured) -> None:
    now = NOW
    with replica("dingtalk", lambda: now) as bot:
        settings = configured(channel(bot))
        for n in range(120):
            now = NOW + n * MINUTE / 2
            queue(store, "dingtalk", *[Level.RED] * (n % 5), Level.YELLOW)
            deliver(store, settings, now)
        deliver(store, settings, now + MINUTE)
    assert bot.broken == []
    assert set(counted(store)) == {"sent"}
    assert sum(numbers(bot)) == counted(store)["sent"] == 360


@pytest.mark.parametrize(
    ("kind", "answer", "rest"),
    [("dingtalk", {"errcode": 130101}, 600), ("wecom", {"errcode": 45009}, 60)],
)
def test_a_bot_that_wants_a_rest_gets_it(
    store: Store, configured: Configured, kind: str, answer: dict[str, Any], rest: int
) -> None:
    with replica(kind) as bot:
        settings = configured(channel(bot))
        queue(store, kind, Level.RED)
        bot.instead.append(answer)
        assert deliver(store, settings, NOW)["later"] == 1
        queue(store, kind, Level.RED)
        almost = NOW + timedelta(seconds=rest - 1)
        assert not any(deliver(store, settings, almost).values())
        assert len(bot.got) == 1, "not even the new one is tried"
        assert deliver(store, settings, almost + timedelta(seconds=7))["sent"] == 2


def test_a_refused_merge_is_told_on_another_channel(store: Store, configured: Configured) -> None:
    with replica("dingtalk") as bot, replica("feishu") as spare:
        settings = configured(channel(bot, secret="wrong"), channel(spare))
        queue(store, "dingtalk", Level.ORANGE, Level.YELLOW)
        assert deliver(store, settings, NOW)["dead"] == 2
        deliver(store, settings, NOW)
    assert numbers(spare) == [2]
    assert spare.words[0].count("渠道 dingtalk 投递失败") == 2
    assert counted(store) == {"dead": 2, "sent": 2}


def test_in_a_merge_each_that_may_be_a_double_says_so(store: Store, configured: Configured) -> None:
    with replica("wecom") as bot:
        settings = configured(channel(bot))
        queue(store, "wecom", Level.ORANGE)
        bot.instead.append(None)
        deliver(store, settings, NOW)
        queue(store, "wecom", Level.ORANGE)
        deliver(store, settings, NOW + MINUTE)
    (words,) = bot.words
    assert words.count("（重发）") == 1


def test_a_slow_channel_delays_no_other(store: Store, configured: Configured) -> None:
    """The slow bot answers only when the fast one has its message: in turn, neither would."""
    import threading

    from tests.alerts.servers import serve

    fast = threading.Event()
    waited: list[bool] = []

    def slow(_path: str, _body: bytes) -> bytes:
        waited.append(fast.wait(10))
        return b'{"errcode":0}'

    def quick(_path: str, _body: bytes) -> bytes:
        fast.set()
        return b'{"errcode":0}'

    with serve(slow) as one, serve(quick) as other:
        bots = [
            {**channel(Replica("wecom", url=url), name), "base_url": url}
            for name, url in (("slow", one), ("quick", other))
        ]
        settings: Settings = configured(*bots)
        queue(store, "slow", Level.RED)
        queue(store, "quick", Level.YELLOW)
        deliver(store, settings, NOW)
    assert waited == [True]
    assert Counter(counted(store)) == {"sent": 2}
