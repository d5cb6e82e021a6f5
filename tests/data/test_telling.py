from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from data.errors import ConfigError, FactError
from data.facts.telling import FILE, Telling, telling
from data.model import Level, Reason
from data.settings_channels import AppriseChannel

MINUTE = timedelta(minutes=1)


def test_the_defaults() -> None:
    found = telling()
    assert [found.repeat(level) for level in (Level.RED, Level.ORANGE, Level.YELLOW)] == [
        30 * MINUTE, 120 * MINUTE, None,
    ]  # fmt: skip
    assert found.group_wait(Level.RED) == timedelta()
    assert "red" in found.silence.never
    assert found.rung("executives", Level.RED) == 30 * MINUTE
    assert found.rung("duty", Level.RED) is None
    assert not found.audiences["executives"].wants(Reason.GREW)
    assert found.audiences["duty"].wants(Reason.REPEAT)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("audience: lead", "audience: board", "escalation names 'board'"),
        ("{red: 30, orange: 120}", "{red: 0}", "repeat_minutes.red"),
        ("messages_a_day: 5", "messages_a_day: 3", "messages_a_day"),
        ("keep_firing_hours: 6", "keep_fire_hours: 6", "keep_fir"),
        ('from: "22:00"', 'from: "late"', "quiet.from"),
        ("channels: {}", "channels: {公关: {lowest_level: pink}}", "channels.公关.lowest_level"),
        ("channels: {}", "channels: {公关: {url: x}}", "channels.公关.url"),
        ("hears: [first, worse, grew]", "hears: [everything]", "audiences.compliance.hears"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, old: str, new: str, said: str) -> None:
    text = FILE.read_text("utf-8")
    assert old in text
    file = tmp_path / "telling.yaml"
    file.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(FactError, match=said):
        telling(file)


def routes(**said: dict[str, str]) -> Telling:
    return telling().model_validate(telling().model_dump(by_alias=True) | {"channels": said})


def test_the_file_has_the_last_word_on_what_a_channel_hears() -> None:
    phone, mail = (AppriseChannel(name=name, url="json://x") for name in ("phone", "mail"))
    assert telling().routed((phone, mail)) == (phone, mail)
    found = routes(phone={"lowest_level": "red"}, mail={"audience": "lead"})
    assert [(one.name, one.lowest_level, one.audience) for one in found.routed((phone, mail))] == [
        ("phone", "red", "duty"), ("mail", "yellow", "lead"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"fax": {"lowest_level": "red"}}, "channels: fax: .*settings do not"),
        ({"phone": {"audience": "board"}}, "channels: phone: audience 'board' is not known"),
    ],
)
def test_a_route_to_nowhere_is_named(said: dict[str, dict[str, str]], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        routes(**said).routed((AppriseChannel(name="phone", url="json://x"),))
