"""Sign-in by an identity provider: what Streamlit's own ``st.login`` is given, and the way back.

Authorization code with PKCE (S256) where the provider offers it, ``state`` and ``nonce``; the ID
token's signature, issuer, audience and times are checked by Authlib (OpenID Connect Core 1.0,
3.1.3.7). Who may do what is decided in ``viewer.py`` from the token's claims. No Streamlit here.
"""

from __future__ import annotations

from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import quote, unquote

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.doors import inside
from data.keys import cookie_key
from data.settings import Settings

CALLBACK = "/oauth2callback"
WAY = "tingfeng_way"
WAY_SECONDS = 600
"""A sign-in takes no longer than this; the page that was asked for is then forgotten."""
LONGEST = 1_800
"""Characters of an address that a cookie can hold."""


def address(settings: Settings) -> str:
    """Return where a browser finds the pages: the public address, or our own."""
    pages = settings.dashboard
    return settings.alerts.public_url or f"http://{pages.host}:{pages.port}"


def secrets(settings: Settings) -> dict[str, Any]:
    """Return the section ``auth`` of Streamlit's secrets; it is never written to a file."""
    oidc = settings.dashboard.oidc
    assert oidc.client_secret is not None  # the settings refuse to be without
    return {
        "auth": {
            "redirect_uri": f"{address(settings)}{CALLBACK}",
            "cookie_secret": cookie_key(settings),
            "client_id": oidc.client_id,
            "client_secret": oidc.client_secret.get_secret_value(),
            "server_metadata_url": f"{oidc.issuer}/.well-known/openid-configuration",
        }
    }


class WayBack:
    """Lead whoever has signed in to the page they had asked for, not to the first one.

    A link in an alert would otherwise be lost on the way through the provider.
    """

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        self._app = app
        self._secure = "; Secure" if secure else ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Remember which page is asked for; change where the provider's answer leads."""

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._mark(scope, message)
            await send(message)

        await self._app(scope, receive, answer if scope["type"] == "http" else send)

    def _mark(self, scope: Scope, message: Message) -> None:
        headers = MutableHeaders(scope=message)
        if scope["path"] == CALLBACK:
            if "location" in headers and not headers["location"].startswith("http"):
                headers["location"] = inside(unquote(_cookie(scope, WAY)) or "/")
        elif scope["method"] == "GET" and "text/html" in headers.get("content-type", ""):
            query = scope["query_string"].decode("latin-1")
            asked = quote(scope["path"] + (f"?{query}" if query else ""), safe="")
            if len(asked) <= LONGEST and not scope["path"].startswith(("/_stcore", "/auth")):
                rules = f"Max-Age={WAY_SECONDS}; Path=/; HttpOnly; SameSite=Lax{self._secure}"
                headers.append("set-cookie", f"{WAY}={asked}; {rules}")


def _cookie(scope: Scope, name: str) -> str:
    found = SimpleCookie(Headers(scope=scope).get("cookie", "")).get(name)
    return found.value if found else ""
