from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from alerts.channels import Message, dingtalk, feishu, http, sender
from alerts.channels.bot import cut
from alerts.markdown import plain
from data.errors import Busy, DeliveryError, Permanent, Temporary, Unknown
from data.model import Level
from data.settings_channels import Channel
from tests.alerts import bots
from tests.alerts.bots import SECRET, Replica, channel, replica
from tests.alerts.servers import closed_port, serve
from tests.conftest import NOW

CHANNEL: TypeAdapter[Any] = TypeAdapter(Channel)
MESSAGE = Message(
    key="a1-r1-first-duty",
    thread="incident 1",
    subject="【橙色】佛山上门滋扰：负面 38 条 #A-20261125-0001 r1",
    text="近 1 小时负面 38 条",
    html="<p>近 1 小时负面 38 条</p>",
    card={},
    repeat=False,
    at=NOW,
    level=Level.ORANGE,
    markdown="**▲ 【橙色】佛山上门滋扰**\n> 近 1 小时负面 38 条",
)
BOTS = ("wecom", "dingtalk", "feishu")


@pytest.fixture(params=BOTS)
def bot(request: pytest.FixtureRequest) -> Iterator[Replica]:
    with replica(request.param) as one:
        yield one


def send(bot: Replica, message: Message = MESSAGE, **changes: Any) -> str:
    return sender(CHANNEL.validate_python(channel(bot, **changes))).send(message)


def test_the_signatures_are_those_of_the_makers_rules() -> None:
    """Computed from the published rules, independently of this code."""
    signed = dingtalk.sign("SECdemo0123456789", "1700000000000")
    assert signed == "ww0uYz9hgC//la1LzHCxhiH8ja6t5XU0VlJXBRQKVAA="
    signed = feishu.sign("demo-secret", "1700000000")
    assert signed == "mYHw2R2SOm8Rw/sne3lQdmz4sOfntKR+1P/8RKKTwmA="


def test_a_bot_takes_it_and_says_so(bot: Replica) -> None:
    assert send(bot).endswith("code 0")
    (said,) = bot.words
    assert "佛山上门滋扰" in said
    assert "\n> 近 1 小时负面 38 条" in said


@pytest.mark.parametrize(
    ("kind", "code", "error"),
    [
        ("wecom", 93000, Permanent), ("wecom", 40058, Permanent), ("wecom", -1, Temporary),
        ("wecom", 45009, Busy),
        ("dingtalk", 310000, Permanent), ("dingtalk", -1, Temporary), ("dingtalk", 130101, Busy),
        ("feishu", 19021, Permanent), ("feishu", 19022, Permanent), ("feishu", 19024, Permanent),
        ("feishu", 9499, Permanent), ("feishu", 11232, Busy),
        ("wecom", None, Unknown), ("dingtalk", "0", Unknown), ("feishu", None, Unknown),
    ],
)  # fmt: skip
def test_a_refusal_behind_http_200_is_a_refusal(
    kind: str, code: object, error: type[DeliveryError]
) -> None:
    name = "code" if kind == "feishu" else "errcode"
    with replica(kind) as bot:
        bot.instead.append({name: code, "errmsg": "no"} if code is not None else {"ok": True})
        with pytest.raises(DeliveryError) as caught:
            send(bot)
    assert type(caught.value) is error
    assert str(caught.value).startswith(f"channel {kind}: ")


@pytest.mark.parametrize(
    ("kind", "code", "least", "most"),
    [("wecom", 45009, 60, 60), ("dingtalk", 130101, 600, 600), ("feishu", 11232, 1, 5)],
)
def test_how_long_a_bot_wants_to_be_left_alone(kind: str, code: int, least: int, most: int) -> None:
    rests = []
    with replica(kind) as bot:
        for _ in range(4):
            bot.instead.append({"code" if kind == "feishu" else "errcode": code})
            with pytest.raises(Busy) as caught:
                send(bot)
            rests.append(caught.value.rest / timedelta(seconds=1))
    assert all(least <= rest <= most for rest in rests)
    assert len(set(rests)) == (1 if least == most else 4), "jitter, or none"


def test_a_wrong_secret_is_refused_by_the_replica() -> None:
    for kind, code in (("dingtalk", "310000"), ("feishu", "19021")):
        with replica(kind) as bot, pytest.raises(Permanent, match=code):
            send(bot, secret="another")
    with replica("wecom") as bot, pytest.raises(Permanent, match="93000"):
        send(bot, key="another")


@pytest.mark.parametrize("garbage", [b"<html>502</html>", b"", b"\xff\xfe", b"[]", b"null"])
def test_an_answer_that_is_no_bots_may_have_arrived(bot: Replica, garbage: bytes) -> None:
    bot.instead.append(garbage)
    with pytest.raises(Unknown, match="may have arrived"):
        send(bot)


