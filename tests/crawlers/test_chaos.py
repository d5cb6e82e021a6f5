"""One round of chaos over every source; ``make chaos`` runs many."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from crawlers.replica.faults import Fault, Kind, read_plan
from data.errors import InputError

ROOT = Path(__file__).resolve().parents[2]


def test_after_any_faults_the_store_is_the_plan() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.crawlers.chaos", "--seed", "7",
         "--rounds", "1", "--items", "12"],
        cwd=ROOT, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.stdout, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["wrong"] == []
    assert done.returncode == 0
    assert told["mentions"] == (12 + 6) * 16
    assert told["gone"] == 16
    assert sum(told["faults"].values()) > 5


@pytest.mark.parametrize("kind", ["loop", "storm", "half_gzip", "doubled"])
def test_a_fault_in_the_middle_costs_no_mention(kind: str) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.crawlers.chaos", "--seed", "3", "--rounds",
         "2", "--items", "24", "--kinds", kind, "--only", "pbc_penalty", "eastmoney_guba"],
        cwd=ROOT, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.stdout, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["wrong"] == []
    assert told["faults"][kind]


def test_a_plan_of_faults(tmp_path: Path) -> None:
    file = tmp_path / "faults.yaml"
    file.write_text("- {source: a, kind: block, after: 5}\n- {source: b, kind: slow, lasts: 2}\n")
    assert read_plan(file, ["a", "b"]) == {"a": Fault(Kind.BLOCK, 5), "b": Fault(Kind.SLOW, 0, 2)}
    file.write_text('- {source: "*", kind: storm}\n')
    assert read_plan(file, ["a", "b"])["b"] == Fault(Kind.STORM)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("- {source: x, kind: block}", "there is no source 'x'"),
        ("- {source: a, kind: rain}", "0.kind"),
        ("{", "not readable as YAML"),
    ],
)
def test_a_wrong_plan_is_a_sentence(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "faults.yaml"
    file.write_text(text)
    with pytest.raises(InputError, match=words):
        read_plan(file, ["a"])
