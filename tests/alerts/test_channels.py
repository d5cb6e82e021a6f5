from __future__ import annotations

import hashlib
import hmac
import json
import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from alerts import inbox
from alerts.channels import Message, sender
from data.errors import DeliveryError, Permanent, PortTaken, Temporary, Unknown
from data.inbox import messages
from data.settings import EmailChannel, WebhookChannel
from tests.alerts.servers import closed_port, script, web
from tests.conftest import NOW

SECRET = "correct-horse-battery"
MESSAGE = Message(
    key="a1-r1-first-duty",
    thread="incident 1",
    subject="【橙色】佛山上门滋扰：负面 38 条 #A-20261125-0001 r1",
    text="近 1 小时负面 38 条\n最早：黑猫",
    html="<p>近 1 小时负面 38 条</p>",
    card={"number": "#A-20261125-0001 r1", "level": 3},
    repeat=False,
    at=NOW,
)


def mailbox(port: int, **changes: Any) -> EmailChannel:
    return EmailChannel(
        name="duty", host="127.0.0.1", port=port, security="none",
        sender="tingfeng@example.com", to=("pr@example.com",), **changes,
    )  # fmt: skip


def hook(url: str) -> WebhookChannel:
    return WebhookChannel(name="hook", url=url, secret=SECRET)


def test_a_mail_arrives_as_text_and_html_and_threads_by_incident(tmp_path: Path) -> None:
    with inbox.serving(tmp_path / "inbox") as port:
        channel = sender(mailbox(port))
        assert channel.send(MESSAGE).startswith("250")
        channel.send(replace(MESSAGE, repeat=True, subject="（重发）"))
        channel.send(replace(MESSAGE, key="another"))
    first, second, third = sorted(messages(tmp_path / "inbox"), key=lambda m: m.message_id)
    ids = [mail.message_id for mail in (first, second, third)]
    assert len(set(ids)) == 2, "a repeat keeps its Message-ID"
    mail = next(m for m in (first, second, third) if m.subject == MESSAGE.subject)
    assert (mail.sender, mail.to, mail.sent_at) == ("tingfeng@example.com", "pr@example.com", NOW)
    assert mail.text.strip() == MESSAGE.text
    assert mail.html.strip() == MESSAGE.html
    raw = [file.read_text("utf-8") for file in (tmp_path / "inbox" / "new").iterdir()]
    threads = {line for one in raw for line in one.splitlines() if line.startswith("References")}
    assert len(threads) == 1
    assert all("Auto-Submitted: auto-generated" in one for one in raw)


HELLO = ["220 hi", "250 hi"]


@pytest.mark.parametrize(
    ("why", "lines", "error"),
    [
        ("greeted by a busy server", ["421 too busy"], Temporary),
        ("greeted by a no", ["554 go away"], Permanent),
        ("closing down", [*HELLO, "421 shutting down"], Temporary),
        ("closing down in DATA", [*HELLO, "250 ok", "250 ok", "354 go", "421 bye"], Temporary),
        ("too big by its size", [*HELLO, "552 too big"], Permanent),
        ("sender refused", [*HELLO, "550 not you"], Permanent),
        ("recipient later", [*HELLO, "250 ok", "451 greylisted"], Temporary),
        ("recipient never", [*HELLO, "250 ok", "550 nobody here"], Permanent),
        ("the line breaks before DATA", [*HELLO, ""], Temporary),
        ("data later", [*HELLO, "250 ok", "250 ok", "452 full"], Temporary),
        ("content later", [*HELLO, "250 ok", "250 ok", "354 go", "451 try again"], Temporary),
        ("content never", [*HELLO, "250 ok", "250 ok", "354 go", "552 too big"], Permanent),
        ("the line breaks after DATA", [*HELLO, "250 ok", "250 ok", "354 go", ""], Unknown),
    ],
)
def test_what_a_mail_server_says(why: str, lines: list[str], error: type[DeliveryError]) -> None:
    with script(lines) as port, pytest.raises(DeliveryError) as caught:
        sender(mailbox(port)).send(MESSAGE)
    assert type(caught.value) is error, why
    assert str(caught.value).startswith("channel duty: ")


