"""Three people with accounts, and how they come in."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import quote

from playwright.sync_api import BrowserContext, Page

from dashboard.viewer import COOKIE
from data import passwords
from data.errors import InputError
from data.store import accounts
from data.store.db import Store
from tests.browser.conftest import Serve, Site
from tests.browser.looking import READY, settled

PASSWORD = "长安一片月万户捣衣声秋风吹"
PEOPLE = {"王敏": "analyst", "李宁": "compliance", "陈总": "viewer"}


def small_team(serve: Serve, apart: str = "") -> Site:
    """Serve the crisis behind our own door, with the three; ``apart`` names a copy of one's own."""
    site = serve("crisis", f'sign_in = "accounts"\n# {apart}\n')
    store, now = Store(site.database), datetime.now(UTC)  # noqa: TID251  # sessions run by it
    with store.write() as conn:
        for name, role in PEOPLE.items():
            try:
                accounts.add(conn, name, role, passwords.hashed(PASSWORD), now)
            except InputError:
                continue  # another test has them already
            accounts.choose(conn, name, passwords.hashed(PASSWORD), now)
    store.dispose()
    return site


def session(site: Site, name: str) -> str:
    """Begin a session behind the door's back, as its cookie's header."""
    store, now = Store(site.database), datetime.now(UTC)  # noqa: TID251  # sessions run by it
    with store.write() as conn:
        token = accounts.begin(conn, name, now)
    store.dispose()
    return f"{COOKIE}={token}"


def come(context: BrowserContext, site: Site, name: str, path: str) -> Page:
    """Ask for a page, sign in at the door, and land on it."""
    page = context.new_page()
    page.goto(f"{site.address}/{path}")
    assert "/sign-in?next=" in page.url, quote(page.url)
    page.locator("#name").fill(name)
    page.locator("#password").fill(PASSWORD)
    page.get_by_role("button").click()
    page.locator(READY).first.wait_for()
    settled(page)
    return page
