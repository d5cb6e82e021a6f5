"""The page behind a link: it shows what would be done, and does it only when a person confirms.

Chat programs and mail scanners open links by themselves, so a GET never changes anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from html import escape
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs

from sqlalchemy import Connection

from alerts import links, notices
from alerts.links import Link
from alerts.rota import on_call
from alerts.words import Language, say
from data.errors import PortTaken
from data.facts.levels import levels
from data.keys import link_key
from data.model import Incident, IncidentState
from data.settings import Settings
from data.store import incidents
from data.store.db import Store

HOST = "127.0.0.1"
_MOST = 2_000
"""Bytes of a form; a name needs fewer."""
_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self';"
    " frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "no-referrer",  # the address is the right to act
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
Clock = Callable[[], datetime]
Answer = tuple[HTTPStatus, str]


@dataclass(frozen=True, slots=True)
class Desk:
    """What answers: reads the link, shows the page, writes the event."""

    store: Store
    settings: Settings
    clock: Clock

    def heartbeat(self) -> Answer:
        """Answer an outside watcher: 200 while messages get out, 503 when they do not."""
        well, said = notices.health(self.settings, self.clock())
        return HTTPStatus.OK if well else HTTPStatus.SERVICE_UNAVAILABLE, escape(said)

    def show(self, text: str) -> Answer:
        """Answer a GET: what the link would do; changes nothing."""
        now = self.clock()
        link = links.read(text, link_key(self.settings))
        if link is None:
            return self._said(HTTPStatus.NOT_FOUND, "link_wrong")
        with self.store.read() as conn:
            incident = incidents.get(conn, link.incident)
            refused = self._refusal(conn, link, incident, now)
        if refused is not None or incident is None:
            return self._refused(refused or "link_wrong", incident)
        return HTTPStatus.OK, self._form(link, incident, now)

    def act(self, text: str, by: str) -> Answer:
        """Answer a POST: do it once, and say so."""
        now, name = self.clock(), " ".join(by.split())[:64]
        link = links.read(text, link_key(self.settings))
        if link is None:
            return self._said(HTTPStatus.NOT_FOUND, "link_wrong")
        if not name:
            return self._said(HTTPStatus.BAD_REQUEST, "link_name_missing")
        with self.store.write() as conn:
            incidents.hold(conn, link.incident)
            incident = incidents.get(conn, link.incident)
            refused = self._refusal(conn, link, incident, now)
            if refused is None:
                incidents.note(conn, link.incident, link.act, name, now, {"link": link.number})
        if refused is not None:
            return self._refused(refused, incident)
        return self._said(HTTPStatus.OK, f"link_done_{link.act}", name=name)

    def _refusal(
        self, conn: Connection, link: Link, incident: Incident | None, now: datetime
    ) -> str | None:
        """Return the key of the sentence that says why the link does nothing, or None."""
        if incident is None or link.act not in links.ACTS:
            return "link_wrong"
        if now >= link.expires:
            return "link_expired"
        events = incidents.events(conn, link.incident)
        if any(event.detail.get("link") == link.number for event in events):
            return "link_used"
        if incident.state is IncidentState.CLOSED:
            return "link_closed"
        done = any(event.what == link.act for event in events)
        if link.act == "acknowledged":
            done = incident.state is IncidentState.ACKNOWLEDGED
        return "link_done_already" if done else None

    def _refused(self, key: str, incident: Incident | None) -> Answer:
        status = HTTPStatus.NOT_FOUND if key == "link_wrong" else HTTPStatus.GONE
        return self._said(status, key, name=incident.owner if incident else "")

    def _said(self, status: HTTPStatus, key: str, **values: str) -> Answer:
        return status, self._page(f"<p>{escape(say(self._language, key, **values))}</p>")

    def _form(self, link: Link, incident: Incident, now: datetime) -> str:
        duty = on_call(self.settings.alerts.rota, now)
        name = incident.owner or (duty.name if duty else "")
        fact = levels(self.settings.alerts.levels)[incident.level]
        level = fact.zh if self._language == "zh" else fact.en
        asked = escape(say(self._language, "link_your_name"))
        return self._page(
            f"<h1>【{escape(level)}】{escape(incident.title)}</h1>"
            f"<form method='post'><label>{asked}<br>"
            f"<input name='by' maxlength='64' required value='{escape(name, quote=True)}'></label>"
            f"<p><button>{escape(say(self._language, f'link_{link.act}'))}</button></p></form>"
        )

    def _page(self, body: str) -> str:
        return (
            f"<!DOCTYPE html><html lang='{self._language}'><meta charset='utf-8'>"
            "<meta name='viewport' content='width=device-width,initial-scale=1'><title>听风</title>"
            "<style>body{font:17px/1.6 system-ui,sans-serif;margin:24px;max-width:36em}h1{"
            "font-size:20px}input,button{font:inherit;padding:10px;width:100%;box-sizing:"
            f"border-box}}</style>{body}</html>"
        )

    @property
    def _language(self) -> Language:
        return self.settings.dashboard.language


@contextmanager
def serving(
    store: Store, settings: Settings, clock: Clock, port: int | None = None
) -> Iterator[int]:
    """Answer links on loopback while the block lasts; yield the port. Raises PortTaken."""
    desk = Desk(store, settings, clock)
    wanted = settings.alerts.answer_port if port is None else port
    try:
        server = ThreadingHTTPServer((HOST, wanted), _handler(desk))
    except OSError as error:
        raise PortTaken(
            f"{HOST}:{wanted}: links cannot be answered here ({error.strerror}); "
            "stop the other program, or change `alerts.answer_port`"
        ) from None
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, args=(0.1,), name="answering", daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(desk: Desk) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 10  # a caller that says nothing holds a thread no longer
        server_version, sys_version = "Tingfeng", ""

        def do_GET(self) -> None:
            """Show."""
            if self.path == "/heartbeat":
                self._answer(*desk.heartbeat())
                return
            text = self._token()
            self._answer(*(desk.show(text) if text else _NOTHING))

        def do_HEAD(self) -> None:
            """Show, without the body."""
            self.do_GET()

        def do_POST(self) -> None:
            """Do."""
            text, length = self._token(), self.headers.get("Content-Length", "")
            if not text or not length.isdigit() or int(length) > _MOST:
                self._answer(*_NOTHING)
                return
            form = parse_qs(self.rfile.read(int(length)).decode("utf-8", "replace"))
            self._answer(*desk.act(text, form.get("by", [""])[0]))

        def _token(self) -> str:
            head, _, text = self.path.partition("?")[0].rpartition("/")
            return text if head.endswith("/ack") else ""

        def _answer(self, status: HTTPStatus, page: str) -> None:
            body = page.encode()
            self.send_response(status)
            for name, value in {**_HEADERS, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Log nothing: the address is the right to act."""

    return Handler


_NOTHING: Answer = (HTTPStatus.NOT_FOUND, "404")
