"""A real mail server on loopback gets the digest once, with its parts, headers and thread."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from alerts.digest import make, send
from alerts.digest.send import Post
from data.errors import ConfigError, FactError
from data.model import SHANGHAI
from data.settings import Digest, Settings
from data.settings_channels import EmailChannel
from data.store.db import Store
from tests.alerts.digest.weeks import LENDER, WEEK, fill
from tests.alerts.servers import closed_port, script

READERS = ("ceo@example.invalid", "cro@example.invalid")
MONDAY = datetime(2026, 11, 23, 8, 7, tzinfo=SHANGHAI)


class Box:
    """Keeps what arrives."""

    def __init__(self) -> None:
        self.got: list[EmailMessage] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        mail = message_from_bytes(envelope.content, policy=default)
        assert isinstance(mail, EmailMessage)
        self.got.append(mail)
        return "250 2.0.0 kept"


@pytest.fixture
def box() -> Iterator[tuple[Box, int]]:
    box = Box()
    controller = Controller(box, hostname="127.0.0.1", port=closed_port())
    controller.start()
    yield box, controller.port
    controller.stop()


def settings(port: int, **digest: Any) -> Settings:
    mailbox = EmailChannel(
        name="mail",
        host="127.0.0.1",
        port=port,
        security="none",
        sender="tingfeng@example.invalid",
        to=("duty@example.invalid",),
    )
    return Settings(channels=(mailbox,), digest=Digest(to=READERS, **digest))


def test_each_reader_gets_one_mail_and_a_receipt(store: Store, box: tuple[Box, int]) -> None:
    fill(store, 2)
    chosen = settings(box[1])
    assert send.run(store, chosen, MONDAY - timedelta(minutes=1)) == {}
    assert send.run(store, chosen, MONDAY) == {"sent": 2}
    assert send.run(store, chosen, MONDAY + timedelta(minutes=1)) == {}
    first, second = box[0].got
    assert (first["To"], second["To"]) == READERS
    assert first["Subject"].startswith("听风周报 2026 年第 47 周")
    assert first["Message-ID"] != second["Message-ID"]
    assert first["References"] == second["References"] == first["In-Reply-To"]
    assert first["Auto-Submitted"] == "auto-generated"
    assert first["Date"].datetime == MONDAY
    parts = [part.get_content_type() for part in first.walk()]
    assert parts == [
        "multipart/mixed", "multipart/alternative", "text/plain", "multipart/related",
        "text/html", "image/png", "application/pdf",
    ]  # fmt: skip
    html, picture = list(first.walk())[4:6]
    assert f"cid:{picture['Content-ID'].strip('<>')}" in html.get_content()
    told = send.receipts(store, WEEK, LENDER, READERS)
    assert [(one["state"], one["attempt"]) for one in told] == [("sent", 1), ("sent", 1)]
    assert "250" in told[0]["reply"]


def test_the_next_week_joins_the_thread(store: Store, box: tuple[Box, int]) -> None:
    send.run(store, settings(box[1]), MONDAY)
    send.run(store, settings(box[1]), MONDAY + timedelta(weeks=1))
    first, third = box[0].got[0], box[0].got[2]
    assert first["References"] == third["References"]
    assert first["Message-ID"] != third["Message-ID"]


def test_a_server_that_says_later_is_asked_again(store: Store, box: tuple[Box, int]) -> None:
    assert send.run(store, settings(closed_port()), MONDAY) == {"later": 2}
    assert send.run(store, settings(box[1]), MONDAY + timedelta(minutes=1)) == {}
    assert send.run(store, settings(box[1]), MONDAY + timedelta(minutes=16)) == {"sent": 2}


def test_a_mail_that_may_have_arrived_is_marked_when_repeated(
    store: Store, box: tuple[Box, int]
) -> None:
    cut = ["220 hi", "250 ok", "250 ok", "250 ok", "354 go", ""]
    one = Digest(to=READERS[:1])
    with script(cut) as port:
        broken = settings(port).model_copy(update={"digest": one})
        assert send.run(store, broken, MONDAY) == {"later": 1}
    whole = settings(box[1]).model_copy(update={"digest": one})
    assert send.run(store, whole, MONDAY + timedelta(minutes=20)) == {"sent": 1}
    assert box[0].got[0]["Subject"].startswith("（重发）")


def test_a_preview_says_so_and_leaves_the_readers_theirs(
    store: Store, box: tuple[Box, int]
) -> None:
    chosen = settings(box[1])
    made = make.make(store, chosen, WEEK, LENDER, MONDAY)
    post = Post(("me@example.invalid",), "en", preview=True)
    assert send.send(store, chosen, made, post, MONDAY) == {"sent": 1}
    assert box[0].got[0]["Subject"].startswith("[preview] Tingfeng weekly")
    assert send.run(store, chosen, MONDAY) == {"sent": 2}


@pytest.mark.parametrize(
    ("day", "closed", "first"),
    [("mon", [], 23), ("fri", [], 27), ("mon", [23], 24), ("mon", [23, 24], 25)],
)
def test_it_goes_out_on_its_day_or_the_first_one_after_the_holidays(
    tmp_path: Path, day: Any, closed: list[int], first: int
) -> None:
    file = tmp_path / "holidays.yaml"
    file.write_text("".join(f"- 2026-11-{one}\n" for one in closed) or "[]")
    chosen = settings(1, day=day, holidays=file)
    at = datetime(2026, 11, first, 8, 7, tzinfo=SHANGHAI)
    assert send.due(chosen, at - timedelta(minutes=1)) is None
    assert send.due(chosen, at) == WEEK


def test_what_is_set_wrongly_is_said_in_a_sentence(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "holidays.yaml"
    file.write_text("- soon\n")
    with pytest.raises(FactError, match="expected a list of dates"):
        send.holidays(file)
    assert send.holidays(None) == frozenset[date]()
    with pytest.raises(ConfigError, match="no e-mail channel"):
        send.run(store, Settings(digest=Digest(to=READERS)), MONDAY)
