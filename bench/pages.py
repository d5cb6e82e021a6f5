"""How fast the pages are over a large store: server time, search, first paint.

Usage: python -m bench.pages [MENTIONS] [URL]. Without a URL a SQLite file is made in a temporary
folder; a store at the URL that has no mentions is filled first. Each page runs ROUNDS times with
nothing cached: the figure is what a visitor waits who comes after something new was stored. A
number over its limit makes the exit status 1; over more than LARGE mentions each may be SLACK
times as long.
"""

from __future__ import annotations

import os
import shutil
import socket
import statistics
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import streamlit as st
from playwright.sync_api import sync_playwright
from sqlalchemy import func, select
from streamlit.testing.v1 import AppTest

from bench import flood
from dashboard.queries import mentions
from dashboard.queries.filters import Filter
from dashboard.server import APP
from data import children
from data.model import SourceKind
from data.store.db import Store
from data.store.schema import mention

ROUNDS = 20
PAGE_MS, SEARCH_MS, PAINT_S = 300.0, 200.0, 3.0
LARGE, SLACK = 3_000_000, 1.5
SOMETHING = ".tf-headline, .tf-card, .tf-state, .tf-reading, .tf-incident, .tf-bare"
BARE = "import streamlit as st; st.html('<p class=tf-bare>nothing</p>')"
"""What any page costs: how loaded the machine is stands beside each figure."""
TIMED = """
import streamlit as st
from bench.pages import Clock
from dashboard import app
clock = Clock()
app.main({page!r})
st.session_state["spent"] = clock.spent()
"""
PAGES: dict[str, dict[str, str]] = {
    "situation": {},
    "situation?wall": {"wall": "1"},
    "incidents": {},
    "incidents?id": {"id": "200"},
    "feed": {},
    "feed?q": {"q": "通讯录"},
    "desk": {},
    "desk?q": {"q": "上门 佛山"},
    "desk?group": {"group": "visits_presence", "scope": "all"},
    "cases": {},
    "digest": {},
    "sources": {},
    "quality": {},
    "settings": {},
}
SEARCHES = (
    "催收",
    "上门",
    "通讯录",
    "爆通讯录",
    '"会员费" -退款',
    "的是",
    "砺行信用管理",
    "没有这句话",
)
"""Common, rare, quoted, excluded, of the commonest characters, and in no text."""


def main(total: int, url: str | None) -> int:
    """Measure and print; returns the exit status."""
    folder = tempfile.mkdtemp(prefix="tingfeng-pages-")
    try:
        store = Store(url or f"sqlite:///{folder}/large.db")
        slack = SLACK if _filled(store, total) > LARGE else 1.0
        settings = Path(folder) / "settings.toml"
        where = store.url.render_as_string(hide_password=False)
        settings.write_text(f'database = "{where}"\n', "utf-8")
        os.environ["TINGFENG_CONFIG"] = str(settings)
        slow = [*_pages(slack), *_searches(store, slack)]
        if shutil.which("chromium"):
            slow += _paint(settings, slack)
        store.dispose()
    finally:
        shutil.rmtree(folder)
    print(f"over the limit: {', '.join(slow)}" if slow else "all within the limits")
    return 1 if slow else 0


def _filled(store: Store, total: int) -> int:
    store.migrate()
    with store.read() as conn:
        held = conn.execute(select(func.max(mention.c.id))).scalar_one() or 0
    if not held:
        now = datetime.now(UTC).replace(microsecond=0)  # noqa: TID251  # the pages' clock is real
        flood.fill(store, total, now, lambda _: None)
        held = total
    print(f"{held:,} mentions, {store.url.get_backend_name()}")
    return int(held)


def _pages(slack: float) -> Iterator[str]:
    for name, address in PAGES.items():
        page = name.partition("?")[0]
        taken = [_visit(page, address) for _ in range(ROUNDS + 1)][1:]  # the first one imports
        yield from _told(name, taken, PAGE_MS * slack)


