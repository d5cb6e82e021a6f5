"""The verbs of ``tingfeng source``: what may be read, what would be stored, what is old."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from data.errors import InputError, Refused
from data.model import SHANGHAI

app = typer.Typer(help="Sources: list, show, approve, try, record, backfill.", no_args_is_help=True)
Config = Annotated[Path | None, typer.Option("--config", help="settings file; else settings.toml")]
Source = Annotated[str, typer.Argument(help="as in docs/sources.md")]
Name = Annotated[str, typer.Option("--by", help="the person who decides")]
Why = Annotated[str, typer.Option("--basis", help="why, in a sentence")]


@app.command("list")
def list_(config: Config = None) -> None:
    """Say of every source whether it may be read, how it fared and when it is next due."""
    import tingfeng
    from crawlers import gate
    from data import facts
    from data.store import approvals, health, runs, state

    with tingfeng.opened(config) as (store, settings), store.read() as conn:
        for slug, fact in facts.sources().items():
            refusal = gate.refusal(fact, settings, approvals.current(conn, slug))
            last = runs.latest(conn, "crawl", slug, limit=1)
            fared = f"{last[0].outcome.value} {_local(last[0].started_at)}" if last else "—"
            wrong = ", ".join(s.condition for s in health.open_now(conn) if s.source == slug)
            fared = f"{fared} [{wrong}]" if wrong else fared
            due = state.next_at(conn, slug)
            next_ = "" if refusal else f"next {_local(due) if due else 'now'}"
            typer.echo(f"{slug:<20} {fact.zh}  {fared}  {refusal or next_}")


@app.command()
def show(source: Source, config: Config = None) -> None:
    """Say all about one source: the registry, your settings, its decisions, its last runs."""
    import tingfeng
    from crawlers import gate
    from crawlers.jobs import known_source
    from data.settings import SourceSettings
    from data.store import approvals, health, runs, state

    fact = known_source(source)
    with tingfeng.opened(config) as (store, settings), store.read() as conn:
        ours = settings.sources.get(source, SourceSettings())
        decisions = approvals.history(conn, source)
        told: dict[str, Any] = {
            "source": source, "name": fact.zh, "reads": fact.reads, "cannot_see": fact.blind,
            "legal": fact.legal, "address": gate.base_url(fact, ours),
            "delay_seconds": gate.delay(fact, ours), "user_agent": gate.user_agent(settings.crawl),
            "refusal": gate.refusal(fact, settings, decisions[0] if decisions else None),
            "approval_in_settings": ours.approval and ours.approval.model_dump(mode="json"),
            "decisions": [_plain(d) for d in decisions],
            "canary": state.watermark(conn, source).get("canary"),
            "wrong_now": [
                {"condition": s.condition, "since": _local(s.since), "note": s.note}
                for s in health.open_now(conn)
                if s.source == source
            ],
            "runs": [
                {"at": _local(run.started_at), "stage": run.stage, "outcome": run.outcome.value,
                 "counts": dict(run.counts), "note": run.note}
                for run in runs.latest(conn, source=source, limit=5)
            ],
        }  # fmt: skip
    _print(told)


@app.command()
def approve(
    source: Source,
    by: Name,
    basis: Why,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="take it back")] = False,
    config: Config = None,
) -> None:
    """Allow a source to be read: robots.txt is asked, and all of it is written down."""
    import tingfeng
    from crawlers import approving

    with tingfeng.opened(config) as (store, settings):
        if withdraw:
            decision = approving.withdraw(store, source, by, basis, tingfeng.now())
        else:
            decision = approving.approve(store, settings, source, by, basis, tingfeng.now())
    _print(_plain(decision))


@app.command("try")
def try_(source: Source, config: Config = None) -> None:
    """Read one page and show what would be stored; nothing is stored."""
    told = _trial(source, config)
    for page in told["pages"]:
        page["text"] = page["text"][:200]
    _print(told)


@app.command()
def record(
    source: Source,
    to: Annotated[Path, typer.Option(help="folder")] = Path("tests/pages"),
    config: Config = None,
) -> None:
    """Save the pages of a trial as test pages, people taken out: read them before you commit."""
    told = _trial(source, config)
    if not told["pages"]:
        raise InputError(f"{source}: no page was received: {told['note'] or told['outcome']}")
    folder = to / source
    folder.mkdir(parents=True, exist_ok=True)
    for page in told["pages"]:
        (folder / page["name"]).write_text(page["text"], "utf-8")
        typer.echo(f"{folder / page['name']}  {page['status']}  {len(page['text'])} 字")


@app.command()
def learn(source: Source, config: Config = None) -> None:
    """Forget what was usual for a source that changed for good; the next runs say what is."""
    import tingfeng
    from crawlers.jobs import known_source
    from data.store import health, state

    known_source(source)
    with tingfeng.opened(config) as (store, _), store.write() as conn:
        health.unlearn(conn, source)
        mark = state.watermark(conn, source)
        state.set_watermark(conn, source, {k: v for k, v in mark.items() if k != "canary"})
    typer.echo(f"{source}: forgotten; the next good runs are the measure")


@app.command()
def backfill(
    source: Source,
    since: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="first day, Shanghai")],
    until: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="day after the last")],
    days: Annotated[float, typer.Option(min=0.04, help="length of a window")] = 30.0,
    config: Config = None,
) -> None:
    """Read old days, newest first; after a kill the same command goes on where it stopped."""
    import tingfeng
    from crawlers import backfill as filling

    span = (since.replace(tzinfo=SHANGHAI), until.replace(tzinfo=SHANGHAI))
    with tingfeng.opened(config) as (store, settings), tingfeng.Bars() as bars:
        counts = filling.run(
            store, settings, source, span, tingfeng.now(),
            days=days, progress=bars.bar("backfill"),
        )  # fmt: skip
    _print(counts)
    raise typer.Exit(1 if counts["left"] else 0)


def _trial(source: str, config: Path | None) -> dict[str, Any]:
    import tingfeng
    from crawlers import jobs

    jobs.known_source(source)
    with tingfeng.opened(config) as (store, settings):
        end = jobs.trial(store, settings, source, tingfeng.now())
    told = {
        "outcome": end.verdict.outcome.value, "note": end.verdict.note,
        "mentions": end.report.get("mentions", []), "pages": end.report.get("pages", []),
    }  # fmt: skip
    if told["outcome"] == "refused":
        raise Refused(told["note"])
    return told


def _plain(decision: Any) -> dict[str, Any]:
    return {
        "source": decision.source, "at": _local(decision.at), "by": decision.by,
        "decision": decision.decision, "basis": decision.basis, **decision.robots,
    }  # fmt: skip


def _local(moment: datetime) -> str:
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def _print(told: object) -> None:
    typer.echo(json.dumps(told, ensure_ascii=False, indent=2, default=str))
