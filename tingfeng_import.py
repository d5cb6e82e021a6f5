"""The verbs about files of one's own: take one in, and name the map of its columns."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

Config = Annotated[Path | None, typer.Option("--config", help="settings file; else settings.toml")]
Name = Annotated[str, typer.Argument(help="what you call it")]
Source = Annotated[str, typer.Option(help="name to file the rows under; else the map's")]
Kind = Annotated[str, typer.Option(help="complaint, post, news, regulator, other; else the map's")]
map_ = typer.Typer(
    help="Column maps: which column of your files is which field.", no_args_is_help=True
)


def register(app: typer.Typer) -> None:
    """Add these verbs to the command line."""
    app.command("import")(import_)
    app.add_typer(map_, name="map")


def import_(
    file: Annotated[Path, typer.Argument(help="CSV, XLSX or JSONL, also .gz and .xz")],
    source: Source = "",
    kind: Kind = "",
    column: Annotated[
        list[str] | None, typer.Option("--map", help="a map's name, or field=column; repeatable")
    ] = None,
    config: Config = None,
) -> None:
    """Take in an export of yours; twice is the same as once."""
    import tingfeng
    from crawlers import imports, saved_maps

    with tingfeng.opened(config) as (store, settings), tingfeng.Bars() as bars:
        with store.read() as conn:
            columns = imports.mapping(column or [], saved_maps.named(conn))
        counts = imports.run(
            store, settings, file, columns, source=source,
            kind=imports.kind(kind) if kind else None, now=tingfeng.now(),
            progress=bars.bar("import"),
        )  # fmt: skip
        code = tingfeng.run_all(store, settings, ("assess", "detect", "deliver"), bars)
    typer.echo(json.dumps(counts, ensure_ascii=False))
    raise typer.Exit(max(code, 1 if counts.get("rejected") else 0))


@map_.command("list")
def list_(config: Config = None) -> None:
    """Name every map: ours, and those you saved."""
    import tingfeng
    from crawlers import saved_maps

    with tingfeng.opened(config) as (store, _), store.read() as conn:
        mine = saved_maps.saved(conn)
        for name, found in saved_maps.named(conn).items():
            whose = "自存 saved" if name in mine else "自带 ours"
            typer.echo(f"{name:<18} {whose}  {found.zh or found.source}")


@map_.command()
def show(name: Name, config: Config = None) -> None:
    """Print a map: its fields, and the columns that may hold each."""
    import tingfeng
    from crawlers import imports, saved_maps

    with tingfeng.opened(config) as (store, _), store.read() as conn:
        found = imports.mapping([name], saved_maps.named(conn))
    told = found.model_dump(mode="json", exclude_defaults=True)
    typer.echo(json.dumps(told, ensure_ascii=False, indent=2))


@map_.command()
def save(
    name: Name,
    column: Annotated[list[str], typer.Argument(help="field=column, or a map to begin with")],
    source: Source = "",
    kind: Kind = "",
    config: Config = None,
) -> None:
    """Keep a map under a name; columns given by hand must be in the file."""
    import tingfeng
    from crawlers import imports, saved_maps

    with tingfeng.opened(config) as (store, _), store.write() as conn:
        found = imports.mapping(column, saved_maps.named(conn))
        changes = {"source": source} if source else {}
        more = {"kind": imports.kind(kind)} if kind else {}
        saved_maps.save(conn, name, found.model_copy(update=changes | more))
    typer.echo(f"{name}: tingfeng import FILE --map {name}")


@map_.command()
def forget(name: Name, config: Config = None) -> None:
    """Forget a map that was saved."""
    import tingfeng
    from crawlers import saved_maps

    with tingfeng.opened(config) as (store, _), store.write() as conn:
        saved_maps.forget(conn, name)
    typer.echo(f"{name}: forgotten")
