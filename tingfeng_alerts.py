"""The verbs about alerts that are not stages: who is told, who is not, and do channels work."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from data.model import SHANGHAI, Level

if TYPE_CHECKING:
    from data.settings import Settings
    from data.store.db import Store

Config = Annotated[Path | None, typer.Option("--config", help="settings file; else settings.toml")]
alert = typer.Typer(help="Detect what is unusual and tell whom it concerns; or explain it.")
silence = typer.Typer(
    help="Not to be told for a while, with a reason and an end.", no_args_is_help=True
)
channel = typer.Typer(help="Do channels work, and what waits for them?", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add these verbs to the command line."""
    app.command()(answer)
    app.command()(route)
    app.command()(heartbeat)
    app.add_typer(alert, name="alert")
    app.add_typer(silence, name="silence")
    app.add_typer(channel, name="channel")


@alert.callback(invoke_without_command=True)
def detect_and_deliver(context: typer.Context, config: Config = None) -> None:
    """Detect what is unusual and tell whom it concerns."""
    import tingfeng

    if context.invoked_subcommand is None:
        with tingfeng.opened(config) as (store, settings):
            code = tingfeng.run_all(store, settings, ("detect", "deliver"))
        raise typer.Exit(code)


@alert.command()
def explain(
    incident: Annotated[int, typer.Argument(help="an incident's number")], config: Config = None
) -> None:
    """Derive an incident's numbers from the store again, and say whether they still agree."""
    import tingfeng
    from alerts.explain import explain as derived

    with tingfeng.opened(config) as (store, settings), store.read() as conn:
        told = derived(conn, settings, incident, tingfeng.now())
    typer.echo(json.dumps(told, ensure_ascii=False, indent=2, default=str))


def answers(store: Store, settings: Settings) -> AbstractContextManager[object]:
    """Answer the links in messages while the block lasts, where `alerts.public_url` is set."""
    import tingfeng
    from alerts.answering import serving

    if not settings.alerts.public_url:
        return nullcontext()
    return serving(store, settings, tingfeng.now)


def answer(config: Config = None) -> None:
    """Answer the links in messages until Ctrl-C; `run` does so too."""
    import tingfeng
    from data.errors import ConfigError

    with tingfeng.opened(config) as (store, settings):
        if not settings.alerts.public_url:
            raise ConfigError("alerts.public_url is not set: messages have no links to answer")
        with answers(store, settings):
            typer.echo(f"听风 127.0.0.1:{settings.alerts.answer_port}  Ctrl-C 停止", err=True)
            tingfeng.until_stopped(lambda: None)


def route(
    level: Annotated[str, typer.Option(help="blue, yellow, orange, red")] = "orange",
    allegation: Annotated[str, typer.Option(help="id of data/facts/allegations.yaml")] = "",
    place: Annotated[str, typer.Option(help="where it plays, such as 佛山")] = "",
    source: Annotated[str, typer.Option(help="where it was said")] = "heimao_public",
    at: Annotated[datetime | None, typer.Option(help="when, in Shanghai; else now")] = None,
    by_volume: Annotated[
        bool, typer.Option("--by-volume", help="only counts say so, no single text")
    ] = False,
    config: Config = None,
) -> None:
    """Say who would be told of such an incident, when, and who not and why."""
    import tingfeng
    from alerts import route as routing
    from data.store import silences

    moment = at.replace(tzinfo=SHANGHAI).astimezone(UTC) if at else tingfeng.now()
    supposed = routing.Supposed(_level(level), allegation, place, source, by_volume)
    with tingfeng.opened(config) as (store, settings), store.read() as conn:
        found = routing.route(settings, supposed, silences.current(conn, moment), moment)
    for line in routing.worded(settings, found, moment):
        typer.echo(line)


def _level(name: str) -> Level:
    if name.upper() not in Level.__members__:
        raise typer.BadParameter(f"{name} is no level; use blue, yellow, orange or red")
    return Level[name.upper()]


def heartbeat(config: Config = None) -> None:
    """Say whether messages get out; exit 1 if the sender is late or a message waits too long."""
    import tingfeng
    from alerts.notices import health
    from data.settings import load

    well, said = health(load(config), tingfeng.now())
    typer.echo(said)
    raise typer.Exit(0 if well else 1)


@channel.command("test")
def try_(name: str, config: Config = None) -> None:
    """Send a test message to a channel and print what the far end answered."""
    import tingfeng
    from alerts.notices import send_test

    with tingfeng.opened(config) as (store, settings):
        typer.echo(f"{name}: {send_test(store, settings, name, tingfeng.now())}")


@channel.command("list")
def channels(config: Config = None) -> None:
    """List the channels: who reads them, from which level on, what waits or was given up."""
    import tingfeng
    from alerts.policy import channels_of
    from data.store import outbox, pace

    with tingfeng.opened(config) as (store, settings), store.read() as conn:
        waits = {one.channel: one.messages for one in outbox.stuck(conn, tingfeng.now())}
        for one in channels_of(settings):
            until = pace.paused_until(conn, one.name, tingfeng.now())
            rest = f"  暂停至 paused until {until.astimezone(SHANGHAI):%H:%M:%S}" if until else ""
            typer.echo(
                f"{one.name}  {one.type}  {one.audience}  {one.lowest_level}+  "
                f"待发 waiting {waits.get(one.name, 0)}{rest}"
            )


@silence.command("add")
def add(
    reason: Annotated[str, typer.Option(help="why, for the record")],
    hours: Annotated[float, typer.Option(help="how long, from the start")],
    by: Annotated[str, typer.Option(help="who decides this")],
    topic: Annotated[
        str, typer.Option(help="how the incident's key begins: volume, visit_and_violence@佛山")
    ] = "",
    lender: Annotated[str, typer.Option(help="slug; any if left out")] = "",
    start: Annotated[datetime | None, typer.Option(help="when, in Shanghai; else now")] = None,
    config: Config = None,
) -> None:
    """Begin a silence. It never covers red and ends by itself."""
    import tingfeng
    from alerts.silence import planned
    from data.store import silences

    begins = start.replace(tzinfo=SHANGHAI).astimezone(UTC) if start else tingfeng.now()
    with tingfeng.opened(config) as (store, settings):
        new = planned(settings, lender, topic, begins, timedelta(hours=hours), by, reason)
        with store.write() as conn:
            number = silences.add(conn, new)
    typer.echo(f"静默 silence {number}")


@silence.command("list")
def list_(config: Config = None) -> None:
    """List the silences that run or are planned."""
    import tingfeng
    from data.store import silences

    with tingfeng.opened(config) as (store, _), store.read() as conn:
        found = silences.current(conn, tingfeng.now())
    for one in found:
        begins, ends = (
            moment.astimezone(SHANGHAI).strftime("%m-%d %H:%M")
            for moment in (one.starts_at, one.ends_at)
        )
        typer.echo(
            f"{one.id}  {begins} – {ends}  {one.lender or '*'} {one.topic or '*'}  "
            f"{one.by}：{one.reason}"
        )


@silence.command("end")
def end(number: int, config: Config = None) -> None:
    """End a silence now."""
    import tingfeng
    from data.store import silences

    with tingfeng.opened(config) as (store, _), store.write() as conn:
        done = silences.end(conn, number, tingfeng.now())
    typer.echo(f"静默 silence {number}: {'已结束 ended' if done else '没有在进行的 none runs'}")
    raise typer.Exit(0 if done else 1)
