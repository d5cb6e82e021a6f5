"""The verbs for maps and imports, through the command line's own parser."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import tingfeng
from data.errors import InputError


@pytest.fixture
def config(tmp_path: Path) -> str:
    file = tmp_path / "settings.toml"
    file.write_text(f"var = '{tmp_path}'\ndatabase = 'sqlite:///{tmp_path}/store.db'\n")
    return str(file)


def said(*words: str, config: str) -> str:
    done = CliRunner().invoke(tingfeng.app, [*words, "--config", config])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.stdout


def test_a_map_by_its_name_from_saving_to_importing(config: str, tmp_path: Path) -> None:
    said("map", "save", "客服", "text=经过", "--source", "hotline", "--kind", "complaint",
         config=config)  # fmt: skip
    told = json.loads(said("map", "show", "客服", config=config))
    assert (told["columns"], told["source"], told["kind"]) == (
        {"text": ["经过"]}, "hotline", "complaint",
    )  # fmt: skip
    listed = said("map", "list", config=config).splitlines()
    assert [line.split()[0] for line in listed] == [
        "usual", "tingfeng", "heimao_merchant", "heimao_json", "客服",
    ]  # fmt: skip
    file = tmp_path / "客服.csv"
    file.write_text("经过\n电话不断\n", "utf-8")
    counts = json.loads(said("import", str(file), "--map", "客服", config=config).splitlines()[-1])
    assert (counts["new"], counts["rejected"]) == (1, 0)
    said("map", "forget", "客服", config=config)
    with pytest.raises(InputError, match="--map 客服"):
        said("import", str(file), "--map", "客服", config=config)
