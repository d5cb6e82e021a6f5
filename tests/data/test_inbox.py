from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from data.inbox import messages

PLAIN = b"""From: a@example.com\r\nTo: b@example.com\r\nSubject: =?utf-8?b?5ZGK6K2m?=\r
Date: Wed, 25 Nov 2026 14:00:00 +0800\r\nMessage-ID: <1@x>\r
Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"""


def test_an_inbox_that_is_not_there_is_empty(tmp_path: Path) -> None:
    assert messages(tmp_path / "nowhere") == []


def test_mails_come_newest_first_and_decoded(tmp_path: Path) -> None:
    for place, name, raw in (
        ("new", "1", PLAIN + "两个人\r\n堵门".encode()),
        ("cur", "2", PLAIN.replace(b"25 Nov", b"26 Nov").replace(b"<1@x>", b"<2@x>") + b"later"),
        ("cur", "3", b"Subject: no date\r\n\r\nwords"),
    ):
        (tmp_path / place).mkdir(exist_ok=True)
        (tmp_path / place / name).write_bytes(raw)
    later, first, undated = messages(tmp_path)
    assert (first.subject, first.text, first.html) == ("告警", "两个人\n堵门", "")
    assert first.sent_at == datetime(2026, 11, 25, 6, tzinfo=UTC)
    assert later.message_id == "<2@x>"
    assert undated.sent_at == datetime.fromtimestamp(0, UTC)
