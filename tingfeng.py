"""Tingfeng's command line: every verb opens the store, calls one room, reports. Nothing else.

This file is the composition root: it may import every room, and nobody may import it.
"""

from __future__ import annotations

import json
import logging
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Self

sys.path.insert(0, str(Path(__file__).parent))  # a stranger's package `data` must not win

import typer

import tingfeng_alerts
import tingfeng_digest
import tingfeng_import
import tingfeng_incident
import tingfeng_policy
import tingfeng_source
import tingfeng_user
from data.errors import TingfengError
from data.settings import Settings, load

if TYPE_CHECKING:
    from data.store.db import Store
    from nlp.corpora import Sample

log = logging.getLogger("tingfeng")
Counts = dict[str, int]
Progress = Callable[[int, int], None] | None
Work = Callable[["Store", Settings, datetime, Progress], Counts]

app = typer.Typer(
    help="听风 Tingfeng: a lender's reputation and public-opinion monitor.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(tingfeng_source.app, name="source")
app.add_typer(tingfeng_user.app, name="user")
app.add_typer(tingfeng_digest.app, name="digest")
app.add_typer(tingfeng_incident.app, name="incident")
app.add_typer(tingfeng_policy.app, name="policy")
tingfeng_alerts.register(app)
tingfeng_import.register(app)
Config = Annotated[Path | None, typer.Option("--config", help="settings file; else settings.toml")]


def now() -> datetime:
    """Return the present moment; the rooms take it as an argument."""
    return datetime.now(UTC)


def cli() -> None:
    """Run a verb: our errors are one line each and exit 1 or 2, bugs keep their traceback."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    for noisy in ("apscheduler", "httpx", "alembic", "jieba", "mail.log"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    try:
        app()
    except TingfengError as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        sys.exit(error.exit_code)


@contextmanager
def opened(config: Path | None) -> Iterator[tuple[Store, Settings]]:
    """Yield the migrated store and the settings."""
    from data.store.db import Store

    settings = load(config)
    store = Store(settings.database)
    try:
        store.migrate()
        yield store, settings
    finally:
        store.dispose()


# ---------------------------------------------------------------------------- the stages
def _crawl(store: Store, settings: Settings, moment: datetime, progress: Progress) -> Counts:
    from crawlers import stage

    return stage.run(store, settings, moment, progress=progress)


def _assess(store: Store, settings: Settings, moment: datetime, progress: Progress) -> Counts:
    from nlp import stage

    return stage.run(store, settings, moment, progress=progress)


def _detect(store: Store, settings: Settings, moment: datetime, progress: Progress) -> Counts:
    from alerts import stage

    return stage.detect(store, settings, moment, progress=progress)


def _deliver(store: Store, settings: Settings, moment: datetime, progress: Progress) -> Counts:
    from alerts import stage

    return stage.deliver(store, settings, moment, progress=progress)


def _digest(store: Store, settings: Settings, moment: datetime, _: Progress) -> Counts:
    from alerts.digest import send

    return send.run(store, settings, moment)


STAGES: dict[str, Work] = {
    "crawl": _crawl, "assess": _assess, "detect": _detect, "deliver": _deliver,
}  # fmt: skip
"""In the order of the one direction; each finds its work in the store."""
BESIDE: dict[str, Work] = {"digest": _digest}
"""What runs by the calendar, not with every tick."""


@dataclass(frozen=True)
class Done:
    """What one stage did: its counts, and the exit code it asks for (0 well, 1 failed, 2 ours)."""

    counts: Counts
    code: int = 0


def run_stage(name: str, store: Store, settings: Settings, progress: Progress = None) -> Done:
    """Run one stage unless another process is at it; a failure becomes a row in ``run``."""
    from data.store import state

    moment = now()
    try:
        with state.lease(store, name, moment) as held:
            if not held:
                log.info("stage=%s busy: another process is at it", name)
                return Done({})
            counts = (STAGES | BESIDE)[name](store, settings, moment, progress)
    except Exception as error:
        _record_failure(store, name, moment, error)
        return Done({}, getattr(error, "exit_code", 1))
    if any(counts.values()):
        log.info("stage=%s %s", name, " ".join(f"{k}={v}" for k, v in counts.items() if v))
    return Done(counts)


def _record_failure(store: Store, name: str, moment: datetime, error: Exception) -> None:
    from data.model import Outcome
    from data.store import runs

    expected = isinstance(error, TingfengError)
    log.error("stage=%s failed: %s", name, error, exc_info=None if expected else error)
    with store.write() as conn:
        run_id = runs.start(conn, name, "", moment)
        runs.finish(conn, run_id, now(), Outcome.FAILED, {}, f"{type(error).__name__}: {error}")


def run_all(
    store: Store, settings: Settings, names: Sequence[str] = tuple(STAGES), bars: Bars | None = None
) -> int:
    """Run stages in order and return the gravest exit code; one that fails stops no other."""
    return max(
        run_stage(name, store, settings, bars.bar(name) if bars else None).code for name in names
    )


class Bars:
    """Progress bars on standard error: one for each stage, only where a person looks."""

    words: ClassVar = {
        "scenario": "写剧本 scenario", "crawl": "采集 crawl", "import": "导入 import",
        "assess": "研判 assess", "detect": "发现 detect", "deliver": "发送 deliver",
        "backfill": "补采 backfill", "try": "试跑 try",
    }  # fmt: skip

    def __init__(self) -> None:
        """Prepare the bars; they are drawn inside the ``with``."""
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as RichProgress

        console = Console(stderr=True)
        columns = (TextColumn("{task.description:<18}"), BarColumn(), MofNCompleteColumn(),
                   TimeElapsedColumn())  # fmt: skip
        self._drawn = RichProgress(*columns, console=console, disable=not console.is_terminal)

    def __enter__(self) -> Self:
        """Begin to draw."""
        self._drawn.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the bars as they stand."""
        self._drawn.stop()

    def bar(self, name: str) -> Callable[[int, int], None]:
        """Return the function that a stage calls with what is done, of how much."""
        task = self._drawn.add_task(self.words.get(name, name), total=None)
        return lambda done, total: self._drawn.update(task, completed=done, total=total)


# ---------------------------------------------------------------------------- the verbs
@app.command()
def tick(config: Config = None) -> None:
    """Do everything that is due, once: crawl, assess, detect, deliver."""
    with opened(config) as (store, settings):
        with Bars() as bars:
            code = run_all(store, settings, bars=bars)
        store.checkpoint()
    raise typer.Exit(code)


@app.command()
def crawl(
    sources: Annotated[list[str] | None, typer.Argument(help="due ones if none is named")] = None,
    config: Config = None,
) -> None:
    """Read the sources that are due, or those named, each in a process of its own."""
    from crawlers import stage

    with opened(config) as (store, settings), Bars() as bars:
        counts = stage.run(store, settings, now(), only=sources, progress=bars.bar("crawl"))
    typer.echo(json.dumps(counts, ensure_ascii=False))


@app.command()
def assess(
    again: Annotated[
        bool, typer.Option("--again", help="everything, not only what is new")
    ] = False,
    source: Annotated[
        Path | None, typer.Option("--input", help="JSONL with id and text: assess that instead")
    ] = None,
    output: Annotated[Path | None, typer.Option(help="where the answers go, as JSONL")] = None,
    lenders: Annotated[Path | None, typer.Option(help="whom to look for in --input")] = None,
    vote: Annotated[bool, typer.Option("--vote", help="… and ask a transformer if unsure")] = False,
    config: Config = None,
) -> None:
    """Assess what is new, or a file: about whom, for or against, which allegations."""
    if source is not None:
        from nlp import judge

        if output is None:
            raise typer.BadParameter("say with --output where the answers go")
        typer.echo(json.dumps(judge.assess_file(source, output, lenders, voted=vote)))
        return
    from data.store import work

    with opened(config) as (store, settings):
        if again:
            with store.write() as conn:
                work.put_all(conn, "assess")
        with Bars() as bars:
            code = run_all(store, settings, ("assess",), bars)
    raise typer.Exit(code)


@app.command("detect")
def detect_(
    csv: Annotated[Path, typer.Option("--csv", help="file,timestamp,value; also .gz and .xz")],
    output: Annotated[Path, typer.Option(help="file,timestamp,anomaly_score is written here")],
) -> None:
    """Score how unusual each row of a table of counts is, from the rows before it."""
    from alerts.table import score_file

    typer.echo(json.dumps({"rows": score_file(csv, output)}))


@app.command()
def replay(
    scenario: Annotated[Path, typer.Argument(help="a planned past, see docs/scenarios.md")],
    truth: Annotated[Path, typer.Option(help="its planted events")],
    policy: Annotated[
        list[Path] | None, typer.Option(help="levels like data/facts/levels.yaml; two to compare")
    ] = None,
    gold: Annotated[bool, typer.Option("--gold", help="by the plan's labels, not ours")] = False,
) -> None:
    """Play a planned past through detection on a fast clock, and score what was said."""
    import tingfeng_replay
    from data.scenarios.format import read

    with Bars() as bars:
        told = tingfeng_replay.compare(read(scenario, truth), policy or (), gold=gold, bar=bars.bar)
    typer.echo(json.dumps(told, ensure_ascii=False, indent=1))


@app.command()
def explain(
    text: Annotated[str, typer.Argument(help="any text, in quotes")],
    title: Annotated[str, typer.Option(help="its title")] = "",
    config: Config = None,
) -> None:
    """Say what we think of a text, and which words made us."""
    from nlp import explain as explaining

    settings = load(config)
    typer.echo(explaining.report(text, title, settings.lenders, allegations=settings.allegations))


@app.command()
def templates(
    lender: Annotated[str, typer.Option(help="slug of one company")] = "",
    most: Annotated[int, typer.Option(help="how many")] = 20,
    config: Config = None,
) -> None:
    """Show the wordings that three accounts and more filed, with blanks where they differ."""
    from data.store import templates as stored

    with opened(config) as (store, _), store.read() as conn:
        for found in stored.listing(conn, lender, most):
            typer.echo(f"#{found.id}  账号 {found.accounts}  文本 {found.mentions}\n  {found.text}")


@app.command()
def check(
    example: Annotated[bool, typer.Option("--example", help="print settings.example.toml")] = False,
    config: Config = None,
) -> None:
    """Read every file, open the store, say what is ready and what is missing."""
    if example:
        from data.settings_example import example as text

        typer.echo(text(), nl=False)
        return
    from alerts.policy import channels_of
    from crawlers import gate
    from data import facts
    from data.facts.levels import levels
    from data.store import approvals

    with opened(config) as (store, settings), store.read() as conn:
        typer.echo(f"设置 settings     {settings.file or 'defaults'}")
        typer.echo(f"数据库 database   {store.name}")
        for lender in facts.lenders(settings.lenders):
            if not lender.owner:
                typer.echo(f"机构 {lender.role.value:<12} {lender.zh} {lender.en}")
        typer.echo(f"指控 allegations  {len(facts.allegations(settings.allegations))}")
        for name, fact in facts.sources().items():
            refusal = gate.refusal(fact, settings, approvals.current(conn, name))
            typer.echo(f"来源 source       {name}: {refusal or '已批准 approved'}")
        levels(settings.alerts.levels)
        for one in channels_of(settings):
            typer.echo(f"渠道 channel      {one.name} ({one.type}, {one.lowest_level}+)")


@app.command()
def train(
    data: Annotated[Path, typer.Argument(help="folder of labelled sets")],
    out: Annotated[Path, typer.Option(help="where the model goes")] = Path("nlp/models"),
    labels: Annotated[bool, typer.Option("--labels", help="and on what people corrected")] = False,
    back: Annotated[bool, typer.Option("--back", help="only use the model before again")] = False,
    config: Config = None,
) -> None:
    """Train the models again; keep one only if it is better on rows held out."""
    from nlp import train as training
    from nlp import train_about

    if back:
        typer.echo(training.back(out / "sentiment.npz"))
        return
    typer.echo(training.train(data, out, people=_corrected(config) if labels else ()))
    typer.echo(train_about.train(data, out))


def _corrected(config: Path | None) -> list[Sample]:
    """Return the mentions whose feeling people corrected on the pages."""
    from data import facts
    from data.store.labels import feelings
    from nlp.corpora import people

    with opened(config) as (store, settings), store.read() as conn:
        lenders = facts.lenders(settings.lenders)
        return people(feelings(conn), [name for lender in lenders for name in lender.names])


@app.command("eval")
def eval_(
    gold: Annotated[Path, typer.Argument(help="folder of gold")] = Path("tests/gold"),
    accept: Annotated[bool, typer.Option("--accept", help="raise floors to this")] = False,
    lower: Annotated[str, typer.Option(help="lower those that do not hold; say why")] = "",
    record: Annotated[bool, typer.Option("--record", help="keep them for the pages")] = False,
    config: Config = None,
) -> None:
    """Measure on the gold, slice by slice; exit 1 where a figure is below its floor."""
    from nlp import floors

    measured = floors.figures(gold)
    typer.echo(floors.table(measured))
    if record:
        tingfeng_policy.keep({figure.name: figure.value for figure in measured}, config)
    if lower:
        floors.lower(gold, measured, lower)
    elif accept:
        floors.accept(gold, measured)
    elif any(figure.fell for figure in measured):
        raise typer.Exit(1)


@app.command()
def dash(config: Config = None) -> None:
    """Open only the pages."""
    from dashboard.server import Server

    with opened(config) as (_, settings):
        pages = Server(settings)
    pages.start()
    typer.echo(f"听风 {pages.url}  Ctrl-C 停止", err=True)
    until_stopped(pages.keep_alive)
    pages.stop()


@app.command()
def run(config: Config = None) -> None:
    """Watch: crawl what is due, assess, alert, and show the pages, until Ctrl-C or SIGTERM."""
    with opened(config) as (store, settings):
        watch(store, settings)


@app.command()
def demo(
    headless: Annotated[bool, typer.Option("--headless", help="print figures, no pages")] = False,
    port: Annotated[int, typer.Option(help="of the pages")] = 8501,
    folder: Annotated[Path, typer.Option(help="is emptied first")] = Path("data/var/demo"),
) -> None:
    """Crawl six weeks of an invented lender from replicas, and watch a crisis unfold."""
    import tingfeng_demo
    from dashboard.server import Server
    from data.store import figures

    began = time.monotonic()
    with (
        tingfeng_demo.prepared(folder, port, now()) as settings,
        opened(settings.file) as (store, _),
    ):
        if not headless:
            Server(settings).must_be_free()
        seconds = {"prepare": time.monotonic() - began}
        with Bars() as bars:
            for name in STAGES:
                begun = time.monotonic()
                code = run_stage(name, store, settings, bars.bar(name)).code
                seconds[name] = time.monotonic() - begun
                if code:
                    raise typer.Exit(code)
        if not headless:
            watch(store, settings)
            return
        begun = time.monotonic()
        run_all(store, settings, ("digest", "deliver"))
        seconds["digest"] = time.monotonic() - begun
        with store.read() as conn:
            told: dict[str, object] = figures.summary(conn)
    told["seconds"] = {name: round(value, 1) for name, value in seconds.items()}
    typer.echo(json.dumps(told, ensure_ascii=False))


def watch(store: Store, settings: Settings) -> None:
    """Keep the stages and the dashboard going until SIGTERM or Ctrl-C; then stop cleanly."""
    from apscheduler.schedulers.background import BackgroundScheduler

    from crawlers import jobs
    from dashboard.server import Server
    from data.store import asking

    pages = Server(settings)
    pages.start()
    scheduler = BackgroundScheduler(
        timezone=UTC, job_defaults={"max_instances": 1, "coalesce": True}
    )
    for names in (("crawl",), ("assess", "detect", "deliver")):
        scheduler.add_job(
            run_all, "interval", (store, settings, names), seconds=settings.alerts.tick_seconds,
            next_run_time=now(), misfire_grace_time=None,
        )  # fmt: skip
    scheduler.add_job(
        run_stage, "interval", ("digest", store, settings), minutes=1, next_run_time=now()
    )
    scheduler.add_job(store.checkpoint, "interval", minutes=10)
    every = asking.BEAT.total_seconds()
    scheduler.add_job(_beat, "interval", (store,), seconds=every, next_run_time=now())
    scheduler.start()
    typer.echo(f"听风 {pages.url}  Ctrl-C 停止", err=True)
    with tingfeng_alerts.answers(store, settings):
        until_stopped(pages.keep_alive)
    pages.stop()
    jobs.stop_children()
    scheduler.shutdown(wait=True)
    with store.write() as conn:
        asking.rest(conn)


def _beat(store: Store) -> None:
    """Say that a watch is at work, to those who may ask it for something."""
    from data.store import asking

    with store.write() as conn:
        asking.beat(conn, now())


def until_stopped(every_second: Callable[[], None]) -> None:
    """Call something every second until SIGTERM or Ctrl-C."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    while not stop.wait(1):
        every_second()


if __name__ == "__main__":
    cli()
