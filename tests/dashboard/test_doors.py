"""The door: who gets in, who does not, and what a stranger learns."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any, TypeVar

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from dashboard import viewer
from dashboard.doors import Doors, Gate
from dashboard.viewer import COOKIE, Right
from data import passwords
from data.settings import Settings
from data.store import accounts
from data.store.accounts import LOCK, SESSION
from data.store.db import Store
from tests.conftest import NOW

Answer = TypeVar("Answer")
FIRST, CHOSEN = "the first password", "风声雨声读书声声声入耳呀"
HERE = {"origin": "http://testserver"}


def run(asked: Coroutine[Any, Any, Answer]) -> Answer:
    """Await in a thread of its own: a test beside us may have left a loop running in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, asked).result()


class Browser:
    """A browser that keeps cookies and follows no redirect."""

    def __init__(self, app: Starlette) -> None:
        self.app = app
        self.cookies = httpx.Cookies()

    def get(self, path: str) -> httpx.Response:
        return run(self._ask("GET", path))

    def post(self, path: str, **more: Any) -> httpx.Response:
        return run(self._ask("POST", path, **more))

    async def _ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        transport = httpx.ASGITransport(app=self.app)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://testserver", cookies=self.cookies
        ) as client:
            answer = await client.request(method, path, **more)
            self.cookies = client.cookies
            return answer


class Clock:
    moment = NOW

    def __call__(self) -> datetime:
        return self.moment


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def browser(store: Store, clock: Clock) -> Browser:
    with store.write() as conn:
        accounts.add(conn, "小林", "compliance", passwords.hashed(FIRST), NOW)
    doors = Doors(Settings(database=f"sqlite:///{store.file}"), store, clock)
    secret = Route("/feed", lambda _: PlainTextResponse("secret"))
    app = Starlette(
        routes=[*doors.routes(), secret], middleware=[Middleware(Gate, known=doors.known)]
    )
    return Browser(app)


async def _handshake(app: Starlette) -> list[Any]:
    """Ask for the socket over which all that pages show is sent; return what was answered."""
    sent: list[Any] = []

    async def receive() -> dict[str, str]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "websocket", "path": "/_stcore/stream", "headers": [], "query_string": b""}
    await app(scope, receive, send)
    return sent


def sign_in(browser: Browser, password: str, name: str = "小林", then: str = "/feed") -> int:
    answer = browser.post(
        f"/sign-in?next={then}", data={"name": name, "password": password}, headers=HERE
    )
    return int(answer.status_code)


def admitted(browser: Browser) -> None:
    assert sign_in(browser, FIRST) == 303
    words = {"old": FIRST, "password": CHOSEN, "again": CHOSEN}
    assert browser.post("/password?next=/feed", data=words, headers=HERE).status_code == 303


def test_without_a_session_there_is_only_the_door(browser: Browser) -> None:
    answer = browser.get("/feed?q=上门")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in?next=/feed%3Fq%3D")
    assert browser.get("/_stcore/host-config").status_code == 401
    assert browser.post("/feed").status_code == 401
    assert run(_handshake(browser.app)) == [{"type": "websocket.close", "code": 1008}]
    form = browser.get("/sign-in")
    assert form.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in form.headers["content-security-policy"]


def test_the_first_password_only_lets_one_choose_another(browser: Browser) -> None:
    assert sign_in(browser, FIRST) == 303
    assert browser.get("/feed").status_code == 303
    for password, again in (("short", "short"), (CHOSEN, "other"), (FIRST, FIRST)):
        words = {"old": FIRST, "password": password, "again": again}
        assert browser.post("/password", data=words, headers=HERE).status_code == 400
    admitted(browser)
    assert browser.get("/feed").text == "secret"
    assert sign_in(browser, FIRST) == 401


def test_the_cookie_is_out_of_reach_of_scripts(browser: Browser) -> None:
    answer = browser.post("/sign-in", data={"name": "小林", "password": FIRST}, headers=HERE)
    told = answer.headers["set-cookie"]
    assert "HttpOnly" in told
    assert "SameSite=lax" in told


