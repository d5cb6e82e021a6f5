"""Signing in, each way, in a real browser: a provider, a proxy, our own accounts, and nobody."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from data import passwords
from data.store import accounts
from data.store.db import Store
from tests.browser.conftest import Serve, Site
from tests.browser.looking import open_page, settled, visitor
from tests.browser.provider import CLIENT, SECRET, Provider
from tests.browser.proxy import Proxy
from tests.conftest import NOW

pytestmark = pytest.mark.browser

FIRST = "the first password"
CHOSEN = "长安一片月万户捣衣声秋风吹"


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with Provider() as running:
        yield running


@pytest.fixture
def by_provider(serve: Serve, provider: Provider) -> Iterator[Site]:
    pages = (
        'sign_in = "oidc"\nroles = { "lin@chenghu.example" = "compliance" }\n'
        f'[dashboard.oidc]\nissuer = "{provider.issuer}"\nclient_id = "{CLIENT}"\n'
        'groups = "groups"\ngroup_roles = { "公关部" = "analyst", "全员" = "viewer" }\n'
    )
    yield serve("crisis", pages, TINGFENG_DASHBOARD__OIDC__CLIENT_SECRET=SECRET)
    provider.wrong = ""


def through_provider(context: BrowserContext, address: str, person: str) -> Page:
    page = context.new_page()
    page.goto(address)
    page.get_by_role("button", name=re.compile("登录|Sign in")).click()
    page.get_by_role("link", name=person, exact=True).click()
    page.wait_for_url(re.compile(address.split("/")[2]))
    return page


def test_a_provider_s_person_lands_where_the_link_led(
    chromium: Browser, by_provider: Site, provider: Provider
) -> None:
    with visitor(chromium) as context:
        asked = f"{by_provider.address}/incidents?id=1&lang=en"
        page = through_provider(context, asked, "lin")
        page.locator(".tf-headline").wait_for()
        assert page.url == asked
        settled(page)
        expect(page.get_by_text("Signed in: lin@chenghu.example")).to_be_visible()
        expect(page.get_by_role("button", name="I'll take it")).to_be_visible()
        kept = {one["name"]: one for one in context.cookies()}["_streamlit_user"]
        assert (kept["httpOnly"], kept["sameSite"]) == (True, "Lax")
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("button", name="Sign in")).to_be_visible()
        expect(page.locator(".tf-headline, article")).to_have_count(0)
        assert "_streamlit_user" not in {one["name"] for one in context.cookies()}
    assert provider.refused == []


def test_a_group_of_the_provider_gives_its_highest_role(
    chromium: Browser, by_provider: Site
) -> None:
    with visitor(chromium) as context:
        page = through_provider(context, f"{by_provider.address}/cases", "wang")
        expect(page.get_by_text("已登录：wang@chenghu.example")).to_be_visible()
        page = open_page(context, f"{by_provider.address}/desk")
        expect(page.get_by_role("button", name="改标")).to_be_visible()  # an analyst labels
        expect(page.get_by_role("button", name="立案")).to_have_count(0)  # and opens no case


@pytest.mark.parametrize("person", ["stranger", "unverified"])
def test_whom_nobody_gave_a_role_sees_nothing(
    chromium: Browser, by_provider: Site, person: str
) -> None:
    with visitor(chromium) as context:
        page = through_provider(context, f"{by_provider.address}/incidents?id=1", person)
        expect(page.get_by_text("您还没有角色")).to_be_visible()
        expect(page.locator(".tf-headline, article, nav")).to_have_count(0)
        expect(page.get_by_role("button", name="退出登录")).to_be_visible()


def test_a_bad_token_lets_nobody_in(
    chromium: Browser, by_provider: Site, provider: Provider
) -> None:
    with visitor(chromium) as context:
        page = context.new_page()
        page.goto(by_provider.address)
        for wrong in ("key", "nonce", "audience", "issuer", "old"):
            provider.wrong = wrong
            page.get_by_role("button", name="登录").click()
            page.get_by_role("link", name="lin", exact=True).click()
            expect(page.get_by_role("button", name="登录")).to_be_visible()
            assert "_streamlit_user" not in {one["name"] for one in context.cookies()}, wrong


def test_a_refusal_and_a_forged_cookie_let_nobody_in(chromium: Browser, by_provider: Site) -> None:
    claims = {"is_logged_in": True, "email": "lin@chenghu.example", "email_verified": True}
    with visitor(chromium) as context:
        page = through_provider(context, by_provider.address, "cancel")
        expect(page.get_by_role("button", name="登录")).to_be_visible()
        forged = json.dumps(claims).encode().hex()
        context.add_cookies(
            [{"name": "_streamlit_user", "value": forged, "url": by_provider.address}]
        )
        page.goto(f"{by_provider.address}/feed")
        expect(page.get_by_role("button", name="登录")).to_be_visible()
        expect(page.locator("article")).to_have_count(0)


def test_a_proxy_says_who_it_is_and_nobody_else_can(chromium: Browser, serve: Serve) -> None:
    pages = 'sign_in = "header"\nroles = { lin = "viewer", wang = "analyst" }\n'
    site = serve("crisis", pages)
    with visitor(chromium) as context:
        context.set_extra_http_headers({"X-Forwarded-User": "wang"})
        with Proxy(site.port, "X-Forwarded-User", "lin") as proxy:
            page = open_page(context, f"{proxy.address}/incidents?id=1")
            expect(page.get_by_text("已登录：lin")).to_be_visible()
            expect(page.get_by_role("button", name="我来处理")).to_have_count(0)
            page.close()
        with Proxy(site.port, "X-Forwarded-User", "nobody") as proxy:
            page = open_page(context, f"{proxy.address}/incidents?id=1")
            expect(page.get_by_text("请先登录")).to_be_visible()
            expect(page.locator(".tf-headline, article, nav")).to_have_count(0)
            page.close()


def test_an_account_s_first_password_must_be_changed(chromium: Browser, serve: Serve) -> None:
    site = serve("crisis", 'sign_in = "accounts"\n')
    store = Store(site.database)
    with store.write() as conn:
        accounts.add(conn, "小林", "viewer", passwords.hashed(FIRST), NOW)
    store.dispose()
    with visitor(chromium) as context:
        page = context.new_page()
        page.goto(f"{site.address}/incidents?id=1")
        fill(page, name="小林", password=FIRST)
        page.wait_for_url(re.compile("/password"))
        fill(page, old=FIRST, password=CHOSEN, again=CHOSEN)
        page.locator(".tf-headline").wait_for()
        settled(page)
        expect(page.get_by_text("已登录：小林")).to_be_visible()
        expect(page.get_by_role("button", name="我来处理")).to_have_count(0)  # a viewer only reads
        page.get_by_role("link", name="退出登录").click()
        page.get_by_role("button", name="退出登录").click()
        page.goto(f"{site.address}/desk")
        expect(page.locator("#password")).to_be_visible()


def fill(page: Page, **fields: str) -> None:
    """Fill in a form of the door and send it."""
    for name, value in fields.items():
        page.locator(f"#{name}").fill(value)
    page.get_by_role("button").click()
