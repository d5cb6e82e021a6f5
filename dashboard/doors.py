"""The door of the pages: sign in, choose a password, sign out. Plain HTML, no Streamlit, no script.

Whoever has no session gets no page: ``Gate`` answers every other request with the way to the door.
The cookie is HttpOnly and SameSite=Lax; a form from another site is refused by its Origin.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from html import escape
from http.cookies import SimpleCookie
from pathlib import Path
from string import Template
from urllib.parse import parse_qs, quote, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from dashboard import words
from dashboard.viewer import COOKIE
from data import passwords
from data.settings import Settings
from data.store import accounts
from data.store.accounts import SESSION, Account
from data.store.db import Store

OPEN = ("/sign-in", "/password", "/sign-out", "/_stcore/health")
"""Paths that need no session."""
BODY_LIMIT = 4_096
"""Bytes of a form; a name and two passwords need less."""


class Doors:
    """The routes of the door, over one store."""

    def __init__(self, settings: Settings, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock
        self._t = words.load(settings.dashboard.language)
        self._secure = settings.alerts.public_url.startswith("https")

    def routes(self) -> list[Route]:
        """Return what is to be mounted beside the pages."""
        return [
            Route("/sign-in", self.sign_in, methods=["GET", "POST"]),
            Route("/password", self.password, methods=["GET", "POST"]),
            Route("/sign-out", self.sign_out, methods=["GET", "POST"]),
        ]

    async def sign_in(self, request: Request) -> Response:
        """Show the form, or begin a session."""
        then = inside(request.query_params.get("next", "/"))
        if request.method == "GET":
            return self._form("sign_in", ("name", "password"), f"/sign-in?next={quote(then)}")
        form = await _form_of(request)
        if form is None:
            return self._form("sign_in", ("name", "password"), "/sign-in", "foreign", 403)
        token, wrong = await run_in_threadpool(self._check, form["name"], form["password"])
        if wrong:
            again = f"/sign-in?next={quote(then)}"
            return self._form("sign_in", ("name", "password"), again, wrong, 401)
        changing = not self.known(token)
        return self._let_in(f"/password?next={quote(then)}" if changing else then, token)

    async def password(self, request: Request) -> Response:
        """Let somebody who has signed in choose another password."""
        known = self._known(request.cookies.get(COOKIE, ""))
        then = inside(request.query_params.get("next", "/"))
        here = f"/password?next={quote(then)}"
        if known is None:
            return RedirectResponse("/sign-in", 303)
        if request.method == "GET":
            return self._form("choose", ("old", "password", "again"), here)
        form = await _form_of(request)
        if form is None:
            return self._form("choose", ("old", "password", "again"), here, "foreign", 403)
        wrong = await run_in_threadpool(self._choose, known, form)
        if wrong:
            return self._form("choose", ("old", "password", "again"), here, wrong, 400)
        with self._store.write() as conn:
            token = accounts.begin(conn, known.name, self._clock())
        return self._let_in(then, token)

    async def sign_out(self, request: Request) -> Response:
        """Ask once, then end the session."""
        if request.method == "GET":
            return self._form("sign_out", (), "/sign-out")
        if _foreign(request):
            return RedirectResponse("/", 303)
        with self._store.write() as conn:
            accounts.end(conn, request.cookies.get(COOKIE, ""))
        answer = RedirectResponse("/sign-in", 303)
        answer.delete_cookie(COOKIE, path="/")
        return answer

    def known(self, token: str) -> bool:
        """Tell whether a session may see pages."""
        found = self._known(token)
        return found is not None and not found.must_change

    def _known(self, token: str) -> Account | None:
        if not token:
            return None
        with self._store.read() as conn:
            return accounts.of_session(conn, token, self._clock())

    def _check(self, name: str, password: str) -> tuple[str, str]:
        """Return the token of a new session, or what is wrong; a lock is told to nobody else."""
        now = self._clock()
        with self._store.read() as conn:
            found = accounts.get(conn, name)
        right = passwords.matches(found.password if found else passwords.NOBODY, password)
        if found is None or found.disabled:
            return "", "wrong"
        if found.locked(now):
            return "", "locked" if right else "wrong"
        with self._store.write() as conn:
            if not right:
                accounts.failed(conn, name, now)
                return "", "wrong"
            return accounts.begin(conn, name, now), ""

    def _choose(self, known: Account, form: dict[str, str]) -> str:
        if not passwords.matches(known.password, form["old"]):
            with self._store.write() as conn:
                accounts.failed(conn, known.name, self._clock())
            return "wrong"
        if form["password"] != form["again"]:
            return "differ"
        if form["password"] == form["old"] or passwords.weak(known.name, form["password"]):
            return "weak"
        with self._store.write() as conn:
            accounts.choose(conn, known.name, passwords.hashed(form["password"]), self._clock())
        return ""

    def _let_in(self, where: str, token: str) -> Response:
        answer = RedirectResponse(where, 303)
        answer.set_cookie(COOKIE, token, max_age=int(SESSION.total_seconds()), path="/",
                          httponly=True, samesite="lax", secure=self._secure)  # fmt: skip
        return answer

    def _form(
        self, kind: str, fields: tuple[str, ...], to: str, wrong: str = "", status: int = 200
    ) -> Response:
        t = self._t
        rows = "".join(
            f'<label for="{name}">{escape(t.of("door", _label(kind, name)))}</label>'
            f'<input id="{name}" name="{name}" required maxlength="{passwords.MOST}"'
            f' type="{"text" if name == "name" else "password"}"'
            f' autocomplete="{_COMPLETE[name]}">'
            for name in fields
        )
        problem = f'<p role="alert">{escape(t.of("door", wrong))}</p>'
        title = escape(t.of("door", kind))
        page = _PAGE.substitute(
            lang=t.language, title=title, to=escape(to), rows=rows,
            problem=problem if wrong else "",
            note=f"<p>{escape(t.of('door', 'rule'))}</p>" if kind == "choose" else "",
        )  # fmt: skip
        return HTMLResponse(page, status, headers=_HEADERS)


class Gate:
    """Let a request pass to the pages only with a session; a browser is shown to the door."""

    def __init__(self, app: ASGIApp, known: Callable[[str], bool]) -> None:
        self._app = app
        self._known = known

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, redirect, or refuse."""
        if scope["type"] not in {"http", "websocket"} or scope["path"] in OPEN:
            await self._app(scope, receive, send)
            return
        if await run_in_threadpool(self._known, _token(scope)):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()  # the handshake, which is then refused
            await send({"type": "websocket.close", "code": 1008})
        elif scope["method"] == "GET" and "/_stcore/" not in scope["path"]:
            query = scope["query_string"].decode("latin-1")
            asked = scope["path"] + (f"?{query}" if query else "")
            await RedirectResponse(f"/sign-in?next={quote(asked)}", 303)(scope, receive, send)
        else:
            await Response(status_code=401)(scope, receive, send)


def utc_now() -> datetime:
    """Return the present moment: the door has a clock of its own, as the pages have."""
    return datetime.now(UTC)  # noqa: TID251  # the door is an entry, like app.py


def _label(kind: str, field: str) -> str:
    return "new" if (kind, field) == ("choose", "password") else field


_COMPLETE = {"name": "username", "password": "current-password", "old": "current-password",
             "again": "new-password"}  # fmt: skip
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}
_PAGE = Template(Path(__file__).with_name("door.html").read_text("utf-8"))


async def _form_of(request: Request) -> dict[str, str] | None:
    """Return the fields of a form of ours; None for one from elsewhere, or too large."""
    if _foreign(request):
        return None
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > BODY_LIMIT:
            return None
    fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
    return {name: fields.get(name, [""])[0] for name in ("name", "password", "old", "again")}


def _foreign(request: Request) -> bool:
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != request.headers.get("host")


def inside(path: str) -> str:
    """Return a path of these pages; anything that could lead elsewhere is the first page."""
    plain = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if plain and "\\" not in path else "/"


def _token(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"cookie":
            cookie = SimpleCookie(value.decode("latin-1"))
            if COOKIE in cookie:
                return cookie[COOKIE].value
    return ""
