"""The verbs: one sentence and the right exit code for what is wrong; one failure stops no other."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

import tingfeng
from data.errors import FactError, StoreError
from data.model import Outcome
from data.settings import Settings, load
from data.store import runs, state
from data.store.db import Store
from tests.conftest import NOW

ROOT = Path(__file__).parents[1]


def call(*words: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "tingfeng.py"), *words],
        cwd=cwd, env={**os.environ, **environment}, capture_output=True, text=True, check=False,
        timeout=120,
    )  # fmt: skip


def one_sentence(done: subprocess.CompletedProcess[str], *parts: str) -> None:
    assert done.returncode == 2, done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    for part in parts:
        assert part in lines[0]


def test_help_is_quick_to_import() -> None:
    """The rooms are imported inside the verbs: --help must not wait for pandas or Streamlit."""
    heavy = {"pandas", "streamlit", "scrapy", "jieba"}
    code = f"import sys, tingfeng; print({heavy} & {{*sys.modules}})"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"


def test_a_wrong_key(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text("databse = 'x'")
    one_sentence(call("check", cwd=tmp_path), "settings.toml", "databse", "settings.example.toml")


def test_an_unreachable_database(tmp_path: Path) -> None:
    url = "postgresql+psycopg://nobody@127.0.0.1:9/none"
    done = call("tick", cwd=tmp_path, TINGFENG_DATABASE=url)
    one_sentence(done, "127.0.0.1:9", "start the server")


def test_a_broken_fact(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("- slug: us\n  zh: [not, closed\n")
    (tmp_path / "settings.toml").write_text("lenders = 'mine.yaml'")
    one_sentence(call("check", cwd=tmp_path), "mine.yaml")


def test_an_occupied_port(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        (tmp_path / "settings.toml").write_text(f"[dashboard]\nport = {port}")
        for verb in ("dash", "run"):
            one_sentence(call(verb, cwd=tmp_path), f"127.0.0.1:{port}", "dashboard.port")


def test_an_import_with_missing_columns(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("标题,正文\n甲,乙\n", "utf-8")
    done = call("import", "mine.csv", "--map", "text=内容", cwd=tmp_path)
    one_sentence(done, "mine.csv", "内容", "正文")


def test_the_example_is_printed(tmp_path: Path) -> None:
    done = call("check", "--example", cwd=tmp_path)
    assert done.stdout == (ROOT / "settings.example.toml").read_text("utf-8")


def test_check_says_what_is_ready(tmp_path: Path) -> None:
    done = call("check", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "澄湖消费金融" in done.stdout
    assert "heimao_public is not approved" in done.stdout


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "settings.toml").write_text(f"var = '{tmp_path}'")
    return load(tmp_path / "settings.toml")


def test_one_stage_that_fails_stops_no_other(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    def fails(*_: object) -> dict[str, int]:
        raise ZeroDivisionError("a bug")

    def works(*_: object) -> dict[str, int]:
        done.append("deliver")
        return {"sent": 1}

    monkeypatch.setattr(tingfeng, "STAGES", {"assess": fails, "deliver": works})
    assert tingfeng.run_all(store, settings, ("assess", "deliver")) == 1
    assert done == ["deliver"]
    with store.read() as conn:
        (failed,) = runs.latest(conn, "assess")
    assert (failed.outcome, failed.note) == (Outcome.FAILED, "ZeroDivisionError: a bug")


def test_what_the_operator_must_mend_exits_with_2(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> dict[str, int]:
        raise FactError("lenders.yaml: us: names: is missing")

    monkeypatch.setattr(tingfeng, "STAGES", {"assess": fails})
    assert tingfeng.run_all(store, settings, ("assess",)) == 2


def test_a_store_that_cannot_even_note_the_failure_ends_the_verb(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> dict[str, int]:
        raise StoreError("store.db: the disk is full")

    def full(*_: object) -> int:
        raise StoreError("store.db: the disk is full")

    monkeypatch.setattr(tingfeng, "STAGES", {"assess": fails})
    monkeypatch.setattr(runs, "start", full)
    with pytest.raises(StoreError, match="disk is full"):
        tingfeng.run_all(store, settings, ("assess",))


def test_a_stage_somebody_else_is_at_is_left_alone(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> dict[str, int]:
        raise AssertionError

    monkeypatch.setattr(tingfeng, "STAGES", {"assess": never})
    with state.lease(store, "assess", NOW.replace(year=2999)):
        assert tingfeng.run_all(store, settings, ("assess",)) == 0
