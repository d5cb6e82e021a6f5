"""What the demo needs beside the ordinary wiring: sites to crawl, an inbox, a settings file."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import tomli_w

from alerts.inbox import serving
from crawlers import gate
from crawlers.replica import plan
from data import children, facts
from data.errors import OperatorError
from data.model import SHANGHAI
from data.scenarios import builtin
from data.scenarios.format import Scenario, write
from data.settings import Settings, load

TICK_SECONDS = 10.0
"""How often the demo looks again, so that one can watch the crisis grow."""


@contextmanager
def prepared(folder: Path, port: int, now: datetime) -> Iterator[Settings]:
    """Yield settings for an invented lender; replicas and inbox end with the ``with``.

    Whatever an earlier demo left in ``folder`` is deleted.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    scenario = builtin.demo(now)
    week = folder / "scenario.jsonl"
    write(scenario, week, folder / "truth.json")
    inbox = folder / "inbox"
    with (
        _child("crawlers.replica", "--scenario", str(week)) as sites,
        serving(inbox) as smtp,
    ):
        chosen = folder / "settings.toml"
        made = made_settings(scenario, folder, sites, smtp, port)
        chosen.write_text(tomli_w.dumps(made), "utf-8")
        yield load(chosen)


@contextmanager
def _child(module: str, *words: str) -> Iterator[str]:
    """Yield the address that a child says it listens on, as its first line."""
    child = children.spawn(module, *words, stdout=subprocess.PIPE)
    assert child.stdout is not None
    try:
        address = child.stdout.readline().strip()
        if not address:
            raise OperatorError(f"{module} did not start; what it said stands above")
        yield address
    finally:
        children.stop([child])
        child.stdout.close()


def made_settings(
    scenario: Scenario, folder: Path, sites: str, smtp: int, port: int
) -> dict[str, Any]:
    """Return a demo's settings: sites at ``sites``, mail to ``smtp``, pages on ``port``."""
    names = gate.search_terms(facts.lenders())
    today = scenario.starts_at.astimezone(SHANGHAI).date()
    sources = plan.source_settings(scenario, sites, names, today)
    return {
        "database": f"sqlite:///{folder.resolve()}/tingfeng.db",
        "var": str(folder.resolve()),
        "alerts": {"tick_seconds": TICK_SECONDS},
        "sources": {name: _plain(s) | {"every_minutes": 0.1} for name, s in sources.items()},
        "digest": {"to": ["ceo@demo.invalid"], "time": "00:00"},  # last week's is due at once
        "dashboard": {"port": port, "inbox": str((folder / "inbox").resolve())},
        "channels": [
            {
                "type": "email",
                "name": "值班邮箱",
                "host": "127.0.0.1",
                "port": smtp,
                "security": "none",
                "sender": "tingfeng@demo.invalid",
                "to": ["duty@demo.invalid"],
                "lowest_level": "yellow",
            }
        ],
    }


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
