"""The verbs: make without a verb, files, and a check whose exit code a script can use."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

import tingfeng
from alerts.digest.words import GRAMMAR
from data.errors import ConfigError, InputError
from data.store.db import Store
from tests.alerts.digest.test_figures import NOW
from tests.alerts.digest.weeks import fill


def test_a_digest_is_made_checked_and_caught_when_altered(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(store, 3)
    file = tmp_path / "settings.toml"
    file.write_text(f'database = "sqlite:///{store.file}"\n', "utf-8")
    monkeypatch.setattr(tingfeng, "now", lambda: NOW)
    monkeypatch.setenv("TINGFENG_CONFIG", str(file))

    def said(*words: str, code: int = 0) -> str:
        done = CliRunner().invoke(tingfeng.app, ["digest", *words])
        assert done.exit_code == code, (done.output, done.exception)
        return done.output

    assert said().startswith("听风周报 2026 年第 47 周")
    assert said("2026-W47", "--lang", "en").startswith("Tingfeng weekly week 47 of 2026")
    said("week", "--out", str(tmp_path))
    page = tmp_path / "tingfeng-chenghu-2026-W47-zh.md"
    assert "what the store says" in said("verify", str(page))
    with monkeypatch.context() as later:
        for place in ("words", "verify", "page"):
            later.setattr(f"alerts.digest.{place}.GRAMMAR", GRAMMAR + 1)
        older = f"wording is of an older grammar (version {GRAMMAR}, now {GRAMMAR + 1})"
        assert f"figures agree; {older}: it is as it was kept" in said("verify", str(page))
    page.write_text(page.read_text("utf-8").replace("提及 ", "提及 9", 1), "utf-8")
    assert "altered" in said("verify", str(page), code=1)
    with pytest.raises(ConfigError, match="nobody is named for chenghu"):
        CliRunner().invoke(tingfeng.app, ["digest", "--send"], catch_exceptions=False)
    with pytest.raises(InputError, match="no such lender"):
        CliRunner().invoke(tingfeng.app, ["digest", "--scope", "x"], catch_exceptions=False)
