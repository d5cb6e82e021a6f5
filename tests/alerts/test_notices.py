"""The sender about itself: alive, stuck channels, tests, the heartbeat."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest

from alerts import inbox, notices
from alerts.answering import serving
from alerts.stage import deliver
from data.errors import Busy, ConfigError, InputError, Permanent
from data.inbox import messages
from data.model import SHANGHAI
from data.settings import Settings
from data.store import health
from data.store.db import Store
from data.store.health import Concern, Condition
from tests.alerts.bots import channel, replica
from tests.alerts.conftest import Configured
from tests.alerts.servers import closed_port
from tests.alerts.test_outbox import alarm, hook, mail
from tests.conftest import NOW

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def shanghai(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=SHANGHAI)


def test_once_a_day_each_duty_channel_hears_that_all_is_well(
    store: Store, configured: Configured
) -> None:
    with replica("wecom") as bot, replica("feishu", lambda: shanghai(26, 9)) as boss:
        settings = configured(channel(bot), channel(boss, audience="executives"))
        moments = [shanghai(25, 14), shanghai(25, 20), shanghai(26, 8, 59), shanghai(26, 9),
                   shanghai(26, 9, 1), shanghai(26, 23), shanghai(27, 8, 59)]  # fmt: skip
        said = [deliver(store, settings, moment)["notices"] for moment in moments]
    assert said == [0, 0, 0, 1, 0, 0, 0]
    (words,) = bot.words
    assert "听风运行正常" in words
    assert "新采集 0 条" in words
    assert boss.got == []


def test_a_notice_that_does_not_get_through_is_tried_again_but_not_at_once(
    store: Store, configured: Configured
) -> None:
    with replica("wecom") as bot:
        settings = configured(channel(bot))
        deliver(store, settings, shanghai(25, 14))
        bot.instead += [{"errcode": -1}, {"errcode": -1}]
        later = [shanghai(26, 9, minute) for minute in (0, 1, 9, 10, 20, 21)]
        said = [deliver(store, settings, moment)["notices"] for moment in later]
    assert said == [0, 0, 0, 0, 1, 0]
    assert len(bot.got) == 3


def test_a_channel_that_is_stuck_is_reported_on_another(
    store: Store, configured: Configured, tmp_path: Path
) -> None:
    with inbox.serving(tmp_path / "inbox") as port:
        gone = hook(f"http://127.0.0.1:{closed_port()}/", "gone")
        settings = configured(gone, {**mail(port), "lowest_level": "red"})
        alarm(store, settings)
        for minute in range(0, 90, 2):
            deliver(store, settings, NOW + minute * MINUTE)
        got = messages(tmp_path / "inbox")
    found = sorted((m for m in got if "未送达" in m.subject), key=lambda m: str(m.sent_at))
    assert len(found) == 2, "after five minutes, and an hour later"
    assert found[0].subject == "渠道 gone 有 1 条消息未送达"
    assert "等待 6 分钟" in found[0].text
    assert "人身财产威胁" in found[0].text


def test_a_message_that_only_waits_for_company_is_not_stuck(
    store: Store, configured: Configured
) -> None:
    settings = configured(hook("http://127.0.0.1:1/"))
    notices.beat(store, settings, NOW)
    assert notices.health(settings, NOW) == (True, "正常：0 秒前运行过，最久未送达 0 秒")


def test_a_test_message_gets_the_far_ends_answer(store: Store, configured: Configured) -> None:
    with replica("dingtalk") as bot:
        settings = configured(channel(bot), channel(bot, "wrong", secret="another"))
        assert notices.send_test(store, settings, "dingtalk", NOW) == "errcode 0"
        assert "这不是告警" in bot.words[0]
        with pytest.raises(Permanent, match="310000"):
            notices.send_test(store, settings, "wrong", NOW)
        with pytest.raises(InputError, match=r"channel phone: .* dingtalk, wrong"):
            notices.send_test(store, settings, "phone", NOW)
        for _ in range(5):
            notices.send_test(store, settings, "dingtalk", NOW)
        with pytest.raises(Busy, match="pace"):
            notices.send_test(store, settings, "dingtalk", NOW)
    assert bot.broken == []


def test_the_heartbeat_goes_stale_and_says_what_waits(store: Store, configured: Configured) -> None:
    settings = configured(hook(f"http://127.0.0.1:{closed_port()}/"))
    assert notices.health(settings, NOW)[0] is False, "it never ran"
    deliver(store, settings, NOW)
    assert notices.health(settings, NOW + 5 * MINUTE)[0]
    assert not notices.health(settings, NOW + 5 * MINUTE + timedelta(seconds=1))[0]
    alarm(store, settings)
    for minute in (0, 3, 6):
        deliver(store, settings, NOW + minute * MINUTE)
    well, said = notices.health(settings, NOW + 6 * MINUTE)
    assert (well, "360 秒" in said) == (False, True)


def test_an_outside_watcher_can_ask_for_it(store: Store, settings: Settings) -> None:
    notices.beat(store, settings, NOW)
    for after, status in ((MINUTE, 200), (HOUR, 503)):
        with serving(store, settings, lambda after=after: NOW + after, port=0) as port:  # type: ignore[misc]
            assert httpx.get(f"http://127.0.0.1:{port}/heartbeat").status_code == status


def test_a_folder_that_cannot_be_written_is_said(store: Store, configured: Configured) -> None:
    settings = configured(var="/dev/null/nowhere")
    with pytest.raises(ConfigError, match="heartbeat cannot be written"):
        notices.beat(store, settings, NOW)


def test_a_source_that_is_not_well_is_told_once_and_when_it_is_again(
    store: Store, configured: Configured
) -> None:
    def see(moment: datetime, *concerns: Concern) -> int:
        with store.write() as conn:
            health.note(conn, "heimao_public", concerns, moment)
        return deliver(store, settings, moment)["notices"]

    blocked = Concern(Condition.BLOCKED, NOW - HOUR, "HTTP 403")
    silent = Concern(Condition.SILENT, NOW - 2 * HOUR, "")
    with replica("wecom") as bot, replica("feishu") as boss:
        settings = configured(channel(bot), channel(boss, audience="executives"))
        assert [see(NOW), see(NOW, blocked), see(NOW + MINUTE, blocked)] == [0, 1, 0]
        assert see(NOW + 2 * MINUTE, blocked, silent) == 1
        assert [see(NOW + 3 * MINUTE, silent), see(NOW + 4 * MINUTE, silent)] == [1, 0]
        assert see(NOW + HOUR) == 1
        assert see(NOW + HOUR, blocked) == 1, "a second time is news again"
    refused, quiet, over, well, again = bot.words
    assert "黑猫" in refused
    assert "被拒绝访问" in refused
    assert "HTTP 403" in refused
    assert "长时间没有新内容" in quiet
    assert "被拒绝访问" in over
    assert "已恢复" in over
    assert "已恢复" in well
    assert "被拒绝访问" in again
    assert boss.got == []
