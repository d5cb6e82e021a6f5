"""Looking at pages as a visitor does: open, wait until all is drawn, measure, keep a picture."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect
from playwright.sync_api import TimeoutError as Late

ROOT = Path(__file__).parents[2]
TRIAL = 200_000
"""Milliseconds to wait for a trial, which the pages end after three minutes themselves."""
PICTURES = ROOT / "docs" / "images"
READY = (
    ".tf-card, .tf-headline, .tf-incident, .tf-mail, .tf-state, .tf-report, .tf-reading, .tf-line, "
    ".tf-h, [data-testid=stMain] .tf-small"
)
STILL = """() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(
    document.getAnimations().every(one => !(one instanceof CSSTransition))))))"""
"""Two frames on, no colour is fading into another."""
DARK = """() => getComputedStyle(document.querySelector('[data-testid=stApp]'))
    .backgroundColor.match(/[0-9]+/g).slice(0, 3).every(part => part < 128)"""
OURS = re.compile(r"(http|ws)://127\.0\.0\.1|data:|blob:")


@contextmanager
def visitor(
    chromium: Browser, width: int = 1440, height: int = 1000, scheme: str = "light"
) -> Iterator[BrowserContext]:
    """A visitor with a fresh browser profile; any request to the outside is a failure."""
    context = chromium.new_context(
        viewport={"width": width, "height": height},
        color_scheme=scheme,  # type: ignore[arg-type]
        locale="zh-CN",
        timezone_id="America/New_York",  # what is shown is Shanghai's all the same
    )
    context.set_default_timeout(60_000)
    outside: list[str] = []
    context.on("request", lambda request: outside.append(request.url))
    yield context
    context.close()
    assert [url for url in outside if not OURS.match(url)] == []


def open_page(context: BrowserContext, address: str) -> Page:
    """Open an address and wait until the page has said something and no script runs."""
    page = context.new_page()
    page.goto(address)
    page.locator(READY).first.wait_for()
    settled(page)
    return page


def settled(page: Page) -> None:
    """Wait until the script has ended and its charts are drawn; no bug may show."""
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
    page.wait_for_function(
        "() => !document.querySelector('[data-stale=true], [data-testid=stSkeleton]')"
    )
    for chart in page.locator("[data-testid=stVegaLiteChart]").all():
        chart.locator("canvas, svg").first.wait_for()
    page.wait_for_function(STILL)
    expect(page.locator(".stException")).to_have_count(0)


def darken(page: Page) -> None:
    """Turn the reader's screen dark and wait until all of the page has followed."""
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(DARK)
    settled(page)


def fits(page: Page) -> bool:
    """Tell whether nothing has to be scrolled sideways, once the charts have followed the width."""
    try:
        page.wait_for_function(
            "() => [document.documentElement, document.querySelector('[data-testid=stMain]')]"
            ".every(e => e.scrollWidth <= e.clientWidth)",
            timeout=5_000,
        )
    except Late:
        return False
    return True


def picture(page: Page, name: str) -> None:
    """Keep a picture for the documentation, when asked to."""
    if os.environ.get("TINGFENG_SCREENSHOTS") != "1":
        return
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.wait_for_timeout(600)
    taken = Image.open(BytesIO(page.screenshot(animations="disabled")))
    few = taken.convert("RGB").quantize(256, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    few.save(PICTURES / f"{name}.png", optimize=True)  # a third of the size, no hue lost
