"""A real Chromium before real pages, each server on a free port of its own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from mailbox import Maildir
from pathlib import Path
from typing import Protocol

import pytest
from playwright.sync_api import Browser, expect, sync_playwright
from sqlalchemy import select

from alerts.digest import period as periods
from alerts.digest.make import make, scope_of
from alerts.stage import detect
from dashboard.server import DOORS
from data.model import SourceKind
from data.scenarios.builtin import demo
from data.settings import Settings, load
from data.store import cases
from data.store.db import Store
from data.store.schema import verdict
from tests.browser.hindsight import looked_back
from tests.browser.looking import ROOT
from tests.conftest import need
from tests.dashboard import seeds

FLAGS = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Start the system's Chromium; Playwright's own download is never used."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        need("Chromium", "apt-get install chromium fonts-noto-cjk")
    expect.set_options(
        timeout=60_000
    )  # as long as any action: the five seconds are a fast machine's
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        yield browser
        browser.close()


@dataclass(frozen=True, slots=True)
class Site:
    """Where the pages are, the database they show, and the port behind the address."""

    address: str
    database: str
    port: int


class Serve(Protocol):
    """Serve a kind of store (crisis, calm, hostile, demo), once, with these settings of pages."""

    def __call__(self, kind: str, pages: str = "", **environment: str) -> Site: ...


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory, chromium: Browser) -> Iterator[Serve]:
    """Return a function that serves a kind of store; the same question has the same answer."""
    running: dict[tuple[str, str], Site] = {}
    made: dict[str, Path] = {}
    with ExitStack() as stack:

        def start(kind: str, pages: str = "", **environment: str) -> Site:
            if (kind, pages) not in running:
                if kind not in made:
                    made[kind] = seeded(tmp_path_factory.mktemp(kind), kind)
                folder = tmp_path_factory.mktemp("site")
                shutil.copy(made[kind], folder / "store.db")
                server = Server(folder, pages, environment)
                running[kind, pages] = Site(
                    stack.enter_context(server), f"sqlite:///{folder / 'store.db'}", server.port
                )
            return running[kind, pages]

        yield start


def seeded(folder: Path, kind: str) -> Path:
    """Make a store of a kind, closed and whole in one file."""
    now = datetime.now(UTC)  # noqa: TID251  # the pages' clock is the real one
    file = folder / "store.db"
    store = Store(f"sqlite:///{file}")
    store.migrate()
    if kind == "hostile":
        seeds.hostile(store, now)
    elif kind == "demo":
        seeds.planned(store, demo(now), now)
        detect(store, _chosen(folder, store), now)
    elif kind != "empty":
        seeds.month(store, now, crisis=kind == "crisis")
    if kind in {"crisis", "demo", "hostile"}:
        _work(store, _chosen(folder, store), now)
    if kind == "demo":
        looked_back(store, now)
    store.checkpoint()
    store.dispose()
    return file


def _chosen(folder: Path, store: Store) -> Settings:
    file = folder / "settings.toml"
    file.write_text(f'database = "{store.name}"\n', "utf-8")
    return load(file)


def _work(store: Store, settings: Settings, now: datetime) -> None:
    """Add what people and the calendar did: cases, a correction, last week's digest."""
    with store.write() as conn:
        grave = select(verdict.c.mention_id).where(
            verdict.c.lender == seeds.LENDER, verdict.c.kind == SourceKind.COMPLAINT
        )
        worst = grave.order_by(verdict.c.severity.desc(), verdict.c.mention_id.desc()).limit(2)
        for key in conn.scalars(worst).all():
            case = cases.open_case(conn, seeds.LENDER, key, "李宁", now - timedelta(days=3))
            cases.note(conn, case, "李宁", now - timedelta(days=1), "已向催收合作方调取录音")
    week = periods.last_complete("week", now)
    make(store, settings, week, scope_of(settings, None), now)


def _letter(inbox: Path, address: str) -> None:
    """Put an alert's mail into a maildir, with the link to its incident."""
    mail = EmailMessage()
    mail["Subject"] = "【橙色】上门催收与到单位张贴，投诉扩散至论坛和媒体"
    mail["From"], mail["To"] = "tingfeng@example.com", "pr@example.com"
    mail["Date"] = datetime.now(UTC)  # noqa: TID251  # as above
    mail.set_content(f"近 1 小时负面 21 条，平时 1–6\n查看：{address}/incidents?id=1\n")
    Maildir(inbox).add(mail.as_bytes())


class Server:
    """A Streamlit process, up while the block runs."""

    def __init__(self, folder: Path, pages: str, environment: dict[str, str]) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        _letter(folder / "inbox", self.address)
        file = folder / "settings.toml"
        written = f'database = "sqlite:///{folder / "store.db"}"\nvar = "{folder}"\n[dashboard]\n'
        file.write_text(f'{written}inbox = "{folder / "inbox"}"\n{pages}', "utf-8")
        door = any(f'sign_in = "{way}"' in pages for way in DOORS)
        script = "dashboard/web.py" if door else "dashboard/app.py"
        flags = ["--server.address=127.0.0.1", f"--server.port={self.port}"]
        self.log = (folder / "log").open("wb")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", script, *flags],
            cwd=ROOT,
            env=os.environ
            | {"TINGFENG_CONFIG": str(file), "TINGFENG_DASHBOARD__PORT": str(self.port)}
            | environment,
            stdout=self.log,
            stderr=subprocess.STDOUT,
        )

    def __enter__(self) -> str:
        for _ in range(600):
            try:
                with urllib.request.urlopen(f"{self.address}/_stcore/health", timeout=2):
                    return self.address
            except (urllib.error.URLError, OSError):
                assert self.process.poll() is None, "the server ended at once"
                time.sleep(0.1)
        raise AssertionError("the server did not answer within a minute")

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(20)
        self.log.close()
