"""A fixed old record that reads otherwise tells of drift, and is never stored again."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import tingfeng
from crawlers import jobs
from crawlers.canary import ALL, EVERY, Canary, differences
from crawlers.replica.plan import source_settings
from crawlers.replica.server import ReplicaServer
from data.model import Gone, Mention, Outcome, SourceKind
from data.settings import Settings
from data.store import health, mentions, state
from data.store.db import Store
from tests.crawlers import wider
from tests.crawlers.weeks import LENDERS, NOW, scenario

DAY = timedelta(days=1)
OLD = Mention(
    "x", "1", SourceKind.NEWS, "u", "words, 138****5678", NOW, NOW - 40 * DAY, "title", "someone"
)


def due(mark: dict[str, Any], later: timedelta) -> tuple[Canary, Mention | None]:
    made = Canary(mark, NOW + later)
    return made, made.due(lambda: OLD, lambda native_id: OLD if native_id == "1" else None)


def chosen() -> dict[str, Any]:
    made, now = due({}, timedelta())
    assert now is None  # it was stored just now
    return made.mark()


def test_it_is_chosen_once_and_read_every_week() -> None:
    mark = chosen()
    assert due(mark, EVERY - DAY)[1] is None
    made, stored = due(mark, EVERY)
    assert stored is OLD
    made.compare(OLD, [replace(OLD, text="words, 13800005678")], ALL, must=True)  # masked, it is
    assert made.differs == ""
    assert due(made.mark(), EVERY + DAY)[1] is None


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"text": "wor"}, "text"),
        ({"title": "", "text": "y"}, "title, text"),
        ({"author": ""}, "author"),
        ({"published_at": None}, "published_at"),
        ({"published_at": NOW}, "published_at"),
        ({"published_at": NOW - 40 * DAY + timedelta(hours=1)}, ""),
        ({"reach": 99, "status": "已回复"}, ""),
    ],
)
def test_what_must_be_the_same(changes: dict[str, Any], said: str) -> None:
    assert differences(OLD, replace(OLD, **changes), ALL) == said


def test_what_differs_is_read_at_every_run_until_it_fits() -> None:
    made, _ = due(chosen(), EVERY)
    made.compare(OLD, [replace(OLD, text="other")], ALL, must=True)
    assert "1 reads otherwise: text" in made.differs
    again, stored = due(made.mark(), EVERY + timedelta(hours=1))
    assert stored is OLD
    assert again.differs  # also if this run cannot read it
    again.compare(OLD, [OLD], ALL, must=True)
    assert again.differs == ""


def test_what_is_not_found() -> None:
    made, _ = due(chosen(), EVERY)
    made.compare(OLD, [], ALL, must=False)  # a search need not find it
    assert made.differs == ""
    made.compare(OLD, [], ALL, must=True)
    assert "not on its page" in made.differs
    made.compare(OLD, [Gone("x", "1", None)], ALL, must=True)  # taken down: the next is chosen
    assert made.mark() == {"canary": None}


def test_a_source_whose_old_record_reads_otherwise_is_drawn_as_changed(
    store: Store, tmp_path: Path
) -> None:
    plan = wider.plan("article", 6)
    with ReplicaServer(plan, lambda: NOW + 9 * DAY) as site:
        sources = source_settings(plan, site.address, LENDERS)
        settings = Settings(database=store.name, var=tmp_path, sources=sources)

        def crawl(days: float) -> list[health.Stretch]:
            run = jobs.crawl(store, settings, "article", NOW + days * DAY)
            assert run.outcome in {Outcome.OK, Outcome.EMPTY}, run.note
            with store.read() as conn:
                return health.open_now(conn)

        assert crawl(0) == []
        assert crawl(1) == []  # now it is chosen
        with store.read() as conn:
            mark = state.watermark(conn, "article")["canary"]
            oldest = mentions.oldest(conn, "article")
        assert oldest is not None
        assert mark["id"] == oldest.native_id
        first = plan.planned[0]
        cut = replace(first, mention=replace(first.mention, text=first.mention.text[:120]))
        site.change(scenario([cut, *plan.planned[1:]]))
        (wrong,) = crawl(9)
        assert wrong.condition is health.Condition.CHANGED
        assert "reads otherwise: text" in wrong.note
        with store.read() as conn:
            kept = mentions.find(conn, "article", oldest.native_id)
        assert kept == oldest  # compared, not stored
        site.change(plan)
        assert crawl(9.1) == []


def test_who_says_that_a_site_has_changed_for_good_gets_another(
    store: Store, tmp_path: Path
) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(f'database = "{store.name}"\nvar = "{tmp_path}"\n', "utf-8")
    with store.write() as conn:
        state.set_watermark(conn, "article", {"newest": {"x": "y"}, **chosen()})

    def say(verb: str) -> str:
        words = ["source", verb, "article", "--config", str(file)]
        return CliRunner().invoke(tingfeng.app, words, catch_exceptions=False).stdout

    assert json.loads(say("show"))["canary"]["id"] == "1"
    assert "forgotten" in say("learn")
    assert json.loads(say("show"))["canary"] is None
    with store.read() as conn:
        assert state.watermark(conn, "article") == {"newest": {"x": "y"}}
