"""The verbs about alerts, as they are typed."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

import tingfeng
from data.errors import ConfigError, InputError
from data.store.db import Store
from tests.alerts.bots import Replica, channel, replica
from tests.alerts.conftest import assess
from tests.alerts.test_stage import crisis, ordinary
from tests.conftest import NOW

RUN = CliRunner()


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "settings.toml"
    file.write_text(
        f'database = "sqlite:///{tmp_path}/store.db"\nvar = "{tmp_path}"\n', encoding="utf-8"
    )
    return file


def with_bot(config: Path, bot: Replica) -> None:
    values = channel(bot, "值班群")
    lines = "\n".join(f'{name} = "{value}"' for name, value in values.items())
    config.write_text(config.read_text("utf-8") + f"[[channels]]\n{lines}\n", encoding="utf-8")


def said(config: Path, *words: str, code: int = 0) -> str:
    done = RUN.invoke(tingfeng.app, [*words, "--config", str(config)], catch_exceptions=False)
    assert done.exit_code == code, done.output
    return done.output


def test_a_silence_is_seen_by_route_until_it_is_ended(config: Path) -> None:
    with replica("wecom") as bot:
        with_bot(config, bot)
        orange = ("route", "--level", "orange", "--at", "2026-11-26T10:00:00")
        assert "✓ 值班群：11-26 10:03:00" in said(config, *orange)
        added = ("silence", "add", "--reason", "活动", "--by", "王某", "--hours", "2")
        assert "silence 1" in said(config, *added, "--start", "2026-11-26T09:00:00")
        assert "✗ 值班群：不告知，已静默（王某: 活动 (11-26 11:00)）" in said(config, *orange)
        assert "✓" in said(config, "route", "--level", "red", "--at", "2026-11-26T10:00:00")
        assert "none runs" in said(config, "silence", "end", "7", code=1)


def test_route_refuses_a_level_that_is_none(config: Path) -> None:
    assert "is no level" in said(config, "route", "--level", "purple", code=2)


def test_a_channel_is_tested_and_listed(config: Path) -> None:
    with replica("wecom") as bot:
        with_bot(config, bot)
        assert "值班群: errcode 0" in said(config, "channel", "test", "值班群")
        assert "值班群  wecom  duty  blue+  待发 waiting 0" in said(config, "channel", "list")
        with pytest.raises(InputError, match="no such channel"):
            said(config, "channel", "test", "别处")


def test_the_heartbeat_is_ill_until_somebody_delivered(config: Path) -> None:
    assert "还没有心跳" in said(config, "heartbeat", code=1)
    said(config, "alert")
    assert "正常" in said(config, "heartbeat")


def test_without_an_address_there_is_nothing_to_answer(config: Path) -> None:
    with pytest.raises(ConfigError, match="public_url"):
        said(config, "answer")


def test_alert_runs_the_stages_and_explains_an_incident(config: Path) -> None:
    assert said(config, "alert") == ""
    with pytest.raises(InputError, match="incident 9: there is none"):
        said(config, "alert", "explain", "9")
    store = Store(f"sqlite:///{config.parent}/store.db")
    assess(store, [*ordinary(20), *crisis(16, datetime.now(UTC) - timedelta(hours=1))], NOW)  # noqa: TID251
    store.dispose()
    said(config, "alert")
    told = json.loads(said(config, "alert", "explain", "1"))
    assert all(signal["same"] for signal in told["signals"])