def _visit(page: str, address: dict[str, str]) -> tuple[float, float]:
    """Return the milliseconds that one look at a page takes, and those of this processor.

    The clock runs inside the script: looking for components, which the test harness does again
    for each run, is done once by a server.
    """
    at = AppTest.from_string(TIMED.format(page=page), default_timeout=600)
    for name, value in address.items():
        at.query_params[name] = value
    st.cache_data.clear()
    at.run()
    if at.exception:
        raise RuntimeError(f"{page}: {at.exception[0].value}")
    refused = [one.proto.body for one in at.get("html") if 'role="alert"' in one.proto.body]
    if refused:
        raise RuntimeError(f"{page}: {refused[0]}")
    gone, worked = at.session_state["spent"]
    return float(gone), float(worked)


def _searches(store: Store, slack: float) -> Iterator[str]:
    """Ask for the first fifty complaints, which is what a reader waits for."""
    for words in SEARCHES:
        asked = Filter("chenghu", words=words, kinds=(SourceKind.COMPLAINT,))
        taken = []
        for _ in range(ROUNDS):
            with store.read() as conn:
                clock = Clock()
                mentions.page(conn, asked)
                taken.append(clock.spent())
        yield from _told(f"search {words}", taken, SEARCH_MS * slack)


class Clock:
    """Milliseconds gone by, and those in which this process worked: the machine may be busy."""

    def __init__(self) -> None:
        self.began = time.perf_counter(), time.process_time()

    def spent(self) -> tuple[float, float]:
        """Return both since the clock was made."""
        gone, worked = time.perf_counter() - self.began[0], time.process_time() - self.began[1]
        return gone * 1000, worked * 1000


def _told(name: str, taken: Sequence[tuple[float, float]], limit: float) -> Iterator[str]:
    wall, worked = ([one[k] for one in taken] for k in (0, 1))
    p95, own = (statistics.quantiles(one, n=20, method="inclusive")[-1] for one in (wall, worked))
    mark = "" if p95 <= limit else f"   over {limit:.0f}"
    median = statistics.median(wall)
    print(f"{name:<22}{median:7.0f} ms{p95:7.0f} ms p95{own:7.0f} ms CPU{mark}", flush=True)
    if mark:
        yield name


def _paint(settings: Path, slack: float) -> Iterator[str]:
    """Start the server anew for each page and look with a browser that never was there."""
    bare = settings.with_name("bare.py")
    bare.write_text(BARE, "utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        for page in ("", "situation", "incidents", "feed", "desk", "sources"):
            with _served(APP if page else bare, settings) as address:
                tab = browser.new_context().new_page()
                began = time.perf_counter()
                tab.goto(f"{address}/{'' if page == 'situation' else page}")  # its home
                tab.locator(SOMETHING).first.wait_for()
                spent = time.perf_counter() - began
                tab.context.close()
            limit = PAINT_S * slack
            mark = "" if spent <= limit or not page else f"   over {limit:.1f}"
            print(f"first paint {page or 'of nothing':<12}{spent:6.2f} s{mark}", flush=True)
            if mark:
                yield f"first paint {page}"
        browser.close()


@contextmanager
def _served(script: Path, settings: Path) -> Iterator[str]:
    """Run a script as ``tingfeng dashboard`` runs its own, on a free port, just started."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    flags = ("--server.address=127.0.0.1", f"--server.port={port}", "--server.headless=true")
    environment = os.environ | {"TINGFENG_CONFIG": str(settings)}
    server = children.spawn(
        "streamlit", "run", str(script), *flags, cwd=APP.parents[1], env=environment
    )
    try:
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2):
                    break
            except OSError:
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        children.stop([server])


if __name__ == "__main__":
    arguments = sys.argv[1:]
    sys.exit(
        main(int(arguments[0]) if arguments else 1_000_000, arguments[1] if arguments[1:] else None)
    )
