"""Watched folders: whole files go in once, whatever happens between; the rest is put aside."""

from __future__ import annotations

import csv
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from crawlers import folders, imports, stage
from data.errors import ConfigError
from data.settings import Folder, Settings
from data.store import runs, schema, work
from data.store.db import Store
from tests.crawlers.weeks import NOW

HEAD = "编号,正文,发布时间\n"
GOOD = HEAD + "1,一,2026-11-19 10:00\n2,二,46345.5\n"


class Drop:
    """A folder somebody drops files into, and the settings that watch it."""

    def __init__(self, store: Store, home: Path) -> None:
        self.store, self.path = store, home / "drop"
        self.path.mkdir()
        folder = Folder(path=self.path, source="merchant", rest_seconds=30)
        self.settings = Settings(database=store.name, var=home / "var", folders=(folder,))

    def put(self, name: str, text: str, age: float = 60.0) -> Path:
        file = self.path / name
        file.write_text(text, "utf-8")
        moment = (NOW - timedelta(seconds=age)).timestamp()
        os.utime(file, (moment, moment))
        return file

    def run(self, now: datetime = NOW) -> dict[str, int]:
        return folders.run(self.store, self.settings, now)

    def there(self) -> list[str]:
        found = (p for p in self.path.rglob("*") if p.is_file())
        return sorted(p.relative_to(self.path).as_posix() for p in found)

    def count(self) -> int:
        with self.store.read() as conn:
            return conn.execute(select(func.count()).select_from(schema.mention)).scalar_one()


@pytest.fixture
def drop(store: Store, tmp_path: Path) -> Drop:
    return Drop(store, tmp_path)


def test_a_whole_file_goes_in_and_moves_aside(drop: Drop) -> None:
    drop.put("导出.csv", GOOD)
    counts = drop.run()
    assert (counts["files"], counts["new"], counts["rejected"]) == (1, 2, 0)
    assert drop.there() == ["done/20261120-120000-导出.csv"]
    assert drop.run() == {}
    with drop.store.read() as conn:
        (run,) = runs.latest(conn, "import", "merchant")
        assert len(work.take(conn, "assess", 10)) == 2
    assert run.counts["new"] == 2


def test_the_crawl_stage_looks_into_folders(drop: Drop) -> None:
    drop.put("a.csv", GOOD)
    told: list[tuple[int, int]] = []
    progress: Callable[[int, int], None] = lambda done, of: told.append((done, of))  # noqa: E731
    counts = stage.run(drop.store, drop.settings, NOW, progress=progress)
    assert (counts["files"], counts["new"]) == (1, 2)
    assert told[-1] == (2, 2)
    drop.put("b.csv", GOOD)
    named = stage.run(drop.store, drop.settings, NOW, only=[])
    assert "files" not in named


def test_what_is_not_whole_is_left(drop: Drop) -> None:
    drop.put("young.csv", GOOD, age=10)
    for name in (".hidden.csv", "~$book.xlsx", "a.csv.part", "b.csv.tmp"):
        drop.put(name, GOOD)
    before = drop.there()
    assert drop.run() == {}
    assert drop.there() == before
    drop.put("young.csv", GOOD, age=10)
    assert drop.run(NOW + timedelta(minutes=1))["files"] == 1


def test_a_file_that_grows_while_it_is_read_stays(
    drop: Drop, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = drop.put("slow.csv", GOOD)
    real = imports.run

    def growing(*args: Any, **named: Any) -> dict[str, int]:
        counts = real(*args, **named)
        with file.open("a", encoding="utf-8") as more:
            more.write("3,三,2026-11-19 11:00\n")
        return counts

    monkeypatch.setattr(imports, "run", growing)
    drop.run()
    assert drop.there() == ["slow.csv"]
    monkeypatch.undo()
    os.utime(file, (NOW.timestamp() - 60,) * 2)
    counts = drop.run()
    assert (counts["new"], counts["same"], drop.count()) == (1, 2, 3)


def test_rejects_lie_beside_the_file_and_the_rest_goes_in(drop: Drop) -> None:
    drop.put("a.csv", GOOD + "3,三,改天\n4,,2026-11-19\n5,五,2026-11-19\n")
    counts = drop.run()
    assert (counts["new"], counts["rejected"]) == (3, 2)
    path = drop.path / "done" / "20261120-120000-a.csv.rejects.csv"
    lines = list(csv.DictReader(path.read_text("utf-8-sig").splitlines()))
    assert [(line["row"], line["field"]) for line in lines] == [
        ("4", "published_at"),
        ("5", "text"),
    ]


def test_a_file_that_is_none_is_put_aside_with_the_reason(drop: Drop) -> None:
    drop.put("a.pdf", "x")
    drop.put("b.csv", GOOD)
    counts = drop.run()
    assert (counts["failed"], counts["files"], counts["new"]) == (1, 1, 2)
    assert [name for name in drop.there() if name.startswith("failed/")] == [
        "failed/20261120-120000-a.pdf",
        "failed/20261120-120000-a.pdf.why.txt",
    ]
    why = (drop.path / "failed" / "20261120-120000-a.pdf.why.txt").read_text("utf-8")
    assert "must end with .csv" in why


def test_a_folder_or_map_that_is_not_there_is_one_sentence(store: Store, tmp_path: Path) -> None:
    def look(**folder: object) -> None:
        watched = Settings(var=tmp_path, folders=({"path": tmp_path, **folder},))
        folders.run(store, watched, NOW)

    with pytest.raises(ConfigError, match=r"none: cannot be looked into"):
        look(path=tmp_path / "none")
    with pytest.raises(ConfigError, match=r"no map 'mine'; there are: usual"):
        look(map="mine")


@pytest.mark.slow
def test_a_killed_import_goes_on_where_it_stopped(drop: Drop) -> None:
    """kill -9 again and again: in the end every row is stored once and every file put aside."""
    for n in range(3):
        rows = "".join(f"{n}-{i},第{i}行的正文,2026-11-19 10:00\n" for i in range(700))
        drop.put(f"f{n}.csv", HEAD + rows)
    code = (
        "import sys; from datetime import datetime; from crawlers import folders\n"
        "from data.settings import Settings; from data.store.db import Store\n"
        "settings = Settings.model_validate_json(sys.argv[1])\n"
        "folders.run(Store(settings.database), settings, datetime.fromisoformat(sys.argv[2]))\n"
    )
    words = [sys.executable, "-c", code, drop.settings.model_dump_json(), NOW.isoformat()]
    luck, kills = random.Random(5), 0
    for _ in range(2):
        before = drop.count()
        with subprocess.Popen(words, cwd=Path(__file__).parents[2]) as child:
            while drop.count() == before and child.poll() is None:
                time.sleep(0.01)
            time.sleep(luck.uniform(0, 0.3))
            child.send_signal(signal.SIGKILL)
        kills += child.returncode == -signal.SIGKILL
    assert kills
    drop.run()
    assert drop.count() == 2100
    assert [name.partition("-")[0] for name in drop.there()] == ["done/20261120"] * 3
    with drop.store.read() as conn:
        assert {run.outcome.value for run in runs.latest(conn, "import")} <= {
            "ok",
            "empty",
            "killed",
        }
