"""The verbs about single incidents: judge, merge, split, spread; and how precise alerts were."""

from __future__ import annotations

import getpass
import json
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="Judge, merge or split incidents; how precise were we?", no_args_is_help=True
)
Config = Annotated[Path | None, typer.Option("--config", help="settings file; else settings.toml")]
Why = Annotated[str, typer.Option(help="in a few words; it is kept")]


@app.command()
def judge(
    number: Annotated[int, typer.Argument(help="the incident's")],
    verdict: Annotated[str, typer.Argument(help="useful, false or late")],
    note: Annotated[str, typer.Option(help="why, if it needs saying")] = "",
    config: Config = None,
) -> None:
    """Say what an alert was worth; the newest word counts."""
    import tingfeng
    from data.store import judgements

    with tingfeng.opened(config) as (store, _), store.write() as conn:
        judgements.judge(conn, number, verdict, getpass.getuser(), tingfeng.now(), note)


@app.command()
def precision(
    weeks: Annotated[int, typer.Option(min=1, help="how many to look back")] = 8,
    config: Config = None,
) -> None:
    """Print, week by week, how many alerts were useful, false, late, or not judged."""
    import tingfeng
    from alerts.policy import customers_of
    from data.store import judgements

    with tingfeng.opened(config) as (store, settings), store.read() as conn:
        now = tingfeng.now()
        for lender in customers_of(settings):
            for week in judgements.precision(conn, lender, now - timedelta(weeks=weeks), now):
                share = "–" if week.precision is None else f"{week.precision:.0%}"
                typer.echo(
                    f"{lender} {week.monday} 准确率 precision {share}  useful {week.useful} "
                    f"late {week.late} false {week.false} unjudged {week.unjudged}"
                )


@app.command()
def merge(keep: int, other: int, why: Why, config: Config = None) -> None:
    """Put all of one incident into another, for two that are one story."""
    import tingfeng
    from data.store import joining

    with tingfeng.opened(config) as (store, _), store.write() as conn:
        joining.merge(conn, keep, other, getpass.getuser(), tingfeng.now(), why)


@app.command()
def split(
    number: int,
    mentions: Annotated[list[int], typer.Argument(help="numbers of the mentions to take out")],
    why: Why,
    config: Config = None,
) -> None:
    """Take mentions out into an incident of their own, for one that is two stories."""
    import tingfeng
    from alerts import joining

    with tingfeng.opened(config) as (store, settings), store.write() as conn:
        new = joining.split(
            conn, settings, number, mentions, getpass.getuser(), tingfeng.now(), why
        )
    typer.echo(json.dumps({"incident": new}))


@app.command()
def spread(number: int, config: Config = None) -> None:
    """Print the sources a story reached, in order; the first began it."""
    import tingfeng
    from data.model import SHANGHAI
    from data.store import joining

    with tingfeng.opened(config) as (store, _), store.read() as conn:
        for one in joining.spread(conn, number):
            at = one.at.astimezone(SHANGHAI).strftime("%m-%d %H:%M")
            typer.echo(f"{at} {one.source} {one.mentions} (#{one.mention_id})")
