"""Links in messages: signed, for a day, once; a GET changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts import links
from alerts.answering import serving
from alerts.outbox import deliver
from data.errors import PortTaken
from data.facts.levels import FILE as LEVELS
from data.keys import link_key
from data.model import Incident, IncidentState, Level
from data.settings import Settings
from data.store import incidents
from data.store.db import Store
from tests.alerts.bots import channel, replica
from tests.alerts.conftest import Configured
from tests.alerts.servers import web
from tests.alerts.test_outbox import alarm, hook
from tests.conftest import NOW

KEY = b"a key of links for tests"
HOUR = timedelta(hours=1)


@contextmanager
def desk(store: Store, settings: Settings, now: datetime = NOW) -> Iterator[str]:
    with serving(store, settings, lambda: now, port=0) as port:
        yield f"http://127.0.0.1:{port}/ack/"


def opened(store: Store, **changes: Any) -> int:
    given = {"lender": "chenghu", "key": "visit@佛山", "title": "佛山<b>上门</b>",
             "level": Level.RED, "state": IncidentState.OPEN,
             "opened_at": NOW, "last_at": NOW}  # fmt: skip
    with store.write() as conn:
        return incidents.insert(conn, Incident(**{**given, **changes}))


def signed(settings: Settings, incident: int, act: str = "acknowledged", row: str = "a1") -> str:
    return links.token(links.link_for(row, incident, act, NOW), link_key(settings))


def state(store: Store, number: int = 1) -> tuple[str, str, list[str]]:
    with store.read() as conn:
        one = incidents.get(conn, number)
        assert one is not None
        return one.state.value, one.owner, [e.what for e in incidents.events(conn, number)]


@given(st.integers(1, 10**9), st.sampled_from(links.ACTS), st.text(max_size=30))
def test_a_link_says_what_was_signed(incident: int, act: str, row: str) -> None:
    link = links.link_for(row, incident, act, NOW)
    assert links.read(links.token(link, KEY), KEY) == link
    assert links.read(links.token(link, KEY), KEY + b"x") is None


@given(st.data())
def test_a_changed_link_is_none(data: st.DataObject) -> None:
    token = links.token(links.link_for("a", 1, "acknowledged", NOW), KEY)
    place = data.draw(st.integers(0, len(token) - 2))  # the last character has spare bits
    other = data.draw(st.sampled_from("abcXYZ019-_").filter(lambda c: c != token[place]))
    assert links.read(token[:place] + other + token[place + 1 :], KEY) is None


@given(st.text(max_size=80))
def test_nonsense_is_no_link(text: str) -> None:
    assert links.read(text, KEY) is None


def test_looking_changes_nothing_and_confirming_does_it_once(
    store: Store, settings: Settings
) -> None:
    number = opened(store)
    with desk(store, settings) as url:
        address = url + signed(settings, number)
        for _ in range(3):
            page = httpx.get(address)
            assert page.status_code == 200
            assert httpx.head(address).status_code == 200
        assert state(store) == ("open", "", [])
        assert "佛山&lt;b&gt;上门" in page.text
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert page.headers["Cache-Control"] == "no-store"
        assert httpx.post(address, data={"by": " "}).status_code == 400
        assert state(store) == ("open", "", [])
        done = httpx.post(address, data={"by": "王某 "})
        assert (done.status_code, "已由 王某 接手处理" in done.text) == (200, True)
        assert state(store) == ("acknowledged", "王某", ["acknowledged"])
        again = httpx.post(address, data={"by": "李某"})
        assert (again.status_code, "已使用过" in again.text) == (410, True)
        other = httpx.post(url + signed(settings, number, row="a2"), data={"by": "李某"})
        assert (other.status_code, "王某" in other.text) == (410, True)
        for act in ("responded", "stated"):
            told = httpx.post(url + signed(settings, number, act, row=act), data={"by": "王某"})
            assert told.status_code == 200
    assert state(store) == ("acknowledged", "王某", ["acknowledged", "responded", "stated"])


def test_the_form_calls_the_level_as_the_file_in_use_does(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    own = tmp_path / "levels.yaml"
    own.write_text(LEVELS.read_text("utf-8").replace("红色", "甲级"), "utf-8")
    alerts = settings.alerts.model_copy(update={"levels": own})
    number = opened(store)
    with desk(store, settings.model_copy(update={"alerts": alerts})) as url:
        assert "【甲级】" in httpx.get(url + signed(settings, number)).text


def test_two_people_at_once_are_one_owner(store: Store, settings: Settings) -> None:
    number = opened(store)
    with desk(store, settings) as url, ThreadPoolExecutor(6) as pool:
        tokens = [signed(settings, number, row=f"a{n}") for n in range(6)]
        answers = list(
            pool.map(lambda n: httpx.post(url + tokens[n], data={"by": f"p{n}"}), range(6))
        )
    assert sorted(a.status_code for a in answers) == [200, 410, 410, 410, 410, 410]
    assert state(store)[2] == ["acknowledged"]


@pytest.mark.parametrize(
    ("why", "after", "changes", "said"),
    [
        ("a day later", 24 * HOUR, {}, "已过期"),
        ("closed", HOUR, {"state": IncidentState.CLOSED, "closed_at": NOW}, "已关闭"),
    ],
)
def test_a_link_that_is_over(
    store: Store, settings: Settings, why: str, after: timedelta, changes: dict[str, Any], said: str
) -> None:
    number = opened(store, **changes)
    with desk(store, settings, NOW + after) as url:
        address = url + signed(settings, number)
        for answer in (httpx.get(address), httpx.post(address, data={"by": "x"})):
            assert (answer.status_code, said in answer.text) == (410, True), why
    assert state(store)[2] == []


def test_what_is_no_link_is_not_found(store: Store, settings: Settings) -> None:
    number = opened(store)
    forged = links.token(links.link_for("a", number, "acknowledged", NOW), b"another key")
    with desk(store, settings) as url:
        for address in (url + forged, url + "x", url, url + "../etc", url + signed(settings, 99)):
            assert httpx.get(address).status_code == 404
            assert httpx.post(address, data={"by": "x"}).status_code == 404
        assert (
            httpx.post(url + signed(settings, number), data={"by": "x" * 3000}).status_code == 404
        )
    assert state(store)[2] == []


def test_a_taken_port_is_said(store: Store, settings: Settings) -> None:
    with (
        serving(store, settings, lambda: NOW, port=0) as port,
        pytest.raises(PortTaken, match="answer_port"),
        serving(store, settings, lambda: NOW, port=port),
    ):
        pass


def test_a_message_carries_the_link_and_the_link_works(
    store: Store, configured: Configured
) -> None:
    with replica("wecom") as bot, web() as receiver:
        public = {"public_url": "https://pr.example.com/tingfeng"}
        settings = configured(channel(bot), hook(receiver.url), alerts=public)
        alarm(store, settings)
        deliver(store, settings, NOW)
    (words,) = bot.words
    begin = words.index("(https://pr.example.com/tingfeng/ack/") + 1
    address = words[begin : words.index(")", begin)]
    assert "我来处理" in words
    assert b"/ack/" in receiver.got[0][1]
    with desk(store, settings) as url:
        done = httpx.post(url + address.rpartition("/")[2], data={"by": "王某"})
    assert done.status_code == 200
    assert state(store)[:2] == ("acknowledged", "王某")


def test_without_an_address_there_is_no_link(store: Store, configured: Configured) -> None:
    with web() as receiver:
        settings = configured(hook(receiver.url))
        alarm(store, settings)
        deliver(store, settings, NOW)
    assert b"/ack/" not in receiver.got[0][1]
