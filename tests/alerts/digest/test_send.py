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

from alerts import markdown, outbox
from alerts.digest import forms, make, send
from alerts.digest.send import Reader
from data.errors import ConfigError, FactError
from data.model import SHANGHAI, Level
from data.settings import Settings
from data.settings_channels import Channel, EmailChannel
from data.settings_digest import Audience, Digest
from data.store import outbox as rows
from data.store.db import Store
from tests.alerts import bots
from tests.alerts.digest.weeks import OURS, WEEK, fill
from tests.alerts.servers import closed_port, script
from tests.dashboard import seeds

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


def settings(port: int, *more: Channel, **digest: Any) -> Settings:
    mailbox = EmailChannel(
        name="mail",
        host="127.0.0.1",
        port=port,
        security="none",
        sender="tingfeng@example.invalid",
        to=("duty@example.invalid",),
    )
    return Settings(channels=(mailbox, *more), digest=Digest(**{"to": READERS, **digest}))


def told(store: Store, chosen: Settings, now: datetime) -> dict[str, int]:
    """Look at the calendar, then deliver, as the stages do; return what came of it."""
    queued = send.run(store, chosen, now)
    counts = outbox.deliver(store, chosen, now)
    return queued | {name: n for name, n in counts.items() if n}


def test_each_reader_gets_one_mail_and_a_receipt(store: Store, box: tuple[Box, int]) -> None:
    fill(store, 2)
    chosen = settings(box[1])
    assert told(store, chosen, MONDAY - timedelta(minutes=1)) == {}
    assert told(store, chosen, MONDAY) == {"queued": 2, "sent": 2}
    assert told(store, chosen, MONDAY + timedelta(minutes=1)) == {}
    first, second = sorted(box[0].got, key=lambda mail: mail["To"])
    assert (first["To"], second["To"]) == READERS
    assert first["Subject"].startswith("听风周报 澄湖消费金融 2026 年第 47 周")
    assert first["Message-ID"] != second["Message-ID"]
    assert first["References"] == second["References"] == first["In-Reply-To"]
    assert first["Auto-Submitted"] == "auto-generated"
    assert first["X-Tingfeng-Digest"] == "2026-W47 chenghu r1"
    assert first["Date"].datetime == MONDAY
    parts = [part.get_content_type() for part in first.walk()]
    assert parts == [
        "multipart/mixed", "multipart/alternative", "text/plain", "multipart/related",
        "text/html", "image/png", "application/pdf",
    ]  # fmt: skip
    html, picture = list(first.walk())[4:6]
    assert f"cid:{picture['Content-ID'].strip('<>')}" in html.get_content()
    made = make.make(store, chosen, WEEK, OURS, MONDAY)
    kept = send.receipts(store, made, [Reader("mail", to) for to in READERS])
    assert [(one.state, one.what.attempt, one.what.incident_id) for one in kept] == [
        ("sent", 1, 0),
        ("sent", 1, 0),
    ]
    assert all("250" in one.reply for one in kept)


def test_the_next_week_joins_the_thread(store: Store, box: tuple[Box, int]) -> None:
    told(store, settings(box[1]), MONDAY)
    told(store, settings(box[1]), MONDAY + timedelta(weeks=1))
    first, third = box[0].got[0], box[0].got[2]
    assert first["References"] == third["References"]
    assert first["Message-ID"] != third["Message-ID"]


def test_a_server_that_says_later_is_asked_again(store: Store, box: tuple[Box, int]) -> None:
    assert told(store, settings(closed_port()), MONDAY) == {"queued": 2, "later": 1}
    again = told(store, settings(box[1]), MONDAY + timedelta(minutes=1))
    assert again == {"sent": 2}


def test_a_mail_that_may_have_arrived_is_marked_when_repeated(
    store: Store, box: tuple[Box, int]
) -> None:
    cut = ["220 hi", "250 ok", "250 ok", "250 ok", "354 go", ""]
    with script(cut) as port:
        assert told(store, settings(port, to=READERS[:1]), MONDAY) == {"queued": 1, "later": 1}
    whole = settings(box[1], to=READERS[:1])
    assert told(store, whole, MONDAY + timedelta(minutes=20)) == {"sent": 1}
    assert box[0].got[0]["Subject"].startswith("（重发）听风周报")


def test_a_page_waits_behind_the_alerts_and_survives_a_crash(
    store: Store, box: tuple[Box, int]
) -> None:
    """A row that a dead process had taken is sent again, marked; alerts go first."""
    chosen = settings(box[1], to=READERS[:1])
    send.run(store, chosen, MONDAY)
    with store.write() as conn:
        (row,) = rows.due(conn, MONDAY)
        assert row.level is Level.BLUE
        assert rows.take(conn, row.id, MONDAY) is not None
    later = MONDAY + rows.LEASE + timedelta(seconds=1)
    assert outbox.deliver(store, chosen, later)["sent"] == 1
    assert box[0].got[0]["Subject"].startswith("（重发）")


