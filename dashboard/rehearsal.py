"""Try levels on last month before they count, and let them count; no Streamlit here.

Weighing incidents is the alerts' own work: it is done by ``tingfeng policy try`` in a process of
its own, which reads the store and changes nothing.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from dashboard.actions import must
from dashboard.viewer import Right, Viewer
from data.errors import FactError, TingfengError
from data.facts.allegations import FILE as ALLEGATIONS
from data.facts.lenders import FILE as LENDERS
from data.facts.levels import FILE as LEVELS
from data.facts.levels import levels
from data.facts.telling import FILE as TELLING
from data.model import Level
from data.settings import Settings
from data.store import changes
from data.store.db import Store

PATIENCE_SECONDS = 120
LONGEST = 100_000
"""Characters of a file that is tried."""


class NotTried(TingfengError):
    """The file could not be tried, or has no place to go."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """One incident: the level it reaches by today's conditions, and by those tried."""

    id: int
    title: str
    opened_at: datetime
    today: Level
    tried: Level


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What other conditions would have made of the last ``days``."""

    days: int
    incidents: tuple[Weighed, ...]
    channels: Mapping[str, tuple[int, int]]  # incidents that reach it: today, and as tried

    @property
    def changed(self) -> tuple[Weighed, ...]:
        """The incidents whose level would be another."""
        return tuple(one for one in self.incidents if one.today is not one.tried)


def rehearse(settings: Settings, text: str) -> Rehearsal:
    """Try the text of a file of levels on last month. Raises FactError for its mistakes."""
    with TemporaryDirectory(prefix="tingfeng-levels-") as folder:
        file = _checked(Path(folder), text)
        environment = dict(os.environ)
        if settings.file is not None:
            environment["TINGFENG_CONFIG"] = str(settings.file.resolve())
        command = [sys.executable, "-m", "tingfeng", "policy", "try", str(file)]
        try:
            done = subprocess.run(  # noqa: S603  # our own interpreter and module
                command, env=environment, capture_output=True, text=True, check=False,
                timeout=PATIENCE_SECONDS,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise NotTried(
                f"the trial took longer than {PATIENCE_SECONDS} s; run `tingfeng policy try FILE`"
            ) from None
    if done.returncode != 0:
        raise NotTried(done.stderr.strip()[-500:] or "the trial ended without a word")
    return _read(json.loads(done.stdout))


def adopt(
    store: Store, settings: Settings, viewer: Viewer, text: str, why: str, now: datetime
) -> Path:
    """Let a file of levels count from the next start on; says who, when and why. Raises FactError.

    The file is the one that ``alerts.levels`` names; without one nothing can be replaced.
    """
    must(viewer, Right.ADMIN)
    if not why.strip():
        raise ValueError("a change of policy needs a reason")
    target = settings.alerts.levels
    if target is None:
        raise NotTried(
            "settings: `alerts.levels` names no file; set it to the path of a file of your own"
        )
    with TemporaryDirectory(prefix=".levels-", dir=target.parent) as folder:
        file = _checked(Path(folder), text)
        with store.write() as conn:
            changes.seen(conn, "levels", text, viewer.name, now, why.strip())
            file.replace(target)  # last: what could not be written down does not count
    return target


def watch(store: Store, settings: Settings, now: datetime) -> None:
    """Write down which files of facts say something else than when last looked at."""
    current = files(settings)
    said = {name: _text(file) for name, file in current.items()}
    with store.read() as conn:
        known = {one.name: one.after for one in reversed(changes.listed(conn))}
    if all(known.get(name) == text for name, text in said.items()):
        return
    with store.write() as conn:
        for name, text in said.items():
            changes.seen(conn, name, text, f"file:{_owner(current[name])}", now)


def files(settings: Settings) -> dict[str, Path]:
    """Return the files of facts that count, by name."""
    return {
        "lenders": settings.lenders or LENDERS,
        "allegations": ALLEGATIONS,
        "levels": settings.alerts.levels or LEVELS,
        "telling": settings.alerts.telling or TELLING,
    }


def _checked(folder: Path, text: str) -> Path:
    """Write a file and read it as facts. Raises FactError."""
    file = folder / "levels.yaml"
    file.write_text(text[:LONGEST], "utf-8")
    try:
        levels(file)
    except FactError as error:
        raise FactError(str(error).replace(f"{folder}{os.sep}", "")) from None
    return file


def _read(told: Mapping[str, Any]) -> Rehearsal:
    return Rehearsal(
        told["days"],
        tuple(
            Weighed(
                one["id"],
                one["title"],
                datetime.fromisoformat(one["opened_at"]),
                Level[one["today"].upper()],
                Level[one["tried"].upper()],
            )
            for one in told["incidents"]
        ),
        {name: (before, after) for name, (before, after) in told["channels"].items()},
    )


def _owner(file: Path) -> str:
    try:
        return file.owner()
    except KeyError:  # a user that this machine has no name for
        return str(file.stat().st_uid)


def _text(file: Path) -> str:
    return file.read_text("utf-8")
