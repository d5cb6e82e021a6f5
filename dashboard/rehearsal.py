"""Try a file of facts on last month before it counts, and let it count; no Streamlit here.

Weighing incidents is the alerts' own work and reading mentions that of nlp: both are done by
``tingfeng policy try`` in a process of its own, which reads the store and changes nothing.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Timer
from typing import Literal, get_args

from dashboard import trials
from dashboard.actions import must
from dashboard.trials import Trial
from dashboard.viewer import Right, Viewer
from data.errors import FactError, TingfengError
from data.facts.allegations import FILE as ALLEGATIONS
from data.facts.allegations import allegations
from data.facts.lenders import FILE as LENDERS
from data.facts.lenders import lenders
from data.facts.levels import FILE as LEVELS
from data.facts.levels import levels
from data.facts.telling import FILE as TELLING
from data.facts.telling import telling
from data.settings import Settings
from data.store import changes
from data.store.db import Store

Kind = Literal["levels", "telling", "lenders", "allegations"]
Progress = Callable[[int, int], None]
PATIENCE_SECONDS = 180
LONGEST = 1_000_000
"""Characters of a file that is tried."""
KINDS: tuple[Kind, ...] = get_args(Kind)
SETTING: dict[Kind, str] = {
    "levels": "alerts.levels", "telling": "alerts.telling", "lenders": "lenders",
    "allegations": "allegations",
}  # fmt: skip
"""The setting that names the file of a kind."""
_CHECKS: dict[Kind, Callable[[Path], object]] = {
    "levels": levels, "telling": telling, "lenders": lenders, "allegations": allegations,
}  # fmt: skip
_DONE = re.compile(r"tried (\d+) (\d+)")


class NotTried(TingfengError):
    """The file could not be tried, or has no place to go."""


def rehearse(
    settings: Settings, kind: Kind, text: str, progress: Progress | None = None
) -> Trial:  # fmt: skip
    """Try the text of a file on last month. Raises FactError for its mistakes, NotTried."""
    with TemporaryDirectory(prefix="tingfeng-trial-") as folder:
        file = _checked(Path(folder), kind, text)
        told = _told(_environment(settings), "try", file, kind, progress)
    return trials.read(kind, json.loads(told))


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a file is to say, instead of what it ``was`` when somebody began to change it."""

    kind: Kind
    was: str
    text: str
    why: str


def adopt(
    store: Store, settings: Settings, viewer: Viewer, proposed: Proposal, now: datetime
) -> Path:  # fmt: skip
    """Let a file count from the next look on; says who, when and why.

    The file is the one that the settings name; without one nothing can be replaced. It is checked
    again, by the code that will use it. Raises NotAllowed, FactError, NotTried.
    """
    must(viewer, Right.ADMIN)
    kind, why = proposed.kind, proposed.why.strip()
    if not why:
        raise ValueError("a change of policy needs a reason")
    target = own(settings, kind)
    if target is None:
        raise NotTried(
            f"settings: `{SETTING[kind]}` names no file; set it to the path of a file of your own"
        )
    with TemporaryDirectory(prefix=f".{kind}-", dir=target.parent) as folder:
        file = _checked(Path(folder), kind, proposed.text)
        _told(_environment(settings), "check", file, kind)
        shutil.copymode(target, file)
        with store.write() as conn:
            if _text(target) != proposed.was:
                raise NotTried(f"{target.name} was changed meanwhile; load the page again")
            changes.seen(conn, kind, _text(file), viewer.name, now, why)
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


def files(settings: Settings) -> dict[Kind, Path]:
    """Return the files of facts that count, by name."""
    ours: dict[Kind, Path] = {
        "lenders": LENDERS, "allegations": ALLEGATIONS, "levels": LEVELS, "telling": TELLING,
    }  # fmt: skip
    return {kind: own(settings, kind) or file for kind, file in ours.items()}


def own(settings: Settings, kind: Kind) -> Path | None:
    """Return the file that the settings name for a kind, None where ours counts."""
    chosen: dict[Kind, Path | None] = {
        "lenders": settings.lenders,
        "allegations": settings.allegations,
        "levels": settings.alerts.levels,
        "telling": settings.alerts.telling,
    }
    return chosen[kind]


def _checked(folder: Path, kind: Kind, text: str) -> Path:
    """Write a file and read it as facts. Raises FactError."""
    file = folder / f"{kind}.yaml"
    file.write_text(text[:LONGEST], "utf-8")
    try:
        _CHECKS[kind](file)
    except FactError as error:
        raise FactError(str(error).replace(f"{folder}{os.sep}", "")) from None
    return file


def _environment(settings: Settings) -> dict[str, str]:
    found = dict(os.environ)
    if settings.file is not None:
        found["TINGFENG_CONFIG"] = str(settings.file.resolve())
    return found


def _told(
    environment: dict[str, str],
    verb: Literal["try", "check"],
    file: Path,
    kind: Kind,
    progress: Progress | None = None,
) -> str:
    """Run a verb of policy and return what it says; lines about progress are passed on at once.

    Raises NotTried with its own last words.
    """
    command = [sys.executable, "-m", "tingfeng", "policy", verb, str(file), "--as", kind]
    with (
        (file.parent / "told").open("w+", encoding="utf-8") as told,
        subprocess.Popen(  # noqa: S603  # our own interpreter and module
            command, env=environment, stdout=told, stderr=subprocess.PIPE, text=True
        ) as trial,
    ):
        late = Timer(PATIENCE_SECONDS, trial.kill)
        late.start()
        words = [line for line in trial.stderr or () if not _passed_on(line, progress)]
        in_time = late.is_alive()
        late.cancel()
        if not in_time:
            raise NotTried(
                f"the trial took longer than {PATIENCE_SECONDS} s; "
                f"run `tingfeng policy {verb} FILE --as {kind}`"
            )
        if trial.wait():
            said = "".join(words[-1:]).strip().replace(f"{file.parent}{os.sep}", "")
            raise NotTried(said[-500:] or "the trial ended without a word")
        told.seek(0)
        return told.read()


def _passed_on(line: str, progress: Progress | None) -> bool:
    """Tell whether a line is about progress, after passing it on."""
    found = _DONE.fullmatch(line.strip())
    if found is None:
        return False
    if progress is not None:
        progress(int(found[1]), int(found[2]))
    return True


def _owner(file: Path) -> str:
    try:
        return file.owner()
    except KeyError:  # a user that this machine has no name for
        return str(file.stat().st_uid)


def _text(file: Path) -> str:
    return file.read_text("utf-8")
