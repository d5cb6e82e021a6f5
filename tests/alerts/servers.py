"""Real servers on loopback that answer as a test tells them."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Web:
    """What a receiver got, and what it answers: statuses in turn, the last one for ever."""

    answers: Sequence[int] = (200,)
    reply: str = "ok"
    url: str = ""
    on_got: Callable[[], None] = lambda: None  # what happens between taking and answering
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


@contextmanager
def web(answers: Sequence[int] = (200,), reply: str = "ok", cut: bool = False) -> Iterator[Web]:
    """Run an HTTP receiver; ``cut`` closes the line after the request was read."""
    state = Web(answers, reply)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            state.got.append((dict(self.headers), body))
            state.on_got()
            if cut:
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            place = min(len(state.got), len(state.answers)) - 1
            self.send_response(state.answers[place])
            self.end_headers()
            self.wfile.write(state.reply.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_port}/hook"
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def script(lines: Sequence[str]) -> Iterator[int]:
    """Run a mail server that says these lines, one a command; "" closes the line instead.

    The first line is the greeting. After a ``354`` it reads to the lone full stop.
    """
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(10)

    def serve() -> None:
        with listener.accept()[0] as line, line.makefile("rwb") as file:
            data = False
            for said in lines:
                if not said:
                    return
                file.write(said.encode() + b"\r\n")
                file.flush()
                data = said.startswith("354")
                while (got := file.readline()) and data and got != b".\r\n":
                    pass

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.close()
        thread.join(10)


def closed_port() -> int:
    """Return a port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])


@contextmanager
def serve(answer: Callable[[str, bytes], bytes | None]) -> Iterator[str]:
    """Run an HTTP server that answers 200 with what a function says; None cuts the line."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            said = answer(self.path, self.rfile.read(int(self.headers["Content-Length"])))
            if said is None:
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            self.send_response(200)
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
