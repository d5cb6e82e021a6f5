"""The verbs about policy, what other files would have changed; and figures kept for the pages."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from data.settings import Settings
    from data.store.db import Store

Progress = Callable[[int, int], None]
Span = tuple[datetime, datetime]
Told = Mapping[str, Any]
TRIED = "tried"
"""Begins a line on standard error that says how much of a trial is done, of how much."""

app = typer.Typer(help="What would other conditions have changed?", no_args_is_help=True)
Config = Annotated[Path | None, typer.Option("--config", help="settings file; else settings.toml")]


class Kind(StrEnum):
    """What a file that is tried says."""

    LEVELS = "levels"
    TELLING = "telling"
    LENDERS = "lenders"
    ALLEGATIONS = "allegations"


@app.command("try")
def try_(
    file: Annotated[Path, typer.Argument(help="like the one of that name in data/facts")],
    kind: Annotated[Kind, typer.Option("--as", help="what the file says")] = Kind.LEVELS,
    days: Annotated[int, typer.Option(min=1, help="how far back")] = 30,
    config: Config = None,
) -> None:
    """Try a file on the last days, next to today's; nothing is changed or sent."""
    import tingfeng

    trial = {Kind.LEVELS: _levels, Kind.TELLING: _telling, Kind.LENDERS: _lenders,
             Kind.ALLEGATIONS: _allegations}[kind]  # fmt: skip
    with tingfeng.opened(config) as (store, settings), _progress() as progress:
        until = tingfeng.now()
        told = trial(store, settings, file, (until - timedelta(days=days), until), progress)
    typer.echo(json.dumps({"days": days, **told}, ensure_ascii=False, indent=1))


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="like the one of that name in data/facts")],
    kind: Annotated[Kind, typer.Option("--as", help="what the file says")] = Kind.LEVELS,
    config: Config = None,
) -> None:
    """Say whether a file could count: read as the stages would, its own examples tried."""
    from alerts.policy import check as weighed
    from data.settings import load
    from nlp.rehearse import check as read

    settings = _with(load(config), kind, file)
    weighed(settings)
    if kind in {Kind.LENDERS, Kind.ALLEGATIONS}:
        read(settings)
    typer.echo(f"{file}: 可用 could count")


def _with(settings: Settings, kind: Kind, file: Path) -> Settings:
    """Return settings that name a file in place of their own."""
    if kind in {Kind.LENDERS, Kind.ALLEGATIONS}:
        return settings.model_copy(update={kind.value: file})
    alerts = settings.alerts.model_copy(update={kind.value: file})
    return settings.model_copy(update={"alerts": alerts})


@contextmanager
def _progress() -> Iterator[Progress]:
    """Yield what draws a bar where a person looks, and where none does writes lines to be read."""
    import tingfeng

    if sys.stderr.isatty():
        with tingfeng.Bars() as bars:
            yield bars.bar("try")
    else:
        yield lambda done, of: typer.echo(f"{TRIED} {done} {of}", err=True)


def _levels(store: Store, settings: Settings, file: Path, span: Span, progress: Progress) -> Told:
    from alerts.rehearse import heard, rehearse

    with store.read() as conn:
        found = rehearse(conn, settings, file, *span, progress)
    return {
        "incidents": [
            {"id": one.id, "title": one.title, "opened_at": one.opened_at.isoformat(),
             "today": one.today.name.lower(), "tried": one.tried.name.lower()}
            for one in found
        ],
        "channels": heard(settings, found),
    }  # fmt: skip


def _telling(store: Store, settings: Settings, file: Path, span: Span, progress: Progress) -> Told:
    from alerts.hindsight import messages, rehearse_telling

    with store.read() as conn:
        found = rehearse_telling(conn, settings, file, *span, progress)
    return {
        "incidents": len({one.id for one in found}),
        "channels": messages(found),
        "changed": [
            {"id": one.id, "title": one.title, "opened_at": one.opened_at.isoformat(),
             "level": one.level.name.lower(), "channel": one.channel,
             "today": [str(why) for why in one.today], "tried": [str(why) for why in one.tried]}
            for one in found
            if one.today != one.tried
        ],
    }  # fmt: skip


def _lenders(store: Store, settings: Settings, file: Path, span: Span, progress: Progress) -> Told:
    from nlp.rehearse import rehearse_lenders

    return rehearse_lenders(store, settings, file, span, progress).told()


def _allegations(
    store: Store, settings: Settings, file: Path, span: Span, progress: Progress
) -> Told:
    from nlp.rehearse import rehearse_allegations

    return rehearse_allegations(store, settings, file, span, progress).told()


def keep(measured: Mapping[str, float], config: Path | None) -> None:
    """Keep the models' figures in the store as a run, in thousandths."""
    import tingfeng
    from data.facts import lenders
    from data.model import Outcome
    from data.store import runs
    from nlp.assess import Assessor

    with tingfeng.opened(config) as (store, settings), store.write() as conn:
        key = runs.start(conn, "eval", "", tingfeng.now())
        counts = {name: round(1000 * value) for name, value in measured.items()}
        made_by = Assessor(lenders(settings.lenders)).made_by
        runs.finish(conn, key, tingfeng.now(), Outcome.OK, counts, made_by)
