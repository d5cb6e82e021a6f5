"""Every page, as a visitor's first look and clicks: empty, full, English, hostile, broken."""

from __future__ import annotations

import gc
import os
import re
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from mailbox import Maildir
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.queries import incidents
from data.model import IncidentState, Level
from data.store import schema
from data.store.db import Store
from tests.dashboard import seeds

PAGES = (
    "situation",
    "incidents",
    "feed",
    "desk",
    "cases",
    "digest",
    "sources",
    "quality",
    "inbox",
)


def look(page: str, **address: str) -> AppTest:
    """Open the pages with ``page`` as home and run once; whatever happens, no bug shows."""
    at = AppTest.from_string(f"from dashboard import app\napp.main({page!r})", default_timeout=60)
    for name, value in address.items():
        at.query_params[name] = value
    at.run()
    assert not at.exception
    return at


def html(at: AppTest) -> str:
    """Return the markup that the page put on the screen, without the style sheet."""
    return "\n".join(
        element.proto.body for element in at.get("html") if "<style>" not in element.proto.body
    )


def links(at: AppTest) -> list[str]:
    """Return where the shown mentions lead, in order."""
    return re.findall(r'href="(https://example[^"]+)"', html(at))


@pytest.fixture
def full(site: Store) -> Store:
    """A week with a crisis that ends now."""
    seeds.month(site, datetime.now(UTC), days=9)  # noqa: TID251  # the pages' clock is the real one
    return site


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_empty_store_says_what_to_do(site: Store, page: str, lang: str) -> None:
    assert "tf-state" in html(look(page, lang=lang))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_situation_answers_its_question(full: Store, lang: str) -> None:
    at = look("situation", lang=lang)
    shown = html(at)
    level, clock, negative = {
        "zh": ("橙色", "首次查看 已超时", "负面"),
        "en": ("Orange", "First look overdue", "Negative"),
    }[lang]
    assert f'<span aria-hidden="true">▲</span> {level}' in shown
    assert clock in shown
    assert f"{negative} <b>" in shown
    assert "上门催收与到单位张贴" in shown
    assert "<mark>" in shown
    assert len(at.get("vega_lite_chart")) == 4  # two curves, heat, who spoke


def test_nothing_to_do_looks_like_nothing_to_do(site: Store) -> None:
    seeds.month(site, datetime.now(UTC), days=9, crisis=False)  # noqa: TID251
    shown = html(look("situation"))
    assert "没有需要立即处理的事件" in shown
    assert "tf-badge" not in shown
    assert "国家金融监督管理总局行政处罚" in shown  # the source that refuses is named


def test_the_feed_searches_filters_and_turns_pages(full: Store) -> None:
    at = look("feed")
    newest = links(at)
    assert len(newest) == 50
    at.button(key="feed_older").click().run()
    assert not at.exception
    assert len(links(at)) == 50
    assert set(links(at)).isdisjoint(newest)
    at.button(key="feed_newest").click().run()
    assert links(at) == newest
    one = look("feed", q='"冒充法院"', sentiment="neg", allegation="impersonate_authority")
    assert "自称法院执行局" in html(one)
    assert "堵在我家门口" not in html(one)
    assert 0 < html(one).count("<article") < 50
    none = look("feed", q="从未出现的词语")
    assert "没有符合条件的内容" in html(none)


def test_a_filter_writes_itself_into_the_address(full: Store) -> None:
    at = look("feed", after="~1")
    at.text_input(key="at_q").set_value("上门").run()
    assert at.query_params["q"] in ("上门", ["上门"])
    assert "after" not in at.query_params
    at.text_input(key="at_q").set_value("").run()
    assert "q" not in at.query_params


@pytest.mark.parametrize(
    "address",
    [
        {"after": "x", "severity": "99", "dated": "never", "sentiment": "'--"},
        {"from": "2026-99-99", "source": "<script>", "lang": "xx", "lender": "nobody"},
        {"q": '"" - -" OR 1=1; DROP TABLE mention'},
    ],
)
def test_a_spoilt_address_breaks_nothing(full: Store, address: dict[str, str]) -> None:
    look("feed", **address)


def test_an_allegation_is_alleged_and_its_clauses_are_possible(full: Store) -> None:
    shown = html(look("feed", allegation="abusive_visit"))
    assert "指控：上门滋扰" in shown
    assert "可能触及" in shown
    assert "犯罪" not in shown.replace("犯罪案件", "")


def test_an_incident_says_why_and_what_was_done(full: Store) -> None:
    shown = html(look("incidents", id="1"))
    for words in (
        "负面：1 小时内 21 位不同的人各自说到",
        "最早见于黑猫投诉",
        "<b>1–6</b>",
        "公关值班邮箱",
        "已送达",
        "没有新情况",
        "从 黄色；到 橙色",
    ):
        assert words in shown, words


def test_acknowledging_is_one_click(full: Store) -> None:
    at = look("incidents", id="1")
    at.button(key="ack").click().run()
    assert not at.exception
    with full.read() as conn:
        told = incidents.one(conn, 1)
    assert told is not None
    assert (told.state, told.owner) == (IncidentState.ACKNOWLEDGED, "local")
    assert "首次响应" in html(at)
    assert "接手处理" in html(at)


def test_a_response_stops_the_clock_and_the_list_is_ticked(full: Store) -> None:
    at = look("incidents", id="1")
    assert "几乎相同" in html(at)
    at.checkbox(key="step_1_one_voice").check().run()
    at.text_area(key="respond_text").set_value("已在黑猫逐条答复").run()
    at.button(key="respond").click().run()
    assert not at.exception
    shown = html(at)
    assert "已在黑猫逐条答复" in shown
    assert "首次响应 已超时" not in shown
    assert "已完成 1 /" in shown
    with full.read() as conn:
        told = incidents.one(conn, 1)
    assert told is not None
    assert told.done == {"responded"}


