"""The worked example of CONTRIBUTING, built as it stands there in a copy of the project."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
REGISTRY = "tests/data/test_sources.py"
_STEP = re.compile(
    r"^\*\*\d\. .*?`(?P<file>[\w/]+\.\w+)`.*?\n```\w+\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL
)
_TREES = ("crawlers", "data", "tests/crawlers")
_FILES = ("pyproject.toml", "tests/__init__.py", "tests/conftest.py")


def steps() -> dict[str, str]:
    """Return what each step of the example writes, by file."""
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    example = text[text.index("## A source") : text.index("**6. See it run**")]
    return {step["file"]: step["body"] for step in _STEP.finditer(example)}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy what a source needs of the project, and follow the steps there."""
    place: Path = tmp_path_factory.mktemp("copy")
    without = shutil.ignore_patterns("__pycache__", "var")
    for tree in _TREES:
        shutil.copytree(ROOT / tree, place / tree, ignore=without)
    for file in (*_FILES, REGISTRY):
        (place / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / file, place / file)
    for file, body in steps().items():
        target = place / file
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("a", encoding="utf-8") as out:
            out.write(f"\n{body}" if target.exists() and target.stat().st_size else body)
    server = place / "crawlers/replica/server.py"
    server.write_text(_with_site(server.read_text("utf-8")), "utf-8")
    return place


def _with_site(server: str) -> str:
    """Return the replica's server as step 4 tells to change it."""
    imported = "from crawlers.replica.example_evening import ExampleEvening\n"
    first = server.index("from crawlers.replica.")
    server = server[:first] + imported + server[first:]
    changed = server.replace("    ArticleSite,\n)", "    ArticleSite,\n    ExampleEvening,\n)")
    assert changed != server
    return changed


def test_the_example_has_all_its_steps() -> None:
    assert list(steps()) == [
        "data/facts/sources.yaml",
        "crawlers/spiders/example_evening.py",
        "tests/pages/example_evening/search.json",
        "crawlers/replica/example_evening.py",
        "tests/crawlers/test_example_evening.py",
    ]


def test_the_example_works(copy: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if "PYTEST" not in name}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist",
         "tests/crawlers/test_example_evening.py", f"{REGISTRY}::test_the_registry"],
        cwd=copy, env=environment, capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 passed" in done.stdout
    assert str(ROOT / "crawlers") not in done.stdout  # it was the copy that ran


def test_the_example_is_in_form(copy: Path) -> None:
    """What a newcomer copies passes the same checks as everything else."""
    files = [name for name in steps() if name.endswith(".py")]
    for words in (["ruff", "check"], ["ruff", "format", "--check"]):
        done = subprocess.run(
            [sys.executable, "-m", *words, *files],
            cwd=copy, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout
