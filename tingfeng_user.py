"""The verbs of ``tingfeng user``: who may sign in at our own door, and what they may do."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from data.model import SHANGHAI

app = typer.Typer(help="Accounts: add, list, reset, disable.", no_args_is_help=True)
Config = Annotated[Path | None, typer.Option("--config", help="settings file; else settings.toml")]
Name = Annotated[str, typer.Argument(help="the name that stands in histories")]


@app.command()
def add(
    name: Name,
    role: Annotated[str, typer.Option(help="viewer, analyst, compliance or admin")],
    config: Config = None,
) -> None:
    """Make an account; its first password is printed once and must be changed at sign-in."""
    import tingfeng
    from data import passwords
    from data.store import accounts

    password = passwords.first()
    with tingfeng.opened(config) as (store, _), store.write() as conn:
        accounts.add(conn, name, role, passwords.hashed(password), tingfeng.now())
    typer.echo(password)


@app.command("list")
def list_(config: Config = None) -> None:
    """Say who may sign in, as what, and who is locked or disabled."""
    import tingfeng
    from data.store import accounts

    with tingfeng.opened(config) as (store, _), store.read() as conn:
        for one in accounts.listed(conn):
            state = "disabled" if one.disabled else "locked" if one.locked(tingfeng.now()) else (
                "first password" if one.must_change else "active")  # fmt: skip
            changed = f"{one.changed_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
            typer.echo(f"{one.name:<20} {one.role:<12} {state:<16} {changed}")


@app.command()
def reset(name: Name, config: Config = None) -> None:
    """Give an account a new first password, printed once; its sessions end."""
    import tingfeng
    from data import passwords
    from data.store import accounts

    password = passwords.first()
    with tingfeng.opened(config) as (store, _), store.write() as conn:
        accounts.reset(conn, name, passwords.hashed(password), tingfeng.now())
    typer.echo(password)


@app.command()
def disable(name: Name, config: Config = None) -> None:
    """Let nobody sign in under this name any more; `reset` lets them in again."""
    import tingfeng
    from data.store import accounts

    with tingfeng.opened(config) as (store, _), store.write() as conn:
        accounts.disable(conn, name, tingfeng.now())