def test_each_audience_gets_its_own_page(store: Store, box: tuple[Box, int]) -> None:
    """A province in English to one, a product each day to another; each in a thread of its own."""
    fill(store, 5)
    audiences: tuple[dict[str, Any], ...] = (
        {"scope": "chenghu@广东", "to": ("gd@example.invalid",), "language": "en"},
        {"scope": "huguangdai", "edition": "day", "to": ("product@example.invalid",)},
        {"scope": "chenghu", "edition": "month", "to": ("month@example.invalid",)},
    )
    chosen = settings(box[1], to=(), audiences=audiences)
    assert told(store, chosen, MONDAY) == {"queued": 3, "sent": 3}
    mails = {mail["To"]: mail for mail in box[0].got}
    english = mails["gd@example.invalid"]["Subject"]
    assert english.startswith("Tingfeng weekly, Chenghu Consumer Finance · Guangdong, week 47")
    daily = mails["product@example.invalid"]["Subject"]
    assert daily.startswith("听风日报 湖光贷（澄湖消费金融） 2026 年11月22日")
    assert mails["month@example.invalid"]["Subject"].startswith(
        "听风月报 澄湖消费金融 2026 年 10 月"
    )
    assert len({mail["References"] for mail in mails.values()}) == 3
    assert told(store, chosen, MONDAY + timedelta(days=1)) == {"queued": 1, "sent": 1}


@pytest.mark.parametrize("kind", ["wecom", "dingtalk", "feishu"])
def test_a_group_bot_gets_the_short_form(store: Store, kind: str) -> None:
    """It fits the smallest bot, keeps its whole sentence, and calls nobody."""
    fill(store, 5)
    seeds.hostile(store, WEEK.until)
    with bots.replica(kind, lambda: MONDAY) as bot:
        shown = bots.channel(bot, "高管群", mention=("boss",))
        whole = settings(1, to=(), bots=("高管群",))
        mailbox = whole.channels[0].model_dump()
        chosen = Settings.model_validate({"channels": [mailbox, shown], "digest": whole.digest})
        assert told(store, chosen, MONDAY) == {"queued": 1, "sent": 1}
        assert bot.broken == []
        (said,) = bot.words
    page = make.make(store, chosen, WEEK, OURS, MONDAY).page("zh")
    assert len(said.encode()) <= 3_900
    assert markdown.plain(page["lead"]) in said
    assert markdown.plain(page["sections"][-1]["lines"][0]) in said
    assert f"]({forms.home(page, 'http://127.0.0.1:8501')})" in said
    assert "boss" not in said
    assert "<script" not in said


def test_a_preview_says_so_and_leaves_the_readers_theirs(
    store: Store, box: tuple[Box, int]
) -> None:
    chosen = settings(box[1])
    made = make.make(store, chosen, WEEK, OURS, MONDAY)
    assert "250" in send.preview(chosen, made, "me@example.invalid", "en", MONDAY)
    assert box[0].got[0]["Subject"].startswith("[preview] Tingfeng weekly")
    assert box[0].got[0]["To"] == "me@example.invalid"
    audience = Audience(to=READERS)
    assert send.send(store, chosen, made, audience, MONDAY) == {"sent": 2}
    assert send.send(store, chosen, made, audience, MONDAY) == {"sent": 2}
    assert len(box[0].got) == 3
    assert told(store, chosen, MONDAY) == {}


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
    assert send.due(chosen, "week", at - timedelta(minutes=1)) is None
    assert send.due(chosen, "week", at) == WEEK


def test_a_day_and_a_month_come_on_the_morning_after() -> None:
    at = datetime(2026, 12, 1, 8, 7, tzinfo=SHANGHAI)
    assert send.due(settings(1), "day", at - timedelta(minutes=1)) is None
    day, month = send.due(settings(1), "day", at), send.due(settings(1), "month", at)
    assert day is not None
    assert month is not None
    assert (day.id, month.id) == ("2026-11-30", "2026-11")


def test_what_is_set_wrongly_is_said_in_a_sentence(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "holidays.yaml"
    file.write_text("- soon\n")
    with pytest.raises(FactError, match="expected a list of dates"):
        send.holidays(file)
    assert send.holidays(None) == frozenset[date]()
    with pytest.raises(ConfigError, match="no e-mail channel"):
        send.run(store, Settings(digest=Digest(to=READERS)), MONDAY)
    with pytest.raises(ConfigError, match="no such channel"):
        send.run(store, settings(1, bots=("group",)), MONDAY)
