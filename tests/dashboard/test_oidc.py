"""A provider's word: whom its claims make of somebody, and the way back to what was asked for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from dashboard import oidc, viewer
from dashboard.viewer import Right, Viewer
from data.errors import ConfigError
from data.settings import Settings, load
from data.store.accounts import SESSION
from data.store.db import Store
from tests.conftest import NOW
from tests.dashboard.test_doors import Browser

PROVIDER = {
    "issuer": "https://id.example",
    "client_id": "tingfeng",
    "client_secret": "sesam",
    "groups": "groups",
    "group_roles": {"公关部": "analyst", "全员": "viewer"},
}
LIN = {"is_logged_in": True, "iat": NOW.timestamp(), "email": "Lin@x.cn", "email_verified": True}


def settings(**more: Any) -> Settings:
    pages = {"sign_in": "oidc", "roles": {"lin@X.cn": "compliance"}, "oidc": PROVIDER | more}
    return Settings(dashboard=pages)


def who(claims: Mapping[str, Any], store: Store, **more: Any) -> Viewer | None:
    return viewer.current(settings(**more), store, {}, {}, claims, NOW)


@pytest.mark.parametrize(
    ("changes", "right"),
    [
        ({}, Right.CASE),
        ({"groups": ["公关部"]}, Right.CASE),
        ({"email": "wang@x.cn", "groups": ["公关部", "全员"]}, Right.ACT),
        ({"email": "wang@x.cn", "groups": "全员"}, Right.READ),
        ({"email": "wang@x.cn", "groups": ["别的部门"]}, None),
        ({"email": "wang@x.cn"}, None),
        ({"email_verified": False}, None),
        ({"email_verified": None}, None),
        ({"email_verified": "true"}, Right.CASE),
        ({"email": ""}, None),
        ({"email": ["lin@x.cn"]}, None),
        ({"is_logged_in": False}, None),
        ({"iat": None}, None),
        ({"iat": (NOW - SESSION).timestamp()}, None),
        ({"iat": (NOW - SESSION + timedelta(seconds=1)).timestamp()}, Right.CASE),
    ],
)
def test_claims_make_a_viewer_or_nobody(
    changes: dict[str, Any], right: Right | None, store: Store
) -> None:
    found = who(LIN | changes, store)
    assert (found and found.right) == right


def test_another_claim_can_name_a_person(store: Store) -> None:
    claims = LIN | {"sub": "u-1", "email_verified": False, "groups": ["公关部"]}
    assert who(claims, store, person="sub") == Viewer("u-1", Right.ACT)


def test_claims_count_for_nothing_in_another_way_of_signing_in(store: Store) -> None:
    for way in ("accounts", "header"):
        chosen = Settings(database=store.name, dashboard={"sign_in": way})
        assert viewer.current(chosen, store, {}, {}, LIN, NOW) is None


def test_secrets_come_from_the_settings_and_never_print(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TINGFENG_DASHBOARD__OIDC__CLIENT_SECRET", "sesam-oeffne-dich")
    file = tmp_path / "settings.toml"
    file.write_text(
        f'var = "{tmp_path / "var"}"\n[alerts]\npublic_url = "https://t.example"\n'
        '[dashboard]\nsign_in = "oidc"\n[dashboard.oidc]\n'
        'issuer = "https://id.example/realm"\nclient_id = "tingfeng"\n'
    )
    chosen = load(file)
    told = oidc.secrets(chosen)["auth"]
    assert told["client_secret"] == "sesam-oeffne-dich"
    assert told["redirect_uri"] == "https://t.example/oauth2callback"
    assert told["server_metadata_url"].startswith("https://id.example/realm/.well-known/")
    assert len(told["cookie_secret"]) == 64
    assert told == oidc.secrets(chosen)["auth"]  # a restart signs nobody out
    assert "sesam" not in repr(chosen) + chosen.model_dump_json()


@pytest.mark.parametrize(
    ("missing", "sentence"),
    [
        ({"issuer": ""}, "oidc.issuer: .*needs it"),
        ({"client_id": ""}, "oidc.client_id: .*needs it"),
        ({"client_secret": None}, "oidc.client_secret: .*needs it"),
        ({"issuer": "http://id.example"}, "oidc.issuer: a provider elsewhere .*https"),
    ],
)
def test_a_provider_that_is_half_set_up_is_refused(
    missing: dict[str, Any], sentence: str, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match=sentence):
        settings(**missing)
    file = tmp_path / "settings.toml"
    file.write_text('[dashboard]\nsign_in = "oidc"\n')
    with pytest.raises(ConfigError, match=r"dashboard: oidc\.issuer"):
        load(file)


def test_a_provider_may_open_the_pages_to_others() -> None:
    pages = {"sign_in": "oidc", "host": "0.0.0.0", "oidc": PROVIDER}
    assert Settings(dashboard=pages).dashboard.host == "0.0.0.0"


async def _page(_: Request) -> Response:
    return HTMLResponse("page")


async def _answer(request: Request) -> Response:
    return RedirectResponse(request.query_params.get("to", "/"), 302)


@pytest.fixture
def browser() -> Browser:
    routes = [Route("/oauth2callback", _answer), Route("/{rest:path}", _page)]
    return Browser(Starlette(routes=routes, middleware=[Middleware(oidc.WayBack, secure=True)]))


def test_the_answer_leads_to_the_page_that_was_asked_for(browser: Browser) -> None:
    told = browser.get("/incidents?id=2&lang=en").headers["set-cookie"]
    assert told.endswith("; Max-Age=600; Path=/; HttpOnly; SameSite=Lax; Secure")
    browser.cookies.set(oidc.WAY, told.split("=", 1)[1].split(";")[0])
    assert browser.get("/oauth2callback?code=1").headers["location"] == "/incidents?id=2&lang=en"
    away = browser.get("/oauth2callback?to=https://id.example/leave")
    assert away.headers["location"] == "https://id.example/leave"


@pytest.mark.parametrize("way", ["https%3A%2F%2Fevil.example", "%2F%2Fevil.example", ""])
def test_the_way_back_leads_nowhere_else(browser: Browser, way: str) -> None:
    browser.cookies.set(oidc.WAY, way)
    assert browser.get("/oauth2callback").headers["location"] == "/"
