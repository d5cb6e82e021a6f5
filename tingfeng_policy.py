"""The verbs about policy, what other levels would have changed; and figures kept for the pages."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="What would other conditions have changed?", no_args_is_help=True)
Config = Annotated[Path | None, typer.Option("--config", help="settings file; else settings.toml")]


@app.command("try")
def try_(
    file: Annotated[Path, typer.Argument(help="levels like data/facts/levels.yaml")],
    days: Annotated[int, typer.Option(min=1, help="how far back")] = 30,
    config: Config = None,
) -> None:
    """Weigh the incidents of the last days by a file of levels; nothing is changed or sent."""
    import tingfeng
    from alerts.rehearse import heard, rehearse

    with tingfeng.opened(config) as (store, settings), store.read() as conn:
        until = tingfeng.now()
        found = rehearse(conn, settings, file, until - timedelta(days=days), until)
    told = {
        "days": days,
        "incidents": [
            {"id": one.id, "title": one.title, "opened_at": one.opened_at.isoformat(),
             "today": one.today.name.lower(), "tried": one.tried.name.lower()}
            for one in found
        ],
        "channels": heard(settings, found),
    }  # fmt: skip
    typer.echo(json.dumps(told, ensure_ascii=False, indent=1))


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
