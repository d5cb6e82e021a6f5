"""A mail server on loopback that keeps what it gets: the demo's inbox."""

from __future__ import annotations

import asyncio
import mailbox
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from data.errors import PortTaken


class Inbox:
    """Takes any mail from this machine and files it in a maildir."""

    def __init__(self, folder: Path) -> None:
        """Make the maildir if it is missing."""
        folder.parent.mkdir(parents=True, exist_ok=True)
        self._box = mailbox.Maildir(folder)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep one message; the server answers with what is returned here."""
        content = envelope.content
        assert isinstance(content, bytes)
        name = self._box.add(content)  # Maildir writes to tmp/ and renames: a reader sees it whole
        return f"250 kept as {name}"


@contextmanager
def serving(folder: Path, port: int = 0, host: str = "127.0.0.1") -> Iterator[int]:
    """Run the inbox while the block lasts and yield its port (0 picks a free one).

    Raises PortTaken when another program listens there.
    """
    try:
        # aiosmtpd would find out in its own thread, and leave its event loop open
        socket.create_server((host, port)).close()
    except OSError as error:
        raise PortTaken(
            f"{host}:{port}: the local inbox cannot listen here ({error.strerror}); "
            "stop the other program, or choose another port"
        ) from None
    controller = _Controller(Inbox(folder), hostname=host, port=port)
    controller.start()
    try:
        yield controller.bound_port
    finally:
        controller.stop()


class _Controller(Controller):
    """aiosmtpd's controller, able to take a free port: its own check asks for port 0 itself."""

    @property
    def bound_port(self) -> int:
        """The port that is really listened on."""
        assert isinstance(self.server, asyncio.Server)
        return int(self.server.sockets[0].getsockname()[1])

    def _trigger_server(self) -> None:
        self.port = self.bound_port
        super()._trigger_server()  # type: ignore[no-untyped-call]