def test_one_refused_recipient_does_not_keep_the_others_from_it() -> None:
    lines = [*HELLO, "250 ok", "550 gone", "250 ok", "354 go", "250 taken"]
    channel = mailbox(1).model_copy(update={"to": ("gone@example.com", "pr@example.com")})
    with script(lines) as port:
        reply = sender(channel.model_copy(update={"port": port})).send(MESSAGE)
    assert reply == "250 taken; refused for good: gone@example.com"


def test_a_server_that_is_not_there_is_tried_later() -> None:
    with pytest.raises(Temporary, match="cannot be reached"):
        sender(mailbox(closed_port())).send(MESSAGE)


def test_a_webhook_is_signed_over_time_and_body() -> None:
    with web() as receiver:
        channel = sender(hook(receiver.url))
        assert channel.send(MESSAGE) == "200 ok"
        channel.send(replace(MESSAGE, repeat=True))
    (headers, body), (again, repeated) = receiver.got
    stamp = headers["X-Tingfeng-Timestamp"]
    expected = hmac.new(SECRET.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    assert stamp == str(int(NOW.timestamp()))
    assert headers["X-Tingfeng-Signature"] == f"sha256={expected}"
    assert headers["Idempotency-Key"] == again["Idempotency-Key"]
    assert json.loads(body)["card"] == MESSAGE.card
    assert [json.loads(b)["repeat"] for b in (body, repeated)] == [False, True]


@pytest.mark.parametrize(
    ("status", "error"),
    [(408, Temporary), (429, Temporary), (500, Temporary), (503, Temporary), (301, Permanent),
     (400, Permanent), (401, Permanent), (404, Permanent), (410, Permanent)],
)  # fmt: skip
def test_what_a_webhook_answers(status: int, error: type[DeliveryError]) -> None:
    with web([status]) as receiver, pytest.raises(DeliveryError) as caught:
        sender(hook(receiver.url)).send(MESSAGE)
    assert type(caught.value) is error
    assert str(status) in str(caught.value)


def test_a_webhook_that_cuts_the_line_may_have_taken_it() -> None:
    with web(cut=True) as receiver, pytest.raises(Unknown):
        sender(hook(receiver.url)).send(MESSAGE)


def test_a_webhook_that_is_not_there_is_tried_later() -> None:
    with pytest.raises(Temporary):
        sender(hook(f"http://127.0.0.1:{closed_port()}/")).send(MESSAGE)


def test_no_secret_is_in_an_error_a_log_or_a_repr(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    channel = mailbox(1, user="robot", password=SECRET)
    said = [repr(channel), repr(hook(f"https://x.example/{1}"))]
    with web([401], reply=f"bad secret {SECRET}") as receiver:
        with pytest.raises(Permanent) as refused:
            sender(hook(receiver.url)).send(MESSAGE)
        said.append(str(refused.value))
    login = ["220 hi", "250-hi\r\n250 AUTH PLAIN LOGIN", f"535 wrong password {SECRET}",
             f"535 wrong password {SECRET}"]  # fmt: skip
    with script(login) as port, pytest.raises(Permanent) as denied:
        sender(channel.model_copy(update={"port": port})).send(MESSAGE)
    said += [str(denied.value), caplog.text]
    assert "535" in str(denied.value)
    assert not [words for words in said if SECRET in words]


def test_the_inbox_says_that_its_port_is_taken(tmp_path: Path) -> None:
    with (
        inbox.serving(tmp_path / "a") as port,
        pytest.raises(PortTaken, match="another port"),
        inbox.serving(tmp_path / "b", port),
    ):
        pass
