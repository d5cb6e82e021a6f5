"""The stage takes what waits, once; and everything again when we have learnt something."""

import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import func, select

from data.errors import InputError
from data.facts.allegations import FILE as ALLEGATIONS
from data.facts.lenders import FILE
from data.model import Mention, SourceKind
from data.settings import Settings
from data.store import mentions, series, work
from data.store.db import Store
from data.store.schema import assessment, verdict
from nlp import stage, vote

NOW = datetime(2026, 11, 25, 6, 0, tzinfo=UTC)
TEXTS = (
    "澄湖消金催收爆了我的通讯录",
    "今天天气很好",
    "栖川消金客服打不通，还款没人管",
    "澄湖消金客服耐心，点赞",
)


def fill(store: Store, n: int = 1) -> None:
    batch = [
        Mention(
            source="s", native_id=f"{copy}-{number}", kind=SourceKind.POST, url="", text=text,
            fetched_at=NOW, published_at=NOW - timedelta(hours=1),
        )
        for copy in range(n)
        for number, text in enumerate(TEXTS)
    ]  # fmt: skip
    with store.write() as conn:
        mentions.save(conn, batch, NOW, b"key")


def verdicts(store: Store) -> int:
    with store.read() as conn:
        return conn.execute(select(func.count()).select_from(verdict)).scalar_one()


def test_assesses_what_waits_once(store: Store) -> None:
    fill(store)
    steps: list[tuple[int, int]] = []
    counts = stage.run(store, Settings(), NOW, progress=lambda done, of: steps.append((done, of)))
    assert counts == {"mentions": 4, "assessments": 3}
    assert steps == [(4, 4)]
    assert stage.run(store, Settings(), NOW) == {"mentions": 0, "assessments": 0}
    assert verdicts(store) == 3
    with store.read() as conn:
        assert work.count(conn, "assess") == 0
        hours = series.hourly(conn, "chenghu", NOW - timedelta(days=1), NOW)
    assert sum(hour.n for hour in hours) == 2


def test_the_vote_is_asked_where_the_settings_want_it(
    store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked: list[str] = []

    class Spy:
        tags: tuple[str, ...] = ()
        files: tuple[Path, ...] = (vote.FOLDER / vote.TOKENIZER,)

        def read(self, texts: Sequence[str], _asked: Any = None) -> Iterator[Any]:
            asked.extend(texts)
            none = np.zeros((0, 0), np.float32)
            return iter([(np.zeros(3, np.float32), none, ()) for _ in texts])

    folders: list[Path] = []

    def transformer(folder: Path) -> Spy:
        folders.append(folder)
        return Spy()

    monkeypatch.setattr(stage, "_made", {})
    monkeypatch.setattr(vote, "transformer", transformer)
    monkeypatch.setattr(vote, "UNSURE", 1.1)
    fill(store)
    stage.run(store, Settings(), NOW)
    assert not asked
    counts = stage.run(store, Settings(vote=True), NOW)
    assert counts["mentions"] == 4  # another model: everything again
    assert asked
    stage.run(store, Settings(vote=True, vote_model=tmp_path), NOW)
    assert folders == [vote.FOLDER, tmp_path]


def test_without_its_package_the_vote_says_what_to_install(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage, "_made", {})
    monkeypatch.setattr(vote, "transformer", vote.Transformer)
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    fill(store)
    with pytest.raises(InputError, match=r"tingfeng\[vote\]"):
        stage.run(store, Settings(vote=True), NOW)


def test_batches(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage, "BATCH", 3)
    fill(store, 2)
    assert stage.run(store, Settings(), NOW)["mentions"] == 8


def test_other_lenders_queue_everything_again(store: Store, tmp_path: Path) -> None:
    fill(store)
    stage.run(store, Settings(), NOW)
    file = tmp_path / "lenders.yaml"
    file.write_text(FILE.read_text("utf-8").replace("栖川消金]", "栖川消金, 天气很好]"), "utf-8")
    assert stage.run(store, Settings(lenders=file), NOW) == {"mentions": 4, "assessments": 4}
    assert verdicts(store) == 4
    with store.read() as conn:
        made = conn.execute(select(func.count(assessment.c.made_by.distinct()))).scalar_one()
    assert made == 2


@pytest.mark.parametrize("workers", [0, 1])
def test_allegations_that_change_while_it_runs_are_read_and_queue_everything_again(
    store: Store, tmp_path: Path, workers: int
) -> None:
    file = tmp_path / "allegations.yaml"
    text = ALLEGATIONS.read_text("utf-8")
    file.write_text(text, "utf-8")
    settings = Settings(allegations=file)
    fill(store)
    with ThreadPoolExecutor(1) as pool:
        executor = pool if workers else None
        stage.run(store, settings, NOW, executor=executor)
        assert severity(store) == 4
        assert stage.run(store, settings, NOW, executor=executor)["mentions"] == 0
        entry = text[text.index("  - id: contact_list_blast\n") :]
        milder = entry.replace("severity: 4", "severity: 3", 1)
        file.write_text(text.replace(entry, milder), "utf-8")
        assert stage.run(store, settings, NOW, executor=executor)["mentions"] == 4
    assert severity(store) == 3


def severity(store: Store) -> int:
    with store.read() as conn:
        return int(conn.execute(select(func.max(verdict.c.severity))).scalar_one())


def test_workers_find_the_same(store: Store) -> None:
    fill(store, 3)
    with ThreadPoolExecutor(2) as workers:
        counts = stage.run(store, Settings(), NOW, executor=workers)
    assert counts == {"mentions": 12, "assessments": 9}
