"""Copies are placed in the store, a template is kept once three accounts wrote it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import tingfeng
from data.model import Mention, SourceKind
from data.settings import Settings
from data.store import mentions, templates, work
from data.store.db import Store
from nlp import copies, stage
from nlp.template import BLANK

NOW = datetime(2026, 11, 25, 6, 0, tzinfo=UTC)
FORM = (
    "本人在澄湖消费金融借款{}元，逾期后催收人员多次致电我的父母和单位，泄露我的个人信息，"
    "严重影响我的正常生活，要求停止第三方催收并给出分期方案。"
)
OTHER = "澄湖消金的客服一直占线，想提前还清这笔钱都没有人管，结清证明也开不出来，等了半个月了。"


def said(number: int, text: str, author: str) -> Mention:
    return Mention(
        source="s", native_id=str(number), kind=SourceKind.COMPLAINT, url="", text=text,
        author=author, fetched_at=NOW, published_at=NOW - timedelta(hours=9 - number),
    )  # fmt: skip


def save(store: Store, *batch: Mention) -> list[int]:
    with store.write() as conn:
        return list(mentions.save(conn, batch, NOW, b"key").ids)


def assess(store: Store) -> None:
    stage.run(store, Settings(), NOW)


def test_a_template_grows_out_of_three_accounts(store: Store) -> None:
    ids = save(store, said(1, FORM.format("一万二千"), "甲"), said(2, OTHER, "乙"))
    assess(store)
    more = save(store, said(3, FORM.format("八千"), "丙"), said(4, FORM.format("五百"), "甲"))
    assess(store)
    with store.read() as conn:
        assert templates.listing(conn) == []  # two accounts are none
        assert templates.repeats(conn, [*ids, *more]) == {more[0]: ids[0], more[1]: ids[0]}
    [last] = save(store, said(5, FORM.format("三万"), "丁"))
    assess(store)
    with store.read() as conn:
        [found] = templates.listing(conn, "chenghu")
        assert templates.listing(conn, "qichuan") == []
        assert templates.of(conn, [*ids, *more, last]) == dict.fromkeys(
            [ids[0], *more, last], ids[0]
        )
        assert templates.members(conn, ids[0]) == [ids[0], *more, last]
        assert templates.get(conn, ids[1]) is None
    assert (found.id, found.accounts, found.mentions) == (ids[0], 3, 4)
    assert found.text == FORM.format(BLANK)
    assert found.since == NOW - timedelta(hours=8)
    assert found.until == NOW - timedelta(hours=4)


def test_templates_are_shown_in_a_terminal(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sums = enumerate(("一百", "八千", "三万"))
    save(store, *(said(n, FORM.format(much), f"甲{n}") for n, much in sums))
    assess(store)
    settings = tmp_path / "settings.toml"
    settings.write_text(f'database = "{store.url}"', "utf-8")
    tingfeng.templates(config=settings)
    assert capsys.readouterr().out == f"#1  账号 3  文本 3\n  {FORM.format(BLANK)}\n"


def test_another_process_goes_on_where_the_first_stopped(store: Store) -> None:
    [first] = save(store, said(1, FORM.format("一万二千"), "甲"))
    assess(store)
    copies._known.clear()
    [second] = save(store, said(2, FORM.format("九百"), "乙"))
    assess(store)
    with store.read() as conn:
        assert templates.repeats(conn, [first, second]) == {second: first}


def test_what_is_assessed_again_keeps_its_place(store: Store) -> None:
    ids = save(store, *(said(n, FORM.format(n * 100), f"甲{n}") for n in range(1, 5)))
    assess(store)
    with store.write() as conn:
        work.put(conn, "assess", ids)
    assess(store)
    with store.read() as conn:
        assert templates.listing(conn)[0].mentions == 4
        assert templates.members(conn, ids[0]) == ids
        assert templates.last(conn) == 4


def test_a_text_that_changes_leaves_its_template(store: Store) -> None:
    batch = [said(n, FORM.format(n * 100), f"甲{n}") for n in range(1, 4)]
    ids = save(store, *batch)
    assess(store)
    save(store, replace(batch[1], text=OTHER))
    assess(store)
    with store.read() as conn:
        assert templates.listing(conn) == []
        assert templates.members(conn, ids[0]) == [ids[0], ids[2]]
    save(
        store, replace(batch[1], text="说的是别的事，与谁都没有关系，今天天气很好，出门走走看看花")
    )
    assess(store)
    with store.read() as conn:
        assert templates.placed(conn, [ids[1]]) == {}


def test_a_store_that_was_emptied_is_read_anew(store: Store) -> None:
    save(store, said(1, FORM.format("一万二千"), "甲"))
    assess(store)
    with store.write() as conn:
        [(_, only)] = templates.placed_after(conn, 0, 9)
        templates.place(conn, [only.mention_id], [])
    [second] = save(store, said(2, FORM.format("九百"), "乙"))
    assess(store)
    with store.read() as conn:
        assert templates.repeats(conn, [second]) == {}
