"""The house holds: packages are ours, contracts bite, nothing swallows errors."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("crawlers", "nlp", "alerts", "dashboard", "data")
CODE = [ROOT / "tingfeng.py", *(p for room in ROOMS for p in sorted((ROOT / room).rglob("*.py")))]


def test_every_room_is_imported_from_here(tmp_path: Path) -> None:
    """Asked from elsewhere, because inside pytest a stranger's package would be hidden."""
    code = (
        "import tingfeng, importlib.util as u\n"
        f"print(*[u.find_spec(n).origin for n in {ROOMS!r}], sep='\\n')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert [Path(line).parent for line in done.stdout.split()] == [ROOT / room for room in ROOMS]


VIOLATIONS = {
    "nlp/bad.py": "import alerts\n",
    "data/model_bad.py": "import nlp\n",
    "data/fold.py": "import data.store.db\n",
    "alerts/bad.py": "import tingfeng\n",
    "nlp/worse.py": "import scrapy\n",
    "crawlers/bad.py": "import streamlit\n",
    "dashboard/charts.py": "import streamlit\n",
}


@pytest.mark.parametrize("place", VIOLATIONS)
def test_the_contracts_bite(place: str, tmp_path: Path) -> None:
    for room in ROOMS:
        shutil.copytree(ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("var", "*.npz"))
    for name in ("tingfeng.py", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path / name)
    with (tmp_path / place).open("a") as file:
        file.write(VIOLATIONS[place])
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stdout
    assert "BROKEN" in done.stdout


def test_broad_excepts_stand_in_two_places_only() -> None:
    """Around one source and around one stage; everywhere else a named class or nothing."""
    found = [
        path.relative_to(ROOT).as_posix()
        for path in CODE
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ExceptHandler) and _is_broad(node.type)
    ]
    assert sorted(found) in (["tingfeng.py"], ["crawlers/stage.py", "tingfeng.py"])


def _is_broad(caught: ast.expr | None) -> bool:
    if caught is None:
        return True
    names = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return any(isinstance(n, ast.Name) and n.id in {"Exception", "BaseException"} for n in names)


def test_files_are_short() -> None:
    long = {
        path.relative_to(ROOT).as_posix(): lines
        for path in CODE
        if (lines := len(path.read_text("utf-8").splitlines()))
        > (520 if path.parent == ROOT else 400)  # flat verbs need no second file
    }
    assert not long


def test_nothing_in_the_dashboard_hides_a_room() -> None:
    """Streamlit puts the entry script's folder first on sys.path."""
    taken = {*ROOMS, *sys.stdlib_module_names}
    names = {p.stem for p in (ROOT / "dashboard").iterdir() if not p.name.startswith(("_", "."))}
    assert not names & taken
