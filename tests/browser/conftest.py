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
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from mailbox import Maildir
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from alerts.stage import detect
from data.scenarios.builtin import demo
from data.settings import load
from data.store.db import Store
from tests.conftest import need
from tests.dashboard import seeds

ROOT = Path(__file__).parents[2]
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
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        yield browser
        browser.close()


@dataclass(frozen=True, slots=True)
class Site:
    """Where the pages are, and the database they show."""

    address: str
    database: str


Serve = Callable[[str], Site]


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory, chromium: Browser) -> Iterator[Serve]:
    """Return a function that serves a kind of store: crisis, calm, hostile or demo."""
    running: dict[str, Site] = {}
    with ExitStack() as stack:

        def start(kind: str) -> Site:
            if kind not in running:
                folder = tmp_path_factory.mktemp(kind)
                database = f"sqlite:///{folder / 'store.db'}"
                settings = _settings(folder, kind, database)
                running[kind] = Site(stack.enter_context(_Server(settings)), database)
            return running[kind]

        yield start


def _settings(folder: Path, kind: str, database: str) -> Path:
    now = datetime.now(UTC)  # noqa: TID251  # the pages' clock is the real one
    store = Store(database)
    store.migrate()
    file = folder / "settings.toml"
    file.write_text(
        f'database = "{database}"\n[dashboard]\ninbox = "{folder / "inbox"}"\n', "utf-8"
    )
    if kind == "hostile":
        seeds.hostile(store, now)
    elif kind == "demo":
        seeds.planned(store, demo(now), now)
        detect(store, load(file), now)
    else:
        seeds.month(store, now, crisis=kind == "crisis")
    store.dispose()
    mail = EmailMessage()
    mail["Subject"] = "【橙色】上门催收与到单位张贴，投诉扩散至论坛和媒体"
    mail["From"], mail["To"], mail["Date"] = "tingfeng@example.com", "pr@example.com", now
    mail.set_content("近 1 小时负面 21 条，平时 1–6\n查看：http://127.0.0.1:8501/incidents?id=1\n")
    Maildir(folder / "inbox").add(mail.as_bytes())
    return file


class _Server:
    """A Streamlit process, up while the block runs."""

    def __init__(self, settings: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        flags = ["--server.address=127.0.0.1", f"--server.port={self.port}"]
        command = [sys.executable, "-m", "streamlit", "run", "dashboard/app.py", *flags]
        self.log = settings.with_suffix(".log").open("wb")
        environment = os.environ | {"TINGFENG_CONFIG": str(settings)}
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=self.log, stderr=subprocess.STDOUT
        )

    def __enter__(self) -> str:
        address = f"http://127.0.0.1:{self.port}"
        for _ in range(600):
            try:
                with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2):
                    return address
            except (urllib.error.URLError, OSError):
                assert self.process.poll() is None, "the server ended at once"
                time.sleep(0.1)
        raise AssertionError("the server did not answer within a minute")

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(20)
        self.log.close()