def test_five_wrong_passwords_lock_and_time_unlocks(browser: Browser, clock: Clock) -> None:
    admitted(browser)
    for _ in range(5):
        assert sign_in(browser, "wrong") == 401
    locked = browser.post("/sign-in", data={"name": "小林", "password": CHOSEN}, headers=HERE)
    assert "15 分钟后" in locked.text
    stranger = browser.post("/sign-in", data={"name": "小林", "password": "wrong"}, headers=HERE)
    nobody = browser.post("/sign-in", data={"name": "无此人", "password": "wrong"}, headers=HERE)
    assert stranger.text == nobody.text  # which names exist, and which are locked, stays unsaid
    clock.moment = NOW + LOCK
    assert sign_in(browser, CHOSEN) == 303


def test_a_session_ends_by_itself_and_by_signing_out(browser: Browser, clock: Clock) -> None:
    admitted(browser)
    clock.moment = NOW + SESSION - timedelta(minutes=1)
    assert browser.get("/feed").text == "secret"
    clock.moment = NOW + SESSION
    assert browser.get("/feed").status_code == 303
    clock.moment = NOW
    assert sign_in(browser, CHOSEN) == 303
    token = browser.cookies[COOKIE]
    assert browser.post("/sign-out", headers=HERE).status_code == 303
    browser.cookies = httpx.Cookies({COOKIE: token})
    assert browser.get("/feed").status_code == 303


def test_a_form_of_another_site_does_nothing(browser: Browser) -> None:
    words = {"name": "小林", "password": FIRST}
    answer = browser.post("/sign-in", data=words, headers={"origin": "https://evil.example"})
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    big = {"name": "小林", "password": "x" * 5_000}
    assert browser.post("/sign-in", data=big, headers=HERE).status_code == 403


@pytest.mark.parametrize(
    "then", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_the_way_back_leads_nowhere_else(browser: Browser, then: str) -> None:
    admitted(browser)
    answer = browser.post(
        "/sign-in", params={"next": then}, data={"name": "小林", "password": CHOSEN}, headers=HERE
    )
    assert answer.headers["location"] == "/"


def test_the_account_s_role_is_the_viewer_s_right(browser: Browser, store: Store) -> None:
    admitted(browser)
    chosen = Settings(database=f"sqlite:///{store.file}", dashboard={"sign_in": "accounts"})
    found = viewer.current(chosen, store, dict(browser.cookies), {}, {}, NOW)
    assert found is not None
    assert (found.name, found.right) == ("小林", Right.CASE)
    assert viewer.current(chosen, store, {COOKIE: "forged"}, {}, {}, NOW) is None
    assert viewer.current(chosen, store, {}, {"X-Forwarded-User": "小林"}, {}, NOW) is None


def test_a_proxy_s_header_names_the_viewer(store: Store) -> None:
    pages = {"sign_in": "header", "user_header": "Remote-User", "roles": {"lin@x.cn": "viewer"}}
    chosen = Settings(database=f"sqlite:///{store.file}", dashboard=pages)
    found = viewer.current(chosen, store, {}, {"Remote-User": "lin@x.cn"}, {}, NOW)
    assert found is not None
    assert found.right is Right.READ
    for headers in ({}, {"Remote-User": "other@x.cn"}, {"X-Forwarded-User": "lin@x.cn"}):
        assert viewer.current(chosen, store, {}, headers, {}, NOW) is None


def test_nobody_is_let_in_from_elsewhere_without_sign_in() -> None:
    for sign_in in ("none", "header"):
        with pytest.raises(ValueError, match=r"loopback|without sign-in"):
            Settings(dashboard={"host": "0.0.0.0", "sign_in": sign_in})
    assert Settings(dashboard={"host": "0.0.0.0", "sign_in": "accounts"}).dashboard.port
