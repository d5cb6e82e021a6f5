"""A reverse proxy on loopback that says who signed in, as those in front of the pages do."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import Self

END = b"\r\n\r\n"
LINE = b"\r\n"


class Proxy:
    """Pass everything on to ``port``, and say in ``header`` that it comes from ``person``.

    Whatever a visitor says in that header is dropped, or anyone could be anybody.
    """

    def __init__(self, port: int, header: str, person: str) -> None:
        self.port = port
        self.header, self.person = header.encode(), person.encode()
        self.door = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self.door.getsockname()[1]}"
        self.open: set[socket.socket] = set()
        self.threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        self._spawn(self._listen)
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self.door.shutdown(socket.SHUT_RDWR)
        self.door.close()
        for one in list(self.open):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        for thread in self.threads:
            thread.join(10)

    def _spawn(self, work: object, *args: object) -> None:
        thread = threading.Thread(target=work, args=args)  # type: ignore[arg-type]
        self.threads.append(thread)
        thread.start()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                self._spawn(self._serve, self.door.accept()[0])

    def _serve(self, visitor: socket.socket) -> None:
        """Serve one request: a connection that is kept alive would hide the next one's head."""
        with visitor, socket.create_connection(("127.0.0.1", self.port)) as pages:
            self.open |= {visitor, pages}
            with suppress(OSError):
                head = b""
                while END not in head:
                    part = visitor.recv(65_536)
                    if not part:
                        break
                    head += part
                if head:
                    pages.sendall(self._said(head))
                    back = threading.Thread(target=_pour, args=(pages, visitor))
                    back.start()
                    _pour(visitor, pages)
                    back.join()
            self.open -= {visitor, pages}

    def _said(self, head: bytes) -> bytes:
        lines, _, body = head.partition(END)
        upgraded = b"upgrade: websocket" in lines.lower()
        mine = self.header.lower() + b":"
        dropped = (mine,) if upgraded else (mine, b"connection:")
        kept = [line for line in lines.split(LINE) if not line.lower().startswith(dropped)]
        kept.append(self.header + b": " + self.person)
        if not upgraded:
            kept.append(b"Connection: close")
        return LINE.join(kept) + END + body


def _pour(source: socket.socket, into: socket.socket) -> None:
    with suppress(OSError):
        while part := source.recv(65_536):
            into.sendall(part)
    with suppress(OSError):
        into.shutdown(socket.SHUT_WR)