def test_a_cut_line_and_a_time_out_may_have_arrived(
    bot: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    bot.instead.append(None)
    with pytest.raises(Unknown):
        send(bot)
    monkeypatch.setattr(http, "TIMEOUT", httpx.Timeout(0.2))
    hold: list[None] = []

    def slow(_path: str, _body: bytes) -> bytes:
        import time

        time.sleep(0.6)
        hold.append(None)
        return b"{}"

    with serve(slow) as url, pytest.raises(Unknown):
        send(bot, base_url=url)


def test_a_bot_that_is_not_there_surely_has_nothing(bot: Replica) -> None:
    with pytest.raises(Temporary):
        send(bot, base_url=f"http://127.0.0.1:{closed_port()}")


def test_a_long_message_is_cut_to_what_each_bot_takes(bot: Replica) -> None:
    send(bot, replace(MESSAGE, markdown="催收" * 9_000, subject="题" * 900))
    assert bot.broken == []
    (said,) = bot.words
    assert said.startswith("催收")
    assert "…" in said


def test_a_card_of_escapes_still_fits(bot: Replica) -> None:
    """Quotes and line breaks count twice inside JSON."""
    send(bot, replace(MESSAGE, markdown='"\n' * 3_000))
    assert bot.broken == []


@pytest.mark.parametrize(
    ("kind", "who", "there"),
    [("wecom", "zhangsan", "<@zhangsan>"), ("dingtalk", "13800138000", "@13800138000"),
     ("feishu", "ou_1", "<at id=ou_1></at>")],
)  # fmt: skip
def test_people_are_called_from_orange_on(kind: str, who: str, there: str) -> None:
    with replica(kind) as bot:
        send(bot, mention=[who])
        send(bot, replace(MESSAGE, level=Level.YELLOW), mention=[who])
        send(bot, replace(MESSAGE, on_call=(who,)))
        assert [there in words for words in bot.words] == [True, False, True]
        if kind == "dingtalk":
            assert bot.taken[0]["at"] == {"atMobiles": [who], "isAtAll": False}


def test_the_header_of_a_feishu_card_has_the_colour_of_the_level() -> None:
    with replica("feishu") as bot:
        for level in Level:
            send(bot, replace(MESSAGE, level=level))
        colours = [one["card"]["header"]["template"] for one in bot.taken]
    assert colours == ["blue", "yellow", "orange", "red"]


@given(st.text(max_size=300), st.integers(0, 400))
def test_a_cut_keeps_whole_characters_and_the_limit(text: str, limit: int) -> None:
    found = cut(text, limit)
    raw = found.encode()
    assert len(raw) <= max(limit, len(text.encode()) if found == text else 0)
    if len(text.encode()) <= limit:
        assert found == text
    else:
        assert text.startswith(found.removesuffix("…"))


@given(st.text(alphabet="<>@[]()*`#_~!|\\ \n甲a", max_size=60))
def test_quoted_words_call_nobody_and_link_nowhere(text: str) -> None:
    assert not set("<>[]()*`#_~!|\\\n") & set(plain(text))


def test_no_secret_is_in_an_error_or_a_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    said = []
    for kind in BOTS:
        with replica(kind) as bot:
            name = "code" if kind == "feishu" else "errcode"
            told = f"{SECRET} {bots.KEY}"
            bot.instead.append({name: 1, "errmsg": told, "msg": told})
            with pytest.raises(Permanent) as caught:
                send(bot)
            said.append(str(caught.value))
            said.append(repr(CHANNEL.validate_python(channel(bot))))
    own = [r.getMessage() for r in caplog.records if not r.name.startswith(("httpx", "httpcore"))]
    secrets = {"wecom": bots.KEY, "dingtalk": SECRET, "feishu": SECRET}
    for kind, words in zip(BOTS, [" ".join(said[n : n + 2]) for n in (0, 2, 4)], strict=True):
        assert secrets[kind] not in words
    assert SECRET not in " ".join(own)


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # Apprise's mail
def test_any_other_way_by_an_apprise_url() -> None:
    got: list[bytes] = []

    def answer(_path: str, body: bytes) -> bytes:
        got.append(body)
        return b"{}"

    with serve(answer) as url:
        given = {"type": "apprise", "name": "any", "url": url.replace("http", "json", 1)}
        assert sender(CHANNEL.validate_python(given)).send(MESSAGE) == "accepted by Apprise"
    assert "佛山上门滋扰".encode() in got[0] or b"\\u4f5b\\u5c71" in got[0]
    given["url"] = "pigeon://nowhere"
    with pytest.raises(Permanent, match="does not know"):
        sender(CHANNEL.validate_python(given)).send(MESSAGE)
    given["url"] = f"json://127.0.0.1:{closed_port()}"
    with pytest.raises(Temporary, match="could not deliver"):
        sender(CHANNEL.validate_python(given)).send(MESSAGE)