def test_an_incident_has_an_english_title_where_its_key_says_enough(full: Store) -> None:
    with full.write() as conn:
        conn.execute(schema.incident.update().values(key="visit_and_violence@佛山").where(
            schema.incident.c.id == 1))  # fmt: skip
    assert "Abusive visits and violence · Foshan: 64 mentions" in html(look("incidents", lang="en"))
    assert "上门催收与到单位张贴" in html(look("incidents", lang="zh"))


@pytest.mark.parametrize("page", ["incidents", "situation"])
def test_the_gravest_stands_first_and_among_equals_the_most_urgent(full: Store, page: str) -> None:
    now = datetime.now(UTC)  # noqa: TID251  # the pages' clock is the real one
    hour = timedelta(hours=1)
    plan = (("黄色超时", Level.YELLOW, 90), ("红色刚到", Level.RED, 0),
            ("橙色早", Level.ORANGE, 80), ("橙色晚", Level.ORANGE, 70))  # fmt: skip
    with full.write() as conn:
        conn.execute(schema.incident.update().values(state=IncidentState.CLOSED))
    for title, level, hours in plan:
        seeds.incident(full, (), now - hours * hour, title, level)
    shown = html(look(page)).partition('<div class="tf-incident">')[2]
    order = sorted((title for title, *_ in plan), key=shown.index)
    assert order == ["红色刚到", "橙色早", "橙色晚", "黄色超时"]


def test_the_headline_is_the_gravest_with_the_least_time_left(full: Store) -> None:
    now = datetime.now(UTC)  # noqa: TID251  # as above
    seeds.incident(full, (), now, "红色刚到", Level.RED)
    seeds.incident(full, (), now - timedelta(hours=3), "红色超时", Level.RED)
    assert "红色超时" in html(look("situation")).partition("tf-what")[2][:60]


@pytest.mark.parametrize("key", ["999", "x", "1'--"])
def test_an_unknown_incident_is_a_sentence(full: Store, key: str) -> None:
    assert "没有这起事件" in html(look("incidents", id=key))


def test_the_sources_page_says_what_was_seen_and_what_to_do(full: Store) -> None:
    at = look("sources")
    assert "被拒" in html(at)
    assert "站点拦截了我们（http_456）" in html(at)
    assert "the site blocked us (http_456)" in html(look("sources", lang="en"))
    table = at.dataframe[0].value
    assert list(table["ticks"])[-1].endswith("✕ ✕ ✕")


def test_the_inbox_shows_mails_as_text(site: Store, tmp_path: Path) -> None:
    box = Maildir(tmp_path / "inbox")
    for number, subject in enumerate(("【橙色】*上门*催收", seeds.HOSTILE)):
        mail = EmailMessage()
        mail["Subject"], mail["From"], mail["To"] = (
            subject.replace("\u202e", ""),
            "a@x.cn",
            "b@x.cn",
        )
        mail["Date"] = datetime(2026, 11, 25, number, tzinfo=UTC)
        mail.set_content(f"<script>alert(1)</script> http://127.0.0.1:8501/incidents?id={number}")
        box.add(mail.as_bytes())
    at = look("inbox")
    assert len(at.expander) == 2
    assert at.expander[1].label == r"【橙色】\*上门\*催收"
    assert "<script>" not in html(at)
    assert 'href="http://127.0.0.1:8501/incidents?id=1"' in html(at)


@pytest.mark.parametrize("page", ["situation", "incidents", "feed", "desk"])
def test_hostile_texts_are_shown_as_text(site: Store, page: str) -> None:
    seeds.hostile(site, datetime.now(UTC))  # noqa: TID251
    address = {"id": "1"} if page == "incidents" else {}
    shown = html(look(page, **address))
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown
    assert "<script" not in shown
    assert "<img" not in shown
    assert 'href="javascript' not in shown
    assert len(shown) < 200_000  # a megabyte of text does not reach the browser


def test_the_language_is_kept_between_pages(site: Store) -> None:
    at = look("feed", lang="en")
    assert "No mentions yet" in html(at)
    at.query_params.clear()  # as a click in the navigation does
    at.run()
    assert "No mentions yet" in html(at)
    assert at.query_params["lang"] in ("en", ["en"])


def test_what_stays_for_good_is_no_longer_looked_through_after_each_page(site: Store) -> None:
    assert site.file
    look("desk")
    kept = gc.get_freeze_count()
    assert kept > 50_000  # modules and facts; a full collection takes a tenth of a second with them
    later = [[] for _ in range(kept)]  # type: list[list[int]]
    look("desk")
    assert gc.get_freeze_count() < kept + len(later)  # once in a process, not at every page


def test_a_broken_setting_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "settings.toml"
    file.write_text("databse = 'x'\n")
    monkeypatch.setenv("TINGFENG_CONFIG", str(file))
    at = look("situation")
    assert "databse: there is no such setting" in at.error[0].value


def test_an_unreadable_store_is_one_sentence(site: Store) -> None:
    assert site.file is not None
    site.file.write_bytes(b"this is no database" * 100)
    for name in ("-wal", "-shm"):
        Path(f"{site.file}{name}").unlink(missing_ok=True)
    at = look("situation")
    assert "the file is no SQLite database" in html(at)
    assert os.environ["TINGFENG_CONFIG"]
