"""The digest's verbs: ``tingfeng digest [PERIOD]`` makes and sends one; ``verify`` checks one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from data.errors import ConfigError, InputError

if TYPE_CHECKING:
    from alerts.digest.make import Made
    from alerts.digest.verify import Report
    from alerts.digest.words import Language
    from data.settings import Settings
    from data.store.db import Store

Config = Annotated[Path | None, typer.Option("--config", help="settings file; else settings.toml")]
SHOWN = 20


class _MakeUnlessNamed(TyperGroup):
    """``tingfeng digest 2026-W47`` is ``tingfeng digest make 2026-W47``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the verb in where it was left out."""
        if not args or (args[0] not in self.commands and args[0] != "--help"):
            args = ["make", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(cls=_MakeUnlessNamed, help="The weekly page: make it, send it, check a file.")


@app.command()
def make(
    period: Annotated[
        str, typer.Argument(help="2026-W47, 2026-11-22, 2026-11; week, day, month: the last one")
    ] = "week",
    lang: Annotated[str, typer.Option(help="zh or en")] = "",
    scope: Annotated[
        str | None,
        typer.Option(help="chenghu, chenghu+lixing, a product's slug, chenghu@广东; else ours"),
    ] = None,
    send: Annotated[
        bool, typer.Option("--send", help="now, to the readers of [digest] who lack it")
    ] = False,
    to: Annotated[
        list[str] | None, typer.Option(help="send a preview to this address instead")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="folder for the files")] = None,
    config: Config = None,
) -> None:
    """Make a digest of a finished period and print it; write its files; send it."""
    import tingfeng
    from alerts.digest import make as making
    from alerts.digest import period as periods
    from alerts.digest.words import LANGUAGES

    with tingfeng.opened(config) as (store, settings):
        wanted = lang or settings.digest.language
        language = next((one for one in LANGUAGES if one == wanted), None)
        if language is None:
            raise InputError(f"--lang {wanted}: a digest is written in {' or '.join(LANGUAGES)}")
        asked = periods.parse(period, tingfeng.now())
        made = making.make(
            store, settings, asked, making.scope_of(settings, scope), tingfeng.now()
        )  # fmt: skip
        making.keep(settings, made)
        if out is not None:
            for file in making.write(made, out, language):
                typer.echo(str(file))
        if send or to:
            raise typer.Exit(_sent(store, settings, made, language, to or []))
        if out is None:
            typer.echo(making.form(made, "txt", language).decode(), nl=False)


def _sent(
    store: Store, settings: Settings, made: Made, language: Language, previews: list[str]
) -> int:
    """Mail previews, or send it to its audience; return the exit code."""
    import tingfeng
    from alerts.digest import make as making
    from alerts.digest import send as sending

    for to in previews:
        answer = sending.preview(settings, made, to, language, tingfeng.now())
        typer.echo(f"{to}: {answer}")
    if previews:
        return 0
    scope, kind = made.kept.scope, made.figures["period"]["kind"]
    ours = making.scope_of(settings, None).id
    for audience in settings.digest.everybody():
        if (audience.scope or ours, audience.edition) == (scope, kind):
            counts = sending.send(store, settings, made, audience, tingfeng.now())
            typer.echo(" ".join(f"{state}={n}" for state, n in counts.items()))
            return 0 if set(counts) == {"sent"} else 1
    raise ConfigError(
        f"digest: nobody is named for {scope} by the {kind}; fill `to` or `bots`, or give --to"
    )


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="html, pdf, md, txt, xlsx or eml", dir_okay=False)],
    config: Config = None,
) -> None:
    """Compute every number of a digest's file anew from the store; exit 1 on any difference."""
    import tingfeng
    from alerts.digest import verify as verifying

    with tingfeng.opened(config) as (store, settings):
        report = verifying.verify(store, settings, file, tingfeng.now())
    name = f"{report.period} {report.scope} revision {report.revision}"
    if report.holds:
        typer.echo(f"{file}: {name}: {_agreement(report)}")
        return
    for one in report.differences[:SHOWN]:
        typer.echo(f"- {one.file}\n+ {one.store}")
    if len(report.differences) > SHOWN:
        typer.echo(f"… and {len(report.differences) - SHOWN} more")
    typer.echo(f"{file}: {name}: {len(report.differences)} differences; {_reason(report)}")
    raise typer.Exit(1)


def _agreement(report: Report) -> str:
    """Return in words what of a file was found to be as the store says."""
    if not (older := _older(report)):
        return f"all {report.lines} lines are what the store says"
    words = "it is as it was kept" if report.worded else "it cannot be computed anew"
    return f"figures agree; {older}: {words}"


def _reason(report: Report) -> str:
    """Return in words why a file differs from the store."""
    if report.genuine:
        return "the file is as it was made; the store has changed"
    if report.worded:
        return "altered"
    return f"altered, or the store has changed; {_older(report)}, only its figures were compared"


def _older(report: Report) -> str:
    from alerts.digest.words import GRAMMAR

    if report.grammar == GRAMMAR:
        return ""
    return f"wording is of an older grammar (version {report.grammar}, now {GRAMMAR})"
